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
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, pairwise, repeat
from operator import add
from pathlib import Path
from typing import NamedTuple

from wenyuan.repo.errors import QueryTooLong

MAX_QUERY_CHARACTERS = 200
"""Longest query, in characters as typed. Far above any sentence a reader quotes; keeps the cost of one search
bounded."""
SEAM = 8
"""Squeezed characters of the next page that count as the end of a page: a phrase of up to 9 characters is found over
the seam wherever it breaks. Adds 1.3 % to the tokens of a 600-character page (our estimate)."""
_TABLE = Path(__file__).parent / "data" / "fold.tsv"

# What stands in the run of a Han text: CJK radicals, 々〆〇〡-〩〸-〼, kana, bopomofo, hangul, ideographs with
# extensions A to J and compatibility ideographs (Unicode 16, chapter 18), private use (characters that a publisher
# drew himself), and the two signs □ 〓 that old and new editions print for a character they lack: 天□下 is not 天下.
_HAN = (
    "\u1100-\u11ff\u25a1\u2e80-\u2fdf\u3005-\u3007\u3013\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\ue000-\ufaff\uff66-\uff9d\U0001b000-\U0001b16f\U00020000-\U000323af"
    "\U000323b0-\U0003ffff\U000f0000-\U0010fffd"
)
# Code points that change how the one before looks and never part a word: soft hyphen, combining marks that NFC would
# swallow, zero-width signs and direction marks, variation selectors (with the 240 of the Ideographic Variation
# Database).
_MARK = (
    "\u00ad\u0300-\u036f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u20d0-\u20ff\u302a-\u302f"
    "\u3099\u309a\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
# Vowels and other signs that are marks (Mn, Mc) but parts of a word in scripts that write no word without them
# (Hebrew, Arabic, Devanagari, Bengali, Thai, Tibetan, Burmese, Khmer): `\w` leaves them out.
_SIGN = (
    "\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09be-\u09cd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0f35\u0f37\u0f39\u0f3e\u0f3f\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e\u17b4-\u17d3"
)
_LETTER = f"(?:[^\\W_{_HAN}{_MARK}]|[{_SIGN}])"
_RUN = re.compile(f"([{_HAN}]+)|{_LETTER}+")
_RUN_WITH_MARKS = re.compile(f"([{_HAN}][{_HAN}{_MARK}]*)|{_LETTER}(?:{_LETTER}|[{_MARK}])*")
_MARKS = re.compile(f"[{_MARK}]")
_MARK_RUN = re.compile(f"[{_MARK}]*")
_QUERY_PIECES = re.compile(r'["“”„＂「」『』«»]|[^\s"“”„＂「」『』«»]+')
_LINE_END = re.compile(r"[^\S\n]*\n\s*")


class _Fold(dict[int, int]):
    """A table for `str.translate` that learns which code points stay: a miss costs an exception, a hit 15 ns."""

    def __missing__(self, code: int) -> int:
        self[code] = code
        return code


def _read_table() -> _Fold:
    table = _Fold()
    with _TABLE.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                code, folded, _ = line.split("\t", 2)
                table[int(code, 16)] = int(folded, 16)
    return table


_FOLD = _read_table()


class Token(NamedTuple):
    """One word of field t."""

    text: str
    """Two Han characters, one that stands alone, or a Latin word; folded."""
    position: int
    """0-based; a phrase is tokens at consecutive positions."""


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text as it is searched.

    Attributes:
        text: folded; runs of Han characters without anything between, words of other scripts whole, one blank between
            words and between a word and a run.
        offsets: for each character of `text` its offset in the original; for a blank that of the character before it.
    """

    text: str
    offsets: array[int]


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


def fold(text: str) -> str:
    """The text with every character as the one it is searched as. Same length; folding twice is folding once."""
    return text.translate(_FOLD)


def squeeze(text: str) -> Squeezed:
    """The searched form of a text, with the way back to its characters."""
    folded = fold(text)
    runs = _RUN_WITH_MARKS if _MARKS.search(folded) else _RUN
    pieces: list[str] = []
    offsets = array("L")
    last_is_word = True
    for found in runs.finditer(folded):
        start, end = found.span()
        is_word = found.lastindex is None
        if (is_word or last_is_word) and pieces:
            pieces.append(" ")
            offsets.append(offsets[-1])
        last_is_word = is_word
        if runs is _RUN:
            pieces.append(folded[start:end])
            offsets.extend(range(start, end))
        else:
            kept = [place for place in range(start, end) if not _MARKS.match(folded, place)]
            pieces.append("".join([folded[place] for place in kept]))
            offsets.extend(kept)
    return Squeezed("".join(pieces), offsets)


def squeezed_text(text: str) -> str:
    """`squeeze(text).text`, faster."""
    folded = fold(text)
    if _MARKS.search(folded):
        return squeeze(text).text
    pieces: list[str] = []
    last_is_word = False
    for found in _RUN.finditer(folded):
        is_word = found.lastindex is None
        if (is_word or last_is_word) and pieces:
            pieces.append(" ")
        last_is_word = is_word
        pieces.append(found[0])
    return "".join(pieces)


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
    return characters_of(squeezed_text(text))


def characters_of(squeezed: str) -> set[str]:
    """Field u of a text that is squeezed already."""
    return set("".join([run for run in squeezed.split(" ") if run and is_han(run[0])]))


@lru_cache(maxsize=65536)
def is_han(character: str) -> bool:
    """Whether a folded character stands in runs rather than in words: ideographs, kana, hangul."""
    return re.match(f"[{_HAN}]", character) is not None


def parse(query: str) -> Query:
    """What a query asks for.

    Blanks part it into phrases, quotation marks ("" “” 「」 『』 «») hold one together; one without its partner
    counts for nothing. Everything else that is neither letter nor digit is punctuation, as in a text: there are no
    operators. Latin words match whole words.

    Raises:
        QueryTooLong: more than MAX_QUERY_CHARACTERS.
    """
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryTooLong(length=len(query), limit=MAX_QUERY_CHARACTERS)
    wanted: dict[str, Phrase] = {}
    for piece in _pieces(query):
        text = squeezed_text(piece)
        if text and text not in wanted:
            wanted[text] = _phrase(text)
    return Query(tuple(wanted.values()))


def _pieces(query: str) -> Iterator[str]:
    """Quoted parts whole, the rest at its blanks. Only the closing mark of the same kind ends a quotation."""
    partner = {'"': '"', "＂": "＂", "“": "”", "„": "“", "「": "」", "『": "』", "«": "»"}
    rest = query
    while found := _QUERY_PIECES.search(rest):
        rest = rest[found.end() :]
        end = rest.find(partner.get(found[0], "\0"))
        if found[0] in partner and end >= 0:
            yield rest[:end]
            rest = rest[end + 1 :]
        elif len(found[0]) > 1 or found[0] not in '"“”„＂「」『』«»':
            yield found[0]


def _phrase(text: str) -> Phrase:
    """A phrase of squeezed text. A lone Han character between two words is alone in a text too."""
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
    hits = find(text, query, next_text=next_text)
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
