"""Real e-books: the samples of the IDPF, of Kobo and of epub-test in the shared corpus."""

from __future__ import annotations

import re
import time
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from wenyuan.ingest.formats import epub
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.chapters import chapter_layer, chapter_text, parse_chapter
from wenyuan.repo.description import Description

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "epub"
BOOKS = {
    # pages, direction, writing, characters at least
    "childrens-literature.epub": (3, "left-to-right", "horizontal", 290_000),
    "haruko-ahl.epub": (13, "right-to-left", "horizontal", 700),
    "horizontally-scrollable-emakimono.epub": (2, "right-to-left", "vertical", 900),
    "internallinks.epub": (7, "left-to-right", "horizontal", 7_000),
    "kusamakura-japanese-vertical-writing.epub": (16, "right-to-left", "vertical", 95_000),
    "linear-algebra.epub": (94, "left-to-right", "horizontal", 1_000_000),
    "moby-dick.epub": (144, "left-to-right", "horizontal", 1_200_000),
    "page-blanche.epub": (10, "left-to-right", "horizontal", 0),
    "regime-anticancer-arabic.epub": (3, "right-to-left", "horizontal", 28_000),
    "svg-in-spine.epub": (6, "left-to-right", "horizontal", 0),
    "test-fileencoding--8-16-8.epub": (4, "left-to-right", "horizontal", 250),
    "test-fileencoding-16-16-16.epub": (4, "left-to-right", "horizontal", 250),
    "test-fileencoding-16-16-8.epub": (4, "left-to-right", "horizontal", 250),
    "wasteland-otf-obf.epub": (1, "left-to-right", "horizontal", 25_000),
}
_ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "button", "base", "applet"}
_REMOTE = re.compile(r"\s*(?:[a-z][a-z0-9+.\-]*:(?!image/(?:png|jpeg|gif|webp);base64,)|//)", re.IGNORECASE)


@pytest.fixture(params=BOOKS)
def path(request: pytest.FixtureRequest) -> Path:
    """One book of the corpus."""
    found = CORPUS / request.param
    if not found.is_file():
        pytest.skip(f"no {found.name} in shared/corpus/epub")
    return found


def test_book_opens_and_its_package_is_clean(path: Path, tmp_path: Path) -> None:
    pages, direction, writing, characters = BOOKS[path.name]
    book = epub.open_source(path, path.name, Limits())
    outline = book.outline()
    texts = [book.text(page.index) for page in outline.pages]
    book.package(tmp_path / "package.zip")
    book.close()
    description = Description.model_validate(outline.suggestion)
    assert (len(outline.pages), description.viewing_direction, description.writing) == (pages, direction, writing)
    assert outline.warnings == ()
    assert outline.sections
    assert sum(len(text.layer.text) for text in texts if text) >= characters
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    for page, text in zip(outline.pages, texts, strict=True):
        assert page.entry in entries
        if text:
            assert chapter_layer(chapter_text(parse_chapter(entries[page.entry]))) == text.layer
    for name, data in entries.items():
        _assert_clean(name, data, set(entries))


def test_a_book_of_five_megabytes_takes_at_most_three_seconds(tmp_path: Path) -> None:
    path = CORPUS / "horizontally-scrollable-emakimono.epub"
    if not path.is_file():
        pytest.skip(f"no {path.name} in shared/corpus/epub")
    began = time.perf_counter()
    book = epub.open_source(path, path.name, Limits())
    for page in book.outline().pages:
        book.text(page.index)
    book.package(tmp_path / "package.zip")
    assert time.perf_counter() - began <= 3.0


def _assert_clean(name: str, data: bytes, entries: set[str]) -> None:
    if name.endswith(".css"):
        text = re.sub(r"@namespace[^;]*;", "", data.decode())
        assert not re.search(
            r"""url\(\s*["']?(?:[a-z]+:|//)|@import\s+["'(]*(?:[a-z]+:|//)|expression|behavior""", text, re.IGNORECASE
        )
    if not name.endswith((".xhtml", ".html", ".htm", ".svg")):
        return
    root = etree.fromstring(data)
    for element in root.iter():
        assert isinstance(element.tag, str)
        assert element.tag.rpartition("}")[2].lower() not in _ACTIVE
        for key, value in element.attrib.items():
            bare = key.rpartition("}")[2].lower()
            assert not bare.startswith("on")
            if bare in {"href", "src", "poster", "srcset", "data"}:
                assert not _REMOTE.match(value)
        if element.get("data-wy-entry"):
            assert element.get("data-wy-entry") in entries
