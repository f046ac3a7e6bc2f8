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
"""So many columns side by side must have it."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A wide step in a column: at which x, from which y to which the white may reach, and the usual step there."""

    x: float
    low: float
    high: float
    usual: float


def tier_ends(columns: Sequence[Sequence[Point]]) -> list[Rule]:
    """The unseen rules between tiers, one for each column that runs through both.

    Args:
        columns: of each detected line the middles of its characters, set straight; level lines are passed over.
    """
    steps = sorted((step for centres in columns for step in _wide_steps(centres)), key=lambda step: step.x)
    xs = [step.x for step in steps]
    found = []
    for step in steps:
        reach = AGREEING * BESIDE * step.usual
        near = steps[bisect_left(xs, step.x - reach) : bisect_right(xs, step.x + reach)]
        agreeing = [other for other in near if other.low < step.high and step.low < other.high]
        if _side_by_side(step, agreeing) >= AGREEING:
            y = (step.low + step.high) / 2
            found.append(Rule(step.x - step.usual / 2, y, step.x + step.usual / 2, y))
    return found


def _wide_steps(centres: Sequence[Point]) -> list[_Step]:
    if len(centres) < SHORTEST or abs(centres[-1][1] - centres[0][1]) < abs(centres[-1][0] - centres[0][0]):
        return []
    usual = median(b[1] - a[1] for a, b in pairwise(centres))
    if usual <= 0:
        return []
    return [
        _Step((a[0] + b[0]) / 2, a[1] + usual / 2, b[1] - usual / 2, usual)
        for a, b in pairwise(centres)
        if b[1] - a[1] > (1 + WIDER) * usual
    ]


def _side_by_side(step: _Step, agreeing: Sequence[_Step]) -> int:
    """How many columns next to each other, this one among them, have the step."""
    xs = sorted(other.x for other in agreeing)
    place = bisect_left(xs, step.x)
    low = high = place
    while low > 0 and xs[low] - xs[low - 1] < BESIDE * step.usual:
        low -= 1
    while high + 1 < len(xs) and xs[high + 1] - xs[high] < BESIDE * step.usual:
        high += 1
    return high - low + 1
