"""Double small notes (夹注, 割注): two lines of small characters side by side inside a column.

They are read right line, left line, then the column goes on. The cuts find this by themselves once each half of a note
is known to belong to its column: the halves stand so far apart that white runs down beside the column's large
characters, and a straight cut would take the right halves for a column of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from wenyuan.ingest.reading_order.frame import Placed

SMALL = 0.72
"""Characters up to this share of the column's are small (measured in woodblock and Siku leaves: 0.45 to 0.6)."""
REACH = 0.62
"""The middle of a half lies at most this far from the middle of its column, in sizes of the column's characters."""
LEVEL, HALVES, CENTRED = 0.6, 3.0, 0.35
"""Both halves of a note begin at one height, within so many of their characters, and stand no further apart than so
many; the column's end lies within so many of its characters from the middle between them."""
LARGEST = 1.3
"""Columns of up to this share of the main size hold notes; headlines of newspapers do not."""
PITCHED, TIGHTEST, WIDEST = 3, 0.9, 1.05
"""Of so many characters the size is taken to lie between these shares of their pitch."""
ASIDE = 0.12
APART = 0.05
LEANS = 6
"""A column of fewer characters does not tell its lean: their middles are not found that exactly."""
NEAR_EM = 6.0
HEAD_EM = 0.9
"""So near a note stands above the column that it begins; notes further up are written on the margin (眉批)."""


def attached(placed: Sequence[Placed]) -> list[Placed]:
    """The pieces with each half of a note drawn out to the middle of its column."""
    columns = _columns(placed)
    return [_drawn_out(p, columns[id(p.piece)]) if id(p.piece) in columns else p for p in placed]


def notes_among(placed: Sequence[Placed]) -> set[int]:
    """The ids (`id`) of the pieces that are halves of notes: small, beside the middle of the column they stand in."""
    columns = _columns(placed)
    return {
        id(p.piece)
        for p, column in ((p, columns.get(id(p.piece))) for p in placed)
        if column and abs(_middle_at(column, (p.u0 + p.u1) / 2) - (p.v0 + p.v1) / 2) > ASIDE * column.size
    }


def _columns(placed: Sequence[Placed]) -> dict[int, Placed]:
    """For each small piece (`id` of what it stands for) the column that it stands in, if any."""
    found: dict[int, Placed] = {}
    columns = [sized(p) for p in placed if p.along]
    main = usual_size(columns)
    small = [p for p in columns if p.size < SMALL * main]
    large = [p for p in columns if SMALL * main <= p.size < LARGEST * main]
    for right, left in _pairs(small):
        column = _column_of_pair(right, left, large)
        if column:
            found[id(right.piece)] = found[id(left.piece)] = column
    for p in small:
        column = found.get(id(p.piece)) or _column(p, large)
        if column:
            found[id(p.piece)] = column
    for p in small:
        if id(p.piece) not in found:
            over = next((q for q in small if id(q.piece) in found and _goes_on(q, p)), None)
            if over:
                found[id(p.piece)] = found[id(over.piece)]
    return found


def _goes_on(p: Placed, q: Placed) -> bool:
    """Whether one small column is what is left of the other, that the detector broke."""
    return abs(q.begin - p.end) < q.size and abs(q.head - p.foot) < 0.5 * q.size


def sized(p: Placed) -> Placed:
    """A column with the size of its characters as their pitch tells it, which is more exact than its box's width."""
    if p.weight < PITCHED:
        return p
    pitch = abs(p.piece.last[1] - p.piece.first[1]) / (p.weight - 1)
    size = min(max(p.size, TIGHTEST * pitch), WIDEST * pitch)
    return p if size == p.size else replace(p, size=size)


def _pairs(small: Sequence[Placed]) -> list[tuple[Placed, Placed]]:
    """Small columns with the one at their left that begins at the same height: the two halves of a note."""
    ordered = sorted(small, key=lambda p: p.begin)
    beside: dict[int, Placed] = {}
    before: dict[int, Placed] = {}
    for k, p in enumerate(ordered):
        for q in ordered[k + 1 :]:
            if q.begin - p.begin > LEVEL * p.size:
                break
            right, left = (p, q) if p.v0 < q.v0 else (q, p)
            apart = left.head - right.head
            if 0.5 * p.size < apart < HALVES * min(p.size, q.size):
                if id(right) not in beside or apart < beside[id(right)].head - right.head:
                    beside[id(right)] = left
                if id(left) not in before or apart < left.head - before[id(left)].head:
                    before[id(left)] = right
    return [(right, beside[id(right)]) for left, right in before.items() if id(beside[id(right)]) == left]


def _column_of_pair(right: Placed, left: Placed, large: Sequence[Placed]) -> Placed | None:
    """The column over or under whose halves' middle its own end stands, however far apart the halves are."""
    head, foot = (right.head + left.head) / 2, (right.foot + left.foot) / 2
    top, bottom = min(right.begin, left.begin), max(right.end, left.end)
    for q in large:
        over, under = top - q.end, q.begin - bottom
        if -0.5 * q.size < over < HEAD_EM * q.size and abs(q.foot - head) < CENTRED * q.size:
            return q
        if -0.5 * q.size < under < HEAD_EM * q.size and abs(q.head - foot) < CENTRED * q.size:
            return q
    return None


def usual_size(columns: Sequence[Placed]) -> float:
    """The size of the main text: the few headlines of a newspaper are larger, small notes may outnumber it."""
    sizes = sorted(p.size for p in columns)
    return sizes[(len(sizes) - 1) * 4 // 5] if sizes else 0.0


def _drawn_out(p: Placed, column: Placed) -> Placed:
    middle = (column.v0 + column.v1) / 2
    if (p.v0 + p.v1) / 2 < middle:
        return replace(p, v1=max(p.v1, middle - APART * column.size))
    return replace(p, v0=min(p.v0, middle + APART * column.size))


def _column(p: Placed, large: Sequence[Placed]) -> Placed | None:
    """The column that a small piece stands in: the nearest that ends above it or begins beneath it."""
    middle = (p.v0 + p.v1) / 2
    best, least = None, 1e9
    for q in large:
        away = max(p.u0 - q.u1, q.u0 - p.u1)
        near = NEAR_EM if q.u1 < p.u1 else HEAD_EM
        if not -0.5 * p.size < away < min(near * q.size, least) or p.size > SMALL * q.size:
            continue
        if abs(_middle_at(q, (p.u0 + p.u1) / 2) - middle) <= REACH * q.size:
            best, least = q, away
    return best


def _middle_at(column: Placed, u: float) -> float:
    """Where the middle of a column comes to lie beyond its ends, if it goes on as it leans."""
    first, last = column.piece.first, column.piece.last
    middle = (column.v0 + column.v1) / 2
    if column.weight < LEANS or last[1] == first[1]:
        return middle
    return middle + (first[0] - last[0]) / (last[1] - first[1]) * (u - (column.u0 + column.u1) / 2)
