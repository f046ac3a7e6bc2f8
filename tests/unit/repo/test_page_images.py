"""Page images as stored bytes: found, checked, never decoded, and hidden within a second of being withdrawn."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import given
import pytest
from handing_in import hand_in, shown
from made_items import AGENT, flip_a_bit

from wenyuan.repo import holdings
from wenyuan.repo.errors import DerivativeMissing, NoSuchItem, NoSuchPage
from wenyuan.repo.items import Item, ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import FRESH_S, PageImages
from wenyuan.repo.recipes import READING, READING_SMALL, THUMBNAIL, Recipe, Recipes
from wenyuan.repo.tiles import Tile
from wenyuan.storage.keys import derivative_key

NAMES = (THUMBNAIL, READING_SMALL, READING)


@pytest.fixture
def book(embedded_library: Library, tmp_path: Path) -> Item:
    """Two scans of 600 × 800 pixels: two levels of tiles."""
    hand_in(embedded_library, given.scans(tmp_path / "in", 2, texts=False))
    return shown(embedded_library)[0]


def key_of(library: Library, item: Item, recipe: Recipe, page: int = 1) -> str:
    image = library.images.page(item.id, page)
    return derivative_key(image.source, image.index, recipe.file_name)


def stored(library: Library, key: str) -> bytes:
    with library.store.open(key) as stream:
        return stream.read()


def put(library: Library, key: str, data: bytes) -> None:
    library.store.put(key, io.BytesIO(data))


def test_a_page_is_known_with_its_source_and_size(embedded_library: Library, book: Item) -> None:
    first, second = (embedded_library.images.page(book.id, key) for key in (1, 2))
    assert (first.width, first.height, first.index) == (600, 800, 0)
    assert first.source != second.source
    assert first.version != second.version
    assert len(first.version) == 10


def test_pictures_and_tiles_are_the_stored_bytes(embedded_library: Library, book: Item) -> None:
    images, recipes = embedded_library.images, embedded_library.recipes
    page = images.page(book.id, 1)
    for name in NAMES:
        key = key_of(embedded_library, book, recipes.picture(name))
        assert images.made(page, name).data == stored(embedded_library, key)
    pack = zipfile.ZipFile(io.BytesIO(stored(embedded_library, key_of(embedded_library, book, recipes.tiles))))
    for tile in page.grid.tiles():
        assert images.tile(page, tile).data == pack.read(page.grid.name(tile))


def test_every_picture_and_tile_has_an_etag_of_its_own(embedded_library: Library, book: Item) -> None:
    images = embedded_library.images
    pages = [images.page(book.id, key) for key in (1, 2)]
    told = [images.made(page, name).etag for page in pages for name in NAMES]
    told += [images.tile(page, tile).etag for page in pages for tile in page.grid.tiles()]
    assert len(set(told)) == len(told)


def test_another_recipe_gives_another_version(embedded_library: Library, book: Item) -> None:
    other = Recipes.of(embedded_library.settings.model_copy(update={"tile_quality": 60}))
    images = PageImages(embedded_library.catalogue, embedded_library.near, other)
    assert images.page(book.id, 1).version != embedded_library.images.page(book.id, 1).version


@pytest.mark.parametrize("key", [0, 3, 99, -1])
def test_there_are_no_other_pages(embedded_library: Library, book: Item, key: int) -> None:
    with pytest.raises(NoSuchPage):
        embedded_library.images.page(book.id, key)


def test_a_chapter_has_no_image(embedded_library: Library, tmp_path: Path) -> None:
    hand_in(embedded_library, given.epub(tmp_path / "in" / "書.epub", {"一": "文"}))
    with pytest.raises(NoSuchPage):
        embedded_library.images.page(shown(embedded_library)[0].id, 1)


def test_an_item_that_is_not_there_has_no_images(embedded_library: Library) -> None:
    with pytest.raises(NoSuchItem):
        embedded_library.images.page("nosuchitem000", 1)


def test_a_withdrawal_is_seen_after_a_second_at_the_latest(embedded_library: Library, book: Item) -> None:
    now = [100.0]
    images = PageImages(embedded_library.catalogue, embedded_library.near, embedded_library.recipes, lambda: now[0])
    assert images.standing(book.id).state is ItemState.PUBLISHED
    holdings.withdraw(embedded_library, book.id, AGENT, "權利未明")
    now[0] += FRESH_S
    assert images.standing(book.id).state is ItemState.WITHDRAWN


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_that_is_not_there_is_told_as_missing(embedded_library: Library, book: Item, name: str) -> None:
    page = embedded_library.images.page(book.id, 1)
    embedded_library.store.delete(key_of(embedded_library, book, embedded_library.recipes.picture(name)))
    with pytest.raises(DerivativeMissing):
        embedded_library.images.made(page, name)


@pytest.mark.parametrize("damage", [b"", b"\xff\xd8", b"<html>", b"\xff\xd8 cut short"])
def test_a_picture_that_is_damaged_is_told_as_missing(embedded_library: Library, book: Item, damage: bytes) -> None:
    page = embedded_library.images.page(book.id, 1)
    put(embedded_library, key_of(embedded_library, book, embedded_library.recipes.picture(READING)), damage)
    with pytest.raises(DerivativeMissing):
        embedded_library.images.made(page, READING)


@pytest.mark.parametrize("damage", [b"", b"PK", lambda data: data[:900], lambda data: b"\0" * len(data)])
def test_tiles_of_a_damaged_pack_are_told_as_missing(embedded_library: Library, book: Item, damage: object) -> None:
    page = embedded_library.images.page(book.id, 1)
    key = key_of(embedded_library, book, embedded_library.recipes.tiles)
    put(embedded_library, key, damage(stored(embedded_library, key)) if callable(damage) else damage)
    embedded_library.images.forget(page)
    with pytest.raises(DerivativeMissing):
        embedded_library.images.tile(page, Tile(0, 1, 1))


def test_a_flipped_bit_costs_one_tile(embedded_library: Library, book: Item) -> None:
    page = embedded_library.images.page(book.id, 1)
    flip_a_bit(embedded_library, key_of(embedded_library, book, embedded_library.recipes.tiles))
    embedded_library.images.forget(page)
    missing = 0
    for tile in page.grid.tiles():
        try:
            embedded_library.images.tile(page, tile)
        except DerivativeMissing:
            missing += 1
    assert missing == 1


def test_what_an_earlier_recipe_made_serves_until_todays_is_there(embedded_library: Library, book: Item) -> None:
    today = embedded_library.settings.model_copy(update={"reading_quality": 40, "tile_quality": 40})
    recipes = Recipes.of(today)
    images = PageImages(embedded_library.catalogue, embedded_library.near, recipes)
    page = images.page(book.id, 1)
    earlier = embedded_library.images.made(page, READING)
    assert images.made(page, READING) == replace(earlier, is_today=False)
    tile = embedded_library.images.tile(page, Tile(1, 0, 0))
    assert (earlier.is_today, tile.is_today) == (True, True)
    assert images.tile(page, Tile(1, 0, 0)) == replace(tile, is_today=False)

    put(embedded_library, key_of(embedded_library, book, recipes.picture(READING)), b"\xff\xd8 today \xff\xd9")
    assert images.made(page, READING).data == b"\xff\xd8 today \xff\xd9"
    assert images.made(page, READING).etag != earlier.etag
    assert images.made(page, READING).is_today


def test_an_earlier_picture_that_goes_too_is_told_as_missing(embedded_library: Library, book: Item) -> None:
    recipes = Recipes.of(embedded_library.settings.model_copy(update={"reading_quality": 40}))
    images = PageImages(embedded_library.catalogue, embedded_library.near, recipes)
    page = images.page(book.id, 1)
    images.made(page, READING)
    embedded_library.store.delete(key_of(embedded_library, book, embedded_library.recipes.picture(READING)))
    with pytest.raises(DerivativeMissing):
        images.made(page, READING)
    put(embedded_library, key_of(embedded_library, book, recipes.picture(READING)), b"\xff\xd8\xff\xd9")
    assert images.made(page, READING).data == b"\xff\xd8\xff\xd9"


def test_one_reading_picture_never_stands_in_for_the_other(embedded_library: Library, book: Item) -> None:
    recipes = Recipes.of(embedded_library.settings.model_copy(update={"reading_quality": 40}))
    images = PageImages(embedded_library.catalogue, embedded_library.near, recipes)
    embedded_library.store.delete(key_of(embedded_library, book, embedded_library.recipes.picture(READING_SMALL)))
    page = images.page(book.id, 1)
    assert images.made(page, READING)
    with pytest.raises(DerivativeMissing):
        images.made(page, READING_SMALL)


def test_a_pack_of_another_size_is_no_pack_of_this_page(embedded_library: Library, book: Item) -> None:
    page = replace(embedded_library.images.page(book.id, 1), width=601)
    with pytest.raises(DerivativeMissing):
        embedded_library.images.tile(page, Tile(0, 0, 0))
