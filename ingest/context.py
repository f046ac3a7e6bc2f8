"""What a stage gets: plain values for the processes that work on pages, and the job for the stage itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wenyuan.ingest import mapping
from wenyuan.ingest.delivery import Candidate
from wenyuan.ingest.executors.pool import Pool
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.catalogue import jobs
from wenyuan.repo.catalogue.jobs import Job
from wenyuan.repo.library import Library
from wenyuan.repo.settings import Settings

Progress = Callable[[str, int, int], None]
"""(stage, pieces done, pieces in all)"""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a process needs to open the store and to keep to the limits. Picklable."""

    settings: Settings
    limits: Limits
    page_timeout_s: int

    @classmethod
    def of(cls, settings: Settings) -> Workplace:
        """The limits that the settings name."""
        limits = Limits(
            max_pixels=settings.max_megapixels * 1_000_000,
            max_pages=settings.max_pages,
            max_archive_entries=settings.max_archive_entries,
            max_archive_bytes=settings.max_archive_mb * 1024**2,
            max_text_bytes=settings.max_text_mb * 1024**2,
        )
        return cls(settings, limits, settings.page_timeout_s)


@dataclass(slots=True)
class ItemJob:
    """One candidate on its way through the stages.

    What a stage has done is kept in the job's steps, so a restart goes on.
    """

    library: Library
    pool: Pool
    job: Job
    worker: str
    candidate: Candidate
    progress: Progress = field(default=lambda _stage, _done, _total: None)

    @property
    def workplace(self) -> Workplace:
        """For tasks."""
        return Workplace.of(self.library.settings)

    def results(self, stage: str) -> dict[int, dict[str, Any]]:
        """What a stage has kept, by position."""
        with self.library.catalogue.reading() as session:
            return jobs.steps(session, self.job.id, stage)

    def map(
        self, stage: str, function: mapping.Function, tasks: dict[int, Any], join: mapping.Join, weight: int = 1
    ) -> dict[int, dict[str, Any]]:
        """Run the pieces of a stage that are not done yet and keep each result; all results.

        Args:
            weight: how many pages a piece stands for, for the progress told.

        Raises:
            LeaseLost: the job is another worker's now.
        """
        kept = self.results(stage)
        todo = {position: task for position, task in tasks.items() if position not in kept}
        total = len(tasks) * weight
        self.progress(stage, len(kept) * weight, total)
        for finished in mapping.run(self.pool, function, todo, join):
            kept[finished.position] = finished.result
            with self.library.catalogue.writing() as session:
                done = (stage, min(total, len(kept) * weight), total)
                jobs.beat(session, self.job.id, self.worker, self._lease_end(), done)
                jobs.add_steps(session, self.job.id, stage, {finished.position: finished.result})
            self.progress(*done)
        return kept

    def keep(self, stage: str, found: dict[int, dict[str, Any]]) -> None:
        """Keep results that were not made by `map`.

        Raises:
            LeaseLost: the job is another worker's now.
        """
        with self.library.catalogue.writing() as session:
            jobs.beat(session, self.job.id, self.worker, self._lease_end())
            jobs.add_steps(session, self.job.id, stage, found)

    def beat(self) -> None:
        """Renew the lease.

        Raises:
            LeaseLost: the job is another worker's now.
        """
        with self.library.catalogue.writing() as session:
            jobs.beat(session, self.job.id, self.worker, self._lease_end())

    def _lease_end(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.library.settings.lease_s)
