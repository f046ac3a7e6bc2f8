"""Ink on paper, as a scanner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .paper import Array, Stock, blurred, cloud, make_paper, worm
from .sheet import Sheet


@dataclass(frozen=True)
class Wear:
    """What time and the scanner did to a page.

    Attributes:
        degrees: turn of the page, counter-clockwise.
        rough: raggedness of the ink, 0 to 1.
        uneven: how much the inking changes over the page, 0 to 1.
        bleed: strength of the other side showing through, 0 to 1.
        worms: number of worm holes; worm_seed the same on following leaves.
        bed: colour of the scanner bed round the paper, None for no bed.
    """

    stock: Stock
    ink: tuple[int, int, int] = (38, 33, 30)
    degrees: float = 0.0
    rough: float = 0.5
    uneven: float = 0.4
    bleed: float = 0.0
    worms: int = 0
    worm_seed: int = 0
    bed: tuple[int, int, int] | None = None
    soft: float = 0.7


def printed(
    sheet: Sheet,
    wear: Wear,
    rng: np.random.Generator,
    *,
    behind: Sheet | None = None,
    coloured: Image.Image | None = None,
) -> Image.Image:
    """Print a sheet on old paper and scan it.

    Args:
        sheet: what is printed in black.
        wear: how worn.
        rng: source of chance.
        behind: the sheet of the other side, which shows through.
        coloured: RGBA layer laid over the black (seals, red rules).
    """
    width, height = sheet.width, sheet.height
    page = make_paper(rng, width, height, wear.stock)
    if behind is not None and wear.bleed:
        ghost = behind.ink.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        soft = blurred(_values(ghost.filter(ImageFilter.GaussianBlur(3))), 1)
        page -= wear.bleed * soft[..., None] * np.asarray((40, 44, 50), np.float32)
    cover = _inked(_values(_turn(sheet.ink, wear.degrees)), wear, rng)
    page = _laid(page, cover, wear.ink)
    if coloured is not None:
        page = _overlaid(page, _turn(coloured, wear.degrees), rng)
    if wear.worms:
        page = _eaten(page, wear)
    if wear.bed is not None:
        page = _bedded(page, wear, rng)
    return Image.fromarray(np.clip(page, 0, 255).astype(np.uint8))


def save_jpeg(picture: Image.Image, path: Path, quality: int = 75) -> None:
    """Write a JPEG that says 300 dots an inch."""
    picture.save(path, quality=quality, optimize=True, progressive=True, dpi=(300, 300))


def _turn(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC)


def _values(picture: Image.Image) -> Array:
    return np.asarray(picture, dtype=np.float32) / 255


def _inked(cover: Array, wear: Wear, rng: np.random.Generator) -> Array:
    height, width = cover.shape
    grain = cloud(rng, width, height, 3)
    patch = cloud(rng, width, height, 60)
    wide = cloud(rng, width, height, 330)
    ragged = blurred(cover, wear.soft) + wear.rough * (0.085 * grain + 0.05 * patch)
    # A steep ramp round one half makes the edge of the ink follow the noise.
    edge = np.clip((ragged - 0.30) / 0.36, 0, 1)
    load = 0.93 + wear.uneven * (0.07 * wide + 0.05 * patch + 0.05 * grain)
    near = np.clip(blurred(cover, 4) * 4, 0, 1)
    return np.asarray(edge * near * np.clip(load, 0.4, 1.0), dtype=np.float32)


def _laid(page: Array, cover: Array, ink: tuple[int, int, int]) -> Array:
    colour = np.asarray(ink, dtype=np.float32)
    return page * (1 - cover[..., None]) + colour * cover[..., None]


def _overlaid(page: Array, layer: Image.Image, rng: np.random.Generator) -> Array:
    values = np.asarray(layer, dtype=np.float32)
    height, width = page.shape[:2]
    patchy = 0.86 + 0.10 * cloud(rng, width, height, 9) + 0.06 * cloud(rng, width, height, 50)
    cover = values[..., 3] / 255 * np.clip(patchy, 0.25, 1)
    # Multiply: seal paste is a glaze, black strokes stay visible under it.
    glazed = page * values[..., :3] / 255
    return np.asarray(page * (1 - cover[..., None]) + glazed * cover[..., None], dtype=np.float32)


def _eaten(page: Array, wear: Wear) -> Array:
    height, width = page.shape[:2]
    holes = worm(np.random.default_rng(wear.worm_seed), width, height, wear.worms)
    rim = np.clip(blurred(holes, 2.5) * 1.5 - holes, 0, 1)
    under = np.asarray(wear.stock.tone, np.float32) * np.asarray((0.80, 0.76, 0.70))
    shaded = page - rim[..., None] * 24
    return np.asarray(shaded * (1 - holes[..., None]) + under * holes[..., None], np.float32)


def _bedded(page: Array, wear: Wear, rng: np.random.Generator) -> Array:
    height, width = page.shape[:2]
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).polygon(_outline(width, height, rng), fill=255)
    mask = _turn(mask, wear.degrees).filter(ImageFilter.GaussianBlur(1.0))
    paper = _values(mask)[..., None]
    shadow = _values(mask.filter(ImageFilter.GaussianBlur(9)))[..., None]
    bed = np.asarray(wear.bed, dtype=np.float32) * (1.0 - 0.45 * shadow)
    bed = bed + cloud(rng, width, height, 5)[..., None] * 1.2
    return np.asarray(page * paper + bed * (1 - paper), dtype=np.float32)


def _outline(width: int, height: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the slightly wavy edge of a cut leaf, clockwise."""
    inset = width * 0.011
    across = np.linspace(inset, width - inset, 40)
    down = np.linspace(inset, height - inset, 30)
    wave = rng.normal(0, 1.1, (4, 40))
    top = [(float(x), float(inset + wave[0, i])) for i, x in enumerate(across)]
    right = [(float(width - inset + wave[1, i]), float(y)) for i, y in enumerate(down)]
    bottom = [(float(x), float(height - inset + wave[2, i])) for i, x in enumerate(across)]
    left = [(float(inset + wave[3, i]), float(y)) for i, y in enumerate(down)]
    return top + right + bottom[::-1] + left[::-1]
