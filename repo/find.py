"""Finding: the index says which pages match; texts and boxes come from the catalogue and the text layers."""

from __future__ import annotations

from dataclasses import dataclass

from wenyuan.repo import chinese, layers, locate, policy
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.items import Item
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
    filters = Filters(policy.tiers(person, Action.SEARCH_INSIDE), collection, None, kind)
    results = library.index.search(query, filters, offset=offset, limit=limit)
    parsed = chinese.parse(query)
    with library.catalogue.reading() as session:
        held = items.many(session, [hit.item for hit in results.hits])
        wanted = [(hit.item, key) for hit in results.hits for key in hit.pages]
        views = items.pages_by_key(session, wanted)
        texts = {name: items.page_text(session, *name) for name in views}
    found: list[FoundItem] = []
    for hit in results.hits:
        item = held.get(hit.item)
        # The index may be a moment behind: what was withdrawn or closed meanwhile is not shown.
        if item is None or not policy.decide(item.description.access, person, Action.SEARCH_INSIDE).allowed:
            continue
        pages = tuple(
            FoundPage(views[name], tuple(chinese.snippet(texts[name], parsed, SNIPPET_CHARACTERS)))
            for name in ((hit.item, key) for key in hit.pages)
            if name in views
        )
        found.append(FoundItem(item, hit.in_title, hit.page_total, pages))
    return Findings(query, results.total, results.page_total, tuple(found))


def find_in_item(library: Library, item_id: str, query: str) -> list[FoundPage]:
    """All pages of one item that match, in reading order.

    Without the index: reading through one book takes less time than opening a searcher, and is never behind.

    Raises:
        NoSuchItem: no item has this id.
        QueryTooLong: as `chinese.parse`.
    """
    with library.catalogue.reading() as session:
        structure = items.get(session, item_id).structure
    # Turning pages with a query open asks the same again and again; the structure's digest names all texts of the item.
    return _in_item.get((item_id, structure, query), lambda: _read_through(library, item_id, query))


_in_item: Recent[tuple[str, str, str], list[FoundPage]] = Recent(64)


def _read_through(library: Library, item_id: str, query: str) -> list[FoundPage]:
    parsed = chinese.parse(query)
    with library.catalogue.reading() as session:
        texts = list(items.page_texts(session, item_id))
        matching: dict[int, str] = {}
        for here, after in zip(texts, [*texts[1:], None], strict=True):
            next_text = after.text if after and after.position == here.position + 1 else ""
            if chinese.matches(here.text, parsed, next_text=next_text):
                matching[here.page] = here.text
        views = items.pages_by_key(session, ((item_id, key) for key in matching))
    found = [
        FoundPage(views[item_id, key], tuple(chinese.snippet(text, parsed, SNIPPET_CHARACTERS)))
        for key, text in matching.items()
        if (item_id, key) in views
    ]
    return sorted(found, key=lambda one: one.page.position)


def page_layer(library: Library, page: PageView) -> TextLayer | None:
    """The current text of a page with its boxes, None where it has none."""
    return layers.decode(library.blobs.read(page.layer)) if page.layer else None


def hits_on_page(library: Library, page: PageView, query: str) -> list[Hit]:
    """Where a query stands on a page, in the page's pixels."""
    layer = page_layer(library, page)
    if layer is None:
        return []
    with library.catalogue.reading() as session:
        try:
            after = items.page_at(session, page.item, page.position + 1)
            next_text = items.page_text(session, page.item, after.key)
        except NoSuchPage:
            next_text = ""
    return locate.hit_boxes(layer, chinese.parse(query), next_text=next_text)
