"""Documents as offices hand them in: scanned pages as PDF, and workbooks. All of it is invented.

Pages are drawn as pictures with an installed font package, because the machine may have no Chinese
font, and a PDF that relies on the reader's fonts would be blank in previews.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from random import Random

import xlsxwriter
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import serif_path

WIDTH, HEIGHT, MARGIN = 900, 1273, 110
PAPER, INK, RED = (252, 251, 247), (40, 40, 44), (196, 30, 38)
NOTICE = "演示材料，内容虚构"
LEAD = "县机关事务管理中心"

_ROWS = {
    "edu": (
        "汉葭中学",
        "县第一中学",
        "县职业教育中心",
        "县特殊教育学校",
        "县第一小学",
        "乡镇中心校",
    ),
    "health": ("县人民医院", "县中医院", "县疾控中心", "县妇幼保健院", "中心卫生院", "乡镇卫生院"),
    "other": ("县委办公楼", "县政府办公楼", "县公安局", "县行政服务中心", "县会议中心", "其他单位"),
}
_COLUMNS = ("上期", "本期")
_COLUMNS_OF = {
    "培训": ("应到", "实到"),
    "点位": ("应接入", "已在线"),
    "温度": ("抽查处数", "达标处数"),
    "计量": ("应装表具", "已装表具"),
    "更正": ("原报数", "更正数"),
    "检测": ("改造前", "改造后"),
}
"""What a table compares, by a word of its title."""


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """A Chinese serif face, from the font package."""
    return ImageFont.truetype(serif_path(), size)


def paper(title: str, unit: str, on: date, body: str) -> bytes:
    """An official letter of one page as PDF, with red head, body, date and seal."""
    page, draw = _page()
    draw.text((WIDTH / 2, 150), unit, RED, font(58), anchor="mm", stroke_width=1)
    draw.line((MARGIN, 215, WIDTH - MARGIN, 215), RED, 4)
    draw.line((MARGIN, 223, WIDTH - MARGIN, 223), RED, 1)
    y = _lines(draw, title, 290, 36, centred=True) + 40
    y = _lines(draw, "县政府办公室：" if unit == LEAD else f"{LEAD}：", y, 25)
    y = _lines(draw, f"　　{body}", y, 25)
    _lines(draw, "　　特此报告，请予审核。", y, 25)
    _sign(page, draw, unit, on, 960)
    return _pdf(page)


def table(title: str, unit: str, key: str, on: date) -> bytes:
    """A table of one page as PDF, with a seal below."""
    page, draw = _page()
    y = _lines(draw, title, 150, 36, centred=True) + 30
    edges = (MARGIN, 180, 420, 545, 670, WIDTH - MARGIN)
    grid = [_head(title), *_figures(title, key)]
    for number, cells in enumerate(grid):
        top = y + number * 52
        if not number:
            draw.rectangle((edges[0], top, edges[-1], top + 52), fill=(238, 236, 228))
        for left, right, cell in zip(edges, edges[1:], cells, strict=False):
            draw.rectangle((left, top, right, top + 52), outline=INK)
            draw.text(((left + right) / 2, top + 26), str(cell), INK, font(23), anchor="mm")
    _sign(page, draw, unit, on, 960)
    return _pdf(page)


def sheet(title: str, key: str) -> bytes:
    """The same kind of table as a workbook."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": datetime(2024, 1, 2, tzinfo=UTC), "comments": NOTICE})
        page = workbook.add_worksheet()
        page.set_column(1, 1, 24)
        for number, cells in enumerate([(title,), _head(title), *_figures(title, key), (NOTICE,)]):
            page.write_row(number, 0, cells)
    return buffer.getvalue()


def _head(title: str) -> Sequence[str]:
    compared = (names for word, names in _COLUMNS_OF.items() if word in title)
    return ("序号", "单位", *next(compared, _COLUMNS), "增减%")


def _figures(title: str, key: str) -> list[Sequence[str | int]]:
    """Numbers that belong to the title: the same every time."""
    dice = Random(title)
    rows: list[Sequence[str | int]] = []
    for number, name in enumerate(_ROWS.get(key, _ROWS["other"]), 1):
        before = dice.randint(120, 980)
        now = round(before * dice.uniform(0.9, 1.03))
        rows.append((number, name, before, now, f"{(now - before) / before * 100:+.1f}"))
    before, now = (sum(int(row[column]) for row in rows) for column in (2, 3))
    rows.append(("", "合计", before, now, f"{(now - before) / before * 100:+.1f}"))
    return rows


def _page() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((WIDTH / 2, HEIGHT - 50), NOTICE, (150, 150, 150), font(18), anchor="mm")
    return page, draw


def _lines(
    draw: ImageDraw.ImageDraw, text: str, y: float, size: int, centred: bool = False
) -> float:
    """Write a paragraph from `y` on, a line holding what fits; where the next one begins."""
    fits = (WIDTH - 2 * MARGIN) // size
    if centred:
        fits = math.ceil(len(text) / math.ceil(len(text) / fits))
    for start in range(0, len(text), fits):
        line = text[start : start + fits]
        if centred:
            draw.text((WIDTH / 2, y), line, INK, font(size), anchor="mt", stroke_width=0.4)
        else:
            draw.text((MARGIN, y), line, INK, font(size), anchor="lt")
        y += size * 1.75
    return y


def _sign(page: Image.Image, draw: ImageDraw.ImageDraw, unit: str, on: date, y: int) -> None:
    right = WIDTH - MARGIN - 20
    draw.text((right, y), unit, INK, font(25), anchor="rt")
    day = f"{on.year}年{on.month}月{on.day}日"
    draw.text((right, y + 46), day, INK, font(25), anchor="rt")
    seal = _seal(unit)
    page.paste(seal, (right - 210, y - 70), seal)


@cache
def _seal(unit: str) -> Image.Image:
    """A round red seal with the unit's name along its edge and a star."""
    size, middle = 210, 105.0
    seal = Image.new("RGBA", (size, size))
    draw = ImageDraw.Draw(seal)
    red = (*RED, 190)
    draw.ellipse((6, 6, size - 6, size - 6), outline=red, width=5)
    star = [
        (
            middle + radius * math.sin(point * math.pi / 5),
            middle - radius * math.cos(point * math.pi / 5),
        )
        for point, radius in zip(range(10), (30, 12) * 5, strict=True)
    ]
    draw.polygon(star, fill=red)
    for number, sign in enumerate(unit):
        angle = (number - (len(unit) - 1) / 2) * min(30, 240 / len(unit))
        turned = _turned(sign, angle, red)
        x = middle + 76 * math.sin(math.radians(angle))
        y = middle - 76 * math.cos(math.radians(angle))
        seal.alpha_composite(turned, (round(x - 20), round(y - 20)))
    draw.text((middle, middle + 58), "演示", red, font(22), anchor="mm")
    return seal


def _turned(sign: str, angle: float, colour: tuple[int, ...]) -> Image.Image:
    glyph = Image.new("RGBA", (40, 40))
    ImageDraw.Draw(glyph).text((20, 20), sign, colour, font(27), anchor="mm")
    return glyph.rotate(-angle, Image.Resampling.BICUBIC)


def _pdf(page: Image.Image) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, "PDF", resolution=110, quality=60, creationDate=None, modDate=None)
    return buffer.getvalue()
