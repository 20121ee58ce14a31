"""Half a year of real acts, day by day: what is due of the rows is what the oracle says.

`test_reminder_oracle` hands the rules their facts; here these are read from what the verbs wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select

from planner.domain.errors import DomainError
from planner.domain.words import Cause, Decider, RequestKind, ReturnKind
from planner.models import Assignment, Urge
from planner.services import extending, handing_in, plans, reviewing, urging
from planner.services.plans import REMINDERS, active_plan, reminder_rules
from planner.services.reminders import DueReminder, due_reminders, materialise
from planner.services.request_forms import ExtendForm
from planner.services.requests import open_request
from planner.services.reviewing import ReturnForm
from tests.oracle.reminding import Oracle, Request, Said, Story, Suspension
from tests.support import asking, verbs
from tests.support.cast import TODAY, Cast
from tests.support.lives import worked

ONE = timedelta(days=1)
NEVER = date.max
AUDIENCES = {
    "edu": "liaison",
    "edu-head": "head",
    "leader": "leader",
    "coordinator": "coordinator",
    "supervisor": "supervisor",
}


class Life:
    """县教委's assignment, and the same as a story for the oracle."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.row, self.dice = cast, cast.edu_row, Random(seed)
        self.story = Story(TODAY, NEVER, asking.DUE)
        cast.do(verbs.breakdown.issue, "coordinator", self.row)

    def act(self, day: date) -> None:
        """One thing by chance, if it is allowed."""
        acts: list[Callable[[date], None]] = [
            self.sign, self.hand_in, self.send_back, self.send_back, self.ask_for_time,
            self.ask_for_a_pause, self.object, self.decide, self.decide, self.resume,
            self.extend, self.urge, self.answer,
        ]  # fmt: skip
        with suppress(DomainError):
            self.dice.choice(acts)(day)

    def due_on(self) -> date:
        due_on = verbs.found(self.cast, self.row).due_on
        assert due_on is not None
        return due_on

    def sign(self, day: date) -> None:
        self.cast.do_on(day, handing_in.acknowledge, "edu", self.row)
        self.story.signed = day

    def hand_in(self, day: date) -> None:
        verbs.submit(self.cast, self.row, day=day)
        self.story.rounds.append((day, NEVER, "", None))

    def send_back(self, day: date) -> None:
        kind = self.dice.choice([*ReturnKind])
        rework_on = day + self.dice.randrange(1, 20) * ONE
        form = ReturnForm(kind, "请补正。", rework_on)
        self.cast.do_on(day, reviewing.return_, "coordinator", self.row, form)
        self.story.rounds[-1] = (self.story.rounds[-1][0], day, kind, rework_on)

    def ask_for_time(self, day: date) -> None:
        asking.more_time(self.cast, self.row, self._later(), day=day)
        self.story.requests.append(Request(day, None))

    def ask_for_a_pause(self, day: date) -> None:
        kind, cause = RequestKind.SUSPENSION, Cause.FORCE_MAJEURE
        asking.adjustment(self.cast, self.row, kind, day=day, cause=cause)
        self.story.requests.append(Request(day, None))

    def object(self, day: date) -> None:
        asking.objection(self.cast, self.row, day=day)
        self.story.requests.append(Request(day, None, objection=True))

    def decide(self, day: date) -> None:
        """An objection is refused: upheld, it would be somebody else's."""
        with self.cast.reading() as db:
            request = open_request(db, db.get_one(Assignment, self.row))
        if request is None:
            return
        who = "coordinator" if request.decider == Decider.LEAD else "supervisor"
        before = self.due_on()
        if request.kind == RequestKind.OBJECTION or self.dice.random() < 0.4:
            asking.refuse(self.cast, self.row, who=who, day=day)
        else:
            asking.grant(self.cast, self.row, who=who, day=day)
            if request.kind == RequestKind.SUSPENSION:
                self.story.suspensions.append(Suspension(request.on, day, None))
            else:
                self.story.extensions.append((day, (self.due_on() - before).days))
        self.story.requests[-1].closed = day

    def resume(self, day: date) -> None:
        self.cast.do_on(day, extending.resume, "coordinator", self.row)
        self.story.suspensions[-1].ended = day

    def extend(self, day: date) -> None:
        before, form = self.due_on(), ExtendForm("统筹安排。", Cause.POLICY, self._later())
        made = self.cast.do_on(day, extending.extend, "coordinator", self.row, form)
        if isinstance(made, Assignment):
            self.story.extensions.append((day, (self.due_on() - before).days))
        else:
            self.story.requests.append(Request(day, None))

    def _later(self) -> date:
        return self.due_on() + self.dice.randrange(3, 40) * ONE

    def urge(self, day: date) -> None:
        by = day + self.dice.randrange(10) * ONE
        self.cast.do_on(day, urging.urge, "coordinator", self.row, "请报送。", by)
        self.story.urges.append((day, by, None))

    def answer(self, day: date) -> None:
        number = self.dice.randrange(len(self.story.urges) or 1)
        with self.cast.reading() as db:
            ids = db.scalars(select(Urge.id).order_by(Urge.id)).all()
        if ids:
            self.cast.do_on(day, urging.answer, "edu", self.row, ids[number], "已报送。")
            self.story.urges[number] = (*self.story.urges[number][:2], day)

    def tick(self, day: date) -> list[Said]:
        """What is due by the rows; it stands recorded then."""
        clock = self.cast.clock(day)
        with self.cast.runtime.sessions.writing() as db:
            plan = active_plan(db)
            found = due_reminders(db, plan, day, clock.calendar, reminder_rules(db, plan))
            materialise(db, clock, found)
            urges = db.scalars(select(Urge.id).order_by(Urge.id)).all()
            db.commit()
        return [self._said(each, urges) for each in found if each.recipient in AUDIENCES]

    def _said(self, each: DueReminder, urges: list[int]) -> Said:
        kind, _, key = each.due.anchor.partition(":")
        anchor = f"urge:{urges.index(int(key))}" if kind == "urge" else each.due.anchor
        return each.due.family, anchor, each.due.occurrence.number, AUDIENCES[each.recipient]


@pytest.fixture
def daily(cast: Cast) -> Cast:
    """Everybody hears by the day."""
    with cast.runtime.sessions.writing() as db:
        plan = active_plan(db)
        data = {**plans.current_rules(db, plan, REMINDERS).data, "weekly": None}
        plans.store_rules(db, cast.clock(), plan, REMINDERS, data)
        db.commit()
    return cast


@pytest.mark.parametrize("seed", range(5))
def test_what_is_due_of_real_acts_is_the_oracles(daily: Cast, seed: int) -> None:
    life = Life(daily, seed)
    if seed % 2:
        life.object(TODAY)
    oracle = Oracle(life.story, worked)
    for number in range(160):
        day = TODAY + number * ONE
        if life.dice.random() < 0.4:
            life.act(day)
            oracle = Oracle(life.story, worked, oracle.said)
        assert sorted(life.tick(day)) == sorted(oracle.on(day)), (seed, day, life.story)
