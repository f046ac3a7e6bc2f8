"""Handing in: from paths to a delivery with its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from wenyuan.ingest import receipt
from wenyuan.ingest.delivery import Received
from wenyuan.repo import holdings
from wenyuan.repo.catalogue import collections, deliveries, jobs
from wenyuan.repo.catalogue.jobs import INGEST
from wenyuan.repo.errors import NoSuchCollection
from wenyuan.repo.items import Collection
from wenyuan.repo.library import Library


def submit(library: Library, received: Received, paths: Sequence[Path], by: str) -> int:
    """Queue one job for each candidate, all in one transaction; the delivery's number."""
    for collection in received.collections:
        holdings.save_collection(library, _where_it_was(library, collection))
    now = datetime.now(UTC)
    source = "\n".join(str(path.resolve()) for path in paths).encode("utf-8", "backslashreplace").decode()
    with library.catalogue.writing() as session:
        delivery = deliveries.add(session, by, source, receipt.begin(received), now)
        for candidate in received.candidates:
            jobs.add(session, INGEST, candidate.title, candidate.to_json(), now, delivery=delivery)
    return delivery


def _where_it_was(library: Library, collection: Collection) -> Collection:
    """A collection whose folder is handed in alone says nothing of what it lies in: it stays where it is."""
    if collection.parent is not None:
        return collection
    with library.catalogue.reading() as session, suppress(NoSuchCollection):
        return replace(collection, parent=collections.get(session, collection.key).parent)
    return collection
