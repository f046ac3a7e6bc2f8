"""Stored objects as files near at hand: their own where the store has files, else copies in the disk cache.

For what never changes under its key (derivatives), so that a copy is as good as the object, also while the store is
away.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from wenyuan.storage.disk_cache import DiskCache
from wenyuan.storage.errors import CacheUnusable, InvalidRange, ObjectMissing, StoreUnavailable
from wenyuan.storage.store import CHUNK_BYTES, ObjectStore
from wenyuan.storage.streams import RETRY_AFTER_S, check_range

WHOLE_BYTES = 16 * 1024 * 1024
"""Up to here an object is fetched whole: a page of 300 dpi has a tile pack of 2 MB, one of 100 megapixels 15 MB."""

KEPT_RANGE_BYTES = 1024 * 1024
"""Up to here a part of a larger object is kept: its index, a tile. More at once is a download, not reading."""


FAILURES = 3
"""After so many in a row a store counts as away: one object that it cannot read must not lock up the others."""

AWAY_S = 5.0
"""How long nobody asks a store that is away. A silent one holds each request for 20 s (`storage.minio`), and a server
process has few threads: they are for those whose pages are here."""


class Held(Protocol):
    """An object that can be read in any order by any number of threads."""

    @property
    def size(self) -> int:
        """Bytes of the object."""

    def pread(self, offset: int, length: int) -> bytes:
        """Bytes from an offset; fewer where the object ends before.

        Raises:
            ObjectMissing, StoreUnavailable: it cannot be read any more.
        """


class HeldFile:
    """A file held open. It stays readable though its name goes, and is closed when nobody refers to it any more."""

    __slots__ = ("_handle", "_store", "size")

    def __init__(self, path: Path, store: ObjectStore) -> None:
        """Open it.

        Args:
            path: of the file.
            store: whose object it is, for messages.

        Raises:
            OSError: there is no such file, or it cannot be opened.
        """
        self._store = store
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        found = os.fstat(self._handle)
        if not stat.S_ISREG(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "not a file", str(path))
        self.size = found.st_size

    def __del__(self) -> None:
        if (handle := getattr(self, "_handle", None)) is not None:
            os.close(handle)

    def pread(self, offset: int, length: int) -> bytes:
        """See `Held.pread`."""
        check_range(offset, length)
        try:
            data = os.pread(self._handle, length, offset)
            while len(data) < length and (more := os.pread(self._handle, length - len(data), offset + len(data))):
                data += more
        except OSError as error:
            raise _unreadable(error, self._store) from error
        return data


class Line:
    """The way to a store, and whether it answers; shared by the threads of a process."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self._guard = threading.Lock()
        self._failures = 0
        self._ask_again = 0.0

    @contextmanager
    def asking(self) -> Iterator[ObjectStore]:
        """The store, to be asked within the context.

        Raises:
            StoreUnavailable: at once where it is known to be away, though every `AWAY_S` one request tries it.
        """
        with self._guard:
            if self._failures >= FAILURES:
                if time.monotonic() < self._ask_again:
                    raise StoreUnavailable(store=self.store.name, reason="away", retry_after_s=RETRY_AFTER_S)
                self._ask_again = time.monotonic() + AWAY_S
        try:
            yield self.store
        except StoreUnavailable:
            with self._guard:
                self._failures += 1
                self._ask_again = time.monotonic() + AWAY_S
            raise
        except (ObjectMissing, InvalidRange):
            self._failures = 0
            raise
        else:
            self._failures = 0


class FarObject:
    """A large object of a remote store, read part by part; small parts are kept, so that they can be read again."""

    __slots__ = ("_cache", "_key", "_line", "_parts", "size")

    def __init__(self, line: Line, cache: DiskCache, key: str, size: int, *, parts: str) -> None:
        """Nothing is read yet.

        Args:
            size: bytes of the object.
            parts: what the names of its parts begin with in the cache.
        """
        self._line, self._cache, self._key, self._parts = line, cache, key, parts
        self.size = size

    def pread(self, offset: int, length: int) -> bytes:
        """See `Held.pread`."""
        check_range(offset, length)
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        if length > KEPT_RANGE_BYTES:
            return self._fetch(offset, length)
        return self._kept(f"{self._parts}{offset}-{length}", offset, length)

    def _kept(self, name: str, offset: int, length: int) -> bytes:
        if held := _held(self._cache, name, self._line.store):
            return held.pread(0, length)
        fetched: list[bytes] = []

        def write(target: BinaryIO) -> None:
            fetched.append(self._fetch(offset, length))
            target.write(fetched[0])

        with suppress(CacheUnusable):
            self._cache.add(name, write)
            if not fetched and (held := _held(self._cache, name, self._line.store)):
                return held.pread(0, length)
        return fetched[0] if fetched else self._fetch(offset, length)

    def _fetch(self, offset: int, length: int) -> bytes:
        with self._line.asking() as store, store.open(self._key, offset=offset, length=length) as stream:
            return stream.read(length)


class NearFiles:
    """The objects of a store, near at hand."""

    def __init__(self, store: ObjectStore, cache: DiskCache) -> None:
        """No disk is touched, no request made.

        Args:
            cache: for copies; a store with files of its own needs none.
        """
        self.store = store
        self._line = Line(store)
        self.cache = cache

    def open(self, key: str) -> Held:
        """An object to read in any order: its own file, a copy that is kept, or, of a large one, its parts.

        Where the cache cannot be used every read goes to the store.

        Raises:
            ObjectMissing: no such key.
            StoreUnavailable: the store is away, and no copy is here.
        """
        own = self.store.path_of(key)
        if own is not None:
            return self._own(key, own)
        if held := _held(self.cache, key, self.store):
            return held
        size, token = self._size(key)
        if size <= WHOLE_BYTES:
            with suppress(CacheUnusable):
                self.cache.add(key, lambda target: self._copy(key, target))
                if held := _held(self.cache, key, self.store):
                    return held
        return FarObject(self._line, self.cache, key, size, parts=f"{key}#{token}#")

    def read(self, key: str) -> bytes:
        """All bytes of an object that is small enough to hold.

        Raises:
            ObjectMissing, StoreUnavailable: as `open`.
        """
        held = self.open(key)
        return held.pread(0, held.size)

    def forget(self, key: str) -> None:
        """Drop the copy of an object and of its parts: it was damaged, or made again."""
        self.cache.forget(key)
        self.cache.forget(_size_name(key))

    def _own(self, key: str, path: Path) -> HeldFile:
        try:
            return HeldFile(path, self.store)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise ObjectMissing(key=key) from error
        except OSError as error:
            raise _unreadable(error, self.store) from error

    def _copy(self, key: str, target: BinaryIO) -> None:
        with self._line.asking() as store, store.open(key) as stream:
            shutil.copyfileobj(stream, target, CHUNK_BYTES)

    def _size(self, key: str) -> tuple[int, str]:
        """Size of an object, and a token for the names of its parts.

        Both are kept for a large one: then its parts are found though the store is away, and are lost, as they should
        be, with the token when the object is forgotten.
        """
        if kept := self._kept_size(key):
            return kept
        with self._line.asking() as store:
            size, token = store.stat(key).size_bytes, secrets.token_hex(8)
        if size > WHOLE_BYTES:
            with suppress(CacheUnusable):
                self.cache.add(_size_name(key), lambda target: _write(target, f"{size} {token}"))
                return self._kept_size(key) or (size, token)  # another's token, where another process was quicker
        return size, token

    def _kept_size(self, key: str) -> tuple[int, str] | None:
        kept = _held(self.cache, _size_name(key), self.store)
        if kept is None:
            return None
        size, token = kept.pread(0, kept.size).decode().split()
        return int(size), token


def _size_name(key: str) -> str:
    """No key has a `#`, so no object has this name."""
    return f"{key}#size"


def _write(target: BinaryIO, text: str) -> None:
    target.write(text.encode())


def _held(cache: DiskCache, name: str, store: ObjectStore) -> HeldFile | None:
    path = cache.path(name)
    if path is None:
        return None
    try:
        return HeldFile(path, store)
    except FileNotFoundError:  # removed to make room since we asked
        return None
    except OSError as error:
        raise _unreadable(error, store) from error


def _unreadable(error: OSError, store: ObjectStore) -> StoreUnavailable:
    reason = errno.errorcode.get(error.errno or 0, str(error))
    return StoreUnavailable(store=store.name, reason=reason, retry_after_s=RETRY_AFTER_S)
