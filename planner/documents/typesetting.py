"""Sets PDFs with typst: a template beside this file, and data as JSON.

The typefaces are the ones of the installed font package, never the machine's, and are embedded:
the same pages come out on every machine. They are read once in a process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

PDF = "application/pdf"

_TEMPLATES = Path(__file__).parent / "typst"
_FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(_FONTS)])


def typeset(template: str, data: Mapping[str, Any], on: date) -> bytes:
    """The PDF that a template makes of the data; it carries `on` as its date.

    Texts are only data to the template: nothing in them is markup. Raises typst.TypstError for a
    template that is wrong.
    """
    made = typst.compile(
        _TEMPLATES / template,
        root=_TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime.combine(on, time(), UTC),
        format="pdf",
    )
    if not isinstance(made, bytes):
        raise TypeError(f"{template} is not one document")
    return made
