"""The measures of GB/T 9704-2012 (党政机关公文格式), and the typefaces that it names.

A4; the text block is 156 mm × 225 mm, 37 mm below the upper and 28 mm right of the left edge; 22
lines of 28 characters, 三号 (16 pt) 仿宋.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

PAGE_MM = (210, 297)
MARGIN_TOP_MM, MARGIN_LEFT_MM = 37, 28
BLOCK_MM = (156, 225)
LINES, CHARACTERS = 22, 28

BODY_PT, TITLE_PT, HEAD_PT, SMALL_PT = 16, 22, 36, 14
"""三号, 二号, the red head (its size is free: 小初), 四号."""

TWIPS_A_MM = 1440 / 25.4

LINE_TWIPS = int(BLOCK_MM[1] * TWIPS_A_MM / LINES)
"""Height of one of the 22 lines, in twentieths of a point: 579."""

CHARACTER_TWIPS = BLOCK_MM[0] * TWIPS_A_MM / CHARACTERS
"""Room of one of the 28 characters, 315.86: a little less than its 320."""

CHARACTER_SPACE = math.floor((CHARACTER_TWIPS / 20 - BODY_PT) * 4096)
"""What the grid takes from each character of 16 pt, in 4096ths of a point: -849."""

NARROWER_PERCENT = 98
"""Width of the glyphs: so they fit into their places, which are narrower than 16 pt. Word squeezes
them in by itself; LibreOffice gives a wider one two places, and has 14 on a line."""

MARK_BELOW_MM = 35
"""From the upper edge of the text block to the issuer's name in red."""

RED = "C00000"


@dataclass(frozen=True)
class Typeface:
    """A typeface by the name that the standard means, with those that may stand in for it."""

    name: str
    fallbacks: tuple[str, ...]
    panose: str = "02010609060101010101"


FANG_SONG = Typeface("仿宋_GB2312", ("仿宋", "FangSong", "STFangsong", "Noto Serif CJK SC"))
BIAO_SONG = Typeface(
    "方正小标宋简体",
    ("方正小标宋_GBK", "华文中宋", "STZhongsong", "宋体", "SimSun", "Noto Serif CJK SC"),
    "02010601030101010101",
)
HEI = Typeface("黑体", ("SimHei", "STHeiti", "Noto Sans CJK SC"))
KAI = Typeface("楷体_GB2312", ("楷体", "KaiTi", "STKaiti", "Noto Serif CJK SC"))
SONG = Typeface("宋体", ("SimSun", "STSong", "Noto Serif CJK SC"), "02010600030101010101")

TYPEFACES: Mapping[str, Typeface] = {
    face.name: face for face in (FANG_SONG, BIAO_SONG, HEI, KAI, SONG)
}
