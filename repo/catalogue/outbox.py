"""Items whose index entry must follow: written with the change, taken away when the index has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.inserting import insert_missing
from wenyuan.repo.catalogue.schema import IndexHolderRow, OutboxRow


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A change that the index lacks."""

    id: int
    item: str
    pages: tuple[int, ...] | None = None
    """Keys of the pages whose text alone has changed; None: the whole item."""


def add(session: Session, item: str, now: datetime, pages: Iterable[int] | None = None) -> None:
    """Ask for an item to be indexed anew, in the transaction that changes it.

    Args:
        item: its id.
        now: when it was changed.
        pages: keys of the pages whose text alone has changed; None: the whole item.
    """
    keys = {"keys": list(pages)} if pages is not None else None
    session.execute(insert(OutboxRow).values(item=item, created=now, pages=keys))


def waiting(session: Session, limit: int = 200) -> list[OutboxEntry]:
    """The oldest entries, in the order in which they came."""
    chosen = select(OutboxRow.id, OutboxRow.item, OutboxRow.pages).order_by(OutboxRow.id).limit(limit)
    return [
        OutboxEntry(number, item, tuple(pages["keys"]) if pages else None)
        for number, item, pages in session.execute(chosen)
    ]


def count(session: Session) -> int:
    """How many entries wait."""
    return session.scalar(select(func.count()).select_from(OutboxRow)) or 0


def done(session: Session, numbers: list[int]) -> None:
    """Take entries away."""
    session.execute(delete(OutboxRow).where(OutboxRow.id.in_(numbers)))


def hold(session: Session, engine: str, holder: str, *, take: bool = False) -> bool:
    """Whether this holder's index is the one that the outbox feeds; the first to ask becomes it.

    Args:
        take: become it in any case: its index is being made anew.
    """
    if insert_missing(session, IndexHolderRow, engine=engine, holder=holder):
        return True
    row = session.get_one(IndexHolderRow, engine, with_for_update=True)
    if take:
        row.holder = holder
    return row.holder == holder
