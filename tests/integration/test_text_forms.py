"""The text of a published item in every form that it is handed out in, and hOCR that comes in beside a picture."""

from __future__ import annotations

from pathlib import Path

import given
import pymupdf
import pytest
from handing_in import hand_in, shown
from made_items import BOOK_TEXTS, make_book, make_collections, make_ebook

from wenyuan.repo import book_pdf, find, pictures, text_forms, texts
from wenyuan.repo.alto import read_alto
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing, NoSuchItem, NoSuchPage
from wenyuan.repo.hocr import read_hocr
from wenyuan.repo.hocr_writing import to_hocr
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Box, Direction, Line, Origin, Region, RegionKind, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.pictures import Picture
from wenyuan.repo.policy import ANONYMOUS
from wenyuan.repo.text_forms import TextForm
from wenyuan.repo.texts import NewLayer
from wenyuan.storage.keys import blob_key


def column(text: str, left: int) -> Line:
    """As `given.alto` makes it: 30 px a character."""
    glyphs = tuple(Box(left, 40 + 30 * place, 30, 30) for place in range(len(text)))
    return Line(text, Direction.TOP_TO_BOTTOM, Box(left, 40, 30, 30 * len(text)), glyphs)


COLUMNS = (column("春眠不覺曉", 540), column("處處聞啼鳥", 500))
POEM = TextLayer(600, 800, (Region(COLUMNS), Region((Line("三", box=Box(10, 700, 20, 20)),), RegionKind.FURNITURE)))


@pytest.fixture
def library(embedded_library: Library) -> Library:
    """One pair of back ends is enough: what is asked of them here their own tests ask of all."""
    return embedded_library


def page_of(library: Library, item: Item, position: int) -> PageView:
    with library.catalogue.reading() as session:
        return items.page_at(session, item.id, position)


def test_a_page_in_each_form(library: Library) -> None:
    book = make_book(library, collection=None)
    texts.add_layers(library, book.id, [NewLayer(1, POEM, Origin.CORRECTED, "館員甲")], "館員甲")
    page = page_of(library, book, 1)

    assert text_forms.of_page(library, page, TextForm.PLAIN).decode() == "春眠不覺曉\n處處聞啼鳥"
    alto = text_forms.of_page(library, page, TextForm.ALTO)
    assert read_alto(alto, 600, 800) == POEM
    assert "館員甲" in alto.decode()
    hocr = text_forms.of_page(library, page, TextForm.HOCR)
    assert read_hocr(hocr, 600, 800) == POEM
    assert "第1葉.png" in hocr.decode()


def test_the_alto_handed_out_is_the_one_that_is_kept(library: Library) -> None:
    book = make_book(library, collection=None)
    texts.add_layers(library, book.id, [NewLayer(1, POEM, Origin.CORRECTED, "館員甲")], "館員甲")
    with library.catalogue.reading() as session:
        kept = items.layers(session, book.id, 1)[-1].alto
    assert kept is not None
    assert text_forms.of_page(library, page_of(library, book, 1), TextForm.ALTO) == library.blobs.read(kept)


def test_a_page_whose_text_came_before_alto_was_kept_is_written_when_it_is_asked_for(library: Library) -> None:
    alto = text_forms.of_page(library, page_of(library, make_book(library, collection=None), 2), TextForm.ALTO)
    assert read_alto(alto, 60, 80).text == BOOK_TEXTS[1]


def test_a_page_without_text_is_an_empty_document(library: Library) -> None:
    page = page_of(library, make_book(library, collection=None), 4)
    assert text_forms.of_page(library, page, TextForm.PLAIN) == b""
    assert read_alto(text_forms.of_page(library, page, TextForm.ALTO), 60, 80).lines == ()
    assert read_hocr(text_forms.of_page(library, page, TextForm.HOCR), 60, 80).lines == ()


def test_a_chapter_has_its_text_but_no_places(library: Library) -> None:
    make_collections(library)
    ebook = make_ebook(library)
    page = page_of(library, ebook, 1)
    assert text_forms.of_page(library, page, TextForm.PLAIN).decode() == "第一回\n登望海樓"
    for form in (TextForm.ALTO, TextForm.HOCR):
        with pytest.raises(NoSuchPage):
            text_forms.of_page(library, page, form)
    with pytest.raises(NoSuchPage):
        book_pdf.of_item(library, ebook.id)


def test_the_whole_text_has_a_form_feed_between_pages(library: Library) -> None:
    whole = b"".join(text_forms.of_item(library, make_book(library, collection=None).id)).decode()
    assert [page.strip() for page in whole.split("\f")] == list(BOOK_TEXTS)
    with pytest.raises(NoSuchItem):
        list(text_forms.of_item(library, "0000000000000"))


def test_the_searchable_pdf_of_a_book_that_was_handed_in(library: Library, tmp_path: Path) -> None:
    hand_in(library, given.scans(tmp_path / "book", 3))
    (item,) = shown(library)
    with pymupdf.open(stream=b"".join(book_pdf.of_item(library, item.id))) as document:
        assert not document.is_repaired
        assert document.page_count == 3
        assert document.metadata["title"] == "春曉集"
        page = page_of(library, item, 1)
        (hit,) = find.hits_on_page(library, page, "啼鳥")
        (found,) = document[0].search_for("啼鳥")
        scale = 72 / 300
        box = hit.boxes[0]
        wanted = (box.x, box.y, box.x + box.width, box.y + box.height)
        assert tuple(found) == pytest.approx([side * scale for side in wanted], abs=1)
        assert document[0].get_images()


def test_some_pages_of_a_book(library: Library, tmp_path: Path) -> None:
    hand_in(library, given.scans(tmp_path / "book", 3))
    (item,) = shown(library)
    with pymupdf.open(stream=b"".join(book_pdf.of_item(library, item.id, [3, 1]))) as document:
        assert document.page_count == 2
    with pytest.raises(NoSuchPage):
        book_pdf.of_item(library, item.id, [9])


def test_a_page_whose_text_or_picture_is_lost_is_a_page_without(
    library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(library, given.scans(tmp_path / "book", 3))
    (item,) = shown(library)
    layer = page_of(library, item, 2).layer
    assert layer is not None
    library.store.delete(blob_key(layer))

    def of_page(library: Library, page: PageView, name: str) -> Picture:
        if page.position == 3:
            raise DerivativeMissing(item=page.item, page=page.key)
        return kept(library, page, name)

    kept = pictures.of_page
    monkeypatch.setattr(pictures, "of_page", of_page)
    with pymupdf.open(stream=b"".join(book_pdf.of_item(library, item.id))) as document:
        told = [(bool(page.get_images()), "春眠" in "".join(page.get_text().split())) for page in document]
    assert told == [(True, True), (True, False), (False, True)]
    assert {record.levelname for record in caplog.records if "in its PDF" in record.message} == {"ERROR"}


def test_for_one_page_the_others_are_not_read(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(library, given.scans(tmp_path / "book", 2))
    (item,) = shown(library)
    monkeypatch.setattr(items, "pages", None)
    assert b"".join(book_pdf.of_item(library, item.id, [2])).startswith(b"%PDF")


@pytest.mark.parametrize("ending", ["hocr", "html"])
def test_hocr_beside_a_picture_is_the_text_of_the_page(library: Library, tmp_path: Path, ending: str) -> None:
    folder = given.scans(tmp_path / "book", 2, texts=False)
    (folder / f"2.{ending}").write_bytes(to_hocr(POEM, source="2.png", engine="tesseract 5.3"))

    receipt = hand_in(library, folder)

    assert "refused" not in receipt["outcomes"]
    (item,) = shown(library)
    page = page_of(library, item, 2)
    assert page.origin is Origin.IMPORTED
    assert text_forms.layer_of(library, page) == POEM
    (found,) = find.find(library, "聞啼", person=ANONYMOUS).items
    assert found.item.id == item.id
    with library.catalogue.reading() as session:
        (file,) = [one for one in items.files(session, item.id) if one.role == "text"]
    assert file.media_type == "text/vnd.hocr+html"
