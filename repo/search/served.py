"""The index that is served: one folder of several that may lie side by side, named by a pointer.

A new index (of the same engine or another) is built beside the one that serves; then the pointer is replaced in one
step. Servers and workers look at the pointer before each use, which takes some microseconds, and so change over without
being started again.

    index/serving.json   {"engine": "tantivy", "folder": "tantivy-2", "filled": true}
    index/tantivy-2/     the files of the engine
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from wenyuan.repo.errors import IndexDamaged, IndexUnavailable
from wenyuan.repo.query import SearchQuery
from wenyuan.repo.search.durable import sync
from wenyuan.repo.search.index import Filters, IndexWriter, Results, SearchIndex, Sort

log = logging.getLogger(__name__)

POINTER = "serving.json"
_FOLDER = re.compile(r"[a-z0-9_]+-([0-9]+)")
_LOCK = ".lock"

OpenEngine = Callable[[str, Path], SearchIndex]
"""Opens the index of an engine in a folder."""
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is served.

    Attributes:
        engine: name of its module.
        folder: its name beside the pointer.
        filled: whether it holds the catalogue; if not, a worker has still to build it and nothing can be searched.
    """

    engine: str
    folder: str
    filled: bool = True


class ServedIndex:
    """Fulfils `SearchIndex` by what the pointer names.

    Args:
        folder: of the pointer and of all indexes.
        engine: for the first index, where there is no pointer yet.
        open_engine: opens one.
        is_wanted: whether the catalogue holds anything that an empty index would lack; asked only without a pointer.
    """

    def __init__(
        self, folder: Path, engine: str, open_engine: OpenEngine, is_wanted: Callable[[], bool] = lambda: False
    ) -> None:
        self.folder = folder
        self._open_engine = open_engine
        self._opening = threading.Lock()
        self._served: tuple[tuple[int, int], Pointer, SearchIndex] | None = None
        with _told_as_ours():
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / POINTER).exists():
                self._begin(engine, is_wanted)

    def look(self) -> None:
        """Read the index through where it was not yet; a damage is told in the log, for whoever starts a server."""
        try:
            self.count()
        except IndexUnavailable as error:
            log.error("%s: %s", error.code, error.data["reason"])

    def _begin(self, engine: str, is_wanted: Callable[[], bool]) -> None:
        """Of two processes that start together the first one's pointer stands."""
        pointer = Pointer(engine, self.free_folder(engine).name, not is_wanted())
        self._open_engine(engine, self.folder / pointer.folder)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, encoding="utf-8") as draft:
            draft.write(json.dumps(asdict(pointer)))
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):
                Path(draft.name).chmod(0o644)
                os.link(draft.name, self.folder / POINTER)
        sync(self.folder)

    # What is served

    @property
    def pointer(self) -> Pointer:
        """What is served now.

        Raises:
            IndexDamaged: the pointer is not there, or cannot be read.
        """
        return self._current()[0]

    def point(self, pointer: Pointer) -> None:
        """Serve another index from now on, in every process."""
        with _told_as_ours():
            draft = self.folder / f"{POINTER}.new"
            draft.write_text(json.dumps(asdict(pointer)), "utf-8")
            sync(draft)
            draft.replace(self.folder / POINTER)
            sync(self.folder)

    def free_folder(self, engine: str) -> Path:
        """A folder that no index has had."""
        used = (_FOLDER.fullmatch(path.name) for path in self.folder.iterdir())
        return self.folder / f"{engine}-{1 + max((int(found[1]) for found in used if found), default=0)}"

    def opened(self, engine: str, folder: Path) -> SearchIndex:
        """An index that is not served, or not yet."""
        return self._open_engine(engine, folder)

    def tidy(self) -> None:
        """Take away all that is not served: older indexes, and what a build that broke off has left."""
        kept = {POINTER, self.pointer.folder}
        for path in self.folder.iterdir():
            if path.name in kept or path.suffix == _LOCK:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    # SearchIndex

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

        def ask(index: SearchIndex) -> Results:
            shown = {"offset": offset, "limit": limit, "pages_per_item": pages_per_item}
            return index.search(query, filters, sort=sort, facets=facets, **shown)

        return self._filled(ask)

    def count(self) -> tuple[int, int]:
        """See `SearchIndex.count`."""
        return self._filled(lambda index: index.count())

    def items(self) -> Iterator[str]:
        """See `SearchIndex.items`."""
        return iter(self._filled(lambda index: list(index.items())))

    def write(self) -> AbstractContextManager[IndexWriter]:
        """See `SearchIndex.write`."""
        return self._current()[1].write()

    def clear(self) -> None:
        """See `SearchIndex.clear`."""
        self._current()[1].clear()

    def _filled(self, ask: Callable[[SearchIndex], _Answer]) -> _Answer:
        """Ask the index; once more where the pointer was moved while it was asked and its files taken away."""
        pointer, index = self._current()
        if not pointer.filled:
            raise IndexDamaged(reason="not yet built from the catalogue")
        try:
            return ask(index)
        except IndexUnavailable:
            moved, index = self._current()
            if moved == pointer:
                raise
            return ask(index)

    def _current(self) -> tuple[Pointer, SearchIndex]:
        with _told_as_ours():
            state = (self.folder / POINTER).stat()
            identity = (state.st_mtime_ns, state.st_ino)
            served = self._served
            if served is None or served[0] != identity:
                with self._opening:
                    served = self._served = (identity, *self._opened())
            return served[1], served[2]

    def _opened(self) -> tuple[Pointer, SearchIndex]:
        pointer = Pointer(**json.loads((self.folder / POINTER).read_bytes()))
        if not _FOLDER.fullmatch(pointer.folder):
            raise ValueError(f"{POINTER} names no folder of an index")
        if self._served is not None and self._served[1].folder == pointer.folder:
            return pointer, self._served[2]
        if not (self.folder / pointer.folder).is_dir():
            raise FileNotFoundError(pointer.folder)
        return pointer, self._open_engine(pointer.engine, self.folder / pointer.folder)


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, ValueError, TypeError) as error:
        raise IndexDamaged(reason=f"{type(error).__name__}: {error}") from error
    except OSError as error:
        raise IndexUnavailable(reason=f"{type(error).__name__}: {error}") from error
