"""Pages of pictures: little text, in groups of a few lines that stand far apart, each by its picture.

On a page that is nearly white there is nothing to measure white against, and corridors between two captions, or
between the lines of one, weigh alike. What stands close together is read together; groups beside each other make a row,
and rows are read from the top, on vertical pages too: pictures are looked at row by row.
"""

from __future__ import annotations

from collections.abc import Sequence

from wenyuan.ingest.reading_order.corridors import Span, gaps, parted
from wenyuan.ingest.reading_order.pieces import Lie, Piece

SPARSE = 0.1
"""The boxes of lines cover less than this share of the page; those of a full page cover a quarter to a half."""
GRID, WORD = 3, 4
"""So many columns or more, each of so many rows, and mostly words of so many characters or fewer: no captions."""
BESIDE, ALONG = 2.0, 1.8
"""Lines that are no further apart belong together, and pieces of one line (图七　桥头), in ems."""


def is_sparse(pieces: Sequence[Piece], width: float, height: float) -> bool:
    """Whether a page has little text for its size."""
    return sum((p.x1 - p.x0) * (p.y1 - p.y0) for p in pieces) < SPARSE * width * height


def groups(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The groups of a page in reading order, the pieces of each in none."""
    ordered = sorted(pieces, key=lambda p: p.y0)
    group = list(range(len(ordered)))
    tallest = max((p.y1 - p.y0 + ALONG * p.size for p in ordered), default=0.0)
    for k, piece in enumerate(ordered):
        for j in range(k - 1, -1, -1):
            if piece.y0 - ordered[j].y0 > tallest:
                break
            if group[j] != group[k] and _near(piece, ordered[j]):
                group = [group[j] if number == group[k] else number for number in group]
    found: dict[int, list[Piece]] = {}
    for number, piece in zip(group, ordered, strict=True):
        found.setdefault(number, []).append(piece)
    leftwards = sum(p.weight for p in pieces if p.backwards or p.lie is Lie.UPRIGHT)
    return _rows(list(found.values()), leftwards=2 * leftwards > sum(p.weight for p in pieces))


def _near(a: Piece, b: Piece) -> bool:
    em = max(a.size, b.size)
    x, y = max(a.x0, b.x0) - min(a.x1, b.x1), max(a.y0, b.y0) - min(a.y1, b.y1)
    along_x, along_y = (BESIDE, ALONG) if Lie.UPRIGHT in (a.lie, b.lie) else (ALONG, BESIDE)
    return (x < along_x * em and y < 0) or (y < along_y * em and x < 0)


def _rows(found: list[list[Piece]], *, leftwards: bool) -> list[list[Piece]]:
    """From the top, what stands at one height from the side where lines begin."""
    rows = _by([(min(p.y0 for p in group), max(p.y1 for p in group)) for group in found], found)
    if len(rows) > 1:
        return [group for row in rows for group in _rows(row, leftwards=leftwards)]
    columns = _by([(min(p.x0 for p in group), max(p.x1 for p in group)) for group in found], found)
    if leftwards:
        columns.reverse()
    if _is_grid(columns):
        return [[piece for group in found for piece in group]]
    if len(columns) > 1:
        return [group for column in columns for group in _rows(column, leftwards=leftwards)]
    return sorted(found, key=lambda group: min(p.y0 for p in group))


def _is_grid(columns: Sequence[Sequence[list[Piece]]]) -> bool:
    """Whether what stands side by side are the columns of a small table: as many short words in each."""
    counts = {sum(map(len, column)) for column in columns}
    words = sorted(piece.weight for column in columns for group in column for piece in group)
    return len(columns) >= GRID and len(counts) == 1 and min(counts) >= GRID and words[len(words) * 4 // 5] <= WORD


def _by(spans: Sequence[Span], found: Sequence[list[Piece]]) -> list[list[list[Piece]]]:
    """The groups parted where white runs between them."""
    cuts = [(low + high) / 2 for low, high in gaps(spans)]
    parts: list[list[list[Piece]]] = [[] for _ in range(len(cuts) + 1)]
    for group, number in zip(found, parted([(low + high) / 2 for low, high in spans], cuts), strict=True):
        parts[number].append(group)
    return parts
