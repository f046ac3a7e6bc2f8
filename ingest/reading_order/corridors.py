"""White corridors between pieces and the evidence that they part the page."""

from __future__ import annotations

from bisect import bisect_right
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
    return max(sum(low <= place <= high for low, high in edges) for place, _ in edges)


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
    done: list[Corridor] = []
    active: list[Corridor] = []
    for number, slab in enumerate(slabs):
        kept: dict[Span, Corridor] = {}
        free = _free(slab, whole, narrowest)
        for old in active:
            whole_kept = False
            for low, high, between, white in free:
                a, b = max(low, old.low), min(high, old.high)
                if b - a < narrowest:
                    continue
                whole_kept = whole_kept or (a == old.low and b == old.high)
                new = _on(old, (a, b), number, between, white)
                if (a, b) not in kept or kept[a, b].first > new.first:
                    kept[a, b] = new
            if not whole_kept:
                done.append(old)
        for low, high, between, white in free:
            if (low, high) not in kept:
                at = number if between else -1
                kept[low, high] = Corridor(low, high, number, number, at, at, between, (white,) if between else ())
        active = sorted(kept.values(), key=lambda c: c.low - c.high)[:MOST_ACTIVE]
    done += active
    return [c for c in done if c.last > c.first and c.between]


def _on(old: Corridor, span: Span, number: int, between: int, white: Span) -> Corridor:
    first = old.first_between if old.first_between >= 0 else number if between else -1
    last = number if between else old.last_between
    edges = (*old.edges, white) if between else old.edges
    return Corridor(*span, old.first, number, first, last, old.between + between, edges)


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
