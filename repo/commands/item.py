"""`wenyuan item`: looking at items and changing them; every change is a new version."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from wenyuan.repo import holdings, indexing, manifests, wiring
from wenyuan.repo.catalogue import events, items
from wenyuan.repo.description import Access, Description
from wenyuan.repo.errors import InvalidMetadata, NoSuchPage
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

JSON_FIELDS = ("title_variants", "agents", "subjects", "languages", "identifiers", "recognition")
EVERY_TIER = frozenset(access.value for access in Access)


@click.group()
def item() -> None:
    """Items: list, show, edit, order pages, withdraw, restore."""


@item.command("list")
@click.option("--collection", help="Only this collection and those below it.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_items(collection: str | None, limit: int, as_json: bool) -> None:
    """Items that readers see, newest first."""
    library = wiring.build(load())
    with library.catalogue.reading() as session:
        found, total = items.browse(session, access=EVERY_TIER, collection=collection, limit=limit)
    if as_json:
        rows = [
            {"id": one.id, "title": one.description.title, "pages": one.page_count, "version": one.version}
            for one in found
        ]
        click.echo(json.dumps({"total": total, "items": rows}, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one.id}  {one.page_count:>5}  {one.description.title}")
    click.echo(f"{len(found)} / {total}")


@item.command()
@click.argument("item_id")
def show(item_id: str) -> None:
    """Everything known of an item, as JSON."""
    library = wiring.build(load())
    with library.catalogue.reading() as session:
        held = items.get(session, item_id)
        structure = items.structure(session, item_id)
        told = events.of_item(session, item_id)
    document: dict[str, Any] = {
        "id": held.id,
        "state": held.state.value,
        "version": held.version,
        "manifest": held.manifest,
        "collection": held.collection,
        "description": held.description.model_dump(mode="json", exclude_defaults=True),
        "structure": json.loads(manifests.structure_to_bytes(structure)),
        "events": [
            {
                "time": one.time.isoformat(),
                "type": one.type,
                "agent": one.agent,
                "outcome": one.outcome,
                "detail": one.detail,
            }
            for one in told
        ],
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@item.command("set")
@click.argument("item_id")
@click.argument("field")
@click.argument("value")
def set_field(item_id: str, field: str, value: str) -> None:
    """Set a field of the description: text, or JSON for lists and `recognition` (see docs/metadata.md).

    `collection` moves the item.
    """
    library = wiring.build(load())
    with library.catalogue.reading() as session:
        before = items.get(session, item_id)
    if field == "collection":
        after = holdings.describe(library, item_id, before.description, _agent(), collection=value)
    else:
        after = holdings.describe(library, item_id, _changed(before.description, field, value), _agent())
    _tell(library, after.id, after.version)


@item.command()
@click.argument("item_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def describe(item_id: str, file: Path) -> None:
    """Give an item the description in FILE (a metadata.json; its pages and contents stay as they are)."""
    library = wiring.build(load())
    try:
        document = json.loads(file.read_text("utf-8-sig"))
        fields = {name: value for name, value in document.items() if name in Description.model_fields}
        description = Description.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidMetadata(file=str(file), field=str(first["loc"][0]), problem=first["msg"]) from error
    except (ValueError, AttributeError) as error:
        raise InvalidMetadata(file=str(file), field="", problem='{"title": "…"}') from error
    after = holdings.describe(library, item_id, description, _agent())
    _tell(library, after.id, after.version)


@item.command()
@click.argument("item_id")
@click.argument("page", type=int)
@click.option("--to", "place", type=int, required=True, help="Its new place, from 1.")
def move(item_id: str, page: int, place: int) -> None:
    """Move the page at place PAGE to another place."""
    library = wiring.build(load())
    with library.catalogue.reading() as session:
        keys = [one.key for one in items.pages(session, item_id)]
    if not (0 < page <= len(keys) and 0 < place <= len(keys)):
        raise NoSuchPage(item=item_id, page=page if not 0 < page <= len(keys) else place)
    keys.insert(place - 1, keys.pop(page - 1))
    after = holdings.order_pages(library, item_id, keys, _agent())
    _tell(library, after.id, after.version)


@item.command()
@click.argument("item_id")
@click.option("--reason", required=True, help="Why; kept with the event.")
def withdraw(item_id: str, reason: str) -> None:
    """Hide an item from readers. Nothing is deleted."""
    library = wiring.build(load())
    after = holdings.withdraw(library, item_id, _agent(), reason)
    _tell(library, after.id, after.version)


@item.command()
@click.argument("item_id")
def restore(item_id: str) -> None:
    """Show a withdrawn item again."""
    library = wiring.build(load())
    after = holdings.restore(library, item_id, _agent())
    _tell(library, after.id, after.version)


def _changed(before: Description, field: str, value: str) -> Description:
    try:
        new: Any = json.loads(value) if field in JSON_FIELDS else value  # a title may begin with a bracket
        return Description.model_validate({**before.model_dump(mode="json", exclude_defaults=True), field: new})
    except ValidationError as error:
        raise InvalidMetadata(file="item set", field=field, problem=error.errors()[0]["msg"]) from error
    except ValueError as error:  # JSONDecodeError, or a number of thousands of digits
        raise InvalidMetadata(file="item set", field=field, problem=f"JSON: {error}"[:200]) from error


def _agent() -> str:
    return getpass.getuser()


def _tell(library: Library, item_id: str, version: int) -> None:
    while indexing.drain(library):
        pass
    click.echo(f"{item_id}  version {version}")
