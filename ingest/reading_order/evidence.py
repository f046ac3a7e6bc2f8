"""How strongly white space parts a page: the evidence that cuts are weighed by.

Everything is measured in ems of the text at hand, so that a page enlarged gives the same. The weights were settled on
made pages of many layouts; what each is for stands beside it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import log2

from wenyuan.ingest.reading_order.corridors import Span, covered
from wenyuan.ingest.reading_order.frame import Frame, Placed, Ruled

RULE = 2.0
"""A printed rule along the whole corridor counts as much as two ems of white."""
RULED = 0.4
"""Rules that cover less of a corridor belong to something else."""
LINE_GAP = 0.35
"""What the usual space between two lines counts: more than chance white across the lines, less than a gutter."""
WIDEST = 3.0
"""Up to so many ems each em of white counts alike."""
PADDED = 0.1
"""By so many ems detectors' boxes reach over the characters at both ends together, at least."""
MEASURE, NARROW = 8.0, 3.0
"""Lines of running text are at least 8 characters long; the cells of a table and the parts of a verse are shorter, and
white beside lines of less than 3 parts nothing."""
SHORT = 6.0
"""A tier may be lower than the measure if its columns are flush; below this it is asked."""
FLUSH_LINES = 5
GUTTER = 0.3
"""What is added for a gutter beside full lines, and again for lines that stand regardless of each other."""
HEADED, LARGE = 1.2, 1.25
"""Headlines in large type under a break: it begins something new."""
BREAK = 0.6
"""From so many ems over the usual space on, white between lines counts as wide as most columns have it."""
THIN, LEAST = 0.15, 0.06
"""Thinner corridors count in proportion; white across the lines that tells nothing else counts this little."""


def row_score(
    page: Frame, placed: Sequence[Placed], place: Span, along: Span, em: float, usual: float, white: float
) -> float:
    """How strongly a corridor between lines parts the text above it from the text beneath."""
    if place[1] - place[0] < usual + BREAK * em:
        white = place[1] - place[0]
    base = LINE_GAP * min(1.0, (place[1] - place[0]) / (THIN * em))
    headed = 0.0
    if place[1] - place[0] > usual + 0.3 * em and along[1] > along[0]:
        large = (p for p in placed if p.along and p.size > LARGE * em and 0 <= p.v0 - place[1] < 1.5 * em)
        headed = HEADED * min(1.0, sum(p.end - p.begin for p in large) / (along[1] - along[0]))
    told = _told(max(0.0, (white - usual) / em))
    return base + told + headed + RULE * _rule(page.row_rules, place, along, em)


def gutter_score(
    page: Frame, placed: Sequence[Placed], place: Span, em: float, usual: float, lines: int, white: float
) -> float:
    """How strongly a corridor across the lines parts the text before it from the text behind."""
    before = [p for p in placed if p.u1 <= place[0] + 1e-6]
    behind = [p for p in placed if p.u0 >= place[1] - 1e-6]
    across = min(p.v0 for p in placed), max(p.v1 for p in placed)
    rule = _rule(page.gutter_rules, place, across, em)
    width = min(_measure(before), _measure(behind))
    apart = independence(before, behind, em + usual)
    if page.upright and width < SHORT and flush(before, behind):
        width = MEASURE
    column = max(apart, min(1.0, max(0.0, (width - NARROW) / (MEASURE - NARROW))))
    wide = _told(white / em - PADDED)
    if width < MEASURE:
        wide = min(wide, width / 4)
    few = 0.5 * apart
    sure = min(1.2, few + (0.14 + 0.03 * apart) * lines)  # lines at one height may have their blanks by chance
    headed = bool(before) and not any(p.along for p in before)
    footed = page.upright and bool(behind) and not any(p.along for p in behind)
    if headed or footed:
        sure = 1.0
    if headed and page.upright:
        column = 1.0
    score = max(0.0, wide) * sure + (GUTTER if headed and wide > 0 else 0.0)
    if wide > 0.15 and lines >= 4:
        score += GUTTER * column + GUTTER * apart
    if rule > 0.5:
        return score + RULE * rule * (1.0 if page.upright else max(0.15, column))
    return max(score * column, LEAST * min(1.0, (place[1] - place[0]) / (THIN * em)))


def flush(before: Sequence[Placed], behind: Sequence[Placed]) -> bool:
    """Whether columns end at one height and begin again at another in no smaller characters, as low tiers do.

    Small characters under large ones are the notes to a name and no tier.
    """
    edge, start = max(p.end for p in before), min(p.begin for p in behind)
    size = em_of(before)
    lasts = _outermost([p for p in before if p.along and p.end > edge - 4 * size], last=True)
    firsts = _outermost([p for p in behind if p.along and p.begin < start + 4 * size], last=False)
    if min(len(lasts), len(firsts)) < FLUSH_LINES:
        return False
    ended = sum(p.end > edge - 1.2 * size for p in lasts) / len(lasts)
    begun = sum(p.begin < start + 1.2 * size for p in firsts) / len(firsts)
    return em_of(firsts) > 0.8 * em_of(lasts) and ended > 0.5 and begun > 0.7


def _outermost(near: Sequence[Placed], *, last: bool) -> list[Placed]:
    """Of the pieces near a gutter those that stand next to it in their columns."""
    ordered = sorted(near, key=lambda p: -p.end if last else p.begin)
    found: list[Placed] = []
    for p in ordered:
        middle = (p.v0 + p.v1) / 2
        if not any(q.v0 <= middle <= q.v1 for q in found):
            found.append(p)
    return found


def independence(before: Sequence[Placed], behind: Sequence[Placed], pitch: float) -> float:
    """1 if the lines on both sides of a gutter stand regardless of each other, 0 if each goes on beyond it.

    In columns of running text lines need not stand at one height; the cells of a table and the halves of a line do.
    """
    one, other = sorted(([p for p in before if p.along], [p for p in behind if p.along]), key=len)
    if len(one) < 4:
        return 0.0
    middles = sorted((p.v0 + p.v1) / 2 for p in other)
    met = 0
    for p in one:
        middle = (p.v0 + p.v1) / 2
        k = bisect_left(middles, middle)
        met += any(abs(middles[j] - middle) < 0.2 * pitch for j in (k - 1, k) if 0 <= j < len(middles))
    return min(1.0, max(0.0, (0.85 - met / len(one)) / 0.3))


def _measure(side: Sequence[Placed]) -> float:
    """The usual length of the lines on one side of a gutter, in their own ems; lines that lie across have none."""
    along = [p for p in side if p.along]
    if not along or sum(p.weight for p in along) * 2 <= sum(p.weight for p in side):
        return 99.0
    return sorted(p.end - p.begin for p in along)[len(along) * 4 // 5] / em_of(along)


def _told(ems: float) -> float:
    """What a width tells: each em counts up to some, then ever less."""
    return ems if ems <= WIDEST else WIDEST + log2(ems / WIDEST)


def _rule(rules: Sequence[Ruled], place: Span, along: Span, em: float) -> float:
    share = covered(rules, (place[0] - 0.2 * em, place[1] + 0.2 * em), along)
    return share if share > RULED else 0.0


def beside(placed: Sequence[Placed], place: Span) -> int:
    """How many lines end before a gutter and how many begin behind it: the fewer."""
    before = sum(p.u1 <= place[0] + 1e-6 for p in placed)
    return min(before, len(placed) - before)


def white_between(placed: Sequence[Placed], place: Span) -> float:
    """How far the lines before and behind a gutter are apart, but for the tenth that reaches out furthest.

    A printed frame has no ends that jut out by chance.
    """
    before = [p for p in placed if p.u1 <= place[0] + 1e-6]
    behind = [p for p in placed if p.u0 >= place[1] - 1e-6]
    ends, begins = sorted(p.end for p in before), sorted(p.begin for p in behind)
    end = max((p.end for p in before if p.piece.framed), default=ends[0])
    begin = min((p.begin for p in behind if p.piece.framed), default=begins[-1])
    return min(begin, begins[len(begins) // 10]) - max(end, ends[len(ends) - 1 - len(ends) // 10])


def white_across(columns: Sequence[Sequence[Span]], place: Span) -> float:
    """How far the lines above and beneath a break are apart: as in half of the columns, a short heading aside."""
    if len(columns) < 3:
        return place[1] - place[0]
    found = []
    for column in columns:
        above = max((high for _, high in column if high <= place[0] + 1e-6), default=None)
        beneath = min((low for low, _ in column if low >= place[1] - 1e-6), default=None)
        if above is not None and beneath is not None:
            found.append(beneath - above)
    return sorted(found)[(len(found) - 1) // 2] if len(found) >= 3 else place[1] - place[0]


def em_of(placed: Sequence[Placed]) -> float:
    """The size of the running text: the median size, weighed by how much paper it covers."""
    weighed = sorted((p.size, p.weight * p.size) for p in placed)
    half = sum(weight for _, weight in weighed) / 2
    for size, weight in weighed:
        half -= weight
        if half <= 0:
            return max(size, 1.0)
    return 1.0


def usual_gap(placed: Sequence[Placed]) -> float:
    """The usual space between a line and the next one beneath."""
    order = sorted((p.v0, p.v1, p.u0, p.u1) for p in placed if p.along)
    found = []
    for k, (_, v1, u0, u1) in enumerate(order):
        for low, _, begin, end in order[k + 1 : k + 40]:
            if low >= v1 and (min(u1, end)) - (max(u0, begin)) > 0.3 * min(u1 - u0, end - begin):
                found.append(low - v1)
                break
    found.sort()
    return found[len(found) // 2] if found else 0.0
