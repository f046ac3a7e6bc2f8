"""Workers for several lanes in one process, side by side: a long job of one holds up none of another."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from wenyuan.ingest.worker import Watcher, Worker
from wenyuan.repo.library import Library
from wenyuan.storage.errors import LibraryError

log = logging.getLogger(__name__)

INLINE = "inline"
"""This executor works on pages in our own process, which has one alarm: all lanes are one worker there."""
_LOOK_AGAIN_S = 0.2

_Work = Callable[[Worker, Sequence[threading.Event]], None]
"""What a worker does; the events tell which of the lanes before its own have ended."""


def workers(library: Library, watcher: Watcher, lanes: Sequence[str], stopping: threading.Event) -> list[Worker]:
    """One worker for each lane, with pools of their own; they stop together.

    Args:
        lanes: the most urgent first.
        stopping: set, it ends all after the pieces under way.
    """
    together = [tuple(lanes)] if library.settings.executor == INLINE else [(lane,) for lane in lanes]
    here = f"{socket.gethostname()}:{os.getpid()}"
    return [Worker(library, watcher, group, f"{here}:{'+'.join(group)}", stopping) for group in together]


def run_for_ever(all_of_them: Sequence[Worker]) -> None:
    """Work in every lane until told to stop; a lane that dies stops the others, and its error is raised."""
    all_of_them[0].tidy()  # once, for all: they share the folder
    _side_by_side(all_of_them, lambda worker, _earlier: worker.run_for_ever())


def run_until_nothing_is_due(all_of_them: Sequence[Worker]) -> None:
    """Work in every lane until none has a job that is due; what one lane queues in another is done, too.

    Raises:
        Unavailable: something we depend on is away.
    """
    _side_by_side(all_of_them, _work_off)


def _work_off(worker: Worker, earlier: Sequence[threading.Event]) -> None:
    while not worker.stopping.is_set():
        # Asked before looking: a job that an earlier lane queued as its last is there when we look.
        is_last_look = all(event.is_set() for event in earlier)
        if worker.step():
            continue
        if is_last_look:
            return
        worker.stopping.wait(_LOOK_AGAIN_S)


def _side_by_side(all_of_them: Sequence[Worker], work: _Work) -> None:
    ended = [threading.Event() for _ in all_of_them]

    def run(place: int) -> None:
        worker = all_of_them[place]
        try:
            with closing(worker):
                work(worker, ended[:place])
        except BaseException as error:
            # Said now, not when the others have ended, too: a library that no longer reads would not be noticed.
            known = isinstance(error, LibraryError)
            log.error("lane %s ended: %s", "+".join(worker.lanes), error, exc_info=None if known else error)
            for other in all_of_them:
                other.stopping.set()
            raise
        finally:
            ended[place].set()

    first, *others = range(len(all_of_them))
    with ThreadPoolExecutor(max(1, len(others)), thread_name_prefix="lane") as threads:
        running = [threads.submit(run, place) for place in others]
        run(first)
        for future in running:
            future.result()
