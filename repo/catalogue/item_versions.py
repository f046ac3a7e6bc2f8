"""Writing one version of an item: its row always, its structure only where that changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import names, outbox
from wenyuan.repo.catalogue.inserting import insert_missing
from wenyuan.repo.catalogue.items import get
from wenyuan.repo.catalogue.schema import FileRow, ItemRow, PageRow, SectionRow, TextLayerRow, WorkRow
from wenyuan.repo.catalogue.works import work_id
from wenyuan.repo.dates import parse_date
from wenyuan.repo.errors import AlreadyHeld
from wenyuan.repo.items import Item, LayerVersion, Section, Structure, current


def write(
    session: Session,
    item: Item,
    made_of: Structure | None,
    texts: dict[int, str] | None = None,
    *,
    is_new: bool = False,
) -> None:
    """Put a version of an item in the catalogue and its index entry in the outbox.

    Args:
        made_of: its files, pages and contents; None where they are as before: then no page row is touched.
        texts: current plain text by page key; needed with `made_of` for pages that have a text layer.
        is_new: the item must not be there.

    Raises:
        AlreadyHeld: it is there.
    """
    values = _columns(session, item)
    if not insert_missing(session, ItemRow, id=item.id, **values):
        if is_new:
            raise AlreadyHeld(item=item.id, title=get(session, item.id).description.title)
        session.execute(update(ItemRow).where(ItemRow.id == item.id).values(**values))
    names.write(session, item)
    if made_of is not None:
        _write_structure(session, item.id, made_of, texts or {})
    outbox.add(session, item.id, item.modified)


def _columns(session: Session, item: Item) -> dict[str, Any]:
    years = parse_date(item.description.date)
    return {
        "collection": item.collection,
        "work": _work(session, item.description.series),
        "state": item.state.value,
        "access": item.description.access.value,
        "kind": item.description.kind.value,
        "page_kind": item.page_kind.value,
        "title": item.description.title,
        "first_year": years.first if years else None,
        "last_year": years.last if years else None,
        "description": item.description.model_dump(mode="json", exclude_defaults=True),
        "version": item.version,
        "manifest": item.manifest,
        "structure": item.structure,
        "page_count": item.page_count,
        "cover_page": item.cover_page,
        "size_bytes": item.size_bytes,
        "created": item.created,
        "modified": item.modified,
    }


def _work(session: Session, series: str) -> str | None:
    if not series:
        return None
    work = work_id(series)
    insert_missing(session, WorkRow, id=work, title=series)
    return work


def _write_structure(session: Session, item_id: str, made_of: Structure, texts: dict[int, str]) -> None:
    for table in (SectionRow, TextLayerRow, PageRow, FileRow):
        session.execute(delete(table).where(table.item == item_id))
    groups: list[tuple[type[Any], list[dict[str, Any]]]] = [
        (FileRow, _file_rows(made_of)),
        (PageRow, _page_rows(made_of)),
        (TextLayerRow, _layer_rows(made_of, texts)),
        (SectionRow, _section_rows(made_of.sections)),
    ]
    for table, rows in groups:
        if rows:
            session.execute(insert(table), [{"item": item_id, **row} for row in rows])


def _file_rows(made_of: Structure) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "sha256": file.sha256,
            "size_bytes": file.size_bytes,
            "media_type": file.media_type,
            "path": file.path,
            "role": file.role,
        }
        for position, file in enumerate(made_of.files)
    ]


def _page_rows(made_of: Structure) -> list[dict[str, Any]]:
    return [
        {
            "key": page.key,
            "position": position,
            "kind": page.kind.value,
            "file": page.file,
            "index": page.index,
            "width": page.width,
            "height": page.height,
            "label": page.label,
            "entry": page.entry,
        }
        for position, page in enumerate(made_of.pages, start=1)
    ]


def _layer_rows(made_of: Structure, texts: dict[int, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in made_of.pages:
        read = current(page.layers)
        for version, layer in enumerate(page.layers, start=1):
            is_current = layer is read
            rows.append(layer_values(page.key, version, layer, texts[page.key] if is_current else None))
    return rows


def layer_values(page: int, version: int, layer: LayerVersion, text: str | None) -> dict[str, Any]:
    """The columns of one version of a page's text.

    Args:
        page: its key.
        version: 1 and upwards within the page.
        layer: what it is.
        text: its plain text where it is the current version, else None.
    """
    return {
        "page": page,
        "version": version,
        "is_current": text is not None,
        "sha256": layer.sha256,
        "origin": layer.origin.value,
        "engine": layer.engine,
        "settings": layer.settings,
        "character_count": layer.character_count,
        "created": layer.created,
        "text": text,
        "alto": layer.alto,
    }


def _section_rows(entries: tuple[Section, ...], depth: int = 0, start: int = 0) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for entry in entries:
        rows.append(
            {
                "position": start + len(rows),
                "depth": depth,
                "title": entry.title,
                "page": entry.page,
                "fragment": entry.fragment,
            }
        )
        rows += _section_rows(entry.children, depth + 1, start + len(rows))
    return rows
