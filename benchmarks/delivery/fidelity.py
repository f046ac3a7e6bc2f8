"""How close tiles come to the scan: speed and bytes are compared fairly only where the pictures are alike."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import numpy as np
import pyvips

from benchmarks.delivery.addresses import Addresses, Asker
from benchmarks.delivery.pages import Page
from wenyuan.repo.tiles import TILE_SIZE, TileGrid

TILES_OF_A_PAGE = 6


def psnr_db(origin: str, asked: Addresses, pages: list[Page], source: Path) -> float:
    """Peak signal-to-noise ratio of the brightness, in decibels: median over whole tiles of full size of each page."""
    asker = Asker(origin)
    found: list[float] = []
    for page, paths in zip(pages, asked.tiles, strict=True):
        grid = TileGrid(page.width, page.height)
        original = _brightness(pyvips.Image.new_from_file(str(source / page.file)))
        whole = [tile for tile in grid.tiles() if tile.level == 0 and grid.size(tile) == (TILE_SIZE, TILE_SIZE)]
        for tile in whole[:: max(1, len(whole) // TILES_OF_A_PAGE)]:
            x, y, across, down = grid.region(tile)
            answer = _brightness(pyvips.Image.new_from_buffer(asker.get(paths[grid.number(tile)]), ""))
            error = np.mean((original[y : y + down, x : x + across] - answer) ** 2)
            found.append(10 * math.log10(255**2 / max(float(error), 1e-9)))
    return statistics.median(found)


def _brightness(picture: pyvips.Image) -> np.ndarray:
    pixels: np.ndarray = picture.colourspace("b-w").cast("float").numpy()
    return pixels.reshape(picture.height, picture.width)
