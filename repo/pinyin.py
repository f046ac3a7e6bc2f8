"""How Chinese is spoken, for typing, sorting and mishearing: 深圳地方志 → shen zhen di fang zhi → szdfz.

Readings come from pypinyin, which knows phrases (重庆 chong qing, 重量 zhong liang); tones are left out, ü is written v
as keyboards do. The package is loaded at first use: it takes half a second.
"""

from __future__ import annotations

import re
import unicodedata

from wenyuan.repo import chinese

_PIECE = re.compile(r"[a-z0-9]+")


def syllables(text: str) -> tuple[str, ...]:
    """One reading for each Han character, in lower case ASCII; words and numbers of other scripts whole."""
    from pypinyin import lazy_pinyin

    found: list[str] = []
    for run in chinese.squeezed_text(text).split(" "):
        for piece in lazy_pinyin(run, errors="ignore") if run and chinese.is_han(run[0]) else [run]:
            found += _PIECE.findall(_without_accents(piece))
    return tuple(found)


def spelling(text: str) -> str:
    """All syllables without anything between, as people type them."""
    return "".join(syllables(text))


def initials(text: str) -> str:
    """The first letter of each syllable."""
    return "".join(syllable[0] for syllable in syllables(text))


def sort_key(title: str) -> str:
    """By which titles stand in the order of their sound, those of one sound by their characters."""
    return " ".join((*syllables(title), "", chinese.squeezed_text(title)))


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower().replace("ü", "v"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
