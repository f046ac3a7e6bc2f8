"""What happened: PREMIS events, written once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import EventRow, ItemRow
from wenyuan.repo.items import Event, PageKind


def add(session: Session, event: Event) -> None:
    """Record an event."""
    session.add(
        EventRow(
            time=event.time,
            type=event.type,
            agent=event.agent,
            outcome=event.outcome,
            item=event.item,
            detail=event.detail,
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


def changes(session: Session, access: frozenset[str], offset: int, limit: int) -> list[Change]:
    """Changes of items of these tiers that have pages with pictures, oldest first.

    What happens to a withdrawn item is seen by nobody: after its withdrawal nothing follows but its restoration.
    """
    seen = _visible_changes(access)
    order = select(seen).order_by(seen.c.time, seen.c.id).offset(offset).limit(limit)
    return [Change(row.time, _kind(row.type, hidden=row.hidden), row.item) for row in session.execute(order)]


def change_count(session: Session, access: frozenset[str]) -> int:
    """How many changes there are."""
    return session.scalar(select(func.count()).select_from(_visible_changes(access))) or 0


def _visible_changes(access: frozenset[str]) -> Subquery:
    """Columns id, time, type, item, and `hidden`: whether the item was withdrawn before.

    The last withdrawal or restoration is told by numbers that go along with an item's changes: looked up for each
    change anew, it would take 2 s for a book of 5,000 corrected pages.
    """
    numbered = (
        select(
            EventRow.id,
            EventRow.time,
            EventRow.type,
            EventRow.item,
            func.row_number().over(partition_by=EventRow.item, order_by=(EventRow.time, EventRow.id)).label("number"),
        )
        .join(ItemRow, ItemRow.id == EventRow.item)
        .where(EventRow.type.in_(_CHANGES), ItemRow.access.in_(access), ItemRow.page_kind != PageKind.CHAPTER.value)
        .subquery()
    )
    hidden = _last(numbered, _WITHDRAWAL) > _last(numbered, _RESTORATION)
    told = select(numbered, hidden.label("hidden")).subquery()
    return select(told).where(or_(told.c.type == _RESTORATION, ~told.c.hidden)).subquery()


def _last(numbered: Subquery, kind: str) -> ColumnElement[int]:
    """The number of the last change of this type before each; 0 where there is none."""
    of_kind = func.max(case((numbered.c.type == kind, numbered.c.number)))
    before = of_kind.over(partition_by=numbered.c.item, order_by=numbered.c.number, rows=(None, -1))
    return func.coalesce(before, 0)


def _kind(event_type: str, *, hidden: bool) -> ChangeKind:
    if event_type == _WITHDRAWAL:
        return ChangeKind.DELETE
    is_new = event_type == "ingestion" or (event_type == _RESTORATION and hidden)
    return ChangeKind.CREATE if is_new else ChangeKind.UPDATE
