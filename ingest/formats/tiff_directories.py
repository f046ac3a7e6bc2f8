"""The directories of a TIFF, read without a decoder: which are pages, how large, how compressed.

Not a format itself. libvips does not tell reduced-resolution copies (pyramids, thumbnails) and masks from pages, and
TIFF 6.0 lets any directory be any of these.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
OLD_JPEG = 6
"""Compression 6 (TIFF 6.0 section 22), replaced by 7 in Technical Note 2."""

_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION = 254, 255, 256, 257, 259, 274
_WANTED = {_NEW_SUBFILE_TYPE, _SUBFILE_TYPE, _WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION}
_NUMBERS = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q"}
"""Integer field types that fit where the value stands: BYTE, SHORT, LONG, IFD, LONG8."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory of the main chain; `number` is its place there, which decoders use."""

    number: int
    width: int
    """Pixels, once turned upright."""
    height: int
    compression: int
    is_copy: bool
    """A reduced-resolution version or a mask of another one."""


def pages(path: Path, most: int) -> list[Directory]:
    """The directories that are pages, in order; all of them where every one says it is a copy.

    Args:
        path: the file as it lies on disk.
        most: directories to read at most; the list then has one more than this.

    Raises:
        ValueError: not a TIFF, a directory outside the file, or a loop.
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        found = _chain(stream, most)
    return [directory for directory in found if not directory.is_copy] or found


def _chain(stream: BinaryIO, most: int) -> list[Directory]:
    head = stream.read(16)
    if head[:4] not in MAGIC:
        raise ValueError("not a TIFF")
    order, big = "<" if head[:1] == b"I" else ">", 43 in (head[2], head[3])
    offset = _unpack(order + "Q", head[8:16]) if big else _unpack(order + "L", head[4:8])
    found: list[Directory] = []
    seen: set[int] = set()
    while offset and len(found) <= most:
        if offset in seen:
            raise ValueError("directories form a loop")
        seen.add(offset)
        directory, offset = _directory(stream, offset, order, big=big, number=len(found))
        found.append(directory)
    if not found:
        raise ValueError("no directory")
    return found


def _directory(stream: BinaryIO, offset: int, order: str, *, big: bool, number: int) -> tuple[Directory, int]:
    count_format, entry_size, next_format = (order + "Q", 20, order + "Q") if big else (order + "H", 12, order + "L")
    stream.seek(min(offset, 1 << 62))
    count = _unpack(count_format, stream.read(struct.calcsize(count_format)))
    if count > 4096:
        raise ValueError(f"a directory of {count} entries")
    data = stream.read(count * entry_size)
    following = _unpack(next_format, stream.read(struct.calcsize(next_format)))
    tags: dict[int, int] = {}
    for start in range(0, count * entry_size, entry_size):
        tag, kind = struct.unpack_from(order + "HH", data, start)
        if tag in _WANTED and kind in _NUMBERS:
            (tags[tag],) = struct.unpack_from(order + _NUMBERS[kind], data, start + (12 if big else 8))
    is_copy = bool(tags.get(_NEW_SUBFILE_TYPE, 0) & 0b101) or tags.get(_SUBFILE_TYPE) == 2
    size = (tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0))
    width, height = reversed(size) if tags.get(_ORIENTATION, 1) in range(5, 9) else size
    return Directory(number, width, height, tags.get(_COMPRESSION, 1), is_copy), following


def _unpack(form: str, data: bytes) -> int:
    try:
        return int(struct.unpack(form, data)[0])
    except struct.error as error:
        raise ValueError("cut short") from error
