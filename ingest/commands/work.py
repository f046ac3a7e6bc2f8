"""`wenyuan work`: do the jobs that wait, now and later."""

from __future__ import annotations

import logging
import signal
import threading

import click
from rich.console import Console

from wenyuan.ingest import lanes
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import jobs
from wenyuan.repo.settings import load


@click.command()
@click.option("--once", is_flag=True, help="End when no job is due.")
@click.option("--lane", type=click.Choice(jobs.LANES), help="Only jobs of this lane; default: both, side by side.")
def work(once: bool, lane: str | None) -> None:
    """Do jobs until told to stop (Ctrl-C or SIGTERM): what was handed in, and OCR beside it in processes of its own.

    Any number of workers may run, on any machine that reaches the store.
    """
    ours = logging.getLogger("wenyuan")
    ours.setLevel(min(ours.getEffectiveLevel(), logging.WARNING))
    library = wiring.build(load())
    console = Console(stderr=True)
    stopping = threading.Event()
    workers = lanes.workers(
        library,
        lambda job, stage, done, total: console.print(
            f"{job.title}: {stage} {done}/{total}", highlight=False, markup=False
        ),
        (lane,) if lane else jobs.LANES,
        stopping,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        if once:
            lanes.run_until_nothing_is_due(workers)
        else:
            lanes.run_for_ever(workers)
        with library.catalogue.reading() as session:
            console.print(f"{jobs.unfinished(session)} open")
    finally:
        library.close()
