"""The task list with its exports, a task, and what the coordinator adds to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.domain.errors import Stale
from planner.domain.lifecycle import State
from planner.domain.permissions import Area
from planner.domain.text import Text, t
from planner.domain.words import Origin, Part
from planner.models import Action, Task, Unit
from planner.services import export, reports, tasks
from planner.services.export import Sheet
from planner.services.paging import page_number
from planner.services.plan_tree import task_branch
from planner.services.plans import active_plan
from planner.services.reports import reporting_of
from planner.services.scope import leads, load_task
from planner.services.task_choices import choices
from planner.services.task_list import list_page, whole_list
from planner.web import downloads
from planner.web.access import area
from planner.web.context import actor, clock, close_db, db, language
from planner.web.errors import status_of
from planner.web.filter_chips import chips
from planner.web.forms import PlannerForm, carry_out
from planner.web.presentation import name_of
from planner.web.task_filter import ANY_YEAR, read_filter, write_filter
from planner.web.task_forms import (
    EndReportingFields,
    ReportingFields,
    RowFields,
    StandardFields,
    TaskFields,
)
from planner.web.typed import takes

bp = Blueprint("tasks", __name__)


@bp.get("/tasks")
@area(Area.SEE_TASKS)
def index() -> str:
    """What units owe, filtered, sorted and paged."""
    wanted = read_filter(request.args)
    offered = choices(db(), actor())
    number = page_number(request.args.get("page"))
    return render_template(
        "tasks/index.html",
        page=list_page(db(), actor(), clock(), wanted, number),
        wanted=wanted,
        query=write_filter(wanted),
        chips=chips(wanted, offered),
        choices=offered,
        states=list(State),
        part_pairs=[(part, name_of(part)) for part in Part],
        origin_pairs=[(origin, name_of(origin)) for origin in Origin],
        year_pairs=[(year, year) for year in offered.years],
        undivided_pairs=_undivided(offered.years),
        adds=leads(db(), actor()),
        sort=("-" if wanted.descending else "") + wanted.sort,
    )


def _undivided(years: Sequence[int]) -> list[tuple[int | str, str]]:
    said = language().say
    by_year = [(year, said(t("for %(year)s", year=str(year)))) for year in years]
    return [(ANY_YEAR, said(t("by year at all"))), *by_year]


@bp.get(f"/tasks.{downloads.ENDINGS}")
@area(Area.SEE_TASKS)
def download(ending: str) -> Response:
    """The whole filtered list as a file."""
    lines = whole_list(db(), actor(), clock(), read_filter(request.args))
    sheet = Sheet(language().say(t("Tasks")), export.TASK_COLUMNS, lines)
    return downloads.table(ending, f"tasks-{clock().today}", [sheet])


@bp.get("/tasks/<int:task_id>")
@area(Area.SEE_TASKS)
def show(task_id: int) -> str:
    """A task with what units owe for it."""
    return _task_page(task_id)


def _task_page(
    task_id: int,
    row: RowFields | None = None,
    standard: StandardFields | None = None,
    reporting: ReportingFields | None = None,
) -> str:
    found = task_branch(db(), actor(), clock(), task_id)
    if tasks.may_edit(actor(), found.task):
        if standard is None:
            standard = StandardFields(formdata=None)
            standard.show(found.task)
        if reporting is None:
            reporting = ReportingFields(formdata=None)
            reporting.show(found.task, clock().today)
        reporting.offer()
        row = row or RowFields(formdata=None)
        row.offer(_units())
    return render_template(
        "tasks/show.html",
        task=found.task,
        rows=found.rows,
        row_form=row,
        standard_form=standard,
        reporting_form=reporting,
        end_form=_end_form(found.task),
        reporting=reporting_of(found.task),
        opened=_opened(rows=row, standard=standard, reporting=reporting),
    )


def _end_form(task: Task) -> EndReportingFields:
    form = EndReportingFields(formdata=None)
    form.seen.data = str(task.version)
    return form


def _opened(**forms: PlannerForm | None) -> str:
    """The name of the form that was refused, so that it is seen."""
    return next((name for name, form in forms.items() if form and form.errors), "")


@bp.post("/tasks/<int:task_id>/rows")
@area(Area.EDIT_TASK)
@takes(RowFields)
def add_rows(task_id: int) -> Any:
    """Add a draft assignment for each chosen unit."""
    load_task(db(), actor(), task_id)
    form = RowFields()
    form.offer(_units())
    return carry_out(
        form,
        lambda session: tasks.add_rows(session, actor(), clock(), task_id, form.row()),
        done=lambda _: url_for("tasks.show", task_id=task_id),
        again=lambda: _task_page(task_id, row=form),
        said=_added,
    )


def _added(made: Sequence[object]) -> Text:
    return t("Drafts added: %(count)s. Issue them when they are right.", count=len(made))


@bp.post("/tasks/<int:task_id>/standard")
@area(Area.EDIT_TASK)
@takes(StandardFields)
def edit_standard(task_id: int) -> Any:
    """Change the completion standard and the proof list."""
    load_task(db(), actor(), task_id)
    form = StandardFields()
    try:
        return carry_out(
            form,
            lambda session: tasks.edit_standard(
                session, actor(), clock(), task_id, form.standard(), form.seen_version
            ),
            done=lambda _: url_for("tasks.show", task_id=task_id),
            again=lambda: _task_page(task_id, standard=form),
            said=t("The completion standard and the proof list were changed."),
        )
    except Stale as error:
        close_db()
        form.renew(load_task(db(), actor(), task_id).version)
        form.form_errors.append(language().say(error.text))
        return _task_page(task_id, standard=form), status_of(error)


@bp.post("/tasks/<int:task_id>/reporting")
@area(Area.EDIT_TASK)
@takes(ReportingFields)
def set_reporting(task_id: int) -> Any:
    """Ask for periodic reports."""
    load_task(db(), actor(), task_id)
    form = ReportingFields()
    form.offer()

    def ask(session: Session) -> Task:
        asked, since = form.reporting(), form.since.data or clock().today
        return reports.set_reporting(
            session, actor(), clock(), task_id, asked, since, form.seen_version
        )

    try:
        return carry_out(
            form,
            ask,
            done=lambda _: url_for("tasks.show", task_id=task_id),
            again=lambda: _task_page(task_id, reporting=form),
            said=t("Reports are asked for. Each opens when its period has ended."),
        )
    except Stale as error:
        close_db()
        form.renew(load_task(db(), actor(), task_id).version)
        form.form_errors.append(language().say(error.text))
        return _task_page(task_id, reporting=form), status_of(error)


@bp.post("/tasks/<int:task_id>/reporting/end")
@area(Area.EDIT_TASK)
@takes(EndReportingFields)
def end_reporting(task_id: int) -> Any:
    """Ask for no more reports."""
    load_task(db(), actor(), task_id)
    form = EndReportingFields()
    return carry_out(
        form,
        lambda session: reports.end_reporting(
            session, actor(), clock(), task_id, form.seen_version
        ),
        done=lambda _: url_for("tasks.show", task_id=task_id),
        again=lambda: _task_page(task_id),
        said=t("No more reports are asked for. What is owed already stays owed."),
    )


@bp.get("/tasks/new")
@area(Area.ADD_TASK)
def new() -> str:
    """The form of a task by hand."""
    tasks.check_lead(db(), actor())
    return _new_page(_task_form(lambda: TaskFields(formdata=None)))


@bp.post("/tasks/new")
@area(Area.ADD_TASK)
@takes(TaskFields)
def add() -> Any:
    """Add a task by hand."""
    tasks.check_lead(db(), actor())
    form = _task_form(TaskFields)
    return carry_out(
        form,
        lambda session: tasks.add_task(session, actor(), clock(), form.task()),
        done=lambda task: url_for("tasks.show", task_id=task.id),
        again=lambda: _new_page(form),
        said=t("The task was added; its assignments are drafts until you issue them."),
    )


def _new_page(form: TaskFields) -> str:
    return render_template("tasks/new.html", form=form)


def _task_form(make: Callable[[], TaskFields]) -> TaskFields:
    form = make()
    form.offer_all(_units(), _actions())
    return form


def _units() -> list[tuple[int, str]]:
    rows = db().execute(select(Unit.id, Unit.name).where(Unit.active).order_by(Unit.name))
    return [(unit_id, name) for unit_id, name in rows]


def _actions() -> list[tuple[int, str]]:
    query = select(Action).where(Action.plan_id == active_plan(db()).id).order_by(Action.position)
    return [(each.id, f"{each.number} {each.title}") for each in db().scalars(query)]
