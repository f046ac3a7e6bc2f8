"""What an index keeps of an item besides its words, and which searches may know of it. The same for every engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from wenyuan.repo import chinese
from wenyuan.repo.chinese import Phrase
from wenyuan.repo.query import Clause, SearchQuery
from wenyuan.repo.search.index import Filters, ItemDocument


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item.

    Attributes:
        titles: title and other titles, squeezed; the title first.
        names: all else that a title search finds, squeezed.
        persons: squeezed.
        pages: (page key, position) in reading order; empty where the engine keeps them elsewhere.
        is_supplement: it holds nothing but pages in the place of some that an older row of the item names.
    """

    item: str
    access: str
    kind: str
    collections: tuple[str, ...]
    titles: tuple[str, ...]
    names: tuple[str, ...]
    persons: tuple[str, ...]
    first_year: int | None
    last_year: int | None
    title_key: str
    facets: Mapping[str, tuple[str, ...]]
    pages: tuple[tuple[int, int], ...] = ()
    is_supplement: bool = False

    @classmethod
    def of(cls, document: ItemDocument) -> ItemRow:
        """The row of a document, still without pages."""
        titles = _squeezed([document.title, *document.title_variants])
        return cls(
            document.item,
            document.access,
            document.kind,
            document.collections,
            titles,
            tuple(name for name in _squeezed(document.names) if name not in titles),
            _squeezed(document.persons),
            document.first_year,
            document.last_year,
            document.title_key or document.title,
            {name: tuple(dict.fromkeys(values)) for name, values in document.facets.items()},
        )

    def to_text(self) -> str:
        """As it is stored."""
        return json.dumps(list(asdict(self).values()), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> ItemRow:
        """As it was stored."""
        item, access, kind, collections, titles, names, persons, first, last, key, facets, pages, more = json.loads(
            text
        )
        return cls(
            item,
            access,
            kind,
            tuple(collections),
            tuple(titles),
            tuple(names),
            tuple(persons),
            first,
            last,
            key,
            {name: tuple(values) for name, values in facets.items()},
            tuple((page, position) for page, position in pages),
            more,
        )

    def with_pages(self, pages: Iterable[tuple[int, int]], *, is_supplement: bool = False) -> ItemRow:
        """The same item with these pages."""
        return replace(self, pages=tuple(pages), is_supplement=is_supplement)

    @property
    def strings(self) -> tuple[str, ...]:
        """All that a title search finds."""
        return self.titles + self.names

    def suits(self, filters: Filters) -> bool:
        """Whether it passes all filters but the tiers."""
        return (
            (filters.item is None or filters.item == self.item)
            and (filters.kind is None or filters.kind == self.kind)
            and (filters.collection is None or filters.collection in self.collections)
            and all(value in self.facets.get(name, ()) for name, value in filters.facets.items())
        )

    def fits(self, query: SearchQuery) -> bool:
        """Whether it is one of those that the fields of the query name, and not one that it excludes by its names."""
        return (
            (query.collection is None or query.collection in self.collections)
            and (query.years is None or self._is_of(*query.years))
            and all(holds(self.titles, phrase) for phrase in query.titles)
            and all(holds(self.persons, phrase) for phrase in query.persons)
            and not any(holds(self.strings, phrase) for phrase in query.without)
        )

    def _is_of(self, first: int | None, last: int | None) -> bool:
        known_first, known_last = self.first_year, self.last_year
        if known_first is None or known_last is None:
            return False
        return (last is None or known_first <= last) and (first is None or known_last >= first)


def holds(strings: Iterable[str], phrase: Phrase) -> bool:
    """Whether one of these squeezed strings holds a phrase."""
    return any(next(chinese.occurrences(line, phrase), -1) >= 0 for line in strings)


def holds_one(strings: Iterable[str], clause: Clause) -> bool:
    """Whether one of these squeezed strings holds one of the forms of a clause."""
    lines = tuple(strings)
    return any(holds(lines, phrase) for phrase in clause.any_of)


def _squeezed(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chinese.squeezed_text(text) for text in texts))
