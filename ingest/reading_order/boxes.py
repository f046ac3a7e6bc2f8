"""What reading order is given and gives back: lines with their places, printed rules, ordered regions.

All coordinates are pixels of the page picture, origin top left, as floats. Nothing here knows pictures or engines.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from wenyuan.repo.layers import Direction, RegionKind

Point = tuple[float, float]


class Writing(StrEnum):
    """How the page is written, where somebody knows it better than the page shows."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class LineBox:
    """One line or column as a detector found it.

    Attributes:
        quad: its four corners, in any turn.
        text: what was read, in the order the engine read it.
        centres: the middle of each code point of `text`, or empty where the engine tells only the line's place.
    """

    quad: tuple[Point, Point, Point, Point]
    text: str
    centres: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        if not all(isfinite(place) for point in (*self.quad, *self.centres) for place in point):
            raise ValueError(f"a line whose place is no number: {self.text[:20]!r}")
        if self.centres and len(self.centres) != len(self.text):
            raise ValueError(f"{len(self.centres)} centres for {len(self.text)} characters")


@dataclass(frozen=True, slots=True)
class Rule:
    """One printed straight line (栏线, 界行, a side of a frame) from end to end, nearly level or upright."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A detected line, or a slice of one, at its place in the reading order.

    Attributes:
        index: which of the given lines.
        start: first code point of the slice.
        end: code point after its last.
        direction: along which the characters of this line run on the paper.
        note: a small line of double notes (夹注) inside a column.
        reverse: the engine read the slice against the direction; the text is to be turned about.
    """

    index: int
    start: int
    end: int
    direction: Direction
    note: bool = False
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class OrderedRegion:
    """Lines that belong together, in reading order."""

    kind: RegionKind
    lines: tuple[OrderedLine, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The reading order of one page.

    Attributes:
        regions: all that was given, every code point exactly once (furniture too: the caller chooses).
        vertical: most of the text stands in columns.
        facing_at: where two facing pages (or the halves of a leaf) part, as x in pixels; None for a single page.
        skew: by how many degrees the page leans, clockwise positive.
    """

    regions: tuple[OrderedRegion, ...]
    vertical: bool
    facing_at: float | None = None
    skew: float = 0.0
