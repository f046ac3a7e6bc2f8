"""The text of pages and items in each form that it is handed out in: plain, ALTO, hOCR. PDFs: `book_pdf`.

Who may have it is asked before (`wenyuan.repo.policy`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from wenyuan.repo import alto_writing, hocr_writing, layers
from wenyuan.repo.catalogue import items, text_versions
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.items import LayerVersion, PageKind, current
from wenyuan.repo.layers import TextLayer
from wenyuan.repo.library import Library

BETWEEN_PAGES = "\f"
"""The form feed: what `pdftotext` and others put between pages of plain text."""
_DAY_ONE = datetime(1970, 1, 1, tzinfo=UTC)


class TextForm(StrEnum):
    """A form of a page's text; the value is the ending of its file."""

    PLAIN = "txt"
    ALTO = "alto.xml"
    HOCR = "hocr.html"


MEDIA_TYPES = {
    TextForm.PLAIN: "text/plain; charset=utf-8",
    TextForm.ALTO: "application/xml",
    TextForm.HOCR: "text/html; charset=utf-8",
}
"""hOCR of ours is HTML without scripts, so it is told as what browsers show; handed-in files never are."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue knows of a page's text."""

    version: LayerVersion | None
    source: str
    label: str
    languages: tuple[str, ...]


def of_page(library: Library, page: PageView, form: TextForm) -> bytes:
    """The current text of a page. A page without text gives an empty document.

    Args:
        library: whose page it is.
        page: as the catalogue has it.
        form: in which it is wanted.

    Raises:
        NoSuchPage: a chapter of an e-book, whose text has no place on a page, in a form that tells places.
    """
    if form is not TextForm.PLAIN and page.kind is PageKind.CHAPTER:
        raise NoSuchPage(item=page.item, page=page.key)
    if form is TextForm.PLAIN:
        return layer_of(library, page).text.encode("utf-8", "replace")
    known = _known(library, page)
    if form is TextForm.ALTO and known.version and known.version.alto:
        return library.blobs.read(known.version.alto)
    return _written(layer_of(library, page), form, page, known)


def _written(layer: TextLayer, form: TextForm, page: PageView, known: _Known) -> bytes:
    engine = known.version.engine if known.version else ""
    if form is TextForm.HOCR:
        language = known.languages[0] if known.languages else "zh"
        return hocr_writing.to_hocr(layer, source=known.source, engine=engine, language=language, number=page.position)
    created = known.version.created if known.version else _DAY_ONE
    return alto_writing.to_alto(
        layer, source=known.source, page_label=known.label, engine=engine, created=created, number=page.position
    )


def of_item(library: Library, item_id: str) -> Iterator[bytes]:
    """The plain text of all pages in reading order, page by page; a form feed stands between pages.

    Raises:
        NoSuchItem: there is none.
    """
    with library.catalogue.reading() as session:
        items.get(session, item_id)
        pages = items.pages(session, item_id)
    for place, page in enumerate(pages):
        with library.catalogue.reading() as session:
            text = items.page_text(session, item_id, page.key)
        yield (BETWEEN_PAGES * bool(place) + text + "\n").encode("utf-8", "replace")


def layer_of(library: Library, page: PageView) -> TextLayer:
    """The current text of a page with its places; without lines where it has none."""
    if page.layer is None:
        return TextLayer(page.width, page.height, ())
    return layers.decode(library.blobs.read(page.layer))


def _known(library: Library, page: PageView) -> _Known:
    with library.catalogue.reading() as session:
        place = text_versions.places(session, page.item, [page.key])[page.key]
        version = current(items.layers(session, page.item, page.key))
        languages = items.get(session, page.item).description.languages
    # Another version may have come since the page was read: that of the page counts.
    return _Known(version if version and version.sha256 == page.layer else None, place.source, place.label, languages)
