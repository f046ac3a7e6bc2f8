"""Text that comes with what is handed in is kept as ALTO, too: exported, checked, and there after a rebuild."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import given
import pytest
from handing_in import hand_in, shown
from lxml import etree
from made_items import flip_a_bit

from wenyuan.repo import fixity
from wenyuan.repo.alto import read_alto
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.database import open_catalogue
from wenyuan.repo.export.bag import export_bag
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.rebuild import rebuild_catalogue
from wenyuan.storage.keys import blob_key

LABELS = [{"file": "1.png", "label": "卷一葉一"}]


@pytest.fixture
def book(embedded_library: Library, tmp_path: Path) -> Item:
    """A book of ten pages with texts: one that is handed out in two pieces."""
    folder = given.scans(tmp_path / "春曉集", 10)
    given.write_json(folder / "metadata.json", {"title": "春曉集", "pages": LABELS})
    hand_in(embedded_library, folder)
    (item,) = shown(embedded_library)
    return item


def altos(library: Library, item: Item) -> list[str | None]:
    with library.catalogue.reading() as session:
        pages = items.pages(session, item.id)
        return [items.layers(session, item.id, page.key)[0].alto for page in pages]


def test_every_page_with_text_has_it(embedded_library: Library, book: Item) -> None:
    library = embedded_library
    kept = [library.blobs.read(alto or "") for alto in altos(library, book)]
    assert len(kept) == 10
    for number, data in enumerate(kept, start=1):
        root = etree.fromstring(data)
        assert root.xpath("string(//*[local-name()='fileName'])") == f"{number}.png"
        assert root.xpath("string(//*[local-name()='Page']/@PRINTED_IMG_NR)") == ("卷一葉一" if number == 1 else "")
        assert read_alto(data, 600, 800).text == f"{given.POEM[:12]}\n{given.POEM[12:]}\n第{number}葉"
    with library.catalogue.reading() as session:
        made = items.layers(session, book.id, 1)[0].created.isoformat()
    assert made in kept[0].decode()


def test_chapters_have_none_and_a_pdf_has(embedded_library: Library, tmp_path: Path) -> None:
    hand_in(embedded_library, given.epub(tmp_path / "book.epub", {"桃花源": "晉太元中，武陵人捕魚為業。"}))
    hand_in(embedded_library, given.pdf(tmp_path / "report.pdf", ["深圳河畔的老街", "南头古城"], title="老街"))
    kept = {item.description.title: altos(embedded_library, item) for item in shown(embedded_library)}
    assert kept["桃花源記"] == [None]
    assert [read_alto(embedded_library.blobs.read(alto or ""), 0, 0).text for alto in kept["老街"]] == [
        "深圳河畔的老街",
        "南头古城",
    ]


def test_it_is_exported_with_the_text(embedded_library: Library, book: Item, tmp_path: Path) -> None:
    export_bag(embedded_library, book.id, tmp_path / "bags")
    found = sorted((tmp_path / "bags").rglob("layers/*/1.alto.xml"))
    assert [path.parent.name for path in found] == [f"{number:05}" for number in range(1, 11)]
    assert [embedded_library.blobs.read(alto or "") for alto in altos(embedded_library, book)] == [
        path.read_bytes() for path in found
    ]


def test_it_is_checked_and_nobody_calls_it_unnamed(embedded_library: Library, book: Item) -> None:
    report = fixity.check(embedded_library)
    assert (report.is_well, report.unreferenced_count) == (True, 0)
    key = blob_key(altos(embedded_library, book)[2] or "")
    flip_a_bit(embedded_library, key)
    (failure,) = fixity.check(embedded_library).failures
    assert (failure.key, failure.outcome, failure.items) == (key, "corrupt", (book.id,))


def test_it_is_there_after_a_rebuild(embedded_library: Library, book: Item, tmp_path: Path) -> None:
    other = replace(embedded_library, catalogue=open_catalogue(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    try:
        rebuild_catalogue(other)
        assert altos(other, book) == altos(embedded_library, book)
    finally:
        other.catalogue.close()
