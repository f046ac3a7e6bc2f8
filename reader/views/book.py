"""What the scripts of the e-book room ask for: chapters, all hits, voices. The pages work without any of it."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import book_data, guard, inside, packed
from wenyuan.reader.chapter_names import Names
from wenyuan.reader.context import library, reading
from wenyuan.reader.room_data import encode
from wenyuan.repo import packages
from wenyuan.repo.book_data import BookData
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.policy import Action
from wenyuan.repo.recent import Recent

blueprint = Blueprint("book", __name__)

blueprint.add_app_template_global(book_data.told, "book_room")

LISTED = 1000
"""Hits that are told; more are counted."""
_books: Recent[tuple[str, str], bytes] = Recent(64)
"""Packed tables of chapters by item and version, in a language: names of chapters are words of the interface."""


@blueprint.get("/read/<item_id>/book.json")
def book(item_id: str) -> ResponseReturnValue:
    """The chapters of an e-book and how long each is, the pages of its printed edition, its layout."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        views = items.pages(session, item_id)
        sections = items.sections(session, item_id)
        told = f"{book_data.version(views, sections)}/{book_data.language()}"
        known = _books.get((item_id, told))
        if known is None:
            texts = list(items.page_texts(session, item_id))
    if known is None:
        data = _said(views[0])
        names = Names(item, sections, are_pages=data is not None and data.layout == "pre-paginated")
        known = gzip.compress(encode(book_data.book(names, views, texts, data or BookData())), mtime=0)
        if data is not None:
            _books.put((item_id, told), known)
    return _send(known)


@blueprint.get("/read/<item_id>/hits.json")
def hits(item_id: str) -> ResponseReturnValue:
    """All places of a query in the text of a book, chapter by chapter."""
    item = guard.item_for(Action.SEARCH_INSIDE, item_id)
    query = request.args.get("q", "").strip()
    may_read = guard.allowed(Action.READ_TEXT, item)
    rows: list[list[object]] = []
    total = 0
    found = inside.found(item, query, limit=0).positions
    with reading() as session:
        views = {view.position: view for view in items.pages(session, item_id)} if found else {}
        for position in found:
            text, next_text = items.text_with_next(session, views[position])
            ranges = inside.ranges(item, text, query, next_text)
            total += len(ranges)
            left = LISTED - len(rows)
            rows += book_data.hits_of(position, text, ranges[:left], with_text=may_read)
    told = {"query": query, "total": total, "hits": rows}
    return _send(gzip.compress(encode(told), mtime=0))


@blueprint.get("/read/<item_id>/place/<number:key>/voice.json")
def voice(item_id: str, key: int) -> ResponseReturnValue:
    """What is read aloud in a chapter that comes with voices (EPUB media overlays); nothing where it does not."""
    guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
    data = _said(page) or BookData()
    return _send(gzip.compress(encode(book_data.voice(data.overlays.get(page.entry or "", ()))), mtime=0))


def _said(page: PageView) -> BookData | None:
    """What the book says of itself; None while its package is not there: the room opens all the same."""
    try:
        return packages.book_data(library(), page)
    except DerivativeMissing:
        return None


def _send(data: bytes) -> Response:
    return packed.send("application/json", data)
