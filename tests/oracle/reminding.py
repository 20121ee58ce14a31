"""What must be said on which day, by walking the days one by one and counting on fingers.

Written from the design's text. Shares nothing with the rules but the days that are worked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

ONE = timedelta(days=1)
Said = tuple[str, str, int, str]
"""Family, anchor, occurrence, audience."""


@dataclass
class Story:
    """All that ever happens to one assignment, with its days.

    `due`: (set on, due date), first the issue's. `rounds`: (handed in, back, kind, rework date).
    `halts`: (from, until). `urges`: (on, answer by, answered on). `reports`: (period, opened,
    due, handed in on). Days of None never come.
    """

    issued: date
    signed: date
    due: list[tuple[date, date]]
    rounds: list[tuple[date, date, str, date | None]] = field(default_factory=list)
    halts: list[tuple[date, date]] = field(default_factory=list)
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
            if day < self.story.signed:
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
        if any(begins <= day < ends for begins, ends in self.story.halts):
            return
        revision = max(n for n, (set_on, _) in enumerate(self.story.due) if set_on <= day)
        set_on, due = self.story.due[revision]
        end, anchor = self._forward(due), f"due:{revision}"
        if day <= end:
            ahead = [30, 7, 3, 1, 0]
            if (due - self.story.issued).days > 366:
                ahead += [180, 90]
            days = {-n: self._back(end - n * ONE) for n in ahead}
            crossed = sorted(n for n, on in days.items() if self.story.issued <= on <= day)
            yield "due", anchor, {"liaison": crossed}
            return
        late = self._late(end, day)
        told = self._late_gross(end, day, late, set_on)
        unit = [n for n in range(1, late + 1) if n % 5 == 1 and n > told]
        leader = [n for n in range(10, late + 1) if n % 5 == 0 and n > told]
        yield "overdue", anchor, {"liaison": unit, "head": unit, "leader": leader}

    def _late(self, end: date, day: date) -> int:
        """One finger for each worked day after the end, unless somebody else answers for it."""
        fingers, walk = 0, end + ONE
        while walk <= day:
            fingers += self.worked(walk) and not self._excused(walk, day)
            walk += ONE
        waited_before = 0
        for handed_in, back, _, _ in self.story.rounds:
            walk = handed_in + ONE
            while walk <= min(back, end) and back <= day:
                waited_before += self.worked(walk)
                walk += ONE
        return max(0, fingers - waited_before)

    def _excused(self, walk: date, day: date) -> bool:
        first_amend = True
        for handed_in, back, kind, rework in self.story.rounds:
            if back > day:
                continue
            if handed_in < walk <= back:
                return True
            if kind == "amend" and first_amend and rework:
                first_amend = False
                if back < walk <= rework:
                    return True
        return False

    def _late_gross(self, end: date, day: date, late: int, set_on: date) -> int:
        """How late it was already when the date was set: that was told on that day."""
        gross = self._worked_days(end, day)
        start, left = end, gross - late
        while left > 0:
            start += ONE
            left -= self.worked(start)
        return self._worked_days(start, set_on)

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
