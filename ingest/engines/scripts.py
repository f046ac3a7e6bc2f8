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
_WRITTEN_IN_HAN = frozenset({"zh", "ja", "ko", "lzh", "yue", "wuu", "nan", "hak", "gan", "cmn", "vi"})
"""Primary subtags; Korean and Vietnamese were, too, in what a library of Chinese books holds of them."""


@lru_cache(maxsize=32)
def not_in(languages: Sequence[str]) -> re.Pattern[str] | None:
    """Characters that no text in these languages holds; None where any may stand.

    Args:
        languages: BCP 47, hashable; empty: nobody knows.
    """
    primary = {primary_of(tag) for tag in languages}
    if not primary or "ja" in primary:
        return None
    return re.compile(f"[{_KANA}]" if primary & _WRITTEN_IN_HAN else f"[{_KANA}{_HAN}]")


def are_alphabetic(languages: Sequence[str]) -> bool:
    """Whether none of these languages is written in Han characters, kana or hangul; no language at all: no."""
    return bool(languages) and not any(primary_of(tag) in _WRITTEN_IN_HAN for tag in languages)


def primary_of(tag: str) -> str:
    """The first part of a language tag, small: `zh` of `zh-Hant`."""
    return tag.lower().partition("-")[0]
