"""Which files are taken in as evidence. The content decides; the name must agree with it."""

from __future__ import annotations

import codecs
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from planner.domain.errors import BadUpload
from planner.domain.text import Text, t
from planner.filenames import split_name

_HEAD = 4096
_CHUNK = 1 << 20
_MAX_ZIP_DIRECTORY = 2 << 20
_ZIP_TAIL = 22 + 0xFFFF


@dataclass(frozen=True)
class FileType:
    """A kind of file that is taken in, with the endings that its name may have."""

    media_type: str
    name: Text
    endings: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """What the bytes are: the types taken in that they fit (none: refused), and in words."""

    types: tuple[FileType, ...]
    name: Text


_OOXML = "application/vnd.openxmlformats-officedocument."

PDF = FileType("application/pdf", t("a PDF document"), ("pdf",))
PNG = FileType("image/png", t("a PNG picture"), ("png",))
JPEG = FileType("image/jpeg", t("a JPEG picture"), ("jpg", "jpeg", "jfif"))
WEBP = FileType("image/webp", t("a WebP picture"), ("webp",))
DOCX = FileType(_OOXML + "wordprocessingml.document", t("a Word document"), ("docx",))
XLSX = FileType(_OOXML + "spreadsheetml.sheet", t("an Excel workbook"), ("xlsx",))
PPTX = FileType(_OOXML + "presentationml.presentation", t("a presentation"), ("pptx",))
DOC = FileType("application/msword", t("an old Word or WPS document"), ("doc", "wps"))
XLS = FileType("application/vnd.ms-excel", t("an old Excel or WPS workbook"), ("xls", "et"))
PPT = FileType(
    "application/vnd.ms-powerpoint", t("an old PowerPoint or WPS presentation"), ("ppt", "dps")
)
OFD = FileType("application/ofd", t("an OFD document"), ("ofd",))
TXT = FileType("text/plain", t("a text file"), ("txt",))
CSV = FileType("text/csv", t("a table as text (CSV)"), ("csv",))

TAKEN_IN = (PDF, PNG, JPEG, WEBP, DOCX, XLSX, PPTX, DOC, XLS, PPT, OFD, TXT, CSV)
"""The allow-list. Archives and videos are left out on purpose: nobody could check what is in them,
and neither can be shown as pictures; a video is handed in as a link."""

_BY_ENDING = {ending: kind for kind in TAKEN_IN for ending in kind.endings}

ACCEPT = ",".join("." + ending for ending in _BY_ENDING)
"""For the `accept` attribute of a file field."""

_ARCHIVES = frozenset(["zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "iso", "cab"])
_VIDEOS = frozenset(["mp4", "mov", "avi", "mkv", "wmv", "flv", "webm", "mpg", "mpeg", "m4v", "3gp"])

_PROGRAM = Content((), t("a program"))
_ARCHIVE = Content((), t("an archive"))
_MARKUP = Content((), t("a web page or a script"))
_MACROS = Content((), t("a document with macros"))
_LOCKED = Content((), t("a document locked with a password"))
_UNKNOWN = Content((), t("of an unknown kind"))
_TEXT = Content((TXT, CSV), TXT.name)


def check(file: BinaryIO, name: str) -> FileType:
    """What the file is, by its content. `file` can seek; `name` is a clean one.

    Raises BadUpload if its kind is not taken in, or if the name says something else.
    """
    said = _said(name)
    found = _content(file)
    if said not in found.types:
        raise BadUpload(
            t(
                "The name says that this is %(said)s, but the content is %(found)s. Please save it "
                "as what its name says, without password or macros, and upload it again.",
                said=said.name,
                found=found.name,
            )
        )
    return said


def _said(name: str) -> FileType:
    """The type that the name's ending promises. Raises BadUpload if that is not taken in."""
    ending = split_name(name)[1].lower()
    if ending in _BY_ENDING:
        return _BY_ENDING[ending]
    if ending in _ARCHIVES:
        raise BadUpload(t("Archives are not taken in. Please upload the files in it one by one."))
    if ending in _VIDEOS:
        raise BadUpload(t("Videos are not taken in. Please give a link to the video instead."))
    kinds = ", ".join(_BY_ENDING)
    if not ending:
        raise BadUpload(
            t("The file's name has no ending that says its kind. Taken in: %(kinds)s.", kinds=kinds)
        )
    raise BadUpload(
        t(
            "Files of the kind .%(ending)s are not taken in. Taken in: %(kinds)s.",
            ending=ending,
            kinds=kinds,
        )
    )


def _content(file: BinaryIO) -> Content:
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _zip_content(file)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_content(file)
    return _by_signature(head) or _text_content(file) or _unknown(head)


def _of(kind: FileType) -> Content:
    return Content((kind,), kind.name)


def _by_signature(head: bytes) -> Content | None:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        return _of(PDF)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _of(PNG)
    if head.startswith(b"\xff\xd8\xff"):
        return _of(JPEG)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _of(WEBP)
    if head.startswith((b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")) or (
        head.startswith(b"MZ") and b"\0" in head
    ):
        return _PROGRAM
    return None


def _unknown(head: bytes) -> Content:
    """Content that is refused; puremagic names it where it can."""
    try:
        ending = puremagic.magic_string(head)[0].extension
    except puremagic.PureError:
        ending = ""
    if ending.lstrip(".") in _ARCHIVES:
        return _ARCHIVE
    if not ending:
        return _UNKNOWN
    return Content((), t("probably a %(ending)s file", ending=ending))


# --- ZIP: Office documents since 2007, and OFD

_MAIN_PARTS = {kind.media_type.encode() + b".main+xml": kind for kind in (DOCX, XLSX, PPTX)}
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def _zip_content(file: BinaryIO) -> Content:
    if not _is_small_directory(file):
        return _ARCHIVE
    try:
        with zipfile.ZipFile(file) as archive:
            return _archive_content(archive)
    except _ZIP_ERRORS:
        return Content((), t("a damaged archive"))


def _is_small_directory(file: BinaryIO) -> bool:
    """Whether the list of members can be read without filling the memory (APPNOTE.TXT 4.3.16)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _ZIP_TAIL))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    is_zip64 = tail[:end][-20:].startswith(b"PK\x06\x07")
    directory_size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    return not is_zip64 and directory_size <= _MAX_ZIP_DIRECTORY


def _archive_content(archive: zipfile.ZipFile) -> Content:
    names = set(archive.namelist())
    if "OFD.xml" in names and b"ofdspec.org" in _start(archive, "OFD.xml"):
        return _of(OFD)
    if "[Content_Types].xml" not in names:
        return _ARCHIVE
    parts = _start(archive, "[Content_Types].xml")
    if b"macroEnabled" in parts or any(name.endswith("vbaProject.bin") for name in names):
        return _MACROS
    return next((_of(kind) for mark, kind in _MAIN_PARTS.items() if mark in parts), _ARCHIVE)


def _start(archive: zipfile.ZipFile, member: str) -> bytes:
    with archive.open(member) as part:
        return part.read(_CHUNK)


# --- OLE: Office documents until 2003, and WPS's own

_OLE_STREAMS = {"WordDocument": DOC, "Workbook": XLS, "Book": XLS, "PowerPoint Document": PPT}
_OLE_REFUSED = {"EncryptedPackage": _LOCKED, "_VBA_PROJECT": _MACROS}


def _directory_entry(name: str) -> bytes:
    """How the entry of a stream begins (MS-CFB 2.6.1): name, its length in bytes, type 2."""
    length = (2 * len(name) + 2).to_bytes(2, "little")
    return name.encode("utf-16-le").ljust(64, b"\0") + length + b"\2"


_OLE_ENTRIES = {name: _directory_entry(name) for name in (*_OLE_STREAMS, *_OLE_REFUSED)}


def _ole_content(file: BinaryIO) -> Content:
    """By the streams in its directory; one document may hold another, so several can fit."""
    streams = {name for chunk in _chunks(file) for name in _streams(chunk)}
    for name, refused in _OLE_REFUSED.items():
        if name in streams:
            return refused
    kinds = tuple(kind for name, kind in _OLE_STREAMS.items() if name in streams)
    return Content(kinds, kinds[0].name) if kinds else _UNKNOWN


def _streams(chunk: bytes) -> Iterator[str]:
    """The known streams whose entries stand in the chunk; entries begin at multiples of 128."""
    for name, entry in _OLE_ENTRIES.items():
        at = chunk.find(entry)
        while at % 128 and at >= 0:
            at = chunk.find(entry, at + 1)
        if at >= 0:
            yield name


# --- text

_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_CODE = re.compile(
    r"\A\s*(#!|@echo off|<\?|<!doctype|<!--)|<(html|head|body|svg|script|iframe)\b", re.IGNORECASE
)


def _text_content(file: BinaryIO) -> Content | None:
    for encoding in ("utf-8-sig", "gb18030"):
        start = _text_start(file, encoding)
        if start is not None:
            return _MARKUP if _CODE.search(start) else _TEXT
    return None


def _text_start(file: BinaryIO, encoding: str) -> str | None:
    """The first characters, if the whole file is text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    start = ""
    try:
        for chunk in _chunks(file):
            text = decoder.decode(chunk)
            if _CONTROLS.search(text):
                return None
            start = start or text[:_HEAD]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return start


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """The whole file, in pieces whose length is a multiple of 128 (but for the last)."""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
