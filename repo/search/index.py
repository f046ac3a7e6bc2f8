"""The protocol that every search engine fulfils.

An engine is one module of this folder with a function
`open_index(folder: Path, *, lock_wait_s: float = …) -> SearchIndex`; `lock_wait_s` is how long `write` waits for
another process that is writing.

All engines get the same tokens (`wenyuan.repo.chinese`), so all give the same hits. An index can be lost at any time:
it is made again from the catalogue. It holds no coordinates and decides no rights: it filters by the tiers it is
given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from wenyuan.repo.query import SearchQuery

MOST_VALUES = 100
"""Values of a facet that a search tells, the most frequent first."""


@dataclass(frozen=True, slots=True)
class PageText:
    """One page of an item for the index."""

    page: int
    """Page key."""
    position: int
    """1-based place in reading order."""
    text: str
    """Current text, as `TextLayer.text` gives it."""
    next_text: str | None = None
    """Text of the page after it, empty where there is none; None: taken from the page that follows in the iterable."""


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """One item for the index; replaces all that the index knew of it."""

    item: str
    title: str
    names: tuple[str, ...]
    """Everything else that a title search should find: variants, agents, series, volume, place, subjects, call
    number."""
    collections: tuple[str, ...]
    """Keys of its collection and all above it."""
    access: str
    kind: str
    pages: Iterable[PageText]
    """May be a generator: 1,000 pages need not be in memory."""
    title_variants: tuple[str, ...] = ()
    """Other titles, which `title:` finds too; they are also in `names`."""
    persons: tuple[str, ...] = ()
    """Names of the people and bodies responsible, for `person:`; they are also in `names`."""
    first_year: int | None = None
    last_year: int | None = None
    """Western years that its date can mean, the same where it says one; None: not known."""
    title_key: str = ""
    """By which titles are put in order, by code point."""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values by name of the facet; the index gives neither a meaning."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search. Empty means all."""

    access: frozenset[str] = frozenset({"open"})
    """Tiers whose text the person may search; never empty."""
    collection: str | None = None
    item: str | None = None
    kind: str | None = None
    titles: frozenset[str] | None = None
    """Tiers whose titles and names the person may see, as a rule more; None: the same as `access`."""
    facets: Mapping[str, str] = field(default_factory=dict)
    """Value by name of the facet; an item must have all of them."""
    counted: frozenset[str] = frozenset()
    """Tiers of which nothing may come out but how many pages match (`Results.hidden_pages`)."""


class Sort(StrEnum):
    """The order of items."""

    RELEVANCE = "relevance"
    """Best first. Items that are listed without a text query stand in the order of their titles."""
    DATE = "date"
    """Oldest first, those without a year last; ties by title."""
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that matches."""

    item: str
    score: float
    in_title: bool
    """Title or names match."""
    pages: tuple[int, ...] = ()
    """Keys of its best matching pages, best first, at most `pages_per_item`."""
    page_total: int = 0
    """How many of its pages match."""


@dataclass(frozen=True, slots=True)
class Results:
    """Hits of one page of results."""

    total: int
    """Items that match, exactly."""
    page_total: int
    """Pages that match, exactly."""
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """(value, how many of the `total` items have it) by name of the facet, for those that were asked for: the most
    frequent first, ties by value, at most MOST_VALUES."""
    hidden_items: int = 0
    """Items of the tiers in `Filters.counted` that hold the pages counted in `hidden_pages`."""
    hidden_pages: int = 0
    """Pages of these tiers that match."""


class IndexWriter(Protocol):
    """A batch of changes, seen by searches all at once when it ends without an error."""

    def replace(self, document: ItemDocument) -> None:
        """Put an item in, or in the place of what was there."""

    def replace_pages(self, document: ItemDocument) -> bool:
        """Put pages in the place of what the index holds of these pages; all else of the item stays as it was.

        Args:
            document: of its pages only the ones to replace, in any order, each with its `next_text`; what it says of
                the item must be what the index holds already.

        Returns:
            Whether the index holds the item; if not, nothing was done.
        """

    def remove(self, item: str) -> None:
        """Take an item out; one that is not there is no error."""


class SearchIndex(Protocol):
    """One search index."""

    def write(self) -> AbstractContextManager[IndexWriter]:
        """Begin a batch. Durable when the context ends.

        Raises:
            IndexUnavailable: another process is writing for too long, or the folder cannot be written.
        """

    def search(
        self,
        query: str | SearchQuery,
        filters: Filters,
        *,
        sort: Sort = Sort.RELEVANCE,
        facets: Sequence[str] = (),
        offset: int = 0,
        limit: int = 20,
        pages_per_item: int = 5,
    ) -> Results:
        """Items whose title, names or pages hold the query.

        All clauses must stand on one page (or all in title and names). A query that names only titles, persons, years
        or a collection lists the items that have them, without pages.

        Args:
            query: as typed (then `query.parse` reads it), or parsed.
            filters: what narrows it; nothing of other items comes out, nor has a say in scores and order.
            sort: order of the items. The pages of an item always stand best first.
            facets: names of the facets to count.
            offset: items to pass over.
            limit: items at most.
            pages_per_item: pages named for each item at most.

        Raises:
            QueryTooLong, QueryUnclear: as `query.parse`.
            IndexUnavailable: the index is damaged or not there.
        """

    def count(self) -> tuple[int, int]:
        """Items and pages in the index."""

    def items(self) -> Iterator[str]:
        """Ids of all items in the index, to compare with the catalogue."""

    def clear(self) -> None:
        """Empty the index."""
