"""Pages that lie on their side or stand on their head: found by how badly they read.

A page that reads well is never looked at again, so that the step costs nothing there. A page that does not is read in a
small size in all four turns, and turned if one of them reads far better. The classifier that rapidocr's wheel brings is
not used: it judges single lines, and turned good ones over (docs/recognition.md).

A column lying on its left side is what the recogniser is given anyway, so a horizontal page that was scanned lying on
its right side reads well as it is, as columns from right to left: its lines are in order, and it is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from wenyuan.ingest.engines.engine import Engine, FoundLine, Picture, Wish

_GOOD = 0.8
"""Mean confidence of the characters of a page that stands upright, however worn; upside down it is below 0.7."""
_SAMPLE_PIXELS = 1_500_000
_FAR_BETTER = 1.5
"""Times as much must be read after a turn."""
_HIGH = 1.15
"""Pages are mostly higher than wide; columns read as well lying on their left side as they do upright."""
_ENOUGH = 3.0
"""Sum of confidences over one half: fewer than six sure characters say nothing about a page."""


def reads_badly(lines: Sequence[FoundLine]) -> bool:
    """Whether it is worth trying other turns."""
    confidences = [glyph.confidence for line in lines for glyph in line.glyphs]
    return not confidences or sum(confidences) / len(confidences) < _GOOD


def quarters(picture: Picture, engine: Engine, wish: Wish) -> int:
    """By how many quarters clockwise a page that reads badly is to be turned: 0 … 3."""
    sample = _sample(picture)
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
