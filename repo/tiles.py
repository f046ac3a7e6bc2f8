"""The geometry of tiles: square pieces of a picture and of its halves, quarters, … (IIIF Image API 3.0, §5.4).

Level 0 is the full size, each level after it half of the one before, rounded up, down to the one that fits one tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

TILE_SIZE = 512
"""Pixels; why: DESIGN's measurements, docs/decisions/009."""


class Tile(NamedTuple):
    """One tile of a grid."""

    level: int
    """0 is the full size; a pixel of level n stands for 2**n × 2**n of the picture."""
    column: int
    row: int


@dataclass(frozen=True)
class TileGrid:
    """The tiles of a picture of width × height pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"{self.width} × {self.height} pixels")

    @cached_property
    def scale_factors(self) -> tuple[int, ...]:
        """1, 2, 4 … until the whole fits one tile."""
        factors = [1]
        while max(self.level_size(len(factors) - 1)) > TILE_SIZE:
            factors.append(factors[-1] * 2)
        return tuple(factors)

    def level_size(self, level: int) -> tuple[int, int]:
        """Width and height of the whole at a level."""
        return -(-self.width >> level), -(-self.height >> level)

    def shape(self, level: int) -> tuple[int, int]:
        """Columns and rows of a level."""
        width, height = self.level_size(level)
        return -(-width // TILE_SIZE), -(-height // TILE_SIZE)

    @cached_property
    def count(self) -> int:
        """Tiles of all levels."""
        return self._begins[0] + self.shape(0)[0] * self.shape(0)[1]

    def number(self, tile: Tile) -> int:
        """Its place among all: the smallest level first, row by row."""
        return self._begins[tile.level] + tile.row * self.shape(tile.level)[0] + tile.column

    def tiles(self) -> Iterator[Tile]:
        """All tiles in the order of their numbers."""
        for level in reversed(range(len(self.scale_factors))):
            columns, rows = self.shape(level)
            for row in range(rows):
                for column in range(columns):
                    yield Tile(level, column, row)

    def region(self, tile: Tile) -> tuple[int, int, int, int]:
        """x, y, width, height of what it shows, in pixels of the full size."""
        span = TILE_SIZE << tile.level
        x, y = tile.column * span, tile.row * span
        return x, y, min(span, self.width - x), min(span, self.height - y)

    def size(self, tile: Tile) -> tuple[int, int]:
        """Width and height of the tile's own pixels."""
        _, _, width, height = self.region(tile)
        return -(-width >> tile.level), -(-height >> tile.level)

    def find(self, x: int, y: int, width: int, height: int, across: int, down: int | None = None) -> Tile | None:
        """The tile that shows exactly this region in this size (where `down` is None, of any height), or None."""
        for level in range(len(self.scale_factors)):
            span = TILE_SIZE << level
            if x % span or y % span or not (0 <= x < self.width and 0 <= y < self.height):
                continue
            tile = Tile(level, x // span, y // span)
            size = self.size(tile)
            if self.region(tile) == (x, y, width, height) and size == (across, size[1] if down is None else down):
                return tile
        return None

    def name(self, tile: Tile) -> str:
        """The IIIF request that it answers: `1024,0,512,512/512,512/0/default.jpg`."""
        region = self.region(tile)
        whole = region == (0, 0, self.width, self.height)
        across, down = self.size(tile)
        return f"{'full' if whole else ','.join(map(str, region))}/{across},{down}/0/default.jpg"

    @cached_property
    def _begins(self) -> tuple[int, ...]:
        """Number of the first tile of each level."""
        begins: list[int] = []
        count = 0
        for level in reversed(range(len(self.scale_factors))):
            begins.append(count)
            columns, rows = self.shape(level)
            count += columns * rows
        return tuple(reversed(begins))
