"""The protocol of a pool of workers, and how large each lane's pool is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, Self

from wenyuan.repo.settings import Settings


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """What a pool may take of a machine.

    Attributes:
        processes: how many there are; each does one task at a time.
        memory_mb: address space that each may add to what it begins with.
        gives_way: whether whatever else wants the processor comes first.
    """

    processes: int
    memory_mb: int
    gives_way: bool = False

    @classmethod
    def for_pages(cls, settings: Settings) -> Self:
        """For everything but OCR."""
        return cls(settings.workers, settings.page_memory_mb)

    @classmethod
    def for_ocr(cls, settings: Settings) -> Self:
        """For OCR: fewer and larger processes, which readers and deliveries need not wait for."""
        return cls(settings.ocr_workers, settings.ocr_memory_mb, gives_way=True)


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
