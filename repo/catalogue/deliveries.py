"""Deliveries: what was handed in together, and the receipt that says what became of each file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import jobs as job_rows
from wenyuan.repo.catalogue.jobs import Job
from wenyuan.repo.catalogue.schema import DeliveryRow
from wenyuan.repo.errors import NotFound


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row. The receipt is complete when `finished` is set."""

    id: int
    created: datetime
    finished: datetime | None
    by: str
    source: str
    receipt: dict[str, Any] | None

    @property
    def state(self) -> str:
        """Open or finished."""
        return "finished" if self.finished else "open"


def add(session: Session, by: str, source: str, receipt: dict[str, Any], now: datetime) -> int:
    """Begin a delivery; its number. The receipt begins with what was seen at the door."""
    row = DeliveryRow(created=now, by=by, source=source, receipt=receipt)
    session.add(row)
    session.flush()
    return row.id


def get(session: Session, delivery: int) -> Delivery:
    """One delivery.

    Raises:
        NotFound: no such number.
    """
    row = session.get(DeliveryRow, delivery, populate_existing=True)
    if row is None:
        raise NotFound(delivery=delivery)
    return _delivery(row)


def recent(session: Session, limit: int = 50) -> list[Delivery]:
    """Newest first."""
    return [_delivery(row) for row in session.scalars(select(DeliveryRow).order_by(DeliveryRow.id.desc()).limit(limit))]


def unfinished(session: Session) -> list[int]:
    """Numbers of those that have no complete receipt yet, oldest first."""
    return list(session.scalars(select(DeliveryRow.id).where(DeliveryRow.finished.is_(None)).order_by(DeliveryRow.id)))


def jobs(session: Session, delivery: int) -> list[Job]:
    """All jobs of a delivery."""
    return job_rows.of_delivery(session, delivery)


def finish(session: Session, delivery: int, receipt: dict[str, Any], now: datetime) -> None:
    """Set the complete receipt."""
    row = session.get(DeliveryRow, delivery)
    if row is not None:
        row.receipt, row.finished = receipt, now


def reopen(session: Session, delivery: int) -> None:
    """Take the receipt back to what was seen at the door: one of its jobs is done anew, and a new receipt follows."""
    row = session.get(DeliveryRow, delivery)
    if row is None or row.receipt is None or row.finished is None:
        return
    door = row.receipt["at_the_door"]
    row.finished = None
    row.receipt = {
        "given": row.receipt["given"],
        "files": row.receipt["files"][: door["files"]],
        "warnings": row.receipt["warnings"][: door["warnings"]],
    }


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(row.id, row.created, row.finished, row.by, row.source, row.receipt)
