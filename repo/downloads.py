"""What a reader can take home: the original file, or one page of a PDF."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pymupdf

from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import File, PageKind
from wenyuan.repo.library import Library

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Download:
    """A file ready to be sent, whole or in ranges."""

    media_type: str
    filename: str
    size_bytes: int
    etag: str
    open: Callable[[int, int | None], AbstractContextManager[BinaryIO]]
    """(offset, length or None for all that follows)"""


def original(library: Library, item_id: str, file: File) -> Download:
    """An original as it was handed in. `item_id` is for the audit that the rights issue adds."""
    del item_id
    return Download(
        file.media_type,
        PurePosixPath(file.path).name,
        file.size_bytes,
        file.sha256,
        lambda offset, length: library.blobs.open(file.sha256, offset=offset, length=length),
    )


def page_pdf(library: Library, page: PageView) -> bytes | None:
    """One page of a PDF as a PDF of its own; None where the page is not from one."""
    if page.kind is not PageKind.DOCUMENT:
        return None
    # PyMuPDF carries no types.
    open_pdf: Callable[..., Any] = pymupdf.open
    # PyMuPDF is not made for threads, and the web server has many.
    with (
        library.blobs.as_file(page.source) as path,
        _one_at_a_time,
        open_pdf(path, filetype="pdf") as whole,
        open_pdf() as single,
    ):
        single.insert_pdf(whole, from_page=page.index, to_page=page.index)
        return bytes(single.tobytes(garbage=3, deflate=True))
