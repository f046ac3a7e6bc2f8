"""Keeping the index at one with the catalogue: the outbox says which items changed, and each is put in anew."""

from __future__ import annotations

import logging
import os
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from wenyuan.repo import index_building
from wenyuan.repo.catalogue import items, outbox
from wenyuan.repo.catalogue.outbox import OutboxEntry
from wenyuan.repo.documents import item_document
from wenyuan.repo.errors import IndexDamaged
from wenyuan.repo.items import ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.progress import Progress, nobody_watches
from wenyuan.repo.search.index import IndexWriter, PageText

log = logging.getLogger(__name__)

HOLDER = "whoosh"
"""Key of the row that names who holds the index, whichever engine it has: older libraries wrote it so."""


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
    durable: a crash between the two indexes the item once more. An index that is damaged, or was never built, is first
    built anew.

    Raises:
        IndexUnavailable: the index cannot be written now; the entries stay.
    """
    mend(library)
    with library.catalogue.reading() as session:
        if not outbox.waiting(session, 1) or not _is_ours(library):
            return 0
    with index_building.feeding(library):
        with library.catalogue.reading() as session:
            waiting = outbox.waiting(session, limit)
            with library.index.write() as writer:
                for item, pages in _changes(waiting).items():
                    _put(session, writer, item, pages)
        index_building.note(library, [entry.item for entry in waiting])
        with library.catalogue.writing() as session:
            outbox.done(session, [entry.id for entry in waiting])
    return len(waiting)


def mend(library: Library) -> bool:
    """Build the index anew where it is damaged or was never built from the catalogue; whether that was so."""
    try:
        library.index.count()
    except IndexDamaged as error:
        if index_building.is_building(library) or not _is_ours(library):
            return False
        log.error("%s: building it anew from the catalogue", error)
        index_building.rebuild(library)
        return True
    return False


def rebuild(library: Library, engine: str | None = None, progress: Progress = nobody_watches) -> int:
    """Build the index anew beside the one that serves, for this data folder to hold; how many items were put in.

    Raises:
        IndexUnavailable, UnknownBackend, MissingExtra: as `index_building.rebuild`.
    """
    with library.catalogue.writing() as session:
        outbox.hold(session, HOLDER, _holder(library), take=True)
    return index_building.rebuild(library, engine, progress)


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
        ours = outbox.hold(session, HOLDER, _holder(library))
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


def _changes(waiting: Sequence[OutboxEntry]) -> dict[str, set[int] | None]:
    """What has changed of each item: some pages, or (None) more than that."""
    found: dict[str, set[int] | None] = {}
    for entry in waiting:
        known = found.get(entry.item, set())
        found[entry.item] = None if known is None or entry.pages is None else known | set(entry.pages)
    return found


def _put(session: Session, writer: IndexWriter, item_id: str, pages: set[int] | None = None) -> None:
    item = items.many(session, [item_id]).get(item_id)
    if pages is None or item is None or item.state is not ItemState.PUBLISHED:
        index_building.put(session, writer, item_id)
        return
    texts = _around(items.page_texts(session, item_id), pages)
    if not writer.replace_pages(item_document(session, item, texts)):
        index_building.put(session, writer, item_id)


def _around(texts: Iterable[PageText], keys: set[int]) -> list[PageText]:
    """These pages, and before each the one that ends in its seam; each with the text after it."""
    found: list[PageText] = []
    before: PageText | None = None
    for page in (*texts, None):
        if before is not None:
            follows = page if page is not None and page.position == before.position + 1 else None
            if before.page in keys or (follows is not None and follows.page in keys):
                found.append(replace(before, next_text=follows.text if follows else ""))
        before = page
    return found
