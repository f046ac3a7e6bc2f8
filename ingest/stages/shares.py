"""Sharing out the pages of a job: a few at a time, so that a file is not opened anew for every page."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.stages import identify, results, store
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.results import Result
from wenyuan.repo.items import PageKind

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
    labels: tuple[str | None, ...] = ()
    """As printed on each page, for the ALTO of its text; None for a chapter, which gets none."""
    created: datetime | None = None
    """When the job was handed in: the time of the texts' first versions."""
    renew: bool = False
    """Take away what earlier recipes have made, once today's are there."""
    check: bool = False
    """Read what is there, and make anew what is damaged."""

    def parts(self) -> list[PageTask]:
        """Single pages."""
        return [
            replace(
                self,
                indexes=(index,),
                sizes=(self.sizes[place],),
                labels=self.labels[place : place + 1],
            )
            for place, index in enumerate(self.indexes)
        ]

    def killed(self) -> Result:
        """It ended its process: the page is set aside."""
        index = self.indexes[0]
        return {"pages": [{"index": index, **results.killed(self.file.name, index + 1)}]}


def share_out(job: ItemJob) -> dict[int, PageTask]:
    """Pieces by the number of their first page in the job; files in the order handed in."""
    identified, stored = job.results(identify.STAGE), job.results(store.STAGE)
    told = printed_labels(job)
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
                tuple(None if page[0] == PageKind.CHAPTER else label_of(told, file.name, page[4]) for page in some),
                job.job.created,
            )
        number += len(pages)
    return tasks


def printed_labels(job: ItemJob) -> dict[str, str]:
    """What staff says is printed on the pages of a file, by its name without folders in NFC."""
    return {unicodedata.normalize("NFC", name): label for name, label in job.candidate.told.labels.items()}


def label_of(told: dict[str, str], name: str, own: str) -> str:
    """What is printed on a page of a file.

    Args:
        told: `printed_labels`.
        name: of the file, as handed in.
        own: what the file itself says.
    """
    return told.get(unicodedata.normalize("NFC", last_part(name)), own)


def last_part(name: str) -> str:
    """A name without its folders."""
    return name.rsplit("/", 1)[-1]
