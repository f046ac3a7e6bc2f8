"""Where a text holds nearly these words: P. H. Sellers, "The theory and computation of evolutionary distances" (1980).

One row of the table for each character of the words, computed for the whole page at once: some hundred microseconds
for a quote of thirty characters on a page of a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wenyuan.repo.folding import codes_of

MOST_CHARACTERS = 100_000
"""Of a text that is looked through; a chapter has rarely more, and no page."""


@dataclass(frozen=True, slots=True)
class Near:
    """A stretch of the text, and how many characters must be put in, taken out or exchanged to make the words of it."""

    start: int
    end: int
    errors: int


MOST_ENDS = 40
"""Places that are looked at from behind, the best first."""


def nearest(words: str, text: str, most: int) -> list[Near]:
    """Stretches of the text that are nearly the words, also such as lie over each other, the best first.

    Args:
        words: what is looked for.
        text: in what; behind `MOST_CHARACTERS` nothing is found.
        most: errors that are taken.
    """
    text = text[:MOST_CHARACTERS]
    if not words or most < 1 or not text:
        return []
    errors = _ends(codes_of(words), codes_of(text), anywhere=True)
    low = np.flatnonzero(errors <= most)
    best_first = low[np.argsort(errors[low], kind="stable")][:MOST_ENDS]
    found: list[Near] = []
    for end in best_first.tolist():
        count = int(errors[end])
        stretch = text[max(0, end - len(words) - count) : end]
        back = _ends(codes_of(words[::-1]), codes_of(stretch[::-1]), anywhere=False)
        lengths = np.flatnonzero(back == count).tolist()
        found += [Near(end - length, end, count) for length in {*lengths[:1], *lengths[-1:]} if length]
    return found


def _ends(words: NDArray[np.int32], text: NDArray[np.int32], *, anywhere: bool) -> NDArray[np.int64]:
    """For each place in the text (0 to its length) the least errors of a stretch that ends there.

    Args:
        words: code points of what is looked for.
        text: of that in which it is.
        anywhere: whether the stretch may begin anywhere, or at the beginning of the text alone.
    """
    places = np.arange(len(text) + 1)
    row: NDArray[np.int64] = np.zeros(len(text) + 1, np.int64) if anywhere else places
    for number, code in enumerate(words, start=1):
        below = row + 1
        below[0] = number
        np.minimum(below[1:], row[:-1] + (text != code), out=below[1:])
        # Leaving out characters of the text: one more for each, so a running minimum against the slope of one.
        row = np.minimum.accumulate(below - places) + places
    return row
