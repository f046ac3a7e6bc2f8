"""Pages of pictures: captions in groups, rows of pictures from the top."""

from __future__ import annotations

from wenyuan.ingest.reading_order import LineBox, arrange
from wenyuan.repo.layers import Direction

from .single_lines import column, read, row


def text_of(lines: list[LineBox]) -> str:
    return "".join(line.text for line in lines)


def test_the_lines_of_a_caption_stay_together_beside_a_shorter_caption() -> None:
    lines = [
        *(row("老人說橋板上有", 150, 1500), row("一塊青石雨天會顯出魚的影子", 150, 1556)),
        row("我小時候常去", 1300, 1500),
    ]
    assert read(arrange(lines[::-1], width=2480, height=1754), lines[::-1]) == text_of(lines)


def test_rows_of_pictures_are_read_from_the_top_each_from_the_left() -> None:
    lines = [row(f"圖{r}{c}街口的照片", 150 + 800 * c, 800 + 800 * r) for r in range(2) for c in range(3)]
    assert read(arrange(lines[::-1], width=2480, height=1754), lines[::-1]) == text_of(lines)


def test_captions_in_columns_beside_pictures_are_read_picture_by_picture() -> None:
    upper = [column("昨日上午十時", 220, 170)]
    lower = [column("在橋南廣場舉行通車典禮", 320 - 60 * k, 1280) for k in range(3)]
    lines = upper + lower
    assert read(arrange(lines[::-1], width=1754, height=2480), lines[::-1]) == text_of(lines)


def test_a_caption_dated_from_right_to_left_runs_so_with_the_lines_beside_it() -> None:
    lines = [row("攝光華", 500, 1150), row("年五廿國民", 680, 1150), row("橋濟通", 940, 1150)]
    found = arrange(lines, width=1656, height=1228)
    assert read(found, lines) == "通濟橋民國廿五年華光攝"
    assert {line.direction for region in found.regions for line in region.lines} == {Direction.RIGHT_TO_LEFT}


def test_a_caption_of_today_runs_from_left_to_right() -> None:
    lines = [row("通濟橋", 500, 1150), row("民國廿五年", 680, 1150), row("華光攝", 940, 1150)]
    assert read(arrange(lines[::-1], width=1656, height=1228), lines[::-1]) == "通濟橋民國廿五年華光攝"
