"""What old and new Kindle books share: pictures, fonts, anchors at offsets, what the book says of itself."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from itertools import cycle

from wenyuan.ingest.formats.epub_draft import Agent, Draft
from wenyuan.ingest.formats.epub_fonts import FONT_HEADS
from wenyuan.ingest.formats.mobi_records import Header, Records

_PICTURES = {
    b"\x89PNG": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"GIF8": ("gif", "image/gif"),
    b"RIFF": ("webp", "image/webp"),
    b"BM": ("bmp", "image/bmp"),
}
_MOST_FONT_BYTES = 64 * 1024**2
_HIDDEN_FONT_BYTES = 1040
_MARKS = re.compile(rb"<[^>]*\Z")
_ELEMENTS = {
    101: "publisher",
    103: "description",
    104: "isbn",
    105: "subject",
    106: "date",
    109: "rights",
    524: "language",
}
"""EXTH types; 113 and 504 are Amazon's own numbers."""
_LANGUAGES = {4: "zh", 9: "en", 12: "fr", 7: "de", 17: "ja", 18: "ko", 25: "ru", 10: "es", 16: "it", 1: "ar"}


def resource(records: Records, header: Header, number: int) -> tuple[str, bytes, str] | None:
    """Ending, bytes and media type of a picture or font; None where it is neither.

    Args:
        header: of the file, not of the newer book in it.
        number: as books write it, from 1.
    """
    data = records[header.first_picture + number - 1] if number > 0 else b""
    for head, (ending, media_type) in _PICTURES.items():
        if data.startswith(head):
            return ending, data, media_type
    if data.startswith(b"FONT"):
        try:
            font = _font(data)
        except (struct.error, zlib.error):
            return None
        return ("otf" if font.startswith(b"OTTO") else "ttf", font, "font/otf") if font.startswith(FONT_HEADS) else None
    return None


def anchored(text: bytes, offsets: Iterable[int], prefix: str) -> bytes:
    """The text with an empty anchor at each offset, before the tag if that is inside one."""
    parts: list[bytes] = []
    done = 0
    for offset in sorted({offset for offset in offsets if 0 <= offset <= len(text)}):
        cut = _MARKS.search(text, max(done, offset - 2_000), offset)
        at = cut.start() if cut else offset
        while 0 < at < len(text) and text[at] & 0xC0 == 0x80:
            at -= 1  # not inside a character
        at = max(at, done)
        parts += [text[done:at], f'<a id="{prefix}{offset}"></a>'.encode()]
        done = at
    return b"".join([*parts, text[done:]])


def describe(draft: Draft, header: Header, records: Records) -> None:
    """Fill in what the book says of itself."""
    title = next(iter(header.words(503)), "") or header.title.strip("\0 ")
    draft.elements.append(("title", title))
    draft.agents += [Agent(name, "aut") for told in header.words(100) for name in told.split("&") if name.strip()]
    for kind, name in _ELEMENTS.items():
        for text in header.words(kind):
            is_number = name == "isbn"
            draft.elements.append(("identifier" if is_number else name, f"urn:isbn:{text}" if is_number else text))
    if not header.words(524) and len(records[header.at]) >= 96:
        language = _LANGUAGES.get(records[header.at][95])
        draft.elements += [("language", language)] if language else []
    draft.progression = next((word for word in header.words(527) if word in ("rtl", "ltr")), "")
    draft.is_fixed = "true" in (word.lower() for word in header.words(122))


def _font(data: bytes) -> bytes:
    """A font, hidden by XOR (flag 2) and packed (flag 1)."""
    _, flags, starts, key_bytes, key_at = struct.unpack_from(">LLLLL", data, 4)
    font = data[starts:]
    key = data[key_at : key_at + key_bytes]
    if flags & 2 and key:
        head = bytes(a ^ b for a, b in zip(font[:_HIDDEN_FONT_BYTES], cycle(key), strict=False))
        font = head + font[_HIDDEN_FONT_BYTES:]
    return zlib.decompressobj().decompress(font, _MOST_FONT_BYTES) if flags & 1 else font
