"""The circular as a PDF with embedded typefaces, in the form of the Word file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.documents.blocks import Block, Grid, Heading, Paragraph
from planner.documents.circular import Circular, attached, body
from planner.documents.official import writable
from planner.documents.pieces import chinese_date, flat, head_size
from planner.documents.typesetting import typeset


def set_circular(circular: Circular) -> bytes:
    """The file."""
    words = circular.words
    data = {
        "title": writable(words.title),
        "number": flat(words.number),
        "issuer": flat(words.issuer),
        "head_size": head_size(words.issuer),
        "signatory": flat(words.signatory),
        "addressees": flat(words.addressees),
        "copies": flat(words.copies),
        "on": chinese_date(words.on),
        "body": [_data(block) for block in body(circular)],
        "attachments": [
            {"title": each.title, "blocks": [_data(block) for block in each.blocks]}
            for each in attached(circular)
        ],
    }
    return typeset("circular.typ", data, words.on)


def _data(block: Block) -> Mapping[str, Any]:
    match block:
        case Heading(text):
            return {"kind": "heading", "text": flat(text)}
        case Paragraph(text, lead):
            return {"kind": "paragraph", "text": flat(text), "lead": flat(lead)}
        case Grid(columns, rows, name):
            heads = [{"head": c.head, "width": c.width, "align": str(c.align)} for c in columns]
            cells = [[flat(cell) for cell in row] for row in rows]
            return {"kind": "grid", "name": flat(name), "columns": heads, "rows": cells}
