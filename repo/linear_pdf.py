"""What readers of a born-digital PDF get in place of its file, linearised at ingest; and which PDFs those are.

Made by `ingest.formats.pdf_linear`, served in byte ranges (`reader.views.document`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import File, PageKind
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import blob_key, derivative_key

LINEAR = "linear-v1.pdf"
"""Recipe of the linearised PDF, at page 0 of its file."""
UNFIT = "linear-v1.none"
"""Beside it in its place: what says that this file cannot be linearised, and why. The original is served as it is."""

MEDIA_TYPE = "application/pdf"
_SCANNED = frozenset({Origin.EMBEDDED_OCR, Origin.OCR, Origin.IMPORTED})
"""Text that was read off a picture. Corrected text says nothing: it was one or the other before."""


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF as the reading room fetches it.

    Attributes:
        key: of the stored object: the linearised PDF, or the original.
        etag: names exactly these bytes, without quotes.
        is_linear: whether it is the linearised one.
        open: (offset, length or None for all that follows).
    """

    key: str
    size_bytes: int
    etag: str
    is_linear: bool
    open: Callable[[int, int | None], AbstractContextManager[BinaryIO]]


def is_born_digital(origins: Iterable[Origin | None]) -> bool:
    """Whether a PDF is to be read as one, and not as a book of pictures.

    So it is when more of its pages have text of its own than text that was read off a scan. A scan is better read from
    the pictures made of it: they come in the size of the screen, where a PDF brings every scan whole.

    Args:
        origins: where the text of each page comes from; None for a page without text.
    """
    counted = Counter(origins)
    return counted[Origin.BORN_DIGITAL] > sum(counted[origin] for origin in _SCANNED)


def source_of(pages: Sequence[PageView], files: Iterable[File]) -> str | None:
    """SHA-256 of the one born-digital PDF that an item's pages are; None where they are anything else."""
    kinds, sources = {page.kind for page in pages}, {page.source for page in pages}
    if kinds != {PageKind.DOCUMENT} or len(sources) != 1 or not is_born_digital(page.origin for page in pages):
        return None
    source = next(iter(sources))
    return source if any(file.sha256 == source and file.media_type == MEDIA_TYPE for file in files) else None


def document(library: Library, source: str) -> Document:
    """The PDF as readers get it; the original where there is no linearised one.

    Raises:
        ObjectMissing, StoreUnavailable: neither can be had.
    """
    key, is_linear = derivative_key(source, 0, LINEAR), True
    try:
        size_bytes = library.store.stat(key).size_bytes
    except ObjectMissing:
        size_bytes = 0
    if not size_bytes:
        key, is_linear = blob_key(source), False
        size_bytes = library.store.stat(key).size_bytes
    # Made anew by another qpdf it may differ, then nearly always in length: no range of one is taken for the other's.
    etag = f"{source[:32]}-{size_bytes:x}{'-l' if is_linear else ''}"

    def opened(offset: int, length: int | None) -> AbstractContextManager[BinaryIO]:
        return library.store.open(key, offset=offset, length=length)

    return Document(key, size_bytes, etag, is_linear, opened)
