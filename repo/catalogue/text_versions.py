"""Writing versions of pages' texts: some rows, whatever the number of pages, and the pages' keys for the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import outbox
from wenyuan.repo.catalogue.item_versions import layer_values
from wenyuan.repo.catalogue.schema import FileRow, ItemRow, PageRow, TextLayerRow
from wenyuan.repo.items import Item, LayerVersion, PageKind, current
from wenyuan.repo.layers import Origin


@dataclass(frozen=True, slots=True)
class AddedText:
    """A new version of a page's text."""

    page: int
    """Key of the page."""
    version: LayerVersion
    text: str
    """Its plain text."""


@dataclass(frozen=True, slots=True)
class TextPlace:
    """What must be known of a page to write its text down."""

    key: int
    kind: PageKind
    label: str
    source: str
    """Path of the file it is in, as handed in."""


def places(session: Session, item_id: str, keys: Iterable[int]) -> dict[int, TextPlace]:
    """These pages by key; unknown keys are left out."""
    wanted = sorted(set(keys))
    found: dict[int, TextPlace] = {}
    # A statement takes at most 32,766 values on SQLite (SQLITE_MAX_VARIABLE_NUMBER).
    for start in range(0, len(wanted), 10_000):
        chosen = (
            select(PageRow.key, PageRow.kind, PageRow.label, FileRow.path)
            .join(FileRow, (FileRow.item == PageRow.item) & (FileRow.position == PageRow.file))
            .where(PageRow.item == item_id, PageRow.key.in_(wanted[start : start + 10_000]))
        )
        for key, kind, label, path in session.execute(chosen):
            found[key] = TextPlace(key, PageKind(kind), label, path)
    return found


def current_digests(session: Session, item_id: str, keys: Iterable[int]) -> dict[int, str]:
    """SHA-256 of the current layers of these pages; pages without text are left out."""
    wanted = sorted(set(keys))
    found: dict[int, str] = {}
    for start in range(0, len(wanted), 10_000):
        chosen = select(TextLayerRow.page, TextLayerRow.sha256).where(
            TextLayerRow.item == item_id,
            TextLayerRow.page.in_(wanted[start : start + 10_000]),
            TextLayerRow.is_current,
        )
        found |= {int(page): str(sha256) for page, sha256 in session.execute(chosen)}
    return found


def write(session: Session, item: Item, added: Sequence[AddedText]) -> None:
    """Add versions of texts to an item whose other rows stay as they are, and ask for these pages to be indexed.

    Args:
        item: as it is after the change.
        added: in the order in which they came.
    """
    session.execute(
        update(ItemRow)
        .where(ItemRow.id == item.id)
        .values(version=item.version, manifest=item.manifest, structure=item.structure, modified=item.modified)
    )
    changed = [one.page for one in added if _add(session, item.id, one)]
    if changed:
        outbox.add(session, item.id, item.modified, dict.fromkeys(changed))


def _add(session: Session, item_id: str, added: AddedText) -> bool:
    """Add one version; whether it is the one that readers see now."""
    held = select(TextLayerRow).where(TextLayerRow.item == item_id, TextLayerRow.page == added.page)
    rows = list(session.scalars(held.order_by(TextLayerRow.version)))
    versions = [
        LayerVersion(row.sha256, Origin(row.origin), row.engine, row.created, row.character_count, row.settings)
        for row in rows
    ]
    wins = current([*versions, added.version]) is added.version
    if wins:
        for row in rows:
            row.is_current, row.text = False, None
        session.flush()
    number = rows[-1].version + 1 if rows else 1
    values = layer_values(added.page, number, added.version, added.text if wins else None)
    session.execute(insert(TextLayerRow).values(item=item_id, **values))
    return wins
