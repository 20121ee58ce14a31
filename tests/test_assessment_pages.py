"""The pages of an assessment, each step by posting its form as the role that does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from planner.domain.scores.frozen import read_terms, read_unit
from planner.models import Appeal, Assessment, Remark, SelfAssessment, Snapshot, Unit
from planner.runtime import Runtime
from planner.services import snapshots
from tests.support.assessing import (
    APPROVED,
    CHECKED,
    CLOSED,
    NUMBER,
    OPENED,
    PUBLICISED,
    final,
    move_to,
    publicised,
)
from tests.support.cast import EDU, HEALTH, LEAD, Cast
from tests.support.history import play
from tests.support.pages import Client, LogIn, Reader, links_of, text_of

OPENING = {
    "name": "2024年度考核",
    "period": "2024",
    "cut_off": "2024-12-31",
    "self_due_on": "2025-01-13",
    "converted_to": "5",
}


@pytest.fixture
def played(cast: Cast, runtime: Runtime) -> Cast:
    """The cast after its year, on the day that the assessment is opened."""
    play(cast)
    move_to(runtime, OPENED)
    return cast


def open_one(client: Client) -> str:
    """The address of the assessment that the coordinator opens."""
    answer = client.send("/assessments", **OPENING)
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def claims(cast: Cast) -> dict[str, str]:
    """What 县教委 says of its lines: one claimed beyond what was verified."""
    row, node = f"assignment:{cast.edu_row}", f"assignment:{cast.charger_node}"
    return {f"percent-{row}": "100", f"percent-{node}": "90", "words": "均已完成。"}


def test_the_whole_way_is_gone_by_posting_the_forms(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    coordinator, edu = client_of("coordinator"), client_of("edu")
    page = open_one(coordinator)
    word = {f"word-assignment:{played.edu_row}": "验收单已补。"}
    node = {f"word-assignment:{played.charger_node}": "按实际。"}
    sent = edu.send(f"{page}/self", **claims(played), **word, **node)
    assert sent.status_code == 303, text_of(sent)
    move_to(runtime, CLOSED)
    unit = f"{page}/units/{played.units[EDU]}"
    assert coordinator.send(page, action="/close").status_code == 303
    subject = f"assignment:{played.edu_row}"
    noted = coordinator.send(unit, action="/remarks", subject=subject, text="不予采信。")
    assert noted.status_code == 303
    assert "不予采信。" in text_of(edu.get(unit))
    move_to(runtime, CHECKED)
    assert coordinator.send(page, action="/check").status_code == 303
    move_to(runtime, PUBLICISED)
    assert coordinator.send(page, action="/publicise").status_code == 303
    assert edu.send(page, action="/appeals", text="请复核。", subject=subject).status_code == 303
    decided = {"outcome": "granted", "points": "0.5", "reason": "确有客观原因。"}
    assert coordinator.send(page, action="/decide", **decided).status_code == 303
    move_to(runtime, APPROVED)
    approved = client_of("leader").send(page, action="/approve", document_number=NUMBER)
    assert approved.status_code == 303
    assert coordinator.send(page, action="/finalise").status_code == 303
    text = text_of(edu.get(page))
    assert NUMBER in text
    assert "Final" in text
    with played.reading() as db:
        assert [each.revision for each in db.scalars(select(Snapshot))] == [1, 2]
        assert not list(snapshots.verify(db))


def test_bad_input_of_a_self_assessment_keeps_what_was_typed_and_sends_nothing(
    played: Cast, client_of: LogIn
) -> None:
    page = open_one(client_of("coordinator"))
    edu, row = client_of("edu"), f"assignment:{played.edu_row}"
    bad: tuple[tuple[dict[str, str], str], ...] = (
        ({f"percent-{row}": "120"}, "120"),
        ({f"percent-{row}": "viel"}, "viel"),
        ({f"percent-{row}": ""}, "90"),
        ({}, "90"),
    )
    for typed, kept in bad:
        answer = edu.send(f"{page}/self", **{**claims(played), **typed})
        assert answer.status_code == 422, typed
        assert f'value="{kept}"' in answer.text
        assert "均已完成。" in answer.text
    with played.reading() as db:
        assert not db.scalars(select(SelfAssessment)).all()


def count(cast: Cast, kind: type[Appeal] | type[Remark] | type[Snapshot]) -> int:
    with cast.reading() as db:
        return db.scalar(select(func.count(kind.id))) or 0


def test_a_remark_without_words_stays_open_at_its_line(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    coordinator = client_of("coordinator")
    page = open_one(coordinator)
    move_to(runtime, CLOSED)
    coordinator.send(page, action="/close")
    unit = f"{page}/units/{played.units[EDU]}"
    answer = coordinator.send(unit, action="/remarks", text=" ")
    assert answer.status_code == 422
    assert "Please fill in this field." in text_of(answer)
    assert '<details class="verb-form mb-0" open>' in answer.text
    assert count(played, Remark) == 0


def test_what_cannot_be_yet_is_said_and_nothing_happens(played: Cast, client_of: LogIn) -> None:
    coordinator = client_of("coordinator")
    page = open_one(coordinator)
    early = coordinator.send(page, action="/close")
    assert early.status_code == 422
    assert "still missing" in text_of(early)
    assert coordinator.send("/assessments", **OPENING).status_code == 422
    again = coordinator.send("/assessments", **{**OPENING, "name": "二", "cut_off": "2026-01-01"})
    assert again.status_code == 422
    assert "The cut-off lies between" in text_of(again)
    assert 'value="二"' in again.text


def stale(client: Client, page: str, action: str, act: Callable[[], object], **typed: str) -> str:
    """What a form is answered that was made before somebody else acted."""
    form = next(each for each in Reader(client.get(page).text).forms if action in each.action)
    act()
    answer = client.post(form.action, data={**form.values, **typed})
    assert answer.status_code == 409
    return answer.text


def test_of_two_coordinators_at_once_the_later_is_told_and_publicised_is_once(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    first, second = client_of("coordinator"), client_of("coordinator2")
    page = open_one(first)
    move_to(runtime, CLOSED)
    stale(second, page, "/close", lambda: first.send(page, action="/close"))
    move_to(runtime, PUBLICISED)
    first.send(page, action="/check")
    stale(second, page, "/publicise", lambda: first.send(page, action="/publicise"))
    assert count(played, Snapshot) == 1


def test_a_decision_on_what_was_decided_meanwhile_keeps_its_words(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    page = f"/assessments/{publicised(played)}"
    move_to(runtime, PUBLICISED)
    client_of("edu").send(page, action="/appeals", text="请复核。")
    first, second = client_of("coordinator"), client_of("coordinator2")
    typed = {"outcome": "refused", "reason": "长长的一段理由。"}
    text = stale(
        second, page, "/decide", lambda: first.send(page, action="/decide", **typed), **typed
    )
    assert "长长的一段理由。" in text


def test_bad_input_of_appeals_approval_and_decisions_keeps_the_words(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    page = f"/assessments/{publicised(played)}"
    move_to(runtime, PUBLICISED)
    edu = client_of("edu")
    assert edu.send(page, action="/appeals", text=" ").status_code == 422
    assert (
        edu.send(page, action="/appeals", text="请复核。", subject="assignment:9999").status_code
        == 422
    )
    assert count(played, Appeal) == 0
    edu.send(page, action="/appeals", text="请复核。")
    typed = {"outcome": "granted", "reason": "确有客观原因。"}
    for points, said in (("500", "between"), ("", "This would change nothing")):
        answer = client_of("coordinator").send(page, action="/decide", points=points, **typed)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert "确有客观原因。" in answer.text
    early = client_of("supervisor").send(page, action="/approve", document_number=NUMBER)
    assert early.status_code == 422
    assert f'value="{NUMBER}"' in early.text
    with played.reading() as db:
        assert db.scalars(select(Assessment.stage)).one() == "publicised"


def test_before_publicising_a_unit_sees_its_own_part_alone(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    page = open_one(client_of("coordinator"))
    text = text_of(client_of("edu").get(page))
    assert EDU in text
    assert LEAD not in text
    edu = client_of("edu")
    assert edu.get(f"{page}/units/{played.units[LEAD]}").status_code == 404
    outsider = text_of(client_of("health").get(page))
    assert EDU not in outsider
    assert "Nothing of your unit counts in this period." in outsider


def test_publicised_a_unit_sees_all_totals_but_only_its_own_lines(
    played: Cast, client_of: LogIn
) -> None:
    page = f"/assessments/{publicised(played)}"
    edu = client_of("edu")
    answer = edu.get(page)
    text, links = text_of(answer), links_of(answer)
    for name, total in ((EDU, "94.00"), (LEAD, "0.00")):
        assert re.search(rf"{name}.*?{total}", text)
    assert any(f"{page}/units/{played.units[EDU]}" in link for link in links)
    assert not any(f"{page}/units/{played.units[LEAD]}" in link for link in links)
    for rest in ("", "/sheet.pdf"):
        assert edu.get(f"{page}/units/{played.units[LEAD]}{rest}").status_code == 404
    assert edu.get(f"/assessments/units/{played.units[LEAD]}/compare").status_code == 404


def test_who_appealed_and_why_is_for_the_county_and_the_unit_alone(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    page = f"/assessments/{publicised(played)}"
    move_to(runtime, PUBLICISED)
    client_of("edu").send(page, action="/appeals", text="内部情况说明。")
    assert "内部情况说明。" in text_of(client_of("leader").get(page))
    assert "内部情况说明。" not in text_of(client_of("health").get(page))


def test_two_results_are_compared_line_by_line(
    played: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    page = f"/assessments/{publicised(played)}"
    compare = f"/assessments/units/{played.units[EDU]}/compare"
    edu = client_of("edu")
    assert "There is one result of this unit so far." in text_of(edu.get(compare))
    move_to(runtime, PUBLICISED)
    edu.send(page, action="/appeals", text="请复核。")
    decided = {"outcome": "granted", "points": "0.5", "reason": "确有客观原因。"}
    client_of("coordinator").send(page, action="/decide", **decided)
    with played.runtime.sessions.writing() as db:
        db.get_one(Unit, played.units[EDU]).name = "县教育体育局"
        db.commit()
    text = text_of(edu.get(compare))
    assert "+0.500000" in text
    assert "94.50" in text
    assert "same" in text
    assert EDU in text
    assert "县教育体育局" not in text
    assert edu.get(f"{compare}?a=9999").status_code == 404
    same = re.findall(r'<option value="(\d+)"', edu.get(compare).text)[0]
    assert "Both are the same result" in text_of(edu.get(f"{compare}?a={same}&b={same}"))


def test_a_unit_without_a_ranking_group_is_frozen_exported_and_verified(
    played: Cast, client_of: LogIn
) -> None:
    """Its group is kept as nothing, and read back as nothing."""
    with played.runtime.sessions.writing() as db:
        db.get_one(Unit, played.units[EDU]).ranking_group = None
        db.commit()
    page = f"/assessments/{publicised(played)}"
    with played.reading() as db:
        assert not list(snapshots.verify(db))
    leader = client_of("leader")
    assert "belongs to no ranking group" in leader.get(f"{page}/result.csv").text
    for name in ("score-table.xlsx", "sheets.pdf", "circular"):
        assert leader.get(f"{page}/{name}").status_code == 200


def test_where_nothing_was_due_there_is_nothing_to_assess(played: Cast, client_of: LogIn) -> None:
    typed = {**OPENING, "cut_off": "2024-01-31"}
    answer = client_of("coordinator").send("/assessments", **typed)
    page = client_of("edu").get(f"{answer.location}/self")
    assert page.status_code == 200
    assert "there is nothing to assess" in text_of(page)


def test_three_times_the_units_ask_no_query_more(
    played: Cast,
    client_of: LogIn,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    few_page = f"/assessments/{final(played)}"
    leader = client_of("leader")
    names = ("", "/score-table.xlsx", "/sheets.pdf", "/circular", "/result.csv")

    def ask(page: str) -> int:
        for each in names:
            assert leader.get(page + each).status_code == 200
        with count_queries() as asked:
            for each in names:
                leader.get(page + each)
        return len(asked)

    few = ask(few_page)
    many = ask(f"/assessments/{_copied(played, few_page, 6)}")
    assert many == few


def _copied(cast: Cast, page: str, more: int) -> int:
    """Another assessment with the results of more units of the same facts."""
    with cast.runtime.sessions.writing() as db:
        first = db.get_one(Assessment, int(page.rpartition("/")[2]))
        units = [read_unit(row.inputs) for row in first.snapshots[0].units]
        added = [Unit(key=f"more-{n}", name=f"又一单位{n}") for n in range(more)]
        db.add_all(added)
        made = Assessment(
            plan_id=first.plan_id,
            name="又一次考核",
            period="2024",
            cut_off=date(2024, 12, 31),
            converted_to=first.converted_to,
            stage="publicised",
            opened_on=OPENED,
            self_due_on=CLOSED,
        )
        db.add(made)
        db.flush()
        copies = [replace(units[0], id=each.id, key=each.key, name=each.name) for each in added]
        terms = read_terms(first.snapshots[0].terms)
        actor, clock = cast.actor("coordinator"), cast.clock(PUBLICISED)
        snapshots.freeze(db, actor, clock, made, terms, [*units, *copies])
        db.commit()
        return made.id


def test_health_is_not_assessed_where_nothing_of_it_counts(played: Cast, client_of: LogIn) -> None:
    page = f"/assessments/{publicised(played)}"
    answer = client_of("health").get(f"{page}/units/{played.units[HEALTH]}/sheet.pdf")
    assert answer.status_code == 404
