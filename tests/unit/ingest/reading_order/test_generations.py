"""Charts of generations: tier by tier, with each name what hangs under it."""

from __future__ import annotations

import pytest

from wenyuan.ingest.reading_order import LineBox, Rule, arrange
from wenyuan.ingest.reading_order.generations import generations
from wenyuan.ingest.reading_order.pieces import pieces_of
from wenyuan.ingest.reading_order.skew import lean

from .single_lines import column, read

FIRST = "甲乙丙丁戊己庚"
SMALL = 22


def person(name: str, told: list[str], x: float, y: float, em: float = 40) -> list[LineBox]:
    """A name, and small columns side by side from right to left under its middle."""
    under = y + len(name) * em + 8
    right = x + (len(told) - 1) / 2 * 1.25 * SMALL
    return [
        column(name, x, y, em),
        *(column(text, right - k * 1.25 * SMALL, under, SMALL) for k, text in enumerate(told)),
    ]


def tier(number: int, y: float, *, told: int = 3, pitch: float = 100) -> list[LineBox]:
    """A generation: seven persons from the right."""
    lines = []
    for k, first in enumerate(FIRST):
        notes = [f"{first}{number}生於此地{side}"[: 7 - (side == told)] for side in range(1, told + 1)]
        lines += person(f"{first}{number}", notes, 900 - k * pitch, y)
    return lines


def text_of(lines: list[LineBox]) -> str:
    return "".join(line.text for line in lines)


def test_all_that_hangs_under_a_name_follows_it_right_column_first() -> None:
    lines = tier(1, 100) + tier(2, 500) + tier(3, 900)
    assert read(arrange(lines[::-1], width=1000, height=1300), lines[::-1]) == text_of(lines)


def test_upright_rules_that_stand_in_line_through_generations_do_not_part_them() -> None:
    lines = tier(1, 100) + tier(2, 500)
    rules = [Rule(950 - 200 * k, 80, 950 - 200 * k, 880) for k in range(5)]
    assert read(arrange(lines[::-1], width=1000, height=950, rules=rules), lines[::-1]) == text_of(lines)


def test_a_title_beside_the_chart_comes_first() -> None:
    title = column("寶安鄭氏族譜卷三世系", 1000, 130, 34)
    lines = [title, *tier(1, 100), *tier(2, 500)]
    assert read(arrange(lines[::-1], width=1060, height=900), lines[::-1]) == text_of(lines)


@pytest.mark.parametrize("found", [0, 1, 3])
def test_names_of_a_family_tree_are_read_by_generation_though_far_apart(found: int) -> None:
    lines = [column("始祖一", 1240, 176, 45)]
    lines += [column(name, x, 353, 45) for name, x in (("長房", 1815), ("次房", 680))]
    lines += [column(name, x, 530, 45) for name, x in (("東至海", 2100), ("岸上", 1540), ("十里", 970), ("西至", 400))]
    lines += [column(f"孫{'甲乙丙丁戊'[k]}名", 2250 - 470 * k, 707, 45) for k in range(5)]
    bars = [Rule(680, 311, 1815, 311), Rule(400, 488, 2100, 488), Rule(370, 665, 2250, 665)]
    assert read(arrange(lines[::-1], width=2480, height=1754, rules=bars[:found]), lines[::-1]) == text_of(lines)


def test_rules_through_the_midst_make_one_page_of_a_wide_chart() -> None:
    left = [line for line in tier(1, 100, pitch=80) if line.quad[0][0] > 0]
    right = [
        LineBox(tuple((x + 900, y) for x, y in b.quad), b.text, tuple((x + 900, y) for x, y in b.centres)) for b in left
    ]
    both = [(moved(right, down), moved(left, down)) for down in (0, 400)]
    lines = [line for sides in both for side in sides for line in side]
    rules = [Rule(300, 80 + 400 * k, 1900, 80 + 400 * k) for k in range(3)]
    found = arrange(lines[::-1], width=2000, height=1000, rules=rules)
    assert found.facing_at is None
    assert read(found, lines[::-1]) == text_of(lines)


def moved(lines: list[LineBox], down: float) -> list[LineBox]:
    return [
        LineBox(tuple((x, y + down) for x, y in b.quad), b.text, tuple((x, y + down) for x, y in b.centres))
        for b in lines
    ]


def test_verse_set_in_tiers_is_no_chart() -> None:
    verse = [
        column(f"{a}{b}言詩句", 900 - 90 * k, y) for k, a in enumerate(FIRST) for b, y in (("上", 100), ("下", 420))
    ]
    assert read(arrange(verse[::-1], width=1000, height=700), verse[::-1]).startswith("甲上言詩句")
    assert generations(pieces_of(verse, [], lean(verse, [], (0, 0))), []) is None


def test_headlines_beside_their_columns_are_no_chart() -> None:
    lines = []
    for block in range(2):
        for y in (100, 500):
            x = 1500 - block * 700
            lines.append(column("大號外", x, y, 90))
            lines += [column("本報特訊昨日上午通車典禮", x - 90 - 50 * k, y, 30) for k in range(9)]
    rules = [Rule(100, 480, 1560, 480), Rule(850, 80, 850, 900)]
    found = read(arrange(lines, width=1660, height=1000, rules=rules), lines)
    assert found.count("大號外" + "本報特訊昨日上午通車典禮" * 9) == 4
