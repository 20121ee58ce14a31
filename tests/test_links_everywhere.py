"""No page links to what its reader may not open: everybody follows every link there is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.test import TestResponse

from planner.domain.words import ReturnKind
from planner.models import Assignment
from planner.services import breakdown, handing_in, reviewing, steering
from planner.services.breakdown import NodeForm
from planner.services.handing_in import SubmissionForm
from planner.services.reviewing import ReturnForm
from planner.services.steering import ReassignForm
from planner.services.tasks import RowForm, add_rows
from tests.support import matrix
from tests.support.cast import EDU, HEALTH, Cast
from tests.support.history import PROOF
from tests.support.pages import Client, LogIn, links_of
from tests.support.stage import Stage, set_stage

FIRST = ("/", "/plan", "/tasks", "/scorecard", "/review", "/inbox")

MOST = 400
"""Pages that one person walks through; the stage has fewer."""


@pytest.fixture
def stage(cast: Cast) -> Stage:
    """Something in every state, and what leads elsewhere: handed over, and nodes without row."""
    made = set_stage(cast)
    made.ids["handed_over"] = hand_over(cast, made.ids["issued"])
    made.ids.update(issue_node_of_draft(cast))
    returned = ReturnForm(ReturnKind.AMEND, "缺少盖章页。")
    cast.do(reviewing.return_, "coordinator", made.ids["submitted"], returned)
    return made


def hand_over(cast: Cast, assignment_id: int) -> int:
    """What 县教委 had is 县卫生健康委's now."""
    form = ReassignForm(cast.units[HEALTH], "职能划转。", date(2024, 12, 20))
    made = cast.do(steering.reassign, "coordinator", assignment_id, form)
    assert isinstance(made, Assignment)
    return made.id


def issue_node_of_draft(cast: Cast) -> dict[str, int]:
    """A row that stays a draft, and its node, which 县教委 owes already."""
    wanted = RowForm("完成五年任务。", [cast.units[EDU]], date(2025, 12, 20))
    (row,) = cast.do(add_rows, "coordinator", cast.standard, wanted)
    form = NodeForm(2024, "完成当年任务。", date(2024, 12, 10))
    node = cast.do(breakdown.break_down, "coordinator", row.id, form)
    cast.do(breakdown.issue, "coordinator", node.id)
    return {"draft_row": row.id, "orphan": node.id}


def walk(client: Client) -> Iterator[str]:
    """Every dead link that this person comes across, from the first page on; each opened once."""
    ways = deque(("nowhere", path) for path in FIRST)
    seen: set[str] = set()
    while ways and len(seen) < MOST:
        origin, path = ways.popleft()
        if path in seen or not _is_new_kind(path, seen):
            continue
        seen.add(path)
        answer = client.get(path, buffered=True)
        if answer.status_code not in (200, 302, 303) and origin != "nowhere":
            yield f"{origin} leads to {path}: {answer.status_code}"
        if answer.mimetype == "text/html" and answer.status_code == 200:
            ways.extend((path, target) for target in _targets(path, answer))


def _targets(path: str, answer: TestResponse) -> Iterator[str]:
    """Where a page's links lead within the site."""
    for link in links_of(answer):
        way = urlsplit(urljoin(path, link))
        if not way.scheme and link.startswith(("/", "?")):
            yield f"{way.path}?{way.query}" if way.query else way.path


def _is_new_kind(target: str, seen: set[str]) -> bool:
    """Sorted and filtered lists hold the same things: one query of each path is enough."""
    path, _, query = target.partition("?")
    return not query or not any(each.partition("?")[0] == path and "?" in each for each in seen)


@pytest.mark.parametrize("role", matrix.PEOPLE)
def test_no_page_links_to_what_its_reader_may_not_open(
    stage: Stage, client_of: LogIn, role: str
) -> None:
    assert sorted(walk(client_of(matrix.PEOPLE[role]))) == []


def test_the_new_unit_is_told_whose_it_was_without_a_link(stage: Stage, client_of: LogIn) -> None:
    answer = client_of("health").get(stage.at("/assignments/{handed_over}"))
    assert stage.at("/assignments/{issued}") not in links_of(answer)
    assert "Taken over from" in answer.text
    there = client_of("coordinator").get(stage.at("/assignments/{handed_over}"))
    assert stage.at("/assignments/{issued}") in links_of(there)


def test_a_node_leads_to_its_row_where_the_reader_may_open_it(
    stage: Stage, client_of: LogIn
) -> None:
    node, row = stage.at("/assignments/{orphan}"), stage.at("/assignments/{draft_row}")
    assert row not in links_of(client_of("edu").get(node))
    assert row in links_of(client_of("coordinator").get(node))


def test_reports_and_completions_lead_back(cast: Cast, stage: Stage, client_of: LogIn) -> None:
    """What was handed in after a return is offered for review again."""
    done = SubmissionForm("补齐了", evidence=PROOF)
    cast.do(handing_in.submit, "edu", stage.ids["submitted"], done)
    assert stage.at("/review/{submitted}") in links_of(client_of("coordinator").get("/review"))
