"""Where hits stand on the picture of a page. The search index holds no coordinates: they come from the text layer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wenyuan.repo import chinese
from wenyuan.repo.layers import Box, Line, Region, TextLayer, around, places


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit on a page.

    Attributes:
        boxes: one for each line (or column) that the hit runs over, in reading order, in pixels of the layer; empty
            where the text has no place (e-book chapters).
        text: as it stands in the layer, with its punctuation and line ends.
    """

    boxes: tuple[Box, ...]
    text: str


def hit_boxes(layer: TextLayer, query: str | chinese.Query, *, next_text: str = "") -> list[Hit]:
    """All hits of a query on a page, in reading order.

    Args:
        layer: of the page.
        query: as typed, or parsed.
        next_text: text of the next page: of a hit that runs on there the part on this page is given.

    Raises:
        QueryTooLong: see `chinese.parse`.
    """
    text = layer.text
    ranges = chinese.find(text, query, next_text=next_text)
    if not ranges:
        return []
    lines = _placed_lines(layer)
    starts = [start for start, _ in lines]
    return [Hit(_boxes(lines[_first(starts, start) :], start, end), text[start:end]) for start, end in ranges]


def _placed_lines(layer: TextLayer) -> list[tuple[int, Line]]:
    """Lines of the running text with their offsets in `TextLayer.text`: a line feed after each, two after a region."""
    found: list[tuple[int, Line]] = []
    start = 0
    for region in layer.running:
        for line in region.lines:
            found.append((start, line))
            start += len(line.text) + 1
        start += 1 if region.lines else 2
    return found


def _first(starts: list[int], offset: int) -> int:
    """Number of the line that an offset is in."""
    return max(0, bisect_right(starts, offset) - 1)


def _boxes(lines: Iterable[tuple[int, Line]], start: int, end: int) -> tuple[Box, ...]:
    """One box around the characters of each line between two offsets.

    The line decides and not where boxes lie: columns may touch, and small notes stand beside their own line.
    """
    found: list[Box] = []
    for begin, line in lines:
        if begin >= end:
            break
        box = around(box for box in _glyphs(line)[max(0, start - begin) : end - begin] if box)
        if box:
            found.append(box)
    return tuple(found)


def _glyphs(line: Line) -> Sequence[Box | None]:
    """A box for each character."""
    if line.glyphs:
        return line.glyphs
    return [place.box if place else None for place in places(TextLayer(0, 0, (Region((line,)),)))]
