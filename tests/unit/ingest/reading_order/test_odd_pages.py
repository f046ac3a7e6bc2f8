"""Whatever boxes and rules come: every character once, in some order, and no error."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from wenyuan.ingest.reading_order import Arrangement, LineBox, Rule, arrange

WIDTH, HEIGHT = 1500, 1200
WORDS = ("...", "11.", "il,", "一", "報", "第一章", "Chapter", "道有誰同筆尖凍折新", "，", "")


def odd_line(chance: random.Random) -> LineBox:
    """A line anywhere, of any size, also of none, now and then without the places of its characters."""
    text = chance.choice(WORDS)
    x, y = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT)
    wide, high = (chance.choice((0.0, 1.0, 12.0, 40.0, 300.0)) for _ in range(2))
    centres = []
    if chance.random() < 0.8:
        for number in range(len(text)):
            along = (number + 0.5) / len(text)
            centres.append((x + wide * (along if wide > high else 0.5), y + high * (0.5 if wide > high else along)))
    quad = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
    return LineBox(quad, text, tuple(centres))


def odd_rule(chance: random.Random) -> Rule:
    x, y, length = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT), chance.uniform(0, 800)
    return Rule(x, y, x + length, y + 2) if chance.random() < 0.5 else Rule(x, y, x + 2, y + length)


def characters(found: Arrangement) -> Counter[tuple[int, int]]:
    return Counter(
        (line.index, place)
        for region in found.regions
        for line in region.lines
        for place in range(line.start, line.end)
    )


@pytest.mark.parametrize("seed", range(60))
def test_every_character_of_an_odd_page_comes_out_once(seed: int) -> None:
    chance = random.Random(seed)
    lines = [odd_line(chance) for _ in range(chance.choice((1, 2, 8, 40)))]
    if seed % 3 == 0:  # heaps: many lines on one place
        lines += [LineBox(lines[0].quad, "同年金君卿", ()) for _ in range(12)]
    rules = [odd_rule(chance) for _ in range(chance.choice((0, 3, 30)))]
    found = arrange(lines, width=WIDTH, height=HEIGHT, rules=rules)
    assert characters(found) == Counter((k, at) for k, line in enumerate(lines) for at in range(len(line.text)))


def test_three_dots_beside_a_word_that_overlaps_them_are_put_in_order() -> None:
    def level(text: str, x0: float, x1: float) -> LineBox:
        step = (x1 - x0) / len(text)
        centres = tuple((x0 + (k + 0.5) * step, 115.0) for k in range(len(text)))
        return LineBox(((x0, 100), (x1, 100), (x1, 130), (x0, 130)), text, centres)

    lines = [level("Chapter", 10, 104), level("...", 100, 118)]
    found = arrange(lines, width=400, height=300)
    assert [line.index for region in found.regions for line in region.lines] == [0, 1]


def test_a_rule_whose_place_is_no_number_is_passed_over() -> None:
    line = LineBox(((0, 0), (40, 0), (40, 40), (0, 40)), "報")
    assert arrange([line], width=100, height=100, rules=[Rule(math.nan, 0, math.inf, 2)]).regions


def test_a_line_whose_place_is_no_number_is_named() -> None:
    with pytest.raises(ValueError, match="報"):
        LineBox(((math.nan, 0), (40, 0), (40, 40), (0, 40)), "報")


def test_a_wide_page_that_has_no_facing_pages_is_read_in_its_columns_all_the_same() -> None:
    def row(text: str, x: float, y: float) -> LineBox:
        centres = tuple((x + 40 * (k + 0.5), y + 20) for k in range(len(text)))
        right = x + 40 * len(text)
        return LineBox(((x, y), (right, y), (right, y + 40), (x, y + 40)), text, centres)

    columns = [[row("天地玄黃宇宙洪荒日月盈昃辰宿列張", x, 100 + 60 * k) for k in range(10)] for x in (150, 1150, 2150)]
    lines = [line for together in zip(*columns, strict=True) for line in together]
    found = arrange(lines, width=3000, height=1200, facing=False)
    order = [line.index for region in found.regions for line in region.lines]
    assert [lines[k].quad[0][0] for k in order] == [150] * 10 + [1150] * 10 + [2150] * 10


def test_frames_of_a_form_with_thousands_of_rules_are_not_all_sought() -> None:
    rules = [Rule(20 * k, 20 * j, 20 * k + 18, 20 * j) for k in range(60) for j in range(40)]
    rules += [Rule(20 * k, 20 * j, 20 * k, 20 * j + 18) for k in range(60) for j in range(40)]
    lines = [LineBox(((x, 100), (x + 120, 100), (x + 120, 130), (x, 130)), "地形圖") for x in (100, 500, 900)]
    found = arrange(lines, width=1200, height=800, rules=rules)
    assert sum(characters(found).values()) == 9
