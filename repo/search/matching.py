"""Which pages and items of a snapshot match a query, and in what order.

The postings name the pages that can match; where they cannot tell the order of the characters, the page's squeezed text
is looked at, so that the answer is that of a scan (`chinese.occurrences`). Pages are handled as arrays of document
numbers: a common character stands on every second page.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from wenyuan.repo.chinese import Phrase, is_han, occurrences, words
from wenyuan.repo.query import Clause, SearchQuery
from wenyuan.repo.search import ranking
from wenyuan.repo.search.codec import SegmentFiles
from wenyuan.repo.search.index import Filters, Hit, Results, Sort
from wenyuan.repo.search.packed import COUNT_BITS, MOST_COUNTED
from wenyuan.repo.search.ranking import Found
from wenyuan.repo.search.rows import ItemRow

FEW = 4
"""Candidates that are looked at without narrowing them further."""

TEXT_PAIRS, TEXT_CHARACTERS, SEAM_WORDS = "t", "u", "s"
TITLE_PAIRS, TITLE_CHARACTERS = "T", "U"
ITEM, SUPPLEMENT = "item", "supplement"
EVERY = "*"
"""The term that all supplements have."""

Numbers = NDArray[np.uint32]
_BITS, _COUNT = np.uint32(COUNT_BITS), np.uint32(MOST_COUNTED)


class Part:
    """One segment as one generation sees it.

    Attributes:
        items: numbers of the living documents that are items, ascending.
        pages: how many pages live.
    """

    def __init__(self, files: SegmentFiles, deleted: frozenset[int], rows: dict[int, ItemRow]) -> None:
        """Begin with the rows that earlier generations have read: they never change."""
        self.terms, self.documents = files.terms, files.documents
        self._deleted = np.array(sorted(deleted), np.uint32)
        self._rows = rows
        self._ends = np.array(files.documents.items, np.uint32)
        supplements = {int(number) for number in self.terms.numbers(SUPPLEMENT, EVERY) >> _BITS}
        alive = [number for number in files.documents.items if number not in deleted]
        self.items = [number for number in alive if number not in supplements]
        dead_items = len(self._ends) - len(alive)
        self.pages = len(files.documents) - len(self._ends) - (len(deleted) - dead_items)

    def row(self, number: int) -> ItemRow:
        """The item with this document number."""
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = ItemRow.from_text(self.documents.text(number))
        return row

    def living(self, numbers: Numbers) -> Numbers:
        """Of documents those that are not deleted."""
        return numbers[~np.isin(numbers, self._deleted)] if len(self._deleted) and len(numbers) else numbers

    def homes(self, numbers: Numbers) -> Numbers:
        """For each page the number of the document that is its item."""
        return self._ends[np.searchsorted(self._ends, numbers)]


@dataclass(frozen=True, slots=True)
class _Pages:
    """Pages of a part, ascending, and how often each holds a phrase."""

    numbers: Numbers
    counts: Numbers

    def at(self, numbers: Numbers) -> Numbers:
        """Counts of other pages, which need not be here: 0."""
        if not len(self.numbers):
            return np.zeros(len(numbers), np.uint32)
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, self.counts[places], 0).astype(np.uint32)


_NONE = _Pages(np.empty(0, np.uint32), np.empty(0, np.uint32))


@dataclass(slots=True)
class _Matches:
    """The pages of a part that match.

    Attributes:
        counts: `counts[c][f]`, how often form f of clause c stands on each.
        typed: for each clause the pages that hold it as typed, whatever else they lack; deleted ones too.
    """

    part: Part
    numbers: Numbers
    counts: list[list[Numbers]]
    typed: list[Numbers]
    homes: Numbers = field(init=False)

    def __post_init__(self) -> None:
        self.homes = self.part.homes(self.numbers)

    def of(self, chosen: set[int]) -> _Matches:
        """Those of these items alone."""
        mask = np.isin(self.homes, np.array(sorted(chosen), np.uint32))
        counts = [[row[mask] for row in forms] for forms in self.counts]
        return _Matches(self.part, self.numbers[mask], counts, self.typed)


def search(
    parts: list[Part],
    query: SearchQuery,
    filters: Filters,
    *,
    sort: Sort = Sort.RELEVANCE,
    facets: Sequence[str] = (),
    offset: int = 0,
    limit: int = 20,
    pages_per_item: int = 5,
) -> Results:
    """See `SearchIndex.search`."""
    matching = [_matching(part, query) for part in parts] if query.text else []
    matching = [matches.of(_fitting(matches, query, filters)) for matches in matching]
    hidden = [matches.of(_allowed(matches, filters.counted - filters.access)) for matches in matching]
    shown = [matches.of(_allowed(matches, filters.access)) for matches in matching]
    weights = _weights(matching, query, filters)
    scored = [(matches, _scores(matches, weights)) for matches in shown]
    found = _by_title(parts, query, replace(filters, access=filters.titles or filters.access))
    for matches, scores in scored:
        _add_pages(found, matches, scores)
    best = ranking.in_order(found.values(), sort, listed=not query.text)[offset : offset + limit]
    pages = _best_pages(scored, {one.row.item for one in best}, pages_per_item)
    return Results(
        total=len(found),
        page_total=sum(len(matches.numbers) for matches in shown),
        hits=tuple(
            Hit(one.row.item, one.score, one.bonus > 0, pages.get(one.row.item, ()), one.page_total) for one in best
        ),
        facets=ranking.counted((one.row for one in found.values()), facets),
        hidden_items=len({matches.part.row(home).item for matches in hidden for home in _unique(matches.homes)}),
        hidden_pages=sum(len(matches.numbers) for matches in hidden),
    )


def _matching(part: Part, query: SearchQuery) -> _Matches:
    """Living pages that hold all clauses and nothing that is excluded."""
    clauses = [[_page_counts(part, phrase) for phrase in clause.any_of] for clause in query.text]
    held = [reduce(np.union1d, (pages.numbers for pages in forms)) for forms in clauses]
    numbers = reduce(_both, sorted(held, key=len))
    for phrase in query.without:
        if len(numbers):
            numbers = np.setdiff1d(numbers, _page_counts(part, phrase).numbers, assume_unique=True)
    numbers = part.living(numbers)
    counts = [[pages.at(numbers) for pages in forms] for forms in clauses]
    return _Matches(part, numbers, counts, [forms[0].numbers for forms in clauses])


def _both(one: Numbers, other: Numbers) -> Numbers:
    return np.intersect1d(one, other, assume_unique=True)


def _unique(numbers: Numbers) -> list[int]:
    found: list[int] = np.unique(numbers).tolist()
    return found


def _fitting(matches: _Matches, query: SearchQuery, filters: Filters) -> set[int]:
    """Items of these pages that pass all but the tiers."""
    rows = ((home, matches.part.row(home)) for home in _unique(matches.homes))
    return {home for home, row in rows if row.suits(filters) and row.fits(query)}


def _allowed(matches: _Matches, tiers: frozenset[str]) -> set[int]:
    return {home for home in _unique(matches.homes) if matches.part.row(home).access in tiers} if tiers else set()


def _weights(matching: list[_Matches], query: SearchQuery, filters: Filters) -> list[float]:
    """Of each clause, by how many pages that the person may see hold it as typed. One alone needs no weighing."""
    if len(query.text) < 2:
        return [1.0] * len(query.text)
    totals = [0] * len(query.text)
    for matches in matching:
        for place, numbers in enumerate(matches.typed):
            homes, counts = np.unique(matches.part.homes(matches.part.living(numbers)), return_counts=True)
            rows = zip(map(matches.part.row, homes.tolist()), counts.tolist(), strict=True)
            totals[place] += sum(count for row, count in rows if row.access in filters.access and row.suits(filters))
    return [ranking.weight(total) for total in totals]


def _scores(matches: _Matches, weights: list[float]) -> NDArray[np.float64]:
    found = np.zeros(len(matches.numbers))
    typed = np.ones(len(matches.numbers), np.bool_)
    for weight, forms in zip(weights, matches.counts, strict=True):
        counts = np.where(forms[0] > 0, forms[0], reduce(np.maximum, forms)).astype(np.float64)
        found += weight * ranking.GAIN * counts / (counts + ranking.K)
        typed &= forms[0] > 0
    if any(len(forms) > 1 for forms in matches.counts):
        found += ranking.AS_TYPED * typed
    return found


def _add_pages(found: dict[str, Found], matches: _Matches, scores: NDArray[np.float64]) -> None:
    """Put pages to their items. The pages of an item lie side by side."""
    homes, starts, totals = np.unique(matches.homes, return_index=True, return_counts=True)
    if not len(homes):
        return
    tops = np.maximum.reduceat(scores, starts)
    for home, top, total in zip(homes.tolist(), tops.tolist(), totals.tolist(), strict=True):
        row = matches.part.row(home)
        one = found.setdefault(row.item, Found(row))
        one.best = max(one.best, top)
        one.page_total += total


def _best_pages(
    scored: list[tuple[_Matches, NDArray[np.float64]]], items: set[str], most: int
) -> dict[str, tuple[int, ...]]:
    """Keys of the best pages of these items."""
    pages: dict[str, list[tuple[float, int, int]]] = {}
    for matches, scores in scored:
        part = matches.part
        for home in _unique(matches.homes):
            row = part.row(home)
            if row.item in items:
                start, end = np.searchsorted(matches.homes, [home, home + 1])
                first = part.documents.pages_of(home).start
                for number, score in zip(matches.numbers[start:end].tolist(), scores[start:end].tolist(), strict=True):
                    key, position = row.pages[number - first]
                    pages.setdefault(row.item, []).append((-score, position, key))
    return {item: tuple(key for _, _, key in sorted(rows)[:most]) for item, rows in pages.items()}


def _page_counts(part: Part, phrase: Phrase) -> _Pages:
    """Pages that hold a phrase; deleted ones too."""
    if not phrase.tokens and len(phrase.text) == 1:
        return _counts(part, TEXT_CHARACTERS, phrase.text)
    if len(phrase.tokens) == 1 and not phrase.characters:
        return _counts(part, TEXT_PAIRS, phrase.text)
    numbers: list[int] = []
    counts: list[int] = []
    for number in _candidates(part, phrase):
        own, _, seam = part.documents.text(number).partition("\n")
        count = sum(1 for place in occurrences(own + seam, phrase) if place < len(own))
        if count:
            numbers.append(number)
            counts.append(min(count, MOST_COUNTED))
    return _Pages(np.array(numbers, np.uint32), np.array(counts, np.uint32)) if numbers else _NONE


def _counts(part: Part, name: str, term: str) -> _Pages:
    postings = part.terms.numbers(name, term)
    return _Pages(postings >> _BITS, postings & _COUNT)


def _candidates(part: Part, phrase: Phrase) -> list[int]:
    """Pages that have all words of the phrase, or its first word and in the seam its last."""
    needed = [(TEXT_PAIRS, word) for word in phrase.tokens] + [(TEXT_CHARACTERS, word) for word in phrase.characters]
    first, last = words(phrase.text)[0], words(phrase.text)[-1]
    home = TEXT_CHARACTERS if len(first) == 1 and is_han(first) else TEXT_PAIRS
    crossing = _holders(part, [(home, first), (SEAM_WORDS, last)], few=0)
    found: list[int] = np.union1d(_holders(part, needed, few=FEW), crossing).tolist()
    return found


def _holders(part: Part, needed: Iterable[tuple[str, str]], few: int) -> Numbers:
    """Documents that have all terms, or `few` that may; the shortest lists first."""
    records = [(part.terms.record(name, term), name, term) for name, term in dict.fromkeys(needed)]
    if any(record is None for record, _, _ in records):
        return np.empty(0, np.uint32)
    (_, name, term), *others = sorted(records, key=lambda row: len(row[0] or b""))
    found = part.terms.numbers(name, term) >> _BITS
    for _, name, term in others:
        if len(found) <= few:
            break
        found = _both(found, part.terms.numbers(name, term) >> _BITS)
    return found


def _by_title(parts: list[Part], query: SearchQuery, filters: Filters) -> dict[str, Found]:
    """Items that hold every clause in title and names; without clauses, all that the fields of the query name."""
    found: dict[str, Found] = {}
    for part in parts:
        for number in _named(part, query):
            row = part.row(number)
            if row.access in filters.access and row.suits(filters) and row.fits(query):
                bonus = ranking.bonus(row, query)
                if bonus or not query.text:
                    found[row.item] = Found(row, bonus)
    return found


def _named(part: Part, query: SearchQuery) -> list[int]:
    """Living items whose titles, names and persons have the words of the query."""
    clauses = (*query.text, *(Clause((phrase,)) for phrase in (*query.titles, *query.persons)))
    found: Numbers | None = None
    for clause in clauses:
        holders = reduce(np.union1d, (_name_holders(part, phrase) for phrase in clause.any_of))
        found = holders if found is None else _both(found, holders)
    if found is None:
        return part.items
    living = part.living(found).tolist()
    return [number for number in living if _is_among(part.items, number)]


def _is_among(items: list[int], number: int) -> bool:
    place = bisect_left(items, number)
    return place < len(items) and items[place] == number


def _name_holders(part: Part, phrase: Phrase) -> Numbers:
    needed = [(TITLE_PAIRS, word) for word in phrase.tokens]
    needed += [(TITLE_CHARACTERS, word) for word in phrase.characters]
    return _holders(part, needed, few=0)
