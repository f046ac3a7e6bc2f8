"""Page pictures, made at ingest and sent as they are."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, links, made_cover, ranges
from wenyuan.reader.context import library, reading
from wenyuan.reader.links import THUMBNAIL
from wenyuan.reader.ranges import Body
from wenyuan.repo import pictures
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import Access
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.pictures import Picture
from wenyuan.repo.policy import Action

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/pictures/<item_id>/<number:key>/<size>.jpg")
def picture(item_id: str, key: int, size: str) -> ResponseReturnValue:
    """A page's picture in one of the made sizes; of an e-book, the cover it brings along."""
    if size not in pictures.RECIPES:
        abort(404)
    item = guard.item_for(Action.SEE_THUMBNAIL if size == THUMBNAIL else Action.READ_PAGE, item_id)
    with reading() as session:
        page = items.page_by_key(session, item_id, key)
    lifetime = _lifetime(item, links.picture_version(page, size))
    return ranges.send(body(_open(page, size)), cache_control=lifetime, ranges=False)


@blueprint.get("/covers/<item_id>")
def cover(item_id: str) -> ResponseReturnValue:
    """The picture that stands for an item; one that we draw where it has none, or none yet."""
    item = guard.item_for(Action.SEE_THUMBNAIL, item_id)
    try:
        if item.cover_page is None:
            raise DerivativeMissing(item=item_id, page=None)
        with reading() as session:
            page = items.page_by_key(session, item_id, item.cover_page)
        lifetime = _lifetime(item, links.cover_version(item))
        return ranges.send(body(_open(page, THUMBNAIL)), cache_control=lifetime, ranges=False)
    except DerivativeMissing:
        return ranges.send(_made(item), ranges=False)


def body(of: Picture) -> Body:
    """A picture as bytes to send; it has no parts."""
    return Body(of.media_type, of.size_bytes, of.etag, lambda _offset, _length: of.open())


def _open(page: PageView, size: str) -> Picture:
    if page.kind is PageKind.CHAPTER:
        return pictures.open_cover(library(), page)
    return pictures.open_picture(library(), page, size)


def _made(item: Item) -> Body:
    return ranges.in_memory("image/svg+xml", made_cover.draw(item.description.title))


def _lifetime(item: Item, version: str) -> str:
    """For ever where anybody may see it and the address names what it shows."""
    forever = item.description.access is Access.OPEN and request.args.get("v") == version
    return ranges.OPEN_FOR_EVER if forever else ranges.ASK_AGAIN
