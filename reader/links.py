"""Addresses of things. A picture's address carries the version of what it shows, so that it can be kept for ever."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import url_for

from wenyuan.reader.context import library
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item, Section
from wenyuan.repo.recipes import COVER, READING, fitted

VERSION_CHARACTERS = 10


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
    room: str | None = None,
) -> str:
    """The reader, open at a place.

    Args:
        item_id: the item.
        position: 1-based place in reading order.
        q: what was searched for; its hits are shown.
        view: picture, text or both.
        fit: page or width.
        at: a place inside a chapter.
        room: scan, to read a PDF as pictures.
    """
    asked: dict[str, Any] = {"q": q or None, "view": view, "fit": fit, "at": at or None, "room": room}
    return url_for("read.page", item_id=item_id, position=position, **asked)


def place(item_id: str, section: Section, q: str | None = None) -> str:
    """The reader, open at an entry of the contents; keeps its meaning when pages are put in another order."""
    return url_for("read.place", item_id=item_id, key=section.page, q=q or None, at=section.fragment)


def cover(of: Item) -> str:
    """The picture that stands for an item."""
    return url_for("pictures.cover", item_id=of.id, v=cover_version(of))


def cover_version(of: Item) -> str:
    """Names what an item's cover is made from, and by which recipe: of a picture, or what an e-book brings along."""
    return _version(f"{of.structure}/{of.cover_page}/{library().recipes.thumbnail.file_name}/{COVER}")


def picture(page: PageView, size: str = READING) -> str:
    """The picture of a page, as a viewer of images would ask for it."""
    width, height = picture_size(page, size)
    return f"{image(page)}/full/{width},{height}/0/default.jpg?v={image_version(page)}"


def image(page: PageView) -> str:
    """The IIIF image service of a page (Image API 3.0, §2.1)."""
    return f"/iiif/image/3/{page.item}-{page.key}"


def image_version(page: PageView) -> str:
    """What addresses of a page's image carry so that they can be kept for ever."""
    return library().images.version(page.source, page.index)


def picture_size(page: PageView, size: str = READING) -> tuple[int, int]:
    """Width and height of that picture in pixels."""
    return fitted(page.width, page.height, library().recipes.picture(size).width) if page.width else (0, 0)


def chapter(page: PageView, q: str | None = None, at: str | None = None) -> str:
    """The document of a chapter, for the frame of the reader."""
    return url_for(
        "chapter.entry", item_id=page.item, key=page.key, entry=page.entry or "", q=q or None, _anchor=at or None
    )


def _version(made_as: str) -> str:
    return hashlib.sha256(made_as.encode()).hexdigest()[:VERSION_CHARACTERS]
