"""A Whoosh codec and writer that keep a segment in the files of `wenyuan.repo.search.packed`.

Whoosh gives the generations, the lock, the order of a commit and the deletions; it pickles class paths into its table
of contents, so `wenyuan.repo.search.codec.PackedCodec` is part of the format on disk.
"""

from __future__ import annotations

import heapq
import secrets
import struct
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec, FieldWriter, PerDocumentWriter
from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.writing import SegmentWriter

from wenyuan.repo.search import packed
from wenyuan.repo.search.durable import sync
from wenyuan.repo.search.packed import COUNT_BITS, MOST_COUNTED, DocumentsFile, DocumentsWriter, TermsFile, TermsWriter
from wenyuan.repo.search.rows import ItemRow

Row = tuple[str, bytes, "array[int]"]
"""Field, term, postings."""

MOST_TERMS = 400_000
"""Terms in memory before a batch writes a run to disk: some 3,100 pages, 92 MB (measured on our corpus)."""
MOST_SEGMENTS = 12
"""More segments than this are merged: each costs a search one more look-up of every term."""

_SEAL = struct.Struct("<I")


class DurableStorage(FileStorage):  # type: ignore[misc]
    """A folder where a table of contents becomes visible only after all that it names is on the disk.

    Whoosh calls no fsync: a commit of its own would survive a killed process but no power failure.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._unsynced: set[Path] = set()

    def create_file(self, name: str, *args: Any, **options: Any) -> Any:
        """Create a file and remember it for the next commit."""
        self._unsynced.add(Path(self.folder) / name)
        return super().create_file(name, *args, **options)

    def open_file(self, name: str, *args: Any, **options: Any) -> Any:
        """Open a table of contents, whole and checked. No handle is left open where reading it fails."""
        data = (Path(self.folder) / name).read_bytes()
        if zlib.crc32(data[: -_SEAL.size]) != _SEAL.unpack_from(data.rjust(_SEAL.size, b"\0"), -_SEAL.size)[0]:
            raise ValueError(f"{name}: checksum differs")
        return BufferFile(data, name=name)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Seal a table of contents and make it visible: files, then folder, then name, then folder again."""
        table = Path(self.folder) / oldname
        data = table.read_bytes()
        table.write_bytes(data + _SEAL.pack(zlib.crc32(data)))  # Whoosh reads no further than its own end
        for path in self._unsynced:
            if path.exists():
                sync(path)
        self._unsynced.clear()
        sync(Path(self.folder))
        super().rename_file(oldname, newname, safe)
        sync(Path(self.folder))
        for abandoned in Path(self.folder).glob("*.toc.*"):  # of writers that were killed; Whoosh does not know them
            abandoned.unlink(missing_ok=True)


class SegmentFiles:
    """The files of one segment; never changed once written, so shared by generations and threads."""

    def __init__(self, folder: Path, segment: Any) -> None:
        self.terms = TermsFile(folder / segment.make_filename(".trm"), folder / segment.make_filename(".pst"))
        self.documents = DocumentsFile(folder / segment.make_filename(".doc"))
        if len(self.documents) != segment.doc_count_all():
            raise ValueError(f"{segment.segment_id()}: {len(self.documents)} documents")


class PackedCodec(Codec):  # type: ignore[misc]
    """Hands Whoosh's writer our files."""

    length_stats = False

    def per_document_writer(self, storage: Any, segment: Any) -> _Documents:
        """Called once for each new segment."""
        return _Documents(segment.create_file(storage, ".doc"))

    def field_writer(self, storage: Any, segment: Any) -> _Fields:
        """Likewise."""
        return _Fields(segment.create_file(storage, ".trm"), segment.create_file(storage, ".pst"))

    def new_segment(self, storage: Any, indexname: str) -> Any:
        """A segment with a name of our own making.

        Whoosh draws names from `random`, whose state forked processes share: two workers would write the same file.
        """
        return W3Segment(self, indexname, segid=secrets.token_hex(8))


class _Documents(PerDocumentWriter):  # type: ignore[misc]
    def __init__(self, file: Any) -> None:
        self.writer = DocumentsWriter(file)
        self.is_closed = False

    def close(self) -> None:
        self.writer.close()
        self.is_closed = True


class _Fields(FieldWriter):  # type: ignore[misc]
    def __init__(self, terms: Any, postings: Any) -> None:
        self._writer = TermsWriter(terms, postings)
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Row]) -> None:
        for row in items:
            self._writer.add(*row)

    def close(self) -> None:
        self._writer.close()
        self.is_closed = True


class _Pool:
    """Postings of a batch: in memory, in runs on disk, and in the segments that are merged in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fields: dict[str, dict[str, array[int]]] = {}
        self._sources: list[Callable[[], Iterator[Row]]] = []

    def add(self, document: int, fields: Mapping[str, Mapping[str, int]]) -> None:
        """One document's terms and how often each stands in it."""
        base = document << COUNT_BITS
        for field, counts in fields.items():
            rows = self._fields.setdefault(field, {})
            for term, count in counts.items():
                posting = base | min(MOST_COUNTED, count)
                row = rows.get(term)
                if row is None:
                    rows[term] = array("I", (posting,))
                else:
                    row.append(posting)
        if sum(map(len, self._fields.values())) > MOST_TERMS:
            self._spill()

    def _spill(self) -> None:
        name = str(self._folder / f"{len(self._sources)}.run")
        with Path(name + ".trm").open("wb") as terms, Path(name + ".pst").open("wb") as postings:
            run = TermsWriter(terms, postings)
            for row in self._in_memory():
                run.add(*row)
            run.close()
        self._sources.append(TermsFile(Path(name + ".trm"), Path(name + ".pst")).rows)
        self._fields = {}

    def _in_memory(self) -> Iterator[Row]:
        for field in sorted(self._fields):
            rows = self._fields[field]
            for term in sorted(rows):  # order of code points is order of UTF-8 bytes
                yield field, packed.encoded(term), rows[term]

    def absorb(self, terms: TermsFile, numbers: Mapping[int, int]) -> None:
        """Take over the postings of another segment; `numbers` maps the documents that live on to their new numbers."""

        def renumbered() -> Iterator[Row]:
            for field, term, row in terms.rows():
                kept = array(
                    "I",
                    [
                        numbers[posting >> COUNT_BITS] << COUNT_BITS | posting & MOST_COUNTED
                        for posting in row
                        if posting >> COUNT_BITS in numbers
                    ],
                )
                if kept:
                    yield field, term, kept

        if self._fields:
            self._spill()  # numbers of the new documents are lower than those of a merged segment: keep the order
        self._sources.append(renumbered)

    def iter_postings(self) -> Iterator[Row]:
        """Everything, in order of field and term; sources hold ascending document numbers one after the other."""
        sources = [source() for source in self._sources] + [self._in_memory()]
        last: Row | None = None
        for row in heapq.merge(*sources, key=itemgetter(0, 1)):
            if last and last[0] == row[0] and last[1] == row[1]:
                last[2].extend(row[2])
            else:
                if last:
                    yield last
                last = row
        if last:
            yield last

    def cleanup(self) -> None:
        """Whoosh removes the folder of the runs."""


class PackedWriter(SegmentWriter):  # type: ignore[misc]
    """Whoosh's writer with our pool and merge policy."""

    def __init__(self, index: Any, *, lock_wait_s: float, open_segment: Callable[[Any], SegmentFiles]) -> None:
        super().__init__(index, timeout=lock_wait_s, codec=PackedCodec(), compound=False)
        self.pool = _Pool(Path(self._tempstorage.folder))
        self.open_segment = open_segment

    def add(self, text: str, length: int | None, fields: Mapping[str, Mapping[str, int]]) -> int:
        """Add one document (as in `DocumentsWriter.add`); gives its number in the new segment."""
        number: int = self.docnum
        self.perdocwriter.writer.add(text, length)
        self.pool.add(number, fields)
        self._added = True
        self.docnum += 1
        return number

    def absorb(self, segment: Any) -> None:
        """Copy what lives of a segment into the new one."""
        files = self.open_segment(segment)
        numbers: dict[int, int] = {}
        start = 0
        for item in files.documents.items:
            pages = range(start, item)
            start = item + 1
            if segment.is_deleted(item):
                continue
            alive = [number for number in pages if not segment.is_deleted(number)]
            for number in alive:
                self.perdocwriter.writer.add_deflated(files.documents.deflated(number), files.documents.lengths[number])
            if len(alive) == len(pages):
                self.perdocwriter.writer.add_deflated(files.documents.deflated(item), None)
            else:  # the row names the pages that lie before it
                row = ItemRow.from_text(files.documents.text(item))
                left = replace(row, pages=tuple(row.pages[number - pages.start] for number in alive))
                self.perdocwriter.writer.add(left.to_text(), None)
            for number in (*alive, item):
                numbers[number] = self.docnum
                self.docnum += 1
        self.pool.absorb(files.terms, numbers)
        self._added = True

    def finish(self) -> None:
        """Commit, durably."""
        self.commit(mergetype=merge)

    def cancel(self) -> None:
        """Give up the batch and remove its files."""
        super().cancel()
        for name in self.newsegment.list_files(self.storage):
            self.storage.delete_file(name)


def merge(writer: PackedWriter, segments: list[Any]) -> list[Any]:
    """Which segments go into the new one: those not larger than twice all before them, and those mostly deleted.

    Sizes then grow by a constant factor, so a page is copied O(log pages) times and there are O(log pages) segments.
    """
    kept: list[Any] = []
    total = writer.docnum
    for place, segment in enumerate(sorted(segments, key=lambda segment: segment.doc_count())):
        alive = segment.doc_count()
        small = total and alive <= 2 * total and alive + writer.docnum < packed.MOST_DOCUMENTS
        if not alive:
            continue
        if small or alive * 2 < segment.doc_count_all() or len(segments) - place > MOST_SEGMENTS:
            writer.absorb(segment)
            total += alive
        else:
            kept.append(segment)
    return kept
