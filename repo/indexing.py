"""Keeping the index at one with the catalogue: the outbox says which items changed, and each is put in anew."""

from __future__ import annotations

import logging
import os
import tempfile
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import collections, items, outbox
from wenyuan.repo.items import Item, ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.search.index import IndexWriter, ItemDocument

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drift:
    """Where index and catalogue differ; empty is well."""

    missing: tuple[str, ...]
    """Published items that the index lacks."""
    surplus: tuple[str, ...]
    """Items in the index that are not published."""
    waiting: int
    """Changes that are on their way."""


def drain(library: Library, limit: int = 200) -> int:
    """Bring waiting changes into the index; how many there were.

    Where another data folder holds the index nothing is done. An entry leaves the outbox only after the index is
    durable: a crash between the two indexes the item once more.

    Raises:
        IndexUnavailable: the index cannot be written now; the entries stay.
    """
    with library.catalogue.reading() as session:
        waiting = outbox.waiting(session, limit)
        if not waiting or not _is_ours(library):
            return 0
        with library.index.write() as writer:
            for item in dict.fromkeys(item for _, item in waiting):
                _put(session, writer, item)
    with library.catalogue.writing() as session:
        outbox.done(session, [number for number, _ in waiting])
    return len(waiting)


def rebuild(library: Library) -> int:
    """Empty the index and ask for every item to be indexed; how many those are. `drain` does the work."""
    with library.catalogue.writing() as session:
        outbox.hold(session, library.settings.index, _holder(library), take=True)
        outbox.add_all(session, datetime.now(UTC))
    # Whoever breaks off here leaves the wish to index everything; what was indexed meanwhile is wished for again.
    library.index.clear()
    with library.catalogue.writing() as session:
        return outbox.add_all(session, datetime.now(UTC))


def drift(library: Library) -> Drift:
    """Compare the index with the catalogue."""
    indexed = set(library.index.items())
    with library.catalogue.reading() as session:
        shown = items.published_ids(session)
        waiting = outbox.count(session)
    return Drift(tuple(sorted(shown - indexed)), tuple(sorted(indexed - shown)), waiting)


def _is_ours(library: Library) -> bool:
    """An index lies in one data folder; a worker with another must leave the changes to the one that readers search."""
    with library.catalogue.writing() as session:
        ours = outbox.hold(session, library.settings.index, _holder(library))
    if not ours:
        log.warning("the index is fed from another data folder; run `wenyuan work` there")
    return ours


def _holder(library: Library) -> str:
    """A name that this data folder keeps for ever."""
    kept = library.settings.home / "index-holder"
    if not kept.exists():
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, encoding="ascii") as draft:
            draft.write(uuid.uuid4().hex)
            draft.flush()
            os.fsync(draft.fileno())
            # The first of two that start together wins; the other reads its name.
            with suppress(FileExistsError):
                os.link(draft.name, kept)
    return kept.read_text("ascii")


def _put(session: Session, writer: IndexWriter, item_id: str) -> None:
    item = items.many(session, [item_id]).get(item_id)
    if item is None or item.state is not ItemState.PUBLISHED:
        writer.remove(item_id)
        return
    writer.replace(
        ItemDocument(
            item=item.id,
            title=item.description.title,
            names=_names(item),
            collections=collections.keys_above(session, item.collection),
            access=item.description.access.value,
            kind=item.description.kind.value,
            pages=items.page_texts(session, item.id),
        )
    )


def _names(item: Item) -> tuple[str, ...]:
    told = item.description
    agents = tuple(agent.name for agent in told.agents)
    single = (
        told.series,
        told.volume,
        told.edition,
        told.date,
        told.place,
        told.publisher,
        told.call_number,
        told.description,
    )
    return tuple(name for name in (*told.title_variants, *agents, *told.subjects, *told.identifiers, *single) if name)
