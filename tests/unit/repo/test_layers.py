"""A text layer comes back from its compact form as it was, and every character has its place."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer, decode, encode, places

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12)
BOXES = st.builds(
    Box,
    x=st.integers(-10, 10**5),
    y=st.integers(-10, 10**5),
    width=st.integers(0, 10**4),
    height=st.integers(0, 10**4),
)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    text = draw(TEXTS)
    glyphs = draw(st.just(()) | st.lists(BOXES, min_size=len(text), max_size=len(text)).map(tuple))
    anchor = draw(st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=5))
    return Line(text, draw(st.sampled_from(Direction)), draw(st.none() | BOXES), glyphs, anchor)


REGIONS = st.builds(Region, lines=st.lists(lines(), max_size=3).map(tuple), kind=st.sampled_from(RegionKind))
LAYERS = st.builds(
    TextLayer,
    width=st.integers(0, 10**5),
    height=st.integers(0, 10**5),
    regions=st.lists(REGIONS, max_size=3).map(tuple),
)


@given(LAYERS)
def test_a_layer_comes_back(layer: TextLayer) -> None:
    assert decode(encode(layer)) == layer


@given(LAYERS)
def test_the_same_layer_gives_the_same_bytes(layer: TextLayer) -> None:
    assert encode(decode(encode(layer))) == encode(layer)


@given(LAYERS)
def test_every_character_of_the_text_has_a_place_or_is_a_line_end(layer: TextLayer) -> None:
    found = places(layer)
    assert len(found) == len(layer.text)
    for character, place in zip(layer.text, found, strict=True):
        assert (place is None) == (character == "\n")


@given(lines().filter(lambda line: line.text and line.box and not line.glyphs and line.box.width and line.box.height))
def test_characters_without_boxes_share_their_line(line: Line) -> None:
    assert line.box is not None
    boxes = [place.box for place in places(TextLayer(1, 1, (Region((line,)),))) if place and place.box]
    assert len(boxes) == len(line.text)
    along = "height" if line.direction is Direction.TOP_TO_BOTTOM else "width"
    assert sum(getattr(box, along) for box in boxes) == getattr(line.box, along)


def test_lines_are_joined_by_a_line_end_and_regions_by_an_empty_line() -> None:
    layer = TextLayer(9, 9, (Region((Line("天地"), Line("玄黃"))), Region((Line("宇宙"),))))
    assert layer.text == "天地\n玄黃\n\n宇宙"


def test_characters_beyond_the_first_plane_count_as_one() -> None:
    line = Line("𠮷野", glyphs=(Box(0, 0, 5, 5), Box(5, 0, 5, 5)))
    assert decode(encode(TextLayer(10, 5, (Region((line,)),)))).lines == (line,)


def test_boxes_that_do_not_fit_the_text_are_refused() -> None:
    with pytest.raises(ValueError, match="2 glyph boxes for 1 characters"):
        Line("一", glyphs=(Box(0, 0, 1, 1), Box(0, 0, 1, 1)))


@pytest.mark.parametrize(
    "data", [b"", b"not zlib", zlib.compress(b"not json"), zlib.compress(json.dumps({"v": 2}).encode())]
)
def test_what_is_no_layer_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"incomplete|header|Expecting value|version 2"):
        decode(data)
