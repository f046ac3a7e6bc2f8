"""Tile packs: what was written comes out, by any ZIP program too, and no changed byte is ever sent as a tile."""

from __future__ import annotations

import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo import tile_packs
from wenyuan.repo.tile_packs import INDEX_NAME, DamagedPack, Measured, TilePack
from wenyuan.repo.tiles import Tile, TileGrid

GRID = TileGrid(1300, 700)


def jpeg(grid: TileGrid, tile: Tile) -> bytes:
    return b"\xff\xd8" + grid.name(tile).encode() * (1 + grid.number(tile)) + b"\xff\xd9"


def packed(grid: TileGrid = GRID) -> bytes:
    tiles = [jpeg(grid, tile) for tile in grid.tiles()]
    target = io.BytesIO()
    measured = [Measured(len(data), zlib.crc32(data)) for data in tiles]
    tile_packs.write(target, grid, measured, lambda tile: tiles[grid.number(tile)])
    return target.getvalue()


def opened(data: bytes, grid: TileGrid = GRID) -> TilePack:
    return TilePack.open(lambda offset, length: data[offset : offset + length], grid)


PACK = packed()


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_every_tile_comes_out_as_it_went_in(width: int, height: int) -> None:
    grid = TileGrid(width, height)
    pack = opened(packed(grid), grid)
    assert [pack.tile(tile) for tile in grid.tiles()] == [jpeg(grid, tile) for tile in grid.tiles()]


def test_a_pack_is_a_zip_whose_names_are_requests() -> None:
    with zipfile.ZipFile(io.BytesIO(PACK)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == [INDEX_NAME.decode(), *(GRID.name(tile) for tile in GRID.tiles())]
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("512,0,512,512/512,512/0/default.jpg") == jpeg(GRID, Tile(0, 1, 0))


def test_a_tile_is_one_read_after_the_index() -> None:
    reads: list[tuple[int, int]] = []

    def read(offset: int, length: int) -> bytes:
        reads.append((offset, length))
        return PACK[offset : offset + length]

    TilePack.open(read, GRID).tile(Tile(0, 1, 0))
    assert reads[0] == (0, tile_packs.index_end(GRID))
    assert len(reads) == 2


def test_the_same_tiles_give_the_same_bytes() -> None:
    assert packed() == PACK


@given(st.integers(0, len(PACK) - 1), st.integers(0, 7))
def test_a_flipped_bit_is_never_sent(place: int, bit: int) -> None:
    changed = bytearray(PACK)
    changed[place] ^= 1 << bit
    try:
        pack = opened(bytes(changed))
    except DamagedPack:
        return
    for tile in GRID.tiles():
        try:
            assert pack.tile(tile) == jpeg(GRID, tile)
        except DamagedPack:
            where = pack.place(tile)
            assert where.offset <= place < where.offset + where.size_bytes


@given(st.integers(0, len(PACK) - 1))
def test_of_a_pack_cut_short_only_whole_tiles_are_sent(length: int) -> None:
    try:
        pack = opened(PACK[:length])
    except DamagedPack:
        assert length < tile_packs.index_end(GRID)
        return
    for tile in GRID.tiles():
        where = pack.place(tile)
        if where.offset + where.size_bytes <= length:
            assert pack.tile(tile) == jpeg(GRID, tile)
        else:
            with pytest.raises(DamagedPack):
                pack.tile(tile)


@pytest.mark.parametrize("size", [(1300, 701), (700, 1300), (100, 100), (20_000, 20_000)])
def test_the_pack_of_another_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(DamagedPack):
        opened(PACK, TileGrid(*size))


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"\0" * 5000, b"\xff\xd8 no pack" * 500])
def test_what_is_no_pack_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedPack):
        opened(data)


def test_a_tile_that_is_not_what_was_measured_is_refused() -> None:
    with pytest.raises(DamagedPack):
        tile_packs.write(io.BytesIO(), GRID, [Measured(1, 1)] * GRID.count, lambda tile: b"x")


def test_a_tile_that_was_not_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        tile_packs.write(io.BytesIO(), GRID, [], lambda tile: b"x")


def test_more_bytes_than_a_zip_holds_are_refused_before_anything_is_written() -> None:
    target = io.BytesIO()
    with pytest.raises(ValueError, match="bytes"):
        tile_packs.write(target, GRID, [Measured(2**30, 0)] * GRID.count, lambda tile: b"x")
    assert target.getvalue() == b""
