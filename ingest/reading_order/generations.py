"""Charts of generations (世系表, 吊线图): tiers of names, what is told of a person hanging in small columns beneath.

An educated reader takes a generation after the other from the top, the persons of each from the right to the left, and
with each name all that hangs under it. Cutting cannot see this: white runs between the small columns under one name as
well as between two persons, upright rules between persons may stand in line through several generations, and names
joined by lines of descent stand further apart than generations do. So a chart is recognised as a whole and ordered by
what it is made of. The form is that of 歐陽修, 歐陽氏譜圖 (1060), one tier for each generation, kept to ever since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.frame import Placed, Ruled, frame
from wenyuan.ingest.reading_order.notes import SMALL, sized, usual_size
from wenyuan.ingest.reading_order.pieces import Piece

LONGEST_NAME = 5
"""A name, or the number of a generation (第二十一世), has no more characters."""
NAMES = 4
"""Fewer names are no chart."""
HANGS, BENEATH = 1.7, 1.6
"""Small columns hang no further beside the middle of their name and begin no further beneath it, in its characters."""
STACKED = 2.0
"""So near, in their own characters, a small column goes on that the detector broke."""
TIER, HEAD = 1.0, 0.6
"""From one name of a generation to the next the height at which they begin differs by less than `TIER` ems; what
begins within `HEAD` ems of the name next to it begins a person too, also where name and notes were found as one."""
FEW = 0.34
"""What begins where names have not ended and is no more than this share of them is no tier."""
LARGE, ALIKE = 0.8, 0.85
"""Characters that follow each other at more than `LARGE` of the names' size are no small print; what hangs under a
name and is less than `ALIKE` of its size is small print, however large its box: short boxes are inexact."""
OTHER = 0.4
"""What is neither name nor hangs under one (a title, a preface, the text of something else) holds at most this share
of the characters that do."""
NOTES = 0.5
"""Where less hangs under names than this share of them, something else must tell that their tiers are generations:"""
UNDER = 0.5
"""no more of the names stand right under a name of the tier above (in verse set in tiers all do),"""
RULED = 0.5
"""or at least this share of the tiers is parted by level rules, lines of descent for instance."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of generations.

    Attributes:
        before: what is to be read before it (a title at the right), in no order.
        tiers: its generations in reading order, each with its pieces in order.
        after: what is to be read after it, in no order.
    """

    before: list[Piece]
    tiers: list[list[Piece]]
    after: list[Piece]


@dataclass(frozen=True, slots=True)
class _Person:
    """A name and what hangs under it; or a column that stands in a tier by itself."""

    name: Placed
    told: list[Placed] = field(default_factory=list)

    def in_order(self) -> list[Piece]:
        """The name, then the small columns from right to left, each from its top."""
        columns: list[list[Placed]] = []
        for p in sorted(self.told, key=lambda p: p.head):
            if columns and p.head - columns[-1][-1].head < 0.5 * p.size:
                columns[-1].append(p)
            else:
                columns.append([p])
        return [p.piece for p in (self.name, *(p for c in columns for p in sorted(c, key=lambda p: p.u0)))]


Tier = list[Placed]
"""The names of one generation, the one that begins furthest up first."""


def generations(pieces: Sequence[Piece], rules: Sequence[Rule]) -> Chart | None:
    """The chart of generations that a vertical page shows; None if it shows something else.

    Args:
        pieces: of one page set straight, without head and foot.
        rules: likewise.
    """
    page = frame(pieces, rules, upright=True)
    columns = [sized(p) for p in page.placed if p.along]
    main = usual_size(columns)
    names = [p for p in columns if p.size > SMALL * main and p.weight <= LONGEST_NAME]
    running = sum(p.weight for p in columns if p.weight > LONGEST_NAME and _pitch(p) > LARGE * main)
    if len(names) < NAMES or running > OTHER * sum(p.weight for p in columns):
        return None
    tiers = _tiers(_topmost(names), columns, main)
    names = [p for tier in tiers for p in tier]
    if len(names) < NAMES or not _apart(tiers):
        return None
    before, after = _outside([*columns, *(p for p in page.placed if not p.along)], tiers, main)
    outside = {id(p) for p in (*before, *after)}
    persons = _persons([p for p in columns if id(p) not in outside], tiers, main)
    named, hung, loose = _weights(persons, main)
    loose += sum(p.weight for p in (*before, *after))
    if loose > OTHER * (named + hung) or (hung < NOTES * named and not _descent(tiers, page.gutter_rules)):
        return None
    ordered = [[piece for person in tier for piece in person.in_order()] for tier in persons]
    return Chart([p.piece for p in before], [tier for tier in ordered if tier], [p.piece for p in after])


def _topmost(names: Sequence[Placed]) -> list[Placed]:
    """The names without the short notes that hang right under one and look nearly as large."""
    return [
        p
        for p in names
        if not any(
            p.size < ALIKE * q.size
            and -0.5 * p.size < p.u0 - q.u1 < BENEATH * q.size
            and abs(p.head - q.foot) < HANGS * q.size
            for q in names
        )
    ]


def _tiers(names: Sequence[Placed], columns: Sequence[Placed], main: float) -> list[Tier]:
    """The names by the height at which they begin."""
    tiers: list[Tier] = []
    for p in sorted(names, key=lambda p: p.begin):
        if tiers and p.begin - tiers[-1][-1].begin < TIER * main:
            tiers[-1].append(p)
        else:
            tiers.append([p])
    return _clear([tier for tier in tiers if len(tier) > 1 or _alone(tier[0], columns, main)])


def _clear(tiers: Sequence[Tier]) -> list[Tier]:
    """The tiers without the few short notes that look like a tier of names where another tier has not yet ended."""
    kept: list[Tier] = []
    for tier in tiers:
        over = kept and max(p.u1 for p in kept[-1]) > min(p.u0 for p in tier)
        if not over or len(tier) > FEW * len(kept[-1]):
            kept.append(tier)
    return kept


def _alone(name: Placed, columns: Sequence[Placed], main: float) -> bool:
    """Whether a name begins a tier, the first of a family for instance; a broken title has text beside it."""
    middle = name.v0 + name.v1
    beside = (p for p in columns if p.u0 < name.u1 and p.u1 > name.u0)
    return all(abs(p.begin - name.begin) < HEAD * main or abs(p.v0 + p.v1 - middle) < 2 * HANGS * main for p in beside)


def _apart(tiers: Sequence[Tier]) -> bool:
    """Whether the names of a tier stand beside each other, and all of them above those of the next tier."""
    rows = [sorted(tier, key=lambda p: p.v0) for tier in tiers]
    return all(a.v1 <= b.v0 for row in rows for a, b in pairwise(row)) and all(
        max(p.u1 for p in upper) <= min(p.u0 for p in lower) for upper, lower in pairwise(tiers)
    )


def _outside(placed: Sequence[Placed], tiers: Sequence[Tier], main: float) -> tuple[list[Placed], list[Placed]]:
    """What stands before and after the tiers: a title at the right, what is written across above or beneath them."""
    names = [p for tier in tiers for p in tier]
    top, right, left = min(p.u0 for p in names), min(p.v0 for p in names), max(p.v1 for p in names)
    before, after = [], []
    for p in placed:
        if p.along and p.u1 >= top and _tier_of(p, tiers, main)[1] < HEAD * main:
            continue
        reach = 0.0 if _pitch(p) > LARGE * main else HANGS * main
        if p.u1 < top or p.v1 < right - reach:
            before.append(p)
        elif p.v0 > left + reach or not p.along:
            after.append(p)
    return before, after


def _persons(columns: Sequence[Placed], tiers: Sequence[Tier], main: float) -> list[list[_Person]]:
    """The persons of each tier from right to left, with what hangs under them."""
    persons: list[list[_Person]] = [[] for _ in tiers]
    hanging: list[tuple[int, Placed]] = []
    for p in columns:
        tier, beneath = _tier_of(p, tiers, main)
        if beneath < HEAD * main:
            persons[tier].append(_Person(p))
        else:
            hanging.append((tier, p))
    for tier, p in hanging:
        one = min(persons[tier], key=lambda one: abs(p.head - one.name.foot))
        if abs(p.head - one.name.foot) < HANGS * max(one.name.size, SMALL * main):
            one.told.append(p)
        else:
            persons[tier].append(_Person(p))
    return [sorted(tier, key=lambda one: one.name.v0 + one.name.v1) for tier in persons]


def _tier_of(p: Placed, tiers: Sequence[Tier], main: float) -> tuple[int, float]:
    """The last tier whose names begin no lower than a column there, and how far beneath their tops it begins."""
    middle, lowest = p.v0 + p.v1, p.begin + HEAD * main
    for k in range(len(tiers) - 1, -1, -1):
        if k and tiers[k][0].begin >= lowest:
            continue
        top = min(tiers[k], key=lambda q: abs(q.v0 + q.v1 - middle)).begin
        if top < lowest:
            break
    return k, p.begin - top


def _weights(persons: Sequence[Sequence[_Person]], main: float) -> tuple[int, int, int]:
    """How many characters are names, hang right under names in small columns, and do neither."""
    named = hung = loose = 0
    for one in (one for tier in persons for one in tier):
        short = one.name.weight <= LONGEST_NAME
        named += short * one.name.weight
        loose += (not short) * one.name.weight  # a text beside its headline; now and then a name and its notes as one
        foot = one.name.u1 + BENEATH * one.name.size
        for p in sorted(one.told, key=lambda p: p.u0):
            fits = p.u0 < foot and p.size < main
            hung, loose = hung + fits * p.weight, loose + (not fits) * p.weight
            foot = max(foot, p.u1 + STACKED * p.size)
    return named, hung, loose


def _descent(tiers: Sequence[Tier], rules: Sequence[Ruled]) -> bool:
    """Whether tiers of names alone are generations: lines run between them, or names do not stand under names."""
    parted, under = 0, []
    for upper, lower in pairwise(tiers):
        both = (*upper, *lower)
        high, low = min(p.u0 for p in upper), max(p.u1 for p in lower)
        wide = max(p.v1 for p in both) - min(p.v0 for p in both)
        parted += any(high < rule.place < low and rule.high - rule.low > 0.3 * wide for rule in rules)
        under += [any(abs(p.v0 + p.v1 - q.v0 - q.v1) < 0.5 * p.size for q in upper) for p in lower]
    return len(tiers) > 1 and (parted >= RULED * (len(tiers) - 1) or sum(under) <= UNDER * len(under))


def _pitch(p: Placed) -> float:
    """From one character to the next: tells the size of long columns better than their boxes do."""
    return abs(p.piece.last[1] - p.piece.first[1]) / max(1, p.weight - 1)
