"""Reads and checks a plan file."""

from __future__ import annotations

from pathlib import Path

from planner.domain.located import BadRecord, Problem, Tree
from planner.domain.records import Reader
from planner.domain.text import Text, t
from planner.planfile.checks import cross_check
from planner.planfile.model import PlanFile
from planner.planfile.tree import Malformed, compose

MAX_BYTES = 2 * 1024 * 1024
"""A county's whole plan takes a twentieth of this; more is no plan file."""


class PlanFileError(BadRecord):
    """The plan file cannot be used; `problems` lists every mistake with line and path."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        reason = t(
            "The plan file %(source)s cannot be used. Mistakes: %(count)s.",
            source=source,
            count=len(problems),
        )
        super().__init__(reason, problems)


def load(path: Path) -> PlanFile:
    """The plan in a UTF-8 YAML file. Raises PlanFileError with all its mistakes."""
    source = str(path)
    if not path.is_file():
        raise _whole_file(source, t("There is no such file."))
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _whole_file(
            source, t("The file cannot be read: %(reason)s.", reason=error.strerror)
        ) from error
    return parse(_decode(data, source), source)


def parse(text: str, source: str = "plan") -> PlanFile:
    """The plan in a YAML text; `source` names it in the error.

    Raises PlanFileError with all its mistakes.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _whole_file(source, _too_large())
    problems: list[Problem] = []
    try:
        tree = compose(text, problems)
    except Malformed as malformed:
        raise PlanFileError(source, [*problems, malformed.problem]) from malformed
    return _read(tree, source, problems)


def _read(tree: Tree, source: str, problems: list[Problem]) -> PlanFile:
    reader = Reader()
    plan = reader.read(PlanFile, tree)
    cross_check(reader)
    problems += reader.problems
    if plan is None or problems:
        raise PlanFileError(source, problems)
    return plan


def _decode(data: bytes, source: str) -> str:
    if len(data) > MAX_BYTES:
        raise _whole_file(source, _too_large())
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = t("The file is not UTF-8: save it as UTF-8 and try again.")
        raise PlanFileError(source, [Problem(line, "", message)]) from error


def _whole_file(source: str, message: Text) -> PlanFileError:
    return PlanFileError(source, [Problem(1, "", message)])


def _too_large() -> Text:
    return t("The file is larger than %(mb)s MB.", mb=MAX_BYTES // 1024 // 1024)
