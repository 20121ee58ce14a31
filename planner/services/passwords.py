"""Passwords: which are taken, how they are kept, how they are checked.

Hashing takes a twentieth of a second on purpose: do it while no transaction writes.
"""

from __future__ import annotations

from functools import cache
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from planner.domain.errors import BadInput
from planner.domain.text import t

PasswordHash = NewType("PasswordHash", str)

MIN_LENGTH, MAX_LENGTH = 10, 200
MIN_DIFFERENT = 4
DEMO_PASSWORD = "planner-demo"
COMMON = frozenset(
    {
        DEMO_PASSWORD,
        "1234567890",
        "0123456789",
        "12345678910",
        "123456789a",
        "a123456789",
        "1q2w3e4r5t",
        "qwertyuiop",
        "qwerty12345",
        "password12",
        "password123",
        "password1234",
        "passw0rd123",
        "admin12345",
        "admin123456",
        "administrator",
        "changeme123",
        "iloveyou123",
        "woaini1314",
        "woaini520520",
        "planner123",
        "planner12345",
    }
)
"""Long enough, and the first that anybody would try."""

_HASHER = PasswordHasher()


def new_password(
    password: str, username: str, *, demo: bool = False, field: str = "password"
) -> PasswordHash:
    """The hash of a password that may be used. Raises BadInput for a weak one.

    Only the demonstration (`demo`) may use the password that everybody can read.
    """
    if not (demo and password == DEMO_PASSWORD):
        _check(password, username, field)
    return PasswordHash(_HASHER.hash(password))


def _check(password: str, username: str, field: str) -> None:
    plain = password.casefold()
    if len(password) < MIN_LENGTH:
        raise BadInput(
            t("A password needs at least %(count)s characters.", count=MIN_LENGTH), field
        )
    if len(password) > MAX_LENGTH:
        raise BadInput(t("A password has at most %(count)s characters.", count=MAX_LENGTH), field)
    if username and username.casefold() in (plain, plain[::-1]):
        raise BadInput(t("The password must not be the user name."), field)
    if plain in COMMON or len(set(plain)) < MIN_DIFFERENT:
        raise BadInput(t("This password is one of the first that others would try."), field)


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; without a kept hash it is not, and takes as long to say so."""
    try:
        _HASHER.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    """The hash that stands in for that of a person who does not exist."""
    return _HASHER.hash("nobody has this password")
