"""Cut a page again and again at its best-founded separators.

For every part of the page all straight white corridors in both directions are weighed against each other. A corridor
counts by its width, measured against the size of the characters and the usual space between lines, and by the printed
rule in it. A corridor that is crossed by a stronger one gives way: it parts only what lies on one side of that.
Recursive cuts after G. Nagy and S. Seth, Hierarchical representation of optically scanned documents (1984); weighing
crossing corridors of the whole page, not only cuts through the whole part, is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wenyuan.ingest.reading_order.beginnings import Beginnings
from wenyuan.ingest.reading_order.boxes import Rule
from wenyuan.ingest.reading_order.corridors import Corridor, Span, corridors, covered, gaps, parted
from wenyuan.ingest.reading_order.evidence import (
    RULED,
    beside,
    em_of,
    gutter_score,
    row_score,
    usual_gap,
    white_across,
    white_between,
)
from wenyuan.ingest.reading_order.following import follow
from wenyuan.ingest.reading_order.frame import Frame, Placed, Ruled, frame, place
from wenyuan.ingest.reading_order.gathering import Rect, gathered
from wenyuan.ingest.reading_order.notes import attached
from wenyuan.ingest.reading_order.pieces import Lie, Piece
from wenyuan.ingest.reading_order.tables import table

TAIL = 0.9
"""Beyond the last line on one of its sides a corridor counts no more than this."""
THROUGH = 2.0
"""What it counts that of two crossing corridors one's rule goes through and the other's stops; and what a rule loses
that stops at a crossing: it is two rules then."""
REACH = 0.2
"""A rule lies within a corridor if it lies so many ems beside it."""
REGION = 0.9
"""Stronger cuts part regions of the text, weaker ones lines."""
NARROWEST = 0.05
SLIGHT = 0.1
BEGUN = 1.2
"""What it counts that all beneath a level corridor begins with headlines, or that none does."""
STOPS, LONG, SEVERAL = 1.5, 5.0, 3
"""A rule so long stops at a corridor that is so many ems from its end; tiers are ruled if so many rules do."""
NEXT = 0.6
"""So strong beside another, an upright corridor bounds a block as well."""
CHANCE = 0.5
"""Upright corridors up to this strength may be the white between two lines."""
SLIMMER, MOST_SLIMMED, CROWD = 0.35, 2, 8
"""Where no corridor is straight and so many pieces stand, they are drawn in by so much of their size more, so often."""
PASSES = 0.7
"""A rule goes through a crossing if it covers this share of the crossing's middle half."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A straight white corridor through a whole part of the page."""

    low: float
    high: float
    score: float


@dataclass(frozen=True, slots=True)
class _Crossing:
    """A corridor that crosses cuts, how strong it is, and from where to where it runs."""

    corridor: Corridor
    score: float
    run: Span


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a page about to be cut."""

    page: Frame
    placed: list[Placed]
    em: float
    usual: float
    rows: list[Span]
    gutters: list[Span]
    along: Span
    across: Span


def cut(pieces: Sequence[Piece], rules: Sequence[Rule], frames: Sequence[Rect], *, upright: bool) -> list[list[Piece]]:
    """Pieces in reading order, in blocks that belong together.

    Args:
        rules: of the whole page.
        frames: printed frames of the whole page, the outer before the inner.
    """
    if not pieces:
        return []
    em = em_of(frame(pieces, (), upright=upright).placed)
    whole = frame(*gathered(pieces, rules, frames, em), upright=upright)
    placed = attached(whole.placed) if upright else whole.placed
    out: list[list[Piece]] = []
    for block in _cut(placed, whole, MOST_SLIMMED):
        out.append([])
        for piece in block:
            if piece.framed:
                out += [*cut(piece.inside, rules, frames, upright=upright), []]
            else:
                out[-1] += piece.inside or (piece,)
    return [block for block in out if block]


def _cut(placed: list[Placed], page: Frame, slim: int) -> list[list[Piece]]:
    """One part of the page; where no corridor is straight its pieces may be drawn in `slim` times more."""
    if len(placed) <= 1:
        return [[p.piece] for p in placed]
    placed, page = _seen_as_written(placed, page)
    found = table(placed, page)
    if found:
        return [*_cut(found.above, page, slim), found.cells, *_cut(found.beneath, page, slim)]
    rows = gaps([(p.v0, p.v1) for p in placed])
    gutters = gaps([(p.u0, p.u1) for p in placed])
    if not rows and not gutters:
        return _cut(_slimmer(placed), page, slim - 1) if slim and len(placed) >= CROWD else [follow(placed)]
    along, across = _along(placed), _across(placed)
    cuts, by_row = _chosen(_Part(page, placed, em_of(placed), usual_gap(placed), rows, gutters, along, across))
    slabs = _parted(placed, [(c.low, c.high) for c in cuts], by_row=by_row)
    if len(slabs) == 1:  # boxes that are turned inside out leave white where nothing is
        return [follow(placed)]
    out: list[list[Piece]] = []
    for number, slab in enumerate(slabs):
        blocks = _cut(slab, page, slim)
        if number and cuts[number - 1].score < REGION and blocks and out:
            out[-1] += blocks.pop(0)
        out += blocks
    return out


def _slimmer(placed: Sequence[Placed]) -> list[Placed]:
    """The pieces drawn in further, along the lines and across: an end that juts out may bar a corridor."""
    found = []
    for p in placed:
        du, dv = min(SLIMMER * p.size, (p.u1 - p.u0) / 4), min(SLIMMER * p.size, (p.v1 - p.v0) / 4)
        found.append(replace(p, u0=p.u0 + du, u1=p.u1 - du, v0=p.v0 + dv, v1=p.v1 - dv))
    return found


def _seen_as_written(placed: list[Placed], page: Frame) -> tuple[list[Placed], Frame]:
    """The part in the frame of its own writing: a notice written across in a vertical page, a column in a level one.

    Level lines from right to left are at home in the vertical frame: from the top down, from the right to the left.
    """
    upright = sum(p.weight for p in placed if p.piece.lie is Lie.UPRIGHT or p.piece.backwards)
    level = sum(p.weight for p in placed if p.piece.lie is Lie.LEVEL and not p.piece.backwards)
    if upright == level or (upright > level) is page.upright:
        return placed, page
    other = page.other()
    return [place(p.piece, upright=other.upright) for p in placed], other


def _chosen(part: _Part) -> tuple[list[Cut], bool]:
    """The cuts to make now, all in one direction: those that no stronger corridor crosses."""
    row_slabs = _parted(part.placed, part.rows, by_row=True)
    gutter_slabs = _parted(part.placed, part.gutters, by_row=False)
    through = _through_rows(part, row_slabs)
    row_cuts = _row_cuts(part, gutter_slabs)
    gutter_cuts = _gutter_cuts(part, through)
    crossing_rows = _gutters_crossing(part, through, row_slabs, gutter_cuts)
    crossing_gutters = _rows_crossing(part, gutter_slabs, row_cuts)
    rules = part.page.row_rules, part.page.gutter_rules
    beginnings = Beginnings(part.placed, part.em, upright=part.page.upright)
    upright = part.page.upright
    level = rules[1] if upright else rules[0]
    told = [_told(beginnings, level, cut, crossing_rows, k, level=not upright) for k, cut in enumerate(row_cuts)]
    against_rows = _against(crossing_rows, row_cuts, rules[0], rules[1], part.em, part.along, told)
    told = [_told(beginnings, level, cut, crossing_gutters, k, level=upright) for k, cut in enumerate(gutter_cuts)]
    against_gutters = _against(crossing_gutters, gutter_cuts, rules[1], rules[0], part.em, part.across, told)
    free_rows = [cut for cut, other in zip(row_cuts, against_rows, strict=True) if cut.score >= other]
    free_gutters = [cut for cut, other in zip(gutter_cuts, against_gutters, strict=True) if cut.score > other]
    if not free_rows and not free_gutters:  # each is crossed by a stronger one: the least outdone of all
        least = [(other / c.score, 0, k) for k, (c, other) in enumerate(zip(row_cuts, against_rows, strict=True))]
        least += [
            (other / c.score, 1, k) for k, (c, other) in enumerate(zip(gutter_cuts, against_gutters, strict=True))
        ]
        _, kind, k = min(least)
        return ([gutter_cuts[k]], False) if kind else ([row_cuts[k]], True)
    best_row = max((c.score for c in free_rows), default=-1.0)
    best_gutter = max((c.score for c in free_gutters), default=-1.0)
    return (free_rows, True) if best_row >= best_gutter else (free_gutters, False)


def _through_rows(part: _Part, slabs: list[list[Placed]]) -> list[Corridor]:
    if not part.rows:
        return []
    spans = [[(p.u0, p.u1, p.begin, p.end) for p in slab] for slab in slabs]
    return corridors(spans, part.along, NARROWEST * part.em)


def _row_cuts(part: _Part, slabs: list[list[Placed]]) -> list[Cut]:
    columns = [[(p.v0, p.v1) for p in slab] for slab in slabs]
    along = part.along
    return [
        Cut(*span, row_score(part.page, part.placed, span, along, part.em, part.usual, white_across(columns, span)))
        for span in part.rows
    ]


def _gutter_cuts(part: _Part, through: list[Corridor]) -> list[Cut]:
    found = []
    last = len(part.rows)
    for span in part.gutters:
        whole = next(
            (c for c in through if c.first == 0 and c.last == last and c.low <= span[0] and span[1] <= c.high), None
        )
        lines = whole.between if whole else beside(part.placed, span)
        white = whole.wide if whole else white_between(part.placed, span)
        found.append(Cut(*span, gutter_score(part.page, part.placed, span, part.em, part.usual, lines, white)))
    return found


def _over(runs: Sequence[Span]) -> Span:
    return min([low for low, _ in runs]), max([high for _, high in runs])


def _along(placed: Sequence[Placed]) -> Span:
    return min([p.u0 for p in placed]), max([p.u1 for p in placed])


def _across(placed: Sequence[Placed]) -> Span:
    return min([p.v0 for p in placed]), max([p.v1 for p in placed])


def _gutters_crossing(
    part: _Part, through: list[Corridor], slabs: list[list[Placed]], cuts: list[Cut]
) -> list[_Crossing]:
    found = [_Crossing(_whole_run(c, len(part.rows)), c.score, part.across) for c in cuts]
    runs = [_across(slab) for slab in slabs]
    for c in through:
        wide = c.wide
        if wide < SLIGHT * part.em and not part.page.gutter_rules:
            continue
        score = _score_of_whole(c, cuts)
        if score is None:
            inside = [p for slab in slabs[c.first : c.last + 1] for p in slab]
            score = gutter_score(part.page, inside, (c.low, c.high), part.em, part.usual, c.between, wide)
        found.append(_Crossing(c, score, _over(runs[c.first : c.last + 1])))
    return found


def _rows_crossing(part: _Part, slabs: list[list[Placed]], cuts: list[Cut]) -> list[_Crossing]:
    found = [_Crossing(_whole_run(c, len(part.gutters)), c.score, part.along) for c in cuts]
    if not part.gutters:
        return found
    spans = [[(p.v0, p.v1, p.v0, p.v1) for p in slab] for slab in slabs]
    runs = [_along(slab) for slab in slabs]
    for c in corridors(spans, part.across, NARROWEST * part.em):
        run = _over(runs[c.first : c.last + 1])
        score = _score_of_whole(c, cuts)
        if score is None:
            inside = [p for slab in slabs[c.first : c.last + 1] for p in slab]
            white = c.wide if len(c.edges) < 3 else c.usual
            score = row_score(part.page, inside, (c.low, c.high), run, part.em, part.usual, white)
        found.append(_Crossing(c, score, run))
    return found


def _against(
    crossing: Sequence[_Crossing],
    cuts: Sequence[Cut],
    own_rules: Sequence[Ruled],
    their_rules: Sequence[Ruled],
    em: float,
    whole: Span,
    told: Sequence[dict[int, float]],
) -> list[float]:
    """For each cut how strong the strongest corridor is that crosses it."""
    found = [0.0] * len(cuts)
    # The strongest first: most of the others cannot reach it, whatever the rules say of them.
    for number, one in sorted(enumerate(crossing), key=lambda numbered: -numbered[1].score):
        c = one.corridor
        for k in range(c.first, c.last):
            tail = k < c.first_between or k >= c.last_between
            against = min(one.score, TAIL) if tail else one.score
            against += told[k].get(number, 0.0)
            if against + THROUGH <= found[k]:
                continue
            if own_rules or their_rules:
                against += _by_rules(one, cuts[k], own_rules, their_rules, REACH * em, whole)
            found[k] = max(found[k], against)
    return found


def _told(
    beginnings: Beginnings, rules: Sequence[Ruled], cut: Cut, crossing: Sequence[_Crossing], k: int, *, level: bool
) -> dict[int, float]:
    """What the beginnings beneath each crossing add to the crossing corridor's strength against a cut.

    Args:
        rules: those that lie level on the paper.
        k: the number of the cut.
        level: the cut is level on the paper, the corridors upright; else the other way round.
    """
    across = [(n, one) for n, one in enumerate(crossing) if one.corridor.first <= k < one.corridor.last]
    found = {}
    for n, one in across:
        c = one.corridor
        sure = min(1.0, max(0.0, ((one.score if level else cut.score) - CHANCE) / CHANCE))
        if sure <= 0 or min(one.score, cut.score) <= CHANCE:
            continue
        lying, standing = ((cut.low, cut.high), (c.low, c.high)) if level else ((c.low, c.high), (cut.low, cut.high))
        edge = -1e9
        if level:
            beside = (o.corridor.high for _, o in across if o.score > NEXT * one.score and o.corridor.high <= c.low)
            edge = max(beside, default=edge)
        before = beginnings.headed(lying, edge, standing[0])
        behind = beginnings.headed(lying, standing[1], 1e9, white=standing[1] - standing[0])
        if before is None or behind is None:
            continue
        headed = 2 * min(before, behind) - 1
        if headed < 0 and not beginnings.upright:
            continue
        if headed > 0 and beginnings.upright:
            headed *= _ruled_apart(rules, lying, standing, beginnings.em)
        found[n] = -BEGUN * headed * sure * (1 if level else -1)
    return found


def _ruled_apart(rules: Sequence[Ruled], lying: Span, standing: Span, em: float) -> float:
    """What headlines beneath a level corridor of an upright page count: nothing where a rule stops at the upright one.

    Rules that stop there part the tiers of each block. A corridor without one, where others have them, is no such end
    of a tier: then headlines count twice.
    """
    stops = [
        rule.place
        for rule in rules
        if (abs(rule.high - standing[0]) < STOPS * em or abs(rule.low - standing[1]) < STOPS * em)
        and rule.high - rule.low > LONG * em
    ]
    if any(lying[0] - REACH * em <= place <= lying[1] + REACH * em for place in stops):
        return 0.0
    through = covered(rules, (lying[0] - REACH * em, lying[1] + REACH * em), standing) > PASSES
    return 1.0 if through or len(stops) < SEVERAL else 2.0


def _by_rules(
    one: _Crossing, cut: Cut, own_rules: Sequence[Ruled], their_rules: Sequence[Ruled], reach: float, whole: Span
) -> float:
    """What the rules at a crossing add to the corridor's strength against the cut."""
    c = one.corridor
    own_place, their_place = (cut.low - reach, cut.high + reach), (c.low - reach, c.high + reach)
    own = covered(own_rules, own_place, _middle_of(c.low, c.high)) > PASSES
    theirs = covered(their_rules, their_place, _middle_of(cut.low, cut.high)) > PASSES
    if own or theirs:
        return THROUGH * (theirs - own)
    return THROUGH * (
        (covered(own_rules, own_place, whole) > RULED) - (covered(their_rules, their_place, one.run) > RULED)
    )


def _whole_run(cut: Cut, last: int) -> Corridor:
    """A cut as the corridor that it is to the cuts across it."""
    return Corridor(cut.low, cut.high, 0, last, 0, last, 1)


def _middle_of(low: float, high: float) -> Span:
    """The middle half of a span: what two rules that cross or miss each other differ in."""
    return low + 0.25 * (high - low), high - 0.25 * (high - low)


def _score_of_whole(c: Corridor, cuts: Sequence[Cut]) -> float | None:
    """The score of the cut that runs through the whole part in this corridor."""
    within = [cut for cut in cuts if c.low <= cut.low and cut.high <= c.high]
    return max((cut.score for cut in within if cut.high - cut.low > 0.6 * (c.high - c.low)), default=None)


def _parted(placed: list[Placed], cuts: Sequence[Span], *, by_row: bool) -> list[list[Placed]]:
    middles = [(p.v0 + p.v1) / 2 if by_row else (p.u0 + p.u1) / 2 for p in placed]
    slabs: list[list[Placed]] = [[] for _ in range(len(cuts) + 1)]
    for p, number in zip(placed, parted(middles, [(low + high) / 2 for low, high in cuts]), strict=True):
        slabs[number].append(p)
    return [slab for slab in slabs if slab]
