"""What of a book's markup reaches a reader, and what does not."""

from __future__ import annotations

import pytest
from epub_hostile import (
    ELSEWHERE,
    HOSTILE,
    X,
    assert_harmless,
    chapter,
    clean,
    references,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from wenyuan.ingest.formats import sanitise_names, sanitise_parse
from wenyuan.ingest.formats.sanitise import sanitise_chapter, sanitise_drawing, sanitise_sheet
from wenyuan.ingest.formats.sanitise_parse import decode
from wenyuan.repo.chapters import parse_chapter


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_markup_is_gone_and_the_text_around_it_stays(payload: str) -> None:
    data = chapter(f"<p>前</p>{payload}<p>後</p>")
    assert_harmless(data)
    assert ">前</p>" in data
    assert ">後</p>" in data


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_markup_is_gone_from_broken_documents_too(payload: str) -> None:
    data = clean(f"<html><head><title>x<body><p>前<br>{payload}<p>後</html>".encode())
    assert_harmless(data)


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_markup_is_gone_from_heads_and_drawings(payload: str) -> None:
    assert_harmless(chapter("<p>x</p>", head=payload))
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{payload}</svg>'
    assert_harmless(sanitise_drawing(drawing.encode(), references()).data.decode())


def test_instructions_before_the_root_are_gone() -> None:
    document = f'<?xml version="1.0"?><?xml-stylesheet href="{ELSEWHERE}/x.xsl" type="text/xsl"?><!DOCTYPE html>'
    data = clean((document + f'<html xmlns="{X}"><body><p>文</p></body></html>').encode())
    assert "stylesheet" not in data
    assert "DOCTYPE" not in data


@pytest.mark.parametrize(
    "declarations",
    [
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        f'<!ENTITY a PUBLIC "x" "{ELSEWHERE}/x.dtd">',
        f'<!ENTITY % b SYSTEM "{ELSEWHERE}/x.dtd"> %b; <!ENTITY a "x">',
        '<!ENTITY c "lol"><!ENTITY b "&c;&c;&c;&c;"><!ENTITY a "&b;&b;&b;&b;&b;">',
        '<!ENTITY a "&lt;script>alert(1)&lt;/script>">',
        '<!ATTLIST p onclick CDATA "alert(1)"><!ENTITY a "x">',
    ],
)
def test_entities_of_a_book_are_not_expanded(declarations: str) -> None:
    data = clean(f'<!DOCTYPE html [{declarations}]><html xmlns="{X}"><body><p>前&a;後</p></body></html>'.encode())
    assert_harmless(data)
    assert "lollol" not in data
    assert "root:" not in data
    assert "前" in data


def test_plain_words_that_a_book_defines_are_kept() -> None:
    data = clean(f'<!DOCTYPE html [<!ENTITY lib "文淵閣">]><html xmlns="{X}"><body><p>&lib;</p></body></html>'.encode())
    assert "文淵閣" in data


def test_names_of_html_are_characters() -> None:
    assert "a\u00a0b—©&amp;&lt;" in chapter("<p>a&nbsp;b&mdash;&copy;&amp;&lt;</p>")


@pytest.mark.parametrize(
    "kept",
    [
        "<ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby>",
        '<table><caption>表</caption><thead><tr><th scope="col">甲</th></tr></thead></table>',
        '<table><tbody><tr><td colspan="2">乙</td></tr></tbody></table>',
        '<aside epub:type="footnote" id="n1">注</aside>',
        '<div class="vrtl" style="writing-mode: vertical-rl;">直</div>',
        '<audio controls="" src="talk.mp3"/>',
        '<video controls="" poster="p.png" src="film.mp4"/>',
        '<ol start="3" type="i"><li value="5">x</li></ol>',
        '<p xml:lang="zh-Hant" lang="zh-Hant" dir="rtl">繁</p>',
        '<figure><img alt="圖" src="p.png"/><figcaption>圖一</figcaption></figure>',
        '<p id="章節一" role="doc-abstract" aria-label="x">x</p>',
        "<details><summary>x</summary>y</details>",
    ],
)
def test_what_is_read_is_kept(kept: str) -> None:
    document = etree.fromstring(chapter(kept).encode())
    wanted = etree.fromstring(f'<body xmlns:epub="http://www.idpf.org/2007/ops" xmlns="{X}">{kept}</body>')
    found = document.find(f"{{{X}}}body")
    assert found is not None

    def shape(element: etree._Element) -> list[object]:
        attributes = {key: value for key, value in element.attrib.items() if not value.startswith("wy-")}
        return [element.tag, attributes, element.text, [shape(child) for child in element], element.tail]

    assert [shape(child) for child in found] == [shape(child) for child in wanted]


def test_formulas_are_kept() -> None:
    formula = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mfrac><mi>a</mi><mn>2</mn></mfrac></math>'
    )
    assert formula in chapter(f"<p>{formula}</p>")


def test_drawings_are_kept_with_their_own_references() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><linearGradient id="g"><stop offset="1"/>'
        '</linearGradient><path id="p" d="M0 0L9 9"/></defs><rect width="9" fill="url(#g)"/><use href="#p"/>'
        '<text x="1"><textPath href="#p">曲</textPath></text><image href="p.png" width="3"/></svg>'
    )
    data = chapter(f"<div>{drawing}</div>")
    for piece in ('viewBox="0 0 9 9"', 'fill="url(&quot;#g&quot;)"', '<use href="#p"/>', 'href="p.png"', "曲"):
        assert piece in data


def test_animations_of_geometry_are_kept() -> None:
    data = chapter(
        '<svg xmlns="http://www.w3.org/2000/svg"><animate attributeName="x" from="0" to="9" dur="1s"/></svg>'
    )
    assert '<animate attributeName="x" from="0" to="9" dur="1s"/>' in data


def test_picture_objects_become_pictures_and_others_show_what_they_offer() -> None:
    data = chapter('<object data="map.svg" type="image/svg+xml">地圖</object><object data="x.swf"><p>文字</p></object>')
    assert '<img src="map.svg" alt="地圖"/>' in data
    assert ">文字</p>" in data


def test_text_of_forms_stays() -> None:
    data = chapter("<form><label>姓名</label><p>說明</p></form>")
    assert "姓名" in data
    assert "說明" in data


def test_switch_shows_one_branch() -> None:
    data = chapter("<epub:switch><epub:case><p>甲</p></epub:case><epub:default><p>乙</p></epub:default></epub:switch>")
    assert "甲" not in data
    assert "乙" in data


def test_links_inside_the_book_keep_their_way_and_say_where_they_lead() -> None:
    data = chapter('<a href="text/two.xhtml#%E6%B3%A8">x</a>')
    assert (
        '<a href="text/two.xhtml#%E6%B3%A8" target="_self" data-wy-entry="OPS/text/two.xhtml" data-wy-fragment="注">'
        in data
    )


def test_links_within_the_chapter_are_fragments() -> None:
    assert 'href="#n1" target="_self" data-wy-entry="OPS/one.xhtml" data-wy-fragment="n1"' in chapter(
        '<a href="#n1">x</a>'
    )
    assert 'href="#n1"' in chapter('<a href="one.xhtml#n1">x</a>')


def test_links_to_the_web_keep_text_and_address_but_lead_nowhere() -> None:
    data = chapter('<a href="https://example.org/a?b=1&amp;c" target="_blank" rel="opener">網</a>')
    assert '<a data-wy-external="https://example.org/a?b=1&amp;c">網</a>' in data


def test_books_cannot_forge_our_attributes() -> None:
    assert "evil" not in chapter('<a data-wy-entry="evil" data-wy-external="evil" data-x="evil">x</a>')


def test_old_anchors_get_ids() -> None:
    assert 'id="n1"' in chapter('<a name="n1">x</a>')


def test_names_with_blanks_and_han_characters_are_found_and_escaped() -> None:
    assert 'src="%E5%9C%96/%E7%94%B2%20%E4%B9%99.png"' in chapter('<img src="圖/甲 乙.png" alt=""/>')
    assert 'src="%E5%9C%96/%E7%94%B2%20%E4%B9%99.png"' in chapter(
        '<img src="./%E5%9C%96/%E7%94%B2%20%E4%B9%99.png" alt=""/>'
    )


def test_pictures_must_be_pictures() -> None:
    assert "src" not in chapter('<img src="one.xhtml" alt=""/>')
    assert "href" not in chapter("", head='<link rel="stylesheet" href="p.png"/>')


def test_small_pictures_inside_the_document_are_kept() -> None:
    assert 'src="data:image/png;base64,AAAA"' in chapter('<img src="data:image/png;base64,AA AA" alt=""/>')


def test_size_of_fixed_layout_is_kept() -> None:
    data = chapter(
        "<p>x</p>", head='<meta name="viewport" content="width=1200 , height=1600;url=http://evil.example"/>'
    )
    assert '<meta name="viewport" content="width=1200, height=1600"/>' in data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5"])
def test_encodings_of_chinese_books_are_read(encoding: str) -> None:
    name = "GB2312" if encoding == "gb18030" else encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{name}"?><html xmlns="{X}"><body><p>文淵閣</p></body></html>'
    assert "文淵閣" in clean(text.encode(encoding))


def test_undeclared_gb18030_is_guessed() -> None:
    assert decode("文淵閣四庫全書".encode("gb18030")) == "文淵閣四庫全書"


def test_broken_markup_is_read_leniently_and_written_well_formed() -> None:
    data = clean("<html><head><title/><body><p>一<br>二<p>三 & 四<img src=p.png alt=x></body>".encode())
    root = etree.fromstring(data.encode())
    assert [p.xpath("string()") for p in root.iter(f"{{{X}}}p")] == ["一二", "三 & 四"]
    assert root.find(f".//{{{X}}}img") is not None


def test_drawings_in_broken_markup_keep_their_names() -> None:
    data = clean(
        b'<html><body><br><svg viewBox="0 0 1 1"><linearGradient gradientUnits="userSpaceOnUse"/></svg></html>'
    )
    assert 'viewBox="0 0 1 1"' in data
    assert '<linearGradient gradientUnits="userSpaceOnUse"/>' in data


def test_documents_without_namespace_are_html() -> None:
    assert f'<html xmlns="{X}"' in clean(b"<html><body><p>x</p></body></html>")


def test_our_sheet_comes_first() -> None:
    document = f'<html xmlns="{X}"><head><link rel="stylesheet" href="book.css"/></head><body/></html>'.encode()
    data = sanitise_chapter(document, references(), style_sheet="../wenyuan/base.css").data.decode()
    assert data.index("wenyuan/base.css") < data.index("book.css")


def test_blocks_get_anchors_that_the_text_layer_names() -> None:
    done = sanitise_chapter(f'<html xmlns="{X}"><body><p>一</p><p id="x">二</p></body></html>'.encode(), references())
    assert [(line.text, line.anchor) for line in done.text.lines] == [("一", "wy-1"), ("二", "x")]
    assert '<p id="wy-1">一</p><p id="x">二</p>' in done.data.decode()


@pytest.mark.parametrize("depth", [250, 1_000, 50_000])
@pytest.mark.parametrize("before", [b"", b"<br>"])
def test_very_deep_markup_keeps_its_text(depth: int, before: bytes) -> None:
    data = clean(b"<html><body>" + before + b"<div>" * depth + b"deep" + b"</div>" * depth + b"</body></html>")
    assert_harmless(data)
    assert "deep" in data or depth == 50_000  # well-formed or not, libxml2 reads some thousand levels


@pytest.mark.parametrize("before", ["", "<br>"])
def test_pictures_and_texts_of_ten_megabytes_lose_nothing(before: str) -> None:
    picture = f'<img alt="" src="data:image/png;base64,{"A" * 11_000_000}"/>'
    data = clean(f"<html><body>{before}<p>前</p>{picture}<p>{'文' * 4_000_000}</p><p>後</p></body></html>".encode())
    assert "後" in data
    assert data.count("文") == 4_000_000
    assert len(parse_chapter(data.encode()).xpath("string()")) >= 4_000_002


@pytest.mark.parametrize(
    "data", [b"", b" ", b"\0\0\0", b"\xff\xfe", b"plain", b"<", b"<?xml", b"<!DOCTYPE", b"\xef\xbb\xbf<a/>"]
)
def test_any_bytes_give_a_document(data: bytes) -> None:
    assert_harmless(clean(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_make_it_fail(data: bytes, in_body: bool) -> None:
    assert_harmless(clean(b"<html><body>" + data if in_body else data))
    sanitise_sheet(data, references())


@pytest.mark.parametrize(
    ("written", "read"), [("&#1;a", "a"), ("&#xFFFE;a", "a"), ("&#99999999999;a", "a"), ("&#150;", "–")]
)
def test_characters_by_number_are_those_that_xml_has(written: str, read: str) -> None:
    assert f">{read}</p>" in chapter(f"<p>{written}</p>")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*HOSTILE, "<", ">", "'", '"', "<p", "</", "<!--", "]]>", "&", "文", "<![CDATA["]), max_size=6
    )
)
def test_no_mixture_of_payloads_is_harmful(pieces: list[str]) -> None:
    assert_harmless(clean(f"<html><body>{''.join(pieces)}</body></html>".encode()))


def test_lists_of_names_do_not_contradict_themselves() -> None:
    assert not sanitise_names.HTML_KEPT & sanitise_names.HTML_DROPPED
    assert not sanitise_names.SVG_KEPT & sanitise_names.SVG_DROPPED
    assert not [name for name in sanitise_names.SVG_ATTRIBUTES | sanitise_names.HTML_ANYWHERE if name.startswith("on")]


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE html [<!ENTITY lib "文淵閣"><!ENTITY b "]"> <!-- ] --> ]>',
        '<!-- <!DOCTYPE --> <?x ?>\n<!DOCTYPE html [<!ENTITY lib "文淵閣">]>',
        '<!DOCTYPE a><!DOCTYPE html PUBLIC "[" "]" [<!ENTITY lib "文淵閣">]>',
        "<!DOCTYPE html [<!-- " + "x" * 200_000 + ' --><!ENTITY lib "文淵閣">]>',
        '\ufeff rubbish <!doctype html [<!ENTITY lib "文淵閣">]>',
    ],
)
def test_document_types_are_found_wherever_they_may_stand(before: str) -> None:
    data = clean(f'{before}<html xmlns="{X}"><body><p>&lib;</p></body></html>'.encode())
    assert ">文淵閣</p>" in data
    assert "DOCTYPE" not in data
    assert "]" not in data


@pytest.mark.parametrize("end", ["", "]", "] x", "]>"])
def test_no_document_type_reaches_a_parser(end: str) -> None:
    for types in ("<!DOCTYPE a [", "<!DOCTYPE a><!DOCTYPE a [", "<!-- --><!DOCTYPE a '"):
        text, _ = sanitise_parse._without_types(f'{types}<!ENTITY % a "b">%a;{end}<p>x</p>')
        assert not text.startswith("<!")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("p.png 1x, p.png 2x", "p.png 1x, p.png 2x"),
        ("p.png, p.png 1.5x", "p.png, p.png 1.5x"),
        (" , p.png 100w,,", "p.png 100w"),
        ("p.png", "p.png"),
        ("p.png 1q, p.png", "p.png, p.png"),
        ("gone.png 1x, p.png 2x", "p.png 2x"),
        (f"{ELSEWHERE}/a.png 1x", None),
        ("p.png,p.png", None),
    ],
)
def test_sources_by_size(written: str, kept: str | None) -> None:
    found = etree.fromstring(chapter(f'<img srcset="{written}" alt=""/>').encode()).find(f".//{{{X}}}img")
    assert found is not None
    assert found.get("srcset") == kept


def test_text_around_what_is_dropped_stays_in_order() -> None:
    data = chapter("一<script/>二<b>三<script/>四<i>五</i>六<x/>七</b>八<script/>九<x>十<u>甲</u>乙</x>丙")
    assert "一二<b>三四<i>五</i>六七</b>八九十<u>甲</u>乙丙" in data
