"""Mobipocket and Kindle books without DRM: .mobi, .prc, .azw, .azw3.

They are turned into e-books of chapters, which are sanitised like any other (docs/decisions/007). PyMuPDF opens such
files, too, but gives pages without contents, links, ruby and pictures, and of KF8 a single one.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from wenyuan.ingest.formats import mobi_new, mobi_old
from wenyuan.ingest.formats.archive import too_many_bytes
from wenyuan.ingest.formats.epub_draft import Converted
from wenyuan.ingest.formats.mobi_records import read_headers, read_records
from wenyuan.ingest.formats.mobi_text import read_text
from wenyuan.ingest.formats.source import Format, Limits
from wenyuan.repo.errors import NoReadingOrder, UnreadableFile

_USUAL = "application/x-mobipocket-ebook"
_TYPES = {
    ".mobi": _USUAL,
    ".prc": _USUAL,
    ".azw": "application/vnd.amazon.ebook",
    ".azw3": "application/vnd.amazon.mobi8-ebook",
}
"""IANA has the third; the others as shared-mime-info. The bytes are those of one format."""

FORMAT = Format(
    name="mobi",
    media_types=_TYPES,
    score=lambda head, name: 100 if head[60:68] == b"BOOKMOBI" else 0,
    media_type=lambda head, name: _TYPES.get(PurePath(name).suffix.lower(), _USUAL),
)


def open_source(path: Path, file: str, limits: Limits) -> Converted:
    """Read a book and turn it into chapters.

    Args:
        path: the file as it lies on disk.
        file: the name that staff knows, for errors.
        limits: how much it may ask of us.

    Raises:
        EncryptedSource: DRM.
        DamagedSource: cut short or broken.
        UnsupportedFormat: packed in a way that nobody has described.
        NoReadingOrder: no text in it.
        TooLarge: more bytes than pictures may have pixels, more text than a text may have, more pages than a book.
        UnreadableFile: the operating system refuses.
    """
    try:
        size = path.stat().st_size
        if size > limits.max_pixels:
            raise too_many_bytes(file, size, limits.max_pixels, "WENYUAN_MAX_MEGAPIXELS")
        records = read_records(path.read_bytes(), file)
    except OSError as error:
        raise UnreadableFile(file=file, detail=error.strerror or str(error)) from error
    first, header = read_headers(records)
    text = read_text(records, header, limits.max_text_bytes)
    if not text.strip():
        raise NoReadingOrder(file=file)
    if header.version >= 8:
        return Converted(mobi_new.draft_of(records, first, header, text), "kf8", file, limits)
    return Converted(mobi_old.draft_of(records, header, text), "mobi", file, limits)
