"""Scans with print on them and no text: what OCR is for. Drawn with the Chinese font that MuPDF carries."""

from __future__ import annotations

from pathlib import Path

import pymupdf

SIZE = (420, 560)
"""Points; at 150 dpi a page of 875 × 1,167 pixels, which is read in about a second."""
DPI = 150
PRINT = 22
"""Points: the height of a character."""


def lines(*texts: str, size: tuple[float, float] = SIZE) -> pymupdf.Document:
    """A page in lines, from left to right."""
    document = pymupdf.open()
    page = document.new_page(width=size[0], height=size[1])
    for number, text in enumerate(texts):
        page.insert_text((40, 70 + 44 * number), text, fontname="china-s", fontsize=PRINT)
    return document


def columns(*texts: str) -> pymupdf.Document:
    """A page in columns, from right to left."""
    document = pymupdf.open()
    page = document.new_page(width=SIZE[0], height=SIZE[1])
    for number, text in enumerate(texts):
        for place, character in enumerate(text):
            point = (SIZE[0] - 70 - 44 * number, 70 + 25 * place)
            page.insert_text(point, character, fontname="china-t", fontsize=PRINT)
    return document


def facing(left: pymupdf.Document, right: pymupdf.Document) -> pymupdf.Document:
    """Two pages side by side on one scan."""
    document = pymupdf.open()
    page = document.new_page(width=2 * SIZE[0], height=SIZE[1])
    for number, half in enumerate((left, right)):
        page.show_pdf_page(pymupdf.Rect(number * SIZE[0], 0, (number + 1) * SIZE[0], SIZE[1]), half, 0)
    return document


def blank() -> pymupdf.Document:
    """A page with nothing on it."""
    return lines()


def picture(path: Path, document: pymupdf.Document) -> Path:
    """The page as a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document[0].get_pixmap(dpi=DPI).save(path)
    return path


def pdf(path: Path, *documents: pymupdf.Document, parts: int = 1) -> Path:
    """The pages as a PDF of pictures.

    Args:
        path: of the file.
        documents: a page each.
        parts: pictures a page: of one, the page is that picture; of more, it must be drawn.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = pymupdf.open()
    for document in documents:
        rect = document[0].rect
        page = whole.new_page(width=rect.width, height=rect.height)
        for number in range(parts):
            strip = pymupdf.Rect(0, rect.height * number / parts, rect.width, rect.height * (number + 1) / parts)
            pixels = document[0].get_pixmap(dpi=DPI, clip=strip).tobytes("png")
            page.insert_image(strip, stream=pixels)
    whole.save(path)
    return path
