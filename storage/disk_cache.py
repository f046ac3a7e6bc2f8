"""Copies on the local disk of what is slow to fetch or to make: any number of processes and threads share one folder.

What a name stands for never changes, so a copy is never stale. Everything here may be lost: nothing is flushed to the
disk, and a machine that lost its power may leave a file cut short or full of zeros. So a file's name tells its size and
its CRC-32, and each process compares them once, when it first meets the file (about a millisecond a megabyte, once,
where a flush of every file would cost that at each write, and remembering which boot wrote it would empty the cache at
each start of the machine).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import logging
import math
import os
import shutil
import struct
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from wenyuan.storage.errors import CacheUnusable
from wenyuan.storage.store import CHUNK_BYTES
from wenyuan.storage.streams import RESERVE_BYTES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

LEFT_FREE_BYTES = 2 * RESERVE_BYTES
"""Where the disk has less free, the cache gives way: before a store or its spool on the same disk refuses a put."""
KEPT_SHARE = 0.9
"""How much of the bound is still full after room was made, so that room is not made at every addition."""
LOCKS = 256
"""Files that those who add a name lock: names that share one wait for each other without need, about 1 in 256."""
PATIENCE_S = 5.0
"""How long to wait for another who adds the same name; then both fetch, since the other's store may hang."""
ROOM_PATIENCE_S = 1.0
"""How long to wait for another who makes room (50 ms for 7,000 files, measured); then the bound is passed a little."""
TOUCH_S = 60.0
"""A file in use is marked as used this often."""
ABANDONED_S = 600.0
"""A draft that nobody wrote to for so long is of a killed process: a silent store is given up after 20 s."""
_REMEMBERED = 20_000
"""Files of which a process remembers where they lie and that they are whole: a few megabytes of memory."""
_DIGEST_CHARACTERS = 40
_TOTAL, _MOST = struct.Struct("<q"), 2**63 - 1
_BUCKETS_AN_OCTAVE = 64
"""Ages are told apart by 1 %: memory for making room is the same for a thousand files and for ten million."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Kept:
    """A file that this process has found whole."""

    path: Path
    touched: float = field(default_factory=time.monotonic)


class DiskCache:
    """Files by name, bounded in size; the least recently used go first."""

    def __init__(self, folder: Path, max_bytes: int, *, left_free_bytes: int = LEFT_FREE_BYTES) -> None:
        """No disk is touched yet.

        Args:
            folder: made at the first addition; belongs to the cache alone.
            max_bytes: of all files together.
            left_free_bytes: where the disk has less free, files go until it has, and nothing is added before.
        """
        self._folder = folder.absolute()
        self._max_bytes = max_bytes
        self._left_free_bytes = left_free_bytes
        self._kept: dict[str, _Kept] = {}
        self._guard = threading.Lock()
        self._thread = threading.local()
        self._counted = False
        self._told: set[str] = set()

    def path(self, name: str) -> Path | None:
        """The file of a name, marked as used; None where there is none.

        It may be removed at any time after: whoever opens it must be ready for FileNotFoundError. Once open it stays
        readable.
        """
        digest = _digest(name)
        kept = self._kept.get(digest)
        if kept is None or not _is_there(kept.path):
            kept = self._look(digest)
        if kept is None:
            return None
        if time.monotonic() - kept.touched > TOUCH_S:
            self._touch(kept)
        return kept.path

    def add(self, name: str, write: Callable[[BinaryIO], None]) -> Path:
        """Keep a file under a name; the one that is there already is kept as it is.

        Args:
            write: writes the content, from front to back. Not asked where another process was quicker.

        Raises:
            CacheUnusable: the disk is full, the folder cannot be written, or it is more than the whole cache holds: go
                on without.
            Exception: whatever `write` raises, unchanged; nothing is kept.
        """
        digest = _digest(name)
        with self._alone(digest):
            there = self._look(digest)
            return there.path if there else self._write(digest, write)

    def forget(self, name: str) -> None:
        """Remove what is kept under a name. Its bytes count until room is made the next time."""
        digest = _digest(name)
        with self._guard:
            self._kept.pop(digest, None)
        for path, _, _ in self._files(digest):
            with suppress(OSError):
                path.unlink()

    def _look(self, digest: str) -> _Kept | None:
        """Find a whole file that this process does not know of yet; what is not whole goes."""
        for path, size, crc in self._files(digest):
            try:
                whole = path.stat().st_size == size and _crc_of(path) == crc
            except OSError:  # removed since the folder was read, or unreadable
                continue
            if whole:
                kept = _Kept(path)
                self._remember(digest, kept)
                self._touch(kept)
                return kept
            _log.warning("dropped a damaged copy from the cache: %s", path)
            with suppress(OSError):
                path.unlink()
        with self._guard:
            self._kept.pop(digest, None)
        return None

    def _remember(self, digest: str, kept: _Kept) -> None:
        with self._guard:
            self._kept[digest] = kept
            if len(self._kept) > _REMEMBERED:
                del self._kept[next(iter(self._kept))]

    def _files(self, digest: str) -> list[tuple[Path, int, int]]:
        """Files of a name with the size and CRC-32 that their own names tell: one or none, hardly ever more."""
        folder = self._folder / digest[:2]
        try:
            names = os.listdir(folder)  # noqa: PTH208 - no Path object for each of the neighbours
        except OSError:
            return []
        found = []
        for name in names:
            if name.startswith(digest):
                with suppress(ValueError):
                    _, size, crc = name.split("-")
                    found.append((folder / name, int(size), int(crc, 16)))
        return found

    def _touch(self, kept: _Kept) -> None:
        kept.touched = time.monotonic()
        with suppress(OSError):  # removed by now, or a folder that can only be read
            os.utime(kept.path)

    def _write(self, digest: str, write: Callable[[BinaryIO], None]) -> Path:
        with self._disk():
            handle, draft = self._new_draft()
        try:
            with _Measuring(handle, self._disk) as file:
                write(cast("BinaryIO", file))
            if file.size > self._max_bytes:
                raise self._unusable("larger than the cache")
            with self._disk():
                self._count_in(file.size)
                target = self._folder / digest[:2] / f"{digest}-{file.size}-{file.crc:08x}"
                target.parent.mkdir(exist_ok=True)
                draft.replace(target)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        self._remember(digest, _Kept(target))
        return target

    def _new_draft(self) -> tuple[int, Path]:
        drafts = self._folder / "drafts"
        drafts.mkdir(parents=True, exist_ok=True)
        if self._lacking_bytes() > 0:
            self._make_room()
            if self._lacking_bytes() > 0:
                raise OSError(errno.ENOSPC, "the disk is nearly full")
        handle, name = tempfile.mkstemp(prefix="draft-", dir=drafts)
        return handle, Path(name)

    @contextmanager
    def _alone(self, digest: str) -> Iterator[None]:
        """Wait until nobody else adds this name, but not for ever.

        A thread that adds within an addition (to make one thing it reads another) takes no second lock: two that did so
        in opposite order would wait for each other.
        """
        if getattr(self._thread, "adding", False):
            yield
            return
        with self._disk():
            locks = self._folder / "locks"
            locks.mkdir(parents=True, exist_ok=True)
            handle = _opened(locks / f"{int(digest[:4], 16) % LOCKS:03d}")
        try:
            _lock(handle, PATIENCE_S)
            self._thread.adding = True
            yield
        finally:
            self._thread.adding = False
            os.close(handle)

    def _count_in(self, size: int) -> None:
        """Count a draft before it takes its name, and make room where all together are too much."""
        if self._total(size) > self._max_bytes or not self._counted:
            self._make_room()

    def _make_room(self) -> None:
        """Remove the surplus, or wait while another does: thus the bound holds however many add at once."""
        handle = _opened(self._folder / "room.lock")
        try:
            if not _lock(handle, ROOM_PATIENCE_S):
                return
            before = self._total(0)
            if before > self._max_bytes or not self._counted or self._lacking_bytes() > 0:
                self._total(self._remove_surplus() - before)
                self._counted = True
        finally:
            os.close(handle)

    def _total(self, change: int) -> int:
        """Add to the number of bytes that all processes count together; it errs upwards, until room is made.

        Its eight bytes may be lost like everything here: a process counts the files themselves at its first addition.
        """
        handle = _opened(self._folder / "total")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            told = os.pread(handle, _TOTAL.size, 0)
            total = change + (_TOTAL.unpack(told)[0] if len(told) == _TOTAL.size else 0)
            total = min(max(0, total), _MOST)
            if change:
                os.pwrite(handle, _TOTAL.pack(total), 0)
            return total
        finally:
            os.close(handle)

    def _remove_surplus(self) -> int:
        """Remove abandoned drafts, and where there is too much the files unused for longest; gives what is left.

        The drafts are looked at first: one that takes its name meanwhile is counted twice rather than not at all.
        """
        now = time.time()
        total = self._sweep(now)
        ages: dict[int, int] = {}
        for _, found in self._all():
            total += found.st_size
            age = _age(now, found)
            ages[age] = ages.get(age, 0) + found.st_size
        surplus = self._lacking_bytes()
        if total > self._max_bytes:
            surplus = max(surplus, total - int(self._max_bytes * KEPT_SHARE))
        if surplus <= 0:
            return total
        youngest = _youngest_to_go(ages, surplus)
        for path, found in self._all():
            if surplus <= 0:
                break
            if _age(now, found) >= youngest:
                path.unlink(missing_ok=True)
                surplus -= found.st_size
                total -= found.st_size
        return total

    def _lacking_bytes(self) -> int:
        """How much less than it should the disk has free; negative where it has enough."""
        return self._left_free_bytes - shutil.disk_usage(self._folder).free

    def _sweep(self, now: float) -> int:
        left = 0
        for path, found in _entries(self._folder / "drafts"):
            if now - found.st_mtime > ABANDONED_S:
                path.unlink(missing_ok=True)
            else:
                left += found.st_size
        return left

    def _all(self) -> Iterator[tuple[Path, os.stat_result]]:
        for number in range(256):
            yield from _entries(self._folder / f"{number:02x}")

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn errors of our folder, and of nothing else, into ours."""
        try:
            yield
        except OSError as error:
            raise self._unusable(errno.errorcode.get(error.errno or 0, str(error))) from error

    def _unusable(self, reason: str) -> CacheUnusable:
        """The error for the caller; the log gets each reason once, since every reader meets it."""
        if reason not in self._told:
            self._told.add(reason)
            _log.warning("going on without the cache in %s: %s", self._folder, reason)
        return CacheUnusable(folder=str(self._folder), reason=reason)


class _Measuring(io.RawIOBase):
    """A new file that knows size and CRC-32 of what was written to it. Each write is whole, or raises."""

    def __init__(self, handle: int, disk: Callable[[], AbstractContextManager[None]]) -> None:
        self._handle = handle
        self._disk = disk
        self.size = 0
        self.crc = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data).cast("B")
        self.size += len(view)
        self.crc = zlib.crc32(view, self.crc)
        rest = view
        with self._disk():
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        return len(view)

    def close(self) -> None:
        if not self.closed:
            os.close(self._handle)
            super().close()


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _crc_of(path: Path) -> int:
    crc = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            crc = zlib.crc32(chunk, crc)
    return crc


def _lock(handle: int, patience_s: float) -> bool:
    """Lock an open file for us alone; whether it was had in time. It is given back when the file is closed.

    Asked for again and again, because flock(2) knows no time limit.
    """
    give_up = time.monotonic() + patience_s
    pause = 0.001
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                return False
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
        else:
            return True


def _entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files of a folder; what goes while it is read is passed over."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                yield Path(entry.path), entry.stat(follow_symlinks=False)


def _age(now: float, found: os.stat_result) -> int:
    """How long ago a file was used: milliseconds on a scale of logarithms."""
    return int(_BUCKETS_AN_OCTAVE * math.log2(1 + 1000 * max(0.0, now - found.st_mtime)))


def _youngest_to_go(ages: dict[int, int], surplus: int) -> int:
    """The age from which on files go, so that at least the surplus goes."""
    age = 0
    for age in sorted(ages, reverse=True):
        surplus -= ages[age]
        if surplus <= 0:
            break
    return age
