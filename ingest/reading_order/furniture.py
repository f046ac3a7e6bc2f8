"""Page furniture: the fold of a leaf (版心), page numbers, running heads.

What is marked wrongly drops out of the running text and of search, so only what is beyond doubt is marked: a fold
stands by itself in the middle of the leaf, in smaller or widely parted characters; a page number is a number; a running
head is smaller than the text or has a rule beneath it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from wenyuan.ingest.reading_order.boxes import LineBox, Rule
from wenyuan.ingest.reading_order.margins import Parts, ruled_under
from wenyuan.ingest.reading_order.pieces import Lie, Piece

_NUMBER = re.compile(
    r"[\W_]*(第?[0-9０-９]{1,4}[页頁]?|第?[〇一二三四五六七八九十百廿卅]{1,6}[页頁]|[ivxlcIVXLC]{1,6})[\W_]*"
)
SMALL = 0.92
LONGEST_HEAD = 18
FOLD_ZONE = 0.022
"""A fold stands within this share of the text's width from its middle."""
FOLD_WIDER = 0.3
"""By so many ems is the white beside a fold wider than between columns."""
FOLD_LEAST = 0.5
"""Small and parted words in the middle need only this share of the usual white beside them."""
PARTED_EM = 2.0
LEAST_COLUMN = 8
"""The columns of a leaf are so many ems long; what is shorter is a chart."""
COLUMNS = 4
"""On either side of a fold stand at least so many columns."""


def furniture(parts: Parts, lines: Sequence[LineBox], rules: Sequence[Rule], em: float, *, upright: bool) -> set[int]:
    """The ids (`id`) of the pieces of one page that are furniture beyond doubt."""
    margins = [p for p in (*parts.head, *parts.foot) if not p.inside]
    found = {id(p) for p in margins if _NUMBER.fullmatch(lines[p.index].text)}
    if not upright and len(parts.head) == 1 and not parts.head[0].inside:
        head = parts.head[0]
        if (
            head.weight <= LONGEST_HEAD
            and head.size < 1.1 * em
            and (head.size < SMALL * em or ruled_under(head, parts.body, rules))
        ):
            found.add(id(head))
    return found


def fold(pieces: Sequence[Piece], em: float) -> set[int]:
    """The pieces of a vertical page that stand in the fold of its leaf, or in both folds of four leaves."""
    upright = sorted(p.size for p in pieces if p.lie is Lie.UPRIGHT)
    if not upright:
        return set()
    em = max(em, upright[len(upright) * 4 // 5])  # where small notes outweigh the text, its size is still the measure
    columns = [p for p in pieces if p.lie is Lie.UPRIGHT and p.size > 0.8 * em]
    lengths = sorted(p.y1 - p.y0 for p in columns)
    if len(columns) < 2 * COLUMNS or lengths[len(lengths) * 2 // 3] < LEAST_COLUMN * em:
        return set()
    left, right = min(p.x0 for p in columns), max(p.x1 for p in columns)
    middle = (left + right) / 2
    zone = [
        p for p in pieces if abs((p.x0 + p.x1) / 2 - middle) < FOLD_ZONE * (right - left) and p.lie is not Lie.LEVEL
    ]
    if not zone:
        return set()
    inner, outer = min(p.x0 for p in zone), max(p.x1 for p in zone)
    before = [p for p in columns if p.x0 >= outer]
    behind = [p for p in columns if p.x1 <= inner]
    if outer - inner > 2.2 * em or min(len(before), len(behind)) < COLUMNS:
        return set()
    usual = _usual(columns)
    white = min(min(p.x0 for p in before) - outer, inner - max(p.x1 for p in behind))
    small = max(p.size for p in zone) < SMALL * em
    top, bottom = min(p.y0 for p in columns), max(p.y1 for p in columns)
    filled = sum(p.y1 - p.y0 for p in zone) < 0.6 * (bottom - top)
    parted = any(b.y0 - a.y1 > PARTED_EM * em for a, b in _pairs(zone))
    if filled and (small or parted) and white > (FOLD_LEAST * usual if small and parted else usual + FOLD_WIDER * em):
        return {id(p) for p in zone}
    return set()


def _usual(columns: Sequence[Piece]) -> float:
    edges = sorted(columns, key=lambda p: p.x0)
    found = sorted(b.x0 - a.x1 for a, b in _neighbours(edges))
    return found[len(found) // 2] if found else 0.0


def _neighbours(ordered: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    """Each column with the next one beside it at the same height."""
    found = []
    for k, a in enumerate(ordered):
        for b in ordered[k + 1 : k + 6]:
            if b.x0 > (a.x0 + a.x1) / 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5 * min(a.y1 - a.y0, b.y1 - b.y0):
                found.append((a, b))
                break
    return found


def _pairs(zone: Sequence[Piece]) -> list[tuple[Piece, Piece]]:
    ordered = sorted(zone, key=lambda p: p.y0)
    return list(pairwise(ordered))
