"""Count wrong characters.

CER is the Levenshtein distance between truth and result in characters of the truth, both folded as the search index
folds (`wenyuan.repo.folding`: old and new forms alike, no blanks, no punctuation) and by `CONFUSED`, the few pairs
that the prototype's table has beyond it. Punctuation is left out because old print has little, and truth was keyed
without care for it.

Three figures of one result: in the order that the engine gave, in our reading order, and order-free: characters missed
or invented whichever are more, the least that any order of what was read can reach. `order_loss` is the second less
the third.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from wenyuan.repo.folding import squeezed_text

CONFUSED = str.maketrans("己巳甯鳯獘皥擕擧榖", "已已宁凤弊皞携举谷")
"""己, 巳 and 已 are printed alike in old books; the others are old forms. As in ../shared/prototypes/ocr/score.py."""


def fold(text: str) -> str:
    """What is compared."""
    return squeezed_text(text.translate(CONFUSED)).replace(" ", "")


@dataclass(frozen=True, slots=True)
class Errors:
    """Wrong characters of one page.

    Attributes:
        characters: of the truth, folded.
        ordered: distance in the order given.
        free: whatever the order.
    """

    characters: int
    ordered: int
    free: int


def errors(truth: str, result: str) -> Errors:
    """Compare two texts."""
    wanted, got = fold(truth), fold(result)
    return Errors(len(wanted), Levenshtein.distance(wanted, got), free(wanted, got))


def free(wanted: str, got: str) -> int:
    """Characters missed or invented, whichever are more; both texts folded."""
    first, second = Counter(wanted), Counter(got)
    return max((first - second).total(), (second - first).total())


def percent(counted: Iterable[tuple[int, int]]) -> float | None:
    """Errors in percent over pages, long pages weighing more; None without pages.

    Args:
        counted: of each page its errors and its characters.
    """
    found = list(counted)
    characters = sum(of for _, of in found)
    return 100 * sum(wrong for wrong, _ in found) / characters if characters else None
