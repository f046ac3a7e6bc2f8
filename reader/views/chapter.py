"""Entries of e-books, for the frame of the reader: sanitised at ingest, sandboxed here, so that no book script runs."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, inside, ranges
from wenyuan.reader.chapter_style import with_our_style
from wenyuan.reader.context import library, reading
from wenyuan.reader.security import CHAPTER_POLICY
from wenyuan.repo import packages
from wenyuan.repo.catalogue import items
from wenyuan.repo.items import Item
from wenyuan.repo.packages import Entry
from wenyuan.repo.policy import Action

blueprint = Blueprint("chapter", __name__)

_DOCUMENTS = frozenset({"application/xhtml+xml", "text/html"})


@blueprint.get("/chapters/<item_id>/<number:key>/<path:entry>")
def entry(item_id: str, key: int, entry: str) -> ResponseReturnValue:
    """One entry: the chapter itself with the hits of `q` marked, or a style sheet, picture or font it uses."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
    query = request.args.get("q", "").strip()
    if entry == page.entry:
        found = packages.chapter(library(), page, inside.asked(item, query))
    else:
        found = packages.read_entry(library(), page, entry)
    return _send(item, found)


def _send(item: Item, found: Entry) -> Response:
    media_type, data = found.media_type, found.data
    if media_type in _DOCUMENTS:
        data = with_our_style(data, item)
    response = ranges.send(ranges.in_memory(media_type, data))
    response.headers["Content-Security-Policy"] = CHAPTER_POLICY
    return response
