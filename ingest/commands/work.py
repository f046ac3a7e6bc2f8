"""`wenyuan work`: do the jobs that wait, now and later."""

from __future__ import annotations

import logging
import signal

import click
from rich.console import Console

from wenyuan.ingest.worker import Worker
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import jobs
from wenyuan.repo.settings import load


@click.command()
@click.option("--once", is_flag=True, help="End when no job is due.")
def work(once: bool) -> None:
    """Do jobs until told to stop (Ctrl-C or SIGTERM).

    Any number of workers may run, on any machine that reaches the store.
    """
    ours = logging.getLogger("wenyuan")
    ours.setLevel(min(ours.getEffectiveLevel(), logging.WARNING))
    library = wiring.build(load())
    console = Console(stderr=True)
    worker = Worker(
        library,
        lambda job, stage, done, total: console.print(
            f"{job.title}: {stage} {done}/{total}", highlight=False, markup=False
        ),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    try:
        if once:
            while not worker.stopping.is_set() and worker.step():
                pass
        else:
            worker.run_for_ever()
        with library.catalogue.reading() as session:
            console.print(f"{jobs.unfinished(session)} open")
    finally:
        worker.close()
        library.close()
