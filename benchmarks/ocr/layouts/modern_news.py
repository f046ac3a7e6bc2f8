"""Horizontal newspapers: articles in blocks, headlines over their columns, pictures with captions, boxes.

Bands from top to bottom, in a band blocks from left to right; in a block headlines, then its columns from left to
right, each from top to bottom; a caption where its picture stands, after the text above it in the same column.
"""

from __future__ import annotations

from benchmarks.ocr.layouts.desk import Desk, fill_across
from benchmarks.ocr.sheet import Box, Role, Sheet
from benchmarks.ocr.texts import Text
from benchmarks.ocr.typefaces import Face

PAPERS = ("深圳特区报", "宝安日报", "南方日报", "羊城晚报", "文化周刊", "人民日报")


def page(desk: Desk) -> Sheet:
    """A page of two to four bands of one to three articles."""
    width, height = desk.draw.choice(((2480, 3508), (2480, 1754), (2067, 2923)))
    sheet = Sheet(width, height)
    face = desk.face("song fang", traditional=False, bold=False)
    bold = desk.face("hei song kai", traditional=False, bold=True)
    text = desk.text(traditional=False, faces=(face, bold))
    size = desk.between(28, 38)
    x0, y0, x1, y1 = 0.05 * width, 0.04 * height, 0.95 * width, 0.96 * height
    if desk.chance(0.7):
        large = size * desk.between(2.5, 4)
        name = desk.draw.choice([words for words in PAPERS if bold.holds(words)] or ["日报"])
        sheet.across(name, x0, y0, bold, large, role=Role.HEADLINE)
        date = f"{desk.draw.randint(1950, 2008)}年{desk.draw.randint(1, 12)}月{desk.draw.randint(1, 28)}日 "
        date += "星期" + desk.draw.choice("一二三四五六日")
        if x0 + len(name) * large + 18 * size < x1:
            sheet.across(date, x1 - 14 * size, y0 + large - 1.3 * size, face, size)
        y0 += large * 1.3
        sheet.rule(x0, y0 - large * 0.12, x1, y0 - large * 0.12, 4)
    ruled = desk.chance(0.5)
    bands = desk.draw.randint(2, 4) if height > width else desk.draw.randint(1, 2)
    high = (y1 - y0) / bands
    gutter = size * desk.between(0.9, 1.6)
    for band in range(bands):
        top, foot = y0 + band * high + (size if band else 0), y0 + (band + 1) * high - 0.4 * size
        if band and ruled:
            sheet.rule(x0, top - 0.6 * size, x1, top - 0.6 * size, 3)
        grid = desk.draw.randint(3, 5)
        wide = (x1 - x0 - (grid - 1) * gutter) / grid
        column = 0
        while column < grid:
            span = min(grid - column, desk.draw.randint(1, 3))
            left = x0 + column * (wide + gutter)
            if column and ruled:
                sheet.rule(left - gutter / 2, top, left - gutter / 2, foot, 2)
            _article(
                desk,
                sheet,
                text,
                (left, top, left + span * (wide + gutter) - gutter, foot),
                face,
                bold,
                size,
                span,
                gutter,
            )
            column += span
    return sheet


def _article(
    desk: Desk, sheet: Sheet, text: Text, box: Box, face: Face, bold: Face, size: float, span: int, gutter: float
) -> None:
    x0, y0, x1, y1 = box
    boxed = desk.chance(0.15)
    if boxed:
        sheet.frame((x0 - 0.3 * gutter, y0 - 0.2 * size, x1 + 0.3 * gutter, y1 + 0.2 * size), 2)
        x0, x1, y0, y1 = x0 + 0.3 * size, x1 - 0.3 * size, y0 + 0.4 * size, y1 - 0.2 * size
    wide = x1 - x0
    for part in range(desk.draw.choice((1, 1, 2))):
        large = size * (desk.between(1.5, 1.5 + 0.8 * span) if not part else 1.3)
        count = max(4, min(int(wide / large) - 1, desk.draw.randint(6, 18)))
        large = min(large, wide / count)
        words = text.take(count, marks=False)
        at = x0 + (wide - count * large) / 2 if desk.chance(0.6) else x0
        sheet.across(words, at, y0, bold, large, role=Role.HEADLINE)
        y0 += large * 1.35
    if desk.chance(0.4):
        sheet.across("本报讯（记者" + text.name(2, 3) + "）", x0, y0, face, size)
        y0 += size * 1.5
    column = (wide - (span - 1) * gutter) / span
    pictured = desk.draw.randrange(span) if desk.chance(0.3) else None
    for number in range(span):
        left = x0 + number * (column + gutter)
        top, foot = y0, y1
        if number == pictured and foot - top > 14 * size:
            high = desk.between(0.25, 0.5) * (foot - top)
            top += _photograph(desk, sheet, text, (left, top, left + column, top + high), face, size)
        fill_across(desk, sheet, text, (left, top, left + column, foot), face, size, leading=1.4)


def _photograph(desk: Desk, sheet: Sheet, text: Text, box: Box, face: Face, size: float) -> float:
    """A picture at the top of a column and the caption under it; how high both are."""
    x0, y0, x1, y1 = box
    sheet.pictures.append(box)
    per_line = int((x1 - x0) / (size * 0.9))
    y = y1 + 0.5 * size
    for _ in range(desk.draw.randint(1, 2)):
        sheet.across(
            text.take(desk.draw.randint(max(3, per_line // 2), per_line)), x0, y, face, size * 0.9, role=Role.CAPTION
        )
        y += size * 1.2
    return y + 0.8 * size - y0
