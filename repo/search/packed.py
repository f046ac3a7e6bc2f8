"""The files of our Whoosh codec: sealed, memory-mapped, read by many threads at once.

Whoosh's own codec spends 90 % of indexing on one pickled, compressed block for each term, needs 28,000 to 33,000
bytes a page, and copies a segment into memory to read it (our measurement, docs/decisions/003). Here a posting is one
32-bit number, and a term's postings one array:

    .trm   for each field: its terms in order of bytes, end of each term, place of each term's postings
    .pst   postings: document number << 8 | how often (at most 255), ascending; long lists as differences, deflated
    .doc   one deflated text for each document, its length, and which documents are items

Every file ends in a JSON directory, its length and the CRC-32 of all before: a damaged file is noticed when it is
opened, not by a wrong answer.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from operator import sub
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

MAGIC = b"WYpack1" + sys.byteorder[:1].encode()
"""Name, version and byte order of the format. Another version is another index: it is made again from the catalogue."""
COUNT_BITS = 8
MOST_COUNTED = (1 << COUNT_BITS) - 1
MOST_DOCUMENTS = 1 << (32 - COUNT_BITS)
"""Documents of one segment, so that number and count fit 32 bits: 16.7 million."""
DEFLATED_FROM = 32
"""Postings from which on a list is deflated; of shorter ones the header eats the gain. Chosen by hand."""
_NUMBER = struct.Struct("<I")


class Sink(Protocol):
    """What a sealed file is written to."""

    def write(self, data: bytes) -> Any:
        """Append."""

    def close(self) -> None:
        """End."""


class SealedWriter:
    """Appends blocks and knows where they lie."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._crc = 0
        self.place = 0
        self.write(MAGIC)

    def write(self, data: bytes) -> int:
        """Append a block; gives its offset."""
        start = self.place
        self._sink.write(data)
        self._crc = zlib.crc32(data, self._crc)
        self.place += len(data)
        return start

    def close(self, directory: dict[str, Any]) -> None:
        """Write the directory and the seal."""
        data = json.dumps(directory, separators=(",", ":")).encode()
        self.write(data)
        self.write(_NUMBER.pack(len(data)))
        self._sink.write(_NUMBER.pack(self._crc))
        self._sink.close()


class SealedFile:
    """A memory-mapped sealed file. Never closed by hand: the map goes with its last reader, also after an unlink."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self.data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        sealed = len(self.data) - _NUMBER.size
        end = sealed - _NUMBER.size
        if end < len(MAGIC) or self.data[: len(MAGIC)] != MAGIC:
            raise ValueError(f"{path.name}: not an index file of this version")
        if zlib.crc32(self.data[:sealed]) != _NUMBER.unpack_from(self.data, sealed)[0]:
            raise ValueError(f"{path.name}: checksum differs")
        start = end - _NUMBER.unpack_from(self.data, end)[0]
        self.directory: dict[str, Any] = json.loads(bytes(self.data[start:end]))

    def numbers(self, place: int, count: int, typecode: str) -> memoryview:
        """An array of the file, without a copy."""
        width = array(typecode).itemsize
        return self.data[place : place + count * width].cast(typecode)  # type: ignore[call-overload,no-any-return]


def pack(row: array[int]) -> bytes:
    """The form of a list of postings on disk; a length that is no multiple of 4 tells a deflated one."""
    raw = row.tobytes()
    if len(row) < DEFLATED_FROM:
        return raw
    steps = array("I", [row[0], *map(sub, row[1:], row)])
    data = zlib.compress(steps.tobytes(), 1)
    data += b"\0" * (len(data) % 4 == 0)  # what follows the end of a deflate stream is not read
    return data if len(data) < len(raw) else raw


def unpack(data: memoryview) -> array[int]:
    """The postings of `pack`."""
    row = array("I")
    if len(data) % 4 == 0:
        row.frombytes(data)
        return row
    row.frombytes(zlib.decompressobj().decompress(data))
    return array("I", accumulate(row))


def unpack_numbers(data: memoryview) -> NDArray[np.uint32]:
    """The postings of `pack`, as numbers of numpy."""
    if len(data) % 4 == 0:
        return np.frombuffer(data, np.uint32)
    return np.cumsum(np.frombuffer(zlib.decompressobj().decompress(data), np.uint32), dtype=np.uint32)


class TermsWriter:
    """Writes `.trm` and `.pst`; fields and terms must come in order."""

    def __init__(self, terms: Sink, postings: Sink) -> None:
        self._terms, self._postings = SealedWriter(terms), SealedWriter(postings)
        self._fields: dict[str, list[int | str]] = {}
        self._field = ""
        self._start_field()

    def _start_field(self) -> None:
        self._keys = bytearray()
        self._ends = array("I", [0])
        self._places = array("Q")

    def add(self, field: str, term: bytes, row: array[int]) -> None:
        """One term with its postings."""
        if field != self._field:
            self._end_field()
            self._field = field
        self._keys += term
        self._ends.append(len(self._keys))
        self._places.append(self._postings.write(pack(row)))

    def _end_field(self) -> None:
        if self._places:
            self._places.append(self._postings.place)
            narrow = self._postings.place < 1 << 32  # nearly always; saves a tenth of the file
            places = array("I", self._places) if narrow else self._places
            blocks = (bytes(self._keys), self._ends.tobytes(), places.tobytes())
            self._fields[self._field] = [places.typecode, len(self._ends) - 1, *map(self._terms.write, blocks)]
        self._start_field()

    def close(self) -> None:
        """Finish both files."""
        self._end_field()
        self._terms.close({"fields": self._fields})
        self._postings.close({})


class _Field:
    """The terms of one field in a mapped file."""

    def __init__(self, file: SealedFile, typecode: str, count: int, keys: int, ends: int, places: int) -> None:
        self.count = count
        self.ends = file.numbers(ends, count + 1, "I")
        self.places = file.numbers(places, count + 1, typecode)
        self.keys = file.data[keys : keys + self.ends[count]]

    def term(self, number: int) -> bytes:
        return bytes(self.keys[self.ends[number] : self.ends[number + 1]])


class TermsFile:
    """Reads what `TermsWriter` wrote."""

    def __init__(self, terms: Path, postings: Path) -> None:
        file = SealedFile(terms)
        self._postings = SealedFile(postings).data
        self._fields = {name: _Field(file, *numbers) for name, numbers in file.directory["fields"].items()}

    def record(self, field: str, term: str) -> memoryview | None:
        """Packed postings of a term: their length tells roughly how many they are."""
        rows = self._fields.get(field)
        if rows is None:
            return None
        key = encoded(term)
        number = bisect_left(range(rows.count), key, key=rows.term)
        if number == rows.count or rows.term(number) != key:
            return None
        return self._postings[rows.places[number] : rows.places[number + 1]]

    def postings(self, field: str, term: str) -> Sequence[int]:
        """Postings of a term, ascending; empty where it is not there."""
        record = self.record(field, term)
        return unpack(record) if record is not None else ()

    def numbers(self, field: str, term: str) -> NDArray[np.uint32]:
        """`postings` for arithmetic on all of them at once."""
        record = self.record(field, term)
        return unpack_numbers(record) if record is not None else np.empty(0, np.uint32)

    def rows(self) -> Iterator[tuple[str, bytes, array[int]]]:
        """All fields, terms and postings, in order."""
        for name in sorted(self._fields):
            field = self._fields[name]
            keys = bytes(field.keys)
            for (start, end), (first, last) in zip(pairwise(field.ends), pairwise(field.places), strict=True):
                yield name, keys[start:end], unpack(self._postings[first:last])


def encoded(term: str) -> bytes:
    """A term as bytes. A broken file may hold half a surrogate pair; it is a character like another."""
    return term.encode("utf-8", "surrogatepass")


class DocumentsWriter:
    """Writes `.doc`."""

    def __init__(self, sink: Sink) -> None:
        self._file = SealedWriter(sink)
        self._places = array("Q", [self._file.place])
        self._lengths = array("I")
        self._items = array("I")

    def add(self, text: str, length: int | None) -> None:
        """One document: a page and its length in characters, or an item (None), which follows its pages."""
        self.add_deflated(zlib.compress(text.encode("utf-16-le", "surrogatepass"), 6), length)

    def add_deflated(self, data: bytes, length: int | None) -> None:
        """Likewise, from another segment."""
        if length is None:
            self._items.append(len(self._lengths))
        self._file.write(data)
        self._places.append(self._file.place)
        self._lengths.append(length or 0)

    def close(self) -> None:
        """Finish the file."""
        arrays = (self._places, self._lengths, self._items)
        self._file.close({"places": [[self._file.write(row.tobytes()), len(row)] for row in arrays]})


class DocumentsFile:
    """Reads what `DocumentsWriter` wrote.

    Attributes:
        lengths: of each document, in squeezed characters; 0 for an item.
        items: numbers of the documents that are items, ascending. The pages of an item lie before it, in reading order.
    """

    def __init__(self, path: Path) -> None:
        self._file = SealedFile(path)
        places, lengths, items = self._file.directory["places"]
        self._places = self._file.numbers(places[0], places[1], "Q")
        self.lengths = self._file.numbers(lengths[0], lengths[1], "I")
        self.items = array("I", self._file.numbers(items[0], items[1], "I"))

    def __len__(self) -> int:
        return len(self.lengths)

    def deflated(self, number: int) -> bytes:
        """A document as it is stored."""
        return bytes(self._file.data[self._places[number] : self._places[number + 1]])

    def text(self, number: int) -> str:
        """A document."""
        return zlib.decompress(self.deflated(number)).decode("utf-16-le", "surrogatepass")

    def pages_of(self, item: int) -> range:
        """Numbers of the pages of the item with this document number."""
        place = bisect_left(self.items, item)
        return range(self.items[place - 1] + 1 if place else 0, item)
