"""Items 6 and 10: a scanned PDF without text, and a text in GB 18030."""

# PyMuPDF carries no annotations on these calls.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import io
from pathlib import Path

import pymupdf

from .primer import film_pages
from .records import write_record
from .texts import FOLDER


def make_text(target: Path) -> None:
    """Write the essay in GB 18030 with the line ends of its time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = (FOLDER / "bridge.txt").read_text(encoding="utf-8").strip()
    target.write_bytes((text + "\n").replace("\n", "\r\n").encode("gb18030"))
    write_record("bridge", target.with_suffix(".json"))


def make_scanned_pdf(target: Path) -> None:
    """Bind three grey scans into a PDF that holds no text at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    document = pymupdf.open()
    for picture in film_pages():
        kept = io.BytesIO()
        picture.save(kept, "JPEG", quality=68, optimize=True, dpi=(200, 200))
        width, height = picture.width * 0.36, picture.height * 0.36
        page = document.new_page(width=width, height=height)
        page.insert_image(page.rect, stream=kept.getvalue())
    document.set_metadata(
        {
            "title": "三字經（縮微攝影件）",
            "producer": "",
            "creator": "sample/make.py",
            "creationDate": "D:19881101090000+08'00'",
            "modDate": "D:19881101090000+08'00'",
        }
    )
    document.save(str(target), garbage=4, deflate=True, no_new_id=True)
    write_record("sanzijing", target.with_suffix(".json"))
