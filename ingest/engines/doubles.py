"""Lines that say again what a longer line says: a detector may mark a column and a part of it."""

from __future__ import annotations

from collections.abc import Sequence

from wenyuan.ingest.engines.engine import FoundLine

_INSIDE = 0.85
"""This share of the smaller box lies within the larger one."""

_Box = tuple[float, float, float, float]


def without_doubles(lines: Sequence[FoundLine]) -> list[FoundLine]:
    """The lines without those that lie within another line and whose characters it has, in the same order."""
    boxes = [_box(line) for line in lines]
    longest = sorted(range(len(lines)), key=lambda k: -len(lines[k].text))
    gone = {
        k
        for place, k in enumerate(longest)
        if any(lines[k].text in lines[j].text and _within(boxes[k], boxes[j]) for j in longest[:place])
    }
    return [line for k, line in enumerate(lines) if k not in gone]


def _box(line: FoundLine) -> _Box:
    xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
    return min(xs), min(ys), max(xs), max(ys)


def _within(inner: _Box, outer: _Box) -> bool:
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    high = min(inner[3], outer[3]) - max(inner[1], outer[1])
    area = (inner[2] - inner[0]) * (inner[3] - inner[1])
    return wide > 0 and high > 0 and wide * high > _INSIDE * area
