"""What scoring reads of an assignment: dated facts, and how they stood on any day.

"As of D" means: only acts dated D or before. `Item.as_of` leaves out the rest, so that the rules
below never ask for a date again, and a past day can be looked at, or made later, with one result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TypeVar

from planner.domain.lateness import Round, Span, first_late_day, lateness
from planner.domain.words import Decision, Method, Part, ReturnKind, SubmissionKind
from planner.domain.workdays import WorkCalendar

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Verdict:
    """A review of a submission; `kind` and `rework_on` belong to a return."""

    on: date
    decision: Decision
    kind: ReturnKind | None = None
    rework_on: date | None = None


@dataclass(frozen=True)
class HandedIn:
    """A submission: a progress report, or a round of completion.

    `percent` is 0 to 100, `amount` in the assignment's measure; both are claims.
    `evidence` are references such as "evidence:<sha256>".
    """

    id: int
    number: int
    kind: SubmissionKind
    on: date
    percent: int | None = None
    amount: Decimal | None = None
    withdrawn_on: date | None = None
    verdicts: tuple[Verdict, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def decided(self) -> Verdict | None:
        """The verdict that ended a round of completion."""
        ending = (Decision.ACCEPT, Decision.RETURN)
        return next((each for each in self.verdicts if each.decision in ending), None)


@dataclass(frozen=True)
class Verified:
    """A portion that the lead accepted, with the day that its proof was handed in.

    `amount` is in the assignment's measure where credit goes by amount, else a share of 1. It is
    what this portion added to those before it.
    """

    id: int
    submission_id: int
    amount: Decimal
    handed_in_on: date
    on: date
    withdrawn_on: date | None = None


@dataclass(frozen=True)
class DueDate:
    """A due date and the day that it was set."""

    on: date
    due_on: date


@dataclass(frozen=True)
class AmountSet:
    """A target amount and the day that it was set; the first holds for all days before, too."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands still: the days after `after`, up to and with `until`.

    It has been known since `known_on`, and lasts as long as `until` is None. A `suspension` that
    has ended moved the due date instead.
    """

    after: date
    known_on: date
    until: date | None = None
    suspension: bool = False

    @property
    def span(self) -> Span:
        """As the rule of lateness reads it."""
        return self.after, self.until or date.max

    @property
    def moved(self) -> bool:
        """Whether it is a suspension that has ended."""
        return self.suspension and self.until is not None

    @property
    def suspends(self) -> bool:
        """Whether it is a suspension that still lasts."""
        return self.suspension and self.until is None


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
    section: str
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

    def stands_on(self, day: date) -> bool:
        """Whether it is issued and not cancelled as of that day; drafts never are."""
        return self.issued_on <= day and not _by(self.cancelled_on, day)

    def as_of(self, day: date) -> Item:
        """The same with only what had happened by the end of that day."""
        return replace(
            self,
            amount=self._amount_on(day),
            cancelled_on=self.cancelled_on if _by(self.cancelled_on, day) else None,
            due_dates=tuple(each for each in self.due_dates if each.on <= day),
            handed_in=tuple(_handed_in(self.handed_in, day)),
            portions=tuple(_portions(self.portions, day)),
            reopened_on=tuple(on for on in self.reopened_on if on <= day),
            pauses=tuple(_pauses(self.pauses, day)),
        )

    def _amount_on(self, day: date) -> Decimal | None:
        """The amount set last by that day; before it was first reduced, the one that it had."""
        if not self.amounts:
            return self.amount
        return ([self.amounts[0]] + [each for each in self.amounts if each.on <= day])[-1].amount

    @cached_property
    def suspended(self) -> bool:
        """Whether its clock stands still by decision, and it is not closed."""
        return any(each.suspends for each in self.pauses) and not self.accepted

    @cached_property
    def due_on(self) -> date:
        """The due date in force: the one set last."""
        return self.due_dates[-1].due_on if self.due_dates else self.original_due_on

    @property
    def target(self) -> Fraction:
        """What its portions add up to when it is whole: its amount by amount, else 1."""
        by_amount = self.method is Method.PROPORTIONAL
        return Fraction(self.amount) if by_amount and self.amount else Fraction(1)

    @cached_property
    def rounds(self) -> tuple[HandedIn, ...]:
        """The rounds of completion, in the order that they were handed in."""
        rounds = [each for each in self.handed_in if each.kind is SubmissionKind.COMPLETION]
        return tuple(sorted(rounds, key=lambda each: each.number))

    @cached_property
    def accepted(self) -> bool:
        """Whether it is closed: accepted more often than it was opened again."""
        accepts = [each for each in self._verdicts() if each.decision is Decision.ACCEPT]
        return len(accepts) > len(self.reopened_on)

    @cached_property
    def waiting(self) -> bool:
        """Whether a round lies with the lead, undecided."""
        return any(each.decided is None for each in self.rounds)

    @property
    def returns(self) -> tuple[Verdict, ...]:
        """Every return of a round, oldest first."""
        returned = [each for each in self._verdicts() if each.decision is Decision.RETURN]
        return tuple(sorted(returned, key=lambda each: each.on))

    def is_overdue(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether the unit owes it past its due date: not closed, suspended, or with the lead."""
        owed = not (self.accepted or self.waiting or self.suspended)
        return owed and self.days_late(day, calendar) > 0

    def days_late(self, handed_in_on: date, calendar: WorkCalendar) -> int:
        """Working days that something handed in on that day is late."""
        earlier = [each for each in self.lateness_rounds if each.handed_in_on < handed_in_on]
        pauses = [each.span for each in self.pauses if not each.moved]
        moved = [each.span for each in self.pauses if each.moved]
        return lateness(self.due_on, handed_in_on, earlier, calendar, pauses, moved)

    @cached_property
    def lateness_rounds(self) -> tuple[Round, ...]:
        """The rounds of completion as the rule of lateness reads them."""
        reopened = iter(sorted(self.reopened_on))
        return tuple(_round(each, reopened) for each in self.rounds)

    def change_days(self, calendar: WorkCalendar) -> frozenset[date]:
        """Every day whose figures may differ from those of the day before."""
        return frozenset(self.act_days) | frozenset(self._crossings(calendar))

    @property
    def act_days(self) -> tuple[date, ...]:
        """The days on which something happened to it, in order."""
        return tuple(sorted({day for day in self._acts() if day is not None}))

    def _acts(self) -> Iterator[date | None]:
        yield self.issued_on
        yield self.cancelled_on
        yield from self.reopened_on
        yield from (each.on for each in self.due_dates)
        yield from (each.on for each in self.amounts)
        for pause in self.pauses:
            yield from (pause.known_on, pause.until)
        for portion in self.portions:
            yield from (portion.on, portion.withdrawn_on)
        for handed_in in self.handed_in:
            yield from (handed_in.on, handed_in.withdrawn_on)
            yield from (verdict.on for verdict in handed_in.verdicts)

    def _crossings(self, calendar: WorkCalendar) -> Iterator[date]:
        for due_on in (self.original_due_on, *(each.due_on for each in self.due_dates)):
            yield calendar.on_or_after(due_on)
            yield from self._turns_overdue(due_on, calendar)

    def _turns_overdue(self, due_on: date, calendar: WorkCalendar) -> Iterator[date]:
        """The days on which it may begin to be overdue: what is excused grows with the rounds.

        While a pause lasts none begins, and one after it is found with the pause at its length.
        """
        over = [each.span for each in self.pauses if each.until and not each.suspension]
        moved = [each.span for each in self.pauses if each.moved]
        known = product(_firsts(self.lateness_rounds), _firsts(over), _firsts(moved))
        for rounds, pauses, suspensions in known:
            yield first_late_day(due_on, rounds, calendar, pauses, suspensions)

    def _verdicts(self) -> Iterator[Verdict]:
        for each in self.rounds:
            yield from each.verdicts


def _firsts(all_of_them: Sequence[Thing]) -> Sequence[Sequence[Thing]]:
    """None, the first, the first two, and so on."""
    return [all_of_them[:number] for number in range(len(all_of_them) + 1)]


def _round(handed_in: HandedIn, reopened: Iterator[date]) -> Round:
    """A round, back with the unit since its return or since its acceptance was opened again."""
    decided = handed_in.decided
    if decided is None:
        return Round(handed_in.on)
    back_on = next(reopened, None) if decided.decision is Decision.ACCEPT else decided.on
    return Round(handed_in.on, back_on, decided.kind, decided.rework_on)


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
