"""Lists as files to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from planner.services.export import CSV, XLSX, Sheet, as_csv, as_workbook
from planner.web.context import language

ENDINGS = "<any(xlsx, csv):ending>"
"""The end of an address that names a file."""


def table(ending: str, name: str, sheets: Sequence[Sheet[Any]]) -> Response:
    """The sheets as a workbook, or the first alone as CSV; `name` is the file's, without ending."""
    if ending == "csv":
        content = as_csv(sheets[0].columns, sheets[0].rows, language())
        answer = Response(content, content_type=CSV)
    else:
        answer = Response(as_workbook(sheets, language()), content_type=XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return answer
