"""E-books as readers get them: what is in a package, fonts, rights management, hostile books."""

from __future__ import annotations

import functools
import hashlib
import zipfile
from itertools import cycle
from pathlib import Path

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

from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import (
    BadInput,
    EncryptedSource,
    TooLarge,
    UnsafeArchive,
)


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
        ["wenyuan/base.css", *(f"OPS/{name}" for name in files if not name.startswith(("unused", "evil")))]
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
    assert sorted(packed(path)) == ["OPS/chapter1.xhtml", "OPS/p.jpg.png", "wenyuan/base.css"]


def test_books_cannot_replace_our_sheet(make: Make) -> None:
    head = '<link rel="stylesheet" href="../wenyuan/base.css"/>'
    entries = packed(make({"a.xhtml": page("<p>x</p>", head)}, meta={"wenyuan/base.css": "p { color: red }"}))
    assert b"color-scheme" in entries["wenyuan/base.css"]
    assert b"color: red" in entries["_wenyuan/base.css"]


def test_pages_that_pass_for_pictures_stay_out(make: Make) -> None:
    entries = packed(make({"a.xhtml": page('<img src="p.png" alt="圖"/>'), "p.png": "<script>alert(1)</script>"}))
    assert sorted(entries) == ["OPS/a.xhtml", "wenyuan/base.css"]
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
    assert sorted(packed(make(files))) == ["OPS/a.xhtml", "OPS/s.css", "OPS/t.css", "wenyuan/base.css"]


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
