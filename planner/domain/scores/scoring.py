"""The score of a unit, a box or the whole plan, for a year or the plan (design, section 4).

total = 60 % work + 40 % indicators, less deductions, plus bonus, between 0 and 100; exact until
one rounding at the end. work = 100 x sum of weight x credit / sum of weight. A component in which
nothing is scored gives its share to the other. Where nothing counts at all there is no score:
neither 0 nor 100.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import exact_sum, rounded
from planner.domain.kept import kept
from planner.domain.scores import indicators as indicator_rules
from planner.domain.scores.indicators import Judged
from planner.domain.scores.period import AsOf
from planner.domain.scores.points import Points
from planner.domain.scores.rules import Grade, ScoringRules
from planner.domain.scores.tally import Counts, Scored, Tally, Work
from planner.domain.workdays import WorkCalendar

LEAST, MOST = Fraction(0), Fraction(100)


@dataclass(frozen=True)
class Beside:
    """What counts beside work: indicators, and points off the total or on it.

    `bars` are keys of grades that untrue evidence puts out of reach.
    """

    indicators: tuple[Judged, ...] = ()
    points: tuple[Points, ...] = ()
    bars: frozenset[str] = frozenset()


NOTHING = Beside()


@dataclass(frozen=True)
class Score:
    """A score and what it is made of.

    `shared` are rows that are scored for nobody. `beside` is None for a part of the plan, such as
    a box, where work alone is scored.
    """

    work: Work
    rules: ScoringRules
    shared: tuple[Scored, ...] = ()
    beside: Beside | None = NOTHING

    @kept
    def indicators(self) -> tuple[Judged, ...]:
        """Those that are scored."""
        judged = self.beside.indicators if self.beside else ()
        return tuple(each for each in judged if each.credit is not None and each.weight)

    @kept
    def indicator_weight(self) -> Fraction:
        """The sum of their weights."""
        return indicator_rules.weight_of(self.indicators)

    @kept
    def work_percent(self) -> Fraction:
        """How much of the total is work: what the rules say, all or nothing where one is empty."""
        if not self.work.weight:
            return LEAST
        return Fraction(self.rules.weights.work) if self._has_indicators else MOST

    @kept
    def indicator_percent(self) -> Fraction:
        """How much of the total is indicators."""
        return MOST - self.work_percent if self._has_indicators else LEAST

    @property
    def _has_indicators(self) -> bool:
        return bool(self.indicator_weight and self.rules.weights.indicators)

    @kept
    def before_points(self) -> Fraction | None:
        """0 to 100, before anything is taken off or added; None where nothing counts."""
        earned = Fraction(0)
        if self.work_percent:
            earned += self.work_percent * self.work.earned / self.work.weight
        if self.indicator_percent:
            reached = indicator_rules.earned_by(self.indicators) / self.indicator_weight
            earned += self.indicator_percent * reached
        return earned if self.work_percent or self.indicator_percent else None

    @property
    def points(self) -> tuple[Points, ...]:
        """What is taken off and added."""
        return self.beside.points if self.beside else ()

    @kept
    def unlimited(self) -> Fraction | None:
        """With the points, before it is limited to 0 to 100."""
        if self.before_points is None:
            return None
        return self.before_points + exact_sum(each.points for each in self.points)

    @kept
    def exact(self) -> Fraction | None:
        """0 to 100, exactly; None where nothing counts."""
        return None if self.unlimited is None else min(MOST, max(LEAST, self.unlimited))

    @kept
    def total(self) -> Decimal | None:
        """0 to 100, rounded half up to the rules' places; None where nothing counts."""
        return None if self.exact is None else rounded(self.exact, self.rules.places)

    @property
    def scored_items(self) -> int:
        """How many items and indicators it rests on."""
        return self.work.count + len(self.indicators)

    @property
    def vetoed(self) -> tuple[Scored, ...]:
        """Missed veto items: each forces a grade."""
        return tuple(each for each in self.work.missed if each.item.veto)

    @property
    def starred(self) -> tuple[Scored, ...]:
        """Starred items at 0: each puts grades out of reach."""
        return tuple(each for each in self.work.missed if each.item.starred)

    @property
    def grade(self) -> Grade | None:
        """The grade that the rounded total reaches, unless a veto, a ★ or untrue evidence bars it.

        Those change the grade, never the score. None without a total.
        """
        return None if self.total is None else self.graded_as(grade_of(self.total, self.rules))

    def graded_as(self, reached: Grade) -> Grade:
        """What a grade that the total reaches becomes by a veto, a ★ or untrue evidence."""
        if self.vetoed:
            return next(each for each in self.rules.grades if each.key == self.rules.veto.forces)
        return _best_unbarred(reached, self._barred, self.rules)

    @property
    def _barred(self) -> frozenset[str]:
        starred = frozenset(self.rules.starred.bars if self.starred else ())
        return starred | (self.beside.bars if self.beside else frozenset())


def _best_unbarred(reached: Grade, barred: frozenset[str], rules: ScoringRules) -> Grade:
    """The grade reached, or the best below it that is not barred; else the lowest of all."""
    below = rules.grades[rules.grades.index(reached) :]
    return next((grade for grade in below if grade.key not in barred), rules.grades[-1])


def grade_of(total: Decimal, rules: ScoringRules) -> Grade:
    """The first grade that the total reaches; the lowest begins at 0."""
    return next(grade for grade in rules.grades if total >= grade.at_least)


@dataclass(frozen=True)
class Figures:
    """One subject's figures as of a day; `verified` and `claimed` are shares of the period.

    They are weighted by the items' weights, 0 to 1, and 0 where nothing counts.
    """

    to_date: Score
    whole: Score
    verified: Fraction
    claimed: Fraction
    counts: Counts


def figures_of(tally: Tally, rules: ScoringRules, beside: Beside | None = NOTHING) -> Figures:
    """What a tally comes to, with what counts beside work."""
    shared, totals = tuple(tally.shared), tally.totals()
    return Figures(
        to_date=Score(totals.to_date, rules, shared, beside),
        whole=Score(totals.whole, rules, shared, beside),
        verified=totals.verified,
        claimed=totals.claimed,
        counts=totals.counts,
    )


def figures(
    items: Iterable[Scored],
    asked: AsOf,
    rules: ScoringRules,
    calendar: WorkCalendar,
    beside: Beside | None = NOTHING,
) -> Figures:
    """What these items of the period come to; they are kept for the lines."""
    tally = Tally(asked, calendar, keep=True)
    for each in items:
        tally.add(each)
    return figures_of(tally, rules, beside)
