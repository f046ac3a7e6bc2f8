"""The printed frame of a wood-block leaf: border, rules, middle strip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fonts import BLOCK
from .sheet import Line, Sheet, Stroke
from .vertical import Grid

WIDTH, HEIGHT = 2000, 1400
LEFT, RIGHT, TOP, BOTTOM = 120, 1880, 190, 1272
STRIP = 92


@dataclass(frozen=True)
class Strip:
    """What the middle strip of a leaf says."""

    book: str
    part: str
    leaf: str


def grid(columns: int, rows: int) -> Grid:
    """Return the grid of a leaf with so many columns in each half."""
    half = (RIGHT - LEFT - STRIP) / 2
    return Grid(
        right=RIGHT - 4,
        top=TOP + 12,
        pitch=(half - 4) / columns,
        step=(BOTTOM - TOP - 24) / rows,
        rows=rows,
        split=columns,
        gap=STRIP + 4,
    )


def draw_frame(sheet: Sheet, columns: int, rng: np.random.Generator) -> None:
    """Draw the double border and the column rules, hand-cut and so not quite straight."""
    brush = sheet.draw
    for inset, width in ((0, 8), (15, 3)):
        box = (LEFT - 15 + inset, TOP - 15 + inset, RIGHT + 15 - inset, BOTTOM + 15 - inset)
        brush.rectangle(box, outline=255, width=width)
    middle = (LEFT + RIGHT) / 2
    half = (RIGHT - LEFT - STRIP) / 2
    rules = [middle - STRIP / 2, middle + STRIP / 2]
    for number in range(1, columns):
        rules += [RIGHT - number * half / columns, LEFT + number * half / columns]
    for x in rules:
        _rule(sheet, x, rng)


def _rule(sheet: Sheet, x: float, rng: np.random.Generator) -> None:
    """Draw one rule; here and there the block is worn and it fails to print."""
    sway = rng.normal(0, 1.2, 2)
    steps = 60
    weak = rng.random(steps) < 0.022
    for number in range(steps):
        if weak[number]:
            continue
        ends = []
        for part in (number, number + 1):
            share = part / steps
            drift = sway[0] * (1 - share) + sway[1] * share
            ends.append((x + drift, TOP + share * (BOTTOM - TOP)))
        sheet.draw.line(ends, fill=int(rng.integers(190, 256)), width=3)


def draw_strip(sheet: Sheet, strip: Strip) -> None:
    """Draw the middle strip: fish tail, title, part and leaf number."""
    middle = (LEFT + RIGHT) / 2
    left, right = middle - STRIP / 2, middle + STRIP / 2
    tail = TOP + 330
    brush = sheet.draw
    brush.line([(left, tail - 12), (right, tail - 12)], fill=255, width=4)
    brush.polygon(
        [(left, tail), (right, tail), (right, tail + 82), (middle, tail + 40), (left, tail + 82)],
        fill=255,
    )
    outline = [(left, tail + 96), (middle, tail + 54), (right, tail + 96)]
    brush.line(outline, fill=255, width=3)
    brush.line([(left, BOTTOM - 190), (right, BOTTOM - 190)], fill=255, width=4)
    _label(sheet, strip.book, TOP + 34, 66, Stroke(BLOCK, 54, (1.0, 1.05)))
    _label(sheet, strip.part, tail + 150, 56, Stroke(BLOCK, 44, (1.0, 1.05)))
    numeral = Stroke(BLOCK, 44, (1.0, 1.0))
    _label(sheet, strip.leaf, BOTTOM - 262 - 48 * (len(strip.leaf) - 1), 48, numeral)


def _label(sheet: Sheet, text: str, top: float, step: float, stroke: Stroke) -> None:
    block = sheet.block(furniture=True)
    line = Line()
    for number, char in enumerate(text):
        y = top + (number + 0.5) * step
        line.glyphs.append(sheet.stamp(char, (LEFT + RIGHT) / 2, y, stroke))
    block.lines.append(line)
