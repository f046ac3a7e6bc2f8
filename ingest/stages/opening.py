"""Opening a file in a process that works on pages: the last one stays open, for the next piece of the same file."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import cast

from wenyuan.ingest.context import Workplace
from wenyuan.ingest.formats.choose import choose
from wenyuan.ingest.formats.source import Limits, Source
from wenyuan.repo import plugins
from wenyuan.repo.settings import Settings
from wenyuan.repo.wiring import open_store
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One original that lies in the store."""

    sha256: str
    name: str
    format: str = ""
    """Module of `wenyuan.ingest.formats`; empty: its bytes tell."""


@dataclass(slots=True)
class _Kept:
    file: StoredFile
    source: Source
    held: ExitStack


_kept: list[_Kept] = []


def open_path(format_name: str, path: Path, name: str, limits: Limits) -> Source:
    """Open a file by its format.

    Raises:
        BadInput: it cannot be used; says why.
    """
    return cast("Source", plugins.load("wenyuan.ingest.formats", format_name).open_source(path, name, limits))


def opened(workplace: Workplace, file: StoredFile) -> Source:
    """The stored file, open; closed when another is asked for.

    Raises:
        BadInput: it cannot be used; says why.
    """
    if _kept and _kept[0].file == file:
        return _kept[0].source
    close()
    held = ExitStack()
    try:
        path = held.enter_context(blobs(workplace).as_file(file.sha256))
        source = open_path(file.format or choose(path, file.name).module, path, file.name, workplace.limits)
    except BaseException:
        held.close()
        raise
    _kept.append(_Kept(file, source, held))
    return source


def close() -> None:
    """Let go of the file that is open."""
    while _kept:
        last = _kept.pop()
        last.source.close()
        last.held.close()


def store(workplace: Workplace) -> ObjectStore:
    """The store, one for each process."""
    return _store(_Key(workplace.settings))


def blobs(workplace: Workplace) -> BlobStore:
    """The blobs, one for each process."""
    return BlobStore(store(workplace))


class _Key:
    """Settings by what makes their store."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._values = (settings.store, str(settings.home), *sorted(settings.store_values().items()))

    def __hash__(self) -> int:
        return hash(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other._values == self._values


@lru_cache(maxsize=4)
def _store(key: _Key) -> ObjectStore:
    return open_store(key.settings)


# Processes of a pool end without `atexit`; a copy fetched from a remote store must go with them.
Finalize(None, close, exitpriority=10)
