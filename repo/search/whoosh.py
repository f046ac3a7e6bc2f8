"""Search with Whoosh 2.7.4: no server, one folder; the default.

Pinned to 2.7.4: all three forks keep deleted pages after `Searcher.refresh()`. We never refresh: each generation is
opened afresh from its table of contents, over segment files that never change. Many processes may read, one writes at
a time; the lock of a killed writer frees itself (flock). What Whoosh lacks is added in `codec`: fsync, and files a
seventh of the size.
"""

from __future__ import annotations

import errno
import pickle
import re
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import whoosh.fields
import whoosh.index
from whoosh.index import TOC

from wenyuan.repo.errors import IndexDamaged, IndexUnavailable
from wenyuan.repo.query import SearchQuery, parse
from wenyuan.repo.search import matching, ranking
from wenyuan.repo.search.batch import Batch
from wenyuan.repo.search.codec import DurableStorage, PackedWriter, SegmentFiles
from wenyuan.repo.search.index import Filters, IndexWriter, Results, SearchIndex, Sort
from wenyuan.repo.search.matching import Part
from wenyuan.repo.search.rows import ItemRow

LOCK_WAIT_S = 60.0
"""How long a writer waits for another: a batch of 3,000 pages takes 4 s where we measured, many times that on a busy
machine."""
NAME = "wenyuan2"
"""Whoosh's name of the index, with the version of our fields and files: another version lies beside, not in the way."""
OPEN_TRIES = 20
"""A reader that lost the race against a commit (files listed, then removed) looks again, after 10 ms each time."""

_SCHEMA = whoosh.fields.Schema(
    **dict.fromkeys(
        [
            matching.ITEM,
            matching.TEXT_PAIRS,
            matching.TEXT_CHARACTERS,
            matching.SEAM_WORDS,
            matching.TITLE_PAIRS,
            matching.TITLE_CHARACTERS,
            matching.SUPPLEMENT,
        ],
        whoosh.fields.ID,
    )
)
_TOC_NAME = re.compile(rf"_{NAME}_([0-9]+)\.toc")
# What reading a damaged folder can raise. A pickle that was cut or overwritten may raise nearly anything.
_DAMAGE = (
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    ImportError,
    MemoryError,
    struct.error,
    zlib.error,
    pickle.UnpicklingError,
    whoosh.index.IndexError,
)

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.EINVAL})
"""Files that are not there, cannot be read, or are empty where they are mapped."""


def open_index(folder: Path, *, lock_wait_s: float = LOCK_WAIT_S) -> SearchIndex:
    """The index in a folder; an empty one where the folder is missing or empty.

    A damaged index is opened all the same, so that it can be cleared: searches say what is wrong.

    Args:
        folder: of this index alone.
        lock_wait_s: seconds that a writer waits for another process.

    Raises:
        IndexUnavailable: the folder cannot be made.
    """
    index = WhooshIndex(folder, lock_wait_s)
    with _told_as_ours():
        folder.mkdir(parents=True, exist_ok=True)
        if not _traces(folder):
            index.start()
    return index


def _traces(folder: Path) -> bool:
    """Whether anything but a lock lies there: an index, whole or not."""
    return any(NAME in path.name and path.suffix in {".toc", ".trm", ".pst", ".doc"} for path in folder.iterdir())


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except (PermissionError, BlockingIOError) as error:
        raise IndexUnavailable(reason=f"{type(error).__name__}: {error}") from error
    except OSError as error:
        kind = IndexDamaged if error.errno in _GONE else IndexUnavailable
        raise kind(reason=f"{type(error).__name__}: {error}") from error
    except _DAMAGE as error:
        raise IndexDamaged(reason=f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class _Snapshot:
    """One generation of the index, complete and unchanging."""

    identity: tuple[str, int, int]
    segments: dict[str, SegmentFiles]
    rows: dict[str, dict[int, ItemRow]]
    parts: list[Part]


class WhooshIndex:
    """A search index in one folder. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, lock_wait_s: float) -> None:
        self._folder = folder
        self._lock_wait_s = lock_wait_s
        self._snapshot = _Snapshot(("", 0, 0), {}, {}, [])
        self._opening = threading.Lock()

    # Reading

    def search(
        self,
        query: str | SearchQuery,
        filters: Filters,
        *,
        sort: Sort = Sort.RELEVANCE,
        facets: Sequence[str] = (),
        offset: int = 0,
        limit: int = 20,
        pages_per_item: int = 5,
    ) -> Results:
        """See `SearchIndex.search`."""
        wanted = parse(query) if isinstance(query, str) else query
        with _told_as_ours():
            parts = self._current().parts
            if not wanted:
                return Results(0, 0, facets=ranking.counted((), facets))
            shown = {"offset": offset, "limit": limit, "pages_per_item": pages_per_item}
            return matching.search(parts, wanted, filters, sort=sort, facets=facets, **shown)

    def count(self) -> tuple[int, int]:
        """See `SearchIndex.count`."""
        with _told_as_ours():
            parts = self._current().parts
        return sum(len(part.items) for part in parts), sum(part.pages for part in parts)

    def items(self) -> Iterator[str]:
        """See `SearchIndex.items`."""
        with _told_as_ours():
            for part in self._current().parts:
                for number in part.items:
                    yield part.row(number).item

    def _current(self) -> _Snapshot:
        """The newest generation. Threads that come while it is being opened wait rather than open it again."""
        for attempt in range(OPEN_TRIES):
            try:
                if _identity(self._folder) != self._snapshot.identity:
                    with self._opening:
                        if (identity := _identity(self._folder)) != self._snapshot.identity:
                            self._snapshot = self._open(identity)
                return self._snapshot
            except FileNotFoundError:
                if attempt == OPEN_TRIES - 1:
                    raise
                time.sleep(0.01)
        raise AssertionError

    def _open(self, identity: tuple[str, int, int]) -> _Snapshot:
        old = self._snapshot
        segments: dict[str, SegmentFiles] = {}
        rows: dict[str, dict[int, ItemRow]] = {}
        parts: list[Part] = []
        toc = TOC.read(DurableStorage(self._folder), NAME, gen=_generation(identity[0]), schema=_SCHEMA)
        for segment in toc.segments:
            name = segment.segment_id()
            segments[name] = old.segments.get(name) or SegmentFiles(self._folder, segment)
            rows[name] = old.rows.get(name, {})
            parts.append(Part(segments[name], frozenset(segment.deleted_docs()), rows[name]))
        return _Snapshot(identity, segments, rows, parts)

    # Writing

    @contextmanager
    def write(self) -> Iterator[IndexWriter]:
        """See `SearchIndex.write`."""
        with _told_as_ours():
            writer = self._writer()
        batch = Batch(writer)
        try:
            yield batch
        except BaseException:
            try:
                writer.cancel()
            finally:
                _release(writer)
            raise
        with _told_as_ours():
            try:
                batch.finish()
            except BaseException:
                _release(writer)
                raise

    def _writer(self) -> PackedWriter:
        def open_segment(segment: Any) -> SegmentFiles:
            return self._snapshot.segments.get(segment.segment_id()) or SegmentFiles(self._folder, segment)

        self._current()  # reads and checks what is there before anything is written
        index = whoosh.index.FileIndex(DurableStorage(self._folder), schema=_SCHEMA, indexname=NAME)
        try:
            return PackedWriter(index, lock_wait_s=self._lock_wait_s, open_segment=open_segment)
        except whoosh.index.LockError:
            raise IndexUnavailable(reason=f"another process has been writing for {self._lock_wait_s:g} s") from None

    def clear(self) -> None:
        """See `SearchIndex.clear`; also mends a damaged folder."""
        with _told_as_ours():
            self._folder.mkdir(parents=True, exist_ok=True)
            self.start(anew=True)

    def start(self, *, anew: bool = False) -> None:
        """Write an empty table of contents under the writers' lock, where there is none yet or `anew`.

        The generation goes on counting: a reader elsewhere must not take the empty index for one that it knows.
        """
        storage = DurableStorage(self._folder)
        lock = storage.lock(f"{NAME}_WRITELOCK")
        deadline = time.monotonic() + self._lock_wait_s
        while not lock.acquire():
            if time.monotonic() > deadline:
                raise IndexUnavailable(reason=f"another process has been writing for {self._lock_wait_s:g} s")
            time.sleep(0.1)
        try:
            if anew or not _traces(self._folder):
                generation = 1 + max(map(_generation, storage.list()))
                TOC(_SCHEMA, [], generation).write(storage, NAME)
                whoosh.index.clean_files(storage, NAME, generation, [])
        finally:
            lock.release()


def _generation(name: str) -> int:
    found = _TOC_NAME.fullmatch(name)
    return int(found[1]) if found else -1


def _identity(folder: Path) -> tuple[str, int, int]:
    """Name, time (ns) and inode of the newest table of contents: a folder cleared and filled again is another index.

    Raises:
        ValueError: the folder has none.
    """
    name = max((path.name for path in folder.iterdir()), key=_generation, default="")
    if _generation(name) < 0:
        raise ValueError("the index has no table of contents")
    state = (folder / name).stat()
    return name, state.st_mtime_ns, state.st_ino


def _release(writer: PackedWriter) -> None:
    """Where a commit or its cancelling broke off (a full disk) nothing is visible; only the lock must go."""
    if writer.writelock and writer.writelock.fd is not None:
        writer.writelock.release()
