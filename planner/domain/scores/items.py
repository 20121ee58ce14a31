"""An assignment as scoring reads it, and how it stood on any day.

"As of D" means: only acts dated D or before. `Item.as_of` leaves out the rest, so that the rules
never ask for a date again, and a past day can be looked at, or made later, with one result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from planner.domain.kept import kept
from planner.domain.lateness import Round, lateness
from planner.domain.scores.acts import (
    AmountSet,
    DueDate,
    Finding,
    HandedIn,
    Pause,
    Verdict,
    Verified,
)
from planner.domain.words import Decision, Method, Part, SubmissionKind
from planner.domain.workdays import WorkCalendar

_ONE = Decimal(1)

Act: TypeAlias = DueDate | HandedIn | Verdict | Verified


class Course(NamedTuple):
    """What became of rounds of completion, which stand in the order that they were handed in.

    `returns` stand in the order of their days. `closed_by` is the day that the round was handed in
    by which the item is closed, `waiting` says that one lies with the lead, undecided.
    """

    rounds: tuple[HandedIn, ...] = ()
    returns: tuple[Verdict, ...] = ()
    closed_by: date | None = None
    waiting: bool = False


_NOTHING_YET = Course()


@dataclass(frozen=True)
class Item:
    """An issued assignment with everything that happened to it.

    `amount` is its target, in `measure`. `parent_id` names a node's row. `shared` marks a row of a
    target that several units share and that has no amount of its own: it is scored for nobody.
    `veto` and `starred` come from the task.
    `due_dates` and `amounts` stand in the order of their numbers; there are `amounts` only where
    it was reduced. `pauses` are requests made in time, and suspensions. `section` says where the
    plan asks for it.
    """

    id: int
    unit_id: int
    task_id: int
    action_id: int
    what: str
    section: str | None
    method: Method
    part: Part
    weight: Decimal
    original_due_on: date
    issued_on: date
    amount: Decimal | None = None
    measure: str | None = None
    parent_id: int | None = None
    shared: bool = False
    veto: bool = False
    starred: bool = False
    cancelled_on: date | None = None
    due_dates: tuple[DueDate, ...] = ()
    handed_in: tuple[HandedIn, ...] = ()
    portions: tuple[Verified, ...] = ()
    reopened_on: tuple[date, ...] = ()
    amounts: tuple[AmountSet, ...] = ()
    pauses: tuple[Pause, ...] = ()
    findings: tuple[Finding, ...] = ()

    def stands_on(self, day: date) -> bool:
        """Whether it is issued and not cancelled as of that day; drafts never are."""
        return self.issued_on <= day and (self.cancelled_on is None or self.cancelled_on > day)

    def as_of(self, day: date) -> Item:
        """The same with only what had happened by the end of that day."""
        if self._is_known_by(day):
            return self
        return replace(
            self,
            amount=self._amount_on(day),
            cancelled_on=self.cancelled_on if _by(self.cancelled_on, day) else None,
            due_dates=tuple(each for each in self.due_dates if each.on <= day),
            handed_in=tuple(_handed_in(self.handed_in, day)),
            portions=tuple(_portions(self.portions, day)),
            reopened_on=tuple(on for on in self.reopened_on if on <= day),
            pauses=tuple(_pauses(self.pauses, day)),
            findings=tuple(_findings(self.findings, day)),
        )

    def _is_known_by(self, day: date) -> bool:
        """Whether all of it had happened by then, and nothing was taken back."""
        if self.amounts or self.pauses or self.findings or self.reopened_on:
            return False
        if self.cancelled_on is not None or not _all_by(self.due_dates, day):
            return False
        for each in self.handed_in:
            if each.on > day or each.withdrawn_on is not None or not _all_by(each.verdicts, day):
                return False
        for portion in self.portions:
            if portion.on > day or portion.withdrawn_on is not None:
                return False
        return True

    def handed_in_until(self, day: date) -> Item:
        """The same without what was handed in later; what was handed in by then is known whole."""
        for each in self.handed_in:
            if each.on > day:
                return self._without_later(day)
        return self

    def _without_later(self, day: date) -> Item:
        return replace(
            self,
            handed_in=tuple(each for each in self.handed_in if each.on <= day),
            portions=tuple(each for each in self.portions if each.handed_in_on <= day),
        )

    def year_on(self, day: date) -> int:
        """The year that it counts in, as of that day: that of its original due date.

        Extended for a cause that is not the unit's own, that of the new date; what stands still
        for such a cause waits for a year of its own, in the year of the day at least.
        """
        year = self.original_due_on.year
        for each in self.due_dates:
            if each.moves and each.due_on.year > year:
                year = each.due_on.year
        if self.pauses and self.suspended:
            waits = any(each.suspends and not each.own for each in self.pauses)
            return max(year, day.year) if waits else year
        return year

    def _amount_on(self, day: date) -> Decimal | None:
        """The amount set last by that day; before it was first reduced, the one that it had."""
        if not self.amounts:
            return self.amount
        return ([self.amounts[0]] + [each for each in self.amounts if each.on <= day])[-1].amount

    @property
    def suspended(self) -> bool:
        """Whether its clock stands still by decision, and it is not closed."""
        if not self.pauses:
            return False
        return any(each.suspends for each in self.pauses) and not self.accepted

    @kept
    def due_on(self) -> date:
        """The due date in force: the one set last."""
        return self.due_dates[-1].due_on if self.due_dates else self.original_due_on

    @property
    def target(self) -> Decimal:
        """What its portions add up to when it is whole: its amount by amount, else 1."""
        by_amount = self.method is Method.PROPORTIONAL
        return self.amount if by_amount and self.amount else _ONE

    @kept
    def course(self) -> Course:
        """What became of its rounds."""
        rounds = [each for each in self.handed_in if each.kind is SubmissionKind.COMPLETION]
        return _course(rounds, len(self.reopened_on)) if rounds else _NOTHING_YET

    @property
    def accepted(self) -> bool:
        """Whether it is closed: accepted more often than it was opened again."""
        return self.course.closed_by is not None

    @property
    def waiting(self) -> bool:
        """Whether a round lies with the lead, undecided."""
        return self.course.waiting

    @property
    def untrue(self) -> bool:
        """Whether evidence of it was found untrue."""
        return bool(self.findings)

    def is_overdue(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether the unit owes it past its due date: not closed, suspended, or with the lead."""
        course = self.course
        owed = course.closed_by is None and not course.waiting and not self.suspended
        return owed and self.days_late(day, calendar) > 0

    def days_late(self, handed_in_on: date, calendar: WorkCalendar) -> int:
        """Working days that something handed in on that day is late."""
        due_on = self.due_on
        if handed_in_on <= due_on:
            return 0
        due_by = calendar.on_or_after(due_on)
        if handed_in_on <= due_by:
            return 0
        if not self.pauses and not self._has_round_before(handed_in_on):
            return calendar.count(due_by, handed_in_on)
        earlier = [each for each in self.lateness_rounds if each.handed_in_on < handed_in_on]
        pauses = [each.span for each in self.pauses if not each.moved]
        moved = [each.span for each in self.pauses if each.moved]
        return lateness(due_on, handed_in_on, earlier, calendar, pauses, moved)

    def _has_round_before(self, day: date) -> bool:
        for each in self.course.rounds:  # noqa: SIM110 - a generator takes thrice the time
            if each.on < day:
                return True
        return False

    @kept
    def lateness_rounds(self) -> tuple[Round, ...]:
        """The rounds of completion as the rule of lateness reads them."""
        reopened = iter(sorted(self.reopened_on))
        return tuple(_round(each, reopened) for each in self.course.rounds)


def _course(rounds: list[HandedIn], reopened: int) -> Course:
    """Accepted more often than opened again, it is closed by the last acceptance."""
    if len(rounds) > 1:
        rounds.sort(key=lambda each: each.number)
    accepted: list[date] = []
    returns: list[Verdict] = []
    waiting = False
    for each in rounds:
        decided = each.decided
        if decided is None:
            waiting = True
        elif decided.decision is Decision.ACCEPT:
            accepted.append(each.on)
        else:
            returns.append(decided)
    if len(returns) > 1:
        returns.sort(key=lambda each: each.on)
    closed_by = accepted[-1] if len(accepted) > reopened else None
    return Course(tuple(rounds), tuple(returns), closed_by, waiting)


def _round(handed_in: HandedIn, reopened: Iterator[date]) -> Round:
    """A round, back with the unit since its return or since its acceptance was opened again."""
    decided = handed_in.decided
    if decided is None:
        return Round(handed_in.on)
    back_on = next(reopened, None) if decided.decision is Decision.ACCEPT else decided.on
    return Round(handed_in.on, back_on, decided.kind, decided.rework_on)


def _all_by(acts: Sequence[Act], day: date) -> bool:
    for act in acts:  # noqa: SIM110 - a generator takes thrice the time
        if act.on > day:
            return False
    return True


def _by(on: date | None, day: date) -> bool:
    return on is not None and on <= day


def _handed_in(all_of_them: tuple[HandedIn, ...], day: date) -> Iterator[HandedIn]:
    for each in all_of_them:
        if each.on <= day and not _by(each.withdrawn_on, day):
            verdicts = tuple(verdict for verdict in each.verdicts if verdict.on <= day)
            yield replace(each, withdrawn_on=None, verdicts=verdicts)


def _portions(all_of_them: tuple[Verified, ...], day: date) -> Iterator[Verified]:
    for each in all_of_them:
        if each.on <= day and not _by(each.withdrawn_on, day):
            yield replace(each, withdrawn_on=None)


def _pauses(all_of_them: tuple[Pause, ...], day: date) -> Iterator[Pause]:
    """Those known by then."""
    for each in all_of_them:
        if each.known_on <= day:
            yield each if _by(each.until, day) else replace(each, until=None)


def _findings(all_of_them: tuple[Finding, ...], day: date) -> Iterator[Finding]:
    """Those that stand."""
    for each in all_of_them:
        if each.on <= day and not _by(each.revoked_on, day):
            yield replace(each, revoked_on=None)
