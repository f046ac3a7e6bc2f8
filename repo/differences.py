"""What two texts share and where they differ, found in bounded time.

`difflib` takes a time that grows with the cube of the length where few characters repeat (300 of each: 0.2 s; 2,000:
over a minute, measured), and texts come from whoever corrects. Pure.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher

MOST_AT_ONCE = 300 * 300
"""Length times length of what is compared piece by piece: two of the longest lines of newspaper print."""
MOST_IN_ALL = 500_000
"""The same, summed up over the lines of a page: a second at worst."""

Change = tuple[str, int, int, int, int]
"""As `difflib` tells them: equal, replace, delete or insert; from and to in the old text, from and to in the new."""


class Differences:
    """Compares the lines of one page; once they have taken enough time, only the ends of each are compared."""

    def __init__(self, most: int = MOST_IN_ALL) -> None:
        self._left = most

    def between(self, before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Change]:
        """The changes that make one sequence of the other, in order, covering both.

        What is too long to be compared, apart from what both share at their ends, is told as one replacement.
        """
        head, tail = _shared(before, after)
        a, b, c, d = head, len(before) - tail, head, len(after) - tail
        found: list[Change] = [("equal", 0, head, 0, head)] if head else []
        if a < b and c < d:
            found += self._compared(before[a:b], after[c:d], head)
        elif a < b or c < d:
            found.append(("delete" if a < b else "insert", a, b, c, d))
        return [*found, ("equal", b, len(before), d, len(after))] if tail else found

    def _compared(self, before: Sequence[Hashable], after: Sequence[Hashable], start: int) -> list[Change]:
        work = len(before) * len(after)
        if work > min(MOST_AT_ONCE, self._left):
            return [("replace", start, start + len(before), start, start + len(after))]
        self._left -= work
        codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return [(tag, a + start, b + start, c + start, d + start) for tag, a, b, c, d in codes]


def _shared(before: Sequence[Hashable], after: Sequence[Hashable]) -> tuple[int, int]:
    """How much two sequences share at their beginning, and after that at their end."""
    least = min(len(before), len(after))
    head = next((at for at in range(least) if before[at] != after[at]), least)
    tail = next((at for at in range(least - head) if before[-1 - at] != after[-1 - at]), least - head)
    return head, tail
