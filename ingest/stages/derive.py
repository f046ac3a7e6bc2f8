"""Make the page pictures that readers get, in three sizes from one decoding.

Keys name source, page and recipe: what is there already is not made again, whoever asks (docs/decisions/004).
"""

from __future__ import annotations

import io
from typing import Any

import pyvips

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.pixels import decoding
from wenyuan.ingest.stages import results
from wenyuan.ingest.stages.opening import StoredFile, opened, store
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import PAGES_AT_ONCE, PageTask, share_out
from wenyuan.repo.errors import BadInput
from wenyuan.repo.pictures import READING, RECIPES, Recipe
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key

STAGE = "derive"


def run(job: ItemJob) -> None:
    """Make the derivatives of all pages; results by the number of a piece's first page."""
    job.map(STAGE, derive, share_out(job), results.pages, PAGES_AT_ONCE)


def derive(task: PageTask) -> Result:
    """`{"pages": [{"index", "error"?}]}`; a page's error does not stop the others."""
    made: list[dict[str, Any]] = []
    for index in task.indexes:
        try:
            with ends_after(task.workplace.page_timeout_s):
                _pictures(task.workplace, task.file, index)
            made.append({"index": index})
        except (BadInput, MemoryError) as error:
            made.append({"index": index, **results.failed(error, task.file.name, index + 1)})
    return {"pages": made}


def _pictures(workplace: Workplace, file: StoredFile, index: int) -> None:
    wanted = [recipe for recipe in RECIPES.values() if not is_there(workplace, _key(file, index, recipe))]
    if not wanted:
        return
    picture = opened(workplace, file).picture(index, width=READING.width)
    if picture is None:
        return
    with decoding(file.name):
        largest = fitted(picture, max(recipe.width for recipe in wanted)).copy_memory()
        for recipe in wanted:
            put_jpeg(workplace, _key(file, index, recipe), fitted(largest, recipe.width), recipe.quality)


def fitted(picture: Any, width: int) -> Any:
    """Narrowed to a width; never enlarged."""
    if picture.width <= width:
        return picture
    return picture.thumbnail_image(width, height=10_000_000, size=pyvips.Size.DOWN)


def _key(file: StoredFile, index: int, recipe: Recipe) -> str:
    return derivative_key(file.sha256, index, recipe.file_name)


def is_there(workplace: Workplace, key: str) -> bool:
    """Whether a derivative is made already."""
    try:
        store(workplace).stat(key)
    except ObjectMissing:
        return False
    return True


def put_jpeg(workplace: Workplace, key: str, picture: Any, quality: int) -> None:
    """Store a `pyvips.Image` as JPEG; errors of its decoding come out here."""
    data = picture.jpegsave_buffer(Q=quality, optimize_coding=True, interlace=False, keep="none", background=[255])
    store(workplace).put(key, io.BytesIO(data), media_type="image/jpeg")
