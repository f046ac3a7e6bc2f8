"""E-books as readers get them: what is in a package, fonts, rights management, hostile books."""

from __future__ import annotations

import errno
import functools
import hashlib
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from epub_books import (
    FONT,
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
from lxml import etree

from wenyuan.ingest.formats import epub, epub_stock
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import (
    BadInput,
    EncryptedSource,
    TooLarge,
    UnsafeArchive,
)

OURS = ["wenyuan/base.css", "wenyuan/book.json"]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an EPUB of the files and description given."""
    return functools.partial(write_epub, tmp_path / "book.epub")


# The package


def test_package_holds_what_chapters_use_and_nothing_else(make: Make) -> None:
    files: Files = {
        "a.xhtml": page(
            '<img src="p.png" alt=""/><a href="note.xhtml#n">1</a>', '<link rel="stylesheet" href="s.css"/>'
        ),
        "note.xhtml": page('<p id="n">注</p>'),
        "s.css": "@import 't.css'; p { background: url(q.png) }",
        "t.css": "@font-face { font-family: f; src: url(f.otf) }",
        "p.png": PNG,
        "q.png": PNG,
        "f.otf": FONT,
        "unused.png": PNG,
        "evil.js": "alert(1)",
        "evil.exe": b"MZ",
    }
    assert sorted(packed(make(files, spine='<itemref idref="i0"/>'))) == sorted(
        [*OURS, *(f"OPS/{name}" for name in files if not name.startswith(("unused", "evil")))]
    )


def test_package_is_the_same_bytes_each_time(make: Make) -> None:
    path = make({"b.xhtml": page("<p>x</p>"), "a.xhtml": page('<img src="p.png" alt=""/>'), "p.png": PNG})
    packed(path)
    first = path.with_suffix(".zip").read_bytes()
    book = opened(path)
    book.outline()
    book.text(1)
    book.package(path.with_suffix(".zip"))
    assert path.with_suffix(".zip").read_bytes() == first


def test_names_in_the_package_have_the_ending_of_what_they_are(make: Make) -> None:
    """The server goes by the ending (`wenyuan.repo.packages`)."""
    path = make({"chapter1": page('<img src="p.jpg" alt=""/>'), "p.jpg": PNG}, spine='<itemref idref="i0"/>')
    assert sorted(packed(path)) == ["OPS/chapter1.xhtml", "OPS/p.jpg.png", *OURS]


def test_books_cannot_replace_our_sheet(make: Make) -> None:
    head = '<link rel="stylesheet" href="../wenyuan/base.css"/>'
    entries = packed(make({"a.xhtml": page("<p>x</p>", head)}, meta={"wenyuan/base.css": "p { color: red }"}))
    assert b"color-scheme" in entries["wenyuan/base.css"]
    assert b"color: red" in entries["_wenyuan/base.css"]


def test_pages_that_pass_for_pictures_stay_out(make: Make) -> None:
    entries = packed(make({"a.xhtml": page('<img src="p.png" alt="圖"/>'), "p.png": "<script>alert(1)</script>"}))
    assert sorted(entries) == ["OPS/a.xhtml", *OURS]
    assert 'alt="圖"'.encode() in entries["OPS/a.xhtml"]


def test_pictures_above_the_limit_are_left_out_and_told(make: Make) -> None:
    path = make({"a.xhtml": page('<img src="p.png" alt="圖"/>'), "p.png": PNG})
    book = opened(path, Limits(max_pixels=1000))
    warnings = book.outline().warnings
    assert [type(warning) for warning in warnings] == [TooLarge]
    book.package(path.with_suffix(".zip"))
    with zipfile.ZipFile(path.with_suffix(".zip")) as archive:
        assert "OPS/p.png" not in archive.namelist()


def test_fixed_layout_keeps_size_and_spread(make: Make) -> None:
    files: Files = {"a.xhtml": page("<p>x</p>", '<meta name="viewport" content="width=600,height=800"/>')}
    path = make(
        files,
        metadata='<meta property="rendition:layout">pre-paginated</meta>',
        spine='<itemref idref="i0" properties="page-spread-left"/>',
    )
    data = packed(path)["OPS/a.xhtml"].decode()
    assert 'content="width=600, height=800"' in data
    assert 'data-wy-layout="pre-paginated" data-wy-spread="left"' in data


def test_sounds_of_the_book_are_kept(make: Make) -> None:
    files: Files = {"a.xhtml": page('<audio controls="" src="s.mp3"/>'), "s.mp3": b"ID3" + bytes(100)}
    assert "OPS/s.mp3" in packed(make(files))


# Fonts and rights


def encryption(uri: str, algorithm: str) -> str:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
        f'xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="{algorithm}"/>'
        f'<CipherData><CipherReference URI="{uri}"/></CipherData></EncryptedData></encryption>'
    )


@pytest.mark.parametrize(
    ("algorithm", "key", "length"),
    [
        ("http://www.idpf.org/2008/embedding", hashlib.sha1(IDENTIFIER.encode()).digest(), 1040),
        ("http://ns.adobe.com/pdf/enc#RC", bytes.fromhex(IDENTIFIER[9:].replace("-", "")), 1024),
    ],
)
def test_obfuscated_fonts_are_readable_in_the_package(make: Make, algorithm: str, key: bytes, length: int) -> None:
    hidden = bytes(a ^ b for a, b in zip(FONT[:length], cycle(key), strict=False)) + FONT[length:]
    files: Files = {"a.xhtml": page("<p/>", "<style>@font-face{src:url(f.otf)}</style>"), "f.otf": hidden}
    entries = packed(make(files, meta={"META-INF/encryption.xml": encryption("OPS/f.otf", algorithm)}))
    assert entries["OPS/f.otf"] == FONT


@pytest.mark.parametrize(
    "meta",
    [
        {"META-INF/encryption.xml": encryption("OPS/a.xhtml", "http://www.w3.org/2001/04/xmlenc#aes128-cbc")},
        {"META-INF/encryption.xml": encryption("OPS/a.xhtml", "http://www.idpf.org/2008/embedding")},
        {"META-INF/encryption.xml": encryption("OPS/f.otf", "http://example.org/unknown")},
        {"META-INF/license.lcpl": "{}"},
        {"META-INF/rights.xml": '<rights xmlns="http://ns.adobe.com/adept"/>'},
        {"META-INF/sinf.xml": "<sinf/>"},
    ],
)
def test_books_under_rights_management_are_refused(make: Make, meta: Files) -> None:
    path = make({"a.xhtml": page("<p>x</p>"), "f.otf": FONT}, meta=meta)
    with pytest.raises(EncryptedSource):
        opened(path)


# Hostile and broken books


def test_paths_that_leave_the_archive_are_refused(make: Make) -> None:
    path = make({"a.xhtml": page("<p>x</p>")}, meta={"../evil.xhtml": "x"})
    with pytest.raises(UnsafeArchive):
        opened(path)


@pytest.mark.parametrize(
    "href", ["../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://evil.example/a.xhtml"]
)
def test_items_outside_the_archive_are_missing(make: Make, href: str) -> None:
    item = f'<item id="x" href="{href}" media-type="application/xhtml+xml"/>'
    path = make({"a.xhtml": page("<p>x</p>")}, items=item, spine='<itemref idref="x"/><itemref idref="i0"/>')
    found = outline(path)
    assert [leaf.entry for leaf in found.pages] == ["OPS/a.xhtml"]
    assert len(found.warnings) == 1


def test_too_many_entries_and_pages_are_refused(make: Make) -> None:
    path = make({f"{n}.xhtml": page("") for n in range(30)})
    with pytest.raises(TooLarge):
        opened(path, Limits(max_archive_entries=20))
    with pytest.raises(TooLarge):
        opened(path, Limits(max_pages=20))


def test_entities_of_the_package_document_are_not_expanded(make: Make) -> None:
    files: Files = {"a.xhtml": page("<p>x</p>")}
    bomb = '<!DOCTYPE package [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    text = bomb + package(list(files), metadata="<dc:subject>&b;&c;</dc:subject>")
    assert "lollol" not in str(outline(make({**files, "book.opf": text})).suggestion)


def test_sheets_that_import_each_other_end(make: Make) -> None:
    files: Files = {
        "a.xhtml": page(LONG, '<link rel="stylesheet" href="s.css"/>'),
        "s.css": "@import 't.css';",
        "t.css": "@import 's.css';",
    }
    assert sorted(packed(make(files))) == ["OPS/a.xhtml", "OPS/s.css", "OPS/t.css", *OURS]


def test_changed_bytes_give_a_book_or_a_reason(make: Make) -> None:
    """Each sixtieth byte of a small book changed: never an error that is not ours."""
    path = make(
        {"a.xhtml": page('<img src="p.png" alt=""/><p>文</p>'), "p.png": PNG, "nav.xhtml": page(NAV)}, items=NAV_ITEM
    )
    whole, reasons = path.read_bytes(), set()
    for at in range(0, len(whole), 60):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            book = opened(path)
            for leaf in book.outline().pages:
                book.text(leaf.index)
            book.cover()
            book.package(path.with_suffix(".zip"))
            book.close()
        except BadInput as error:
            reasons.add(error.data["file"].partition("/")[0])
    assert reasons == {"書.epub"}


def test_every_document_of_a_package_is_well_formed(make: Make) -> None:
    entries = packed(make({"a.xhtml": "<html><body><p>一<br>二 & <b>三</body>", "b.xhtml": page("<p>x</p>")}))
    for name, data in entries.items():
        if name.endswith(".xhtml"):
            etree.fromstring(data)


# What is large, and what goes wrong on the way

FILM = b"\0\0\0\x18ftypmp42" + random.Random(1).randbytes(24 * 1024**2)


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_films_and_fonts_are_never_held_whole(make: Make) -> None:
    key = hashlib.sha1(IDENTIFIER.encode()).digest()
    font = b"OTTO" + FILM
    hidden = bytes(a ^ b for a, b in zip(font[:1040], cycle(key), strict=False)) + font[1040:]
    files: Files = {
        "a.xhtml": page(
            '<video controls="" src="f.mp4"/>', "<style>@font-face{src:url(f.otf)}@font-face{src:url(g.otf)}</style>"
        ),
        "f.mp4": FILM,
        "f.otf": font,
        "g.otf": hidden,
    }
    path = make(files, meta={"META-INF/encryption.xml": encryption("OPS/g.otf", "http://www.idpf.org/2008/embedding")})
    target = path.with_suffix(".zip")
    del files, hidden

    def work() -> None:
        book = opened(path)
        book.outline()
        book.package(target)
        book.close()

    assert peak_bytes(work) < 6 * 1024**2
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert archive.read("OPS/f.mp4") == FILM
        assert archive.read("OPS/f.otf") == archive.read("OPS/g.otf") == font


def test_documents_are_packed_and_all_else_lies_as_it_is(make: Make) -> None:
    files: Files = {
        "a.xhtml": page('<img src="p.png" alt=""/><img src="d.svg" alt=""/><audio src="s.mp3"/>',
                        '<link rel="stylesheet" href="s.css"/>'),
        "s.css": "@font-face { src: url(f.otf) } @font-face { src: url(f.ttf) }",
        "d.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "p.png": PNG,
        "f.otf": FONT,
        "f.ttf": b"\0\x01\0\0" + FONT,
        "s.mp3": b"ID3" + bytes(100),
    }  # fmt: skip
    path = make(files)
    packed(path)
    with zipfile.ZipFile(path.with_suffix(".zip")) as archive:
        methods = {info.filename: info.compress_type for info in archive.infolist()}
    texts = {"OPS/a.xhtml", "OPS/s.css", "OPS/d.svg", *OURS}
    assert methods == {
        name: zipfile.ZIP_DEFLATED if name in texts else zipfile.ZIP_STORED
        for name in {f"OPS/{n}" for n in files} | texts
    }


def test_what_is_damaged_at_its_end_leaves_a_gap_and_nothing_else(make: Make) -> None:
    files: Files = {"a.xhtml": page('<audio src="s.mp3"/><audio src="t.mp3"/>'),
                    "s.mp3": b"ID3" + b"first" * 200_000, "t.mp3": b"ID3" + b"other" * 200_000}  # fmt: skip
    path = make(files, packing=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"first")] ^= 1
    path.write_bytes(data)
    entries = packed(path)
    assert "OPS/s.mp3" not in entries
    assert entries["OPS/t.mp3"] == files["t.mp3"]


def test_documents_above_the_limit_are_left_out_and_told(make: Make) -> None:
    files: Files = {
        "a.xhtml": page("<p>天</p>", '<link rel="stylesheet" href="s.css"/>'),
        "b.xhtml": page("x" * 1_000),
        "s.css": "p{}" * 400,
    }
    path = make(files)
    book = opened(path, Limits(max_text_bytes=1_900))
    found = book.outline()
    assert [leaf.entry for leaf in found.pages] == ["OPS/a.xhtml"]
    assert [(type(told), told.data["file"]) for told in found.warnings if isinstance(told, BadInput)] == [
        (TooLarge, "書.epub/OPS/b.xhtml"),
        (TooLarge, "書.epub/OPS/s.css"),
    ]
    book.package(path.with_suffix(".zip"))
    with zipfile.ZipFile(path.with_suffix(".zip")) as archive:
        assert archive.namelist() == ["OPS/a.xhtml", *OURS]


def test_a_package_that_fails_leaves_no_file(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make({"a.xhtml": page('<img src="p.png" alt=""/>'), "p.png": PNG})
    book, target = opened(path), path.with_suffix(".zip")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(epub_stock.Stock, "copy", full)
    with pytest.raises(OSError, match="No space"):
        book.package(target)
    assert not target.exists()


def test_a_full_disk_is_no_damage_of_the_book(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make({"a.xhtml": page('<img src="p.png" alt=""/>'), "p.png": PNG})
    book, target = opened(path), path.with_suffix(".zip")
    write = zipfile._ZipWriteFile.write  # type: ignore[attr-defined]

    def full(self: object, data: bytes) -> int:
        if data == PNG:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(write(self, data))

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", full)  # type: ignore[attr-defined]
    with pytest.raises(OSError, match="No space"):
        book.package(target)
    assert not target.exists()


DEEP_STYLES = [
    "p{a:" + "(" * 300,
    "{" * 1_000,
    "@media x{" * 1_000,
    "p{a:" + "calc(" * 300,
    "p{writing-mode:" + "[" * 9_000,
]


@pytest.mark.parametrize("deep", DEEP_STYLES)
def test_deeply_nested_styles_cost_no_book(make: Make, deep: str) -> None:
    files: Files = {
        "a.xhtml": page(f'<p style="{deep};writing-mode:x">天</p>', '<link rel="stylesheet" href="s.css"/>'),
        "b.xhtml": page("<p>地</p>", f"<style>{deep} writing-mode</style>"),
        "s.css": f"p {{ writing-mode: tb }} {deep}",
    }
    path = make(files)
    assert outline(path).warnings == ()
    entries = packed(path)
    assert "天</p>" in entries["OPS/a.xhtml"].decode()
    assert b"p { writing-mode: vertical-rl; }" in entries["OPS/s.css"]


def test_what_recurses_all_the_same_costs_one_document(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    sanitise = epub.sanitise_chapter

    def deep(data: bytes, *rest: Any, **named: Any) -> Any:
        if "地".encode() in data:
            raise RecursionError
        return sanitise(data, *rest, **named)

    monkeypatch.setattr(epub, "sanitise_chapter", deep)
    path = make({"a.xhtml": page("<p>天</p>"), "b.xhtml": page("<p>地</p>")})
    book = opened(path)
    assert book.text(1) is None
    assert [told.data["file"] for told in book.warnings if isinstance(told, BadInput)] == ["書.epub/OPS/b.xhtml"]
    entries = packed(path)
    assert b"<p" in entries["OPS/a.xhtml"]
    assert b"<p" not in entries["OPS/b.xhtml"]
