"""The edges of a page: running heads and mastheads above everything, page numbers and running feet beneath.

They stand over or under all columns, but seldom over the white between them; cut like text, a masthead would fall to
the column beneath it and a page number to the end of one column in the middle of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.corridors import covered, gaps
from wenyuan.ingest.reading_order.frame import Ruled
from wenyuan.ingest.reading_order.pieces import Lie, Piece

HEAD_EM, FOOT_EM = 1.0, 0.6
"""So much more white than is usual between lines stands beneath a head and above a foot, in ems of the body."""
MOST_PIECES = 4
MOST_SHARE = 0.08
"""A head or foot holds no more than this share of the page's characters."""
LARGE, WORDS = 1.25, 3
"""Headlines are larger than the text, of so many characters; those of a masthead may have been found one by one."""
ALIKE = 2.0
"""Headlines side by side differ less in size; the date beside a masthead is smaller by far."""
MOST_FOOT = 14
"""A page number, even in words, is no longer."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A page in bands from top to bottom; head and foot may be empty."""

    head: list[Piece]
    body: list[Piece]
    foot: list[Piece]


def without_margins(pieces: Sequence[Piece], rules: Sequence[Rule], em: float, usual: float) -> Parts:
    """Take head and foot off a page.

    Args:
        em: size of the running text.
        usual: usual white between two level lines, pixels; 0 for vertical pages.
    """
    cores = [_core(p) for p in pieces]
    whole = sum(p.weight for p in pieces)
    level = _level_rules(rules)
    wide = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    white = gaps(cores)
    top = bottom = None
    for low, high in white[:3]:
        head = [p for p, core in zip(pieces, cores, strict=True) if core[1] <= low]
        ruled = covered(level, (low - 0.2 * em, high + 0.2 * em), wide) > 0.6
        if _headlines([p for p in head if top is None or _core(p)[0] >= top], em):
            break
        if not _level(head) or sum(p.weight for p in head) > max(MOST_SHARE * whole, 12) or len(head) > 2 * MOST_PIECES:
            break
        if len(head) <= MOST_PIECES and (high - low - usual > HEAD_EM * em or ruled):
            top = high
    for low, high in white[:-2:-1]:
        foot = [p for p, core in zip(pieces, cores, strict=True) if core[0] >= high]
        fits = _level(foot) and sum(p.weight for p in foot) <= min(MOST_FOOT, MOST_SHARE * whole) and len(foot) <= 3
        if fits and high - low - usual > FOOT_EM * em and (top is None or low >= top):
            bottom = low
    head = [p for p, core in zip(pieces, cores, strict=True) if top is not None and core[1] < top]
    foot = [p for p, core in zip(pieces, cores, strict=True) if bottom is not None and core[0] > bottom]
    gone = {id(p) for p in head} | {id(p) for p in foot}
    return Parts(head, [p for p in pieces if id(p) not in gone], foot)


def ruled_under(head: Piece, body: Sequence[Piece], rules: Sequence[Rule]) -> bool:
    """Whether a rule runs between a head and the text, over most of the text's width."""
    if not body:
        return False
    wide = min(p.x0 for p in body), max(p.x1 for p in body)
    return covered(_level_rules(rules), ((head.y0 + head.y1) / 2, min(p.y0 for p in body) + head.size / 2), wide) > 0.6


def _level_rules(rules: Sequence[Rule]) -> list[Ruled]:
    level = [rule for rule in rules if abs(rule.x1 - rule.x0) > abs(rule.y1 - rule.y0)]
    return [Ruled((rule.y0 + rule.y1) / 2, min(rule.x0, rule.x1), max(rule.x0, rule.x1)) for rule in level]


def _core(p: Piece) -> tuple[float, float]:
    inset = 0.2 * (p.y1 - p.y0) if p.lie is not Lie.UPRIGHT else min(0.2 * p.size, 0.25 * (p.y1 - p.y0))
    return p.y0 + inset, p.y1 - inset


def _headlines(pieces: Sequence[Piece], em: float) -> bool:
    """Whether large type stands in several places of one band: each is the headline of what is beneath it."""
    sizes = [p.size for p in pieces if p.size > LARGE * em and p.weight >= WORDS]
    return len(sizes) >= 2 and max(sizes) < ALIKE * min(sizes)


def _level(pieces: Sequence[Piece]) -> bool:
    return all(p.lie is not Lie.UPRIGHT for p in pieces)
