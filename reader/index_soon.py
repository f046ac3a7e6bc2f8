"""Bringing a saved correction into the index at once, beside the answer and not before it.

The worker does that, too, but perhaps it is busy with a hundred scans, or not running. Whoever is first does it; the
index has one writer at a time, so nothing is written twice or lost, and what cannot be done now stays in the outbox.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from wenyuan.repo import indexing
from wenyuan.repo.catalogue import outbox
from wenyuan.repo.errors import IndexDamaged, IndexUnavailable
from wenyuan.repo.library import Library
from wenyuan.storage.errors import Unavailable

log = logging.getLogger(__name__)

ATTEMPTS, PAUSE_S = 20, 0.5
"""As long as this another process may be writing; then its next round takes what is left."""
QUEUE_AT_MOST, BATCH = 100, 20
"""Changes of the index; each batch is on the disk before the next begins."""


@dataclass(slots=True)
class IndexSoon:
    """One thread for each process, alive only while there is something to do."""

    library: Library
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wanted: bool = False
    _thread: threading.Thread | None = None

    def ask(self) -> None:
        """Something has been changed."""
        with self._lock:
            self._wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="index-soon", daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Wait until there is nothing to do."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._thread = None
                    return
                self._wanted = False
            try:
                self._drain()
            except Exception:
                # The reader has his answer; the outbox remembers.
                log.exception("index")

    def _drain(self) -> None:
        for _attempt in range(ATTEMPTS):
            try:
                self._bring()
            except IndexDamaged as error:
                log.warning("index: %s", error)
                return
            except IndexUnavailable as error:
                log.info("index: %s", error)
                time.sleep(PAUSE_S)
            except Unavailable as error:
                log.warning("index: %s", error)
                return
            else:
                return

    def _bring(self) -> None:
        """Bring what waits into the index, unless that is work for a worker: building it anew, or a long queue."""
        self.library.index.count()
        while True:
            with self.library.catalogue.reading() as session:
                if outbox.count(session) > QUEUE_AT_MOST:
                    return
            if not indexing.drain(self.library, BATCH):
                return
