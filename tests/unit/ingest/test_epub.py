"""E-books: opened, described, cut into chapters, or refused with a reason."""

from __future__ import annotations

import functools
import time
import zipfile
from pathlib import Path

import pytest
from ebooklib import epub as ebooklib
from epub_books import (
    IDENTIFIER,
    LONG,
    NAV,
    NAV_ITEM,
    PNG,
    Files,
    Make,
    opened,
    outline,
    package,
    packed,
    page,
    write_epub,
)

from wenyuan.ingest.formats import epub
from wenyuan.ingest.formats.source import SectionOutline
from wenyuan.repo.description import Description
from wenyuan.repo.errors import (
    BadInput,
    DamagedSource,
    NoReadingOrder,
)
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Origin


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an EPUB of the files and description given."""
    return functools.partial(write_epub, tmp_path / "book.epub")


# Which files are e-books


def test_the_bytes_decide(make: Make) -> None:
    head = make({"a.xhtml": page("<p>x</p>")}).read_bytes()[:4096]
    assert epub.FORMAT.score(head, "book.bin") == 100
    assert epub.FORMAT.score(b"PK\x03\x04" + bytes(60), "book.epub") == 60
    assert epub.FORMAT.score(b"PK\x03\x04" + bytes(60), "book.zip") == 0
    assert epub.FORMAT.score(b"%PDF-1.7", "book.epub") == 0
    assert epub.FORMAT.media_type(head, "book.epub") == "application/epub+zip"


# Reading order


def test_each_entry_of_the_spine_is_a_chapter_in_order(make: Make) -> None:
    files: Files = {name: page(f"<p>{name}</p>") for name in ("a.xhtml", "text/b.xhtml", "c.xhtml")}
    spine = '<itemref idref="i2"/><itemref idref="i0" linear="no"/><itemref idref="i1"/>'
    pages = outline(make(files, spine=spine)).pages
    assert [leaf.entry for leaf in pages] == ["OPS/c.xhtml", "OPS/a.xhtml", "OPS/text/b.xhtml"]
    assert {leaf.kind for leaf in pages} == {PageKind.CHAPTER}
    assert [leaf.index for leaf in pages] == [0, 1, 2]


def test_text_beside_the_main_text_says_so(make: Make) -> None:
    entries = packed(make({"a.xhtml": page("<p>x</p>")}, spine='<itemref idref="i0" linear="no"/>'))
    assert b'data-wy-linear="no"' in entries["OPS/a.xhtml"]


def test_missing_chapters_are_told_and_the_others_read(make: Make) -> None:
    path = make(
        {"a.xhtml": page("<p>x</p>")},
        items='<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>',
        spine='<itemref idref="i0"/><itemref idref="gone"/><itemref idref="unknown"/>',
    )
    found = outline(path)
    assert len(found.pages) == 1
    assert [type(warning) for warning in found.warnings] == [DamagedSource, DamagedSource]
    assert "OPS/gone.xhtml" in str(found.warnings[0])
    assert "unknown" in str(found.warnings[1])
    assert all(warning.data["file"] == "書.epub" for warning in found.warnings if isinstance(warning, BadInput))


@pytest.mark.parametrize("spine", ['<itemref idref="nothing"/>', '<itemref idref="i1"/>', "<!-- -->"])
def test_without_any_chapter_it_is_refused(make: Make, spine: str) -> None:
    path = make({"a.xhtml": page(""), "b.css": "p{}"}, spine=spine)
    with pytest.raises(NoReadingOrder):
        opened(path)


def test_a_broken_chapter_is_told_and_the_others_read(make: Make) -> None:
    path = make({"a.xhtml": page("<p>甲乙丙丁</p>" * 50), "b.xhtml": page("<p>y</p>")})
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("OPS/a.xhtml")
    data = bytearray(path.read_bytes())
    data[info.header_offset + 60] ^= 0xFF
    path.write_bytes(bytes(data))
    found = outline(path)
    assert [leaf.entry for leaf in found.pages] == ["OPS/b.xhtml"]
    assert isinstance(found.warnings[0], DamagedSource)


def test_drawings_in_the_spine_are_chapters_with_text(make: Make) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>圖說</text></svg>'
    book = opened(make({"a.svg": drawing}, spine='<itemref idref="i0"/>'))
    found = book.text(0)
    assert found is not None
    assert found.layer.text == "圖說"
    assert book.outline().pages[0].entry == "OPS/a.svg"


def test_pictures_in_the_spine_get_a_page_around_them(make: Make) -> None:
    path = make({"圖 1.png": PNG}, spine='<itemref idref="i0"/>')
    book = opened(path)
    assert book.text(0) is None
    entry = book.outline().pages[0].entry
    entries = packed(path)
    assert entry == "wenyuan/spine-00001.xhtml"
    assert b'src="../OPS/%E5%9C%96%201.png"' in entries[entry]
    assert entries["OPS/圖 1.png"] == PNG


def test_foreign_entries_of_the_spine_show_their_fallback(make: Make) -> None:
    path = make(
        {"a.xhtml": page("<p>x</p>"), "x.bin": b"x"},
        items='<item id="f" href="x.bin" media-type="application/x-what" fallback="i0"/>',
        spine='<itemref idref="f"/>',
    )
    assert [leaf.entry for leaf in outline(path).pages] == ["OPS/a.xhtml"]


def test_container_may_be_missing_if_there_is_a_package_document(make: Make) -> None:
    path = make({"a.xhtml": page("<p>x</p>")}, meta={"META-INF/container.xml": "<broken"})
    assert len(outline(path).pages) == 1


def test_without_package_document_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "x.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    with pytest.raises(DamagedSource):
        opened(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030"])
def test_package_document_in_any_encoding(make: Make, encoding: str) -> None:
    files: Files = {"a.xhtml": page("<p>x</p>")}
    text = f'<?xml version="1.0" encoding="{encoding}"?>{package(list(files))}'
    assert outline(make({**files, "book.opf": text.encode(encoding)})).suggestion["title"] == "書"


def test_names_that_differ_in_case_and_escapes_are_found(make: Make) -> None:
    item = '<item id="x" href="Text/%E7%AC%AC%201.XHTML" media-type="application/xhtml+xml"/>'
    path = make({"text/第 1.xhtml": page("<p>x</p>")}, items=item, spine='<itemref idref="x"/>')
    assert [leaf.entry for leaf in outline(path).pages] == ["OPS/text/第 1.xhtml"]


def test_packages_without_namespace_are_read(make: Make) -> None:
    files: Files = {"a.xhtml": page("<p>x</p>")}
    text = package(list(files)).replace(' xmlns="http://www.idpf.org/2007/opf"', "", 1)
    found = outline(make({**files, "book.opf": text}))
    assert (len(found.pages), found.suggestion["title"]) == (1, "書")


def test_books_of_another_writer_are_read(tmp_path: Path) -> None:
    """EbookLib writes EPUB 3 with an NCX beside: what most converters make."""
    book = ebooklib.EpubBook()
    book.set_title("山海經")
    book.set_language("zh-Hant")
    book.add_author("郭璞", role="ann", uid="a2")
    chapters = [ebooklib.EpubHtml(title=name, file_name=f"{n}.xhtml", content=f"<p>{name}</p>") for n, name in
                enumerate(("南山經", "西山經"))]  # fmt: skip
    for chapter in chapters:
        book.add_item(chapter)
    book.toc = chapters
    book.spine = ["nav", *chapters]
    book.add_item(ebooklib.EpubNcx())
    book.add_item(ebooklib.EpubNav())
    ebooklib.write_epub(str(tmp_path / "x.epub"), book)
    found = outline(tmp_path / "x.epub")
    assert found.suggestion["title"] == "山海經"
    assert found.suggestion["agents"] == [{"name": "郭璞", "role": "注"}]
    assert [(section.title, section.index) for section in found.sections] == [("南山經", 1), ("西山經", 2)]


# Contents


def sections_of(make: Make, inner: str) -> tuple[SectionOutline, ...]:
    files: Files = {"a.xhtml": page("<p>x</p>"), "b.xhtml": page("<p>y</p>")}
    path = make(
        {**files, "nav.xhtml": page(NAV.format(inner))},
        items=NAV_ITEM,
        spine='<itemref idref="i0"/><itemref idref="i1"/>',
    )
    return outline(path).sections


def test_contents_come_from_the_navigation_document(make: Make) -> None:
    inner = (
        '<li><a href="a.xhtml">卷<b>一</b></a><ol><li><a href="b.xhtml#s%E4%B8%80">節<img alt="一"/></a></li></ol></li>'
        '<li><span>附錄</span><ol><li><a href="b.xhtml">乙</a></li></ol></li>'
        '<li><a href="gone.xhtml">無</a></li><li><a href="http://evil.example/">外</a></li>'
    )
    assert sections_of(make, inner) == (
        SectionOutline("卷一", 0, None, (SectionOutline("節一", 1, "s一"),)),
        SectionOutline("附錄", 1, None, (SectionOutline("乙", 1),)),
    )


def test_contents_come_from_the_ncx_of_older_books(make: Make) -> None:
    ncx = (
        '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>卷一</text></navLabel>'
        '<content src="a.xhtml"/><navPoint><navLabel><text>節一</text></navLabel><content src="a.xhtml#s"/></navPoint>'
        "</navPoint></navMap></ncx>"
    )
    path = make(
        {"a.xhtml": page("<p>x</p>"), "toc.ncx": ncx}, spine_attributes='toc="i1"', spine='<itemref idref="i0"/>'
    )
    assert outline(path).sections == (SectionOutline("卷一", 0, None, (SectionOutline("節一", 0, "s"),)),)


def test_a_broken_navigation_document_gives_no_contents(make: Make) -> None:
    assert sections_of(make, "</ol></x><li>") == ()


# Description


def suggested(make: Make, metadata: str, **described: str) -> dict[str, object]:
    found = outline(make({"a.xhtml": page("<p>x</p>")}, metadata=metadata, **described)).suggestion
    Description.model_validate(found)
    return found


def test_description_of_epub_3(make: Make) -> None:
    found = suggested(
        make,
        '<dc:title id="t2">別名</dc:title><dc:creator id="c">曹雪芹</dc:creator>'
        '<meta refines="#c" property="role" scheme="marc:relators">aut</meta>'
        '<dc:contributor id="d">程偉元</dc:contributor><meta refines="#d" property="role">edt</meta>'
        "<dc:publisher>人民文學</dc:publisher><dc:date>1982-03-01T00:00:00Z</dc:date><dc:subject>小說</dc:subject>"
        "<dc:description>&lt;p&gt;四大&amp;amp;名著&lt;/p&gt;</dc:description>"
        "<dc:rights>https://creativecommons.org/publicdomain/mark/1.0/</dc:rights><dc:rights>公版</dc:rights>"
        '<meta property="belongs-to-collection" id="s">四大名著</meta>'
        '<meta refines="#s" property="group-position">2</meta>',
    )
    assert found == {
        "kind": "ebook",
        "title": "書",
        "title_variants": ["別名"],
        "agents": [{"name": "曹雪芹", "role": "著"}, {"name": "程偉元", "role": "編"}],
        "languages": ["zh-Hant"],
        "publisher": "人民文學",
        "date": "1982-03-01",
        "subjects": ["小說"],
        "identifiers": [IDENTIFIER],
        "description": "四大&名著",
        "rights": "https://creativecommons.org/publicdomain/mark/1.0/",
        "rights_note": "公版",
        "series": "四大名著",
        "volume": "2",
        "writing": "horizontal",
        "viewing_direction": "left-to-right",
    }


def test_description_of_epub_2(make: Make) -> None:
    found = suggested(
        make,
        '<dc:creator opf:role="trl" opf:file-as="Lin">林紓</dc:creator><dc:date opf:event="modification">2020</dc:date>'
        '<dc:date opf:event="publication">1899</dc:date>'
        '<meta name="calibre:series" content="說部叢書"/><meta name="calibre:series_index" content="3.0"/>',
    )
    assert found["agents"] == [{"name": "林紓", "role": "譯"}]
    assert found["date"] == "1899"
    assert (found["series"], found["volume"]) == ("說部叢書", "3")


def test_overlong_and_empty_values_fit_the_description(make: Make) -> None:
    suggested(make, f"<dc:creator> </dc:creator><dc:subject/><dc:publisher>{'長' * 3000}</dc:publisher>"
                    f"<dc:description>{'長' * 30000}</dc:description><meta/><meta property=''/>")  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "direction"),
    [
        ('page-progression-direction="rtl"', "right-to-left"),
        ('page-progression-direction="ltr"', "left-to-right"),
        ("", "left-to-right"),
    ],
)
def test_pages_turn_as_the_spine_says(make: Make, attributes: str, direction: str) -> None:
    assert suggested(make, "", spine_attributes=attributes)["viewing_direction"] == direction


@pytest.mark.parametrize(
    ("sheet", "body", "writing"),
    [
        ("html { writing-mode: vertical-rl }", LONG, "vertical"),
        ("body { -epub-writing-mode: vertical-rl; -webkit-writing-mode: vertical-rl }", LONG, "vertical"),
        (".v { writing-mode: tb-rl }", f'<div class="v">{LONG}</div>', "vertical"),
        (".v { writing-mode: vertical-rl }", LONG, "horizontal"),
        ("html { writing-mode: vertical-rl } body { writing-mode: horizontal-tb }", LONG, "horizontal"),
        ("@media screen { :root body { writing-mode: vertical-rl } }", LONG, "vertical"),
        ("@media amzn-kf8 { body { writing-mode: vertical-rl } }", LONG, "horizontal"),
        ("p.x { writing-mode: vertical-rl }", LONG, "horizontal"),
        ("@import 'more.css';", LONG, "vertical"),
        ("p { color: red }", LONG, "horizontal"),
    ],
)
def test_writing_is_that_of_the_rules_that_apply(make: Make, sheet: str, body: str, writing: str) -> None:
    files: Files = {
        "a.xhtml": page(body, '<link rel="stylesheet" href="s.css"/>'),
        "s.css": sheet,
        "more.css": "@import 's.css'; body { writing-mode: vertical-rl }",
    }
    found = outline(make(files)).suggestion
    assert found["writing"] == writing
    assert found["viewing_direction"] == ("right-to-left" if writing == "vertical" else "left-to-right")


def test_vertical_books_are_packed_with_the_standard_property(make: Make) -> None:
    files: Files = {
        "a.xhtml": page(LONG, '<link rel="stylesheet" href="s.css"/>'),
        "s.css": "html { -epub-writing-mode: vertical-rl }",
    }
    assert b"html { writing-mode: vertical-rl; }" in packed(make(files))["OPS/s.css"]


# Text and cover


def test_text_is_born_digital_and_anchored(make: Make) -> None:
    book = opened(make({"a.xhtml": page("<h1>題</h1><p><ruby>漢<rt>hàn</rt></ruby>學</p>")}))
    found = book.text(0)
    assert found is not None
    assert (found.layer.text, found.origin, found.engine) == ("題\n漢學", Origin.BORN_DIGITAL, "epub")
    assert [line.anchor for line in found.layer.lines] == ["wy-1", "wy-2"]
    assert book.picture(0, width=100) is None


@pytest.mark.parametrize("how", ["property", "meta", "guide", "first page"])
def test_cover_is_found(make: Make, how: str) -> None:
    files: Files = {"cover.xhtml": page('<img src="c.png" alt=""/>'), "a.xhtml": page("<p>x</p>")}
    item = '<item id="c" href="c.png" media-type="image/png" properties="{}"/>'.format(
        "cover-image" if how == "property" else ""
    )
    spine = '<itemref idref="i0"/>' if how == "first page" else '<itemref idref="i1"/>'
    path = make(
        {**files, "c.png": PNG},
        items=item,
        metadata='<meta name="cover" content="c"/>' if how == "meta" else "",
        more='<guide><reference type="cover" href="cover.xhtml"/></guide>' if how == "guide" else "",
        spine=spine,
    )
    cover = opened(path).cover()
    assert cover is not None
    assert (cover.width, cover.height) == (30, 40)


def test_broken_covers_are_passed_over(make: Make) -> None:
    item = '<item id="c" href="c.png" media-type="image/png" properties="cover-image"/>'
    assert opened(make({"a.xhtml": page("<p>x</p>"), "c.png": PNG[:40]}, items=item)).cover() is None


def test_book_without_cover_has_none(make: Make) -> None:
    assert opened(make({"a.xhtml": page("<p>x</p>")})).cover() is None


def test_contents_nested_too_deeply_are_cut(make: Make) -> None:
    points = '<navPoint><navLabel><text>章</text></navLabel><content src="a.xhtml"/>' * 200 + "</navPoint>" * 200
    ncx = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
    path = make({"a.xhtml": page("<p>x</p>"), "toc.ncx": ncx}, spine_attributes='toc="i1"')
    depth, sections = 0, outline(path).sections
    while sections:
        depth, sections = depth + 1, sections[0].children
    assert 20 <= depth <= 40


def test_links_of_contents_are_found_in_time(make: Make) -> None:
    """Links deep below an inner list are not the item's own: 30,000 of them took minutes."""
    links = "<span>" * 1_500 + "<a href='a.xhtml'/>" * 30_000 + "</span>" * 1_500
    nav = NAV.format(f'<li><ol><li><a href="a.xhtml">甲</a></li><li>{links}</li></ol></li>')
    path = make({"a.xhtml": page("<p>x</p>"), "nav.xhtml": page(nav)}, items=NAV_ITEM, spine='<itemref idref="i0"/>')
    began = time.process_time()
    outline(path)
    assert time.process_time() - began < 5


def test_descriptions_of_nothing_but_brackets_are_read_in_time(make: Make) -> None:
    described = "".join(f"<dc:description>{n}{'&lt;' * 19_000}</dc:description>" for n in range(20))
    path = make({"a.xhtml": page("<p>x</p>")}, metadata=described, packing=zipfile.ZIP_STORED)
    began = time.process_time()
    outline(path)
    assert time.process_time() - began < 5


def test_sheets_that_import_each_other_many_times_are_read_in_time(make: Make) -> None:
    files: Files = {"a.xhtml": page(LONG, '<link rel="stylesheet" href="s0.css"/>')}
    files |= {f"s{n}.css": f"@import 's{n + 1}.css';" * 300 for n in range(4)}
    files["s4.css"] = "p { writing-mode: vertical-rl }" * 10
    began = time.process_time()
    outline(make(files))
    assert time.process_time() - began < 5
