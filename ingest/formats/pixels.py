"""Pictures of every format made alike: upright, sRGB, 8 bit, no alpha. libvips is told here which decoders it may use.

Importing this module blocks, for the whole process, every loader of libvips but those for JPEG, PNG, TIFF, WebP and
GIF: handed-in bytes must never reach its SVG, PDF, ImageMagick, raw or CSV readers. The operation cache is switched off
too: each page is decoded once, and a cached operation would keep its pixels alive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyvips

from wenyuan.repo.errors import DamagedSource, PageKilled, TooLarge

VIPS_ERRORS = (pyvips.Error, UnicodeDecodeError)
"""What pyvips raises for broken pictures: its error class decodes libvips' message as UTF-8, which a file can foil."""

_LOADERS = ("Jpeg", "Png", "Tiff", "Webp", "Nsgif")

pyvips.block_untrusted_set(True)
pyvips.operation_block_set("VipsForeignLoad", True)
for _name in _LOADERS:
    pyvips.operation_block_set(f"VipsForeignLoad{_name}", False)
pyvips.cache_set_max(0)

_TURNED_SIDEWAYS = range(5, 9)
"""Values of EXIF orientation that exchange width and height (EXIF 2.32, tag 274)."""
_SRGB = (b"sRGB IEC61966", "sRGB IEC61966".encode("utf-16-be"))


@contextmanager
def decoding(file: str) -> Iterator[None]:
    """Wrap whatever makes libvips read pixels; a picture from `Source.picture` is decoded only then.

    Args:
        file: the name that staff knows.

    Raises:
        DamagedSource: libvips could not read the picture to its end.
        PageKilled: it asked for more memory than the process may have.
    """
    try:
        yield
    except VIPS_ERRORS as error:
        if "out of memory" in str(error):
            raise PageKilled(file=file, page=None) from error
        raise DamagedSource(file=file, detail=detail_of(error)) from error


def detail_of(error: Exception) -> str:
    """The first informative line of an error of libvips or another decoder, at most 200 characters."""
    # pyvips.Error is "unable to call X\n  what libvips says"; the second line is the one that helps.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("unable to"):
        lines = lines[1:]
    line = lines[0] if lines else type(error).__name__
    # Folders of this machine tell staff nothing.
    return re.sub(r"(?:[A-Za-z]:)?(?:[/\\][^/\\\s:]+)+[/\\]", "", line)[:200]


def dimensions(image: Any) -> tuple[int, int]:
    """Width and height in pixels of a `pyvips.Image` once its EXIF orientation is applied."""
    if orientation(image) in _TURNED_SIDEWAYS:
        return image.height, image.width
    return image.width, image.height


def orientation(image: Any) -> int:
    """EXIF orientation 1 … 8; 1 where there is none."""
    if image.get_typeof("orientation") == 0:
        return 1
    value = int(image.get("orientation"))
    return value if 1 <= value <= 8 else 1


def check_pixels(width: int, height: int, file: str, max_pixels: int) -> None:
    """Refuse a picture by the size in its header, before memory is taken.

    Raises:
        DamagedSource: no pixels at all.
        TooLarge: more than `max_pixels`; told in megapixels.
    """
    if width < 1 or height < 1:
        raise DamagedSource(file=file, detail=f"{width} × {height} pixels")
    if width * height > max_pixels:
        raise TooLarge(
            file=file,
            found=round(width * height / 1e6, 1),
            limit=round(max_pixels / 1e6, 1),
            unit="megapixels",
            setting="WENYUAN_MAX_MEGAPIXELS",
        )


def upright_srgb(image: Any) -> Any:
    """The picture as readers see it: turned by its EXIF orientation, sRGB or grey, 8 bit, white where transparent.

    Args:
        image: a `pyvips.Image` of any kind; opened with random access if `orientation(image)` is not 1.

    Returns:
        `pyvips.Image`, uchar, 1 band (`b-w`) or 3 bands (`srgb`), not yet decoded.
    """
    image = _eight_bits(_profiled(image.autorot()))
    if image.bands in (2, 4):
        image = image.flatten(background=255)
    if image.bands == 3:
        return image.copy(interpretation="srgb")
    image = image.extract_band(0) if image.bands > 1 else image
    return image.copy(interpretation="b-w")


def from_memory(data: Any, width: int, height: int, bands: int, *, sixteen_bit: bool = False) -> Any:
    """Rows of interleaved samples as a `pyvips.Image`, without a copy; `data` is kept alive by the picture.

    Args:
        data: a buffer of width × height × bands samples, top row first, without padding.
        width: pixels.
        height: pixels.
        bands: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
        sixteen_bit: whether a sample is two bytes in this machine's order.
    """
    kinds = {1: "grey16", 2: "grey16", 3: "rgb16", 4: "rgb16"} if sixteen_bit else {1: "b-w", 2: "b-w"}
    image = pyvips.Image.new_from_memory(data, width, height, bands, "ushort" if sixteen_bit else "uchar")
    return image.copy(interpretation=kinds.get(bands, "srgb"))


def _profiled(image: Any) -> Any:
    """Colours moved to sRGB, grey kept grey; a profile that does not fit is ignored, as viewers do."""
    grey = image.interpretation in ("b-w", "grey16")
    if image.interpretation == "cmyk" and image.format == "ushort":
        image = (image >> 8).cast("uchar").copy(interpretation="cmyk")
    if image.get_typeof("icc-profile-data") != 0 and not _is_srgb(image):
        try:
            moved = image.icc_transform(
                "srgb", embedded=True, intent="relative", black_point_compensation=True, depth=8
            )
        except VIPS_ERRORS:
            pass
        else:
            # A grey profile gives three equal bands: one is enough.
            extra = [moved.extract_band(3)] if moved.bands > 3 else []
            return moved.extract_band(0).bandjoin(extra).copy(interpretation="b-w") if grey else moved
    if grey:
        return image.colourspace("b-w")
    if image.interpretation in ("multiband", "histogram", "matrix"):
        return image.extract_band(0, n=3 if image.bands >= 3 else 1)
    return image.colourspace("srgb")


def _eight_bits(image: Any) -> Any:
    if image.format == "ushort":
        image = image >> 8
    elif image.format == "short":
        image = (image.cast("int") + 32_768) >> 8
    return image if image.format == "uchar" else image.cast("uchar")


def _is_srgb(image: Any) -> bool:
    if image.interpretation != "srgb" or image.format != "uchar":
        return False
    profile = image.get("icc-profile-data")
    return any(name in profile for name in _SRGB)
