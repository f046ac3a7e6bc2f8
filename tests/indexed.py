"""Books for a search index, and a scan that reads them all: what every engine must find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wenyuan.repo import chinese
from wenyuan.repo.chinese import Phrase
from wenyuan.repo.query import SearchQuery
from wenyuan.repo.search.batch import with_next
from wenyuan.repo.search.index import Filters, ItemDocument, PageText, Results, SearchIndex

ALL_TIERS = Filters(access=frozenset({"open", "staff"}))
EVERYTHING = {"limit": 10_000, "pages_per_item": 10_000}


def book(item: str, *texts: str, title: str = "", names: tuple[str, ...] = (), access: str = "open", kind: str = "book",
         collections: tuple[str, ...] = ("all",), **more: object) -> ItemDocument:  # fmt: skip
    """An item whose page keys are 100 above their positions, so that nobody mixes them up."""
    pages = [PageText(100 + position, position, text) for position, text in enumerate(texts, 1)]
    return ItemDocument(item, title, names, collections, access, kind, pages, **more)  # type: ignore[arg-type]


def put(index: SearchIndex, *documents: ItemDocument) -> None:
    """Put items in, in one batch."""
    with index.write() as writer:
        for document in documents:
            writer.replace(document)


def found(results: Results) -> dict[str, tuple[int, ...]]:
    """Pages by item, in order."""
    return {hit.item: hit.pages for hit in results.hits}


def as_sets(results: Results) -> dict[str, set[int]]:
    """Likewise, whatever their order."""
    return {hit.item: set(hit.pages) for hit in results.hits}


@dataclass
class Scan:
    """The same changes and searches as an index, done by reading every text."""

    books: dict[str, ItemDocument] = field(default_factory=dict)
    pages: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    """By item and page key: text, and the text after it."""

    def replace(self, document: ItemDocument) -> None:
        self.books[document.item] = document
        self.pages[document.item] = {page.page: (page.text, after) for page, after in with_next(document.pages)}

    def replace_pages(self, document: ItemDocument) -> bool:
        if document.item in self.books:
            self.pages[document.item] |= {page.page: (page.text, page.next_text or "") for page in document.pages}
        return document.item in self.books

    def remove(self, item: str) -> None:
        self.books.pop(item, None)
        self.pages.pop(item, None)

    def search(self, query: SearchQuery, filters: Filters) -> dict[str, set[int]]:
        """Items with their pages."""
        answer: dict[str, set[int]] = {}
        for item, told in self.books.items() if query else ():
            if _suits(told, query, filters):
                keys = self._matching(item, query) if told.access in filters.access else set()
                named = told.access in (filters.titles or filters.access) and _is_named(told, query)
                if keys or named:
                    answer[item] = keys
        return answer

    def hidden(self, query: SearchQuery, filters: Filters) -> dict[str, set[int]]:
        """What may only be counted."""
        tiers = filters.counted - filters.access
        chosen = (item for item, told in self.books.items() if told.access in tiers and _suits(told, query, filters))
        return {item: keys for item in chosen if (keys := self._matching(item, query))}

    def _matching(self, item: str, query: SearchQuery) -> set[int]:
        return {
            key
            for key, (text, after) in self.pages[item].items()
            if query.text
            and all(any(_on_page(text, after, phrase) for phrase in clause.any_of) for clause in query.text)
            and not any(_on_page(text, after, phrase) for phrase in query.without)
        }


def _on_page(text: str, after: str, phrase: Phrase) -> bool:
    return chinese.matches(text, chinese.Query((phrase,)), next_text=after)


def _in_one(texts: Iterable[str], phrase: Phrase) -> bool:
    return any(chinese.matches(text, chinese.Query((phrase,))) for text in texts)


def _is_named(told: ItemDocument, query: SearchQuery) -> bool:
    strings = (told.title, *told.title_variants, *told.names)
    return all(any(_in_one(strings, phrase) for phrase in clause.any_of) for clause in query.text)


def _suits(told: ItemDocument, query: SearchQuery, filters: Filters) -> bool:
    titles = (told.title, *told.title_variants)
    first, last = query.years or (None, None)
    in_years = told.first_year is not None and told.last_year is not None
    in_years = in_years and (last is None or told.first_year <= last) and (first is None or told.last_year >= first)
    return (
        filters.item in (None, told.item)
        and filters.kind in (None, told.kind)
        and (filters.collection is None or filters.collection in told.collections)
        and (query.collection is None or query.collection in told.collections)
        and all(value in told.facets.get(name, ()) for name, value in filters.facets.items())
        and all(_in_one(titles, phrase) for phrase in query.titles)
        and all(_in_one(told.persons, phrase) for phrase in query.persons)
        and not any(_in_one((*titles, *told.names), phrase) for phrase in query.without)
        and (query.years is None or in_years)
    )
