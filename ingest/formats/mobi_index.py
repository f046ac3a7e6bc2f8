"""Tables of Kindle books: contents, skeletons, fragments (MobileRead wiki, "MOBI", INDX and TAGX records)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise

from wenyuan.ingest.formats.mobi_records import Records

_MOST_ROWS = 200_000
_CNCX_BYTES = 0x10000
"""An offset into the labels counts each record of them as so many."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its own name, and numbers by tag."""

    name: bytes
    values: dict[int, list[int]]

    def first(self, tag: int, default: int = 0) -> int:
        """The first number under a tag."""
        return next(iter(self.values.get(tag, ())), default)


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, and the labels that they may refer to."""

    rows: tuple[Row, ...]
    labels: tuple[bytes, ...]

    def label(self, offset: int) -> bytes:
        """The label at an offset; empty where there is none."""
        number, at = divmod(offset, _CNCX_BYTES)
        if not 0 <= number < len(self.labels):
            return b""
        length, begins = _number(self.labels[number], at)
        return self.labels[number][begins : begins + length]


@dataclass(frozen=True, slots=True)
class _Tag:
    tag: int
    values: int
    mask: int
    ends: bool


def read_table(records: Records, at: int) -> Table:
    """The table whose first record is `at`.

    Raises:
        ValueError, IndexError, struct.error: no table, or broken.
    """
    head = records[at]
    if head[:4] != b"INDX":
        raise ValueError("no INDX record")
    (length,) = struct.unpack_from(">L", head, 4)
    (count,) = struct.unpack_from(">L", head, 24)
    (labels,) = struct.unpack_from(">L", head, 52)
    tags, control_bytes = _tags(head, length)
    rows: list[Row] = []
    for number in range(at + 1, min(at + 1 + count, len(records))):
        rows += _rows(records[number], tags, control_bytes)
        if len(rows) > _MOST_ROWS:
            raise ValueError("too many rows")
    first = at + 1 + count
    return Table(tuple(rows), tuple(records[number] for number in range(first, min(first + labels, len(records)))))


def _tags(head: bytes, at: int) -> tuple[list[_Tag], int]:
    if head[at : at + 4] != b"TAGX":
        raise ValueError("no TAGX")
    length, control_bytes = struct.unpack_from(">LL", head, at + 4)
    rows = (head[start : start + 4] for start in range(at + 12, at + min(length, 4096), 4))
    return [_Tag(row[0], row[1], row[2], row[3] == 1) for row in rows if len(row) == 4], control_bytes


def _rows(record: bytes, tags: list[_Tag], control_bytes: int) -> list[Row]:
    if record[:4] != b"INDX":
        raise ValueError("no INDX record")
    table, count = struct.unpack_from(">LL", record, 20)
    if count > min(len(record), _MOST_ROWS):
        raise ValueError("more rows than bytes")
    starts = [*struct.unpack_from(f">{count}H", record, table + 4), table]
    if sorted(starts) != starts:
        raise ValueError("rows over each other")
    rows = []
    for start, end in pairwise(starts):
        row = record[start:end]
        name = row[1 : 1 + row[0]]
        rows.append(Row(name, _values(row, 1 + row[0], tags, control_bytes)))
    return rows


def _values(row: bytes, at: int, tags: list[_Tag], control_bytes: int) -> dict[int, list[int]]:
    controls, at = row[at : at + control_bytes], at + control_bytes
    wanted: list[tuple[_Tag, int, bool]] = []
    control = 0
    for tag in tags:
        if tag.ends:
            control += 1
            continue
        value = controls[control] & tag.mask
        if not value:
            continue
        if value == tag.mask and tag.mask.bit_count() > 1:
            size, at = _number(row, at)
            wanted.append((tag, size, True))
        else:
            wanted.append((tag, value // (tag.mask & -tag.mask), False))
    found: dict[int, list[int]] = {}
    for tag, size, is_bytes in wanted:
        values = found.setdefault(tag.tag, [])
        until = at + size if is_bytes else len(row)
        most = len(row) if is_bytes else size * tag.values
        while len(values) < most and at < until:
            value, at = _number(row, at)
            values.append(value)
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, high digits first; the last byte has its high bit set. The number, and where it ends."""
    value = 0
    for byte in data[at : at + 5]:
        at += 1
        value = value << 7 | byte & 0x7F
        if byte & 0x80:
            break
    return value, at
