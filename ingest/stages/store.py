"""Put the originals into storage, as they are, before anything is made of them. The same bytes are stored once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.stages import identify, results
from wenyuan.ingest.stages.opening import blobs
from wenyuan.ingest.stages.results import Result
from wenyuan.repo.errors import UnreadableFile

STAGE = "store"


@dataclass(frozen=True, slots=True)
class StoreTask:
    """One file as handed in, with the text beside it."""

    workplace: Workplace
    path: str
    name: str
    media_type: str
    text: str | None

    def parts(self) -> list[StoreTask]:
        """A file is one part."""
        return [self]

    def killed(self) -> Result:
        """Its process ended."""
        return results.killed(self.name, None)


def run(job: ItemJob) -> None:
    """Store every file that could be identified; results by position."""
    identified = job.results(identify.STAGE)
    tasks = {
        position: StoreTask(job.workplace, file.path, file.name, file.media_type, file.text)
        for position, file in enumerate(job.candidate.files)
        if "outline" in identified[position]
    }
    job.map(STAGE, store, tasks, results.first)


def store(task: StoreTask) -> Result:
    """`{"sha256", "size_bytes", "created", "text": {…} | None}` or `{"error": …}`.

    Raises:
        Unavailable: the store is away or full; the job waits.
    """
    try:
        kept = _put(task, task.path, task.media_type)
        text = _put(task, task.text, _text_type(task.text)) if task.text else None
    except OSError as error:
        return results.failed(UnreadableFile(file=task.name, detail=str(error.strerror)), task.name)
    return {**kept, "text": text}


def _text_type(path: str) -> str:
    """Of a text beside a page. hOCR as its standard calls it, which no browser runs scripts of."""
    types = {".txt": "text/plain", ".xml": "text/xml", ".alto": "text/xml"}
    return types.get(Path(path).suffix.lower(), "text/vnd.hocr+html")


def _put(task: StoreTask, path: str, media_type: str) -> Result:
    with Path(path).open("rb") as source:
        receipt = blobs(task.workplace).add(source, media_type=media_type)
    return {
        "sha256": receipt.sha256,
        "size_bytes": receipt.size_bytes,
        "created": receipt.created,
        "media_type": media_type,
    }
