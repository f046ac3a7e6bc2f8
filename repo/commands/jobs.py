"""`wenyuan jobs`: what is being worked on, receipts, and trying again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from wenyuan.repo import wiring, wording
from wenyuan.repo.catalogue import deliveries
from wenyuan.repo.catalogue import jobs as job_rows
from wenyuan.repo.catalogue.jobs import Job
from wenyuan.repo.settings import load

NUMBER = click.IntRange(1, 2**63 - 1)


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Finished jobs too.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def jobs(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """Jobs that wait or run; with --all the last hundred."""
    if ctx.invoked_subcommand:
        return
    settings = load()
    library = wiring.build(settings)
    with library.catalogue.reading() as session:
        found = job_rows.recent(session, 100, open_only=not everything)
    if as_json:
        click.echo(json.dumps([_plain(job) for job in found], ensure_ascii=False, indent=2))
        return
    table = Table("#", "", "", "", "", "", box=None)
    for job in found:
        at = f"{job.stage} {job.done}/{job.total}" if job.total else ""
        table.add_row(str(job.id), job.kind, job.state.value, job.title, at, _words(job, settings.language))
    Console().print(table)


@jobs.command()
@click.argument("number", type=NUMBER)
def retry(number: int) -> None:
    """Queue a job again that was refused or given up."""
    library = wiring.build(load())
    with library.catalogue.writing() as session:
        job_rows.retry(session, number, datetime.now(UTC))
        job = job_rows.get(session, number)
        if job.delivery is not None and job.lane == job_rows.PAGES:
            deliveries.reopen(session, job.delivery)
    click.echo(f"{number} queued")


@jobs.command("receipt")
@click.argument("delivery", type=NUMBER)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
def show_receipt(delivery: int, to: Path | None) -> None:
    """The signed receipt of a delivery, as JSON."""
    library = wiring.build(load())
    with library.catalogue.reading() as session:
        row = deliveries.get(session, delivery)
    text = json.dumps(row.receipt, ensure_ascii=False, indent=2)
    if to:
        try:
            to.write_text(text + "\n", "utf-8")
        except OSError as error:
            raise click.BadParameter(str(error.strerror), param_hint="--to") from error
    else:
        click.echo(text)


def _words(job: Job, language: str) -> str:
    """What keeps a job from going on, or what staff may want to do after OCR."""
    told = [job.error] if job.error else []
    if job.kind == job_rows.RECOGNISE and job.receipt:
        told += [*job.receipt["warnings"], *(page["error"] for page in job.receipt["refused_pages"][:1])]
    return " ".join(wording.describe(error["code"], error["data"], language).what for error in told)


def _plain(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "lane": job.lane,
        "state": job.state.value,
        "title": job.title,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "attempts": job.attempts,
        "delivery": job.delivery,
        "item": job.item,
        "error": job.error,
        "receipt": job.receipt if job.kind == job_rows.RECOGNISE else None,
    }
