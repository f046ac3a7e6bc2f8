"""The parts of a running library, put together by `wenyuan.repo.wiring`."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo.catalogue.database import Catalogue
from wenyuan.repo.search.index import SearchIndex
from wenyuan.repo.settings import Settings
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Library:
    """What every use case gets."""

    settings: Settings
    store: ObjectStore
    blobs: BlobStore
    catalogue: Catalogue
    index: SearchIndex

    def close(self) -> None:
        """Give back connections."""
        self.catalogue.close()
