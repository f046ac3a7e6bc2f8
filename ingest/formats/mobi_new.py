"""Books of newer Kindles (KF8, .azw3): XHTML cut into skeletons and fragments, with style sheets and fonts beside them.

A skeleton is a document without its middle; fragments are put into it one after the other, each at an offset of the
whole text. Links name a fragment and an offset in it (`kindle:pos:fid:…:off:…`), pictures and fonts their number
(`kindle:embed:…`), style sheets and drawings a flow (`kindle:flow:…`); numbers have 32 digits, 0 to 9 and A to V.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left, bisect_right
from html import unescape

from wenyuan.ingest.formats.epub_draft import Draft, Heading
from wenyuan.ingest.formats.mobi_index import Row, Table, read_table
from wenyuan.ingest.formats.mobi_parts import anchored, describe, resource
from wenyuan.ingest.formats.mobi_records import Header, Records
from wenyuan.repo.errors import DamagedSource

_POSITION = re.compile(rb"kindle:pos:fid:([0-9A-Va-v]{1,8}):off:([0-9A-Va-v]{1,12})")
_EMBED = re.compile(rb"""kindle:embed:([0-9A-Va-v]{1,8})(?:\?mime=[\w/+.\-]{0,100})?""")
_FLOW = re.compile(rb"""kindle:flow:([0-9A-Va-v]{1,8})(?:\?mime=([\w/+.\-]{0,100}))?""")
_COUNT, _PLACE = 1, 6
"""Tags of skeletons and fragments."""
_LABEL, _DEPTH, _TARGET = 3, 4, 6
"""Tags of the contents."""


def draft_of(records: Records, file_header: Header, header: Header, text: bytes) -> Draft:
    """The book, a chapter for each skeleton.

    Args:
        records: of the file.
        file_header: whose pictures are counted; not `header` where an older book comes first.
        header: of this book.
        text: all its flows, one behind the other.

    Raises:
        DamagedSource: the tables that hold the text together are broken.
    """
    try:
        return _Book(records, file_header, header, text).draft()
    except (ValueError, LookupError, struct.error) as error:
        raise DamagedSource(file=records.file, detail=f"tables of the text: {error}") from error


class _Book:
    """What is known of the book while its chapters are written."""

    def __init__(self, records: Records, file_header: Header, header: Header, text: bytes) -> None:
        self._records, self._file_header, self._header = records, file_header, header
        self._draft = Draft()
        self._flows = self._cut(text)
        self._fragments = self._table("fragments").rows
        self._starts: list[int] = []
        self._unwritten: list[tuple[str, int]] = []
        """Flows that something names, by their names in the draft."""
        self._resources: dict[int, str] = {}

    def draft(self) -> Draft:
        """Write everything."""
        describe(self._draft, self._header, self._records)
        parts = self._parts()
        linked = {self._offset(fragment, offset) for fragment, offset in self._wanted(parts)}
        listed = self._listed()
        targets = sorted(linked | {at for _, _, at in listed})
        for number, (start, part) in enumerate(zip(self._starts, parts, strict=True)):
            first, last = bisect_right(targets, start), bisect_left(targets, start + len(part))
            inside = [at - start for at in targets[first:last]]
            self._draft.chapters[_chapter(number)] = self._written(anchored(part, inside, "at-"))
        self._draft.contents = [Heading(title, depth, self._address(at)) for title, depth, at in listed]
        while self._unwritten:
            name, number = self._unwritten.pop()
            self._draft.resources[name] = (self._written(self._flows[number]), self._draft.resources[name][1])
        cover = self._header.number(201)
        self._draft.cover = self._embedded(cover + 1) if cover is not None else ""
        return self._draft

    def _cut(self, text: bytes) -> list[bytes]:
        """The flows: the markup first, then sheets and drawings."""
        at = self._header.index.get("flows")
        record = self._records[at] if at is not None else b""
        if record[:4] != b"FDST":
            return [text]
        first, count = struct.unpack_from(">LL", record, 4)
        bounds = struct.unpack_from(f">{2 * min(count, len(record) // 8)}L", record, first)
        if sorted(bounds) != list(bounds):
            raise ValueError("flows over each other")
        return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)] or [text]

    def _table(self, name: str) -> Table:
        at = self._header.index.get(name)
        return read_table(self._records, at) if at is not None else Table((), ())

    def _parts(self) -> list[bytes]:
        """The documents, whole again."""
        markup, parts, used, total = self._flows[0], list[bytes](), 0, 0
        for skeleton in self._table("skeletons").rows:
            start, length = skeleton.values[_PLACE][:2]
            part, at = markup[start : start + length], start + length
            for fragment in self._fragments[used : used + skeleton.first(_COUNT)]:
                size, place = fragment.values[_PLACE][1], _place(fragment) - start
                part = part[:place] + markup[at : at + size] + part[place:]
                at += size
            used += skeleton.first(_COUNT)
            total += len(part)
            if total > len(markup):
                raise ValueError("documents over each other")
            self._starts.append(start)
            parts.append(part)
        if not parts:
            self._starts, parts = [0], [markup]
        return parts

    def _wanted(self, parts: list[bytes]) -> set[tuple[int, int]]:
        """Where links of the text lead."""
        return {(int(found[1], 32), int(found[2], 32)) for part in parts for found in _POSITION.finditer(part)}

    def _offset(self, fragment: int, offset: int) -> int:
        return _place(self._fragments[fragment]) + offset if fragment < len(self._fragments) else 0

    def _address(self, at: int) -> str:
        number = max(0, bisect_right(self._starts, at) - 1)
        inside = at - self._starts[number]
        return f"{_chapter(number)}#at-{inside}" if inside else _chapter(number)

    def _written(self, part: bytes) -> bytes:
        """A document with addresses of the draft."""

        def position(found: re.Match[bytes]) -> bytes:
            return self._address(self._offset(int(found[1], 32), int(found[2], 32))).encode()

        part = _POSITION.sub(position, part)
        part = _FLOW.sub(lambda found: self._flow(int(found[1], 32), found[2] or b"").encode(), part)
        return _EMBED.sub(lambda found: self._embedded(int(found[1], 32)).encode(), part)

    def _flow(self, number: int, media_type: bytes) -> str:
        """A style sheet or drawing; these name others, so they are written when all that is before them is."""
        if not 0 < number < len(self._flows):
            return ""
        is_drawing = b"svg" in media_type
        name = f"flow-{number:04}.{'svg' if is_drawing else 'css'}"
        if name not in self._draft.resources:
            kind = "image/svg+xml" if is_drawing else "text/css"
            self._draft.resources[name] = (b"", kind)
            self._unwritten.append((name, number))
        return name

    def _embedded(self, number: int) -> str:
        if number not in self._resources:
            found = resource(self._records, self._file_header, number)
            self._resources[number] = f"resource-{number:05}.{found[0]}" if found else ""
            if found:
                self._draft.resources[self._resources[number]] = found[1:]
        return self._resources[number]

    def _listed(self) -> list[tuple[str, int, int]]:
        """Title, depth and offset of each entry of the contents."""
        try:
            table = self._table("contents")
            rows = [
                (table.label(row.first(_LABEL)), row) for row in table.rows if len(row.values.get(_TARGET, ())) == 2
            ]
        except (ValueError, IndexError, struct.error):
            return []  # a broken table of contents keeps nobody from reading
        listed = []
        for label, row in rows:
            title = " ".join(unescape(label.decode(self._header.encoding, "replace")).split())
            if title:
                listed.append((title, row.first(_DEPTH), self._offset(*row.values[_TARGET])))
        return sorted(listed, key=lambda row: row[2])


def _place(fragment: Row) -> int:
    """Where in the whole text a fragment is put; its name says so."""
    return int(fragment.name)


def _chapter(number: int) -> str:
    return f"part-{number + 1:04}.xhtml"
