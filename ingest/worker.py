"""Taking jobs and doing them, one at a time; any number of workers, here or elsewhere.

A worker takes jobs of some lanes only, so that what is handed in does not wait behind a thousand pages of OCR:
`wenyuan work` has one for each lane.

A network error never ends a worker: the job goes back with a later time. A worker that dies is noticed by its lease.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, cast

from sqlalchemy.orm import Session

from wenyuan.ingest import pipeline, receipt, recognise, rederive
from wenyuan.ingest.context import ItemJob, Progress
from wenyuan.ingest.delivery import Candidate, error_to_json
from wenyuan.ingest.executors.pool import Pool, PoolPlan
from wenyuan.repo import indexing, wiring
from wenyuan.repo.catalogue import deliveries, jobs
from wenyuan.repo.catalogue.jobs import INGEST, OCR, PAGES, RECOGNISE, REDERIVE, Job, JobState, LeaseLost
from wenyuan.repo.errors import BadInput, CountsDisagree, IndexUnavailable, WorkerDied
from wenyuan.repo.library import Library
from wenyuan.storage.errors import LibraryError, Misconfigured, Unavailable

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 300
GIVEN_BACK_AFTER_S = 60.0
"""Seconds without work after which the processes of OCR end: each holds a gigabyte."""

Watcher = Callable[[Job, str, int, int], None]
"""(job, stage, done, total)"""


def _nobody_watches(_job: Job, _stage: str, _done: int, _total: int) -> None:
    return


_DRAINING = threading.Lock()
"""Workers of several lanes in one process write the same index."""


class WorkStopped(Exception):
    """Somebody asked the worker to stop."""


@dataclass(slots=True)
class Worker:
    """One worker with its pool of processes."""

    library: Library
    watcher: Watcher = _nobody_watches
    lanes: tuple[str, ...] = (PAGES,)
    """What jobs it takes; those of the first lane before all of the second."""
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}")
    """Machine, process and thread: so that its death can be seen by others on the same machine."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set, it ends the work after the pieces under way; their results are kept, and the job goes back to the queue."""
    give_back_after_s: float = GIVEN_BACK_AFTER_S
    _pools: dict[str, Pool] = field(default_factory=dict)
    """By lane."""
    _idle_since: float = 0.0

    def run_until_done(self, delivery: int) -> dict[str, Any] | None:
        """Do the jobs of one delivery in my lanes; the error of what is away where all that is left must wait."""
        self.tidy()
        self._check()
        while True:
            done = self.step(delivery)
            with self.library.catalogue.reading() as session:
                open_jobs = jobs.unfinished(session, delivery, lanes=self.lanes)
                waiting, away = jobs.put_off(session, delivery, datetime.now(UTC), lanes=self.lanes)
            if not open_jobs:
                self._finish_delivery(delivery)
                self.drain_index()
                return None
            if not done:
                if waiting == open_jobs:
                    return away
                time.sleep(0.2)

    def run_for_ever(self, idle_s: float = 1.0) -> None:
        """Take job after job until told to stop. Whoever starts workers tidies first, once for all."""
        self._check()
        while not self.stopping.is_set():
            try:
                done = self.step()
            except Unavailable as error:
                log.warning("waiting: %s", error)
                done = False
            except Exception:
                log.exception("step")
                done = False
            if not done:
                self._give_back()
                self.stopping.wait(idle_s)

    def step(self, delivery: int | None = None, *, number: int | None = None) -> bool:
        """Do one job, if one is due; whether there was one. Changes waiting for the index are brought there too.

        Args:
            delivery: only one of this delivery.
            number: only this very job.
        """
        with self.library.catalogue.writing() as session:
            self._release_the_dead(session)
            now, lease_s = datetime.now(UTC), self.library.settings.lease_s
            job = jobs.claim(session, self.name, now, lease_s, lanes=self.lanes, delivery=delivery, job=number)
        if job is not None:
            self._do(job)
            self._idle_since = time.monotonic()
            if job.delivery is not None:
                self._finish_delivery(job.delivery)
        else:
            self._finish_what_ended()
        self.drain_index()
        return job is not None

    def _finish_what_ended(self) -> None:
        """Deliveries whose worker died after the last job and before the receipt, and those that have no job."""
        with self.library.catalogue.reading() as session:
            unfinished = deliveries.unfinished(session)
        for delivery in unfinished:
            try:
                self._finish_delivery(delivery)
            except CountsDisagree:
                log.exception("delivery %s", delivery)

    def _release_the_dead(self, session: Session) -> None:
        """Jobs of processes that died on this machine need not wait for their lease to run out."""
        for name in jobs.running_workers(session):
            machine, process, *_ = [*name.split(":"), ""]
            if machine == socket.gethostname() and process.isdecimal() and not _is_alive(int(process)):
                jobs.release(session, name, datetime.now(UTC))

    def drain_index(self) -> None:
        """Bring waiting changes into the index; where it cannot be written they wait on."""
        try:
            with _DRAINING:
                while indexing.drain(self.library):
                    pass
        except IndexUnavailable as error:
            log.warning("index: %s", error)

    def close(self) -> None:
        """End the pools."""
        while self._pools:
            self._pools.popitem()[1].close()

    @property
    def pool(self) -> Pool:
        """The pool of the first lane, begun when it is first needed."""
        return self._pool_of(self.lanes[0])

    def _pool_of(self, lane: str) -> Pool:
        if lane not in self._pools:
            settings = self.library.settings
            plan = PoolPlan.for_ocr(settings) if lane == OCR else PoolPlan.for_pages(settings)
            self._pools[lane] = cast("Pool", self._executor().open_pool(settings, plan))
        return self._pools[lane]

    def _executor(self) -> ModuleType:
        return wiring.chosen("executor", self.library.settings.executor, "wenyuan.ingest.executors")

    def _check(self) -> None:
        """A wrong setting must show before a job is taken. OCR's processes begin only with their first job."""
        if PAGES in self.lanes:
            self._pool_of(PAGES)
        else:
            self._executor()

    def _give_back(self) -> None:
        """End the processes of OCR where there has been nothing to read for a while."""
        if OCR in self._pools and time.monotonic() - self._idle_since >= self.give_back_after_s:
            self._pools.pop(OCR).close()

    def _do(self, job: Job) -> None:
        try:
            if job.attempts > self.library.settings.max_attempts:
                self._end(job, JobState.FAILED, error_to_json(WorkerDied(attempts=job.attempts - 1)))
                return
            with _beating(self.library, job.id, self.name):
                self._run(job)
        except LeaseLost:
            log.warning("job %s went to another worker", job.id)
        except Unavailable as error:
            self._put_back(job, error)
        except WorkStopped:
            with self.library.catalogue.writing() as session:
                jobs.put_back(session, job.id, self.name, datetime.now(UTC), None)
        except Misconfigured as error:
            # An operator's matter, not the file's: it waits.
            self._put_back(job, error)
        except BadInput as error:
            self._end(job, JobState.REFUSED, error_to_json(error))
        except LibraryError as error:
            self._end(job, JobState.FAILED, error_to_json(error))
        except Exception as error:
            # A fault of ours: the job must not vanish, nor the worker end with it.
            log.exception("job %s", job.id)
            self._end(job, JobState.FAILED, error_to_json(error))

    def _run(self, job: Job) -> None:
        progress, pool = self._progress(job), self._pool_of(job.lane)
        if job.kind == INGEST:
            candidate = Candidate.from_json(job.payload)
            pipeline.run(ItemJob(self.library, pool, job, self.name, candidate, progress))
        elif job.kind == REDERIVE:
            rederive.run(self.library, pool, job, self.name, progress)
        elif job.kind == RECOGNISE:
            recognise.run(self.library, pool, job, self.name, progress, self.drain_index)
        else:
            raise BadInput(file=job.title, detail=job.kind)

    def _progress(self, job: Job) -> Progress:
        def progress(stage: str, done: int, total: int) -> None:
            if self.stopping.is_set():
                raise WorkStopped
            self.watcher(job, stage, done, total)

        return progress

    def _end(self, job: Job, state: JobState, error: dict[str, object]) -> None:
        try:
            with self.library.catalogue.writing() as session:
                jobs.finish(session, job.id, self.name, state, datetime.now(UTC), error=error)
        except LeaseLost:
            log.warning("job %s went to another worker", job.id)

    def _put_back(self, job: Job, error: LibraryError) -> None:
        # What is away is no fault of the job's: it waits as often as it must, and only deaths count as attempts.
        times = (job.error or {}).get("times", 0) + 1
        wait = min(LONGEST_WAIT_S, 2 ** min(times, 20))
        told = {**error_to_json(error), "times": times}
        with self.library.catalogue.writing() as session:
            jobs.put_back(session, job.id, self.name, datetime.now(UTC) + timedelta(seconds=wait), told)

    def tidy(self) -> None:
        """Take away what killed processes left behind more than a day ago: the store's spool, their own folders."""
        try:
            self.library.store.check()
        except Unavailable as error:
            log.warning("store: %s", error)
        old = time.time() - 86_400
        for left in self.library.settings.work_folder.glob("*"):
            try:
                is_old = left.stat().st_mtime < old
            except FileNotFoundError:  # another worker tidies here, too, or has just ended a piece
                continue
            if is_old and left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            elif is_old and left.name.startswith("vips-"):  # what libvips has put aside is a file
                left.unlink(missing_ok=True)

    def _finish_delivery(self, delivery: int) -> None:
        with self.library.catalogue.reading() as session:
            if jobs.unfinished(session, delivery, lanes=(PAGES,)):
                return
        with self.library.catalogue.writing() as session:
            row = deliveries.get(session, delivery)
            # What is read by OCR comes later and is no part of what was handed over.
            ended = jobs.of_delivery(session, delivery, lanes=(PAGES,))
            if row.finished or row.receipt is None or any(job.state not in jobs.FINAL for job in ended):
                return
            key = self.library.settings.session_key.get_secret_value()
            deliveries.finish(session, delivery, receipt.complete(row.receipt, ended, key), datetime.now(UTC))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _beating(library: Library, job: int, worker: str) -> Iterator[None]:
    """Renew the lease from a thread of its own while a long piece is at work."""
    stop = threading.Event()
    lease = library.settings.lease_s

    def beat() -> None:
        while not stop.wait(lease / 3):
            try:
                with library.catalogue.writing() as session:
                    jobs.beat(session, job, worker, datetime.now(UTC) + timedelta(seconds=lease))
            except LeaseLost:
                return
            except Unavailable as error:
                log.warning("heartbeat: %s", error)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
