"""Pictures of evidence, made on the server, so that nobody's browser opens what was uploaded."""

from __future__ import annotations

import io
import struct
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw
from PIL import Image, ImageOps

from planner.domain.errors import BadUpload, NoPreview
from planner.domain.text import t

MAX_PAGES = 50
MAX_WIDTH = 2000
MAX_HEIGHT = 6000
MAX_DECODED_PIXELS = 50_000_000
MAX_SECONDS = 10

_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_PDF = "application/pdf"
PREVIEWED = frozenset({*_FORMATS, _PDF})
"""The media types that pictures can be made of."""
_PICTURE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)

_pdfium: Any = pypdfium2.raw
_pdfium_lock = threading.Lock()
"""PDFium is not thread-safe: every call, closing too, is made while holding this."""

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def preview_count(stream: BinaryIO, media_type: str) -> int:
    """How many pages `render` can draw: 1 for a picture, at most 50 for a PDF, otherwise 0.

    Raises NoPreview if a PDF is broken, or locked with a password.
    """
    if media_type in _FORMATS:
        return 1
    if media_type != _PDF:
        return 0
    with _opened(stream) as document:
        return min(len(document), MAX_PAGES)


def check(stream: BinaryIO, media_type: str) -> None:
    """Whether anybody could read this: a reviewer is not sent what cannot be opened.

    Costs no more than a preview. What is too large for a preview, or neither picture nor PDF, is
    not looked into. Raises BadUpload for a damaged picture, a damaged PDF, and one that is locked.
    """
    if media_type in _FORMATS and not _is_whole_picture(stream, _FORMATS[media_type]):
        raise BadUpload(
            t(
                "This picture is damaged and cannot be opened. "
                "Save or take it again and upload that."
            )
        )
    if media_type == _PDF and not _is_readable_pdf(stream):
        raise BadUpload(
            t(
                "This PDF cannot be opened: it is damaged or locked with a password. "
                "Please save it again without password and upload that."
            )
        )


def render(stream: BinaryIO, media_type: str, page: int, width: int) -> bytes:
    """Page `page` (from 1) as a PNG, `width` pixels wide (1 to 2000), on white, without metadata.

    A picture that is smaller is not enlarged; what would be higher than 6000 pixels gets narrower.
    Raises NoPreview if there is no such page, or if it cannot be drawn within the limits.
    """
    if not 1 <= width <= MAX_WIDTH:
        raise NoPreview(t("There are no previews of this width."))
    if media_type in _FORMATS and page == 1:
        return _png(_picture(stream, _FORMATS[media_type], width))
    if media_type == _PDF and 1 <= page <= MAX_PAGES:
        return _png(_pdf_page(stream, page, width))
    raise NoPreview(t("There is no preview of this page."))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# --- pictures


def _picture(stream: BinaryIO, format_name: str, width: int) -> Image.Image:
    try:
        with Image.open(stream, formats=[format_name]) as image:
            return _fitted(image, width)
    except _PICTURE_ERRORS as error:
        raise NoPreview(t("This picture is damaged or too large for a preview.")) from error


def _is_whole_picture(stream: BinaryIO, format_name: str) -> bool:
    try:
        with Image.open(stream, formats=[format_name]) as image:
            image.draft("RGB", (1, 1))
            if image.width * image.height <= MAX_DECODED_PIXELS:
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return True
    except _PICTURE_ERRORS:
        return False
    return True


def _fitted(image: Image.Image, width: int) -> Image.Image:
    """Upright, on white, within the limits. Raises ValueError for more pixels than are decoded."""
    image.draft("RGB", (2 * width, 2 * width))
    if image.width * image.height > MAX_DECODED_PIXELS:
        raise ValueError(f"{image.width} x {image.height} pixels are too many")
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((width, MAX_HEIGHT))
    layer = upright.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer)
    return flat


# --- PDF


def _pdf_page(stream: BinaryIO, number: int, width: int) -> Image.Image:
    with _opened(stream) as document:
        if number > len(document):
            raise NoPreview(t("There is no preview of this page."))
        page = document[number - 1]
        page_width, page_height = page.get_size()
        scale = min(width / page_width, MAX_HEIGHT / page_height)
        return _drawn(document, page, round(page_width * scale), round(page_height * scale))


def _is_readable_pdf(stream: BinaryIO) -> bool:
    """Whether its first page can be opened; while others keep PDFium busy, nobody is refused."""
    if not _pdfium_lock.acquire(timeout=MAX_SECONDS):
        return True
    try:
        with pypdfium2.PdfDocument(stream) as document:
            return len(document) > 0 and document[0].get_width() >= 0
    except pypdfium2.PdfiumError:
        return False
    finally:
        _pdfium_lock.release()


def joined(documents: Iterable[bytes]) -> bytes:
    """One PDF with the pages of several of our own, in order."""
    file = io.BytesIO()
    with _pdfium_lock, pypdfium2.PdfDocument.new() as whole:
        for each in documents:
            with pypdfium2.PdfDocument(each) as part:
                whole.import_pages(part)
        whole.save(file)
    return file.getvalue()


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    """The document with its forms and seals, held under the lock for as long as it is used."""
    if not _pdfium_lock.acquire(timeout=MAX_SECONDS):
        raise NoPreview(t("Too many previews are being made. Please try again in a moment."))
    try:
        with pypdfium2.PdfDocument(stream) as document:
            document.init_forms()
            yield document
    except pypdfium2.PdfiumError as error:
        raise NoPreview(
            t("This PDF cannot be shown: it is damaged or locked with a password.")
        ) from error
    finally:
        _pdfium_lock.release()


def _drawn(
    document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, width: int, height: int
) -> Image.Image:
    """Draw step by step, so that a page that takes longer than 10 seconds can be given up."""
    bitmap = pypdfium2.PdfBitmap.new_native(max(1, width), max(1, height), _pdfium.FPDFBitmap_BGR)
    try:
        where = (0, 0, bitmap.width, bitmap.height, 0, _pdfium.FPDF_ANNOT)
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, bitmap.width, bitmap.height)
        status = _pdfium.FPDF_RenderPageBitmap_Start(bitmap, page, *where, _stop_in(MAX_SECONDS))
        _pdfium.FPDF_RenderPage_Close(page)
        if status != _pdfium.FPDF_RENDER_DONE:
            raise NoPreview(t("This page takes too long to draw."))
        if document.formenv:
            _pdfium.FPDF_FFLDraw(document.formenv, bitmap, page, *where)
        image: Image.Image = bitmap.to_pil()
        return image
    finally:
        bitmap.close()


def _stop_in(seconds: float) -> Any:
    """What PDFium asks between steps whether it shall pause."""
    deadline = time.monotonic() + seconds
    pause = _pdfium.IFSDK_PAUSE(version=1)
    kind = type(pause.NeedToPauseNow)
    pause.NeedToPauseNow = kind(lambda _: time.monotonic() > deadline)
    return pause
