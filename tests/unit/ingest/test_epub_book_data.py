"""What a package says of its book: pages of the print edition, voices, layout, accessibility."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from epub_books import NAV, NAV_ITEM, Files, Make, packed, page, write_epub

from wenyuan.ingest.formats.epub_overlays import seconds
from wenyuan.ingest.formats.epub_stock import OWN
from wenyuan.repo import book_data
from wenyuan.repo.book_data import Accessibility, BookData, PrintedPage, Spoken

MP3 = b"ID3" + bytes(100)
SMIL = '<smil xmlns="http://www.w3.org/ns/SMIL" version="3.0"><body><seq>{}</seq></body></smil>'
SMIL_ITEM = '<item id="smil" href="{}" media-type="application/smil+xml"/>'
PAGES = '<nav epub:type="page-list" hidden=""><ol>{}</ol></nav>'


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an EPUB of the files and description given."""
    return functools.partial(write_epub, tmp_path / "book.epub")


def said(path: Path) -> BookData:
    return book_data.decode(packed(path)[book_data.ENTRY])


def spoken(make: Make, body: str, **more: str) -> BookData:
    files: Files = {
        "a.xhtml": page('<p id="p1">甲</p><p id="p2">乙</p>'),
        "s.mp3": MP3,
        "voice/a.smil": SMIL.format(body),
    }
    return said(make(files, spine='<itemref idref="i0"/>', items=SMIL_ITEM.format("voice/a.smil"), **more))


def test_the_entry_lies_in_our_own_folder() -> None:
    assert book_data.ENTRY.startswith(OWN)


def test_a_book_that_says_nothing_is_flowing_text_without_pages_or_voices(make: Make) -> None:
    assert said(make({"a.xhtml": page("<p>甲</p>")})) == BookData()


# Pages of the print edition


def test_pages_of_the_print_edition_come_from_the_navigation_document(make: Make) -> None:
    rows = '<li><a href="a.xhtml#p12">12</a></li><li><a href="b.xhtml">卷二 · 三</a></li>'
    nav = page(NAV.format('<li><a href="a.xhtml">甲</a></li>') + PAGES.format(rows))
    files: Files = {"a.xhtml": page('<p id="p12">甲</p>'), "b.xhtml": page("<p>乙</p>"), "nav.xhtml": nav}
    spine = '<itemref idref="i0"/><itemref idref="i1"/>'
    assert said(make(files, items=NAV_ITEM, spine=spine)).page_list == (
        PrintedPage("12", "OPS/a.xhtml", "p12"),
        PrintedPage("卷二 · 三", "OPS/b.xhtml"),
    )


def test_pages_of_older_books_come_from_their_ncx(make: Make) -> None:
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap/><pageList>'
        '<pageTarget value="1"><navLabel><text>i</text></navLabel><content src="a.xhtml#x"/></pageTarget>'
        '<pageTarget value="2"><content src="a.xhtml#y"/></pageTarget>'
        '<pageTarget value="3"><navLabel><text>3</text></navLabel></pageTarget></pageList></ncx>'
    )
    files: Files = {"a.xhtml": page('<p id="x">甲<i id="y"/></p>'), "toc.ncx": ncx}
    assert said(make(files, spine_attributes='toc="i1"')).page_list == (
        PrintedPage("i", "OPS/a.xhtml", "x"),
        PrintedPage("2", "OPS/a.xhtml", "y"),
    )


def test_without_a_list_the_marks_in_the_chapters_are_one(make: Make) -> None:
    body = (
        '<span epub:type="pagebreak" id="p1" title="1"/><p>甲<span role="doc-pagebreak" id="p2" aria-label="2"/>乙</p>'
        '<span epub:type="pagebreak" id="p3">三</span><span epub:type="pagebreak" title="4"/>'
    )
    assert [(found.label, found.fragment) for found in said(make({"a.xhtml": page(body)})).page_list] == [
        ("1", "p1"),
        ("2", "p2"),
        ("三", "p3"),
    ]


def test_pages_that_lead_out_of_the_book_are_left_out(make: Make) -> None:
    rows = "".join(
        f'<li><a href="{address}">1</a></li>'
        for address in ("http://evil.example/", "javascript:alert(1)", "../../x.xhtml", "p.css", "")
    )
    files: Files = {
        "a.xhtml": page("<p>甲</p>"),
        "p.css": "p{}",
        "nav.xhtml": page(NAV.format("") + PAGES.format(rows)),
    }
    assert said(make(files, items=NAV_ITEM, spine='<itemref idref="i0"/>')).page_list == ()


# Voices


def test_voices_are_rows_of_their_chapter_and_their_sounds_are_packed(make: Make) -> None:
    body = (
        '<par><text src="../a.xhtml#p1"/><audio src="../s.mp3" clipBegin="0:00:01.5" clipEnd="2.25s"/></par>'
        '<seq><par><text src="../a.xhtml#p2"/><audio src="../s.mp3" clipBegin="npt=3s"/></par></seq>'
    )
    files: Files = {
        "a.xhtml": page('<p id="p1">甲</p><p id="p2">乙</p>'),
        "s.mp3": MP3,
        "unused.mp3": MP3,
        "voice/a.smil": SMIL.format(body),
    }
    active = '<meta property="media:active-class">-epub-media-overlay-active</meta>'
    entries = packed(
        make(files, spine='<itemref idref="i0"/>', items=SMIL_ITEM.format("voice/a.smil"), metadata=active)
    )
    found = book_data.decode(entries[book_data.ENTRY])
    assert found.overlays == {
        "OPS/a.xhtml": (Spoken("p1", "OPS/s.mp3", 1.5, 2.25), Spoken("p2", "OPS/s.mp3", 3.0, None))
    }
    assert found.active_class == "-epub-media-overlay-active"
    assert entries["OPS/s.mp3"] == MP3
    assert "OPS/unused.mp3" not in entries


@pytest.mark.parametrize(
    "pair",
    [
        '<text src="../a.xhtml#p1"/>',
        '<text src="../a.xhtml#p1"/><audio src="http://evil.example/s.mp3"/>',
        '<text src="../a.xhtml#p1"/><audio src="../missing.mp3"/>',
        '<text src="../a.xhtml#p1"/><audio src="../a.xhtml"/>',
        '<text src="http://evil.example/"/><audio src="../s.mp3"/>',
        '<text src="../a.xhtml#p1"/><audio src="../s.mp3" clipBegin="5s" clipEnd="4s"/>',
        '<text src="../s.mp3"/><audio src="../s.mp3"/>',
        '<audio src="../s.mp3"/>',
    ],
)
def test_voices_that_cannot_be_played_are_left_out(make: Make, pair: str) -> None:
    assert spoken(make, f"<par>{pair}</par>").overlays == {}


def test_a_broken_overlay_leaves_the_book_silent(make: Make) -> None:
    assert spoken(make, "<par><text src='../a.xhtml#p1'/>").overlays == {}
    assert spoken(make, "\0\1 no markup at all").overlays == {}


def test_a_class_that_is_none_is_not_passed_on(make: Make) -> None:
    active = '<meta property="media:active-class">x } body { background: url(//evil) </meta>'
    assert spoken(make, "", metadata=active).active_class == ""


@pytest.mark.parametrize(
    ("clock", "value"),
    [
        ("5:34:31.396", 20_071.396),
        ("124:59:36", 449_976.0),
        ("0:05:01.2", 301.2),
        ("09:58", 598.0),
        ("00:56.78", 56.78),
        ("76.2s", 76.2),
        ("7.75h", 27_900.0),
        ("13min", 780.0),
        ("2345ms", 2.345),
        ("12.345", 12.345),
        ("npt=12.3s", 12.3),
    ],
)
def test_clock_values_are_seconds(clock: str, value: float) -> None:
    """All but the last are the examples of EPUB Media Overlays 3.2, section 7.3."""
    assert seconds(clock) == value


@pytest.mark.parametrize(
    "clock",
    [
        "",
        "-1s",
        "1:2:3:4",
        "0:61:00x",
        "1e9",
        "五",
        "inf",
        "nan",
        "9" * 400,
        "9" * 400 + ":00:00",
        "9" * 5_000 + ":00:00",
        "0." + "9" * 5_000,
    ],
)
def test_what_is_no_clock_value_is_none(clock: str) -> None:
    assert seconds(clock) is None


# Layout and accessibility


def test_layout_spread_and_flow_are_told(make: Make) -> None:
    rendition = (
        '<meta property="rendition:layout">pre-paginated</meta><meta property="rendition:spread">landscape</meta>'
    )
    found = said(make({"a.xhtml": page("<p>甲</p>")}, metadata=rendition))
    assert (found.layout, found.spread, found.flow) == ("pre-paginated", "landscape", "auto")
    flow = (
        '<meta property="rendition:spread">portrait</meta>'
        '<meta property="rendition:flow">scrolled-continuous</meta><meta property="rendition:orientation">auto</meta>'
    )
    found = said(make({"a.xhtml": page("<p>甲</p>")}, metadata=flow))
    assert (found.layout, found.spread, found.flow) == ("reflowable", "both", "scrolled-continuous")
    odd = '<meta property="rendition:spread">&lt;script></meta><meta property="rendition:flow">up</meta>'
    assert said(make({"a.xhtml": page("<p>甲</p>")}, metadata=odd)) == BookData()


def test_accessibility_is_told_in_the_words_of_schema_org(make: Make) -> None:
    metadata = (
        '<meta property="schema:accessMode">textual</meta><meta property="schema:accessMode">visual</meta>'
        '<meta property="schema:accessibilityFeature">alternativeText</meta>'
        '<meta property="schema:accessibilityFeature">printPageNumbers</meta>'
        '<meta property="schema:accessibilityHazard">noFlashingHazard</meta>'
        '<meta property="schema:accessibilitySummary">  每幅插图都有文字说明。\n 可用读屏软件阅读。</meta>'
        '<meta property="dcterms:conformsTo">EPUB Accessibility 1.1 - WCAG 2.1 Level AA</meta>'
    )
    assert said(make({"a.xhtml": page("<p>甲</p>")}, metadata=metadata)).accessibility == Accessibility(
        "每幅插图都有文字说明。 可用读屏软件阅读。",
        ("alternativeText", "printPageNumbers"),
        ("noFlashingHazard",),
        ("textual", "visual"),
        "EPUB Accessibility 1.1 - WCAG 2.1 Level AA",
    )


def test_accessibility_of_older_books_is_told_too(make: Make) -> None:
    metadata = (
        '<meta name="schema:accessibilityFeature" content="tableOfContents, index"/>'
        '<meta name="schema:accessMode" content="textual"/>'
        '<link rel="dcterms:conformsTo" href="http://www.idpf.org/epub/a11y/accessibility-20170105.html#wcag-aa"/>'
    )
    found = said(make({"a.xhtml": page("<p>甲</p>")}, metadata=metadata)).accessibility
    assert (found.features, found.modes) == (("tableOfContents", "index"), ("textual",))
    assert found.conforms_to.endswith("#wcag-aa")


# The entry


def test_what_is_written_is_read_back() -> None:
    data = BookData(
        (PrintedPage("𠀀", "a.xhtml", "x"),),
        {"a.xhtml": (Spoken("x", "s.mp3", 1.5, None),)},
        "-epub-media-overlay-active",
        "pre-paginated",
        "both",
        "paginated",
        Accessibility("文", ("a",), ("b",), ("c",), "d"),
    )
    assert book_data.decode(book_data.encode(data)) == data


def test_what_later_versions_add_is_passed_over_and_what_earlier_ones_lacked_is_empty() -> None:
    assert book_data.decode(b'{"later": 1, "page_list": []}') == BookData()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"page_list": [{}]}', b'{"accessibility": 3}', b"\xff\xfe"])
def test_what_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"book\.json"):
        book_data.decode(raw)
