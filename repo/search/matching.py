"""Which pages and items of a snapshot match a query, and in what order.

The postings name the pages that can match; where they cannot tell the order of the characters, the page's squeezed text
is looked at, so that the answer is that of a scan (`chinese.occurrences`).
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import nsmallest

from wenyuan.repo.chinese import Phrase, Query, is_han, occurrences, words
from wenyuan.repo.search.codec import SegmentFiles
from wenyuan.repo.search.index import Filters, Hit, Results
from wenyuan.repo.search.packed import COUNT_BITS, MOST_COUNTED

K1, B = 1.2, 0.75
"""BM25: how soon more occurrences stop to count, and how much a long page loses (Robertson and Zaragoza 2009, §3.5)."""
TITLE_BONUS, NAMES_BONUS = 20_000.0, 10_000.0
"""Above every sum of BM25 (200 phrases at most, each below 40), so that title hits stand above text hits."""
FEW = 4
"""Candidates that are looked at without narrowing them further."""

TEXT_PAIRS, TEXT_CHARACTERS, SEAM_WORDS = "t", "u", "s"
TITLE_PAIRS, TITLE_CHARACTERS = "T", "U"
ITEM = "item"


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What the index keeps of an item.

    Attributes:
        strings: title and names, squeezed; the title first.
        pages: (page key, position) in reading order.
    """

    item: str
    access: str
    kind: str
    collections: tuple[str, ...]
    strings: tuple[str, ...]
    pages: tuple[tuple[int, int], ...]

    def to_text(self) -> str:
        """As it is stored."""
        row = [self.item, self.access, self.kind, self.collections, self.strings, self.pages]
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> ItemRow:
        """As it was stored."""
        item, access, kind, collections, strings, pages = json.loads(text)
        places = tuple((page, position) for page, position in pages)
        return cls(item, access, kind, tuple(collections), tuple(strings), places)

    def passes(self, filters: Filters) -> bool:
        """Whether a search narrowed so may know of this item."""
        return (
            self.access in filters.access
            and (filters.item is None or filters.item == self.item)
            and (filters.kind is None or filters.kind == self.kind)
            and (filters.collection is None or filters.collection in self.collections)
        )


class Part:
    """One segment as one generation sees it."""

    def __init__(self, files: SegmentFiles, deleted: frozenset[int], rows: dict[int, ItemRow]) -> None:
        """Begin with the rows that earlier generations have read: they never change."""
        self.terms, self.documents = files.terms, files.documents
        self._deleted, self._rows = deleted, rows
        self.items = [number for number in files.documents.items if number not in deleted]
        self.pages = len(files.documents) - len(files.documents.items) - (len(deleted) - self._deleted_items())
        self.characters = sum(files.documents.lengths) - sum(files.documents.lengths[number] for number in deleted)

    def _deleted_items(self) -> int:
        return len(self.documents.items) - len(self.items)

    def row(self, number: int) -> ItemRow:
        """The item with this document number."""
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = ItemRow.from_text(self.documents.text(number))
        return row

    def visible(self, counts: Mapping[int, int], filters: Filters) -> dict[int, int]:
        """Of documents (ascending) those whose item lives and passes."""
        found: dict[int, int] = {}
        end, shown = -1, False
        for number, count in counts.items():
            if number > end:
                end = self.documents.items[bisect_left(self.documents.items, number)]
                shown = end not in self._deleted and self.row(end).passes(filters)
            if shown:
                found[number] = count
        return found


@dataclass(slots=True)
class _Found:
    """An item that matches, while it is being put together."""

    row: ItemRow
    bonus: float = 0.0
    pages: list[tuple[float, int, int]] = field(default_factory=list)
    """(minus score, position, page key)."""

    @property
    def score(self) -> float:
        return self.bonus - min(self.pages, default=(0.0,))[0]


def search(
    parts: list[Part], query: Query, filters: Filters, *, offset: int, limit: int, pages_per_item: int
) -> Results:
    """Matching items, best first; ties by item id, and pages of an item by score and position."""
    matches = [[part.visible(_page_counts(part, phrase), filters) for phrase in query.phrases] for part in parts]
    weights = _weights(parts, matches)
    typical = max(1.0, sum(part.characters for part in parts) / max(1, sum(part.pages for part in parts)))
    found: dict[str, _Found] = {}
    by_title = replace(filters, access=filters.titles or filters.access)
    for part, by_phrase in zip(parts, matches, strict=True):
        for number, bonus in _title_matches(part, query, by_title):
            found[part.row(number).item] = _Found(part.row(number), bonus)
        _add_pages(part, by_phrase, weights, found, typical)
    best = sorted(found.values(), key=lambda item: (-item.score, item.row.item))
    hits = [
        Hit(
            item=item.row.item,
            score=item.score,
            in_title=item.bonus > 0,
            pages=tuple(page for _, _, page in nsmallest(pages_per_item, item.pages)),
            page_total=len(item.pages),
        )
        for item in best[offset : offset + limit]
    ]
    return Results(total=len(best), page_total=sum(len(item.pages) for item in best), hits=tuple(hits))


def _weights(parts: list[Part], matches: list[list[dict[int, int]]]) -> list[float]:
    """Weight of each phrase: the rarer, the more.

    Counts only pages that the person may see, so that no score tells of others.
    """
    pages = sum(part.pages for part in parts)
    totals = [sum(len(counts) for counts in column) for column in zip(*matches, strict=True)]
    return [math.log(1 + (max(pages - total, 0) + 0.5) / (total + 0.5)) for total in totals]


def _add_pages(
    part: Part, by_phrase: list[dict[int, int]], weights: list[float], found: dict[str, _Found], typical: float
) -> None:
    """Pages that hold all phrases, each with its score; `typical` is the mean length of a page in characters."""
    end, home, first = -1, None, 0
    for number in by_phrase[0]:
        if not all(number in counts for counts in by_phrase[1:]):
            continue
        if number > end:
            end = part.documents.items[bisect_left(part.documents.items, number)]
            first = part.documents.pages_of(end).start
            row = part.row(end)
            home = found.setdefault(row.item, _Found(row))
        if home is None:
            raise ValueError(f"page {number} without an item")
        norm = K1 * (1 - B + B * part.documents.lengths[number] / typical)
        score = 0.0
        for weight, counts in zip(weights, by_phrase, strict=True):
            score += weight * counts[number] * (K1 + 1) / (counts[number] + norm)
        page, position = home.row.pages[number - first]
        home.pages.append((-score, position, page))


def _page_counts(part: Part, phrase: Phrase) -> dict[int, int]:
    """Pages (ascending) that hold a phrase, and how often; deleted ones too."""
    if not phrase.tokens and len(phrase.text) == 1:
        return _counts(part, TEXT_CHARACTERS, phrase.text)
    if len(phrase.tokens) == 1 and not phrase.characters:
        return _counts(part, TEXT_PAIRS, phrase.text)
    confirmed: dict[int, int] = {}
    for number in _candidates(part, phrase):
        own, _, seam = part.documents.text(number).partition("\n")
        count = sum(1 for place in occurrences(own + seam, phrase) if place < len(own))
        if count:
            confirmed[number] = min(count, MOST_COUNTED)
    return confirmed


def _counts(part: Part, name: str, term: str) -> dict[int, int]:
    return {posting >> COUNT_BITS: posting & MOST_COUNTED for posting in part.terms.postings(name, term)}


def _candidates(part: Part, phrase: Phrase) -> list[int]:
    """Pages that have all words of the phrase, or its first word and in the seam its last."""
    needed = [(TEXT_PAIRS, word) for word in phrase.tokens] + [(TEXT_CHARACTERS, word) for word in phrase.characters]
    first, last = words(phrase.text)[0], words(phrase.text)[-1]
    home = TEXT_CHARACTERS if len(first) == 1 and is_han(first) else TEXT_PAIRS
    crossing = _holders(part, [(home, first), (SEAM_WORDS, last)], few=0)
    return sorted(_holders(part, needed, few=FEW) | crossing)


def _holders(part: Part, needed: Iterable[tuple[str, str]], few: int) -> set[int]:
    """Documents that have all terms, or `few` that may; the shortest lists first."""
    records = [(part.terms.record(name, term), name, term) for name, term in dict.fromkeys(needed)]
    if any(record is None for record, _, _ in records):
        return set()
    found: set[int] | None = None
    for _, name, term in sorted(records, key=lambda row: len(row[0] or b"")):
        numbers = {posting >> COUNT_BITS for posting in part.terms.postings(name, term)}
        found = numbers if found is None else found & numbers
        if len(found) <= few:
            break
    return found or set()


def _title_matches(part: Part, query: Query, filters: Filters) -> Iterator[tuple[int, float]]:
    """Items that hold every phrase in title and names, with their bonus."""
    candidates: set[int] | None = None
    for phrase in query.phrases:
        needed = [(TITLE_PAIRS, word) for word in phrase.tokens]
        needed += [(TITLE_CHARACTERS, word) for word in phrase.characters]
        holders = _holders(part, needed, few=0)
        candidates = holders if candidates is None else candidates & holders
    for number in part.visible(dict.fromkeys(sorted(candidates or ()), 1), filters):
        strings = part.row(number).strings
        if _holds(strings[:1], query):
            yield number, TITLE_BONUS
        elif _holds(strings, query):
            yield number, NAMES_BONUS


def _holds(strings: Iterable[str], query: Query) -> bool:
    lines = tuple(strings)
    return all(any(next(occurrences(line, phrase), -1) >= 0 for line in lines) for phrase in query.phrases)
