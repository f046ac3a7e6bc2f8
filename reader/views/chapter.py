"""Entries of e-books, for the frame of the reader: sanitised at ingest, sandboxed here, so that no book script runs."""

from __future__ import annotations

import gzip
import hashlib

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import chapter_style, guard, inside, packed, ranges
from wenyuan.reader.context import library, reading
from wenyuan.reader.ranges import Body
from wenyuan.reader.security import CHAPTER_POLICY
from wenyuan.repo import packages
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.items import Item
from wenyuan.repo.packages import Entry
from wenyuan.repo.policy import Action
from wenyuan.repo.recent import Recent

blueprint = Blueprint("chapter", __name__)

_DOCUMENTS = frozenset({"application/xhtml+xml", "text/html"})
_TEXTS = _DOCUMENTS | {"text/css", "image/svg+xml"}
"""What is sent compressed: over a phone's network the text of a chapter comes in half the time."""
_KEPT_BYTES = 512 * 1024
"""Packed entries up to this size are kept for the next reader."""
_kept: Recent[tuple[str, str, str], bytes] = Recent(256)
"""Packed texts by the entity tag of the entry (its bytes), its name, and the sheets of ours that were put into it."""


@blueprint.get("/chapters/<item_id>/<number:key>/<path:entry>")
def entry(item_id: str, key: int, entry: str) -> ResponseReturnValue:
    """One entry: the chapter itself with the hits of `q` marked, or a style sheet, picture or font it uses."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
    query = inside.asked(item, request.args.get("q", "").strip()) if entry == page.entry else ""
    if query:
        response = _send(item, page, entry, packages.chapter(library(), page, query))
    elif packages.media_type(entry) in _TEXTS:
        response = _send(item, page, entry, packages.open_entry(library(), page, entry))
    else:
        part = packages.open_entry(library(), page, entry)
        response = ranges.send(Body(part.media_type, part.size_bytes, part.etag, part.open))
    response.headers["Content-Security-Policy"] = CHAPTER_POLICY
    return response


def _send(item: Item, page: PageView, name: str, found: Entry | packages.OpenEntry) -> Response:
    """A text of the package, with its sheets in it where it is a chapter; what was sent before is not read again."""
    is_document = found.media_type in _DOCUMENTS
    # The source names the package: the same chapter of another has other sheets.
    known = (found.etag, f"{page.source}/{name}", chapter_style.version(item) if is_document else "")
    data = _kept.get(known) if found.etag else None
    if data is None:
        data = _bytes(found)
        if is_document:
            data = chapter_style.with_own_style(data, name, lambda sheet: _sheet(page, sheet))
            data = chapter_style.with_our_style(data, item)
        data = gzip.compress(data, 6, mtime=0)
        if found.etag and len(data) <= _KEPT_BYTES:
            _kept.put(known, data)
    return packed.send(found.media_type, data, etag=_tag(*known) if found.etag else "")


def _bytes(found: Entry | packages.OpenEntry) -> bytes:
    if isinstance(found, Entry):
        return found.data
    with found.open(0, None) as stream:
        return stream.read()


def _sheet(page: PageView, name: str) -> bytes | None:
    """A sheet of the book; None where it has none of this name."""
    try:
        return packages.read_entry(library(), page, name).data
    except NoSuchPage:
        return None


def _tag(*made_of: str) -> str:
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:32]
