"""The pictures that stand for items in lists."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, links, made_cover, made_notice, offload, ranges
from wenyuan.reader.context import library, reading
from wenyuan.reader.ranges import Body
from wenyuan.repo import pictures
from wenyuan.repo.catalogue import items
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.pictures import Picture
from wenyuan.repo.policy import Action
from wenyuan.repo.recipes import THUMBNAIL

blueprint = Blueprint("pictures", __name__)
made_notice.install(blueprint)


@blueprint.get("/covers/<item_id>")
def cover(item_id: str) -> ResponseReturnValue:
    """The picture that stands for an item; one that we draw where it has none, or none yet."""
    item = guard.item_for(Action.SEE_THUMBNAIL, item_id)
    try:
        found = _cover(item)
    except DerivativeMissing:
        return ranges.send(_made(item), ranges=False)
    keyed = found.is_today and request.args.get("v") == links.cover_version(item)
    forever = keyed and guard.is_open(Action.READ_PAGE, item)
    lifetime = ranges.OPEN_FOR_EVER if forever else ranges.ASK_AGAIN
    return offload.send(body(found), cache_control=lifetime, ranges=False)


def body(of: Picture) -> Body:
    """A picture as bytes to send; it has no parts."""
    return ranges.in_memory("image/jpeg", of.data, etag=of.etag, key=of.key)


def _cover(item: Item) -> Picture:
    if item.cover_page is None:
        raise DerivativeMissing(item=item.id, page=None)
    with reading() as session:
        page = items.page_by_key(session, item.id, item.cover_page)
    if page.kind is PageKind.CHAPTER:
        return pictures.of_book(library(), page)
    return pictures.of_page(library(), page, THUMBNAIL)


def _made(item: Item) -> Body:
    return ranges.in_memory("image/svg+xml", made_cover.draw(item.description.title))
