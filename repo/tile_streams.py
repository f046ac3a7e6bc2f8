"""Tiles joined to one picture for libvips, of which a few rows at a time are decoded while it is read.

libvips can join tiles by itself, but keeps several rows of them decoded: half of a map of 200 megapixels. So it is
given a TIFF (revision 6.0, uncompressed) that exists nowhere: its strips are made of tiles when it reads them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pyvips

from wenyuan.repo.tiles import TILE_SIZE

Rows = Sequence[Sequence[bytes]]

STRIP_ROWS = 32
"""Rows decoded at a time; a divisor of the tile size, and a multiple of the 16 that a JPEG decodes together."""

_FEW = 16
"""Tiles that libvips may join by itself: it is quicker, and they take 13 MB at most."""
_SHORT, _LONG = 3, 4
_ENTRY = struct.Struct("<HHLL")


def joined(rows: Rows, go_on: Callable[[], bool]) -> Any:
    """A `pyvips.Image` of tiles, to be read once from top to bottom; nothing is decoded yet.

    Args:
        rows: JPEGs, row by row from top to bottom, all of a row of the same height.
        go_on: asked again and again where it takes long; where it is False the picture breaks off with an error.

    Raises:
        pyvips.Error: a tile is no JPEG.
    """
    if sum(map(len, rows)) <= _FEW:
        return _together(rows)
    tiff = _Tiff(rows, go_on)
    source = pyvips.SourceCustom()
    source.on_read(tiff.read)
    source.on_seek(tiff.seek)
    # Not `tiffload_source`: this way the picture, and whatever is made of it, keeps what libvips calls back.
    picture = pyvips.Image.new_from_source(source, "", access="sequential", fail_on="error")
    tile = _opened(rows[0][0])
    return picture.copy(xres=tile.xres, yres=tile.yres)


class _Tiff:
    """A file that is made while it is read."""

    def __init__(self, rows: Rows, go_on: Callable[[], bool]) -> None:
        self._rows, self._go_on = rows, go_on
        self._width = sum(_opened(data).width for data in rows[0])
        self._height = sum(_opened(row[0]).height for row in rows)
        self._bands = max(_opened(data).bands for row in rows for data in row)
        self._strip_bytes = self._width * STRIP_ROWS * self._bands
        self._head = _head(self._width, self._height, self._bands, self._strip_bytes)
        self._size = len(self._head) + self._width * self._height * self._bands
        self._at = 0
        self._strip = (-1, b"")
        self._row: tuple[int, Any] = (-1, None)

    def seek(self, offset: int, whence: int) -> int:
        """As `io.IOBase.seek`."""
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def read(self, length: int) -> bytes:
        """Bytes from where it was read last, perhaps fewer than asked for; none at the end."""
        if self._at < len(self._head):
            data = self._head[self._at : self._at + length]
        elif self._at < self._size:
            number, skipped = divmod(self._at - len(self._head), self._strip_bytes)
            data = self._decoded(number)[skipped : skipped + length]
        else:
            data = b""
        self._at += len(data)
        return data

    def _decoded(self, number: int) -> bytes:
        """The bytes of a strip; none where it was broken off, which is an end that comes too early for libvips."""
        if self._strip[0] == number:
            return self._strip[1]
        if not self._go_on():
            return b""
        row, within = divmod(number * STRIP_ROWS, TILE_SIZE)
        try:
            if self._row[0] != row:
                picture = _together(self._rows[row : row + 1])
                self._row = (row, picture if picture.bands == self._bands else picture.colourspace("srgb"))
            picture = self._row[1]
            part = picture.crop(0, within, picture.width, min(STRIP_ROWS, picture.height - within))
            strip: bytes = part.write_to_memory()
        except pyvips.Error:
            return b""
        self._strip = (number, strip)
        return strip


def _together(rows: Rows) -> Any:
    """Tiles joined by libvips itself."""
    tiles = [_opened(data) for row in rows for data in row]
    if len(tiles) == 1:
        return tiles[0]
    width = sum(tile.width for tile in tiles[: len(rows[0])])
    height = sum(tile.height for tile in tiles[:: len(rows[0])])
    return pyvips.Image.arrayjoin(tiles, across=len(rows[0])).crop(0, 0, width, height)


def _opened(data: bytes) -> Any:
    return pyvips.Image.jpegload_buffer(data, access="sequential", fail_on="error")


def _head(width: int, height: int, bands: int, strip_bytes: int) -> bytes:
    """All of a TIFF that comes before its pixels, which follow strip by strip."""
    strips = -(-height // STRIP_ROWS)
    last = width * bands * (height - (strips - 1) * STRIP_ROWS)
    depths = struct.pack(f"<{bands}H", *[8] * bands) + bytes(bands % 2 * 2)
    depths_at = 8 + 2 + 10 * _ENTRY.size + 4
    offsets_at = depths_at + len(depths)
    counts_at = offsets_at + 4 * strips
    offsets = [counts_at + 4 * strips + number * strip_bytes for number in range(strips)]
    counts = [strip_bytes] * (strips - 1) + [last]
    directory = [
        (256, _LONG, 1, width),
        (257, _LONG, 1, height),
        (258, _SHORT, bands, depths_at if bands > 1 else 8),
        (259, _SHORT, 1, 1),  # not compressed
        (262, _SHORT, 1, 2 if bands == 3 else 1),  # RGB, or black is zero
        (273, _LONG, strips, offsets_at if strips > 1 else offsets[0]),
        (277, _SHORT, 1, bands),
        (278, _LONG, 1, STRIP_ROWS),
        (279, _LONG, strips, counts_at if strips > 1 else counts[0]),
        (284, _SHORT, 1, 1),  # a pixel's samples stand together
    ]
    entries = b"".join(_ENTRY.pack(*entry) for entry in directory)
    positions = struct.pack(f"<{2 * strips}L", *offsets, *counts)
    return b"II*\0" + struct.pack("<LH", 8, len(directory)) + entries + bytes(4) + depths + positions
