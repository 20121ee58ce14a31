"""The cast's plan with something in every state that the pages and verbs are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from sqlalchemy import select

from planner.domain.lifecycle import Verb
from planner.domain.reporting import Reporting
from planner.domain.words import Cause, Rhythm, SlipKind
from planner.models import Evidence, Message, Slip, Submission, Unit
from planner.services import (
    accounts,
    appeals,
    assessments,
    breakdown,
    consumption,
    evidence,
    findings,
    handing_in,
    reports,
    requests_asking,
    self_assessments,
    signing,
    steering,
    tasks,
    unit_robots,
    units,
)
from planner.services.assessments import Opening
from planner.services.breakdown import NodeForm
from planner.services.evidence import EvidenceForm
from planner.services.failures import as_error
from planner.services.findings import FindingForm
from planner.services.handing_in import SubmissionForm
from planner.services.parcels import NOBODY_THERE
from planner.services.request_forms import ExtensionForm
from planner.services.slips import SlipForm
from planner.services.steering import CancelForm
from planner.services.tasks import RowForm
from planner.services.unit_robots import RobotForm
from planner.services.units import UnitForm
from planner.services.urging_many import Demand
from planner.services.urging_parts import urge_many
from tests.support import files
from tests.support.cast import EDU, HEALTH, LEAD, SCHOOL, TODAY, Cast
from tests.support.history import PROOF, play
from tests.support.metering import confirm, enter, measure, sheet

SOON, LATE, LATER = date(2024, 12, 20), date(2024, 10, 10), date(2024, 12, 27)
ISSUED_ON = date(2024, 9, 2)


@dataclass(frozen=True)
class Stage:
    """Ids by name, as addresses use them. Assignments are 县教委's unless said otherwise.

    `draft` a node, `issued` not signed for, `in_progress` with a report that can be confirmed,
    `submitted` with the file `evidence`, `accepted` with evidence found untrue, `pending` overdue
    with a request to cancel, `school` issued to the school below it, `lead` handed in by the lead
    itself, `foreign` issued to 县卫生健康委, `signing` with a request that waits for the head's
    signature with the file `staged`, `asked` with a `request` that the lead decides, `unborn` and
    `grouped` drafts without unit. `slip` urges `in_progress`, and `urged` is that act. `message`
    is 县教委's in the inbox, `matter` what its report on `pending` needs coordinated, `indicator`
    its own with a `reading` that waits and one confirmed with the file `reading_evidence`; others
    own `foreign_indicator` and `lead_indicator`.
    `undelivered` a mail that was given up. `assessment` is open for self-assessment, `publicised`
    is, with the `appeal` of 县教委 to be decided. Nothing has the id `nowhere`.
    """

    ids: dict[str, int]

    def at(self, pattern: str) -> str:
        """The address with its ids filled in."""
        return pattern.format_map(self.ids)


def set_stage(cast: Cast) -> Stage:
    """Play the history up to today, and put one thing into every state."""
    play(cast, TODAY)
    ids = {
        "action": cast.action,
        "task": cast.standard,
        "platform": cast.platform,
        "in_progress": cast.charger_row,
        "accepted": cast.edu_row,
        "cancelled": cast.health_row,
        "school": cast.school_row,
        "lead": cast.lead_row,
        "edu": cast.units[EDU],
        "lead_unit": cast.units[LEAD],
        "health": cast.units[HEALTH],
        "school_unit": cast.units[SCHOOL],
        "person": cast.users["health"],
        "nowhere": 999_999,
    }
    _assignments(cast, ids)
    _hand_in(cast, ids)
    _reports(cast, ids)
    _requests(cast, ids)
    _doubt(cast, ids)
    _readings(cast, ids)
    _house(cast, ids)
    with cast.reading() as db:
        own = select(Message.id).where(Message.recipient_id == cast.users["edu"])
        ids["message"] = db.scalars(own.order_by(Message.id)).first() or 0
    ids["undelivered"] = _give_up_a_mail(cast)
    _urge(cast, ids)
    _assess(cast, ids)
    return Stage(ids)


def _assess(cast: Cast, ids: dict[str, int]) -> None:
    opened, done = date(2024, 10, 12), date(2024, 10, 14)
    year = Opening("2024年度考核", "2024", date(2024, 12, 31), SOON, Decimal(5))
    ids["assessment"] = cast.do(assessments.open_assessment, "coordinator", year).id
    part = Opening("2024年前三季度考核", "2024", date(2024, 10, 11), opened)
    made = cast.do_on(opened, assessments.open_assessment, "coordinator", part).id
    cast.do_on(done, assessments.close_self_assessment, "coordinator", made)
    line = f"assignment:{ids['pending']}"
    noted = (made, cast.units[EDU], line, "未见佐证。")
    cast.do_on(done, self_assessments.note_remark, "coordinator", *noted)
    for act in (assessments.finish_check, assessments.publicise):
        cast.do_on(done, act, "coordinator", made)
    ids["publicised"] = made
    ids["appeal"] = cast.do(appeals.appeal, "edu", made, "已按期完成。", line).id


def _assignments(cast: Cast, ids: dict[str, int]) -> None:
    form = NodeForm(2025, "建成充电桩1个。", date(2025, 12, 10), Decimal(1))
    ids["draft"] = cast.do(breakdown.break_down, "coordinator", cast.charger_row, form).id
    cast.do(breakdown.issue, "coordinator", cast.school_row)
    ids["issued"] = _row(cast, EDU, SOON)
    ids["submitted"] = _row(cast, EDU, SOON)
    ids["pending"] = _row(cast, EDU, LATE)
    ids["foreign"] = _row(cast, HEALTH, SOON)
    ids["signing"] = _row(cast, EDU, SOON)
    ids["asked"] = _row(cast, EDU, SOON)
    edus = ((name, "edu") for name in ("submitted", "pending", "signing", "asked"))
    for name, liaison in (*edus, ("foreign", "health")):
        cast.do_on(ISSUED_ON, handing_in.acknowledge, liaison, ids[name])
    nobody = RowForm("待定单位的工作。", [], SOON)
    made = cast.do(tasks.add_rows, "coordinator", cast.standard, nobody)
    ids["unborn"] = made[0].id


def _row(cast: Cast, unit: str, due_on: date) -> int:
    form = RowForm("完成节约型机关验收。", [cast.units[unit]], due_on)
    (row,) = cast.do_on(ISSUED_ON, tasks.add_rows, "coordinator", cast.standard, form)
    cast.do_on(ISSUED_ON, breakdown.issue, "coordinator", row.id)
    return row.id


def _hand_in(cast: Cast, ids: dict[str, int]) -> None:
    stored = cast.runtime.store.receive(
        BytesIO(files.pdf()), "验收文件.pdf", cast.runtime.settings.max_upload_bytes
    )
    token = cast.do(evidence.stage, "edu", ids["submitted"], stored).token
    proof = EvidenceForm(tokens=(token,), links=PROOF.links)
    cast.do(handing_in.submit, "edu", ids["submitted"], SubmissionForm("完成", evidence=proof))
    cast.do(handing_in.submit, "coordinator", ids["lead"], SubmissionForm("好", evidence=PROOF))
    asked = CancelForm("政策调整。", Cause.POLICY, "测试〔2024〕9号")
    cast.do(steering.cancel, "coordinator", ids["pending"], asked)
    with cast.reading() as db:
        piece = select(Evidence.id).join(Submission)
        wanted = Submission.assignment_id == ids["submitted"]
        ids["evidence"] = db.scalars(piece.where(wanted, Evidence.sha256.is_not(None))).one()


def _requests(cast: Cast, ids: dict[str, int]) -> None:
    stored = cast.runtime.store.receive(
        BytesIO(files.pdf()), "通知.pdf", cast.runtime.settings.max_upload_bytes
    )
    staged = cast.do(evidence.stage, "edu", ids["signing"], stored)
    ids["staged"] = staged.id
    proof = EvidenceForm(tokens=(staged.token,), links=PROOF.links)
    form = ExtensionForm("设备到货推迟。", Cause.OWN, LATER, proof)
    _head_signs(cast, True)
    cast.do(signing.put_forward, "edu", Verb.ASK_EXTENSION, ids["signing"], form)
    _head_signs(cast, False)
    form = ExtensionForm("设备到货推迟。", Cause.OWN, LATER, PROOF)
    ids["request"] = cast.do(requests_asking.ask_extension, "edu", ids["asked"], form).id


def _doubt(cast: Cast, ids: dict[str, int]) -> None:
    """Evidence of `accepted` was found untrue, and once before, which was revoked."""
    with cast.reading() as db:
        rounds = select(Submission.id).where(Submission.assignment_id == ids["accepted"])
        newest = db.scalars(rounds.order_by(Submission.number.desc())).first() or 0
    form = FindingForm(newest, "现场与验收文件不符。")
    cast.do_on(LATE, findings.find_untrue, "coordinator", ids["accepted"], form)
    cast.do(findings.revoke_finding, "supervisor", ids["accepted"], "现场已复核，属实。")
    cast.do(findings.find_untrue, "coordinator", ids["accepted"], form)


def _head_signs(cast: Cast, sign_off: bool) -> None:
    edu = cast.units[EDU]
    with cast.reading() as db:
        form = UnitForm(EDU, db.get_one(Unit, edu).superior_id, sign_off=sign_off)
    cast.do(units.edit_unit, "admin", edu, form)


def _reports(cast: Cast, ids: dict[str, int]) -> None:
    quarterly = Reporting(Rhythm.QUARTER)
    cast.do_on(ISSUED_ON, reports.set_reporting, "coordinator", cast.standard, quarterly, ISSUED_ON)
    form = SubmissionForm("正在推进。", percent=60, coordination="请协调验收口径。")
    ids["matter"] = cast.do(handing_in.report, "edu", ids["pending"], form).id


def _readings(cast: Cast, ids: dict[str, int]) -> None:
    made = measure(cast)
    ids |= {
        "indicator": made.edu,
        "foreign_indicator": made.health,
        "lead_indicator": made.total,
    }
    stored = cast.runtime.store.receive(
        BytesIO(files.pdf()), "统计年报.pdf", cast.runtime.settings.max_upload_bytes
    )
    token = cast.do(evidence.stage_for_reading, "edu", made.edu, stored).token
    proof = EvidenceForm(tokens=(token,), links=PROOF.links)
    confirmed = enter(cast, made.edu, "97", 2022, evidence=proof)
    confirm(cast, made.edu, confirmed)
    ids["reading"] = enter(cast, made.edu, "94", 2023, estimated_by="按上年推算。")
    seen = cast.do(consumption.preview, "coordinator", sheet()).fingerprint
    cast.do(consumption.enter, "coordinator", sheet(previewed=seen))
    with cast.reading() as db:
        piece = select(Evidence.id).where(Evidence.reading_id == confirmed)
        ids["reading_evidence"] = db.scalars(piece.where(Evidence.sha256.is_not(None))).one()


def _urge(cast: Cast, ids: dict[str, int]) -> None:
    form = SlipForm(SlipKind.DEMAND, "催〔2024〕1号", LEAD, "陈统筹")
    demand = Demand("请书面说明进度。", TODAY, form)
    ids["urged"] = cast.do(urge_many, "coordinator", [ids["in_progress"]], demand).id
    with cast.reading() as db:
        ids["slip"] = db.scalars(select(Slip.id)).one()


def _give_up_a_mail(cast: Cast) -> int:
    with cast.runtime.sessions.writing() as db:
        mails = select(Message).where(Message.channel == "email").order_by(Message.id)
        mail = db.scalars(mails).first()
        assert mail is not None
        mail.state, mail.attempts, mail.error = "given_up", 1, as_error(NOBODY_THERE)
        db.commit()
        return mail.id


def _house(cast: Cast, ids: dict[str, int]) -> None:
    group = cast.do(units.add_group, "admin", "乡镇街道")
    cast.do(units.add_members, "admin", group.id, [cast.units[SCHOOL]])
    closed = cast.do(units.add_unit, "admin", UnitForm("县旧局"))
    cast.do(units.deactivate_unit, "admin", closed.id)
    free = cast.do(units.add_unit, "admin", UnitForm("县新局"))
    cast.do(accounts.disable_user, "admin", cast.users["coordinator2"])
    ids |= {"group": group.id, "closed_unit": closed.id, "free_unit": free.id}
    forms = [RobotForm("wecom", "工作群", token) for token in ("0a1b2c3d-1", "0a1b2c3d-2")]
    edu = cast.units[EDU]
    robots = [cast.do(unit_robots.add_robot, "admin", edu, form) for form in forms]
    ids["robot"], ids["disabled_robot"] = (robot.id for robot in robots)
    cast.do(unit_robots.disable_robot, "admin", edu, ids["disabled_robot"])
    ids["disabled"] = cast.users["coordinator2"]
