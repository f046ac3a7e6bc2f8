"""One frame for both ways of writing.

In a vertical page columns follow each other from right to left and characters run down. Turned by a quarter it is a
horizontal page: u runs along the lines (down the paper), v from line to line (leftwards). A tier (段) is then a text
column, the space between tiers a gutter, a rule between blocks a break between rows. So one method orders both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.pieces import Lie, Piece


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece in the frame, its box drawn in to its core so that boxes which touch or overlap a little lie apart.

    Attributes:
        u0: where it begins along the lines.
        u1: where it ends.
        v0: where it begins across the lines.
        v1: where it ends.
        size: size of its characters.
        weight: how many.
        along: it runs with the frame's lines; False for a line across them (a level headline over columns) and for what
            a printed frame encloses.
        piece: what it stands for.
        begin: where its box begins along the lines, not drawn in.
        end: where it ends.
        head: where the middle of its first character lies across the lines.
        foot: likewise of its last.
    """

    u0: float
    u1: float
    v0: float
    v1: float
    size: float
    weight: int
    along: bool
    piece: Piece
    begin: float
    end: float
    head: float
    foot: float


@dataclass(frozen=True, slots=True)
class Ruled:
    """A printed rule in the frame: at one place, from low to high."""

    place: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The pieces and rules of a page, seen along its lines.

    Attributes:
        upright: the lines are columns.
        placed: the pieces.
        gutter_rules: rules across the lines (they part text columns or tiers), placed by u.
        row_rules: rules along the lines, placed by v.
    """

    upright: bool
    placed: list[Placed]
    gutter_rules: list[Ruled]
    row_rules: list[Ruled]
    rules: tuple[Rule, ...] = ()

    def other(self) -> Frame:
        """The rules of the page in the other frame."""
        return frame((), self.rules, upright=not self.upright)


def frame(pieces: Sequence[Piece], rules: Sequence[Rule], *, upright: bool) -> Frame:
    """See the page along its lines."""
    gutters, rows = [], []
    for rule in rules:
        level = abs(rule.x1 - rule.x0) > abs(rule.y1 - rule.y0)
        x, y = (rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2
        if level and upright:
            gutters.append(Ruled(y, *sorted((-rule.x0, -rule.x1))))
        elif level:
            rows.append(Ruled(y, *sorted((rule.x0, rule.x1))))
        elif upright:
            rows.append(Ruled(-x, *sorted((rule.y0, rule.y1))))
        else:
            gutters.append(Ruled(x, *sorted((rule.y0, rule.y1))))
    return Frame(upright, [place(piece, upright=upright) for piece in pieces], gutters, rows, tuple(rules))


ACROSS, ENDS, SHARE = 0.2, 0.7, 0.15
"""How far a box is drawn in, as shares of the characters' size: detectors pad their boxes by about as much."""
FRAMED = 0.6
"""How far a printed frame is drawn in: about the white between it and the text within."""


def place(piece: Piece, *, upright: bool) -> Placed:
    """One piece in the frame."""
    wide, high = piece.x1 - piece.x0, piece.y1 - piece.y0
    if piece.framed:
        dx = dy = FRAMED * piece.size
    elif piece.lie is Lie.UPRIGHT:
        dx, dy = ACROSS * wide, min(ENDS * piece.size, SHARE * high)
    else:
        dx, dy = min(ENDS * piece.size, SHARE * wide), ACROSS * high
    x0, x1, y0, y1 = piece.x0 + dx, piece.x1 - dx, piece.y0 + dy, piece.y1 - dy
    along = not piece.framed and (piece.lie is Lie.UNKNOWN or (piece.lie is Lie.UPRIGHT) is upright)
    if upright:
        head, foot = (-piece.first[0], -piece.last[0]) if piece.lie is Lie.UPRIGHT else ((-x0 - x1) / 2,) * 2
        return Placed(y0, y1, -x1, -x0, piece.size, piece.weight, along, piece, piece.y0, piece.y1, head, foot)
    head, foot = (piece.first[1], piece.last[1]) if piece.lie is Lie.LEVEL else ((y0 + y1) / 2,) * 2
    return Placed(x0, x1, y0, y1, piece.size, piece.weight, along, piece, piece.x0, piece.x1, head, foot)
