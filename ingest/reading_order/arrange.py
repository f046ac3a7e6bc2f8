"""Put the lines of a page in reading order. The method and its limits: docs/reading-order.md."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from wenyuan.ingest.reading_order.boxes import Arrangement, LineBox, OrderedLine, OrderedRegion, Rule, Writing
from wenyuan.ingest.reading_order.captions import groups, is_sparse
from wenyuan.ingest.reading_order.cutting import cut
from wenyuan.ingest.reading_order.evidence import em_of, usual_gap
from wenyuan.ingest.reading_order.facing import facing_at, pairs_at
from wenyuan.ingest.reading_order.frame import frame
from wenyuan.ingest.reading_order.furniture import fold, furniture
from wenyuan.ingest.reading_order.gathering import frames_of
from wenyuan.ingest.reading_order.generations import generations
from wenyuan.ingest.reading_order.margins import without_margins
from wenyuan.ingest.reading_order.notes import notes_among
from wenyuan.ingest.reading_order.pieces import Lie, Piece, beyond_text, pieces_of
from wenyuan.ingest.reading_order.running import backwards
from wenyuan.ingest.reading_order.sidenotes import sides
from wenyuan.ingest.reading_order.skew import lean
from wenyuan.ingest.reading_order.spaced import joined
from wenyuan.ingest.reading_order.tables import holds_table
from wenyuan.repo.layers import Direction, RegionKind


def arrange(
    lines: Sequence[LineBox],
    *,
    width: float,
    height: float,
    rules: Sequence[Rule] = (),
    writing: Writing | None = None,
    facing: bool = True,
) -> Arrangement:
    """Order the lines of one page.

    Args:
        lines: as a detector found them, in any order.
        width: of the page in pixels.
        height: likewise.
        rules: printed rules found on the page; order is found without them too, less surely.
        writing: how the page is written, if somebody knows; else most of its characters tell.
        facing: the scan may show two facing pages; False if somebody knows that it does not.

    Returns:
        Every code point of every line exactly once; lines without text at the place of their boxes.
    """
    rules = [rule for rule in rules if all(map(math.isfinite, (rule.x0, rule.y0, rule.x1, rule.y1)))]
    leaning = lean(lines, rules, (width / 2, height / 2))
    straight = [leaning.straight_rule(rule) for rule in rules]
    pieces = pieces_of(lines, straight, leaning)
    if not pieces:
        return Arrangement((), vertical=writing is Writing.VERTICAL)
    straight = beyond_text(straight, pieces)
    vertical = _is_vertical(pieces) if writing is None else writing is Writing.VERTICAL
    sparse = is_sparse(pieces, width, height)
    if vertical or sparse:  # captions of old photographs run from the right too, books written across do not
        pieces = _turned_about(pieces, lines, vertical=vertical)
    em = em_of(frame(pieces, (), upright=vertical).placed)
    if vertical:
        pieces = joined(pieces, lines, em)
    dropped = fold(pieces, em) if vertical else set()
    inner = [p for p in pieces if id(p) not in dropped]
    middle = facing_at(inner, straight, width, height, em) if facing else None
    pages = _pages(pieces, straight, middle, em, vertical)
    blocks: list[list[Piece]] = []
    for page in pages:
        ordered, margins = _page(page, lines, straight, vertical, sparse=sparse)
        blocks += ordered
        dropped |= margins
    small = notes_among(frame(pieces, (), upright=True).placed) if vertical else set()
    regions = [
        OrderedRegion(kind, tuple(_joined(part, small, vertical)))
        for block in blocks
        for kind, part in _kinds(block, dropped)
    ]
    skew = math.degrees((leaning.upright if vertical else leaning.level).middle)
    return Arrangement(tuple(regions), vertical, middle, skew)


def _pages(
    pieces: list[Piece], rules: Sequence[Rule], middle: float | None, em: float, vertical: bool
) -> list[list[Piece]]:
    """The pages of a scan in reading order: facing pages, or the upper two of four half leaves before the lower."""
    if middle is not None:
        left = [p for p in pieces if (p.x0 + p.x1) / 2 < middle]
        right = [p for p in pieces if (p.x0 + p.x1) / 2 >= middle]
        return [right, left] if vertical else [left, right]
    across = pairs_at(pieces, rules, em) if vertical else None
    if across is None:
        return [pieces]
    return [
        [p for p in pieces if (p.y0 + p.y1) / 2 < across],
        [p for p in pieces if (p.y0 + p.y1) / 2 >= across],
    ]


def _page(
    pieces: list[Piece], lines: Sequence[LineBox], rules: Sequence[Rule], vertical: bool, *, sparse: bool
) -> tuple[list[list[Piece]], set[int]]:
    """One page in blocks: its head, its body, its foot; and what of head and foot is furniture."""
    placed = frame(pieces, (), upright=vertical).placed
    em = em_of(placed)
    parts = without_margins(pieces, rules, em, 0.0 if vertical else usual_gap(placed))
    chart = generations(parts.body, rules) if vertical else None
    frames = frames_of(rules, em)
    in_groups = sparse and not chart and not holds_table(pieces, rules)

    def ordered(part: Sequence[Piece]) -> list[list[Piece]]:
        together = groups(part) if in_groups else [part]
        return [block for group in together for block in cut(group, rules, frames, upright=vertical)]

    beside = None if vertical or in_groups else sides(parts.body)
    if chart:
        body = [*ordered(chart.before), *chart.tiers, *ordered(chart.after)]
    elif beside:
        body = [*ordered(beside.text), *ordered(beside.notes), *ordered(beside.footnotes)]
    else:
        body = ordered(parts.body)
    return [*ordered(parts.head), *body, *ordered(parts.foot)], furniture(parts, lines, rules, em, upright=vertical)


def _is_vertical(pieces: Sequence[Piece]) -> bool:
    tall = sum(p.weight for p in pieces if p.lie is Lie.UPRIGHT)
    return tall > sum(p.weight for p in pieces if p.lie is Lie.LEVEL)


def _turned_about(pieces: list[Piece], lines: Sequence[LineBox], *, vertical: bool) -> list[Piece]:
    """Mark the level lines that run from right to left, and count their pieces from the right."""
    level = sorted({p.index for p in pieces if p.lie is Lie.LEVEL})
    back = {
        k for k, found in zip(level, backwards([lines[k].text for k in level], vertical=vertical), strict=True) if found
    }
    return [replace(p, backwards=True, first=p.last, last=p.first) if p.index in back else p for p in pieces]


def _kinds(block: Sequence[Piece], dropped: set[int]) -> list[tuple[RegionKind, list[Piece]]]:
    """A block, parted where furniture stands in it."""
    out: list[tuple[RegionKind, list[Piece]]] = []
    for piece in block:
        kind = RegionKind.FURNITURE if id(piece) in dropped else RegionKind.TEXT
        if out and out[-1][0] is kind:
            out[-1][1].append(piece)
        else:
            out.append((kind, [piece]))
    return out


def _joined(pieces: Sequence[Piece], small: set[int], vertical: bool) -> list[OrderedLine]:
    """The slices of lines that pieces stand for; pieces that follow on in their line are one slice again."""
    out: list[OrderedLine] = []
    for p in pieces:
        note = id(p) in small
        last = out[-1] if out and out[-1].index == p.index and out[-1].note is note else None
        if last and not p.backwards and last.end == p.start:
            out[-1] = replace(last, end=p.end)
        elif last and p.backwards and last.start == p.end:
            out[-1] = replace(last, start=p.start)
        else:
            out.append(OrderedLine(p.index, p.start, p.end, _direction(p, vertical), note, p.backwards))
    return out


def _direction(p: Piece, vertical: bool) -> Direction:
    if p.lie is Lie.UPRIGHT or (p.lie is Lie.UNKNOWN and vertical):
        return Direction.TOP_TO_BOTTOM
    return Direction.RIGHT_TO_LEFT if p.backwards else Direction.LEFT_TO_RIGHT
