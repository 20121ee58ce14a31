"""Names of uploaded files, made safe for disks, headers, lists and other people's computers."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 120
MAX_BYTES = 200
MAX_ENDING_CHARACTERS = 16

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control, formatting (with it what turns the writing direction), lone surrogates, separators."""

_RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [device + digit for device in ("COM", "LPT") for digit in "0123456789¹²³"]
)
"""Names that Windows gives to devices, whatever their ending."""


def clean_name(name: str) -> str:
    """The last part of `name` without what could mislead or harm; Chinese stays as it is.

    At most 120 characters and 200 bytes as UTF-8, the ending kept; never empty. Cleaning a clean
    name changes nothing.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, ending = split_name(_legible(last))
    stem = stem.strip(" .") or "file"
    if stem.split(".")[0].rstrip().upper() in _RESERVED:
        stem = "_" + stem
    tail = "." + ending if ending else ""
    return _shortened(stem, tail) + tail


def split_name(name: str) -> tuple[str, str]:
    """The stem, and the ending without its dot; what is longer than 16 characters is no ending."""
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > MAX_ENDING_CHARACTERS:
        return name, ""
    return stem, ending


def _legible(text: str) -> str:
    kept = "".join(c for c in unicodedata.normalize("NFC", text) if not _is_dropped(c))
    kept = re.sub(r'[<>:"|?*]', "_", kept)
    kept = re.sub(r"\s+", " ", unicodedata.normalize("NFC", kept))
    return kept.rstrip(" .")


def _is_dropped(character: str) -> bool:
    return character in "\ufffe\uffff" or unicodedata.category(character) in _DROPPED


def _shortened(stem: str, tail: str) -> str:
    stem = stem[: MAX_CHARACTERS - len(tail)]
    room = MAX_BYTES - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .")
