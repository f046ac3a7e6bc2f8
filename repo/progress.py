"""How long work tells that it goes on: one call type for all of it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""(stage, pieces done, pieces in all; 0 where that is not known)"""


def nobody_watches(_stage: str, _done: int, _total: int) -> None:
    """For callers that tell nobody."""
