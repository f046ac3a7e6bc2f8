"""Many machines: Dask's distributed scheduler (`pip install wenyuan[dask]`).

Every machine needs the same object store (not a local folder) and the same version of this package.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import distributed
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from wenyuan.repo.settings import Settings

# Dask's own classes carry no types.
_client: Callable[..., Any] = distributed.Client
_cluster: Callable[..., Any] = distributed.LocalCluster


def open_pool(settings: Settings) -> DaskPool:
    """Connect to the scheduler that the settings name, or begin one with worker processes here."""
    if settings.dask_scheduler:
        return DaskPool(_client(settings.dask_scheduler, timeout=10), None)
    cluster = _cluster(
        n_workers=settings.workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", processes=True
    )
    return DaskPool(_client(cluster), cluster)


class DaskPool:
    """Dask's own executor interface."""

    lost: tuple[type[BaseException], ...] = (KilledWorker, FutureCancelledError)

    def __init__(self, client: Any, cluster: Any) -> None:
        self._client, self._cluster = client, cluster
        self._executor = client.get_executor(pure=False, retries=1)
        self.size = max(1, len(client.scheduler_info()["workers"]))

    def submit(self, function: Callable[[Any], Any], task: Any) -> Future[Any]:
        """Run a function on some machine."""
        future: Future[Any] = self._executor.submit(function, task)
        return future

    def renew(self) -> None:
        """Dask's nannies start new workers by themselves."""

    def close(self) -> None:
        """Let go of the scheduler; end it where it was our own."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
