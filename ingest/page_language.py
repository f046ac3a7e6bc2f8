"""In which languages a page is written, told by what was read on it.

Simplified and traditional Chinese are told apart by characters that only one of two national standards has: GB 2312
(1980, mainland) and Big5 (1984, Taiwan); most characters are in both and tell nothing. Latin languages are told by
their commonest words. Both are enough for a page, not for a line.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from wenyuan.repo.folding import fold

NOT_KNOWN = "und"
"""BCP 47 for a language that nobody knows; `und-Latn`: in Latin letters."""

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_WORD = re.compile(r"[^\W\d_\u2e80-\U0003ffff]+")
_LETTERS_OF_A_HAN = 3
"""Letters that say as much as a Han character."""
_SHARE = 0.1
"""Of a page: less is a name or a quotation, and no language of the page."""
_KANA_SHARE = 0.1
"""Of Han and kana: Japanese has a third and more; Chinese has none but what was misread."""
_TELLING = 3
"""Characters that only one of both standards has: fewer tell nothing."""
_CLEAR = 4
"""Times as many telling characters of one kind: the rest is rare characters, quotations and errors."""
_COMMON = {
    "en": "the of and to in a is that for with",
    "fr": "le la les des et du dans est une que",
    "de": "der die und den das von zu mit ist des",
    "es": "el la los de y que en las del por",
    "it": "il di che e la per della del un i",
    "pt": "o de que e do da em os uma para",
    "nl": "de het een van en in dat is te op",
    "la": "et in est ad non cum ut qui quod ab",
}
_COMMON_SHARE = 0.12
"""Of the words of a page, in its language; a fifth to a third really are."""


def languages_of(text: str) -> tuple[str, ...]:
    """BCP 47, what takes most of the page first; empty where it has no letters.

    `zh` alone: Chinese, and nothing tells which script. Both scripts: Chinese that mixes them.
    """
    words = _WORD.findall(text)
    kana, han = len(_KANA.findall(text)), _HAN.findall(text)
    latin = sum(map(len, words)) / _LETTERS_OF_A_HAN
    least = _SHARE * (len(han) + kana + latin)
    found: list[tuple[float, tuple[str, ...]]] = []
    if han or kana:
        is_japanese = kana > _KANA_SHARE * (len(han) + kana)
        found.append((len(han) + kana, ("ja",) if is_japanese else _chinese(han)))
    if words:
        found.append((latin, (_alphabetic(words),)))
    ranked = sorted(found, key=lambda pair: -pair[0])
    return tuple(tag for weight, tags in ranked if weight >= least for tag in tags)


def _chinese(characters: list[str]) -> tuple[str, ...]:
    counted = Counter(map(_script, characters))
    old, new = counted["zh-Hant"], counted["zh-Hans"]
    if old + new < _TELLING:
        return ("zh",)
    if max(old, new) >= _CLEAR * min(old, new):
        return ("zh-Hant",) if old > new else ("zh-Hans",)
    return ("zh-Hant", "zh-Hans") if old >= new else ("zh-Hans", "zh-Hant")


@lru_cache(maxsize=32768)
def _script(character: str) -> str:
    """The script that alone has a character; empty: both, or neither."""
    in_taiwan, on_the_mainland = (_is_in(character, standard) for standard in ("big5", "gb2312"))
    if in_taiwan and not on_the_mainland:
        # Rare characters that were never simplified are missing in GB 2312, too.
        return "zh-Hant" if fold(character) != character else ""
    return "zh-Hans" if on_the_mainland and not in_taiwan else ""


def _is_in(character: str, standard: str) -> bool:
    try:
        character.encode(standard)
    except UnicodeEncodeError:
        return False
    return True


def _alphabetic(words: list[str]) -> str:
    small = [word.lower() for word in words]
    if not any("a" <= word[0] <= "z" or "\u00c0" <= word[0] <= "\u024f" for word in small):
        return NOT_KNOWN
    counted = Counter(small)
    hits = {tag: sum(counted[word] for word in common.split()) for tag, common in _COMMON.items()}
    best = max(hits, key=lambda tag: hits[tag])
    return best if hits[best] >= max(2, _COMMON_SHARE * len(words)) else f"{NOT_KNOWN}-Latn"
