"""FictionBook 2 (.fb2, and zipped as .fb2.zip): one file of XML with the pictures in it, common in eastern Europe.

It is turned into an e-book of chapters (`fb2_chapters`), which is sanitised like any other.
"""

from __future__ import annotations

import struct
from pathlib import Path, PurePosixPath

from lxml.etree import _Element as Element

from wenyuan.ingest.formats.archive import entry_name, open_archive, read_entry, too_many_bytes
from wenyuan.ingest.formats.epub_book import children, local
from wenyuan.ingest.formats.epub_draft import Converted
from wenyuan.ingest.formats.fb2_chapters import draft_of
from wenyuan.ingest.formats.sanitise_parse import parse_xml
from wenyuan.ingest.formats.source import Format, Limits
from wenyuan.repo.errors import DamagedSource, NoReadingOrder, UnreadableFile

_PLAIN = "application/x-fictionbook+xml"
_ZIPPED = "application/x-zip-compressed-fb2"
"""As shared-mime-info has them; IANA knows neither."""
_ROOT = "FictionBook"


def _score(head: bytes, name: str) -> int:
    if head.startswith(b"PK\x03\x04"):
        if _first_entry(head).lower().endswith(".fb2"):
            return 80
        return 50 if name.lower().endswith((".fb2.zip", ".fbz")) else 0
    text = head.replace(b"\0", b"")
    return 90 if b"<FictionBook" in text and b"<?xml" in text[:60] else 85 if b"<FictionBook" in text[:400] else 0


def _first_entry(head: bytes) -> str:
    (length,) = struct.unpack_from("<H", head.ljust(30, b"\0"), 26)
    return head[30 : 30 + length].decode("ascii", "replace")


FORMAT = Format(
    name="fb2",
    media_types={".fb2": _PLAIN, ".fb2.zip": _ZIPPED, ".fbz": _ZIPPED},
    score=_score,
    media_type=lambda head, name: _ZIPPED if head.startswith(b"PK") else _PLAIN,
)


def open_source(path: Path, file: str, limits: Limits) -> Converted:
    """Read a book and turn it into chapters.

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much it may ask of us.

    Raises:
        DamagedSource: no FictionBook, or broken beyond reading.
        NoReadingOrder: no text in it.
        TooLarge: more than a text may have, or more pages than a book may have.
        BadInput: what `archive.open_archive` refuses.
        UnreadableFile: the operating system refuses.
    """
    root = parse_xml(_data(path, file, limits), huge=True)
    if root is None or local(root) != _ROOT:
        raise DamagedSource(file=file, detail="no FictionBook")
    if not any(_is_readable(body) for body in children(root, "body")):
        raise NoReadingOrder(file=file)
    return Converted(draft_of(root), "fb2", file, limits)


def _is_readable(body: Element) -> bool:
    """Whether there is text or a picture in it."""
    return any((element.text or element.tail or "").strip() or local(element) == "image" for element in body.iter())


def _data(path: Path, file: str, limits: Limits) -> bytes:
    try:
        with path.open("rb") as stream:
            is_zip = stream.read(4) == b"PK\x03\x04"
        if not is_zip:
            _check_size(path.stat().st_size, file, limits)
            return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(file=file, detail=error.strerror or str(error)) from error
    archive = open_archive(path, file, limits)
    try:
        books = [info for info in archive.infolist() if PurePosixPath(entry_name(info)).suffix.lower() == ".fb2"]
        if not books:
            raise DamagedSource(file=file, detail="no .fb2 in the archive")
        if len(books) > 1:
            raise DamagedSource(file=file, detail=f"{len(books)} books in one archive")
        _check_size(books[0].file_size, file, limits)
        return read_entry(archive, books[0].filename, limits.max_archive_bytes)
    finally:
        archive.close()


def _check_size(size: int, file: str, limits: Limits) -> None:
    if size > limits.max_text_bytes:
        raise too_many_bytes(file, size, limits.max_text_bytes, "WENYUAN_MAX_TEXT_MB")
