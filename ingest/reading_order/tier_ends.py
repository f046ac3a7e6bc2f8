"""Where columns of two tiers were found as one: several side by side have a wider step at the same height.

The space between two tiers may be no more than half a character. In one column that may be chance; in several side by
side it is white that runs through them all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from wenyuan.ingest.reading_order.boxes import Point, Rule

WIDER = 0.2
"""By so much of the usual step two characters stand further apart at the end of a tier."""
SHORTEST = 6
"""Columns of fewer characters do not tell what is usual in them."""
BESIDE = 3.0
"""Columns side by side are no more than so many steps apart."""
AGREEING = 4
"""So many columns side by side must have it, or end or begin there."""
WIDTH = 0.75
"""How far an unseen rule reaches to both sides, in usual steps: not to the next column."""


@dataclass(frozen=True, slots=True)
class _White:
    """White in a column or beyond its ends: at which x, from which y to which it reaches, and the usual step there."""

    x: float
    low: float
    high: float
    usual: float


def tier_ends(columns: Sequence[Sequence[Point]]) -> list[Rule]:
    """The unseen rules between tiers, one for each column that runs through both.

    Args:
        columns: of each detected line the middles of its characters, set straight; level lines are passed over.
    """
    steps = [step for centres in columns for step in _wide_steps(centres)]
    whites = sorted([*steps, *(white for centres in columns for white in _beyond(centres))], key=lambda white: white.x)
    xs = [white.x for white in whites]
    found = []
    for step in steps:
        reach = AGREEING * BESIDE * step.usual
        near = whites[bisect_left(xs, step.x - reach) : bisect_right(xs, step.x + reach)]
        agreeing = [other for other in near if other.low < step.high and step.low < other.high]
        if _side_by_side(step, agreeing) >= AGREEING:
            y = (step.low + step.high) / 2
            found.append(Rule(step.x - WIDTH * step.usual, y, step.x + WIDTH * step.usual, y))
    return found


def _wide_steps(centres: Sequence[Point]) -> list[_White]:
    usual = _usual(centres)
    return [
        _White((a[0] + b[0]) / 2, a[1] + usual / 2, b[1] - usual / 2, usual)
        for a, b in pairwise(centres)
        if usual and b[1] - a[1] > (1 + WIDER) * usual
    ]


def _beyond(centres: Sequence[Point]) -> list[_White]:
    """The white above and beneath a column: neighbours that the detector did part end and begin there."""
    usual = _usual(centres)
    if not usual:
        return []
    (x0, y0), (x1, y1) = centres[0], centres[-1]
    return [
        _White(x0, y0 - 1.5 * usual, y0 - usual / 2, usual),
        _White(x1, y1 + usual / 2, y1 + 1.5 * usual, usual),
    ]


def _usual(centres: Sequence[Point]) -> float:
    """The usual step of a column; 0 for level lines and for what is too short to tell."""
    if len(centres) < SHORTEST or abs(centres[-1][1] - centres[0][1]) < abs(centres[-1][0] - centres[0][0]):
        return 0.0
    return max(0.0, median(b[1] - a[1] for a, b in pairwise(centres)))


def _side_by_side(step: _White, agreeing: Sequence[_White]) -> int:
    """How many columns next to each other, this one among them, have the step."""
    xs: list[float] = []
    for x in sorted(other.x for other in agreeing):
        if not xs or x - xs[-1] > step.usual / 2:
            xs.append(x)
    place = min(range(len(xs)), key=lambda k: abs(xs[k] - step.x))
    low = high = place
    while low > 0 and xs[low] - xs[low - 1] < BESIDE * step.usual:
        low -= 1
    while high + 1 < len(xs) and xs[high + 1] - xs[high] < BESIDE * step.usual:
        high += 1
    return high - low + 1
