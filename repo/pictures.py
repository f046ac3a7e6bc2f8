"""Page pictures that readers get.

Made at ingest, found by a key that names source, page and recipe, so they never go stale.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.library import Library
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one derivative is made. Another width, quality or version is another key.

    Old ones serve until new ones are there.
    """

    name: str
    width: int
    """Pixels; a smaller original is not enlarged."""
    quality: int
    version: int = 1

    @property
    def file_name(self) -> str:
        """Last segment of its key."""
        return f"{self.name}-{self.width}-q{self.quality}-v{self.version}.jpg"


THUMBNAIL = Recipe("thumbnail", 300, 75)
READING_SMALL = Recipe("reading", 1024, 80)
READING = Recipe("reading", 1600, 80)
RECIPES = {"thumbnail": THUMBNAIL, "reading-small": READING_SMALL, "reading": READING}
"""By the name that URLs use."""

COVER = "cover-v1.jpg"
"""A cover picture that an e-book brings along, at page 0 of its file."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be sent."""

    media_type: str
    etag: str
    size_bytes: int
    open: Callable[[], AbstractContextManager[BinaryIO]]


def open_picture(library: Library, page: PageView, size: str) -> Picture:
    """A page's picture.

    Args:
        size: a name of RECIPES.

    Raises:
        DerivativeMissing: it is not made yet, or lost; a job will make it.
    """
    return _open(library, page, derivative_key(page.source, page.index, RECIPES[size].file_name))


def open_cover(library: Library, page: PageView) -> Picture:
    """The cover that an e-book brings along.

    Raises:
        DerivativeMissing: it brings none.
    """
    return _open(library, page, derivative_key(page.source, 0, COVER))


def dimensions(page: PageView, size: str) -> tuple[int, int]:
    """Width and height of a picture in pixels; (0, 0) for chapters."""
    recipe = RECIPES[size]
    if not page.width:
        return 0, 0
    width = min(recipe.width, page.width)
    return width, max(1, round(page.height * width / page.width))


def _open(library: Library, page: PageView, key: str) -> Picture:
    try:
        stored = library.store.stat(key)
    except ObjectMissing as error:
        raise DerivativeMissing(item=page.item, page=page.key) from error
    etag = key.replace("/", "-").removeprefix("derivatives-")[3:]
    return Picture("image/jpeg", etag, stored.size_bytes, lambda: library.store.open(key))
