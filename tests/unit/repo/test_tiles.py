"""The geometry of tiles: they cover a picture and its halves without gap or overlap, and answer exact requests."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wenyuan.repo.tiles import TILE_SIZE, Tile, TileGrid

SIDES = st.integers(1, 5000)


@given(SIDES, SIDES)
def test_tiles_of_a_level_cover_the_picture_once(width: int, height: int) -> None:
    grid = TileGrid(width, height)
    for level in range(len(grid.scale_factors)):
        regions = [grid.region(tile) for tile in grid.tiles() if tile.level == level]
        assert sum(across * down for _, _, across, down in regions) == width * height
        assert len({(x, y) for x, y, _, _ in regions}) == len(regions)
        assert all(x + across <= width and y + down <= height for x, y, across, down in regions)


@given(SIDES, SIDES)
def test_pixels_of_a_level_are_those_of_its_tiles(width: int, height: int) -> None:
    grid = TileGrid(width, height)
    for level in range(len(grid.scale_factors)):
        sizes = {(tile.column, tile.row): grid.size(tile) for tile in grid.tiles() if tile.level == level}
        first_row = [size[0] for (_, row), size in sizes.items() if row == 0]
        first_column = [size[1] for (column, _), size in sizes.items() if column == 0]
        assert (sum(first_row), sum(first_column)) == grid.level_size(level)
        assert all(1 <= side <= TILE_SIZE for size in sizes.values() for side in size)


@example(1, 1025)
@given(SIDES, SIDES)
def test_every_tile_is_found_by_its_own_request_and_numbered_in_order(width: int, height: int) -> None:
    """The last pixel of a line of pixels is the same picture at two levels: the larger level answers for both."""
    grid = TileGrid(width, height)
    tiles = list(grid.tiles())
    assert [grid.number(tile) for tile in tiles] == list(range(grid.count))
    requests = {}
    for tile in reversed(tiles):
        requests.setdefault((grid.region(tile), grid.size(tile)), tile)
    for (region, size), tile in requests.items():
        assert grid.find(*region, *size) == tile
    assert len({grid.name(tile) for tile in tiles}) == len(requests)
    assert len(requests) == grid.count or min(width, height) == 1


@given(SIDES, SIDES)
def test_the_last_level_fits_one_tile_and_the_one_before_does_not(width: int, height: int) -> None:
    factors = TileGrid(width, height).scale_factors
    assert factors == tuple(2**level for level in range(len(factors)))
    assert max(TileGrid(width, height).level_size(len(factors) - 1)) <= TILE_SIZE
    if len(factors) > 1:
        assert max(TileGrid(width, height).level_size(len(factors) - 2)) > TILE_SIZE


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 2, 0), "1024,0,512,512/512,512/0/default.jpg"),
        (Tile(0, 4, 6), "2048,3072,432,436/432,436/0/default.jpg"),
        (Tile(1, 2, 3), "2048,3072,432,436/216,218/0/default.jpg"),
        (Tile(3, 0, 0), "full/310,439/0/default.jpg"),
    ],
)
def test_names_are_the_canonical_requests_of_iiif(tile: Tile, name: str) -> None:
    assert TileGrid(2480, 3508).name(tile) == name


@pytest.mark.parametrize(
    "request_",
    [
        (1, 0, 512, 512, 512, 512),
        (0, 0, 512, 512, 256, 256),
        (0, 0, 511, 512, 511, 512),
        (2560, 0, 512, 512, 512, 512),
        (-512, 0, 512, 512, 512, 512),
        (0, 0, 0, 0, 0, 0),
        (2048, 3072, 512, 512, 512, 512),
    ],
)
def test_what_is_no_tile_is_not_found(request_: tuple[int, ...]) -> None:
    assert TileGrid(2480, 3508).find(*request_) is None


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 5)])
def test_a_picture_without_pixels_has_no_grid(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="pixels"):
        TileGrid(*size)
