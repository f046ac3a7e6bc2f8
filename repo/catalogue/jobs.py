"""Jobs: the row is the truth (design §8). Claimed by any worker, kept by a lease, finished once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import JobRow, JobStepRow
from wenyuan.repo.errors import NoSuchJob

INGEST = "ingest"
"""Kind of the jobs that make an item of what was handed in."""
REDERIVE = "rederive"
"""Kind of the jobs that make an item's derivatives anew; titled with the item's id."""
RECOGNISE = "recognise"
"""Kind of the jobs that read the text of an item's pages by OCR."""

PAGES = "pages"
"""The lane of all jobs but those of OCR."""
OCR = "ocr"
"""The lane of jobs that take seconds a page: nothing else waits behind them."""
LANES = (PAGES, OCR)


class JobState(StrEnum):
    """queued → running → one of the others, which are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """What was handed in cannot be used; the error says why."""
    FAILED = "failed"
    """Given up after the last attempt."""


FINAL = (JobState.DONE, JobState.REFUSED, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class Job:
    """One row."""

    id: int
    kind: str
    state: JobState
    title: str
    stage: str
    done: int
    total: int
    attempts: int
    delivery: int | None
    payload: dict[str, Any]
    item: str | None
    error: dict[str, Any] | None
    """`{"code": …, "data": {…}}`, for `wenyuan.repo.wording`."""
    receipt: dict[str, Any] | None
    created: datetime
    finished: datetime | None
    worker: str | None
    lane: str = PAGES


class LeaseLost(Exception):
    """Another worker has taken the job: what this one still does must not count."""


def add(
    session: Session,
    kind: str,
    title: str,
    payload: dict[str, Any],
    now: datetime,
    *,
    lane: str = PAGES,
    delivery: int | None = None,
    item: str | None = None,
) -> int:
    """Queue a job; its number.

    Args:
        title: as staff reads it.
        payload: what the job's kind asks for; JSON values.
        lane: jobs of one lane do not wait for those of another.
        delivery: whose receipt, or page for staff, tells of it.
        item: the published item that it is about.
    """
    row = JobRow(
        kind=kind,
        lane=lane,
        title=title,
        payload=payload,
        delivery=delivery,
        item=item,
        state=JobState.QUEUED.value,
        stage="",
        done=0,
        total=0,
        attempts=0,
        not_before=now,
        created=now,
    )
    session.add(row)
    session.flush()
    return row.id


def is_open(session: Session, kind: str, title: str) -> bool:
    """Whether a job of this kind and title is queued or running."""
    waits = JobRow.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
    chosen = select(JobRow.id).where(JobRow.kind == kind, JobRow.title == title, waits).limit(1)
    return session.scalar(chosen) is not None


def claim(
    session: Session,
    worker: str,
    now: datetime,
    lease_s: int,
    *,
    lanes: Sequence[str] = LANES,
    delivery: int | None = None,
    job: int | None = None,
) -> Job | None:
    """Take the oldest job that is due, or whose worker fell silent; None where there is none.

    On PostgreSQL rows that others are claiming are passed over (SKIP LOCKED); on SQLite the caller's transaction has
    the write lock already.

    Args:
        lanes: only jobs of these; one of the first goes before all of the second.
        delivery: only jobs of this one.
        job: only this very one.
    """
    due = or_(
        and_(JobRow.state == JobState.QUEUED.value, JobRow.not_before <= now),
        and_(JobRow.state == JobState.RUNNING.value, JobRow.lease_until < now),
    )
    place = case({lane: place for place, lane in enumerate(lanes)}, value=JobRow.lane)
    chosen = select(JobRow).where(due, JobRow.lane.in_(lanes)).order_by(place, JobRow.id).limit(1)
    if delivery is not None:
        chosen = chosen.where(JobRow.delivery == delivery)
    if job is not None:
        chosen = chosen.where(JobRow.id == job)
    row = session.scalars(chosen.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    row.state, row.worker, row.attempts = JobState.RUNNING.value, worker, row.attempts + 1
    row.lease_until = now + timedelta(seconds=lease_s)
    session.flush()
    return _job(row)


def beat(
    session: Session, job: int, worker: str, until: datetime, progress: tuple[str, int, int] | None = None
) -> None:
    """Renew the lease, and say (stage, done, total).

    Raises:
        LeaseLost: the job is another's now.
    """
    values: dict[str, Any] = {"lease_until": until}
    if progress:
        # A job that gets on has not failed, however often its workers were killed: only attempts without progress
        # count.
        values |= {"stage": progress[0], "done": progress[1], "total": progress[2], "attempts": 1}
    mine = and_(JobRow.id == job, JobRow.worker == worker, JobRow.state == JobState.RUNNING.value)
    if session.execute(update(JobRow).where(mine).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(job)


def finish(
    session: Session,
    job: int,
    worker: str,
    state: JobState,
    now: datetime,
    *,
    item: str | None = None,
    receipt: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """End a job.

    Raises:
        LeaseLost: the job is another's now; the caller's transaction must not commit.
    """
    mine = and_(JobRow.id == job, JobRow.worker == worker, JobRow.state == JobState.RUNNING.value)
    values = {
        "state": state.value,
        "finished": now,
        **({"item": item} if item else {}),
        "receipt": receipt,
        "error": error,
        "lease_until": None,
        "worker": None,
    }
    if session.execute(update(JobRow).where(mine).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost(job)
    # They hold every page's text a second time, and nobody goes on with a job that has ended.
    session.execute(delete(JobStepRow).where(JobStepRow.job == job))


def running_workers(session: Session) -> list[str]:
    """Names of the workers that have a job."""
    chosen = select(JobRow.worker).where(JobRow.state == JobState.RUNNING.value).distinct()
    return [name for name in session.scalars(chosen) if name]


def release(session: Session, worker: str, now: datetime) -> None:
    """Let the jobs of a worker that is known to be dead be claimed at once."""
    lost = and_(JobRow.worker == worker, JobRow.state == JobState.RUNNING.value)
    session.execute(update(JobRow).where(lost).values(lease_until=now - timedelta(seconds=1)))


def put_back(session: Session, job: int, worker: str, not_before: datetime, error: dict[str, Any] | None) -> None:
    """Give a job back to the queue, to be tried again later; that counts as no attempt."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == job, JobRow.worker == worker)
        .values(
            state=JobState.QUEUED.value, worker=None, lease_until=None, not_before=not_before, error=error, attempts=0
        )
    )


def retry(session: Session, job: int, now: datetime) -> None:
    """Queue a job anew that was refused or given up; attempts and kept pieces are forgotten, files looked at anew.

    Its delivery wants a new receipt: `deliveries.reopen`.

    Raises:
        NoSuchJob: no such number, or it is not in such a state.
    """
    ended = and_(JobRow.id == job, JobRow.state.in_([JobState.REFUSED.value, JobState.FAILED.value]))
    values = {
        "state": JobState.QUEUED.value,
        "attempts": 0,
        "not_before": now,
        "finished": None,
        "error": None,
        "receipt": None,
    }
    if session.execute(update(JobRow).where(ended).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise NoSuchJob(job=job)
    session.execute(delete(JobStepRow).where(JobStepRow.job == job))


def get(session: Session, job: int) -> Job:
    """One job.

    Raises:
        NoSuchJob: no such number.
    """
    row = session.get(JobRow, job, populate_existing=True)
    if row is None:
        raise NoSuchJob(job=job)
    return _job(row)


def of_delivery(session: Session, delivery: int, *, lanes: Sequence[str] = LANES) -> list[Job]:
    """The jobs of a delivery in these lanes, in order."""
    chosen = select(JobRow).where(JobRow.delivery == delivery, JobRow.lane.in_(lanes)).order_by(JobRow.id)
    return [_job(row) for row in session.scalars(chosen)]


def recent(session: Session, limit: int = 50, *, open_only: bool = False) -> list[Job]:
    """Newest jobs first."""
    chosen = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
    if open_only:
        chosen = chosen.where(JobRow.state.in_([JobState.QUEUED.value, JobState.RUNNING.value]))
    return [_job(row) for row in session.scalars(chosen)]


def put_off(
    session: Session, delivery: int, now: datetime, *, lanes: Sequence[str] = LANES
) -> tuple[int, dict[str, Any] | None]:
    """How many jobs of a delivery wait because something is away, and what one of them waits for."""
    waits = and_(
        JobRow.delivery == delivery,
        JobRow.lane.in_(lanes),
        JobRow.state == JobState.QUEUED.value,
        JobRow.error.is_not(None),
        JobRow.not_before > now,
    )
    count = session.scalar(select(func.count()).where(waits)) or 0
    return count, session.scalar(select(JobRow.error).where(waits).limit(1))


def unfinished(session: Session, delivery: int | None = None, *, lanes: Sequence[str] = LANES) -> int:
    """How many jobs of these lanes are queued or running."""
    waits = JobRow.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
    chosen = select(func.count()).where(waits, JobRow.lane.in_(lanes))
    if delivery is not None:
        chosen = chosen.where(JobRow.delivery == delivery)
    return session.scalar(chosen) or 0


def steps(session: Session, job: int, stage: str) -> dict[int, dict[str, Any]]:
    """Finished pieces of a stage by position."""
    rows = session.execute(
        select(JobStepRow.position, JobStepRow.result).where(JobStepRow.job == job, JobStepRow.stage == stage)
    )
    return {int(position): result for position, result in rows}


def add_steps(session: Session, job: int, stage: str, results: dict[int, dict[str, Any]]) -> None:
    """Keep finished pieces."""
    if results:
        rows = [
            {"job": job, "stage": stage, "position": position, "result": result} for position, result in results.items()
        ]
        session.execute(insert(JobStepRow), rows)


def _job(row: JobRow) -> Job:
    return Job(
        row.id,
        row.kind,
        JobState(row.state),
        row.title,
        row.stage,
        row.done,
        row.total,
        row.attempts,
        row.delivery,
        row.payload,
        row.item,
        row.error,
        row.receipt,
        row.created,
        row.finished,
        row.worker,
        row.lane,
    )
