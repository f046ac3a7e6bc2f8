"""What a layout works with: chance, text, type, paper."""

from __future__ import annotations

import random

from benchmarks.ocr.sheet import Box, Role, Sheet
from benchmarks.ocr.texts import HELD_OUT, Text
from benchmarks.ocr.typefaces import Face, choose

NUMERALS = "〇一二三四五六七八九"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


class Desk:
    """The makings of one page; the same seed gives the same page."""

    def __init__(self, kind: str, seed: int) -> None:
        self.draw = random.Random(f"{kind}/{seed}")
        self.held_out = seed >= HELD_OUT
        self.faces: list[Face] = []

    def text(self, *, traditional: bool, faces: tuple[Face, ...]) -> Text:
        """Text that these typefaces can print."""
        made = Text(self.draw, traditional=traditional, held_out=self.held_out)
        made.only(*(face.characters for face in faces))
        return made

    def face(self, styles: str, *, traditional: bool, bold: bool | None = None) -> Face:
        """A typeface of the machine."""
        found = choose(self.draw, styles, traditional=traditional, bold=bold)
        self.faces.append(found)
        return found

    def chance(self, share: float) -> bool:
        """True in this share of pages."""
        return self.draw.random() < share

    def between(self, least: float, most: float) -> float:
        """A length."""
        return self.draw.uniform(least, most)

    def numeral(self, number: int) -> str:
        """A number in Chinese digits, 三一二."""
        return "".join(NUMERALS[int(digit)] for digit in str(number))

    def count(self, number: int) -> str:
        """A number as it is said, 三十一; up to 99."""
        tens, ones = divmod(number, 10)
        return (("" if tens == 1 else NUMERALS[tens]) + "十" if tens else "") + (NUMERALS[ones] if ones else "")


def fill_across(
    desk: Desk,
    sheet: Sheet,
    text: Text,
    box: Box,
    face: Face,
    size: float,
    *,
    leading: float = 1.6,
    indent: int = 2,
    paragraph: tuple[int, int] = (40, 260),
    step: float = 0,
) -> float:
    """Fill a box with paragraphs, lines from left to right.

    Args:
        leading: from line to line, in sizes.
        indent: of the first line of a paragraph, in characters.

    Returns:
        The foot of the last line.
    """
    x0, y0, x1, y1 = box
    step = step or size
    per_line = max(4, int((x1 - x0) / step))
    y, rest = y0, ""
    while y + size <= y1:
        first = not rest
        if first:
            rest = "\u3000" * indent + text.paragraph(*paragraph)
        part, rest = rest[:per_line], rest[per_line:]
        if rest and rest[0] in "。，、；：？！":
            part, rest = part + rest[0], rest[1:]
        sheet.across(part, x0, y, face, size, step=step)
        y += size * leading
    return y - size * (leading - 1)


def fill_down(
    sheet: Sheet,
    text: Text,
    box: Box,
    face: Face,
    size: float,
    *,
    pitch: float,
    step: float = 0,
    indent: int = 1,
    paragraph: tuple[int, int] = (30, 200),
    marks: bool = True,
    role: Role = Role.BODY,
    start: str = "",
) -> str:
    """Fill a box with columns from right to left.

    Args:
        pitch: from column to column, in pixels.
        start: text that goes on from a box before.

    Returns:
        What is left of the last paragraph.
    """
    x0, y0, x1, y1 = box
    step = step or size
    per_column = max(2, int((y1 - y0 + step - size) / step))
    x, rest = x1 - pitch / 2, start
    while x - size / 2 >= x0 - 0.01 * size:
        if not rest:
            rest = "\u3000" * indent + text.paragraph(*paragraph, marks=marks)
        part, rest = rest[:per_column], rest[per_column:]
        sheet.down(part, x, y0, face, size, step=step, role=role)
        x -= pitch
    return rest


def columns_in(width: float, pitch: float) -> int:
    """How many columns of a pitch a width holds."""
    return int(width / pitch + 0.001)
