"""The text of Mobipocket and Kindle books: packed by PalmDOC's LZ77, by HUFF/CDIC, or not at all.

Both are unpacked within bounds: phrases of HUFF/CDIC stand for others, and could stand for a world of them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from wenyuan.ingest.formats.archive import too_many_bytes
from wenyuan.ingest.formats.mobi_records import Header, Records
from wenyuan.repo.errors import DamagedSource, UnsupportedFormat

_PLAIN, _PALMDOC, _HUFF = 1, 2, 17480
_MOST_IN_RECORD = 64 * 1024
"""Bytes; writers put 4096 into a record, and the number that says so has 16 bits."""
_DEEPEST = 32
"""Phrases within phrases."""

_Unpack = Callable[[bytes], bytes]


def read_text(records: Records, header: Header, limit: int) -> bytes:
    """The whole text, in the encoding of the header.

    Args:
        records: of the file.
        header: of the book.
        limit: bytes.

    Raises:
        DamagedSource: records are missing or cannot be unpacked.
        UnsupportedFormat: packed in another way.
        TooLarge: more than `limit`.
    """
    if header.text_bytes > limit:
        raise too_many_bytes(records.file, header.text_bytes, limit, "WENYUAN_MAX_TEXT_MB")
    if header.at + header.texts >= len(records):
        raise DamagedSource(file=records.file, detail="cut short: records of text are missing")
    unpack = _unpacker(records, header)
    parts: list[bytes] = []
    total = 0
    for number in range(header.at + 1, header.at + 1 + header.texts):
        try:
            part = unpack(_without_extra(records[number], header.extra))
        except (IndexError, struct.error, ValueError) as error:
            raise DamagedSource(file=records.file, detail=f"record {number}: {error}") from error
        total += len(part)
        if total > limit:
            raise too_many_bytes(records.file, total, limit, "WENYUAN_MAX_TEXT_MB")
        parts.append(part)
    return b"".join(parts)


def _unpacker(records: Records, header: Header) -> _Unpack:
    if header.compression == _PLAIN:
        return bytes
    if header.compression == _PALMDOC:
        return unpack_palmdoc
    if header.compression == _HUFF:
        first, count = header.huff
        try:
            # The number is as large as the file likes to say: four thousand million.
            dictionaries = [records[number] for number in range(first + 1, min(first + count, len(records)))]
            return Phrases(records[first], dictionaries).unpack
        except (struct.error, IndexError, ValueError) as error:
            raise DamagedSource(file=records.file, detail=f"dictionary: {error}") from error
    raise UnsupportedFormat(file=records.file, found=f"mobi, compression {header.compression}")


def _without_extra(record: bytes, flags: int) -> bytes:
    """The text alone. Behind it lie, for each flag, some bytes whose number stands at their end, low digits last."""
    end = len(record)
    for bit in range(1, 16):
        if flags >> bit & 1:
            size = shift = 0
            for byte in reversed(record[max(0, end - 4) : end]):
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte & 0x80:
                    break
            end = max(0, end - size)
    if flags & 1 and end:
        end = max(0, end - (record[end - 1] & 3) - 1)  # bytes of a character that goes on in the next record
    return record[:end]


def unpack_palmdoc(data: bytes) -> bytes:
    """LZ77 as PalmDOC has it: five bytes out of one at most.

    Raises:
        IndexError, ValueError: it leads out of the data.
    """
    out = bytearray()
    at, end = 0, len(data)
    while at < end:
        byte = data[at]
        at += 1
        if byte == 0 or 9 <= byte < 0x80:
            out.append(byte)
        elif byte < 9:
            out += data[at : at + byte]
            at += byte
        elif byte >= 0xC0:
            out += bytes((32, byte ^ 0x80))
        else:
            pair = byte << 8 | data[at]
            at += 1
            _repeat(out, pair >> 3 & 0x7FF, (pair & 7) + 3)
    return bytes(out)


def _repeat(out: bytearray, distance: int, length: int) -> None:
    start = len(out) - distance
    if start < 0 or not distance:
        raise ValueError("a repetition of what was not there")
    if distance >= length:
        out += out[start : start + length]
    else:
        out += (bytes(out[start:]) * length)[:length]


class Phrases:
    """HUFF/CDIC: bits name phrases of a dictionary, and these may be packed in the same way."""

    def __init__(self, huff: bytes, dictionaries: list[bytes]) -> None:
        """Read the tables.

        Raises:
            struct.error, ValueError: they are none.
        """
        if huff[:4] != b"HUFF":
            raise ValueError("no HUFF record")
        short_at, long_at = struct.unpack_from(">LL", huff, 8)
        self._short = [
            (word & 0x1F, bool(word & 0x80), ((word >> 8) + 1 << 32 - (word & 0x1F)) - 1)
            for word in struct.unpack_from(">256L", huff, short_at)
        ]
        bounds = struct.unpack_from(">64L", huff, long_at)
        self._least = [0, *(bounds[2 * n] << 31 - n for n in range(32))]
        self._most = [0, *((bounds[2 * n + 1] + 1 << 31 - n) - 1 for n in range(32))]
        self._phrases: list[tuple[bytes, bool]] = []
        for dictionary in dictionaries:
            self._add(dictionary)
        self._known: dict[int, bytes] = {}

    def unpack(self, data: bytes, depth: int = 0) -> bytes:
        """The text of a record.

        Raises:
            ValueError: it names phrases that are not there, or more than a record may hold.
        """
        if depth > _DEEPEST:
            raise ValueError("phrases within phrases without end")
        if len(data) > _MOST_IN_RECORD:
            raise ValueError("more than a record may hold")
        out = bytearray()
        bits, left = int.from_bytes(data + bytes(8)), 8 * len(data)
        width = left + 64
        while left > 0:
            code = bits >> width - 32 & 0xFFFFFFFF
            length, is_whole, most = self._short[code >> 24]
            if not is_whole:
                while code < self._least[length]:
                    length += 1
                most = self._most[length]
            width, left = width - length, left - length
            if not length or left < 0:
                break
            bits &= (1 << width) - 1
            out += self._phrase(most - code >> 32 - length, depth)
            if len(out) > _MOST_IN_RECORD:
                raise ValueError("more than a record may hold")
        return bytes(out)

    def _phrase(self, number: int, depth: int) -> bytes:
        if not 0 <= number < len(self._phrases):
            raise ValueError("a phrase that is not there")
        text, is_plain = self._phrases[number]
        if is_plain:
            return text
        if number not in self._known:
            self._known[number] = self.unpack(text, depth + 1)
        return self._known[number]

    def _add(self, record: bytes) -> None:
        if record[:4] != b"CDIC":
            raise ValueError("no CDIC record")
        total, bits = struct.unpack_from(">LL", record, 8)
        for number in range(min(1 << min(bits, 16), max(0, total - len(self._phrases)))):
            (at,) = struct.unpack_from(">H", record, 16 + 2 * number)
            (length,) = struct.unpack_from(">H", record, 16 + at)
            self._phrases.append((record[18 + at : 18 + at + (length & 0x7FFF)], bool(length & 0x8000)))
