"""What could be searched for inside an item: how its own text goes on after the characters typed so far.

Chinese has no words. What follows is counted in lengths of one to FOLLOWING characters, and of continuations that
always go on in the same way only the longest is told. A word of another script is told whole.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from wenyuan.reader.iiif import addresses, answers
from wenyuan.reader.iiif.answers import Json
from wenyuan.repo import chinese
from wenyuan.repo.recent import Recent

FOLLOWING = 4
"""Characters told beyond those typed: a name or a phrase of four, as most are."""
TOLD = 12
TYPED = 40
"""Longest beginning that is looked up; whoever has typed more is no longer choosing a word."""
SECONDS = 0.25
"""Time for reading: about 2,500 pages. What a longer item holds further on is not told."""

_remembered: Recent[tuple[str, str, str], tuple[Term, ...]] = Recent(256)
"""By item, structure and beginning: every letter typed asks anew, and the one before comes back with each deletion."""


@dataclass(frozen=True, slots=True)
class Term:
    """Something to search for, as it stands in the text, and how often it does."""

    text: str
    count: int


def terms(item: str, structure: str, typed: str, texts: Iterable[str]) -> tuple[Term, ...]:
    """Terms that begin with what is typed, the most frequent first.

    Args:
        item: its id.
        structure: digest of what it is made of.
        typed: the characters so far.
        texts: of its pages; read as far as there is time.
    """
    beginning = chinese.squeezed_text(typed)
    if not beginning or len(typed) > TYPED:
        return ()
    name = (item, structure, beginning)
    known = _remembered.get(name)
    if known is None:
        reading = _Reading(beginning)
        whole = reading.read(texts)
        known = reading.most_frequent()
        if whole:
            _remembered.put(name, known)
    return known


def version_2(base: str, item: str, typed: str, found: Iterable[Term], ignored: list[str]) -> Json:
    """The answer of Content Search 2.0."""
    told = [
        {
            "type": "Term",
            "value": term.text,
            "total": term.count,
            "service": [{"id": addresses.search(base, 2, item, q=term.text), "type": "SearchService2"}],
        }
        for term in found
    ]
    document: Json = {
        "@context": answers.SEARCH_2,
        "id": addresses.autocomplete(base, 2, item, q=typed),
        "type": "TermPage",
    }
    return document | ({"ignored": ignored} if ignored else {}) | {"items": told}


def version_1(base: str, item: str, typed: str, found: Iterable[Term], ignored: list[str]) -> Json:
    """The answer of Content Search 1.0."""
    told = [
        {"match": term.text, "url": addresses.search(base, 1, item, q=term.text), "count": term.count} for term in found
    ]
    document: Json = {
        "@context": answers.SEARCH_1,
        "@id": addresses.autocomplete(base, 1, item, q=typed),
        "@type": "search:TermList",
    }
    return document | ({"ignored": ignored} if ignored else {}) | {"terms": told}


class _Reading:
    """Counts how the texts go on after a beginning: folded, so that a word in two spellings is one."""

    def __init__(self, beginning: str) -> None:
        self._beginning = beginning
        self._pattern = re.compile(("" if chinese.is_han(beginning[0]) else "(?<![^ ])") + re.escape(beginning))
        self._counts: Counter[str] = Counter()
        self._written: dict[str, Counter[str]] = defaultdict(Counter)

    def read(self, texts: Iterable[str]) -> bool:
        """Read as far as there is time; whether that was to the end."""
        end = time.monotonic() + SECONDS
        for text in texts:
            if time.monotonic() > end:
                return False
            if self._beginning in chinese.squeezed_text(text):
                self._count(text, chinese.squeeze(text))
        return True

    def most_frequent(self) -> tuple[Term, ...]:
        """The terms, each as it is written most often."""
        counts = self._counts
        go_on = {term[:-1] for term, count in counts.items() if counts.get(term[:-1]) == count}
        ranked = sorted(counts.keys() - go_on, key=lambda term: (-counts[term], len(term), term))[:TOLD]
        return tuple(Term(self._written[term].most_common(1)[0][0], counts[term]) for term in ranked)

    def _count(self, text: str, squeezed: chinese.Squeezed) -> None:
        for found in self._pattern.finditer(squeezed.text):
            for stop in _stops(text, squeezed, found.end()):
                term = squeezed.text[found.start() : stop]
                self._counts[term] += 1
                self._written[term][_as_written(text, squeezed, found.start(), stop)] += 1


def _stops(text: str, squeezed: chinese.Squeezed, end: int) -> list[int]:
    """Where a term that has reached `end` may end: after each further Han character, or at the end of its word."""
    border = squeezed.text.find(" ", end)
    border = len(squeezed.text) if border < 0 else border
    if not chinese.is_han(squeezed.text[end - 1]):
        return [border]
    stops = [end]
    for at in range(end, min(border, end + FOLLOWING)):
        if _is_parted(text[squeezed.offsets[at - 1] : squeezed.offsets[at]]):
            break
        stops.append(at + 1)
    return stops


def _is_parted(between: str) -> bool:
    """Whether punctuation stands there. Hits run over it, but a term would be two halves of sentences."""
    return any(unicodedata.category(character).startswith("P") for character in between)


def _as_written(text: str, squeezed: chinese.Squeezed, start: int, stop: int) -> str:
    """A term with the characters of the text itself, without what was squeezed out between them."""
    return "".join(" " if squeezed.text[at] == " " else text[squeezed.offsets[at]] for at in range(start, stop))
