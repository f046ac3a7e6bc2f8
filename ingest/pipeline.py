"""The way of the data: receive, identify, store, extract, package, linearise, derive, publish, index, recognise.

Each stage is one file in `stages/`, keeps what it has done in the job's steps, and may be run again at any time: what
is kept is not done twice. `receive` runs before there is a job, `index` after its end, through the outbox. `recognise`
is a job of its own (`wenyuan.ingest.recognise`), which publishing queues: readers need not wait for OCR.
"""

from __future__ import annotations

from wenyuan.ingest.context import ItemJob
from wenyuan.ingest.stages import derive, extract, identify, linearise, package, publish, store
from wenyuan.repo.catalogue import items
from wenyuan.repo.errors import AlreadyHeld

STAGES = (identify.run, store.run, extract.run, package.run, linearise.run, derive.run, publish.run)


def run(job: ItemJob) -> None:
    """Take one candidate all the way.

    Raises:
        Unavailable: something we depend on is away; to be tried again.
        LeaseLost: the job is another worker's now.
    """
    try:
        identify.run(job)
        store.run(job)
        held = _held(job)
        if held is not None:
            publish.held_already(job, *held)
            return
        for stage in STAGES[2:]:
            stage(job)
    except AlreadyHeld as error:
        # Another worker has published the same files since we looked.
        publish.held_already(job, error.data["item"], error.data["title"])


def _held(job: ItemJob) -> tuple[str, str] | None:
    item = publish.identity(job)
    if item is None:
        return None
    with job.library.catalogue.reading() as session:
        found = items.many(session, [item]).get(item)
    return (found.id, found.description.title) if found else None
