"""Pictures in place of photographs: drawn scenes, each a little different, with date and notice."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import TypeAlias

from PIL import Image, ImageDraw

from planner.demo.papers import NOTICE, font

WIDTH, HEIGHT = 960, 640

Pen: TypeAlias = ImageDraw.ImageDraw
Colour: TypeAlias = tuple[int, int, int]


def scene(kind: str, title: str, on: date) -> bytes:
    """A JPEG picture of a kind in `SCENES`; the title decides on its details."""
    dice = Random(title)
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    SCENES[kind](pen, dice)
    pen.rectangle((0, HEIGHT - 56, WIDTH, HEIGHT), (24, 28, 34))
    pen.text((20, HEIGHT - 28), f"{title}（{NOTICE}）", "white", font(22), anchor="lm")
    pen.text((WIDTH - 20, HEIGHT - 28), on.isoformat(), (255, 196, 60), font(24), anchor="rm")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=72)
    return buffer.getvalue()


def _shade(pen: Pen, top: Colour, bottom: Colour, until: int = HEIGHT) -> None:
    """Fill from the top down, one colour running into the other."""
    for y in range(until):
        part = y / until
        mixed = tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True))
        pen.line((0, y, WIDTH, y), mixed)


def _solar(pen: Pen, dice: Random) -> None:
    _shade(pen, (120, 170, 222), (214, 230, 240), 310)
    pen.ellipse((760, 40, 840, 120), (255, 240, 190))
    pen.polygon(
        [(0, 300), (260, 190), (520, 270), (780, 180), (960, 250), (960, 330), (0, 330)],
        (96, 132, 110),
    )
    pen.rectangle((0, 300, WIDTH, HEIGHT), (176, 172, 164))
    for row in range(3):
        for column in range(dice.choice((5, 6))):
            x, y = 40 + column * 150 - row * 14, 330 + row * 92
            pen.polygon(
                [(x + 24, y), (x + 150, y), (x + 128, y + 66), (x, y + 66)], (26, 46 + row * 6, 96)
            )
            for cut in (1, 2, 3):
                pen.line((x + 24 + cut * 31, y, x + cut * 32, y + 66), (120, 146, 190), 2)
            pen.line((x + 12, y + 33, x + 139, y + 33), (120, 146, 190), 2)


def _kitchen(pen: Pen, dice: Random) -> None:
    _shade(pen, (236, 238, 240), (208, 212, 216))
    for x in range(0, WIDTH, 64):
        pen.line((x, 0, x, 360), (222, 226, 228))
    for y in range(0, 360, 64):
        pen.line((0, y, WIDTH, y), (222, 226, 228))
    pen.polygon([(140, 60), (820, 60), (900, 170), (60, 170)], (168, 174, 180))
    for place in range(dice.choice((3, 4))):
        x = 70 + place * 215
        pen.rectangle((x, 350, x + 190, 570), (186, 192, 198), (120, 126, 132), 3)
        pen.ellipse((x + 20, 325, x + 170, 395), (42, 44, 48), (96, 100, 104), 4)
        pen.ellipse((x + 60, 342, x + 130, 376), (66, 70, 76))
        pen.rectangle((x + 30, 430, x + 160, 470), (24, 30, 36))
        pen.text((x + 95, 450), f"{dice.randint(60, 240)}", (110, 240, 140), font(24), anchor="mm")
        pen.ellipse((x + 80, 495, x + 110, 525), (60, 64, 70))


def _servers(pen: Pen, dice: Random) -> None:
    _shade(pen, (28, 34, 44), (58, 66, 78))
    pen.polygon([(0, HEIGHT), (380, 380), (580, 380), (WIDTH, HEIGHT)], (110, 118, 128))
    for side in (0, 1):
        for rack in range(3):
            x = 20 + rack * 135 if not side else WIDTH - 145 - rack * 135
            top, bottom = 60 + rack * 45, 590 - rack * 60
            pen.rectangle((x, top, x + 122, bottom), (16, 18, 22), (84, 92, 102), 3)
            for y in range(top + 14, bottom - 12, 22):
                pen.rectangle((x + 10, y, x + 112, y + 14), (38, 42, 50))
                for lamp in range(4):
                    lit = dice.random() < 0.75
                    colour = (70, 220, 130) if lit else (240, 170, 50)
                    pen.ellipse((x + 78 + lamp * 8, y + 5, x + 82 + lamp * 8, y + 9), colour)


def _meter(pen: Pen, dice: Random) -> None:
    _shade(pen, (206, 206, 200), (180, 180, 174))
    pen.rectangle((210, 50, 750, 560), (232, 234, 236), (140, 144, 148), 6)
    pen.rectangle((290, 120, 670, 250), (188, 204, 180), (70, 76, 70), 4)
    reading = f"{dice.randint(10_000, 99_999)}.{dice.randint(10, 99)}"
    pen.text((480, 185), reading, (28, 36, 28), font(72), anchor="mm")
    pen.text((480, 285), "kWh", (60, 64, 68), font(32), anchor="mm")
    for place in range(3):
        x = 310 + place * 130
        pen.ellipse((x, 330, x + 80, 410), (250, 250, 250), (90, 94, 98), 4)
        turn = dice.uniform(0, 2 * math.pi)
        end = (x + 40 + 30 * math.cos(turn), 370 + 30 * math.sin(turn))
        pen.line((x + 40, 370, *end), (190, 40, 40), 5)
    for number in range(24):
        pen.line(
            (330 + number * 12, 450, 330 + number * 12, 510), (30, 30, 30), dice.choice((2, 4, 6))
        )


def _lamps(pen: Pen, dice: Random) -> None:
    _shade(pen, (240, 236, 224), (206, 200, 188))
    pen.polygon([(0, 0), (WIDTH, 0), (680, 210), (280, 210)], (246, 246, 242))
    pen.polygon([(0, HEIGHT), (WIDTH, HEIGHT), (680, 400), (280, 400)], (150, 132, 112))
    pen.rectangle((280, 210, 680, 400), (224, 218, 206))
    for row in range(dice.choice((3, 4))):
        y, half = 20 + row * 52, 190 - row * 34
        for side in (-1, 1):
            x = 480 + side * (250 - row * 44)
            lamp = [
                (x - half / 2, y),
                (x + half / 2, y),
                (x + half / 2.3, y + 18),
                (x - half / 2.3, y + 18),
            ]
            pen.polygon(lamp, (255, 255, 244), (210, 206, 180))
    for desk in range(4):
        x = 110 + desk * 200
        pen.rectangle((x, 470, x + 150, 490), (122, 88, 58))
        pen.rectangle((x + 50, 420, x + 110, 466), (40, 44, 50))


def _heatpump(pen: Pen, dice: Random) -> None:
    _shade(pen, (150, 188, 222), (216, 226, 232), 330)
    pen.rectangle((0, 330, WIDTH, HEIGHT), (158, 158, 154))
    for place in range(dice.choice((2, 3))):
        x = 60 + place * 300
        pen.rectangle((x, 190, x + 260, 500), (228, 230, 228), (120, 124, 124), 5)
        pen.ellipse((x + 40, 220, x + 220, 400), (70, 74, 78), (40, 42, 44), 4)
        for blade in range(5):
            turn = blade * 72 + dice.randint(0, 40)
            pen.pieslice((x + 52, 232, x + 208, 388), turn, turn + 34, (150, 154, 158))
        for y in range(420, 490, 14):
            pen.line((x + 24, y, x + 236, y), (170, 174, 174), 4)
        pen.line((x + 130, 500, x + 130, 560, WIDTH, 560), (188, 90, 60), 14, joint="curve")


def _platform(pen: Pen, dice: Random) -> None:
    pen.rectangle((0, 0, WIDTH, HEIGHT), (14, 24, 44))
    pen.rectangle((0, 0, WIDTH, 64), (22, 60, 112))
    pen.text((WIDTH / 2, 32), "能源资源消费监测平台", "white", font(32), anchor="mm")
    for place, name in enumerate(("用电量", "用水量", "碳排放")):
        x = 24 + place * 308
        pen.rounded_rectangle((x, 88, x + 292, 210), 10, (22, 38, 66), (50, 96, 160))
        pen.text((x + 20, 112), name, (150, 180, 220), font(22))
        pen.text(
            (x + 272, 175), f"{dice.randint(1000, 9999):,}", (96, 220, 200), font(44), anchor="rm"
        )
    for month in range(12):
        height = dice.randint(60, 250)
        x = 50 + month * 73
        pen.rectangle((x, 530 - height, x + 40, 530), (44, 130 + month * 6, 210))
        pen.text((x + 20, 552), str(month + 1), (150, 180, 220), font(18), anchor="mm")
    pen.line((36, 530, 924, 530), (90, 120, 160), 2)


def _training(pen: Pen, dice: Random) -> None:
    _shade(pen, (226, 220, 208), (190, 182, 168))
    pen.rectangle((180, 50, 780, 260), (250, 250, 250), (110, 110, 110), 5)
    pen.text((480, 120), "公共机构节能培训", (30, 70, 140), font(52), anchor="mm")
    for line in range(3):
        pen.line((300, 180 + line * 22, 640 - line * 50, 180 + line * 22), (150, 160, 176), 6)
    for row in range(3):
        for seat in range(8 + row):
            if dice.random() < 0.9:
                size = 26 + row * 7
                x, y = 70 + seat * (840 // (8 + row)), 330 + row * 88
                shirt = (dice.randint(40, 130), dice.randint(50, 120), dice.randint(70, 160))
                pen.ellipse((x - size, y + size, x + size, y + size * 4), shirt)
                pen.ellipse((x - size * 0.6, y, x + size * 0.6, y + size * 1.3), (48, 40, 36))


def _bins(pen: Pen, dice: Random) -> None:
    _shade(pen, (196, 216, 226), (222, 226, 220), 330)
    pen.rectangle((0, 330, WIDTH, HEIGHT), (170, 168, 160))
    pen.rectangle((50, 70, 910, 150), (60, 110, 76))
    pen.text((480, 110), "生活垃圾分类投放点", "white", font(44), anchor="mm")
    kinds = (
        ("可回收物", (40, 96, 176)),
        ("厨余垃圾", (60, 140, 70)),
        ("有害垃圾", (196, 52, 46)),
        ("其他垃圾", (84, 88, 92)),
    )
    for place, (name, colour) in enumerate(kinds):
        x, top = 80 + place * 212, 240 + dice.randint(-8, 8)
        pen.polygon([(x, top + 40), (x + 170, top + 40), (x + 150, 560), (x + 20, 560)], colour)
        pen.rounded_rectangle(
            (x - 10, top, x + 180, top + 46), 12, tuple(round(c * 0.8) for c in colour)
        )
        pen.rectangle((x + 30, 380, x + 140, 440), (250, 250, 250))
        pen.text((x + 85, 410), name, colour, font(25), anchor="mm")


SCENES: Mapping[str, Callable[[Pen, Random], None]] = {
    "solar": _solar,
    "kitchen": _kitchen,
    "servers": _servers,
    "meter": _meter,
    "lamps": _lamps,
    "heatpump": _heatpump,
    "platform": _platform,
    "training": _training,
    "bins": _bins,
}
"""What can be drawn."""
