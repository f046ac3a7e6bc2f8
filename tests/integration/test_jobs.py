"""Jobs are rows: claimed once, kept by a lease, ended once; the index follows through the outbox. On both back ends."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import given
import made_items
import pytest
from handing_in import hand_in, outcome_of, shown

from wenyuan.ingest import pipeline, receipt
from wenyuan.ingest.context import ItemJob
from wenyuan.ingest.delivery import Candidate
from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.repo import find, holdings, indexing, wiring
from wenyuan.repo.catalogue import deliveries, item_versions, items, jobs, outbox
from wenyuan.repo.catalogue.jobs import Job, JobState, LeaseLost
from wenyuan.repo.errors import NoSuchJob
from wenyuan.repo.library import Library
from wenyuan.repo.policy import ANONYMOUS
from wenyuan.repo.settings import Settings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LEASE_S = 60


def queue(library: Library, count: int = 1) -> list[int]:
    """Jobs that are due now."""
    with library.catalogue.writing() as session:
        return [jobs.add(session, "nothing", f"第{n}件", {}, NOW) for n in range(count)]


def claim(library: Library, worker: str, now: datetime = NOW) -> Job | None:
    """The next job, taken in a transaction of its own."""
    with library.catalogue.writing() as session:
        return jobs.claim(session, worker, now, LEASE_S)


def look(library: Library, job: int) -> Job:
    """The row."""
    with library.catalogue.reading() as session:
        return jobs.get(session, job)


def claim_all(settings: Settings, worker: str, start: Any) -> list[int]:
    """In a process or thread of its own: take jobs until there is none."""
    library = wiring.build(settings)
    start.wait()
    taken: list[int] = []
    while job := claim(library, worker):
        taken.append(job.id)
    library.close()
    return taken


CLAIM_ALL = """
import json, sys
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import jobs
from wenyuan.repo.settings import load
from datetime import UTC, datetime

library, taken = wiring.build(load(**json.loads(sys.argv[1]))), []
print("ready", flush=True)
sys.stdin.readline()
while True:
    with library.catalogue.writing() as session:
        job = jobs.claim(session, sys.argv[2], datetime.now(UTC), 60)
    if job is None:
        break
    taken.append(job.id)
print(json.dumps(taken))
library.close()
"""


def test_threads_that_claim_at_once_never_get_the_same_job(library: Library, settings: Settings) -> None:
    queued = queue(library, 50)
    start = threading.Barrier(6, timeout=60)

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda number: claim_all(settings, f"w{number}", start), range(6)))

    assert sorted(job for some in taken for job in some) == queued


def test_processes_that_claim_at_once_never_get_the_same_job(
    library: Library, settings: Settings, backends: dict[str, Any]
) -> None:
    queued = queue(library, 50)
    values = json.dumps({"home": str(settings.home), **backends})
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM_ALL, values, f"w{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    assert [worker.stdout.readline() for worker in workers if worker.stdout] == ["ready\n"] * 3

    for worker in workers:
        assert worker.stdin
        worker.stdin.write("\n")
        worker.stdin.flush()
    taken = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]

    assert sorted(job for some in taken for job in some) == queued


def test_the_oldest_job_that_is_due_comes_first(library: Library) -> None:
    first, second = queue(library, 2)
    with library.catalogue.writing() as session:
        jobs.add(session, "nothing", "later", {}, NOW + timedelta(seconds=1))

    assert [job.id if (job := claim(library, "a")) else None for _ in range(3)] == [first, second, None]
    assert claim(library, "a", NOW + timedelta(seconds=1)) is not None


def test_a_lease_keeps_a_job_until_it_runs_out(library: Library) -> None:
    (number,) = queue(library)
    claim(library, "silent")

    assert claim(library, "other", NOW + timedelta(seconds=LEASE_S)) is None
    taken = claim(library, "other", NOW + timedelta(seconds=LEASE_S + 1))

    assert taken is not None
    assert (taken.id, taken.attempts, taken.worker) == (number, 2, "other")


def test_a_beat_renews_the_lease(library: Library) -> None:
    (number,) = queue(library)
    claim(library, "steady")
    with library.catalogue.writing() as session:
        jobs.beat(session, number, "steady", NOW + timedelta(seconds=10 * LEASE_S), ("derive", 3, 9))

    assert claim(library, "other", NOW + timedelta(seconds=9 * LEASE_S)) is None
    row = look(library, number)
    assert (row.stage, row.done, row.total) == ("derive", 3, 9)


def test_who_lost_the_lease_can_neither_beat_nor_finish_nor_put_back(library: Library) -> None:
    (number,) = queue(library)
    claim(library, "slow")
    claim(library, "quick", NOW + timedelta(seconds=LEASE_S + 1))

    with pytest.raises(LeaseLost), library.catalogue.writing() as session:
        jobs.beat(session, number, "slow", NOW)
    with pytest.raises(LeaseLost), library.catalogue.writing() as session:
        jobs.finish(session, number, "slow", JobState.DONE, NOW)
    with library.catalogue.writing() as session:
        jobs.put_back(session, number, "slow", NOW, {"code": "x", "data": {}})
    assert (look(library, number).state, look(library, number).worker) == (JobState.RUNNING, "quick")
    with library.catalogue.writing() as session:
        jobs.finish(session, number, "quick", JobState.DONE, NOW, item="item")
    assert look(library, number).state is JobState.DONE


def test_who_loses_the_lease_while_publishing_leaves_nothing_to_be_seen(library: Library, tmp_path: Path) -> None:
    folder = given.scans(tmp_path / "book", 2)
    delivery = submit(library, receive([folder]), [folder], "test")
    with library.catalogue.writing() as session:
        mine = jobs.claim(session, "slow", datetime.now(UTC), LEASE_S)
    assert mine is not None
    worker = Worker(library)

    def steal(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("derive", total):
            with library.catalogue.writing() as session:
                jobs.release(session, "slow", datetime.now(UTC))
                assert jobs.claim(session, "quick", datetime.now(UTC), LEASE_S)

    with pytest.raises(LeaseLost):
        pipeline.run(ItemJob(library, worker.pool, mine, "slow", Candidate.from_json(mine.payload), steal))

    assert shown(library) == []
    with library.catalogue.reading() as session:
        assert outbox.count(session) == 0
        assert items.all_ids(session) == []
        (job,) = jobs.of_delivery(session, delivery)
    assert (job.state, job.worker) == (JobState.RUNNING, "quick")


def test_jobs_of_a_process_that_died_here_need_not_wait_for_their_lease(library: Library, tmp_path: Path) -> None:
    folder = given.scans(tmp_path / "book", 1)
    delivery = submit(library, receive([folder]), [folder], "test")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with library.catalogue.writing() as session:
        jobs.claim(session, f"{socket.gethostname()}:{dead.pid}:1", datetime.now(UTC), 3600)

    assert Worker(library).run_until_done(delivery) is None

    assert len(shown(library)) == 1


def test_jobs_of_workers_elsewhere_or_alive_are_left_to_them(library: Library) -> None:
    first, second = queue(library, 2)
    claim(library, "another-machine:1:1", datetime.now(UTC))
    claim(library, f"{socket.gethostname()}:{os.getpid()}:1", datetime.now(UTC))

    assert not Worker(library).step()

    assert [look(library, number).state for number in (first, second)] == [JobState.RUNNING] * 2


def test_a_worker_may_have_any_name(library: Library) -> None:
    queue(library)
    claim(library, "worker-3", datetime.now(UTC))

    assert not Worker(library).step()


@pytest.fixture
def away(library: Library) -> Iterator[Library]:
    """The same library with a store that is full."""
    lost = wiring.build(library.settings.model_copy(update={"store": "local", "store_reserve_mb": 10**9}))
    yield lost
    lost.close()


def test_a_job_whose_store_cannot_take_it_is_put_back_again_and_again_later_and_later(
    library: Library, away: Library, tmp_path: Path
) -> None:
    folder = given.scans(tmp_path / "book", 1)
    delivery = submit(library, receive([folder]), [folder], "test")
    waits: list[float] = []
    for _ in range(library.settings.max_attempts + 3):
        with library.catalogue.writing() as session:
            make_due(session, delivery)
        before = datetime.now(UTC)
        assert Worker(away).step(delivery)
        with library.catalogue.reading() as session:
            (job,) = jobs.of_delivery(session, delivery)
            waits.append((not_before(session, job.id) - before).total_seconds())
        assert (job.state, (job.error or {})["code"]) == (JobState.QUEUED, "store-full")

    assert all(later > earlier for earlier, later in itertools.pairwise(waits))
    assert max(waits) <= 310
    with library.catalogue.writing() as session:
        make_due(session, delivery)
    assert Worker(library).run_until_done(delivery) is None
    assert len(shown(library)) == 1


def make_due(session: Any, delivery: int) -> None:
    """As if the time had passed."""
    session.execute(
        jobs.update(jobs.JobRow).where(jobs.JobRow.delivery == delivery).values(not_before=datetime.now(UTC))
    )


def not_before(session: Any, job: int) -> datetime:
    """When a job may be tried again."""
    found: datetime = session.get(jobs.JobRow, job).not_before
    return found


def test_a_job_that_ends_its_worker_again_and_again_is_given_up_with_its_reason(
    library: Library, tmp_path: Path
) -> None:
    folder = given.scans(tmp_path / "book", 1)
    delivery = submit(library, receive([folder]), [folder], "test")
    for _ in range(library.settings.max_attempts):
        with library.catalogue.writing() as session:
            assert jobs.claim(session, "elsewhere:1", datetime.now(UTC), LEASE_S)
            jobs.release(session, "elsewhere:1", datetime.now(UTC))

    Worker(library).run_until_done(delivery)

    with library.catalogue.reading() as session:
        (job,) = jobs.of_delivery(session, delivery)
        told = deliveries.get(session, delivery).receipt or {}
    assert (job.state, job.error) == (
        JobState.FAILED,
        {"code": "worker-died", "data": {"attempts": library.settings.max_attempts}},
    )
    assert told["outcomes"] == {"metadata": 1, "refused": 2}


def test_a_job_that_got_on_is_not_given_up_however_often_its_worker_died(library: Library) -> None:
    (number,) = queue(library)
    for _ in range(20):
        assert claim(library, "mortal", datetime.now(UTC))
        with library.catalogue.writing() as session:
            jobs.beat(session, number, "mortal", NOW, ("store", 1, 2))

    assert look(library, number).attempts == 1


def test_a_refused_job_can_be_tried_again_when_the_file_is_mended(library: Library, tmp_path: Path) -> None:
    whole = given.pdf(tmp_path / "in" / "報告.pdf", ["深圳河畔"]).read_bytes()
    (tmp_path / "in" / "報告.pdf").write_bytes(whole[:200])
    before = hand_in(library, tmp_path / "in")
    assert outcome_of(before, "報告.pdf") == ("refused", "damaged-source")
    (tmp_path / "in" / "報告.pdf").write_bytes(whole)

    with library.catalogue.writing() as session:
        (job,) = jobs.recent(session)
        jobs.retry(session, job.id, datetime.now(UTC))
        deliveries.reopen(session, job.delivery or 0)
    assert Worker(library).run_until_done(job.delivery or 0) is None

    assert [item.description.title for item in shown(library)] == ["報告"]
    with library.catalogue.reading() as session:
        after = deliveries.get(session, job.delivery or 0).receipt or {}
    assert after["outcomes"] == {"stored": 1}
    assert receipt.is_genuine(after, library.settings.session_key.get_secret_value())


def test_only_a_job_that_ended_badly_can_be_tried_again(library: Library) -> None:
    queued, running, done, failed = queue(library, 4)
    with library.catalogue.writing() as session:
        for number, state in ((done, JobState.DONE), (failed, JobState.FAILED)):
            jobs.release(session, "w", NOW)
            session.execute(
                jobs.update(jobs.JobRow).where(jobs.JobRow.id == number).values(state=state.value, attempts=6)
            )
    assert (job := claim(library, "w")) is not None
    assert job.id == queued
    for number in (queued, done, 10**6):
        with pytest.raises(NoSuchJob), library.catalogue.writing() as session:
            jobs.retry(session, number, NOW)
    with library.catalogue.writing() as session:
        jobs.retry(session, failed, NOW)
    assert (look(library, failed).state, look(library, failed).attempts) == (JobState.QUEUED, 0)
    assert look(library, running).state is JobState.QUEUED


def test_a_delivery_whose_worker_died_after_the_last_job_gets_its_receipt_from_the_next(
    library: Library, tmp_path: Path
) -> None:
    folder = given.scans(tmp_path / "book", 1)
    delivery = submit(library, receive([folder]), [folder], "test")
    worker = Worker(library)
    with library.catalogue.writing() as session:
        job = jobs.claim(session, worker.name, datetime.now(UTC), LEASE_S)
    assert job is not None
    worker._do(job)  # and here it died, before the receipt

    assert not Worker(library).step()

    with library.catalogue.reading() as session:
        row = deliveries.get(session, delivery)
    assert row.finished is not None
    assert (row.receipt or {})["outcomes"] == {"metadata": 1, "stored": 2}


def test_a_delivery_of_which_nothing_can_be_used_ends_when_it_is_queued(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    delivery = submit(library, receive([tmp_path / "empty"]), [tmp_path / "empty"], "test")
    Worker(library).step()

    with library.catalogue.reading() as session:
        assert deliveries.get(session, delivery).finished is not None


def test_the_same_book_handed_in_twice_at_once_is_one_item(library: Library, tmp_path: Path) -> None:
    one, two = given.scans(tmp_path / "one", 2), tmp_path / "two"
    two.mkdir()
    for file in one.iterdir():
        (two / file.name).write_bytes(file.read_bytes())

    told = hand_in(library, one, two)

    assert told["outcomes"] == {"already-held": 4, "metadata": 2, "stored": 4}
    assert len(shown(library)) == 1


# The outbox.


def waiting(library: Library) -> list[str]:
    """Items whose index entry must follow."""
    with library.catalogue.reading() as session:
        return [entry.item for entry in outbox.waiting(session)]


@contextmanager
def crash() -> Iterator[None]:
    """The process ends here."""
    with pytest.raises(RuntimeError, match="power cut"):
        yield


def test_a_crash_after_the_index_and_before_the_outbox_indexes_once_more(library: Library) -> None:
    book = made_items.make_book(library, collection=None)
    with library.catalogue.reading() as session, library.index.write() as writer:
        indexing._put(session, writer, book.id)
    assert waiting(library) == [book.id]

    assert indexing.drain(library) == 1

    assert indexing.drift(library) == indexing.Drift((), (), 0)
    assert find.find(library, "縣志", person=ANONYMOUS).total == 1
    assert find.find(library, "縣志", person=ANONYMOUS).page_total == 1


def test_a_crash_while_writing_the_index_leaves_it_as_it_was_and_the_change_waiting(library: Library) -> None:
    book = made_items.make_book(library, collection=None)
    with crash(), library.catalogue.reading() as session, library.index.write() as writer:
        indexing._put(session, writer, book.id)
        raise RuntimeError("power cut")

    assert find.find(library, "縣志", person=ANONYMOUS).total == 0
    assert indexing.drift(library) == indexing.Drift((book.id,), (), 1)
    indexing.drain(library)
    assert find.find(library, "縣志", person=ANONYMOUS).total == 1


def test_a_change_that_is_undone_asks_for_nothing(library: Library) -> None:
    book = made_items.make_book(library, collection=None)
    indexing.drain(library)

    with crash(), library.catalogue.writing() as session:
        item_versions.write(session, book, None)
        raise RuntimeError("power cut")

    assert waiting(library) == []


def test_many_changes_of_one_item_are_indexed_together(library: Library) -> None:
    book = made_items.make_book(library, collection=None)
    for title in ("甲", "乙", "丙"):
        holdings.describe(library, book.id, book.description.model_copy(update={"title": title}), "館員")

    assert Counter(waiting(library)) == {book.id: 4}
    assert indexing.drain(library) == 4

    assert find.find(library, "丙", person=ANONYMOUS).total == 1
    assert indexing.drain(library) == 0


def test_the_index_can_be_made_anew_from_the_catalogue(library: Library) -> None:
    ids = made_items.make_library(library)
    before = {query: library.index.search(query, made_items.ALL) for query in made_items.QUERIES}
    library.index.clear()
    assert set(indexing.drift(library).missing) == {ids["book"], ids["ebook"]}

    assert indexing.rebuild(library) == 2
    made_items.drain(library)

    assert indexing.drift(library) == indexing.Drift((), (), 0)
    assert {query: library.index.search(query, made_items.ALL) for query in made_items.QUERIES} == before


def test_drift_names_what_the_index_has_too_many(library: Library) -> None:
    book = made_items.make_book(library, collection=None)
    indexing.drain(library)
    with library.catalogue.writing() as session:
        item_versions.write(session, items.get(session, book.id), None)
    holdings.withdraw(library, book.id, "館員", "權利未明")

    assert indexing.drift(library) == indexing.Drift((), (book.id,), 2)
    made_items.drain(library)
    assert indexing.drift(library) == indexing.Drift((), (), 0)
