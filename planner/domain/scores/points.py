"""What is taken off a total or added to it in points: reports, untrue evidence, bonus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import exact_sum
from planner.domain.reporting import ReportFacts, ReportState, period_name, standing_of
from planner.domain.scores.acts import Finding
from planner.domain.scores.indicators import Judged
from planner.domain.scores.period import AsOf
from planner.domain.scores.rules import Bonus, Reports, UntrueEvidence
from planner.domain.text import Text, t
from planner.domain.workdays import WorkCalendar

LATE_REPORTS = t("late reports cost points")
CAPPED = t("what goes beyond is not taken off")
UNTRUE = t("evidence found untrue costs points, and the best grade")


@dataclass(frozen=True)
class Points:
    """So many points off the total, or on it; `refs` as in a line."""

    what: Text | str
    rule: Text
    points: Fraction
    reason: Text
    refs: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwedReport:
    """A periodic report that an assignment owes, with the dates that its state follows from."""

    id: int
    assignment_id: int
    unit_id: int
    what: str
    period: str
    facts: ReportFacts


def report_points(
    owed: Iterable[OwedReport], asked: AsOf, rules: Reports, calendar: WorkCalendar
) -> Iterator[Points]:
    """What a unit's late and missing reports cost, as far as the most that they may cost."""
    costs = [*_reports(owed, asked, rules, calendar)]
    yield from costs
    over = exact_sum(-each.points for each in costs) - Fraction(rules.max_points)
    if over > 0:
        yield Points(
            what=t("Periodic reports"),
            rule=t("together at most %(points)s points", points=rules.max_points),
            points=over,
            reason=CAPPED,
        )


def _reports(
    owed: Iterable[OwedReport], asked: AsOf, rules: Reports, calendar: WorkCalendar
) -> Iterator[Points]:
    cost: Mapping[ReportState, Decimal] = {
        ReportState.OVERDUE: rules.late_points,
        ReportState.LATE: rules.late_points,
        ReportState.MISSING: rules.missing_points,
    }
    for each in owed:
        if asked.period.year not in (None, each.facts.due_on.year):
            continue
        standing = standing_of(each.facts, asked.day, calendar)
        if points := cost.get(standing.state):
            yield Points(
                what=t("%(what)s: %(period)s", what=each.what, period=period_name(each.period)),
                rule=LATE_REPORTS,
                points=-Fraction(points),
                reason=standing.text,
                refs=(f"assignment:{each.assignment_id}",),
            )


@dataclass(frozen=True)
class FoundUntrue:
    """An assignment with evidence that was found untrue."""

    assignment_id: int
    what: str
    finding: Finding

    def counts_in(self, asked: AsOf) -> bool:
        """Whether it was known by the day, stands, and costs points in the period."""
        found, day = self.finding, asked.day
        stands = found.on <= day and not (found.revoked_on and found.revoked_on <= day)
        return stands and asked.period.year in (None, found.year)


def untrue_points(findings: Iterable[FoundUntrue], rules: UntrueEvidence) -> Iterator[Points]:
    """What evidence that was found untrue costs."""
    for each in findings:
        yield Points(
            what=each.what,
            rule=UNTRUE,
            points=-Fraction(rules.points),
            reason=t("found untrue on %(day)s", day=each.finding.on),
            refs=(f"assignment:{each.assignment_id}",),
        )


def bonus_points(judged: Iterable[Judged], rules: Bonus) -> Iterator[Points]:
    """What binding indicators better than their final target add, as far as they may."""
    if not rules.enabled:
        return
    left = Fraction(rules.max_points)
    for each in judged:
        if each.indicator.binding and each.is_better and left > 0:
            points = min(left, Fraction(rules.points))
            left -= points
            yield Points(
                what=each.indicator.what,
                rule=t("a bonus for ending better than the final target"),
                points=points,
                reason=each.why,
                refs=(f"indicator:{each.indicator.id}",),
            )
