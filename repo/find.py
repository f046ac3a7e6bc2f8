"""Finding: the index says which pages match; texts and boxes come from the catalogue and the text layers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wenyuan.repo import chinese, layers, locate, policy
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Fragment, Query
from wenyuan.repo.items import Item, ItemState
from wenyuan.repo.layers import TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.locate import Hit
from wenyuan.repo.policy import Action, Person
from wenyuan.repo.recent import Recent
from wenyuan.repo.search.index import Filters

SNIPPET_CHARACTERS = 60
"""About two lines on a phone."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that matches, with the words around the first hit."""

    page: PageView
    snippet: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item that matches in its title, or on pages, or both."""

    item: Item
    in_title: bool
    page_total: int
    pages: tuple[FoundPage, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of results."""

    query: str
    total: int
    """Items, exactly."""
    page_total: int
    """Pages, exactly."""
    items: tuple[FoundItem, ...]


def find(
    library: Library,
    query: str,
    *,
    person: Person,
    collection: str | None = None,
    kind: str | None = None,
    offset: int = 0,
    limit: int = 10,
) -> Findings:
    """Items whose title or pages hold the query, among those the person may search.

    Raises:
        QueryTooLong, IndexUnavailable: as `SearchIndex.search`.
    """
    titles = policy.tiers(person, Action.SEE_METADATA)
    filters = Filters(policy.tiers(person, Action.SEARCH_INSIDE), collection, None, kind, titles)
    results = library.index.search(query, filters, offset=offset, limit=limit)
    parsed = chinese.parse(query)
    with library.catalogue.reading() as session:
        held = items.many(session, [hit.item for hit in results.hits])
        wanted = [(hit.item, key) for hit in results.hits for key in hit.pages]
        views = items.pages_by_key(session, wanted)
        texts = {name: items.text_with_next(session, view) for name, view in views.items()}
    found: list[FoundItem] = []
    for hit in results.hits:
        item = held.get(hit.item)
        # The index may be a moment behind: what was withdrawn or closed meanwhile is not shown.
        if item is None or item.state is not ItemState.PUBLISHED:
            continue
        access = item.description.access
        may_search = policy.decide(access, person, Action.SEARCH_INSIDE).allowed
        if not may_search and not (hit.in_title and policy.decide(access, person, Action.SEE_METADATA).allowed):
            continue
        names = [(hit.item, key) for key in hit.pages] if may_search else []
        pages = tuple(FoundPage(views[name], _snippet(texts[name], parsed)) for name in names if name in views)
        found.append(FoundItem(item, hit.in_title, hit.page_total if may_search else 0, pages))
    return Findings(query, results.total, results.page_total, tuple(found))


@dataclass(frozen=True, slots=True)
class InItem:
    """The pages of one item that match."""

    positions: tuple[int, ...]
    """1-based places of all of them, ascending."""
    pages: tuple[FoundPage, ...]
    """Those asked for, in reading order."""

    @property
    def total(self) -> int:
        """How many pages match."""
        return len(self.positions)


def find_in_item(library: Library, item_id: str, query: str, *, offset: int = 0, limit: int = 200) -> InItem:
    """Pages of one item that match, in reading order; snippets for `limit` of them from `offset` on.

    A short item is read through, which needs no index and is never behind; a long one is asked of the index.

    Raises:
        NoSuchItem: no item has this id.
        QueryTooLong: as `chinese.parse`.
        IndexUnavailable: only for a long item.
    """
    parsed = chinese.parse(query)
    with library.catalogue.reading() as session:
        item = items.get(session, item_id)
        name = (item_id, item.structure, query)
        matching = _matching.get(name)
        if matching is None:
            keys = (
                _from_index(library, item, query)
                if item.page_count > READ_THROUGH
                else _read_through(session, item, parsed)
            )
            matching = _in_order(session, item_id, keys)
            # Remembered only if the texts were still those of this structure when they had been read.
            if items.structure_digest(session, item_id) == item.structure and item.page_count <= READ_THROUGH:
                _matching.put(name, matching)
        wanted = [key for _, key in matching[offset : offset + limit]]
        views = items.pages_by_key(session, ((item_id, key) for key in wanted))
        texts = {key: items.text_with_next(session, view) for (_, key), view in views.items()}
    found = tuple(
        FoundPage(views[item_id, key], _snippet(texts[key], parsed)) for key in wanted if (item_id, key) in views
    )
    return InItem(tuple(position for position, _ in matching), found)


def _snippet(texts: tuple[str, str], query: Query) -> tuple[Fragment, ...]:
    text, next_text = texts
    return tuple(chinese.snippet(text, query, SNIPPET_CHARACTERS, next_text=next_text))


READ_THROUGH = 1_000
"""Pages up to which an item is read through: about 50 ms."""

_matching: Recent[tuple[str, str, str], list[tuple[int, int]]] = Recent(64)
"""(position, key) of the matching pages by item, structure and query: turning pages asks the same again and again."""


def _read_through(session: Session, item: Item, query: Query) -> set[int]:
    texts = list(items.page_texts(session, item.id))
    keys: set[int] = set()
    for here, after in itertools.zip_longest(texts, texts[1:]):
        next_text = after.text if after and after.position == here.position + 1 else ""
        if chinese.matches(here.text, query, next_text=next_text):
            keys.add(here.page)
    return keys


def _from_index(library: Library, item: Item, query: str) -> set[int]:
    filters = Filters(frozenset({item.description.access.value}), item=item.id)
    hits = library.index.search(query, filters, limit=1, pages_per_item=item.page_count).hits
    return set(hits[0].pages) if hits else set()


def _in_order(session: Session, item_id: str, keys: set[int]) -> list[tuple[int, int]]:
    places = items.positions(session, item_id)
    return sorted((places[key], key) for key in keys if key in places)


def page_layer(library: Library, page: PageView) -> TextLayer | None:
    """The current text of a page with its boxes, None where it has none."""
    return layers.decode(library.blobs.read(page.layer)) if page.layer else None


def hits_on_page(library: Library, page: PageView, query: str) -> list[Hit]:
    """Where a query stands on a page, in the page's pixels."""
    layer = page_layer(library, page)
    if layer is None:
        return []
    with library.catalogue.reading() as session:
        _, next_text = items.text_with_next(session, page)
    return locate.hit_boxes(layer, chinese.parse(query), next_text=next_text)
