"""The leader's page, the meeting room, and the scorecards of boxes and tasks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import update

from planner.domain.lifecycle import State
from planner.domain.scores.period import Period
from planner.models import Assignment, Plan, Target
from planner.services import rollups, task_list
from planner.services.leader import Overview, overview
from planner.services.part_scores import box_scores, task_scores
from planner.services.scope import load_task, visible_assignments
from planner.services.scores import current_scores
from planner.services.task_list import TaskFilter
from tests.support import history
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.county import add_indicator, add_units
from tests.support.pages import Client, LogIn, links_of, text_of
from tests.support.stage import set_stage

PERIODS = ("2022", "2023", "2024", "2025", "plan")
Queries = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def played(cast: Cast) -> Cast:
    """The cast in the middle of its year."""
    history.play(cast, TODAY)
    return cast


@pytest.fixture
def leader(played: Cast, client_of: LogIn) -> Client:
    """The county's leader at the pages."""
    return client_of("leader")


def look(cast: Cast, period: Period | None = None) -> Overview:
    with cast.reading() as db:
        plan = db.get_one(Plan, cast.plan)
        actor = cast.actor("leader")
        return overview(db, actor, cast.clock(), plan, period or Period(2024))


def cells(client: Client, path: str) -> Iterator[tuple[str, str, str]]:
    """Every coloured cell of the heat map: its address, its words, its main number."""
    found = re.findall(
        r'<td class="heat heat-[\w-]+"><a href="([^"]+)" aria-label="([^"]+)">'
        r'<span class="heat-main">([^<]+)</span>',
        client.get(path).text,
    )
    for address, words, number in found:
        yield unescape(address), words, number


def length(client: Client, address: str) -> int:
    """How long the list behind an address is."""
    found = re.search(r"–\d+ of (\d+)", text_of(client.get(address)))
    return int(found.group(1)) if found else 0


def test_each_cell_of_the_heat_map_opens_the_list_that_it_counts(
    played: Cast, leader: Client
) -> None:
    scores = look(played).scores
    counted = {where: made.counts.counting for where, made in scores.cells.items()}
    seen = list(cells(leader, "/scorecard?period=2024"))
    boxes = {action for _, action in counted}
    assert len(seen) == len(counted) + len(boxes)
    for address, words, _ in seen:
        assert length(leader, address) == int(re.findall(r"items (\d+)", words)[0]), address


def test_a_cell_says_its_score_and_its_share_in_words(played: Cast, leader: Client) -> None:
    figures = look(played).scores.cells[played.units[EDU], played.action]
    words = next(words for _, words, _ in cells(leader, "/scorecard") if words.startswith(EDU))
    assert f"{figures.to_date.total or 'nothing due yet'}" in words
    by_pace = [number for *_, number in cells(leader, "/scorecard?heat=pace")]
    assert all(number.endswith("%") for number in by_pace)


@pytest.mark.parametrize("period", PERIODS)
def test_every_number_of_the_overdue_opens_as_many(
    cast: Cast, client_of: LogIn, period: str
) -> None:
    set_stage(cast)
    client = client_of("leader")
    found = look(cast, Period.parse(period))
    assert found.overdue.total == found.scores.overall.counts.overdue
    page = client.get(f"/scorecard?period={period}")
    for unit, count in found.overdue.by_unit:
        address = f"/tasks?counted={period}&overdue=yes&unit={unit.id}"
        assert address in links_of(page)
        assert length(client, address) == count


def test_what_is_overdue_says_by_whom_and_how_often_it_was_urged(
    cast: Cast, client_of: LogIn
) -> None:
    stage = set_stage(cast)
    with cast.runtime.sessions.writing() as db:
        db.execute(
            update(Assignment)
            .where(Assignment.id == stage.ids["in_progress"])
            .values(due_on=date(2024, 9, 2), original_due_on=date(2024, 9, 2))
        )
        db.commit()
    page = client_of("leader").get("/scorecard?period=2024")
    text = text_of(page)
    overdue = text[text.index("What is owed") : text.index("What will be missed at")]
    assert EDU in overdue
    assert "1 ×" in overdue
    assert "never" in overdue
    first = look(cast).overdue.first
    assert [line.assignment.due_on for line in first] == sorted(
        line.assignment.due_on or TODAY for line in first
    )


def test_a_target_is_drawn_with_what_is_verified_and_claimed_of_it(
    played: Cast, leader: Client
) -> None:
    text = text_of(leader.get("/scorecard"))
    assert "1 / 3 个" in text
    assert "verified 1, claimed 2 of 3 个" in leader.get("/scorecard").text
    assert f"/tasks?task={played.chargers}" in links_of(leader.get("/scorecard"))


def test_what_will_be_missed_is_told_with_how_it_was_reckoned(played: Cast, leader: Client) -> None:
    """One of three chargers in three quarters of the time; 97 where 94 should be."""
    add_indicator(played, "97")
    text = text_of(leader.get("/scorecard"))
    missed = text[text.index("What will be missed at") :]
    gone = look(played).time_gone
    assert f"{float(1 / gone):.2f}" in missed
    assert "95.00" in missed, "100 less 1 a year"
    assert "How this is reckoned" in missed
    heads = text[text.index("Indicators against") :]
    assert "97 (2023)" in heads
    assert "Far off the path" in heads


def test_an_indicator_on_its_path_is_green_and_missed_by_nobody(
    played: Cast, leader: Client
) -> None:
    add_indicator(played, "93")
    assert not look(played).missed_indicators
    assert "On the path" in text_of(leader.get("/scorecard"))


def test_no_section_is_empty_without_saying_why(cast: Cast, client_of: LogIn) -> None:
    with cast.runtime.sessions.writing() as db:
        db.query(Target).delete()
        db.commit()
    text = text_of(client_of("leader").get("/scorecard"))
    for sentence in (
        "Nothing was issued yet, so there is nothing to score.",
        "Nothing counts in this period yet.",
        "No task has a target in amounts.",
        "The plan has no indicators.",
        "Nothing is overdue in this period.",
        "Nothing, as far as can be told.",
    ):
        assert sentence in text, sentence


def test_an_indicator_without_reading_is_not_forecast_and_said_to_be_so(
    played: Cast, leader: Client
) -> None:
    add_indicator(played, None)
    text = text_of(leader.get("/scorecard"))
    assert "No reading is confirmed yet" in text
    assert "Of 1 indicators nothing can be told" in text
    assert not look(played).missed_indicators


YEARS = {
    "before its first issue": (date(2025, 3, 1), date(2025, 1, 1), date(2029, 12, 31)),
    "after its end": (date(2016, 3, 1), date(2016, 1, 1), date(2020, 12, 31)),
}


@pytest.mark.parametrize("when", YEARS)
def test_outside_of_the_plans_years_nothing_breaks(played: Cast, leader: Client, when: str) -> None:
    issued, starts, ends = YEARS[when]
    with played.runtime.sessions.writing() as db:
        plan = db.get_one(Plan, played.plan)
        plan.issued_on, plan.starts_on, plan.ends_on = issued, starts, ends
        db.commit()
    add_indicator(played, "97", base_year=starts.year, target_year=ends.year)
    for period in ("", *PERIODS, str(starts.year), str(ends.year)):
        for path in (
            "/scorecard",
            "/scorecard/meeting",
            f"/scorecard/boxes/{played.action}",
            f"/scorecard/tasks/{played.standard}",
        ):
            assert leader.get(f"{path}?period={period}").status_code == 200
    text = text_of(leader.get("/scorecard"))
    assert "period: Whole plan" in text
    if starts > TODAY:
        assert "The period has not begun." in text
        assert "no pace can be told" in text


def test_with_everything_cancelled_the_page_says_that_nothing_counts(
    played: Cast, leader: Client
) -> None:
    with played.runtime.sessions.writing() as db:
        db.execute(update(Assignment).values(state=State.CANCELLED, cancelled_on=TODAY))
        db.commit()
    text = text_of(leader.get("/scorecard"))
    assert "Nothing counts in this period yet." in text
    assert "0 points" not in text
    for path in (f"/scorecard/boxes/{played.action}", f"/scorecard/tasks/{played.standard}"):
        assert "ounts in this period" in text_of(leader.get(path))


def test_trends_of_all_units_are_read_at_once_and_end_with_the_live_score(played: Cast) -> None:
    with played.runtime.sessions.writing() as db:
        rollups.store_missing(db, played.clock())
        db.commit()
    found = look(played, Period())
    for each in found.scores.units:
        trail = found.trails[each.unit.id]
        assert trail.totals[-1] == each.figures.to_date.total
        assert len(trail.totals) == 13
    edu = found.trails[played.units[EDU]]
    with played.reading() as db:
        plan = db.get_one(Plan, played.plan)
        stored = rollups.trend(db, plan, "unit", played.units[EDU], Period(), TODAY)
    by_day = {point.on: point.total for point in stored}
    assert edu.totals[0] == by_day[edu.since]


def test_a_long_ranking_shows_its_beginning_and_folds_the_rest(
    played: Cast, leader: Client
) -> None:
    add_units(played, 15)
    text = text_of(leader.get("/scorecard"))
    assert "The other" in text
    assert "又一单位14" in text


@pytest.mark.parametrize(
    "path",
    [
        "/scorecard?period=2024",
        "/scorecard/meeting?view=heat",
        "/scorecard/boxes/{action}?period=2024",
        "/scorecard/tasks/{standard}?period=2024",
    ],
)
def test_three_times_the_rows_and_units_ask_no_query_more(
    played: Cast, leader: Client, count_queries: Queries, path: str
) -> None:
    address = path.format(action=played.action, standard=played.standard)
    add_units(played, 3)
    leader.get(address)
    with count_queries() as few:
        leader.get(address)
    add_units(played, 9, rows=3, name="再一单位")
    with count_queries() as many:
        assert "再一单位8" in text_of(leader.get(address)) or "meeting" in path
    assert len(many) == len(few)


VIEWS = ("overall", "units", "heat", "targets", "indicators", "overdue", "missed")


def test_the_meeting_room_leads_through_all_views_and_round(played: Cast, leader: Client) -> None:
    seen, address = [], "/scorecard/meeting?period=2024"
    for _ in VIEWS:
        page = leader.get(address)
        seen.append(re.findall(r'meeting-view meeting-(\w+)"', page.text)[0])
        assert 'rel="prev"' in page.text
        address = unescape(re.findall(r'rel="next" href="([^"]+)"', page.text)[0])
    assert tuple(seen) == VIEWS
    assert "view=overall" in address


def test_many_units_and_targets_take_more_views(played: Cast, leader: Client) -> None:
    add_units(played, 20)
    keys, address = [], "/scorecard/meeting"
    while not keys or keys[0] not in keys[1:]:
        page = leader.get(address)
        address = unescape(re.findall(r'rel="next" href="([^"]+)"', page.text)[0])
        keys.append(re.findall(r"view=([\w-]+)", address)[0])
    found = set(keys)
    assert {key for key in found if key.startswith("units")} == {
        "units",
        "units-2",
        "units-3",
        "units-4",
    }, "one group, the first and the last of a long one, the lead"
    assert {key for key in found if key.startswith("heat")} == {"heat"}, "those farthest behind"


@pytest.mark.parametrize("query", ["view=nowhere", "view=", "every=1", "every=x", "heat=x"])
def test_nonsense_in_the_meeting_room_is_its_beginning(leader: Client, query: str) -> None:
    page = leader.get(f"/scorecard/meeting?{query}")
    assert page.status_code == 200
    assert "meeting-overall" in page.text
    assert 'data-every="20"' in page.text


def test_the_room_is_for_those_who_see_the_county(played: Cast, client_of: LogIn) -> None:
    assert client_of("edu").get("/scorecard/meeting").status_code == 404
    assert "/scorecard/meeting" not in "".join(links_of(client_of("edu").get("/scorecard")))


@pytest.mark.parametrize("period", PERIODS)
def test_a_box_has_the_figures_that_the_plan_has_for_it(played: Cast, period: str) -> None:
    with played.reading() as db:
        scores = current_scores(db, played.clock(), Period.parse(period))
        part = box_scores(db, played.clock(), Period.parse(period), played.action)
    assert part is not None
    whole = next(each for each in scores.boxes if each.box.id == played.action)
    assert part.figures.to_date.total == whole.figures.to_date.total
    assert (part.figures.verified, part.figures.counts) == (
        whole.figures.verified,
        whole.figures.counts,
    )
    for each in part.units:
        cell = scores.cells[each.unit.id, played.action]
        assert (each.figures.to_date.total, each.figures.verified) == (
            cell.to_date.total,
            cell.verified,
        )
    tasks = [each.figures.counts.counting for each in part.tasks if each.figures]
    assert sum(tasks) == part.figures.counts.counting


def test_the_tasks_of_a_box_make_up_the_box(played: Cast) -> None:
    with played.reading() as db:
        part = box_scores(db, played.clock(), Period(2024), played.action)
        assert part is not None
        for each in part.tasks:
            task = load_task(db, played.actor("leader"), each.id)
            everything = visible_assignments(played.actor("leader"))
            own = task_scores(db, played.clock(), Period(2024), task, everything)
            assert own is not None
            if each.figures:
                assert own.figures.to_date.total == each.figures.to_date.total
                assert own.figures.counts == each.figures.counts


def test_a_box_ranks_its_units_by_score_and_leads_to_its_tasks(
    played: Cast, leader: Client
) -> None:
    page = leader.get(f"/scorecard/boxes/{played.action}?period=2024")
    assert f"/scorecard/tasks/{played.standard}?period=2024" in links_of(page)
    with played.reading() as db:
        part = box_scores(db, played.clock(), Period(2024), played.action)
    assert part is not None
    places = [each.place for each in part.units]
    assert places == sorted(places, key=lambda place: place or 99)


def test_a_task_shows_each_assignment_with_its_credit(played: Cast, leader: Client) -> None:
    page = leader.get(f"/scorecard/tasks/{played.chargers}?period=plan")
    text = text_of(page)
    assert f"/assignments/{played.charger_row}" in links_of(page)
    assert f"/assignments/{played.charger_node}" in links_of(page)
    assert "1 / 3 个" in text
    assert "Node 2024" in text
    assert f"/scorecard/tasks/{played.chargers}" in links_of(
        leader.get(f"/tasks/{played.chargers}")
    )


def test_a_liaison_sees_of_a_task_what_the_own_unit_owes(cast: Cast, client_of: LogIn) -> None:
    stage = set_stage(cast)
    page = client_of("edu").get(f"/scorecard/tasks/{cast.standard}?period=plan")
    assert "your units alone" in text_of(page)
    assert HEALTH not in text_of(page)
    assert f"/assignments/{stage.ids['foreign']}" not in links_of(page)
    assert HEALTH in text_of(
        client_of("leader").get(f"/scorecard/tasks/{cast.standard}?period=plan")
    )


def test_an_indicator_opens_its_page_where_there_is_one(
    app: Flask, played: Cast, leader: Client
) -> None:
    number = add_indicator(played, "97")
    links = links_of(leader.get("/scorecard"))
    wanted = (
        f"/indicators/{number}" if "indicators.show" in app.view_functions else "/plan#indicators"
    )
    assert wanted in links


def test_the_list_counts_what_the_summary_counts(played: Cast) -> None:
    found = look(played)
    with played.reading() as db:
        wanted = [TaskFilter(counted=Period(2024)), TaskFilter(counted=Period(2024), overdue=True)]
        counts = task_list.count_all(db, played.actor("leader"), played.clock(), wanted)
    figures = found.scores.overall.counts
    assert counts == [figures.counting, figures.overdue]
