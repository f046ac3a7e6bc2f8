"""What of an e-book's entries can go into a package, as what, and under which name.

The bytes decide what an entry is, for the reading page gets it with a media type made from the name's ending
(`wenyuan.repo.packages`): an HTML page called `cover.png` must not pass for a picture nor the other way round.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

import pyvips

from wenyuan.ingest.formats import pixels
from wenyuan.ingest.formats.epub_book import Book, Entries, Resource
from wenyuan.ingest.formats.epub_fonts import FONT_HEADS, readable_font
from wenyuan.ingest.formats.sanitise_links import Kind
from wenyuan.repo.errors import BadInput, DamagedSource, TooLarge

OWN = "wenyuan/"
"""Folder of the package that holds what we add."""

_IMAGES: tuple[tuple[re.Pattern[bytes], tuple[str, ...]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), (".png",)),
    (re.compile(rb"\xff\xd8\xff"), (".jpg", ".jpeg", ".jpe")),
    (re.compile(rb"GIF8[79]a"), (".gif",)),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), (".webp",)),
)
"""The raster types of EPUB 3.3, section 3.2."""
_MEDIA: tuple[tuple[re.Pattern[bytes], Kind, tuple[str, ...]], ...] = (
    (re.compile(rb"....ftypM4[AB] ", re.DOTALL), Kind.SOUND, (".m4a", ".m4b", ".mp4")),
    (re.compile(rb"....ftyp(?!avif|heic|mif1)", re.DOTALL), Kind.FILM, (".mp4", ".m4v", ".mov", ".m4a")),
    (re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), Kind.SOUND, (".mp3",)),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), Kind.SOUND, (".aac",)),
    (re.compile(rb"OggS"), Kind.SOUND, (".ogg", ".oga", ".opus", ".ogv")),
    (re.compile(rb"fLaC"), Kind.SOUND, (".flac",)),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), Kind.SOUND, (".wav",)),
    (re.compile(rb"\x1aE\xdf\xa3"), Kind.FILM, (".webm",)),
    (re.compile(rb"(?:\xef\xbb\xbf)?WEBVTT[ \t\r\n]"), Kind.CAPTIONS, (".vtt",)),
)
_FONT_ENDINGS: dict[bytes, tuple[str, ...]] = {
    b"wOFF": (".woff",),
    b"wOF2": (".woff2",),
    b"OTTO": (".otf",),
    b"ttcf": (".ttc", ".ttf", ".otf"),
}
_TEXTS = {Kind.MARKUP: (".xhtml", ".html", ".htm"), Kind.DRAWING: (".svg",), Kind.STYLE: (".css",)}
_MARKUP_TYPES = frozenset(("application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/xml", "text/xml"))
_MARKUP_ENDINGS = (".xhtml", ".html", ".htm", ".xht")
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.\-]*:)?([A-Za-z][\w.\-]*)")
_HEAD_BYTES = 4096
_PICTURE_HEAD_BYTES = 256 * 1024
"""Enough for the size of nearly all pictures; those with longer colour profiles are read whole."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\%#]')


class Stock:
    """The entries of one book, looked at when asked for.

    Attributes:
        warnings: pictures and documents that were left out, in the order they were met.
        paths: path in the archive of each package entry that was found.
    """

    def __init__(self, book: Book, entries: Entries, fonts: dict[str, str], file: str) -> None:
        """Set up; `fonts` are the obfuscated ones (`epub_fonts.obfuscated_fonts`)."""
        self.warnings: list[BadInput] = []
        self.paths: dict[str, str] = {}
        self._book, self._entries, self._fonts, self._file = book, entries, fonts, file
        self._manifest = book.by_path()
        self._known: dict[str, tuple[str, Kind] | None] = {}

    def find(self, path: str) -> tuple[str, Kind] | None:
        """Package entry and kind of what a path in the book names; None if missing or of no use (a `Find`)."""
        found = self._entries.find(path)
        if found is None:
            return None
        if found not in self._known:
            seen = self._look(found)
            self._known[found] = (self._name(found, seen[1]), seen[0]) if seen else None
        known = self._known[found]
        if known is not None:
            self.paths[known[0]] = found
        return known

    def picture(self, path: str) -> bytes | None:
        """The bytes of a picture; None if they cannot be had.

        Args:
            path: in the archive, as `paths` has it.
        """
        try:
            return self._entries.picture(path)
        except BadInput:
            return None

    def copy(self, path: str, target: Callable[[], BinaryIO]) -> None:
        """Write a font, picture, sound or film as it can be used, bit by bit: a film may be larger than the memory.

        It is read twice: what is damaged shows at its end, and must leave nothing behind. A broken picture is a gap in
        the page, not the end of the book.

        Args:
            path: in the archive, as `paths` has it.
            target: called for the place to write to, and not at all where the entry cannot be used.
        """
        try:
            for _ in self._chunks(path):
                pass
        except BadInput:
            return
        with target() as stream:
            stream.writelines(self._chunks(path))

    def _chunks(self, path: str) -> Iterator[bytes]:
        chunks = self._entries.chunks(path)
        if path in self._fonts:
            yield self._readable(path, next(chunks, b""))
        yield from chunks

    def _readable(self, path: str, font: bytes) -> bytes:
        """The beginning of an obfuscated font, made readable: what is hidden is far shorter than a chunk.

        Raises:
            DamagedSource: nothing opens it.
        """
        found = readable_font(font, self._fonts[path], self._book)
        if found is None:
            raise DamagedSource(file=f"{self._file}/{path}", detail="obfuscated font without key")
        return found

    def _look(self, path: str) -> tuple[Kind, tuple[str, ...]] | None:
        """Kind, and the endings that go with it, the usual one first."""
        if path.startswith("META-INF/") or path in ("mimetype", self._book.path):
            return None
        head = self._head(path, _HEAD_BYTES)
        if path in self._fonts:
            head = readable_font(head, self._fonts[path], self._book) or b""
        for pattern, endings in _IMAGES:
            if pattern.match(head):
                return (Kind.IMAGE, endings) if self._fits(path) else None
        if head.startswith(FONT_HEADS):
            return Kind.FONT, _FONT_ENDINGS.get(head[:4], (".ttf", ".otf"))
        for pattern, kind, endings in _MEDIA:
            if pattern.match(head):
                declared = self._declared(path)
                return (Kind.FILM if declared.startswith("video/") else kind), endings
        document = self._document(path, head)
        return document if document and self._fits_in_memory(path) else None

    def _document(self, path: str, head: bytes) -> tuple[Kind, tuple[str, ...]] | None:
        declared, ending = self._declared(path), PurePosixPath(path).suffix.lower()
        root = _ROOT.search(re.sub(rb"<!--.*?-->|<![^>]*>", b"", head.replace(b"\0", b""), flags=re.DOTALL))
        name = root[1].lower() if root else b""
        if declared == "text/css" or (ending == ".css" and name not in (b"html", b"svg")):
            return Kind.STYLE, _TEXTS[Kind.STYLE]
        is_markup = declared in _MARKUP_TYPES or ending in _MARKUP_ENDINGS
        is_drawing = declared == "image/svg+xml" or ending == ".svg"
        if name == b"svg" and (is_markup or is_drawing):
            return Kind.DRAWING, _TEXTS[Kind.DRAWING]
        if is_markup or (is_drawing and name == b"html"):
            return Kind.MARKUP, _TEXTS[Kind.MARKUP]
        return (Kind.DRAWING, _TEXTS[Kind.DRAWING]) if is_drawing else None

    def _declared(self, path: str) -> str:
        resource: Resource | None = self._manifest.get(path)
        return resource.media_type if resource else ""

    def _head(self, path: str, length: int) -> bytes:
        try:
            with self._entries.archive.open(self._entries.names[path]) as stream:
                return stream.read(length)
        except Exception:  # noqa: BLE001 - zipfile raises almost anything for broken entries (archive.py lists them)
            return b""

    def _fits(self, path: str) -> bool:
        """Whether a picture opens and is within the limit of pixels; if not, a warning says so."""
        try:
            width, height = self._size(path)
            pixels.check_pixels(width, height, f"{self._file}/{path}", self._entries.limits.max_pixels)
        except BadInput as error:
            self.warnings.append(error)
            return False
        return True

    def _fits_in_memory(self, path: str) -> bool:
        """Whether a document is within the limit; if not, a warning says so."""
        try:
            self._entries.check_text(path)
        except TooLarge as error:
            self.warnings.append(error)
            return False
        return True

    def _size(self, path: str) -> tuple[int, int]:
        size = self._entries.size(path)
        if size > _PICTURE_HEAD_BYTES:
            try:
                return _dimensions(self._head(path, _PICTURE_HEAD_BYTES))
            except pixels.VIPS_ERRORS:
                pass
        with pixels.decoding(f"{self._file}/{path}"):
            return _dimensions(self._entries.picture(path))

    def _name(self, path: str, endings: tuple[str, ...]) -> str:
        """The path itself, if it is safe and its ending is right; else one made from it, the same each time."""
        name = _UNSAFE.sub("_", path)
        if name.startswith(OWN):
            name = f"_{name}"
        if PurePosixPath(name).suffix.lower() not in endings:
            name += endings[0]
        if name != path and (name in self._entries.names or _UNSAFE.search(path)):
            stem, ending = name.rsplit(".", 1)
            name = f"{stem}-{hashlib.sha256(path.encode('utf-8', 'replace')).hexdigest()[:8]}.{ending}"
        return name


def _dimensions(data: bytes) -> tuple[int, int]:
    return pixels.dimensions(pyvips.Image.new_from_buffer(data, ""))
