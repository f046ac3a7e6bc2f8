"""Make what readers get: page pictures in three sizes from one decoding, and the package of an e-book.

Keys name source, page and recipe: what is there already is not made again, whoever asks (docs/decisions/004).
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import pyvips

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.pixels import decoding
from wenyuan.ingest.formats.source import Source
from wenyuan.ingest.stages import results
from wenyuan.ingest.stages.opening import StoredFile, opened, store
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import PAGES_AT_ONCE, PageTask, share_out
from wenyuan.repo.errors import BadInput
from wenyuan.repo.packages import PACKAGE
from wenyuan.repo.pictures import COVER, READING, RECIPES, THUMBNAIL, Recipe
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
                if index == 0:
                    _package(task.workplace, task.file)
                _pictures(task.workplace, task.file, index)
            made.append({"index": index})
        except (BadInput, MemoryError) as error:
            made.append({"index": index, **results.failed(error)})
    return {"pages": made}


def _pictures(workplace: Workplace, file: StoredFile, index: int) -> None:
    wanted = [recipe for recipe in RECIPES.values() if not _is_there(workplace, _key(file, index, recipe))]
    if not wanted:
        return
    picture = opened(workplace, file).picture(index, width=READING.width)
    if picture is None:
        return
    with decoding(file.name):
        largest = _fitted(picture, max(recipe.width for recipe in wanted)).copy_memory()
        for recipe in wanted:
            _put_jpeg(workplace, _key(file, index, recipe), _fitted(largest, recipe.width), recipe.quality)


def _fitted(picture: Any, width: int) -> Any:
    """Narrowed to a width; never enlarged."""
    if picture.width <= width:
        return picture
    return picture.thumbnail_image(width, height=10_000_000, size=pyvips.Size.DOWN)


def _package(workplace: Workplace, file: StoredFile) -> None:
    key = derivative_key(file.sha256, 0, PACKAGE)
    source = opened(workplace, file)
    if not _is_there(workplace, key):
        with tempfile.TemporaryDirectory(prefix="wenyuan-") as folder:
            target = Path(folder) / "package.zip"
            if source.package(target):
                with target.open("rb") as stream:
                    store(workplace).put(key, stream, media_type="application/zip")
    _cover(workplace, file, source)


def _cover(workplace: Workplace, file: StoredFile, source: Source) -> None:
    """An e-book's own cover; a damaged one is no reason to refuse the book."""
    find = getattr(source, "cover", None)
    key = derivative_key(file.sha256, 0, COVER)
    if find is None or _is_there(workplace, key):
        return
    try:
        picture = find()
        if picture is not None:
            with decoding(file.name):
                _put_jpeg(workplace, key, _fitted(picture, 2 * THUMBNAIL.width), THUMBNAIL.quality)
    except BadInput:
        return


def _key(file: StoredFile, index: int, recipe: Recipe) -> str:
    return derivative_key(file.sha256, index, recipe.file_name)


def _is_there(workplace: Workplace, key: str) -> bool:
    try:
        store(workplace).stat(key)
    except ObjectMissing:
        return False
    return True


def _put_jpeg(workplace: Workplace, key: str, picture: Any, quality: int) -> None:
    data = picture.jpegsave_buffer(Q=quality, optimize_coding=True, interlace=False, keep="none", background=[255])
    store(workplace).put(key, io.BytesIO(data), media_type="image/jpeg")
