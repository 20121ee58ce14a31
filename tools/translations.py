"""Finds the sentences that people read, and keeps planner.po in step with them.

python -m tools.translations extract   print every message id
python -m tools.translations missing   print those without Chinese; exit status 1 if there are any
python -m tools.translations update    add the new ones, empty, to planner.po; drop the unused
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from planner.domain import errors
from planner.i18n import TRANSLATIONS

ROOT = Path(__file__).resolve().parent.parent
CHINESE = TRANSLATIONS / "zh" / "LC_MESSAGES" / "planner.po"

Msgid: TypeAlias = "str | tuple[str, str]"

PYTHON = [("**.py", "python")]
TEMPLATES = [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
TEMPLATE_OPTIONS = {"silent": "false", "newstyle_gettext": "true", "trimmed": "true"}
REFUSALS = [
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.DomainError)
]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(["t", "Text", "_", "N_", "gettext", *REFUSALS]),
    "ngettext": (1, 2),
}
"""Calls whose first argument is a message id; a refusal may take one in place of a text."""

HEADER = r"""# Chinese sentences of planner. `python -m tools.translations update` keeps the list.
msgid ""
msgstr ""
"Language: zh\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""


def extract(root: Path = ROOT) -> list[Msgid]:
    """Every message id of planner/**/*.py and templates/**, sorted; a plural as a pair.

    Raises jinja2.TemplateSyntaxError for a template that cannot be read.
    """
    python = extract_from_dir(
        root / "planner", PYTHON, keywords=KEYWORDS, directory_filter=_visible
    )
    templates = extract_from_dir(
        root / "templates",
        TEMPLATES,
        {pattern: TEMPLATE_OPTIONS for pattern, _ in TEMPLATES},
        keywords=KEYWORDS,
        directory_filter=_visible,
    )
    found = [_msgid(message) for _, _, message, _, _ in (*python, *templates)]
    return sorted({msgid for msgid in found if msgid}, key=_singular)


def missing(root: Path = ROOT, po: Path = CHINESE) -> list[Msgid]:
    """The message ids that have no translation, or only a fuzzy one."""
    catalog = _read(po)
    return [msgid for msgid in extract(root) if not _translation(catalog, msgid)]


def update(root: Path = ROOT, po: Path = CHINESE) -> None:
    """Bring the file in step with the code: new ids empty, used ones kept, the rest dropped.

    Sorted and without line numbers or dates, so that a change shows only what changed.
    """
    old, new = _read(po), Catalog(locale="zh")
    for msgid in extract(root):
        said = _translation(old, msgid)
        new.add(msgid, said if isinstance(msgid, str) else (said,))
    text = io.BytesIO()
    write_po(text, new, width=0, no_location=True, omit_header=True, sort_output=True)
    draft = po.with_suffix(".po.new")
    draft.write_bytes(HEADER.encode() + text.getvalue())
    draft.replace(po)


def _read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale="zh", abort_invalid=True)


def _translation(catalog: Catalog, msgid: Msgid) -> str:
    message = catalog.get(_singular(msgid))
    if message is None or message.fuzzy or not message.string:
        return ""
    return message.string if isinstance(message.string, str) else message.string[0]


def _singular(msgid: Msgid) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _msgid(message: str | tuple[str, ...]) -> Msgid:
    return message if isinstance(message, str) else (message[0], message[1])


def _visible(folder: str | Path) -> bool:
    return not Path(folder).name.startswith((".", "__"))


def _lines(msgids: Iterable[Msgid]) -> str:
    return "".join(f"{_singular(msgid)}\n" for msgid in msgids)


def main(arguments: list[str] | None = None) -> int:
    """Run one of the commands; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["extract", "missing", "update"])
    command = parser.parse_args(arguments).command
    if command == "update":
        update()
        return 0
    found = missing() if command == "missing" else extract()
    sys.stdout.write(_lines(found))
    return 1 if found and command == "missing" else 0


if __name__ == "__main__":
    sys.exit(main())
