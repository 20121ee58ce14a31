"""Credits, totals, ranks and lines: a golden table worked out by hand, and what always holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.errors import BadInput
from planner.domain.scores.acts import DueDate, HandedIn, Pause, Verified
from planner.domain.scores.credit import credit_of
from planner.domain.scores.items import Item
from planner.domain.scores.lines import lines
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.ranks import Standing, grade_name, ranks
from planner.domain.scores.scoring import Figures, Score, figures
from planner.domain.scores.tally import scored
from planner.domain.words import Method, Part, ReturnKind
from tests.support.scoring import (
    CALENDAR,
    DUE,
    END,
    ISSUED,
    RULES,
    accepted,
    completion,
    golden,
    item,
    portion,
    progress,
    returned,
    score_of,
    score_one,
    verified_portion,
    weighed,
    whole_list,
)


def case(row: dict[str, str]) -> str:
    return row["case"]


def day(text: str) -> date:
    return date.fromisoformat(text)


def due_dates(cell: str) -> tuple[date, tuple[DueDate, ...]]:
    first, *later = whole_list(cell)
    moved = [each.split(" since ") for each in later]
    revisions = [DueDate(ISSUED, day(first)), *(DueDate(day(on), day(due)) for due, on in moved)]
    return day(first), tuple(revisions)


def round_of(number: int, cell: str) -> HandedIn:
    found = re.fullmatch(r"(\S+) to (\S+) (amend|reject)(?: until (\S+))?", cell)
    assert found, cell
    handed_in, decided, kind, rework = found.groups()
    verdict = returned(day(decided), ReturnKind(kind), day(rework) if rework else None)
    return completion(number, day(handed_in), verdict)


def golden_item(row: dict[str, str]) -> Item:
    due_on, revisions = due_dates(row["due"])
    returns = whole_list(row["returned rounds"])
    return item(
        method=Method(row["method"]),
        amount=Decimal(row["target"]) if row["target"] else None,
        original_due_on=due_on,
        due_dates=revisions,
        portions=tuple(verified_portion(cell) for cell in whole_list(row["verified portions"])),
        handed_in=tuple(round_of(number, cell) for number, cell in enumerate(returns, 1)),
    )


@pytest.mark.parametrize("row", golden("scores.csv"), ids=case)
def test_a_credit_is_what_was_worked_out_by_hand(row: dict[str, str]) -> None:
    credit = credit_of(golden_item(row).as_of(day(row["as of"])), RULES, CALENDAR)
    assert (credit.value, credit.verified) == (
        Fraction(row["credit"]),
        Fraction(row["verified share"]),
    )


@pytest.mark.parametrize("row", golden("totals.csv"), ids=case)
def test_a_total_and_its_grade_are_what_was_worked_out_by_hand(row: dict[str, str]) -> None:
    score = score_of(weighed(cell) for cell in whole_list(row["items (weight x credit)"]))
    printed = "" if score.total is None else str(score.total)
    assert (printed, score.grade.key if score.grade else "") == (row["total"], row["grade"])
    assert_adds_up(score)


def assert_adds_up(score: Score) -> None:
    printed = [(Decimal(str(line.possible)), Decimal(str(line.earned))) for line in lines(score)]
    assert all(
        -number.as_tuple().exponent == RULES.line_places for pair in printed for number in pair
    )
    earned = sum(earned for _, earned in printed)
    possible = sum(possible for possible, _ in printed)
    assert (possible, earned) == ((0, 0) if score.total is None else (100, score.total))


days = st.dates(date(2024, 1, 2), date(2024, 12, 31))
shares = st.decimals(0, 8, places=2)


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Items with rounds one after the other, and portions handed in at any time."""
    method = draw(st.sampled_from(Method))
    return item(
        method=method,
        amount=draw(st.decimals(1, 9, places=2)) if method is Method.PROPORTIONAL else None,
        weight=draw(st.decimals(Decimal("0.01"), 9, places=2)),
        part=draw(st.sampled_from(Part)),
        original_due_on=draw(days),
        portions=tuple(
            portion(amount, handed_in_on)
            for amount, handed_in_on in draw(st.lists(st.tuples(shares, days), max_size=4))
        ),
        handed_in=draw(rounds()),
    )


@st.composite
def rounds(draw: st.DrawFn) -> tuple[HandedIn, ...]:
    """Each handed in after the one before was decided and its rework time was over."""
    made, start = [], draw(days)
    for number in range(1, 1 + draw(st.integers(0, 4))):
        decided = start + timedelta(days=draw(st.integers(0, 12)))
        rework = decided + timedelta(days=draw(st.integers(0, 10)))
        made.append(
            completion(number, start, returned(decided, draw(st.sampled_from(ReturnKind)), rework))
        )
        start = rework + timedelta(days=draw(st.integers(0, 9)))
    return tuple(made)


def credit(owed: Item) -> Fraction:
    return credit_of(owed, RULES, CALENDAR).value


@given(st.lists(items(), max_size=6))
def test_a_score_lies_between_0_and_100_and_its_printed_lines_add_up(owed: list[Item]) -> None:
    score = score_of(score_one(each) for each in owed)
    assert (score.total is None) == (not owed)
    assert score.total is None or 0 <= score.total <= 100
    assert_adds_up(score)


@given(items(), shares, days)
def test_more_verified_never_lowers_a_credit(owed: Item, amount: Decimal, on: date) -> None:
    more = replace(owed, portions=(*owed.portions, portion(amount, on)))
    assert credit(more) >= credit(owed)


@given(items(), st.data())
def test_handing_in_later_never_raises_a_credit(owed: Item, data: st.DataObject) -> None:
    early = portion(data.draw(shares), data.draw(days))
    later = replace(
        early, handed_in_on=early.handed_in_on + timedelta(data.draw(st.integers(1, 90)))
    )
    others = owed.portions
    assert credit(replace(owed, portions=(*others, later))) <= credit(
        replace(owed, portions=(*others, early))
    )


@given(items(), st.randoms())
def test_the_order_of_events_on_one_day_does_not_matter(owed: Item, random: object) -> None:
    one_day = replace(
        owed,
        portions=tuple(replace(each, handed_in_on=DUE, on=DUE) for each in owed.portions),
        handed_in=tuple(
            replace(each, on=DUE, verdicts=tuple(replace(v, on=DUE) for v in each.verdicts))
            for each in owed.handed_in
        ),
    )
    shuffled = [list(one_day.portions), list(one_day.handed_in)]
    for events in shuffled:
        random.shuffle(events)  # type: ignore[attr-defined]
    other = replace(one_day, portions=tuple(shuffled[0]), handed_in=tuple(shuffled[1]))
    assert credit(other) == credit(one_day)


@given(items(), days)
def test_what_happens_later_does_not_change_a_past_day(owed: Item, on: date) -> None:
    after = on + timedelta(days=1)
    later = replace(
        owed,
        portions=(
            *(replace(each, withdrawn_on=after) for each in owed.portions),
            portion(5, on, after),
        ),
        due_dates=(*owed.due_dates, DueDate(after, END)),
        handed_in=(*owed.handed_in, completion(99, after, returned(after, ReturnKind.REJECT))),
        reopened_on=(after,),
        cancelled_on=after,
    )
    assert later.as_of(on) == owed.as_of(on)
    assert later.stands_on(on) == owed.stands_on(on)


def test_claimed_by_amount_is_the_latest_claim_and_at_least_what_is_verified() -> None:
    owed = item(method=Method.PROPORTIONAL, amount=Decimal(4), measure="个")
    reports = (progress(1, DUE, amount=Decimal(3)), progress(2, DUE, amount=Decimal(1)))
    claimed = [
        credit_of(replace(owed, **facts), RULES, CALENDAR).claimed
        for facts in (
            {},
            {"handed_in": reports},
            {"handed_in": reports, "portions": (portion(2),)},
            {"handed_in": (progress(1, DUE, amount=Decimal(9)),)},
        )
    ]
    assert claimed == [0, Fraction(1, 4), Fraction(1, 2), 1]


def test_claimed_otherwise_is_whole_once_handed_in_and_else_the_latest_percent() -> None:
    report = progress(1, DUE, percent=40)
    waiting = completion(2, DUE)
    back = completion(2, DUE, returned(DUE, ReturnKind.AMEND))
    closed = completion(2, DUE, accepted(DUE))
    claimed = [
        credit_of(item(handed_in=handed_in), RULES, CALENDAR).claimed
        for handed_in in ((), (report,), (report, waiting), (report, back), (report, closed))
    ]
    assert claimed == [0, Fraction(2, 5), 1, Fraction(2, 5), 1]


def test_a_claim_earns_nothing() -> None:
    owed = item(handed_in=(progress(1, DUE, percent=100), completion(2, DUE)))
    assert credit(owed) == 0


def test_a_withdrawn_round_costs_nothing() -> None:
    taken_back = completion(1, ISSUED, withdrawn_on=ISSUED)
    late = date(2024, 7, 1)
    owed = item(handed_in=(taken_back,), portions=(portion(1, late),)).as_of(END)
    assert credit_of(owed, RULES, CALENDAR).layers[0].late == 1
    assert owed.course.rounds == ()


def test_a_reopened_item_is_accepted_again_only_by_another_acceptance() -> None:
    once = item(handed_in=(completion(1, DUE, accepted(DUE)),))
    again = replace(once, reopened_on=(DUE,))
    twice = replace(again, handed_in=(*once.handed_in, completion(2, DUE, accepted(DUE))))
    assert [each.accepted for each in (once, again, twice)] == [True, False, True]


def test_an_item_counts_from_its_issue_until_it_is_cancelled() -> None:
    owed = item(cancelled_on=date(2024, 5, 6))
    stood = [owed.stands_on(ISSUED - timedelta(1)), owed.stands_on(ISSUED)]
    assert stood == [False, True]
    assert [owed.stands_on(date(2024, 5, 5)), owed.stands_on(date(2024, 5, 6))] == [True, False]


def all_figures(owed: list[Item], on: date, period: str) -> Figures:
    asked = AsOf.on(on, Period.parse(period))
    return figures(scored(owed, asked, RULES, CALENDAR), asked, RULES, CALENDAR)


def test_a_year_holds_what_was_first_due_in_it_and_the_plan_holds_all() -> None:
    moved = item(due_dates=(DueDate(ISSUED, date(2025, 3, 1)),))
    other = item(original_due_on=date(2025, 6, 30))
    counting = {
        period: all_figures([moved, other], END, period).counts.counting
        for period in ("2024", "2025", "2026", "plan")
    }
    assert counting == {"2024": 1, "2025": 1, "2026": 0, "plan": 2}


def test_to_date_counts_what_is_due_on_or_before_the_day() -> None:
    owed = [item(), item(original_due_on=DUE + timedelta(3))]
    due = [all_figures(owed, DUE + timedelta(n), "2024").counts.due for n in (-1, 0, 3)]
    assert due == [0, 1, 2]
    assert all_figures(owed, DUE - timedelta(1), "2024").to_date.total is None
    assert all_figures(owed, DUE - timedelta(1), "2024").whole.total == 0


def test_what_is_extended_past_the_cut_off_for_own_reasons_stays_in_its_year() -> None:
    owed = item(due_dates=(DueDate(ISSUED, date(2025, 3, 3)),))
    before = all_figures([owed], END - timedelta(1), "2024")
    assert (before.to_date.total, before.whole.total, before.counts.overdue) == (None, 0, 0)
    at_the_end = all_figures([owed], END, "2024")
    assert (at_the_end.to_date.total, at_the_end.counts.overdue) == (0, 0)


def test_what_is_extended_into_another_year_for_other_causes_moves_there() -> None:
    owed = item(due_dates=(DueDate(ISSUED, date(2025, 3, 3), moves=True),))
    made = {period: all_figures([owed], END, period).counts for period in ("2024", "2025")}
    assert {period: counts.counting for period, counts in made.items()} == {"2024": 0, "2025": 1}
    assert made["2025"].carried == 0


def test_what_stands_still_at_the_cut_off_for_other_causes_waits_for_a_later_year() -> None:
    since = date(2024, 5, 6)
    for own, year in ((False, "2025"), (True, "2024")):
        owed = item(pauses=(Pause(since, since, suspension=True, own=own),))
        for day in (END, date(2025, 2, 3)):
            counted = all_figures([owed], day, year).counts.counting
            assert counted == (1 if own or day.year == 2025 else 0)


def test_an_unallocated_shared_target_is_scored_for_nobody_and_says_so() -> None:
    row = item(shared=True, portions=(portion(1),))
    node = item(method=Method.PROPORTIONAL, amount=Decimal(2), portions=(portion(1),))
    made = all_figures([row, node], END, "2024")
    assert (made.to_date.total, made.counts.counting, made.counts.shared) == (50, 1, 1)
    assert [
        str(line.reason)
        for line in lines(made.to_date)
        if line.refs[:1] == (f"assignment:{row.id}",)
    ] == ["not allocated to units yet: shown for the county, scored for nobody"]
    assert_adds_up(made.to_date)


def test_overdue_is_what_the_unit_still_owes_after_the_due_date() -> None:
    saturday = date(2024, 6, 29)
    owed = item(original_due_on=saturday)
    monday, tuesday = date(2024, 7, 1), date(2024, 7, 2)
    assert [owed.is_overdue(on, CALENDAR) for on in (monday, tuesday)] == [False, True]
    waiting = replace(owed, handed_in=(completion(1, tuesday),))
    closed = replace(owed, handed_in=(completion(1, tuesday, accepted(tuesday)),))
    assert [each.is_overdue(END, CALENDAR) for each in (waiting, closed)] == [False, False]


def test_shares_are_weighed_and_never_mixed() -> None:
    owed = [
        item(weight=Decimal(3), handed_in=(progress(1, DUE, percent=50),)),
        item(portions=(portion(1, date(2024, 7, 8)),)),
    ]
    made = all_figures(owed, END, "2024")
    assert (made.verified, made.claimed) == (Fraction(1, 4), Fraction(5, 8))
    assert made.whole.exact == Fraction(90, 4)


def test_a_line_says_that_no_indicator_is_scored() -> None:
    reasons = [str(line.reason) for line in lines(score_of([]))]
    assert reasons == ["no indicator is scored, so that work counts for 100 %", "nothing due yet"]


def test_a_line_names_the_proof_that_earned_its_points() -> None:
    report = completion(2, DUE, accepted(DUE), evidence=("evidence:ab12",))
    unproven = completion(1, ISSUED, returned(ISSUED, ReturnKind.AMEND), evidence=("evidence:ff",))
    late = date(2024, 7, 1)
    owed = item(handed_in=(unproven, report), portions=(portion(1, late, submission_id=report.id),))
    line = lines(score_of([score_one(owed)]))[0]
    assert line.refs == (
        f"assignment:{owed.id}",
        f"submission:{report.id}",
        "evidence:ab12",
        "section:专栏2",
    )
    assert str(line.rule) == "Done or not, weight 1"
    assert str(line.reason) == (
        "verified, handed in on 2024-07-01; "
        "100 % handed in on 2024-07-01, working days late: 1, less 5 %; "
        "returns: 1, counted: 0, less 0 %"
    )


def standing(
    unit_id: int, total: int, group: str | None = "委办局", lead: bool = False, count: int = 3
) -> Standing:
    owed = tuple(weighed(f"1 x {Fraction(total, 100)}") for _ in range(count))
    return Standing(unit_id, group, lead, score_of(owed))


def test_equal_totals_share_a_rank_and_the_next_is_left_out() -> None:
    made = ranks(
        [standing(1, 90), standing(2, 95), standing(3, 90), standing(4, 80)], RULES.ranking
    )
    assert {unit: each.place for unit, each in made.items()} == {2: 1, 1: 2, 3: 2, 4: 4}
    assert {each.of for each in made.values()} == {4}


def test_units_rank_only_within_their_group() -> None:
    made = ranks([standing(1, 90), standing(2, 10, "街镇"), standing(3, 50)], RULES.ranking)
    assert {unit: (each.place, each.of) for unit, each in made.items()} == {
        1: (1, 2),
        2: (1, 1),
        3: (2, 2),
    }


def test_who_is_not_ranked_is_told_why_and_takes_no_place() -> None:
    made = ranks(
        [
            standing(1, 50),
            standing(2, 90, lead=True),
            standing(3, 90, count=2),
            standing(4, 90, count=0),
            standing(5, 90, group=None),
        ],
        RULES.ranking,
    )
    assert made[1].place == 1
    assert {unit: str(each.reason) for unit, each in made.items() if each.place is None} == {
        2: "Not ranked: the lead agency stands apart.",
        3: "Not ranked: 2 scored items, and a rank needs 3.",
        4: "Not ranked: nothing is due yet.",
        5: "Not ranked: the unit belongs to no ranking group.",
    }


def test_usual_grades_are_named_in_the_readers_language_and_others_as_the_plan_names_them() -> None:
    usual, other = RULES.grades[0], replace(RULES.grades[0], key="top", name="拔尖")
    assert (str(grade_name(usual)), grade_name(other)) == ("Excellent", "拔尖")


@pytest.mark.parametrize("text", ["", "24", "20240", "plans", "0000", "２０２４", "-202"])
def test_a_period_is_a_year_or_the_plan(text: str) -> None:
    with pytest.raises(BadInput):
        Period.parse(text)


def of(*owed: Item, day: date = END, period: str = "2024") -> Figures:
    """The year's figures of these items."""
    return all_figures(list(owed), day, period)


def test_a_missed_veto_item_forces_the_lowest_grade_and_leaves_the_score() -> None:
    good, vetoed = accepted_item(weight=Decimal(99)), item(veto=True)
    score = of(good, vetoed).to_date
    assert score.total == Decimal("99.00")
    assert score.grade is not None
    assert score.grade.key == RULES.veto.forces
    assert any("veto" in str(line.reason) for line in lines(score))


def test_a_starred_item_at_0_bars_the_best_grades() -> None:
    score = of(accepted_item(weight=Decimal(99)), item(starred=True)).to_date
    assert score.grade is not None
    assert score.grade.key == "pass"
    assert any("★" in str(line.reason) for line in lines(score))


def test_what_is_not_due_yet_was_not_missed() -> None:
    before = DUE - timedelta(1)
    later = item(veto=True, starred=True)
    score = of(accepted_item(), later, day=before).whole
    assert score.vetoed == score.starred == ()


def test_a_veto_item_of_which_nothing_is_left_is_not_missed_in_the_next_year() -> None:
    """All was verified by the cut-off and only the closing is missing: it weighs nothing."""
    proven = item(veto=True, starred=True, portions=(portion("1", DUE),))
    score = of(proven, day=date(2025, 3, 31), period="2025").to_date
    assert (score.vetoed, score.starred, score.total) == ((), (), None)


def test_a_due_date_on_a_day_off_counts_from_the_next_working_day() -> None:
    sunday = item(original_due_on=date(2024, 6, 30))
    assert of(sunday, day=date(2024, 6, 30)).counts.due == 0
    assert of(sunday, day=date(2024, 7, 1)).counts.due == 1


def accepted_item(**facts: Any) -> Item:
    """An item that was handed in and accepted in time."""
    done = completion(1, DUE, accepted(DUE))
    proven = (Verified(1, done.id, Decimal(1), DUE, DUE),)
    return item(handed_in=(done,), portions=proven, **facts)
