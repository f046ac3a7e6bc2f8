"""What a person may mean: names to choose from while typing, and other readings of a query that found nothing.

Only names that the person may see are told (titles, persons, subjects, places, collections); never words of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wenyuan.repo import chinese, pinyin
from wenyuan.repo.catalogue import collections, names
from wenyuan.repo.catalogue.collections import Node
from wenyuan.repo.items import Collection

LONGEST = 40
"""Characters typed beyond which nobody is still choosing a name."""
MOST_LOOKED_AT = 200
"""Names that are compared with a misspelt one."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to choose.

    Attributes:
        kind: title, person, subject, place or collection.
        items: visible items that carry it.
        collection: its key, for a collection.
    """

    text: str
    kind: str
    items: int
    collection: str | None = None


def suggest(session: Session, typed: str, access: frozenset[str], limit: int = 8) -> list[Suggestion]:
    """Names that begin with what is typed, in either script, in pinyin (`shenzhen`) or its initials (`szdfz`).

    Collections stand first: they are few. A text that is written in two scripts is told once.

    Args:
        access: tiers whose names the person may see.
    """
    if len(typed) > LONGEST:
        return []
    shelves = _shelves(session, typed, access)
    found = [
        Suggestion(name.text, name.kind, name.items) for name in names.beginning(session, typed, access, 2 * limit)
    ]
    unique: dict[str, Suggestion] = {}
    for one in (*shelves[:2], *found):
        unique.setdefault(chinese.squeezed_text(one.text), one)
    return list(unique.values())[:limit]


def did_you_mean(
    session: Session, query: str, access: frozenset[str], gives_hits: Callable[[str], bool], limit: int = 3
) -> list[str]:
    """Other words that give hits: of the same sound, or one character off; among names that the person may see.

    Args:
        query: words as typed, without operators.
        gives_hits: whether the person would find something by these words.
    """
    folded = chinese.squeezed_text(query)
    if not 2 <= len(folded) <= LONGEST:
        return []
    told: dict[str, None] = {}
    for name in _candidates(session, query, folded, access):
        if chinese.squeezed_text(name) != folded and name not in told and gives_hits(name):
            told[name] = None
            if len(told) == limit:
                break
    return list(told)


def _shelves(session: Session, typed: str, access: frozenset[str]) -> list[Suggestion]:
    """Collections with visible items; these are counted only where a title begins so."""
    if not any(_beginning(collections.collection_of(row), typed) for row in collections.every(session)):
        return []
    return [
        Suggestion(title, "collection", node.item_count, node.collection.key)
        for node in _every(collections.tree(session, access))
        if node.item_count and (title := _beginning(node.collection, typed))
    ]


def _candidates(session: Session, query: str, folded: str, access: frozenset[str]) -> Iterator[str]:
    spoken = pinyin.spelling(query)
    for name in names.sounding(session, spoken, access, MOST_LOOKED_AT):
        yield name.text
    for name in names.beginning(session, query, access, 3):
        yield name.text
    starts = dict.fromkeys((folded[0], folded[1]))
    for length in (len(folded), len(folded) - 1, len(folded) + 1):
        for name in names.of_length(session, starts, length, access, MOST_LOOKED_AT):
            if _is_one_off(folded, chinese.squeezed_text(name.text)):
                yield name.text


def _is_one_off(one: str, other: str) -> bool:
    """One character changed, left out, put in, or changed places with its neighbour."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[:2][::-1] and left[2:] == right[2:])
    )


def _every(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _every(node.children)


def _beginning(collection: Collection, typed: str) -> str | None:
    """The title that begins with what is typed; nothing where none does."""
    folded = chinese.squeezed_text(typed)
    letters = folded.replace(" ", "")
    for title in collection.titles.values():
        squeezed = chinese.squeezed_text(title)
        if folded and squeezed.startswith(folded):
            return title
        spoken = pinyin.syllables(title) if letters.isascii() and letters.isalnum() else ()
        if spoken and ("".join(spoken).startswith(letters) or "".join(s[0] for s in spoken).startswith(letters)):
            return title
    return None
