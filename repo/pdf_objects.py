"""The bytes of a PDF (ISO 32000-1, 7): names, strings, streams, the table of objects. Written front to back."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping

HEADER = b"%PDF-1.7\n%\xe6\x96\x87\xe6\xb7\xb5\n"
"""The second line tells programs that bytes above 127 follow."""


def text(value: str) -> bytes:
    """A text string: UTF-16 with its mark, as hexadecimal digits."""
    return b"<" + ("\ufeff" + value).encode("utf-16-be", "replace").hex().upper().encode() + b">"


def number(value: float) -> bytes:
    """A number in as few digits as a thousandth of a point needs."""
    return f"{value:.3f}".rstrip("0").rstrip(".").replace("-0", "0", value == 0).encode()


def dictionary(entries: Mapping[str, bytes]) -> bytes:
    """Names and values."""
    return b"<<" + b"".join(b"/%s %s" % (name.encode(), value) for name, value in entries.items()) + b">>"


def array(values: Iterable[bytes]) -> bytes:
    """Values one after the other."""
    return b"[" + b" ".join(values) + b"]"


def reference(obj: int) -> bytes:
    """Where another object is meant."""
    return b"%d 0 R" % obj


class Objects:
    """Numbers of objects and where they begin in the file; nothing else of them stays in memory."""

    def __init__(self) -> None:
        self._places: list[int | None] = []
        self._written = 0

    def reserve(self) -> int:
        """A number for an object that others name before it is written."""
        self._places.append(None)
        return len(self._places)

    def begin(self) -> bytes:
        """The first bytes of the file."""
        return self._counted(HEADER)

    def put(self, obj: int, body: bytes) -> bytes:
        """An object."""
        self._places[obj - 1] = self._written
        return self._counted(b"%d 0 obj\n%s\nendobj\n" % (obj, body))

    def stream(self, obj: int, data: bytes, entries: Mapping[str, bytes], *, packed: bool = True) -> bytes:
        """A stream; `packed` compresses it, what is compressed already goes as it is."""
        told = dict(entries)
        if packed:
            data = zlib.compress(data, 6)
            told["Filter"] = b"/FlateDecode"
        told["Length"] = b"%d" % len(data)
        return self.put(obj, dictionary(told) + b"\nstream\n" + data + b"\nendstream")

    def end(self, entries: Mapping[str, bytes]) -> Iterator[bytes]:
        """The table of all objects and the trailer."""
        start, count = self._written, len(self._places) + 1
        yield self._counted(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for place in self._places:
            yield b"%010d 00000 n \n" % place if place is not None else b"0000000000 00000 f \n"
        told = {"Size": b"%d" % count, **entries}
        yield b"trailer\n" + dictionary(told) + b"\nstartxref\n%d\n%%%%EOF\n" % start

    def _counted(self, data: bytes) -> bytes:
        self._written += len(data)
        return data
