"""Vertical newspapers of 1910 to 1949.

A page is parted into bands from top to bottom, a band into blocks from right to left. A block is an article (headline
first, then its tiers from top to bottom, the columns of each from right to left), a run of short news (each with its
own small headline, flowing from tier to tier), or an advertisement (what is large and on top or at the right first).
The masthead and what stands beside it come first, from right to left; a column of advertisements at the left edge
comes last. Of headlines that stand side by side the right one is read first; one that runs across is read from right
to left.
"""

from __future__ import annotations

from benchmarks.ocr.layouts.desk import BRANCHES, STEMS, Desk
from benchmarks.ocr.layouts.old_news_pieces import Make, advert, article, body, headline_beside, make_up, short_news
from benchmarks.ocr.sheet import Box, Role, Sheet

MASTHEADS = (
    "申報",
    "大公報",
    "新聞報",
    "時報",
    "中央日報",
    "香港華字日報",
    "循環日報",
    "廣州民國日報",
    "嶺東民國日報",
    "寶安公報",
    "東方日報",
    "晨報",
)


def _shares(desk: Desk, total: float, least: float, most: int) -> list[float]:
    """Part a length into up to `most` uneven parts, none below `least`."""
    count = max(1, min(most, int(total / least)))
    count = desk.draw.randint(1, count)
    weights = [desk.between(1, 2.2) for _ in range(count)]
    found = [total * weight / sum(weights) for weight in weights]
    return found if min(found) >= least else [total / count] * count


def _masthead(desk: Desk, sheet: Sheet, make: Make, box: Box) -> Box:
    """The head of the paper.

    Returns:
        What is left of the page for bands.
    """
    x0, y0, x1, y1 = box
    year = desk.draw.randint(1, 38)
    date = (
        f"中華民國{desk.count(year)}年{desk.count(desk.draw.randint(1, 12))}月{desk.count(desk.draw.randint(1, 31))}日"
    )
    more = [
        f"第{desk.numeral(desk.draw.randint(100, 9999))}號",
        "歲次" + desk.draw.choice(STEMS) + desk.draw.choice(BRANCHES),
        "今日出紙三大張",
    ]
    name = desk.draw.choice([words for words in MASTHEADS if make.show.holds(words)] or ["日報"])
    how = desk.draw.choice(("across", "head", "none"))
    if how == "across":
        large = make.size * desk.between(3.5, 6)
        step = large * desk.between(1.05, 1.4)
        wide = len(date) * make.size * 1.1
        right = x1 - max(wide + 2 * make.size, (x1 - x0) / 2 - len(name) * step / 2)
        step = min(step, (right - x0) / len(name))
        large = max(1.4 * make.size, min(large, step))
        sheet.across(date, x1, y0 + large - make.size * 1.2, make.face, make.size * 1.1, right_to_left=True)
        sheet.across(name, right, y0, make.show, large, step=step, role=Role.HEADLINE, right_to_left=True)
        left = right - len(name) * step - 2 * make.size
        if left - len(more[0]) * make.size > x0:
            sheet.across(more[0], left, y0 + large - make.size * 1.2, make.face, make.size, right_to_left=True)
        y0 += large * 1.25
        sheet.rule(x0, y0 - large * 0.1, x1, y0 - large * 0.1, desk.draw.choice((3, 6)))
    elif how == "head":
        sheet.across(
            desk.draw.choice((date, name + date)),
            x1 - desk.between(0, 0.3) * (x1 - x0),
            y0,
            make.face,
            make.size,
            right_to_left=True,
            role=Role.FURNITURE,
        )
        y0 += make.size * 1.5
        sheet.rule(x0, y0, x1, y0, 3)
        y0 += make.size * 0.7
    return x0, y0, x1, y1


def _vertical_masthead(desk: Desk, sheet: Sheet, make: Make, box: Box) -> float:
    """The name of the paper down the upper right corner, columns of dates and prices beside it.

    Returns:
        Width that it took.
    """
    _, y0, x1, y1 = box
    name = desk.draw.choice([words for words in MASTHEADS if make.show.holds(words)] or ["日報"])
    large = min((y1 - y0) / (len(name) * 1.15), make.size * 6)
    small = make.size
    sheet.down(name, x1 - large * 0.65, y0 + 0.3 * small, make.show, large, step=large * 1.12, role=Role.HEADLINE)
    taken = large * 1.3
    for words in (
        f"中華民國{desk.count(desk.draw.randint(1, 38))}年{desk.count(desk.draw.randint(1, 12))}月",
        "每份售洋" + desk.count(desk.draw.randint(2, 9)) + "分",
    ):
        sheet.down(
            words, x1 - taken - small * 0.6, y0 + 0.3 * small, make.face, min(small, (y1 - y0) / (len(words) + 1))
        )
        taken += small * 1.35
    if desk.chance(0.6):
        sheet.frame((x1 - taken - 0.2 * small, y0, x1, y1), 4)
    return taken + small


def _page(
    desk: Desk,
    sheet: Sheet,
    make: Make,
    box: Box,
    *,
    adverts: float,
    most_blocks: int,
    briefs: float,
    tiers_of_band: tuple[int, int],
) -> None:
    """Bands and blocks of a page."""
    x0, y0, x1, y1 = _masthead(desk, sheet, make, box)
    last: Box | None = None
    if adverts and desk.chance(0.2):
        edge = x0 + desk.between(0.14, 0.2) * (x1 - x0)
        last, x0 = (x0, y0, edge - make.size, y1), edge
    foot_of_news = y1
    if adverts and desk.chance(0.7):
        foot_of_news = y1 - round(desk.between(0.15, 0.45) * (y1 - y0) / make.tier) * make.tier
    corner = desk.chance(0.2)
    y, first = y0, True
    while y + 0.9 * make.tier <= foot_of_news:
        room = max(1, int((foot_of_news - y + make.gap) / make.tier + 0.01))
        tiers = min(room, desk.draw.randint(*tiers_of_band))
        high = tiers * make.tier - make.gap
        right = x1
        if first and corner:
            right -= _vertical_masthead(desk, sheet, make, (x0, y, x1, y + high))
        if make.block_rules and not first:
            sheet.rule(x0, y - make.gap / 2, x1, y - make.gap / 2, desk.draw.choice((2, 3, 5)))
        _band(desk, sheet, make, (x0, y, right, y + high), most_blocks=most_blocks, briefs=briefs)
        y += tiers * make.tier
        first = False
    if foot_of_news < y1:
        _adverts(desk, sheet, make, (x0, y, x1, y1))
    if last:
        _adverts(desk, sheet, make, last)


def _band(desk: Desk, sheet: Sheet, make: Make, box: Box, *, most_blocks: int, briefs: float) -> None:
    """Blocks from right to left."""
    x0, y0, x1, y1 = box
    white = make.size * (0.9 if make.block_rules else desk.between(1.2, 2.0))
    widths = _shares(desk, x1 - x0, make.pitch * 9, most_blocks)
    right = x1
    for number, wide in enumerate(widths):
        left = max(x0, right - wide)
        block = (left + (white / 2 if number + 1 < len(widths) else 0), y0, right - (white / 2 if number else 0), y1)
        if number and make.block_rules:
            sheet.rule(right, y0, right, y1, desk.draw.choice((2, 3, 5)))
        if desk.chance(briefs):
            short_news(desk, sheet, make, block)
        else:
            article(desk, sheet, make, block)
        right = left


def _adverts(desk: Desk, sheet: Sheet, make: Make, box: Box) -> None:
    """Boxes in rows from top to bottom, each row from right to left."""
    x0, y0, x1, y1 = box
    between = make.size * desk.between(0.2, 0.7)
    for high in _shares(desk, y1 - y0, make.size * 9, 4):
        right = x1
        for wide in _shares(desk, x1 - x0, make.size * 6, 6):
            advert(
                desk,
                sheet,
                make,
                (right - wide + between / 2, y0 + between / 2, right - between / 2, y0 + high - between / 2),
            )
            right -= wide
        y0 += high


def _paper(desk: Desk, *, small: bool) -> tuple[Sheet, float, Box]:
    width, height = desk.draw.choice(((1754, 2480), (2067, 2600), (2480, 1754), (2480, 3200), (1900, 2700)))
    size = desk.between(25, 32) if small else desk.between(33, 46)
    if small:
        width, height = int(width * 0.8), int(height * 0.8)
    return Sheet(width, height, writing="vertical"), size, (0.05 * width, 0.05 * height, 0.95 * width, 0.95 * height)


def tiers(desk: Desk) -> Sheet:
    """Two to eight tiers, vertical headlines of one tier or several, blocks parted by rules or only by white."""
    sheet, size, box = _paper(desk, small=desk.chance(0.4))
    make = make_up(desk, size=size, headlines="beside")
    _page(desk, sheet, make, box, adverts=0, most_blocks=3, briefs=0.25, tiers_of_band=(1, 4))
    return sheet


def across(desk: Desk) -> Sheet:
    """Headlines from right to left over their columns, mixed with vertical ones."""
    sheet, size, box = _paper(desk, small=desk.chance(0.4))
    make = make_up(desk, size=size, headlines=desk.draw.choice(("across", "mixed")))
    _page(desk, sheet, make, box, adverts=0, most_blocks=4, briefs=0.15, tiers_of_band=(1, 4))
    return sheet


def adverts(desk: Desk) -> Sheet:
    """News above, boxed advertisements below or at the left."""
    sheet, size, box = _paper(desk, small=desk.chance(0.5))
    make = make_up(desk, size=size, headlines="mixed")
    _page(desk, sheet, make, box, adverts=1, most_blocks=3, briefs=0.3, tiers_of_band=(1, 3))
    return sheet


def dense(desk: Desk) -> Sheet:
    """Small print of 25 to 32 pixels, many tiers, short news without white."""
    sheet, size, box = _paper(desk, small=True)
    make = make_up(desk, size=size, headlines="mixed", cells=(9, 13), ruled=0.7)
    _page(desk, sheet, make, box, adverts=0, most_blocks=3, briefs=0.6, tiers_of_band=(1, 3))
    return sheet


def crop(desk: Desk) -> Sheet:
    """A cutting: one or two articles in small print."""
    width, height = desk.draw.choice(((900, 1100), (1200, 800), (1100, 1400)))
    sheet = Sheet(width, height, writing="vertical")
    make = make_up(desk, size=desk.between(24, 30), headlines=desk.draw.choice(("beside", "mixed")), cells=(10, 22))
    _band(desk, sheet, make, (0.04 * width, 0.04 * height, 0.96 * width, 0.96 * height), most_blocks=2, briefs=0.3)
    return sheet


def halves(desk: Desk) -> Sheet:
    """As the corpus has it: halves parted by a thick rule, tiers ruled, each tier an article of its own."""
    sheet, size, (x0, y0, x1, y1) = _paper(desk, small=False)
    make = make_up(desk, size=size, headlines="beside", ruled=1)
    x0, y0, x1, y1 = _masthead(desk, sheet, make, (x0, y0, x1, y1))
    parts = desk.draw.choice((2, 2, 3))
    wide = (x1 - x0) / parts
    for part in range(parts):
        right = x1 - part * wide - (make.size * 0.6 if part else 0)
        left = x1 - (part + 1) * wide + make.size * 0.6
        if part:
            sheet.rule(right + make.size * 0.6, y0, right + make.size * 0.6, y1, 6)
        y = y0
        while y + 0.8 * make.tier <= y1:
            high = min(make.cells * make.size, y1 - y)
            if y > y0:
                sheet.rule(left, y - make.gap / 2, right, y - make.gap / 2, 3)
            taken = headline_beside(desk, sheet, make, (left, y, right, y + high))
            body(desk, sheet, make, [(left, y, right - taken, y + high)])
            y += make.tier
    return sheet
