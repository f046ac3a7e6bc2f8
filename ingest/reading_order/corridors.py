"""White corridors between pieces and the evidence that they part the page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.ingest.reading_order.frame import Ruled

Span = tuple[float, float]
Full = tuple[float, float, float, float]
"""Core and box of a piece across a run: core from, core to, box from, box to."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """White space that runs through a row of slabs.

    Attributes:
        low: where it begins, across its run.
        high: where it ends.
        first: the first slab it runs through.
        last: the last.
        first_between: first slab with text on both sides of it.
        last_between: last such slab.
        between: how many lines stand beside it in those slabs.
        edges: from where to where the white reaches between the boxes in each of those slabs.
    """

    low: float
    high: float
    first: int
    last: int
    first_between: int
    last_between: int
    between: int
    edges: tuple[Span, ...] = ()

    @property
    def wide(self) -> float:
        """How wide it is between text, but for the narrowest quarter of the slabs (marks that hang into a gutter).

        Nothing where the lines do not agree on a place for it: blanks of verse that happen to stand under each other.
        """
        if not self.edges:
            return self.high - self.low
        if len(self.edges) >= ASKED and _agreeing(self.edges) < AGREE * len(self.edges):
            return 0.0
        return sorted(high - low for low, high in self.edges)[len(self.edges) // 4]

    @property
    def usual(self) -> float:
        """How wide it is in half of the slabs."""
        return sorted(high - low for low, high in self.edges)[(len(self.edges) - 1) // 2]


def _agreeing(edges: Sequence[Span]) -> int:
    """The most slabs in which one straight line runs between the boxes."""
    lows, highs = sorted(low for low, _ in edges), sorted(high for _, high in edges)
    return max(bisect_right(lows, place) - bisect_left(highs, place) for place in lows)


def gaps(spans: Sequence[Span]) -> list[Span]:
    """The white spaces between spans, in order."""
    found = []
    end = None
    for low, high in sorted(spans):
        if end is not None and low > end:
            found.append((end, low))
        end = high if end is None else max(end, high)
    return found


def union(spans: Sequence[Span]) -> list[Span]:
    """The spans melted where they touch."""
    out: list[list[float]] = []
    for low, high in sorted(spans):
        if out and low <= out[-1][1]:
            out[-1][1] = max(out[-1][1], high)
        else:
            out.append([low, high])
    return [(low, high) for low, high in out]


def parted(places: Sequence[float], cuts: Sequence[float]) -> list[int]:
    """Between which cuts each place lies."""
    return [bisect_right(cuts, place) for place in places]


def covered(rules: Sequence[Ruled], place: Span, along: Span) -> float:
    """The share of `along` that rules within `place` cover."""
    if along[1] <= along[0]:
        return 0.0
    spans = [
        (max(rule.low, along[0]), min(rule.high, along[1]))
        for rule in rules
        if place[0] <= rule.place <= place[1] and rule.high > along[0] and rule.low < along[1]
    ]
    return sum(high - low for low, high in union(spans)) / (along[1] - along[0]) if spans else 0.0


MOST_ACTIVE = 16
ASKED, AGREE = 3, 0.7
"""Of so many slabs or more this share must agree on a corridor's place."""


def corridors(slabs: Sequence[Sequence[Full]], whole: Span, narrowest: float) -> list[Corridor]:
    """All greatest corridors that run through two or more neighbouring slabs.

    Args:
        slabs: for each slab the spans its pieces cover, across the run.
        whole: from where to where the page part reaches.
        narrowest: narrower ones are left out.
    """
    done: list[tuple[_Open, int]] = []
    active: list[_Open] = []
    for number, slab in enumerate(slabs):
        kept: dict[Span, _Open] = {}
        free = _free(slab, whole, narrowest)
        for old in active:
            whole_kept = False
            for low, high, between, white in free:
                a, b = max(low, old[0]), min(high, old[1])
                if b - a < narrowest:
                    continue
                whole_kept = whole_kept or (a == old[0] and b == old[1])
                other = kept.get((a, b))
                if other is None or other[2] > old[2]:
                    kept[a, b] = (a, b, old[2], (number, between, white, old[3]) if between else old[3])
            if not whole_kept:
                done.append((old, number - 1))
        for low, high, between, white in free:
            if (low, high) not in kept:
                kept[low, high] = (low, high, number, (number, between, white, None) if between else None)
        active = sorted(kept.values(), key=_narrower)[:MOST_ACTIVE]
    done += [(one, len(slabs) - 1) for one in active]
    return [_closed(one, last) for one, last in done if last > one[2] and one[3]]


_Beside = tuple[int, int, Span, "_Beside | None"]
"""A slab with text on both sides: its number, how many lines stand there, how far the white reaches, the one before."""
_Open = tuple[float, float, int, _Beside | None]
"""A corridor while slabs are gone through: where it begins and ends, its first slab, the last with text beside it."""


def _narrower(one: _Open) -> float:
    return one[0] - one[1]


def _closed(one: _Open, last: int) -> Corridor:
    low, high, first, beside = one
    numbers: list[int] = []
    edges: list[Span] = []
    between = 0
    while beside:
        number, lines, white, beside = beside
        numbers.append(number)
        edges.append(white)
        between += lines
    return Corridor(low, high, first, last, numbers[-1], numbers[0], between, tuple(reversed(edges)))


def _free(slab: Sequence[Full], whole: Span, narrowest: float) -> list[tuple[float, float, int, Span]]:
    """White spans of one slab.

    Each with how many lines stand on either side (the fewer; 0 at the edges) and from where to where no box reaches.
    """
    found = []
    reach, box_reach = whole[0], whole[0]
    ordered = sorted(slab)
    for number, (low, high, _, box_high) in enumerate(ordered):
        if low - reach >= narrowest:
            beside = min(number, len(ordered) - number)
            after = min(box for _, _, box, _ in ordered[number:]) if number else low
            found.append((reach, low, beside, (box_reach, after)))
        reach = max(reach, high)
        box_reach = max(box_reach, box_high)
    if whole[1] - reach >= narrowest:
        found.append((reach, whole[1], 0, (whole[1], whole[1])))
    return found
