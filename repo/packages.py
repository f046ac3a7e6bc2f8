"""What readers get in place of an e-book's file.

A sanitised ZIP made at ingest, read entry by entry through byte ranges.
"""

from __future__ import annotations

import io
import mimetypes
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from wenyuan.repo import chapters, chinese
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing, NoSuchPage
from wenyuan.repo.library import Library
from wenyuan.repo.recent import Recent
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import derivative_key
from wenyuan.storage.store import ObjectStore

PACKAGE = "package-v1.zip"
"""Recipe of the package, at page 0 of its file."""

_MEDIA_TYPES = {
    ".xhtml": "application/xhtml+xml",
    ".html": "application/xhtml+xml",
    ".htm": "application/xhtml+xml",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".smil": "application/smil+xml",
}
_KEPT_OPEN = 32
"""Tables of contents of packages kept in memory, a few hundred kilobytes each at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a package, ready to be sent."""

    media_type: str
    data: bytes
    etag: str


def read_entry(library: Library, page: PageView, entry: str) -> Entry:
    """An entry of the package that the page is in: chapter, style sheet, picture, font.

    Raises:
        NoSuchPage: the package has no such entry.
        DerivativeMissing: the package is not made yet, or lost.
    """
    key = derivative_key(page.source, 0, PACKAGE)
    try:
        info = _directory(library.store, key).get(entry)
        if info is None:
            raise NoSuchPage(item=page.item, page=entry)
        with zipfile.ZipFile(_RangeReader(library.store, key)) as archive:
            data = archive.read(info)
    except ObjectMissing as error:
        _directories.forget((library.store.name, key))
        raise DerivativeMissing(item=page.item, page=page.key) from error
    return Entry(media_type(entry), data, f"{page.source[:32]}-{info.CRC:08x}-{PACKAGE}")


def chapter(library: Library, page: PageView, query: str | None = None) -> Entry:
    """The document of a chapter page, with the hits of a query marked.

    Raises:
        NoSuchPage, DerivativeMissing: as `read_entry`.
    """
    if page.entry is None:
        raise NoSuchPage(item=page.item, page=page.key)
    entry = read_entry(library, page, page.entry)
    if not query or not entry.media_type.endswith("xml"):
        return entry
    with library.catalogue.reading() as session:
        text = items.page_text(session, page.item, page.key)
    ranges = chinese.find(text, chinese.parse(query))
    return Entry(entry.media_type, chapters.mark(entry.data, ranges), "") if ranges else entry


def media_type(entry: str) -> str:
    """IANA media type by the entry's ending."""
    ending = "." + entry.rsplit(".", 1)[-1].lower()
    return _MEDIA_TYPES.get(ending) or mimetypes.types_map.get(ending, "application/octet-stream")


_directories: Recent[tuple[str, str], dict[str, zipfile.ZipInfo]] = Recent(_KEPT_OPEN)


def _directory(store: ObjectStore, key: str) -> dict[str, zipfile.ZipInfo]:
    def read() -> dict[str, zipfile.ZipInfo]:
        with zipfile.ZipFile(_RangeReader(store, key)) as archive:
            return {info.filename: info for info in archive.infolist()}

    return _directories.get((store.name, key), read)


class _RangeReader(io.RawIOBase, BinaryIO):
    """A stored object as a seekable file: each read is one byte range."""

    def __init__(self, store: ObjectStore, key: str) -> None:
        super().__init__()
        self._store, self._key = store, key
        self._size = store.stat(key).size_bytes
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, self._size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        with self._store.open(self._key, offset=self._at, length=wanted) as stream:
            data = stream.read(wanted)
        self._at += len(data)
        return data
