"""The text that pages bring with them: born digital, embedded in a scan, or handed in beside the picture.

It is kept in the compact form for reading and as ALTO 4 for preservation.
"""

from __future__ import annotations

from typing import Any

from wenyuan.ingest.context import ItemJob
from wenyuan.ingest.delivery import error_to_json
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.source import FoundText, Source
from wenyuan.ingest.stages import results
from wenyuan.ingest.stages.opening import blobs, opened
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import PAGES_AT_ONCE, PageTask, last_part, share_out
from wenyuan.repo import alto, hocr, layers
from wenyuan.repo.alto_writing import to_alto
from wenyuan.repo.errors import BadInput, InvalidMetadata
from wenyuan.repo.layers import Line, Origin, Region, TextLayer

STAGE = "extract"


def run(job: ItemJob) -> None:
    """Read the text of all pages; results by the number of a piece's first page."""
    job.map(STAGE, extract, share_out(job), results.pages, PAGES_AT_ONCE)


def extract(task: PageTask) -> Result:
    """`{"pages": [{"index", "layer": {…} | None, "warning"?, "error"?}]}`; a page's error does not stop the others."""
    found: list[dict[str, Any]] = []
    for index, size, label in zip(task.indexes, task.sizes, task.labels, strict=True):
        try:
            with ends_after(task.workplace.page_timeout_s):
                found.append({"index": index, **_page(task, opened(task.workplace, task.file), index, size, label)})
        except (BadInput, MemoryError) as error:
            found.append({"index": index, **results.failed(error, task.file.name, index + 1)})
    return {"pages": found}


def _page(task: PageTask, source: Source, index: int, size: tuple[int, int], label: str | None) -> Result:
    warning: dict[str, Any] = {}
    text: FoundText | None = None
    if task.text_sha256:
        try:
            text = _beside(task, size)
        except ValueError as error:
            told = InvalidMetadata(file=task.text_name, field="", problem=str(error))
            warning = {"warning": error_to_json(told)}
    text = text or source.text(index)
    if text is None or not text.layer.text.strip():
        return {"layer": None, **warning}
    kept = blobs(task.workplace).add_bytes(layers.encode(text.layer))
    layer = {"sha256": kept, "origin": text.origin.value, "engine": text.engine, "text": text.layer.text}
    if label is not None:
        layer["alto"] = blobs(task.workplace).add_bytes(_alto(task, text, label))
    return {"layer": layer, **warning}


def _alto(task: PageTask, text: FoundText, label: str) -> bytes:
    assert task.created is not None
    source = last_part(task.file.name)
    return to_alto(text.layer, source=source, page_label=label, engine=text.engine, created=task.created)


def _beside(task: PageTask, size: tuple[int, int]) -> FoundText:
    """The ALTO, hOCR or plain text handed in beside the page.

    Raises:
        ValueError: it is none of them.
    """
    data = blobs(task.workplace).read(task.text_sha256 or "")
    if (task.text_name or "").lower().endswith(".txt"):
        if b"\0" in data:
            raise ValueError("NUL")  # no database keeps it
        lines = tuple(Line(line.strip()) for line in data.decode("utf-8-sig", "strict").splitlines() if line.strip())
        return FoundText(TextLayer(*size, (Region(lines),)), Origin.IMPORTED, "plain text")
    if hocr.is_hocr(data):
        return FoundText(hocr.read_hocr(data, *size), Origin.IMPORTED, "hocr")
    return FoundText(alto.read_alto(data, *size), Origin.IMPORTED, "alto")
