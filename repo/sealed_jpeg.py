"""JPEGs that tell whether they are still what was written: a comment with the checksum of all that follows it.

Decoders pass comments over (ITU-T T.81, B.2.4.5); a flipped bit often decodes to a picture all the same, with a band of
other colours from there on.
"""

from __future__ import annotations

import struct
import zlib

_START, _END = b"\xff\xd8", b"\xff\xd9"
_NAME = b"wenyuan-crc32:"
_LENGTH = 2 + len(_NAME) + 8
"""Of the segment, as it tells itself: the two bytes that tell it, the name, eight hex digits."""
_HEAD = _START + b"\xff\xfe" + struct.pack(">H", _LENGTH) + _NAME
_SEALED = len(_HEAD) + 8


def seal(data: bytes) -> bytes:
    """The JPEG with its checksum in a comment; it shows the same.

    Raises:
        ValueError: it is no JPEG.
    """
    if not data.startswith(_START):
        raise ValueError("no JPEG")
    rest = data[len(_START) :]
    return _HEAD + f"{zlib.crc32(rest):08x}".encode() + rest


def is_sound(data: bytes) -> bool:
    """Whether a JPEG is whole and, where it is sealed, unchanged."""
    if not data.startswith(_START) or not data.endswith(_END):
        return False
    if not data.startswith(_HEAD):
        return True  # made before pictures were sealed
    return data[len(_HEAD) : _SEALED] == f"{zlib.crc32(memoryview(data)[_SEALED:]):08x}".encode()
