"""Assessments: from the self-assessment to the final result, revisions side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from planner.domain import permissions
from planner.domain.assessment import ACTS, STAGE_NAMES, Act, Stage
from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.scores.frozen import read_terms
from planner.domain.scores.lines import Line
from planner.domain.scores.period import Period
from planner.domain.scores.rules import ScoringRules
from planner.domain.text import Text, stored, t
from planner.models import Assessment, AssessmentStep, Snapshot, UnitResult
from planner.services import (
    appeals,
    assessment_compare,
    assessment_view,
    assessments,
    plans,
    self_assessments,
)
from planner.services.assessment_export import COLUMNS, converted, grade_of, reported
from planner.services.assessment_steps import find_assessment, require_may
from planner.services.assessment_view import AssessmentView
from planner.services.export import Sheet
from planner.web import downloads
from planner.web.access import area
from planner.web.assessment_forms import (
    AbandonFields,
    AppealFields,
    ApproveFields,
    DecideAppealFields,
    OpeningFields,
    RemarkFields,
    SelfAssessmentFields,
    StepFields,
)
from planner.web.choices import asked_id, period_name
from planner.web.context import actor, clock, close_db, db, language
from planner.web.forms import PlannerForm, carry_out
from planner.web.scorecard_frame import ref_links
from planner.web.typed import takes

bp = Blueprint("assessments", __name__)

PATH = [stage for stage in Stage if stage is not Stage.ABANDONED]
"""The stages in their order."""

Verb = Callable[..., Any]

STEPS: dict[str, tuple[Act, Verb, Text]] = {
    "close": (
        Act.CLOSE_SELF_ASSESSMENT,
        assessments.close_self_assessment,
        t("The self-assessment is closed."),
    ),
    "check": (Act.CHECK, assessments.finish_check, t("The check is finished.")),
    "publicise": (
        Act.PUBLICISE,
        assessments.publicise,
        t("The result is frozen and publicised. Every unit was told."),
    ),
    "finalise": (Act.FINALISE, assessments.finalise, t("The result is final.")),
}
"""Steps that need nothing but a button."""


@bp.get("/assessments")
@area(Area.SEE_ASSESSMENTS)
def index() -> str:
    """All assessments, the newest first."""
    return _index(OpeningFields(formdata=None))


def _index(form: OpeningFields) -> str:
    plan = plans.find_plan(db())
    found = assessment_view.assessments(db()) if plan else []
    if plan:
        form.offer(plan)
    return render_template(
        "assessments/index.html",
        plan=plan,
        found=found,
        form=form,
        opens=permissions.may(actor(), Area.RUN_ASSESSMENT)
        and plan is not None
        and plan.owner_id == actor().unit_id,
        stage_names=STAGE_NAMES,
        period_said=_period_said,
    )


def _period_said(key: str) -> str:
    return period_name(Period.parse(key))


@bp.post("/assessments")
@area(Area.RUN_ASSESSMENT)
@takes(OpeningFields)
def open_() -> Any:
    """Open an assessment."""
    form = OpeningFields()
    form.offer(plans.active_plan(db()))

    def again() -> str:
        close_db()
        return _index(form)

    return carry_out(
        form,
        lambda session: assessments.open_assessment(session, actor(), clock(), form.opening()),
        done=lambda made: url_for("assessments.show", assessment_id=made.id),
        again=again,
        said=t("Opened. Every unit was told to assess itself."),
    )


@bp.get("/assessments/<int:assessment_id>")
@area(Area.SEE_ASSESSMENTS)
def show(assessment_id: int) -> str:
    """One assessment with its stages, results and appeals."""
    return _page(assessment_id)


def _page(assessment_id: int, typed: PlannerForm | None = None, at: str = "") -> str:
    """The page; `typed` is a refused form, `at` names which one."""
    seen = assessment_view.view(
        db(), actor(), clock(), assessment_id, asked_id("revision") if not at else None
    )
    version = str(seen.assessment.version)
    forms = {
        "step": StepFields(formdata=None, seen=version),
        "approve": ApproveFields(formdata=None, seen=version),
        "abandon": AbandonFields(formdata=None, seen=version),
        "appeal": AppealFields(formdata=None, seen=version),
        "decide": DecideAppealFields(formdata=None, seen=version),
    }
    if typed is not None:
        typed.renew(seen.assessment.version)
    return render_template(
        "assessments/show.html",
        view=seen,
        assessment=seen.assessment,
        forms=forms,
        typed=typed,
        at=at,
        path=PATH,
        steps=STEPS,
        acts=ACTS,
        Act=Act,
        stage_names=STAGE_NAMES,
        history=_history(seen.assessment),
        period_said=_period_said,
        grade_said=lambda row: grade_said(row.grade, seen.rules),
        unranked=_unranked,
        own_lines=_own_lines(seen),
        said=said,
    )


def _history(assessment: Assessment) -> list[AssessmentStep | Snapshot]:
    """Its steps and its later revisions, in the order of time."""
    revisions = [each for each in assessment.snapshots if each.reason]
    return sorted([*assessment.steps, *revisions], key=lambda each: each.at)


def _own_lines(seen: AssessmentView) -> list[tuple[str, str]]:
    """The lines of the reader's own unit that an appeal can be about."""
    if seen.snapshot is None or actor().unit_id is None:
        return []
    own = [row for row in seen.snapshot.units if row.unit_id == actor().unit_id]
    lines = assessment_view.lines_of(own[0]) if own else []
    return [(line.refs[0], said(line.what)) for line in lines if line.refs]


def said(what: Text | str) -> str:
    """The plan's own words, or a sentence of ours."""
    return what if isinstance(what, str) else language().say(what)


def grade_said(grade: str | None, rules: ScoringRules | None) -> str | None:
    """The name of a frozen grade, by the rules of its time."""
    name = grade_of(grade, rules) if rules else None
    return language().say(name) if isinstance(name, Text) else name


def _unranked(row: UnitResult) -> str:
    return language().say(stored(row.unranked_because)) if row.unranked_because else "—"


@bp.post("/assessments/<int:assessment_id>/steps/<any(close, check, publicise, finalise):step>")
@area(Area.RUN_ASSESSMENT)
def go_on(assessment_id: int, step: str) -> Any:
    """Go a step on."""
    act, verb, words = STEPS[step]
    require_may(db(), actor(), act, assessment_id)
    form = StepFields()
    return _carry_out(
        assessment_id,
        form,
        lambda session: verb(session, actor(), clock(), assessment_id, form.seen_version),
        step,
        words,
    )


def _carry_out(
    assessment_id: int,
    form: PlannerForm,
    verb: Callable[[Session], Any],
    at: str,
    said: Text,
) -> Any:
    """Do an act of the assessment's page and come back to it."""

    def again() -> str:
        close_db()
        return _page(assessment_id, form, at)

    return carry_out(
        form,
        verb,
        done=lambda _: url_for("assessments.show", assessment_id=assessment_id),
        again=again,
        said=said,
    )


@bp.post("/assessments/<int:assessment_id>/approve")
@area(Area.APPROVE_ASSESSMENT)
@takes(ApproveFields)
def approve(assessment_id: int) -> Any:
    """Approve the result with its document number."""
    require_may(db(), actor(), Act.APPROVE, assessment_id)
    form = ApproveFields()
    return _carry_out(
        assessment_id,
        form,
        lambda session: assessments.approve(
            session,
            actor(),
            clock(),
            assessment_id,
            form.document_number.data or "",
            form.seen_version,
        ),
        "approve",
        t("Approved."),
    )


@bp.post("/assessments/<int:assessment_id>/abandon")
@area(Area.RUN_ASSESSMENT)
@takes(AbandonFields)
def abandon(assessment_id: int) -> Any:
    """Give it up."""
    require_may(db(), actor(), Act.ABANDON, assessment_id)
    form = AbandonFields()
    return _carry_out(
        assessment_id,
        form,
        lambda session: assessments.abandon(
            session, actor(), clock(), assessment_id, form.reason.data or "", form.seen_version
        ),
        "abandon",
        t("Abandoned. Every unit was told."),
    )


@bp.post("/assessments/<int:assessment_id>/appeals")
@area(Area.ASSESS_OWN)
@takes(AppealFields)
def appeal(assessment_id: int) -> Any:
    """Appeal against the own unit's result."""
    require_may(db(), actor(), Act.APPEAL, assessment_id)
    form = AppealFields()
    form.subject.choices = [("", ""), *_own_lines(_seen(assessment_id))]
    return _carry_out(
        assessment_id,
        form,
        lambda session: appeals.appeal(
            session, actor(), clock(), assessment_id, form.text.data or "", form.subject.data
        ),
        "appeal",
        t("Your appeal was sent."),
    )


def _seen(assessment_id: int) -> AssessmentView:
    return assessment_view.view(db(), actor(), clock(), assessment_id)


@bp.post("/assessments/<int:assessment_id>/appeals/<int:appeal_id>/decide")
@area(Area.JUDGE_ASSESSMENT)
@takes(DecideAppealFields)
def decide(assessment_id: int, appeal_id: int) -> Any:
    """Decide an appeal."""
    appeals.require_may_decide(db(), actor(), assessment_id, appeal_id)
    form = DecideAppealFields()
    return _carry_out(
        assessment_id,
        form,
        lambda session: appeals.decide_appeal(
            session,
            actor(),
            clock(),
            assessment_id,
            appeal_id,
            form.decision(),
            form.seen_version,
        ),
        f"decide-{appeal_id}",
        t("Decided. The unit was told."),
    )


@bp.get("/assessments/<int:assessment_id>/self")
@area(Area.ASSESS_OWN)
def self_assessment(assessment_id: int) -> str:
    """The own unit's self-assessment, begun from what is verified or from what was sent."""
    assessment, lines = _own(assessment_id)
    kind = SelfAssessmentFields.of(lines)
    return _self_page(assessment, lines, kind(formdata=None, data=_begun(assessment, lines)))


def _own(assessment_id: int) -> tuple[Assessment, tuple[Line, ...]]:
    require_may(db(), actor(), Act.SELF_ASSESS, assessment_id, actor().unit_id)
    assessment = find_assessment(db(), assessment_id)
    unit_id = actor().unit_id
    if unit_id is None:
        raise NotFound
    return assessment, self_assessments.assessed_lines(db(), clock(), assessment, unit_id)


def _begun(assessment: Assessment, lines: tuple[Line, ...]) -> dict[str, Any]:
    sent = self_assessments.self_assessments(db(), assessment).get(actor().unit_id or 0)
    return self_assessments.begun_from(lines, sent)


def _self_page(assessment: Assessment, lines: tuple[Line, ...], form: SelfAssessmentFields) -> str:
    return render_template(
        "assessments/self.html",
        assessment=assessment,
        lines=lines,
        form=form,
        subject_of=self_assessments.subject_of,
        ref_links=ref_links,
        is_open=assessment.stage == Stage.OPEN,
        stage_names=STAGE_NAMES,
    )


@bp.post("/assessments/<int:assessment_id>/self")
@area(Area.ASSESS_OWN)
def self_assess(assessment_id: int) -> Any:
    """Send the own unit's self-assessment."""
    assessment, lines = _own(assessment_id)
    form = SelfAssessmentFields.of(lines)()

    def again() -> str:
        close_db()
        form.renew(assessment.version)
        return _self_page(*_own(assessment_id), form)

    return carry_out(
        form,
        lambda session: self_assessments.self_assess(
            session, actor(), clock(), assessment_id, form.scores(), form.words.data or ""
        ),
        done=lambda made: url_for(
            "assessments.unit", assessment_id=assessment_id, unit_id=made.unit_id
        ),
        again=again,
        said=t("Your self-assessment was sent."),
    )


@bp.get("/assessments/<int:assessment_id>/units/<int:unit_id>")
@area(Area.SEE_ASSESSMENTS)
def unit(assessment_id: int, unit_id: int) -> str:
    """One unit's lines: what it said, what was found, what counts."""
    return _unit_page(assessment_id, unit_id)


def _unit_page(assessment_id: int, unit_id: int, typed: RemarkFields | None = None) -> str:
    seen = assessment_view.unit_view(
        db(), actor(), clock(), assessment_id, unit_id, asked_id("revision")
    )
    return render_template(
        "assessments/unit.html",
        view=seen,
        assessment=seen.assessment,
        form=RemarkFields(formdata=None),
        typed=typed,
        grade=grade_said(seen.grade, seen.terms.rules),
        said=said,
        ref_links=ref_links,
        stage_names=STAGE_NAMES,
        converted=converted(seen.assessment, seen.total),
        period_said=_period_said,
    )


@bp.post("/assessments/<int:assessment_id>/units/<int:unit_id>/remarks")
@area(Area.JUDGE_ASSESSMENT)
@takes(RemarkFields)
def remark(assessment_id: int, unit_id: int) -> Any:
    """Note what the check found at a line."""
    require_may(db(), actor(), Act.REMARK, assessment_id, unit_id)
    form = RemarkFields()

    def again() -> str:
        close_db()
        return _unit_page(assessment_id, unit_id, form)

    return carry_out(
        form,
        lambda session: self_assessments.note_remark(
            session,
            actor(),
            clock(),
            assessment_id,
            unit_id,
            form.subject.data or "",
            form.text.data or "",
        ),
        done=lambda _: url_for("assessments.unit", assessment_id=assessment_id, unit_id=unit_id),
        again=again,
        said=t("Noted."),
    )


@bp.get("/assessments/units/<int:unit_id>/compare")
@area(Area.SEE_ASSESSMENTS)
def compare(unit_id: int) -> str:
    """Two frozen results of a unit, line by line."""
    results = assessment_compare.comparable(db(), actor(), unit_id)
    if not results:
        raise NotFound
    before, after = (_chosen(results, name, place) for name, place in (("a", -2), ("b", -1)))
    return render_template(
        "assessments/compare.html",
        results=results,
        before=before,
        after=after,
        pairs=assessment_compare.compared(before, after),
        said=said,
        grade_said=lambda row: grade_said(row.grade, read_terms(row.snapshot.terms).rules),
        unit_id=unit_id,
    )


def _chosen(results: list[UnitResult], name: str, place: int) -> UnitResult:
    """The one that the address names; without it the one at that place."""
    wanted = asked_id(name)
    found = [each for each in results if each.id == wanted]
    if wanted is not None and not found:
        raise NotFound
    return found[0] if found else results[max(place, -len(results))]


@bp.get(f"/assessments/<int:assessment_id>/result.{downloads.ENDINGS}")
@area(Area.SEE_ASSESSMENTS)
def download(assessment_id: int, ending: str) -> Response:
    """The result for the performance office: for those who see the county, once it is frozen."""
    seen = assessment_view.view(db(), actor(), clock(), assessment_id, asked_id("revision"))
    if not seen.county or seen.snapshot is None:
        raise NotFound
    rows = reported(seen.assessment, seen.snapshot, language().say)
    sheet = Sheet(language().say(t("Result of the assessment")), COLUMNS, rows)
    return downloads.table(ending, f"assessment-{assessment_id}-{seen.snapshot.revision}", [sheet])
