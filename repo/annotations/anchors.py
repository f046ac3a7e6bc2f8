"""Finding again what a reader marked when the text of the page has changed: corrected, read anew, ingested anew.

In this order, and the first that is clearly it wins: the very words, where what stands around them agrees best; the
words in their searched form (simplified or traditional, variants, other line ends and punctuation); nearly the words;
what stands where the words were, when both sides are as they were; the words on another page. Nothing is ever put where
it is not clearly meant: then it is orphaned.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from wenyuan.repo.annotations.approximate import Near, nearest
from wenyuan.repo.annotations.model import CONTEXT_CHARACTERS, Anchor, Anchored
from wenyuan.repo.folding import Squeezed, squeeze, squeezed_text

CLEAR = 8
"""Characters of a quote and of what stands around it that must agree: eight Han characters in a row are found once in a
book of a million (bigrams of bigrams; a verse has five or seven)."""
CLEAR_ELSEWHERE = 12
"""The same on another page, where many more places could be meant."""
WRONG_ALONE, WRONG_BETWEEN = 0.2, 0.4
"""Part of a quote's characters that may be others: on its own, and where one side of it is as it was."""
SIDE = 6
"""Characters beside a quote that must agree for a side to be as it was."""
STAYING = 3
"""So many characters it counts that the words stand at the very place where they stood."""
MOST_PLACES = 500
"""Places of the same words on one page that are compared."""
LONG = 160
"""Characters up to which nearly the same words are looked for as a whole; of longer quotes both ends are."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of an anchor."""

    anchored: Anchored
    anchor: Anchor


@dataclass(slots=True)
class Book:
    """The texts of an item's pages, made ready once for all anchors that are looked for elsewhere.

    Attributes:
        texts: by page key.
    """

    texts: dict[int, str]
    _searched: dict[int, str] = field(default_factory=dict)

    def holding(self, words: str, *, but: int) -> Iterator[tuple[int, str]]:
        """Pages, besides one, in whose searched form these searched words stand."""
        if not self._searched:
            self._searched = {key: squeezed_text(text) for key, text in self.texts.items()}
        return ((key, self.texts[key]) for key, text in self._searched.items() if key != but and words in text)


def settle(made: Anchor, text: str | None, book: Callable[[], Book]) -> Standing:
    """Where an anchor stands in the text as it is now.

    Args:
        made: the anchor as it was, on its page.
        text: the page's plain text now; None: the page is not there any more.
        book: the texts of all pages; asked for only when the words are not on their page.
    """
    if not made.has_text:
        return Standing(Anchored.ORPHANED if text is None else Anchored.HERE, made)
    if text is not None:
        found = on_page(made, text)
        if found is not None:
            return Standing(Anchored.HERE if is_same(found, made) else Anchored.MOVED, found)
    elsewhere = _elsewhere(made, book()) if made.exact else None
    if elsewhere is not None:
        return Standing(Anchored.MOVED, elsewhere)
    return Standing(Anchored.ORPHANED, made)


def is_same(one: Anchor, other: Anchor) -> bool:
    """Whether two anchors are of the same words at the same place, whatever stands around them."""
    return (one.page, one.start, one.end, one.exact) == (other.page, other.start, other.end, other.exact)


def completed(told: Anchor, text: str) -> Anchor:
    """An anchor whose client told only its place, with the words that stand there."""
    if told.exact or told.start is None or told.end is None:
        return told
    start, end = min(told.start, len(text)), min(told.end, len(text))
    return at(told, text, start, end)


def at(anchor: Anchor, text: str, start: int, end: int) -> Anchor:
    """The anchor at a place of the text, with the words that are there now."""
    prefix, suffix = text[max(0, start - CONTEXT_CHARACTERS) : start], text[end : end + CONTEXT_CHARACTERS]
    return replace(anchor, start=start, end=end, exact=text[start:end], prefix=prefix, suffix=suffix)


def on_page(made: Anchor, text: str) -> Anchor | None:
    """The anchor in the text of its page; None where it is not clearly anywhere."""
    if not made.exact:
        return _point(made, text)
    for look in (_same, _searched, _nearly, _between):
        found = look(made, text)
        if found is not None:
            return at(made, text, *found)
    return None


def _point(made: Anchor, text: str) -> Anchor | None:
    """A bookmark: between what stood before and after it; the page itself, where that is not there any more."""
    assert made.start is not None
    if not made.prefix + made.suffix:
        return made if made.start <= len(text) else replace(made, start=None, end=None)
    whole = Anchor(made.page, made.start - len(made.prefix), None, made.prefix + made.suffix)
    found = _same(whole, text) or _searched(whole, text)
    if found is None:
        return replace(made, start=None, end=None, prefix="", suffix="")
    # Where the characters are others than they were, as far from the end as it was from the beginning is near enough.
    start = min(found[0] + len(made.prefix), found[1])
    return made if start == made.start and found[1] - found[0] == len(whole.exact) else at(made, text, start, start)


def _same(made: Anchor, text: str) -> tuple[int, int] | None:
    """The very words: where what stands around them agrees best."""
    places = list(islice(_places(text, made.exact), MOST_PLACES))
    agreeing = [_agreement(made, text, place, place + len(made.exact)) for place in places]
    chosen = _clearest(made, places, agreeing, len(made.exact))
    return (chosen, chosen + len(made.exact)) if chosen is not None else None


def _places(text: str, words: str) -> Iterator[int]:
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + 1)


def _agreement(made: Anchor, text: str, start: int, end: int) -> int:
    """How many characters of what stood around the words stand there, counted from the words."""
    before = _alike(reversed(made.prefix), reversed(text[max(0, start - len(made.prefix)) : start]))
    return before + _alike(made.suffix, text[end : end + len(made.suffix)])


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _clearest(made: Anchor, places: list[int], agreeing: list[int], length: int) -> int | None:
    """The one place that is clearly meant, or None.

    Args:
        made: what is looked for; its `start` in the same count as `places`.
        places: where the words stand.
        agreeing: for each, characters around them that agree.
        length: of the words.
    """
    if not places:
        return None
    best = max(agreeing)
    tied = [place for place, agrees in zip(places, agreeing, strict=True) if agrees == best]
    around = len(made.prefix) + len(made.suffix)
    stays = made.start in tied
    if length + best + (STAYING if stays else 0) < CLEAR and best < around:
        return None
    if len(tied) == 1:
        return tied[0]
    if made.start is None or stays:
        return made.start
    near, next_near = sorted(tied, key=lambda place: abs(place - made.start))[:2]  # type: ignore[operator]
    return near if abs(near - made.start) * 4 <= abs(next_near - made.start) else None


@dataclass(frozen=True, slots=True)
class _Folded:
    """A quote and a page in their searched form."""

    made: Anchor
    page: Squeezed
    lead: int
    """Characters of the quote before the first that is searched."""
    trail: int
    """The same after the last."""


def _fold(made: Anchor, text: str) -> _Folded | None:
    page, exact = squeeze(text), squeeze(made.exact)
    if not exact.text.strip():
        return None
    prefix, suffix = squeezed_text(made.prefix), squeezed_text(made.suffix)
    start = None
    if made.start is not None:
        start = bisect_left(page.offsets, made.start)
    folded = Anchor(made.page, start, None, exact.text, prefix, suffix)
    return _Folded(folded, page, exact.offsets[0], len(made.exact) - 1 - exact.offsets[-1])


def _unfold(folded: _Folded, made: Anchor, text: str, start: int, end: int) -> tuple[int, int]:
    """Back to code points of the page; signs at both ends of the quote belong to it where they are there still."""
    first, last = folded.page.offsets[start], folded.page.offsets[end - 1] + 1
    lead, trail = folded.lead, folded.trail
    if lead and text[max(0, first - lead) : first] == made.exact[:lead]:
        first -= lead
    if trail and text[last : last + trail] == made.exact[len(made.exact) - trail :]:
        last += trail
    return first, last


def _searched(made: Anchor, text: str) -> tuple[int, int] | None:
    """The words in their searched form."""
    folded = _fold(made, text)
    if folded is None:
        return None
    found = _same(folded.made, folded.page.text)
    return _unfold(folded, made, text, *found) if found else None


def _nearly(made: Anchor, text: str) -> tuple[int, int] | None:
    """Nearly the words: some characters were corrected, left out or added."""
    folded = _fold(made, text)
    if folded is None:
        return None
    wanted, page = folded.made, folded.page.text
    chosen = _near_long(wanted, page) if len(wanted.exact) > LONG else _near_short(wanted, page)
    return _unfold(folded, made, text, *chosen) if chosen else None


def _near_short(wanted: Anchor, page: str) -> tuple[int, int] | None:
    found = nearest(wanted.exact, page, int(len(wanted.exact) * WRONG_BETWEEN))
    clear = [near for near in found if _is_clear(wanted, page, near)]
    if not clear:
        return None

    def worth(near: Near) -> int:
        return _agreement(wanted, page, near.start, near.end) - 2 * near.errors

    best = max(clear, key=lambda near: (worth(near), near.end - near.start))
    rivals = [near for near in clear if near.end <= best.start or near.start >= best.end]
    if any(worth(near) == worth(best) for near in rivals):
        return None
    return best.start, best.end


def _is_clear(wanted: Anchor, page: str, near: Near) -> bool:
    before = _alike(reversed(wanted.prefix), reversed(page[: near.start]))
    after = _alike(wanted.suffix, page[near.end :])
    right = len(wanted.exact) - near.errors
    sides = before >= min(SIDE, len(wanted.prefix)) or after >= min(SIDE, len(wanted.suffix))
    around = len(wanted.prefix) + len(wanted.suffix)
    if sides and around and right + before + after >= min(CLEAR, len(wanted.exact) + around - near.errors):
        return True
    return near.errors <= len(wanted.exact) * WRONG_ALONE and right >= CLEAR


def _near_long(wanted: Anchor, page: str) -> tuple[int, int] | None:
    """A long quote by both of its ends, which must lie about as far apart as they did."""
    half, size = LONG // 2, len(wanted.exact)
    most = int(half * WRONG_ALONE)
    heads, tails = nearest(wanted.exact[:half], page, most), nearest(wanted.exact[-half:], page, most)
    pairs = [
        Near(head.start, tail.end, head.errors + tail.errors)
        for head in heads
        for tail in tails
        if abs((tail.end - head.start) - size) <= size * WRONG_ALONE
    ]
    if not pairs:
        return None

    def worth(near: Near) -> int:
        return _agreement(wanted, page, near.start, near.end) - 2 * near.errors

    best = max(pairs, key=worth)
    if any(abs(near.start - best.start) > half and worth(near) == worth(best) for near in pairs):
        return None
    return best.start, best.end


def _between(made: Anchor, text: str) -> tuple[int, int] | None:
    """What stands where the words were, when both sides are as they were: a short quote that was corrected whole."""
    folded = _fold(made, text)
    if folded is None:
        return None
    wanted, page = folded.made, folded.page.text
    before, after = wanted.prefix[-CLEAR:], wanted.suffix[:CLEAR]
    if len(before) < SIDE or len(after) < SIDE:
        return None
    reach = 2 * len(wanted.exact) + 2 + len(after)
    found = [
        (start, start + size)
        for start in (place + len(before) for place in islice(_places(page, before), MOST_PLACES))
        for size in _places(page[start : start + reach], after)
        if size
    ]
    return _unfold(folded, made, text, *found[0]) if len(found) == 1 else None


def _elsewhere(made: Anchor, book: Book) -> Anchor | None:
    """The words on another page: on one only, and with so much of what stood around them that it is clear."""
    words = squeezed_text(made.exact)
    if not words.strip():
        return None
    loose = replace(made, start=None, end=None)
    found: list[Anchor] = []
    for key, text in islice(book.holding(words, but=made.page), MOST_PLACES):
        place = _same(loose, text) or _searched(loose, text)
        if place is not None:
            anchor = replace(at(made, text, *place), page=key, box=None)
            if _is_clear_elsewhere(made, text, place):
                found.append(anchor)
    return found[0] if len(found) == 1 else None


def _is_clear_elsewhere(made: Anchor, text: str, place: tuple[int, int]) -> bool:
    folded = _fold(replace(made, start=None), text)
    assert folded is not None
    start = bisect_left(folded.page.offsets, place[0])
    agrees = _agreement(folded.made, folded.page.text, start, start + len(folded.made.exact))
    return len(folded.made.exact) + agrees >= CLEAR_ELSEWHERE
