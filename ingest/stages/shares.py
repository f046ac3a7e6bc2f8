"""Sharing out the pages of a job: a few at a time, so that a file is not opened anew for every page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.stages import identify, results, store
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.results import Result

PAGES_AT_ONCE = 8
"""What is lost at most when a process dies; small beside the cost of opening a file."""


@dataclass(frozen=True, slots=True)
class PageTask:
    """Some pages of one stored file."""

    workplace: Workplace
    file: StoredFile
    indexes: tuple[int, ...]
    """0-based pages of the file."""
    sizes: tuple[tuple[int, int], ...]
    """Width and height of each, in pixels."""
    text_sha256: str | None = None
    """The text handed in beside a file of one page."""
    text_name: str | None = None
    renew: bool = False
    """Take away what earlier recipes have made, once today's are there."""
    check: bool = False
    """Read what is there, and make anew what is damaged."""

    def parts(self) -> list[PageTask]:
        """Single pages."""
        return [
            replace(self, indexes=(index,), sizes=(size,)) for index, size in zip(self.indexes, self.sizes, strict=True)
        ]

    def killed(self) -> Result:
        """It ended its process: the page is set aside."""
        index = self.indexes[0]
        return {"pages": [{"index": index, **results.killed(self.file.name, index + 1)}]}


def share_out(job: ItemJob) -> dict[int, PageTask]:
    """Pieces by the number of their first page in the job; files in the order handed in."""
    identified, stored = job.results(identify.STAGE), job.results(store.STAGE)
    tasks: dict[int, PageTask] = {}
    number = 0
    for position, file in enumerate(job.candidate.files):
        if "sha256" not in stored.get(position, {}):
            continue
        pages = identified[position]["outline"]["pages"]
        text = stored[position]["text"] if len(pages) == 1 else None
        for start in range(0, len(pages), PAGES_AT_ONCE):
            some = pages[start : start + PAGES_AT_ONCE]
            tasks[number + start] = PageTask(
                job.workplace,
                StoredFile(stored[position]["sha256"], file.name, file.format),
                tuple(page[1] for page in some),
                tuple((page[2], page[3]) for page in some),
                text["sha256"] if text else None,
                file.text_name if text else None,
            )
        number += len(pages)
    return tasks
