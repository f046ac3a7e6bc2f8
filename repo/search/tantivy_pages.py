"""One generation of a tantivy index: what it holds, and the pages that a query finds in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tantivy import DocAddress, Query, Schema, Searcher

from wenyuan.repo.search.rows import ItemRow
from wenyuan.repo.search.tantivy_queries import Questions
from wenyuan.repo.search.tantivy_schema import ITEM_NUMBER, PAGE, POSITION, ROW

FIRST_LOOK = 256
"""Documents fetched in the first go; only common words need a second."""
MANY = 3_000
"""Pages from which on only the best are fetched, and the others counted where they are."""
BEST = 1_000
"""How many of them."""
MOST_ITEMS = 60_000
"""Items that tantivy can count at once: it refuses more than 65,000 buckets."""
ALL_OF_THEM = float("-inf")


@dataclass(slots=True)
class Snapshot:
    """One generation of the index.

    Attributes:
        documents: how many it has, deleted ones too.
        known: rows that were read in this generation, by number of the item.
    """

    schema: Schema
    searcher: Searcher
    documents: int
    known: dict[int, ItemRow] = field(default_factory=dict)

    def pages(self, query: Query, *, every: bool = False) -> Pages:
        """The pages that a query finds.

        Args:
            query: for pages.
            every: fetch all of them, however many there are.
        """
        found = self.searcher.search(query, FIRST_LOOK)
        total = int(found.count)  # type: ignore[attr-defined]
        totals = None if every or total <= MANY else self._totals(query)
        if total > FIRST_LOOK:
            found = self.searcher.search(query, total if totals is None else BEST)
        addresses = [address for _, address in found.hits]
        scores = np.fromiter((score for score, _ in found.hits), np.float64, len(addresses))
        items = self.items_of(addresses)
        if totals is not None:
            return Pages(scores, addresses, items, total, totals, float(scores[-1]))
        numbers, counts = np.unique(items, return_counts=True)
        counted = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
        return Pages(scores, addresses, items, total, counted, ALL_OF_THEM)

    def _totals(self, query: Query) -> dict[int, int] | None:
        """How many documents of each item a query finds; None where these are more items than can be counted so."""
        wanted = {"items": {"terms": {"field": ITEM_NUMBER, "size": MOST_ITEMS}}}
        try:
            found = self.searcher.aggregate(query, wanted)["items"]
        except ValueError:
            return None
        counted = {int(bucket["key"]): int(bucket["doc_count"]) for bucket in found["buckets"]}
        return None if found["sum_other_doc_count"] else counted

    def all(self, query: Query) -> tuple[NDArray[np.float64], list[DocAddress]]:
        """Every document that a query finds: scores, best first, and addresses."""
        found = self.searcher.search(query, FIRST_LOOK)
        if found.count > FIRST_LOOK:  # type: ignore[attr-defined]
            found = self.searcher.search(query, found.count)  # type: ignore[attr-defined]
        hits = found.hits
        return np.fromiter((score for score, _ in hits), np.float64, len(hits)), [address for _, address in hits]

    def count(self, query: Query) -> int:
        """How many documents a query finds."""
        return int(self.searcher.search(query, 1).count)  # type: ignore[attr-defined]

    def items_of(self, addresses: list[DocAddress]) -> NDArray[np.uint64]:
        """Numbers of the items that documents belong to."""
        return self._values(ITEM_NUMBER, addresses)

    def places_of(self, addresses: list[DocAddress]) -> list[tuple[int, int]]:
        """(position, key) of pages."""
        positions, keys = self._values(POSITION, addresses), self._values(PAGE, addresses)
        return list(zip(positions.tolist(), keys.tolist(), strict=True))

    def _values(self, name: str, addresses: list[DocAddress]) -> NDArray[np.uint64]:
        return np.array(self.searcher.fast_field_values(name, addresses), np.uint64)

    def rows(self, numbers: Iterable[int]) -> dict[int, ItemRow]:
        """What the index keeps of these items."""
        wanted = list(numbers)
        missing = [number for number in wanted if number not in self.known]
        if missing:
            questions = Questions(self.schema, self.searcher, self.documents)
            _, addresses = self.all(questions.rows(missing))
            for number, address in zip(self.items_of(addresses).tolist(), addresses, strict=True):
                self.known[number] = self.row(address)
        return {number: self.known[number] for number in wanted if number in self.known}

    def row(self, address: DocAddress) -> ItemRow:
        """The row of an item."""
        data = bytes(self.searcher.doc(address)[ROW][0])
        return ItemRow.from_text(data.decode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages that match.

    Attributes:
        scores: of the fetched ones, best first.
        addresses: likewise.
        items: numbers of their items, likewise.
        total: how many match.
        totals: how many match of each item.
        floor: every page that scores more has been fetched.
    """

    scores: NDArray[np.float64]
    addresses: list[DocAddress]
    items: NDArray[np.uint64]
    total: int
    totals: dict[int, int]
    floor: float

    def best(self) -> dict[int, float]:
        """Score of the best page of each item, as far as fetched."""
        items, firsts = np.unique(self.items, return_index=True)
        return dict(zip(items.tolist(), self.scores[firsts].tolist(), strict=True))


NO_PAGES = Pages(np.empty(0), [], np.empty(0, np.uint64), 0, {}, ALL_OF_THEM)
