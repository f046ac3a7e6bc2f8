"""From settings to a running library: the only module that chooses back ends."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import cast

from wenyuan.repo import plugins
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.database import Catalogue, open_catalogue
from wenyuan.repo.errors import UnknownBackend
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImages
from wenyuan.repo.recipes import Recipes
from wenyuan.repo.search.index import SearchIndex
from wenyuan.repo.search.served import ServedIndex
from wenyuan.repo.settings import PREFIX, Settings
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.disk_cache import DiskCache
from wenyuan.storage.near import NearFiles
from wenyuan.storage.store import ObjectStore, StoreOptions


def build(settings: Settings) -> Library:
    """Put a library together.

    Raises:
        UnknownBackend: a setting names a store or engine that does not exist.
        DatabaseUnavailable, InvalidSetting, MissingExtra: as `open_catalogue`.
    """
    store, recipes = open_store(settings), Recipes.of(settings)
    near = NearFiles(store, DiskCache(settings.cache_folder, settings.cache_mb * 1024**2))
    catalogue = open_catalogue(settings.database_url)
    chosen("index", settings.index, "wenyuan.repo.search")  # told now, and not when an index is first built
    index = ServedIndex(settings.index_folder, settings.index, open_engine, lambda: _has_items(catalogue))
    images = PageImages(catalogue, near, recipes)
    return Library(settings, store, BlobStore(store), catalogue, index, recipes, near, images)


def open_engine(engine: str, folder: Path) -> SearchIndex:
    """The search index of an engine in a folder.

    Raises:
        UnknownBackend, MissingExtra: as `chosen`.
        IndexUnavailable: the folder cannot be made.
    """
    return cast("SearchIndex", chosen("index", engine, "wenyuan.repo.search").open_index(folder))


def _has_items(catalogue: Catalogue) -> bool:
    with catalogue.reading() as session:
        return bool(items.published_ids(session))


def open_store(settings: Settings) -> ObjectStore:
    """The object store alone: what the processes that work on pages need."""
    options = StoreOptions(settings.home, settings.store_values())
    return cast("ObjectStore", chosen("store", settings.store, "wenyuan.storage").open_store(options))


def chosen(setting: str, value: str, package: str) -> ModuleType:
    """The plug-in that a setting names.

    Raises:
        UnknownBackend: there is none of this name; names the variable, its value and what is allowed.
        MissingExtra: it needs a package that is not installed.
    """
    try:
        return plugins.load(package, value)
    except UnknownBackend as error:
        raise UnknownBackend(**{**error.data, "setting": PREFIX + setting.upper()}) from error
