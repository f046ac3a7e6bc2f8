"""Double small notes: which column each half belongs to."""

from __future__ import annotations

import pytest

from wenyuan.ingest.reading_order import LineBox, arrange

from .single_lines import column, read

FULL = "東南一百二十里東至海岸三十里西至分水嶺六十五里"


def page(middle: list[LineBox]) -> list[LineBox]:
    """Five columns from the right, wide apart; `middle` is what stands in the third, about x = 500."""
    return [
        *(column(FULL, 760 - 130 * k, 100) for k in range(2)),
        *middle,
        *(column(FULL, 370 - 130 * k, 100) for k in range(2)),
    ]


@pytest.mark.parametrize("beside", [26, 28, 31])
def test_halves_that_stand_wide_apart_belong_to_the_column_between_them(beside: float) -> None:
    halves = [column("宋時邑人築亭於其巔", 500 + beside, 100, 22), column("名曰望海今圮而基存", 500 - beside, 100, 22)]
    lines = page([*halves, column("南山在縣南五里高三百丈縣之鎮山也", 500, 330)])
    assert read(arrange(lines[::-1], width=900, height=1100), lines[::-1]) == "".join(line.text for line in lines)


def test_what_is_left_of_a_half_goes_on_beneath_it() -> None:
    halves = [
        *(column("宋時邑", 531, 100, 22), column("人築亭於其巔", 531, 168, 22)),
        column("名曰望海今圮而基存", 469, 100, 22),
    ]
    lines = page([*halves, column("南山在縣南五里高三百丈縣之鎮山也", 500, 330)])
    assert read(arrange(lines[::-1], width=900, height=1100), lines[::-1]) == "".join(line.text for line in lines)
