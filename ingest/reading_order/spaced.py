"""Mastheads and headlines set so wide that characters of theirs were found as lines of their own.

One character lies neither level nor upright, and nothing tells which way a row of them runs; together they are a level
line, and its words tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from wenyuan.ingest.reading_order.boxes import LineBox
from wenyuan.ingest.reading_order.pieces import Lie, Piece
from wenyuan.ingest.reading_order.running import backwards

LARGE = 1.4
"""Only characters so much larger than the text are set wide."""
ALIKE = 2.0
"""Those of one row differ no more in size: 日 is printed smaller than 報."""
LEVEL = 0.3
"""Their middles are at one height, but for this share of their size."""
WIDEST = 1.5
"""The white between two is at most so many of them."""


def joined(pieces: Sequence[Piece], lines: Sequence[LineBox], em: float) -> list[Piece]:
    """The pieces of a vertical page, rows of large single characters as one level piece each (`Piece.inside`, `run`).

    Args:
        em: size of the running text.
    """
    large = [p for p in pieces if p.size > LARGE * em and (p.lie is Lie.LEVEL or _single(p))]
    rows = [row for row in _rows(large) if len(row) > 1 and any(map(_single, row))]
    if not rows:
        return list(pieces)
    texts = ["".join(lines[p.index].text[p.start : p.end] for p in row) for row in rows]
    others = [lines[p.index].text for p in pieces if p.lie is Lie.LEVEL]
    turned = backwards([*texts, *others])[: len(rows)]
    gone = {id(p) for row in rows for p in row}
    return [
        *(p for p in pieces if id(p) not in gone),
        *(_as_line(row, back=back) for row, back in zip(rows, turned, strict=True)),
    ]


def _single(p: Piece) -> bool:
    return p.lie is Lie.UNKNOWN and p.weight == 1


def _rows(large: Sequence[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for p in sorted(large, key=lambda p: p.x0):
        for row in rows:
            if _follows(row[-1], p):
                row.append(p)
                break
        else:
            rows.append([p])
    return [row for row in rows if all(_follows(a, b) for a, b in pairwise(row))]


def _follows(a: Piece, b: Piece) -> bool:
    size = max(a.size, b.size)
    level = abs(a.y0 + a.y1 - b.y0 - b.y1) / 2 < LEVEL * size
    return level and size < ALIKE * min(a.size, b.size) and -0.2 * size < b.x0 - a.x1 < WIDEST * size


def _as_line(row: Sequence[Piece], *, back: bool) -> Piece:
    first, last = (row[0].x0, row[0].first[1]), (row[-1].x1, row[-1].first[1])
    ordered = tuple(_running(p, back=back) for p in (reversed(row) if back else row))
    return Piece(
        -1,
        0,
        sum(p.weight for p in row),
        Lie.LEVEL,
        row[0].x0,
        min(p.y0 for p in row),
        row[-1].x1,
        max(p.y1 for p in row),
        max(p.size for p in row),
        last if back else first,
        first if back else last,
        backwards=back,
        inside=ordered,
        run=True,
    )


def _running(p: Piece, *, back: bool) -> Piece:
    """A part of the row that runs as the row does."""
    if _single(p) or p.backwards is back:
        return p
    return replace(p, backwards=back, first=p.last, last=p.first)
