"""Tables across: rows whose cells stand under each other, read row by row.

White runs through a table both ways, and what parts its columns (upright rules, wide white beside short cells) is often
stronger than what parts its rows, so cutting would read down the columns, as it must where these are columns of text.
What tells a table from columns of text is that every row has its cells at one height in all columns, and that rules
part the rows, or that figures stand in all columns but the first. Lines of verse or lists in columns have neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.corridors import Span, covered, gaps, parted
from wenyuan.ingest.reading_order.following import follow
from wenyuan.ingest.reading_order.frame import Frame, Placed, frame
from wenyuan.ingest.reading_order.pieces import Piece

ROWS = 3
"""Fewer rows are no table."""
CELL = 0.5
"""A row of one cell wider than this share of the table is a line of text and no row."""
OVER = 0.06
"""White parts two columns if no more than this share of the rows reach over it: cells that the detector merged."""
FILLED = 0.5
"""At least this share of the cells is there."""
RULED, WIDE = 0.4, 0.6
"""Rules part at least this share of the rows, each over so much of the table's width."""
TIGHT = 0.7
"""Lines of one cell stand closer than this share of the white between ruled rows."""
FIGURES = 0.6
"""At least this share of the cells of a column is figures."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what stands above and beneath it.

    Attributes:
        above: pieces in no order.
        cells: row by row, of each row the cells from left to right, of each cell its lines.
        beneath: pieces in no order.
    """

    above: list[Placed]
    cells: list[Piece]
    beneath: list[Placed]


Slab = list[Placed]
"""What stands at one height."""


def table(placed: Sequence[Placed], page: Frame) -> Table | None:
    """The longest table within a part of a page that is written across; None if there is none."""
    figures = sum(p.piece.figures for p in placed)
    if page.upright or len(placed) < 2 * ROWS or (len(page.row_rules) < ROWS - 1 and figures * 4 < len(placed)):
        return None
    slabs = _slabs(placed)
    first, last = _longest(slabs)
    rows = slabs[first:last]
    if len(rows) < ROWS:
        return None
    columns = _columns(rows)
    if not columns:
        return None
    cells = [_cells(row, columns) for row in rows]
    width = min(p.u0 for row in rows for p in row), max(p.u1 for row in rows for p in row)
    lines = [_boundary(a, b) for a, b in pairwise(rows)]
    ruled = [covered(page.row_rules, place, width) > WIDE for place in lines]
    filled = sum(bool(cell) for row in cells for cell in row) >= FILLED * len(rows) * (len(columns) + 1)
    by_rules = sum(ruled) >= max(RULED * len(lines), 2)
    lists = [len(columns) + 1] if by_rules else _lists(cells)
    if not filled or not lists:
        return None
    if by_rules:
        cells = [_cells(row, columns) for row in _joined(rows, lines, ruled)]
    ordered = [
        piece
        for first_column, end in pairwise([0, *lists])
        for row in cells
        for cell in row[first_column:end]
        for piece in follow(cell)
    ]
    above = [p for slab in slabs[:first] for p in slab]
    return Table(above, ordered, [p for slab in slabs[last:] for p in slab])


def holds_table(pieces: Sequence[Piece], rules: Sequence[Rule]) -> bool:
    """Whether a table stands among the pieces of a page."""
    level = frame(pieces, rules, upright=False)
    return table(level.placed, level) is not None


def _slabs(placed: Sequence[Placed]) -> list[Slab]:
    cuts = [(low + high) / 2 for low, high in gaps([(p.v0, p.v1) for p in placed])]
    slabs: list[Slab] = [[] for _ in range(len(cuts) + 1)]
    for p, number in zip(placed, parted([(p.v0 + p.v1) / 2 for p in placed], cuts), strict=True):
        slabs[number].append(p)
    return slabs


def _longest(slabs: Sequence[Slab]) -> tuple[int, int]:
    """The longest run of slabs with several pieces each; a single short cell may stand between two of them."""
    left = min(p.u0 for slab in slabs for p in slab)
    right = max(p.u1 for slab in slabs for p in slab)
    best, start = (0, 0), None
    for k, slab in enumerate([*slabs, []]):
        if len(slab) > 1:
            start = k if start is None else start
        elif start is not None and not (
            len(slab) == 1 and slab[0].u1 - slab[0].u0 < CELL * (right - left) and len(slabs[k - 1]) > 1
        ):
            end = k if len(slabs[k - 1]) > 1 else k - 1
            best, start = max(best, (start, end), key=lambda run: run[1] - run[0]), None
    return best


def _columns(rows: Sequence[Slab]) -> list[float]:
    """Where white runs between columns through almost all rows, each told by its middle."""
    most = OVER * len(rows)
    edges = sorted([(p.u0, 1) for row in rows for p in row] + [(p.u1, -1) for row in rows for p in row])
    found: list[Span] = []
    depth = 0
    for (place, step), (after, _) in pairwise(edges):
        depth += step
        if depth <= most and after > place:
            if found and found[-1][1] == place:
                found[-1] = (found[-1][0], after)
            else:
                found.append((place, after))
    sizes = sorted(p.size for row in rows for p in row)
    em = sizes[len(sizes) // 2]
    ends, begins = sorted(p.u1 for row in rows for p in row), sorted(p.u0 for row in rows for p in row)
    return [
        (low + high) / 2
        for low, high in found
        if high - low > 0.5 * em and ends[ROWS - 1] <= high and low <= begins[-ROWS]  # not the margin
    ]


def _cells(row: Slab, columns: Sequence[float]) -> list[Slab]:
    cells: list[Slab] = [[] for _ in range(len(columns) + 1)]
    for p, number in zip(row, parted([(p.u0 + p.u1) / 2 for p in row], columns), strict=True):
        cells[number].append(p)
    return cells


def _boundary(upper: Slab, lower: Slab) -> Span:
    return max(p.v1 for p in upper), min(p.v0 for p in lower)


def _lists(cells: Sequence[Sequence[Slab]]) -> list[int]:
    """Where lists end whose last columns hold figures, as numbers of columns; none where words stand alone.

    One list is a table; several of one form side by side (contents in two columns) are read one after the other.
    """
    told = ""
    for column in zip(*cells, strict=True):
        here = [all(p.piece.figures for p in cell) for cell in column if cell]
        told += "1" if sum(here) >= FIGURES * len(here) and len(here) >= ROWS else "w"
    forms = re.findall("w+1+", told)
    one = forms[0] if forms else ""
    if told != one * len(forms) or not one or (one.count("1") == 1 and one.count("w") > 1):
        return []
    return [len(one) * (k + 1) for k in range(len(forms))]


def _joined(rows: Sequence[Slab], lines: Sequence[Span], ruled: Sequence[bool]) -> list[Slab]:
    """The rows, where cells of several lines stand between rules the lines together."""
    white = sorted(high - low for (low, high), rule in zip(lines, ruled, strict=True) if rule)
    usual = white[len(white) // 2]
    found = [list(rows[0])]
    for row, (low, high), rule in zip(rows[1:], lines, ruled, strict=True):
        if rule or high - low >= TIGHT * usual:
            found.append(list(row))
        else:
            found[-1] += row
    return found
