"""By how much a page leans, from its lines alone.

Level lines and columns may lean differently, and more on one side than on the other: a curved or oblique scan.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.ingest.reading_order.boxes import LineBox, Point, Rule

MOST = math.radians(6)
"""A page that leans more was turned by preparation or is no page: it is taken as it stands."""
ENOUGH = 0.05
"""Lines of one direction tell their own lean if they make up this share of all lengths."""


SIDE = 3
"""So many lines on either half of the page tell how the lean changes from one side to the other."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A lean that changes evenly over the page, as it does where the camera looked askew (keystone).

    Attributes:
        middle: in the middle of the page, radians.
        change: by how much more for each pixel towards the right (of columns) or the bottom (of level lines).
    """

    middle: float = 0.0
    change: float = 0.0


@dataclass(frozen=True, slots=True)
class Lean:
    """The lean of a page, clockwise positive (y down), about a point that stays.

    Attributes:
        level: of what should lie level.
        upright: of what should stand upright.
    """

    level: Slope
    upright: Slope
    about: Point

    def straight(self, point: Point) -> Point:
        """Where a point lies on the page set straight."""
        x, y = point[0] - self.about[0], point[1] - self.about[1]
        across = self.upright.middle + self.upright.change * x
        down = self.level.middle + self.level.change * y
        return self.about[0] + x + y * math.tan(across), self.about[1] + y - x * math.tan(down)

    def straight_rule(self, rule: Rule) -> Rule:
        """The same of a printed rule."""
        return Rule(*self.straight((rule.x0, rule.y0)), *self.straight((rule.x1, rule.y1)))


@dataclass(frozen=True, slots=True)
class _Told:
    """What one line tells: its angle off the axis, its length, and where it stands across its direction."""

    angle: float
    length: float
    place: float


def lean(lines: Sequence[LineBox], rules: Sequence[Rule], about: Point) -> Lean:
    """The lean of a page: for each direction the median over lines and rules, weighed by their lengths."""
    found: dict[bool, list[_Told]] = {True: [], False: []}
    for line in lines:
        _note(found, *_ends(line), about)
    for rule in rules:
        _note(found, (rule.x0, rule.y0), (rule.x1, rule.y1), about)
    lengths = {side: sum(told.length for told in angles) for side, angles in found.items()}
    whole = sum(lengths.values())
    slopes = {side: _slope(angles) for side, angles in found.items() if lengths[side] > ENOUGH * whole}
    level, upright = slopes.get(True), slopes.get(False)
    return Lean(
        level or (Slope(upright.middle) if upright else Slope()),
        upright or (Slope(level.middle) if level else Slope()),
        about,
    )


def _note(found: dict[bool, list[_Told]], a: Point, b: Point, about: Point) -> None:
    angle = math.atan2(b[1] - a[1], b[0] - a[0])
    quarter = round(angle / (math.pi / 2))
    off = angle - quarter * (math.pi / 2)
    level = quarter % 2 == 0
    place = (a[1] + b[1]) / 2 - about[1] if level else (a[0] + b[0]) / 2 - about[0]
    if abs(off) <= MOST:
        found[level].append(_Told(off, math.dist(a, b), place))


def _slope(told: list[_Told]) -> Slope:
    middle = _median(told)
    longest = max(one.length for one in told)
    near = [one for one in told if one.place < 0 and one.length > longest / 3]
    far = [one for one in told if one.place >= 0 and one.length > longest / 3]
    if min(len(near), len(far)) < SIDE:
        return Slope(middle)
    low, high = _median(near), _median(far)
    at_low, at_high = _place(near), _place(far)
    change = (high - low) / (at_high - at_low)
    return Slope(low - change * at_low, change)


def _place(told: list[_Told]) -> float:
    return sum(one.place * one.length for one in told) / sum(one.length for one in told)


def _median(told: list[_Told]) -> float:
    half = sum(one.length for one in told) / 2
    for one in sorted(told, key=lambda one: one.angle):
        half -= one.length
        if half <= 0:
            return one.angle
    return 0.0


def _ends(line: LineBox) -> tuple[Point, Point]:
    """The middles of the two short sides of a line's box."""
    a, b, c, d = line.quad
    if math.dist(a, b) + math.dist(c, d) >= math.dist(b, c) + math.dist(d, a):
        return _middle(a, d), _middle(b, c)
    return _middle(a, b), _middle(c, d)


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
