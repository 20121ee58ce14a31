"""The papers of a frozen result: from what is kept alone, whatever becomes of the live rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import docx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from planner.documents.circular import Circular, body
from planner.documents.circular_words import proposed_result_words
from planner.domain.reporting import ReportFacts
from planner.domain.scores.acts import Finding
from planner.domain.scores.frozen import FrozenTerms, read_line
from planner.domain.scores.indicators import Indicator, Reading
from planner.domain.scores.losses import Cause
from planner.domain.scores.period import AsOf, Period
from planner.domain.scores.points import FoundUntrue, OwedReport
from planner.domain.scores.units import Correction, Terms, UnitFacts
from planner.domain.words import Comparator, Method
from planner.models import Assessment, Assignment, JournalEntry, Plan, Snapshot, Unit
from planner.runtime import Runtime
from planner.services import plans, snapshots
from planner.services.assessment_export import Reported, reported
from planner.services.frozen_papers import frozen_table, result_figures
from tests.support import history, pdfs, spreadsheets
from tests.support.assessing import APPROVED, NUMBER, OPENED, PUBLICISED, final, move_to, publicised
from tests.support.cast import EDU, LEAD, Cast
from tests.support.pages import Client, Form, LogIn, Reader, links_of, text_of
from tests.support.scoring import CALENDAR, RULES, item, portion

HEAD = 2


def name_plan(db: Session, cast: Cast) -> None:
    db.get_one(Plan, cast.plan).name = "改名规划"


def name_unit(db: Session, cast: Cast) -> None:
    db.get_one(Unit, cast.units[EDU]).name = "改名教委"


def name_lead(db: Session, cast: Cast) -> None:
    db.get_one(Unit, cast.units[LEAD]).name = "改名中心"


def change_rules(db: Session, cast: Cast) -> None:
    plan = db.get_one(Plan, cast.plan)
    data = plans.scoring_rules(db, plan).to_data()
    assert isinstance(data, dict)
    grades = [{**each, "name": "改名等次"} for each in data["grades"]]  # type: ignore[union-attr, dict-item]
    changed = {**data, "version": 2, "grades": grades}
    plans.store_rules(db, cast.clock(OPENED), plan, plans.SCORING, changed)


def reword(db: Session, cast: Cast) -> None:
    db.get_one(Assignment, cast.edu_row).text = "改名事项。"


@pytest.fixture
def papers(cast: Cast, client_of: LogIn) -> Callable[[str], str]:
    """`papers(page)`: all that the papers of a result say, as the leader gets them."""
    client = client_of("leader")

    def said(page: str) -> str:
        book = spreadsheets.read(client.get(f"{page}/score-table.xlsx").data)
        cells = [value for each in book.sheets.values() for value in each.values.values()]
        return "\n".join(
            [
                *pdfs.texts(client.get(f"{page}/sheets.pdf").data),
                *(str(cell) for cell in cells),
                *pdfs.texts(made(client, page, "pdf").data),
                *words_of(made(client, page, "docx").data),
                client.get(f"{page}/result.csv").text,
            ]
        )

    return said


def words_of(content: bytes) -> list[str]:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(each.text for each in document.paragraphs), *cells]


def circular_form(client: Client, page: str) -> Form:
    forms = Reader(client.get(f"{page}/circular").text).forms
    return next(form for form in forms if "introduction" in form.names)


def made(client: Client, page: str, ending: str, **typed: str) -> TestResponse:
    form = circular_form(client, page)
    return client.post(f"{page}/circular.{ending}", data={**form.values, **typed})


@pytest.mark.parametrize("touch", [name_plan, name_unit, name_lead, change_rules, reword])
def test_nothing_that_is_renamed_or_ruled_later_appears_in_any_paper(
    cast: Cast, papers: Callable[[str], str], touch: Callable[[Session, Cast], None]
) -> None:
    history.play(cast)
    page = f"/assessments/{final(cast)}"
    before = papers(page)
    with cast.runtime.sessions.writing() as db:
        touch(db, cast)
        db.commit()
    after = papers(page)
    assert "改名" not in after
    assert after == before


def test_every_paper_says_which_result_it_is_and_what_proves_it(
    cast: Cast, client_of: LogIn
) -> None:
    history.play(cast)
    page = f"/assessments/{final(cast)}"
    with cast.reading() as db:
        digest = db.scalars(select(Snapshot.digest)).one()
    client = client_of("leader")
    sheets = "".join(pdfs.texts(client.get(f"{page}/sheets.pdf").data))
    book = spreadsheets.read(client.get(f"{page}/score-table.xlsx").data)
    cells = {str(each) for sheet in book.sheets.values() for each in sheet.values.values()}
    circular = "".join(words_of(made(client, page, "docx").data))
    for text in (sheets, " ".join(cells), circular):
        assert "2024年度考核" in text
        assert NUMBER in text
        assert "第1版" in text
        assert digest[:8] in text
        assert digest[-8:] in text
    assert digest in sheets
    assert digest in cells
    assert "2024.12.31" in sheets
    assert "固化于2025.1.16" in sheets


def test_the_sheet_shows_what_the_unit_said_and_what_the_check_noted(
    cast: Cast, client_of: LogIn
) -> None:
    history.play(cast)
    page = f"/assessments/{publicised(cast)}"
    edu = client_of("edu")
    link = next(each for each in links_of(edu.get(page)) if "sheet.pdf" in each)
    text = "".join(pdfs.texts(edu.get(link).data))
    assert "验收单与现场一致。" in text
    assert "未审定" in text


def test_an_earlier_revision_has_its_own_papers_and_its_circular_says_that_it_does_not_count(
    cast: Cast, runtime: Runtime, client_of: LogIn
) -> None:
    history.play(cast)
    page = f"/assessments/{publicised(cast)}"
    move_to(runtime, PUBLICISED)
    client_of("edu").send(page, action="/appeals", text="请复核。")
    decided = {"outcome": "granted", "points": "0.5", "reason": "确有客观原因。"}
    client_of("coordinator").send(page, action="/decide", **decided)
    client = client_of("leader")
    for revision, total in ((1, "94.00"), (2, "94.50")):
        answer = client.get(f"{page}/sheets.pdf?revision={revision}")
        assert total in "".join(pdfs.texts(answer.data))
    assert "A later revision is in force" in text_of(client.get(f"{page}/circular?revision=1"))
    assert "A later revision is in force" not in text_of(client.get(f"{page}/circular"))
    assert "收到申诉1件，经复核采纳1件" in text_of(client.get(f"{page}/circular"))
    assert "未收到申诉" in text_of(client.get(f"{page}/circular?revision=1"))
    assert client.get(f"{page}/sheets.pdf?revision=3").status_code == 404


@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_each_circular_of_a_result_is_noted_with_its_hash(
    cast: Cast, client_of: LogIn, ending: str
) -> None:
    history.play(cast)
    assessment_id = final(cast)
    answer = made(client_of("coordinator"), f"/assessments/{assessment_id}", ending)
    assert answer.status_code == 200
    with cast.reading() as db:
        entry = db.scalars(select(JournalEntry).where(JournalEntry.verb == "circular")).one()
    assert entry.subject == f"assessment:{assessment_id}"
    assert entry.data["sha256"] == hashlib.sha256(answer.data).hexdigest()
    assert (entry.data["revision"], entry.data["period"]) == (1, "2024")


def test_what_is_refused_of_its_words_keeps_what_was_typed_and_makes_nothing(
    cast: Cast, client_of: LogIn
) -> None:
    history.play(cast)
    page, client = f"/assessments/{final(cast)}", client_of("coordinator")
    answer = made(client, page, "pdf", title=" ", requirements="不可丢失。")
    assert answer.status_code == 422
    form = next(each for each in Reader(answer.text).forms if "introduction" in each.names)
    assert form.values["requirements"].strip() == "不可丢失。"
    with cast.reading() as db:
        assert not db.scalars(select(JournalEntry).where(JournalEntry.verb == "circular")).all()


def test_the_preview_and_the_files_say_the_same(cast: Cast, client_of: LogIn) -> None:
    history.play(cast)
    page, client = f"/assessments/{final(cast)}", client_of("leader")
    shown = re.sub(r"\s+", "", text_of(client.get(f"{page}/circular")))
    for text in words_of(made(client, page, "docx").data):
        assert re.sub(r"\s+", "", text) in shown, text


# What every kind of line comes to

DAY = date(2025, 1, 16)
UNTIL = date(2024, 12, 20)
ASKED = AsOf(Period(2024), DAY, UNTIL)
TERMS = FrozenTerms.of(ASKED, Terms(RULES, CALENDAR, 2022), "某规划", LEAD)


def water(value: str) -> Indicator:
    """Halfway: the base is 100, the path of 2024 at 92, the reading between."""
    return Indicator(
        id=71,
        what="人均用水量",
        section="专栏1",
        measure="吨/人·年",
        owner_id=1,
        base_year=2020,
        printed_base=Decimal(100),
        target_year=2025,
        target=Decimal(90),
        comparator=Comparator.AT_MOST,
        binding=True,
        weight=Decimal(1),
        readings=(Reading(1, 2024, Decimal(value), date(2025, 1, 10)),),
    )


def reports(due: date, handed_in: date | None) -> OwedReport:
    facts = ReportFacts(due, date(2024, 10, 31), handed_in)
    return OwedReport(1, 501, 1, "节能改造", "2024-Q3", facts)


def edu_facts(cast: Cast) -> UnitFacts:
    """Work of every fate, an indicator halfway, reports late and missing, untrue evidence."""
    late = date(2024, 7, 5)
    unit_id = cast.units[EDU]
    untrue = Finding(1, date(2024, 9, 2), 2024)
    return UnitFacts(
        id=unit_id,
        day=DAY,
        key="edu",
        name=EDU,
        group="departments",
        lead=False,
        items=(
            item(id=501, unit_id=unit_id, what="按期完成的工作。", portions=(portion(),)),
            item(id=502, unit_id=unit_id, what="逾期完成的工作。", portions=(portion(1, late),)),
            item(id=503, unit_id=unit_id, what="未完成的工作。", starred=True),
            item(
                id=504,
                unit_id=unit_id,
                what="完成一半的工作。",
                method=Method.PROPORTIONAL,
                amount=Decimal(2),
                measure="个",
                portions=(portion(1),),
            ),
            item(
                id=505,
                unit_id=unit_id,
                what="佐证不实的工作。",
                findings=(untrue,),
                portions=(portion(),),
            ),
            item(
                id=506,
                unit_id=unit_id,
                what="结转的工作。",
                original_due_on=date(2023, 6, 30),
                issued_on=date(2023, 1, 4),
            ),
        ),
        reports=(reports(date(2024, 9, 30), date(2024, 10, 9)), reports(date(2024, 9, 30), None)),
        findings=(FoundUntrue(505, "佐证不实的工作。", untrue),),
        indicators=(water("96"),),
        corrections=(Correction(1, Decimal("0.5"), "确有客观原因。"),),
    )


def unscored(cast: Cast, unit: str, lead: bool, group: str | None) -> UnitFacts:
    """What it owes is due after the cut-off."""
    later = item(unit_id=cast.units[unit], original_due_on=date(2024, 12, 31))
    return UnitFacts(cast.units[unit], DAY, unit, unit, group, lead, (later,))


@dataclass
class Kept:
    """A snapshot of facts that were made by hand."""

    cast: Cast
    assessment: int

    def look(self, at: Callable[[Session, Snapshot], Any]) -> Any:
        with self.cast.reading() as db:
            return at(db, db.get_one(Assessment, self.assessment).snapshots[0])

    @property
    def exported(self) -> dict[str, Reported]:
        """The performance office's rows, in English."""
        rows = self.look(lambda _, frozen: reported(frozen.assessment, frozen, str))
        return {row.result.unit_name: row for row in rows}


@pytest.fixture
def kept(cast: Cast) -> Kept:
    with cast.runtime.sessions.writing() as db:
        made = Assessment(
            plan_id=cast.plan,
            name="手工考核",
            period="2024",
            cut_off=UNTIL,
            converted_to=Decimal(5),
            stage="publicised",
            opened_on=OPENED,
            self_due_on=OPENED,
        )
        db.add(made)
        db.flush()
        units = [edu_facts(cast), unscored(cast, LEAD, True, None)]
        clock = cast.clock(APPROVED)
        snapshots.freeze(db, cast.actor("coordinator"), clock, made, TERMS, units)
        db.commit()
        return Kept(cast, made.id)


CHANGES = {
    "逾期完成的工作。": "working days late: 5",
    "未完成的工作。": "nothing verified; due on",
    "完成一半的工作。": "verified 1 of 2 个",
    "佐证不实的工作。": "evidence found untrue: it counts 0",
    "结转的工作。": "carried over: 100 % were left",
    "人均用水量": "2024",
    "节能改造": "Late report",
    "Correction after an appeal +0.5": "确有客观原因。",
}
"""Each kind of line that costs or gives points, and words of its reason."""


@pytest.mark.parametrize("what", CHANGES)
def test_each_kind_of_line_is_exported_with_its_reason(kept: Kept, what: str) -> None:
    changes = kept.exported[EDU].changes.split("；")
    found = [each for each in changes if what in each]
    assert found
    assert any(CHANGES[what] in each for each in found), found


def test_what_costs_nothing_is_not_exported(kept: Kept) -> None:
    changes = kept.exported[EDU].changes
    assert "按期完成的工作。" not in changes
    assert "Rounding" not in changes


def test_all_exported_points_and_100_come_to_the_total_before_rounding(kept: Kept) -> None:
    row = kept.exported[EDU]
    points = re.findall(r" ([+-]\d+(?:\.\d+)?)：", row.changes)
    total = Fraction(100) + sum(Fraction(each) for each in points)
    assert row.total is not None
    assert abs(total - Fraction(row.total)) < Fraction(1, 100)


def test_a_unit_without_score_or_rank_is_exported_with_its_reason(kept: Kept) -> None:
    row = kept.exported[LEAD]
    assert (row.total, row.grade, row.converted, row.changes) == (None, None, None, "")
    assert row.result.unranked_because is not None
    assert "nothing is due yet" in str(row.result.unranked_because)


def test_what_limits_the_grade_is_exported(kept: Kept) -> None:
    limits = kept.exported[EDU].limits
    assert "★" in limits
    assert "untrue" in limits


def test_causes_come_to_what_the_lines_lost(kept: Kept) -> None:
    figures = kept.look(lambda db, frozen: result_figures(db, frozen, str))
    lost = {each.cause: each for each in figures.losses}
    assert set(lost) == {
        Cause.UNVERIFIED,
        Cause.PARTLY,
        Cause.LATE,
        Cause.INDICATOR,
        Cause.REPORTS,
        Cause.UNTRUE,
    }
    (row,) = kept.look(lambda _, frozen: [each for each in frozen.units if each.unit_name == EDU])
    lines = [read_line(each) for each in row.lines]
    lost_by_line = (line.possible - line.earned for line in lines[:-1])
    wanted = sum((each for each in lost_by_line if each > 0), Decimal(0))
    assert abs(sum(each.points for each in figures.losses) - wanted) < Decimal("0.04")
    assert lost[Cause.UNTRUE].lines == 2
    assert lost[Cause.REPORTS].points == Decimal("0.60")


def test_the_circular_names_grades_reasons_and_who_stands_apart(kept: Kept) -> None:
    def text(db: Session, frozen: Snapshot) -> str:
        figures = result_figures(db, frozen, kept.cast.runtime.languages.get("zh").say)
        words = proposed_result_words(figures.basis, OPENED, OPENED)
        blocks = body(Circular(words, figures))
        return "\n".join(getattr(each, "lead", "") + getattr(each, "text", "") for each in blocks)

    said = kept.look(text)
    assert "优秀0个（占0%）" in said
    assert "不合格1个（占100%）" in said
    assert f"对考核等次为不合格的{EDU}" in said
    assert "本次考核没有优秀等次的单位。" in said
    assert "另有1个单位尚无到期事项，未评分。" in said
    assert f"（二）牵头单位（单列）。{LEAD}未评分，单列，不参加排名。" in said
    assert "佐证不实2项，涉及1个单位" in said


def test_a_kept_revision_is_verified_and_its_sheets_have_its_lines(kept: Kept) -> None:
    with kept.cast.reading() as db:
        assert not list(snapshots.verify(db))
    table = kept.look(lambda db, frozen: frozen_table(db, frozen, str))
    (row,) = kept.look(lambda _, frozen: [each for each in frozen.units if each.unit_name == EDU])
    (sheet,) = [each for each in table.units if each.unit == EDU]
    assert [(each.possible, each.earned) for each in sheet.lines] == [
        (Decimal(each["possible"]), Decimal(each["earned"])) for each in row.lines
    ]
    assert sum(each.earned for each in sheet.lines) == sheet.total
    assert replace(sheet, lines=()).total == row.total
