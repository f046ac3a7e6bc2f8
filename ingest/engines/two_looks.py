"""Lines seen in two sizes made one set: where both saw something, what reads better is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wenyuan.ingest.engines.engine import FoundLine

_SAME = 0.4
"""Share of the smaller box that lies in the other one: then both are of the same print."""


def better(first: Sequence[FoundLine], second: Sequence[FoundLine]) -> list[FoundLine]:
    """Of each group of lines that overlap, the look that read more, and more surely.

    Args:
        first: kept where both are equal.
    """
    groups = _groups(_boxes(first), _boxes(second))
    kept: list[FoundLine] = []
    for ours, theirs in groups:
        one, other = [first[k] for k in ours], [second[k] for k in theirs]
        kept += other if _worth(other) > _worth(one) else one
    return kept


def _worth(lines: Sequence[FoundLine]) -> float:
    return sum(glyph.confidence - 0.5 for line in lines for glyph in line.glyphs)


def _boxes(lines: Sequence[FoundLine]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    corners = np.array([line.quad for line in lines], np.float64).reshape(-1, 4, 2)
    return np.hstack([corners.min(axis=1), corners.max(axis=1)])


def _groups(
    ours: np.ndarray[tuple[int, int], np.dtype[np.float64]], theirs: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> list[tuple[list[int], list[int]]]:
    """Boxes that hang together by overlaps between the two looks."""
    low = np.maximum(ours[:, None, :2], theirs[None, :, :2])
    high = np.minimum(ours[:, None, 2:], theirs[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (ours, theirs)]
    touches = shared > _SAME * np.minimum(areas[0][:, None], areas[1][None, :])
    groups = []
    seen_ours, seen_theirs = set[int](), set[int]()
    for number in range(len(ours)):
        if number in seen_ours:
            continue
        mine, others, waiting = set[int](), set[int](), [number]
        while waiting:
            mine.add(one := waiting.pop())
            new = set(np.flatnonzero(touches[one]).tolist()) - others
            others |= new
            waiting += [k for other in new for k in np.flatnonzero(touches[:, other]).tolist() if k not in mine]
        seen_ours |= mine
        seen_theirs |= others
        groups.append((sorted(mine), sorted(others)))
    return groups + [([], [k]) for k in range(len(theirs)) if k not in seen_theirs]
