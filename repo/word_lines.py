"""Words with places, as ALTO and hOCR have them, put together to lines of a text layer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wenyuan.repo.layers import Alternative, Box, Direction, Line

HAN = re.compile("[\u2e80-\u312f\u31c0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
"""Han characters and the punctuation that goes with them: what stands without blanks between."""
_TALL = 1.5
"""A line box higher than this many widths, of Han characters, is a column (a single character is about square)."""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FARTHEST = 1e7
"""Pixels; numbers beyond are nonsense."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle in pixels of the page, not yet rounded."""

    left: float
    top: float
    right: float
    bottom: float

    def box(self) -> Box:
        """In whole pixels, at least one each way."""
        x, y = round(self.left), round(self.top)
        return Box(x, y, max(1, round(self.right) - x), max(1, round(self.bottom) - y))


@dataclass(frozen=True, slots=True)
class Word:
    """Characters that stand without a blank to whoever wrote the file.

    Attributes:
        text: of the word.
        places: one for each code point, None where nobody said.
        confidences: 0 to 100 for each code point, None where nobody said.
        alternatives: positions count from the word's beginning.
        gap: the place of the blank before it.
    """

    text: str
    places: tuple[Place | None, ...]
    confidences: tuple[int | None, ...]
    alternatives: tuple[Alternative, ...] = ()
    gap: Place | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a file says of a line.

    Attributes:
        place: the whole line's.
        direction: that was stated; None: to be told by shape and script.
        horizontal: a column it is not, however it looks.
        turned: its letters stand on their side.
        note: one of double small notes.
    """

    place: Place | None = None
    direction: Direction | None = None
    horizontal: bool = False
    turned: bool = False
    note: bool = False


def line_of(words: Iterable[Word], told: Told) -> Line | None:
    """A line of words; None where nothing can be seen. Between Han characters stands no blank, whatever the words.

    A blank takes the gap between its neighbours for its place, and the confidence of the less sure of them.
    """
    text, places, sure, alternatives = "", list[Place | None](), list[int | None](), list[Alternative]()
    gaps: dict[int, Place | None] = {}
    for word in words:
        if text and word.text and not (HAN.match(text[-1]) and HAN.match(word.text[0])):
            gaps[len(text)] = word.gap
            text += " "
            places.append(None)
            sure.append(None)
        alternatives += [Alternative(len(text) + one.position, one.text, one.confidence) for one in word.alternatives]
        text += word.text
        places += word.places
        sure += word.confidences
    if not text.strip():
        return None
    whole = told.place or _around([place for place in places if place])
    direction = _direction(told, text, whole)
    for position, gap in gaps.items():
        places[position] = gap or _gap(places[position - 1], places[position + 1], direction)
        around = [number for number in (sure[position - 1], sure[position + 1]) if number is not None]
        sure[position] = min(around, default=None)
    return Line(
        text,
        direction,
        whole.box() if whole else None,
        # None at all where a character has no place: half of them would be drawn wrong.
        tuple(place.box() for place in places if place) if all(places) else (),
        note=told.note,
        confidences=tuple(n for n in sure if n is not None) if None not in sure else (),
        alternatives=tuple(alternatives),
    )


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a line begin and end, so that `line_of` joins them again to the same text.

    Each blank between spans is one that `line_of` puts there; all others (between Han characters, in rows, at the
    ends) stay inside of a word.
    """
    start = 0
    for position, character in enumerate(text):
        beside = text[max(0, position - 1) : position] + text[position + 1 : position + 2]
        if character != " " or len(beside) < 2 or any(map(str.isspace, beside)) or all(map(HAN.match, beside)):
            continue
        yield start, position
        start = position + 1
    yield start, len(text)


def storable(text: str) -> str:
    """Without what no XML 1.0 document may hold (its production 2); U+FFFD stands in its place."""
    return _NO_XML.sub("\ufffd", text)


def shared_out(place: Place | None, text: str) -> tuple[Place | None, ...]:
    """A word's place shared out evenly to its characters: down where it is higher than wide and Han."""
    count = len(text)
    if place is None or not count:
        return (None,) * count
    if place.bottom - place.top > place.right - place.left and HAN.search(text) and count > 1:
        step = (place.bottom - place.top) / count
        return tuple(
            Place(place.left, place.top + i * step, place.right, place.top + (i + 1) * step) for i in range(count)
        )
    step = (place.right - place.left) / count
    shares = [Place(place.left + i * step, place.top, place.left + (i + 1) * step, place.bottom) for i in range(count)]
    return tuple(reversed(shares)) if is_right_to_left(text) else tuple(shares)


def is_right_to_left(text: str) -> bool:
    """More of its letters run from right to left than from left to right."""
    strong = [kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")]
    return sum(kind != "L" for kind in strong) * 2 > len(strong)


def looks_like_a_column(text: str, width: float, height: float) -> bool:
    """By shape and script a line that runs down, when nobody says otherwise."""
    return height > _TALL * width and bool(HAN.search(text))


def number(text: str | None) -> float | None:
    """A number as it stands in a file; None for nonsense."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if abs(found) < _FARTHEST else None


def percent(share: float | None) -> int | None:
    """0…1 as 0…100; what lies outside is cut off."""
    return None if share is None else min(100, max(0, round(share * 100)))


def _gap(before: Place | None, after: Place | None, direction: Direction) -> Place | None:
    if before is None or after is None:
        return None
    if direction is Direction.TOP_TO_BOTTOM:
        return Place(before.left, before.bottom, before.right, max(before.bottom, after.top))
    left, right = (after.right, before.left) if direction is Direction.RIGHT_TO_LEFT else (before.right, after.left)
    return Place(left, before.top, max(left, right), before.bottom)


def _direction(told: Told, text: str, whole: Place | None) -> Direction:
    if told.direction is Direction.TOP_TO_BOTTOM:
        return Direction.TOP_TO_BOTTOM
    if not told.horizontal and HAN.search(text):
        tall = whole is not None and looks_like_a_column(text, whole.right - whole.left, whole.bottom - whole.top)
        if told.turned or tall:
            return Direction.TOP_TO_BOTTOM
    if told.direction is Direction.RIGHT_TO_LEFT or (told.direction is None and is_right_to_left(text)):
        return Direction.RIGHT_TO_LEFT
    return Direction.LEFT_TO_RIGHT


def _around(places: Sequence[Place]) -> Place | None:
    if not places:
        return None
    return Place(
        min(place.left for place in places),
        min(place.top for place in places),
        max(place.right for place in places),
        max(place.bottom for place in places),
    )
