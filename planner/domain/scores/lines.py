"""The lines that a score explains itself by; as printed, they add up to the total as printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import rounded, shown
from planner.domain.names import NAMES
from planner.domain.scores.credit import Layer
from planner.domain.scores.indicators import Judged
from planner.domain.scores.period import Place
from planner.domain.scores.points import Points
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Score
from planner.domain.scores.tally import Scored
from planner.domain.text import Text, t
from planner.domain.words import Method, Part

MEASURE_PLACES = 6
"""Decimals of amounts and weights in a sentence; they are kept with as many."""


@dataclass(frozen=True)
class Line:
    """One line of a score: what it is about, the rule, points possible and earned, and why.

    `what` is a Text of the house or the plan's own sentence. `possible` and `earned` have the
    rules' line places. `refs` are "assignment:12", "submission:5", "evidence:<sha256>",
    "section:<of the plan>".
    """

    what: Text | str
    rule: Text
    possible: Decimal
    earned: Decimal
    reason: Text
    refs: tuple[str, ...] = ()


ROUNDING = t("Rounding")
_NOTHING_DUE = t("nothing due yet")
VETO_MISSED = t("a veto item earned nothing: the lowest grade is forced")
STAR_MISSED = t("a ★ item earned nothing: the best grades are out of reach")


def lines(score: Score) -> tuple[Line, ...]:
    """The lines of a score; printed, `possible` adds up to 100 and `earned` to its total.

    The last one is what rounding makes of it. Without a score one line says that nothing is due.
    Raises ValueError for a score whose items were not kept.
    """
    if score.work.items is None:
        raise ValueError("only the sums of this score were kept")
    places = score.rules.line_places
    notes = [*(_shared(each, places) for each in score.shared), *_grade_notes(score)]
    notes += _components(score)
    if score.total is None:
        return (*notes, _note(t("No score"), t("only what counts is scored"), _NOTHING_DUE, places))
    stated = [
        *(_line(each, score) for each in score.work.items),
        *(_indicator(each, score) for each in score.indicators),
        *(_points(each, places) for each in score.points),
        *_limit(score),
        *notes,
    ]
    return (*stated, _rounding(stated, score.total, score.rules))


def _line(scored: Scored, score: Score) -> Line:
    possible = score.work_percent * scored.weight / score.work.weight
    places = score.rules.line_places
    return Line(
        what=scored.item.what,
        rule=_rule(scored),
        possible=rounded(possible, places),
        earned=rounded(possible * scored.credit.value, places),
        reason=reason_of(scored, score.rules),
        refs=tuple(_refs(scored)),
    )


def _indicator(judged: Judged, score: Score) -> Line:
    possible = score.indicator_percent * judged.weight / score.indicator_weight
    places = score.rules.line_places
    return Line(
        what=judged.indicator.what,
        rule=t("indicator, weight %(weight)s", weight=shown(judged.weight, MEASURE_PLACES)),
        possible=rounded(possible, places),
        earned=rounded(possible * (judged.credit or 0), places),
        reason=judged.why,
        refs=tuple(_indicator_refs(judged)),
    )


def _indicator_refs(judged: Judged) -> Iterator[str]:
    yield f"indicator:{judged.indicator.id}"
    if judged.reading:
        yield from judged.reading.evidence
    yield f"section:{judged.indicator.section}"


def _points(points: Points, places: int) -> Line:
    earned = rounded(points.points, places)
    return Line(points.what, points.rule, _zero(places), earned, points.reason, points.refs)


def _limit(score: Score) -> Iterator[Line]:
    """What is beyond 0 or 100."""
    if score.exact != score.unlimited:
        beyond = (score.exact or Fraction(0)) - (score.unlimited or Fraction(0))
        yield Line(
            what=t("Limit"),
            rule=t("a total lies between 0 and 100"),
            possible=_zero(score.rules.line_places),
            earned=rounded(beyond, score.rules.line_places),
            reason=t("what is beyond does not count"),
        )


def _rule(scored: Scored) -> Text:
    method, weight = NAMES[scored.item.method], shown(scored.weight, MEASURE_PLACES)
    if scored.place is Place.CARRIED:
        return t("%(method)s, weight %(weight)s, carried over", method=method, weight=weight)
    if scored.item.part is Part.SUPPORTING:
        return t("%(method)s, weight %(weight)s, supporting", method=method, weight=weight)
    return t("%(method)s, weight %(weight)s", method=method, weight=weight)


def reason_of(scored: Scored, rules: ScoringRules) -> Text:
    """Why an item earned what it earned, in one sentence of several parts."""
    first, *rest = _reasons(scored, rules)
    for part in rest:
        first = t("%(first)s; %(rest)s", first=first, rest=part)
    return first


def _reasons(scored: Scored, rules: ScoringRules) -> Iterator[Text]:
    if scored.place is Place.CARRIED:
        yield t(
            "carried over: %(percent)s %% were left, and count by %(factor)s",
            percent=shown(100 * scored.credit.rest),
            factor=rules.carry_over.factor,
        )
    yield _verified(scored)
    for layer in scored.credit.layers:
        if layer.late:
            yield _late(layer)
    if scored.credit.returns:
        yield t(
            "returns: %(times)s, counted: %(counted)s, less %(percent)s %%",
            times=scored.credit.returns,
            counted=scored.credit.counted_returns,
            percent=shown(100 * scored.credit.returns_penalty),
        )
    if scored.credit.claimed > scored.credit.verified:
        yield t(
            "claimed but not verified: %(percent)s %%",
            percent=shown(100 * (scored.credit.claimed - scored.credit.verified)),
        )


def _verified(scored: Scored) -> Text:
    item, credit = scored.item, scored.credit
    if credit.untrue:
        return t("evidence found untrue: it counts 0")
    if not credit.rest:
        return t("all of it was verified before: nothing is left of it")
    if not credit.verified:
        return t("nothing verified; due on %(due)s", due=item.due_on)
    if item.method is Method.PROPORTIONAL:
        target = credit.rest * Fraction(item.target)
        return t(
            "verified %(verified)s of %(target)s %(measure)s",
            verified=shown(credit.verified * target, MEASURE_PLACES),
            target=shown(target, MEASURE_PLACES),
            measure=item.measure,
        )
    if item.method is Method.BINARY:
        return t("verified, handed in on %(day)s", day=credit.layers[-1].portion.handed_in_on)
    return t("verified, and judged %(points)s of 100", points=shown(100 * credit.verified))


def _late(layer: Layer) -> Text:
    return t(
        "%(share)s %% handed in on %(day)s, working days late: %(late)s, less %(percent)s %%",
        share=shown(100 * layer.share),
        day=layer.portion.handed_in_on,
        late=layer.late,
        percent=shown(100 * layer.penalty),
    )


def _refs(scored: Scored) -> Iterator[str]:
    """The assignment, the proof that earned points, and the place in the plan that asks for it."""
    yield f"assignment:{scored.item.id}"
    proven = {layer.portion.submission_id for layer in scored.credit.layers}
    evidence: dict[str, None] = {}
    for each in scored.item.handed_in:
        if each.id in proven:
            yield f"submission:{each.id}"
            evidence |= dict.fromkeys(each.evidence)
    yield from evidence
    if scored.item.section:
        yield f"section:{scored.item.section}"


def _zero(places: int) -> Decimal:
    return rounded(Fraction(0), places)


def _note(
    what: Text | str, rule: Text, reason: Text, places: int, refs: tuple[str, ...] = ()
) -> Line:
    """A line without points."""
    return Line(what, rule, _zero(places), _zero(places), reason, refs)


def _shared(scored: Scored, places: int) -> Line:
    return _note(
        scored.item.what,
        t("a target that several units share"),
        t("not allocated to units yet: shown for the county, scored for nobody"),
        places,
        tuple(_refs(scored)),
    )


def _grade_notes(score: Score) -> Iterator[Line]:
    """Why the grade is not the one that the total reaches."""
    rule, places = t("the grade changes, the score does not"), score.rules.line_places
    for missed, reason in (
        (score.vetoed, VETO_MISSED),
        (score.starred, STAR_MISSED),
    ):
        for each in missed:
            yield _note(each.item.what, rule, reason, places, (f"assignment:{each.item.id}",))


def _components(score: Score) -> Iterator[Line]:
    """Which indicators are not scored, and why a component gives its share to the other."""
    if score.beside is None:
        return
    percent, places = score.rules.weights.indicators, score.rules.line_places
    rule = t("%(percent)s %% of the total by the rules", percent=percent)
    for each in score.beside.indicators:
        if each not in score.indicators:
            refs = (f"indicator:{each.indicator.id}",)
            yield _note(each.indicator.what, rule, each.why, places, refs)
    if percent and not score.indicators:
        reason = t("no indicator is scored, so that work counts for 100 %%")
        yield _note(t("Indicators"), rule, reason, places)
    elif score.indicators and not score.work.weight:
        rule = t("%(percent)s %% of the total by the rules", percent=score.rules.weights.work)
        reason = t("no work is scored, so that indicators count for 100 %%")
        yield _note(t("Work"), rule, reason, places)


def _rounding(stated: list[Line], total: Decimal, rules: ScoringRules) -> Line:
    possible = rounded(Fraction(100), rules.line_places)
    return Line(
        what=ROUNDING,
        rule=t("half up to %(places)s places, once", places=rules.places),
        possible=possible - sum((line.possible for line in stated), Decimal(0)),
        earned=total - sum((line.earned for line in stated), Decimal(0)),
        reason=t("so that the lines add up to the total as printed"),
    )
