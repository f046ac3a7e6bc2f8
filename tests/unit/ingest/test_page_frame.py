"""Boxes found in one picture of a page stand on the same places of another."""

from __future__ import annotations

from wenyuan.ingest import page_frame
from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer


def layer(*boxes: Box, width: int = 2480, height: int = 3508) -> TextLayer:
    """One column whose characters have these boxes."""
    around = Box(boxes[0].x, boxes[0].y, boxes[0].width, sum(box.height for box in boxes))
    line = Line("春眠不覺曉"[: len(boxes)], Direction.TOP_TO_BOTTOM, around, boxes, confidences=(90,) * len(boxes))
    return TextLayer(width, height, (Region((line,), RegionKind.CAPTION, around),))


def test_a_page_of_the_same_size_is_as_it_was() -> None:
    found = layer(Box(10, 10, 20, 20))

    assert page_frame.in_frame(found, 2480, 3508) is found


def test_boxes_of_a_finer_drawing_come_to_the_same_place_of_the_page() -> None:
    found = page_frame.in_frame(layer(Box(248, 350, 124, 100), Box(248, 450, 124, 101)), 1240, 1754)

    (line,) = found.lines
    assert (found.width, found.height) == (1240, 1754)
    assert line.glyphs == (Box(124, 175, 62, 50), Box(124, 225, 62, 51))
    assert (line.box, found.regions[0].box) == (Box(124, 175, 62, 101), Box(124, 175, 62, 101))


def test_neighbours_that_touch_go_on_touching_at_any_scale() -> None:
    boxes = tuple(Box(7, 11 * place, 13, 11) for place in range(5))
    for width in (83, 101, 997, 5000):
        (line,) = page_frame.in_frame(layer(*boxes, width=1000, height=1000), width, width).lines
        edges = [(glyph.y, glyph.y + glyph.height) for glyph in line.glyphs]
        assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]], width


def test_no_box_vanishes_on_a_small_page() -> None:
    (line,) = page_frame.in_frame(layer(Box(0, 0, 3, 3)), 10, 10).lines

    assert line.glyphs[0].width == line.glyphs[0].height == 1


def test_everything_but_the_boxes_stays() -> None:
    before = layer(Box(248, 350, 124, 100))
    after = page_frame.in_frame(before, 1240, 1754)

    assert after.text == before.text
    assert after.regions[0].kind is RegionKind.CAPTION
    assert (after.lines[0].direction, after.lines[0].confidences) == (Direction.TOP_TO_BOTTOM, (90,))


def test_parts_of_a_page_are_joined_in_the_order_given_each_where_it_stands() -> None:
    right, left = layer(Box(5, 6, 7, 8), width=100, height=50), layer(Box(1, 2, 3, 4), width=100, height=50)

    whole = page_frame.joined([(right, 100), (left, 0)], 200, 50)

    assert [line.glyphs[0] for line in whole.lines] == [Box(105, 6, 7, 8), Box(1, 2, 3, 4)]
    assert (whole.width, whole.height) == (200, 50)
