"""Making the derivatives of an item anew from its originals: after a rebuild, or when a recipe has changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from wenyuan.ingest import mapping
from wenyuan.ingest.context import Progress, Workplace
from wenyuan.ingest.executors.pool import Pool
from wenyuan.ingest.stages import derive, linearise, package, results
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import PAGES_AT_ONCE, PageTask
from wenyuan.repo.catalogue import items, jobs
from wenyuan.repo.catalogue.jobs import Job, JobState
from wenyuan.repo.items import Page, Structure
from wenyuan.repo.library import Library


def run(library: Library, pool: Pool, job: Job, worker: str, progress: Progress) -> None:
    """Make what is missing; end the job with a receipt of the pages that could not be made.

    What earlier recipes have made of a page serves until today's is there, and is then taken away. With `check` in its
    payload the job also reads what is there, and makes anew what is damaged.

    Raises:
        LeaseLost: the job is another worker's now.
    """
    item = job.payload["item"]
    with library.catalogue.reading() as session:
        structure = items.structure(session, item)
    total = len(structure.pages)
    refused: list[Result] = []
    done = 0
    for result in make(pool, structure, Workplace.of(library.settings), check=bool(job.payload.get("check"))):
        refused += [one for one in (result, *result.get("pages", ())) if "error" in one]
        done += len(result.get("pages", ()))
        with library.catalogue.writing() as session:
            until = datetime.now(UTC) + timedelta(seconds=library.settings.lease_s)
            jobs.beat(session, job.id, worker, until, (derive.STAGE, done, total))
        progress(derive.STAGE, done, total)
    with library.catalogue.writing() as session:
        receipt = {"files": [], "pages": total, "refused_pages": refused, "warnings": []}
        jobs.finish(session, job.id, worker, JobState.DONE, datetime.now(UTC), item=item, receipt=receipt)


def make(
    pool: Pool, structure: Structure, workplace: Workplace, *, check: bool = False, only: int | None = None
) -> Iterator[Result]:
    """Make the derivatives that a published item lacks, what is made once a file first; results as they are ready.

    Args:
        check: whether what is there is read, and made anew where it is damaged.
        only: key of the one page wanted, without what is made once a file; None for everything.
    """
    if only is None:
        originals = [StoredFile(file.sha256, file.path) for file in structure.files if file.role == "original"]
        packages = {
            number: package.PackageTask(workplace, file, renew=True, check=check)
            for number, file in enumerate(originals)
        }
        for finished in mapping.run(pool, package.package, packages, results.first):
            yield finished.result
        documents = linearise.tasks_of(structure, workplace, check=check)
        for finished in mapping.run(pool, linearise.linearise, documents, results.first):
            yield finished.result
    wanted = [page for page in structure.pages if only in (None, page.key)]
    for finished in mapping.run(pool, derive.derive, _share_out(structure, wanted, workplace, check), results.pages):
        yield finished.result


def _share_out(structure: Structure, wanted: list[Page], workplace: Workplace, check: bool) -> dict[int, PageTask]:
    by_file: dict[int, list[tuple[int, tuple[int, int]]]] = {}
    for page in wanted:
        by_file.setdefault(page.file, []).append((page.index, (page.width, page.height)))
    tasks: dict[int, PageTask] = {}
    for number, pages in by_file.items():
        file = structure.files[number]
        stored = StoredFile(file.sha256, file.path)
        for start in range(0, len(pages), PAGES_AT_ONCE):
            some = sorted(pages)[start : start + PAGES_AT_ONCE]
            indexes, sizes = tuple(index for index, _ in some), tuple(size for _, size in some)
            tasks[len(tasks)] = PageTask(workplace, stored, indexes, sizes, renew=True, check=check)
    return tasks
