"""The searched form of a text: folded, then squeezed. The base of `wenyuan.repo.chinese`.

Every code point is looked up in two tables over all of Unicode: what it is searched as, and of which class it is. A
page of 600 characters takes some 20 µs so, where one look-up for each character in Python takes 120.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TABLE = Path(__file__).parent / "data" / "fold.tsv"

# What stands in the run of a Han text: CJK radicals, 々〆〇〡-〩〸-〼, kana, bopomofo, hangul, ideographs with
# extensions A to J and compatibility ideographs (Unicode 16, chapter 18), private use (characters that a publisher
# drew himself), and the two signs □ 〓 that old and new editions print for a character they lack: 天□下 is not 天下.
HAN = (
    "\u1100-\u11ff\u25a1\u2e80-\u2fdf\u3005-\u3007\u3013\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\ue000-\ufaff\uff66-\uff9d\U0001b000-\U0001b16f\U00020000-\U000323af"
    "\U000323b0-\U0003ffff\U000f0000-\U0010fffd"
)
# Code points that change how the one before looks and never part a word: soft hyphen, combining marks that NFC would
# swallow, zero-width signs and direction marks, variation selectors (with the 240 of the Ideographic Variation
# Database).
MARK = (
    "\u00ad\u0300-\u036f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u20d0-\u20ff\u302a-\u302f"
    "\u3099\u309a\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
)
# Vowels and other signs that are marks (Mn, Mc) but parts of a word in scripts that write no word without them
# (Hebrew, Arabic, Devanagari, Bengali, Thai, Tibetan, Burmese, Khmer): `\w` leaves them out.
_SIGN = (
    "\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09be-\u09cd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u0f35\u0f37\u0f39\u0f3e\u0f3f\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e\u17b4-\u17d3"
)
_IS_HAN, _IS_MARK = re.compile(f"[{HAN}]"), re.compile(f"[{MARK}]")
_IS_LETTER = re.compile(f"[^\\W_{HAN}{MARK}]|[{_SIGN}]")

_UNKNOWN, _APART, _MARKS, _LETTER, _RUN = range(5)
"""Classes: not looked at yet; parts what is around it; never counts; of a word; of a Han run."""
_ALL = 0x110000
_BLANK = ord(" ")
_SHORT = 48
"""Characters up to which one look-up for each is the faster way."""


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
_STEP: NDArray[np.int32] = np.zeros(_ALL, np.int32)
_STEP[list(_FOLD)] = [folded - code for code, folded in _FOLD.items()]
_CLASS: NDArray[np.uint8] = np.zeros(_ALL, np.uint8)
"""Of the folded code point. Filled as code points are met: all at once would take half a second."""


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


def fold(text: str) -> str:
    """The text with every character as the one it is searched as. Same length; folding twice is folding once."""
    if len(text) <= _SHORT:
        return text.translate(_FOLD)
    codes = codes_of(text)
    return text_of(codes + _STEP[codes])


def squeeze(text: str) -> Squeezed:
    """The searched form of a text, with the way back to its characters."""
    codes, places = _squeezed(text)
    offsets = array("q")
    offsets.frombytes(places.astype(np.int64).tobytes())
    return Squeezed(text_of(codes), offsets)


def squeezed_text(text: str) -> str:
    """`squeeze(text).text`, faster."""
    return text_of(_squeezed(text)[0])


@lru_cache(maxsize=65536)
def is_han(character: str) -> bool:
    """Whether a folded character stands in runs rather than in words: ideographs, kana, hangul."""
    return _IS_HAN.match(character) is not None


def codes_of(text: str) -> NDArray[np.int32]:
    """Code points; half a surrogate pair of a broken file is one like another."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<i4"))


def text_of(codes: NDArray[np.int32]) -> str:
    """The text of code points."""
    return codes.astype("<i4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def _squeezed(text: str) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Code points of the squeezed text, and the offset of each."""
    codes = codes_of(text)
    codes = codes + _STEP[codes]
    classes = _classes(codes)
    places = np.flatnonzero(classes >= _LETTER)
    kept = classes[places]
    if not (kept == _LETTER).any():
        return codes[places], places
    # A blank stands before a character where a word ends or begins: always between word and run, and between two
    # letters where anything but marks parts them.
    apart = np.cumsum(classes == _APART)[places]
    before, after = kept[:-1], kept[1:]
    joints = (before != after) | ((after == _LETTER) & (apart[1:] != apart[:-1]))
    blanks = np.flatnonzero(joints) + 1
    return np.insert(codes[places], blanks, _BLANK), np.insert(places, blanks, places[blanks - 1])


def _classes(codes: NDArray[np.int32]) -> NDArray[np.uint8]:
    found = _CLASS[codes]
    if not found.all():
        for code in set(codes[found == _UNKNOWN].tolist()):
            _CLASS[code] = _class_of(chr(code))
        found = _CLASS[codes]
    return found


def _class_of(character: str) -> int:
    if is_han(character):
        return _RUN
    if _IS_MARK.match(character):
        return _MARKS
    return _LETTER if _IS_LETTER.match(character) else _APART
