"""The order of pieces that no straight cut parts: which must come before which."""

from __future__ import annotations

from collections.abc import Sequence

from wenyuan.ingest.reading_order.frame import Placed
from wenyuan.ingest.reading_order.pieces import Piece


def follow(placed: Sequence[Placed]) -> list[Piece]:
    """Order by precedence.

    Of two pieces that share a stretch of the line direction the one above comes first; of two on one line the one that
    begins first. After T. M. Breuel, High performance document layout analysis (2003), rule 1.
    """
    count = len(placed)
    waits = [0] * count
    after: list[list[int]] = [[] for _ in range(count)]
    for a in range(count):
        for b in range(a + 1, count):
            first, second = (a, b) if _before(placed[a], placed[b]) else (b, a)
            after[first].append(second)
            waits[second] += 1
    left = set(range(count))
    out = []
    while left:
        ready = [k for k in left if waits[k] == 0] or list(left)
        least = min(waits[k] for k in ready)
        k = min((k for k in ready if waits[k] == least), key=lambda k: (placed[k].v0 + placed[k].v1, placed[k].u0))
        left.remove(k)
        for other in after[k]:
            waits[other] -= 1
        out.append(placed[k].piece)
    return out


def _before(a: Placed, b: Placed) -> bool:
    shared = min(a.u1, b.u1) - max(a.u0, b.u0)
    middle_a, middle_b = (a.v0 + a.v1) / 2, (b.v0 + b.v1) / 2
    if shared > 0.3 * min(a.u1 - a.u0, b.u1 - b.u0):
        return middle_a <= middle_b
    overlap = min(a.v1, b.v1) - max(a.v0, b.v0)
    if overlap > 0.3 * min(a.v1 - a.v0, b.v1 - b.v0):
        return a.u0 <= b.u0
    return middle_a <= middle_b
