"""How well pages and items match, and in what order they stand. The same for every engine.

After BM25 (Robertson and Zaragoza 2009), without its average length of a page: no score may tell of pages that the
person may not see, and pages are of much the same length anyway. Only visible pages count for how rare a phrase is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wenyuan.repo.query import Clause, SearchQuery
from wenyuan.repo.search.index import MOST_VALUES, Sort
from wenyuan.repo.search.rows import ItemRow, holds_one

K = 0.3
"""How soon more occurrences stop to count: k1 = 1.2 and b = 0.75 of a page that is short beside the average."""
GAIN = 2.2
"""k1 + 1: the most that a phrase of weight 1 can score."""
MANY_PAGES = 10_000
"""Pages among which a phrase is taken to be rare or common: a constant, so that it tells of no collection."""
AS_TYPED = 4096.0
"""For pages that hold every clause as it was typed, where the query has other forms too. Above every sum of BM25 (100
clauses at most, each below 32), and small enough for scores of 24 bits."""
TITLE, NAMES = 40_000.0, 20_000.0
"""Title hits stand above text hits."""
OTHER_TITLE, OTHER_NAMES = 2_000.0, 1_000.0
"""Unless another form than the one typed stands there: then all that holds what was typed comes first."""


@dataclass(slots=True)
class Found:
    """An item that matches, while it is being put together.

    Attributes:
        bonus: for title and names; 0 where only pages match.
        best: score of its best page.
    """

    row: ItemRow
    bonus: float = 0.0
    best: float = 0.0
    page_total: int = 0

    @property
    def score(self) -> float:
        """By which it stands among the others."""
        return self.bonus + self.best


def weight(pages: int) -> float:
    """Of a clause that so many visible pages hold: the rarer, the more."""
    return math.log(1 + MANY_PAGES / (pages + 0.5))


def bonus(row: ItemRow, query: SearchQuery) -> float:
    """What an item gets for its title and names; 0 where they do not hold every clause."""
    typed = [Clause(clause.any_of[:1]) for clause in query.text]
    for clauses, in_title, in_names in ((typed, TITLE, NAMES), (query.text, OTHER_TITLE, OTHER_NAMES)):
        if clauses and all(holds_one(row.strings, clause) for clause in clauses):
            return in_title if all(holds_one(row.titles[:1], clause) for clause in clauses) else in_names
    return 0.0


def has_forms(query: SearchQuery) -> bool:
    """Whether the query asks for more than what was typed."""
    return any(len(clause.any_of) > 1 for clause in query.text)


def in_order(found: Iterable[Found], sort: Sort, *, listed: bool) -> list[Found]:
    """All items in the order that was asked for.

    Args:
        found: the items.
        sort: the order.
        listed: the query has no text: all are alike.
    """

    def by_title(one: Found) -> tuple[str, str]:
        return one.row.title_key, one.row.item

    if sort is Sort.DATE:
        return sorted(found, key=lambda one: (one.row.first_year is None, one.row.first_year or 0, *by_title(one)))
    if sort is Sort.TITLE or listed:
        return sorted(found, key=by_title)
    return sorted(found, key=lambda one: (-one.score, one.row.item))


def counted(rows: Iterable[ItemRow], names: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Values of facets with the number of items that have them, as `Results.facets`."""
    counters: dict[str, Counter[str]] = {name: Counter() for name in names}
    for row in rows if counters else ():
        for name, counter in counters.items():
            counter.update(row.facets.get(name, ()))
    return {
        name: tuple(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES])
        for name, counter in counters.items()
    }
