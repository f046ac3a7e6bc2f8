"""From the picture that was read back to the page as readers see it."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo.layers import Box, Direction

_AROUND = (Direction.LEFT_TO_RIGHT, Direction.TOP_TO_BOTTOM, Direction.RIGHT_TO_LEFT)


@dataclass(frozen=True, slots=True)
class PageMap:
    """The page was scaled, then turned by quarters clockwise.

    Attributes:
        width: pixels of the page as readers see it.
        height: likewise.
        scale: pixels of the read picture for one of the page.
        quarters: 0 … 3 quarter turns clockwise.
    """

    width: int
    height: int
    scale: float = 1.0
    quarters: int = 0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of the read picture on the page."""
        width, height = self.width * self.scale, self.height * self.scale
        back = {0: (x, y), 1: (y, height - x), 2: (width - x, height - y), 3: (width - y, x)}[self.quarters]
        return back[0] / self.scale, back[1] / self.scale

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A rectangle of the read picture on the page, within its edges and at least one pixel."""
        one, other = self.point(left, top), self.point(right, bottom)
        x0, x1 = sorted(_within(value, self.width) for value in (one[0], other[0]))
        y0, y1 = sorted(_within(value, self.height) for value in (one[1], other[1]))
        x0, y0 = min(x0, self.width - 1), min(y0, self.height - 1)
        return Box(x0, y0, max(1, x1 - x0), max(1, y1 - y0))

    def direction(self, direction: Direction) -> Direction:
        """Along which axis of the page a line of the read picture runs.

        There is no name for upwards: such lines are called columns, and their glyphs tell the rest.
        """
        turned = (_AROUND.index(direction) - self.quarters) % 4
        return Direction.TOP_TO_BOTTOM if turned == 3 else _AROUND[turned]


def _within(value: float, most: int) -> int:
    return min(max(round(value), 0), most)
