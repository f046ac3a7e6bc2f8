"""What of an e-book the reading page lives on: notes, page marks, columns, fonts, captions. None may be lost."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from epub_books import FONT, PNG, Files, Make, packed, page, write_epub
from epub_hostile import chapter, style

VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000\n<i>\xe6\xbd\xae</i>\n"
FILM = b"\x1aE\xdf\xa3" + bytes(100)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an EPUB of the files and description given."""
    return functools.partial(write_epub, tmp_path / "book.epub")


@pytest.mark.parametrize(
    "kept",
    [
        'epub:type="noteref" role="doc-noteref" href="#n1"',
        '<aside epub:type="footnote" role="doc-footnote" id="n1" hidden="">',
        '<section epub:type="endnotes" role="doc-endnotes" hidden="hidden"',
        '<a epub:type="backlink" role="doc-backlink" href="#r1"',
        '<span epub:type="pagebreak" role="doc-pagebreak" id="p12" aria-label="12" title="12"/>',
        '<bdo dir="rtl" xml:lang="ar"',
        '<p dir="auto" lang="zh-Hant"',
        '<ruby xml:lang="ja"><rb>漢</rb><rb>字</rb><rtc><rt>かん</rt><rt>じ</rt></rtc></ruby>',
        '<td rowspan="2" headers="a b"',
        '<th scope="row" abbr="甲"',
    ],
)
def test_attributes_that_the_reading_page_goes_by_are_kept(kept: str) -> None:
    body = (
        '<p id="r1">甲<a epub:type="noteref" role="doc-noteref" href="#n1">1</a></p>'
        '<aside epub:type="footnote" role="doc-footnote" id="n1" hidden=""><p>注</p></aside>'
        '<section epub:type="endnotes" role="doc-endnotes" hidden="hidden"><p>尾注'
        '<a epub:type="backlink" role="doc-backlink" href="#r1">↩</a></p></section>'
        '<p>乙<span epub:type="pagebreak" role="doc-pagebreak" id="p12" aria-label="12" title="12"/>'
        '<bdo dir="rtl" xml:lang="ar">ا</bdo></p><p dir="auto" lang="zh-Hant">丙</p>'
        '<p><ruby xml:lang="ja"><rb>漢</rb><rb>字</rb><rtc><rt>かん</rt><rt>じ</rt></rtc></ruby></p>'
        '<table><tr><th scope="row" abbr="甲">x</th><td rowspan="2" headers="a b">y</td></tr></table>'
    )
    assert kept in chapter(body)


def test_language_type_and_direction_of_the_whole_chapter_are_kept(make: Make) -> None:
    document = page("<p>甲</p>").replace("<html ", '<html xml:lang="zh-Hant" lang="zh-Hant" dir="ltr" class="vrtl" ')
    data = packed(make({"a.xhtml": document.replace("<body>", '<body epub:type="bodymatter">')}))[
        "OPS/a.xhtml"
    ].decode()
    for kept in ('xml:lang="zh-Hant"', 'lang="zh-Hant"', 'dir="ltr"', 'class="vrtl"', '<body epub:type="bodymatter">'):
        assert kept in data


def test_hidden_notes_are_text_that_is_found(make: Make) -> None:
    from epub_books import opened

    book = opened(make({"a.xhtml": page('<p>甲</p><aside epub:type="footnote" hidden=""><p>注文</p></aside>')}))
    found = book.text(0)
    book.close()
    assert found is not None
    assert found.layer.text == "甲\n注文"


@pytest.mark.parametrize("prefix", ["-epub-", "-webkit-", ""])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("writing-mode: vertical-rl", "writing-mode: vertical-rl;"),
        ("text-orientation: upright", "text-orientation: upright;"),
        ("text-combine-upright: all", "text-combine-upright: all;"),
        ("text-emphasis: filled sesame red", "text-emphasis: filled sesame red;"),
        ("text-emphasis-position: over right", "text-emphasis-position: over right;"),
        ("text-underline-position: left", "text-underline-position: left;"),
        ("ruby-position: under", "ruby-position: under;"),
        ("line-break: strict", "line-break: strict;"),
        ("word-break: keep-all", "word-break: keep-all;"),
        ("hyphens: auto", "hyphens: auto;"),
        ("text-align-last: justify", "text-align-last: justify;"),
        ("text-transform: full-width", "text-transform: full-width;"),
    ],
)
def test_properties_of_chinese_and_japanese_books_are_standard_ones(prefix: str, written: str, kept: str) -> None:
    assert f"{{ {kept} }}" in style(f"p {{ {prefix}{written} }}")
    assert f'style="{kept}"' in chapter(f'<p style="{prefix}{written}">x</p>')


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("-epub-text-combine: horizontal", "text-combine-upright: all"),
        ("-webkit-text-combine: horizontal", "text-combine-upright: all"),
        ("-epub-text-combine-horizontal: all", "text-combine-upright: all"),
        ("-epub-text-orientation: vertical-right", "text-orientation: mixed"),
        ("-epub-text-orientation: sideways-right", "text-orientation: sideways"),
        ("-webkit-text-orientation: rotate-right", "text-orientation: sideways"),
        ("-epub-text-transform: -epub-fullwidth", "text-transform: full-width"),
        ("-epub-text-underline-position: alphabetic", "text-underline-position: auto"),
        ("-epub-ruby-position: before", "ruby-position: over"),
        ("writing-mode: tb-rl", "writing-mode: vertical-rl"),
    ],
)
def test_values_that_browsers_have_given_up_are_those_of_today(written: str, kept: str) -> None:
    assert f"{kept};" in style(f"p {{ {written} }}")


def test_sheets_of_fixed_layout_are_kept() -> None:
    sheet = "body { position: absolute; top: 12.5px; transform: rotate(3deg) translate(1px, 2px); z-index: 3 }"
    found = style(sheet)
    for kept in ("position: absolute", "top: 12.5px", "transform: rotate(3deg) translate(1px, 2px)", "z-index: 3"):
        assert kept in found


def test_embedded_fonts_are_packed_and_named(make: Make) -> None:
    source = "local('x'), url(f.otf) format('opentype')"
    sheet = f"@font-face {{ font-family: '宋刻本秀楷'; src: {source}; unicode-range: U+4E00-9FFF }}"
    files: Files = {
        "a.xhtml": page("<p>甲</p>", '<link rel="stylesheet" href="s.css"/>'),
        "s.css": sheet,
        "f.otf": FONT,
    }
    entries = packed(make(files))
    assert entries["OPS/f.otf"] == FONT
    for kept in ('url("f.otf")', "unicode-range: U+4E00-9FFF", "宋刻本秀楷"):
        assert kept in entries["OPS/s.css"].decode()


def test_films_keep_their_captions_and_posters(make: Make) -> None:
    body = (
        '<video controls="" poster="p.png"><source src="f.webm" type="video/webm"/>'
        '<track kind="captions" srclang="zh" label="中文" src="f.vtt" default=""/>'
        '<track src="http://evil.example/x.vtt"/><track src="a.xhtml"/></video>'
    )
    entries = packed(make({"a.xhtml": page(body), "p.png": PNG, "f.webm": FILM, "f.vtt": VTT}))
    assert {"OPS/p.png", "OPS/f.webm", "OPS/f.vtt"} <= set(entries)
    data = entries["OPS/a.xhtml"].decode()
    assert '<track kind="captions" srclang="zh" label="中文" src="f.vtt" default=""/>' in data
    assert data.count(" src=") == 2
    assert "evil" not in data
