"""A pool of processes on this machine: the default."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from wenyuan.ingest.executors.limits import prepare_process
from wenyuan.ingest.executors.pool import PoolPlan
from wenyuan.repo.settings import Settings


def open_pool(settings: Settings, plan: PoolPlan) -> ProcessPool:
    """A pool as large as the plan says; its processes begin with the first tasks."""
    return ProcessPool(plan, settings.work_folder)


class ProcessPool:
    """`concurrent.futures.ProcessPoolExecutor`, begun anew when a process died."""

    lost: tuple[type[BaseException], ...] = (BrokenProcessPool,)

    def __init__(self, plan: PoolPlan, work_folder: Path) -> None:
        self.size = plan.processes
        self._prepare = (plan.memory_mb, work_folder, plan.gives_way)
        self._executor = self._begin()

    def _begin(self) -> ProcessPoolExecutor:
        # Spawned, not forked: libvips and MuPDF hold threads and locks that do not survive a fork.
        return ProcessPoolExecutor(
            self.size, multiprocessing.get_context("spawn"), initializer=prepare_process, initargs=self._prepare
        )

    def submit(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Run a function in another process."""
        return self._executor.submit(function, task)

    def renew(self) -> None:
        """Begin a new pool."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._begin()

    def close(self) -> None:
        """End all processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)
