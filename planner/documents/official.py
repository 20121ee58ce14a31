"""An empty Word file in official document form, and the pieces that its papers are made of."""

from __future__ import annotations

import io
import re
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor, Twips
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from planner.documents.measures import (
    BLOCK_MM,
    BODY_PT,
    CHARACTER_SPACE,
    CHARACTER_TWIPS,
    FANG_SONG,
    LINE_TWIPS,
    MARGIN_LEFT_MM,
    MARGIN_TOP_MM,
    NARROWER_PERCENT,
    PAGE_MM,
    SMALL_PT,
    SONG,
    TYPEFACES,
    Typeface,
)

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

LEFT, CENTRE, RIGHT = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
)
JUSTIFIED = WD_ALIGN_PARAGRAPH.JUSTIFY


def writable(text: str) -> str:
    """The text without what XML cannot hold; Windows' and old Macs' line ends become plain."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def new_document(title: str, author: str) -> Document:
    """A4 with the text block, grid, typefaces and page numbers of the standard."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = writable(title)[:200], writable(author)[:200]
    properties.comments = ""
    properties.language = "zh-CN"
    _set_page(document)
    _set_body_style(document)
    _number_pages(document)
    _name_fallbacks(document)
    return document


def to_bytes(document: Document) -> bytes:
    """The file."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _set_page(document: Document) -> None:
    section = document.sections[0]
    width, height = PAGE_MM
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.left_margin = Mm(MARGIN_TOP_MM), Mm(MARGIN_LEFT_MM)
    section.right_margin = Mm(width - MARGIN_LEFT_MM - BLOCK_MM[0])
    section.bottom_margin = Mm(height - MARGIN_TOP_MM - BLOCK_MM[1])
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    grid = _element(
        "w:docGrid", type="linesAndChars", linePitch=LINE_TWIPS, charSpace=CHARACTER_SPACE
    )
    section._sectPr.append(grid)


def _set_body_style(document: Document) -> None:
    style = document.styles["Normal"]
    style.font.size = Pt(BODY_PT)
    properties = style.element.get_or_add_rPr()
    _set_typeface(properties, FANG_SONG)
    for tag in ("w:w", "w:lang"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    size = properties.find(qn("w:sz"))
    size.addprevious(_element("w:w", val=NARROWER_PERCENT))
    properties.append(_element("w:lang", val="en-US", eastAsia="zh-CN"))
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Twips(LINE_TWIPS)
    form.widow_control = False
    for tag in ("w:autoSpaceDE", "w:autoSpaceDN"):
        off = _element(tag, val="0")
        style.element.pPr.insert_element_before(off, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _set_typeface(properties: Any, face: Typeface) -> None:
    """For every script, so that digits keep to the grid as well."""
    fonts = properties.get_or_add_rFonts()
    for theme in [name for name in fonts.attrib if "heme" in name]:
        del fonts.attrib[theme]
    for place in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{place}"), face.name)
    fonts.set(qn("w:hint"), "eastAsia")


def _number_pages(document: Document) -> None:
    """－1－ in 四号宋体, on the outer side, one character from the edge of the text block."""
    section = document.sections[0]
    settings = document.settings
    settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        indent(paragraph, right=1 if side == RIGHT else 0, left=1 if side == LEFT else 0)
        write(paragraph, "－", SONG, SMALL_PT)
        _page_field(paragraph)
        write(paragraph, "－", SONG, SMALL_PT)


def _page_field(paragraph: Paragraph) -> None:
    for kind in ("begin", "instruction", "separate", "number", "end"):
        run = write(paragraph, "1" if kind == "number" else "", SONG, SMALL_PT)
        if kind == "instruction":
            code = _element("w:instrText")
            code.text = "PAGE"
            run._r.append(code)
        elif kind != "number":
            run._r.append(_element("w:fldChar", fldCharType=kind))


def _name_fallbacks(document: Document) -> None:
    """The table of typefaces: what stands in where one is not installed."""
    fonts = "".join(_font_xml(face) for face in TYPEFACES.values())
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    table = f'{head}<w:fonts xmlns:w="{namespace}">{fonts}</w:fonts>'
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = table.encode()


def _font_xml(face: Typeface) -> str:
    others = escape(",".join(face.fallbacks), {'"': "&quot;"})
    return (
        f'<w:font w:name="{face.name}"><w:altName w:val="{others}"/>'
        f'<w:panose1 w:val="{face.panose}"/><w:charset w:val="86"/>'
        '<w:family w:val="roman"/><w:pitch w:val="default"/></w:font>'
    )


def write(
    paragraph: Paragraph,
    text: str,
    face: Typeface = FANG_SONG,
    size: float = BODY_PT,
    colour: str | None = None,
) -> Run:
    """Add words to a paragraph; what XML cannot hold is left out."""
    run = paragraph.add_run(writable(text))
    run.font.size = Pt(size)
    _set_typeface(run._r.get_or_add_rPr(), face)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return run


def indent(paragraph: Paragraph, *, first: int = 0, left: int = 0, right: int = 0) -> None:
    """Indents in characters of the grid, as lengths that are a hair shorter.

    Counted in characters, they would be measured by the size of the type, which is wider than its
    place in the grid; LibreOffice then goes on to the next place.
    """
    form = paragraph.paragraph_format
    form.first_line_indent = _places(first)
    form.left_indent, form.right_indent = _places(left), _places(right)


def _places(characters: int) -> Length | None:
    return Twips(int(characters * CHARACTER_TWIPS) - 6) if characters else None


def line(document: Document, *, height: float | None = None) -> Paragraph:
    """An empty line; `height` in points where it is none of the grid's."""
    paragraph = document.add_paragraph()
    if height is not None:
        set_height(paragraph, height)
    return paragraph


def set_height(paragraph: Paragraph, points: float) -> None:
    """An exact line height off the grid."""
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
    snap = _element("w:snapToGrid", val="0")
    properties: Any = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(snap, "w:spacing", "w:ind", "w:jc", "w:rPr")


def rule(paragraph: Paragraph, colour: str, *, eighths: int = 12, dashed: bool = False) -> None:
    """A line below the paragraph, over the whole width; its weight in eighths of a point."""
    borders = _element("w:pBdr")
    borders.append(
        _element(
            "w:bottom", val="dashed" if dashed else "single", sz=eighths, space=1, color=colour
        )
    )
    properties: Any = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def shade(properties: Any, fill: str) -> None:
    """A ground of one colour behind a run or a cell."""
    properties.append(_element("w:shd", val="clear", color="auto", fill=fill))


def _element(tag: str, **attributes: object) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made
