"""What is encrypted in an e-book: obfuscated fonts are made readable, anything else is rights management and refused.

Obfuscation keeps a font from being lifted out of a book by a double click; it protects nothing and is undone with the
book's own identifier (EPUB 3.3, section 4.4; Adobe, "Content protection: font mangling", 2010).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from itertools import cycle
from urllib.parse import unquote

from wenyuan.ingest.formats.epub_book import Book, Entries, first, local
from wenyuan.ingest.formats.sanitise_parse import parse_xml
from wenyuan.repo.errors import EncryptedSource

_IDPF = "http://www.idpf.org/2008/embedding"
_ADOBE = "http://ns.adobe.com/pdf/enc#RC"
_LENGTH = {_IDPF: 1040, _ADOBE: 1024}
"""Bytes at the start of a font that are changed."""
_DOCUMENTS = (".xhtml", ".html", ".htm", ".xht", ".xml", ".svg", ".css", ".opf", ".ncx")
_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
FONT_HEADS = (b"\0\x01\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
"""OpenType 1.9 "Font tables", WOFF 1 and 2."""


def obfuscated_fonts(entries: Entries, file: str) -> dict[str, str]:
    """Paths of the fonts to be made readable, with the algorithm.

    Raises:
        EncryptedSource: something else is encrypted, or in another way.
        DamagedSource, TooLarge: the list cannot be read.
    """
    path = entries.find("META-INF/encryption.xml")
    root = parse_xml(entries.text(path)) if path else None
    fonts: dict[str, str] = {}
    for data in root.iter() if root is not None else ():
        if local(data) == "EncryptedKey":
            raise EncryptedSource(file=file)
        if local(data) != "EncryptedData":
            continue
        method, reference = first(data, "EncryptionMethod"), first(data, "CipherReference")
        algorithm = (method.get("Algorithm") or "").strip() if method is not None else ""
        written = unquote(reference.get("URI") or "").strip() if reference is not None else ""
        if algorithm not in _LENGTH or written.lower().endswith(_DOCUMENTS):
            raise EncryptedSource(file=file)
        found = entries.find(written)
        if found:
            fonts[found] = algorithm
    return fonts


def readable_font(data: bytes, algorithm: str, book: Book) -> bytes | None:
    """The font itself; None if no identifier of the book opens it."""
    length = _LENGTH[algorithm]
    for key in _keys(algorithm, book):
        head = bytes(byte ^ mask for byte, mask in zip(data[:length], cycle(key), strict=False))
        if head.startswith(FONT_HEADS):
            return head + data[length:]
    return data if data.startswith(FONT_HEADS) else None  # tools list fonts that they then leave as they are


def _keys(algorithm: str, book: Book) -> Iterable[bytes]:
    """The unique identifier first; some tools took another one of the book."""
    unique = book.package.get("unique-identifier")
    elements = [element for element in book.package.iter() if local(element) == "identifier"]
    elements.sort(key=lambda element: element.get("id") != unique)
    for element in elements:
        text = element.text or ""
        if algorithm == _IDPF:
            yield hashlib.sha1(re.sub(r"[ \t\r\n]", "", text).encode(), usedforsecurity=False).digest()
        else:
            found = _UUID.search(text)
            if found:
                yield bytes.fromhex(found.group().replace("-", ""))
