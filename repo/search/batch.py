"""A batch of changes to the Whoosh index: pages and items as documents of a new segment, and deletions in the old ones.

An item's pages lie before it, in reading order. Pages that are replaced later lie in a newer segment before a row that
is a supplement of the item's: it names these pages and nothing else, and no title search sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from wenyuan.repo import chinese
from wenyuan.repo.search import matching
from wenyuan.repo.search.codec import PackedWriter, SegmentFiles
from wenyuan.repo.search.index import ItemDocument, PageText
from wenyuan.repo.search.packed import COUNT_BITS
from wenyuan.repo.search.rows import ItemRow


class Batch:
    """Fulfils `IndexWriter`."""

    def __init__(self, writer: PackedWriter) -> None:
        self._writer = writer
        self._added: dict[str, list[tuple[range, ItemRow]]] = {}
        """Documents of this batch (the item is the last of a range) by item."""
        self._dead: set[int] = set()

    def replace(self, document: ItemDocument) -> None:
        """See `IndexWriter.replace`. One page more than shown is held in memory, for the seam."""
        self.remove(document.item)
        start, complete = self._writer.docnum, False
        places: list[tuple[int, int]] = []
        try:
            for page, next_text in with_next(document.pages):
                places.append((page.page, page.position))
                self._add_page(page.text, next_text)
            complete = True
        finally:
            # The item stands after its pages and closes their range, also when the pages broke off and the caller
            # goes on.
            places = places[: self._writer.docnum - start]
            self._close(start, ItemRow.of(document).with_pages(places))
            if not complete:
                self.remove(document.item)

    def replace_pages(self, document: ItemDocument) -> bool:
        """See `IndexWriter.replace_pages`."""
        pages = list(document.pages)
        keys = {page.page for page in pages}
        known = sum(self._without(files, segment, document.item, keys) for files, segment in self._segments())
        for numbers, row in self._added.get(document.item, ()):
            self._dead |= {number for number, (key, _) in zip(numbers, row.pages, strict=False) if key in keys}
            known += 1
        if not known:
            return False
        start = self._writer.docnum
        for page in pages:
            self._add_page(page.text, page.next_text or "")
        places = ((page.page, page.position) for page in pages)
        self._close(start, ItemRow.of(document).with_pages(places, is_supplement=True))
        return True

    def _without(self, files: SegmentFiles, segment: Any, item: str, keys: set[int]) -> int:
        """Delete these pages of an item in an old segment; how many rows of the item live there."""
        rows = 0
        for number in _rows_of(files, item):
            if not segment.is_deleted(number):
                rows += 1
                row = ItemRow.from_text(files.documents.text(number))
                places = zip(files.documents.pages_of(number), row.pages, strict=True)
                left = 0
                for document, (key, _) in places:
                    if key in keys and not segment.is_deleted(document):
                        segment.delete_document(document)
                    left += not segment.is_deleted(document)
                if row.is_supplement and not left:
                    segment.delete_document(number)
        return rows

    def _segments(self) -> Iterator[tuple[SegmentFiles, Any]]:
        for segment in self._writer.segments:
            yield self._writer.open_segment(segment), segment

    def _add_page(self, text: str, next_text: str) -> None:
        own = chinese.squeezed_text(text)
        whole = chinese.squeezed_text(chinese.with_seam(text, next_text)) if next_text else own
        pairs = chinese.words(whole)
        fields: dict[str, dict[str, int]] = {matching.TEXT_CHARACTERS: Counter(chinese.han_of(own))}
        if len(whole) > len(own):
            seam = chinese.words(whole[len(own) :])
            pairs = pairs[: len(pairs) - len(seam) + _runs_on(whole, len(own))]
            fields[matching.SEAM_WORDS] = dict.fromkeys([*seam, *chinese.han_of(whole[len(own) :])], 1)
        fields[matching.TEXT_PAIRS] = Counter(pairs)
        self._writer.add(f"{own}\n{whole[len(own) :]}", len(own), fields)

    def _close(self, start: int, row: ItemRow) -> None:
        """Add the row of the pages from `start` on."""
        fields: dict[str, dict[str, int]] = {matching.ITEM: {row.item: 1}}
        if row.is_supplement:
            fields[matching.SUPPLEMENT] = {matching.EVERY: 1}
        else:
            strings = dict.fromkeys((*row.strings, *row.persons))
            fields[matching.TITLE_PAIRS] = Counter(word for text in strings for word in chinese.words(text))
            fields[matching.TITLE_CHARACTERS] = dict.fromkeys("".join(map(chinese.han_of, strings)), 1)
        self._writer.add(row.to_text(), None, fields)
        self._added.setdefault(row.item, []).append((range(start, self._writer.docnum), row))

    def remove(self, item: str) -> None:
        """See `IndexWriter.remove`."""
        for numbers, _ in self._added.pop(item, ()):
            self._dead.update(numbers)
        for files, segment in self._segments():
            for number in _rows_of(files, item):
                for document in (*files.documents.pages_of(number), number):
                    if not segment.is_deleted(document):
                        segment.delete_document(document)

    def finish(self) -> None:
        """Commit."""
        for number in sorted(self._dead):
            self._writer.newsegment.delete_document(number)
        self._writer.finish()


def with_next(pages: Iterable[PageText]) -> Iterator[tuple[PageText, str]]:
    """Each page with the text that follows it: what it says itself, else that of the page which comes next."""
    before: PageText | None = None
    for page in pages:
        if before:
            follows = page.position == before.position + 1
            yield before, before.next_text if before.next_text is not None else page.text if follows else ""
        before = page
    if before:
        yield before, before.next_text or ""


def _rows_of(files: SegmentFiles, item: str) -> list[int]:
    return [posting >> COUNT_BITS for posting in files.terms.postings(matching.ITEM, item)]


def _runs_on(whole: str, end: int) -> int:
    """1 where the last run of a page ends in a pair over the seam whose second character stands alone there, else 0.

    `words` counts that character as a word of the seam, but in the whole it is only the end of the pair.
    """
    return int(end > 0 and whole[end] != " " and (end + 1 == len(whole) or whole[end + 1] == " "))
