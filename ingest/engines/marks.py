"""Marks in columns (。 ， 、 「), which the recogniser sees but calls "none".

It was trained on columns with few marks: where one stands it gives "none" most of the probability, and a hundredth or a
tenth to the right mark. Where such a gap between two characters holds one small piece of ink, the mark that got
most is taken. No network runs for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median_low

import cv2
import numpy as np
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import Choice, Picture
from wenyuan.ingest.engines.networks import Tensor
from wenyuan.repo.chinese import is_han

FULL_STOP = "。"
MARKS = {
    "。": "。°˚○", "，": "，’‘',”", "、": "、`ˋ", "；": "；;", "：": "：:", "？": "？?", "！": "！!",
    "「": "「", "」": "」", "『": "『", "』": "』", "《": "《", "》": "》", "（": "（(", "）": "）)",
}  # fmt: skip
"""Each mark of a column, and all that the recogniser may take it for."""
_FEWEST = 3
"""Characters of a column that tell the usual step."""
_CHINESE = {"°": "。", "˚": "。", "’": "，", "‘": "，", "'": "，", ",": "，"}
_GAP = (1.35, 2.6)
"""From character to character where a mark stands between, in usual steps: it has a cell of its own, or half of one."""
_SURE, _LEAST = 0.02, 0.003
"""Probability of all marks together from which one is taken as it is, and where there is a piece of ink for it."""
_RING, _HOLE_ONLY = 0.05, 0.004
"""What a ring adds to the probability of 。, and one that may be part of a character: narrow boxes of columns cut rings
off, and the recogniser sees half of them."""
_KEPT = 0.03
"""Share of another mark that is worth keeping as an alternative."""
BESIDE = 0.35
"""So much of a column's width is looked at beyond its right edge: 。 and ， stand in the right corner of a cell."""
_EM = 40
"""Pixels: the width of a column in which marks are looked for."""
_INK = 0.35
"""Between paper (0) and the darkest of the column (1): from here on it is ink."""
_SIDES = (0.05, 0.42)
"""Shortest and longest side of a mark's piece of ink, of the column's width."""
_HOLE = 0.2
"""Of the column's width: the inside of 。 where it may be a part of a character."""
_BEGINS = 0.1
"""In steps from the middle of the character before: from here on ink is looked at."""
_BODY = 0.5
"""In steps, likewise: so far down the character itself may reach, if it stands in the middle of its cell."""
_LOWER, _EDGE = 0.24, 0.28
"""In steps, and in column widths from the middle to the right: its lower right corner, where marks come near it."""


class _Piece(Enum):
    """What a piece of ink looks like."""

    RING = 1
    HOLE = 2
    """A ring that touches a character, or a hole in one."""
    OTHER = 3


_AS_FULL_STOP = {_Piece.RING: _RING, _Piece.HOLE: _HOLE_ONLY}


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark between two characters.

    Attributes:
        at: number of the character before which it stands.
        span: begin and end in shares of the line's length.
        confidence: 0 … 1: how sure it is which one, given that there is one.
    """

    at: int
    text: str
    span: tuple[float, float]
    confidence: float
    alternatives: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class MarkClasses:
    """Which classes of a recogniser are marks.

    Attributes:
        names: of the marks.
        numbers: for each the classes that stand for it.
    """

    names: tuple[str, ...]
    numbers: tuple[tuple[int, ...], ...]


def classes_of(alphabet: Sequence[str]) -> MarkClasses:
    """The marks among the characters that a recogniser knows."""
    place = {character: number for number, character in enumerate(alphabet)}
    known = {name: tuple(place[one] for one in alike if one in place) for name, alike in MARKS.items()}
    found = {name: numbers for name, numbers in known.items() if numbers}
    return MarkClasses(tuple(found), tuple(found.values()))


def in_column(text: tuple[str, ...]) -> tuple[str, ...]:
    """Marks between Han characters of a column by their Chinese forms: it is never a degree nor an apostrophe there."""
    return tuple(
        _CHINESE[one] if one in _CHINESE and all(map(is_han, text[max(0, k - 1) : k] + text[k + 1 : k + 2])) else one
        for k, one in enumerate(text)
    )


def marks_between(
    spans: Sequence[tuple[float, float]], answer: Tensor, filled: float, strip: Picture, classes: MarkClasses
) -> list[Mark]:
    """Marks of a column that were passed over, in order.

    Args:
        spans: of its characters, as shares of its length.
        answer: steps × classes, probabilities.
        filled: share of the steps that the column takes; the rest is padding.
        strip: the column laid on its left side, with `BESIDE` of its width more at the top.
    """
    middles = [(begin + end) / 2 for begin, end in spans]
    if len(middles) < _FEWEST:
        return []
    step = median_low([after - before for before, after in pairwise(middles)])
    found: list[Mark] = []
    ink: NDArray[np.uint8] | None = None
    # At the lower end a mark hangs below the last character.
    for at, (before, after) in enumerate(pairwise([*middles, 1 + step / 2]), start=1):
        if not _GAP[0] * step < after - before < _GAP[1] * step:
            continue
        begin, end = before + step / 2, min(1.0, after - step / 2)
        chances = _chances(answer, begin * filled, end * filled, classes)
        ink = _ink(strip) if ink is None else ink
        piece = _piece(ink, before, after, step)
        if piece in _AS_FULL_STOP and FULL_STOP in classes.names:
            chances[classes.names.index(FULL_STOP)] += _AS_FULL_STOP[piece]
        if chances.sum() >= (_SURE if piece is None else _LEAST):
            found.append(_mark(at, (begin, end), chances / chances.sum(), classes))
    return found


def _chances(answer: Tensor, begin: float, end: float, classes: MarkClasses) -> Tensor:
    """How likely each mark is in a gap."""
    first = int(begin * len(answer))
    best = answer[first : max(first + 1, round(end * len(answer)))].max(axis=0)
    return np.array([best[list(numbers)].sum() for numbers in classes.numbers], np.float32)


def _mark(at: int, span: tuple[float, float], shares: Tensor, classes: MarkClasses) -> Mark:
    ranked = np.argsort(-shares).tolist()
    others = tuple(Choice(classes.names[k], float(shares[k])) for k in ranked[1:4] if shares[k] > _KEPT)
    return Mark(at, classes.names[ranked[0]], span, float(shares[ranked[0]]), others)


def _ink(strip: Picture) -> NDArray[np.uint8]:
    """1 where there is ink, with `_EM` pixels to the column's width."""
    high = round(_EM * (1 + BESIDE))
    grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_RGB2GRAY)
    size = (max(1, round(grey.shape[1] * high / grey.shape[0])), high)
    seen = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if high < grey.shape[0] else cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(seen, (0, 0), 0.7).astype(np.float32)
    paper, darkest = np.percentile(smooth[::2, ::2], (80, 2))
    return np.asarray(paper - smooth > _INK * max(16.0, paper - darkest), np.uint8)


def _piece(ink: NDArray[np.uint8], before: float, after: float, step: float) -> _Piece | None:
    """What stands between two characters: a small piece of ink that is no part of either."""
    length = ink.shape[1]
    first, last = round((before + _BEGINS * step) * length), round((after - _BEGINS * step) * length)
    part = np.ascontiguousarray(ink[:, max(0, first) : last])
    high, wide = part.shape
    if wide < _EM / 4:
        return None
    cell = float(step * length)

    def is_between(x: float, y: float) -> bool:
        below, above = x / cell + _BEGINS, (wide - x) / cell + _BEGINS
        in_the_corner = bool(below >= _LOWER and high - _EM / 2 - y >= _EDGE * _EM)
        return above >= _BODY and (below >= _BODY or in_the_corner)

    _, labels, stats, centres = cv2.connectedComponentsWithStats(part)
    for number, (left, top, width, height, _) in enumerate(stats.tolist()):
        # What reaches the edge is part of a character, or of the next column.
        is_cut = left == 0 or left + width == wide or top == 0 or top + height == high
        fits = _SIDES[0] * _EM <= max(width, height) <= _SIDES[1] * _EM
        if number and fits and not is_cut and is_between(*centres[number].tolist()):
            piece = labels[top : top + height, left : left + width] == number
            return _Piece.RING if _holes(piece, _SIDES[1]) else _Piece.OTHER
    return _Piece.HOLE if any(is_between(*hole) for hole in _holes(part > 0, _HOLE)) else None


def _holes(ink: NDArray[np.bool_], most: float) -> list[tuple[float, float]]:
    """Middles of the spots of paper with ink all around, as of rings.

    Args:
        most: their longest side, of the column's width.
    """
    paper = np.pad(~ink, 1, constant_values=True).astype(np.uint8)
    _, _, stats, centres = cv2.connectedComponentsWithStats(paper, connectivity=4)
    return [
        (x - 1, y - 1)
        for (left, top, width, height, _), (x, y) in zip(stats[1:].tolist(), centres[1:].tolist(), strict=True)
        if left and top and max(width, height) <= most * _EM  # the paper around it begins at the edge
    ]
