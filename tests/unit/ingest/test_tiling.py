"""Cutting by libvips: its levels and tiles are those of our grid, whatever the size."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import pyvips
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from wenyuan.ingest.stages import tiling
from wenyuan.repo.tile_packs import TilePack
from wenyuan.repo.tiles import TileGrid

SIDES = st.integers(1, 2100)


def ramp(width: int, height: int) -> pyvips.Image:
    """Brightness grows to the right."""
    across = pyvips.Image.xyz(width, height).extract_band(0)
    return (across * 255 / max(1, width - 1)).cast("uchar").copy(interpretation="b-w")


def opened(pack: Path, grid: TileGrid) -> TilePack:
    data = pack.read_bytes()
    return TilePack.open(lambda offset, length: data[offset : offset + length], grid)


@given(SIDES, SIDES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(512, 512)
@example(513, 1025)
@example(1, 2049)
@example(2047, 3)
@example(1537, 1023)
def test_libvips_cuts_as_the_grid_says(tmp_path: Path, width: int, height: int) -> None:
    grid = TileGrid(width, height)
    pack = opened(tiling.make_pack(ramp(width, height), 70, tmp_path), grid)
    for tile in grid.tiles():
        assert Image.open(io.BytesIO(pack.tile(tile))).size == grid.size(tile)


@pytest.mark.parametrize(("width", "level_width"), [(100, 250), (300, 1000), (600, 1000), (900, 1000)])
def test_an_overview_is_put_together_from_the_smallest_level_that_is_wide_enough(
    tmp_path: Path, width: int, level_width: int
) -> None:
    grid = TileGrid(1000, 1300)
    pack = tiling.make_pack(ramp(1000, 1300), 90, tmp_path)
    found = tiling.overview(pack, grid, width)
    assert (found.width, found.height) == (level_width, -(-1300 * level_width // 1000))
    wanted = ramp(found.width, found.height)
    assert (found.copy_memory() - wanted).abs().max() <= 8


def test_nothing_but_the_pack_is_left(tmp_path: Path) -> None:
    pack = tiling.make_pack(ramp(700, 700), 70, tmp_path)
    assert list(tmp_path.iterdir()) == [pack]
