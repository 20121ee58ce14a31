"""What the items of a score could still earn: each gain is the score of the changed facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from planner.domain.exact import shown
from planner.domain.scores.acts import HandedIn, Verdict, Verified
from planner.domain.scores.credit import lateness_penalty
from planner.domain.scores.gains import Gain, Way
from planner.domain.scores.items import Item
from planner.domain.scores.lines import MEASURE_PLACES, STAR_MISSED, VETO_MISSED
from planner.domain.scores.period import AsOf, Place
from planner.domain.scores.rules import ScoringRules
from planner.domain.scores.scoring import Score
from planner.domain.scores.tally import Scored, score_item
from planner.domain.text import Text, t
from planner.domain.words import Decision, Method, SubmissionKind
from planner.domain.workdays import WorkCalendar

NOTHING = Decimal(0)


def work_gains(score: Score, asked: AsOf, calendar: WorkCalendar) -> Iterator[Gain]:
    """What each item could still earn. Raises ValueError where the items were not kept."""
    if score.work.items is None:
        raise ValueError("only the sums of this score were kept")
    work = _Work(score, asked, calendar)
    for each in score.work.items:
        if _is_open(each.item):
            yield from work.waiting(each) if each.item.waiting else work.owed(each)


def _is_open(item: Item) -> bool:
    """Whether anything can be done that would count; without an amount nothing is verified."""
    closed = item.accepted or item.suspended or item.untrue
    return not closed and (item.method is not Method.PROPORTIONAL or item.amount is not None)


@dataclass(frozen=True)
class _Work:
    """The score that the gains are of."""

    score: Score
    asked: AsOf
    calendar: WorkCalendar

    @property
    def _rules(self) -> ScoringRules:
        return self.score.rules

    def waiting(self, each: Scored) -> Iterator[Gain]:
        """A round that lies with the lead, accepted as it is."""
        item = each.item
        rounds = tuple(self._accepted(one) for one in item.handed_in)
        waiting = next(one for one in item.course.rounds if one.decided is None)
        changed = self._verified(
            replace(item, handed_in=rounds), self._claimed(item, waiting), waiting.on
        )
        yield from self._gain(Way.WITH_LEAD, each, changed, waiting.on)

    def _accepted(self, one: HandedIn) -> HandedIn:
        """A round that nobody decided, accepted today."""
        if one.kind is not SubmissionKind.COMPLETION or one.decided:
            return one
        return replace(one, verdicts=(*one.verdicts, Verdict(self.asked.day, Decision.ACCEPT)))

    def owed(self, each: Scored) -> Iterator[Gain]:
        """What was reported with evidence is the lead's to verify, the rest the unit's to do."""
        item, rest = each.item, self._rest(each.item)
        if report := _reported(item):
            reported = self._claimed(item, report)
            rest -= reported
            changed = self._verified(item, reported, report.on)
            yield from self._gain(Way.WITH_LEAD, each, changed, report.on)
        on = self.calendar.on_or_after(self.asked.day)
        if rest > 0 and on <= self.asked.period.cut_off:
            yield from self._gain(self._way(each), each, self._verified(item, rest, on), on, rest)

    def _rest(self, item: Item) -> Decimal:
        """What is not verified yet of all that can be, in the item's measure or as a share of 1."""
        most = {
            Method.PROPORTIONAL: item.amount or NOTHING,
            Method.TIERS: self._rules.tiers[0].credit,
        }.get(item.method, Decimal(1))
        return max(NOTHING, most - sum((each.amount for each in item.portions), NOTHING))

    def _claimed(self, item: Item, handed_in: HandedIn) -> Decimal:
        """What of the rest a submission claims."""
        rest = self._rest(item)
        if item.method is not Method.PROPORTIONAL:
            return rest
        verified = (item.amount or NOTHING) - rest
        return min(rest, max(NOTHING, (handed_in.amount or NOTHING) - verified))

    def _verified(self, item: Item, amount: Decimal, handed_in_on: date) -> Item:
        """The item with one more portion, verified today."""
        portion = Verified(0, 0, amount, handed_in_on, self.asked.day)
        return replace(item, portions=(*item.portions, portion))

    def _way(self, each: Scored) -> Way:
        if each.place is Place.CARRIED:
            return Way.CARRIED
        if not self.asked.is_due(each.item, self.calendar):
            return Way.LATER
        return Way.REST if each.credit.verified else Way.HAND_IN

    def _gain(
        self, way: Way, each: Scored, changed: Item, on: date, more: Decimal = NOTHING
    ) -> Iterator[Gain]:
        """The gain from an item that changes; none where nothing would count any more."""
        made = score_item(changed, self.asked, self._rules, self.calendar)
        after = self._total_with(each, made)
        if after is None or self.score.exact is None:
            return
        with_lead = way is Way.WITH_LEAD
        todo = self._decided(each, made, on) if with_lead else _to_do(each.item, made, more)
        yield Gain(
            way=way,
            what=each.item.what,
            todo=_with_grade(todo, each) if each in self.score.work.missed else todo,
            points=after - self.score.exact,
            until=None if with_lead else self._until(each.item, on),
            refs=(f"assignment:{each.item.id}",),
        )

    def _total_with(self, each: Scored, made: Scored | None) -> Fraction | None:
        """The exact total with one item scored otherwise, or left out."""
        work = self.score.work
        weight, earned = (made.weight, made.earned) if made else (Fraction(0), Fraction(0))
        changed = replace(
            work,
            weight=work.weight - each.weight + weight,
            earned=work.earned - each.earned + earned,
        )
        return replace(self.score, work=changed).exact

    def _decided(self, each: Scored, made: Scored | None, on: date) -> Text:
        since = self.asked.since
        if each.place is Place.CARRIED and since is not None and on <= since:
            return t("handed in on %(day)s, before the year: less is carried over", day=on)
        return t(
            "handed in on %(day)s, to be reviewed by the lead: %(then)s", day=on, then=_then(made)
        )

    def _until(self, item: Item, on: date) -> date | None:
        """The last day on which as much can be reached as on the day `on`; None without end."""
        last = self.asked.period.cut_off
        due_on = self.calendar.on_or_after(item.due_on)
        if due_on >= on:
            return min(due_on, last)
        rules = self._rules.lateness
        penalty = self._penalty(item, on)
        if not rules.percent or 100 * penalty >= Fraction(rules.max_percent):
            return None if last == date.max else last
        while (following := self.calendar.add(on, 1)) <= last:
            if self._penalty(item, following) > penalty:
                break
            on = following
        return on

    def _penalty(self, item: Item, on: date) -> Fraction:
        return lateness_penalty(item.days_late(on, self.calendar), self._rules.lateness)


def _reported(item: Item) -> HandedIn | None:
    """The latest progress report with evidence and an amount, which the lead can verify from."""
    if item.method is not Method.PROPORTIONAL:
        return None
    reports = [
        each
        for each in item.handed_in
        if each.kind is SubmissionKind.PROGRESS and each.evidence and each.amount is not None
    ]
    return max(reports, key=lambda each: each.number, default=None)


def _to_do(item: Item, made: Scored | None, more: Decimal) -> Text:
    if item.method is not Method.PROPORTIONAL:
        return t("hand it in for completion: %(then)s", then=_then(made))
    return t(
        "%(amount)s %(measure)s more, with proof: %(then)s",
        amount=shown(Fraction(more), MEASURE_PLACES),
        measure=item.measure,
        then=_then(made),
    )


def _with_grade(todo: Text, each: Scored) -> Text:
    """With what a missed veto or ★ item does to the grade until then."""
    why = VETO_MISSED if each.item.veto else STAR_MISSED
    return t("%(first)s; %(rest)s", first=todo, rest=why)


def _then(made: Scored | None) -> Text:
    """What the item then counts; who judges may give less than everything."""
    percent = shown(100 * made.credit.value if made else Fraction(0))
    if made and made.item.method in (Method.TIERS, Method.RATED):
        return t("once accepted it counts up to %(percent)s %%", percent=percent)
    return t("once accepted it counts %(percent)s %%", percent=percent)
