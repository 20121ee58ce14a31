"""What would raise a score as of a day: from what is owed, from indicators, from late reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from planner.domain.exact import exact_sum, shown
from planner.domain.reporting import ReportState, period_name, standing_of
from planner.domain.scores.gains import Gain, Way
from planner.domain.scores.indicators import PLACES, WHOLE, Judged
from planner.domain.scores.period import AsOf
from planner.domain.scores.points import OwedReport, report_points
from planner.domain.scores.raising_work import work_gains
from planner.domain.scores.scoring import LEAST, MOST, Score
from planner.domain.text import Text, t
from planner.domain.workdays import WorkCalendar


def raising(
    score: Score, asked: AsOf, calendar: WorkCalendar, reports: Sequence[OwedReport] = ()
) -> tuple[Gain, ...]:
    """What would raise this score as of the day, the most points first.

    What is handed in is taken to come on the day itself, or on the next working day. `reports` are
    all that the unit owes. Raises ValueError for a score whose items were not kept.
    """
    if score.exact is None:
        return ()
    made = [
        *work_gains(score, asked, calendar),
        *_indicators(score, asked, calendar),
        *_at_stake(score, asked, calendar, reports),
    ]
    return tuple(sorted((each for each in made if each.points > 0), key=lambda gain: -gain.points))


def _indicators(score: Score, asked: AsOf, calendar: WorkCalendar) -> Iterator[Gain]:
    """Indicators that are short of where they should stand, were they there."""
    before, beside = score.exact, score.beside
    if beside is None or before is None:
        return
    for each in score.indicators:
        if each.credit == WHOLE or each.year is None:
            continue
        met = tuple(replace(one, credit=WHOLE) if one is each else one for one in beside.indicators)
        after = replace(score, beside=replace(beside, indicators=met)).exact or before
        deadline = score.rules.indicators.deadline(each.year, calendar)
        yield Gain(
            way=Way.INDICATOR,
            what=each.indicator.what,
            todo=_missing(each),
            points=after - before,
            until=deadline if deadline >= asked.day else None,
            refs=(f"indicator:{each.indicator.id}",),
        )


def _missing(judged: Judged) -> Text:
    wanted, measure = judged.wanted or Fraction(0), judged.indicator.measure
    if judged.reading is None:
        return t(
            "no reading of %(year)s: one of %(wanted)s %(measure)s earns all of it",
            year=str(judged.year),
            wanted=shown(wanted, PLACES),
            measure=measure,
        )
    return t(
        "%(missing)s %(measure)s away from the %(wanted)s that earn all of it in %(year)s",
        missing=shown(abs(wanted - Fraction(judged.reading.value)), PLACES),
        measure=measure,
        wanted=shown(wanted, PLACES),
        year=str(judged.year),
    )


def _at_stake(
    score: Score, asked: AsOf, calendar: WorkCalendar, reports: Sequence[OwedReport]
) -> Iterator[Gain]:
    """Late reports that cost more once they are missing."""
    if score.beside is None or asked.day > asked.period.cut_off:
        return
    for each in reports:
        if asked.period.year not in (None, each.facts.due_on.year):
            continue
        standing = standing_of(each.facts, asked.until, calendar)
        if standing.state is not ReportState.OVERDUE:
            continue
        yield Gain(
            way=Way.AT_STAKE,
            what=t("%(what)s: %(period)s", what=each.what, period=period_name(each.period)),
            todo=t("report, before it counts as missing"),
            points=_cost_of_missing(score, asked, calendar, reports, each),
            until=calendar.on_or_after(each.facts.missing_after),
            refs=(f"assignment:{each.assignment_id}",),
        )


def _cost_of_missing(
    score: Score,
    asked: AsOf,
    calendar: WorkCalendar,
    reports: Sequence[OwedReport],
    late: OwedReport,
) -> Fraction:
    """What the total loses if an overdue report is missing instead."""
    before, unlimited = score.exact or LEAST, score.unlimited or LEAST

    def taken_off(owed: Sequence[OwedReport]) -> Fraction:
        found = report_points(owed, asked, score.rules.reports, calendar)
        return exact_sum(each.points for each in found)

    missing = replace(late, facts=replace(late.facts, missing_after=late.facts.due_on))
    changed = [missing if each is late else each for each in reports]
    after = unlimited + taken_off(changed) - taken_off(reports)
    return before - min(MOST, max(LEAST, after))
