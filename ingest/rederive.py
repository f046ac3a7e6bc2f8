"""Making the derivatives of an item anew from its originals: after a rebuild, or when a recipe has changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wenyuan.ingest import mapping
from wenyuan.ingest.context import Progress, Workplace
from wenyuan.ingest.executors.pool import Pool
from wenyuan.ingest.stages import derive, package, results
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.shares import PAGES_AT_ONCE, PageTask
from wenyuan.repo.catalogue import items, jobs
from wenyuan.repo.catalogue.jobs import Job, JobState
from wenyuan.repo.items import Structure
from wenyuan.repo.library import Library


def run(library: Library, pool: Pool, job: Job, worker: str, progress: Progress) -> None:
    """Make what is missing; end the job with a receipt of the pages that could not be made.

    Raises:
        LeaseLost: the job is another worker's now.
    """
    item = job.payload["item"]
    with library.catalogue.reading() as session:
        structure = items.structure(session, item)
    workplace = Workplace.of(library.settings)
    tasks = _share_out(structure, workplace)
    total = len(structure.pages)
    refused: list[dict[str, object]] = []
    done = 0
    originals = [StoredFile(file.sha256, file.path) for file in structure.files if file.role == "original"]
    packages = {number: package.PackageTask(workplace, file) for number, file in enumerate(originals)}
    for finished in mapping.run(pool, package.package, packages, results.first):
        refused += [finished.result] if "error" in finished.result else []
    for finished in mapping.run(pool, derive.derive, tasks, results.pages):
        done += len(finished.result["pages"])
        refused += [page for page in finished.result["pages"] if "error" in page]
        with library.catalogue.writing() as session:
            until = datetime.now(UTC) + timedelta(seconds=library.settings.lease_s)
            jobs.beat(session, job.id, worker, until, (derive.STAGE, done, total))
        progress(derive.STAGE, done, total)
    with library.catalogue.writing() as session:
        receipt = {"files": [], "pages": total, "refused_pages": refused, "warnings": []}
        jobs.finish(session, job.id, worker, JobState.DONE, datetime.now(UTC), item=item, receipt=receipt)


def _share_out(structure: Structure, workplace: Workplace) -> dict[int, PageTask]:
    by_file: dict[int, list[tuple[int, tuple[int, int]]]] = {}
    for page in structure.pages:
        by_file.setdefault(page.file, []).append((page.index, (page.width, page.height)))
    tasks: dict[int, PageTask] = {}
    for number, pages in by_file.items():
        file = structure.files[number]
        stored = StoredFile(file.sha256, file.path)
        for start in range(0, len(pages), PAGES_AT_ONCE):
            some = sorted(pages)[start : start + PAGES_AT_ONCE]
            tasks[len(tasks)] = PageTask(
                workplace, stored, tuple(index for index, _ in some), tuple(size for _, size in some)
            )
    return tasks
