"""Page images as bytes that ingest has made: pictures and tiles, found without asking the catalogue each time.

What may be shown to whom is asked anew four times a second (`FRESH_S`), so that what is withdrawn or closed is gone
from every server process that soon, and the dozen tiles of one page turn ask once. What a page is made of changes only
with its item's structure and is remembered.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import and_, select

from wenyuan.repo import sealed_jpeg
from wenyuan.repo.catalogue.database import Catalogue
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.catalogue.schema import FileRow, ItemRow, PageRow
from wenyuan.repo.description import Access
from wenyuan.repo.errors import DerivativeMissing, NoSuchItem, NoSuchPage
from wenyuan.repo.items import ItemState, PageKind
from wenyuan.repo.recent import Recent
from wenyuan.repo.recipes import Recipe, Recipes, made_sizes
from wenyuan.repo.tile_packs import DamagedPack, TilePack
from wenyuan.repo.tiles import Tile, TileGrid
from wenyuan.storage.errors import InvalidRange, ObjectMissing, StoreUnavailable
from wenyuan.storage.keys import derivative_key
from wenyuan.storage.near import NearFiles

FRESH_S = 0.25
"""Seconds for which an item's state and access are taken for true."""
_OPEN_PACKS = 256
"""Each holds a file open and a kilobyte of index; processes may open 1,024 files on most systems."""
_REMEMBERED = 20_000
"""Items and pages; a few hundred bytes each."""


@dataclass(frozen=True)
class PageImage:
    """A page that has an image.

    Attributes:
        source: SHA-256 of the file it is in.
        index: 0-based page within that file.
        width: pixels, as height; those of the text layer's boxes, too.
        version: stands in addresses that may be kept for ever; another recipe or source gives another.
    """

    item: str
    key: int
    source: str
    index: int
    width: int
    height: int
    version: str

    @cached_property
    def grid(self) -> TileGrid:
        """Its tiles."""
        return TileGrid(self.width, self.height)

    @cached_property
    def sizes(self) -> dict[tuple[int, int], str]:
        """The sizes it is made in at ingest, from small to large, and the name of each (`wenyuan.repo.recipes`)."""
        return made_sizes(self.width, self.height)

    def made_as(self, width: int, height: int | None = None) -> str | None:
        """The name of the picture of this width and height (of any height where that is None), if it is made."""
        if height is not None:
            return self.sizes.get((width, height))
        return next((name for size, name in self.sizes.items() if size[0] == width), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who may see an item, at this moment."""

    access: Access
    state: ItemState
    structure: str
    version: int
    """Of the item: its description may be another, too."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """Bytes as ingest has made them.

    Attributes:
        key: of the stored object that they are, or are in.
        data: a JPEG.
        etag: names these bytes, without quotes.
        is_today: whether today's recipe has made them; only then do addresses with its version name them for ever.
    """

    key: str
    data: bytes
    etag: str
    is_today: bool


class PageImages:
    """Images of pages; safe for threads. One for each server process."""

    def __init__(
        self, catalogue: Catalogue, near: NearFiles, recipes: Recipes, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalogue, self._near, self._recipes, self._now = catalogue, near, recipes, now
        self._standings: Recent[str, tuple[float, Standing]] = Recent(_REMEMBERED)
        self._pages: Recent[tuple[str, str, int], PageImage] = Recent(_REMEMBERED)
        self._packs: Recent[str, TilePack] = Recent(_OPEN_PACKS)
        self._older: Recent[str, str] = Recent(_REMEMBERED)

    def standing(self, item_id: str) -> Standing:
        """Who may see an item; at most `FRESH_S` old.

        Raises:
            NoSuchItem: no item has this id.
        """
        known = self._standings.get(item_id)
        if known and self._now() - known[0] < FRESH_S:
            return known[1]
        asked = self._now()
        with self._catalogue.reading() as session:
            chosen = select(ItemRow.access, ItemRow.state, ItemRow.structure, ItemRow.version).where(
                ItemRow.id == item_id
            )
            row = session.execute(chosen).first()
        if row is None:
            raise NoSuchItem(item=item_id)
        standing = Standing(Access(row.access), ItemState(row.state), row.structure, row.version)
        self._standings.put(item_id, (asked, standing))
        return standing

    def page(self, item_id: str, key: int) -> PageImage:
        """The page with a key.

        Raises:
            NoSuchItem, NoSuchPage: there is none; also for a chapter of an e-book, which has no image.
        """
        name = (item_id, self.standing(item_id).structure, key)
        known = self._pages.get(name)
        if known:
            return known
        with self._catalogue.reading() as session:
            chosen = (
                select(PageRow.kind, PageRow.width, PageRow.height, FileRow.sha256, PageRow.index.label("place"))
                .join(FileRow, and_(FileRow.item == PageRow.item, FileRow.position == PageRow.file))
                .where(PageRow.item == item_id, PageRow.key == key)
            )
            row = session.execute(chosen).first()
        if row is None or row.kind == PageKind.CHAPTER or not row.width:
            raise NoSuchPage(item=item_id, page=key)
        version = self.version(row.sha256, row.place)
        page = PageImage(item_id, key, row.sha256, row.place, row.width, row.height, version)
        self._pages.put(name, page)
        return page

    def of(self, page: PageView) -> PageImage:
        """The image of a page of the catalogue that has one."""
        version = self.version(page.source, page.index)
        return PageImage(page.item, page.key, page.source, page.index, page.width, page.height, version)

    def version(self, source: str, index: int) -> str:
        """What addresses of an image carry, so that they can be kept for ever."""
        made_as = "/".join((source, str(index), *(recipe.file_name for recipe in self._recipes.all)))
        return hashlib.sha256(made_as.encode()).hexdigest()[:10]

    def made(self, page: PageImage, name: str) -> StoredImage:
        """One of the pictures made at ingest, by its name in `wenyuan.repo.recipes`.

        Raises:
            DerivativeMissing: not made yet, lost or damaged.
            StoreUnavailable: the store is away and the picture is not in the cache.
        """
        recipe = self._recipes.picture(name)
        for key in self._keys(page, recipe):
            if (data := self._jpeg(key)) is not None:
                return StoredImage(key, data, _etag(key), _is_of(key, recipe))
        raise DerivativeMissing(item=page.item, page=page.key)

    def tile(self, page: PageImage, tile: Tile) -> StoredImage:
        """A tile made at ingest.

        Raises:
            DerivativeMissing: as `made`.
            StoreUnavailable: as `made`.
        """
        for key in self._keys(page, self._recipes.tiles):
            if (data := self.tile_of(page, key, tile)) is not None:
                etag = f"{_etag(key)}-{page.grid.number(tile)}"
                return StoredImage(key, data, etag, _is_of(key, self._recipes.tiles))
        raise DerivativeMissing(item=page.item, page=page.key)

    def tiles(self, page: PageImage) -> StoredTiles:
        """All tiles of a page, out of one pack; which recipe's it is may change from one call to the next.

        Raises:
            DerivativeMissing: as `made`.
        """
        recipe = self._recipes.tiles
        try:
            for key in self._keys(page, recipe):
                if self._pack(page, key):
                    return StoredTiles(self, page, key, _is_of(key, recipe))
        except StoreUnavailable:
            # What was made of them may be kept here.
            return StoredTiles(self, page, derivative_key(page.source, page.index, recipe.file_name), is_today=True)
        raise DerivativeMissing(item=page.item, page=page.key)

    def forget(self, page: PageImage) -> None:
        """Look at the store anew: the derivatives of a page were made again."""
        for recipe in self._recipes.all:
            key = derivative_key(page.source, page.index, recipe.file_name)
            self._packs.forget(key)
            self._older.forget(key)
            self._near.forget(key)

    def _keys(self, page: PageImage, recipe: Recipe) -> Iterator[str]:
        """Today's key, and after it that of what an earlier recipe has made, which serves until today's is there."""
        key = derivative_key(page.source, page.index, recipe.file_name)
        yield key
        older = self._older.get(key)
        if older is None:
            folder = key.removesuffix(recipe.file_name)
            earlier = [found for found in self._near.store.list(folder + recipe.stem) if found.key != key]
            if not earlier:
                return
            older = max(earlier, key=lambda found: found.modified).key
            self._older.put(key, older)
        yield older
        # Asked for the next one: this one is gone, too.
        self._older.forget(key)

    def _jpeg(self, key: str) -> bytes | None:
        """A whole JPEG; None where it is not there, or is none even when fetched anew."""
        for _ in range(2):
            try:
                data = self._near.read(key)
            except ObjectMissing:
                return None
            if sealed_jpeg.is_sound(data):
                return data
            self._near.forget(key)
        return None

    def tile_of(self, page: PageImage, key: str, tile: Tile) -> bytes | None:
        """A tile out of a pack; None where the pack is not there, or is damaged even when fetched anew."""
        for _ in range(2):
            pack = self._pack(page, key)
            if pack is None:
                return None
            try:
                return pack.tile(tile)
            except ObjectMissing:
                self._packs.forget(key)
                return None
            except (DamagedPack, InvalidRange):
                self._packs.forget(key)
                self._near.forget(key)
        return None

    def _pack(self, page: PageImage, key: str) -> TilePack | None:
        """A pack, open; None where it is not there, or its index is damaged even when fetched anew."""
        pack = self._packs.get(key)
        if pack:
            return pack
        for _ in range(2):
            try:
                pack = TilePack.open(self._near.open(key).pread, page.grid)
            except ObjectMissing:
                return None
            except (DamagedPack, InvalidRange):
                self._near.forget(key)
            else:
                self._packs.put(key, pack)
                return pack
        return None


@dataclass(frozen=True, slots=True)
class StoredTiles:
    """The tiles of a page, all made by one recipe.

    Attributes:
        key: of the stored pack that they are in.
        is_today: see `StoredImage`.
    """

    _images: PageImages
    page: PageImage
    key: str
    is_today: bool

    def read(self, tile: Tile) -> bytes:
        """The JPEG of a tile.

        Raises:
            DerivativeMissing: the pack is gone, or damaged.
            StoreUnavailable: the store is away and the tile is not in the cache.
        """
        data = self._images.tile_of(self.page, self.key, tile)
        if data is None:
            raise DerivativeMissing(item=self.page.item, page=self.page.key)
        return data


def _etag(key: str) -> str:
    """Source, page and recipe, shortened: all that makes the bytes what they are."""
    _, _, source, index, recipe = key.split("/")
    return f"{source[:16]}-{index}-{recipe}"


def _is_of(key: str, recipe: Recipe) -> bool:
    return key.endswith(f"/{recipe.file_name}")
