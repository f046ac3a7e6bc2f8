"""Random page layouts whose reading order is known: what a detector would give for them, without pictures.

Every kind draws a page from a seed: printed lines of characters in reading order and printed rules. `detected` turns
the page into boxes as ragged as a detector's: lean, curl, broken and merged columns, boxes that overlap or are missing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from wenyuan.ingest.reading_order import LineBox, Rule

Glyph = tuple[str, float, float, float]  # character, middle x, middle y, size
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 6000)]


@dataclass
class Printed:
    """One printed line: its glyphs in reading order."""

    glyphs: list[Glyph]
    vertical: bool
    backwards: bool = False  # runs from right to left on the paper
    furniture: bool = False


@dataclass
class Page:
    width: float
    height: float
    chance: random.Random
    lines: list[Printed] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def text(self) -> str:
        return "".join(g[0] for line in self.lines for g in line.glyphs)

    def words(self, count: int) -> str:
        return "".join(self.chance.choice(HAN) for _ in range(count))

    def down(self, text: str, x: float, y: float, size: float, pitch: float | None = None, **more: bool) -> None:
        step = pitch or size * 1.06
        self.lines.append(Printed([(c, x, y + (k + 0.5) * step, size) for k, c in enumerate(text)], True, **more))

    def across(self, text: str, x: float, y: float, size: float, pitch: float | None = None, **more: bool) -> None:
        step = pitch or size * 1.04
        self.lines.append(Printed([(c, x + (k + 0.5) * step, y, size) for k, c in enumerate(text)], False, **more))

    def leftward(self, text: str, x: float, y: float, size: float, pitch: float | None = None) -> None:
        """A line that runs from right to left, its first character at the right of x."""
        step = pitch or size * 1.1
        glyphs = [(c, x - (k + 0.5) * step, y, size) for k, c in enumerate(text)]
        self.lines.append(Printed(glyphs, False, backwards=True))

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.rules.append(Rule(x0, y0, x1, y1))

    def frame(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.rule(x0, y0, x1, y0)
        self.rule(x0, y1, x1, y1)
        self.rule(x0, y0, x0, y1)
        self.rule(x1, y0, x1, y1)


@dataclass(frozen=True)
class Area:
    x0: float
    y0: float
    x1: float
    y1: float

    def inside(self, by: float) -> Area:
        return Area(self.x0 + by, self.y0 + by, self.x1 - by, self.y1 - by)


# --- vertical matter -------------------------------------------------------------------------------------------------


def columns(page: Page, area: Area, em: float, lead: float, *, last_full: float = 0.5) -> None:
    """Fill an area with columns of running text, right to left, in paragraphs."""
    chance = page.chance
    step = em * 1.06
    rows = max(1, int((area.y1 - area.y0) / step))
    x = area.x1 - em / 2
    indent = chance.choice([0, 0, 1, 2])
    count = int((area.x1 - area.x0 - em) / lead) + 1
    for k in range(count):
        last = k == count - 1
        full = chance.random() > 0.12 and not (last and chance.random() > last_full)
        used = rows - indent if full else chance.randint(1, max(1, rows - indent))
        page.down(page.words(max(1, used)), x, area.y0 + indent * step, em, step)
        indent = 0 if full or chance.random() < 0.3 else chance.choice([1, 1, 2])
        x -= lead


def vertical_article(page: Page, area: Area, em: float, lead: float, *, plain: float = 0.15) -> None:
    """An article in one area: a headline in large type and columns, sometimes in two storeys."""
    chance = page.chance
    width, height = area.x1 - area.x0, area.y1 - area.y0
    kind = chance.random()
    if width < 4 * lead or height < 5 * em or kind < plain:
        return columns(page, area, em, lead)
    if kind < 0.62:  # the headline stands at the head of the columns
        x = area.x1
        for _ in range(chance.choice([1, 1, 1, 2])):
            size = em * chance.uniform(1.25, 2.6)
            if x - size * 1.5 < area.x0 + 2 * lead:
                break
            start = area.y0 + chance.choice([0, 0, 0.5, 1, 2]) * em
            count = max(1, int((area.y1 - start) / (size * 1.12)))
            page.down(page.words(chance.randint(max(1, count // 2), count)), x - size / 2, start, size, size * 1.12)
            x -= size + em * chance.uniform(0.3, 0.9)
        body = Area(area.x0, area.y0, x, area.y1)
    else:  # the headline lies across the columns
        size = em * chance.uniform(1.2, 2.2)
        wide = chance.random() < 0.6
        span = width if wide else max(4 * lead, width * chance.uniform(0.4, 0.8))
        count = max(2, min(int(span / (size * 1.12)), 14))
        pitch = size * 1.12
        left = area.x1 - span + max(0, (span - count * pitch) / 2)
        words = page.words(chance.randint(max(2, count * 2 // 3), count))
        page.leftward(words, left + len(words) * pitch, area.y0 + size / 2, size, pitch)
        top = area.y0 + size + em * chance.uniform(0.5, 1.0)
        if wide:
            body = Area(area.x0, top, area.x1, area.y1)
        else:
            edge = area.x1 - span
            columns(page, Area(edge + (lead - em) / 2, top, area.x1, area.y1), em, lead, last_full=1)
            body = Area(area.x0, area.y0, edge - (lead - em) / 2, area.y1)
    if body.y1 - body.y0 > 24 * em and body.x1 - body.x0 > 6 * lead and chance.random() < 0.7:
        middle = (body.y0 + body.y1) / 2
        gap = em * chance.uniform(0.7, 1.6)
        if chance.random() < 0.5:
            page.rule(body.x0, middle, body.x1, middle)
        columns(page, Area(body.x0, body.y0, body.x1, middle - gap / 2), em, lead)
        columns(page, Area(body.x0, middle + gap / 2, body.x1, body.y1), em, lead)
    else:
        columns(page, body, em, lead)
    return None


def notice(page: Page, area: Area, em: float, lead: float) -> None:
    """A boxed notice or advertisement."""
    chance = page.chance
    page.frame(area.x0, area.y0, area.x1, area.y1)
    inner = area.inside(em * chance.uniform(0.5, 1.0))
    if chance.random() < 0.35 and inner.x1 - inner.x0 > 8 * em:  # written across
        size = em * chance.uniform(1.3, 2.0)
        count = max(2, int((inner.x1 - inner.x0) / (size * 1.1)))
        words = page.words(chance.randint(max(2, count // 2), count))
        middle = (inner.x0 + inner.x1) / 2 - len(words) * size * 0.55
        page.leftward(words, middle + len(words) * size * 1.1, inner.y0 + size / 2, size, size * 1.1)
        y = inner.y0 + size + em * 1.4
        while y + em / 2 < inner.y1:
            count = max(2, int((inner.x1 - inner.x0) / (em * 1.04)))
            page.leftward(page.words(chance.randint(max(2, count // 2), count)), inner.x1, y, em, em * 1.04)
            y += em * chance.uniform(1.4, 1.5)
    else:
        vertical_article(page, inner, em * chance.uniform(0.85, 1.15), lead * 1.1, plain=0.1)


def masthead(page: Page, area: Area, em: float) -> float:
    """Name and date over the whole page; gives the y beneath."""
    chance = page.chance
    size = em * chance.uniform(2.5, 4.5)
    name = chance.choice(["國民日報", "中央日報", "新華日報", "大公報", "申報", "香港華商報", "廣東七十二行商報"])
    date = chance.choice(["中華民國二十八年四月廿一日", "中華民國三十七年十月十日星期日", "民國廿五年二月六日第三版"])
    y = area.y0 + size / 2
    left = area.x0 + em
    if chance.random() < 0.5:
        page.leftward(name, (area.x0 + area.x1) / 2 + len(name) * size * 0.55, y, size)
        page.leftward(date, left + len(date) * em * 1.21, y, em * 1.1)
    else:
        page.leftward(date, area.x1 - em, area.y0 + em * 0.7, em * 1.1)
        if chance.random() < 0.6:
            page.rule(area.x0, area.y0 + em * 1.6, area.x1, area.y0 + em * 1.6)
        page.leftward(name, (area.x0 + area.x1) / 2 + len(name) * size * 0.55, area.y0 + em * 2.2 + size / 2, size)
        y += em * 2.2
    bottom = y + size / 2 + em * chance.uniform(1, 2)
    if chance.random() < 0.4:
        page.rule(area.x0, bottom - em * 0.5, area.x1, bottom - em * 0.5)
    return bottom


def tier(page: Page, area: Area, em: float, lead: float, *, ruled: bool) -> None:
    """One tier (段): articles one after the other from right to left."""
    chance = page.chance
    x = area.x1
    while x - area.x0 > 3 * lead:
        room = x - area.x0
        width = lead * chance.randint(5, 26)
        if room - width < 6 * lead:
            width = room
        part = Area(x - width, area.y0, x, area.y1)
        if chance.random() < 0.1 and width > 6 * lead:
            notice(page, part.inside(em * 0.2), em, lead)
        else:
            vertical_article(page, part, em, lead, plain=0.3)
        x -= width + em * chance.uniform(0.2, 1.0)
        if ruled and chance.random() < 0.5:
            page.rule(x + em * 0.3, area.y0, x + em * 0.3, area.y1)


def newspaper_in_tiers(chance: random.Random) -> Page:
    """1940s: tiers over the whole width, articles flowing from tier to tier."""
    em = chance.uniform(20, 40)
    page = Page(em * chance.uniform(55, 90), em * chance.uniform(55, 100), chance)
    area = Area(em * 2, em * 2, page.width - em * 2, page.height - em * 2)
    lead = em * chance.uniform(1.15, 1.5)
    y = masthead(page, area, em) if chance.random() < 0.6 else area.y0
    tiers = chance.randint(2, 6)
    gap = em * chance.uniform(0.8, 1.8)
    ruled = chance.random() < 0.8
    height = (area.y1 - y - gap * (tiers - 1)) / tiers
    k = 0
    while k < tiers:
        top = y + k * (height + gap)
        tall = 2 if tiers - k >= 2 and chance.random() < 0.25 else 1
        bottom = top + tall * height + (tall - 1) * gap
        if tall == 2:  # an article over two tiers beside two tiers of others
            width = (area.x1 - area.x0) * chance.uniform(0.25, 0.6)
            edge = area.x1 - width if chance.random() < 0.5 else area.x0 + width
            parts = [Area(edge + em * 0.6, top, area.x1, bottom), Area(area.x0, top, edge - em * 0.6, bottom)]
            if ruled:
                page.rule(edge, top, edge, bottom)
            lone = chance.randint(0, 1)
            for number, part in enumerate(parts):
                if number == lone:
                    two_storeys(page, part, em, lead, height, gap, ruled=ruled)
                else:
                    tier(page, Area(part.x0, top, part.x1, top + height), em, lead, ruled=ruled)
                    if ruled:
                        page.rule(part.x0, top + height + gap / 2, part.x1, top + height + gap / 2)
                    tier(page, Area(part.x0, top + height + gap, part.x1, bottom), em, lead, ruled=ruled)
        else:
            tier(page, Area(area.x0, top, area.x1, bottom), em, lead, ruled=ruled)
        if ruled and bottom < area.y1 - em:
            page.rule(area.x0, bottom + gap / 2, area.x1, bottom + gap / 2)
        k += tall
    return page


def two_storeys(page: Page, area: Area, em: float, lead: float, height: float, gap: float, *, ruled: bool) -> None:
    """A great article: its headline stands over two tiers, its columns in both."""
    chance = page.chance
    size = em * chance.uniform(1.8, 3.2)
    x = area.x1
    for _ in range(chance.choice([1, 2])):
        count = max(2, int((area.y1 - area.y0) / (size * 1.15)))
        page.down(page.words(chance.randint(max(2, count // 2), count)), x - size / 2, area.y0, size, size * 1.15)
        x -= size + em * 0.5
        size *= 0.75
    if ruled:
        page.rule(area.x0, area.y0 + height + gap / 2, x, area.y0 + height + gap / 2)
    columns(page, Area(area.x0, area.y0, x, area.y0 + height), em, lead, last_full=1)
    columns(page, Area(area.x0, area.y0 + height + gap, x, area.y1), em, lead)


def newspaper_in_blocks(chance: random.Random) -> Page:
    """Blocks beside each other, each with its own tiers; the blocks are read from right to left."""
    em = chance.uniform(20, 40)
    page = Page(em * chance.uniform(60, 95), em * chance.uniform(40, 80), chance)
    area = Area(em * 2, em * 2, page.width - em * 2, page.height - em * 2)
    lead = em * chance.uniform(1.15, 1.5)
    y = masthead(page, area, em) if chance.random() < 0.7 else area.y0
    blocks = chance.randint(2, 3)
    gutter = em * chance.uniform(1.6, 2.6)
    same = chance.random() < 0.5
    tiers = chance.randint(2, 4)
    ruled = chance.random() < 0.8
    gutter *= 1 if ruled else 2
    width = (area.x1 - area.x0 - gutter * (blocks - 1)) / blocks
    for block in range(blocks):
        right = area.x1 - block * (width + gutter)
        if not same:
            tiers = chance.randint(1, 4)
        gap = em * chance.uniform(0.8, 1.4)
        height = (area.y1 - y - gap * (tiers - 1)) / tiers
        for k in range(tiers):
            top = y + k * (height + gap)
            tier(page, Area(right - width, top, right, top + height), em, lead, ruled=False)
            if ruled and k < tiers - 1:
                page.rule(right - width, top + height + gap / 2, right, top + height + gap / 2)
        if ruled and block < blocks - 1:
            page.rule(right - width - gutter / 2, y, right - width - gutter / 2, area.y1)
    return page


def newspaper_nested(chance: random.Random) -> Page:
    """Articles cut from the page again and again, across and down, each with a headline or a frame."""
    em = chance.uniform(20, 40)
    page = Page(em * chance.uniform(55, 90), em * chance.uniform(55, 90), chance)
    area = Area(em * 2, em * 2, page.width - em * 2, page.height - em * 2)
    lead = em * chance.uniform(1.15, 1.5)
    if chance.random() < 0.5:
        area = Area(area.x0, masthead(page, area, em), area.x1, area.y1)
    ruled = chance.random() < 0.8

    def fill(part: Area, down: bool, depth: int) -> None:
        width, height = part.x1 - part.x0, part.y1 - part.y0
        gap = em * (chance.uniform(1.0, 1.8) if ruled else 3.2 - 0.5 * depth)
        if depth >= 4 or (width < 22 * em and height < 22 * em) or (depth >= 2 and chance.random() < 0.2):
            if chance.random() < 0.12:
                notice(page, part.inside(em * 0.2), em, lead)
            elif height > 26 * em and width > 10 * em:
                half = part.y0 + height / 2
                vertical_article(page, Area(part.x0, part.y0, part.x1, half - gap / 2), em, lead)
                if ruled:
                    page.rule(part.x0, half, part.x1, half)
                columns(page, Area(part.x0, half + gap / 2, part.x1, part.y1), em, lead)
            else:
                vertical_article(page, part, em, lead)
            return
        share = chance.choice([1 / 2, 1 / 3, 2 / 3, 0.4, 0.6])
        if down and height > 18 * em:
            edge = part.y0 + height * share
            fill(Area(part.x0, part.y0, part.x1, edge - gap / 2), not down, depth + 1)
            if ruled:
                page.rule(part.x0, edge, part.x1, edge)
            fill(Area(part.x0, edge + gap / 2, part.x1, part.y1), not down, depth + 1)
        else:
            edge = part.x0 + width * share
            fill(Area(edge + gap / 2, part.y0, part.x1, part.y1), not down, depth + 1)
            if ruled:
                page.rule(edge, part.y0, edge, part.y1)
            fill(Area(part.x0, part.y0, edge - gap / 2, part.y1), not down, depth + 1)

    fill(area, True, 0)
    return page


# --- horizontal matter -----------------------------------------------------------------------------------------------


def paragraphs(page: Page, area: Area, em: float, lead: float, *, pitch: float | None = None) -> None:
    """Fill an area with lines of running text, in paragraphs."""
    chance = page.chance
    step = pitch or em * 1.03
    count = max(2, int((area.x1 - area.x0) / step))
    y = area.y0 + em / 2
    indent = 2
    while y + em / 2 <= area.y1 + 0.01:
        full = chance.random() > 0.15
        used = max(1, count - indent if full else chance.randint(1, max(1, count - indent)))
        page.across(page.words(used), area.x0 + indent * step, y, em, step)
        indent = 0 if full else 2
        y += lead


def horizontal_article(page: Page, area: Area, em: float, lead: float, gutter: float) -> None:
    """A headline over columns of text."""
    chance = page.chance
    top = area.y0
    if chance.random() < 0.85:
        size = em * chance.uniform(1.4, 3.0)
        for _ in range(chance.choice([1, 1, 2])):
            count = max(2, int((area.x1 - area.x0) / (size * 1.05)))
            words = page.words(chance.randint(max(2, min(count, 18) // 2), min(count, 18)))
            width = len(words) * size * 1.05
            left = area.x0 if chance.random() < 0.4 else (area.x0 + area.x1 - width) / 2
            page.across(words, left, top + size / 2, size, size * 1.05)
            top += size + em * 0.6
            size = max(em * 1.15, size * 0.6)
        top += em * chance.uniform(0.2, 0.6)
    wish = (area.x1 - area.x0) / (em * chance.uniform(13, 22))
    count = max(1, round(wish))
    width = (area.x1 - area.x0 - gutter * (count - 1)) / count
    ruled = chance.random() < 0.2
    for k in range(count):
        left = area.x0 + k * (width + gutter)
        paragraphs(page, Area(left, top, left + width, area.y1), em, lead)
        if ruled and k:
            page.rule(left - gutter / 2, top, left - gutter / 2, area.y1)


def newspaper_across(chance: random.Random) -> Page:
    """A modern newspaper: blocks with headlines over their columns."""
    em = chance.uniform(14, 30)
    page = Page(em * chance.uniform(75, 120), em * chance.uniform(60, 130), chance)
    area = Area(em * 3, em * 3, page.width - em * 3, page.height - em * 3)
    lead = em * chance.uniform(1.25, 1.5)
    gutter = em * chance.uniform(1.5, 2.5)
    if chance.random() < 0.6:
        size = em * chance.uniform(3, 5)
        page.across(page.words(chance.randint(4, 7)), area.x0, area.y0 + size / 2, size)
        page.across(page.words(chance.randint(10, 20)), area.x0 + size * 9, area.y0 + size / 2, em)
        area = Area(area.x0, area.y0 + size + em * 2, area.x1, area.y1)
    ruled = chance.random() < 0.4

    def fill(part: Area, down: bool, depth: int) -> None:
        width, height = part.x1 - part.x0, part.y1 - part.y0
        if depth >= 4 or (width < 45 * em and height < 30 * em) or (depth >= 2 and chance.random() < 0.2):
            horizontal_article(page, part, em, lead, gutter)
            return
        share = chance.choice([1 / 2, 1 / 3, 2 / 3, 0.4, 0.6])
        gap = em * (chance.uniform(1.4, 2.4) if ruled else 4.4 - 0.6 * depth)
        if down and height > 20 * em:
            edge = part.y0 + height * share
            fill(Area(part.x0, part.y0, part.x1, edge - gap / 2), not down, depth + 1)
            if ruled:
                page.rule(part.x0, edge, part.x1, edge)
            fill(Area(part.x0, edge + gap / 2, part.x1, part.y1), not down, depth + 1)
        elif width > 34 * em:
            edge = part.x0 + width * share
            gap = max(gap, gutter * 1.1)
            fill(Area(part.x0, part.y0, edge - gap / 2, part.y1), not down, depth + 1)
            if ruled:
                page.rule(edge, part.y0, edge, part.y1)
            fill(Area(edge + gap / 2, part.y0, part.x1, part.y1), not down, depth + 1)
        else:
            horizontal_article(page, part, em, lead, gutter)

    fill(area, chance.random() < 0.7, 0)
    return page


def book_across(chance: random.Random) -> Page:
    """A page of a modern book in one to three columns: header, title, footnotes, page number."""
    em = chance.uniform(20, 45)
    page = Page(em * chance.uniform(40, 60), em * chance.uniform(55, 85), chance)
    area = Area(em * 4, em * 4, page.width - em * 4, page.height - em * 4)
    lead = em * chance.uniform(1.3, 1.8)
    count = chance.choice([1, 1, 2, 2, 3])
    latin = chance.random() < 0.3
    if chance.random() < 0.6:
        words = page.words(chance.randint(4, 12))
        left = chance.choice([area.x0, area.x1 - len(words) * em, (area.x0 + area.x1 - len(words) * em) / 2])
        page.across(words, left, em * 1.8, em * 0.9, furniture=True)
        if chance.random() < 0.4:
            page.rule(area.x0, em * 2.6, area.x1, em * 2.6)
    y = area.y0
    if chance.random() < 0.4:
        size = em * chance.uniform(1.4, 2.4)
        words = page.words(chance.randint(4, max(5, int((area.x1 - area.x0) / size / 1.2))))
        page.across(words, (area.x0 + area.x1 - len(words) * size * 1.04) / 2, y + size / 2, size)
        y += size + em * chance.uniform(0.8, 2)
    gutter = em * chance.uniform(1.6, 3)
    width = (area.x1 - area.x0 - gutter * (count - 1)) / count
    bottom = area.y1
    notes = chance.random() < 0.3
    if notes:
        bottom -= em * 5
    middle = y + (bottom - y) * chance.uniform(0.3, 0.7) if count > 1 and chance.random() < 0.3 else None
    for top, end in [(y, bottom)] if middle is None else [(y, middle - em * 2.2), (middle + em * 2.2, bottom)]:
        if middle is not None and top > middle:
            size = em * 1.5
            words = page.words(chance.randint(6, max(7, int((area.x1 - area.x0) / size / 1.3))))
            page.across(words, (area.x0 + area.x1 - len(words) * size * 1.04) / 2, middle, size)
        for k in range(count):
            left = area.x0 + k * (width + gutter)
            pitch = em * 0.5 if latin else None
            paragraphs(page, Area(left, top, left + width, end), em, lead, pitch=pitch)
    if notes:
        page.rule(area.x0, bottom + em * 0.8, area.x0 + width * 0.4, bottom + em * 0.8)
        for k in range(chance.randint(1, 3)):
            page.across(page.words(int(width / em / 0.9)), area.x0, bottom + em * (1.8 + k * 1.2), em * 0.8)
    if chance.random() < 0.7:
        number = chance.choice(["128", "·45·", "第七页"])
        left = chance.choice([area.x0, area.x1 - em * 2, (area.x0 + area.x1) / 2 - em])
        page.across(number, left, page.height - em * 2, em * 0.9, furniture=True)
    return page


# --- old books -------------------------------------------------------------------------------------------------------


def noted_column(page: Page, x: float, top: float, bottom: float, em: float, notes: float) -> None:
    """A column of an old book: main text in large characters, double small notes between."""
    chance = page.chance
    small = em * chance.uniform(0.5, 0.56)
    offset = em * 0.28
    y = top
    while bottom - y > em * 1.2:
        room = int((bottom - y) / (em * 1.04))
        count = room if chance.random() > notes else chance.randint(1, max(1, room))
        page.down(page.words(count), x, y, em, em * 1.04)
        y += count * em * 1.04 + em * 0.08
        room = int((bottom - y) / (small * 1.05))
        if room >= 2 and count < (bottom - top) / em - 1:
            length = min(room, chance.randint(1, 12))
            page.down(page.words(length), x + offset, y, small, small * 1.05)
            if chance.random() < 0.85:
                page.down(page.words(max(1, length - chance.randint(0, 1))), x - offset, y, small, small * 1.05)
            y += length * small * 1.05 + em * chance.uniform(0.08, 0.3)


def leaf(page: Page, area: Area, em: float, count: int, notes: float, *, ruled: bool, frame: bool) -> None:
    """Half a leaf: framed columns, with or without ruling."""
    if frame:
        page.frame(area.x0, area.y0, area.x1, area.y1)
    pitch = (area.x1 - area.x0) / count
    for k in range(count):
        x = area.x1 - (k + 0.5) * pitch
        drop = page.chance.choice([0, 0, 0, 1, 2]) * em
        noted_column(page, x, area.y0 + em * 0.3 + drop, area.y1 - em * 0.2, em, notes)
        if ruled and k:
            page.rule(x + pitch / 2, area.y0, x + pitch / 2, area.y1)


def old_book(chance: random.Random) -> Page:
    """One half leaf, or both with the fold (版心) between them; sometimes notes over the upper edge (眉批)."""
    em = chance.uniform(30, 60)
    count = chance.randint(6, 10)
    pitch = em * chance.uniform(1.25, 1.9)
    rows = chance.randint(16, 24)
    facing = chance.random() < 0.5
    fold = pitch * 0.9
    width = count * pitch
    page = Page(em * 4 + width * (2 if facing else 1) + (fold if facing else 0), em * (rows * 1.05 + 10), chance)
    top, bottom = em * 5, em * 5 + rows * em * 1.05
    right = page.width - em * 2
    notes = chance.choice([0, 0, 0.3, 0.6])
    ruled = chance.random() < 0.6
    brows = chance.random() < 0.15
    if brows:
        small = em * 0.5
        x = right - chance.uniform(0, 3) * pitch
        for _ in range(chance.randint(2, 5)):
            page.down(page.words(chance.randint(3, 7)), x - small, em * 0.8, small)
            x -= small * 1.3
    leaf(page, Area(right - width, top, right, bottom), em, count, notes, ruled=ruled, frame=True)
    if facing:
        x = right - width - fold / 2
        page.down(page.words(chance.randint(2, 5)), x, top + em, em * 0.6, furniture=True)
        page.down(page.words(chance.randint(1, 3)), x, (top + bottom) / 2 + em, em * 0.6, furniture=True)
        leaf(page, Area(em * 2, top, em * 2 + width, bottom), em, count, notes, ruled=ruled, frame=True)
    return page


def four_up(chance: random.Random) -> Page:
    """Four half leaves on one photograph: the upper pair first, each pair from right to left."""
    em = chance.uniform(24, 40)
    count, rows = 8, chance.randint(18, 21)
    pitch = em * chance.uniform(1.4, 1.7)
    width, height = count * pitch, rows * em * 1.06
    gap, between = em * chance.uniform(1.5, 4), em * chance.uniform(3, 7)
    page = Page(width * 2 + gap + em * 6, height * 2 + between + em * 6, chance)
    notes = chance.choice([0, 0.3, 0.6])
    frame = chance.random() < 0.7
    for top in (em * 3, em * 3 + height + between):
        for right in (page.width - em * 3, em * 3 + width):
            leaf(page, Area(right - width, top, right, top + height), em, count, notes, ruled=frame, frame=frame)
    return page


def genealogy(chance: random.Random) -> Page:
    """A chart of generations: one storey a generation, its number first, then names with small notes beneath."""
    em = chance.uniform(30, 50)
    page = Page(em * chance.uniform(34, 46), em * chance.uniform(44, 60), chance)
    area = Area(em * 3, em * 4, page.width - em * 4, page.height - em * 3)
    storeys = chance.randint(3, 6)
    height = (area.y1 - area.y0) / storeys
    pitch = em * chance.uniform(1.5, 2.8)
    if chance.random() < 0.7:
        page.down(page.words(9), area.x1 + em * 0.9, area.y0 + em, em * 0.8)
    page.frame(area.x0, area.y0, area.x1, area.y1)
    for k in range(storeys):
        top = area.y0 + k * height
        if k:
            page.rule(area.x0, top, area.x1, top)
        page.down(f"第{page.words(2)}世", area.x1 - em, top + em * 0.5, em * 0.9)
        x = area.x1 - em * 1.2 - pitch
        while x > area.x0 + em:
            names = chance.randint(2, 3)
            page.down(page.words(names), x, top + em * 0.4, em)
            small = em * 0.5
            start = top + em * 0.4 + names * em * 1.06 + em * 0.2
            room = int((top + height - em * 0.4 - start) / (small * 1.08))
            if room > 0 and chance.random() < 0.85:
                page.down(page.words(chance.randint(1, room)), x, start, small, small * 1.08)
            x -= pitch if chance.random() < 0.85 else 2 * pitch
    return page


KINDS: dict[str, Callable[[random.Random], Page]] = {
    "vertical newspaper in tiers": newspaper_in_tiers,
    "vertical newspaper in blocks": newspaper_in_blocks,
    "vertical newspaper, nested": newspaper_nested,
    "horizontal newspaper": newspaper_across,
    "horizontal book": book_across,
    "old book": old_book,
    "four leaves": four_up,
    "genealogy": genealogy,
}


def made(kind: str, seed: int) -> Page:
    """The page of one kind and seed."""
    return KINDS[kind](random.Random(f"{kind}/{seed}"))


# --- the detector ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wear:
    """How ragged the detector's boxes are; sizes in ems, chances for each place where it may happen."""

    lean: float = 0.5  # degrees
    curl: float = 0.2
    jitter: float = 0.06
    broken: float = 0.01
    merged: float = 0.01
    lost: float = 0.01
    rules_lost: float = 0.05


CLEAN = Wear(0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Detected:
    """What reading order is given, and the text it should come to."""

    lines: list[LineBox]
    rules: list[Rule]
    width: float
    height: float
    truth: str


def detected(page: Page, wear: Wear, seed: int = 0) -> Detected:
    """The boxes of a page; characters of lost lines are taken out of the truth, so that only order can cost."""
    chance = random.Random(f"wear/{seed}")
    kept = [line for line in page.lines if chance.random() >= wear.lost]
    truth = "".join(g[0] for line in kept for g in line.glyphs)
    pieces: list[tuple[list[Glyph], bool]] = []
    for line in kept:
        glyphs = line.glyphs[::-1] if line.backwards else line.glyphs
        start = 0
        for k in range(1, len(glyphs) + 1):
            if k == len(glyphs) or chance.random() < wear.broken:
                pieces.append((glyphs[start:k], line.vertical))
                start = k
    pieces = _merge(pieces, chance, wear.merged)
    chance.shuffle(pieces)
    bend = _bend(page, chance, wear)
    lines = [_box(glyphs, vertical, bend, chance, wear) for glyphs, vertical in pieces]
    printed = [
        rule for rule in page.rules if chance.random() >= wear.rules_lost * min(1, page.width / 3 / _length(rule))
    ]
    rules = [Rule(*bend(rule.x0, rule.y0), *bend(rule.x1, rule.y1)) for rule in printed]
    return Detected(lines, rules, page.width, page.height, truth)


def _length(rule: Rule) -> float:
    """Long rules are seldom missed."""
    return max(abs(rule.x1 - rule.x0), abs(rule.y1 - rule.y0), 1.0)


def _merge(
    pieces: list[tuple[list[Glyph], bool]], chance: random.Random, share: float
) -> list[tuple[list[Glyph], bool]]:
    """Join some columns that stand just above each other, as a detector does over a narrow gap."""
    out = list(pieces)
    for k, (glyphs, vertical) in enumerate(pieces):
        if not vertical or chance.random() >= share:
            continue
        _, x, y, size = glyphs[-1]
        for other in range(len(out)):
            first = out[other][0][0] if out[other][0] else None
            if other == k or not first or not out[other][1] or not out[k][0]:
                continue
            if abs(first[1] - x) < size * 0.3 and 0 < first[2] - y < size * 2.4 and abs(first[3] - size) < size * 0.2:
                out[k] = (out[k][0] + out[other][0], True)
                out[other] = ([], True)
                break
    return [piece for piece in out if piece[0]]


def _bend(page: Page, chance: random.Random, wear: Wear) -> Callable[[float, float], tuple[float, float]]:
    lean = math.radians(chance.uniform(-wear.lean, wear.lean))
    size = sorted(g[3] for line in page.lines for g in line.glyphs)[sum(len(p.glyphs) for p in page.lines) // 2]
    curl = chance.uniform(-wear.curl, wear.curl) * size
    wide, high = page.width, page.height

    def bend(x: float, y: float) -> tuple[float, float]:
        y += curl * math.sin(math.pi * x / wide)
        x += curl * math.sin(math.pi * y / high)
        dx, dy = x - wide / 2, y - high / 2
        turned = dx * math.cos(lean) - dy * math.sin(lean), dx * math.sin(lean) + dy * math.cos(lean)
        return turned[0] + wide / 2, turned[1] + high / 2

    return bend


def _box(
    glyphs: list[Glyph],
    vertical: bool,
    bend: Callable[[float, float], tuple[float, float]],
    chance: random.Random,
    wear: Wear,
) -> LineBox:
    def off(size: float) -> float:
        return chance.gauss(0, wear.jitter) * size

    size = max(g[3] for g in glyphs)
    pad = size * (0.5 + (chance.uniform(-0.02, 0.12) if wear.jitter else 0))
    end = size * (0.5 + (chance.uniform(-0.05, 0.15) if wear.jitter else 0))
    first, last = glyphs[0], glyphs[-1]
    if vertical:
        x, y0, y1 = first[1] + off(size), first[2] - end, last[2] + end
        corners = [(x - pad, y0), (x + pad, y0), (x + pad, y1), (x - pad, y1)]
    else:
        y, x0, x1 = first[2] + off(size), first[1] - end, last[1] + end
        corners = [(x0, y - pad), (x1, y - pad), (x1, y + pad), (x0, y + pad)]
    quad = tuple(bend(*corner) for corner in corners)
    centres = tuple(bend(g[1] + off(g[3]), g[2] + off(g[3])) for g in glyphs)
    return LineBox(quad, "".join(g[0] for g in glyphs), centres)  # type: ignore[arg-type]
