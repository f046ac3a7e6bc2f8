"""The words that the tantivy engine keeps, so that a phrase of them is found exactly where a scan finds it.

Field t is a stream of words with positions: the overlapping pairs of every Han run, words of other scripts, and where
a run touches a word the character at its edge, marked: `中国 ISBN 978 号` gives `中国 国> isbn 978 <号`. A query that
ends in a lone character beside a word (`国 ISBN`) is so a phrase like any other, whatever else stands in the run.

A word that begins in the seam, so on the next page, is marked too (`天下~`): a phrase must begin on the page itself,
and may from any word on stand in the seam.
"""

from __future__ import annotations

import numpy as np

from wenyuan.repo.chinese import SEAM, is_han
from wenyuan.repo.folding import codes_of, text_of

IN_SEAM, BEFORE_WORD, AFTER_WORD = "~", ">", "<"
"""Marks: punctuation, which no squeezed text holds."""
MOST_IN_SEAM = 2 * SEAM
"""Words that can begin in the seam, at most: as many as it has characters, and edges."""


def stream(whole: str, end: int | None = None) -> str:
    """Field t of a squeezed text, parted by blanks.

    Args:
        whole: the text of the page with its seam.
        end: how much of it is the page's own; default: all.
    """
    end = len(whole) if end is None else end
    if " " not in whole and whole and is_han(whole[0]):
        return _pairs(whole, end)
    return " ".join(sequence(whole, end))


def sequence(squeezed: str, end: int | None = None) -> list[str]:
    """The words of field t, in order; `end` as in `stream`."""
    end = len(squeezed) if end is None else end
    found: list[tuple[int, str]] = []
    start = 0
    for run in squeezed.split(" "):
        after = start + len(run)
        if run and is_han(run[0]):
            if start:
                found.append((start, AFTER_WORD + run[0]))
            found += [(start + place, run[place : place + 2]) for place in range(len(run) - 1)]
            if after < len(squeezed):
                found.append((after - 1, run[-1] + BEFORE_WORD))
        elif run:
            found.append((start, run))
        start = after + 1
    return [word if place < end else word + IN_SEAM for place, word in found]


def ways(words: list[str]) -> list[list[str]]:
    """A phrase as it can stand: on the page whole, or from one of its words on in the seam; the first is the former."""
    cuts = range(max(1, len(words) - MOST_IN_SEAM), len(words))
    return [words, *([*words[:cut], *(word + IN_SEAM for word in words[cut:])] for cut in cuts)]


def _pairs(run: str, end: int) -> str:
    """`stream` of one Han run: two characters and a blank for each pair, made in one piece."""
    codes = codes_of(run)
    rows = np.full((max(0, len(run) - 1), 3), ord(" "), np.int32)
    rows[:, 0], rows[:, 1] = codes[:-1], codes[1:]
    own = text_of(rows[:end].ravel())
    if len(rows) <= end:
        return own
    return own + "".join(run[place : place + 2] + IN_SEAM + " " for place in range(end, len(rows)))
