"""Writing beside the target and renaming: whoever looks at the target sees whole things only."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wenyuan.repo.errors import InvalidSetting

_LOCK = "lock"


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A folder beside the target, on the same file system, that is gone when the context ends.

    Raises:
        InvalidSetting: another export into the same target is running, or nothing can be written there.
    """
    place = target.parent / f".{target.name}.part"
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(target, error.strerror or str(error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise unusable(target, "另一导出正在进行 / another export is running") from error
    try:
        work = place / "work"
        # What a killed export left.
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        yield work
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def put_in_place(draft: Path, place: Path, aside: Path) -> None:
    """Move a finished folder to where it belongs, durably, in place of what was there.

    Between two renames the old one is away and the new one not there yet; a crash in that moment leaves a target that
    lacks the thing, which the next export makes again. It never leaves half of one.

    Args:
        draft: written in full, in the staging folder.
        place: its parent is made where it is missing.
        aside: a free name in the staging folder.
    """
    # One sync for the thousands of small files of a book; an fsync of each costs a millisecond.
    os.sync()
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(aside)
    draft.rename(place)
    handle = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unusable(target: Path, reason: str) -> InvalidSetting:
    """The error for a target that cannot be used."""
    return InvalidSetting(setting="--to", value=str(target), allowed=reason)
