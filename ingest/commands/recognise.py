"""`wenyuan recognise`: read pages by OCR, again or for the first time; every reading is a new version of their text."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from rich.console import Console
from sqlalchemy.orm import Session

from wenyuan.ingest.commands import reading
from wenyuan.repo import plugins, recognising, wiring
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.library import Library
from wenyuan.repo.recognising import Asked
from wenyuan.repo.recognition_settings import AUTO_ENGINE, NO_ENGINE, Facing, Recognition, Step, WritingWish
from wenyuan.repo.settings import load

ENGINES = "wenyuan.ingest.engines"

_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")

_NOTHING = {
    "zh-Hans": "没有要识别的页。",
    "zh-Hant": "沒有要辨識的頁。",
    "en": "There are no pages to read.",
}


@click.command()
@click.argument("item_id", metavar="[ITEM]", required=False)
@click.option("--pages", help="Only these, by their places in the item: 3-9,12.")
@click.option("--missing", is_flag=True, help="All items: every page that has no text and no job.")
@click.option("--collection", help="With --missing: only items of this collection and those below it.")
@click.option("--engine", help="auto, rapidocr, tesseract, … for this time.")
@click.option("--language", "languages", multiple=True, help="BCP 47, e.g. zh-Hant; may be given more than once.")
@click.option("--writing", type=click.Choice([wish.value for wish in WritingWish]), help="How the characters run.")
@click.option("--facing", type=click.Choice([wish.value for wish in Facing]), help="Whether scans show two pages.")
@click.option("--with", "switched_on", type=click.Choice([step.value for step in Step]), multiple=True,
              help="Switch a step of the preparation on.")  # fmt: skip
@click.option("--without", "switched_off", type=click.Choice([step.value for step in Step]), multiple=True,
              help="Switch a step of the preparation off.")  # fmt: skip
@click.option("--again", is_flag=True, help="Also where engine and settings are those of the last time.")
@click.option("--queue", "only_queue", is_flag=True, help="Only queue; `wenyuan work` does the rest.")
@click.option("--json", "as_json", is_flag=True, help="Print what came of it as JSON.")
@click.pass_context
def recognise(
    ctx: click.Context,
    item_id: str | None,
    pages: str | None,
    missing: bool,
    collection: str | None,
    engine: str | None,
    languages: tuple[str, ...],
    writing: str | None,
    facing: str | None,
    switched_on: tuple[str, ...],
    switched_off: tuple[str, ...],
    again: bool,
    only_queue: bool,
    as_json: bool,
) -> None:
    """Read the pages of an item by OCR (识别文字); with --missing all pages of the library that have no text.

    Without --pages: those that have no text, or a text by OCR. Corrections by hand stay in force, whatever is read.
    What is to hold for good belongs into the field `recognition` of the item or its collection (docs/recognition.md).
    Ends with 0 when all was read, 65 when pages could not be, 75 when something is away (the jobs wait).
    """
    if missing == (item_id is not None):
        raise click.UsageError("ITEM | --missing")
    settings = load()
    steps = {**dict.fromkeys(switched_on, True), **dict.fromkeys(switched_off, False)}
    said = Recognition.model_validate(
        {"engine": _known(engine), "languages": languages or None, "writing": writing, "facing": facing, "steps": steps}
    )
    library = wiring.build(settings)
    try:
        if item_id is not None:
            numbers = _queue_item(library, item_id, pages, said, again=again)
        else:
            numbers = _queue_missing(library, collection, said)
        if only_queue:
            click.echo(json.dumps({"jobs": numbers}))
            return
        console = Console(stderr=as_json, soft_wrap=True)
        code, ended = reading.read_jobs(library, numbers, console)
        if as_json:
            click.echo(json.dumps(reading.plain(ended), ensure_ascii=False, indent=2))
        elif not numbers:
            click.echo(_NOTHING[settings.language])
        else:
            reading.show(console, ended, settings.language)
        ctx.exit(code)
    finally:
        library.close()


def _known(engine: str | None) -> str | None:
    allowed = [AUTO_ENGINE, *(name for name in plugins.names(ENGINES) if name != NO_ENGINE)]
    if engine is not None and engine not in allowed:
        raise click.BadParameter(" | ".join(allowed), param_hint="--engine")
    return engine


def _queue_item(library: Library, item_id: str, pages: str | None, said: Recognition, *, again: bool) -> list[int]:
    with library.catalogue.writing() as session:
        item = items.get(session, item_id)
        keys = _keys(session, item_id, pages) if pages else None
        asked = Asked(item_id, keys, said, again, getpass.getuser())
        number = recognising.queue(session, item, asked, library.settings.ocr_engine, datetime.now(UTC))
    return [number] if number is not None else []


def _queue_missing(library: Library, collection: str | None, said: Recognition) -> list[int]:
    now, by, engine = datetime.now(UTC), getpass.getuser(), library.settings.ocr_engine
    numbers: list[int] = []
    with library.catalogue.writing() as session:
        if collection is not None:
            collections.get(session, collection)
        for found in list(recognising.unread(session)):
            item = items.get(session, found.item)
            if collection is not None and collection not in collections.keys_above(session, item.collection):
                continue
            number = recognising.queue(session, item, Asked(item.id, found.pages, said, by=by), engine, now)
            numbers += [number] if number is not None else []
    return numbers


def _keys(session: Session, item_id: str, pages: str) -> tuple[int, ...]:
    """Keys of the pages at the places that staff names."""
    places = _places(pages)
    at = {place: key for key, place in items.positions(session, item_id).items()}
    for place in places:
        if place not in at:
            raise NoSuchPage(item=item_id, page=place)
    return tuple(at[place] for place in places)


def _places(text: str) -> Sequence[int]:
    """`3-9,12` as numbers."""
    found: list[int] = []
    for part in text.replace("，", ",").split(","):
        named = _RANGE.fullmatch(part.strip())
        if named is None:
            raise click.BadParameter("3-9,12", param_hint="--pages")
        found += range(int(named[1]), int(named[2] or named[1]) + 1)
    return found
