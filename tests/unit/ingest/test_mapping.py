"""A piece that kills its process is tried alone and set aside; all others are done. With real processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import killers
import pytest

from wenyuan.ingest import mapping
from wenyuan.ingest.executors.pool import Pool, PoolPlan
from wenyuan.repo import plugins
from wenyuan.repo.settings import load


def begin(home: Path, executor: str, **more: Any) -> Any:
    """A pool, each process kept to a small memory where it is the pool that keeps it."""
    settings = load(home=home, executor=executor, **{"workers": 2, "page_memory_mb": 512, **more})
    return closing(plugins.load("wenyuan.ingest.executors", executor).open_pool(settings, PoolPlan.for_pages(settings)))


@pytest.fixture(params=["process", pytest.param("dask", marks=pytest.mark.slow)])
def pool(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pool]:
    """Two processes."""
    with begin(tmp_path, request.param) as opened:
        yield opened


@pytest.fixture
def inline(tmp_path: Path) -> Iterator[Pool]:
    """No other process."""
    with begin(tmp_path, "inline") as opened:
        yield opened


def results(pool: Pool, *pieces: str) -> dict[int, list[str]]:
    """What became of each page; a piece is the deeds of its pages, `kill well`."""
    tasks, first = {}, 0
    for number, words in enumerate(pieces):
        deeds = tuple(words.split())
        tasks[number] = killers.Piece(deeds, first)
        first += len(deeds)
    return {one.position: one.result["pages"] for one in mapping.run(pool, killers.work, tasks, killers.join)}


def test_all_pieces_are_done_once(pool: Pool) -> None:
    found = results(pool, *(["well well"] * 7))

    assert found == {number: [f"{2 * number} done", f"{2 * number + 1} done"] for number in range(7)}


def test_only_the_pages_that_end_their_process_are_set_aside(pool: Pool) -> None:
    found = results(pool, "well well", "well kill well", "well", "exit", "loop well", "well", "well kill")

    assert found == {
        0: ["0 done", "1 done"],
        1: ["2 done", "3 set aside", "4 done"],
        2: ["5 done"],
        3: ["6 set aside"],
        4: ["7 set aside", "8 done"],
        5: ["9 done"],
        6: ["10 done", "11 set aside"],
    }


def test_a_fault_of_ours_is_raised_and_the_pool_goes_on(pool: Pool) -> None:
    with pytest.raises(ValueError, match="a fault of ours"):
        results(pool, "well", "fail", "well")

    assert results(pool, "well") == {0: ["0 done"]}


def test_more_memory_than_allowed_is_an_error_in_the_process_and_not_its_end(tmp_path: Path) -> None:
    with begin(tmp_path, "process", workers=1) as pool:
        assert results(pool, "devour well", "well") == {0: ["0 too large", "1 done"], 1: ["2 done"]}


def test_a_process_killed_from_outside_costs_no_page(tmp_path: Path) -> None:
    with begin(tmp_path, "process") as pool:
        results(pool, "well", "well")
        for process in pool._executor._processes.values():
            process.kill()

        assert results(pool, "well", "well", "well") == {0: ["0 done"], 1: ["1 done"], 2: ["2 done"]}


@pytest.mark.slow
def test_a_dask_worker_killed_from_outside_costs_no_page(tmp_path: Path) -> None:
    with begin(tmp_path, "dask") as pool:
        results(pool, "well")
        for nanny in pool._cluster.workers.values():
            nanny.process.process.kill()

        assert results(pool, "well", "well") == {0: ["0 done"], 1: ["1 done"]}


def test_inline_does_the_same_work_here(inline: Pool) -> None:
    assert results(inline, "well", "well well") == {0: ["0 done"], 1: ["1 done", "2 done"]}
