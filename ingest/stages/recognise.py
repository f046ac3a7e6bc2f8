"""Read the text of one page by OCR, in a process of the pool for OCR, and keep it as a blob.

The picture comes from the stored original, not from what readers see: a scan in its own pixels, a page of a PDF drawn
finely. The engine is opened once in a process.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from wenyuan.ingest import page_frame, reading_choice
from wenyuan.ingest.context import Workplace
from wenyuan.ingest.delivery import error_to_json
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.pixels import VIPS_ERRORS, decoding
from wenyuan.ingest.reading_choice import Known, Reader, Reading
from wenyuan.ingest.stages.opening import StoredFile, blobs, opened
from wenyuan.ingest.stages.results import Result
from wenyuan.repo import layers
from wenyuan.repo.errors import BadInput, ReadingKilled
from wenyuan.repo.history import DAMAGE
from wenyuan.repo.layers import Direction, TextLayer
from wenyuan.repo.recognition_settings import Recognition
from wenyuan.storage.errors import LibraryError

STAGE = "recognise"

DPI = 300
"""Pixels to the inch in which a page of a PDF is drawn for reading; digitisation guidelines name no less for OCR."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecogniseTask:
    """One page.

    Attributes:
        file: the stored original.
        index: 0-based page of the file.
        size: width and height of the page in pixels, to which the boxes of its text refer.
        said: how it is to be read; `engine` is set.
        known: what it was read with before: the same is not done again.
    """

    workplace: Workplace
    file: StoredFile
    index: int
    size: tuple[int, int]
    said: Recognition
    known: tuple[Known, ...] = ()
    again: bool = False
    """Read it all the same."""

    def parts(self) -> list[RecogniseTask]:
        """A page is one part."""
        return [self]

    def killed(self) -> Result:
        """It ended its process: the page is set aside."""
        return {"error": error_to_json(ReadingKilled(file=self.file.name, page=self.index + 1))}


def recognise(task: RecogniseTask) -> Result:
    """Read a page; a page's error does not stop the others.

    Returns:
        `{"sha256", "engine", "settings", "characters", "vertical", "reason"?, "facing_at"?}`: a layer that is kept;
        `{"same": engine}`: nothing would change; `{"error": …}`: why it cannot be read.

    Raises:
        LibraryError: something is away or set wrongly, which is no fault of the page.
    """
    name = task.file.name
    # The engine opens before the clock starts: its networks are no part of the page.
    reader = reading_choice.reader(task.said, task.workplace.settings.ocr_threads, task.known)
    reader.open()
    try:
        with ends_after(task.workplace.settings.ocr_timeout_s), decoding(name):
            return _read(task, reader)
    except (BadInput, *DAMAGE) as error:
        return {"error": error_to_json(error)}
    except (MemoryError, *VIPS_ERRORS):
        return task.killed()
    except LibraryError:
        raise
    except Exception as error:  # noqa: BLE001
        # Whatever an engine's networks raise for odd pixels: a page, not the book, goes without text.
        _log.exception("%s, page %d", name, task.index + 1)
        return {"error": error_to_json(error)}


def _read(task: RecogniseTask, reader: Reader) -> Result:
    known = next((one for one in task.known if reader.would_repeat(one)), None)
    if known is not None and not task.again:
        return {"same": known.engine}
    reading = reader.read(lambda: _picture(task))
    layer = page_frame.in_frame(reading.layer, *task.size)
    kept = blobs(task.workplace).add_bytes(layers.encode(layer))
    return {"sha256": kept, "characters": len(layer.text), **_told(reading, layer)}


def _picture(task: RecogniseTask) -> Any:
    source = opened(task.workplace, task.file)
    width_at = getattr(source, "width_at", None)
    picture = source.picture(task.index, width=width_at(task.index, DPI) if width_at else task.size[0])
    if picture is None:
        raise ValueError("a chapter has no picture")
    return picture


def _told(reading: Reading, layer: TextLayer) -> Result:
    told: Result = {"engine": reading.engine, "settings": reading.settings, "vertical": _is_vertical(layer)}
    told |= {"reason": reading.reason} if reading.reason else {}
    return told | ({"facing": True} if reading.has_facing_pages else {})


def _is_vertical(layer: TextLayer) -> bool:
    columns = sum(len(line.text) for line in layer.lines if line.direction is Direction.TOP_TO_BOTTOM)
    return 2 * columns > sum(len(line.text) for line in layer.lines)
