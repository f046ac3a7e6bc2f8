"""The one tokeniser of every search engine, so that every engine gives the same hits.

A text is folded (one code point to one code point, so that offsets survive), then squeezed: what stands between the
characters of a Han text (punctuation, blanks, line ends) falls away, Latin words stay whole, one blank apart. A query
is squeezed the same way; a phrase is found where its squeezed form stands in the squeezed text (`find`). Engines that
cannot scan index `tokens` (field t) and `characters` (field u): recall and precision 1.0 against the scan, measured
on 100,000 pages, where words of a segmenter miss 25 to 60 % of substrings.

Folding is free of context on purpose: converting by phrase (乾隆 but 干燥) would fold page and query differently and
lose hits. It merges too much rather than too little (后 and 後, 里 and 裡).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise, repeat
from operator import add
from typing import NamedTuple

from wenyuan.repo.errors import QueryTooLong
from wenyuan.repo.folding import MARK, Squeezed, fold, is_han, squeeze, squeezed_text

__all__ = [  # noqa: RUF022 - in the order in which they are used
    "Squeezed",
    "fold",
    "is_han",
    "squeeze",
    "squeezed_text",
    "words",
    "tokens",
    "characters",
    "han_of",
    "parse",
    "phrases",
    "find",
    "matches",
    "snippet",
    "with_seam",
]

MAX_QUERY_CHARACTERS = 200
"""Longest query, in characters as typed. Far above any sentence a reader quotes; keeps the cost of one search
bounded."""
SEAM = 8
"""Squeezed characters of the next page that count as the end of a page: a phrase of up to 9 characters is found over
the seam wherever it breaks. Adds 1.3 % to the tokens of a 600-character page (our estimate)."""
_MARK_RUN = re.compile(f"[{MARK}]*")
_QUERY_PIECES = re.compile(r'["“”„＂「」『』«»]|[^\s"“”„＂「」『』«»]+')
_PARTNERS = {'"': '"', "＂": "＂", "“": "”", "„": "“", "「": "」", "『": "』", "«": "»"}
_CLOSING = "”」』»"
_LINE_END = re.compile(r"[^\S\n]*\n\s*")


class Token(NamedTuple):
    """One word of field t."""

    text: str
    """Two Han characters, one that stands alone, or a Latin word; folded."""
    position: int
    """0-based; a phrase is tokens at consecutive positions."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Characters that must follow each other.

    Attributes:
        text: squeezed.
        tokens: of field t, at consecutive positions. Without the single Han characters at the ends of a mixed phrase
            (國 in `ISBN國`), which stand in longer runs of the text.
        characters: single Han characters that are in no token: for field u.
    """

    text: str
    tokens: tuple[str, ...]
    characters: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether tokens or characters alone tell that a page matches, without a look at its text."""
        return not self.characters or (len(self.text) == 1 and not self.tokens)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asks for: all phrases, on one page. Without phrases it finds nothing."""

    phrases: tuple[Phrase, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phrases)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a snippet."""

    text: str
    is_hit: bool


def written(text: str) -> str:
    """The searched form of a text in its own characters, not folded; letters in lower case and half width."""
    squeezed = squeeze(text)
    return "".join(
        " " if shown == " " else _plain(text[offset])
        for shown, offset in zip(squeezed.text, squeezed.offsets, strict=True)
    )


def _plain(character: str) -> str:
    normal = unicodedata.normalize("NFKC", character).lower()
    return normal if len(normal) == 1 else character


def words(squeezed: str) -> list[str]:
    """Tokens of field t of a squeezed text, in order: overlapping pairs of a run, a lone Han character, words."""
    found: list[str] = []
    for run in squeezed.split(" "):
        if len(run) > 2 and is_han(run[0]):
            found += map(add, run, run[1:])
        elif run:
            found.append(run)
    return found


def tokens(text: str) -> Iterator[Token]:
    """Field t: overlapping pairs of every run of Han characters (a run of one alone), and words of other scripts."""
    # tuple.__new__ and not Token(): a third of the time, and a page has 600.
    return map(tuple.__new__, repeat(Token), zip(words(squeezed_text(text)), count(), strict=False))


def characters(text: str) -> set[str]:
    """Field u: every Han character of the text, folded."""
    return set(han_of(squeezed_text(text)))


def han_of(squeezed: str) -> str:
    """The Han characters of a squeezed text, in order: field u, with repetitions."""
    if " " not in squeezed:
        return squeezed if squeezed and is_han(squeezed[0]) else ""
    return "".join([run for run in squeezed.split(" ") if run and is_han(run[0])])


def parse(query: str) -> Query:
    """What a query asks for, all of it text; `wenyuan.repo.query` knows operators.

    Blanks part it into phrases, quotation marks ("" “” 「」 『』 «») hold one together; one without its partner
    counts for nothing. Everything else that is neither letter nor digit is punctuation, as in a text. Latin words
    match whole words.

    Raises:
        QueryTooLong: more than MAX_QUERY_CHARACTERS.
    """
    check_length(query)
    return Query(phrases(query))


def check_length(query: str) -> None:
    """Refuse what no person types.

    Raises:
        QueryTooLong: more than MAX_QUERY_CHARACTERS.
    """
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryTooLong(length=len(query), limit=MAX_QUERY_CHARACTERS)


def phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of a text, each once, in order."""
    wanted: dict[str, Phrase] = {}
    rest = text
    while rest:
        piece, rest = piece_of(rest)
        squeezed = squeezed_text(piece)
        if squeezed and squeezed not in wanted:
            wanted[squeezed] = phrase_of(squeezed)
    return tuple(wanted.values())


def piece_of(text: str) -> tuple[str, str]:
    """The first piece of a query (a quotation whole, else up to a blank or a quotation mark), and what follows it.

    Only the closing mark of the same kind ends a quotation.
    """
    found = _QUERY_PIECES.search(text)
    if not found:
        return "", ""
    rest = text[found.end() :]
    if found[0] not in _PARTNERS:
        return ("" if found[0] in _CLOSING else found[0]), rest
    end = rest.find(_PARTNERS[found[0]])
    return (rest[:end], rest[end + 1 :]) if end >= 0 else ("", rest)


def phrase_of(text: str) -> Phrase:
    """The phrase with this squeezed text, which is not empty.

    A lone Han character between two words is alone in a text too.
    """
    found = words(text)
    ends = {0, len(found) - 1}
    loose = {place: word for place, word in enumerate(found) if place in ends and len(word) == 1 and is_han(word)}
    firm = [word for place, word in enumerate(found) if place not in loose]
    return Phrase(text, tuple(firm), tuple(dict.fromkeys(loose.values())))


def occurrences(squeezed: str, phrase: Phrase) -> Iterator[int]:
    """Where a phrase begins in a squeezed text. Words match whole, so its edge must be a blank or the text's."""
    needle = phrase.text
    first_is_word, last_is_word = not is_han(needle[0]), not is_han(needle[-1])
    place = squeezed.find(needle)
    while place >= 0:
        end = place + len(needle)
        open_before = not first_is_word or place == 0 or squeezed[place - 1] == " "
        open_after = not last_is_word or end == len(squeezed) or squeezed[end] == " "
        if open_before and open_after:
            yield place
        place = squeezed.find(needle, place + 1)


def find(text: str, query: str | Query, *, next_text: str = "") -> list[tuple[int, int]]:
    """Ranges of all hits, as character offsets [start, end) in the text as it stands.

    In order; hits that overlap are one.

    Args:
        text: of one page.
        query: any one of its phrases is a hit.
        next_text: of the page after it: a hit that runs on there is given up to the end of this page.
    """
    wanted = parse(query) if isinstance(query, str) else query
    whole = with_seam(text, next_text)
    squeezed = squeeze(whole)
    ranges: list[tuple[int, int]] = []
    for phrase in wanted.phrases:
        for place in occurrences(squeezed.text, phrase):
            start = squeezed.offsets[place]
            if start >= len(text):
                break
            end = squeezed.offsets[place + len(phrase.text) - 1] + 1
            ranges.append((start, min(_after_marks(whole, end), len(text))))
    return _union(ranges)


def matches(text: str, query: str | Query, *, next_text: str = "") -> bool:
    """Whether a page holds every phrase of a query (which an empty query never does): what an index answers, by a scan.

    Args:
        text: of the page alone; a hit must begin in it.
        query: as in `find`.
        next_text: as in `find`. Give it here and not joined to `text`, or a hit of the next page counts for this one.
    """
    wanted = parse(query) if isinstance(query, str) else query
    own = squeezed_text(text)
    whole = squeezed_text(with_seam(text, next_text)) if next_text else own
    return bool(wanted) and all(next(occurrences(whole, phrase), len(own)) < len(own) for phrase in wanted.phrases)


def _after_marks(text: str, end: int) -> int:
    """A variation selector belongs to the character before it."""
    found = _MARK_RUN.match(text, end)
    return found.end() if found else end


def _union(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def with_seam(text: str, next_text: str) -> str:
    """A page's text with so much of the next page's that a phrase over the seam can be found; never shown.

    SEAM squeezed characters; a Latin word is not cut.
    """
    if not next_text:
        return text
    head = squeeze(next_text[: 64 * SEAM])  # enough unless a page begins with 500 signs of punctuation
    if len(head.text) <= SEAM:
        return f"{text}\n{next_text[: 64 * SEAM]}"
    end = SEAM
    if not is_han(head.text[end - 1]):
        end = head.text.find(" ", end - 1)
        end = len(head.text) if end < 0 else end
    return f"{text}\n{next_text[: head.offsets[end - 1] + 1]}"


def snippet(text: str, query: str | Query, width: int = 60, *, next_text: str = "") -> list[Fragment]:
    """The neighbourhood of the first hit, in pieces; the beginning of the text where there is none.

    Args:
        text: of one page.
        query: as in `find`.
        width: characters of the text at most, without the … that marks a cut.
        next_text: as in `find`.
    """
    return snippet_of(text, find(text, query, next_text=next_text), width)


def snippet_of(text: str, hits: Sequence[tuple[int, int]], width: int = 60) -> list[Fragment]:
    """Likewise, for hits that are known: character offsets [start, end), in order."""
    first, last = hits[0] if hits else (0, 0)
    start = max(0, min(first - max(0, width - (last - first)) // 2, len(text) - width))
    end = min(len(text), start + width)
    edges = [start, *(edge for hit in hits for edge in hit if start < edge < end), end]
    fragments = []
    for left, right in pairwise(edges):
        is_hit = any(hit[0] <= left < hit[1] for hit in hits)
        shown = ("…" if left == start > 0 else "") + _on_one_line(text, left, right)
        fragments.append(Fragment(shown + ("…" if right == end < len(text) else ""), is_hit))
    return [fragment for fragment in fragments if fragment.text]


def _on_one_line(text: str, start: int, end: int) -> str:
    """Line ends become a blank between Latin words and nothing elsewhere."""

    def joint(found: re.Match[str]) -> str:
        left, right = start + found.start() - 1, start + found.end()
        word = left >= 0 and right < len(text) and not is_han(fold(text[left])) and not is_han(fold(text[right]))
        return " " if word and text[left].isalnum() and text[right].isalnum() else ""

    return _LINE_END.sub(joint, text[start:end])
