"""Small e-books for tests, and what becomes of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pyvips

from wenyuan.ingest.formats import epub
from wenyuan.ingest.formats.source import Limits, Outline

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
TYPES = {
    "xhtml": "application/xhtml+xml",
    "svg": "image/svg+xml",
    "css": "text/css",
    "png": "image/png",
    "jpg": "image/jpeg",
    "otf": "font/otf",
    "ncx": "application/x-dtbncx+xml",
    "mp3": "audio/mpeg",
    "chapter1": "application/xhtml+xml",
}
PNG: bytes = pyvips.Image.black(30, 40).write_to_buffer(".png")
FONT = b"OTTO" + bytes(range(256)) * 8
IDENTIFIER = "urn:uuid:12345678-9abc-def0-1234-56789abcdef0"

Files = dict[str, str | bytes]
Make = Callable[..., Path]

LONG = "<p>" + "天地玄黃宇宙洪荒" * 10 + "</p>"
NAV = '<nav epub:type="toc"><h1>目</h1><ol>{}</ol></nav>'
NAV_ITEM = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'


def page(body: str, head: str = "") -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>t</title>{head}</head><body>{body}</body></html>"
    )


def package(
    names: list[str],
    *,
    spine: str = "",
    metadata: str = "",
    more: str = "",
    spine_attributes: str = "",
    items: str = "",
) -> str:
    manifest = "".join(
        f'<item id="i{n}" href="{name}" media-type="{TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream")}"/>'
        for n, name in enumerate(names)
    )
    references = spine or "".join(f'<itemref idref="i{n}"/>' for n, name in enumerate(names) if name.endswith("xhtml"))
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="u">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f'<dc:identifier id="u">{IDENTIFIER}</dc:identifier><dc:title>書</dc:title><dc:language>zh-Hant</dc:language>'
        f"{metadata}</metadata><manifest>{manifest}{items}</manifest>"
        f"<spine {spine_attributes}>{references}</spine>{more}</package>"
    )


def write_epub(
    path: Path, files: Files, *, meta: Files | None = None, packing: int = zipfile.ZIP_DEFLATED, **described: str
) -> Path:
    """Write an EPUB: files below OPS, with a package document made for them unless one is given."""
    everything: Files = {"META-INF/container.xml": CONTAINER, **(meta or {})}
    if "book.opf" not in files:
        everything["OPS/book.opf"] = package(list(files), **described)
    everything |= {f"OPS/{name}": data for name, data in files.items()}
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, data in everything.items():
            archive.writestr(name, data)
    return path


def opened(path: Path, limits: Limits | None = None) -> epub.EBook:
    return epub.open_source(path, "書.epub", limits or Limits())


def outline(path: Path) -> Outline:
    book = opened(path)
    try:
        return book.outline()
    finally:
        book.close()


def packed(path: Path) -> dict[str, bytes]:
    book = opened(path)
    target = path.with_suffix(".zip")
    assert book.package(target)
    book.close()
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
