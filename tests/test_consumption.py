"""The consumption sheet: counted as the plan counts, looked at, then sent as readings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from planner.domain.errors import BadInput, NotAllowed, NotFound, Stale
from planner.models import Evidence, Indicator, IndicatorReading, Message, RuleSet
from planner.services import consumption, evidence, readings
from planner.services.consumption import Preview, SheetForm
from planner.services.evidence import EvidenceForm
from planner.services.letters import subject
from tests.support.cast import LEAD, Cast
from tests.support.metering import SPRING, USED, Measured, confirm, enter, found, measure, sheet
from tests.support.verbs import dump, receive

LINKS = EvidenceForm(links=("https://example.org/report",))


@pytest.fixture
def runtime_url(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


@pytest.fixture
def given(cast: Cast) -> Measured:
    """The cast's plan with indicators; a sheet gives two of them to the lead."""
    return measure(cast)


def looked_at(cast: Cast, form: SheetForm, who: str = "coordinator") -> Preview:
    return cast.do_on(SPRING, consumption.preview, who, form)


def send(cast: Cast, form: SheetForm, *, sure: bool = False) -> list[IndicatorReading]:
    """Look at the results, then send them."""
    seen = looked_at(cast, form).fingerprint
    sent = replace(form, previewed=seen, sure=seen if sure else "")
    return cast.do_on(SPRING, consumption.enter, "coordinator", sent)


def refused(cast: Cast, form: SheetForm, who: str = "coordinator") -> Any:
    before = dump(cast)
    with pytest.raises((BadInput, NotAllowed, NotFound, Stale)) as caught:
        cast.do_on(SPRING, consumption.enter, who, form)
    assert dump(cast) == before
    return caught.value


def test_a_sheet_gives_the_readings_of_its_owner(cast: Cast, given: Measured) -> None:
    made = send(cast, sheet(evidence=LINKS))
    assert [(each.indicator_id, each.value) for each in made] == [
        (given.total, Decimal(15402)),
        (given.mean, Decimal("174.03")),
    ]
    with cast.reading() as db:
        for each in db.scalars(select(IndicatorReading)):
            assert each.inputs is not None
            assert each.inputs["electricity"] == "9142.2"
            assert each.inputs["rules_version"] == "1"
            assert each.source == "统计年报"
        assert db.scalar(select(func.count(Evidence.id))) == 2


def test_a_file_of_a_sheet_proves_each_of_its_readings(cast: Cast, given: Measured) -> None:
    stored = receive(cast)
    token = cast.do_on(SPRING, evidence.stage_for_reading, "coordinator", given.total, stored).token
    send(cast, sheet(evidence=EvidenceForm(tokens=(token,))))
    with cast.reading() as db:
        proven = db.execute(select(Evidence.reading_id, Evidence.sha256)).all()
    assert len({row.reading_id for row in proven}) == 2
    assert {row.sha256 for row in proven} == {stored.sha256}


def test_nothing_is_sent_before_it_was_looked_at(cast: Cast, given: Measured) -> None:
    assert refused(cast, sheet()).field == "previewed"
    seen = looked_at(cast, sheet()).fingerprint
    assert refused(cast, sheet(previewed=seen, water="212")).field == "previewed"


def test_a_preview_writes_nothing(cast: Cast, given: Measured) -> None:
    before = dump(cast)
    shown = looked_at(cast, sheet())
    assert dump(cast) == before
    assert not shown.doubted
    assert not shown.needs_proof
    assert shown.last_year is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("electricity", "-1"),
        ("electricity", "1.1234567"),
        ("electricity", "NaN"),
        ("water", "0"),
        ("headcount", "0"),
        ("headcount", "88500.5"),
        ("area", "0"),
    ],
)
def test_numbers_that_cannot_be_are_refused_beside_themselves(
    cast: Cast, given: Measured, key: str, value: str
) -> None:
    assert refused(cast, sheet(**{key: value})).field == key


@pytest.mark.parametrize("key", USED)
def test_every_number_must_be_given(cast: Cast, given: Measured, key: str) -> None:
    form = sheet()
    assert refused(cast, replace(form, used={**form.used, key: None})).field == key


def test_a_year_without_energy_cannot_be(cast: Cast, given: Measured) -> None:
    carriers = ("electricity", "coal", "gas", "petrol", "diesel")
    error = refused(cast, sheet(**dict.fromkeys(carriers, "0")))
    assert error.field == "electricity"


@pytest.mark.parametrize("year", [2020, 2024, 2026])
def test_only_years_that_are_over_have_a_sheet(cast: Cast, given: Measured, year: int) -> None:
    assert refused(cast, sheet(year)).field == "year"


def test_a_result_that_looks_wrong_must_be_ticked_as_right(cast: Cast, given: Measured) -> None:
    """Electricity in kWh instead of ten thousand."""
    wrong = sheet(electricity="9142200")
    shown = looked_at(cast, wrong)
    assert shown.doubted
    seen = shown.fingerprint
    assert "look wrong" in str(refused(cast, replace(wrong, previewed=seen)).text)
    assert "look wrong" in str(refused(cast, replace(wrong, previewed=seen, sure="x")).text)
    assert len(send(cast, wrong, sure=True)) == 2


@pytest.mark.parametrize(("key", "value"), [("headcount", "97351"), ("area", "116")])
def test_headcount_or_area_far_off_last_years_needs_proof(
    cast: Cast, given: Measured, key: str, value: str
) -> None:
    send(cast, sheet(2022))
    moved = sheet(2023, **{key: value})
    shown = looked_at(cast, moved)
    assert len(shown.needs_proof) == 1
    assert shown.last_year is not None
    assert refused(cast, replace(moved, previewed=shown.fingerprint)).field == "evidence"
    assert send(cast, replace(moved, evidence=LINKS))


@pytest.mark.parametrize(("key", "value"), [("headcount", "97350"), ("area", "116.289")])
def test_ten_percent_need_no_proof(cast: Cast, given: Measured, key: str, value: str) -> None:
    send(cast, sheet(2022))
    assert send(cast, sheet(2023, **{key: value}))


def test_a_refused_sheet_is_no_last_years(cast: Cast, given: Measured) -> None:
    for reading in send(cast, sheet(2022, headcount="60000")):
        cast.do_on(
            SPRING, readings.refuse, "supervisor", reading.indicator_id, reading.id, "人数不对。"
        )
    assert looked_at(cast, sheet(2023)).last_year is None


def test_what_waits_for_a_decision_is_left_out(cast: Cast, given: Measured) -> None:
    enter(cast, given.mean, "170", who="coordinator")
    shown = looked_at(cast, sheet())
    assert [each.waits for each in shown.counted] == [False, True]
    (made,) = send(cast, sheet())
    assert made.indicator_id == given.total
    again = sheet(previewed=looked_at(cast, sheet()).fingerprint)
    assert isinstance(refused(cast, again), Stale)


@pytest.mark.parametrize("who", ["supervisor", "leader", "auditor", "admin"])
def test_who_enters_nothing_has_no_sheet(cast: Cast, given: Measured, who: str) -> None:
    assert isinstance(refused(cast, sheet(), who), NotAllowed)


def test_a_unit_without_such_indicators_has_no_sheet(cast: Cast, given: Measured) -> None:
    """县卫生健康委 owns one; without it there is none."""
    assert len(looked_at(cast, sheet(), "health").counted) == 1
    with cast.runtime.sessions.writing() as db:
        db.get_one(Indicator, given.health).owner_id = cast.units[LEAD]
        db.commit()
    assert isinstance(refused(cast, sheet(), "health"), NotFound)


def test_a_plan_without_factors_has_no_sheet(cast: Cast) -> None:
    with cast.reading() as db:
        assert not db.scalars(select(RuleSet).where(RuleSet.kind == "energy")).all()
        assert not consumption.has_sheet(db, cast.actor("coordinator"))


def told(cast: Cast, username: str) -> list[str]:
    """What a person was told, oldest first."""
    with cast.reading() as db:
        query = select(Message).where(
            Message.recipient_id == cast.users[username], Message.channel == "inbox"
        )
        return [str(subject(each)) for each in db.scalars(query.order_by(Message.id))]


def test_a_sheet_is_confirmed_at_once_with_one_message(cast: Cast, given: Measured) -> None:
    first, second = send(cast, sheet())
    other = enter(cast, given.total, "15000", 2022, who="coordinator")
    assert len(told(cast, "supervisor")) == 2
    cast.do_on(SPRING, readings.confirm_sheet, "supervisor", given.mean, second.id)
    assert {found(cast, each.id).outcome for each in (first, second)} == {"granted"}
    assert found(cast, other).outcome is None
    assert told(cast, "coordinator2") == ["Readings confirmed: 2 of 2023, by a consumption sheet"]
    with pytest.raises(Stale):
        cast.do_on(SPRING, readings.confirm_sheet, "supervisor", given.total, first.id)


def test_a_reading_without_a_sheet_is_confirmed_alone(cast: Cast, given: Measured) -> None:
    reading = enter(cast, given.edu, "94")
    cast.do_on(SPRING, readings.confirm_sheet, "coordinator", given.edu, reading)
    assert found(cast, reading).outcome == "granted"


def test_a_sheet_is_not_confirmed_by_who_handed_it_in(cast: Cast, given: Measured) -> None:
    first, _ = send(cast, sheet())
    with pytest.raises(NotAllowed):
        cast.do_on(SPRING, readings.confirm_sheet, "coordinator", given.total, first.id)


def test_confirmed_readings_of_a_sheet_count_as_any_other(cast: Cast, given: Measured) -> None:
    for reading in send(cast, sheet()):
        confirm(cast, reading.indicator_id, reading.id, who="supervisor")
    with cast.reading() as db:
        outcomes = set(db.scalars(select(IndicatorReading.outcome)))
    assert outcomes == {"granted"}
