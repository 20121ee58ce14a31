"""What must be said on which day, by walking the days one by one and counting on fingers.

Written from the design's text. Shares nothing with the rules but the days that are worked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

ONE = timedelta(days=1)
Said = tuple[str, str, int, str]
"""Family, anchor, occurrence, audience."""


@dataclass
class Request:
    """Asked on a day; closed on a day, or never. An objection is always made in its time."""

    on: date
    closed: date | None
    objection: bool = False

    def is_open(self, day: date) -> bool:
        return self.on <= day and (self.closed is None or day < self.closed)


@dataclass
class Suspension:
    """Asked on a day, granted on a later one, ended on a third, or never."""

    asked: date
    granted: date
    ended: date | None

    def is_known(self, day: date) -> bool:
        return self.granted <= day and (self.ended is None or day < self.ended)


@dataclass
class Story:
    """All that ever happens to one assignment, with its days.

    `due` is the date of the issue. `extensions`: (set on, days by which the date in force moved).
    `rounds`: (handed in, back, kind, rework date). `urges`: (on, answer by, answered on).
    `reports`: (period, opened, due, handed in on). Days of None never come. No two of extensions
    and ends of suspensions are on one day.
    """

    issued: date
    signed: date
    due: date
    extensions: list[tuple[date, int]] = field(default_factory=list)
    rounds: list[tuple[date, date, str, date | None]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    suspensions: list[Suspension] = field(default_factory=list)
    urges: list[tuple[date, date, date | None]] = field(default_factory=list)
    reports: list[tuple[str, date, date, date | None]] = field(default_factory=list)
    accepted: date | None = None


@dataclass
class Oracle:
    """Walks a story; `worked` tells whether a day is worked."""

    story: Story
    worked: Callable[[date], bool]
    said: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def on(self, day: date) -> list[Said]:
        """What is said on that day, if it follows the day that was asked for before."""
        if not self.worked(day) or self._closed(day) or day < self.story.issued:
            return []
        return [word for each in self._families(day) for word in self._new(*each)]

    def was_silent_until_due(self, anchor: str, day: date) -> bool:
        """Whether nothing could be said of a due date up to itself: set late, or not owed then."""
        set_on, due = self._dates(day)[int(anchor.removeprefix("due:"))]
        end = self._forward(due)
        rests = any(each.is_known(end) for each in self.story.suspensions)
        return set_on > end or rests or self._waiting(end) is not None

    def _new(self, family: str, anchor: str, crossed: dict[str, list[int]]) -> Iterator[Said]:
        for audience, numbers in crossed.items():
            key = (family, anchor, audience)
            fresh = [number for number in numbers if number > self.said.get(key, -1000)]
            if fresh:
                self.said[key] = max(fresh)
                yield family, anchor, max(fresh), audience

    def _families(self, day: date) -> Iterator[tuple[str, str, dict[str, list[int]]]]:
        waiting = self._waiting(day)
        if waiting is None:
            yield from self._by_due_date(day)
            objected = any(each.is_open(day) for each in self.story.requests if each.objection)
            if day < self.story.signed and not objected:
                gone = self._worked_days(self.story.issued, day)
                yield "unsigned", "issued", {"liaison": list(range(2, gone + 1, 2))}
        else:
            gone = self._worked_days(self.story.rounds[waiting][0], day)
            numbers = [n for n in range(5, gone + 1) if n % 5 == 0]
            crossed = {"coordinator": numbers, "supervisor": [n for n in numbers if n >= 10]}
            yield "waiting", f"round:{waiting + 1}", crossed
        for number, (on, by, answered) in enumerate(self.story.urges):
            if on <= day and (answered is None or day < answered):
                after = {"liaison": 1, "head": 1}
                yield "answer_by", f"urge:{number}", self._demand(day, on, by, [1, 0], after)
        for period, opened, due, handed_in in self.story.reports:
            if opened <= day and (handed_in is None or day < handed_in):
                crossed = self._demand(day, opened, due, [3, 0], {"liaison": 1})
                yield "report", f"report:{period}", crossed

    def _by_due_date(self, day: date) -> Iterator[tuple[str, str, dict[str, list[int]]]]:
        if any(each.is_known(day) for each in self.story.suspensions):
            return
        dates = self._dates(day)
        set_on, due = dates[-1]
        end, anchor = self._forward(due), f"due:{len(dates) - 1}"
        if day <= end:
            ahead = [30, 7, 3, 1, 0]
            if (due - self.story.issued).days > 366:
                ahead += [180, 90]
            days = {-n: self._back(end - n * ONE) for n in ahead}
            crossed = sorted(n for n, on in days.items() if self.story.issued <= on <= day)
            yield "due", anchor, {"liaison": crossed}
            return
        if any(each.is_open(day) for each in self.story.requests):
            return
        late, told = self._late(end, day, day), self._late(end, set_on, day)
        unit = [n for n in range(1, late + 1) if n % 5 == 1 and n > told]
        leader = [n for n in range(10, late + 1) if n % 5 == 0 and n > told]
        yield "overdue", anchor, {"liaison": unit, "head": unit, "leader": leader}

    def _dates(self, day: date) -> list[tuple[date, date]]:
        """The due dates up to that day: when each was set, and to which date."""
        dates = [(self.story.issued, self.story.due)]
        moves: dict[date, int | Suspension] = dict(self.story.extensions)
        moves |= {each.ended: each for each in self.story.suspensions if each.ended}
        for on, move in sorted(moves.items(), key=lambda item: item[0]):
            if on > day:
                break
            due = dates[-1][1]
            if isinstance(move, int):
                dates.append((on, due + move * ONE))
            elif self._worked_days(move.asked, on):
                dates.append((on, self._on_by(move, due)))
        return dates

    def _on_by(self, suspension: Suspension, due: date) -> date:
        """A due date moved on by each day that the clock stood still."""
        assert suspension.ended is not None
        due, left = self._forward(due), self._worked_days(suspension.asked, suspension.ended)
        while left:
            due = self._forward(due + ONE)
            left -= 1
        return due

    def _late(self, end: date, until: date, known: date) -> int:
        """One finger for each worked day after the end, unless somebody else answers for it.

        Waiting with the lead counts for the unit before the end as well. As known on a day.
        """
        fingers, walk = 0, min([end, *(on for on, _, _, _ in self.story.rounds)])
        while walk < until:
            walk += ONE
            if self.worked(walk) and (walk > end or not self._stood_still(walk, known)):
                excused = self._waited(walk, known)
                if walk > end:
                    excused |= self._is_rework(walk, known) or self._was_asked(walk, known)
                    fingers += not excused or self._stood_still(walk, known)
                else:
                    fingers -= excused
        return max(0, fingers) if until > end else 0

    def _waited(self, walk: date, known: date) -> bool:
        """Whether a round lay with the lead that came back."""
        return any(on < walk <= back <= known for on, back, _, _ in self.story.rounds)

    def _is_rework(self, walk: date, known: date) -> bool:
        """Whether the first amend granted it."""
        for _, back, kind, rework in self.story.rounds:
            if kind == "amend" and rework and back <= known:
                return back < walk <= rework
        return False

    def _was_asked(self, walk: date, known: date) -> bool:
        """Whether a request made in time was open on it."""
        return any(
            each.on < walk and (each.closed is None or walk <= each.closed)
            for each in self.in_time
            if each.on <= known
        )

    @cached_property
    def in_time(self) -> list[Request]:
        """Made on the due date in force at the latest; while it is suspended no day passes."""
        return [each for each in self.story.requests if each.objection or self._is_in_time(each)]

    def _is_in_time(self, request: Request) -> bool:
        known = [each.asked for each in self.story.suspensions if each.is_known(request.on)]
        due = self._dates(request.on)[-1][1]
        return self._forward(due) >= min([request.on, *known])

    def _stood_still(self, walk: date, known: date) -> bool:
        """Whether the due date went on by this day, so that it is not taken off again."""
        return any(
            each.asked < walk <= each.ended
            for each in self.story.suspensions
            if each.ended and each.ended <= known
        )

    def _demand(
        self, day: date, since: date, by: date, ahead: list[int], after: dict[str, int]
    ) -> dict[str, list[int]]:
        end = self._forward(by)
        if day > end:
            gone, told = self._worked_days(end, day), self._worked_days(end, since)
            numbers = [n for n in range(1, gone + 1) if n % 5 == 1 and n > told]
            return dict.fromkeys(after, numbers)
        crossed = []
        for n in ahead:
            on, left = end, n
            while left:
                on = self._back(on - ONE)
                left -= 1
            if since <= on <= day:
                crossed.append(-n)
        return {"liaison": sorted(crossed)}

    def _waiting(self, day: date) -> int | None:
        """Which round lies with the lead on that day."""
        found = [n for n, each in enumerate(self.story.rounds) if each[0] <= day < each[1]]
        return found[-1] if found else None

    def _closed(self, day: date) -> bool:
        return self.story.accepted is not None and self.story.accepted <= day

    def _worked_days(self, after: date, until: date) -> int:
        count = 0
        while after < until:
            after += ONE
            count += self.worked(after)
        return count

    def _forward(self, day: date) -> date:
        return day if self.worked(day) else self._forward(day + ONE)

    def _back(self, day: date) -> date:
        return day if self.worked(day) else self._back(day - ONE)
