"""The text of a chapter, and hits marked in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from wenyuan.repo import chapters


def document(body: str, head: str = "") -> bytes:
    return (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>不算</title>{head}</head><body>{body}</body></html>'
    ).encode()


def lines(body: str) -> list[str]:
    return [line.text for line in chapters.chapter_text(chapters.parse_chapter(document(body)))]


def whole(xhtml: bytes) -> str:
    return chapters.chapter_layer(chapters.chapter_text(chapters.parse_chapter(xhtml))).text


def marked(xhtml: bytes) -> dict[int, str]:
    """What is read inside the marks of each hit, by the same walk."""
    found: dict[int, str] = {}
    for line in chapters.chapter_text(chapters.parse_chapter(xhtml)):
        for piece in line.pieces:
            element = piece.element.getparent() if piece.tail else piece.element
            while element is not None and element.get("class") != "wy-hit":
                element = element.getparent()
            if element is not None:
                number = int(element.get("data-wy-hit"))
                found[number] = found.get(number, "") + piece.text
    return found


def test_each_block_is_a_line() -> None:
    assert lines("<h1>紅樓夢</h1><p>此開卷第一回也。</p><ul><li>一</li><li>二</li></ul>") == [
        "紅樓夢",
        "此開卷第一回也。",
        "一",
        "二",
    ]


def test_text_beside_an_inner_block_is_a_line_of_the_outer_one() -> None:
    root = chapters.parse_chapter(document('<div id="o">前<p id="i">中</p>後</div>'))
    assert [(line.text, line.block.get("id")) for line in chapters.chapter_text(root)] == [
        ("前", "o"),
        ("中", "i"),
        ("後", "o"),
    ]


def test_inline_elements_do_not_part_words() -> None:
    assert lines("<p>文<b>淵</b><i><u>閣</u></i>四庫</p>") == ["文淵閣四庫"]


def test_readings_of_ruby_are_left_out() -> None:
    assert lines("<p><ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rt>zì</rt></ruby>學</p>") == ["漢字學"]


def test_blanks_run_together_as_browsers_show_them() -> None:
    assert lines("<p>\n  one \t two\n three  </p>") == ["one two three"]


def test_line_feed_between_han_characters_is_nothing() -> None:
    assert lines("<p>天地\n  玄黃\n宇宙 <b>\n洪荒</b> a\nb</p>") == ["天地玄黃宇宙洪荒 a b"]


def test_indent_of_ideographic_spaces_is_no_text() -> None:
    assert lines("<p>　　話說天下大勢　</p>") == ["話說天下大勢"]


def test_line_break_ends_a_line_of_verse() -> None:
    root = chapters.parse_chapter(document('<p id="v">牀前明月光，<br/>疑是地上霜。</p>'))
    assert [(line.text, line.block.get("id")) for line in chapters.chapter_text(root)] == [
        ("牀前明月光，", "v"),
        ("疑是地上霜。", "v"),
    ]


def test_rows_of_preformatted_text_are_lines() -> None:
    assert lines("<pre>a = 1\nb  =  2</pre>") == ["a = 1", "b = 2"]


def test_soft_hyphens_and_zero_width_spaces_are_no_text() -> None:
    assert lines("<p>dic\u00adtion\u200bary</p>") == ["dictionary"]


def test_rare_characters_count_as_one() -> None:
    assert lines("<p>𠀀𪚥</p>") == ["𠀀𪚥"]
    assert marked(chapters.mark(document("<p>𠀀𪚥龍</p>"), [(1, 2)])) == {0: "𪚥"}


def test_scripts_styles_media_and_hidden_lists_are_silent() -> None:
    silent = "<style>p{}</style><video>no</video><audio>no</audio><nav hidden=''><ol><li>no</li></ol></nav>"
    assert lines(f"<p>yes</p>{silent}") == ["yes"]


def test_svg_shows_only_its_text_elements() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg"><title>no</title>no<text>圖<tspan>一</tspan></text>'
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">內</p></foreignObject></svg>'
    )
    assert lines(f"<p>甲{drawing}乙</p>") == ["甲", "圖一", "內", "乙"]


def test_formulas_are_read_without_their_annotations() -> None:
    formula = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow>'
        "<annotation>TeX</annotation></semantics></math>"
    )
    assert lines(f"<p>求{formula}之和</p>") == ["求a+b之和"]


def test_every_block_with_text_gets_an_anchor_of_its_own() -> None:
    root = chapters.parse_chapter(document('<div><p>一</p><p id="wy-1">二</p><p>三</p></div>'))
    assert [line.block.get("id") for line in chapters.anchor_blocks(root)] == ["wy-2", "wy-1", "wy-3"]


def test_layer_is_one_region_without_places() -> None:
    layer = chapters.chapter_layer(chapters.anchor_blocks(chapters.parse_chapter(document("<p>一</p><p>二</p>"))))
    assert (layer.width, layer.height, layer.text) == (0, 0, "一\n二")
    assert [line.anchor for line in layer.lines] == ["wy-1", "wy-2"]


def test_empty_chapter_has_no_region() -> None:
    layer = chapters.chapter_layer(chapters.chapter_text(chapters.parse_chapter(document("<p> </p>"))))
    assert layer.regions == ()


def test_places_name_the_text_node_of_every_character() -> None:
    root = chapters.parse_chapter(document("<p>甲 \n <b>乙</b>\n丙</p>"))
    for line in chapters.chapter_text(root):
        nodes = [(e.tail if tail else e.text)[offset] for e, tail, offset in line.places()]
        assert "".join(nodes) == line.text == "甲乙丙"


def test_hit_over_inline_elements_is_marked_in_pieces_with_one_id() -> None:
    data = chapters.mark(document("<p>文<b>淵</b>閣</p>"), [(0, 3)]).decode()
    assert data.count('class="wy-hit"') == 3
    assert data.count('id="wy-hit-0"') == 1
    assert '<mark class="wy-hit" data-wy-hit="0" id="wy-hit-0">文</mark><b><mark' in data


def test_hit_over_ruby_leaves_the_reading_unmarked() -> None:
    data = chapters.mark(document("<p><ruby>漢<rt>hàn</rt>字<rt>zì</rt></ruby></p>"), [(0, 2)])
    assert marked(data) == {0: "漢字"}
    assert "<rt>hàn</rt>" in data.decode()


def test_hit_over_the_end_of_a_block_is_marked_in_both() -> None:
    data = chapters.mark(document("<p>甲乙</p><p>丙丁</p>"), [(1, 4)])
    assert marked(data) == {0: "乙丙"}


def test_hits_in_one_text_node_keep_their_order() -> None:
    data = chapters.mark(document("<p>一二三四五</p>"), [(3, 4), (0, 1), (1, 2)])
    assert marked(data) == {0: "四", 1: "一", 2: "二"}
    assert whole(data) == "一二三四五"


def test_shared_characters_belong_to_the_hit_that_begins_first() -> None:
    assert marked(chapters.mark(document("<p>一二三四</p>"), [(1, 4), (0, 2)])) == {1: "一二", 0: "三四"}


def test_hits_in_svg_are_tspans() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><text x="1">\xe5\x9c\x96\xe4\xb8\x80</text></svg>'
    root = chapters.parse_chapter(chapters.mark(drawing, [(0, 1)]))
    (hit,) = root.iter("{http://www.w3.org/2000/svg}tspan")
    assert (hit.text, hit.get("id")) == ("圖", "wy-hit-0")


def test_ranges_outside_the_text_leave_nothing() -> None:
    data = chapters.mark(document("<p>一</p><p>二</p>"), [(1, 2), (9, 12), (0, 0)])
    assert marked(data) == {}


def test_what_is_not_xml_is_told() -> None:
    with pytest.raises(ValueError, match="tag"):
        chapters.mark(b"<p>", [(0, 1)])


@pytest.mark.parametrize("declaration", ['<!ENTITY a SYSTEM "file:///etc/hostname">', '<!ENTITY a "boom">'])
def test_entities_are_not_expanded(declaration: str) -> None:
    data = f"<!DOCTYPE html [{declaration}]>".encode() + document("<p>x&a;y</p>")
    assert whole(data) in ("xy", "x", "y")


_WORDS = st.text(st.sampled_from("天地玄黃𠀀ab \n\t　\u00ad，<&"), max_size=8)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Small trees of blocks, inline elements, ruby, breaks and drawings."""

    def escape(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;")

    def part(depth: int) -> str:
        kind = draw(st.sampled_from(["text", "b", "p", "div", "ruby", "br", "pre", "svg", "li"] if depth else ["text"]))
        if kind == "text":
            return escape(draw(_WORDS))
        if kind == "br":
            return "<br/>"
        inner = "".join(part(depth - 1) for _ in range(draw(st.integers(0, 3))))
        if kind == "ruby":
            return f"<ruby>{inner}<rt>讀</rt></ruby>"
        if kind == "svg":
            return f'<svg xmlns="http://www.w3.org/2000/svg"><text>{escape(draw(_WORDS))}</text></svg>'
        return f"<{kind}>{inner}</{kind}>"

    return "".join(part(3) for _ in range(draw(st.integers(1, 4))))


@settings(max_examples=300, deadline=None)
@given(bodies(), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=5))
def test_marking_changes_no_text_and_marks_just_the_ranges(body: str, wanted: list[tuple[int, int]]) -> None:
    data = document(body)
    text = whole(data)
    ranges = [(start, start + length) for start, length in wanted]
    marked_data = chapters.mark(data, ranges)
    assert whole(marked_data) == text
    expected: dict[int, str] = {}
    done = 0
    for number, (start, end) in sorted(enumerate(ranges), key=lambda pair: pair[1]):
        piece = text[max(start, done) : end].replace("\n", "")
        done = max(done, end)
        if piece:
            expected[number] = piece
    assert marked(marked_data) == expected
    etree.fromstring(marked_data)
