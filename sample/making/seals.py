"""Red seals."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .fonts import WENKAI_BOLD, pen
from .paper import cloud

CINNABAR = (196, 52, 40)


def seal(text: str, side: int, *, columns: int, raised: bool, seed: int) -> Image.Image:
    """Cut a seal, read down the columns from the right.

    Args:
        text: characters, filled up evenly.
        side: height of the seal in pixels.
        columns: number of columns.
        raised: red characters in a red frame; else pale ones cut into red.
        seed: for the wear of the edge.

    Returns:
        RGBA picture, red with an uneven cover.
    """
    rows = -(-len(text) // columns)
    cell = side / rows
    width = round(cell * columns)
    face = Image.new("L", (width, side), 0 if raised else 255)
    pad = side * 0.075
    room = ((width - 2 * pad) / columns, (side - 2 * pad) / rows)
    for number, char in enumerate(text):
        column, row = divmod(number, rows)
        x = width - pad - (column + 1) * room[0]
        _cut(face, char, (x, pad + row * room[1]), room, ink=255 if raised else 0)
    if raised:
        rim = max(3, side // 34)
        ImageDraw.Draw(face).rectangle((0, 0, width - 1, side - 1), outline=255, width=rim)
    return _pressed(face, seed)


def _cut(
    face: Image.Image,
    char: str,
    corner: tuple[float, float],
    room: tuple[float, float],
    *,
    ink: int,
) -> None:
    """Stretch a character to fill its cell, as seal cutters do."""
    big = Image.new("L", (260, 260), 0)
    ImageDraw.Draw(big).text((30, 20), char, 255, pen(WENKAI_BOLD, 200), stroke_width=4)
    box = big.getbbox()
    assert box is not None
    size = round(room[0] * 0.86), round(room[1] * 0.88)
    filled = big.crop(box).resize(size, Image.Resampling.LANCZOS)
    at = round(corner[0] + room[0] * 0.07), round(corner[1] + room[1] * 0.06)
    face.paste(ink, at, filled)


def _pressed(face: Image.Image, seed: int) -> Image.Image:
    width, height = face.size
    rng = np.random.default_rng(seed)
    soft = np.asarray(face.filter(ImageFilter.GaussianBlur(1.3)), np.float32) / 255
    worn = soft + 0.12 * cloud(rng, width, height, 5) + 0.07 * cloud(rng, width, height, 22)
    cover = np.clip((worn - 0.38) / 0.25, 0, 1) * np.clip(soft * 3, 0, 1)
    made = Image.new("RGBA", face.size, (*CINNABAR, 0))
    made.putalpha(Image.fromarray((cover * 235).astype(np.uint8)))
    return made
