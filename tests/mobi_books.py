"""Small Mobipocket books for tests, written from the format's description: plain, packed by PalmDOC or by HUFF/CDIC."""

from __future__ import annotations

import struct
from collections.abc import Callable

NONE = 0xFFFFFFFF
RECORD = 4096
_HEADER = 232

Told = list[tuple[int, bytes]]


def write_mobi(
    html: bytes,
    *,
    pictures: tuple[bytes, ...] = (),
    told: Told | None = None,
    pack: str = "palmdoc",
    encryption: int = 0,
    code: int = 65001,
    version: int = 6,
    title: str = "石頭記",
    extra: int = 0,
    contents: list[tuple[int, int, str]] | None = None,
) -> bytes:
    """A book of one HTML text.

    Args:
        html: in the encoding that `code` names.
        pictures: named by `recindex` from 1.
        told: EXTH rows.
        pack: plain, palmdoc or huff.
        extra: flags of what stands behind the text of each record; that is added, too.
        contents: (offset, depth, title) of each entry.
    """
    numbers = {"plain": 1, "palmdoc": 2, "huff": 17480}
    packer: dict[str, Callable[[bytes], bytes]] = {"plain": bytes, "palmdoc": pack_palmdoc, "huff": bytes}
    pieces = [html[start : start + RECORD] for start in range(0, len(html), RECORD)]
    texts = [packer[pack](piece) + _behind(extra) for piece in pieces]
    dictionaries = [huff(), cdic([bytes([255 - n]) for n in range(256)])] if pack == "huff" else []
    tables = index(contents) if contents else []
    first_huff = 1 + len(texts)
    first_table = first_huff + len(dictionaries)
    first_picture = first_table + len(tables)
    exth = _exth(told or [])
    name = title.encode()
    head = struct.pack(">HHLHHHH", numbers[pack], 0, len(html), len(texts), RECORD, encryption, 0)
    mobi = bytearray(b"MOBI" + struct.pack(">LLLLL", _HEADER, 2, code, 1, version)).ljust(_HEADER, b"\xff")
    for at, value in (
        (84, 16 + _HEADER + len(exth)),
        (88, len(name)),
        (92, 4),
        (108, first_picture),
        (112, first_huff if dictionaries else 0),
        (116, len(dictionaries)),
        (128, 0x40),
        (240, extra),
        (244, first_table if tables else NONE),
    ):
        struct.pack_into(">L", mobi, at - 16, value)
    first = head + bytes(mobi) + exth + name + bytes(8)
    return palm([first, *texts, *dictionaries, *tables, *pictures, b"\xe9\x8e\r\n"])


def palm(records: list[bytes], kind: bytes = b"BOOKMOBI") -> bytes:
    """A Palm database of records."""
    at = 78 + 8 * len(records) + 2
    table = b""
    for number, record in enumerate(records):
        table += struct.pack(">LL", at, number)
        at += len(record)
    head = b"book".ljust(32, b"\0") + bytes(28) + kind + bytes(8) + struct.pack(">H", len(records))
    return head + table + bytes(2) + b"".join(records)


def pack_palmdoc(data: bytes) -> bytes:
    """As PalmDOC packs: repetitions of three to ten bytes, a blank with the letter behind it, runs of other bytes."""
    out = bytearray()
    at = 0
    while at < len(data):
        length, distance = _longest(data, at)
        if length:
            out += struct.pack(">H", 0x8000 | distance << 3 | length - 3)
            at += length
        elif data[at] == 0x20 and 0x40 <= data[at + 1 : at + 2][0:1].ljust(1, b"\0")[0] < 0x80:
            out.append(data[at + 1] ^ 0x80)
            at += 2
        elif data[at] == 0 or 9 <= data[at] < 0x80:
            out.append(data[at])
            at += 1
        else:
            run = data[at : at + 8]
            run = run[: next((n for n, byte in enumerate(run) if n and 9 <= byte < 0x80), len(run))]
            out += bytes([len(run)]) + run
            at += len(run)
    return bytes(out)


def _longest(data: bytes, at: int) -> tuple[int, int]:
    for length in range(min(10, len(data) - at), 2, -1):
        found = data.rfind(data[at : at + length], max(0, at - 2047), at + length - 1)
        if 0 <= found < at:
            return length, at - found
    return 0, 0


def huff() -> bytes:
    """Codes of eight bits each: code n is phrase 255 - n."""
    short = struct.pack(">256L", *([0xFF << 8 | 0x80 | 8] * 256))
    return b"HUFF" + struct.pack(">LLL", 24, 24, 24 + len(short)) + bytes(8) + short + struct.pack(">64L", *([0] * 64))


def cdic(phrases: list[bytes], packed: frozenset[int] = frozenset()) -> bytes:
    """A dictionary; phrases whose numbers are in `packed` are made of others."""
    offsets, body = b"", b""
    for number, phrase in enumerate(phrases):
        offsets += struct.pack(">H", 2 * len(phrases) + len(body))
        body += struct.pack(">H", len(phrase) | (0 if number in packed else 0x8000)) + phrase
    return b"CDIC" + struct.pack(">LLL", 16, len(phrases), 8) + offsets + body


def index(contents: list[tuple[int, int, str]]) -> list[bytes]:
    """The table of contents (INDX, NCX): a head with its tags, the rows, the labels."""
    labels, rows, starts = b"", b"", []
    for number, (offset, depth, title) in enumerate(contents):
        starts.append(192 + len(rows))
        name = f"{number:03}".encode()
        rows += bytes([len(name)]) + name + bytes([0x07]) + _forward(offset) + _forward(len(labels)) + _forward(depth)
        labels += _forward(len(title.encode())) + title.encode()
    tags = ((1, 1, 1, 0), (3, 1, 2, 0), (4, 1, 4, 0), (0, 0, 0, 1))
    return [*_table(tags, rows, starts, labels=1), labels]


def skeletons(parts: list[tuple[int, int]]) -> list[bytes]:
    """The table of the documents of a new book: offset and length of each, none with fragments."""
    rows, starts = b"", []
    for number, (start, length) in enumerate(parts):
        starts.append(192 + len(rows))
        rows += b"\x03" + f"{number:03}".encode() + bytes([0x03]) + _forward(0) + _forward(start) + _forward(length)
    return _table(((1, 1, 1, 0), (6, 2, 2, 0), (0, 0, 0, 1)), rows, starts)


def flows(parts: list[bytes]) -> bytes:
    """The record (FDST) that says where each flow of a new book begins and ends."""
    ends = [sum(map(len, parts[: number + 1])) for number in range(len(parts))]
    bounds = [bound for start, end in zip([0, *ends], ends, strict=False) for bound in (start, end)]
    return b"FDST" + struct.pack(f">LL{len(bounds)}L", 12, len(parts), *bounds)


def _table(tags: tuple[tuple[int, ...], ...], rows: bytes, starts: list[int], labels: int = 0) -> list[bytes]:
    """A head with its tags, and the rows."""
    listed = b"".join(bytes(row) for row in tags)
    head = _indx(0, 1, labels) + b"TAGX" + struct.pack(">LL", 12 + len(listed), 1) + listed
    return [head, _indx(192 + len(rows), len(starts), 0) + rows + b"IDXT" + struct.pack(f">{len(starts)}H", *starts)]


def _indx(start: int, count: int, labels: int) -> bytes:
    head = bytearray(b"INDX" + struct.pack(">L", 192)).ljust(192, b"\0")
    struct.pack_into(">LL", head, 20, start, count)
    struct.pack_into(">L", head, 52, labels)
    return bytes(head)


def _forward(value: int) -> bytes:
    digits = [value & 0x7F | 0x80]
    while value := value >> 7:
        digits.append(value & 0x7F)
    return bytes(reversed(digits))


def _behind(flags: int) -> bytes:
    """What stands behind the text: a byte of a character (flag 1), then three bytes with their number (flag 2)."""
    return (b"\0" if flags & 1 else b"") + (b"xx\x83" if flags & 2 else b"")


def _exth(told: Told) -> bytes:
    rows = b"".join(struct.pack(">LL", kind, 8 + len(data)) + data for kind, data in told)
    whole = b"EXTH" + struct.pack(">LL", 12 + len(rows), len(told)) + rows
    return whole + bytes(-len(whole) % 4)
