"""A picture book of five leaves, packed as a CBZ."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from .brushwork import Chart, hall, mountain, tree
from .darkroom import Point
from .fonts import WENKAI
from .paper import Stock
from .records import write_record
from .report import broken
from .sheet import Stroke
from .texts import lines
from .wear import Wear, printed

WIDTH, HEIGHT, FLOOR = 1080, 960, 740
PULP = Stock((232, 222, 198), mottle=0.6, fibres=0.5, foxing=0.2, edge=0.5)
_ROBES = ((206, 184, 150), (168, 182, 190), (196, 168, 152), (184, 190, 168))
STAMP = (2026, 1, 1, 0, 0, 0)


def make(target: Path) -> None:
    """Draw the pages and pack them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    captions = lines("yugong.txt")
    with zipfile.ZipFile(target, "w") as packed:
        for number, caption in enumerate(captions, start=1):
            entry = zipfile.ZipInfo(f"{number:03d}.jpg", STAMP)
            packed.writestr(entry, _page(number, caption))
    write_record("yugong", target.with_suffix(".json"))


def _page(number: int, caption: str) -> bytes:
    chart = Chart(WIDTH, HEIGHT, 900 + number)
    _SCENES[number - 1](chart)
    brush = chart.sheet.draw
    for box in ((0, 0, WIDTH, 50), (0, FLOOR, WIDTH, HEIGHT), (0, 0, 50, HEIGHT), (WIDTH - 50, 0, WIDTH, HEIGHT)):
        brush.rectangle(box, fill=0)
    brush.rectangle((48, 48, WIDTH - 48, FLOOR), outline=255, width=4)
    stroke = Stroke(WENKAI, 34)
    for row, text in enumerate(broken(caption, WIDTH - 140, WENKAI, 34, indent=68)):
        x = 138.0 if row == 0 else 70.0
        for char in text:
            chart.sheet.stamp(char, x + 17, FLOOR + 46 + row * 50, stroke)
            x += 34
    for place, char in enumerate(str(number)):
        chart.sheet.stamp(char, WIDTH - 70 + place * 16, HEIGHT - 26, Stroke(WENKAI, 26))
    wear = Wear(PULP, ink=(40, 38, 38), rough=0.35, uneven=0.5, degrees=(0.3, -0.25, 0.2, -0.3, 0.15)[number - 1])
    kept = io.BytesIO()
    picture = printed(chart.sheet, wear, np.random.default_rng(6000 + number), coloured=_wash(chart))
    picture.save(kept, "JPEG", quality=68, optimize=True)
    return kept.getvalue()


def _wash(chart: Chart) -> Image.Image:
    """Return the colour washes, cut at the frame and softened."""
    kept = Image.new("RGBA", chart.wash.size, (255, 255, 255, 0))
    frame = (50, 50, WIDTH - 50, FLOOR - 2)
    kept.paste(chart.wash.crop(frame), frame[:2])
    return kept.filter(ImageFilter.GaussianBlur(1.6))


def _range(chart: Chart, foot: float, size: float, count: int) -> None:
    for x in chart.rng.permutation(np.linspace(60, WIDTH - 60, count)):
        mountain(chart, float(x), foot + chart.rng.uniform(-10, 10), size)


def figure(
    chart: Chart, x: float, foot: float, tall: float, *, face: int = 1, old: bool = False, tool: str = ""
) -> None:
    """Draw somebody in a belted robe; face is 1 for right, -1 for left."""

    def at(a: float, b: float) -> Point:
        return x + face * a * tall, foot - b * tall

    robe = [
        at(-0.17, 0.02),
        at(-0.13, 0.45),
        at(-0.15, 0.72),
        at(-0.04, 0.80),
        at(0.06, 0.80),
        at(0.15, 0.72),
        at(0.12, 0.45),
        at(0.19, 0.02),
    ]
    chart.clear(robe)
    chart.tint(robe, _ROBES[int(chart.rng.integers(len(_ROBES)))], 130)
    chart.line([*robe, robe[0]], 3)
    chart.line([at(-0.13, 0.44), at(0.13, 0.44)], 4)
    chart.line([at(-0.04, 0.80), at(0.03, 0.62), at(0.06, 0.80)], 2)
    for fold in (-0.07, 0.02, 0.09):
        chart.line([at(fold * 0.6, 0.42), at(fold, 0.05)], 2)
    ring = [at(0.01 + 0.085 * np.cos(t), 0.895 + 0.10 * np.sin(t)) for t in np.linspace(0, 6.28, 22)]
    chart.clear(ring)
    chart.line([*ring, ring[0]], 3)
    chart.sheet.draw.ellipse((*_corner(at(-0.03, 1.01), tall * 0.045),), fill=0 if old else 235, outline=235, width=2)
    chart.sheet.draw.line([at(-0.075, 0.93), at(-0.02, 0.985), at(0.05, 0.975)], fill=235, width=2 if old else 9)
    chart.line([at(0.055, 0.90), at(0.075, 0.90)], 3)
    if old:
        for hair in (-0.01, 0.02, 0.05):
            chart.line([at(0.05 + hair / 2, 0.83), at(0.06 + hair, 0.68)], 2)
    _arms(chart, at, tool)


def _corner(middle: Point, radius: float) -> tuple[float, float, float, float]:
    return middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius


def _arms(chart: Chart, at: Callable[[float, float], Point], tool: str) -> None:
    hand = {"hoe": at(0.30, 0.66), "pole": at(0.10, 0.74), "point": at(0.36, 0.78)}.get(tool, at(0.20, 0.48))
    sleeve = [at(0.02, 0.74), hand, (hand[0], hand[1] + 16), at(0.06, 0.56)]
    chart.clear(sleeve)
    chart.line([*sleeve, sleeve[0]], 3)
    if tool == "hoe":
        chart.line([at(0.10, 0.46), at(0.44, 0.86)], 5)
        chart.line([at(0.40, 0.90), at(0.50, 0.80), at(0.56, 0.70)], 7)
    elif tool == "pole":
        chart.line([at(-0.55, 0.74), at(0.0, 0.80), at(0.55, 0.74)], 5)
        for side in (-0.53, 0.53):
            basket = [at(side - 0.13, 0.36), at(side + 0.13, 0.36), at(side + 0.09, 0.16), at(side - 0.09, 0.16)]
            chart.clear(basket)
            chart.line([*basket, basket[0]], 3)
            for level in (0.22, 0.29):
                chart.line([at(side - 0.11, level), at(side + 0.11, level)], 2)
            chart.line([at(side - 0.12, 0.36), at(side, 0.74), at(side + 0.12, 0.36)], 2)
            heap = [at(side - 0.12, 0.36), at(side - 0.05, 0.43), at(side + 0.05, 0.43), at(side + 0.12, 0.36)]
            chart.line(heap, 3)
    elif tool == "staff":
        chart.line([at(0.21, 0.02), at(0.20, 0.95)], 4)


def _ground(chart: Chart, y: float) -> None:
    plain: list[Point] = [(0, y), (WIDTH, y), (WIDTH, HEIGHT), (0, HEIGHT)]
    chart.clear(plain)
    chart.tint(plain, (222, 206, 166), 110)
    chart.line([(x, y + 6 * np.sin(x / 90)) for x in range(40, WIDTH, 30)], 3)
    for _ in range(60):
        x, gap = chart.rng.uniform(60, WIDTH - 60), chart.rng.uniform(14, FLOOR - y)
        chart.line([(x, y + gap), (x + 6, y + gap - 9)], 2)
        chart.line([(x + 8, y + gap), (x + 9, y + gap - 12)], 2)


def _home(chart: Chart) -> None:
    _range(chart, 430, 300, 5)
    _range(chart, 500, 170, 8)
    _ground(chart, 505)
    hall(chart, 790, 650, 210)
    for x in (610, 640, 945, 975, 1000):
        tree(chart, x, 648, 42)
    figure(chart, 380, 690, 210, old=True, tool="staff", face=-1)


def _council(chart: Chart) -> None:
    _range(chart, 330, 170, 7)
    _ground(chart, 350)
    hall(chart, 540, 520, 420)
    figure(chart, 540, 700, 240, old=True, tool="point")
    for x, face, tall in ((200, 1, 220), (330, 1, 205), (760, -1, 225), (880, -1, 210), (970, -1, 150)):
        figure(chart, x, 705, tall, face=face)


def _digging(chart: Chart) -> None:
    for x, size in ((830, 520), (1020, 420), (640, 330)):
        mountain(chart, x, 520, size)
    _ground(chart, 525)
    figure(chart, 640, 690, 210, tool="hoe")
    figure(chart, 820, 660, 190, tool="hoe", old=True)
    figure(chart, 330, 700, 215, tool="pole", face=-1)
    figure(chart, 140, 705, 130, tool="pole", face=-1)
    for _ in range(14):
        left, low, r = chart.rng.uniform(700, 1000), chart.rng.uniform(600, 720), chart.rng.uniform(8, 24)
        rock = [(left - r, low), (left - r * 0.5, low - r * 0.8), (left + r * 0.4, low - r), (left + r, low)]
        chart.clear(rock)
        chart.line([*rock, rock[0]], 3)


def _laughing(chart: Chart) -> None:
    _range(chart, 400, 250, 5)
    _ground(chart, 420)
    for y in range(470, 560, 26):
        for x in range(60, WIDTH - 60, 120):
            chart.line([(x + y % 50, y), (x + 24 + y % 50, y - 6), (x + 50 + y % 50, y), (x + 76 + y % 50, y - 6)], 2)
    chart.line([(50, 575), (400, 582), (700, 572), (1030, 580)], 4)
    figure(chart, 700, 715, 250, old=True, face=-1, tool="staff")
    figure(chart, 380, 715, 250, old=True, tool="point")
    figure(chart, 880, 712, 150, face=-1, tool="hoe")
    for x in (110, 140, 165, 205, 960, 990):
        tree(chart, x, 668, 40)


def _giants(chart: Chart) -> None:
    _ground(chart, 560)
    for x, face in ((300, 1), (760, 1)):
        figure(chart, x, 680, 330, face=face)
        mountain(chart, x - 10, 345, 250)
        mountain(chart, x + 120, 345, 180)
        mountain(chart, x - 130, 345, 170)
    for y in (392, 436, 606, 640):
        start = 70 + (y * 7) % 200
        for x in range(start, WIDTH - 160, 330):
            cloud = [(x + t * 22, y - 13 * abs(np.sin(t * 1.05))) for t in np.linspace(0, 6, 40)]
            chart.line(cloud, 3)
    figure(chart, 1000, 715, 100, old=True, face=-1)
    figure(chart, 950, 718, 80, face=-1)
    figure(chart, 905, 720, 60, face=-1)


_SCENES: tuple[Callable[[Chart], None], ...] = (_home, _council, _digging, _laughing, _giants)
