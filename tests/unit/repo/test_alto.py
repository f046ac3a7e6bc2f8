"""ALTO of every version becomes a text layer in the pixels of the page's picture."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.repo.alto import read_alto
from wenyuan.repo.layers import Box, Direction, RegionKind, TextLayer

V2, V3, V4 = (f"http://www.loc.gov/standards/alto/ns-v{version}#" for version in (2, 3, 4))


SIZE = 'WIDTH="1000" HEIGHT="2000"'


def alto(blocks: str, *, namespace: str = V4, unit: str = "pixel", size: str = SIZE, head: str = "") -> bytes:
    declaration = f' xmlns="{namespace}"' if namespace else ""
    page = f"<Page ID='p' PHYSICAL_IMG_NR='1' {size}><PrintSpace>{blocks}</PrintSpace></Page>"
    description = f"<Description><MeasurementUnit>{unit}</MeasurementUnit></Description>"
    return f"<alto{declaration}>{description}{head}<Layout>{page}</Layout></alto>".encode()


def place(x: float, y: float, width: float, height: float) -> str:
    return f'HPOS="{x}" VPOS="{y}" WIDTH="{width}" HEIGHT="{height}"'


def line_of(content: str, where: str = place(100, 100, 300, 40), **attributes: str) -> str:
    marks = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<TextBlock><TextLine {where} {marks}><String {where} CONTENT="{content}"/></TextLine></TextBlock>'


WORDS = (
    "<TextBlock ID='b'><TextLine HPOS='100' VPOS='100' WIDTH='260' HEIGHT='40'>"
    "<String HPOS='100' VPOS='100' WIDTH='80' HEIGHT='40' CONTENT='Open'/><SP HPOS='180' VPOS='100' WIDTH='20'/>"
    "<String HPOS='200' VPOS='100' WIDTH='120' HEIGHT='40' CONTENT='librar'/>"
    "<HYP CONTENT='-' HPOS='320' VPOS='100' WIDTH='40'/></TextLine></TextBlock>"
)


@pytest.mark.parametrize("namespace", [V2, V3, V4, ""])
def test_words_are_joined_by_blanks_in_every_version(namespace: str) -> None:
    (line,) = read_alto(alto(WORDS, namespace=namespace), 1000, 2000).lines
    assert line.text == "Open librar-"
    assert line.direction is Direction.LEFT_TO_RIGHT
    assert line.box == Box(100, 100, 260, 40)
    assert line.glyphs[-1] == Box(320, 100, 40, 40)


def test_words_are_shared_out_and_blanks_fill_the_gap() -> None:
    blocks = WORDS.replace("<HYP CONTENT='-' HPOS='320' VPOS='100' WIDTH='40'/>", "")
    (line,) = read_alto(alto(blocks), 1000, 2000).lines
    assert line.glyphs[:6] == tuple(Box(100 + 20 * n, 100, 20, 40) for n in range(6))


def test_strings_of_han_characters_are_not_torn_apart() -> None:
    places = [place(100 + 50 * n, 10, 50, 50) for n in range(4)]
    strings = "".join(f"<String {where} CONTENT='{c}'/><SP/>" for where, c in zip(places, "日月盈昃", strict=True))
    block = f"<TextBlock><TextLine {place(100, 10, 200, 50)}>{strings}</TextLine></TextBlock>"
    (line,) = read_alto(alto(block), 1000, 2000).lines
    assert line.text == "日月盈昃"


def test_glyphs_give_each_character_its_own_box() -> None:
    glyphs = "".join(f'<Glyph CONTENT="{c}" {place(900, 100 + 60 * n, 50, 55)}/>' for n, c in enumerate("辰宿列張"))
    where = place(900, 100, 50, 235)
    string = f'<String {where} CONTENT="辰宿列張">{glyphs}</String>'
    block = f'<TextBlock><TextLine {where} TAGREFS="v">{string}</TextLine></TextBlock>'
    head = '<Tags><LayoutTag ID="v" LABEL="vertical"/></Tags>'
    (line,) = read_alto(alto(block, head=head), 1000, 2000).lines
    assert line.direction is Direction.TOP_TO_BOTTOM
    assert line.glyphs == tuple(Box(900, 100 + 60 * n, 50, 55) for n in range(4))


def test_glyphs_that_do_not_spell_the_string_are_not_believed() -> None:
    where = place(0, 0, 100, 50)
    string = f'<String {where} CONTENT="甲乙"><Glyph CONTENT="丙" {where}/></String>'
    block = f"<TextBlock><TextLine {where}>{string}</TextLine></TextBlock>"
    (line,) = read_alto(alto(block), 1000, 2000).lines
    assert (line.text, line.glyphs) == ("甲乙", (Box(0, 0, 50, 50), Box(50, 0, 50, 50)))


@pytest.mark.parametrize(
    ("content", "where", "attributes", "direction"),
    [
        ("寒來暑往", place(900, 100, 50, 235), {}, Direction.TOP_TO_BOTTOM),
        ("寒來暑往", place(100, 100, 235, 50), {}, Direction.LEFT_TO_RIGHT),
        ("寒", place(100, 100, 50, 55), {}, Direction.LEFT_TO_RIGHT),
        ("Spine", place(900, 100, 50, 235), {}, Direction.LEFT_TO_RIGHT),
        ("寒來", place(100, 100, 60, 60), {"ROTATION": "270"}, Direction.TOP_TO_BOTTOM),
        ("寒來", place(100, 100, 60, 60), {"BASEDIRECTION": "ttb"}, Direction.TOP_TO_BOTTOM),
        ("مكتبة", place(100, 100, 60, 60), {}, Direction.RIGHT_TO_LEFT),
    ],
)
def test_direction(content: str, where: str, attributes: dict[str, str], direction: Direction) -> None:
    (line,) = read_alto(alto(line_of(content, where, **attributes)), 1000, 2000).lines
    assert line.direction is direction


def test_characters_of_a_column_without_glyphs_share_its_height() -> None:
    (line,) = read_alto(alto(line_of("秋收", place(900, 100, 50, 120))), 1000, 2000).lines
    assert line.glyphs == (Box(900, 100, 50, 60), Box(900, 160, 50, 60))


@pytest.mark.parametrize(("unit", "dpi_units"), [("mm10", 254), ("inch1200", 1200), ("pixel", 600)])
def test_units_are_scaled_to_the_picture(unit: str, dpi_units: int) -> None:
    size = f'WIDTH="{8 * dpi_units}" HEIGHT="{10 * dpi_units}"'
    where = place(dpi_units, 2 * dpi_units, dpi_units, dpi_units)
    layer = read_alto(alto(line_of("冬藏", where), unit=unit, size=size), 2400, 3000)
    assert layer.lines[0].box == Box(300, 600, 300, 300)
    assert (layer.width, layer.height) == (2400, 3000)


def test_without_a_page_size_units_are_taken_for_300_dpi() -> None:
    layer = read_alto(alto(line_of("冬藏", place(254, 254, 254, 254)), unit="mm10", size=""), 2400, 3000)
    assert layer.lines[0].box == Box(300, 300, 300, 300)


def test_without_a_picture_the_pages_own_pixels_count() -> None:
    layer = read_alto(alto(line_of("冬藏")), 0, 0)
    assert (layer.width, layer.height) == (1000, 2000)


def test_furniture_is_told_by_tag_or_margin() -> None:
    head = '<Tags><LayoutTag ID="t1" LABEL="Furniture"/><OtherTag ID="t2" LABEL="note"/></Tags>'
    tagged = line_of("版心").replace("<TextBlock>", '<TextBlock TAGREFS="t1">')
    noted = line_of("夾注").replace("<TextBlock>", '<TextBlock TAGREFS="t2">')
    layer = read_alto(alto(tagged + line_of("正文") + noted, head=head), 1000, 2000)
    assert [region.kind for region in layer.regions] == [RegionKind.FURNITURE, RegionKind.TEXT, RegionKind.NOTE]
    margin = alto("").replace(b"<PrintSpace>", f"<TopMargin>{line_of('卷一')}</TopMargin><PrintSpace>".encode())
    assert read_alto(margin, 1000, 2000).regions[0].kind is RegionKind.FURNITURE


def test_the_order_of_the_file_is_reading_order_unless_it_says_otherwise() -> None:
    texts = {"a": "一", "b": "二", "c": "三"}
    blocks = "".join(line_of(text).replace("Block>", f"Block ID='{name}'>", 1) for name, text in texts.items())
    assert read_alto(alto(blocks), 1000, 2000).text == "一\n\n二\n\n三"
    order = "<OrderedGroup ID='g'><ElementRef ID='r1' REF='c'/><ElementRef ID='r2' REF='a'/></OrderedGroup>"
    told = alto(blocks, head=f"<ReadingOrder>{order}</ReadingOrder>")
    assert read_alto(told, 1000, 2000).text == "三\n\n一\n\n二"


def test_blocks_within_blocks_are_found() -> None:
    blocks = f"<ComposedBlock>{line_of('一')}<ComposedBlock>{line_of('二')}</ComposedBlock></ComposedBlock>"
    layer = read_alto(alto(blocks), 1000, 2000)
    assert layer.text == "一\n\n二"


def test_lines_without_places_keep_their_text() -> None:
    (line,) = read_alto(alto("<TextBlock><TextLine><String CONTENT='無所'/></TextLine></TextBlock>"), 1000, 2000).lines
    assert (line.text, line.box, line.glyphs) == ("無所", None, ())


def test_a_page_without_text_is_an_empty_layer() -> None:
    assert read_alto(alto(""), 1000, 2000) == TextLayer(1000, 2000, ())


@pytest.mark.parametrize("data", [b"", b"<alto", b"<html/>", b"<alto/>", b"\xff\xfe\x00", "<頁/>".encode()])
def test_what_is_no_alto_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_alto(data, 1000, 2000)


def test_entities_are_neither_fetched_nor_expanded() -> None:
    declaration = b'<!DOCTYPE alto [<!ENTITY leak SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(ValueError, match=r".+"):
        read_alto(declaration + alto(line_of("&leak;")), 1000, 2000)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_changed_bytes_are_read_or_a_value_error(data) -> None:
    whole = bytearray(alto(WORDS + line_of("寒來暑往", place(1, 2, 3, 40), TAGREFS="x y", ROTATION="1e9")))
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_alto(bytes(whole), 500, 500)
    except ValueError:
        return
