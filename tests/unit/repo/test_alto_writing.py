"""ALTO that we write is valid, holds all that ALTO can hold, and reads back as the layer that it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from wenyuan.repo.alto import read_alto
from wenyuan.repo.alto_writing import NAMESPACE, to_alto
from wenyuan.repo.layers import Alternative, Box, Direction, Line, Region, RegionKind, TextLayer, around

SCHEMAS = Path(__file__).parents[4] / "shared" / "schemas"
WHEN = datetime(2026, 3, 4, 13, 6, 7, tzinfo=timezone(timedelta(hours=8)))
ALTO = {"a": NAMESPACE}


def written(layer: TextLayer, **about: Any) -> bytes:
    told = {
        "source": "第1葉.png",
        "page_label": "卷一 葉1",
        "engine": "rapidocr 3.10.0 PP-OCRv6 small",
        "created": WHEN,
    }
    return to_alto(layer, **(told | about))


def read(layer: TextLayer) -> TextLayer:
    return read_alto(written(layer), layer.width, layer.height)


def column(text: str, x: int = 500, **more: Any) -> Line:
    glyphs = tuple(Box(x, 100 + 40 * place, 38, 36) for place in range(len(text)))
    return Line(text, Direction.TOP_TO_BOTTOM, Box(x, 100, 38, 40 * len(text)), glyphs, **more)


def row(text: str, y: int = 50, **more: Any) -> Line:
    glyphs = tuple(Box(100 + 20 * place, y, 18, 36) for place in range(len(text)))
    return Line(text, Direction.LEFT_TO_RIGHT, Box(100, y, 20 * len(text), 36), glyphs, **more)


def page(*lines: Line, kind: RegionKind = RegionKind.TEXT, box: Box | None = None) -> TextLayer:
    return TextLayer(1000, 1400, (Region(lines, kind, box),))


PAGE = TextLayer(
    1000,
    1400,
    (
        Region((column("學而時習之", confidences=(99, 98, 42, 97, 100)), column("學之為言", 480, note=True))),
        Region((row("Confucius said 子曰", confidences=(90,) * 17),), RegionKind.CAPTION, Box(90, 40, 500, 60)),
        Region((column("論語卷一", 20),), RegionKind.FURNITURE),
        Region((Line("只知其行", Direction.TOP_TO_BOTTOM, Box(800, 100, 40, 300)),), RegionKind.NOTE),
        Region((Line("𠮷\ue000野 Ext B & <PUA>"),), RegionKind.TABLE),
    ),
)


def test_a_page_reads_back_as_it_was() -> None:
    assert read(PAGE) == PAGE


def test_what_else_a_character_may_be_reads_back_best_first() -> None:
    others = (Alternative(1, "日", 30), Alternative(1, "目", 9), Alternative(3, "rn", 2))
    layer = page(column("天曰地m", confidences=(99, 51, 98, 60), alternatives=others))
    assert read(layer) == layer


def test_alternatives_without_boxes_and_confidences_are_kept() -> None:
    layer = page(Line("曰月", box=Box(0, 0, 40, 20), alternatives=(Alternative(0, "日", 30),)))
    assert read(layer) == layer


@pytest.mark.parametrize("text", ["卷一 葉二", "  two  blanks ", "天\u3000地", "a\tb", "Mr. 王 said", "é\u0301"])
def test_blanks_stay_where_they_are(text: str) -> None:
    assert read(page(row(text))).lines[0] == row(text)


def test_words_are_strings_for_those_who_read_only_words() -> None:
    root = etree.fromstring(written(page(row("Confucius said 子曰"))))
    assert root.xpath("//a:String/@CONTENT", namespaces=ALTO) == ["Confucius", "said", "子曰"]
    assert root.xpath("string(//a:String[2]/@HPOS)", namespaces=ALTO) == "300"


def test_one_character_set_across_in_a_tall_box_is_no_column() -> None:
    line = Line("地", Direction.LEFT_TO_RIGHT, Box(0, 0, 10, 90), (Box(0, 0, 10, 90),))
    assert read(page(line)).lines == (line,)


def test_from_right_to_left() -> None:
    line = Line("右起", Direction.RIGHT_TO_LEFT, Box(0, 0, 80, 40), (Box(40, 0, 40, 40), Box(0, 0, 40, 40)))
    assert read(page(line)).lines == (line,)


def test_the_file_tells_where_it_comes_from() -> None:
    root = etree.fromstring(written(PAGE, number=3))
    one = {
        "fileName": "第1葉.png",
        "softwareName": "rapidocr 3.10.0 PP-OCRv6 small",
        "processingDateTime": "2026-03-04T05:06:07+00:00",
    }
    for name, value in one.items():
        assert root.findtext(f".//a:{name}", namespaces=ALTO) == value
    told = root.find(".//a:Page", ALTO).attrib
    assert (told["PRINTED_IMG_NR"], told["PHYSICAL_IMG_NR"], told["WIDTH"]) == ("卷一 葉1", "3", "1000")
    assert 0.8 < float(told["PC"]) < 1


def test_the_same_layer_gives_the_same_bytes() -> None:
    assert written(PAGE) == written(PAGE, created=WHEN.astimezone(UTC))


def test_control_characters_do_not_break_the_file() -> None:
    assert read(page(row("天\x00地\x1b\ufffe"), row("\ud800"))).text == "天\ufffd地\ufffd\ufffd\n\ufffd"


def test_a_page_without_text_and_one_without_size() -> None:
    assert read(TextLayer(1000, 1400, ())) == TextLayer(1000, 1400, ())
    chapter = TextLayer(0, 0, (Region((Line("第一回"),)),))
    assert read(chapter) == chapter


BOXES = st.builds(
    Box, st.integers(-5, 10**5), st.integers(-5, 10**5), width=st.integers(1, 9999), height=st.integers(1, 9999)
)
CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), exclude_characters=" ")


@st.composite
def lines(draw: st.DrawFn) -> Line:
    text = draw(st.text(CHARACTERS, min_size=1, max_size=9).filter(lambda text: bool(text.strip())))
    several = {"min_size": len(text), "max_size": len(text)}
    glyphs = draw(st.just(()) | st.lists(BOXES, **several).map(tuple))
    sure = draw(st.just(()) | st.lists(st.integers(0, 100), **several).map(tuple))
    one = st.builds(Alternative, st.integers(0, len(text) - 1), st.text(CHARACTERS, min_size=1, max_size=3), st.just(7))
    others = tuple(sorted(draw(st.lists(one, max_size=3)), key=lambda other: other.position))
    box = draw(BOXES) if glyphs else draw(st.none() | BOXES)
    return Line(text, draw(st.sampled_from(Direction)), box, glyphs, None, draw(st.booleans()), sure, others)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    found = tuple(draw(st.lists(lines(), min_size=1, max_size=3)))
    box = draw(st.none() | BOXES)
    own = box if box != around(line.box for line in found if line.box) else None
    return Region(found, draw(st.sampled_from(RegionKind)), own)


LAYERS = st.builds(TextLayer, st.integers(1, 10**5), st.integers(1, 10**5), st.lists(regions(), max_size=3).map(tuple))


@settings(max_examples=150, deadline=None)
@given(LAYERS)
def test_whatever_alto_can_hold_reads_back(layer: TextLayer) -> None:
    assert read(layer) == layer


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    if not SCHEMAS.is_dir():
        pytest.skip(f"no schemas at {SCHEMAS}")

    class Beside(etree.Resolver):
        """The schema names others by their address: they lie beside it."""

        def resolve(self, url: str, public_id: str, context: Any) -> Any:
            return self.resolve_filename(str(SCHEMAS / url.rpartition("/")[2]), context)

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Beside())
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "alto-4-4.xsd"), parser))


@settings(max_examples=60, deadline=None)
@given(layer=LAYERS | st.just(PAGE) | st.just(TextLayer(0, 0, (Region((Line(""), Line("第一回\x00"))),))))
def test_what_is_written_is_valid_alto_4_4(schema: etree.XMLSchema, layer: TextLayer) -> None:
    schema.assertValid(etree.fromstring(written(layer)))
