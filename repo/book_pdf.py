"""An item, or one page of it, as a searchable PDF: the pictures that readers see, with the current text over them.

Who may have it is asked before (`wenyuan.repo.policy`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

from wenyuan.repo import history, jpeg_head, pictures, recipes, searchable_pdf
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.corrections import read_layer
from wenyuan.repo.description import Description, ViewingDirection
from wenyuan.repo.errors import DerivativeMissing, NoSuchPage
from wenyuan.repo.items import PageKind, Section
from wenyuan.repo.layers import TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.searchable_pdf import About, Bookmark, PdfPage

log = logging.getLogger(__name__)

_DPI = 300
"""What libraries scan at; the catalogue does not know how large the thing is."""


def of_item(library: Library, item_id: str, keys: Sequence[int] | None = None) -> Iterator[bytes]:
    """The PDF of an item, piece by piece, as its pages are read: memory does not grow with their number.

    A page whose picture or text is lost is a page without it, and the log says so: the rest of the book is there.

    Args:
        library: whose item it is.
        item_id: any item of pages with pictures.
        keys: of the pages that are wanted, in the order wanted; None for all, with the table of contents.

    Raises:
        NoSuchItem: there is none.
        NoSuchPage: there is no such page, or it has no picture (an e-book).
        Unavailable: the store is away, or as many pictures are being made as may be; what came before is no PDF yet.
    """
    with library.catalogue.reading() as session:
        description = items.get(session, item_id).description
        if keys is None:
            pages, sections = items.pages(session, item_id), items.sections(session, item_id)
        else:
            pages, sections = [items.page_by_key(session, item_id, key) for key in keys], ()
    pictured = [page for page in pages if page.kind is not PageKind.CHAPTER]
    if not pictured:
        raise NoSuchPage(item=item_id, page=keys[0] if keys else 1)
    places = {page.key: place for place, page in enumerate(pictured)}
    made = (_page(library, page) for page in pictured)
    return searchable_pdf.stream(made, _about(item_id, description), _bookmarks(sections, places))


def _page(library: Library, page: PageView) -> PdfPage:
    return PdfPage(
        _picture(library, page), page.width, page.height, _DPI, _text(library, page) if page.layer else None, page.label
    )


def _picture(library: Library, page: PageView) -> bytes | None:
    try:
        jpeg = pictures.of_page(library, page, recipes.READING).data
        jpeg_head.read_head(jpeg)
    except (DerivativeMissing, *history.DAMAGE, ValueError) as error:
        log.error("page %s of %s has no picture in its PDF: %s", page.key, page.item, error)
        return None
    return jpeg


def _text(library: Library, page: PageView) -> TextLayer | None:
    assert page.layer is not None
    try:
        return read_layer(library.blobs, page.layer)
    except history.DAMAGE as error:
        log.error("page %s of %s has no text in its PDF: %s", page.key, page.item, error)
        return None


def _about(item_id: str, description: Description) -> About:
    return About(
        title=" ".join(part for part in (description.title, description.volume) if part),
        language=description.languages[0] if description.languages else "zh",
        authors=tuple(agent.name for agent in description.agents),
        subjects=description.subjects,
        identifier=item_id,
        rights=description.rights or description.rights_note,
        right_to_left=description.viewing_direction is ViewingDirection.RIGHT_TO_LEFT,
    )


def _bookmarks(sections: Sequence[Section], places: Mapping[int, int]) -> tuple[Bookmark, ...]:
    """Entries whose page has no picture take the place of the nearest before them."""
    made: list[Bookmark] = []
    for section in sections:
        children = _bookmarks(section.children, places)
        before = made[-1].page if made else 0
        made.append(Bookmark(section.title, places.get(section.page, before), children))
    return tuple(made)
