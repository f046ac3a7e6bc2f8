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


def jobs(session: Session, delivery: int) -> list[Job]:
    """All jobs of a delivery."""
    return job_rows.of_delivery(session, delivery)


def finish(session: Session, delivery: int, receipt: dict[str, Any], now: datetime) -> None:
    """Set the complete receipt."""
    row = session.get(DeliveryRow, delivery)
    if row is not None:
        row.receipt, row.finished = receipt, now


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(row.id, row.created, row.finished, row.by, row.source, row.receipt)
