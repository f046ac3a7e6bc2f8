"""Search with tantivy: no server, one folder, native code; for more pages than some ten thousand.

Installed with `pip install wenyuan[tantivy]`. Many processes may read, one writes at a time; the lock of a killed
writer frees itself (flock). Tantivy syncs the files of a segment and replaces its table of contents in one step (seen
with strace, docs/decisions/014). What it leaves to us: to sync the folder after that, and to look at its checksums
(`tantivy_files`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tantivy import Index
from tantivy import IndexWriter as TantivyWriter

from wenyuan.repo.errors import IndexDamaged, IndexUnavailable
from wenyuan.repo.query import SearchQuery, parse
from wenyuan.repo.search import ranking, tantivy_files, tantivy_results, tantivy_schema
from wenyuan.repo.search.durable import sync
from wenyuan.repo.search.index import Filters, IndexWriter, Results, SearchIndex, Sort
from wenyuan.repo.search.tantivy_batch import Batch
from wenyuan.repo.search.tantivy_pages import Snapshot
from wenyuan.repo.search.tantivy_queries import Questions

LOCK_WAIT_S = 60.0
"""How long a writer waits for another."""
HEAP_BYTES = 96_000_000
"""Of one batch before it is put on disk as a segment: some 20,000 pages."""
OPEN_TRIES = 20
"""A reader that lost the race against a commit (a file listed, then removed) looks again, after 10 ms each time."""

_Identity = tuple[int, int, int]


def open_index(folder: Path, *, lock_wait_s: float = LOCK_WAIT_S) -> SearchIndex:
    """The index in a folder; an empty one where the folder is missing or empty.

    A damaged index is opened all the same, so that it can be cleared: searches say what is wrong.

    Args:
        folder: of this index alone.
        lock_wait_s: seconds that a writer waits for another process.

    Raises:
        IndexUnavailable: the folder cannot be made.
    """
    with _told_as_ours():
        folder.mkdir(parents=True, exist_ok=True)
        if not any(path.suffix in {".json", ".idx"} for path in folder.iterdir()):
            _opened(folder)
    return TantivyIndex(folder, lock_wait_s)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except (PermissionError, BlockingIOError) as error:
        raise IndexUnavailable(reason=f"{type(error).__name__}: {error}") from error
    except (FileNotFoundError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise IndexDamaged(reason=f"{type(error).__name__}: {error}") from error
    except OSError as error:
        raise IndexUnavailable(reason=f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        # What the native code did not expect comes as an exception that is none of Python's.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged(reason=f"tantivy: {error}") from error


def _opened(folder: Path) -> Index:
    index = Index(tantivy_schema.schema(), path=str(folder))
    index.register_tokenizer(tantivy_schema.WORDS, tantivy_schema.analyser())
    index.config_reader("manual", 0)
    return index


class TantivyIndex:
    """A search index in one folder. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, lock_wait_s: float) -> None:
        self._folder = folder
        self._lock_wait_s = lock_wait_s
        self._identity: _Identity | None = None
        self._snapshot: Snapshot | None = None
        self._whole: set[str] = set()
        """Files that were read through and found whole; none is ever written again."""
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
            snapshot = self._current()
            if not wanted:
                return Results(0, 0, facets=ranking.counted((), facets))
            shown = {"offset": offset, "limit": limit, "pages_per_item": pages_per_item}
            return tantivy_results.search(snapshot, wanted, filters, sort=sort, facets=facets, **shown)

    def count(self) -> tuple[int, int]:
        """See `SearchIndex.count`."""
        with _told_as_ours():
            snapshot = self._current()
            items = snapshot.count(_questions(snapshot).every_item())
            return items, snapshot.searcher.num_docs - items

    def items(self) -> Iterator[str]:
        """See `SearchIndex.items`."""
        with _told_as_ours():
            snapshot = self._current()
            for address in snapshot.all(_questions(snapshot).every_item())[1]:
                yield snapshot.row(address).item

    def _current(self) -> Snapshot:
        """The newest generation. Threads that come while it is being opened wait rather than open it again."""
        for attempt in range(OPEN_TRIES):
            try:
                snapshot = self._snapshot
                if snapshot is None or self._identity != _identity(self._folder):
                    with self._opening:
                        identity = _identity(self._folder)
                        if self._snapshot is None or self._identity != identity:
                            self._snapshot = self._open()
                            self._identity = identity
                        snapshot = self._snapshot
                return snapshot
            except FileNotFoundError:
                if attempt == OPEN_TRIES - 1:
                    raise
                time.sleep(0.01)
        raise AssertionError

    def _open(self) -> Snapshot:
        contents = tantivy_files.table(self._folder)
        names = tantivy_files.names(contents)
        for name in names:
            if name not in self._whole:
                tantivy_files.check(self._folder / name)
        self._whole = set(names)
        index = _opened(self._folder)
        index.reload()
        documents = sum(segment["max_doc"] for segment in contents["segments"])
        return Snapshot(index.schema, index.searcher(), documents)

    # Writing

    @contextmanager
    def write(self) -> Iterator[IndexWriter]:
        """See `SearchIndex.write`."""
        with _told_as_ours():
            snapshot = self._current()  # reads and checks what is there before anything is written
            writer = self._writer()
        try:
            yield Batch(writer, snapshot)
        except BaseException:
            with _told_as_ours():
                writer.rollback()
                writer.wait_merging_threads()
            raise
        with _told_as_ours():
            writer.commit()
            sync(self._folder)
            writer.wait_merging_threads()  # gives the lock back

    def _writer(self) -> TantivyWriter:
        """The one writer.

        Raises:
            IndexUnavailable: another process has been writing for too long.
        """
        deadline = time.monotonic() + self._lock_wait_s
        index = _opened(self._folder)
        while True:
            try:
                return index.writer(HEAP_BYTES, 1)
            except ValueError as error:
                if "LockBusy" not in str(error):
                    raise
                if time.monotonic() > deadline:
                    reason = f"another process has been writing for {self._lock_wait_s:g} s"
                    raise IndexUnavailable(reason=reason) from error
                time.sleep(0.05)

    def clear(self) -> None:
        """See `SearchIndex.clear`; also mends a damaged folder."""
        with _told_as_ours():
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                tantivy_files.table(self._folder)
                writer = self._writer()
                writer.delete_all_documents()
                writer.commit()
                writer.wait_merging_threads()
                self._current()
            except (OSError, ValueError, IndexDamaged):
                self._start_anew()

    def _start_anew(self) -> None:
        """Away with all files; whoever writes there now fails, which is right."""
        for path in self._folder.iterdir():
            if path.is_file():
                path.unlink()
        _opened(self._folder)


def _questions(snapshot: Snapshot) -> Questions:
    return Questions(snapshot.schema, snapshot.searcher, snapshot.documents)


def _identity(folder: Path) -> _Identity:
    """Of the newest table of contents: every commit writes another file."""
    state = (folder / tantivy_files.META).stat()
    return state.st_mtime_ns, state.st_ino, state.st_size
