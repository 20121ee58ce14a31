"""Scores of a plan as of a day: by unit, by box, overall, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.kept import kept
from planner.domain.lights import share_of_time
from planner.domain.scores.indicators import Judged
from planner.domain.scores.items import Item
from planner.domain.scores.lines import Line, lines
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.points import OwedReport
from planner.domain.scores.ranks import Rank, Standing, ranks
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Beside, Figures, Score, figures_of
from planner.domain.scores.tally import Scored, Tally, grouped, score_item
from planner.domain.scores.units import Terms, beside_of, judge_all
from planner.domain.text import Json, Text
from planner.domain.words import Method
from planner.domain.workdays import WorkCalendar
from planner.models import Plan, Unit
from planner.services.plans import active_plan, scoring_rules
from planner.services.scope import visible_units
from planner.services.score_facts import Box, Facts, ScoredUnit, SharedTarget, gather
from planner.services.score_items import read_items

Keep = Callable[[int, int], bool]
"""Whether the items of a unit (first) in a box (second) are kept, so that lines can be made."""


def keep_all(unit_id: int, action_id: int) -> bool:
    """Every score explains itself."""
    return True


def keep_none(unit_id: int, action_id: int) -> bool:
    """Sums alone: however many items there are, they take no room."""
    return False


@dataclass(frozen=True)
class UnitScore:
    """One unit's figures, with its rank to date.

    `reports` are all periodic ones that it owes.
    """

    unit: ScoredUnit
    figures: Figures
    rank: Rank
    reports: tuple[OwedReport, ...] = ()

    @kept
    def lines(self) -> tuple[Line, ...]:
        """What the score to date is made of; it adds up to the total as printed."""
        return lines(self.figures.to_date)

    @kept
    def whole_lines(self) -> tuple[Line, ...]:
        """What the score of the whole period is made of."""
        return lines(self.figures.whole)


@dataclass(frozen=True)
class BoxScore:
    """One action's figures over all units."""

    box: Box
    figures: Figures

    @kept
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


class Cells(Mapping[tuple[int, int], Figures]):
    """The figures of each unit in each box, worked out when they are asked for."""

    def __init__(self, tallies: Mapping[tuple[int, int], Tally], rules: ScoringRules) -> None:
        self._tallies, self._rules = tallies, rules

    def __getitem__(self, where: tuple[int, int]) -> Figures:
        return figures_of(self._tallies[where], self._rules, None)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._tallies)

    def __len__(self) -> int:
        return len(self._tallies)


@dataclass(frozen=True)
class PlanScores:
    """Everything that the scorecard shows, as of a day. `time_gone` is a share of the period.

    `cells` are the figures of a unit (first) in a box (second), where there are any.
    """

    plan: Plan
    asked: AsOf
    rules: ScoringRules
    calendar: WorkCalendar
    time_gone: Fraction
    overall: Figures
    units: tuple[UnitScore, ...]
    boxes: tuple[BoxScore, ...]
    cells: Mapping[tuple[int, int], Figures]
    shared: tuple[SharedProgress, ...]
    indicators: tuple[Judged, ...]

    @property
    def today(self) -> date:
        """The day as of which they are."""
        return self.asked.day

    @property
    def period(self) -> Period:
        """The period that they are of."""
        return self.asked.period

    def unit(self, unit_id: int) -> UnitScore | None:
        """One unit's score; None where nothing was issued to it by that day."""
        return next((each for each in self.units if each.unit.id == unit_id), None)


def plan_scores(
    db: Session,
    plan: Plan,
    asked: AsOf,
    calendar: WorkCalendar,
    rules: ScoringRules,
    keep: Keep = keep_all,
) -> PlanScores:
    """All scores of a plan, with a fixed number of queries."""
    items = read_items(db, plan, evidence=keep is not keep_none)
    return evaluate(gather(db, plan), items, asked, calendar, rules, keep)


def current_scores(db: Session, clock: Clock, period: Period, keep: Keep = keep_all) -> PlanScores:
    """All scores of the active plan as of today, by the rules of that day.

    Raises NotFound before it is seeded.
    """
    plan = active_plan(db)
    rules = scoring_rules(db, plan, clock.today)
    return plan_scores(db, plan, AsOf.on(clock.today, period), clock.calendar, rules, keep)


def evaluate(
    facts: Facts,
    items: Iterable[Item],
    asked: AsOf,
    calendar: WorkCalendar,
    rules: ScoringRules,
    keep: Keep = keep_all,
) -> PlanScores:
    """The scores that gathered facts come to; the items are read once, one after the other."""
    evaluation = Evaluation(facts, asked, calendar, rules, keep)
    for item in items:
        if asked.sees(item):
            evaluation.count(item.as_of(asked.day))
    return evaluation.scores()


class Evaluation:
    """Adds items up by unit and box, and makes the figures of all subjects from these cells."""

    def __init__(
        self, facts: Facts, asked: AsOf, calendar: WorkCalendar, rules: ScoringRules, keep: Keep
    ) -> None:
        self._facts, self._asked, self._calendar = facts, asked, calendar
        self._rules, self._keep = rules, keep
        self._cells: dict[tuple[int, int], Tally] = {}
        self._shared_tasks = {each.task_id for each in facts.shared_targets}
        self._parts: list[Scored] = []
        self._terms = Terms(rules, calendar, facts.plan.issued_on.year)
        self._judged = judge_all(facts.indicators, asked, self._terms)

    def count(self, item: Item) -> None:
        """Count an item as of the day where it belongs: in the period, in a shared target."""
        if each := score_item(item, self._asked, self._rules, self._calendar):
            self.add(each)
        if item.task_id in self._shared_tasks:
            whole_plan = replace(self._asked, period=Period(), until=self._asked.day)
            if part := score_item(item, whole_plan, self._rules, self._calendar):
                self._parts.append(part)

    def add(self, each: Scored) -> None:
        """Count an item of the period in its cell."""
        where = each.item.unit_id, each.item.action_id
        cell = self._cells.get(where)
        if cell is None:
            cell = self._cells[where] = self._tally(self._keep(*where))
        cell.add(each)

    def scores(self) -> PlanScores:
        """What all that was added comes to."""
        facts, asked = self._facts, self._asked
        begins, ends = asked.period.bounds(facts.plan.starts_on, facts.plan.ends_on)
        return PlanScores(
            plan=facts.plan,
            asked=asked,
            rules=self._rules,
            calendar=self._calendar,
            time_gone=share_of_time(begins, ends, asked.day),
            overall=self._figures(self._cells, Beside(self._judged)),
            units=self._units(),
            boxes=tuple(BoxScore(box, self._box(box)) for box in facts.boxes),
            cells=Cells(self._cells, self._rules),
            shared=tuple(_shared(target, self._parts) for target in facts.shared_targets),
            indicators=self._judged,
        )

    def _tally(self, keep: bool) -> Tally:
        return Tally(self._asked, self._calendar, keep=keep)

    def _figures(self, where: Iterable[tuple[int, int]], beside: Beside | None) -> Figures:
        """The figures of all items in these cells."""
        inside = sorted(where)
        together = self._tally(all(self._keep(*each) for each in inside))
        for each in inside:
            together.merge(self._cells[each])
        together.sort(lambda each: self._facts.order_of(each.item))
        return figures_of(together, self._rules, beside)

    def _box(self, box: Box) -> Figures:
        return self._figures((each for each in self._cells if each[1] == box.id), None)

    def _units(self) -> tuple[UnitScore, ...]:
        """Every unit that anything counts for, with its rank."""
        by_unit: dict[int, list[tuple[int, int]]] = {}
        for where in self._cells:
            by_unit.setdefault(where[0], []).append(where)
        owners = {each.indicator.owner_id for each in self._judged if each.credit is not None}
        made = [
            (unit, self._figures(by_unit.get(unit.id, ()), self._beside(unit.id)))
            for unit in self._facts.units
            if unit.id in by_unit or unit.id in owners
        ]
        ranking = self._rules.ranking
        to_date = ranks([_standing(unit, each.to_date) for unit, each in made], ranking)
        return tuple(
            UnitScore(
                unit=unit,
                figures=each,
                rank=to_date[unit.id],
                reports=tuple(self._facts.reports.get(unit.id, ())),
            )
            for unit, each in made
        )

    def _beside(self, unit_id: int) -> Beside:
        """A unit's indicators, and what is taken off or added in points."""
        judged = tuple(each for each in self._judged if each.indicator.owner_id == unit_id)
        reports = self._facts.reports.get(unit_id, ())
        findings = self._facts.findings.get(unit_id, ())
        return beside_of(judged, reports, findings, self._asked, self._terms)


def _standing(unit: ScoredUnit, score: Score) -> Standing:
    return Standing(unit.id, unit.group, unit.lead, score)


def _shared(target: SharedTarget, items: Iterable[Scored]) -> SharedProgress:
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
        return sum((share(each) * Fraction(each.item.target) for each in of), Fraction(0))

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
