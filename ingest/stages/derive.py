"""Make what readers get of a page: three pictures and a pack of tiles, from one decoding (docs/decisions/009).

Keys name source, page and recipe: what is there already is not made again, whoever asks (docs/decisions/004).
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyvips

from wenyuan.ingest.context import ItemJob, Workplace
from wenyuan.ingest.executors.limits import ends_after
from wenyuan.ingest.formats.pixels import VIPS_ERRORS, decoding
from wenyuan.ingest.stages import results, tiling
from wenyuan.ingest.stages.opening import opened, store
from wenyuan.ingest.stages.results import Result
from wenyuan.ingest.stages.shares import PAGES_AT_ONCE, PageTask, share_out
from wenyuan.repo import recipes as page_recipes
from wenyuan.repo import sealed_jpeg
from wenyuan.repo.errors import BadInput, DamagedSource
from wenyuan.repo.recipes import Recipe, Recipes
from wenyuan.repo.tile_packs import DamagedPack, TilePack
from wenyuan.repo.tiles import TileGrid
from wenyuan.storage.errors import ObjectMissing, StoreFull
from wenyuan.storage.keys import derivative_key

STAGE = "derive"

_HELD_PIXELS = 64_000_000
"""Up to here the pixels are held in memory, 192 MB; a larger picture is read once, from top to bottom."""
_LEAST_ROOM = 32 * 1024**2
"""Bytes: a disk with less is taken for full when something could not be written."""
_BY_RECIPE = re.compile(r"(thumbnail|reading|reading-small|tiles)-\d+-q\d+-v\d+\.(jpg|zip)")
"""Names of what recipes have made, today's and earlier ones."""


def run(job: ItemJob) -> None:
    """Make the derivatives of all pages; results by the number of a piece's first page."""
    job.map(STAGE, derive, share_out(job), results.pages, PAGES_AT_ONCE)


def derive(task: PageTask) -> Result:
    """`{"pages": [{"index", "error"?}]}`; a page's error does not stop the others."""
    made: list[dict[str, Any]] = []
    for index, size in zip(task.indexes, task.sizes, strict=True):
        try:
            with ends_after(task.workplace.page_timeout_s):
                _derive_page(task, index, size)
            made.append({"index": index})
        except (BadInput, MemoryError) as error:
            made.append({"index": index, **results.failed(error, task.file.name, index + 1)})
    return {"pages": made}


def _derive_page(task: PageTask, index: int, size: tuple[int, int]) -> None:
    recipes = Recipes.of(task.workplace.settings)
    wanted = [recipe for recipe in recipes.all if not _is_made(task, index, size, recipe)]
    if wanted:
        picture = opened(task.workplace, task.file).picture(index, width=recipes.reading.width)
        if picture is None:
            return
        if (picture.width, picture.height) != size:
            detail = f"{picture.width} × {picture.height} ≠ {size[0]} × {size[1]}"
            raise DamagedSource(file=task.file.name, detail=detail)
        with tempfile.TemporaryDirectory(prefix="derive-") as folder, _room_in(Path(folder)), decoding(task.file.name):
            _make(task, index, picture, wanted, Path(folder))
    if task.renew:
        _take_away_superseded(task, index, recipes)


def _make(task: PageTask, index: int, picture: Any, wanted: list[Recipe], folder: Path) -> None:
    """Everything that is wanted of a page, its source being read once."""
    page = picture.width, picture.height
    pictures = [recipe for recipe in wanted if recipe.width]
    tiles = next((recipe for recipe in wanted if not recipe.width), None)
    pack: Path | None = None
    if tiles:
        is_held = page[0] * page[1] <= _HELD_PIXELS
        picture = picture.copy_memory() if is_held else picture
        pack = tiling.make_pack(picture, tiles.quality, folder)
        if pictures and not is_held:
            picture = tiling.overview(pack, TileGrid(*page), pictures[-1].width)
    if pictures:
        largest = _resized(picture, *page_recipes.fitted(*page, pictures[-1].width)).copy_memory()
        for recipe in pictures:
            smaller = _resized(largest, *page_recipes.fitted(*page, recipe.width))
            put_jpeg(task.workplace, _key(task, index, recipe), smaller, recipe.quality)
    if tiles and pack:
        with pack.open("rb") as stream:
            store(task.workplace).put(_key(task, index, tiles), stream, media_type="application/zip")


def fitted(picture: Any, width: int) -> Any:
    """Narrowed to a width; never enlarged."""
    return _resized(picture, *page_recipes.fitted(picture.width, picture.height, width))


def _resized(picture: Any, width: int, height: int) -> Any:
    if (picture.width, picture.height) == (width, height):
        return picture
    # To the pixel: addresses name this size.
    return picture.thumbnail_image(width, height=height, size=pyvips.Size.FORCE)


def put_jpeg(workplace: Workplace, key: str, picture: Any, quality: int) -> None:
    """Store a `pyvips.Image` as JPEG; errors of its decoding come out here."""
    data = picture.jpegsave_buffer(Q=quality, optimize_coding=True, quant_table=3, interlace=True, keep="none")
    store(workplace).put(key, io.BytesIO(sealed_jpeg.seal(data)), media_type="image/jpeg")


def is_there(workplace: Workplace, key: str) -> bool:
    """Whether a derivative is made already."""
    try:
        return store(workplace).stat(key).size_bytes > 0
    except ObjectMissing:
        return False


def _key(task: PageTask, index: int, recipe: Recipe) -> str:
    return derivative_key(task.file.sha256, index, recipe.file_name)


def _is_made(task: PageTask, index: int, size: tuple[int, int], recipe: Recipe) -> bool:
    key = _key(task, index, recipe)
    if not task.check:
        return is_there(task.workplace, key)
    try:
        return _is_sound_picture(task, key) if recipe.width else _is_sound_pack(task, key, size)
    except ObjectMissing:
        return False


def _is_sound_picture(task: PageTask, key: str) -> bool:
    """Whether a picture can be decoded to its end."""
    with store(task.workplace).open(key) as stream:
        data = stream.read()
    if not sealed_jpeg.is_sound(data):
        return False
    try:
        pyvips.Image.jpegload_buffer(data, access="sequential", fail_on="error").avg()
    except VIPS_ERRORS:
        return False
    return True


def _is_sound_pack(task: PageTask, key: str, size: tuple[int, int]) -> bool:
    """Whether the index of a pack and all its tiles are what was written."""
    with store(task.workplace).as_file(key) as path, path.open("rb") as stream:

        def read(offset: int, length: int) -> bytes:
            stream.seek(offset)
            return stream.read(length)

        try:
            pack = TilePack.open(read, TileGrid(*size))
            for tile in pack.grid.tiles():
                pack.tile(tile)
        except DamagedPack:
            return False
    return True


def _take_away_superseded(task: PageTask, index: int, recipes: Recipes) -> None:
    """Delete what earlier recipes have made of a page, now that today's are there."""
    today = {_key(task, index, recipe) for recipe in recipes.all}
    folder = derivative_key(task.file.sha256, index, "_").removesuffix("_")
    for found in list(store(task.workplace).list(folder)):
        if found.key not in today and _BY_RECIPE.fullmatch(found.key.removeprefix(folder)):
            store(task.workplace).delete(found.key)


@contextmanager
def _room_in(folder: Path) -> Iterator[None]:
    """A full disk is no fault of the page.

    Raises:
        StoreFull: something could not be written, and there is no room left.
    """
    try:
        yield
    except (DamagedSource, OSError) as error:
        free = shutil.disk_usage(folder).free
        if free < _LEAST_ROOM:
            raise StoreFull(store=str(folder.parent), free_bytes=free, needed_bytes=_LEAST_ROOM) from error
        raise
