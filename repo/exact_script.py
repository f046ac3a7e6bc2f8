"""Whether a text holds a phrase in the very characters in which it was typed: 圖書 and not 图书.

The index folds both into one; this looks at the stored text again.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from wenyuan.repo import chinese
from wenyuan.repo.chinese import Phrase
from wenyuan.repo.query import SearchQuery


@dataclass(frozen=True, slots=True)
class Typed:
    """A phrase as it is searched, and as it was typed."""

    phrase: Phrase
    written: str


def as_typed(text: str, query: SearchQuery) -> tuple[Typed, ...]:
    """The phrases of a query with the characters in which they stand in what was typed.

    Args:
        text: the query as typed.
        query: what it was understood as.
    """
    squeezed = chinese.squeeze(text)
    whole = _written(text, squeezed)
    found: list[Typed] = []
    for clause in query.text:
        phrase = clause.any_of[0]
        place = squeezed.text.find(phrase.text)
        if place >= 0:
            found.append(Typed(phrase, whole[place : place + len(phrase.text)]))
    return tuple(found)


def holds(text: str, wanted: tuple[Typed, ...], *, next_text: str = "") -> bool:
    """Whether a page holds all of them; what begins on it may end on the next one.

    Args:
        text: of the page.
        wanted: see `as_typed`.
        next_text: of the page after it.
    """
    whole = chinese.with_seam(text, next_text)
    squeezed = chinese.squeeze(whole)
    written = _written(whole, squeezed)
    return all(
        any(
            written.startswith(typed.written, place)
            for place in chinese.occurrences(squeezed.text, typed.phrase)
            if squeezed.offsets[place] < len(text)
        )
        for typed in wanted
    )


def _written(text: str, squeezed: chinese.Squeezed) -> str:
    """The text's own characters where the squeezed text has folded ones; letters in lower case and half width."""
    return "".join(
        " " if shown == " " else _plain(text[offset])
        for shown, offset in zip(squeezed.text, squeezed.offsets, strict=True)
    )


def _plain(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character).lower()
    return normal if len(normal) == 1 else character
