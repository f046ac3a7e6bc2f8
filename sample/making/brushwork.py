"""Ink lines and colour washes, for the map and the picture book."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from .darkroom import Point
from .fonts import KAI_TC
from .sheet import Sheet, Stroke

GREEN, OCHRE = (150, 176, 140), (214, 178, 128)


class Chart:
    """Ink lines and colour washes."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        """Start with blank silk of that many pixels."""
        self.sheet = Sheet(width, height)
        self.wash = Image.new("RGBA", (width, height), (255, 255, 255, 0))
        self.rng = np.random.default_rng(seed)

    def line(self, points: Sequence[Point], width: int = 3) -> None:
        """Draw an ink line that wavers a little."""
        moved = [(x + self.rng.normal(0, 0.8), y + self.rng.normal(0, 0.8)) for x, y in points]
        self.sheet.draw.line(moved, fill=235, width=width, joint="curve")

    def clear(self, points: Sequence[Point]) -> None:
        """Take the ink away inside a shape, so that it stands in front."""
        self.sheet.draw.polygon(points, fill=0)
        ImageDraw.Draw(self.wash).polygon(points, fill=(255, 255, 255, 0))

    def tint(self, points: Sequence[Point], colour: tuple[int, int, int], cover: int = 150) -> None:
        """Lay a wash inside a shape."""
        ImageDraw.Draw(self.wash).polygon(points, fill=(*colour, cover))

    def label(self, text: str, x: float, y: float, size: int = 40, *, boxed: bool = True) -> None:
        """Write a name downwards, its first character at x, y."""
        tall, half = size * 1.1 * len(text), size * 0.66
        box = [
            (x - half, y - size * 0.66),
            (x + half, y - size * 0.66),
            (x + half, y + tall - size * 0.44),
            (x - half, y + tall - size * 0.44),
        ]
        if boxed:
            self.clear(box)
            self.tint(box, (246, 236, 208), 210)
            self.sheet.draw.polygon(box, outline=255, width=3)
        stroke = Stroke(KAI_TC, size, weight=1 if size > 50 else 0)
        for number, char in enumerate(text):
            self.sheet.stamp(char, x, y + number * size * 1.1, stroke)


def mountain(chart: Chart, x: float, foot: float, size: float) -> None:
    """Draw one peak: outline, folds by short strokes, a wash, trees."""
    rng = chart.rng
    high, half = size * rng.uniform(0.85, 1.2), size * rng.uniform(0.62, 0.8)
    left = [(x - half * (1 - t) + 5 * np.sin(t * 9), foot - high * t**0.8) for t in np.linspace(0, 1, 14)]
    right = [(x + half * t - 5 * np.sin(t * 8), foot - high * (1 - t) ** 0.85) for t in np.linspace(0, 1, 14)]
    shape = left + right
    chart.clear(shape)
    chart.tint(shape, GREEN, 165)
    for number in range(3):
        cut = size * (0.16 + 0.17 * number)
        chart.tint([(x - cut, foot), (x, foot - high * (0.62 - 0.14 * number)), (x + cut, foot)], OCHRE, 60)
    chart.line(shape, 4)
    for number in range(7):
        t = 0.25 + number * 0.1
        for side in (-1, 1):
            sx = x + side * half * (1 - t) * rng.uniform(0.35, 0.85)
            sy = foot - high * t * rng.uniform(0.72, 0.95)
            run = size * rng.uniform(0.10, 0.22)
            chart.line([(sx, sy), (sx + side * run * 0.35, sy + run * 0.6), (sx + side * run * 0.5, sy + run)], 2)
    for _ in range(6):
        tx = x + rng.uniform(-0.85, 0.85) * half
        tree(chart, tx, foot - rng.uniform(0, 6), size * 0.13)


def tree(chart: Chart, x: float, foot: float, size: float) -> None:
    """Draw a small pine by three strokes across a stem."""
    chart.line([(x, foot), (x, foot - size)], 2)
    for level in (0.55, 0.8, 1.05):
        wide = size * (1.1 - level * 0.6)
        y = foot - size * level
        chart.line([(x - wide, y + 3), (x, y - 3), (x + wide, y + 3)], 2)


def hall(chart: Chart, x: float, foot: float, size: float) -> None:
    """Draw a small hall with a hipped roof."""
    wall = [
        (x - size * 0.4, foot),
        (x + size * 0.4, foot),
        (x + size * 0.4, foot - size * 0.4),
        (x - size * 0.4, foot - size * 0.4),
    ]
    roof = [
        (x - size * 0.62, foot - size * 0.36),
        (x - size * 0.34, foot - size * 0.74),
        (x + size * 0.34, foot - size * 0.74),
        (x + size * 0.62, foot - size * 0.36),
    ]
    chart.clear(wall + roof)
    chart.tint(wall, (244, 232, 204), 200)
    chart.tint(roof, (150, 150, 146), 170)
    chart.line([*wall, wall[0]], 2)
    chart.line([*roof, roof[0]], 3)
    for share in (-0.22, 0.0, 0.22):
        chart.line([(x + share * size * 1.6, foot - size * 0.38), (x + share * size, foot - size * 0.72)], 1)
    for share in (-0.14, 0.14):
        chart.line([(x + share * size, foot), (x + share * size, foot - size * 0.36)], 2)
