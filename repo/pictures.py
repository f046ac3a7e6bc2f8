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
from wenyuan.repo.recipes import COVER
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key


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
        size: a picture's name in `wenyuan.repo.recipes`.

    Raises:
        DerivativeMissing: it is not made yet, or lost; a job will make it.
    """
    return _open(library, page, derivative_key(page.source, page.index, library.recipes.picture(size).file_name))


def open_cover(library: Library, page: PageView) -> Picture:
    """The cover that an e-book brings along.

    Raises:
        DerivativeMissing: it brings none.
    """
    return _open(library, page, derivative_key(page.source, 0, COVER))


def _open(library: Library, page: PageView, key: str) -> Picture:
    try:
        stored = library.store.stat(key)
    except ObjectMissing as error:
        raise DerivativeMissing(item=page.item, page=page.key) from error
    etag = key.replace("/", "-").removeprefix("derivatives-")[3:]
    return Picture("image/jpeg", etag, stored.size_bytes, lambda: library.store.open(key))
