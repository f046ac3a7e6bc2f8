"""Boxes for characters whose place nobody has measured: shared out along the line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from wenyuan.repo.layers import Box, Direction, Line

_Span = tuple[int, int, int, int]
"""Start and end along the line, in the order of reading; lower and upper edge across it."""


def boxes_of(line: Line) -> tuple[Box, ...]:
    """One box for each character of a line: as measured, else the line's box shared evenly; empty without a place."""
    if line.glyphs or line.box is None or not line.text:
        return line.glyphs
    # Only RTL is mirrored, and the edge it is mirrored at cancels out.
    edge = line.box.x + line.box.width
    return _shared(_along(line.box, line.direction, edge), len(line.text), line.direction, edge)


def spread(
    line: Line, glyphs: Sequence[Box], replaced: tuple[int, int], count: int, page: tuple[int, int]
) -> tuple[Box, ...]:
    """Boxes for new characters.

    They share evenly the space of the characters they replace. Where they replace none they stand between their
    neighbours, at least half a character long each, or before the first or behind the last one, as large as it.

    Args:
        line: in which they come.
        glyphs: boxes of the characters that the line had; none where it was empty.
        replaced: first and one past the last of the characters that they replace.
        count: how many there are.
        page: width and height in pixels; no box leaves it.
    """
    if not count or line.box is None:
        return ()
    width, height = page
    direction, first, end = line.direction, *replaced
    spans = [_along(box, direction, width) for box in glyphs]
    limit = height if direction is Direction.TOP_TO_BOTTOM else width
    if not spans:
        span = _along(line.box, direction, width)
    elif end > first:
        span = (spans[first][0], spans[end - 1][1], *_across(spans[first:end]))
    else:
        span = _between(spans, first, count, limit)
    return _shared(span, count, direction, width)


def _between(spans: Sequence[_Span], place: int, count: int, limit: int) -> _Span:
    em = max(1, sum(end - start for start, end, *_ in spans) // len(spans))
    before = spans[place - 1] if place else None
    after = spans[place] if place < len(spans) else None
    across = _across([span for span in (before, after) if span])
    if before and after:
        lacking = max(0, count * em // 2 - (after[0] - before[1]))
        start, end = before[1] - lacking // 2, after[0] + (lacking + 1) // 2
    elif before:
        start, end = min(before[1], limit - 1), before[1] + count * em
    else:
        assert after is not None
        start, end = after[0] - count * em, max(after[0], 1)
    return (max(0, start), min(limit, end), *across)


def _across(spans: Sequence[_Span]) -> tuple[int, int]:
    return min(span[2] for span in spans), max(span[3] for span in spans)


def _shared(span: _Span, count: int, direction: Direction, width: int) -> tuple[Box, ...]:
    start, end, low, high = span
    end = max(end, start + 1)
    edges = [start + (end - start) * each // count for each in range(count + 1)]
    return tuple(_box((a, max(b, a + 1), low, high), direction, width) for a, b in pairwise(edges))


def _along(box: Box, direction: Direction, width: int) -> _Span:
    if direction is Direction.TOP_TO_BOTTOM:
        return box.y, box.y + box.height, box.x, box.x + box.width
    if direction is Direction.RIGHT_TO_LEFT:
        return width - box.x - box.width, width - box.x, box.y, box.y + box.height
    return box.x, box.x + box.width, box.y, box.y + box.height


def _box(span: _Span, direction: Direction, width: int) -> Box:
    start, end, low, high = span
    if direction is Direction.TOP_TO_BOTTOM:
        return Box(low, start, high - low, end - start)
    if direction is Direction.RIGHT_TO_LEFT:
        return Box(width - end, low, end - start, high - low)
    return Box(start, low, end - start, high - low)
