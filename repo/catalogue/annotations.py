"""What readers keep, in the catalogue. Who may see what is asked outside: here everybody is a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Update, and_, delete, func, select, update
from sqlalchemy.orm import Session

from wenyuan.repo.annotations.model import READING, Anchor, Anchored, Annotation, Colour, Device, Draft, Xywh
from wenyuan.repo.catalogue.inserting import insert_missing
from wenyuan.repo.catalogue.schema import AnnotationRow, PageRow, TextLayerRow
from wenyuan.repo.errors import NoSuchAnnotation

_AT_ONCE = 10_000
"""A statement takes at most 32,766 values on SQLite (SQLITE_MAX_VARIABLE_NUMBER)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which annotations are asked for; what is None does not matter.

    Attributes:
        owner: of this reader alone.
        groups: shared with one of these groups.
        not_of: of anybody but this reader.
        items: on one of these items.
        motivation: with this motivation; None: with any but a position's.
    """

    owner: str | None = None
    groups: tuple[str, ...] | None = None
    not_of: str | None = None
    items: tuple[str, ...] | None = None
    motivation: str | None = None


def add(session: Session, annotation: Annotation) -> bool:
    """Keep a new one; False where its owner has one of that canonical name already."""
    return insert_missing(session, AnnotationRow, id=annotation.id, **_values(annotation))


def get(session: Session, number: str) -> Annotation:
    """One annotation.

    Raises:
        NoSuchAnnotation: there is none.
    """
    row = session.get(AnnotationRow, number)
    if row is None:
        raise NoSuchAnnotation(annotation=number)
    return _annotation(row)


def named(session: Session, owner: str, canonical: str) -> Annotation | None:
    """A reader's annotation by the name that its client gave it."""
    chosen = select(AnnotationRow).where(AnnotationRow.owner == owner, AnnotationRow.canonical == canonical)
    row = session.scalars(chosen).first()
    return _annotation(row) if row else None


def count(session: Session, chosen: Chosen) -> int:
    """How many there are."""
    return session.scalar(_where(select(func.count()).select_from(AnnotationRow), chosen)) or 0


def listed(session: Session, chosen: Chosen, offset: int = 0, limit: int | None = None) -> list[Annotation]:
    """Some of them, in the order in which they were made."""
    ordered = _where(select(AnnotationRow), chosen).order_by(AnnotationRow.created, AnnotationRow.id)
    # One asks for a page here, which may be thousands: without the bookkeeping of the session.
    rows = session.execute(ordered.offset(offset).limit(limit)).scalars()
    return [_annotation(row) for row in rows]


def items_of(session: Session, chosen: Chosen) -> list[str]:
    """The items that they are about."""
    return list(session.scalars(_where(select(AnnotationRow.item).distinct(), chosen)))


def positions(session: Session, owner: str, item: str) -> list[Annotation]:
    """Where a reader is in an item, by device; the latest first."""
    return sorted(
        listed(session, Chosen(owner=owner, items=(item,), motivation=READING)),
        key=lambda one: (one.modified, one.id),
        reverse=True,
    )


def latest_positions(session: Session, owner: str, limit: int) -> list[Annotation]:
    """Where a reader was last, one place for each item, the latest first."""
    chosen = _where(select(AnnotationRow), Chosen(owner=owner, motivation=READING))
    place = func.row_number().over(
        partition_by=AnnotationRow.item, order_by=(AnnotationRow.modified.desc(), AnnotationRow.id)
    )
    ranked = chosen.with_only_columns(AnnotationRow.id, place.label("place")).subquery()
    of_each = select(AnnotationRow).join(ranked, ranked.c.id == AnnotationRow.id).where(ranked.c.place == 1)
    rows = session.scalars(of_each.order_by(AnnotationRow.modified.desc(), AnnotationRow.id).limit(limit))
    return [_annotation(row) for row in rows]


def write(session: Session, annotation: Annotation, expected: int) -> bool:
    """Put a new state in the place of version `expected`; False where it is another by now, or gone."""
    changed: Update = (
        update(AnnotationRow)
        .where(AnnotationRow.id == annotation.id, AnnotationRow.version == expected)
        .values(**_values(annotation))
        .execution_options(synchronize_session=False)
    )
    return session.execute(changed.returning(AnnotationRow.id)).first() is not None


def look_done(session: Session, ids: Sequence[str], layer: str) -> None:
    """Note that these were looked for in a layer of the text and stand as they stood."""
    for start in range(0, len(ids), _AT_ONCE):
        chosen = update(AnnotationRow).where(AnnotationRow.id.in_(ids[start : start + _AT_ONCE]))
        session.execute(chosen.values(layer=layer).execution_options(synchronize_session=False))


def remove(session: Session, number: str, expected: int | None = None) -> bool:
    """Take one away, where it is of that version (None: of any); whether it was."""
    gone: Delete = delete(AnnotationRow).where(AnnotationRow.id == number)
    if expected is not None:
        gone = gone.where(AnnotationRow.version == expected)
    return session.execute(gone.returning(AnnotationRow.id)).first() is not None


def unshare(session: Session, group: str, owner: str | None = None) -> None:
    """Make notes that were shared with a group private again: one reader's, or all."""
    chosen = update(AnnotationRow).where(AnnotationRow.reading_group == group)
    if owner is not None:
        chosen = chosen.where(AnnotationRow.owner == owner)
    values = {"reading_group": None, "version": AnnotationRow.version + 1}
    session.execute(chosen.values(**values).execution_options(synchronize_session=False))


def page_layers(session: Session, item: str, keys: Iterable[int]) -> dict[int, str]:
    """SHA-256 of the current text layer of these pages, "" where there is none; unknown pages are left out."""
    wanted = sorted(set(keys))
    found: dict[int, str] = {}
    joined = and_(TextLayerRow.item == PageRow.item, TextLayerRow.page == PageRow.key, TextLayerRow.is_current)
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = (
            select(PageRow.key, TextLayerRow.sha256)
            .outerjoin(TextLayerRow, joined)
            .where(PageRow.item == item, PageRow.key.in_(wanted[start : start + _AT_ONCE]))
        )
        found |= {int(key): str(layer or "") for key, layer in session.execute(chosen)}
    return found


def _where(asked: Any, chosen: Chosen) -> Any:
    if chosen.owner is not None:
        asked = asked.where(AnnotationRow.owner == chosen.owner)
    if chosen.groups is not None:
        asked = asked.where(AnnotationRow.reading_group.in_(chosen.groups))
    if chosen.not_of is not None:
        asked = asked.where(AnnotationRow.owner != chosen.not_of)
    if chosen.items is not None:
        asked = asked.where(AnnotationRow.item.in_(chosen.items))
    if chosen.motivation is None:
        return asked.where(AnnotationRow.motivation != READING)
    return asked.where(AnnotationRow.motivation == chosen.motivation)


def _values(annotation: Annotation) -> dict[str, Any]:
    draft, anchor = annotation.draft, annotation.anchor
    more: dict[str, Any] = {"others": dict(draft.others)} if draft.others else {}
    if draft.tags:
        more["tags"] = list(draft.tags)
    if draft.on_canvas:
        more["canvas"] = True
    if annotation.made != anchor:
        more["made"] = _anchor_document(annotation.made)
    return {
        "owner": annotation.owner,
        "item": draft.item,
        "page": anchor.page,
        "motivation": draft.motivation,
        "start": anchor.start,
        "end": anchor.end,
        "exact": anchor.exact,
        "prefix": anchor.prefix,
        "suffix": anchor.suffix,
        "box": _box_document(anchor.box),
        "colour": draft.colour.value if draft.colour else None,
        "note": draft.note,
        "canonical": draft.canonical,
        "reading_group": draft.group,
        "device": draft.device.id if draft.device else None,
        "device_name": draft.device.name if draft.device else None,
        "progression": draft.progression,
        "more": more,
        "anchored": annotation.anchored.value,
        "layer": annotation.layer,
        "version": annotation.version,
        "created": annotation.created,
        "modified": annotation.modified,
    }


def _annotation(row: AnnotationRow) -> Annotation:
    more = row.more
    anchor = Anchor(row.page, row.start, row.end, row.exact, row.prefix, row.suffix, _box(row.box))
    draft = Draft(
        item=row.item,
        anchor=anchor,
        motivation=row.motivation,
        colour=Colour(row.colour) if row.colour else None,
        note=row.note,
        tags=tuple(more.get("tags", ())),
        canonical=row.canonical,
        group=row.reading_group,
        device=Device(row.device, row.device_name or "") if row.device else None,
        progression=row.progression,
        on_canvas=bool(more.get("canvas")),
        others=more.get("others", {}),
    )
    made = _made(more["made"]) if "made" in more else anchor
    state = Anchored(row.anchored)
    return Annotation(row.id, row.owner, draft, made, state, row.layer, row.version, row.created, row.modified)


def _anchor_document(anchor: Anchor) -> dict[str, Any]:
    return {
        "page": anchor.page,
        "start": anchor.start,
        "end": anchor.end,
        "quote": [anchor.exact, anchor.prefix, anchor.suffix],
        "box": _box_document(anchor.box),
    }


def _made(told: Mapping[str, Any]) -> Anchor:
    exact, prefix, suffix = told["quote"]
    return Anchor(told["page"], told["start"], told["end"], exact, prefix, suffix, _box(told["box"]))


def _box_document(box: Xywh | None) -> dict[str, Any] | None:
    return {"x": box.x, "y": box.y, "w": box.width, "h": box.height} if box else None


def _box(told: Mapping[str, Any] | None) -> Xywh | None:
    return Xywh(told["x"], told["y"], told["w"], told["h"]) if told else None
