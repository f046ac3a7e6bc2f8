"""Many machines: Dask's distributed scheduler (`pip install wenyuan[dask]`).

Every machine needs the same object store (not a local folder), the same version of this package, and what is handed in
at the same path.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import dask.config
import distributed
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from wenyuan.ingest.executors.pool import PoolPlan
from wenyuan.repo.settings import Settings

# Dask's own classes carry no types.
_client: Callable[..., Any] = distributed.Client
_cluster: Callable[..., Any] = distributed.LocalCluster

RESTART_S = 30
"""How long a worker that died may take to come back before the whole cluster is begun anew."""


def open_pool(settings: Settings, plan: PoolPlan) -> DaskPool:
    """Connect to the scheduler that the settings name, or begin one with worker processes here."""
    return DaskPool(settings.dask_scheduler, plan)


class DaskPool:
    """Dask's own executor interface."""

    lost: tuple[type[BaseException], ...] = (KilledWorker, FutureCancelledError)

    def __init__(self, scheduler: str, plan: PoolPlan) -> None:
        self._scheduler, self._plan = scheduler, plan
        # Dask takes the task of the highest priority first; on the same machines pages go before OCR.
        self._priority = -10 if plan.gives_way else 0
        self._cluster: Any = None
        self._begin()

    def _begin(self) -> None:
        if self._scheduler:
            self._client = _client(self._scheduler, timeout=10)
        else:
            # A task that kills its worker is lost at once: trying it again, alone, is `wenyuan.ingest.mapping`'s work.
            with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
                self._cluster = _cluster(
                    n_workers=self._plan.processes,
                    threads_per_worker=1,
                    dashboard_address=None,
                    host="127.0.0.1",
                    processes=True,
                )
            self._client = _client(self._cluster)
        self._executor = self._client.get_executor(pure=False, retries=0)
        self.size = max(1, len(self._client.scheduler_info()["workers"]))

    def submit(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Run a function on some machine."""
        future: Future[Any] = self._executor.submit(function, task, priority=self._priority)
        return future

    def renew(self) -> None:
        """Dask's nannies start new workers by themselves; where none comes back, all is begun anew."""
        try:
            self._client.wait_for_workers(1, timeout=RESTART_S)
        except TimeoutError:
            self.close()
            self._begin()

    def close(self) -> None:
        """Let go of the scheduler; end it where it was our own."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None
