"""Each number of the weekly digest is the length of the list that its path opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest

from planner.domain.words import Cause
from planner.services import coordination, handing_in, requests_asking, urging
from planner.services.handing_in import SubmissionForm
from planner.services.request_forms import ExtensionForm
from planner.services.tasks import RowForm, add_rows
from planner.services.weekly import Section, weekly_digest
from tests.support.cast import EDU, HEALTH, TODAY, Cast
from tests.support.pages import Client, LogIn, text_of
from tests.support.verbs import accept, start, submit

LONG_AGO, DUE, SINCE = date(2024, 8, 1), date(2024, 9, 2), date(2024, 10, 7)


def owed(cast: Cast, due_on: date, unit: str = EDU, liaison: str = "edu") -> int:
    """Issued long ago and signed for."""
    form = RowForm("完成节约型机关验收。", [cast.units[unit]], due_on)
    (row,) = cast.do_on(LONG_AGO, add_rows, "coordinator", cast.standard, form)
    return start(cast, row.id, liaison, LONG_AGO)


def matter(cast: Cast, row: int, day: date) -> int:
    form = SubmissionForm("正在推进。", percent=10, coordination="请协调场地。")
    return cast.do_on(day, handing_in.report, "edu", row, form).id


@pytest.fixture
def told(cast: Cast) -> dict[str, Section]:
    """A week with something of everything: what the leader is told, by its msgid."""
    late, other = owed(cast, DUE), owed(cast, DUE)
    owed(cast, DUE, HEALTH, "health")
    owed(cast, date(2024, 10, 14))
    cast.do_on(LONG_AGO, urging.urge, "coordinator", late, "请报送。", date(2024, 8, 5))
    asked = ExtensionForm("材料未到。", Cause.FORCE_MAJEURE, date(2024, 12, 1))
    cast.do_on(DUE, requests_asking.ask_extension, "edu", other, asked)
    submit(cast, owed(cast, date(2024, 12, 1)), day=date(2024, 9, 20))
    for day in (LONG_AGO, SINCE):
        done = owed(cast, date(2024, 12, 1))
        submit(cast, done, day=day)
        accept(cast, done, day=day)
    for day in (date(2024, 10, 6), SINCE, TODAY):
        last = matter(cast, late, day)
    cast.do(coordination.settle, "coordinator", last, "已协调。")
    with cast.reading() as db:
        digest = weekly_digest(db, cast.clock(), cast.users["leader"], ())
    return {each.said.msgid: each for each in digest.sections}


def counts(told: dict[str, Section]) -> Iterator[tuple[int, str]]:
    """Every number with a path, those of the units below a section as well."""
    for section in told.values():
        for said, path in ((section.said, section.path), *section.lines):
            if "count" in said.params:
                yield int(str(said.params["count"])), path


def length(reader: Client, path: str) -> int:
    page, _, query = path.partition("?")
    sheet = reader.get(f"{page}.csv?{query}").get_data(as_text=True)
    return len(list(csv.reader(io.StringIO(sheet)))) - 1


def test_each_number_is_the_length_of_its_list(told: dict[str, Section], client_of: LogIn) -> None:
    leader = client_of("leader")
    found = list(counts(told))
    assert len(found) == 8, "six matters, one of them by two units"
    for number, path in found:
        assert length(leader, path) == number, path
        assert f"of {number}" in text_of(leader.get(path)), path


def test_what_needs_coordination_leads_to_the_matters_of_those_days(
    told: dict[str, Section], client_of: LogIn
) -> None:
    """Those settled meanwhile are counted and listed; the export follows the filter."""
    section = told["Needs coordination since %(day)s: %(count)s."]
    assert section.said.params == {"day": SINCE, "count": 2}
    assert section.path == "/coordination?show=all&since=2024-10-07"
    leader = client_of("leader")
    assert length(leader, "/coordination?show=all") == 3
    page = leader.get(section.path)
    assert 'name="since" value="2024-10-07"' in page.text
    assert "/coordination.csv?show=all&amp;since=2024-10-07" in page.text
    assert length(leader, "/coordination?show=all&since=nonsense") == 3
