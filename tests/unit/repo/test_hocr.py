"""hOCR of any program becomes a text layer in the pixels of the page's picture, and ours reads back as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from wenyuan.repo.hocr import is_hocr, read_hocr
from wenyuan.repo.hocr_writing import to_hocr
from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer


def hocr(body: str, *, page: str = "bbox 0 0 1000 2000", head: str = "<meta charset='utf-8'>") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body><div class='ocr_page' title='{page}'>{body}".encode()


def line_of(content: str, title: str = "bbox 100 100 400 140", **marks: str) -> str:
    told = " ".join(f'{name}="{value}"' for name, value in marks.items())
    return f"<span class='ocr_line' title='{title}' {told}>{content}</span>"


def word(content: str, title: str) -> str:
    return f"<span class='ocrx_word' title='{title}'>{content}</span>"


def test_what_tesseract_writes(corpus: Callable[[str], Path]) -> None:
    layer = read_hocr(corpus("pdf/cjk.hocr").read_bytes(), 2550, 3300)
    assert layer.text.split("\n\n") == ["你好世界", "繁體中文", "こんにちは世界", "안녕하세요 세계"]
    first = layer.lines[0]
    assert first.box == Box(200, 200, 2150, 200)
    assert first.glyphs == (
        Box(200, 200, 200, 200), Box(400, 200, 200, 200), Box(650, 200, 200, 200), Box(850, 200, 200, 200),
    )  # fmt: skip
    assert first.confidences == (95, 95, 95, 95)


def test_characters_one_by_one_as_tesseract_tells_them() -> None:
    signs = "".join(
        f"<span class='ocrx_cinfo' title='x_bboxes {10 + 50 * n} 10 {58 + 50 * n} 60; x_conf {98.61 - n}'>{sign}</span>"
        for n, sign in enumerate("秋收")
    )
    (line,) = read_hocr(hocr(line_of(word(signs, "bbox 10 10 110 60; x_wconf 91"))), 1000, 2000).lines
    assert (line.text, line.confidences) == ("秋收", (99, 98))
    assert line.glyphs == (Box(10, 10, 48, 50), Box(60, 10, 48, 50))


def test_boxes_and_confidences_of_a_line_without_words() -> None:
    told = "bbox 10 10 110 60; x_bboxes 10 10 60 60 60 10 110 60; x_confs 97 40"
    (line,) = read_hocr(hocr(line_of("冬藏", told)), 1000, 2000).lines
    assert line.glyphs == (Box(10, 10, 50, 50), Box(60, 10, 50, 50))
    assert line.confidences == (97, 40)


def test_a_line_without_words_keeps_its_text_and_its_box() -> None:
    (line,) = read_hocr(hocr(line_of("Open\n  library")), 1000, 2000).lines
    assert (line.text, line.box, line.glyphs) == ("Open library", Box(100, 100, 300, 40), ())


def test_words_are_joined_by_blanks_but_not_between_han_characters() -> None:
    words = " ".join(word(text, "bbox 0 0 10 10") for text in ("Open", "library", "圖書", "館"))
    assert read_hocr(hocr(line_of(words)), 1000, 2000).text == "Open library 圖書館"


def test_boxes_are_scaled_to_the_picture() -> None:
    layer = read_hocr(hocr(line_of("寒"), page='image "a;b.png"; bbox 0 0 500 1000'), 1000, 2000)
    assert (layer.width, layer.height) == (1000, 2000)
    assert layer.lines[0].box == Box(200, 200, 600, 80)
    assert read_hocr(hocr(line_of("寒")), 0, 0).width == 1000


@pytest.mark.parametrize(
    ("content", "title", "marks", "direction"),
    [
        ("寒來暑往", "bbox 900 100 950 335", {}, Direction.TOP_TO_BOTTOM),
        ("寒來暑往", "bbox 100 900 335 950", {}, Direction.LEFT_TO_RIGHT),
        ("寒來", "bbox 0 0 60 60; textangle 90", {}, Direction.TOP_TO_BOTTOM),
        ("寒來", "bbox 0 0 60 60", {"style": "writing-mode: vertical-rl"}, Direction.TOP_TO_BOTTOM),
        ("Spine", "bbox 0 0 50 235", {}, Direction.LEFT_TO_RIGHT),
        ("مكتبة", "bbox 0 0 60 60", {}, Direction.RIGHT_TO_LEFT),
        ("123", "bbox 0 0 60 60", {"dir": "rtl"}, Direction.RIGHT_TO_LEFT),
    ],
)
def test_direction(content: str, title: str, marks: dict[str, str], direction: Direction) -> None:
    (line,) = read_hocr(hocr(line_of(content, title, **marks)), 1000, 2000).lines
    assert line.direction is direction


def test_areas_are_regions_and_paragraphs_too() -> None:
    paragraphs = [line_of("一") + line_of("二"), line_of("三")]
    body = "".join(f"<p class='ocr_par'>{lines}</p>" for lines in paragraphs)
    body = f"<div class='ocr_carea'>{body}</div>"
    assert read_hocr(hocr(body + line_of("四")), 1000, 2000).text == "一\n二\n\n三\n\n四"


def test_running_heads_and_page_numbers_are_furniture() -> None:
    body = (
        line_of("卷一").replace("ocr_line", "ocr_header")
        + line_of("正文")
        + line_of("3").replace("ocr_line", "ocr_pageno")
    )
    layer = read_hocr(hocr(body), 1000, 2000)
    assert [region.kind for region in layer.regions] == [RegionKind.FURNITURE, RegionKind.TEXT, RegionKind.FURNITURE]
    assert layer.text == "正文"


def test_of_alternatives_the_first_is_taken() -> None:
    choice = "<span class='alternatives'><ins class='alt'>天</ins><del class='alt' title='nlp 0.1'>夭</del></span>"
    assert read_hocr(hocr(line_of(choice)), 1000, 2000).text == "天"


def test_scripts_are_no_text() -> None:
    assert read_hocr(hocr(line_of("天<script>alert('地')</script><style>p{}</style>玄")), 1000, 2000).text == "天玄"


def test_only_the_first_page_is_read() -> None:
    second = f"</div><div class='ocr_page' title='bbox 0 0 1 1'>{line_of('地')}"
    assert read_hocr(hocr(line_of("天") + second), 1000, 2000).text == "天"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_character_sets(encoding: str) -> None:
    head = (
        ""
        if encoding.startswith("utf")
        else f"<meta http-equiv='content-type' content='text/html; charset={encoding}'>"
    )
    data = hocr(line_of("圖書"), head=head).decode().encode(encoding)
    assert is_hocr(data)
    assert read_hocr(data, 1000, 2000).text == "圖書"


def test_xhtml_with_empty_elements_and_html_with_named_characters() -> None:
    head = (
        "<?xml version='1.0' encoding='UTF-8'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body>"
    )
    body = f"<div class='ocr_page' title='bbox 0 0 9 9'>{line_of('天')}</div></body></html>"
    assert read_hocr((head + body).encode(), 9, 9).text == "天"
    assert read_hocr(hocr(line_of("A&nbsp;&amp;&nbsp;B")), 9, 9).text == "A & B"


@pytest.mark.parametrize("data", [b"", b"<html/>", b"\xff\xfe\x00", b"<div class='ocr_line'>x</div>", b"\x00" * 9])
def test_what_is_no_hocr_is_refused(data: bytes) -> None:
    assert not is_hocr(data)
    with pytest.raises(ValueError, match=r".+"):
        read_hocr(data, 1000, 2000)


def test_entities_are_neither_fetched_nor_expanded() -> None:
    leak = '<!DOCTYPE html [<!ENTITY leak SYSTEM "file:///etc/passwd"><!ENTITY a "天天"><!ENTITY b "&a;&a;&a;">]>'
    page = f"<html><body><div class='ocr_page' title='bbox 0 0 9 9'>{line_of('&leak;&b;地')}</div></body></html>"
    text = read_hocr((leak + page).encode(), 9, 9).text
    assert "root" not in text
    assert "天" not in text
    assert "地" in text


def column(text: str, x: int = 500, **more: Any) -> Line:
    glyphs = tuple(Box(x, 100 + 40 * place, 38, 36) for place in range(len(text)))
    return Line(text, Direction.TOP_TO_BOTTOM, Box(x, 100, 38, 40 * len(text)), glyphs, **more)


def row(text: str, **more: Any) -> Line:
    glyphs = tuple(Box(100 + 20 * place, 50, 20, 36) for place in range(len(text)))
    return Line(text, Direction.LEFT_TO_RIGHT, Box(100, 50, 20 * len(text), 36), glyphs, **more)


PAGE = TextLayer(
    1000,
    1400,
    (
        Region((column("學而時習之", confidences=(99, 98, 42, 97, 100)), column("學之為言", 480, note=True))),
        Region((row("Confucius said", confidences=(90,) * 14),), RegionKind.CAPTION, Box(90, 40, 500, 60)),
        Region((column("論語 卷一", 20),), RegionKind.FURNITURE),
        Region((row("  two  blanks "), Line("只知其行", Direction.TOP_TO_BOTTOM, Box(800, 100, 40, 300)))),
        Region((Line("𠮷\ue000野 Ext B & <PUA>", box=Box(1, 2, 3, 4)),), RegionKind.TABLE),
        Region((Line("地", box=Box(0, 0, 10, 90)),), RegionKind.NOTE),
    ),
)


def written(layer: TextLayer) -> bytes:
    return to_hocr(layer, source='第1葉;"a".png', engine="rapidocr 3.10.0")


def test_a_page_reads_back_as_it_was() -> None:
    assert read_hocr(written(PAGE), 1000, 1400) == PAGE


def test_what_is_written_has_the_elements_of_the_standard() -> None:
    root = etree.fromstring(written(PAGE))
    names = {name for element in root.iter() for name in (element.get("class") or "").split()}
    assert names == {"ocr_page", "ocr_carea", "ocr_par", "ocr_line", "ocrx_word", "ocrx_cinfo"}
    told = {element.get("name"): element.get("content") for element in root.iter("{*}meta")}
    assert told["ocr-system"] == "rapidocr 3.10.0"
    assert set(told["ocr-capabilities"].split()) == names
    identifiers = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize("odd", ["\x01", "\0", "\ud800", "\ufffe"])
def test_nor_do_odd_names_and_languages(odd: str) -> None:
    data = to_hocr(TextLayer(10, 10, ()), source=f"第{odd}葉.jpg", engine=f"a{odd}", language=f"zh{odd}")
    assert etree.fromstring(data).get("lang") == "zh\ufffd"
    assert "第\ufffd葉.jpg" in data.decode()


def test_many_lines_deep_in_areas_take_no_time() -> None:
    count, depth = 5_000, 200
    lines = "".join(f"<span class='ocr_line' title='bbox 0 {n} 9 {n + 1}'>字</span>" for n in range(count))
    areas = "<div class='ocr_carea' title='x_kind note'>" + "<div>" * depth + lines + "</div>" * depth + "</div>"
    begun = time.process_time()
    (region,) = read_hocr(hocr(areas), 1000, 2000).regions
    assert (region.kind, len(region.lines)) == (RegionKind.NOTE, count)
    assert time.process_time() - begun < 2


def test_control_characters_do_not_break_the_file() -> None:
    layer = TextLayer(9, 9, (Region((row("天\x00地\ud800"),)),))
    assert read_hocr(written(layer), 9, 9).text == "天\ufffd地\ufffd"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_changed_bytes_are_read_or_a_value_error(data: st.DataObject) -> None:
    whole = bytearray(
        data.draw(st.sampled_from([written(PAGE), hocr(line_of(word("寒來", "bbox 1 2 3 4; x_wconf 9")))]))
    )
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_hocr(bytes(whole), 500, 500)
    except ValueError:
        return
