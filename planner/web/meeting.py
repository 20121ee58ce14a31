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

UNITS_A_VIEW = 7
HEAT_A_VIEW = 8
TARGETS_A_VIEW = 8
INDICATORS_A_VIEW = 6

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
    yield View("missed", "missed", say(t("What will be missed at the present pace")))


def _ranking(groups: Sequence[tuple[str | None, list[UnitScore]]]) -> Iterator[View]:
    """All groups in one view where they fit, else one each; of a long group the ends."""
    named = [(_group_name(group, units), units) for group, units in groups]
    if sum(1 + len(units) for _, units in named) <= UNITS_A_VIEW + 1:
        yield View("units", "units", say(t("Ranking")), named)
        return
    for number, (name, units) in enumerate(named, 1):
        key = f"units-{number}"
        if len(units) <= UNITS_A_VIEW:
            yield View(key, "units", say(t("Ranking")), [(name, units)])
            continue
        first, last = units[:UNITS_A_VIEW], units[UNITS_A_VIEW:][-UNITS_A_VIEW:]
        yield View(f"{key}-first", "units", say(t("Ranking: the first")), [(name, first)])
        yield View(f"{key}-last", "units", say(t("Ranking: the last")), [(name, last)])


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
        yield View(f"{kind}-{number + 1}" if number else kind, kind, title, part)
