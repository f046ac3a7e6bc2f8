"""What a vertical newspaper is put together of: articles, short news, advertisements. See `old_news`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.ocr.layouts.desk import Desk, columns_in, fill_down
from benchmarks.ocr.sheet import Box, Role, Sheet
from benchmarks.ocr.texts import Text
from benchmarks.ocr.typefaces import Face

TRADES = (
    "大減價",
    "新書出版",
    "名醫",
    "國貨",
    "招生",
    "聲明",
    "啟事",
    "拍賣",
    "電影",
    "藥房",
    "銀行",
    "洋行",
    "徵求",
    "出讓",
    "遺失",
)


@dataclass(frozen=True, slots=True)
class Make:
    """How a paper looks.

    Attributes:
        size: of the body, pixels.
        pitch: from column to column.
        cells: characters in a tier.
        gap: between tiers, pixels.
        tier_rules: a thin rule between tiers.
        block_rules: rules between blocks and bands; else only white.
        headlines: "beside" (vertical, at the right), "across" (right to left, above), "mixed".
    """

    face: Face
    bold: Face
    show: Face
    text: Text
    size: float
    pitch: float
    cells: int
    gap: float
    tier_rules: bool
    block_rules: bool
    headlines: str
    marks: bool

    @property
    def tier(self) -> float:
        """Height of a tier with its gap."""
        return self.cells * self.size + self.gap


def make_up(desk: Desk, *, size: float, headlines: str, cells: tuple[int, int] = (8, 17), ruled: float = 0.75) -> Make:
    face = desk.face("song song fang kai", traditional=True, bold=False)
    bold = desk.face("song hei kai", traditional=True, bold=True)
    show = desk.face("hei kai song", traditional=True)
    text = desk.text(traditional=True, faces=(face, bold, show))
    block_rules = desk.chance(ruled)
    tier_rules = desk.chance(0.5)
    gap = size * (desk.between(0.5, 1.1) if tier_rules else desk.between(0.7, 1.4))
    return Make(
        face,
        bold,
        show,
        text,
        size,
        size * desk.between(1.22, 1.6),
        desk.draw.randint(*cells),
        gap,
        tier_rules,
        block_rules,
        headlines,
        desk.chance(0.7),
    )


def body(desk: Desk, sheet: Sheet, make: Make, tiers: Sequence[Box], rest: str = "") -> None:
    """Text through tiers, one after the other."""
    for x0, y0, x1, y1 in tiers:
        wide = columns_in(x1 - x0, make.pitch) * make.pitch
        if wide >= make.pitch and y1 - y0 >= 2 * make.size:
            rest = fill_down(
                sheet,
                make.text,
                (x1 - wide, y0, x1, y1),
                make.face,
                make.size,
                pitch=make.pitch,
                start=rest,
                paragraph=(40, 220),
                marks=make.marks,
            )


def _tiers(make: Make, box: Box, *, sheet: Sheet | None = None) -> list[Box]:
    """The tiers of a box; with a sheet the rules between them are printed."""
    x0, y0, x1, y1 = box
    found = []
    y = y0
    while y + 3 * make.size <= y1 + 1:
        found.append((x0, y, x1, min(y + make.cells * make.size, y1)))
        y += make.tier
    if sheet is not None and make.tier_rules:
        for _, top, _, _ in found[1:]:
            sheet.rule(x0, top - make.gap / 2, x1, top - make.gap / 2, 2)
    return found


def headline_beside(desk: Desk, sheet: Sheet, make: Make, box: Box) -> float:
    """Headlines in large type down the right side.

    Returns:
        How much width they took.
    """
    x0, y0, x1, y1 = box
    high, taken = y1 - y0, make.size * 0.3
    most = min(0.5 * (x1 - x0), make.size * 9)
    for number in range(desk.draw.choice((1, 1, 2, 2, 3))):
        size = make.size * (desk.between(1.8, 3.6) if number == desk.draw.choice((0, 0, 1)) else desk.between(1.2, 2.0))
        size = min(size, high / 4)
        if taken + size * 1.2 > most:
            break
        count = max(3, min(int(high / (size * 1.02)), desk.draw.randint(5, 16)))
        count = min(count, int(high / size))
        step = size * min(desk.between(1.0, 1.3), high / (size * count))
        top = y0 + (high - step * (count - 1) - size) * desk.draw.choice((0, 0.3, 0.5))
        sheet.down(
            make.text.take(count, marks=False),
            x1 - taken - size * 0.55,
            top,
            make.bold,
            size,
            step=step,
            role=Role.HEADLINE,
        )
        taken += size * 1.25
    return taken + make.size * 0.35


def _headline_across(desk: Desk, sheet: Sheet, make: Make, box: Box) -> float:
    """Headlines from right to left over the block.

    Returns:
        How much height they took.
    """
    x0, y0, x1, _ = box
    wide, taken = x1 - x0, 0.0
    for number in range(desk.draw.choice((1, 1, 2))):
        size = make.size * (desk.between(1.8, 3.2) if not number else desk.between(1.2, 1.7))
        count = max(3, min(int(wide / (size * 1.05)), desk.draw.randint(4, 14)))
        if count * size > wide:
            size = wide / count * 0.98
        step = size * min(desk.between(1.0, 1.6), wide / (size * count))
        right = x1 - (wide - step * (count - 1) - size) / 2
        sheet.across(
            make.text.take(count, marks=False),
            right,
            y0 + taken,
            make.bold,
            size,
            step=step,
            role=Role.HEADLINE,
            right_to_left=True,
        )
        taken += size * 1.3
    return taken + make.size * 0.4


def article(desk: Desk, sheet: Sheet, make: Make, box: Box) -> None:
    """Headline, then tiers."""
    x0, y0, x1, y1 = box
    across = make.headlines == "across" or (make.headlines == "mixed" and desk.chance(0.4))
    if across and y1 - y0 > 8 * make.size and x1 - x0 > 6 * make.pitch:
        y0 += _headline_across(desk, sheet, make, box)
        if y1 - y0 < 1.6 * make.tier:
            body(desk, sheet, make, [(x0, y0, x1, y1)])
        else:
            count = max(1, round((y1 - y0) / make.tier))
            high = (y1 - y0 - (count - 1) * make.gap) / count
            tops = [y0 + number * (high + make.gap) for number in range(count)]
            if make.tier_rules:
                for top in tops[1:]:
                    sheet.rule(x0, top - make.gap / 2, x1, top - make.gap / 2, 2)
            body(desk, sheet, make, [(x0, top, x1, top + high) for top in tops])
        return
    tiers = _tiers(make, box)
    spanned = len(tiers) if desk.chance(0.6) else desk.draw.randint(1, len(tiers))
    taken = headline_beside(desk, sheet, make, (x0, y0, x1, tiers[spanned - 1][3]))
    shaped = [(a, b, c - taken if number < spanned else c, d) for number, (a, b, c, d) in enumerate(tiers)]
    if make.tier_rules:
        for number, (a, b, c, _) in enumerate(shaped):
            if number:
                sheet.rule(a, b - make.gap / 2, c, b - make.gap / 2, 2)
    body(desk, sheet, make, shaped)


def short_news(desk: Desk, sheet: Sheet, make: Make, box: Box) -> None:
    """Short news one after the other, each with a headline in a column of its own, flowing from tier to tier."""
    for x0, y0, x1, y1 in _tiers(make, box, sheet=sheet):
        x = x1
        while x - 3 * make.pitch >= x0:
            size = make.size * desk.between(1.15, 1.7)
            count = min(int((y1 - y0) / size), desk.draw.randint(4, 10))
            sheet.down(make.text.take(count, marks=False), x - size * 0.6, y0, make.bold, size, role=Role.HEADLINE)
            x -= size * 1.3
            columns = min(desk.draw.randint(2, 12), columns_in(x - x0, make.pitch))
            if columns < 1:
                break
            fill_down(
                sheet,
                make.text,
                (x - columns * make.pitch, y0, x, y1),
                make.face,
                make.size,
                pitch=make.pitch,
                indent=0,
                paragraph=(30, 150),
                marks=make.marks,
            )
            x -= columns * make.pitch
            if desk.chance(0.3):
                if make.block_rules:
                    sheet.rule(x - 0.25 * make.size, y0, x - 0.25 * make.size, y1, 2)
                x -= make.size * 0.5


def advert(desk: Desk, sheet: Sheet, make: Make, box: Box) -> None:
    """A boxed advertisement: its large words, then what stands below or to the left of them."""
    x0, y0, x1, y1 = box
    sheet.frame(box, desk.draw.choice((2, 4, 8)))
    inside = make.size * 0.5
    x0, y0, x1, y1 = x0 + inside, y0 + inside, x1 - inside, y1 - inside
    wide, high = x1 - x0, y1 - y0
    small = make.size * desk.between(0.9, 1.1)
    pitch = small * 1.35
    words = make.text.name(2, 4) + desk.draw.choice([word for word in TRADES if make.show.holds(word)] or ["啟"])
    if wide > 0.8 * high or desk.chance(0.4):
        size = min(wide / len(words) * 0.92, high * 0.3, make.size * 5)
        step = min(size * desk.between(1.0, 1.5), wide / len(words))
        right = x1 - (wide - step * (len(words) - 1) - size) / 2
        inverse = desk.chance(0.25)
        if inverse:
            sheet.black.append((x0, y0 - 2, x1, y0 + size * 1.06))
        sheet.across(
            words, right, y0, make.show, size, step=step, role=Role.HEADLINE, right_to_left=True, white=inverse
        )
        y0 += size * 1.25
    else:
        size = min(high / len(words) * 0.95, wide * 0.35, make.size * 4)
        sheet.down(
            words, x1 - size * 0.55, y0, make.show, size, step=min(size * 1.3, high / len(words)), role=Role.HEADLINE
        )
        x1 -= size * 1.3
    foot = y1
    address = make.text.take(max(3, min(12, int((x1 - x0) / small) - 1)), marks=False)
    below = desk.chance(0.35) and y1 - y0 > 8 * small
    if below:
        foot -= small * 1.7
    columns = columns_in(x1 - x0, pitch)
    if columns >= 1 and foot - y0 >= 3 * small:
        used = max(1, int(columns * desk.between(0.5, 1)))
        left = (x1 - x0 - used * pitch) / 2
        cells = max(3, int((foot - y0) / small) - desk.draw.randint(0, 2))
        for column in range(used):
            count = cells if desk.chance(0.7) else desk.draw.randint(2, cells)
            sheet.down(make.text.take(count, marks=False), x1 - left - (column + 0.5) * pitch, y0, make.face, small)
    if below:
        sheet.across(address, x1, y1 - small * 1.1, make.face, small, right_to_left=True)
