"""A text layer comes back from its compact form as it was, and every character has its place."""

from __future__ import annotations

import json
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.layers import (
    Alternative,
    Box,
    Direction,
    Line,
    Region,
    RegionKind,
    TextLayer,
    decode,
    encode,
    places,
)

CHARACTERS = "之不以而人為其者有於一也子無十年曰二三大中上是我天下"
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
    sure = draw(st.just(()) | st.lists(st.integers(0, 100), min_size=len(text), max_size=len(text)).map(tuple))
    others: tuple[Alternative, ...] = ()
    if text:
        position = st.integers(0, len(text) - 1)
        other = st.builds(Alternative, position, st.text(st.characters(codec="utf-8")), st.integers(0, 100))
        others = tuple(draw(st.lists(other, max_size=3)))
    direction, box, note = draw(st.sampled_from(Direction)), draw(st.none() | BOXES), draw(st.booleans())
    return Line(text, direction, box, glyphs, anchor, note, sure, others)


REGIONS = st.builds(
    Region,
    lines=st.lists(lines(), max_size=3).map(tuple),
    kind=st.sampled_from(RegionKind),
    box=st.none() | BOXES,
)
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


def test_confidences_and_alternatives_that_do_not_fit_the_text_are_refused() -> None:
    with pytest.raises(ValueError, match="2 confidences for 1 characters"):
        Line("一", confidences=(90, 80))
    with pytest.raises(ValueError, match="an alternative outside of 1 characters"):
        Line("一", alternatives=(Alternative(1, "二", 30),))


def test_double_small_notes_are_part_of_the_running_text() -> None:
    column = (Line("學而時習之"), Line("學之為言", note=True), Line("效也", note=True), Line("不亦說乎"))
    assert TextLayer(9, 9, (Region(column),)).text == "學而時習之\n學之為言\n效也\n不亦說乎"


VERSION_1 = {
    "v": 1,
    "w": 60,
    "h": 80,
    "r": [
        {
            "k": "text",
            "l": [
                {"t": "天地", "d": "ttb", "b": [40, 2, 7, 14], "g": [40, 2, 7, 7, 0, 7, 0, 0], "a": "p1"},
                {"t": "", "d": "ltr"},
            ],
        },
        {"k": "furniture", "l": [{"t": "一", "d": "ttb", "b": [2, 70, 7, 7]}]},
    ],
}


def test_layers_that_earlier_releases_wrote_are_read() -> None:
    column = Line("天地", Direction.TOP_TO_BOTTOM, Box(40, 2, 7, 14), (Box(40, 2, 7, 7), Box(40, 9, 7, 7)), "p1")
    number = Line("一", Direction.TOP_TO_BOTTOM, Box(2, 70, 7, 7))
    wanted = TextLayer(60, 80, (Region((column, Line(""))), Region((number,), RegionKind.FURNITURE)))
    assert decode(zlib.compress(json.dumps(VERSION_1).encode())) == wanted


def test_a_page_of_five_hundred_characters_takes_less_than_three_thousand_bytes() -> None:
    """docs/decisions/005: about 2.6 kB. Boxes as an engine finds them: none is as high as the one before."""
    chance = random.Random(5)
    columns = []
    for place in range(20):
        across, down, glyphs = 1900 - 90 * place, 200, []
        for _ in range(25):
            down += chance.randint(60, 70)
            glyphs.append(Box(across, down, 64, chance.randint(56, 66)))
        text = "".join(chance.choice(CHARACTERS) for _ in glyphs)
        columns.append(Line(text, Direction.TOP_TO_BOTTOM, Box(across, 200, 64, down - 136), tuple(glyphs)))
    assert len(encode(TextLayer(2000, 2200, (Region(tuple(columns)),)))) < 3000


@pytest.mark.parametrize(
    "data", [b"", b"not zlib", zlib.compress(b"not json"), zlib.compress(json.dumps({"v": 3}).encode())]
)
def test_what_is_no_layer_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"incomplete|header|Expecting value|version 3"):
        decode(data)
