"""Recall and precision of a search engine against a scan of the texts."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wenyuan.repo import chinese

PageId = tuple[str, int]

# Characters whose other form a query is asked in, so that both scripts meet: traditional, simplified.
_BOTH = dict(zip("國為學書後東車門馬風長開見說無時來會", "国为学书后东车门马风长开见说无时来会", strict=True))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Over all queries together.

    Attributes:
        recall: pages found of those that match.
        precision: pages that match of those found.
        over_seam: queries one of whose hits runs over the end of a page.
        answers: digest of all that was found, to compare engines by.
    """

    recall: float
    precision: float
    over_seam: int
    answers: str


def page_ids(count: int, pages_per_item: int) -> list[PageId]:
    """Item and page key of each page."""
    return [(f"i{number // pages_per_item:06}", number % pages_per_item + 1) for number in range(count)]


def seams(pages: list[str], pages_per_item: int) -> list[str]:
    """The text after each page within its item."""
    following = [*pages[1:], ""]
    return [text if (number + 1) % pages_per_item else "" for number, text in enumerate(following)]


def draw_queries(pages: list[str], lengths: list[int], count: int, draw: random.Random) -> list[str]:
    """Random substrings of Han characters: not words, so that no engine is favoured by its dictionary."""
    found: list[str] = []
    while len(found) < count:
        length = draw.choice(lengths)
        squeezed = chinese.squeezed_text(draw.choice(pages))
        start = draw.randrange(max(1, len(squeezed)))
        part = squeezed[start : start + length]
        if len(part) == length and all(map(chinese.is_han, part)):
            found.append(part)
    return found


def accuracy(every: Callable[[str], set[PageId]], pages: list[str], pages_per_item: int, count: int) -> Accuracy:
    """Ask so many random substrings of 1 to 7 characters, a fifth of them over a page seam, half in the other script.

    The scan looks for the folded characters in the folded page with the beginning of the next, and counts what begins
    on the page itself.
    """
    draw = random.Random(7)
    following = seams(pages, pages_per_item)
    wholes = [
        chinese.squeezed_text(chinese.with_seam(text, after)) for text, after in zip(pages, following, strict=True)
    ]
    owns = [len(chinese.squeezed_text(text)) for text in pages]
    ids = page_ids(len(pages), pages_per_item)
    texts = _Characters(wholes)
    queries = draw_queries(pages, list(range(1, 8)), count - count // 5, draw)
    while len(queries) < count:
        number, length = draw.randrange(len(pages)), draw.randint(2, 7)
        start = owns[number] - draw.randint(1, length - 1)
        part = wholes[number][max(0, start) : start + length] if start >= 0 else ""
        if len(part) == length and owns[number] < len(wholes[number]) and all(map(chinese.is_han, part)):
            queries.append(part)
    right = given = true = over_seam = 0
    answers = hashlib.sha256()
    for query in queries:
        truth = {ids[place] for place in texts.may_hold(query) if 0 <= wholes[place].find(query) < owns[place]}
        over_seam += any(query not in wholes[number][: owns[number]] for number in _places(truth, pages_per_item))
        answer = every(_in_other_script(query, draw))
        answers.update(repr(sorted(answer)).encode())
        right, given, true = right + len(truth & answer), given + len(answer), true + len(truth)
    return Accuracy(right / true, right / given, over_seam, answers.hexdigest())


class _Characters:
    """Which texts have a character: a scan need not read those that lack one of the query's."""

    def __init__(self, texts: list[str]) -> None:
        self._count = len(texts)
        self._masks: dict[str, NDArray[np.uint8]] = {}
        for place, text in enumerate(texts):
            for character in set(text):
                if character not in self._masks:
                    self._masks[character] = np.zeros(-(-self._count // 8), np.uint8)
                self._masks[character][place >> 3] |= 128 >> (place & 7)

    def may_hold(self, query: str) -> list[int]:
        """Numbers of the texts that have all characters of the query."""
        masks = [self._masks.get(character) for character in set(query)]
        if any(mask is None for mask in masks):
            return []
        found: list[int] = np.flatnonzero(np.unpackbits(np.bitwise_and.reduce(masks))[: self._count]).tolist()
        return found


def _places(found: set[PageId], pages_per_item: int) -> list[int]:
    return [int(item[1:]) * pages_per_item + page - 1 for item, page in found]


def _in_other_script(query: str, draw: random.Random) -> str:
    """Half of the queries with their characters in traditional form: the folded ones are simplified."""
    back = {simplified: traditional for traditional, simplified in _BOTH.items()}
    return "".join(back.get(character, character) for character in query) if draw.random() < 0.5 else query
