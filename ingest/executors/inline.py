"""No other process: each task runs at once, here. For debugging; a page that crashes takes the worker along."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from wenyuan.ingest.executors.pool import PoolPlan
from wenyuan.repo.settings import Settings


def open_pool(settings: Settings, plan: PoolPlan) -> InlinePool:
    """A pool of one."""
    del settings, plan
    return InlinePool()


class InlinePool:
    """Runs tasks in the caller's thread."""

    size = 1
    lost: tuple[type[BaseException], ...] = ()

    def submit(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Run a function now."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(task))
        except Exception as error:  # noqa: BLE001 - a future carries whatever the task raised
            future.set_exception(error)
        return future

    def renew(self) -> None:
        """Nothing to renew."""

    def close(self) -> None:
        """Nothing to end."""
