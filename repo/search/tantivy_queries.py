"""Queries of ours as queries of tantivy. They are put together as objects: its query language is never spoken."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tantivy import FieldType, Occur, Query, Schema, Searcher

from wenyuan.repo.chinese import Phrase
from wenyuan.repo.query import Clause, SearchQuery
from wenyuan.repo.search import ranking, tantivy_schema
from wenyuan.repo.search.index import Filters
from wenyuan.repo.search.tantivy_schema import (
    AN_ITEM,
    CHARACTERS,
    FIRST_YEAR,
    ITEM_NUMBER,
    LABELS,
    LAST_YEAR,
    NAME_CHARACTERS,
    NAMES,
    PAGE,
    TEXT,
)
from wenyuan.repo.search.tantivy_words import sequence, ways

FEW = 16
"""Values up to which a query for each is the faster way: a set of them costs 0.2 ms, however small."""
_ONCE = ranking.GAIN / (1 + ranking.K)
"""What one occurrence of a phrase of weight 1 scores."""


class Questions:
    """Makes queries for one generation of the index.

    Args:
        searcher: of this generation.
        documents: how many it has, deleted ones too: tantivy counts them when it weighs how rare a word is.
    """

    def __init__(self, schema: Schema, searcher: Searcher, documents: int) -> None:
        self._schema = schema
        self._searcher = searcher
        self._documents = documents

    # Pages

    def pages(self, query: SearchQuery, weights: list[float]) -> Query:
        """Pages that hold every clause and no phrase that is excluded, with their scores."""
        parts = [
            (Occur.Must, any_of([self._phrase(phrase, weight) for phrase in clause.any_of]))
            for clause, weight in zip(query.text, weights, strict=True)
        ]
        parts += [(Occur.MustNot, self._phrase(phrase, 1.0)) for phrase in query.without]
        if ranking.has_forms(query):
            typed = every(self._phrase(clause.any_of[0], 1.0) for clause in query.text)
            parts.append((Occur.Should, Query.const_score_query(typed, ranking.AS_TYPED)))
        return parts[0][1] if len(parts) == 1 else Query.boolean_query(parts)

    def clause(self, clause: Clause) -> Query:
        """Pages that hold a clause as it was typed."""
        return self._phrase(clause.any_of[0], 1.0)

    def _phrase(self, phrase: Phrase, weight: float) -> Query:
        """One occurrence scores as much on the page as over its seam; then more count more, by BM25."""
        if len(phrase.text) == 1 and not phrase.tokens:
            query = Query.term_query(self._schema, f"{CHARACTERS}.x", phrase.text, index_option="freq")
            return Query.boost_query(query, weight / self._rarity(f"{CHARACTERS}.x", [phrase.text]))
        whole, *over_seam = ways(sequence(phrase.text))
        on_page = Query.boost_query(self._words(f"{TEXT}.x", whole), weight / self._rarity(f"{TEXT}.x", whole))
        crossing = [words for words in over_seam if self._searcher.doc_freq(f"{TEXT}.x", words[-1])]
        return any_of(
            [
                on_page,
                *(Query.const_score_query(self._words(f"{TEXT}.x", words), weight * _ONCE) for words in crossing),
            ]
        )

    def _words(self, field: str, words: list[str]) -> Query:
        if len(words) == 1:
            return Query.term_query(self._schema, field, words[0])
        return Query.phrase_query(self._schema, field, words)  # type: ignore[arg-type]

    def _rarity(self, field: str, words: list[str]) -> float:
        """By which tantivy weighs a phrase: taken out again, because it counts pages that the person may not see."""
        counts = (self._searcher.doc_freq(field, word) for word in words)
        return sum(math.log(1 + (self._documents - count + 0.5) / (count + 0.5)) for count in counts)

    # Items

    def items(self, query: SearchQuery, filters: Filters, tiers: Iterable[str] | None) -> Query:
        """Items that hold every clause in title and names, and all that the fields ask for; `tiers` None: of any."""
        named = [any_of([self.named(tantivy_schema.ALL, phrase) for phrase in clause.any_of]) for clause in query.text]
        return self.narrowed(self._fitting(query, named), query, filters, tiers)

    def _fitting(self, query: SearchQuery, named: list[Query]) -> Query:
        needed = [self._label(AN_ITEM), *named]
        needed += [self.named(tantivy_schema.TITLES, phrase) for phrase in query.titles]
        needed += [self.named(tantivy_schema.PERSONS, phrase) for phrase in query.persons]
        excluded = [self.named(tantivy_schema.ALL, phrase) for phrase in query.without]
        return Query.boolean_query(
            [*((Occur.Must, part) for part in needed), *((Occur.MustNot, part) for part in excluded)]
        )

    def every_item(self) -> Query:
        """All items."""
        return self._label(AN_ITEM)

    def within(self, query: Query, items: list[int]) -> Query:
        """What a query finds in these items, with its scores."""
        limit = Query.const_score_query(self.of_items(items), 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, limit)])

    def excluded(self, query: SearchQuery) -> Query:
        """Items whose title or names hold a phrase that is excluded."""
        phrases = any_of([self.named(tantivy_schema.ALL, phrase) for phrase in query.without])
        return every([self._label(AN_ITEM), phrases])

    def rows(self, numbers: list[int]) -> Query:
        """The items with these numbers."""
        return every([self._label(AN_ITEM), self.of_items(numbers)])

    def named(self, part: str, phrase: Phrase) -> Query:
        """Items one of whose names of this part holds a phrase."""
        if len(phrase.text) == 1 and not phrase.tokens:
            return Query.term_query(self._schema, f"{NAME_CHARACTERS}.{part}", phrase.text, index_option="basic")
        return self._words(f"{NAMES}.{part}", sequence(phrase.text))

    # Either

    def narrowed(self, query: Query, wanted: SearchQuery, filters: Filters, tiers: Iterable[str] | None) -> Query:
        """A query within what filters, tiers, years and collection let through."""
        limits = [self._label(label) for label in _labels(wanted, filters)]
        if tiers is not None:
            limits.append(any_of([self._label(tantivy_schema.access(tier)) for tier in sorted(tiers)]))
        if filters.item is not None:
            limits.append(self.of_items([tantivy_schema.number_of(filters.item)]))
        if wanted.years is not None:
            first, last = wanted.years
            limits.append(Query.range_query(self._schema, FIRST_YEAR, FieldType.Integer, None, _year(last, 9999)))
            limits.append(Query.range_query(self._schema, LAST_YEAR, FieldType.Integer, _year(first, -9999), None))
        return Query.boolean_query(
            [(Occur.Must, query), *((Occur.Must, Query.const_score_query(limit, 0.0)) for limit in limits)]
        )

    def of_items(self, numbers: list[int]) -> Query:
        """All documents of these items."""
        if len(numbers) > FEW:
            return Query.term_set_query(self._schema, ITEM_NUMBER, numbers)
        return any_of([Query.term_query(self._schema, ITEM_NUMBER, number, index_option="basic") for number in numbers])

    def of_pages(self, item: int, keys: Iterable[int]) -> Query:
        """These pages of an item."""
        pages = [Query.range_query(self._schema, PAGE, FieldType.Unsigned, key, key) for key in keys]
        return every([self.of_items([item]), any_of(pages)])

    def _label(self, label: str) -> Query:
        return Query.term_query(self._schema, LABELS, label, index_option="basic")


def any_of(queries: list[Query]) -> Query:
    """What one of these finds, with the best of their scores."""
    return queries[0] if len(queries) == 1 else Query.disjunction_max_query(queries)


def every(queries: Iterable[Query]) -> Query:
    """What all of these find."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def without(query: Query, other: Query) -> Query:
    """What the first finds and the second does not."""
    return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, other)])


def _labels(query: SearchQuery, filters: Filters) -> list[str]:
    found = [tantivy_schema.collection(key) for key in (filters.collection, query.collection) if key is not None]
    found += [tantivy_schema.kind(filters.kind)] if filters.kind is not None else []
    return found + [tantivy_schema.facet(name, value) for name, value in filters.facets.items()]


def _year(year: int | None, otherwise: int) -> int:
    return otherwise if year is None else year
