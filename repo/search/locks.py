"""Locks between the processes that share a data folder. A killed holder's lock frees itself (flock)."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wenyuan.repo.errors import IndexUnavailable

_AGAIN_S = 0.05


@contextmanager
def held(file: Path, *, wait_s: float, doing: str) -> Iterator[None]:
    """Hold a lock.

    Args:
        file: is made; it stays empty.
        wait_s: how long to wait for whoever holds it.
        doing: what the holder does, for the message.

    Raises:
        IndexUnavailable: it could not be had in time.
    """
    deadline = time.monotonic() + wait_s
    with file.open("a") as handle:
        while not _took(handle.fileno()):
            if time.monotonic() > deadline:
                raise IndexUnavailable(reason=f"another process is {doing}")
            time.sleep(_AGAIN_S)
        yield


def is_held(file: Path) -> bool:
    """Whether a living process, or another part of this one, holds a lock."""
    if not file.exists():
        return False
    with file.open("a") as handle:
        return not _took(handle.fileno())


def _took(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
