"""Inserting a row that another transaction may be inserting at the same moment."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.schema import Table


def insert_missing(session: Session, table: type[Table], **values: Any) -> bool:
    """Insert a row unless one with its key is there; whether it was inserted.

    PostgreSQL waits for the other transaction to end before it says so (`ON CONFLICT DO NOTHING`); on SQLite there is
    no other, because the caller holds the write lock.
    """
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # Asked for, not counted: psycopg gives no row count for an insert of an ORM table.
    keys = [column for column in table.__table__.c if column.primary_key]
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(*keys)
    return session.execute(statement).first() is not None
