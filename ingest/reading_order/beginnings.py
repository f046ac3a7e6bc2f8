"""What begins beneath a level corridor: a headline, or text that goes on.

Where a level corridor and an upright one cross, white and rules often leave open which of them parts the page first.
An article begins with its headline: if all that stands beneath the level corridor begins with one, the corridor is
the end of what is above it; if running text begins there, that text comes from above, and the upright corridor parts
the articles.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from statistics import median

from wenyuan.ingest.reading_order.corridors import Span
from wenyuan.ingest.reading_order.frame import Placed

NEAR = 3.0
"""A headline begins within so many ems of the corridor; it may be set lower than the text beside it."""
PLAIN, LARGE = 1.06, 1.16
"""Characters up to PLAIN times the text's are text, from LARGE times on a headline."""
TOLERANCE = 0.1
"""What begins so many ems above the lower edge of a corridor stands beneath it."""
BESIDE = 2.0
"""The middle of a headline lies at most so many ems before the white behind it."""
FIRST = 1.0
"""Pieces that begin within so many ems of the outermost one stand at the beginning beside it."""


class Beginnings:
    """What stands at the beginning of each block beneath the level corridors of one part of a page.

    Args:
        placed: the pieces of the part.
        em: size of its running text.
        upright: the lines are columns; then level corridors run across the frame's u, else across its v.
    """

    def __init__(self, placed: Sequence[Placed], em: float, *, upright: bool) -> None:
        self.upright = upright
        self.em = em
        pitches = [pitch for p in placed if (pitch := _pitch(p))]
        self._pitch = median(pitches) if pitches else 0.0
        ordered = sorted(placed, key=self._side)
        self._placed = [(self._side(p), self._depth(p), p) for p in ordered]
        self._sides = [side for side, _, _ in self._placed]

    def headed(self, level: Span, from_side: float, to_side: float, *, white: float = 0.0) -> float | None:
        """How surely what begins beneath a level corridor, between two sides, begins with a headline: 0 to 1.

        None where nothing stands there. Before `from_side` so many pixels are white.
        """
        near = self._beneath(level, from_side, to_side)
        if not near:
            return None
        top = min([depth for _, depth, _ in near])
        first = [(side, depth, p) for side, depth, p in near if depth < top + NEAR * self.em]
        if not self.upright:
            return max(self._large(p) for _, depth, p in first if depth < top + FIRST * self.em)
        if any(not p.along and depth < top + FIRST * self.em for _, depth, p in first):
            return 1.0
        edge = first[0][0]
        beside = self._before(level, from_side - white, top)
        return max(self._large(p) for p in [*(p for side, _, p in first if side < edge + FIRST * self.em), *beside])

    def _beneath(self, level: Span, from_side: float, to_side: float) -> list[tuple[float, float, Placed]]:
        low, high = bisect_left(self._sides, from_side), bisect_left(self._sides, to_side)
        return [one for one in self._placed[low:high] if one[1] >= level[1] - TOLERANCE * self.em]

    def _before(self, level: Span, side: float, top: float) -> list[Placed]:
        """The columns just before a side: white beside a headline is wide, and its text begins behind that."""
        near = [
            (at, p)
            for at, depth, p in self._beneath(level, side - BESIDE * self.em, side)
            if p.along and depth < top + NEAR * self.em
        ]
        return [p for at, p in near if at > near[-1][0] - FIRST * self.em]

    def _side(self, p: Placed) -> float:
        return (p.v0 + p.v1) / 2 if self.upright else (p.u0 + p.u1) / 2

    def _depth(self, p: Placed) -> float:
        return p.u0 if self.upright else p.v0

    def _large(self, p: Placed) -> float:
        if p.piece.framed:
            return 1.0
        ratio = p.size / self.em
        pitch = _pitch(p)
        if pitch and self._pitch:
            ratio = (max(0.0, ratio) * pitch / self._pitch) ** 0.5
        return min(1.0, max(0.0, (ratio - PLAIN) / (LARGE - PLAIN)))


def _pitch(p: Placed) -> float:
    """How far the middles of its characters are apart, 0 where it has too few to tell."""
    if p.weight < 3:
        return 0.0
    (x0, y0), (x1, y1) = p.piece.first, p.piece.last
    return float(max(abs(x1 - x0), abs(y1 - y0))) / (p.weight - 1)
