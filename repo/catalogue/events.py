"""What happened: PREMIS events, written once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import EventRow
from wenyuan.repo.items import Event


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
