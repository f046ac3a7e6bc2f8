"""Finding a page by what is printed on it, however that is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from wenyuan.repo.chinese import fold
from wenyuan.repo.dates import number_of

_NUMERAL = re.compile("[0-9]{1,12}|[零一二三四五六七八九十廿卅百]{1,12}")
_BETWEEN = re.compile(r"(?<![0-9])[\W_]+|[\W_]+(?![0-9])")


def sought_as(name: str) -> str:
    """The name of a page as it is looked for.

    Forms of characters and widths count for nothing, nor does what stands between the parts; numbers are in digits.
    卷三·葉十二, 卷三叶12 and 卷３ 葉１２ are one.
    """
    folded = fold(unicodedata.normalize("NFKC", name).lower())
    return _BETWEEN.sub("", _NUMERAL.sub(lambda numeral: str(number_of(numeral[0])), folded))


def place_of(wanted: str, labels: Iterable[str]) -> int | None:
    """The place, from 0, of the page that is meant: called so, else the first whose name ends so, else that holds it.

    A number matches whole: 葉1 is no part of 葉12.
    """
    name = sought_as(wanted)
    if not name:
        return None
    whole = re.compile(f"(?<![0-9]){re.escape(name)}" if name[0].isdigit() else re.escape(name))
    best: tuple[int, int] | None = None
    for place, label in enumerate(labels):
        rank = _rank(sought_as(label), name, whole)
        if rank is not None and (best is None or rank < best[0]):
            best = rank, place
    return best[1] if best else None


def _rank(label: str, name: str, whole: re.Pattern[str]) -> int | None:
    if label == name:
        return 0
    ends = None
    for found in whole.finditer(label):
        if found.end() == len(label):
            return 1
        if not (name[-1].isdigit() and label[found.end()].isdigit()):
            ends = 2
    return ends
