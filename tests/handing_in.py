"""Handing in and waiting, as `wenyuan ingest` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.repo.catalogue import deliveries, items
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library

EVERY_TIER = frozenset({"open", "signed-in", "staff"})


def hand_in(library: Library, *paths: Path, collection: str | None = None) -> dict[str, Any]:
    """The complete receipt."""
    delivery = submit(library, receive(paths, collection), paths, "test")
    worker = Worker(library)
    try:
        away = worker.run_until_done(delivery)
    finally:
        worker.close()
    assert away is None, away
    with library.catalogue.reading() as session:
        receipt = deliveries.get(session, delivery).receipt
    assert receipt is not None
    return receipt


def shown(library: Library) -> list[Item]:
    """All published items by title."""
    with library.catalogue.reading() as session:
        return items.browse(session, access=EVERY_TIER, order="title", limit=1000)[0]


def outcome_of(receipt: dict[str, Any], name: str) -> tuple[str, str]:
    """(outcome, error code) of one file."""
    row = next(row for row in receipt["files"] if row["name"].endswith(name))
    return row["outcome"], row.get("error", {}).get("code", "")
