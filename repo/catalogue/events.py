"""What happened: PREMIS events, written once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

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
_CHANGES = ("ingestion", "metadata modification", "page order modification", _WITHDRAWAL, _RESTORATION)
"""Types of events that change what an item shows; a check of its files does not."""


def changes(session: Session, access: frozenset[str], offset: int, limit: int) -> list[Change]:
    """Changes of items of these tiers that have pages with pictures, oldest first.

    What happens to a withdrawn item is seen by nobody: after its withdrawal nothing follows but its restoration.
    """
    chosen, was_withdrawn = _visible_changes(access)
    order = chosen.add_columns(EventRow.time, EventRow.type, EventRow.item, was_withdrawn).order_by(
        EventRow.time, EventRow.id
    )
    rows = session.execute(order.offset(offset).limit(limit))
    return [Change(time, _kind(kind, hidden=hidden), item) for _, time, kind, item, hidden in rows]


def change_count(session: Session, access: frozenset[str]) -> int:
    """How many changes there are."""
    chosen, _ = _visible_changes(access)
    return session.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def _visible_changes(access: frozenset[str]) -> tuple[Select[Any], ColumnElement[bool]]:
    before = aliased(EventRow)
    earlier = or_(before.time < EventRow.time, and_(before.time == EventRow.time, before.id < EventRow.id))
    last_flip = (
        select(before.type)
        .where(before.item == EventRow.item, before.type.in_((_WITHDRAWAL, _RESTORATION)), earlier)
        .order_by(before.time.desc(), before.id.desc())
        .limit(1)
        .correlate(EventRow)
        .scalar_subquery()
    )
    was_withdrawn = func.coalesce(last_flip, _RESTORATION) == _WITHDRAWAL
    chosen = (
        select(EventRow.id)
        .join(ItemRow, ItemRow.id == EventRow.item)
        .where(
            EventRow.type.in_(_CHANGES),
            ItemRow.access.in_(access),
            ItemRow.page_kind != PageKind.CHAPTER.value,
            or_(EventRow.type == _RESTORATION, ~was_withdrawn),
        )
    )
    return chosen, was_withdrawn


def _kind(event_type: str, *, hidden: bool) -> ChangeKind:
    if event_type == _WITHDRAWAL:
        return ChangeKind.DELETE
    is_new = event_type == "ingestion" or (event_type == _RESTORATION and hidden)
    return ChangeKind.CREATE if is_new else ChangeKind.UPDATE
