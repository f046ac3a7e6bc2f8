"""Pieces: the parts of detected lines that reading order moves about.

A detector's line may run over a gap between two tiers, over a gutter or over a printed rule. Each is parted there; what
turns out to follow on is joined again when the order is known, so to part too often costs nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median

from wenyuan.ingest.reading_order.boxes import LineBox, Point, Rule
from wenyuan.ingest.reading_order.skew import Lean
from wenyuan.ingest.reading_order.tier_ends import tier_ends


class Lie(Enum):
    """How a piece lies on the upright page."""

    LEVEL = 0
    UPRIGHT = 1
    UNKNOWN = 2
    """A single character tells nothing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters of one detected line, on the page set upright.

    Attributes:
        index: which line.
        start: its first code point in that line.
        end: code point after its last.
        lie: level or upright.
        x0: left edge; likewise y0, x1, y1.
        size: how large its characters are, in pixels (across the line, or their pitch where two lines were merged).
        first: middle of its first character.
        last: middle of its last.
        backwards: a level line meant to be read from right to left.
        figures: it holds figures and no words, as the cells of tables do.
        inside: the pieces that it stands for: what a printed frame encloses, or a row of single characters.
        run: those are in order already, as the characters of a line are.
    """

    index: int
    start: int
    end: int
    lie: Lie
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    first: Point
    last: Point
    backwards: bool = False
    figures: bool = False
    inside: tuple[Piece, ...] = ()
    run: bool = False

    @property
    def framed(self) -> bool:
        """A printed frame is around what it stands for."""
        return bool(self.inside) and not self.run

    @property
    def weight(self) -> int:
        """How many characters it holds."""
        return max(1, self.end - self.start)


GAP_EM = 0.75
"""A line is parted where two characters stand this much further apart than is usual in it (half a tier's gap)."""
LONGEST_NUMBER = 16
"""What is longer is no number, and need not be looked at."""
WORDS_EM = 0.6
"""The same for letters; spaces between words, not counted as characters here, are narrower."""


HANGING, HANGS = "，。、；：,.;:", 1.0
"""Marks that may hang beyond the end of a line, into the gutter, and how far they reach, in sizes of the characters."""


TOUCHES = 0.4
"""A rule that ends this near the middle of a line does not part it."""
THROUGH, MOSTLY = 0.3, 0.4
"""A rule within this share of a line's height from its middle, over this share of its length, is no rule."""


def pieces_of(lines: Sequence[LineBox], rules: Sequence[Rule], lean: Lean) -> list[Piece]:
    """Part the lines; `rules` are straight already, the lines are set straight here."""
    level = [rule for rule in rules if abs(rule.x1 - rule.x0) > abs(rule.y1 - rule.y0)]
    upright = [rule for rule in rules if abs(rule.x1 - rule.x0) <= abs(rule.y1 - rule.y0)]
    found: list[Piece] = []
    straight = [[lean.straight(centre) for centre in line.centres] for line in lines]
    level = [*level, *tier_ends(straight)]
    for index, (line, centres) in enumerate(zip(lines, straight, strict=True)):
        quad = [lean.straight(corner) for corner in line.quad]
        found += _parted(index, line.text, quad, centres, level, upright)
    return found


def _parted(
    index: int, text: str, quad: list[Point], centres: list[Point], level: list[Rule], upright: list[Rule]
) -> list[Piece]:
    wide = (math.dist(quad[0], quad[1]) + math.dist(quad[2], quad[3])) / 2
    high = (math.dist(quad[1], quad[2]) + math.dist(quad[3], quad[0])) / 2
    if abs(quad[1][0] - quad[0][0]) < abs(quad[1][1] - quad[0][1]):
        wide, high = high, wide
    mid_x, mid_y = sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4
    box = mid_x - wide / 2, mid_y - high / 2, mid_x + wide / 2, mid_y + high / 2
    lie = _lie(text, centres, wide, high)
    thick = min(wide, high) if lie is Lie.UNKNOWN else wide if lie is Lie.UPRIGHT else high
    if len(centres) < 2 or lie is Lie.UNKNOWN:
        first = (mid_x, box[1]) if lie is Lie.UPRIGHT else (box[0], mid_y)
        last = (mid_x, box[3]) if lie is Lie.UPRIGHT else (box[2], mid_y)
        return [Piece(index, 0, len(text), lie, *box, thick, first, last, figures=_is_figures(text))]
    axis = 1 if lie is Lie.UPRIGHT else 0
    inked = [k for k, char in enumerate(text) if not char.isspace()] or list(range(len(text)))
    steps = [(k, centres[k][axis] - centres[j][axis], j) for j, k in pairwise(inked)]
    pitch = median(abs(b[axis] - a[axis]) for a, b in pairwise(centres))
    square = _is_square(text)
    size = min(thick, 1.25 * pitch) if square and len(text) >= 3 and pitch > 0 else thick
    usual = pitch + (GAP_EM if square else WORDS_EM) * size
    across = level if axis else upright
    cuts = [0]
    for k, step, j in steps:
        wide = abs(step) > usual
        if wide or (step > 0.8 * size and _ruled(across, axis, centres[j], centres[k], TOUCHES * size)):
            cuts.append(k)
    cuts.append(len(text))
    if len(cuts) == 2:
        if text[inked[-1]] in HANGING and len(inked) > 2:
            far = min(HANGS * size, ((box[3] - box[1]) if axis else (box[2] - box[0])) / len(inked))
            box = (*box[:2], box[2], box[3] - far) if axis else (*box[:2], box[2] - far, box[3])
        figures = _is_figures(text)
        return [Piece(index, 0, len(text), lie, *box, size, centres[0], centres[-1], figures=figures)]
    found = []
    for start, end in pairwise(cuts):
        part = centres[start:end]
        low, top = min(c[axis] for c in part) - pitch / 2, max(c[axis] for c in part) + pitch / 2
        middle = sum(c[1 - axis] for c in part) / len(part)
        edges = (
            (middle - thick / 2, low, middle + thick / 2, top)
            if axis
            else (low, middle - thick / 2, top, middle + thick / 2)
        )
        figures = _is_figures(text[start:end])
        found.append(Piece(index, start, end, lie, *edges, size, part[0], part[-1], figures=figures))
    return found


def _lie(text: str, centres: list[Point], wide: float, high: float) -> Lie:
    if len(text) < 2:
        return Lie.UNKNOWN
    if len(centres) >= 2:
        across, down = abs(centres[-1][0] - centres[0][0]), abs(centres[-1][1] - centres[0][1])
        return Lie.UPRIGHT if down > across else Lie.LEVEL
    return Lie.UPRIGHT if high > wide else Lie.LEVEL


_FIGURES = re.compile(r"[\W_]*(?:[0-9０-９〇一二三四五六七八九十百千万萬][\W_]*)+[年月日人元角分尺寸斤]?[\W_]*")


def _is_figures(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and _FIGURES.fullmatch(text) is not None


def _is_square(text: str) -> bool:
    """Most characters are written in squares (Han, kana), so that the pitch tells their size."""
    return sum(unicodedata.east_asian_width(c) in "WF" for c in text) * 2 > len(text)


def beyond_text(rules: Sequence[Rule], pieces: Sequence[Piece]) -> list[Rule]:
    """The rules that do not run through lines along themselves: strokes of characters were taken for those."""
    return [rule for rule in rules if not _within_lines(rule, pieces)]


def _within_lines(rule: Rule, pieces: Sequence[Piece]) -> bool:
    level = abs(rule.x1 - rule.x0) > abs(rule.y1 - rule.y0)
    low, high = sorted((rule.x0, rule.x1) if level else (rule.y0, rule.y1))
    place = (rule.y0 + rule.y1) / 2 if level else (rule.x0 + rule.x1) / 2
    covered = 0.0
    for p in pieces:
        if p.lie is not (Lie.LEVEL if level else Lie.UPRIGHT):
            continue
        top, bottom = (p.y0, p.y1) if level else (p.x0, p.x1)
        if abs(place - (top + bottom) / 2) < THROUGH * (bottom - top):
            start, end = (p.x0, p.x1) if level else (p.y0, p.y1)
            covered += max(0.0, min(end, high) - max(start, low))
    return covered > MOSTLY * (high - low)


def _ruled(rules: list[Rule], axis: int, a: Point, b: Point, over: float) -> bool:
    """Whether a rule runs between two characters and `over` pixels beyond on both sides: others only touch the line."""
    for rule in rules:
        along = sorted((rule.x0, rule.x1) if axis else (rule.y0, rule.y1))
        place = (rule.y0 + rule.y1) / 2 if axis else (rule.x0 + rule.x1) / 2
        if a[axis] < place < b[axis] and along[0] + over <= a[1 - axis] <= along[1] - over:
            return True
    return False
