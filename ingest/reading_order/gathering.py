"""What a printed frame encloses is one: it is put in order as a whole, then within itself, and nothing cuts it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from statistics import median

from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.corridors import covered
from wenyuan.ingest.reading_order.frame import Ruled
from wenyuan.ingest.reading_order.pieces import Lie, Piece

Rect = tuple[float, float, float, float]
"""Left, top, right, bottom."""

CORNER = 0.9
"""Ends of rules within so many ems of each other meet."""
SMALLEST = 4.0
"""A frame is at least so many ems wide and high; what is narrower is ruled for another reason."""
MOST_RULES = 300
"""A page with more is a plan, a form or a table of many cells: finding frames takes time by the square of the rules."""
SIDE = 0.7
"""A side is there if rules cover this share of it."""


def gathered(
    pieces: Sequence[Piece], rules: Sequence[Rule], frames: Sequence[Rect], em: float
) -> tuple[list[Piece], list[Rule]]:
    """The pieces, those in one frame as a piece of their own (`Piece.inside`), and the rules without those frames.

    Args:
        frames: the outer before the inner.
        em: size of the running text.
    """
    left, around = list(pieces), list(rules)
    for rect in frames:
        within = [p for p in left if _in(p, rect)]
        if 1 < len(within) < len(left):
            gone = {id(p) for p in within}
            left = [p for p in left if id(p) not in gone]
            left.append(_as_one(within, rect))
            around = [rule for rule in around if not _of(rule, rect, CORNER * em)]
    return left, around


def _of(rule: Rule, rect: Rect, near: float) -> bool:
    """Whether a rule is of a frame or within it."""
    return (
        min(rule.x0, rule.x1) > rect[0] - near
        and max(rule.x0, rule.x1) < rect[2] + near
        and min(rule.y0, rule.y1) > rect[1] - near
        and max(rule.y0, rule.y1) < rect[3] + near
    )


def frames_of(rules: Sequence[Rule], em: float) -> list[Rect]:
    """Closed frames, the outer before the inner; of more than `MOST_RULES` rules the longest are looked at."""
    near = CORNER * em
    rules = sorted(rules, key=_length, reverse=True)[:MOST_RULES]
    level = [Ruled((r.y0 + r.y1) / 2, *sorted((r.x0, r.x1))) for r in rules if abs(r.x1 - r.x0) > abs(r.y1 - r.y0)]
    upright = [Ruled((r.x0 + r.x1) / 2, *sorted((r.y0, r.y1))) for r in rules if abs(r.x1 - r.x0) <= abs(r.y1 - r.y0)]
    found: set[Rect] = set()
    for left, right in _pairs(upright, near):
        rect = left.place, (left.low + right.low) / 2, right.place, (left.high + right.high) / 2
        if _covered(level, rect[1], rect[0], rect[2], near) + _covered(level, rect[3], rect[0], rect[2], near) > 0:
            found.add(rect)
    for top, bottom in _pairs(level, near):
        rect = (top.low + bottom.low) / 2, top.place, (top.high + bottom.high) / 2, bottom.place
        if _covered(upright, rect[0], rect[1], rect[3], near) + _covered(upright, rect[2], rect[1], rect[3], near) > 0:
            found.add(rect)
    large = [r for r in found if min(r[2] - r[0], r[3] - r[1]) > SMALLEST * em]
    corners = [r for r in large if _corners(r, level, upright, near) >= 3]
    kept: list[Rect] = []
    for rect in sorted(corners, key=_area):
        if all(_apart(rect, one, near) or _around(rect, one, near) for one in kept):
            kept.append(rect)
    return sorted(kept, key=_area, reverse=True)


def _length(rule: Rule) -> float:
    return max(abs(rule.x1 - rule.x0), abs(rule.y1 - rule.y0))


def _area(rect: Rect) -> float:
    return (rect[2] - rect[0]) * (rect[3] - rect[1])


def _apart(one: Rect, other: Rect, near: float) -> bool:
    return one[2] < other[0] + near or other[2] < one[0] + near or one[3] < other[1] + near or other[3] < one[1] + near


def _around(outer: Rect, inner: Rect, near: float) -> bool:
    """Whether a frame stands around another with sides of its own: else it is made of the sides of several."""
    return all((outer[k] - inner[k]) * sign < -near for k, sign in enumerate((1, 1, -1, -1)))


def _pairs(rules: Sequence[Ruled], near: float) -> Iterable[tuple[Ruled, Ruled]]:
    """Two rules that begin and end beside each other, the one at the lower place first."""
    for one, other in combinations(sorted(rules, key=lambda rule: rule.place), 2):
        if abs(one.low - other.low) < near and abs(one.high - other.high) < near:
            yield one, other


def _covered(rules: Sequence[Ruled], place: float, low: float, high: float, near: float) -> bool:
    return covered(rules, (place - near, place + near), (low, high)) > SIDE


def _corners(rect: Rect, level: Sequence[Ruled], upright: Sequence[Ruled], near: float) -> int:
    """At how many corners a level and an upright rule both end: a rule that goes on beyond belongs to more."""
    x0, y0, x1, y1 = rect
    found = 0
    for x, outward_x in ((x0, False), (x1, True)):
        for y, outward_y in ((y0, False), (y1, True)):
            ends_level = any(
                abs(r.place - y) < near and abs((r.high if outward_x else r.low) - x) < near for r in level
            )
            ends_upright = any(
                abs(r.place - x) < near and abs((r.high if outward_y else r.low) - y) < near for r in upright
            )
            found += ends_level and ends_upright
    return found


def _in(p: Piece, rect: Rect) -> bool:
    x, y = (p.x0 + p.x1) / 2, (p.y0 + p.y1) / 2
    return rect[0] < x < rect[2] and rect[1] < y < rect[3]


def _as_one(pieces: Sequence[Piece], rect: Rect) -> Piece:
    weight = sum(p.weight for p in pieces)
    upright = sum(p.weight for p in pieces if p.lie is Lie.UPRIGHT)
    lie = Lie.UPRIGHT if 2 * upright > weight else Lie.LEVEL
    middle = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
    size = median(p.size for p in pieces)
    return Piece(-1, 0, weight, lie, *rect, size, middle, middle, inside=tuple(pieces))
