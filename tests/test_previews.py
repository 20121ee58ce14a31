import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from planner import previews
from planner.domain.errors import BadUpload, NoPreview
from tests.support import files

PDF = "application/pdf"


def drawn(content: bytes, media_type: str, page: int = 1, width: int = 100) -> Image.Image:
    picture = previews.render(io.BytesIO(content), media_type, page, width)
    return Image.open(io.BytesIO(picture), formats=["PNG"])


def count(content: bytes, media_type: str) -> int:
    return previews.preview_count(io.BytesIO(content), media_type)


def test_only_pictures_and_pdf_pages_can_be_previewed() -> None:
    assert count(files.png(), "image/png") == 1
    assert count(files.pdf(3), PDF) == 3
    assert count(files.docx(), "application/msword") == 0
    assert count(b"text", "text/plain") == 0


def test_a_long_pdf_is_previewed_up_to_a_limit() -> None:
    assert count(files.pdf(60), PDF) == previews.MAX_PAGES
    with pytest.raises(NoPreview):
        drawn(files.pdf(60), PDF, page=previews.MAX_PAGES + 1)


def test_a_pdf_page_is_drawn_at_the_width_asked_for() -> None:
    page = drawn(files.pdf(2, (200, 100)), PDF, page=2, width=400)
    assert page.size == (400, 200)
    assert page.getpixel((10, 190)) == (0, 0, 0)
    assert page.getpixel((390, 10)) == (255, 255, 255)


def test_the_seal_on_a_page_is_drawn_too() -> None:
    """A seal is a form field; without it a sealed document looks like a draft."""
    assert drawn(files.sealed_pdf(), PDF, width=200).getpixel((190, 10)) == (255, 0, 0)


def test_a_very_tall_page_gets_narrower_instead_of_filling_the_memory() -> None:
    assert drawn(files.pdf(size=(100, 10_000)), PDF, width=1000).size == (60, previews.MAX_HEIGHT)


@pytest.mark.parametrize("page", [-1, 0, 2])
@pytest.mark.parametrize("kind", [(files.pdf(), PDF), (files.png(), "image/png")])
def test_a_page_that_is_not_there_has_no_preview(page: int, kind: tuple[bytes, str]) -> None:
    with pytest.raises(NoPreview):
        drawn(*kind, page=page)


@pytest.mark.parametrize("width", [0, previews.MAX_WIDTH + 1])
def test_a_width_beyond_the_limits_is_refused(width: int) -> None:
    with pytest.raises(NoPreview):
        drawn(files.png(), "image/png", width=width)


@pytest.mark.parametrize("content", [files.locked_pdf(), files.pdf()[:60], b"%PDF-1.7\n"])
def test_a_locked_or_broken_pdf_has_no_preview(content: bytes) -> None:
    with pytest.raises(NoPreview, match="damaged or locked"):
        count(content, PDF)
    with pytest.raises(NoPreview, match="damaged or locked"):
        drawn(content, PDF)


def test_a_page_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may hold up everybody else's previews with one page."""
    monkeypatch.setattr(previews, "MAX_SECONDS", 0.01)
    slow = files.pdf(content=b"0 0 m 200 200 l 100 3 l 0 0 200 200 re f\n" * 20_000)
    with pytest.raises(NoPreview, match="too long"):
        drawn(slow, PDF, width=1000)


def test_pdf_pages_are_drawn_from_many_threads_at_once() -> None:
    content = files.pdf(8)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda page: drawn(content, PDF, page).tobytes(), range(1, 9)))
    assert len(set(pages)) == 1


def test_a_picture_is_made_smaller_but_never_larger() -> None:
    assert drawn(files.png((400, 300)), "image/png", width=100).size == (100, 75)
    assert drawn(files.png((40, 30)), "image/png", width=100).size == (40, 30)
    assert drawn(files.webp((400, 300)), "image/webp", width=100).size == (100, 75)


def test_a_photo_stands_upright() -> None:
    """A phone stores the photo as it was held, and how to turn it (6: a quarter clockwise)."""
    photo = drawn(files.jpeg((400, 200), orientation=6), "image/jpeg")
    assert photo.size == (100, 200)
    assert photo.getpixel((50, 20)) == pytest.approx((254, 0, 0), abs=4)
    assert photo.getpixel((50, 180)) == pytest.approx((0, 0, 254), abs=4)


def test_where_a_photo_was_taken_does_not_reach_the_preview() -> None:
    content = files.jpeg(place="behind the office")
    assert b"behind the office" in content
    picture = previews.render(io.BytesIO(content), "image/jpeg", 1, 100)
    assert b"behind the office" not in picture
    assert not Image.open(io.BytesIO(picture)).getexif()


def test_what_is_transparent_lies_on_white() -> None:
    clear = files.png(colour=(255, 0, 0, 0), mode="RGBA")
    assert drawn(clear, "image/png").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("content", [files.png()[:60], files.jpeg(), b"", b"\x89PNG\r\n\x1a\n"])
def test_a_broken_picture_has_no_preview(content: bytes) -> None:
    with pytest.raises(NoPreview):
        drawn(content, "image/png")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.png((400, 300))[:-40], "image/png"),
        (files.jpeg((400, 300))[:-400], "image/jpeg"),
        (files.webp((400, 300))[:-20], "image/webp"),
        (files.pdf()[:200], "application/pdf"),
        (b"%PDF-1.7\nnothing more", "application/pdf"),
        (files.locked_pdf(), "application/pdf"),
    ],
)
def test_what_nobody_could_open_is_refused(content: bytes, media_type: str) -> None:
    with pytest.raises(BadUpload):
        previews.check(io.BytesIO(content), media_type)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (files.png(), "image/png"),
        (files.jpeg(), "image/jpeg"),
        (files.webp(), "image/webp"),
        (files.pdf(), "application/pdf"),
        (files.sealed_pdf(), "application/pdf"),
        (files.docx(), "application/msword"),
    ],
)
def test_what_can_be_opened_is_not_refused(content: bytes, media_type: str) -> None:
    previews.check(io.BytesIO(content), media_type)


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_picture_too_large_to_look_into_is_not_called_damaged(side: int) -> None:
    previews.check(io.BytesIO(png_that_claims(side)), "image/png")


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_not_unpacked(side: int) -> None:
    with pytest.raises(NoPreview):
        drawn(png_that_claims(side), "image/png")


def test_how_many_pixels_are_unpacked_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "MAX_DECODED_PIXELS", 40 * 30)
    assert drawn(files.png((40, 30)), "image/png").size == (40, 30)
    with pytest.raises(NoPreview, match="too large"):
        drawn(files.png((41, 30)), "image/png")


def png_that_claims(side: int) -> bytes:
    header = b"IHDR" + struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (
        struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (header, data)
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
