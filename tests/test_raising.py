"""What would raise a score: every gain, made true, moves the exact total by just so much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.reporting import ReportFacts
from planner.domain.scores.acts import DueDate, Finding, HandedIn, Pause, Verified
from planner.domain.scores.gains import Gain, Way
from planner.domain.scores.indicators import Indicator, Judged, Reading, judge
from planner.domain.scores.items import Item
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.points import OwedReport, report_points
from planner.domain.scores.raising import raising
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Beside, Figures, figures
from planner.domain.scores.tally import scored
from planner.domain.words import Comparator, Method, Part, ReturnKind
from tests.support.scoring import (
    CALENDAR,
    RULES,
    RULES_DATA,
    accepted,
    completion,
    item,
    portion,
    progress,
    returned,
)

TODAY = date(2024, 10, 15)
FIRST_YEAR = 2022


def figures_of(
    items: Iterable[Item],
    asked: AsOf,
    indicators: Sequence[Indicator] = (),
    reports: Sequence[OwedReport] = (),
    rules: ScoringRules = RULES,
) -> Figures:
    """What the facts come to, from the very beginning."""
    judged = tuple(
        judge(each, asked, rules.indicators, CALENDAR, FIRST_YEAR) for each in indicators
    )
    beside = Beside(judged, tuple(report_points(reports, asked, rules.reports, CALENDAR)))
    return figures(scored(items, asked, rules, CALENDAR), asked, rules, CALENDAR, beside)


def raised(items: Iterable[Item], asked: AsOf, **beside: Any) -> tuple[Gain, ...]:
    """What would raise the score to date."""
    score = figures_of(items, asked, **beside).to_date
    return raising(score, asked, CALENDAR, beside.get("reports", ()))


def on(day: date = TODAY, year: int | None = 2024) -> AsOf:
    return AsOf.on(day, Period(year))


def only(gains: tuple[Gain, ...]) -> Gain:
    (gain,) = gains
    return gain


# What can be gained


def test_what_is_overdue_can_still_earn_what_lateness_leaves() -> None:
    """Due on 28 June, handed in on 15 October: 74 working days late, capped at half."""
    gain = only(raised([item(), item(portions=(portion(),))], on()))
    assert (gain.way, gain.points) == (Way.HAND_IN, 25)
    assert gain.until == date(2024, 12, 31)
    assert gain.todo.params["then"].params == {"percent": 50}  # type: ignore[union-attr]


def test_the_day_is_the_last_before_more_is_lost() -> None:
    """Due on Friday 11 October: 12 October is worked; five working days end on the 17th."""
    gain = only(raised([item(original_due_on=date(2024, 10, 11))], on()))
    assert (gain.points, gain.until) == (95, date(2024, 10, 17))
    later = only(raised([item(original_due_on=date(2024, 10, 11))], on(date(2024, 10, 18))))
    assert later.points == 90


def test_on_the_due_day_itself_all_of_it_can_be_earned() -> None:
    gain = only(raised([item(original_due_on=TODAY)], on()))
    assert (gain.points, gain.until) == (100, TODAY)


def test_on_a_day_off_the_next_working_day_counts() -> None:
    """Sunday 20 October; due on Friday: handed in on Monday it is one working day late."""
    gain = only(raised([item(original_due_on=date(2024, 10, 18))], on(date(2024, 10, 20))))
    assert (gain.points, gain.until) == (95, date(2024, 10, 25))


def test_returns_are_taken_off_what_can_be_gained() -> None:
    rounds = (
        completion(1, date(2024, 6, 20), returned(date(2024, 6, 24), ReturnKind.REJECT)),
        completion(2, date(2024, 6, 25), returned(date(2024, 6, 26), ReturnKind.REJECT)),
    )
    gain = only(raised([item(handed_in=rounds)], on()))
    assert gain.points == Fraction(100) / 2 * Fraction(96, 100)


def test_the_rest_of_a_target_can_be_verified() -> None:
    part = item(method=Method.PROPORTIONAL, amount=Decimal(4), portions=(portion(1),), measure="个")
    gain = only(raised([part], on()))
    assert (gain.way, gain.points) == (Way.REST, Fraction(75, 2))
    assert (gain.todo.params["amount"], gain.todo.params["measure"]) == (3, "个")


def test_what_waits_for_review_is_with_the_lead_and_counts_from_the_day_it_came() -> None:
    waiting = item(handed_in=(completion(1, date(2024, 6, 28)),))
    gain = only(raised([waiting], on()))
    assert (gain.way, gain.points, gain.until) == (Way.WITH_LEAD, 100, None)


def test_a_report_with_evidence_is_with_the_lead_and_the_rest_with_the_unit() -> None:
    report = progress(1, date(2024, 6, 27), amount=Decimal(3), evidence=("evidence:ab",))
    part = item(
        method=Method.PROPORTIONAL, amount=Decimal(4), portions=(portion(1),), handed_in=(report,)
    )
    gains = raised([part], on())
    assert [(each.way, each.points) for each in gains] == [
        (Way.WITH_LEAD, 50),
        (Way.REST, Fraction(25, 2)),
    ]
    unproven = replace(part, handed_in=(replace(report, evidence=()),))
    assert only(raised([unproven], on())).way is Way.REST


def test_what_is_carried_over_still_earns_what_is_left_of_it() -> None:
    old = item(original_due_on=date(2023, 12, 10), issued_on=date(2023, 1, 2))
    gain = only(raised([old, item(portions=(portion(),))], on()))
    assert gain.way is Way.CARRIED
    assert gain.points == Fraction(100) * Fraction(1, 2) / Fraction(3, 2) / 2


def test_what_came_in_time_for_the_year_before_leaves_when_it_is_accepted() -> None:
    late_review = item(
        original_due_on=date(2023, 12, 10),
        issued_on=date(2023, 1, 2),
        handed_in=(completion(1, date(2023, 12, 8)),),
    )
    gain = only(raised([late_review, item(portions=(portion(),))], on()))
    assert (gain.way, gain.points) == (Way.WITH_LEAD, Fraction(100, 3))


def test_what_is_not_due_yet_raises_the_whole_period_alone() -> None:
    asked = on()
    made = figures_of([item(original_due_on=date(2024, 12, 10))], asked)
    assert raising(made.to_date, asked, CALENDAR) == ()
    gain = only(raising(made.whole, asked, CALENDAR))
    assert (gain.way, gain.points, gain.until) == (Way.LATER, 100, date(2024, 12, 10))


def test_a_year_that_is_over_is_raised_by_reviews_alone() -> None:
    """What is handed in now does not count in it any more."""
    asked = on(year=2023)
    owed = item(original_due_on=date(2023, 6, 30), issued_on=date(2023, 1, 2))
    waiting = replace(owed, id=-1, handed_in=(completion(1, date(2023, 6, 28)),))
    too_late = replace(owed, id=-2, handed_in=(completion(1, date(2024, 1, 3)),))
    gain = only(raised([owed, waiting, too_late], asked))
    assert (gain.way, gain.refs) == (Way.WITH_LEAD, ("assignment:-1",))


CLOSED = (
    item(handed_in=(completion(1, date(2024, 6, 28), accepted(date(2024, 6, 28))),)),
    item(findings=(Finding(1, date(2024, 7, 1), 2024),)),
    item(pauses=(Pause(date(2024, 6, 1), date(2024, 6, 3), suspension=True),)),
    item(method=Method.PROPORTIONAL),
    item(portions=(portion(),)),
)


@pytest.mark.parametrize(
    "closed", CLOSED, ids=["accepted", "untrue", "paused", "no amount", "full"]
)
def test_where_nothing_can_be_done_nothing_is_promised(closed: Item) -> None:
    assert raised([closed, item(portions=(portion(),))], on()) == ()
    assert raising(figures_of([closed], on()).whole, on(), CALENDAR) == ()


def test_the_best_grade_of_the_table_is_the_most_that_judged_work_earns() -> None:
    tiers = [{**RULES_DATA["tiers"][0], "credit": "0.9"}, *RULES_DATA["tiers"][1:]]
    rules = ScoringRules.from_data({**RULES_DATA, "tiers": tiers})
    judged = item(method=Method.TIERS, original_due_on=TODAY)
    gain = only(raising(figures_of([judged], on(), rules=rules).to_date, on(), CALENDAR))
    assert gain.points == 90


def test_nothing_is_gained_beyond_a_hundred_and_nothing_without_a_score() -> None:
    assert raised([], on()) == ()
    assert raised([item(portions=(portion(),))], on()) == ()


def test_a_missed_veto_item_says_what_it_does_to_the_grade() -> None:
    for kind, word in (("veto", "lowest grade"), ("starred", "best grades")):
        gain = only(raised([item(**{kind: True}), item(portions=(portion(),))], on()))
        assert word in str(gain.todo)
    assert "grade" not in str(only(raised([item(), item(portions=(portion(),))], on())).todo)


# Indicators and reports

ENERGY = Indicator(
    id=1,
    what="单位建筑面积能耗",
    section="专栏1",
    measure="千克标准煤",
    owner_id=1,
    base_year=2020,
    printed_base=Decimal(100),
    target_year=2025,
    target=Decimal(90),
    comparator=Comparator.AT_MOST,
    binding=True,
    weight=Decimal(1),
)


def test_an_indicator_short_of_its_path_says_how_much_is_missing() -> None:
    reading = Reading(1, 2024, Decimal(94), date(2024, 9, 2))
    short = replace(ENERGY, readings=(reading,))
    done = item(portions=(portion(),))
    gain = only(raised([done], on(), indicators=[short]))
    assert (gain.way, gain.points) == (Way.INDICATOR, 10)
    assert (gain.todo.params["missing"], gain.todo.params["wanted"]) == (2, 92)
    assert gain.until == date(2025, 3, 31)
    there = replace(short, readings=(replace(reading, value=Decimal(92)),))
    assert raised([done], on(), indicators=[there]) == ()


def report(number: int, due_on: date, missing_after: date) -> OwedReport:
    return OwedReport(number, 7, 1, "托管项目", "2024-Q3", ReportFacts(due_on, missing_after))


LATE = report(1, date(2024, 10, 11), date(2025, 1, 17))


def test_a_late_report_is_at_stake_until_it_is_missing() -> None:
    done = item(portions=(portion(),))
    gain = only(raised([done], on(), reports=[LATE]))
    assert (gain.way, gain.points) == (Way.AT_STAKE, Fraction(4, 10))
    assert (gain.until, gain.refs) == (date(2025, 1, 17), ("assignment:7",))
    in_time = report(2, date(2024, 10, 18), date(2025, 1, 17))
    assert raised([done], on(), reports=[in_time]) == ()
    assert raised([done], on(date(2025, 2, 3)), reports=[LATE]) == ()


def test_no_more_is_at_stake_than_all_reports_may_cost() -> None:
    missing = [report(n, date(2024, 4, 1), date(2024, 5, 1)) for n in range(2, 12)]
    assert raised([item(portions=(portion(),))], on(), reports=[LATE, *missing]) == ()


# The property

days = st.dates(date(2023, 6, 1), date(2024, 12, 31))
few = st.integers(1, 4).map(Decimal)


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Owed, reported, returned, waiting, accepted; of this year or the one before."""
    method = draw(st.sampled_from(Method))
    by_amount = method is Method.PROPORTIONAL
    due_on, first = draw(days), draw(days)
    return item(
        method=method,
        amount=Decimal(5) if by_amount else None,
        measure="个",
        weight=draw(few),
        part=draw(st.sampled_from(Part)),
        issued_on=date(2023, 1, 2),
        original_due_on=due_on,
        due_dates=(DueDate(date(2023, 1, 2), due_on),),
        portions=tuple(
            portion(amount if by_amount else amount / 10, day, submission_id=10**6)
            for amount, day in draw(st.lists(st.tuples(few, days), max_size=2))
        ),
        handed_in=draw(rounds(first)),
    )


@st.composite
def rounds(draw: st.DrawFn, start: date) -> tuple[HandedIn, ...]:
    made: list[HandedIn] = []
    if draw(st.booleans()):
        evidence = draw(st.sampled_from([(), ("evidence:ab",)]))
        made.append(progress(1, start, amount=draw(few), evidence=evidence))
    for number in range(2, 2 + draw(st.integers(0, 2))):
        decided = start + timedelta(days=draw(st.integers(1, 9)))
        kind = draw(st.sampled_from(ReturnKind))
        made.append(completion(number, start, returned(decided, kind, decided), amount=draw(few)))
        start = decided + timedelta(days=1)
    match draw(st.sampled_from(["owed", "waiting", "accepted"])):
        case "waiting":
            made.append(completion(9, start, amount=draw(few)))
        case "accepted":
            made.append(completion(9, start, accepted(start), amount=draw(few)))
    return tuple(made)


readings = st.integers(85, 110).map(lambda value: (Reading(1, 2024, Decimal(value), TODAY),))
asked_on = st.builds(
    on, st.dates(date(2023, 12, 20), date(2024, 12, 31)), st.sampled_from([2024, None])
)


@given(st.lists(items(), min_size=1, max_size=5), readings, asked_on, st.booleans())
def test_a_gain_made_true_moves_the_total_by_just_so_much(
    owed: list[Item], read: tuple[Reading, ...], asked: AsOf, to_date: bool
) -> None:
    indicator = replace(ENERGY, readings=read)

    def made(items: list[Item], measured: Indicator = indicator) -> Any:
        reports = [LATE] if asked.day >= LATE.facts.due_on else []
        found = figures_of(items, asked, [measured], reports)
        return found.to_date if to_date else found.whole

    before = made(owed)
    for gain in raising(before, asked, CALENDAR, ()):
        if gain.way is Way.INDICATOR:
            after = made(owed, met(before.indicators[0], asked))
        else:
            after = made([done(each, gain, asked) for each in owed])
        assert after.exact - before.exact == gain.points
        assert 0 < gain.points <= 100 - before.exact


def met(judged: Judged, asked: AsOf) -> Indicator:
    """The indicator with a reading, confirmed that day, of just what was wanted."""
    wanted, year = judged.wanted, judged.year
    assert wanted is not None
    assert year is not None
    reading = Reading(2, year, Decimal(int(wanted)), asked.day)
    return replace(judged.indicator, readings=(*judged.indicator.readings, reading))


def done(each: Item, gain: Gain, asked: AsOf) -> Item:
    """The item with what the gain asks for: accepted, verified from its report, or handed in."""
    if f"assignment:{each.id}" not in gain.refs:
        return each
    known = each.as_of(asked.day)
    if gain.way is not Way.WITH_LEAD:
        handed_in_on = CALENDAR.on_or_after(asked.day)
        return verified(each, left(each, asked), handed_in_on, asked, of_reports=False)
    waiting = [one for one in known.course.rounds if one.decided is None]
    if not waiting:
        latest = max((one for one in known.handed_in if one.evidence), key=lambda one: one.number)
        return verified(each, left(each, asked), latest.on, asked, most=latest.amount)
    (round_,) = waiting
    handed_in = tuple(
        replace(one, verdicts=(*one.verdicts, accepted(asked.day))) if one.id == round_.id else one
        for one in each.handed_in
    )
    by_amount = each.method is Method.PROPORTIONAL
    most = round_.amount if by_amount else None
    return verified(
        replace(each, handed_in=handed_in), left(each, asked), round_.on, asked, most=most
    )


def left(each: Item, asked: AsOf) -> Decimal:
    """What is not verified yet."""
    standing = sum((one.amount for one in each.as_of(asked.day).portions), Decimal(0))
    return (each.amount or Decimal(1)) - standing


def verified(
    each: Item,
    rest: Decimal,
    handed_in_on: date,
    asked: AsOf,
    *,
    most: Decimal | None = None,
    of_reports: bool = True,
) -> Item:
    """With one more portion; what a proven report claims is not asked for a second time."""
    standing = (each.amount or Decimal(1)) - rest
    amount = rest if most is None else min(rest, max(Decimal(0), most - standing))
    if not of_reports and each.method is Method.PROPORTIONAL:
        known = each.as_of(asked.day).handed_in
        proven = [one for one in known if one.evidence]
        if proven:
            latest = max(proven, key=lambda one: one.number)
            amount = rest - min(rest, max(Decimal(0), (latest.amount or Decimal(0)) - standing))
    added = Verified(10**6, 10**6, amount, handed_in_on, asked.day)
    return replace(each, portions=(*each.portions, added))
