"""Scores of a plan as of a day: by unit, by box, overall, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.lights import share_of_time
from planner.domain.scores_lines import Line, lines
from planner.domain.scores_ranks import Rank, Standing, ranks
from planner.domain.scoring import Figures, Period, Score, Scored, figures, grouped, scored
from planner.domain.scoring_rules import ScoringRules
from planner.domain.text import Json, Text
from planner.domain.words import Method
from planner.domain.workdays import WorkCalendar
from planner.models import Plan, Unit
from planner.services.plans import active_plan, scoring_rules
from planner.services.scope import visible_units
from planner.services.score_facts import Box, Facts, ScoredUnit, SharedTarget, gather


@dataclass(frozen=True)
class UnitScore:
    """One unit's figures, with its ranks to date and for the whole period."""

    unit: ScoredUnit
    figures: Figures
    rank: Rank
    whole_rank: Rank

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What the score to date is made of; it adds up to the total as printed."""
        return lines(self.figures.to_date)

    @cached_property
    def whole_lines(self) -> tuple[Line, ...]:
        """What the score of the whole period is made of."""
        return lines(self.figures.whole)


@dataclass(frozen=True)
class BoxScore:
    """One action's figures over all units."""

    box: Box
    figures: Figures

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What the score to date is made of."""
        return lines(self.figures.to_date)


@dataclass(frozen=True)
class SharedProgress:
    """How far the county is with a shared target, in its measure: nodes with amounts count."""

    target: SharedTarget
    allocated: Fraction
    verified: Fraction
    claimed: Fraction


@dataclass(frozen=True)
class PlanScores:
    """Everything that the scorecard shows, as of a day. `time_gone` is a share of the period."""

    plan: Plan
    today: date
    period: Period
    rules: ScoringRules
    calendar: WorkCalendar
    time_gone: Fraction
    overall: Figures
    units: tuple[UnitScore, ...]
    boxes: tuple[BoxScore, ...]
    shared: tuple[SharedProgress, ...]
    items: tuple[Scored, ...]

    def unit(self, unit_id: int) -> UnitScore | None:
        """One unit's score; None where nothing was issued to it by that day."""
        return next((each for each in self.units if each.unit.id == unit_id), None)

    def cell(self, unit_id: int, action_id: int) -> Figures:
        """The figures of one unit within one box."""
        inside = [
            each
            for each in self.items
            if each.item.unit_id == unit_id and each.item.action_id == action_id
        ]
        return figures(inside, self.today, self.period, self.rules, self.calendar)


def plan_scores(
    db: Session,
    plan: Plan,
    today: date,
    period: Period,
    calendar: WorkCalendar,
    rules: ScoringRules,
) -> PlanScores:
    """All scores of a plan as of `today`, with a fixed number of queries."""
    return evaluate(gather(db, plan), today, period, calendar, rules)


def current_scores(db: Session, clock: Clock, period: Period) -> PlanScores:
    """All scores of the active plan as of today, by the rules of that day.

    Raises NotFound before it is seeded.
    """
    plan = active_plan(db)
    rules = scoring_rules(db, plan, clock.today)
    return plan_scores(db, plan, clock.today, period, clock.calendar, rules)


def evaluate(
    facts: Facts, today: date, period: Period, calendar: WorkCalendar, rules: ScoringRules
) -> PlanScores:
    """The scores that gathered facts come to."""
    items = scored(facts.items, today, rules, calendar)

    def of(wanted: Iterable[Scored]) -> Figures:
        return figures(wanted, today, period, rules, calendar)

    by_action = grouped(items, lambda each: each.item.action_id)
    begins, ends = period.bounds(facts.plan.starts_on, facts.plan.ends_on)
    return PlanScores(
        plan=facts.plan,
        today=today,
        period=period,
        rules=rules,
        calendar=calendar,
        time_gone=share_of_time(begins, ends, today),
        overall=of(items),
        units=_unit_scores(facts, items, of, rules),
        boxes=tuple(BoxScore(box, of(by_action.get(box.id, ()))) for box in facts.boxes),
        shared=tuple(_shared(target, items) for target in facts.shared_targets),
        items=items,
    )


def _unit_scores(
    facts: Facts,
    items: tuple[Scored, ...],
    of: Callable[[Iterable[Scored]], Figures],
    rules: ScoringRules,
) -> tuple[UnitScore, ...]:
    by_unit = grouped(items, lambda each: each.item.unit_id)
    made = [(unit, of(by_unit[unit.id])) for unit in facts.units if unit.id in by_unit]
    to_date = ranks([_standing(unit, each.to_date) for unit, each in made], rules.ranking)
    whole = ranks([_standing(unit, each.whole) for unit, each in made], rules.ranking)
    return tuple(UnitScore(unit, each, to_date[unit.id], whole[unit.id]) for unit, each in made)


def _standing(unit: ScoredUnit, score: Score) -> Standing:
    return Standing(unit.id, unit.group, unit.lead, score)


def _shared(target: SharedTarget, items: tuple[Scored, ...]) -> SharedProgress:
    parts = [
        each
        for each in items
        if each.item.task_id == target.task_id
        and each.item.method is Method.PROPORTIONAL
        and each.item.measure == target.measure
    ]
    rows = grouped(parts, lambda each: each.item.parent_id or each.item.id)
    of_rows = [_of_row(row) for row in rows.values()]
    return SharedProgress(
        target=target,
        allocated=sum((allocated for allocated, _, _ in of_rows), Fraction(0)),
        verified=sum((verified for _, verified, _ in of_rows), Fraction(0)),
        claimed=sum((claimed for _, _, claimed in of_rows), Fraction(0)),
    )


def _of_row(parts: Iterable[Scored]) -> tuple[Fraction, Fraction, Fraction]:
    """A row with its nodes: allocated, verified and claimed, each thing counted once.

    The row's own amount is the allocation, and its nodes are parts of it; without one, the nodes
    are. What was proven in nodes and again for the row is the same.
    """
    own = [each for each in parts if each.item.parent_id is None]
    nodes = [each for each in parts if each.item.parent_id is not None]

    def amount(of: list[Scored], share: Callable[[Scored], Fraction]) -> Fraction:
        return sum((share(each) * each.item.target for each in of), Fraction(0))

    allocated = amount(own, lambda _: Fraction(1)) or amount(nodes, lambda _: Fraction(1))
    verified = [amount(of, lambda each: each.credit.verified) for of in (own, nodes)]
    claimed = [amount(of, lambda each: each.credit.claimed) for of in (own, nodes)]
    return allocated, max(verified), max(claimed)


def visible_unit_ids(db: Session, actor: Actor) -> frozenset[int]:
    """The units whose figures this actor may read."""
    return frozenset(db.scalars(select(Unit.id).where(visible_units(actor))))


def score_json(
    scores: PlanScores,
    unit: str | None = None,
    say: Callable[[Text], str] = str,
) -> dict[str, Json]:
    """What `planner score --json` prints: scores to date; numbers are strings, null where none.

    `unit` is a key or a name and leaves only that unit; `say` puts sentences into a language.
    """
    return {
        "plan": scores.plan.key,
        "today": scores.today.isoformat(),
        "period": scores.period.key,
        "units": [
            _unit_json(each, say)
            for each in scores.units
            if unit is None or unit in (each.unit.key, each.unit.name)
        ],
    }


def _unit_json(each: UnitScore, say: Callable[[Text], str]) -> Json:
    score = each.figures.to_date
    return {
        "unit": each.unit.key,
        "group": each.unit.group,
        "total": _digits(score.total),
        "grade": score.grade.key if score.grade else None,
        "rank": None if each.rank.place is None else str(each.rank.place),
        "lines": [_line_json(line, say) for line in each.lines],
    }


def _line_json(line: Line, say: Callable[[Text], str]) -> Json:
    return {
        "what": line.what if isinstance(line.what, str) else say(line.what),
        "rule": say(line.rule),
        "possible": _digits(line.possible),
        "earned": _digits(line.earned),
        "reason": say(line.reason),
        "refs": list(line.refs),
    }


def _digits(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")
