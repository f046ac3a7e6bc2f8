"""What decides the order of a newspaper where white alone leaves it open: headlines, frames, marks in the gutter."""

from __future__ import annotations

from itertools import count, pairwise

import pytest

from wenyuan.ingest.reading_order import LineBox, Rule, arrange

from .test_arrange import column, read, row

WIDTH, HEIGHT = 2000, 1500
PITCH = 60


class Press:
    """Sets blocks of a page; each character is another one, so that the order can be read off the text."""

    def __init__(self) -> None:
        self.lines: list[LineBox] = []
        self.rules: list[Rule] = []
        self.blocks: list[str] = []
        self._next = map(chr, count(0x4E00))

    def words(self, length: int) -> str:
        return "".join(next(self._next) for _ in range(length))

    def block(self, right: float, top: float, *, headed: bool, columns: int = 8, cells: int = 8) -> None:
        """A tier of columns, its headline in larger type at its right."""
        text = ""
        if headed:
            text = self.words(5)
            self.lines.append(column(text, right - 40, top, size=64))
            right -= 90
        for number in range(columns - headed):
            text += (words := self.words(cells))
            self.lines.append(column(words, right - 20 - PITCH * number, top))
        self.blocks.append(text)

    def frame(self, left: float, top: float, right: float, bottom: float) -> None:
        corners = (left, top), (right, top), (right, bottom), (left, bottom), (left, top)
        self.rules += [Rule(*a, *b) for a, b in pairwise(corners)]

    def read(self) -> str:
        found = arrange(self.lines, width=WIDTH, height=HEIGHT, rules=self.rules)
        return read(found, self.lines)

    def in_order(self, *order: int) -> str:
        return "".join(self.blocks[number] for number in order)


@pytest.mark.parametrize(("headed", "order"), [(True, (0, 2, 1, 3)), (False, (0, 1, 2, 3))])
def test_headlines_beneath_a_level_corridor_make_it_the_end_of_the_articles_above(
    headed: bool, order: tuple[int, ...]
) -> None:
    """White between tiers and between blocks is the same: only what begins beneath tells which goes first."""
    press = Press()
    for right in (1900, 1300):
        press.block(right, 100, headed=True, columns=9)
        press.block(right, 480, headed=headed, columns=9)
    assert press.read() == press.in_order(*order)


def test_text_beside_its_headline_is_headed_too() -> None:
    """White beside a headline, in line with the white above, does not make the text beside it go on from above."""
    press = Press()
    press.block(1900, 100, headed=False, columns=3)
    press.block(1660, 100, headed=False, columns=9)
    above = "".join(press.blocks)
    headline = press.words(5)
    press.lines.append(column(headline, 1780, 480, size=64))
    press.block(1660, 480, headed=False, columns=9)
    assert press.read() == above + headline + press.blocks[-1]


def test_framed_advertisements_stay_together_though_white_runs_through_them() -> None:
    """Two rows of frames; the white within a frame of one row lies in line with the white between two of the other."""
    press = Press()
    spans = ((1500, 1900), (1000, 1480)), ((1300, 1900), (1000, 1280))
    for top, row_of in zip((100, 600), spans, strict=True):
        for left, right in row_of:
            press.frame(left, top, right, top + 440)
            press.block(right - 30, top + 30, headed=True, columns=4)
    assert press.read() == press.in_order(0, 1, 2, 3)


def test_sides_of_neighbouring_frames_make_no_frame_of_their_own() -> None:
    press = Press()
    for number, top in enumerate((100, 560, 1020)):
        press.frame(1400, top, 1900, top + 440)
        press.block(1870, top + 30, headed=number > 0, columns=6)
    assert press.read() == press.in_order(0, 1, 2)


def test_a_line_over_the_foot_of_an_advertisement_comes_last() -> None:
    press = Press()
    press.block(1900, 100, headed=False, columns=9)
    foot = press.words(6)
    press.lines.append(row(foot, 1640, 500))
    assert press.read() in (press.blocks[0] + foot, press.blocks[0] + foot[::-1])


def test_marks_that_hang_into_the_gutter_do_not_bar_it() -> None:
    """Two columns of level lines; each line of the left one ends with a mark outside the measure."""
    press = Press()
    lines, columns = [], ["", ""]
    for number in range(12):
        for side, left in enumerate((100, 560)):
            words = press.words(10) + ("，" if not side else "")
            columns[side] += words
            lines.append(row(words, left, 100 + 62 * number))
    found = arrange(lines, width=1100, height=1000)
    assert read(found, lines) == "".join(columns)


@pytest.mark.parametrize(("printed", "meant"), [("報日民國", "國民日報"), ("國民日報", "國民日報")])
def test_a_masthead_set_so_wide_that_each_character_is_a_line_is_read_as_its_words_run(
    printed: str, meant: str
) -> None:
    press = Press()
    press.block(1900, 400, headed=False, columns=20)
    for number, character in enumerate(printed):
        narrow = 30 if character == "日" else 50
        x, y = 700 + 150 * number, 200
        press.lines.append(
            LineBox(((x - narrow, y - 50), (x + narrow, y - 50), (x + narrow, y + 50), (x - narrow, y + 50)), character)
        )
    assert press.read() == meant + press.blocks[0]
