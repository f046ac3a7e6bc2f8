"""Running the pieces of a job over a pool, so that a piece that kills its process harms no other.

At most two pieces a process are under way. When a process dies, all pieces under way are suspects: each is split into
its smallest parts and tried again alone; a part that kills again is set aside with its reason, the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol

from wenyuan.ingest.executors.pool import Pool


class Task(Protocol):
    """A piece of work: picklable, and divisible into parts."""

    def parts(self) -> list[Task]:
        """The smallest pieces it can be split into; itself alone where it is one."""

    def killed(self) -> dict[str, Any]:
        """The result to keep when this part killed its process twice."""


@dataclass(frozen=True, slots=True)
class Finished:
    """One piece and its result."""

    position: int
    result: dict[str, Any]


Function = Callable[[Any], dict[str, Any]]
Join = Callable[[list[dict[str, Any]]], dict[str, Any]]


def run(pool: Pool, function: Function, tasks: dict[int, Any], join: Join) -> Iterator[Finished]:
    """Run all pieces; results come as they are ready.

    Args:
        tasks: by position.
        join: makes the result of a piece from those of its parts.

    Raises:
        Exception: whatever a piece raised; pieces that should not stop the others return their error as a result.
    """
    waiting = sorted(tasks)
    under_way: dict[Future[Any], int] = {}
    suspects: list[int] = []
    try:
        while waiting or under_way:
            while waiting and len(under_way) < 2 * pool.size and not suspects:
                _submit(pool, function, tasks, waiting, under_way, suspects)
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                position = under_way.pop(future)
                try:
                    yield Finished(position, future.result())
                except pool.lost:
                    suspects.append(position)
            if suspects and not under_way:
                pool.renew()
                yield from _try_alone(pool, function, tasks, suspects, join)
                suspects.clear()
    finally:
        for future in under_way:
            future.cancel()


def _submit(
    pool: Pool,
    function: Function,
    tasks: dict[int, Any],
    waiting: list[int],
    under_way: dict[Future[Any], int],
    suspects: list[int],
) -> None:
    position = waiting.pop(0)
    try:
        under_way[pool.submit(function, tasks[position])] = position
    except pool.lost:
        suspects.append(position)


def _try_alone(
    pool: Pool, function: Function, tasks: dict[int, Any], suspects: list[int], join: Join
) -> Iterator[Finished]:
    for position in sorted(suspects):
        results: list[dict[str, Any]] = []
        for part in tasks[position].parts():
            try:
                results.append(pool.submit(function, part).result())
            except pool.lost:
                pool.renew()
                results.append(part.killed())
        yield Finished(position, join(results))
