"""Objects as files below one folder: the default store.

A key is the path of its file. What is being written lies in `<root>/tmp` on the same file system, is flushed to the
disk and then renamed, so that a file below any other name is always whole. (Fedora 6 renamed without flushing and found
empty inventories after a crash: fcrepo/fcrepo#2023.)
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from wenyuan.storage.errors import InvalidRange, ObjectMissing
from wenyuan.storage.store import KeyOrNamer, ObjectStore, PutReceipt, StoredObject, StoreOptions
from wenyuan.storage.streams import (
    RESERVE_BYTES,
    RESERVED_SEGMENT,
    ExactReader,
    Received,
    Spool,
    check_key,
    check_range,
    fsync_folder,
    is_segment,
    reserve_of,
)

_MODE = 0o444
"""Stored files are never changed, only replaced; a web server beside us may read them."""

_ATTEMPTS = 10
"""How often a put makes its folder anew when deletes beside it keep taking the empty folder away."""


def open_store(options: StoreOptions) -> ObjectStore:
    """The store in the folder `root`, or `store` in the data folder; leaves `reserve_bytes` free."""
    root = Path(options.values.get("root") or options.home / "store")
    return LocalStore(root, reserve_bytes=reserve_of(options))


class LocalStore:
    """A folder as an object store."""

    def __init__(self, root: Path, *, reserve_bytes: int = RESERVE_BYTES) -> None:
        """No disk is touched yet.

        Args:
            root: the folder; made at the first put.
            reserve_bytes: a put that finds less room on the disk is refused.
        """
        self._root = root.absolute()
        self._spool = Spool(self._root / RESERVED_SEGMENT, reserve_bytes=reserve_bytes, store=self.name, setting="root")

    @property
    def name(self) -> str:
        """`local:<root>`."""
        return f"local:{self._root}"

    def put(
        self,
        key: KeyOrNamer,
        source: BinaryIO,
        *,
        expected_sha256: str | None = None,
        media_type: str = "application/octet-stream",
    ) -> PutReceipt:
        """See `ObjectStore.put`. A content-addressed object that is there is kept; any other is replaced."""
        if isinstance(key, str):
            check_key(key)
        with self._spool.receive(source) as received:
            found = received.key(key, expected_sha256)
            target = self._root / found
            with self._spool.errors():
                there = _size_of(target) == received.size_bytes
                if not (there and received.is_named_by(found)):
                    self._publish(received, target)
                # Also for an object that is there: whoever put it may not have come to this line yet.
                self._fsync_folders(target)
        return PutReceipt(found, received.sha256, received.size_bytes, created=not there)

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        """See `ObjectStore.open`."""
        path = self._path(key)
        check_range(offset, length)
        with self._spool.errors(), _missing(key):
            file = path.open("rb", buffering=0)
        try:
            size = os.fstat(file.fileno()).st_size
            file.seek(offset)
            left = _window(key, size, offset, length)
        except BaseException:
            file.close()
            raise

        def read(wanted: int) -> bytes:
            with self._spool.errors():
                return file.read(wanted)

        return ExactReader(read, left, store=self.name, close=file.close).buffered()

    def stat(self, key: str) -> StoredObject:
        """See `ObjectStore.stat`."""
        path = self._path(key)
        with self._spool.errors(), _missing(key):
            found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ObjectMissing(key=key)
        return _stored(key, found)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`. One folder at a time is held in memory."""
        return self._walk("", prefix)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`. Folders that become empty go, too."""
        path = self._path(key)
        with self._spool.errors():
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
            self._prune(path.parent)
            self._fsync_folders(path)

    def url_for(
        self,
        key: str,
        *,
        ttl_s: int,
        filename: str | None = None,
        media_type: str | None = None,
    ) -> str | None:
        """None: a folder has no address."""
        return None

    def path_of(self, key: str) -> Path | None:
        """The object's own file. See `ObjectStore.path_of`."""
        return self._path(key)

    @contextmanager
    def as_file(self, key: str) -> Iterator[Path]:
        """The object's own file. See `ObjectStore.as_file`."""
        self.stat(key)
        yield self._path(key)

    def check(self) -> None:
        """See `ObjectStore.check`. Also removes what killed writers left more than 24 hours ago."""
        with self._spool.receive(io.BytesIO(b"check")) as received, self._spool.errors():
            os.fsync(received.file.fileno())
            with suppress(PermissionError):  # the root's own name, where it is new and its folder may be read
                fsync_folder(self._root.parent)
        self._spool.sweep()

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _publish(self, received: Received, target: Path) -> None:
        os.fchmod(received.file.fileno(), _MODE)
        os.fsync(received.file.fileno())
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                received.path.replace(target)
            except (FileNotFoundError, FileExistsError):  # the latter when the folder goes while mkdir looks at it
                if attempt == _ATTEMPTS:
                    raise
            else:
                return

    def _fsync_folders(self, target: Path) -> None:
        for folder in target.parents:
            try:
                fsync_folder(folder)
            except FileNotFoundError:  # emptied and taken away by another delete, which sees to the rest
                continue
            if folder == self._root:
                return

    def _prune(self, folder: Path) -> None:
        """Remove a folder and those above it while they are empty."""
        while folder != self._root:
            try:
                folder.rmdir()
            except FileNotFoundError:  # another delete was first
                pass
            except OSError:
                return
            folder = folder.parent

    def _walk(self, base: str, prefix: str) -> Iterator[StoredObject]:
        for name, entry in self._entries(base):
            key = base + name
            if name.endswith("/"):
                if key.startswith(prefix) or prefix.startswith(key):
                    yield from self._walk(key, prefix)
            elif key.startswith(prefix):
                try:
                    with self._spool.errors(), _missing(key):
                        found = entry.stat(follow_symlinks=False)
                except ObjectMissing:  # deleted since its folder was read
                    continue
                yield _stored(key, found)

    def _entries(self, base: str) -> Sequence[tuple[str, os.DirEntry[str]]]:
        """Files and folders in the order of the keys below them.

        `a-b` comes before `a/b`, so a folder's name counts with its `/`.
        """
        try:
            with self._spool.errors(), _missing(base), os.scandir(self._root / base) as entries:
                named = [
                    (_key_part(entry), entry)
                    for entry in entries
                    if is_segment(entry.name) and (base or entry.name != RESERVED_SEGMENT)
                ]
        except ObjectMissing:
            return []
        return sorted(named, key=itemgetter(0))


def _window(key: str, size: int, offset: int, length: int | None) -> int:
    """How many bytes a read gives; a range without any byte of the object cannot be satisfied (RFC 9110 §14.1.1)."""
    if length == 0:
        return 0
    if offset == 0 and length is None:
        return size
    if offset >= size:
        raise InvalidRange(key=key, offset=offset, size=size)
    return size - offset if length is None else min(length, size - offset)


def _key_part(entry: os.DirEntry[str]) -> str:
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _stored(key: str, found: os.stat_result) -> StoredObject:
    return StoredObject(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


@contextmanager
def _missing(key: str) -> Iterator[None]:
    """A folder, or a path through a file, is no object either."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ObjectMissing(key=key) from error
