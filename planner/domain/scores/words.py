"""How scores are counted, in sentences made from the rules' data: no number is written twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import shown
from planner.domain.names import NAMES
from planner.domain.scores.ranks import grade_name
from planner.domain.scores.rules import Bonus, DayOfYear, Grade, ScoringRules, Tier
from planner.domain.text import Text, t
from planner.domain.words import Method

PLACES = 6
"""Decimals of a number in a sentence."""

MONTHS = (
    t("January"),
    t("February"),
    t("March"),
    t("April"),
    t("May"),
    t("June"),
    t("July"),
    t("August"),
    t("September"),
    t("October"),
    t("November"),
    t("December"),
)


@dataclass(frozen=True)
class Sentence:
    """One rule in words; `key` names it, and every version of the rules has the same keys."""

    key: str
    text: Text


@dataclass(frozen=True)
class Chapter:
    """What the rules say about one matter."""

    title: Text
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Change:
    """A rule that two versions word differently."""

    title: Text
    before: Text
    after: Text


def chapters(rules: ScoringRules) -> tuple[Chapter, ...]:
    """All rules in words."""
    return tuple(
        Chapter(title, tuple(Sentence(key, text) for key, text in sentences))
        for title, sentences in (
            (t("The total"), _total(rules)),
            (t("What an item earns"), _credit(rules)),
            (t("Points off and on"), _points(rules)),
            (t("Indicators"), _indicators(rules)),
            (t("Grades and ranks"), _grades(rules)),
        )
    )


def essence(rules: ScoringRules) -> tuple[Text, ...]:
    """The few sentences that answer most questions."""
    wanted = ("work", "verified", "lateness", "returns", "to_date", "ranks")
    said = {each.key: each.text for chapter in chapters(rules) for each in chapter.sentences}
    return tuple(said[key] for key in wanted)


def changes(before: ScoringRules, after: ScoringRules) -> tuple[Change, ...]:
    """What a version says otherwise than the one before it, rule by rule."""
    old = {each.key: each.text for chapter in chapters(before) for each in chapter.sentences}
    return tuple(
        Change(chapter.title, old[each.key], each.text)
        for chapter in chapters(after)
        for each in chapter.sentences
        if old[each.key] != each.text
    )


def _total(rules: ScoringRules) -> Iterator[tuple[str, Text]]:
    yield (
        "components",
        t(
            "The total is of 100 points: %(work)s %% work and %(indicators)s %% indicators.",
            work=rules.weights.work,
            indicators=rules.weights.indicators,
        ),
    )
    yield (
        "redistribution",
        t(
            "Where nothing of one is scored, the other counts for all; "
            "where nothing counts yet there is no score, neither 0 nor 100."
        ),
    )
    yield "work", t("Work score = 100 × Σ weight × credit ÷ Σ weight.")
    yield (
        "weights",
        t(
            "An item weighs %(weight)s unless the lead agency says otherwise; "
            "a supporting part counts by %(percent)s %% of its weight.",
            weight=rules.default_weight,
            percent=_percent(rules.supporting_factor),
        ),
    )
    yield (
        "to_date",
        t(
            "To date counts what was due by the day; the whole period counts all of it, "
            "so that what is not due yet counts 0 for now."
        ),
    )
    yield (
        "rounding",
        t(
            "The total is rounded half up to %(places)s decimals, once, at the very end; "
            "its lines show %(line_places)s, and the last one is the rounding.",
            places=rules.places,
            line_places=rules.line_places,
        ),
    )


def _credit(rules: ScoringRules) -> Iterator[tuple[str, Text]]:
    yield (
        "verified",
        t("Only proof that was accepted earns credit, from 0 to 1; a claim counts nothing."),
    )
    for method, says in (
        (Method.BINARY, t("1 once all of it is verified, else 0")),
        (Method.PROPORTIONAL, t("the verified amount divided by the target, at most 1")),
        (Method.TIERS, joined(_tier(tier) for tier in rules.tiers)),
        (Method.RATED, t("what the reviewer gives of 100, with a reason")),
    ):
        yield method, t("%(method)s: %(says)s.", method=NAMES[method], says=says)
    yield (
        "lateness",
        t(
            "Lateness: each started %(workdays)s working days after the due date take "
            "%(percent)s %% off what is handed in then, at most %(most)s %%; "
            "the days that it lies with the lead agency do not count.",
            workdays=rules.lateness.workdays,
            percent=rules.lateness.percent,
            most=rules.lateness.max_percent,
        ),
    )
    yield (
        "returns",
        t(
            "Returns: up to %(free)s for a formal fault cost nothing; each further one, and each "
            "rejection, takes %(percent)s %% off the item, at most %(most)s %%.",
            free=rules.returns.free_amends,
            percent=rules.returns.percent,
            most=rules.returns.max_percent,
        ),
    )
    yield (
        "rework",
        t(
            "What is returned is due again within %(days)s working days, "
            "unless the reviewer says otherwise.",
            days=rules.returns.rework_workdays,
        ),
    )
    yield (
        "carry_over",
        t(
            "A year counts what was handed in by 31 December. The rest is carried over: "
            "in the next year it counts by %(percent)s %% of its weight, until it is closed.",
            percent=_percent(rules.carry_over.factor),
        ),
    )


def _tier(tier: Tier) -> Text:
    return t("%(name)s counts %(credit)s", name=tier.name, credit=tier.credit)


def _points(rules: ScoringRules) -> Iterator[tuple[str, Text]]:
    yield (
        "reports",
        t(
            "A periodic report that comes late costs %(late)s points, a missing one %(missing)s; "
            "all of a period together at most %(most)s.",
            late=rules.reports.late_points,
            missing=rules.reports.missing_points,
            most=rules.reports.max_points,
        ),
    )
    yield "untrue_evidence", untrue_evidence(rules)
    yield "bonus", _bonus(rules.bonus)
    yield "limits", t("A total is never below 0 nor above 100.")


def untrue_evidence(rules: ScoringRules) -> Text:
    """What evidence costs that was found untrue."""
    points, bars = rules.untrue_evidence.points, rules.untrue_evidence.bars
    if not bars:
        return t(
            "Evidence found untrue: the item counts 0, and the unit loses %(points)s points.",
            points=points,
        )
    return t(
        "Evidence found untrue: the item counts 0, the unit loses %(points)s points "
        "and cannot be graded %(grades)s.",
        points=points,
        grades=_named(rules, bars),
    )


def _bonus(bonus: Bonus) -> Text:
    if not bonus.enabled:
        return t("There is no bonus.")
    return t(
        "A binding indicator that ends better than its final target adds %(points)s points, "
        "all of them together at most %(most)s.",
        points=bonus.points,
        most=bonus.max_points,
    )


def _indicators(rules: ScoringRules) -> Iterator[tuple[str, Text]]:
    of = rules.indicators
    if of.score_expected:
        yield "which", t("Binding and expected indicators are scored.")
    else:
        yield "which", t("Binding indicators are scored; expected ones are tracked alone.")
    yield (
        "indicator_weight",
        t(
            "An indicator weighs %(weight)s unless the plan says otherwise.",
            weight=of.default_weight,
        ),
    )
    yield (
        "interim",
        t(
            "In the years between, an indicator earns the share of the way from its base to "
            "where the straight line to the target is that year, from 0 to 1."
        ),
    )
    steps = (
        t("%(percent)s %% of the way counts %(credit)s", percent=step.percent, credit=step.credit)
        for step in of.final_steps
    )
    yield (
        "final",
        t(
            "In the final year the target met is 1; short of it %(steps)s; less is 0.",
            steps=joined(steps),
        ),
    )
    yield (
        "readings",
        t(
            "The reading of a year is due by %(day)s of the next; "
            "one that is missing then counts 0.",
            day=day_name(of.readings_due),
        ),
    )
    yield (
        "contradictions",
        t(
            "An indicator whose printed numbers contradict each other is not scored "
            "until the lead agency confirms a base."
        ),
    )


def _grades(rules: ScoringRules) -> Iterator[tuple[str, Text]]:
    steps = (
        t("%(grade)s from %(points)s", grade=grade_name(grade), points=grade.at_least)
        for grade in rules.grades
    )
    yield "grades", t("Grades, by the rounded total: %(grades)s.", grades=joined(steps))
    yield (
        "veto",
        t(
            "A veto item that is due and earned nothing forces %(grade)s.",
            grade=_named(rules, (rules.veto.forces,)),
        ),
    )
    yield "starred", _starred(rules)
    yield (
        "ranks",
        t(
            "Units are ranked within their group, from %(least)s scored items on; "
            "equal totals share a place.",
            least=rules.ranking.min_items,
        ),
    )
    if rules.ranking.lead_apart:
        yield "lead", t("The lead agency stands apart and is not ranked.")
    else:
        yield "lead", t("The lead agency is ranked like every other unit.")
    yield (
        "publicity",
        t(
            "The results of an assessment are publicised for %(days)s working days.",
            days=rules.publicity_workdays,
        ),
    )


def _starred(rules: ScoringRules) -> Text:
    if not rules.starred.bars:
        return t("A ★ item that earned nothing changes no grade.")
    return t(
        "A ★ item that is due and earned nothing rules out %(grades)s. "
        "The grade changes, the score does not.",
        grades=_named(rules, rules.starred.bars),
    )


def _named(rules: ScoringRules, keys: Iterable[str]) -> Text:
    grades: dict[str, Grade] = {grade.key: grade for grade in rules.grades}
    return joined(t("“%(grade)s”", grade=grade_name(grades[key])) for key in keys)


def day_name(day: DayOfYear) -> Text:
    """A day of any year, such as 31 March."""
    return t("%(day)s %(month)s", day=day.day, month=MONTHS[day.month - 1])


def joined(parts: Iterable[Text]) -> Text:
    """Several words in a row. Raises ValueError where there are none."""
    first, *rest = parts
    for part in rest:
        first = t("%(first)s, %(second)s", first=first, second=part)
    return first


def _percent(factor: Decimal) -> Decimal:
    return shown(100 * Fraction(factor), PLACES)
