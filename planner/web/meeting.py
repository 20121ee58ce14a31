"""The meeting room: the leader's page turned into views for a wall, one after the other.

Each view is a plain page with links to the one before and the next; static/meeting.js turns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import render_template, request

from planner.domain.errors import NotFound
from planner.domain.permissions import Area
from planner.domain.text import t
from planner.services import plans
from planner.services.scope import sees_county
from planner.services.scores import UnitScore
from planner.web import leader
from planner.web.access import area
from planner.web.context import actor, db
from planner.web.leader import HeatMap
from planner.web.presentation import say

UNITS_A_VIEW = 6
HEAT_A_VIEW = 6
TARGETS_A_VIEW = 8
INDICATORS_A_VIEW = 6
MISSED_A_VIEW = 8

SECONDS = (10, 20, 40, 60)
"""What one can choose to have a view stand."""

USUAL = 20

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class View:
    """One view: `key` names it in the address, `kind` says what draws it, `shown` what is drawn."""

    key: str
    kind: str
    title: str
    shown: Sequence[Any] = ()


@area(Area.SEE_SCORECARD)
def show() -> str:
    """One view of the meeting room, for those who see the county."""
    plan = plans.active_plan(db())
    if not sees_county(db(), actor()):
        raise NotFound
    page = leader.page(plan)
    views = list(_views(page))
    asked = request.args.get("view")
    place = next((place for place, view in enumerate(views) if view.key == asked), 0)
    return render_template(
        "scorecard/meeting.html",
        **page,
        view=views[place],
        place=place + 1,
        of=len(views),
        before=views[place - 1].key,
        after=views[(place + 1) % len(views)].key,
        every=_every(),
        seconds=SECONDS,
    )


def _every() -> int:
    """How many seconds a view stands; nonsense is the usual."""
    asked = request.args.get("every", "")
    return next((each for each in SECONDS if str(each) == asked), USUAL)


def _views(page: Mapping[str, Any]) -> Iterator[View]:
    found = page["overview"]
    yield View("overall", "overall", say(t("Where we stand")))
    yield from _ranking(page["groups"])
    yield from _heat(page["heat"])
    shown = [each for each in found.targets if each.shown]
    yield from _parts("targets", say(t("Quantified targets")), shown, TARGETS_A_VIEW)
    read = [each for each in found.indicators if each.latest]
    title = say(t("Indicators against their path"))
    yield from _parts("indicators", title, read, INDICATORS_A_VIEW)
    yield View("overdue", "overdue", say(t("Overdue")))
    missed = [*found.missed_targets, *found.missed_indicators]
    title = say(t("What will be missed at the present pace"))
    yield from _parts("missed", title, missed, MISSED_A_VIEW)


def _ranking(groups: Sequence[tuple[str | None, list[UnitScore]]]) -> Iterator[View]:
    """As many groups in a view as fit; of a long group the first and the last units."""
    views: list[list[tuple[str, Sequence[UnitScore]]]] = [[]]
    for piece in _pieces(groups):
        held = sum(1 + len(units) for _, units in views[-1])
        if views[-1] and held + len(piece[1]) > UNITS_A_VIEW:
            views.append([])
        views[-1].append(piece)
    for number, shown in enumerate(views):
        yield View(_key("units", number), "units", say(t("Ranking")), shown)


def _pieces(
    groups: Sequence[tuple[str | None, list[UnitScore]]],
) -> Iterator[tuple[str, Sequence[UnitScore]]]:
    for group, units in groups:
        name = _group_name(group, units)
        if len(units) <= UNITS_A_VIEW:
            yield name, units
            continue
        rest = units[UNITS_A_VIEW:]
        yield say(t("%(group)s: the first", group=name)), units[:UNITS_A_VIEW]
        yield say(t("%(group)s: the last", group=name)), rest[-UNITS_A_VIEW:]


def _group_name(group: str | None, units: Sequence[UnitScore]) -> str:
    if units[0].unit.lead:
        return say(t("Lead agency (stands apart)"))
    return group or say(t("Units"))


def _heat(heat: HeatMap) -> Iterator[View]:
    """Of many units those farthest behind, as far as a wall holds them."""
    title, rows = say(t("Units × boxes")), heat.rows
    if len(rows) > 2 * HEAT_A_VIEW:
        title = say(t("Units × boxes: the units farthest behind"))
        rows = sorted(rows, key=lambda row: row[0].figures.verified)[:HEAT_A_VIEW]
    yield from _parts("heat", title, rows, HEAT_A_VIEW)


def _parts(kind: str, title: str, shown: Sequence[Thing], most: int) -> Iterator[View]:
    """As many views as it takes, and one that says why there is nothing."""
    for number in range(max(1, -(-len(shown) // most))):
        part = shown[number * most : (number + 1) * most]
        yield View(_key(kind, number), kind, title, part)


def _key(kind: str, number: int) -> str:
    return f"{kind}-{number + 1}" if number else kind
