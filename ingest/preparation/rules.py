"""Printed straight lines on a page: 栏线 between columns, 界行 of woodblock books, frames of notices and tables.

A pixel belongs to a line where the paper is darker along a short piece than on both sides of it: that holds for faint
lines on grainy paper too, and not inside letters or pictures. Pieces in a row make a line when they are longer together
than any stroke of the print.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import FoundLine, Picture
from wenyuan.ingest.reading_order.boxes import Rule

_LONGEST = 2000
"""Pixels: larger pages are looked at in this size; a hairline of 2 pixels on a newspaper page of 7000 is still seen."""
_PIECE = 25
"""Pixels of the page looked at, along which darkness is averaged."""
_BESIDE = (5, 12)
"""Pixels from a line's middle to the paper beside it: hairlines, and thick frames."""
_CONTRAST = 10
"""Grey values (of 255) by which a line is darker than the paper on both of its sides, at least."""
_UNBROKEN = 0.6
"""Share of its darkest place that a line's piece has on the whole."""
_LEAST_LENGTH = 3.0
"""In em of the page's print: longer than a stroke of any character but those of headlines, which are told apart."""
_LEAST_PIECE = 1.8
"""In em: what is seen without a gap; strokes of characters one below the other have gaps."""
_MOST_PIECES = 2000
"""The longest ones; pictures can have no end of them."""
_EMPTY_PAGE_EM = 40
"""Of a page without text this part of its longer side counts as an em."""

_Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A nearly level line: where it begins and ends, in pixels of the page looked at."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def length(self) -> float:
        return self.x1 - self.x0

    def at(self, x: float) -> float:
        """Its height at x, beyond its ends too, where it goes on level as it is on the whole."""
        return self.y0 + (self.y1 - self.y0) * (x - self.x0) / max(1.0, self.length)


def find_rules(picture: Picture, lines: Sequence[FoundLine] = ()) -> tuple[Rule, ...]:
    """Printed lines, level ones first.

    Args:
        picture: upright.
        lines: the text found on it: says how large the print is, and what is a stroke of a headline.

    Returns:
        In pixels of the picture, each from left to right or from top to bottom.
    """
    scale = min(1.0, _LONGEST / max(picture.shape[:2]))
    dark = cv2.bitwise_not(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    if scale < 1:
        dark = cv2.resize(dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    em = _em(lines) * scale or max(dark.shape) / _EMPTY_PAGE_EM
    seen = np.asarray(dark, np.uint8)
    level = [Rule(p.x0, p.y0, p.x1, p.y1) for p in _level(seen, em)]
    upright = [Rule(p.y0, p.x0, p.y1, p.x1) for p in _level(np.ascontiguousarray(seen.T), em)]
    found = [Rule(r.x0 / scale, r.y0 / scale, r.x1 / scale, r.y1 / scale) for r in (*level, *upright)]
    return tuple(rule for rule in found if not any(_is_stroke(rule, line) for line in lines))


def _em(lines: Sequence[FoundLine]) -> float:
    """The median character's size."""
    sizes = sorted(thickness for line in lines for thickness in [_thickness(line)] * len(line.glyphs))
    return sizes[len(sizes) // 2] if sizes else 0.0


def _thickness(line: FoundLine) -> float:
    one, two, _, four = line.quad
    return math.dist(one, two) if line.vertical else math.dist(one, four)


def _level(dark: _Mask, em: float) -> list[_Piece]:
    # A line that leans by a degree leaves its row of pixels after 57 of them.
    thick = cv2.dilate(_lines_in(dark), np.ones((3, 1), np.uint8))
    short = max(9, round(_LEAST_PIECE * em))
    mask = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, short), np.uint8))
    pieces = sorted(_pieces(np.asarray(mask, np.uint8), em), key=lambda piece: -piece.length)
    joined = _joined(pieces[:_MOST_PIECES], em)
    return [piece for piece in joined if piece.length >= _LEAST_LENGTH * em]


def _lines_in(dark: _Mask) -> _Mask:
    """255 where a level line runs."""
    along = cv2.blur(dark, (_PIECE, 1))
    grain = cv2.blur(dark, (5, 1))
    peak = cv2.dilate(grain, np.ones((1, _PIECE), np.uint8))
    paper_level = cv2.erode(grain, np.ones((_PIECE, 1), np.uint8))
    # Letters in a row are dark and light by turns, a printed line is dark throughout.
    unbroken = cv2.subtract(along, paper_level) > _UNBROKEN * cv2.subtract(peak, paper_level)
    mask = np.zeros_like(dark)
    for beside in _BESIDE:
        thick = cv2.blur(along, (1, 3 if beside < 10 else 5))
        shifted = cv2.copyMakeBorder(along, beside, beside, 0, 0, cv2.BORDER_REPLICATE)
        paper = cv2.max(shifted[: -2 * beside], shifted[2 * beside :])
        mask |= ((cv2.subtract(thick, paper) > _CONTRAST) & unbroken).astype(np.uint8) * 255
    return mask


def _pieces(mask: _Mask, em: float) -> list[_Piece]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    found = []
    for number in range(1, count):
        left, top, width, height, _area = stats[number].tolist()
        if width < em or height > max(12, 0.12 * width + 6):
            continue
        part = labels[top : top + height, left : left + width] == number
        if part.sum() > width * 14:
            continue
        end = max(1, width // 10)
        found.append(_Piece(left, top + _middle(part[:, :end]), left + width - 1.0, top + _middle(part[:, -end:])))
    return found


def _middle(part: NDArray[np.bool_]) -> float:
    return float(np.nonzero(part)[0].mean())


def _joined(pieces: list[_Piece], em: float) -> list[_Piece]:
    """Pieces in a row made one: worn lines have gaps."""
    waiting = sorted(pieces, key=lambda piece: piece.x0)
    done: list[_Piece] = []
    for piece in waiting:
        for number, before in enumerate(done):
            gap = piece.x0 - before.x1
            middle = (piece.x0 + before.x1) / 2
            if -em < gap < 2 * em and abs(before.at(middle) - piece.at(middle)) < max(3.0, em * 0.12):
                end = piece if piece.x1 > before.x1 else before
                done[number] = _Piece(before.x0, before.y0, end.x1, end.y1)
                break
        else:
            done.append(piece)
    return done


def _is_stroke(rule: Rule, line: FoundLine) -> bool:
    """Whether a rule is part of a line of text: a stroke of a large character, or dashes along its middle."""
    (x0, y0), (x1, y1), _, (x3, y3) = line.quad
    along, across = (x1 - x0, y1 - y0), (x3 - x0, y3 - y0)
    ends = [_share(x, y, (x0, y0), along, across) for x, y in ((rule.x0, rule.y0), (rule.x1, rule.y1))]
    if not all(-0.05 <= a <= 1.05 and -0.05 <= b <= 1.05 for a, b in ends):
        return False
    if math.dist((rule.x0, rule.y0), (rule.x1, rule.y1)) < 2.2 * _thickness(line):
        return True
    runs_down = abs(rule.y1 - rule.y0) > abs(rule.x1 - rule.x0)
    places = [share[0] if line.vertical else share[1] for share in ends]
    return runs_down == line.vertical and all(0.12 < place < 0.88 for place in places)


def _share(
    x: float, y: float, origin: tuple[float, float], along: tuple[float, float], across: tuple[float, float]
) -> tuple[float, float]:
    """A point in shares of a rectangle's sides."""
    dx, dy = x - origin[0], y - origin[1]
    return (
        (dx * along[0] + dy * along[1]) / max(1e-6, along[0] ** 2 + along[1] ** 2),
        (dx * across[0] + dy * across[1]) / max(1e-6, across[0] ** 2 + across[1] ** 2),
    )
