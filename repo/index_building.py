"""Building an index from the catalogue beside the one that serves, and moving over to it.

Readers search the old one meanwhile. Changes go on reaching it; which items they concern is also noted in a journal,
and these are put into the new one before the pointer is moved, while no other change can be on its way
(`indexing.drain` waits). Where a build breaks off nothing has happened; the next one begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import items, names, outbox
from wenyuan.repo.documents import item_document
from wenyuan.repo.items import ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.progress import Progress, nobody_watches
from wenyuan.repo.search import locks
from wenyuan.repo.search.index import IndexWriter, SearchIndex
from wenyuan.repo.search.served import Pointer

ITEMS_AT_ONCE = 100
"""Items of one batch: at some hundred pages each, as many as a batch holds in memory well."""
FEW = 20
"""Changed items that are put in while changes wait: some seconds at most."""
ROUNDS = 10
"""How often to follow changes before they must wait."""
EVERY = 2**31
FEED_WAIT_S = 300.0
"""How long a change waits for the end of a build, or a build for a change under way."""


def rebuild(library: Library, engine: str | None = None, progress: Progress = nobody_watches) -> int:
    """Build an index from the catalogue, serve it from then on, and take the old one away.

    Args:
        library: its index goes on serving meanwhile.
        engine: default: the one of the settings.
        progress: told of the stage "index".

    Returns:
        How many items were put in.

    Raises:
        IndexUnavailable: another process is building, or the disk cannot be written.
        UnknownBackend, MissingExtra: there is no such engine here.
    """
    served = library.index
    chosen = engine or library.settings.index
    with locks.held(build_lock(library), wait_s=1.0, doing="building an index"):
        folder = served.free_folder(chosen)
        target = served.opened(chosen, folder)
        with feeding(library):
            journal(library).write_text("", "ascii")
        with library.catalogue.reading() as session:
            waiting = [entry.id for entry in outbox.waiting(session, EVERY)]
        _name(library)
        count = _fill(library, target, progress)
        for _ in range(ROUNDS):
            with feeding(library):
                changed = _take(library)
            _put_all(library, target, changed)
            if len(changed) <= FEW:
                break
        with feeding(library):
            _put_all(library, target, _take(library))
            served.point(Pointer(chosen, folder.name))
            journal(library).unlink()
        _done(library, waiting)
        served.tidy()
    return count


def feeding(library: Library) -> AbstractContextManager[None]:
    """Hold this while changes go from the catalogue to the index: not over the moment when another takes its place."""
    return locks.held(library.index.folder / "feed.lock", wait_s=FEED_WAIT_S, doing="bringing changes into the index")


def note(library: Library, changed: Sequence[str]) -> None:
    """Tell a build that is under way which items have changed; call it inside `feeding`."""
    if journal(library).exists() and locks.is_held(build_lock(library)):
        with journal(library).open("a", encoding="ascii") as lines:
            lines.writelines(f"{item}\n" for item in changed)


def is_building(library: Library) -> bool:
    """Whether a build is under way."""
    return locks.is_held(build_lock(library))


def put(session: Session, writer: IndexWriter, item_id: str) -> None:
    """Put an item in as the catalogue has it, or take it out."""
    item = items.many(session, [item_id]).get(item_id)
    if item is None or item.state is not ItemState.PUBLISHED:
        writer.remove(item_id)
    else:
        writer.replace(item_document(session, item, items.page_texts(session, item_id)))


def build_lock(library: Library) -> Path:
    """Held by the one process that builds."""
    return library.index.folder / "build.lock"


def journal(library: Library) -> Path:
    """Ids of items that changed during a build, one a line."""
    return library.index.folder / "changed"


def _take(library: Library) -> list[str]:
    noted = list(dict.fromkeys(journal(library).read_text("ascii").split()))
    journal(library).write_text("", "ascii")
    return noted


def _done(library: Library, waiting: Sequence[int]) -> None:
    """Changes that waited before the catalogue was read are in."""
    for start in range(0, len(waiting), ITEMS_AT_ONCE):
        with library.catalogue.writing() as session:
            outbox.done(session, list(waiting[start : start + ITEMS_AT_ONCE]))


def _fill(library: Library, target: SearchIndex, progress: Progress) -> int:
    with library.catalogue.reading() as session:
        ids = sorted(items.published_ids(session))
    for done, chosen in _batches(ids):
        _put_all(library, target, chosen)
        progress("index", done, len(ids))
    return len(ids)


def _name(library: Library) -> None:
    """Give items from before the table of names was there their rows."""
    while True:
        with library.catalogue.writing() as session:
            lacking = names.lacking(session, ITEMS_AT_ONCE)
            for item in items.many(session, lacking).values():
                names.write(session, item)
        if not lacking:
            return


def _batches(ids: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Each batch, with how many are done after it."""
    for start in range(0, len(ids), ITEMS_AT_ONCE):
        chosen = ids[start : start + ITEMS_AT_ONCE]
        yield start + len(chosen), chosen


def _put_all(library: Library, target: SearchIndex, chosen: Sequence[str]) -> None:
    if chosen:
        with library.catalogue.reading() as session, target.write() as writer:
            for item in chosen:
                put(session, writer, item)
