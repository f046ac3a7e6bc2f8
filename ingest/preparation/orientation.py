"""Pages that lie on their side or stand on their head: found by how badly they read.

A page that reads well is never looked at again, so that the step costs nothing there. A page that does not is read in a
small size in all four turns, and turned if one of them reads far better. The classifier that rapidocr's wheel brings is
not used: it judges single lines, and turned good ones over (docs/recognition.md).

A column lying on its left side is what the recogniser is given anyway, so a horizontal page lying on its right side
reads well as it is, as columns, and a vertical one lying on its left as lines. Single characters tell: some of the
surest ones are put in a row and read again, as they are and turned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from wenyuan.ingest.engines.engine import Engine, FoundGlyph, FoundLine, Picture, Wish
from wenyuan.repo.chinese import is_han

_GOOD = 0.8
"""Mean confidence of the characters of a page that stands upright, however worn; upside down it is below 0.7."""
_SAMPLE_PIXELS = 1_500_000
_FAR_BETTER = 1.5
"""Times as much must be read after a turn."""
_HIGH = 1.15
"""Pages are mostly higher than wide; columns read as well lying on their left side as they do upright."""
_ENOUGH = 3.0
"""Sum of confidences over one half: fewer than six sure characters say nothing about a page."""


_SHOWN = 12
"""Characters that tell whether a page lies."""
_FEWEST = 8
_CELL, _APART = 40, 10
"""Pixels: their size and the white between them."""
_MARGIN = 28
_LIES, _STANDS = 0.6, 0.4
"""Share of them that is read at least where they stand upright, and at most where they lie on their right side."""


def lies(picture: Picture, lines: Sequence[FoundLine], engine: Engine, wish: Wish) -> int:
    """By how many quarters clockwise a page that reads well as it lies is to be turned: 0, 1 or 3.

    Args:
        lines: what was read on it.
    """
    vertical = 2 * sum(len(line.glyphs) for line in lines if line.vertical) > sum(len(line.glyphs) for line in lines)
    told = [glyph for line in lines if line.vertical == vertical for glyph in line.glyphs if is_han(glyph.text)]
    shown = sorted(told, key=lambda glyph: -glyph.confidence)[:_SHOWN]
    if len(shown) < _FEWEST:
        return 0
    wish = replace(wish, small_print=False)
    cells = [_cell(picture, glyph) for glyph in shown]
    wanted = Counter(glyph.text for glyph in shown)

    def read(number: int) -> float:
        found = engine.read(_row([turned(cell, number) for cell in cells]), wish)
        return (wanted & Counter(glyph.text for line in found for glyph in line.glyphs)).total() / len(shown)

    if vertical:
        return 3 if read(0) <= _STANDS and read(3) >= _LIES else 0
    # Characters of a vertical page lying on its left are read as they lie, too; those that stand are not, once turned.
    return 1 if read(1) >= _LIES else 0


def _cell(picture: Picture, glyph: FoundGlyph) -> Picture:
    """A square around a character."""
    (x, y), (left, top, right, bottom) = glyph.centre, glyph.box
    half = min(max(right - left, bottom - top), *picture.shape[:2]) / 2
    patch = cv2.getRectSubPix(picture, (max(1, round(2 * half)),) * 2, (x, y))
    return np.asarray(cv2.resize(patch, (_CELL, _CELL), interpolation=cv2.INTER_AREA), np.uint8)


def _row(cells: Sequence[Picture]) -> Picture:
    """Characters side by side, on paper as light as theirs."""
    paper = int(np.percentile(np.stack(cells), 80))
    step = _CELL + _APART
    row = np.full((_CELL + 2 * _MARGIN, step * len(cells) + 2 * _MARGIN, 3), paper, np.uint8)
    for number, cell in enumerate(cells):
        left = _MARGIN + number * step
        row[_MARGIN : _MARGIN + _CELL, left : left + _CELL] = cell
    return row


def reads_badly(lines: Sequence[FoundLine]) -> bool:
    """Whether it is worth trying other turns."""
    confidences = [glyph.confidence for line in lines for glyph in line.glyphs]
    return not confidences or sum(confidences) / len(confidences) < _GOOD


def quarters(picture: Picture, engine: Engine, wish: Wish) -> int:
    """By how many quarters clockwise a page that reads badly is to be turned: 0 … 3."""
    sample, wish = _sample(picture), replace(wish, small_print=False)
    tries = [turned(sample, number) for number in range(4)]
    worth = [_worth(engine.read(one, wish)) * (_HIGH if one.shape[0] > one.shape[1] else 1.0) for one in tries]
    best = int(np.argmax(worth))
    return best if worth[best] > _FAR_BETTER * worth[0] and worth[best] >= _ENOUGH else 0


def turned(picture: Picture, number: int) -> Picture:
    """The picture after quarter turns clockwise."""
    return np.ascontiguousarray(np.rot90(picture, -number))


def _sample(picture: Picture) -> Picture:
    scale = (_SAMPLE_PIXELS / (picture.shape[0] * picture.shape[1])) ** 0.5
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _worth(lines: Sequence[FoundLine]) -> float:
    return max(0.0, sum(glyph.confidence - 0.5 for line in lines for glyph in line.glyphs))
