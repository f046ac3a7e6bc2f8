"""Paper that looks old: tone, fibres, stains, worm holes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Stock:
    """A kind of paper.

    tone is the colour in RGB; the rest are strengths from 0 (none) to 1.
    """

    tone: tuple[int, int, int]
    mottle: float = 0.5
    laid: float = 0.0
    fibres: float = 0.3
    foxing: float = 0.2
    edge: float = 0.5


def cloud(rng: np.random.Generator, width: int, height: int, cell: int) -> Array:
    """Return smooth noise of mean 0, deviation about 1, shape (height, width)."""
    rows, columns = max(2, height // cell + 2), max(2, width // cell + 2)
    seeds = rng.standard_normal((rows, columns)).astype(np.float32)
    picture = Image.fromarray(seeds).resize((width, height), Image.Resampling.BICUBIC)
    grown = np.asarray(picture, dtype=np.float32)
    return grown / max(float(grown.std()), 1e-6)


def blurred(field: Array, radius: float) -> Array:
    """Blur values between 0 and 1."""
    picture = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    soft = picture.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(soft, dtype=np.float32) / 255


def make_paper(rng: np.random.Generator, width: int, height: int, stock: Stock) -> Array:
    """Return paper as RGB values 0..255 of shape (height, width, 3)."""
    light = np.zeros((height, width), dtype=np.float32)
    light += stock.mottle * 4.0 * cloud(rng, width, height, 420)
    light += stock.mottle * 2.2 * cloud(rng, width, height, 90)
    light += stock.mottle * 1.1 * cloud(rng, width, height, 14)
    light += rng.standard_normal((height, width)).astype(np.float32) * 1.1
    if stock.laid:
        across = np.sin(np.arange(width, dtype=np.float32) * 2 * np.pi / 9.0)
        light += stock.laid * 1.6 * across[None, :]
    light -= stock.fibres * 14 * _fibres(rng, width, height)
    sheet = np.asarray(stock.tone, dtype=np.float32)[None, None, :] + light[..., None]
    brown = stock.edge * _edges(rng, width, height) + stock.foxing * _foxing(rng, width, height)
    worn: Array = sheet - brown[..., None] * np.asarray((26, 38, 52), dtype=np.float32)
    return worn


def _fibres(rng: np.random.Generator, width: int, height: int) -> Array:
    picture = Image.new("L", (width, height), 0)
    brush = ImageDraw.Draw(picture)
    for _ in range(width * height // 26000):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        angle, length = rng.uniform(0, np.pi), rng.uniform(8, 34)
        bend = angle + rng.normal(0, 0.5)
        middle = x + np.cos(angle) * length, y + np.sin(angle) * length
        end = (
            middle[0] + np.cos(bend) * length,
            middle[1] + np.sin(bend) * length,
        )
        brush.line([(x, y), middle, end], fill=int(rng.integers(60, 200)), width=1)
    return blurred(np.asarray(picture, dtype=np.float32) / 255, 0.8)


def _edges(rng: np.random.Generator, width: int, height: int) -> Array:
    x = np.arange(width, dtype=np.float32)
    y = np.arange(height, dtype=np.float32)
    across = np.minimum(x, width - 1 - x)[None, :]
    down = np.minimum(y, height - 1 - y)[:, None]
    near = np.minimum(across, down) + 22 * cloud(rng, width, height, 160)
    return np.asarray(np.exp(-np.maximum(near, 0) / 70.0), dtype=np.float32)


def _foxing(rng: np.random.Generator, width: int, height: int) -> Array:
    picture = Image.new("L", (width, height), 0)
    brush = ImageDraw.Draw(picture)
    for _ in range(width * height // 90000):
        x, y, size = rng.uniform(0, width), rng.uniform(0, height), rng.exponential(4.5)
        brush.ellipse((x - size, y - size, x + size, y + size), int(rng.integers(60, 200)))
    near = blurred(np.asarray(picture, dtype=np.float32) / 255, 3)
    patch = np.clip(cloud(rng, width, height, 300) - 0.9, 0, 1)
    return np.asarray(near + 0.5 * patch, dtype=np.float32)


def worm(rng: np.random.Generator, width: int, height: int, count: int) -> Array:
    """Return worm holes as coverage 0..1: short winding tracks and small holes."""
    picture = Image.new("L", (width, height), 0)
    brush = ImageDraw.Draw(picture)
    for _ in range(count):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        angle, size = rng.uniform(0, 2 * np.pi), rng.uniform(2.5, 5.5)
        for _ in range(int(rng.choice([2, 3, 14, 30]))):
            brush.ellipse((x - size, y - size, x + size, y + size), 255)
            angle += rng.normal(0, 0.55)
            size = float(np.clip(size + rng.normal(0, 0.5), 2.2, 6.5))
            x, y = x + np.cos(angle) * size * 0.9, y + np.sin(angle) * size * 0.9
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(0.9)), np.float32) / 255
