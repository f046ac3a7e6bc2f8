"""What the scripts of the reading room ask for: pages, texts and hits in JSON. The pages work without any of it."""

from __future__ import annotations

import gzip
import hashlib
import logging

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, inside, packed, ranges, room_data
from wenyuan.reader.context import library, reading
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.find import page_layer
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Origin, TextLayer
from wenyuan.repo.policy import Action
from wenyuan.repo.recent import Recent
from wenyuan.storage.errors import Corrupt, ObjectMissing

blueprint = Blueprint("room", __name__)
log = logging.getLogger(__name__)

_PACKING = 6

_books: Recent[str, bytes] = Recent(64)
"""Packed lists of pages by what they say; 150 kB for a book of 5,000 pages, 10 kB for one of 300."""
_texts: Recent[tuple[str, Origin | None], bytes] = Recent(512)
"""Packed texts by the digest of their layer and where it comes from; 2 to 10 kB each."""


@blueprint.get("/read/<item_id>/pages.json")
def pages(item_id: str) -> ResponseReturnValue:
    """All pages of an item in reading order."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    version = pages_version(item)
    data = _books.get(version)
    if data is None:
        with reading() as session:
            views = items.pages(session, item_id)
            unchanged = items.structure_digest(session, item_id) == item.structure
        data = _pack(room_data.encode(room_data.pages(item_id, views, library().images.version)))
        if unchanged:
            _books.put(version, data)
        else:
            version = ""
    return _send(data, _lifetime(Action.READ_PAGE, item, version))


def pages_version(item: Item) -> str:
    """What the address of `pages` carries, so that it can be kept for ever."""
    made_as = f"{item.id}/{item.structure}/{library().images.version('', 0)}"
    return hashlib.sha256(made_as.encode()).hexdigest()[:10]


@blueprint.get("/read/<item_id>/place/<number:key>/text.json")
def text(item_id: str, key: int) -> ResponseReturnValue:
    """The text of a page with its boxes; without regions where it has none, or where it is lost or damaged."""
    item = guard.item_for(Action.READ_TEXT, item_id)
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
    name = (page.layer or "", page.origin)
    data = _texts.get(name)
    if data is None:
        layer = _layer(page)
        data = _pack(room_data.encode(room_data.text(layer, page.origin)))
        if layer is None:
            return _send(data, ranges.ASK_AGAIN)
        _texts.put(name, data)
    return _send(data, _lifetime(Action.READ_TEXT, item, room_data.layer_version(page.layer)))


@blueprint.get("/read/<item_id>/search.json")
def search(item_id: str) -> ResponseReturnValue:
    """The places in a book that hold the query, and the first pages of them."""
    item = guard.item_for(Action.SEARCH_INSIDE, item_id)
    query = _query()
    return _send(_pack(room_data.encode(room_data.found(query, inside.found(item, query)))), ranges.ASK_AGAIN)


@blueprint.get("/read/<item_id>/place/<number:key>/hits.json")
def hits(item_id: str, key: int) -> ResponseReturnValue:
    """Where the query stands on the picture of a page and, for who may read it, in its text."""
    item = guard.item_for(Action.SEARCH_INSIDE, item_id)
    query = _query()
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
        text, next_text = items.text_with_next(session, page) if guard.allowed(Action.READ_TEXT, item) else ("", "")
    placed = room_data.placed(inside.hits(item, page, query), inside.ranges(item, text, query, next_text))
    return _send(_pack(room_data.encode(placed)), ranges.ASK_AGAIN)


def _layer(page: PageView) -> TextLayer | None:
    """The text of a page; None where it has none, or where it is lost or damaged: the image is shown all the same."""
    try:
        return page_layer(library(), page)
    except (ObjectMissing, Corrupt, ValueError) as error:
        log.error("text layer %s of %s, page %s: %s", page.layer, page.item, page.key, error)
        return None


def _query() -> str:
    return request.args.get("q", "").strip()


def _lifetime(action: Action, item: Item, version: str) -> str:
    """For ever where anybody may see it and the address names what it shows."""
    keyed = bool(version) and request.args.get("v") == version
    return ranges.OPEN_FOR_EVER if keyed and guard.is_open(action, item) else ranges.ASK_AGAIN


def _pack(document: bytes) -> bytes:
    # Without the time, so that the same text is the same bytes and has the same entity tag.
    return gzip.compress(document, _PACKING, mtime=0)


def _send(data: bytes, lifetime: str) -> Response:
    return packed.send("application/json", data, cache_control=lifetime)
