"""PDFs read back: their words, and whether they carry their typefaces."""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2
import pypdfium2.raw

RAW: Any = pypdfium2.raw


def texts(content: bytes) -> list[str]:
    """The words of each page."""
    with pypdfium2.PdfDocument(content) as document:
        return [page.get_textpage().get_text_range() for page in document]


def fonts(content: bytes) -> dict[str, bool]:
    """The names of the typefaces that words are set in, and whether each is embedded."""
    found: dict[str, bool] = {}
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            for each in page.get_objects(filter=[RAW.FPDF_PAGEOBJ_TEXT], max_depth=5):
                font = RAW.FPDFTextObj_GetFont(each.raw)
                name = _name(font)
                found[name] = RAW.FPDFFont_GetIsEmbedded(font) == 1
    return found


def _name(font: Any) -> str:
    length = RAW.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = ctypes.create_string_buffer(length)
    RAW.FPDFFont_GetBaseFontName(font, buffer, length)
    return buffer.value.decode()
