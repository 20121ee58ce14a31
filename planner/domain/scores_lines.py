"""The lines that a score explains itself by; as printed, they add up to the total as printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import rounded, shown
from planner.domain.names import NAMES
from planner.domain.scores_credit import Layer
from planner.domain.scoring import Score, Scored
from planner.domain.scoring_rules import ScoringRules
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


def lines(score: Score) -> tuple[Line, ...]:
    """The lines of a score; printed, `possible` adds up to 100 and `earned` to its total.

    The last one is what rounding makes of it. Without a score one line says that nothing is due.
    """
    shared = (_shared(each, score.rules) for each in score.shared)
    notes = [*shared, *_grade_notes(score), *_indicators(score.rules)]
    if score.total is None:
        return (*notes, _nothing_due(score.rules))
    stated = [*(_line(each, score) for each in score.counted), *notes]
    return (*stated, _rounding(stated, score.total, score.rules))


def _line(scored: Scored, score: Score) -> Line:
    possible = 100 * scored.weight / score.weight
    places = score.rules.line_places
    return Line(
        what=scored.item.what,
        rule=_rule(scored),
        possible=rounded(possible, places),
        earned=rounded(possible * scored.credit.value, places),
        reason=reason_of(scored),
        refs=tuple(_refs(scored)),
    )


def _rule(scored: Scored) -> Text:
    method = NAMES[scored.item.method]
    if scored.item.part is Part.SUPPORTING:
        return t(
            "%(method)s, weight %(weight)s, supporting",
            method=method,
            weight=shown(scored.weight, MEASURE_PLACES),
        )
    return t(
        "%(method)s, weight %(weight)s", method=method, weight=shown(scored.weight, MEASURE_PLACES)
    )


def reason_of(scored: Scored) -> Text:
    """Why an item earned what it earned, in one sentence of several parts."""
    first, *rest = _reasons(scored)
    for part in rest:
        first = t("%(first)s; %(rest)s", first=first, rest=part)
    return first


def _reasons(scored: Scored) -> Iterator[Text]:
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
    if not credit.verified:
        return t("nothing verified; due on %(due)s", due=item.due_on)
    if item.method is Method.PROPORTIONAL:
        return t(
            "verified %(verified)s of %(target)s %(measure)s",
            verified=shown(credit.verified * item.target, MEASURE_PLACES),
            target=shown(item.target, MEASURE_PLACES),
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


def _shared(scored: Scored, rules: ScoringRules) -> Line:
    return Line(
        what=scored.item.what,
        rule=t("a target that several units share"),
        possible=rounded(Fraction(0), rules.line_places),
        earned=rounded(Fraction(0), rules.line_places),
        reason=t("not allocated to units yet: shown for the county, scored for nobody"),
        refs=(f"assignment:{scored.item.id}", f"section:{scored.item.section}"),
    )


def _grade_notes(score: Score) -> Iterator[Line]:
    """Why the grade is not the one that the total reaches."""
    zero = rounded(Fraction(0), score.rules.line_places)
    rule = t("the grade changes, the score does not")
    for missed, reason in (
        (score.vetoed, t("a veto item earned nothing: the lowest grade is forced")),
        (score.starred, t("a ★ item earned nothing: the best grades are out of reach")),
    ):
        for each in missed:
            refs = (f"assignment:{each.item.id}",)
            yield Line(each.item.what, rule, zero, zero, reason, refs)


def _indicators(rules: ScoringRules) -> Iterator[Line]:
    if rules.weights.indicators:
        zero = rounded(Fraction(0), rules.line_places)
        yield Line(
            what=t("Indicators"),
            rule=t("%(percent)s %% of the total by the rules", percent=rules.weights.indicators),
            possible=zero,
            earned=zero,
            reason=t("no indicator is scored, so that work counts for 100 %%"),
        )


def _nothing_due(rules: ScoringRules) -> Line:
    zero = rounded(Fraction(0), rules.line_places)
    return Line(
        what=t("No score"),
        rule=t("only what counts is scored"),
        possible=zero,
        earned=zero,
        reason=t("nothing due yet"),
    )


def _rounding(stated: list[Line], total: Decimal, rules: ScoringRules) -> Line:
    possible = rounded(Fraction(100), rules.line_places)
    return Line(
        what=t("Rounding"),
        rule=t("half up to %(places)s places, once", places=rules.places),
        possible=possible - sum((line.possible for line in stated), Decimal(0)),
        earned=total - sum((line.earned for line in stated), Decimal(0)),
        reason=t("so that the lines add up to the total as printed"),
    )
