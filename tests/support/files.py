"""Makers of small, real files, and of liars, for tests. Each returns the file's bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import xlsxwriter
from PIL import Image

EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(240)
ELF = b"\x7fELF\x02\x01\x01" + bytes(249)
HTML = b"<!DOCTYPE html>\n<html><body><script>alert(1)</script></body></html>\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>\n'
SHELL = b"#!/bin/sh\nrm -rf /\n"

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.%s.main+xml"


def png(
    size: tuple[int, int] = (40, 30), colour: str | tuple[int, ...] = "red", mode: str = "RGB"
) -> bytes:
    """A picture of one colour."""
    return _saved(Image.new(mode, size, colour), "PNG")


def webp(size: tuple[int, int] = (40, 30)) -> bytes:
    """A green picture."""
    return _saved(Image.new("RGB", size, "green"), "WEBP")


def jpeg(size: tuple[int, int] = (40, 30), orientation: int = 1, place: str = "") -> bytes:
    """Red left half, blue right half; with the EXIF orientation and a description if given."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    if place:
        exif[0x010E] = place
    return _saved(image, "JPEG", exif=exif, quality=95)


def pdf(
    pages: int = 1,
    size: tuple[int, int] = (200, 100),
    content: bytes = b"0 0 50 50 re f",
    page_extra: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """A PDF of that many equal pages, in points, with a black square at the lower left."""
    kids = b" ".join(b"%d 0 R" % (number + 4) for number in range(pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 3 0 R%s>>" % (*size, page_extra)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/SigFlags 3>>>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
        _pdf_stream(b"", content),
        *[page] * pages,
        _pdf_stream(b"/Type/XObject/Subtype/Form/BBox[0 0 20 20]", b"1 0 0 rg 0 0 20 20 re f"),
    ]
    return _pdf_file(objects, trailer)


def sealed_pdf() -> bytes:
    """A page of 200 by 100 points with a red seal (a signature field) at its upper right."""
    seal = (
        b"/Annots[<</Type/Annot/Subtype/Widget/FT/Sig/T(seal)/F 4/Rect[180 80 200 100]"
        b"/AP<</N 5 0 R>>>>]"
    )
    return pdf(page_extra=seal)


def locked_pdf() -> bytes:
    """A PDF that asks for a password (its keys fit no password at all)."""
    key = b"0" * 64
    encrypt = b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<%s>/U<%s>>>" % (key, key)
    return pdf(trailer=b"/ID[<00><00>]" + encrypt)


def _pdf_stream(entries: bytes, content: bytes) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def _pdf_file(objects: Sequence[bytes], trailer: bytes) -> bytes:
    out, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj %s endobj\n" % (number, body)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, len(out))
    return out + b"xref\n0 %d\n%s" % (size, table) + end


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive with these members; the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def docx(text: str = "节能", extra: Mapping[str, bytes | str] | None = None) -> bytes:
    """A Word document with one paragraph, and further members."""
    document = (
        f'<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>'
        "</w:body></w:document>"
    )
    return _package("word/document.xml", "wordprocessingml.document", document, extra or {})


def pptx() -> bytes:
    """A presentation without slides."""
    return _package("ppt/presentation.xml", "presentationml.presentation", "<p/>", {})


def xlsx(rows: Sequence[Sequence[str | int]] = (("单位", "用电量"), ("县教委", 1200))) -> bytes:
    """An Excel workbook with these rows; the same bytes every time."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": datetime(2024, 1, 2, tzinfo=UTC)})
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def ofd() -> bytes:
    """The frame of an OFD document (GB/T 33190)."""
    root = '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" DocType="OFD" Version="1.0"/>'
    return zipped({"OFD.xml": root, "Doc_0/Document.xml": "<ofd:Document/>"})


def ole(*streams: str) -> bytes:
    """An OLE file (as Office wrote until 2003) whose directory lists these empty streams."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 62, 3, 65534, 9, 6)
    entries = _entry("Root Entry", 5) + b"".join(_entry(name, 2) for name in streams)
    return head.ljust(512, b"\0") + entries + bytes(-len(entries) % 512)


def _entry(name: str, kind: int) -> bytes:
    start = name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HB", 2 * len(name) + 2, kind)
    return start.ljust(128, b"\0")


def _package(part: str, kind: str, content: str, extra: Mapping[str, bytes | str]) -> bytes:
    types = (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{_MAIN % kind}"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="{part}"/></Relationships>'
    )
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations, part: content, **extra})


def _saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()
