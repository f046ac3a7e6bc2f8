"""The PDF that readers of a born-digital one are served in byte ranges: once a file, after its text is known.

It never refuses a book: what cannot be linearised is noted beside, and its original is served as it is.
"""

from __future__ import annotations

import io
import json
import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats import pdf_linear
from wenyuan.ingest.stages import extract, results, store
from wenyuan.ingest.stages.derive import is_there
from wenyuan.ingest.stages.opening import StoredFile, blobs
from wenyuan.ingest.stages.opening import store as open_store
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import share_out
from wenyuan.repo.errors import BadInput
from wenyuan.repo.items import PageKind, Structure, current
from wenyuan.repo.layers import Origin
from wenyuan.repo.linear_pdf import LINEAR, MEDIA_TYPE, UNFIT, is_born_digital
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key

STAGE = "linearise"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LineariseTask:
    """One stored PDF."""

    workplace: Workplace
    file: StoredFile
    check: bool = False
    """Read what is there, and make it anew where it is damaged."""

    def parts(self) -> list[LineariseTask]:
        """A file is one part."""
        return [self]

    def killed(self) -> Result:
        """It took more time or memory than it may: readers get the original."""
        note_unfit(self, results.killed(self.file.name, None)["error"])
        return {"linear": False}


def run(job: ItemJob) -> None:
    """Linearise the born-digital PDFs of the job; results by position."""
    stored = job.results(store.STAGE)
    origins = _origins(job)
    tasks: dict[int, LineariseTask] = {}
    for position, file in enumerate(job.candidate.files):
        sha256 = stored.get(position, {}).get("sha256")
        if sha256 and file.media_type == MEDIA_TYPE and is_born_digital(origins.get((sha256, file.name), ())):
            tasks[position] = LineariseTask(job.workplace, StoredFile(sha256, file.name, file.format))
    job.map(STAGE, linearise, tasks, results.first)


def tasks_of(structure: Structure, workplace: Workplace, *, check: bool) -> dict[int, LineariseTask]:
    """The tasks of a published item, by position of its files."""
    origins: dict[int, list[Origin | None]] = {}
    for page in structure.pages:
        if page.kind is PageKind.DOCUMENT:
            read = current(page.layers)
            origins.setdefault(page.file, []).append(read.origin if read else None)
    return {
        number: LineariseTask(workplace, StoredFile(file.sha256, file.path), check=check)
        for number, file in enumerate(structure.files)
        if file.media_type == MEDIA_TYPE and is_born_digital(origins.get(number, ()))
    }


def linearise(task: LineariseTask) -> Result:
    """`{"linear": whether it is linearised}`; what stands against it is kept beside."""
    with ends_after(task.workplace.page_timeout_s):
        if _is_made(task):
            return {"linear": True}
        try:
            with tempfile.TemporaryDirectory(prefix="linearise-") as folder:
                target = Path(folder) / LINEAR
                with blobs(task.workplace).as_file(task.file.sha256) as source:
                    pdf_linear.linearise(source, target, task.file.name)
                with target.open("rb") as stream:
                    open_store(task.workplace).put(_key(task, LINEAR), stream, media_type=MEDIA_TYPE)
        except (BadInput, MemoryError) as error:
            note_unfit(task, results.failed(error, task.file.name)["error"])
            return {"linear": False}
    open_store(task.workplace).delete(_key(task, UNFIT))
    return {"linear": True}


def note_unfit(task: LineariseTask, why: Result) -> None:
    """Say beside the place of the linearised PDF why there is none, so that nobody takes it for lost."""
    _log.warning("%s is served as it is: %s", task.file.name, why)
    note = json.dumps(why, ensure_ascii=False).encode()
    open_store(task.workplace).delete(_key(task, LINEAR))
    open_store(task.workplace).put(_key(task, UNFIT), io.BytesIO(note), media_type="application/json")


def _is_made(task: LineariseTask) -> bool:
    key = _key(task, LINEAR)
    if not task.check:
        return is_there(task.workplace, key)
    try:
        with open_store(task.workplace).as_file(key) as path:
            return pdf_linear.is_sound(path)
    except ObjectMissing:
        return False


def _key(task: LineariseTask, recipe: str) -> str:
    return derivative_key(task.file.sha256, 0, recipe)


def _origins(job: ItemJob) -> dict[tuple[str, str], list[Origin | None]]:
    """Where the text of each page comes from, by digest and name of its file."""
    tasks, found = share_out(job), dict[tuple[str, str], list[Origin | None]]()
    for start, result in job.results(extract.STAGE).items():
        pages: Iterable[Result] = result["pages"]
        file = tasks[start].file
        origins = (page["layer"]["origin"] if page.get("layer") else None for page in pages)
        found.setdefault((file.sha256, file.name), []).extend(Origin(origin) if origin else None for origin in origins)
    return found
