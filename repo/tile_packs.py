"""A tile pack: all tiles of a page in one file, each to be read by one range, nothing decoded.

It is a stored ZIP (APPNOTE 6.3.3) whose members are named by the IIIF requests they answer, so that anybody can unpack
it as a static (level 0) image. Its first member is an index of ours, whose length follows from the page's size: one
read at the head of the file tells where every tile lies. Same tiles, same bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from wenyuan.repo.tiles import TILE_SIZE, Tile, TileGrid

INDEX_NAME = b"index.bin"

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LARGEST = 2**32 - 1
"""Bytes of a ZIP without the 64-bit extension; a page of 4,000 megapixels stays below a third of it."""
_ENTRIES = 65_535
"""Likewise, of members."""
_ZIP_VERSION = 10
_DOS_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
"""The first day a ZIP can name: the bytes do not hang on the clock."""
_HEAD = struct.Struct("<4sHHLLL")
"""Magic, version, tile size, width, height, number of tiles."""
_MAGIC, _FORMAT = b"WYTP", 1
_ENTRY = struct.Struct("<LLL")
"""Offset of a tile's first byte in the pack, its length, its CRC-32."""
_CHECK = struct.Struct("<L")
"""CRC-32 of the index before it."""


class DamagedPack(ValueError):
    """The bytes are not those of a pack, or not what was written."""


class Measured(NamedTuple):
    """What must be known of a tile before the first byte of the pack can be written."""

    size_bytes: int
    crc: int


class Place(NamedTuple):
    """Where a tile lies in its pack."""

    offset: int
    size_bytes: int
    crc: int


def index_end(grid: TileGrid) -> int:
    """Bytes at the head of a pack that hold its index."""
    return _LOCAL.size + len(INDEX_NAME) + _index_size(grid)


def write(target: BinaryIO, grid: TileGrid, measured: Sequence[Measured], read: Callable[[Tile], bytes]) -> None:
    """Write a pack.

    Args:
        target: written from where it stands, which is the pack's beginning.
        grid: of the page.
        measured: of each tile, in the order of `TileGrid.tiles`.
        read: the JPEG of a tile; asked in the same order, once.

    Raises:
        DamagedPack: a tile is not what was measured.
        ValueError: more tiles or bytes than a ZIP of this kind holds.
    """
    tiles = list(grid.tiles())
    names = [grid.name(tile).encode() for tile in tiles]
    places: list[Place] = []
    at = index_end(grid)
    for name, known in zip(names, measured, strict=True):
        at += _LOCAL.size + len(name)
        places.append(Place(at, known.size_bytes, known.crc))
        at += known.size_bytes
    if at + sum(_CENTRAL.size + len(name) for name in names) + 1024 > _LARGEST or len(tiles) >= _ENTRIES:
        raise ValueError(f"{len(tiles)} tiles of {at} bytes")
    index = _index(grid, places)
    members = [(INDEX_NAME, Measured(len(index), zlib.crc32(index))), *zip(names, measured, strict=True)]
    target.write(_local(*members[0]) + index)
    for tile, (name, expected) in zip(tiles, members[1:], strict=True):
        data = read(tile)
        if Measured(len(data), zlib.crc32(data)) != expected:
            raise DamagedPack(grid.name(tile))
        target.write(_local(name, expected) + data)
    directory = b""
    offset = 0
    for name, member in members:
        directory += _central(name, member, offset)
        offset += _LOCAL.size + len(name) + member.size_bytes
    target.write(directory)
    target.write(_END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(directory), offset, 0))


@dataclass(frozen=True, slots=True)
class TilePack:
    """A pack that can be read.

    Attributes:
        grid: of the page it was made from.
    """

    grid: TileGrid
    _read: Callable[[int, int], bytes]
    _index: bytes

    @classmethod
    def open(cls, read: Callable[[int, int], bytes], grid: TileGrid) -> TilePack:
        """Read the index.

        Args:
            read: (offset, length) to bytes, fewer where the file ends before.
            grid: what the page should have.

        Raises:
            DamagedPack: no pack, damaged, or that of another size.
        """
        end = index_end(grid)
        head = read(0, end)
        index = head[_LOCAL.size + len(INDEX_NAME) :]
        expected = (_MAGIC, _FORMAT, TILE_SIZE, grid.width, grid.height, grid.count)
        if len(head) < end or _HEAD.unpack_from(index) != expected:
            raise DamagedPack("head")
        if zlib.crc32(index[: -_CHECK.size]) != _CHECK.unpack(index[-_CHECK.size :])[0]:
            raise DamagedPack("index")
        return cls(grid, read, index)

    def place(self, tile: Tile) -> Place:
        """Where a tile lies."""
        return Place(*_ENTRY.unpack_from(self._index, _HEAD.size + self.grid.number(tile) * _ENTRY.size))

    def tile(self, tile: Tile) -> bytes:
        """The JPEG of a tile, checked.

        Raises:
            DamagedPack: its bytes are not what was written.
        """
        place = self.place(tile)
        data = self._read(place.offset, place.size_bytes)
        if zlib.crc32(data) != place.crc:
            raise DamagedPack(self.grid.name(tile))
        return data


def _index_size(grid: TileGrid) -> int:
    return _HEAD.size + grid.count * _ENTRY.size + _CHECK.size


def _index(grid: TileGrid, places: Sequence[Place]) -> bytes:
    head = _HEAD.pack(_MAGIC, _FORMAT, TILE_SIZE, grid.width, grid.height, grid.count)
    body = head + b"".join(_ENTRY.pack(*place) for place in places)
    return body + _CHECK.pack(zlib.crc32(body))


def _local(name: bytes, of: Measured) -> bytes:
    sizes = (of.crc, of.size_bytes, of.size_bytes)
    return _LOCAL.pack(b"PK\3\4", _ZIP_VERSION, 0, 0, 0, _DOS_DATE, *sizes, len(name), 0) + name


def _central(name: bytes, of: Measured, offset: int) -> bytes:
    sizes = (of.crc, of.size_bytes, of.size_bytes)
    made = _CENTRAL.pack(
        b"PK\1\2", _ZIP_VERSION, _ZIP_VERSION, 0, 0, 0, _DOS_DATE, *sizes, len(name), 0, 0, 0, 0, 0, offset
    )
    return made + name
