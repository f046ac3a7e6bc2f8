"""For staff: what was handed in and what became of it. Read only; the workbench comes with its own issue."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, languages
from wenyuan.reader.context import reading
from wenyuan.repo import wording
from wenyuan.repo.catalogue import deliveries
from wenyuan.repo.catalogue.jobs import RECOGNISE
from wenyuan.repo.wording import Words

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


@blueprint.before_request
def _staff_only() -> None:
    guard.require_staff()


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Deliveries, newest first."""
    with reading() as session:
        found = deliveries.recent(session)
    return render_template("staff/deliveries.html", deliveries=found)


@blueprint.get("/deliveries/<number:number>")
def delivery(number: int) -> ResponseReturnValue:
    """One delivery: its receipt, its jobs, and the reading of its pages by OCR."""
    with reading() as session:
        found = deliveries.get(session, number)
        of_it = deliveries.jobs(session, number)
    jobs = [job for job in of_it if job.kind != RECOGNISE]
    readings = [job for job in of_it if job.kind == RECOGNISE]
    return render_template("staff/delivery.html", delivery=found, jobs=jobs, readings=readings, words=_words)


def _words(error: dict[str, object] | None) -> Words | None:
    """The words of an error as jobs and receipts keep it."""
    if not error or "code" not in error:
        return None
    data = error.get("data")
    return wording.describe(str(error["code"]), data if isinstance(data, dict) else {}, languages.current().tag)
