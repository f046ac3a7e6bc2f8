"""Vertical books of lead type: one page, or two facing ones in one scan."""

from __future__ import annotations

from benchmarks.ocr.layouts.books import A4, A5
from benchmarks.ocr.layouts.desk import Desk, fill_down
from benchmarks.ocr.sheet import Box, Role, Sheet
from benchmarks.ocr.texts import Text
from benchmarks.ocr.typefaces import Face


def _vertical(desk: Desk, sheet: Sheet, box: Box, *, left_page: bool) -> None:
    """A vertical page of lead type: columns from right to left, notes over the text before it.

    Head and number are furniture. Above the text or below it they are read first or last; in the outer margin they are
    read as a column is: of a right page before the text, of a left page after it.
    """
    face = desk.face("song kai fang", traditional=True, bold=False)
    bold = desk.face("song hei kai", traditional=True, bold=True)
    text = desk.text(traditional=True, faces=(face, bold))
    x0, y0, x1, y1 = box
    size = desk.between(36, 62) * min(1.0, (x1 - x0) / 1300)
    small = size * 0.7
    margin = x0 - 1.1 * size if left_page else x1 + 1.1 * size
    head, number = text.name(3, 7), desk.numeral(desk.draw.randint(2, 640))
    headed, numbered = desk.draw.choice(("margin", "above", "")), desk.draw.choice(("margin", "below", ""))

    def in_margin() -> None:
        if headed == "margin":
            sheet.down(head, margin, y0 + size, face, small, role=Role.FURNITURE)
        if numbered == "margin":
            sheet.down(number, margin, y1 - 5 * size, face, small, role=Role.FURNITURE)

    if headed == "above":
        left = (x0 + x1 - len(head) * small) / 2
        sheet.across(head, left, y0 - 1.9 * small, face, small, role=Role.FURNITURE)
    if not left_page:
        in_margin()
    _columns(desk, sheet, text, box, face, bold, size)
    if left_page:
        in_margin()
    if numbered == "below":
        sheet.across(number, (x0 + x1) / 2 - small, y1 + 0.8 * size, face, small, role=Role.FURNITURE)


def _columns(desk: Desk, sheet: Sheet, text: Text, box: Box, face: Face, bold: Face, size: float) -> None:
    """The frame and what stands in it."""
    x0, y0, x1, y1 = box
    pitch, step = size * desk.between(1.5, 2.1), size * desk.draw.choice((1.0, 1.0, 1.08, 1.2))
    marks, framed, top = desk.chance(0.6), desk.chance(0.5), y0
    if desk.chance(0.15):
        small = size * 0.7
        shelf = y0 + 7 * small
        over = (x0 + (x1 - x0) * desk.between(0, 0.6), y0 + 0.3 * small, x1, shelf - 0.4 * small)
        told = Role.CAPTION
        fill_down(sheet, text, over, face, small, pitch=small * 1.3, paragraph=(20, 60), marks=marks, role=told)
        top = shelf + 0.4 * small
        if framed:
            sheet.rule(x0, shelf, x1, shelf, 3)
    wide = int((x1 - x0) / pitch) * pitch
    right = x1 - (x1 - x0 - wide) / 2
    left = right - wide
    if framed:
        sheet.frame(box, desk.draw.choice((3, 6)))
        if desk.chance(0.4):
            for number in range(1, round(wide / pitch)):
                sheet.rule(right - number * pitch, top, right - number * pitch, y1, 2)
    if desk.chance(0.4):
        large = min(size * 1.35, pitch * 1.5)
        sheet.down(text.name(3, 9), right - pitch, top + 2.5 * size, bold, large, role=Role.HEADLINE)
        right -= 2 * pitch
    inner = (left, top + 0.5 * size, right, y1 - 0.4 * size)
    indent = desk.draw.choice((0, 1, 2))
    fill_down(sheet, text, inner, face, size, pitch=pitch, step=step, indent=indent, marks=marks)


def single(desk: Desk) -> Sheet:
    """One vertical page: head, notes over the text, columns from right to left, number."""
    width, height = desk.draw.choice((A4, A5, (2067, 2923), (1654, 2339)))
    sheet = Sheet(width, height, writing="vertical")
    _vertical(desk, sheet, (0.12 * width, 0.12 * height, 0.88 * width, 0.88 * height), left_page=desk.chance(0.5))
    return sheet


def facing(desk: Desk) -> Sheet:
    """Two vertical pages in one scan: all of the right one, then all of the left one."""
    sheet = Sheet(3508, 2480, writing="vertical")
    for left in (1754, 0):
        _vertical(desk, sheet, (left + 200, 280, left + 1754 - 200, 2480 - 280), left_page=left == 0)
    return sheet
