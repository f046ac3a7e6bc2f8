"""Books of Mobipocket and the first Kindles (KF7): one long HTML text; links and contents name offsets in it."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left, bisect_right
from html import unescape
from itertools import pairwise

from wenyuan.ingest.formats.epub_draft import Draft, Heading, document
from wenyuan.ingest.formats.mobi_index import read_table
from wenyuan.ingest.formats.mobi_parts import anchored, describe, resource
from wenyuan.ingest.formats.mobi_records import Header, Records

_BREAK = re.compile(rb"</?mbp:pagebreak[^>]{0,500}>", re.IGNORECASE)
_LINK = re.compile(rb"""(<a\b[^>]{0,2000}?)\bfilepos\s*=\s*["']?0*(\d{1,10})["']?""", re.IGNORECASE)
_PICTURE = re.compile(rb"""\b(?:hi|lo|low)?recindex\s*=\s*["']?0*(\d{1,6})["']?""", re.IGNORECASE)
_BODY = re.compile(rb"<body\b[^>]{0,2000}>", re.IGNORECASE)
_GUIDE = re.compile(rb"<reference\b[^>]{0,1000}>", re.IGNORECASE)
_GUIDE_AT = re.compile(rb"""\bfilepos\s*=\s*["']?0*(\d{1,10})""", re.IGNORECASE)
_ENTRY = re.compile(rb'<a\b[^>]{0,2000}?href="([^"]{1,200})"[^>]{0,2000}>(.{1,1000}?)</a', re.IGNORECASE | re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
_PICTURES = re.compile(rb"<img\b", re.IGNORECASE)
_AT, _LABEL, _DEPTH = 1, 3, 4
"""Tags of the table of contents."""


def draft_of(records: Records, header: Header, text: bytes) -> Draft:
    """The book; a chapter lies between two page breaks, or where it has none between two entries of its contents."""
    return _Book(records, header, text).draft()


class _Book:
    """What is known of the book while its chapters are written."""

    def __init__(self, records: Records, header: Header, text: bytes) -> None:
        self._records, self._header, self._text = records, header, text
        self._draft = Draft()
        body = _BODY.search(text)
        self._begins = body.end() if body else 0
        self._starts: list[int] = []

    def draft(self) -> Draft:
        """Write everything."""
        describe(self._draft, self._header, self._records)
        listed = self._listed()
        self._starts = self._cuts([at for _, _, at in listed])
        targets = sorted({int(match[2]) for match in _LINK.finditer(self._text)} | {at for _, _, at in listed})
        for number, (start, end) in enumerate(pairwise([*self._starts, len(self._text)])):
            inside = [at - start for at in targets[bisect_left(targets, start) : bisect_left(targets, end)]]
            self._draft.chapters[_chapter(number)] = self._chapter(anchored(self._text[start:end], inside, "at-"))
        self._draft.contents = [Heading(title, depth, self._address(at)) for title, depth, at in listed]
        self._draft.contents = self._draft.contents or self._from_page()
        cover = self._header.number(201)
        self._draft.cover = self._picture(cover + 1) if cover is not None else ""
        return self._draft

    def _cuts(self, listed: list[int]) -> list[int]:
        """Where chapters begin; nothing between two breaks is no chapter."""
        breaks = [match.end() for match in _BREAK.finditer(self._text, self._begins)] or listed
        starts = sorted({self._begins, *(at for at in breaks if self._begins < at < len(self._text))})
        kept = [
            start
            for start, end in pairwise([*starts, len(self._text)])
            if _TAG.sub(b"", self._text[start:end]).strip() or _PICTURES.search(self._text, start, end)
        ]
        return kept or [self._begins]

    def _chapter(self, piece: bytes) -> bytes:
        piece = _BREAK.sub(b"", piece)
        piece = _LINK.sub(lambda found: found[1] + f'href="{self._address(int(found[2]))}"'.encode(), piece)
        piece = _PICTURE.sub(lambda found: f'src="{self._picture(int(found[1]))}"'.encode(), piece)
        return document("", self._decoded(piece))

    def _decoded(self, raw: bytes) -> str:
        """Chinese books that say code page 1252 are in UTF-8 all the same, or in GB 18030."""
        for encoding in ("utf-8", "cp1252") if self._header.encoding == "utf-8" else ("utf-8", "gb18030", "cp1252"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        return raw.decode(self._header.encoding, "replace")

    def _address(self, at: int) -> str:
        number = max(0, bisect_right(self._starts, at) - 1)
        return f"{_chapter(number)}#at-{at - self._starts[number]}"

    def _picture(self, number: int) -> str:
        found = resource(self._records, self._header, number)
        if found is None:
            return ""
        name = f"picture-{number:05}.{found[0]}"
        self._draft.resources[name] = found[1:]
        return name

    def _listed(self) -> list[tuple[str, int, int]]:
        """Title, depth and offset of each entry of the table of contents that the file has."""
        at = self._header.index.get("contents")
        if at is None:
            return []
        try:
            table = read_table(self._records, at)
            rows = [(self._decoded(table.label(row.first(_LABEL))), row) for row in table.rows if _AT in row.values]
        except (ValueError, IndexError, struct.error):
            return []  # a broken table of contents keeps nobody from reading
        found = [(" ".join(unescape(title).split()), row.first(_DEPTH), row.first(_AT)) for title, row in rows]
        return sorted((row for row in found if row[0]), key=lambda row: row[2])

    def _from_page(self) -> list[Heading]:
        """The entries of the page of contents, which most old books have in place of a table."""
        for reference in _GUIDE.finditer(self._text, 0, self._begins):
            at = _GUIDE_AT.search(reference.group())
            if at and re.search(rb"""type\s*=\s*["']?toc\b""", reference.group(), re.IGNORECASE):
                page = self._draft.chapters[self._address(int(at[1])).partition("#")[0]]
                rows = ((match[1].decode(), _TAG.sub(b"", match[2])) for match in _ENTRY.finditer(page))
                named = (
                    (address, " ".join(unescape(title.decode("utf-8", "replace")).split())) for address, title in rows
                )
                return [Heading(title, 0, address) for address, title in named if title]
        return []


def _chapter(number: int) -> str:
    return f"chapter-{number + 1:04}.xhtml"
