"""`wenyuan ingest PATH…`: hand in files and folders, and work until they are items."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import click
from rich.console import Console

from wenyuan.ingest.commands import reading
from wenyuan.ingest.commands.reading import BROKEN_OFF
from wenyuan.ingest.commands.showing import Bars, broken_off, show_receipt
from wenyuan.ingest.delivery import Received, error_to_json
from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.repo import wiring, wording
from wenyuan.repo.catalogue import collections, deliveries
from wenyuan.repo.errors import BadInput, EmptySource
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load
from wenyuan.storage.errors import Unavailable

INPUT_REFUSED = BadInput.exit_code


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--collection", help="Key of the collection for what no collection.json places elsewhere.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of each file.")
@click.option("--queue", is_flag=True, help="Only hand in; `wenyuan work` does the rest.")
@click.option("--no-recognise", is_flag=True, help="Leave pages without text to `wenyuan work`.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@click.pass_context
def ingest(
    ctx: click.Context,
    paths: tuple[Path, ...],
    collection: str | None,
    dry_run: bool,
    queue: bool,
    no_recognise: bool,
    as_json: bool,
) -> None:
    """Hand in files and folders: scans, PDF, EPUB, CBZ, text. They are shown first, then read by OCR where text lacks.

    Ends with 0 when everything was taken, 65 when something was refused (the rest is in), 75 when a service is away
    (the jobs wait).
    """
    library = wiring.build(load())
    try:
        if collection is not None:
            with library.catalogue.reading() as session:
                collections.get(session, collection)
        received = receive(paths, collection)
        if dry_run:
            _preview(received, library.settings.language)
            ctx.exit(INPUT_REFUSED if received.refused else 0)
        if not received.given:
            raise EmptySource(file=", ".join(str(path) for path in paths))
        delivery = submit(library, received, paths, getpass.getuser())
        if queue:
            click.echo(json.dumps({"delivery": delivery, "jobs": len(received.candidates)}))
            return
        ctx.exit(work_off(library, delivery, as_json=as_json, recognise=not no_recognise))
    finally:
        library.close()


def work_off(library: Library, delivery: int, *, as_json: bool = False, recognise: bool = True) -> int:
    """Do the jobs of a delivery, showing progress and receipt; the exit code.

    Args:
        as_json: print one JSON document in place of words.
        recognise: then read by OCR what it lacks.
    """
    language = library.settings.language
    console = Console(stderr=as_json, soft_wrap=True)
    with Bars(console, language) as bars:
        worker = Worker(library, bars.watch)
        try:
            away = worker.run_until_done(delivery)
        except KeyboardInterrupt:
            bars.stop()
            click.echo(broken_off(language), err=True)
            return BROKEN_OFF
        finally:
            worker.close()
    if away is not None:
        words = wording.describe(away["code"], away["data"], language)
        click.echo(f"{words.what} {words.remedy}", err=True)
        return Unavailable.exit_code
    with library.catalogue.reading() as session:
        receipt = deliveries.get(session, delivery).receipt or {}
    if not as_json:
        show_receipt(console, delivery, receipt, language)
    code, ended = reading.read_delivery(library, delivery, console) if recognise else (0, [])
    if as_json:
        document = {"delivery": delivery, **receipt, "recognition": reading.plain(ended)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        reading.show(console, ended, language)
    refused = receipt["outcomes"].get("refused", 0) or any(item["refused_pages"] for item in receipt["items"])
    # A page that could not be read is no file that was refused.
    return code if code in (BROKEN_OFF, Unavailable.exit_code) else INPUT_REFUSED if refused else 0


def _preview(received: Received, language: str) -> None:
    for candidate in received.candidates:
        click.echo(f"+ {candidate.title}  ({len(candidate.files)})  {candidate.collection or ''}")
    for one in received.refused:
        told = error_to_json(one.error)
        words = wording.describe(told["code"], told["data"], language)
        click.echo(f"- {words.what} {words.remedy}")
