"""Notes in the side margin of a page written across: a narrow column of small lines beside one wide column of text.

They belong to the lines that they stand beside, but whoever reads a page reads its text to the end first, and footnotes
after them. Cutting would read them where the text happens to have a heading at their height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.ingest.reading_order.corridors import gaps
from wenyuan.ingest.reading_order.frame import Placed, place
from wenyuan.ingest.reading_order.pieces import Lie, Piece

LINES = 8
"""Fewer lines of text are no column that notes could stand beside."""
SMALL = 0.92
"""Notes are set in characters of less than this share of the text's, told by their pitch."""
MOST, WIDEST = 0.15, 0.3
"""Notes hold at most this share of the characters and take at most this share of the width."""
GUTTER = 1.0
"""So much white, in ems between boxes drawn in to their cores, lies between the text and its notes."""
PITCHED = 3
"""Lines of fewer characters do not tell their pitch."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A page's text with notes beside it; each in no order.

    Attributes:
        text: the column of text.
        notes: what stands beside it.
        footnotes: the small lines that end the text.
    """

    text: list[Piece]
    notes: list[Piece]
    footnotes: list[Piece]


def sides(pieces: Sequence[Piece]) -> Sides | None:
    """The text and its side notes; None if the page has none, or more than one column.

    Args:
        pieces: of one page written across, set straight, without head and foot.
    """
    placed = [place(p, upright=False) for p in pieces]
    em = _pitch(placed)
    foot = _foot(placed, em)
    body = [p for p in placed if p.v0 + p.v1 < foot]
    white = gaps([(p.u0, p.u1) for p in body])
    if len(white) != 1 or white[0][1] - white[0][0] < GUTTER * em or any(p.piece.lie is Lie.UPRIGHT for p in body):
        return None
    parts = [p for p in body if p.u1 <= white[0][0]], [p for p in body if p.u0 >= white[0][1]]
    notes, text = sorted(parts, key=lambda part: sum(p.weight for p in part))
    whole = max(p.u1 for p in body) - min(p.u0 for p in body)
    if (
        len(text) < LINES
        or sum(p.weight for p in notes) > MOST * sum(p.weight for p in body)
        or max(p.u1 for p in notes) - min(p.u0 for p in notes) > WIDEST * whole
        or not 0 < _pitch(notes) < SMALL * _pitch(text)
        or 2 * sum(p.piece.figures for p in notes) > len(notes)  # page numbers of contents, a column of a table
    ):
        return None
    return Sides([p.piece for p in text], [p.piece for p in notes], [p.piece for p in placed if p.v0 + p.v1 >= foot])


def _pitch(placed: Sequence[Placed]) -> float:
    """From one character to the next, in half of the lines; 0 if they are too short to tell."""
    found = sorted(
        abs(p.piece.last[0] - p.piece.first[0]) / (p.weight - 1) for p in placed if p.weight >= PITCHED and p.along
    )
    return found[len(found) // 2] if found else 0.0


def _foot(placed: Sequence[Placed], em: float) -> float:
    """Twice the height from which on all lines are small: footnotes, with a rule above them or none."""
    foot = float("inf")
    for p in sorted(placed, key=lambda p: -(p.v0 + p.v1)):
        if not 0 < _pitch([p]) < SMALL * em:
            break
        foot = p.v0 + p.v1
    return foot
