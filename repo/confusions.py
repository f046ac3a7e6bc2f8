"""Characters that stand for each other on old or badly printed pages: OCR takes one for the other, or the book does.

The groups are data: `repo/data/confusions.tsv`. Variants that mean the same (靑青, 為爲) are no matter of this module:
every search folds them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "confusions.tsv"


@cache
def _others() -> dict[str, str]:
    """What each character may stand for, the likelier first."""
    found: dict[str, str] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            group = line.split("\t")[0]
            for character in group:
                known = found.get(character, "")
                found[character] = known + "".join(one for one in group if one != character and one not in known)
    return found


def others(character: str) -> str:
    """Folded characters that a folded one may stand for; empty for most."""
    return _others().get(character, "")


def forms(squeezed: str, most: int) -> list[str]:
    """A squeezed text, then the same with one character changed, at most `most` in all.

    One change for each character in turn, then the second choice of each, so that no part of the text is left out.
    """
    found = [squeezed]
    choices = [(place, others(character)) for place, character in enumerate(squeezed)]
    for turn in range(max((len(other) for _, other in choices), default=0)):
        found += [squeezed[:at] + other[turn] + squeezed[at + 1 :] for at, other in choices if turn < len(other)]
    return found[:most]
