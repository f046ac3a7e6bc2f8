"""The pixels of a page for reading, in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from wenyuan.ingest.engines.engine import Picture

MOST_PIXELS = 40_000_000
"""A newspaper page at 300 dpi has 32 megapixels and print of 25 pixels; larger pages are shrunk to this: 120 MB."""


def pixels(picture: Any, *, most: int = MOST_PIXELS) -> tuple[Picture, float]:
    """Decode a page, shrunk while it is read where it is too large.

    Args:
        picture: a `pyvips.Image` as `Source.picture` gives it: 8 bit, 1 or 3 bands.

    Returns:
        The pixels, and how many of them stand for one of the page (at most 1).

    Raises:
        pyvips.Error: it cannot be decoded; use `wenyuan.ingest.formats.pixels.decoding`.
    """
    factor = (most / (picture.width * picture.height)) ** 0.5
    if factor < 1:
        width = max(1, int(picture.width * factor))
        height = max(1, int(picture.height * factor))
        # Strip by strip: the page is never whole in memory.
        picture = picture.resize(width / picture.width, vscale=height / picture.height, kernel="linear")
    if picture.bands == 1:
        picture = picture.bandjoin([picture, picture])
    data = np.frombuffer(picture.write_to_memory(), np.uint8).reshape(picture.height, picture.width, 3)
    return data, min(1.0, factor)
