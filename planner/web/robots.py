"""The robots of a unit's group chats, as the administrator keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from planner.domain.permissions import Area
from planner.domain.text import N_, Text, t
from planner.domain.words import ROBOT_CHANNELS
from planner.models import Robot
from planner.robots import Note
from planner.services import unit_robots, units
from planner.services.parcels import address_of
from planner.services.unit_robots import MAX_NAME, MAX_SECRET, RobotForm
from planner.web.access import area
from planner.web.context import actor, clock, close_db, db, language, runtime, writing
from planner.web.forms import UNPROCESSABLE, PlannerForm, carry_out, see_other
from planner.web.presentation import name_of
from planner.web.unit_forms import JustButton
from planner.wire import DeliveryFailed

bp = Blueprint("robots", __name__)

_PRIVATE = {"autocomplete": "off", "spellcheck": "false"}


class RobotFields(PlannerForm):
    """A new robot."""

    channel = SelectField(N_("Vendor"))
    name = StringField(N_("Name of the group"), [InputRequired(), Length(max=MAX_NAME)])
    token = StringField(
        N_("Webhook address"), [InputRequired(), Length(max=1000)], render_kw=_PRIVATE
    )
    secret = StringField(
        N_("Signing secret"), [Optional(), Length(max=MAX_SECRET)], render_kw=_PRIVATE
    )

    def offer(self) -> None:
        """Fill the choices."""
        self.channel.choices = [(str(each), name_of(each)) for each in ROBOT_CHANNELS]

    def robot(self) -> RobotForm:
        """What was typed."""
        return RobotForm(
            self.channel.data or "",
            self.name.data or "",
            self.token.data or "",
            self.secret.data,
        )


@bp.route("/units/<int:unit_id>/robots", methods=["GET", "POST"])
@area(Area.MANAGE_UNITS)
def index(unit_id: int) -> Any:
    """A unit's robots, and one more."""
    units.load_unit(db(), unit_id)
    form = RobotFields()
    form.offer()
    if request.method != "POST":
        return _page(unit_id, form)
    return carry_out(
        form,
        lambda session: unit_robots.add_robot(session, actor(), clock(), unit_id, form.robot()),
        done=lambda _robot: url_for("robots.index", unit_id=unit_id),
        again=lambda: _page(unit_id, form),
        said=lambda robot: t("“%(robot)s” was added. Try it out now.", robot=robot.name),
    )


def _page(unit_id: int, form: RobotFields | None = None) -> str:
    if form is None:
        form = RobotFields(formdata=None)
        form.offer()
    return render_template(
        "units/robots.html",
        unit=units.load_unit(db(), unit_id),
        robots=unit_robots.robots_of(db(), unit_id),
        masked=unit_robots.masked,
        form=form,
        button=JustButton(formdata=None),
    )


@bp.post("/units/<int:unit_id>/robots/<int:robot_id>/test")
@area(Area.MANAGE_UNITS)
def try_out(unit_id: int, robot_id: int) -> Any:
    """Post a word to the group, with no transaction open, and say what became of it."""
    robot = address_of(unit_robots.load_robot(db(), unit_id, robot_id))
    if not JustButton().was_sent_well():
        return _page(unit_id), UNPROCESSABLE
    title = language().say(t("A trial of planner: this group gets the notices of its unit."))
    note, at, failure = Note(title, runtime().links.my_work()), clock().now, None
    close_db()
    try:
        runtime().robots.post(robot, note, at)
    except DeliveryFailed as failed:
        failure = failed.reason
    with writing() as session:
        unit_robots.note_trial(session, actor(), clock(), unit_id, robot_id, failure)
        session.commit()
    said = failure or t("The vendor took it: look into the group.")
    flash(language().say(said), "danger" if failure else "success")
    return see_other(url_for("robots.index", unit_id=unit_id))


@bp.post("/units/<int:unit_id>/robots/<int:robot_id>/disable")
@area(Area.MANAGE_UNITS)
def disable(unit_id: int, robot_id: int) -> Any:
    """Tell this group nothing any more."""
    return _stand(unit_id, robot_id, unit_robots.disable_robot, t("The robot was disabled."))


@bp.post("/units/<int:unit_id>/robots/<int:robot_id>/enable")
@area(Area.MANAGE_UNITS)
def enable(unit_id: int, robot_id: int) -> Any:
    """Tell this group again."""
    return _stand(unit_id, robot_id, unit_robots.enable_robot, t("The robot was enabled."))


def _stand(unit_id: int, robot_id: int, verb: Callable[..., Robot], said: Text) -> Any:
    return carry_out(
        JustButton(),
        lambda session: verb(session, actor(), clock(), unit_id, robot_id),
        done=lambda _robot: url_for("robots.index", unit_id=unit_id),
        again=lambda: _page(unit_id),
        said=said,
    )
