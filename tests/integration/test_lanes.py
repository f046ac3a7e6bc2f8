"""OCR has a lane of its own: with its own processes, limits and faults, which hold up nothing else."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import given
import psutil
import pytest
import scanned
from handing_in import hand_in, shown

from wenyuan.ingest import lanes
from wenyuan.ingest.executors.pool import PoolPlan
from wenyuan.ingest.executors.process import open_pool
from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import deliveries, items, jobs
from wenyuan.repo.catalogue.jobs import LANES, OCR, PAGES, Job, JobState
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


# Which job is taken.


def queue(library: Library, lane: str) -> int:
    """A job that is due."""
    with library.catalogue.writing() as session:
        return jobs.add(session, "nothing", lane, {}, NOW, lane=lane)


def claim(library: Library, *of: str, job: int | None = None) -> int | None:
    """The number of the next job of these lanes."""
    with library.catalogue.writing() as session:
        taken = jobs.claim(session, "w", NOW, 60, lanes=of or LANES, job=job)
    return taken.id if taken else None


def test_a_worker_takes_jobs_of_its_own_lanes_alone(library: Library) -> None:
    read, page = queue(library, OCR), queue(library, PAGES)

    assert claim(library, PAGES) == page
    assert claim(library, PAGES) is None
    assert claim(library, OCR) == read


def test_of_two_lanes_the_first_goes_before_however_old_the_others_jobs_are(library: Library) -> None:
    old, young = queue(library, OCR), queue(library, PAGES)

    assert [claim(library), claim(library), claim(library)] == [young, old, None]


def test_a_very_job_can_be_taken(library: Library) -> None:
    _, second = queue(library, OCR), queue(library, OCR)

    assert claim(library, OCR, job=second) == second
    assert claim(library, OCR, job=second) is None


def test_lanes_are_counted_by_themselves(library: Library) -> None:
    queue(library, OCR)

    with library.catalogue.reading() as session:
        assert [jobs.unfinished(session, lanes=(lane,)) for lane in LANES] == [0, 1]
        assert jobs.unfinished(session) == 1


def test_processes_of_ocr_give_way_to_others(tmp_path: Path) -> None:
    settings = load(home=tmp_path, workers=1, ocr_workers=1)
    niceness = []
    for plan in (PoolPlan.for_pages(settings), PoolPlan.for_ocr(settings)):
        pool = open_pool(settings, plan)
        try:
            niceness.append(pool.submit(os.nice, 0).result())
        finally:
            pool.close()

    assert niceness[1] > niceness[0]


# A page that hangs.


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Library]:
    """A library with a process for each lane."""
    built = wiring.build(load(home=tmp_path / "home", workers=1, ocr_workers=1, ocr_engine="auto", ocr_timeout_s=15))
    yield built
    built.close()


@contextmanager
def hanging(library: Library, item: str) -> Iterator[None]:
    """The first original cannot be read to its end in reasonable time: 500 GB of nothing behind the head of a PDF."""
    with library.catalogue.reading() as session:
        file = items.files(session, item)[0]
    (blob,) = (library.settings.home / "store" / "blobs").rglob(file.sha256)
    whole = blob.read_bytes()
    blob.unlink()
    with blob.open("wb") as sparse:
        sparse.write(b"%PDF-1.7\n")
        sparse.truncate(500 * 1024**3)
    yield
    blob.unlink()
    blob.write_bytes(whole)


def wait_for(fact: Callable[[], bool], what: str) -> None:
    """Until it is so; three minutes are a fault."""
    end = time.monotonic() + 180
    while not fact():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def reading_job(library: Library) -> Job:
    """The newest job of OCR."""
    with library.catalogue.reading() as session:
        return next(job for job in jobs.recent(session) if job.lane == OCR)


def is_finished(library: Library, delivery: int) -> bool:
    """Whether the receipt is complete."""
    with library.catalogue.reading() as session:
        return deliveries.get(session, delivery).finished is not None


@contextmanager
def at_work(library: Library) -> Iterator[list[Worker]]:
    """`wenyuan work`, in a thread."""
    stopping = threading.Event()
    workers = lanes.workers(library, lambda *_: None, LANES, stopping)
    thread = threading.Thread(target=lanes.run_for_ever, args=(workers,))
    thread.start()
    try:
        yield workers
    finally:
        stopping.set()
        thread.join(60)
        assert not thread.is_alive()


def ocr_processes() -> list[psutil.Process]:
    """Processes of ours that have opened the engine's networks."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("onnx" in one.path or "openvino" in one.path for one in maps(child))]


def maps(process: psutil.Process) -> list[Any]:
    """The files that a process has mapped."""
    try:
        return list(process.memory_maps())
    except psutil.Error:
        return []


# A lane that dies.


class Dying(Worker):
    """A worker whose disk is gone."""

    def run_for_ever(self, idle_s: float = 1.0) -> None:
        """Die before the first job."""
        raise OSError("the disk is gone")

    def step(self, delivery: int | None = None, *, number: int | None = None) -> bool:
        """Die at the first job."""
        raise OSError("the disk is gone")


@pytest.mark.parametrize("of_lane", LANES)
@pytest.mark.parametrize("work", [lanes.run_for_ever, lanes.run_until_nothing_is_due])
def test_a_lane_that_dies_is_told_at_once_and_ends_the_others_with_its_error(
    busy: Library, caplog: pytest.LogCaptureFixture, work: Callable[[list[Worker]], None], of_lane: str
) -> None:
    stopping = threading.Event()
    kinds = [Dying if lane == of_lane else Worker for lane in LANES]
    workers = [
        kind(busy, lanes=(lane,), name=f"w:{lane}", stopping=stopping) for kind, lane in zip(kinds, LANES, strict=True)
    ]

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(work, workers)
        try:
            with pytest.raises(OSError, match="the disk is gone"):
                running.result(60)
        finally:
            stopping.set()

    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        f"lane {of_lane} ended: the disk is gone"
    ]


def test_what_others_have_tidied_away_meanwhile_ends_no_lane(busy: Library) -> None:
    folder = busy.settings.work_folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "listed").symlink_to("gone")
    for name in ("old", "vips-folder"):
        (folder / name).mkdir()
        os.utime(folder / name, (1, 1))
    (folder / "vips-1.v").touch()
    os.utime(folder / "vips-1.v", (1, 1))

    job = queue(busy, OCR)
    with at_work(busy):
        wait_for(lambda: reading_job(busy).state is JobState.REFUSED, "the lane of OCR works")

    assert reading_job(busy).id == job
    assert [left.name for left in folder.iterdir()] == ["listed"]


@pytest.mark.slow
def test_a_page_that_hangs_holds_up_no_other_book_and_is_set_aside_with_its_reason(
    busy: Library, tmp_path: Path
) -> None:
    for number, text in enumerate(("深圳河在新安縣南", "自梧桐山發源西流"), start=1):
        scanned.picture(tmp_path / "掃描" / f"{number}.png", scanned.lines(text))
    hand_in(busy, tmp_path / "掃描")
    (item,) = shown(busy)
    folder = given.scans(tmp_path / "book", 2)

    with at_work(busy) as workers:
        with hanging(busy, item.id):
            wait_for(lambda: reading_job(busy).state is JobState.RUNNING, "the reading begins")
            delivery = submit(busy, receive([folder]), [folder], "test")
            wait_for(lambda: is_finished(busy, delivery), "the other book is there")
            assert reading_job(busy).state is JobState.RUNNING
            assert len(shown(busy)) == 2
            wait_for(lambda: reading_job(busy).state is JobState.DONE, "the reading ends")
        assert ocr_processes(), "they stay open for the next book"
        workers[1].give_back_after_s = 0
        wait_for(lambda: not ocr_processes(), "a gigabyte is given back")

    receipt = reading_job(busy).receipt or {}
    assert (receipt["pages"], receipt["read"]) == (2, 1)
    (refused,) = receipt["refused_pages"]
    assert refused == {"page": 1, "error": {"code": "reading-killed", "data": {"file": "1.png", "page": 1}}}
