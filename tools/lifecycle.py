"""Writes the life-cycle diagram and table of docs/architecture.md from the transition table.

`python -m tools.lifecycle` rewrites the document; a test compares it with the code.
"""

from __future__ import annotations

from pathlib import Path

from planner.domain.lifecycle import STATE_NAMES, TRANSITIONS, Claim, State, Verb

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
BEGIN, END = "<!-- made by tools.lifecycle: begin -->\n", "<!-- made by tools.lifecycle: end -->\n"


def diagram() -> str:
    """The states as a Mermaid state diagram; verbs that change no state are left to the table."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> draft"]
    for transition in TRANSITIONS.values():
        if transition.target is not None:
            lines += [
                f"    {source} --> {transition.target}: {transition.name}"
                for source in State
                if source in transition.sources
            ]
    return "\n".join([*lines, "    cancelled --> [*]", "```"])


def table() -> str:
    """Every verb with its states, the counter that it moves and what it needs."""
    rows = ["| verb | from | to | claims | needs |", "|---|---|---|---|---|"]
    return "\n".join(rows + [_row(verb) for verb in Verb])


def _row(verb: Verb) -> str:
    transition = TRANSITIONS[verb]
    sources = ", ".join(state for state in State if state in transition.sources)
    needs = "; ".join(str(need) for need in transition.needs)
    target = transition.target or "same"
    claim = "version" if transition.claim is Claim.VERSION else "activity"
    return f"| `{verb}` {transition.name} | {sources} | {target} | {claim} | {needs} |"


def rewritten(document: str) -> str:
    """The document with the part between the two marks made anew."""
    before, rest = document.split(BEGIN)
    _old, after = rest.split(END)
    states = "\n".join(f"- `{state}`: {STATE_NAMES[state]}" for state in State)
    return f"{before}{BEGIN}\n{diagram()}\n\n{states}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(rewritten(DOCUMENT.read_text("utf-8")), "utf-8")
