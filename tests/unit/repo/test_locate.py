"""Boxes of hits on the picture of a page."""

from __future__ import annotations

from wenyuan.repo.layers import Box, Direction, Line, Region, TextLayer
from wenyuan.repo.locate import Hit, hit_boxes


def column(text: str, x: int, *, top: int = 0) -> Line:
    """A vertical line of characters of 10 by 10 pixels."""
    glyphs = tuple(Box(x, top + 10 * place, 10, 10) for place in range(len(text)))
    return Line(text, Direction.TOP_TO_BOTTOM, Box(x, top, 10, 10 * len(text)), glyphs)


def layer(*lines: Line) -> TextLayer:
    return TextLayer(100, 100, (Region(lines),))


def test_a_hit_in_one_column_is_one_box_around_its_characters() -> None:
    assert hit_boxes(layer(column("白日依山盡", 50)), "依山") == [Hit((Box(50, 20, 10, 20),), "依山")]


def test_a_hit_over_a_column_break_has_a_box_in_each_column_in_reading_order() -> None:
    page = layer(column("白日依山盡", 50), column("黃河入海流", 30))
    assert hit_boxes(page, "山盡黃河") == [Hit((Box(50, 30, 10, 20), Box(30, 0, 10, 20)), "山盡\n黃河")]


def test_a_simplified_query_finds_traditional_text_over_punctuation() -> None:
    page = layer(column("山盡，黃河", 50))
    assert hit_boxes(page, "尽黄") == [Hit((Box(50, 10, 10, 30),), "盡，黃")]


def test_the_line_decides_and_not_the_place() -> None:
    """The second line begins at the very pixel where the first ends: still two boxes."""
    page = layer(column("天地", 50), column("玄黃", 50, top=20))
    assert hit_boxes(page, "地玄") == [Hit((Box(50, 10, 10, 10), Box(50, 20, 10, 10)), "地\n玄")]


def test_a_line_without_glyphs_shares_out_its_box() -> None:
    page = layer(Line("天地玄黃", Direction.LEFT_TO_RIGHT, Box(0, 0, 40, 12)))
    assert hit_boxes(page, "玄黃") == [Hit((Box(20, 0, 20, 12),), "玄黃")]


def test_a_line_from_right_to_left_is_measured_from_the_right() -> None:
    page = layer(Line("天地玄黃", Direction.RIGHT_TO_LEFT, Box(0, 0, 40, 12)))
    assert hit_boxes(page, "玄黃") == [Hit((Box(0, 0, 20, 12),), "玄黃")]


def test_text_without_a_place_has_hits_without_boxes() -> None:
    assert hit_boxes(layer(Line("天地玄黃")), "玄黃") == [Hit((), "玄黃")]


def test_every_hit_of_every_word_is_given_in_reading_order() -> None:
    page = layer(column("天地天地", 50))
    assert [hit.text for hit in hit_boxes(page, "地 天")] == ["天", "地", "天", "地"]


def test_a_hit_over_the_seam_to_the_next_page_gives_its_part_on_this_one() -> None:
    page = layer(column("白日依山盡", 50))
    assert hit_boxes(page, "山盡黃河", next_text="黃河入海流") == [Hit((Box(50, 30, 10, 20),), "山盡")]
    assert hit_boxes(page, "黃河", next_text="黃河入海流") == []


def test_regions_are_apart_by_two_line_ends_and_keep_their_boxes() -> None:
    page = TextLayer(100, 100, (Region((column("天地", 50),)), Region((column("玄黃", 20),))))
    assert hit_boxes(page, "地玄") == [Hit((Box(50, 10, 10, 10), Box(20, 0, 10, 10)), "地\n\n玄")]


def test_a_query_without_words_finds_nothing() -> None:
    assert hit_boxes(layer(column("天地", 50)), "，。") == []
