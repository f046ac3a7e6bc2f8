"""Tiles by libvips: one pass over a picture cuts it and its halves, quarters, …; our pack is then written from them.

libvips packs the tiles in the order in which it makes them, under names of its own. Ours has another order, an index at
its head, and names that answer IIIF requests (`wenyuan.repo.tile_packs`).
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pyvips

from wenyuan.repo import tile_packs
from wenyuan.repo.tile_packs import Measured, TilePack
from wenyuan.repo.tiles import TILE_SIZE, Tile, TileGrid

_ENCODER = "optimize_coding=true,quant_table=3,keep=none"
"""docs/decisions/009; another one is another version of `wenyuan.repo.recipes`."""
_NAME = "cut"


def make_pack(picture: Any, quality: int, folder: Path) -> Path:
    """Write the tile pack of a picture.

    Args:
        picture: a `pyvips.Image`, upright, sRGB or grey, 8 bit; read once, from top to bottom.
        quality: of the JPEGs.
        folder: empty, on a disk that holds the tiles twice.

    Returns:
        The pack, in that folder.

    Raises:
        pyvips.Error: the picture cannot be decoded, or the disk is full.
    """
    grid = TileGrid(picture.width, picture.height)
    cut, pack = folder / f"{_NAME}.zip", folder / "pack.zip"
    picture.dzsave(
        str(cut),
        layout="dz",
        container="zip",
        compression=0,
        tile_size=TILE_SIZE,
        overlap=0,
        depth="onetile",
        suffix=f".jpg[Q={quality},{_ENCODER}]",
    )
    with zipfile.ZipFile(cut) as tiles, pack.open("wb") as target:
        members = [tiles.getinfo(_member(grid, tile)) for tile in grid.tiles()]
        measured = [Measured(member.file_size, member.CRC) for member in members]
        tile_packs.write(target, grid, measured, lambda tile: tiles.read(members[grid.number(tile)]))
    cut.unlink()
    return pack


def _member(grid: TileGrid, tile: Tile) -> str:
    """Name of a tile in libvips' own pack: its level 0 is the smallest, as ours is the full size."""
    return f"{_NAME}_files/{len(grid.scale_factors) - 1 - tile.level}/{tile.column}_{tile.row}.jpg"


def overview(pack: Path, grid: TileGrid, width: int) -> Any:
    """A picture put together from its own tiles, to be narrowed to `width`, without reading the source again.

    It is the smallest level that is at least twice as wide, so that what the tiles have lost is not seen; where there
    is none, the smallest that is as wide, or the full size.
    """
    with pack.open("rb") as stream:

        def read(offset: int, length: int) -> bytes:
            stream.seek(offset)
            return stream.read(length)

        tiles = TilePack.open(read, grid)
        level = _level_for(grid, width)
        columns, rows = grid.shape(level)
        cells = [Tile(level, column, row) for row in range(rows) for column in range(columns)]
        images = [pyvips.Image.jpegload_buffer(tiles.tile(cell), access="sequential") for cell in cells]
    joined = pyvips.Image.arrayjoin(images, across=columns, hspacing=TILE_SIZE, vspacing=TILE_SIZE)
    return joined.crop(0, 0, *grid.level_size(level))


def _level_for(grid: TileGrid, width: int) -> int:
    widths = [grid.level_size(level)[0] for level in range(len(grid.scale_factors))]
    twice, once = ([level for level, found in enumerate(widths) if found >= least] for least in (2 * width, width))
    return max(twice or once or [0])
