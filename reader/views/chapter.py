"""Entries of e-books, for the frame of the reader: sanitised at ingest, sandboxed here, so that no book script runs."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, inside, ranges
from wenyuan.reader.chapter_style import with_our_style
from wenyuan.reader.context import library, reading
from wenyuan.reader.ranges import Body
from wenyuan.reader.security import CHAPTER_POLICY
from wenyuan.repo import packages
from wenyuan.repo.catalogue import items
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("chapter", __name__)

_DOCUMENTS = frozenset({"application/xhtml+xml", "text/html"})


@blueprint.get("/chapters/<item_id>/<number:key>/<path:entry>")
def entry(item_id: str, key: int, entry: str) -> ResponseReturnValue:
    """One entry: the chapter itself with the hits of `q` marked, or a style sheet, picture or font it uses."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
    if entry == page.entry:
        query = request.args.get("q", "").strip()
        found = packages.chapter(library(), page, inside.asked(item, query))
        body = _document(item, found.media_type, found.data)
    elif packages.media_type(entry) in _DOCUMENTS:
        found = packages.read_entry(library(), page, entry)
        body = _document(item, found.media_type, found.data)
    else:
        part = packages.open_entry(library(), page, entry)
        body = Body(part.media_type, part.size_bytes, part.etag, part.open)
    response = ranges.send(body)
    response.headers["Content-Security-Policy"] = CHAPTER_POLICY
    return response


def _document(item: Item, media_type: str, data: bytes) -> Body:
    return ranges.in_memory(media_type, with_our_style(data, item) if media_type in _DOCUMENTS else data)
