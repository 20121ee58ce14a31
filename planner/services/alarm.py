"""The alarm that the worker does not tick, raised by somebody who is not the worker.

It keeps what it knows in a file, because the database may be what is away.
"""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from planner.channels import Mail
from planner.domain.actor import Role
from planner.domain.text import Text, t
from planner.models import User, UserRole
from planner.runtime import Runtime
from planner.services.heartbeats import Silence, silence
from planner.wire import DeliveryFailed

FILE = "alarm.json"

MAILED_EVERY = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """What the file says: whom to tell, and what was told of the outage under way.

    `admins` are address and locale, as they were when the database last answered.
    """

    admins: tuple[tuple[str, str | None], ...] = ()
    outage: str | None = None
    mailed_at: str | None = None
    mails: int = 0


def check(runtime: Runtime) -> Text | None:
    """Look once; None where the worker ticks, else the sentence that says what is wrong.

    Tells the administrators by mail, not through the queue: at most once an hour and outage.
    """
    now = runtime.now()
    with _kept(runtime.settings.var / FILE) as file:
        known, wrong = _looked(runtime, _read(file), now)
        if wrong is None:
            known = replace(known, outage=None, mailed_at=None, mails=0)
        elif _is_time(known, now):
            known = _begun(known, now)
            # before the mails: who is ended meanwhile sends none a minute later
            _write(file, known)
            known = _told(runtime, known, wrong, now)
        _write(file, known)
    return wrong


def said_of(late: Silence) -> Text:
    """The silence of the worker in a sentence."""
    if late.since is None:
        return t("The worker has never ticked: %(jobs)s.", jobs=", ".join(late.jobs))
    at = late.since.isoformat(timespec="minutes")
    return t("The worker has not ticked since %(at)s: %(jobs)s.", at=at, jobs=", ".join(late.jobs))


def _looked(runtime: Runtime, known: Known, now: datetime) -> tuple[Known, Text | None]:
    try:
        with runtime.sessions.reading() as db:
            late = silence(db, now)
            query = (
                select(User.email, User.locale)
                .where(User.active, User.email.is_not(None))
                .where(User.id.in_(select(UserRole.user_id).where(UserRole.role == Role.ADMIN)))
                .order_by(User.id)
            )
            admins = tuple((row.email, row.locale) for row in db.execute(query))
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", str(error).splitlines()[0])
        return known, t("The database cannot be reached, so nobody knows whether the worker ticks.")
    return replace(known, admins=admins), said_of(late) if late else None


def _is_time(known: Known, now: datetime) -> bool:
    """Also where the last mail lies in the future: a clock was wrong."""
    if known.mailed_at is None:
        return True
    passed = now - datetime.fromisoformat(known.mailed_at)
    return not timedelta() <= passed < MAILED_EVERY


def _begun(known: Known, now: datetime) -> Known:
    outage = known.outage or f"{now:%Y%m%d%H%M%S}"
    return replace(known, outage=outage, mailed_at=now.isoformat(), mails=known.mails + 1)


def _told(runtime: Runtime, known: Known, wrong: Text, now: datetime) -> Known:
    """Mail each administrator; if it reached none, the next look tries again."""
    told = 0
    for number, (address, locale) in enumerate(known.admins):
        try:
            runtime.mail.send(_mail(runtime, known, number, address, locale, wrong, now))
            told += 1
        except DeliveryFailed as failure:
            log.error("the alarm could not be mailed to %s: %s", address, failure.reason)
    if not known.admins:
        log.error("no administrator has a mail address: nobody was told")
    return known if told else replace(known, mailed_at=None)


def _mail(
    runtime: Runtime,
    known: Known,
    number: int,
    address: str,
    locale: str | None,
    wrong: Text,
    now: datetime,
) -> Mail:
    language = runtime.languages.get(locale or runtime.languages.default.locale)
    advice = t(
        "Reminders and mail wait until a worker runs again; nothing is lost. "
        "Start it with `planner serve` or `planner worker`, and look into its log."
    )
    return Mail(
        message_id=f"alarm.{known.outage}.{known.mails}.{number}@{runtime.settings.message_domain}",
        to=address,
        subject=language.say(t("planner: the worker does not tick")),
        text="\n\n".join([language.say(wrong), language.say(advice), runtime.settings.base_url]),
        at=now,
    )


@contextmanager
def _kept(path: Path) -> Iterator[Path]:
    """The file, for this process alone: cron and `planner serve` may look at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _read(path: Path) -> Known:
    """What a crash left half written tells nothing: the alarm is raised anew."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        admins: Sequence[Sequence[str]] = data.pop("admins")
        return Known(tuple((address, locale) for address, locale in admins), **data)
    except FileNotFoundError:
        return Known()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("%s cannot be read and is made anew: %s", path, error)
        return Known()


def _write(path: Path, known: Known) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(known)), encoding="utf-8")
    draft.replace(path)
