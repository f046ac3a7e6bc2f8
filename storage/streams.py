"""What every store does alike: check a key, spool and hash what comes in, give out an exact window of what goes out."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wenyuan.storage.errors import (
    DigestMismatch,
    LibraryError,
    StoreFull,
    StoreMisconfigured,
    StoreUnavailable,
)
from wenyuan.storage.store import CHUNK_BYTES, KeyOrNamer, StoreOptions

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

RESERVE_BYTES = 256 * 1024 * 1024
"""Room that a put leaves on the disk, so that the database and the logs beside it can still be written."""

RETRY_AFTER_S = 10
"""What we tell a caller of a store that is away: time to restart a service, and a reader can wait for it."""

RESERVED_SEGMENT = "tmp"
"""No key begins with this folder: stores keep there what is not an object yet."""

_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,200}")
_SPOOLED = "put-"
_ABANDONED_S = 24 * 3600
_FULL = {errno.ENOSPC, errno.EDQUOT}
_MISCONFIGURED = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EXDEV,
    errno.EFBIG,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
}
"""What trying again does not heal: rights, mounts, limits of the file system, a stranger's file in the way."""


def reserve_of(options: StoreOptions) -> int:
    """How many bytes a store shall leave free: its setting `reserve_bytes`, else `RESERVE_BYTES`."""
    return int(options.values.get("reserve_bytes") or RESERVE_BYTES)


def is_segment(name: str) -> bool:
    """Whether this may stand between two slashes of a key (200 bytes: SeaweedFS refuses more than 255, measured)."""
    return _SEGMENT.fullmatch(name) is not None and name not in {".", ".."}


def check_key(key: str) -> str:
    """The key itself, where every store takes it.

    Raises:
        ValueError: it is empty, has an empty segment, `.` or `..`, another character, a segment over 200 bytes, or
            begins with `tmp/`.
    """
    segments = key.split("/")
    if segments[0] == RESERVED_SEGMENT or not all(map(is_segment, segments)):
        raise ValueError(key)
    return key


def check_range(offset: int, length: int | None) -> None:
    """Refuse what no store can read.

    Raises:
        ValueError: a negative number.
    """
    if offset < 0 or (length is not None and length < 0):
        raise ValueError(f"{offset=} {length=}")


@dataclass(frozen=True, slots=True)
class Received:
    """All bytes of a source, on the disk and hashed, not yet an object."""

    file: BinaryIO
    """Open, at its beginning."""
    path: Path
    sha256: str
    size_bytes: int

    def key(self, key: KeyOrNamer, expected_sha256: str | None) -> str:
        """The key these bytes go under.

        Raises:
            DigestMismatch: other bytes were expected.
            ValueError: not a key.
        """
        name = key if isinstance(key, str) else key(expected_sha256 or self.sha256)
        if expected_sha256 not in {None, self.sha256}:
            raise DigestMismatch(key=name, expected=expected_sha256, found=self.sha256)
        return check_key(name)

    def is_named_by(self, key: str) -> bool:
        """Whether the key is content-addressed: an object there of the same size is this one."""
        return key.rsplit("/", 1)[-1] == self.sha256


class Spool:
    """A folder for bytes on their way: what a killed process leaves there is seen by nobody and swept after a day."""

    def __init__(self, folder: Path, *, reserve_bytes: int, store: str, setting: str) -> None:
        """No disk is touched yet.

        Args:
            folder: made where it is missing.
            reserve_bytes: refuse to write where less is free.
            store: whose spool it is, for messages.
            setting: which setting names the folder, for messages.
        """
        self.folder = folder
        self._reserve_bytes = reserve_bytes
        self._store = store
        self._setting = setting

    @contextmanager
    def receive(self, source: BinaryIO) -> Iterator[Received]:
        """Read a source to its end into a file that is gone when the context ends, unless it was moved away.

        Raises:
            StoreFull: the reserve would be touched.
            StoreMisconfigured: the folder cannot be written.
            StoreUnavailable: the disk fails.
            Exception: whatever the source raises, unchanged: it is not the store's error.
        """
        with self.new_file() as (file, path):
            digest, size = hashlib.sha256(), 0
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                self.write(file, chunk)
            file.seek(0)
            yield Received(file, path, digest.hexdigest(), size)

    @contextmanager
    def new_file(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A new empty file, open to write and read, gone when the context ends unless it was moved away."""
        with self.errors():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._leave_reserve()
            handle, name = tempfile.mkstemp(prefix=_SPOOLED, dir=self.folder)
        path = Path(name)
        try:
            # Unbuffered: a buffer would be written again, and fail again, when a full disk makes us close the file.
            with os.fdopen(handle, "w+b", buffering=0) as file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)

    def write(self, file: BinaryIO, chunk: bytes) -> None:
        """Write a whole chunk, or raise as `receive` does."""
        with self.errors():
            self._leave_reserve()
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]

    def sweep(self) -> None:
        """Remove what killed processes left more than a day ago."""
        with self.errors():
            for path in self.folder.glob(_SPOOLED + "*"):
                try:
                    if path.stat().st_mtime < time.time() - _ABANDONED_S:
                        path.unlink()
                except FileNotFoundError:  # another process sweeps, too
                    continue

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn errors of the disk into ours."""
        try:
            yield
        except OSError as error:
            raise self._told(error) from error

    def _told(self, error: OSError) -> LibraryError:
        reason = errno.errorcode.get(error.errno or 0, str(error))
        if error.errno in _FULL:
            return StoreFull(store=self._store, free_bytes=self._free_bytes(), needed_bytes=self._reserve_bytes)
        if error.errno in _MISCONFIGURED:
            return StoreMisconfigured(setting=self._setting, reason=reason)
        return StoreUnavailable(store=self._store, reason=reason, retry_after_s=RETRY_AFTER_S)

    def _leave_reserve(self) -> None:
        free_bytes = self._free_bytes()
        if free_bytes < self._reserve_bytes:
            raise StoreFull(store=self._store, free_bytes=free_bytes, needed_bytes=self._reserve_bytes)

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.folder).free


class ExactReader(io.RawIOBase):
    """Exactly so many bytes of a source: never more, and never fewer without an error."""

    def __init__(self, read: Callable[[int], bytes], length: int, *, store: str, close: Callable[[], None]) -> None:
        """Nothing is read yet.

        Args:
            read: gives up to so many bytes, none at its end; raises our errors.
            length: how many bytes there must be.
            store: for messages.
            close: called once.
        """
        self._read = read
        self._left = length
        self._store = store
        self._close = close

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill (a part of) the buffer; 0 at the end.

        Raises:
            StoreUnavailable: the source ended before its time.
        """
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._left)
        if not wanted:
            return 0
        got = self._read(wanted)
        if not got:
            raise StoreUnavailable(store=self._store, reason="short body", retry_after_s=RETRY_AFTER_S)
        view[: len(got)] = got
        self._left -= len(got)
        return len(got)

    def close(self) -> None:
        """Let go of the source; again is harmless."""
        if not self.closed:
            try:
                self._close()
            finally:
                super().close()

    def buffered(self) -> BinaryIO:
        """The same with all a caller expects of a file: `read(n)` gives n bytes while there are so many."""
        return io.BufferedReader(self, CHUNK_BYTES)


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable: without it a renamed file may be gone after a power cut (fsync(2), POSIX)."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
