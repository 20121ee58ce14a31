"""What a message says, in its reader's language, as plain text; pages show the same sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.domain.reporting import period_name
from planner.domain.text import Text, Value, stored, t
from planner.i18n import Language
from planner.links import Links
from planner.models import Assignment, Message, Reminder
from planner.services.weekly import sections_of

LEVELS = {
    "red": t("Red: overdue"),
    "yellow": t("Yellow: soon"),
    "blue": t("Blue: to keep in view"),
}
"""The colours in the order of a digest, strongest first."""

MOST_OF_A_COLOUR = 50
"""Reminders of one colour that a digest spells out; the rest stands behind a link."""

_EXCERPT = 60

MOST_OF_A_SUBJECT = 80
"""Characters of what a person typed that a subject holds; mail programs show hardly more."""

TYPED = frozenset({"text", "reason"})
"""Parameters of a subject that hold what a person wrote, or the assignment's text."""


def render(message: Message, language: Language, links: Links) -> tuple[str, str]:
    """Subject and plain text of any message."""
    if message.kind == "digest":
        return render_digest(message, language, links)
    if message.kind == "weekly":
        return render_weekly(message, language, links)
    return render_event(message, language, links)


def render_weekly(message: Message, language: Language, links: Links) -> tuple[str, str]:
    """Subject and text of a weekly digest: each matter with its address, as it was made."""
    subject = subject_of(message, language)
    lines = [subject]
    for section in sections_of(message):
        lines += ["", language.say(section.said), links.page(section.path)]
        for said, path in section.lines:
            lines += [f"- {language.say(said)}", f"  {links.page(path)}"]
    return subject, _letter(lines)


def render_event(message: Message, language: Language, links: Links) -> tuple[str, str]:
    """Subject and text of an event, with the assignment that it is about and its address.

    The text begins with the whole of what the subject only begins to say.
    """
    lines = [language.say(subject(message))]
    if message.body is not None:
        lines += ["", language.say(stored(message.body))]
    if message.assignment is not None:
        link = links.assignment(message.assignment.id)
        lines += ["", title_of(message.assignment, language), link]
    else:
        link = links.page(message.path) if message.path else links.inbox()
        lines += ["", language.say(t("All of it: %(link)s", link=link))]
    return subject_of(message, language), _letter(lines)


def render_digest(message: Message, language: Language, links: Links) -> tuple[str, str]:
    """Subject and text of a digest: its reminders by colour, each with days and address."""
    subject = subject_of(message, language)
    lines = [subject]
    for level, reminders in by_level(message):
        lines += ["", f"== {language.say(LEVELS[level])} =="]
        for reminder in reminders[:MOST_OF_A_COLOUR]:
            lines += ["", *_entry(reminder, language, links)]
        if len(reminders) > MOST_OF_A_COLOUR:
            more = t("and %(count)s more", count=len(reminders) - MOST_OF_A_COLOUR)
            lines += ["", f"- {language.say(more)}", f"  {links.inbox()}"]
    lines += ["", language.say(t("All of it: %(link)s", link=links.my_work()))]
    return subject, _letter(lines)


def subject_of(message: Message, language: Language) -> str:
    """The message's headline in a language. Raises ValueError if what was stored is no text."""
    return language.say(headline(message))


def headline(message: Message) -> Text:
    """`subject` on one line, of what was typed only the beginning."""
    return _begun(subject(message))


def _begun(said: Text) -> Text:
    return Text(said.msgid, {key: _beginning(value) for key, value in said.params.items()})


def _beginning(value: Value) -> Value:
    if isinstance(value, Text):
        return _begun(value)
    return shortened(value, MOST_OF_A_SUBJECT) if isinstance(value, str) else value


def shortened(text: str, most: int) -> str:
    """On one line, and cut with an ellipsis where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def notice(message: Message) -> Text:
    """What a robot says: what happened to which assignment, and no word that a person wrote.

    Its group is a vendor's: what there is to read stands behind a log-in.
    """
    said = stored(message.subject)
    if message.assignment is None:
        return _unsaid(said, "…")
    about = title(message.assignment)
    told = _unsaid(said, about)
    if about in told.params.values():
        return told
    return t("[%(what)s] %(said)s", what=about, said=told)


def _unsaid(said: Text, instead: Text | str) -> Text:
    """The sentence with something in place of what a person wrote."""
    return Text(
        said.msgid, {key: _hidden(key, value, instead) for key, value in said.params.items()}
    )


def _hidden(key: str, value: Value, instead: Text | str) -> Value:
    if isinstance(value, Text):
        return _unsaid(value, "…")
    return instead if key in TYPED else value


def subject(message: Message) -> Text:
    """What a message says first; of an event with the task's number and the assignment's text.

    These take the place of the assignment's text where the sentence has it, else they lead it.
    What was forwarded to a deputy has them already. Raises ValueError if what was stored is no
    text.
    """
    said = stored(message.subject)
    if message.assignment is None or message.forwards_id is not None:
        return said
    about = title(message.assignment)
    named = {
        key: about if value == message.assignment.text else value
        for key, value in said.params.items()
    }
    if about in named.values():
        return Text(said.msgid, named)
    return t("[%(what)s] %(said)s", what=about, said=said)


def by_level(message: Message) -> Iterator[tuple[str, Sequence[Reminder]]]:
    """The reminders of a digest by colour, strongest first, each group by due date."""
    for level in LEVELS:
        found = [each for each in message.reminders if each.level == level]
        if found:
            yield level, sorted(found, key=lambda each: (each.due_on, each.id))


def what_is_due(reminder: Reminder) -> Text:
    """What a reminder says, counted on the day that it was recorded.

    Before the due date that is exact; afterwards the threshold is named that was crossed.
    """
    n, due = reminder.occurrence, reminder.due_on
    match reminder.family:
        case "due":
            return _before_due(reminder)
        case "overdue" if n == 1:
            return t("overdue; was due on %(due)s", due=due)
        case "overdue":
            return t("at least %(n)s working days overdue; was due on %(due)s", n=n, due=due)
        case "unsigned":
            return t("not signed for in %(n)s working days; due on %(due)s", n=n, due=due)
        case "waiting":
            return t("waiting for review for %(n)s working days; due on %(due)s", n=n, due=due)
        case "answer_by" | "report":
            return _answer_by(reminder) if reminder.family == "answer_by" else _report(reminder)
        case family:
            raise ValueError(f"a reminder of an unknown family: {family!r}")


def _answer_by(reminder: Reminder) -> Text:
    n, due = reminder.occurrence, reminder.due_on
    if n > 0:
        return t("urge not answered; the answer was due on %(due)s", due=due)
    if reminder.on >= due:
        return t("answer the urge today (%(due)s)", due=due)
    return t("answer the urge by %(due)s", due=due)


def _report(reminder: Reminder) -> Text:
    period = period_name(reminder.anchor.partition(":")[2])
    if reminder.occurrence > 0:
        return t(
            "report for %(period)s not handed in; it was due on %(due)s",
            period=period,
            due=reminder.due_on,
        )
    if reminder.on >= reminder.due_on:
        return t("report for %(period)s due today (%(due)s)", period=period, due=reminder.due_on)
    return t("report for %(period)s due on %(due)s", period=period, due=reminder.due_on)


def _before_due(reminder: Reminder) -> Text:
    left = (reminder.due_on - reminder.on).days
    if reminder.occurrence == 0 or left <= 0:
        return t("due today (%(due)s)", due=reminder.due_on)
    if left == 1:
        return t("due tomorrow (%(due)s)", due=reminder.due_on)
    return t("due on %(due)s, in %(n)s days", due=reminder.due_on, n=left)


def title_of(assignment: Assignment, language: Language) -> str:
    """`title` in a language."""
    return language.say(title(assignment))


def title(assignment: Assignment) -> Text:
    """The task's number and the assignment's text, shortened, with the year of a node."""
    text = shortened(assignment.text, _EXCERPT)
    number, year = assignment.task.number, assignment.year
    if year is None:
        return t("%(number)s %(text)s", number=number, text=text)
    return t("%(number)s %(text)s (year %(year)s)", number=number, text=text, year=year)


def _entry(reminder: Reminder, language: Language, links: Links) -> Iterator[str]:
    title = title_of(reminder.assignment, language)
    unit = reminder.assignment.unit
    yield f"- {title}" + (f" [{unit.name}]" if unit else "")
    yield f"  {language.say(what_is_due(reminder))}"
    yield f"  {links.assignment(reminder.assignment_id)}"


def _letter(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
