"""The protocol that every search engine fulfils.

An engine is one module of this folder with a function
`open_index(folder: Path, *, lock_wait_s: float = …) -> SearchIndex`; `lock_wait_s` is how long `write` waits for
another process that is writing.

All engines get the same tokens (`wenyuan.repo.chinese`), so all give the same hits. An index can be lost at any time:
it is made again from the catalogue. It holds no coordinates and decides no rights: it filters by the tiers it is
given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PageText:
    """One page of an item for the index."""

    page: int
    """Page key."""
    position: int
    """1-based place in reading order."""
    text: str
    """Current text, as `TextLayer.text` gives it."""


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
    hits: tuple[Hit, ...] = field(default=())


class IndexWriter(Protocol):
    """A batch of changes, seen by searches all at once when it ends without an error."""

    def replace(self, document: ItemDocument) -> None:
        """Put an item in, or in the place of what was there."""

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
        self, query: str, filters: Filters, *, offset: int = 0, limit: int = 20, pages_per_item: int = 5
    ) -> Results:
        """Items whose title, names or pages hold the query.

        A query of several words means all of them on one page (or all in title and names); text between quotes and
        every run of Han characters is a phrase of consecutive characters.

        Raises:
            QueryTooLong: more than `chinese.MAX_QUERY_CHARACTERS`.
            IndexUnavailable: the index is damaged or not there.
        """

    def count(self) -> tuple[int, int]:
        """Items and pages in the index."""

    def items(self) -> Iterator[str]:
        """Ids of all items in the index, to compare with the catalogue."""

    def clear(self) -> None:
        """Empty the index."""
