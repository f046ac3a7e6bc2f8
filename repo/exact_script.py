"""Hits in the very characters that were typed: 圖書 and not 图书.

The index folds both into one; this looks at the stored text again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wenyuan.repo import chinese
from wenyuan.repo.chinese import Phrase
from wenyuan.repo.query import SearchQuery


@dataclass(frozen=True, slots=True)
class Typed:
    """A phrase as it is searched, and as it was typed."""

    phrase: Phrase
    written: str


def as_typed(query: SearchQuery) -> tuple[Typed, ...]:
    """The phrases of a query's text with the characters in which they were typed."""
    return tuple(Typed(clause.any_of[0], clause.typed) for clause in query.text if clause.typed)


def hits(text: str, wanted: tuple[Typed, ...], *, next_text: str = "") -> list[tuple[int, int]]:
    """Ranges of all that stands in a page as typed: offsets [start, end), in order, up to the end of the page.

    Args:
        text: of the page.
        wanted: see `as_typed`.
        next_text: of the page after it, where a hit may run on.
    """
    found = {place for one in _places(text, wanted, next_text) for place in one}
    return sorted((start, min(end, len(text))) for start, end in found)


def holds(text: str, wanted: tuple[Typed, ...], *, next_text: str = "") -> bool:
    """Whether a page holds all of them; what begins on it may end on the next one. Arguments as for `hits`."""
    return all(next(one, None) is not None for one in _places(text, wanted, next_text))


def _places(text: str, wanted: tuple[Typed, ...], next_text: str) -> Iterator[Iterator[tuple[int, int]]]:
    whole = chinese.with_seam(text, next_text)
    squeezed, written = chinese.squeeze(whole), chinese.written(whole)

    def places(typed: Typed) -> Iterator[tuple[int, int]]:
        for place in chinese.occurrences(squeezed.text, typed.phrase):
            start = squeezed.offsets[place]
            if start < len(text) and written.startswith(typed.written, place):
                yield start, squeezed.offsets[place + len(typed.written) - 1] + 1

    return (places(typed) for typed in wanted)
