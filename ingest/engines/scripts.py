"""Which characters a page can hold whose languages staff has told.

Told by script, not by language: a simplified book quotes old forms, and every book has figures and Latin names. So
Chinese leaves out kana only (一 is not ー, 口 not ロ), and a European language leaves out Han characters, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9d"
_CHINESE = "zh zho chi cmn lzh yue wuu nan hak gan hsn cdo cjy och ltc"
_IN_HAN_ONCE = "ko kor vi vie"
"""Korean and Vietnamese were, too, in what a library of Chinese books holds of them."""
_IN_LETTERS = """
en eng fr fra fre de deu ger es spa it ita pt por nl nld dut la lat ru rus uk ukr pl pol cs ces cze sv swe da dan no nor
nb nob nn nno fi fin hu hun ro ron rum el ell gre grc tr tur id ind ms msa may eo epo
"""
_HAN_WITHOUT_KANA = frozenset([*_CHINESE.split(), *_IN_HAN_ONCE.split()])
"""Primary subtags, those of three letters too, as library records have them."""
_ALPHABETIC = frozenset(_IN_LETTERS.split())
"""Of any other tag (`und`, `mul`, an unknown one) nothing is left out: better a stray character than a page lost."""


@lru_cache(maxsize=32)
def not_in(languages: Sequence[str]) -> re.Pattern[str] | None:
    """Characters that no text in these languages holds; None where any may stand.

    Args:
        languages: BCP 47, hashable; empty: nobody knows.
    """
    if are_alphabetic(languages):
        return re.compile(f"[{_KANA}{_HAN}]")
    primary = {primary_of(tag) for tag in languages}
    return re.compile(f"[{_KANA}]") if primary and primary <= _HAN_WITHOUT_KANA | _ALPHABETIC else None


def are_alphabetic(languages: Sequence[str]) -> bool:
    """Whether all of these languages are known to be written in letters; no language at all: no."""
    return bool(languages) and all(primary_of(tag) in _ALPHABETIC for tag in languages)


def primary_of(tag: str) -> str:
    """The first part of a language tag, small: `zh` of `zh-Hant`."""
    return tag.lower().partition("-")[0]
