"""Two facing pages, both halves of an opened book, or four half leaves (reprints of the Siku) in one scan."""

from __future__ import annotations

from collections.abc import Sequence

from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.corridors import Span, covered, gaps
from wenyuan.ingest.reading_order.frame import Ruled
from wenyuan.ingest.reading_order.pieces import Lie, Piece

WIDER = 1.1
"""An opened book is at least so much wider than high."""
MIDDLE = 0.08
"""The white between the pages lies within this share of the width from the middle."""
GAP_EM = 2.2
CLEARER = 1.3
"""The white between two pages is so much wider than any white within them; in a table it is not."""
ACROSS_EM = 2.5
LINES = 8
"""Fewer lines are no page of text: the branches of a chart stand apart too."""
INNER = 0.1
"""Rules nearer to the top or the foot, as a share of the text's height, are frames drawn around both pages."""
SHARE = 0.2
"""Each page holds at least this share of the characters."""


def facing_at(pieces: Sequence[Piece], rules: Sequence[Rule], width: float, height: float, em: float) -> float | None:
    """Where two facing pages part, as x on the upright page; None if the scan shows one page or more than two."""
    if width < WIDER * height:
        return None
    best = max(
        (
            (high - low, (low + high) / 2)
            for low, high in gaps([(p.x0, p.x1) for p in pieces])
            if abs((low + high) / 2 - width / 2) < MIDDLE * width
        ),
        default=(0.0, 0.0),
    )
    others = [high - low for low, high in gaps([(p.x0, p.x1) for p in pieces]) if not low < best[1] < high]
    if best[0] < max(GAP_EM * em, CLEARER * max(others, default=0.0)):
        return None
    left = sum(p.weight for p in pieces if p.x1 < best[1])
    whole = sum(p.weight for p in pieces)
    sides = [p for p in pieces if p.x1 < best[1]], [p for p in pieces if p.x0 > best[1]]
    if not SHARE * whole <= left <= (1 - SHARE) * whole or min(map(len, sides)) < LINES:
        return None
    if _ruled_across((best[1] - best[0] / 2, best[1] + best[0] / 2), rules, pieces):
        return None
    for low, high in gaps([(p.y0, p.y1) for p in pieces]):
        share = sum(p.weight for p in pieces if p.y1 <= low + 1) / whole
        if high - low > max(ACROSS_EM * em, best[0]) and 0.25 < share < 0.75:
            return None  # four leaves
    return best[1]


def _ruled_across(between: Span, rules: Sequence[Rule], pieces: Sequence[Piece]) -> bool:
    """Whether level rules in the midst of the text run over the white: a table or chart goes on beyond it.

    Of rules that end at the white on one page one or another may have been taken for one with that beyond it.
    """
    top, bottom = min(p.y0 for p in pieces), max(p.y1 for p in pieces)
    inner = INNER * (bottom - top)
    wide = between[1] - between[0]
    across = stopped = 0
    for rule in rules:
        low, high = sorted((rule.x0, rule.x1))
        if high - low > 2 * wide and top + inner < (rule.y0 + rule.y1) / 2 < bottom - inner:
            over = low < between[0] - wide / 2 and high > between[1] + wide / 2
            across += over
            stopped += not over and low < between[1] + wide and high > between[0] - wide
    return across > stopped


PAIR_EM, RULED_PAIR_EM, RULED = 1.5, 0.6, 0.6
"""White between the upper and the lower half leaves; less where the frames of both run along this share of it."""
FOLD_EM = 0.6
"""White of the fold, or beside what stands in it."""
LONG_EM = 14
"""Columns of a leaf are longer than those of two tiers beside two tiers."""


def pairs_at(pieces: Sequence[Piece], rules: Sequence[Rule], em: float) -> float | None:
    """Where the upper two of four half leaves part from the lower two, as y on the upright page."""
    columns = [p for p in pieces if p.lie is Lie.UPRIGHT]
    if len(columns) < 4 * LINES:
        return None
    left, right = min(p.x0 for p in columns), max(p.x1 for p in columns)
    top, bottom = min(p.y0 for p in columns), max(p.y1 for p in columns)
    middle, framed = None, False
    for low, high in gaps([(p.y0, p.y1) for p in columns]):
        framed = _framed((low, high), rules, (left, right))
        wide = high - low > (RULED_PAIR_EM if framed else PAIR_EM) * em
        if wide and abs((low + high) - (top + bottom)) < 2 * MIDDLE * (bottom - top):
            middle = (low + high) / 2
            break
    if middle is None or right - left > WIDER * (bottom - top):
        return None
    for half in ([p for p in columns if p.y1 <= middle], [p for p in columns if p.y0 >= middle]):
        high = max(p.y1 for p in half) - min(p.y0 for p in half)
        parted = framed or any(
            high_x - low > FOLD_EM * em and abs((low + high_x) - (left + right)) < 2 * MIDDLE * (right - left)
            for low, high_x in gaps([(p.x0, p.x1) for p in half])
        )
        tiers = any(end - begin > 0.5 * em for begin, end in gaps([(p.y0, p.y1) for p in half]))
        if len(half) < 2 * LINES or high < LONG_EM * em or tiers or not parted:
            return None
    return middle


def _framed(white: Span, rules: Sequence[Rule], across: Span) -> bool:
    """Whether the frames of two leaves meet in a white space: two level rules run along it, where tiers have one."""
    level = [
        Ruled((rule.y0 + rule.y1) / 2, *sorted((rule.x0, rule.x1)))
        for rule in rules
        if abs(rule.x1 - rule.x0) > abs(rule.y1 - rule.y0)
    ]
    middle = (white[0] + white[1]) / 2
    return min(covered(level, side, across) for side in ((white[0], middle), (middle, white[1]))) > RULED
