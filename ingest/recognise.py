"""The job that reads pages of a published item by OCR: page for page, each kept before it counts.

Texts come into the item while the job goes on, so that readers find the first pages of a long book while the last are
still being read. Whatever happens to the item meanwhile (withdrawn, described anew, its pages put into another order, a
line corrected by hand), a text goes to the page whose key it was read for, and a person's correction stays in force:
its origin is trusted more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from wenyuan.ingest import mapping
from wenyuan.ingest.context import Progress, Workplace
from wenyuan.ingest.delivery import error_to_json
from wenyuan.ingest.executors.pool import Pool
from wenyuan.ingest.reading_choice import Known
from wenyuan.ingest.stages import results
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.recognise import STAGE, RecogniseTask, recognise
from wenyuan.ingest.stages.results import Result
from wenyuan.repo import layers, recognising, texts
from wenyuan.repo.catalogue import items, jobs, text_versions
from wenyuan.repo.catalogue.jobs import Job, JobState
from wenyuan.repo.description import Description, ItemKind, ViewingDirection, Writing
from wenyuan.repo.errors import LooksFacing, LooksTurned, LooksVertical
from wenyuan.repo.items import Item, Page, PageKind, Structure, current
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.recognising import Asked
from wenyuan.repo.recognition_settings import NO_ENGINE, Recognition
from wenyuan.repo.texts import NewLayer

AGENT = "wenyuan ocr"

ADDED = "added"
"""Stage of the steps that say which pages' texts are in the item."""
_ADD_EVERY_S = 30.0
"""How long what is read may wait before it is shown; each time is a version of the item."""
_ADD_AT_MOST = 200
"""Pages at once: their texts are held in memory and written in one transaction."""
_READ_ANEW = (Origin.EMBEDDED_OCR, Origin.OCR)
"""Texts of pages that are read once more where somebody asks for the whole item."""
_VERTICAL_SHARE = 0.6
"""Of the pages with some text; from here on the item looks vertical."""
_PICTURES = (ItemKind.PHOTOGRAPH, ItemKind.MAP)
_SOME_TEXT = 20
"""Characters; fewer say nothing of how a page is written."""


@dataclass(slots=True)
class _Reading:
    """A job at work."""

    library: Library
    job: Job
    worker: str
    shown: Callable[[], None]
    item: Item
    structure: Structure
    asked: Asked
    said: Recognition
    read: dict[int, Result] = field(default_factory=dict)
    """By page key."""
    added: set[int] = field(default_factory=set)
    added_at: float = field(default_factory=time.monotonic)


def run(
    library: Library,
    pool: Pool,
    job: Job,
    worker: str,
    progress: Progress,
    shown: Callable[[], None] = lambda: None,
) -> None:
    """Read the pages that the job names and that still want it; end the job with a receipt.

    Args:
        library: whose item it is.
        pool: the one for OCR.
        job: its payload is `wenyuan.repo.recognising.Asked`.
        worker: who has the lease.
        progress: told of each page.
        shown: called when texts have come into the item, to bring them into the index.

    Raises:
        NoSuchItem: there is none.
        Unavailable, Misconfigured: to be tried again.
        LeaseLost: the job is another worker's now.
    """
    reading = _begin(library, job, worker, shown)
    pages = _wanted(reading)
    tasks = _tasks(reading, pages)
    todo = {key: task for key, task in tasks.items() if key not in reading.read}
    total = len(tasks)
    progress(STAGE, len(reading.read), total)
    for finished in mapping.run(pool, recognise, todo, results.first):
        reading.read[finished.position] = finished.result
        with library.catalogue.writing() as session:
            _beat(reading, session, len(reading.read), total)
            jobs.add_steps(session, job.id, STAGE, {finished.position: finished.result})
        progress(STAGE, len(reading.read), total)
        if time.monotonic() - reading.added_at > _ADD_EVERY_S:
            _add(reading)
    _add(reading)
    _end(reading, pages)


def _begin(library: Library, job: Job, worker: str, shown: Callable[[], None]) -> _Reading:
    asked = Asked.from_json(job.payload)
    with library.catalogue.reading() as session:
        item = items.get(session, asked.item)
        said = recognising.effective(session, item, library.settings.ocr_engine, asked.said)
        structure = items.structure(session, item.id)
        read, added = jobs.steps(session, job.id, STAGE), jobs.steps(session, job.id, ADDED)
    return _Reading(library, job, worker, shown, item, structure, asked, said, read, set(added))


def _wanted(reading: _Reading) -> list[Page]:
    """The pages to read, in reading order; those that are read already stay among them."""
    if reading.said.engine == NO_ENGINE:
        return []
    pages = [page for page in reading.structure.pages if page.kind is not PageKind.CHAPTER]
    if reading.asked.pages is not None:
        return [page for page in pages if page.key in reading.asked.pages]
    anew = _READ_ANEW if reading.asked.by else ()
    return [page for page in pages if page.key in reading.read or _is_open(page, anew)]


def _is_open(page: Page, anew: tuple[Origin, ...]) -> bool:
    """Whether a page has no text, or one of these origins."""
    read = current(page.layers)
    return read is None or read.origin in anew


def _tasks(reading: _Reading, pages: list[Page]) -> dict[int, RecogniseTask]:
    workplace = Workplace.of(reading.library.settings)
    tasks: dict[int, RecogniseTask] = {}
    for page in pages:
        file = reading.structure.files[page.file]
        stored = StoredFile(file.sha256, file.path)
        before = [layer for layer in page.layers if layer.origin is Origin.OCR]
        known = tuple(Known(layer.engine, layer.settings) for layer in before)
        size = (page.width, page.height)
        tasks[page.key] = RecogniseTask(
            workplace, stored, page.index, size, reading.said, known, again=reading.asked.again
        )
    return tasks


def _add(reading: _Reading) -> None:
    """Bring what is read into the item: texts, version and the steps that say so, in one transaction each time."""
    held = {page.key: page for page in reading.structure.pages}
    fresh = [key for key in sorted(reading.read) if key not in reading.added and key in held]
    ready = [key for key in fresh if "sha256" in reading.read[key] and _says_something(reading.read[key], held[key])]
    for start in range(0, len(ready), _ADD_AT_MOST):
        keys = ready[start : start + _ADD_AT_MOST]
        _add_pages(reading, keys)
        reading.added |= set(keys)
        reading.shown()
    reading.added_at = time.monotonic()


def _says_something(result: Result, page: Page) -> bool:
    """Whether a text is worth a version: an empty one tells that a page was looked at, but must not hide another."""
    made = (result["sha256"], result["engine"], result["settings"]["asked"])
    held = [(one.sha256, one.engine, one.settings.get("asked")) for one in page.layers]
    return not held or (bool(result["characters"]) and made not in held)


def _add_pages(reading: _Reading, keys: list[int]) -> None:
    with reading.library.catalogue.reading() as session:
        held = text_versions.places(session, reading.item.id, keys)
    # A page that is gone by now takes no other's text with it.
    new = [_layer(reading, key) for key in keys if key in held]
    if not new:
        return

    def also(session: Session) -> None:
        _beat(reading, session)
        jobs.add_steps(session, reading.job.id, ADDED, {key: {} for key in keys})

    texts.add_layers(
        reading.library,
        reading.item.id,
        new,
        reading.asked.by or AGENT,
        also=also,
        detail={"engine": sorted({one.engine for one in new}), "job": reading.job.id},
    )


def _layer(reading: _Reading, key: int) -> NewLayer:
    result = reading.read[key]
    layer = layers.decode(reading.library.blobs.read(result["sha256"]))
    settings = {**result["settings"], **({"reason": result["reason"]} if "reason" in result else {})}
    return NewLayer(key, layer, Origin.OCR, result["engine"], settings)


def _beat(reading: _Reading, session: Session, done: int | None = None, total: int = 0) -> None:
    until = datetime.now(UTC) + timedelta(seconds=reading.library.settings.lease_s)
    told = None if done is None else (STAGE, done, total)
    jobs.beat(session, reading.job.id, reading.worker, until, told)


def _end(reading: _Reading, pages: list[Page]) -> None:
    read = {key: reading.read[key] for key in (page.key for page in pages)}
    receipt: dict[str, Any] = {
        "files": [],
        "pages": len(read),
        "read": sum("sha256" in one and bool(one["characters"]) for one in read.values()),
        "unchanged": sum("same" in one for one in read.values()),
        "without_text": [{"page": key, "reason": one["reason"]} for key, one in read.items() if "reason" in one],
        "refused_pages": [{"page": key, "error": one["error"]} for key, one in read.items() if "error" in one],
        "warnings": _warnings(reading, read),
        "item": reading.item.id,
    }
    with reading.library.catalogue.writing() as session:
        job, now = reading.job.id, datetime.now(UTC)
        jobs.finish(session, job, reading.worker, JobState.DONE, now, item=reading.item.id, receipt=receipt)


def _warnings(reading: _Reading, read: dict[int, Result]) -> list[dict[str, Any]]:
    """What staff may want to know: which way the book is read, which scans show two pages or do not stand upright."""
    with reading.library.catalogue.reading() as session:
        described = items.get(session, reading.item.id).description
        places = items.positions(session, reading.item.id)
    title, found = described.title, list[dict[str, Any]]()
    telling = [one for one in read.values() if one.get("characters", 0) >= _SOME_TEXT]
    columns = sum(_in_columns(one) for one in telling)
    if columns and columns >= _VERTICAL_SHARE * len(telling) and _is_in_lines(described):
        found.append(error_to_json(LooksVertical(file=title, item=reading.item.id, pages=columns)))
    facing = sorted(places[key] for key, one in read.items() if one.get("facing") and key in places)
    if facing:
        found.append(error_to_json(LooksFacing(file=title, item=reading.item.id, pages=_ranges(facing))))
    turned = sorted(places[key] for key, one in read.items() if key in places and one.get("settings", {}).get("turned"))
    if turned:
        found.append(error_to_json(LooksTurned(file=title, item=reading.item.id, pages=_ranges(turned))))
    return found


def _in_columns(result: Result) -> bool:
    """Whether a page is written in columns; the lines of a page that lies on its side only look so."""
    return bool(result["settings"].get("vertical", result["vertical"]))


def _is_in_lines(described: Description) -> bool:
    """Whether the description says so, or nothing; shop signs on a photograph are no reason to turn it otherwise."""
    in_lines = described.writing is Writing.HORIZONTAL
    turned_so = described.viewing_direction is ViewingDirection.LEFT_TO_RIGHT
    return in_lines and turned_so and described.kind not in _PICTURES


def _ranges(numbers: list[int]) -> str:
    """1,2,3,7 as `1-3,7`, as `wenyuan recognise --pages` takes them."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(str(one) for one in part) for part in parts)
