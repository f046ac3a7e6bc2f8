"""Notes in the side margin: after the text, before its footnotes."""

from __future__ import annotations

import pytest

from wenyuan.ingest.reading_order import LineBox, arrange

from .single_lines import read, row

LINE = "天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏"


def text_of(lines: list[LineBox]) -> str:
    return "".join(line.text for line in lines)


def text(first: int, count: int) -> list[LineBox]:
    return [row(LINE, 100, 200 + 62 * k) for k in range(first, first + count)]


@pytest.mark.parametrize("footnotes", [0, 2])
def test_notes_beside_the_text_are_read_after_it_though_a_heading_parts_it_there(footnotes: int) -> None:
    heading = row("第二節", 100, 200 + 62 * 12 + 60, 44)
    after = [row(LINE, 100, 200 + 62 * k + 120) for k in range(13, 22)]
    notes = [row("旁注數字小", 1140, 700 + 42 * k, 30) for k in range(4)]
    # footnotes reach over the margin, so that no white runs down the whole page
    foot = [row("腳注" + LINE + LINE[:8], 100, 1760 + 46 * k, 32) for k in range(footnotes)]
    lines = [*text(0, 12), heading, *after, *notes, *foot]
    assert read(arrange(lines[::-1], width=1500, height=2000), lines[::-1]) == text_of(lines)


def test_a_second_column_of_text_is_no_note() -> None:
    right = [row(LINE[:8], 1140, 200 + 62 * k) for k in range(8)]
    below = [row(LINE, 100, 200 + 62 * k + 120) for k in range(10, 14)]
    lines = [*text(0, 8), *right, *below]
    found = read(arrange(lines[::-1], width=1600, height=1400), lines[::-1])
    assert found.endswith(text_of(below))
