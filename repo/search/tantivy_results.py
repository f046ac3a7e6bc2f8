"""The answer to a search of a tantivy index: pages put to their items, items in order, totals and facets.

Pages that match are fetched with their scores, not only the best: ties must go by item and not by the place of a page
in the index. 2,000 pages take 0.1 ms; of more only the best are fetched, unless ties go on beyond them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from tantivy import Query

from wenyuan.repo.query import SearchQuery
from wenyuan.repo.search import ranking
from wenyuan.repo.search.index import Filters, Hit, Results, Sort
from wenyuan.repo.search.ranking import Found
from wenyuan.repo.search.rows import ItemRow
from wenyuan.repo.search.tantivy_pages import ALL_OF_THEM, NO_PAGES, Pages, Snapshot
from wenyuan.repo.search.tantivy_queries import Questions, without


def search(
    snapshot: Snapshot,
    query: SearchQuery,
    filters: Filters,
    *,
    sort: Sort,
    facets: Sequence[str],
    offset: int,
    limit: int,
    pages_per_item: int,
) -> Results:
    """See `SearchIndex.search`."""
    asked = _Asked.about(snapshot, query, filters)
    named = asked.named()
    hidden = asked.pages(filters.counted - filters.access)
    shown = asked.pages(filters.access)
    wanted = offset + limit
    if not _is_enough(shown, named, wanted):
        shown = asked.pages(filters.access, every=True)
    best = shown.best()
    every = named | shown.totals.keys()
    whole = bool(facets) or sort is not Sort.RELEVANCE or not query.text
    rows = snapshot.rows(every if whole else _leading(best, named, wanted))

    def put_together(number: int, row: ItemRow) -> Found:
        bonus = ranking.bonus(row, query) if number in named else 0.0
        return Found(row, bonus, best.get(number, 0.0), shown.totals.get(number, 0))

    found = {row.item: put_together(number, row) for number, row in rows.items()}
    numbers = {row.item: number for number, row in rows.items()}
    leading = ranking.in_order(found.values(), sort, listed=not query.text)[offset:wanted]
    keys = asked.best_pages(shown, [numbers[one.row.item] for one in leading], pages_per_item)
    return Results(
        total=len(every),
        page_total=shown.total,
        hits=tuple(
            Hit(one.row.item, one.score, one.bonus > 0, keys[numbers[one.row.item]], one.page_total) for one in leading
        ),
        facets=ranking.counted((one.row for one in found.values()), facets),
        hidden_items=len(hidden.totals),
        hidden_pages=hidden.total,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search under way.

    Attributes:
        text: for the pages that match, of all tiers; None where none can.
    """

    snapshot: Snapshot
    questions: Questions
    query: SearchQuery
    filters: Filters
    text: Query | None

    @classmethod
    def about(cls, snapshot: Snapshot, query: SearchQuery, filters: Filters) -> _Asked:
        """Begin."""
        questions = Questions(snapshot.schema, snapshot.searcher, snapshot.documents)
        return cls(snapshot, questions, query, filters, _text(snapshot, questions, query, filters))

    def named(self) -> set[int]:
        """Items that hold every clause in title and names; without clauses, all that the fields of the query name."""
        found = self.questions.items(self.query, self.filters, self.filters.titles or self.filters.access)
        return set(self.snapshot.items_of(self.snapshot.all(found)[1]).tolist())

    def pages(self, tiers: frozenset[str], *, every: bool = False) -> Pages:
        """Pages of these tiers that match; `every` as in `Snapshot.pages`."""
        if not tiers or self.text is None:
            return NO_PAGES
        return self.snapshot.pages(self._within(self.text, tiers), every=every)

    def best_pages(self, pages: Pages, items: list[int], most: int) -> dict[int, tuple[int, ...]]:
        """Keys of the best pages of these items."""
        found = self._placed(pages, items, pages.floor)
        lacking = [number for number in items if len(found[number]) < min(most, pages.totals.get(number, 0))]
        if lacking and self.text is not None:
            text = self.questions.within(self.text, lacking)
            rest = self.snapshot.pages(self._within(text, self.filters.access), every=True)
            found |= self._placed(rest, lacking, rest.floor)
        return {number: tuple(key for _, _, key in sorted(rows)[:most]) for number, rows in found.items()}

    def _placed(self, pages: Pages, items: list[int], floor: float) -> dict[int, list[tuple[float, int, int]]]:
        """(minus score, position, key) of the pages of these items that score more than the floor."""
        found: dict[int, list[tuple[float, int, int]]] = {number: [] for number in items}
        chosen = np.isin(pages.items, np.array(items, np.uint64)) & (pages.scores > floor)
        places = np.flatnonzero(chosen).tolist()
        where = self.snapshot.places_of([pages.addresses[place] for place in places])
        columns = zip(pages.items[places].tolist(), pages.scores[places].tolist(), where, strict=True)
        for number, score, (position, key) in columns:
            found[number].append((-score, position, key))
        return found

    def _within(self, text: Query, tiers: frozenset[str]) -> Query:
        return self.questions.narrowed(text, self.query, self.filters, tiers)


def _text(snapshot: Snapshot, questions: Questions, query: SearchQuery, filters: Filters) -> Query | None:
    """For the pages that hold every clause, in items that the fields of the query name; None where there are none."""
    if not query.text:
        return None
    weights = [1.0]
    if len(query.text) > 1:
        held = (questions.narrowed(questions.clause(clause), query, filters, filters.access) for clause in query.text)
        weights = [ranking.weight(snapshot.count(clause)) for clause in held]
    text = questions.pages(query, weights)
    if query.titles or query.persons:
        named = snapshot.all(questions.items(replace(query, text=()), filters, None))[1]
        return questions.within(text, snapshot.items_of(named).tolist()) if named else None
    if query.without:
        excluded = snapshot.all(questions.excluded(query))[1]
        if excluded:
            return without(text, questions.of_items(snapshot.items_of(excluded).tolist()))
    return text


def _is_enough(pages: Pages, named: set[int], wanted: int) -> bool:
    """Whether the pages that were fetched tell which items come first, and how those found by name stand."""
    if pages.floor == ALL_OF_THEM:
        return True
    above = sum(score > pages.floor for score in pages.best().values())
    return above >= wanted and not named


def _leading(best: dict[int, float], named: set[int], wanted: int) -> set[int]:
    """The items that can be among the first `wanted`: those found by name, and the best by page, with all ties."""
    others = sorted((score, number) for number, score in best.items() if number not in named)
    if len(others) > wanted:
        least = others[-wanted][0] if wanted else float("inf")
        others = [(score, number) for score, number in others if score >= least]
    return named | {number for _, number in others}
