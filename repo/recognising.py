"""Which pages want reading by OCR, how, and the jobs that do it. Used where items are published, and by staff.

A job is a row in the lane `ocr` (`wenyuan.repo.catalogue.jobs`); what it does is `wenyuan.ingest.recognise`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import collections, jobs
from wenyuan.repo.catalogue.jobs import OCR, RECOGNISE, JobState
from wenyuan.repo.catalogue.schema import JobRow, PageRow, TextLayerRow
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.recognition_settings import NO_ENGINE, Recognition


@dataclass(frozen=True, slots=True)
class Asked:
    """What a job is asked to do; its payload.

    Attributes:
        item: id.
        pages: keys; None for all that have no text, and where somebody asks, those read by OCR before, too.
        said: for this one time, over what item and collections say.
        again: read pages anew even where nothing would change.
        by: who asked; empty: the library itself, when the item came in.
    """

    item: str
    pages: tuple[int, ...] | None = None
    said: Recognition = field(default_factory=Recognition)
    again: bool = False
    by: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the job's row."""
        said = self.said.model_dump(mode="json", exclude_defaults=True)
        pages = None if self.pages is None else list(self.pages)
        return {"item": self.item, "pages": pages, "said": said, "again": self.again, "by": self.by}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Asked:
        """From the job's row."""
        pages = None if document["pages"] is None else tuple(document["pages"])
        said = Recognition.model_validate(document["said"])
        return cls(document["item"], pages, said, document["again"], document["by"])


@dataclass(frozen=True, slots=True)
class Unread:
    """An item with pages that have no text, and no job that would read them."""

    item: str
    pages: tuple[int, ...]
    """Their keys."""


def effective(session: Session, item: Item, engine: str, said: Recognition | None = None) -> Recognition:
    """How pages of an item are to be read: said this time, of the item, of the collections above; the nearest counts.

    Args:
        engine: of the settings, for where nobody names one.
        said: for this time.

    Returns:
        `engine` is set.
    """
    found = said or Recognition()
    found = found.over(item.description.recognition)
    for key in reversed(collections.keys_above(session, item.collection)):
        found = found.over(collections.get(session, key).recognition)
    return found.over(Recognition(engine=engine))


def queue(
    session: Session, item: Item, asked: Asked, engine: str, now: datetime, *, delivery: int | None = None
) -> int | None:
    """Queue a job, in the caller's transaction; its number, or None where no engine is to read the item.

    Args:
        item: that `asked` is about.
        engine: of the settings.
        delivery: with which the item came.
    """
    if effective(session, item, engine, asked.said).engine == NO_ENGINE:
        return None
    title = item.description.title
    return jobs.add(session, RECOGNISE, title, asked.to_json(), now, lane=OCR, delivery=delivery, item=item.id)


def unread(session: Session, among: Sequence[str] | None = None) -> Iterator[Unread]:
    """Items with pages that have no text at all, and for which no job waits or runs; by id.

    A page on which OCR found nothing has a text: an empty one.

    Args:
        among: only these items; None for all.
    """
    waits = JobRow.state.in_([JobState.QUEUED.value, JobState.RUNNING.value])
    told = select(JobRow.id).where(JobRow.kind == RECOGNISE, JobRow.item == PageRow.item, waits).exists()
    has_text = and_(TextLayerRow.item == PageRow.item, TextLayerRow.page == PageRow.key)
    chosen = (
        select(PageRow.item, PageRow.key)
        .where(PageRow.kind != PageKind.CHAPTER.value, ~select(TextLayerRow.page).where(has_text).exists(), ~told)
        .order_by(PageRow.item, PageRow.position)
        .execution_options(yield_per=1000)
    )
    if among is not None:
        chosen = chosen.where(PageRow.item.in_(among))
    at, keys = "", list[int]()
    for item, key in session.execute(chosen):
        if item != at:
            if keys:
                yield Unread(at, tuple(keys))
            at, keys = item, []
        keys.append(key)
    if keys:
        yield Unread(at, tuple(keys))
