"""Which way a level line runs: old newspapers set headlines, mastheads and dates from right to left.

The engine reads every level line from left to right. Neither boxes nor rules tell which way is meant; the words do:
the pairs of neighbouring characters are looked up, both ways, among the pairs that occur in Chinese words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from wenyuan.repo.folding import fold, is_han

PAGE_TELLS = 1.5
"""So much must the lines of a page speak for left to right together before the silent ones follow."""
_WORDS = frozenset(fold("日報 時報 晚報 週報 公報 商報 新聞 本報 中華 星期 啟事 聲明 公司 廣告 號外").split())
_DATE = "〇零一二三四五六七八九十百廿卅元"
_DATED_BACKWARDS = re.compile(rf"年[{_DATE}]{{1,5}}{fold('國民')}|日[{_DATE}]{{1,3}}月[{_DATE}]{{1,3}}年")
"""年五廿國民 for 民國廿五年."""


def backwards(texts: Sequence[str], *, vertical: bool = True) -> list[bool]:
    """Which level lines of one page are meant from right to left.

    A line whose own words speak clearly is taken at its word; the others go with the lines of the page taken together,
    and where nothing speaks from right to left, as vertical pages had it until the 1950s. On a page without columns
    words are too few to tell, and only a date that stands there from right to left does (photographs of the Republic).

    Args:
        texts: of each line, as an engine reads it, from left to right.
        vertical: columns stand on the page too.
    """
    if not vertical and not any(_DATED_BACKWARDS.search(fold(text)) for text in texts):
        return [False] * len(texts)
    said = [0.0 if _turns(text) else forward(text) for text in texts]
    page = -0.6 if sum(said) <= PAGE_TELLS else 0.6
    return [
        len(text) > 1 and not _turns(text) and (one if abs(one) > 1 else one * 0.5 + page) < 0
        for text, one in zip(texts, said, strict=True)
    ]


def forward(text: str) -> float:
    """How much the words speak for left to right (positive) or right to left (negative), about 1 for each pair."""
    folded = fold(text)
    pairs = _pairs()
    found = 0.0
    for a, b in pairwise(folded):
        found += ((a, b) in pairs) - ((b, a) in pairs)
        found += _usual(a, b) - _usual(b, a)
    return found


def _turns(text: str) -> bool:
    """Letters or Western figures stand in it, which never run from right to left."""
    return bool(re.search(r"[A-Za-z0-9]{2}", text))


def _usual(a: str, b: str) -> int:
    if a + b in _WORDS:
        return 2
    dated = (a in _DATE and b in "年月日号期版张分元") or (a == "第" and b in _DATE) or (a == "十" and b in _DATE[2:11])
    return int(dated)


@cache
def _pairs() -> frozenset[tuple[str, str]]:
    # 47,000 words of the pinyin data that search suggestions need anyway; loaded when the first such line is met.
    from pypinyin.phrases_dict import phrases_dict

    return frozenset(
        pair for word in phrases_dict for pair in pairwise(fold(word)) if is_han(pair[0]) and is_han(pair[1])
    )
