"""Pictures handed in as files: scans, photographs, maps. JPEG, PNG, TIFF, WebP and GIF by libvips, the rest by Pillow.

Pillow reads what libvips' wheel (8.18) cannot: JPEG 2000, BMP, and TIFFs with JPEG of the old style. Of an animation
the first frame counts. Pages have no labels: a picture does not say what is printed on it.
"""

from __future__ import annotations

import shutil
import struct
import tempfile
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyvips
from PIL import Image

from wenyuan.ingest.formats import image_metadata, tiff_directories
from wenyuan.ingest.formats.pixels import (
    VIPS_ERRORS,
    check_pixels,
    decoding,
    detail_of,
    dimensions,
    from_memory,
    orientation,
    upright_srgb,
)
from wenyuan.ingest.formats.source import Format, FoundText, Limits, Outline, PageOutline
from wenyuan.repo.errors import DamagedSource, TooLarge, UnreadableFile
from wenyuan.repo.items import PageKind

# Ours is checked from the header first (Limits.max_pixels); Pillow's own limit would refuse large maps.
Image.MAX_IMAGE_PIXELS = None

_JP2_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM = b"\xff\x4f\xff\x51"
_HELD_PIXELS = 32_000_000
"""Up to here a picture that must be turned is held in memory; libvips itself would map a larger one from a file."""
_BAND_ROWS = 256
_PILLOW_FORMATS = ("JPEG2000", "BMP", "TIFF")
# Everything that Pillow 13 was seen to raise for changed bytes (tests/unit/ingest/test_images.py).
_PILLOW_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, AttributeError, EOFError, OverflowError,
    struct.error, RuntimeError, MemoryError, ZeroDivisionError, Image.DecompressionBombError,
)  # fmt: skip


def _media_type(head: bytes, name: str) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] in tiff_directories.MAGIC:
        return "image/tiff"
    if head.startswith((_JP2_SIGNATURE, _CODESTREAM)):
        return "image/jp2"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    # Two letters are a weak sign; the reserved bytes and the size of the header behind them make it one.
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:18] in _BMP_HEADERS:
        return "image/bmp"
    return ""


_BMP_HEADERS = {struct.pack("<L", size) for size in (12, 40, 52, 56, 64, 108, 124)}

FORMAT = Format(
    name="images",
    media_types={
        ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".jpe": "image/jpeg", ".png": "image/png",
        ".tif": "image/tiff", ".tiff": "image/tiff", ".btf": "image/tiff",
        ".jp2": "image/jp2", ".j2k": "image/jp2", ".jpf": "image/jp2", ".jpx": "image/jp2", ".j2c": "image/jp2",
        ".webp": "image/webp", ".gif": "image/gif", ".bmp": "image/bmp", ".dib": "image/bmp",
    },
    score=lambda head, name: 90 if _media_type(head, name) else 0,
    media_type=_media_type,
)  # fmt: skip

_VIPS: dict[str, Callable[..., Any]] = {
    "image/jpeg": pyvips.Image.jpegload,
    "image/png": pyvips.Image.pngload,
    "image/tiff": pyvips.Image.tiffload,
    "image/webp": pyvips.Image.webpload,
    "image/gif": pyvips.Image.gifload,
}


def open_source(path: Path, file: str, limits: Limits) -> Pictures:
    """Open a picture file; only its headers are read.

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much the file may ask of us.

    Raises:
        DamagedSource: its header is broken.
        TooLarge: more pages than the limit, or a page of more pixels.
        UnreadableFile: the operating system refuses.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise UnreadableFile(file=file, detail=error.strerror or str(error)) from error
    return Pictures(path, file, limits, _media_type(head, path.name))


class Pictures:
    """A file of one or more pictures; fulfils `Source`."""

    def __init__(self, path: Path, file: str, limits: Limits, media_type: str) -> None:
        self._path, self._file, self._limits, self._media_type = path, file, limits, media_type
        self._frames = self._directories() if media_type == "image/tiff" else []
        self._sizes = [self._checked_size(index) for index in range(max(1, len(self._frames)))]
        self._tiled: weakref.finalize[..., Pictures] | None = None

    def outline(self) -> Outline:
        """One page a picture, without label; what the first one says of itself."""
        pages = tuple(
            PageOutline(PageKind.IMAGE, index, width, height) for index, (width, height) in enumerate(self._sizes)
        )
        suggestion = {} if self._by_pillow(0) else image_metadata.suggestion(self._header(0))
        return Outline(pages, suggestion=suggestion)

    def text(self, index: int) -> FoundText | None:
        """None: pictures bring no text."""
        return None

    def picture(self, index: int, *, width: int) -> Any:
        """The picture in full size, as a `pyvips.Image` that may be read only once, from top to bottom.

        It is decoded when it is read: do that inside `pixels.decoding(file)`. To read it again, keep `copy_memory()`.

        Raises:
            DamagedSource: broken in a way that shows before pixels are read.
        """
        if self._by_pillow(index):
            return upright_srgb(self._decoded_by_pillow(index))
        image = self._header(index)
        if orientation(image) != 1:  # turning needs rows in another order than the file has them
            held = image.width * image.height <= _HELD_PIXELS
            image = self._open(index, access="random") if held else self._as_tiles(image)
        with decoding(self._file):
            return upright_srgb(image)

    def package(self, target: Path) -> bool:
        """False: readers get derivatives, not packages."""
        return False

    def close(self) -> None:
        """Remove what was written to the disk."""
        if self._tiled is not None:
            self._tiled()
            self._tiled = None

    def _directories(self) -> list[tiff_directories.Directory]:
        try:
            found = tiff_directories.pages(self._path, self._limits.max_pages)
        except (ValueError, OSError) as error:
            raise DamagedSource(file=self._file, detail=str(error)) from error
        if len(found) > self._limits.max_pages:
            raise TooLarge(
                file=self._file,
                found=len(found),
                limit=self._limits.max_pages,
                unit="pages",
                setting="WENYUAN_MAX_PAGES",
            )
        for frame in found:
            check_pixels(frame.width, frame.height, self._file, self._limits.max_pixels)
        return found

    def _by_pillow(self, index: int) -> bool:
        if self._frames:
            return self._frames[index].compression == tiff_directories.OLD_JPEG
        return self._media_type not in _VIPS

    def _checked_size(self, index: int) -> tuple[int, int]:
        if self._frames:
            return self._frames[index].width, self._frames[index].height
        if self._by_pillow(index):
            with self._pillow(index) as picture:
                width, height = picture.size
        else:
            width, height = dimensions(self._header(index))
        check_pixels(width, height, self._file, self._limits.max_pixels)
        return width, height

    def _header(self, index: int) -> Any:
        return self._open(index, access="sequential")

    def _open(self, index: int, *, access: str) -> Any:
        options: dict[str, Any] = {"page": self._frames[index].number} if self._frames else {}
        with decoding(self._file):
            # "error" refuses truncation too, and lets mere warnings of libjpeg and libtiff pass.
            return _VIPS[self._media_type](str(self._path), access=access, fail_on="error", **options)

    def _as_tiles(self, image: Any) -> Any:
        """The same picture in a file of ours, of whose tiles any can be read without the others; until the next one."""
        self.close()
        folder = tempfile.mkdtemp(prefix="turned-")
        self._tiled = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        path = str(Path(folder, "tiles.tif"))
        with decoding(self._file):
            image.tiffsave(path, tile=True, tile_width=512, tile_height=512, bigtiff=True)
            return pyvips.Image.tiffload(path)

    def _pillow(self, index: int) -> Image.Image:
        try:
            with _no_warnings():
                picture = Image.open(self._path, formats=_PILLOW_FORMATS)
                if self._frames:
                    picture.seek(self._frames[index].number)
        except _PILLOW_ERRORS as error:
            raise DamagedSource(file=self._file, detail=detail_of(error)) from error
        return picture

    def _decoded_by_pillow(self, index: int) -> Any:
        with self._pillow(index) as picture:
            check_pixels(*picture.size, self._file, self._limits.max_pixels)
            try:
                with _no_warnings():
                    image = _as_vips(picture)
            except (*_PILLOW_ERRORS, *VIPS_ERRORS) as error:
                raise DamagedSource(file=self._file, detail=detail_of(error)) from error
        return image


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Pillow warns of oddities in broken files; what counts is whether it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _as_vips(picture: Image.Image) -> Any:
    """A Pillow picture as a `pyvips.Image` with its profile; all its pixels are decoded here, TIFFs upright."""
    profile = picture.info.get("icc_profile")
    sixteen_bit = picture.mode.startswith("I;16")
    if sixteen_bit:
        picture = picture.convert("I;16")
    elif picture.mode not in ("L", "LA", "RGB", "RGBA"):
        # Palettes (which may be transparent), CMYK, YCbCr and bilevel; a CMYK profile does not fit any more.
        profile = None if picture.mode == "CMYK" else profile
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    # By bands: Pillow's own `tobytes` holds all of it twice.
    bands = (
        picture.crop((0, top, picture.width, min(top + _BAND_ROWS, picture.height))).tobytes()
        for top in range(0, picture.height, _BAND_ROWS)
    )
    size = picture.width * picture.height * len(picture.getbands()) * (2 if sixteen_bit else 1)
    data, at = bytearray(size), 0
    for band in bands:
        data[at : at + len(band)] = band
        at += len(band)
    image = from_memory(data, picture.width, picture.height, len(picture.getbands()), sixteen_bit=sixteen_bit).copy()
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image
