"""Double small notes: which column each half belongs to."""

from __future__ import annotations

from wenyuan.ingest.reading_order import LineBox, arrange

from .single_lines import column, read


def page(notes: list[LineBox]) -> list[LineBox]:
    """Two columns far apart with a note in the middle of the right one: 40 above it, 40 beneath."""
    return [
        column("東南一百二十里至海", 700, 100),
        *notes,
        column("西至分水嶺六十五里", 700, 760),
        column("十五里與西屏縣分界南至白沙墟四十里北至石門塘五十五里", 540, 100),
    ]


def test_halves_that_stand_wide_apart_belong_to_the_column_between_them() -> None:
    lines = page([column("宋時邑人築亭於", 732, 475, 22), column("其巔名曰望海", 668, 475, 22)])
    assert read(arrange(lines[::-1], width=900, height=1300), lines[::-1]) == "".join(line.text for line in lines)


def test_what_is_left_of_a_half_goes_on_beneath_it() -> None:
    halves = [
        column("宋時邑人", 732, 475, 22),
        column("築亭於此", 732, 575, 22),
        column("其巔名曰望海今圮", 668, 475, 22),
    ]
    lines = page(halves)
    assert read(arrange(lines[::-1], width=900, height=1300), lines[::-1]) == "".join(line.text for line in lines)
