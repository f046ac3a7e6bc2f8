"""Finding: the index says which pages match; texts and boxes come from the catalogue and the text layers."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from sqlalchemy.orm import Session

from wenyuan.repo import chinese, documents, exact_script, layers, locate, policy
from wenyuan.repo import query as queries
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Fragment, Query
from wenyuan.repo.errors import QueryUnclear
from wenyuan.repo.exact_script import Typed
from wenyuan.repo.items import Item, ItemState
from wenyuan.repo.layers import TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.locate import Hit
from wenyuan.repo.policy import Action, Person
from wenyuan.repo.query import SearchQuery
from wenyuan.repo.recent import Recent
from wenyuan.repo.search import index
from wenyuan.repo.search.index import Filters, Sort

SNIPPET_CHARACTERS = 60
"""About two lines on a phone."""
MOST_COMPARED = 2_000
"""Pages whose stored text is looked at for a query in the very characters typed: about half a second."""

Facets = Mapping[str, tuple[tuple[str, int], ...]]
"""(value, number of items) by name of the facet, the most frequent first."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page that matches, with the words around the first hit."""

    page: PageView
    snippet: tuple[Fragment, ...]
    words: str = ""
    """What to search for inside the item to find this page again."""


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item that matches in its title, or on pages, or both."""

    item: Item
    in_title: bool
    page_total: int
    pages: tuple[FoundPage, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of results.

    Attributes:
        query: as typed.
        total: items, exactly.
        page_total: pages, exactly.
        items: of this page of results.
        facets: of all items that were found.
        hidden_items: items beside these that match on pages which the person may not search; he may know their number.
        hidden_pages: those pages.
        is_whole: False where only the first MOST_COMPARED pages could be compared with the characters typed; total and
            page_total then tell of those.
        asked: what was understood; its text is to be marked in texts and on pictures.
    """

    query: str
    total: int = 0
    page_total: int = 0
    items: tuple[FoundItem, ...] = ()
    facets: Facets = field(default_factory=dict)
    hidden_items: int = 0
    hidden_pages: int = 0
    is_whole: bool = True
    asked: SearchQuery = field(default_factory=SearchQuery)

    @property
    def words(self) -> str:
        """The words of the text alone, without operators, for searching on inside an item."""
        return words_of(self.asked)


@dataclass(frozen=True, slots=True)
class Wish:
    """A search of the whole library.

    Attributes:
        text: in the query language (`wenyuan.repo.query`).
        facets: value by name of the facet (`documents.FACETS`).
        sort: order of the items.
        exact: only pages that hold the words in the very characters typed.
        confusions: also old forms, and characters that OCR takes for those typed.
    """

    text: str
    facets: Mapping[str, str] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    exact: bool = False
    confusions: bool = False


def find(
    library: Library,
    wish: Wish | str,
    *,
    person: Person,
    collection: str | None = None,
    kind: str | None = None,
    offset: int = 0,
    limit: int = 10,
    pages_per_item: int = 5,
) -> Findings:
    """Items whose title or pages hold what is asked for, among those the person may search.

    Raises:
        QueryTooLong: as `query.parse`.
        QueryUnclear: as `query.parse`; also where there is no such collection.
        IndexUnavailable: as `SearchIndex.search`.
    """
    wish = Wish(wish) if isinstance(wish, str) else wish
    asked = queries.parse(wish.text, confusions=wish.confusions and not wish.exact)
    access = policy.tiers(person, Action.SEARCH_INSIDE)
    titles = policy.tiers(person, Action.SEE_METADATA)
    with library.catalogue.reading() as session:
        named = _shelf(session, asked.collection, titles)
    if asked.collection is not None and named is None:
        raise QueryUnclear(piece=asked.collection)
    asked = replace(asked, collection=named)
    filters = Filters(access, collection, None, kind, titles, facets=wish.facets, counted=titles - access)
    if wish.exact and asked.text:
        exact = _as_typed(library, wish, asked, filters, person)
        some = [replace(hit, pages=hit.pages[:pages_per_item]) for hit in exact.hits[offset : offset + limit]]
        return Findings(
            wish.text,
            len(exact.hits),
            sum(hit.page_total for hit in exact.hits),
            _shown(library, some, asked, person, exact_script.as_typed(asked)),
            exact.facets,
            exact.hidden_items,
            exact.hidden_pages,
            exact.is_whole,
            asked,
        )
    results = library.index.search(
        asked,
        filters,
        sort=wish.sort,
        facets=documents.FACETS,
        offset=offset,
        limit=limit,
        pages_per_item=pages_per_item,
    )
    shown = _shown(library, results.hits, asked, person)
    # What the index still has and the person may no longer see does not enter the numbers either.
    gone = {hit.item for hit in results.hits} - {one.item.id for one in shown}
    return Findings(
        wish.text,
        results.total - len(gone),
        results.page_total - sum(hit.page_total for hit in results.hits if hit.item in gone),
        shown,
        {} if gone else results.facets,
        results.hidden_items,
        results.hidden_pages,
        asked=asked,
    )


def gives_hits(library: Library, person: Person) -> Callable[[str], bool]:
    """Whether the person would find something by these words."""
    titles = policy.tiers(person, Action.SEE_METADATA)
    filters = Filters(policy.tiers(person, Action.SEARCH_INSIDE), titles=titles)

    def gives(words: str) -> bool:
        return library.index.search(queries.plain(words), filters, limit=1, pages_per_item=1).total > 0

    return gives


def _shelf(session: Session, named: str | None, access: frozenset[str]) -> str | None:
    """The key of the collection that a person has named by its key or one of its titles."""
    if named is None:
        return None
    wanted = chinese.squeezed_text(named)
    found: list[str] = []
    nodes = list(collections.tree(session, access))
    while nodes:
        node = nodes.pop(0)
        nodes[:0] = node.children
        shelf = node.collection
        if shelf.key == named:
            return shelf.key
        if any(chinese.squeezed_text(title) == wanted for title in shelf.titles.values()):
            found.append(shelf.key)
    return found[0] if found else None


def _shown(
    library: Library,
    hits: Iterable[index.Hit],
    asked: SearchQuery,
    person: Person,
    typed: tuple[Typed, ...] = (),
) -> tuple[FoundItem, ...]:
    """Items with their best pages, as far as the person may see them at this moment."""
    hits = tuple(hits)
    with library.catalogue.reading() as session:
        held = items.many(session, [hit.item for hit in hits])
        views = items.pages_by_key(session, [(hit.item, key) for hit in hits for key in hit.pages])
        texts = {name: items.text_with_next(session, view) for name, view in views.items()}
    found: list[FoundItem] = []
    for hit in hits:
        item = held.get(hit.item)
        # Without words of text it is a list of descriptions.
        shown = _may_see(item, person, by_description=hit.in_title or not asked.text)
        # The index may be a moment behind: what was withdrawn or closed meanwhile is not shown.
        if item is None or shown is Seen.NOTHING:
            continue
        names = [(hit.item, key) for key in hit.pages] if shown is Seen.TEXT else []
        pages = tuple(_found_page(views[name], texts[name], asked, typed) for name in names if name in views)
        found.append(FoundItem(item, hit.in_title, hit.page_total if shown is Seen.TEXT else 0, pages))
    return tuple(found)


class Seen(Enum):
    """What of an item a person may be shown in a list of results."""

    NOTHING = 0
    DESCRIPTION = 1
    TEXT = 2


def _may_see(item: Item | None, person: Person, *, by_description: bool) -> Seen:
    if item is None or item.state is not ItemState.PUBLISHED:
        return Seen.NOTHING
    access = item.description.access
    if policy.decide(access, person, Action.SEARCH_INSIDE).allowed:
        return Seen.TEXT
    told = by_description and policy.decide(access, person, Action.SEE_METADATA).allowed
    return Seen.DESCRIPTION if told else Seen.NOTHING


def _found_page(view: PageView, texts: tuple[str, str], asked: SearchQuery, typed: tuple[Typed, ...]) -> FoundPage:
    text, next_text = texts
    if typed:
        hits = exact_script.hits(text, typed, next_text=next_text)
        return FoundPage(view, tuple(chinese.snippet_of(text, hits, SNIPPET_CHARACTERS)), words_of(asked))
    return FoundPage(view, _snippet(texts, asked.marked), words_of(asked, text, next_text))


def words_of(asked: SearchQuery, text: str = "", next_text: str = "") -> str:
    """The words of a query's text alone, to be searched for inside an item: as typed, or in the form of this page."""
    words: list[str] = []
    for clause in asked.text:
        here = (
            phrase
            for phrase in clause.any_of[1:]
            if not chinese.matches(text, Query((clause.any_of[0],)), next_text=next_text)
            and chinese.matches(text, Query((phrase,)), next_text=next_text)
        )
        other = next(here, None) if len(clause.any_of) > 1 and text else None
        word = other.text if other else clause.typed
        words.append(f'"{word}"' if " " in word else word)
    return " ".join(words)


def _as_typed(library: Library, wish: Wish, asked: SearchQuery, filters: Filters, person: Person) -> _Exact:
    """What the index finds in any script, compared with the characters typed, item by item, page by page."""
    typed = exact_script.as_typed(asked)
    results = library.index.search(asked, filters, sort=wish.sort, limit=MOST_COMPARED, pages_per_item=MOST_COMPARED)
    kept: list[index.Hit] = []
    counts: dict[str, Counter[str]] = {name: Counter() for name in documents.FACETS}
    left = MOST_COMPARED
    is_whole = results.total <= len(results.hits)
    with library.catalogue.reading() as session:
        held = items.many(session, [hit.item for hit in results.hits])
        for hit in results.hits:
            if left <= 0:
                is_whole = False
                break
            item = held.get(hit.item)
            seen = _may_see(item, person, by_description=hit.in_title)
            if item is None or seen is Seen.NOTHING:
                continue
            some = hit.pages[:left] if seen is Seen.TEXT else ()
            left -= 1 + len(some)
            is_whole = is_whole and (seen is not Seen.TEXT or len(some) == hit.page_total)
            pages = _pages_as_typed(session, item.id, some, typed)
            in_title = hit.in_title and _named(item, typed)
            if not pages and not in_title:
                continue
            kept.append(replace(hit, pages=pages, page_total=len(pages), in_title=in_title))
            shelves = collections.keys_above(session, item.collection)
            for name, values in documents.facets(item, shelves).items():
                counts[name].update(set(values))
    facets = {name: tuple(sorted(one.items(), key=lambda row: (-row[1], row[0]))) for name, one in counts.items()}
    return _Exact(tuple(kept), facets, is_whole, results.hidden_items, results.hidden_pages)


@dataclass(frozen=True, slots=True)
class _Exact:
    """Hits in the very characters typed."""

    hits: tuple[index.Hit, ...]
    facets: Facets
    is_whole: bool
    hidden_items: int
    hidden_pages: int


def _pages_as_typed(session: Session, item_id: str, keys: Sequence[int], typed: tuple[Typed, ...]) -> tuple[int, ...]:
    views = items.pages_by_key(session, [(item_id, key) for key in keys])
    found: list[int] = []
    for key in keys:
        if (item_id, key) in views:
            text, next_text = items.text_with_next(session, views[item_id, key])
            if exact_script.holds(text, typed, next_text=next_text):
                found.append(key)
    return tuple(found)


def _named(item: Item, typed: tuple[Typed, ...]) -> bool:
    told = (item.description.title, *documents.names(item))
    return all(any(exact_script.holds(name, (one,)) for name in told) for one in typed)


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
    hits = library.index.search(queries.plain(query), filters, limit=1, pages_per_item=item.page_count).hits
    return set(hits[0].pages) if hits else set()


def _in_order(session: Session, item_id: str, keys: set[int]) -> list[tuple[int, int]]:
    places = items.positions(session, item_id)
    return sorted((places[key], key) for key in keys if key in places)


def page_layer(library: Library, page: PageView) -> TextLayer | None:
    """The current text of a page with its boxes, None where it has none."""
    return layers.decode(library.blobs.read(page.layer)) if page.layer else None


def hits_on_page(library: Library, page: PageView, query: str | Query) -> list[Hit]:
    """Where a query stands on a page, in the page's pixels."""
    layer = page_layer(library, page)
    if layer is None:
        return []
    with library.catalogue.reading() as session:
        _, next_text = items.text_with_next(session, page)
    return locate.hit_boxes(layer, query, next_text=next_text)
