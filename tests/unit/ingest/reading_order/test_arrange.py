"""Reading order of pages as a detector gives them: what is asked of every page, and of each layout."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from rapidfuzz.distance import Levenshtein

from wenyuan.ingest.reading_order import Arrangement, LineBox, Rule, Writing, arrange
from wenyuan.repo.layers import Direction, RegionKind

from .made_layouts import CLEAN, KINDS, Area, Detected, Page, Wear, columns, detected, leaf, made
from .single_lines import column, read, row


def arranged(page: Detected) -> Arrangement:
    return arrange(page.lines, width=page.width, height=page.height, rules=page.rules)


def loss(page: Detected) -> float:
    """Errors that order alone costs, in percent: every character is there, so that any order-free rate would be 0."""
    return 100 * Levenshtein.distance(page.truth, read(arranged(page), page.lines)) / len(page.truth)


# --- what is asked of every page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [300, 301])
def test_every_character_comes_out_once(kind: str, seed: int) -> None:
    page = detected(made(kind, seed), Wear(broken=0.05, merged=0.05), seed)
    seen = Counter(
        (line.index, k)
        for region in arranged(page).regions
        for line in region.lines
        for k in range(line.start, line.end)
    )
    assert seen == Counter((number, k) for number, line in enumerate(page.lines) for k in range(len(line.text)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_moved_or_enlarged_reads_the_same(kind: str) -> None:
    page = detected(made(kind, 310), Wear(), 310)

    def moved(x: float, y: float) -> tuple[float, float]:
        return x * 1.75 + 220, y * 1.75 + 130

    lines = [
        LineBox(tuple(moved(*c) for c in line.quad), line.text, tuple(moved(*c) for c in line.centres))
        for line in page.lines
    ]
    rules = [Rule(*moved(r.x0, r.y0), *moved(r.x1, r.y1)) for r in page.rules]
    there = arrange(lines, width=page.width * 1.75 + 440, height=page.height * 1.75 + 260, rules=rules)
    assert read(there, lines) == read(arranged(page), page.lines)


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_detector_does_not_matter(kind: str) -> None:
    page = detected(made(kind, 320), Wear(), 320)
    shuffled = list(page.lines)
    random.Random(1).shuffle(shuffled)
    again = arrange(shuffled, width=page.width, height=page.height, rules=page.rules)
    assert read(again, shuffled) == read(arranged(page), page.lines)


def test_noise_alone_is_put_in_some_order() -> None:
    chance = random.Random(5)
    lines = []
    for _ in range(400):
        x, y, wide, high = (
            chance.uniform(-50, 2000),
            chance.uniform(-50, 2000),
            chance.uniform(0, 900),
            chance.uniform(0, 900),
        )
        quad = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
        lines.append(LineBox(quad, chance.choice(["", "一", "深圳", "abc", "民國日報社"])))
    found = arrange(lines, width=2000, height=2000, rules=[Rule(0, 0, 0, 0), Rule(5, 5, 1999, 6)])
    assert Counter(read(found, lines)) == Counter("".join(line.text for line in lines))


def test_an_empty_page_has_no_regions() -> None:
    assert arrange([], width=100, height=100).regions == ()


def test_centres_must_match_the_text() -> None:
    with pytest.raises(ValueError, match="1 centres for 2 characters"):
        LineBox(((0, 0), (1, 0), (1, 1), (0, 1)), "深圳", ((0, 0),))


# --- what order may cost, over many pages nobody tuned to ------------------------------------------------------------

MOST = {
    "vertical newspaper in tiers": 6.0,
    "vertical newspaper in blocks": 6.0,
    "vertical newspaper, nested": 6.0,
    "horizontal newspaper": 6.0,
    "horizontal book": 2.0,
    "old book": 0.5,
    "four leaves": 0.5,
    "genealogy": 0.5,
}
"""Percent over 20 worn pages. A fifth of the newspapers and more have no rules at all, and not every reader would agree
on them; the median page is held to 1."""


@pytest.mark.parametrize("kind", KINDS)
def test_order_costs_little_on_worn_pages(kind: str) -> None:
    costs = [loss(detected(made(kind, seed), Wear(), seed)) for seed in range(400, 420)]
    assert sum(costs) / len(costs) <= MOST[kind], costs
    assert sorted(costs)[len(costs) // 2] <= 1.0, costs


# --- one layout each -------------------------------------------------------------------------------------------------


def test_tiers_of_a_vertical_page_are_read_from_the_top_each_from_the_right() -> None:
    page = Page(2000, 1600, random.Random(1))
    columns(page, Area(100, 100, 1900, 700), 40, 55)
    columns(page, Area(100, 760, 1900, 1500), 40, 55)
    assert loss(detected(page, CLEAN)) == 0


def test_a_thick_rule_between_halves_is_stronger_than_the_rules_between_their_tiers() -> None:
    page = Page(2000, 1600, random.Random(2))
    for right in (1900, 970):
        columns(page, Area(right - 870, 100, right, 700), 40, 55)
        page.rule(right - 870, 740, right, 740)
        columns(page, Area(right - 870, 780, right, 1500), 40, 55)
    page.rule(1000, 80, 1000, 1520)
    assert loss(detected(page, CLEAN)) == 0


def test_a_column_detected_across_two_tiers_is_parted() -> None:
    joined = column("甲乙丙丁戊己庚辛壬癸", 500, 100)
    centres = tuple((x, y if k < 5 else y + 60) for k, (x, y) in enumerate(joined.centres))
    quad = (*joined.quad[:2], (520, 560), (480, 560))
    lines = [LineBox(quad, joined.text, centres)]
    for k in range(1, 7):
        lines += [column("子丑寅卯辰", 500 - 60 * k, 100), column("巳午未申酉", 500 - 60 * k, 360)]
    found = arrange(lines, width=600, height=700, rules=[Rule(80, 330, 560, 330)])
    assert read(found, lines) == "甲乙丙丁戊" + "子丑寅卯辰" * 6 + "己庚辛壬癸" + "巳午未申酉" * 6


def test_double_notes_are_read_right_then_left_then_the_column_goes_on() -> None:
    lines = [
        column("右漢費鳳碑云", 500, 100),
        column("集本有君", 511, 345, 20),
        column("諱鳳三字", 489, 345, 20),
        column("字伯蕭梁相之元子也", 500, 430),
        column("孝廉拜郎中除陳國新平長又云試守", 420, 100),
    ]
    random.Random(3).shuffle(lines)
    found = arrange(lines, width=600, height=900)
    assert read(found, lines) == "右漢費鳳碑云集本有君諱鳳三字字伯蕭梁相之元子也孝廉拜郎中除陳國新平長又云試守"
    notes = {lines[line.index].text for region in found.regions for line in region.lines if line.note}
    assert notes == {"集本有君", "諱鳳三字"}


def test_headlines_of_old_newspapers_run_from_right_to_left() -> None:
    lines = [row("報日民國", 700, 60, 80)] + [column("天地玄黃宇宙洪荒日月", 1600 - 60 * k, 200) for k in range(25)]
    found = arrange(lines, width=1700, height=700)
    assert read(found, lines).startswith("國民日報")
    first = found.regions[0].lines[0]
    assert (first.direction, first.reverse) == (Direction.RIGHT_TO_LEFT, True)


def test_a_date_that_reads_from_left_to_right_is_left_so() -> None:
    lines = [row("中華民國二十八年四月廿一日", 100, 60)] + [
        column("天地玄黃宇宙洪荒日月", 1600 - 60 * k, 200) for k in range(25)
    ]
    assert read(arrange(lines, width=1700, height=700), lines).startswith("中華民國二十八年四月廿一日")


def test_a_table_is_read_row_by_row() -> None:
    cells = [[f"{'甲乙丙丁戊己'[r]}{'一二三四'[c]}" for c in range(4)] for r in range(6)]
    lines = [row(text, 100 + 300 * c, 100 + 70 * r) for r, one in enumerate(cells) for c, text in enumerate(one)]
    assert read(arrange(lines, width=1400, height=700), lines) == "".join("".join(one) for one in cells)


def test_columns_of_running_text_are_read_one_after_the_other() -> None:
    left = [row("天地玄黃宇宙洪荒日月盈昃辰宿列張", 100, 100 + 60 * k) for k in range(12)]
    right = [row("寒來暑往秋收冬藏閏餘成歲律呂調陽", 800, 100 + 60 * k) for k in range(12)]
    lines = [line for pair in zip(left, right, strict=True) for line in pair]
    found = arrange(lines, width=1600, height=900)
    assert read(found, lines) == "".join(line.text for line in left + right)


def test_verse_with_blanks_that_happen_to_stand_under_each_other_is_read_line_by_line() -> None:
    verse = [  # the boxes of a screen that shows the Heart Sutra: text, left, right
        [
            ("皆空", 20, 177),
            ("度一切苦厄", 180, 521),
            ("舍利子", 553, 764),
            ("色不異空", 807, 1070),
            ("空不", 1110, 1246),
        ],
        [
            ("異色", 20, 154),
            ("色即是空", 192, 459),
            ("空即是色", 501, 769),
            ("受想行識", 805, 1076),
            ("亦復", 1108, 1249),
        ],
        [
            ("如是", 18, 160),
            ("舍利子", 188, 397),
            ("是諸法空相", 442, 764),
            ("不生不滅", 809, 1078),
            ("不垢", 1111, 1250),
        ],
        [("不淨", 18, 158), ("不增不減", 195, 464), ("是故空中無色", 505, 887), ("無受想行識", 932, 1246)],
        [("無眼耳鼻舌身意", 20, 461), ("無色聲香味觸法", 500, 950), ("無眼界乃", 988, 1247)],
        [("至無意識界", 20, 337), ("無無明", 372, 585), ("亦無無明盡", 620, 949), ("乃至無老", 992, 1247)],
        [("死", 22, 91), ("亦無老死盡", 136, 460), ("無苦集滅道", 502, 824), ("無智亦無得", 872, 1184)],
    ]
    lines = []
    for k, parts in enumerate(verse):
        for text, left, right in parts:
            y, step = 260 + 105 * k, (right - left) / len(text)
            centres = tuple((left + (j + 0.5) * step, y) for j in range(len(text)))
            quad = ((left, y - 31), (right, y - 31), (right, y + 31), (left, y + 31))
            lines.append(LineBox(quad, text, centres))
    found = arrange(lines[::-1], width=1270, height=946)
    assert read(found, lines[::-1]) == "".join(line.text for line in lines)


def test_strokes_within_lines_are_no_rules() -> None:
    left = [row("天地玄黃宇宙洪荒日月盈昃辰宿列張", 100, 100 + 60 * k) for k in range(12)]
    right = [row("寒來暑往秋收冬藏閏餘成歲律呂調陽", 800, 100 + 60 * k) for k in range(12)]
    strokes = [Rule(120, 110 + 60 * k, 1420, 111 + 60 * k) for k in (3, 7)]
    found = arrange(left + right, width=1600, height=900, rules=strokes)
    assert read(found, left + right) == "".join(line.text for line in left + right)


def test_an_english_line_detected_over_the_gutter_is_parted() -> None:
    def words(text: str, x: float, y: float) -> LineBox:
        line = row(text, x, y, 20)
        right = line.quad[1][0]
        return LineBox(((x, y - 20), (right, y - 20), (right, y + 20), (x, y + 20)), text, line.centres)

    left = [words("She wandered around the house with", 100, 100 + 60 * k) for k in range(9)]
    right = [words("cause of her sadness gently simply", 840, 100 + 60 * k) for k in range(9)]
    one, other = left.pop(4), right.pop(4)
    quad = (one.quad[0], other.quad[1], other.quad[2], one.quad[3])
    joined = LineBox(quad, one.text + " " + other.text, (*one.centres, (810, one.centres[0][1]), *other.centres))
    lines = [*left, *right, joined]
    text = read(arrange(lines, width=1640, height=800), lines).replace(" ", "")
    assert text == (one.text * 9 + other.text * 9).replace(" ", "")


def test_page_numbers_are_furniture_but_stay_in_the_arrangement() -> None:
    lines = [row("天地玄黃宇宙洪荒日月盈昃辰宿列張", 100, 100 + 60 * k) for k in range(12)] + [
        row("·128·", 380, 950, 30)
    ]
    found = arrange(lines, width=900, height=1000)
    assert read(found, lines, RegionKind.FURNITURE) == "·128·"
    assert read(found, lines).endswith("·128·")


def test_the_fold_of_a_leaf_is_furniture_between_its_halves() -> None:
    page = Page(2600, 1300, random.Random(4))
    leaf(page, Area(1370, 100, 2500, 1200), 70, 10, 0, ruled=False, frame=False)
    page.down("集古録", 1300, 180, 36)
    page.down("卷三", 1300, 760, 36)
    leaf(page, Area(100, 100, 1230, 1200), 70, 10, 0, ruled=False, frame=False)
    there = detected(page, CLEAN)
    found = arranged(there)
    assert read(found, there.lines, RegionKind.FURNITURE) == "集古録卷三"
    assert found.facing_at is not None
    assert loss(there) == 0


@pytest.mark.parametrize("kind", ["horizontal newspaper", "genealogy", "vertical newspaper, nested", "old book"])
def test_running_text_is_not_taken_for_furniture(kind: str) -> None:
    for seed in range(330, 340):
        made_page = made(kind, seed)
        page = detected(made_page, Wear(lost=0), seed)
        printed = Counter(g[0] for line in made_page.lines if line.furniture for g in line.glyphs)
        assert Counter(read(arranged(page), page.lines, RegionKind.FURNITURE)) <= printed, seed


def test_four_leaves_are_read_by_pairs_the_upper_pair_first() -> None:
    assert loss(detected(made("four leaves", 340), CLEAN)) == 0


def test_facing_pages_of_a_level_book_are_read_from_the_left() -> None:
    lines = [row("天地玄黃宇宙洪荒日月盈昃辰宿列張", x, 100 + 60 * k) for x in (100, 1000) for k in range(14)]
    found = arrange(lines, width=1740, height=1000)
    assert found.facing_at == pytest.approx(870, abs=30)
    assert [line.index for region in found.regions for line in region.lines] == list(range(28))


def test_staff_may_say_how_a_page_is_written() -> None:
    lines = [LineBox(((x, y), (x + 40, y), (x + 40, y + 40), (x, y + 40)), text) for text, x, y in
             [("甲", 0, 0), ("乙", 60, 0), ("丙", 0, 60), ("丁", 60, 60)]]  # fmt: skip
    assert read(arrange(lines, width=100, height=100, writing=Writing.HORIZONTAL), lines) == "甲乙丙丁"
    assert read(arrange(lines, width=100, height=100, writing=Writing.VERTICAL), lines) == "乙丁甲丙"


def test_the_lean_of_a_page_is_told_and_costs_nothing() -> None:
    page = Page(2000, 1600, random.Random(6))
    columns(page, Area(100, 100, 1900, 700), 40, 55)
    columns(page, Area(100, 760, 1900, 1500), 40, 55)
    leaning = detected(page, Wear(lean=2.5, curl=0, jitter=0.03, broken=0, merged=0, lost=0, rules_lost=0), 8)
    assert loss(leaning) < 0.2
    assert 0.3 < abs(arranged(leaning).skew) < 2.6
