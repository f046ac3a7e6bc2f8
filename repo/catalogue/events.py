"""What happened: PREMIS events, written once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import EventRow, ItemRow
from wenyuan.repo.items import Event, PageKind


def add(session: Session, event: Event) -> None:
    """Record an event; nobody else may change its item meanwhile."""
    session.add(
        EventRow(
            time=event.time,
            type=event.type,
            agent=event.agent,
            outcome=event.outcome,
            item=event.item,
            detail=event.detail,
            change=_change(session, event),
        )
    )


def of_item(session: Session, item_id: str) -> list[Event]:
    """All events of an item, oldest first."""
    rows = session.scalars(select(EventRow).where(EventRow.item == item_id).order_by(EventRow.time, EventRow.id))
    return [Event(row.time, row.type, row.agent, row.outcome, row.item, row.detail) for row in rows]


class ChangeKind(StrEnum):
    """What a change of an item is to those who follow our holdings (Activity Streams 2.0)."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an item that could be seen from outside."""

    time: datetime
    kind: ChangeKind
    item: str


_WITHDRAWAL, _RESTORATION = "withdrawal", "restoration"
_TEXTS = ("text recognition", "text correction", "text addition")
_CHANGES = ("ingestion", "metadata modification", "page order modification", *_TEXTS, _WITHDRAWAL, _RESTORATION)
"""Types of events that change what an item shows, its pictures, names, order or annotations; a check of its files does
not."""
_KINDS = {"ingestion": ChangeKind.CREATE, _WITHDRAWAL: ChangeKind.DELETE}
_HIDDEN = "events.hidden"
"""In `Session.info`: whether an item is withdrawn, so that a rebuild asks once for each item."""


def changes(session: Session, access: frozenset[str], offset: int, limit: int) -> list[Change]:
    """Changes of items of these tiers that have pages with pictures, oldest first."""
    places = _told(select(EventRow.id), access).order_by(EventRow.time, EventRow.id).offset(offset).limit(limit)
    # Those before the page are counted in an index alone; rows are read for the page.
    rows = session.execute(
        select(EventRow.time, EventRow.change, EventRow.item)
        .where(EventRow.id.in_(places))
        .order_by(EventRow.time, EventRow.id)
    )
    return [Change(row.time, ChangeKind(row.change), row.item) for row in rows]


def change_count(session: Session, access: frozenset[str]) -> int:
    """How many changes there are."""
    return session.scalar(_told(select(func.count()).select_from(EventRow), access)) or 0


def _told(chosen: Select[Any], access: frozenset[str]) -> Select[Any]:
    # Those that are not told are the few: with a join SQLite looks up each change's item, which takes twice as long.
    untold = select(ItemRow.id).where(or_(ItemRow.access.not_in(access), ItemRow.page_kind == PageKind.CHAPTER.value))
    return chosen.where(EventRow.change.is_not(None), EventRow.item.not_in(untold))


def _change(session: Session, event: Event) -> ChangeKind | None:
    """What an event is to those who follow our holdings.

    What happens to a withdrawn item is seen by nobody: after its withdrawal nothing follows but its restoration.
    """
    if event.item is None or event.type not in _CHANGES:
        return None
    hidden: dict[str, bool] = session.info.setdefault(_HIDDEN, {})
    if event.item not in hidden:
        last = select(EventRow.change).where(EventRow.item == event.item, EventRow.change.is_not(None))
        hidden[event.item] = session.scalar(last.order_by(EventRow.id.desc()).limit(1)) == ChangeKind.DELETE
    was_hidden = hidden[event.item]
    hidden[event.item] = event.type == _WITHDRAWAL or (was_hidden and event.type != _RESTORATION)
    if was_hidden:
        return ChangeKind.CREATE if event.type == _RESTORATION else None
    return _KINDS.get(event.type, ChangeKind.UPDATE)
