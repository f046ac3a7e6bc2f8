"""Pictures of pages and of e-books' covers, ready to be sent; those that are lost are made again meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo import remaking
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.library import Library
from wenyuan.repo.recipes import COVER
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG.

    Attributes:
        key: of the stored object that it is.
        etag: names its bytes, without quotes.
        is_today: whether today's recipe has made it.
    """

    key: str
    etag: str
    is_today: bool
    data: bytes


def of_page(library: Library, page: PageView, name: str) -> Picture:
    """A page's picture, by its name in `wenyuan.repo.recipes`.

    Raises:
        DerivativeMissing: it is lost, and could not be made again.
        StoreUnavailable: the store is away, and no copy is here.
    """
    image = library.images.of(page)
    made = remaking.or_remade(library, image, lambda: library.images.made(image, name))
    return Picture(made.key, made.etag, made.is_today, made.data)


def of_book(library: Library, page: PageView) -> Picture:
    """The cover that an e-book brings along.

    Raises:
        DerivativeMissing: it brings none.
        StoreUnavailable: as `of_page`.
    """
    key = derivative_key(page.source, 0, COVER)
    try:
        return Picture(key, f"{page.source[:16]}-{COVER}", True, library.near.read(key))
    except ObjectMissing as error:
        raise DerivativeMissing(item=page.item, page=page.key) from error
