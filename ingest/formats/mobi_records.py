"""The container of Mobipocket and Kindle books: a Palm database of records, and the headers in its first.

Offsets are those of the MobileRead wiki, "MOBI" and "PDB" (2023). The text of old books and of new ones (KF8) is kept
in the same way; a file may hold both, one behind the other.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from wenyuan.repo.errors import DamagedSource, EncryptedSource

_HEAD = 78
_MOST_RECORDS = 65_535
_NONE = 0xFFFFFFFF
_KF8_BOUNDARY = 121
_TOO_OLD = 0xE4
"""A shorter header says nothing of what lies behind the text in each record."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a database."""

    data: bytes
    starts: tuple[int, ...]
    file: str

    def __getitem__(self, number: int) -> bytes:
        """One record; empty where there is none."""
        if not 0 <= number < len(self.starts) - 1:
            return b""
        return self.data[self.starts[number] : self.starts[number + 1]]

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Header:
    """What the first record of a book says; numbers of records count from the beginning of the file.

    Attributes:
        compression: 1 none, 2 PalmDOC, 17480 HUFF/CDIC.
        texts: how many records of text follow this one.
        extra: flags of what lies behind the text in each record.
        huff: record and number of the dictionaries.
        first_picture: record.
        version: of the file; 8 is KF8.
        index: records of KF8: flows (FDST), fragments, skeletons; and the contents (NCX). None where there is none.
        told: EXTH, by type.
    """

    at: int
    compression: int
    text_bytes: int
    texts: int
    encoding: str
    title: str
    version: int
    first_picture: int
    huff: tuple[int, int]
    extra: int
    index: dict[str, int | None] = field(default_factory=dict)
    told: dict[int, list[bytes]] = field(default_factory=dict)

    def words(self, kind: int) -> list[str]:
        """What is told under a type, as text."""
        return [
            " ".join(raw.decode(self.encoding, "replace").split("\0")[0].split()) for raw in self.told.get(kind, ())
        ]

    def number(self, kind: int) -> int | None:
        """The first number told under a type."""
        raw = next((raw for raw in self.told.get(kind, ()) if len(raw) == 4), None)
        found = int.from_bytes(raw) if raw is not None else _NONE
        return None if found == _NONE else found


def read_records(data: bytes, file: str) -> Records:
    """The records of a Palm database.

    Raises:
        DamagedSource: its table leads out of the file, or goes back.
    """
    if len(data) < _HEAD:
        raise DamagedSource(file=file, detail="cut short in the table of records")
    (count,) = struct.unpack_from(">H", data, 76)
    if not 0 < count <= _MOST_RECORDS or len(data) < _HEAD + 8 * count:
        raise DamagedSource(file=file, detail="cut short in the table of records")
    starts = [struct.unpack_from(">L", data, _HEAD + 8 * number)[0] for number in range(count)]
    if sorted(starts) != starts or starts[0] < _HEAD + 8 * count:
        raise DamagedSource(file=file, detail="table of records in disorder")
    if starts[-1] >= len(data):
        raise DamagedSource(file=file, detail="cut short: records are missing")
    return Records(data, (*starts, len(data)), file)


def read_headers(records: Records) -> tuple[Header, Header]:
    """The header of the file, and that of its newest book: the same one, unless an old and a new book share the file.

    Raises:
        EncryptedSource: DRM, or locked with a password.
        DamagedSource: no header that can be read.
    """
    first = _read_header(records, 0)
    boundary = first.number(_KF8_BOUNDARY)
    if first.version >= 8 or boundary is None or not records[boundary].strip(b"\0"):
        return first, first
    return first, _read_header(records, boundary)


def _read_header(records: Records, at: int) -> Header:
    raw = records[at]
    try:
        compression, _, text_bytes, texts, _, encryption = struct.unpack_from(">HHLHHH", raw)
        length, _, code, _, version = struct.unpack_from(">LLLLL", raw, 20)
        title_at, title_length = struct.unpack_from(">LL", raw, 84)
        first_picture, huff, huffs = struct.unpack_from(">LLL", raw, 108)
        (exth,) = struct.unpack_from(">L", raw, 128)
    except struct.error as error:
        raise DamagedSource(file=records.file, detail="header cut short") from error
    if raw[16:20] != b"MOBI":
        raise DamagedSource(file=records.file, detail="no header of a Mobipocket book")
    if encryption:
        raise EncryptedSource(file=records.file)
    encoding = "utf-8" if code == 65001 else "cp1252"

    def number(offset: int) -> int | None:
        found = struct.unpack_from(">L", raw, offset)[0] if 16 + length >= offset + 4 <= len(raw) else _NONE
        return None if found == _NONE else at + int(found)

    return Header(
        at,
        compression,
        text_bytes,
        texts,
        encoding,
        raw[title_at : title_at + title_length].decode(encoding, "replace"),
        version,
        first_picture,
        (at + huff, huffs),
        struct.unpack_from(">H", raw, 242)[0] if length >= _TOO_OLD and len(raw) >= 244 else 0,
        {"contents": number(244)}
        | ({"flows": number(192), "fragments": number(248), "skeletons": number(252)} if version >= 8 else {}),
        _told(raw, 16 + length) if exth & 0x40 else {},
    )


def _told(raw: bytes, at: int) -> dict[int, list[bytes]]:
    """EXTH; of one that is cut short what is whole."""
    found: dict[int, list[bytes]] = {}
    if raw[at : at + 4] != b"EXTH" or len(raw) < at + 12:
        return found
    (count,) = struct.unpack_from(">L", raw, at + 8)
    at += 12
    for _ in range(min(count, 10_000)):
        if len(raw) < at + 8:
            break
        kind, length = struct.unpack_from(">LL", raw, at)
        if length < 8 or len(raw) < at + length:
            break
        found.setdefault(kind, []).append(raw[at + 8 : at + length])
        at += length
    return found
