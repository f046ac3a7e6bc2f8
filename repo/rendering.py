"""Pictures that ingest has not made: any part of a page in any size, turned, grey, in another format.

Made by libvips from the level of the page's tiles that is next in size, never from the original, within limits of
pixels, time and simultaneous work, and kept in the disk cache. Tiles are decoded in strips as the picture is written,
so that a map of 200 megapixels takes no more memory than a page.
"""

from __future__ import annotations

import ctypes
import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyvips

from wenyuan.repo import tile_streams
from wenyuan.repo.errors import PictureTooSlow, TooManyPictures
from wenyuan.repo.page_images import StoredTiles
from wenyuan.repo.tiles import TILE_SIZE, Tile, TileGrid
from wenyuan.storage.disk_cache import DiskCache
from wenyuan.storage.errors import CacheUnusable, Corrupt, LibraryError

# As in wenyuan.ingest.formats.pixels, which may share our process: what libvips may read is set for the whole process.
pyvips.block_untrusted_set(True)
pyvips.operation_block_set("VipsForeignLoad", True)
for _name in ("Jpeg", "Png", "Tiff", "Webp", "Nsgif"):
    pyvips.operation_block_set(f"VipsForeignLoad{_name}", False)
pyvips.cache_set_max(0)
# As many pictures as are made at once are worked on; more threads for each would only take more memory.
pyvips.concurrency_set(1)
# glibc's M_MMAP_THRESHOLD, which it else raises by itself to 32 MB: buffers of this size go back to the system when
# they are freed. A server kept 80 MB more after a few large pictures. Other C libraries have no such option.
with suppress(AttributeError, OSError):
    ctypes.CDLL(None).mallopt(-3, 1024 * 1024)

PATIENCE_S = 2.0
"""How long a request waits for others to be finished before it is sent away."""
WAITING = 2
"""Requests that may wait for a turn: each holds one of few threads, and others turn pages meanwhile."""
RETRY_AFTER_S = 2
_BLACK_BELOW = 128
"""Of 256 shades, for bitonal pictures."""
_WEBP_EFFORT = 2
"""Of 6: 40 % of the time of libvips' default, which is 4, for 3 % more bytes."""
_LARGE = 4_000_000
"""Pixels: a picture of 20 million takes 60 to 150 MB while it is made, most where it is turned."""
_WEBP_WEIGHT = 8
"""Its encoder takes 30 bytes a pixel where some is transparent."""
_GIVE_BACK_FROM = 1_000_000
"""Pixels decoded and made from which on it is worth 5 ms to return freed memory to the system."""
_SQUARE = 128
"""Pixels of a side of what is turned at a time."""
_MOST_DECODED = 4
"""Pixels decoded for one that is made; what a level twice as large as the picture has."""


class Count:
    """How often something happened; safe for threads."""

    def __init__(self) -> None:
        self.count = 0
        self._guard = threading.Lock()

    def add(self) -> None:
        """Once more."""
        with self._guard:
            self.count += 1


renders = Count()
"""Pictures that this process has decoded pixels for. Turning pages must leave it as it is."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A picture to make.

    Attributes:
        region: x, y, width, height in pixels of the full image, within its edges.
        size: width and height of the picture before it is turned.
        rotation: degrees clockwise.
        mirrored: left and right change places, before it is turned.
        quality: default, gray or bitonal.
        format: jpg, png or webp.
    """

    region: tuple[int, int, int, int]
    size: tuple[int, int]
    rotation: float
    mirrored: bool
    quality: str
    format: str

    @property
    def name(self) -> str:
        """The same for the same picture, whatever version of IIIF asks for it."""
        region, size = ",".join(map(str, self.region)), ",".join(map(str, self.size))
        return f"{region}/{size}/{'!' if self.mirrored else ''}{self.rotation:g}/{self.quality}.{self.format}"

    @property
    def is_large(self) -> bool:
        """Whether it takes so much memory that nothing else should be made at the same time."""
        pixels = self.size[0] * self.size[1]
        return pixels * (_WEBP_WEIGHT if self.format == "webp" else 1) > _LARGE


class _Turns:
    """Who may make a picture now."""

    def __init__(self, at_once: int, patience_s: float) -> None:
        self._at_once = self._free = at_once
        self._patience_s = patience_s
        self._waiting = 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, *, all_of_them: bool) -> Iterator[None]:
        """Wait for a turn, or for all turns, and keep it while the context lasts.

        Raises:
            TooManyPictures: it would take too long, or enough others wait already.
        """
        taken = self._at_once if all_of_them else 1
        with self._changed:
            if self._free < taken and self._waiting >= WAITING:
                raise TooManyPictures(retry_after_s=RETRY_AFTER_S)
            self._waiting += 1
            try:
                if not self._changed.wait_for(lambda: self._free >= taken, self._patience_s):
                    raise TooManyPictures(retry_after_s=RETRY_AFTER_S)
            finally:
                self._waiting -= 1
            self._free -= taken
        try:
            yield
        finally:
            with self._changed:
                self._free += taken
                self._changed.notify_all()


class Renderer:
    """Makes pictures for one server process; safe for threads."""

    def __init__(
        self,
        cache: DiskCache,
        *,
        at_once: int,
        seconds: float,
        quality: int,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Nothing is made yet.

        Args:
            cache: keeps what is made.
            at_once: pictures that are made at the same time.
            seconds: that making one may take.
            quality: of JPEG and WebP.
            patience_s: how long to wait for a turn.
        """
        self._cache = cache
        self._turns = _Turns(at_once, patience_s)
        self._seconds, self._quality = seconds, quality

    def name(self, tiles: StoredTiles, wanted: Rendering) -> str:
        """What a picture is kept as; names its bytes."""
        return f"{tiles.key}#{wanted.name}#q{self._quality}"

    def open(self, tiles: StoredTiles, wanted: Rendering) -> BinaryIO:
        """A picture's bytes, to be read once and closed.

        Raises:
            DerivativeMissing: the tiles are gone, or damaged.
            StoreUnavailable: the store is away, and neither the picture nor the tiles are kept here.
            TooManyPictures: others are being made, and none was finished in time.
            PictureTooSlow: it took longer than it may.
        """
        name = self.name(tiles, wanted)
        kept = self._kept(name)
        if kept:
            return kept
        with self._turns.taken(all_of_them=wanted.is_large):
            with suppress(CacheUnusable):
                self._cache.add(name, lambda target: self._make(tiles, wanted, target))
                kept = self._kept(name)
            if kept:
                return kept
            made = io.BytesIO()
            self._make(tiles, wanted, made)
            made.seek(0)
            return made

    def _kept(self, name: str) -> BinaryIO | None:
        path = self._cache.path(name)
        if path is not None:
            with suppress(FileNotFoundError):  # removed to make room since we asked
                return path.open("rb")
        return None

    def _make(self, tiles: StoredTiles, wanted: Rendering, target: BinaryIO) -> None:
        """Read the tiles, and write the picture while they are decoded."""
        ends = time.monotonic() + self._seconds
        page = tiles.page
        level = _level(page.grid, wanted)
        box = _box(page.grid, wanted.region, level)
        rows = [[self._read(tiles, tile, ends) for tile in row] for row in _covering(level, box)]
        renders.add()
        try:
            source = tile_streams.joined(rows, lambda: time.monotonic() < ends)
            picture = _finished(_scaled(_part(source, box), wanted.size), wanted)
            _watch(picture, ends)
            _write(picture, wanted, self._quality, target)
            del source, picture
            if (box[2] - box[0]) * (box[3] - box[1]) + wanted.size[0] * wanted.size[1] > _GIVE_BACK_FROM:
                _give_back()
        except pyvips.Error as error:
            if time.monotonic() >= ends:
                raise PictureTooSlow(seconds=self._seconds) from error
            raise Corrupt(item=page.item, page=page.key, detail=str(error)[:200]) from error

    def _read(self, tiles: StoredTiles, tile: Tile, ends: float) -> bytes:
        if time.monotonic() >= ends:
            raise PictureTooSlow(seconds=self._seconds)
        return tiles.read(tile)


def _give_back() -> None:
    """Return freed memory to the system, where the C library is one that waits with that (glibc)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _level(grid: TileGrid, wanted: Rendering) -> int:
    """The level to decode: the smallest that is as large as the picture, or smaller where that were too much.

    It is too much for a picture that is far more narrowed than lowered.
    """
    _, _, width, height = wanted.region
    across, down = wanted.size
    level = 0
    last = len(grid.scale_factors) - 1
    while level < last and (
        min(width / across, height / down) >= 2 << level
        or (width * height) >> (2 * level) > _MOST_DECODED * across * down
    ):
        level += 1
    return level


def _box(grid: TileGrid, region: tuple[int, int, int, int], level: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a region in pixels of a level."""
    x, y, width, height = region
    level_width, level_height = grid.level_size(level)
    right = min(level_width, -(-(x + width) >> level))
    bottom = min(level_height, -(-(y + height) >> level))
    return min(x >> level, right - 1), min(y >> level, bottom - 1), right, bottom


def _covering(level: int, box: tuple[int, int, int, int]) -> list[list[Tile]]:
    """The tiles that show a part of a level, row by row."""
    left, top, right, bottom = box
    columns = range(left // TILE_SIZE, -(-right // TILE_SIZE))
    return [
        [Tile(level, column, row) for column in columns] for row in range(top // TILE_SIZE, -(-bottom // TILE_SIZE))
    ]


def _watch(picture: Any, ends: float) -> None:
    """Let the writing of a picture break off when its time is over. Keep it until it is written."""

    def look(image: Any, _progress: Any) -> None:
        if time.monotonic() >= ends:
            image.set_kill(True)

    picture.set_progress(True)
    picture.signal_connect("eval", look)


def _part(joined: Any, box: tuple[int, int, int, int]) -> Any:
    """What lies in a box of a level, of which its first tile is the joined tiles' first."""
    left, top, right, bottom = box
    if (right - left, bottom - top) == (joined.width, joined.height):
        return joined
    return joined.crop(left % TILE_SIZE, top % TILE_SIZE, right - left, bottom - top)


def _scaled(picture: Any, size: tuple[int, int]) -> Any:
    across, down = size[0] / picture.width, size[1] / picture.height
    if (across, down) == (1, 1):
        return picture
    if max(across, down) > 1:
        # Enlarging reads lines more than once; what is enlarged is smaller than what is made.
        picture = picture.copy_memory()
    return picture.resize(across, vscale=down)


def _finished(picture: Any, wanted: Rendering) -> Any:
    """Mirrored, then turned, then its colours taken (IIIF Image API 3.0, §4.6)."""
    if wanted.mirrored:
        picture = picture.fliphor()
    picture = _turned(picture, wanted)
    if wanted.quality == "default":
        return picture
    colours, alpha = (picture[:-1], picture[-1]) if picture.hasalpha() else (picture, None)
    grey = colours.colourspace("b-w")
    if wanted.quality == "bitonal":
        grey = (grey >= _BLACK_BELOW).copy(interpretation="b-w")
    return grey if alpha is None else grey.bandjoin(alpha)


def _turned(picture: Any, wanted: Rendering) -> Any:
    """Turned clockwise; corners are transparent where the format knows that, else white."""
    if not wanted.rotation:
        return picture
    turn: dict[float, Callable[[Any], Any]] = {
        90: lambda each: each.rot90(),
        180: lambda each: each.rot180(),
        270: lambda each: each.rot270(),
    }
    picture = picture.copy_memory()
    if wanted.rotation in turn:
        return turn[wanted.rotation](picture)
    if wanted.format == "jpg":
        turned = picture.rotate(wanted.rotation, background=[255] * picture.bands)
    else:
        turned = picture.addalpha().rotate(wanted.rotation, background=[0] * (picture.bands + 1))
    # By squares: a whole line of the turned picture runs across all of the other one, which it would need at once.
    across = -(-turned.width // _SQUARE)
    return turned.tilecache(tile_width=_SQUARE, tile_height=_SQUARE, max_tiles=2 * across)


def _write(picture: Any, wanted: Rendering, quality: int, target: BinaryIO) -> None:
    """Encode into a stream; no encoder here needs to go back in it."""
    failed: list[Exception] = []

    def write(data: bytes) -> int:
        try:
            target.write(data)
        except (OSError, LibraryError) as error:
            failed.append(error)
            return -1
        return len(data)

    stream = pyvips.TargetCustom()
    stream.on_write(write)
    try:
        if wanted.format == "png":
            bits = 1 if wanted.quality == "bitonal" and picture.bands == 1 else 8
            picture.pngsave_target(stream, bitdepth=bits, keep="none")
        elif wanted.format == "webp":
            picture.webpsave_target(stream, Q=quality, effort=_WEBP_EFFORT, keep="none")
        else:
            picture.jpegsave_target(stream, Q=quality, keep="none")
    except pyvips.Error:
        if failed:
            raise failed[0] from None
        raise
