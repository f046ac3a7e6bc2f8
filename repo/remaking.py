"""A page image that is missing or damaged is made again while its reader waits, and a job looks after the whole item.

It is made by `wenyuan derive` in a process of its own, under the limits of ingest: what was handed in is never decoded
in the web server. Few at once: readers of whole pages must not wait for it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillAtWork
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import select

from wenyuan.repo.catalogue import jobs
from wenyuan.repo.catalogue.schema import ItemRow
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImage
from wenyuan.repo.recent import Recent
from wenyuan.repo.settings import environment_of
from wenyuan.storage.errors import ObjectMissing, Unavailable
from wenyuan.storage.keys import derivative_key

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Pages that a process has made at the same time."""
WAITING = 3
"""Requests that may wait for that, whoever makes it: each holds one of few threads, and others read whole pages."""
PAUSE_S = 60
"""Seconds for which an outcome stands: a page that cannot be made is not tried again at every request."""
_PLACE_S = 3
"""Seconds that a request waits for its turn, and"""
_SAME_S = 15
"""for another one that is having the same page made; each holds one of few threads."""
_STARTING_S = 30
"""Seconds beside those of the page itself, for a process to begin."""

_Place = tuple[str, str, int]
Made = TypeVar("Made")


class _Attempts:
    """What is being made in this process, and what came of it a moment ago."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.places = threading.BoundedSemaphore(AT_ONCE)
        self.waiting = threading.BoundedSemaphore(WAITING)
        self._under_way: dict[_Place, Future[bool]] = {}
        self._ended: Recent[_Place, tuple[float, bool]] = Recent(1000)

    def begin(self, place: _Place) -> tuple[Future[bool], bool]:
        """The attempt at a page, and whether it is the caller's to make."""
        with self._lock:
            ended = self._ended.get(place)
            if ended and time.monotonic() - ended[0] < PAUSE_S:
                known: Future[bool] = Future()
                known.set_result(ended[1])
                return known, False
            if place in self._under_way:
                return self._under_way[place], False
            return self._under_way.setdefault(place, Future()), True

    def end(self, place: _Place, made: bool | None) -> None:
        """Tell those who wait; None: it was not tried."""
        with self._lock:
            if made is not None:
                self._ended.put(place, (time.monotonic(), made))
            self._under_way.pop(place).set_result(bool(made))

    def forget(self) -> None:
        """Let every page be tried again."""
        self._ended = Recent(1000)


attempts = _Attempts()
"""Of this process: its threads are few, whatever libraries it has."""


def remake(library: Library, page: PageImage) -> bool:
    """Make the derivatives of a page that are missing or damaged, and queue a job for its item.

    After True, `library.images.forget(page)` and ask again.

    Returns:
        Whether they are there now. False also while too many others are being made, and for a minute after a failure.

    Raises:
        StoreUnavailable: the store is away; nothing can be made.
    """
    if not attempts.waiting.acquire(blocking=False):
        return False
    try:
        return _remake(library, page)
    finally:
        attempts.waiting.release()


def _remake(library: Library, page: PageImage) -> bool:
    place = (str(library.settings.home), page.source, page.index)
    attempt, is_ours = attempts.begin(place)
    if not is_ours:
        try:
            return attempt.result(_SAME_S)
        except StillAtWork:
            return False
    made: bool | None = None
    try:
        if attempts.places.acquire(timeout=_PLACE_S):
            try:
                _queue(library, page)
                made = _derive(library, page)
            finally:
                attempts.places.release()
    finally:
        attempts.end(place, made)
    return bool(made)


def or_remade(library: Library, page: PageImage, read: Callable[[], Made]) -> Made:
    """Read what ingest has made of a page; where it is lost, have it made again and read once more.

    Raises:
        DerivativeMissing: it could not be made.
        StoreUnavailable: as `remake`.
    """
    try:
        return read()
    except DerivativeMissing:
        if not remake(library, page):
            raise
    library.images.forget(page)
    return read()


def _queue(library: Library, page: PageImage) -> None:
    """Have a worker look at the other pages: what is lost seldom is lost alone. One job at a time for an item."""
    damaged = _is_complete(library, page)
    log.warning("%s, page %d: a derivative is %s", page.item, page.key, "damaged" if damaged else "missing")
    try:
        with library.catalogue.writing() as session:
            # Held until the end of the transaction, so that two servers do not queue two jobs.
            session.execute(select(ItemRow.id).where(ItemRow.id == page.item).with_for_update())
            if not jobs.is_open(session, jobs.REDERIVE, page.item):
                payload = {"item": page.item, "check": damaged}
                jobs.add(session, jobs.REDERIVE, page.item, payload, datetime.now(UTC))
    except Unavailable as error:
        log.warning("no job for %s: %s", page.item, error)


def _is_complete(library: Library, page: PageImage) -> bool:
    for recipe in library.recipes.all:
        try:
            if not library.store.stat(derivative_key(page.source, page.index, recipe.file_name)).size_bytes:
                return False
        except ObjectMissing:
            return False
    return True


def _derive(library: Library, page: PageImage) -> bool:
    command = [sys.executable, "-m", "wenyuan.repo.cli", "derive", page.item, "--page", str(page.key), "--check"]
    try:
        ended = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment_of(library.settings),
            timeout=library.settings.page_timeout_s + _STARTING_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("%s, page %d: %s", page.item, page.key, error)
        return False
    if ended.returncode:
        told = ended.stderr.decode("utf-8", "replace").strip()
        log.warning("%s, page %d cannot be made (%d): %s", page.item, page.key, ended.returncode, told[-500:])
    return ended.returncode == 0
