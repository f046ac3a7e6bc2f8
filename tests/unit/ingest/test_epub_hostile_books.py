"""Whole e-books made to do harm, or made badly: each is cleaned or refused, with words that say what to do."""

from __future__ import annotations

import functools
import io
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from epub_books import (
    CONTAINER,
    IDENTIFIER,
    LONG,
    NAV,
    NAV_ITEM,
    Files,
    Make,
    opened,
    outline,
    package,
    packed,
    page,
    write_epub,
)

from wenyuan.ingest.formats import sanitise_parse
from wenyuan.ingest.formats.choose import choose
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo import wording
from wenyuan.repo.errors import (
    BadInput,
    DamagedSource,
    EncryptedSource,
    NoReadingOrder,
    TooLarge,
    UnsafeArchive,
    UnsupportedFormat,
)

CHAPTER: Files = {"a.xhtml": page("<p>天地玄黃</p>")}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an EPUB of the files and description given."""
    return functools.partial(write_epub, tmp_path / "book.epub")


def texts(path: Path) -> list[str]:
    book = opened(path)
    try:
        found = [book.text(leaf.index) for leaf in book.outline().pages]
        assert book.package(path.with_suffix(".zip"))
        return [each.layer.text if each else "" for each in found]
    finally:
        book.close()


def zipped(path: Path, write: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OPS/book.opf", package(["a.xhtml"]))
        archive.writestr("OPS/a.xhtml", page("<p>天地玄黃</p>"))
        write(archive)
    return path


def link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("OPS/link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def crowd(archive: zipfile.ZipFile) -> None:
    for number in range(10_000):
        archive.writestr(f"OPS/{number}", b"", zipfile.ZIP_STORED)


def bzipped(archive: zipfile.ZipFile) -> None:
    archive.writestr("OPS/x", b"x" * 1000, zipfile.ZIP_BZIP2)


REFUSED: list[tuple[str, Callable[[zipfile.ZipFile], None], type[BadInput]]] = [
    ("a path that climbs out", lambda book: book.writestr("../../evil", "x"), UnsafeArchive),
    ("a path in the middle that climbs", lambda book: book.writestr("OPS/../../evil", "x"), UnsafeArchive),
    ("an absolute path", lambda book: book.writestr("/etc/cron.d/evil", "x"), UnsafeArchive),
    ("a drive", lambda book: book.writestr("C:/evil", "x"), UnsafeArchive),
    ("a symbolic link", link, UnsafeArchive),
    ("a bomb", lambda book: book.writestr("OPS/bomb", bytes(50 * 1024**2)), UnsafeArchive),
    ("ten thousand entries", crowd, TooLarge),
    ("a method that readers need not know", bzipped, UnsupportedFormat),
    ("Adobe ADEPT", lambda book: book.writestr("META-INF/rights.xml", "<rights/>"), EncryptedSource),
    ("Readium LCP", lambda book: book.writestr("META-INF/license.lcpl", "{}"), EncryptedSource),
    ("Apple FairPlay", lambda book: book.writestr("META-INF/sinf.xml", "<sinf/>"), EncryptedSource),
]


@pytest.mark.parametrize(("write", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_with_words_that_say_what_to_do(
    tmp_path: Path, write: Callable[[zipfile.ZipFile], None], error: type[BadInput]
) -> None:
    path = zipped(tmp_path / "書.epub", write)
    with pytest.raises(error) as refusal:
        opened(path)
    for language in wording.LANGUAGES:
        words = wording.describe(refusal.value.code, refusal.value.data, language)
        assert "書.epub" in words.what
        assert words.remedy
        assert "?" not in words.what + words.remedy


def test_books_in_a_book_are_nothing_that_is_read(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("evil.xhtml", "x")
    path = zipped(tmp_path / "x.epub", lambda book: book.writestr("OPS/inner.epub", inner.getvalue()))
    assert sorted(name for name in packed(path) if name.startswith("OPS")) == ["OPS/a.xhtml"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_a_name_that_comes_twice_the_later_is_read_throughout(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.epub", lambda book: book.writestr("OPS/a.xhtml", page("<p>宇宙洪荒</p>")))
    assert texts(path) == ["宇宙洪荒"]
    assert "宇宙洪荒".encode() in packed(path)["OPS/a.xhtml"]


# The skeleton


def test_without_its_type_at_the_beginning_a_book_is_known_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "x.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OPS/book.opf", package(["a.xhtml"]))
        archive.writestr("OPS/a.xhtml", page("<p>甲</p>"))
    assert choose(path, "x.epub").module == "epub"
    assert texts(path) == ["甲"]


@pytest.mark.parametrize("document", ["", "<package", "no markup", "<html/>", "\0\0\0", "<package/>"])
def test_a_broken_package_document_is_told(make: Make, document: str) -> None:
    with pytest.raises((DamagedSource, NoReadingOrder)):
        opened(make({**CHAPTER, "book.opf": document}))


@pytest.mark.parametrize("ncx", ["", "<ncx><navMap>", "\0", "<!DOCTYPE ncx [<!ENTITY a 'b'>", "<a/>" * 1000])
def test_a_broken_ncx_keeps_nobody_from_reading(make: Make, ncx: str) -> None:
    path = make({**CHAPTER, "toc.ncx": ncx}, spine_attributes='toc="i1"', spine='<itemref idref="i0"/>')
    assert outline(path).sections == ()
    assert texts(path) == ["天地玄黃"]


def test_missing_entries_and_repeated_ones_leave_the_rest(make: Make) -> None:
    spine = '<itemref idref="gone"/><itemref/><itemref idref="i0"/><itemref idref="i0"/><itemref idref="void"/>'
    path = make(CHAPTER, spine=spine, items='<item id="void" href="void.xhtml" media-type="application/xhtml+xml"/>')
    found = outline(path)
    assert [leaf.entry for leaf in found.pages] == ["OPS/a.xhtml"]
    assert len([told for told in found.warnings if isinstance(told, DamagedSource)]) == 3


def test_fallbacks_in_a_circle_or_without_end_are_followed_for_a_while(make: Make) -> None:
    circle = (
        '<item id="x" href="x.bin" media-type="a/b" fallback="y"/><item id="y" href="y.bin" media-type="a/b" '
        'fallback="x"/><item id="z" href="z.bin" media-type="a/b" fallback="z"/>'
    )
    chain = "".join(
        f'<item id="m{number}" href="m{number}.bin" media-type="a/b" fallback="m{number + 1}"/>'
        for number in range(20_000)
    )
    spine = '<itemref idref="x"/><itemref idref="z"/><itemref idref="i0"/>'
    spine += "".join(f'<itemref idref="m{number}"/>' for number in range(0, 20_000, 2))
    assert texts(make(CHAPTER, items=circle + chain, spine=spine)) == ["天地玄黃"]


def test_an_entry_is_what_its_bytes_are_whatever_the_manifest_says(make: Make) -> None:
    items = (
        '<item id="b" href="b.png" media-type="image/png"/><item id="c" href="c.xhtml" media-type="text/css"/>'
        '<item id="d" href="d.txt" media-type="application/xhtml+xml"/>'
    )
    files: Files = {**CHAPTER, "d.txt": page("<p>乙</p>"), "b.png": page("<p>丙</p>"), "c.xhtml": "p { color: red }"}
    everything: Files = {**files, "book.opf": package(["a.xhtml"], items=items, spine=(
        '<itemref idref="i0"/><itemref idref="b"/><itemref idref="c"/><itemref idref="d"/>'))}  # fmt: skip
    entries = packed(make(everything))
    assert {"OPS/a.xhtml", "OPS/d.txt.xhtml"} <= set(entries)
    assert not any("b.png" in name for name in entries)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030", "big5"])
def test_chapters_in_old_encodings_are_read(make: Make, encoding: str) -> None:
    declared = "utf-16" if encoding.startswith("utf-16") else encoding
    document = f'<?xml version="1.0" encoding="{declared}"?>{page("<p>天地人和</p>")}'
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert texts(make({"a.xhtml": (mark + document).encode(encoding)})) == ["天地人和"]


# Too much of it


def bounded(act: Callable[[], list[str]], megabytes: int) -> list[str]:
    """What comes of it, in so much of Python's memory at most."""
    tracemalloc.start()
    try:
        found = act()
        assert tracemalloc.get_traced_memory()[1] < megabytes * 1024**2
    finally:
        tracemalloc.stop()
    return found


def test_a_thousand_million_laughs_are_none(make: Make) -> None:
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    document = f'<!DOCTYPE html [<!ENTITY l0 "哈">{laughs}]>{page("<p>甲&l9;乙</p>")}'
    assert texts(make({"a.xhtml": document})) == ["甲&l9;乙"]


def test_one_word_named_without_end_is_written_a_million_times_at_most(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sanitise_parse, "_MOST_DEFINED", 10_000)
    document = f'<!DOCTYPE html [<!ENTITY a "{"哈" * 200}">]>{page("<p>" + "&a;" * 50_000 + "</p>")}'
    (found,) = texts(make({"a.xhtml": document}))
    assert found.count("哈") == 10_000
    assert found.endswith("&a;")


def test_entities_of_the_package_document_stand_for_nothing_of_ours(make: Make) -> None:
    document = package(["a.xhtml"]).replace(IDENTIFIER, "&x;&y;")
    entities = '<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://evil.example/">]>'
    found = outline(make({**CHAPTER, "book.opf": entities + document})).suggestion
    assert found["identifiers"] == ["&x;&y;"]


def test_a_chapter_of_nothing_but_tags_is_left_empty_and_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sanitise_parse, "_MOST_TAGS", 10_000)
    path = make({"a.xhtml": page("<p>甲</p>"), "b.xhtml": page("<p>乙</p>" * 6_000)})
    book = opened(path)
    assert [(found.layer.text if (found := book.text(number)) else "") for number in (0, 1)] == ["甲", ""]
    told = [warning.data for warning in book.warnings if isinstance(warning, DamagedSource)]
    assert told == [{"file": "書.epub/OPS/b.xhtml", "detail": "too many tags"}]
    book.close()


@pytest.mark.slow
def test_a_chapter_of_thirty_megabytes_is_read(make: Make) -> None:
    (found,) = texts(make({"a.xhtml": page(LONG * 120_000)}, packing=zipfile.ZIP_STORED))
    assert len(found) == 120_000 * 81 - 1


def test_a_chapter_above_the_limit_is_left_out_and_told(make: Make) -> None:
    path = make({**CHAPTER, "b.xhtml": page(LONG * 100)})
    found = [
        warning
        for warning in opened(path, Limits(max_text_bytes=4_000)).outline().warnings
        if isinstance(warning, TooLarge)
    ]
    assert [warning.data["file"] for warning in found] == ["書.epub/OPS/b.xhtml"]


def test_a_sheet_of_ten_megabytes_and_a_drawing_of_a_hundred_thousand_nodes_end(make: Make) -> None:
    files: Files = {
        "a.xhtml": page('<p>甲</p><img src="d.svg" alt=""/>', '<link rel="stylesheet" href="s.css"/>'),
        "s.css": "p.name{color:red;margin:0 auto}\n" * 330_000,
        "d.svg": '<svg xmlns="http://www.w3.org/2000/svg">' + '<g><rect width="3"/></g>' * 50_000 + "</svg>",
    }
    path = make(files, packing=zipfile.ZIP_STORED)
    assert texts(path) == ["甲"]
    with zipfile.ZipFile(path.with_suffix(".zip")) as archive:
        assert archive.read("OPS/d.svg").count(b"<rect") == 50_000


def test_markup_and_contents_of_any_depth_end(make: Make) -> None:
    deep = page("<div>" * 5_000 + "<p>底</p>" + "</div>" * 5_000)
    nav = page(NAV.format('<li><a href="a.xhtml">甲</a><ol>' * 2_000 + "</ol></li>" * 2_000))
    path = make({**CHAPTER, "b.xhtml": deep, "nav.xhtml": nav}, items=NAV_ITEM, spine="".join(
        f'<itemref idref="i{number}"/>' for number in range(2)))  # fmt: skip
    assert texts(path)[0] == "天地玄黃"


def test_a_book_of_many_hostile_parts_takes_little_memory(make: Make) -> None:
    files: Files = {
        "a.xhtml": page('<script>alert(1)</script><p onclick="x()">甲</p>' * 5_000),
        "b.xhtml": page('<span epub:type="pagebreak" id="p" title="1"/>' * 5_000),
    }
    first, _ = bounded(lambda: texts(make(files)), 200)
    assert first.split("\n") == ["甲"] * 5_000
