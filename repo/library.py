"""The parts of a running library, put together by `wenyuan.repo.wiring`."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo.catalogue.database import Catalogue
from wenyuan.repo.page_images import PageImages
from wenyuan.repo.recipes import Recipes
from wenyuan.repo.search.served import ServedIndex
from wenyuan.repo.settings import Settings
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.near import NearFiles
from wenyuan.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Library:
    """What every use case gets."""

    settings: Settings
    store: ObjectStore
    blobs: BlobStore
    catalogue: Catalogue
    index: ServedIndex
    recipes: Recipes
    near: NearFiles
    images: PageImages

    def close(self) -> None:
        """Give back connections."""
        self.catalogue.close()
