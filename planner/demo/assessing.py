"""The demo's assessments: one that went the whole way, and one that has just begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.demo.programme import Scene
from planner.demo.stage import Stage
from planner.domain.actor import Actor
from planner.domain.clock import Clock
from planner.domain.words import Outcome
from planner.models import Appeal, Assessment
from planner.services import appeals, assessments, self_assessments
from planner.services.appeals import AppealDecision
from planner.services.assessments import Opening
from planner.services.self_assessments import SelfScore

LAST_YEAR = Opening(
    "2023年度公共机构节能工作考核", "2023", date(2023, 12, 31), date(2024, 1, 16), Decimal(5)
)
THIS_YEAR = Opening(
    "2024年前三季度公共机构节能工作考核",
    "2024",
    date(2024, 9, 30),
    date(2024, 10, 21),
    Decimal(5),
)

WORDS: Mapping[str, str] = {
    "edu": "年度任务均按节点推进，佐证材料已随办结申请报送；个别学校报送偏晚，已约谈并限期整改。",
    "health": "县人民医院合同能源管理、分项计量等任务取得阶段成效，部分项目受招标影响未按期办结。",
    "science": "数据中心绿色节能改造按方案推进，请考虑因机房整体迁移造成的客观延误。",
    "coordinator2": "牵头任务按季调度，平台建设、培训宣传等均有佐证；用能定额管理尚需完善。",
}
CLAIMED = "实际工作已完成，因材料归档较晚未能及时报送，申请酌情考虑。"

Act = Callable[[Stage, Session, Clock], None]
Verb = Callable[[Session, Actor, Clock, int], object]


def scenes(stage: Stage) -> Iterator[Scene]:
    """Every step, on the day that it was done."""
    acts: tuple[tuple[date, Act], ...] = (
        (date(2024, 1, 8), partial(_open, LAST_YEAR)),
        (date(2024, 1, 12), partial(_assess, LAST_YEAR, "edu")),
        (date(2024, 1, 15), partial(_assess, LAST_YEAR, "health")),
        (date(2024, 1, 15), partial(_assess, LAST_YEAR, "coordinator2")),
        (date(2024, 1, 16), partial(_assess, LAST_YEAR, "science")),
        (date(2024, 1, 17), partial(_step, assessments.close_self_assessment)),
        (date(2024, 1, 19), _remark),
        (date(2024, 1, 22), partial(_step, assessments.finish_check)),
        (date(2024, 1, 23), partial(_step, assessments.publicise)),
        (date(2024, 1, 25), partial(_appeal, "机房整体迁移系县政府统一部署，延误不应由我局承担。")),
        (
            date(2024, 1, 26),
            partial(_decide, "coordinator", False, "延期须事先申请，未见申请。"),
        ),
        (
            date(2024, 1, 29),
            partial(_appeal, "迁移通知为县府办〔2023〕41号，请督查复核。"),
        ),
        (
            date(2024, 1, 30),
            partial(_decide, "supervisor", True, "确属统一部署，酌情加0.5分。"),
        ),
        (date(2024, 2, 1), _approve),
        (date(2024, 2, 2), partial(_step, assessments.finalise)),
        (date(2024, 10, 9), partial(_open, THIS_YEAR)),
        (date(2024, 10, 12), partial(_assess, THIS_YEAR, "health")),
    )
    for turn, (on, act) in enumerate(acts):
        yield Scene(on, 40 + turn, "assessment", partial(act, stage))


def _found(db: Session, form: Opening = LAST_YEAR) -> Assessment:
    return db.scalars(select(Assessment).where(Assessment.name == form.name)).one()


def _open(form: Opening, stage: Stage, db: Session, clock: Clock) -> None:
    assessments.open_assessment(db, stage.people["coordinator"], clock, form)


def _assess(form: Opening, who: str, stage: Stage, db: Session, clock: Clock) -> None:
    """What was verified, but for what the science office claims on top."""
    assessment, actor = _found(db, form), stage.people[who]
    lines = self_assessments.assessed_lines(db, clock, assessment, _unit_of(actor))
    begun = self_assessments.begun_from(lines, None)
    scores: dict[str, SelfScore] = {}
    for line in lines:
        if subject := self_assessments.subject_of(line):
            percent = Decimal(str(begun[f"percent-{subject}"]))
            claims = who == "science" and percent < 100 and not scores
            scores[subject] = SelfScore(
                Decimal(100) if claims else percent, CLAIMED if claims else ""
            )
    self_assessments.self_assess(db, actor, clock, assessment.id, scores, WORDS[who])


def _unit_of(actor: Actor) -> int:
    assert actor.unit_id is not None
    return actor.unit_id


def _step(verb: Verb, stage: Stage, db: Session, clock: Clock) -> None:
    verb(db, stage.people["coordinator"], clock, _found(db).id)


def _remark(stage: Stage, db: Session, clock: Clock) -> None:
    assessment, unit_id = _found(db), stage.units["science"]
    sent = self_assessments.self_assessments(db, assessment)[unit_id]
    subject = next(subject for subject, said in sent.items.items() if said["word"])
    text = "截止日前未见办结申请和佐证，按核定情况计分。"
    lead = stage.people["coordinator"]
    self_assessments.note_remark(db, lead, clock, assessment.id, unit_id, subject, text)


def _appeal(text: str, stage: Stage, db: Session, clock: Clock) -> None:
    appeals.appeal(db, stage.people["science"], clock, _found(db).id, text)


def _decide(who: str, upheld: bool, reason: str, stage: Stage, db: Session, clock: Clock) -> None:
    waiting = db.scalars(select(Appeal).where(Appeal.outcome.is_(None))).one()
    decision = AppealDecision(Outcome.REFUSED, reason)
    if upheld:
        decision = AppealDecision(Outcome.GRANTED, reason, Decimal("0.5"))
    appeals.decide_appeal(db, stage.people[who], clock, waiting.assessment_id, waiting.id, decision)


def _approve(stage: Stage, db: Session, clock: Clock) -> None:
    number = "县府办函〔2024〕6号"
    assessments.approve(db, stage.people["supervisor"], clock, _found(db).id, number)
