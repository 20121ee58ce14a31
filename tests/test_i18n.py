"""People read their own language: every sentence, date and number."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, TemplateSyntaxError

from planner.domain.text import Text, Value, t
from planner.i18n import TRANSLATIONS, Language, Languages, MissingTranslation, read_catalog
from tests.support.cast import Cast
from tests.support.pages import LogIn
from tools import translations

CATALOG = {
    "Due %(day)s": "%(day)s到期",
    "late": "逾期",
    "It is %(what)s.": "已%(what)s。",
    "%(n)s task": "%(n)s项工作",
    "100 %%": "百分之百（100%%）",
}
ZH = Language("zh", CATALOG, strict=True)
EN = Language("en", None, strict=True)
SHANGHAI = ZoneInfo("Asia/Shanghai")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


# The list of sentences


def test_every_sentence_has_a_chinese_translation() -> None:
    """`python -m tools.translations update` adds the new ones to planner.po, to be filled in."""
    assert translations.missing() == []


def test_a_translation_has_the_placeholders_of_its_sentence() -> None:
    def placeholders(sentence: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(sentence))

    catalog = read_catalog(translations.CHINESE)
    differing = [
        msgid for msgid, text in catalog.items() if placeholders(msgid) != placeholders(text)
    ]
    assert differing == []


def test_nothing_but_placeholders_is_written_with_a_percent_sign() -> None:
    catalog = read_catalog(translations.CHINESE)
    stray = [text for pair in catalog.items() for text in pair if "%" in PLACEHOLDER.sub("", text)]
    assert stray == []


def project(tmp_path: Path) -> tuple[Path, Path]:
    """A small tree to extract from, and a .po file with one sentence used and one not."""
    (tmp_path / "planner" / "domain").mkdir(parents=True)
    (tmp_path / "templates" / "_parts").mkdir(parents=True)
    (tmp_path / "planner" / "domain" / "rules.py").write_text(
        't("Due %(day)s", day=day)\n'
        'raise NotAllowed("Not your task.")\n'
        'raise BadInput(t("Too " "long"), "text")\n'
        'ngettext("%(n)s day", "%(n)s days", n)\n'
        't(variable)\nprint("not a sentence")\n'
    )
    (tmp_path / "templates" / "_parts" / "page.html").write_text(
        "{{ _('My work') }}{% trans n=n %}\n  {{ n }} task at 5 %\n{% endtrans %}"
    )
    po = tmp_path / "planner.po"
    po.write_text('msgid "My work"\nmsgstr "我的工作"\n\nmsgid "Gone"\nmsgstr "旧"\n')
    return tmp_path, po


EXTRACTED = [
    "%(n)s day",
    "%(n)s task at 5 %%",
    "Due %(day)s",
    "My work",
    "Not your task.",
    "Too long",
]


def test_sentences_are_found_in_code_and_templates(tmp_path: Path) -> None:
    root, _ = project(tmp_path)
    found = translations.extract(root)
    assert [msgid if isinstance(msgid, str) else msgid[0] for msgid in found] == EXTRACTED
    assert found[0] == ("%(n)s day", "%(n)s days")


def test_a_template_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    root, _ = project(tmp_path)
    (root / "templates" / "broken.html").write_text("{% if %}")
    with pytest.raises(TemplateSyntaxError):
        translations.extract(root)


def test_update_adds_what_is_new_and_drops_what_is_unused(tmp_path: Path) -> None:
    root, po = project(tmp_path)
    translations.update(root, po)
    text = po.read_text()
    assert re.findall(r'^msgid "(.+)"', text, re.MULTILINE) == EXTRACTED
    assert 'msgid "My work"\nmsgstr "我的工作"' in text
    assert len(translations.missing(root, po)) == len(EXTRACTED) - 1


def test_update_changes_nothing_the_second_time(tmp_path: Path) -> None:
    root, po = project(tmp_path)
    translations.update(root, po)
    first = po.read_text()
    translations.update(root, po)
    assert po.read_text() == first
    assert "Date" not in first
    assert "page.html" not in first


def test_a_fuzzy_translation_is_none(tmp_path: Path) -> None:
    root, po = project(tmp_path)
    po.write_text('#, fuzzy\nmsgid "My work"\nmsgstr "猜测"\n')
    assert "My work" in translations.missing(root, po)
    assert read_catalog(po) == {}


# What is said


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (date(2024, 10, 5), "2024年10月5日", "5 October 2024"),
        (2024, "2024", "2024"),
        (Decimal("50000.00"), "50,000", "50,000"),
        (Decimal("1E+3"), "1,000", "1,000"),
        (Decimal("0.050"), "0.05", "0.05"),
        (Fraction(1, 3), "0.333333", "0.333333"),
        (Fraction(-2, 3), "-0.666667", "-0.666667"),
        ("县教委", "县教委", "县教委"),
        ("late", "late", "late"),
        (t("late"), "逾期", "late"),
        (t("It is %(what)s.", what=t("late")), "已逾期。", "It is late."),
        (None, "—", "—"),
    ],
)
def test_parameters_are_put_into_the_language(value: Value, chinese: str, english: str) -> None:
    """A name is never translated, also where it equals a sentence."""
    text = t("Due %(day)s", day=value)
    assert ZH.say(text) == f"{chinese}到期"
    assert EN.say(text) == f"Due {english}"


def test_a_bare_message_id_is_said_as_a_text() -> None:
    assert ZH.say("late") == "逾期"
    assert ZH.say("100 %%") == "百分之百（100%）"
    assert EN.say("100 %%") == EN.say(Text("100 %%")) == str(Text("100 %%")) == "100 %"


def test_a_parameter_is_never_taken_for_a_format() -> None:
    assert EN.say(t("Due %(day)s", day="100% %(x)s")) == "Due 100% %(x)s"


def test_the_empty_sentence_is_empty() -> None:
    assert ZH.say(t("")) == ""


@pytest.mark.parametrize(("n", "english"), [(0, "s"), (1, ""), (2, "s")])
def test_plurals_are_english_only(n: int, english: str) -> None:
    assert EN.ngettext("%(n)s task", "%(n)s tasks", n) == f"%(n)s task{english}"
    assert ZH.ngettext("%(n)s task", "%(n)s tasks", n) == "%(n)s项工作"


def test_strictly_a_missing_translation_is_an_error() -> None:
    with pytest.raises(MissingTranslation, match="unheard"):
        ZH.say(t("unheard"))
    with pytest.raises(MissingTranslation):
        ZH.ngettext("%(n)s day", "%(n)s days", 2)


def test_in_use_a_missing_translation_is_english_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lenient = Language("zh", CATALOG)
    with caplog.at_level(logging.WARNING):
        assert [lenient.say(t("unheard %(x)s", x=1)) for _ in range(3)] == ["unheard 1"] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "no zh translation of 'unheard %(x)s'"
    ]


def test_jinja_speaks_the_language() -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        ZH.gettext, ZH.ngettext, newstyle=True
    )
    template = environment.from_string(
        "{{ _('Due %(day)s', day=day) }}|{{ _('100 %%') }}|"
        "{% trans n=n %}\n  {{ n }} task\n{% pluralize %}\n  {{ n }} tasks\n{% endtrans %}"
    )
    assert template.render(day="<b>", n=3) == "&lt;b&gt;到期|百分之百（100%）|3项工作"


# Dates and numbers


def test_an_instant_is_shown_on_the_zones_clock() -> None:
    at = datetime(2024, 10, 15, 18, 3, tzinfo=UTC)
    assert ZH.instant(at, SHANGHAI) == "2024年10月16日 02:03"
    assert EN.instant(at, SHANGHAI) == "16 October 2024 02:03"


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ZH.instant(datetime(2024, 10, 15), SHANGHAI)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("number", "places", "shown"),
    [
        (0, None, "0"),
        (100, None, "100"),
        (1_234_567, None, "1,234,567"),
        (Decimal("-0.0000001"), None, "0"),
        (Decimal("92.5"), 2, "92.50"),
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("-0.125"), 2, "-0.13"),
        (Fraction(200, 3), 2, "66.67"),
        (100, 0, "100"),
    ],
)
def test_numbers(number: int | Decimal | Fraction, places: int | None, shown: str) -> None:
    assert ZH.number(number, places) == EN.number(number, places) == shown


@pytest.mark.parametrize(
    ("portion", "places", "shown"),
    [
        (Fraction(1, 3), 1, "33.3%"),
        (Decimal("0.455"), 0, "46%"),
        (1, 1, "100%"),
        (0, 1, "0%"),
    ],
)
def test_percentages(portion: int | Decimal | Fraction, places: int, shown: str) -> None:
    assert ZH.percent(portion, places) == shown


# Which language


def test_both_languages_are_there_without_a_request() -> None:
    languages = Languages(strict=True)
    assert languages.available == ("zh", "en")
    assert [languages.get(locale).locale for locale in languages.available] == ["zh", "en"]
    assert languages.default is languages.get("zh")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LookupError, match="'de'"):
        Languages().get("de")


def test_the_chinese_file_is_where_translators_look_for_it() -> None:
    assert translations.CHINESE == TRANSLATIONS / "zh" / "LC_MESSAGES" / "planner.po"


def test_a_page_is_in_the_language_of_each_of_its_readers(cast: Cast, client_of: LogIn) -> None:
    """Also where a constant is named: the first reader's language must not stay in the template."""
    for locale, name in (("en", "Granted"), ("zh", "同意"), ("en", "Granted")):
        page = client_of("coordinator", locale=locale).get("/adjustments").text
        assert f">{name}</option>" in page
