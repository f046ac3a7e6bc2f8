"""Whether the files of a tantivy index are whole. Tantivy seals each with a CRC-32 and looks at it never.

A file of a segment ends in a footer of JSON with the checksum of all before it, the footer's length and a magic number
(tantivy, src/directory/footer.rs).
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from pathlib import Path
from typing import Any

META = "meta.json"
"""The table of contents: it names the segments, and is replaced as a whole by every commit."""
_MAGIC = 1337
_END = struct.Struct("<II")
_LONGEST_FOOTER = 1000
_PARTS = ("idx", "pos", "term", "store", "fast", "fieldnorm")


def table(folder: Path) -> dict[str, Any]:
    """What the table of contents says.

    Raises:
        OSError, ValueError: it is not there, or damaged.
    """
    found = json.loads((folder / META).read_bytes())
    if not isinstance(found, dict) or not isinstance(found.get("segments"), list):
        raise ValueError(f"{META} is no table of contents")
    return found


def names(contents: dict[str, Any]) -> list[str]:
    """Names of all files of all segments."""
    found: list[str] = []
    for segment in contents["segments"]:
        name = str(segment["segment_id"]).replace("-", "")
        found += [f"{name}.{part}" for part in _PARTS]
        if segment["deletes"]:
            found.append(f"{name}.{segment['deletes']['opstamp']}.del")
    return found


def check(path: Path) -> None:
    """Read a file through.

    Raises:
        OSError, ValueError: it is not there, or not as it was written.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        length, magic = _END.unpack(data[-_END.size :].rjust(_END.size, b"\0"))
        end = len(data) - _END.size - length
        if magic != _MAGIC or length > _LONGEST_FOOTER or end < 0:
            raise ValueError(f"{path.name} has no footer")
        with memoryview(data) as view, view[:end] as body:
            found = zlib.crc32(body)
        if found != json.loads(data[end : -_END.size])["crc"]:
            raise ValueError(f"{path.name}: checksum differs")
