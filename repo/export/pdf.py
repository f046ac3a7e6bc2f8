"""An item as one searchable PDF: the pictures of its pages with their current text over them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from wenyuan.repo import book_pdf
from wenyuan.repo.catalogue import items
from wenyuan.repo.library import Library


def export_pdf(library: Library, item_id: str, target: Path) -> int:
    """Write an item to a PDF file; bytes written.

    The file is there whole or not at all; one that is there is replaced.

    Args:
        library: read only; a withdrawn item can be exported, too.
        item_id: id of an item in the catalogue.
        target: the file; its folder is made where it is missing.

    Raises:
        NoSuchItem: the id is unknown.
        NoSuchPage: an e-book: it has no pages with pictures.
        DerivativeMissing, ObjectMissing, Corrupt: something of it is lost; the target is as it was.
        StoreUnavailable: the store is away; the target is as it was.
    """
    with library.catalogue.reading() as session:
        items.get(session, item_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".", suffix=".pdf", delete=False) as draft:
        try:
            size_bytes = sum(draft.write(part) for part in book_pdf.of_item(library, item_id))
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod(0o644)
            Path(draft.name).replace(target)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    return size_bytes
