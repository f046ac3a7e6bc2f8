"""The protocol of a pool of workers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol


class Pool(Protocol):
    """Runs functions of this package on plain, picklable values."""

    size: int
    """How many tasks run at once."""

    lost: tuple[type[BaseException], ...]
    """What a future raises when the process that ran it died."""

    def submit(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Run a function in another process."""

    def renew(self) -> None:
        """Make the pool usable again after a process died."""

    def close(self) -> None:
        """End all processes."""
