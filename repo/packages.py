"""What readers get in place of an e-book's file.

A sanitised ZIP made at ingest, read entry by entry through byte ranges.
"""

from __future__ import annotations

import io
import mimetypes
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from wenyuan.repo import book_data as book_entry
from wenyuan.repo import chapters, chinese
from wenyuan.repo.book_data import BookData
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing, NoSuchPage, TooLarge
from wenyuan.repo.library import Library
from wenyuan.repo.recent import Recent
from wenyuan.storage.errors import InvalidRange, ObjectMissing
from wenyuan.storage.keys import derivative_key
from wenyuan.storage.store import ObjectStore

PACKAGE = "package-v2.zip"
"""Recipe of the package, at page 0 of its file. Version 2 has `book_data.ENTRY` and what it names."""
EARLIER = ("package-v1.zip",)
"""What served before, the latest first: read until today's is made, then taken away (`ingest.stages.package`)."""

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
    ".avif": "image/avif",
    ".ttc": "font/collection",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".ogv": "video/ogg",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".vtt": "text/vtt",
    ".smil": "application/smil+xml",
}
"""Python knows fewer of them on systems without a table of media types of their own."""
_KEPT_OPEN = 32
"""Tables of contents of packages kept in memory, a few hundred kilobytes each at most."""
_MOST_BYTES = 64 * 1024**2
"""Of an entry that is held whole: a chapter, a style sheet. Ingest takes half as much (`WENYUAN_MAX_TEXT_MB`)."""
_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""APPNOTE 4.3.7: signature, lengths of the name and of the extra field; then the data."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a package, ready to be sent."""

    media_type: str
    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """One entry of a package, to be sent whole or in parts.

    Attributes:
        etag: names exactly these bytes, without quotes.
        open: (offset, length or None for all that follows); what it gives ends where the entry ends.
    """

    media_type: str
    etag: str
    size_bytes: int
    open: Callable[[int, int | None], AbstractContextManager[BinaryIO]]


def read_entry(library: Library, page: PageView, entry: str) -> Entry:
    """An entry of the package that the page is in, whole: a chapter, a style sheet.

    Raises:
        NoSuchPage: the package has no such entry.
        DerivativeMissing: the package is not made yet, lost or damaged.
        TooLarge: more than 64 MB.
    """
    place = _find(library, page, entry)
    return Entry(media_type(entry), place.read(), place.etag)


def open_entry(library: Library, page: PageView, entry: str) -> OpenEntry:
    """Any entry of the package that the page is in. Sounds, films, pictures and fonts are not held in memory.

    Raises:
        NoSuchPage: the package has no such entry.
        DerivativeMissing: the package is not made yet, lost or damaged; also when it is opened.
        TooLarge: a packed entry of more than 64 MB.
    """
    place = _find(library, page, entry)
    if not place.is_stored:
        place.check_size()
    return OpenEntry(media_type(entry), place.etag, place.info.file_size, place.open)


def chapter(library: Library, page: PageView, query: str | None = None) -> Entry:
    """The document of a chapter page, with the hits of a query marked.

    Raises:
        NoSuchPage, DerivativeMissing, TooLarge: as `read_entry`.
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


def book_data(library: Library, page: PageView) -> BookData:
    """What the book that the page is of says of itself; empty where its package was made before there was such a thing.

    Raises:
        DerivativeMissing: the package is not made yet, lost or damaged.
    """
    try:
        place = _find(library, page, book_entry.ENTRY)
    except NoSuchPage:
        return BookData()
    known = _books.get((library.store.name, place.etag))
    if known is None:
        try:
            known = book_entry.decode(place.read())
        except ValueError as error:
            raise DerivativeMissing(item=page.item, page=page.key) from error
        _books.put((library.store.name, place.etag), known)
    return known


def entry_sizes(library: Library, page: PageView) -> dict[str, int]:
    """The entries of the package that the page is in, and how many bytes each is unpacked; without what is ours.

    Raises:
        DerivativeMissing: the package is not made yet, lost or damaged.
    """
    if page.entry is None:
        return {}
    _find(library, page, page.entry)
    directory = _directories.get((library.store.name, _key(library.store, page)))
    infos = directory.infos.values() if directory else ()
    return {info.filename: info.file_size for info in infos if info.filename != book_entry.ENTRY and not info.is_dir()}


def media_type(entry: str) -> str:
    """IANA media type by the entry's ending."""
    ending = "." + entry.rsplit(".", 1)[-1].lower()
    return _MEDIA_TYPES.get(ending) or mimetypes.types_map.get(ending, "application/octet-stream")


@dataclass(frozen=True, slots=True)
class _Directory:
    """The table of contents of a package, and where the data of the entries begin that were asked for."""

    infos: dict[str, zipfile.ZipInfo]
    begins: dict[str, int] = field(default_factory=dict)


_directories: Recent[tuple[str, str], _Directory] = Recent(_KEPT_OPEN)
_books: Recent[tuple[str, str], BookData] = Recent(_KEPT_OPEN)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry lies in the store."""

    store: ObjectStore
    key: str
    page: PageView
    info: zipfile.ZipInfo
    begins: int

    @property
    def etag(self) -> str:
        return f"{self.page.source[:32]}-{self.info.CRC:08x}-{self.key.rsplit('/', 1)[-1]}"

    @property
    def is_stored(self) -> bool:
        return self.info.compress_type == zipfile.ZIP_STORED

    @contextmanager
    def open(self, offset: int, length: int | None) -> Iterator[BinaryIO]:
        """A part of the entry; of one that is not packed it is a range of the package itself."""
        left = max(0, self.info.file_size - offset)
        wanted = left if length is None else min(length, left)
        if not self.is_stored or not wanted:
            yield io.BytesIO(self.read()[offset : offset + wanted] if wanted else b"")
            return
        with ExitStack() as stack:
            with _telling(self.store, self.key, self.page):
                part = self.store.open(self.key, offset=self.begins + offset, length=wanted)
                stream = stack.enter_context(part)
            yield stream

    def read(self) -> bytes:
        """The whole entry, its checksum tested."""
        self.check_size()
        if not self.info.file_size:
            return b""
        with (
            _telling(self.store, self.key, self.page),
            self.store.open(self.key, offset=self.begins, length=self.info.compress_size) as stream,
        ):
            data = stream.read()
            if not self.is_stored:
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, self.info.file_size)
            if len(data) != self.info.file_size or zlib.crc32(data) != self.info.CRC:
                raise zipfile.BadZipFile(self.info.filename)
        return data

    def check_size(self) -> None:
        """Refuse what is too large to be held."""
        if self.info.file_size > _MOST_BYTES:
            raise TooLarge(
                file=self.info.filename,
                found=round(self.info.file_size / 1024**2, 1),
                limit=_MOST_BYTES // 1024**2,
                unit="megabytes",
                setting="WENYUAN_MAX_TEXT_MB",
            )


def _find(library: Library, page: PageView, entry: str) -> _Place:
    store, key = library.store, _key(library.store, page)
    with _telling(store, key, page):
        directory = _directories.get((store.name, key))
        if directory is None:
            directory = _read_directory(store, key)
            _directories.put((store.name, key), directory)
        info = directory.infos.get(entry)
        if info is None:
            raise NoSuchPage(item=page.item, page=entry)
        begins = directory.begins.get(entry)
        if begins is None:
            begins = directory.begins[entry] = _data_begins(store, key, info)
    return _Place(store, key, page, info, begins)


def _key(store: ObjectStore, page: PageView) -> str:
    """Of today's package, or of an earlier one that is all there is."""
    today = derivative_key(page.source, 0, PACKAGE)
    if _directories.get((store.name, today)) is not None or _is_there(store, today):
        return today
    earlier = (derivative_key(page.source, 0, recipe) for recipe in EARLIER)
    return next((key for key in earlier if _is_there(store, key)), today)


def _is_there(store: ObjectStore, key: str) -> bool:
    try:
        return store.stat(key).size_bytes > 0
    except ObjectMissing:
        return False


@contextmanager
def _telling(store: ObjectStore, key: str, page: PageView) -> Iterator[None]:
    """A package that is not there, or is not what it was, is told as missing: making it anew helps in each case."""
    try:
        yield
    except (ObjectMissing, InvalidRange, zipfile.BadZipFile, zlib.error, struct.error) as error:
        _directories.forget((store.name, key))
        raise DerivativeMissing(item=page.item, page=page.key) from error


def _read_directory(store: ObjectStore, key: str) -> _Directory:
    with zipfile.ZipFile(_RangeReader(store, key)) as archive:
        return _Directory({info.filename: info for info in archive.infolist()})


def _data_begins(store: ObjectStore, key: str, info: zipfile.ZipInfo) -> int:
    """Behind the entry's own header, whose extra field is not the one in the table of contents."""
    with store.open(key, offset=info.header_offset, length=_LOCAL_HEADER.size) as stream:
        signature, name, extra = _LOCAL_HEADER.unpack(stream.read())
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile(info.filename)
    return int(info.header_offset + _LOCAL_HEADER.size + name + extra)


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
