"""Addresses of things. A picture's address carries the version of what it shows, so that it can be kept for ever."""

from __future__ import annotations

from flask import url_for

from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item, Section
from wenyuan.repo.pictures import dimensions

VERSION_CHARACTERS = 10
THUMBNAIL, READING, READING_SMALL = "thumbnail", "reading", "reading-small"
"""Names of `wenyuan.repo.pictures.RECIPES`, as they stand in addresses."""


def item(item_id: str) -> str:
    """The item page."""
    return url_for("item.item_page", item_id=item_id)


def read(
    item_id: str,
    position: int,
    q: str | None = None,
    view: str | None = None,
    fit: str | None = None,
    at: str | None = None,
) -> str:
    """The reader, open at a place.

    Args:
        item_id: the item.
        position: 1-based place in reading order.
        q: what was searched for; its hits are shown.
        view: picture, text or both.
        fit: page or width.
        at: a place inside a chapter.
    """
    return url_for("read.page", item_id=item_id, position=position, q=q or None, view=view, fit=fit, at=at or None)


def place(item_id: str, section: Section, q: str | None = None) -> str:
    """The reader, open at an entry of the contents; keeps its meaning when pages are put in another order."""
    return url_for("read.place", item_id=item_id, key=section.page, q=q or None, at=section.fragment)


def cover(of: Item) -> str:
    """The picture that stands for an item."""
    return url_for("pictures.cover", item_id=of.id, v=of.structure[:VERSION_CHARACTERS])


def picture(page: PageView, size: str = READING) -> str:
    """The picture of a page."""
    return url_for("pictures.picture", item_id=page.item, key=page.key, size=size, v=page.source[:VERSION_CHARACTERS])


def picture_size(page: PageView, size: str = READING) -> tuple[int, int]:
    """Width and height of that picture in pixels."""
    return dimensions(page, size)


def chapter(page: PageView, q: str | None = None, at: str | None = None) -> str:
    """The document of a chapter, for the frame of the reader."""
    return url_for(
        "chapter.entry", item_id=page.item, key=page.key, entry=page.entry or "", q=q or None, _anchor=at or None
    )
