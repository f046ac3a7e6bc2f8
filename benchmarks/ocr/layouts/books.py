"""Horizontal books: of one, two and three columns, facing pages in one scan, contents."""

from __future__ import annotations

from benchmarks.ocr.layouts.desk import Desk, fill_across
from benchmarks.ocr.sheet import Box, Role, Sheet
from benchmarks.ocr.texts import Text
from benchmarks.ocr.typefaces import Face

A4, A5 = (2480, 3508), (1748, 2480)


def _head_and_foot(desk: Desk, sheet: Sheet, text: Text, box: Box, face: Face, size: float) -> tuple[bool, str]:
    """A running head, set at once, if there is one; the page number to be set last."""
    x0, y0, x1, _ = box
    if desk.chance(0.6):
        words = text.name(4, 10)
        wide = len(words) * size
        where = desk.draw.choice((x0, x1 - wide, (x0 + x1 - wide) / 2))
        sheet.across(words, where, y0 - 2.6 * size, face, size, role=Role.FURNITURE)
        if desk.chance(0.5):
            sheet.rule(x0, y0 - 1.2 * size, x1, y0 - 1.2 * size, 2)
    number = str(desk.draw.randint(2, 780))
    return desk.chance(0.85), desk.draw.choice((number, f"· {number} ·", f"— {number} —", f"第{number}页"))


def _foot(sheet: Sheet, box: Box, number: str, face: Face, size: float, *, right: bool | None) -> None:
    x0, _, x1, y1 = box
    wide = sum(face.advance(char, size) if ord(char) < 0x2E80 else size for char in number)
    x = (x0 + x1 - wide) / 2 if right is None else (x1 - wide if right else x0)
    sheet.across(number, x, y1 + 1.4 * size, face, size, role=Role.FURNITURE)


def _book(desk: Desk, sheet: Sheet, box: Box, *, traditional: bool) -> None:
    """One page in a box: head, perhaps a chapter title, paragraphs, verse, footnotes, marginal notes, page number."""
    face = desk.face("song kai fang", traditional=traditional, bold=False)
    bold = desk.face("hei song", traditional=traditional, bold=True)
    text = desk.text(traditional=traditional, faces=(face, bold))
    x0, y0, x1, y1 = box
    size = desk.between(40, 54) * (x1 - x0) / 1900 if x1 - x0 > 1300 else desk.between(34, 42)
    small = size * 0.8
    numbered, number = _head_and_foot(desk, sheet, text, box, face, small)
    leading = desk.between(1.4, 1.9)
    y = y0
    if desk.chance(0.35):
        title = text.name(4, 9)
        large = size * desk.between(1.6, 2.4)
        sheet.across(
            title, (x0 + x1 - len(title) * large * 1.1) / 2, y, bold, large, step=large * 1.1, role=Role.HEADLINE
        )
        y += large * 2.2
    notes = desk.draw.randint(1, 4) if desk.chance(0.35) else 0
    foot = y1 - notes * small * 1.5 - (size if notes else 0)
    margin = (x1 - x0) * 0.17 if desk.chance(0.15) else 0
    right = x1 - margin
    while y + 3 * size < foot:
        part = desk.draw.choice(("text", "text", "text", "head", "verse"))
        if part == "head":
            y += size * 0.6
            words = desk.draw.choice(("", f"{desk.count(desk.draw.randint(1, 19))}、")) + text.name(4, 12)
            sheet.across(words, x0 + desk.draw.choice((0, 2 * size)), y, bold, size * 1.1, role=Role.HEADLINE)
            y += size * 2.1
        elif part == "verse":
            for _ in range(desk.draw.randint(2, 4)):
                if y + size < foot:
                    sheet.across(text.take(7, marks=False) + "，", x0 + 5 * size, y, face, size)
                    y += size * leading
        else:
            down = min(foot, y + desk.between(0.15, 0.5) * (y1 - y0))
            y = fill_across(desk, sheet, text, (x0, y, right, down), face, size, leading=leading) + size * (leading - 1)
    if margin:
        at = y0 + desk.between(0.1, 0.5) * (y1 - y0)
        for _ in range(desk.draw.randint(2, 5)):
            sheet.across(
                text.take(max(3, int((margin - size) / small))), right + size, at, face, small, role=Role.CAPTION
            )
            at += small * 1.3
    if notes:
        sheet.rule(x0, foot + 0.4 * size, x0 + 0.3 * (x1 - x0), foot + 0.4 * size, 2)
        for note in range(notes):
            words = "①②③④"[note] + text.take(desk.draw.randint(12, max(13, int((x1 - x0) / small) - 3)))
            sheet.across(words, x0, foot + size + note * small * 1.5, face, small)
    if numbered:
        _foot(sheet, box, number, face, small, right=desk.draw.choice((None, None, True, False)))


def simplified(desk: Desk) -> Sheet:
    """Simplified book: head, text from top to bottom, marginal notes at its right after it, footnotes, number."""
    width, height = desk.draw.choice((A4, A5, (2067, 2923)))
    sheet = Sheet(width, height)
    _book(desk, sheet, (0.12 * width, 0.11 * height, 0.88 * width, 0.89 * height), traditional=False)
    return sheet


def traditional(desk: Desk) -> Sheet:
    """Traditional horizontal book, read as the simplified one."""
    width, height = desk.draw.choice((A4, A5, (2067, 2923)))
    sheet = Sheet(width, height)
    _book(desk, sheet, (0.12 * width, 0.11 * height, 0.88 * width, 0.89 * height), traditional=True)
    return sheet


def facing(desk: Desk) -> Sheet:
    """Two horizontal pages in one scan: all of the left one (head to number), then all of the right one."""
    sheet = Sheet(3508, 2480)
    both = desk.chance(0.3)
    for left in (0, 1754):
        _book(desk, sheet, (left + 190, 270, left + 1754 - 190, 2480 - 280), traditional=both)
    if desk.chance(0.5):
        sheet.rule(1754, 0, 1754, 2480, 3)
    return sheet


def columns(desk: Desk, count: int, *, traditional: bool = False) -> Sheet:
    """Columns, each from its top to its foot, from left to right.

    A spanning title comes first, footnotes of a column at its foot, spanning footnotes after all columns; headings
    that span all columns part the page into bands.
    """
    width, height = A4
    sheet = Sheet(width, height)
    face = desk.face("song fang", traditional=traditional, bold=False)
    bold = desk.face("hei song kai", traditional=traditional, bold=True)
    text = desk.text(traditional=traditional, faces=(face, bold))
    box = (0.08 * width, 0.09 * height, 0.92 * width, 0.91 * height)
    x0, y0, x1, y1 = box
    size = desk.between(30, 40) if count == 3 else desk.between(34, 46)
    numbered, number = _head_and_foot(desk, sheet, text, box, face, size * 0.85)
    y = y0
    if desk.chance(0.7):
        y = _title(desk, sheet, text, (x0, y, x1, y1), face, bold, size)
    spanning_notes = desk.chance(0.25)
    foot = y1 - (4 * size if spanning_notes else 0)
    gutter = size * desk.between(1.1, 2.4)
    wide = (x1 - x0 - gutter * (count - 1)) / count
    leading = desk.between(1.35, 1.7)
    bands = [(y, foot)]
    if desk.chance(0.3):
        middle = y + (foot - y) * desk.between(0.35, 0.65)
        bands = [(y, middle), (middle + size, foot)]
    ruled = desk.chance(0.3)
    for number_of_band, (head, bottom) in enumerate(bands):
        top = head
        if number_of_band:
            sheet.rule(x0, top - 0.5 * size, x1, top - 0.5 * size, 2)
            words = text.name(6, 14)
            sheet.across(words, (x0 + x1 - len(words) * size * 1.4) / 2, top, bold, size * 1.4, role=Role.HEADLINE)
            top += size * 3
        for column in range(count):
            left = x0 + column * (wide + gutter)
            if ruled and column:
                sheet.rule(left - gutter / 2, top, left - gutter / 2, bottom, 2)
            _column(desk, sheet, text, (left, top, left + wide, bottom), face, bold, size, leading)
    if spanning_notes:
        sheet.rule(x0, foot + size * 0.6, x0 + wide * 0.6, foot + size * 0.6, 2)
        for line in range(2):
            sheet.across(
                text.take(int((x1 - x0) / (size * 0.8)) - 2), x0, foot + size * (1.2 + 1.3 * line), face, size * 0.8
            )
    if numbered:
        _foot(sheet, box, number, face, size * 0.85, right=None)
    return sheet


def _title(desk: Desk, sheet: Sheet, text: Text, box: Box, face: Face, bold: Face, size: float) -> float:
    x0, y, x1, _ = box
    large = size * desk.between(2, 3)
    words = text.name(6, max(7, int((x1 - x0) / large) - 2))
    sheet.across(words, (x0 + x1 - len(words) * large) / 2, y, bold, large, role=Role.HEADLINE)
    y += large * 1.6
    author = text.name(2, 3)
    sheet.across(author, (x0 + x1 - len(author) * size * 1.5) / 2, y, face, size, step=size * 1.5, role=Role.HEADLINE)
    y += size * 2.4
    if desk.chance(0.5):
        inner = (x0 + 4 * size, y, x1 - 4 * size, y + size * 0.9 * 1.5 * desk.draw.randint(3, 6))
        y = fill_across(desk, sheet, text, inner, face, size * 0.9, leading=1.5, paragraph=(180, 300)) + 1.5 * size
    return y


def _column(
    desk: Desk, sheet: Sheet, text: Text, box: Box, face: Face, bold: Face, size: float, leading: float
) -> None:
    x0, y, x1, y1 = box
    noted = desk.chance(0.2)
    foot = y1 - (3.4 * size if noted else 0)
    while y + 2 * size < foot:
        if desk.chance(0.3) and y + 5 * size < foot:
            sheet.across(text.name(4, min(11, int((x1 - x0) / size) - 1)), x0, y, bold, size * 1.05, role=Role.HEADLINE)
            y += size * 1.9
        down = min(foot, y + desk.between(0.2, 0.8) * (foot - y) + 3 * size)
        y = fill_across(desk, sheet, text, (x0, y, x1, down), face, size, leading=leading) + size * (leading - 1)
    if noted:
        sheet.rule(x0, foot + 0.5 * size, x0 + 0.4 * (x1 - x0), foot + 0.5 * size, 2)
        for line in range(2):
            words = text.take(int((x1 - x0) / (size * 0.8)) - 1)
            sheet.across(words, x0, foot + size * (1.0 + 1.2 * line), face, size * 0.8)


def two_columns(desk: Desk) -> Sheet:
    """Two columns, see `columns`."""
    return columns(desk, 2)


def three_columns(desk: Desk) -> Sheet:
    """Three columns, see `columns`."""
    return columns(desk, 3)


def two_columns_traditional(desk: Desk) -> Sheet:
    """Two columns of traditional text, see `columns`."""
    return columns(desk, 2, traditional=True)


def contents(desk: Desk) -> Sheet:
    """A table of contents: line by line, the page number after the title that its leader joins it to."""
    width, height = A5
    sheet = Sheet(width, height)
    face = desk.face("song kai", traditional=False, bold=False)
    text = desk.text(traditional=False, faces=(face,))
    size = desk.between(36, 46)
    sheet.across("目录", width / 2 - size * 2.5, 0.09 * height, face, size * 1.8, step=size * 3.2, role=Role.HEADLINE)
    x0, x1, y = 0.14 * width, 0.86 * width, 0.16 * height
    page, dots = 1, desk.draw.choice(("…", ".", ""))
    while y < 0.9 * height:
        deep = desk.draw.choice((0, 1, 1, 2))
        page += desk.draw.randint(1, 14)
        title = ("" if deep else f"第{desk.count(desk.draw.randint(1, 30))}章\u3000") + text.name(4, 14)
        number = str(page)
        wide = sum(face.advance(char, size) for char in number)
        end = x0 + deep * 1.5 * size + len(title) * size
        leaders = int((x1 - wide - end - size) / (size if dots == "…" else size / 2)) if dots else 0
        if leaders > 2 and face.holds(dots):
            words = title + dots * leaders if dots == "…" else title
            sheet.across(words, x0 + deep * 1.5 * size, y, face, size)
        else:
            sheet.across(title, x0 + deep * 1.5 * size, y, face, size)
        sheet.across(number, x1 - wide, y, face, size)
        y += size * desk.draw.choice((1.6, 1.6, 2.2))
    return sheet
