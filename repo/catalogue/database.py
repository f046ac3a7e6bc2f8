"""Opening the database, SQLite or PostgreSQL, and bringing it to the newest migration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from wenyuan.repo.errors import DatabaseUnavailable, InvalidSetting, MissingExtra

_MIGRATION_LOCK = 20_261_123
"""Any number: PostgreSQL's advisory lock that keeps two starting processes from migrating at once."""


class Catalogue:
    """The database behind sessions. Use `reading` for questions and `writing` for changes: one transaction each."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Whether writers wait for each other (SQLite) or lock rows (PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session whose changes are dropped.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with _told_as_unavailable(), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the context ends without an error.

        On SQLite the transaction takes the write lock at once, so that it can never fail half way for want of it.
        """
        with _told_as_unavailable(), Session(self.engine) as session, session.begin():
            if self.is_sqlite:
                session.execute(text("BEGIN IMMEDIATE"))
            yield session

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def open_catalogue(url: str) -> Catalogue:
    """Connect, and migrate to the newest schema.

    Raises:
        InvalidSetting: not a database URL.
        MissingExtra: the driver is not installed.
        DatabaseUnavailable: no answer.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _not_ours("…") from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise _not_ours(shown)
    try:
        engine = _sqlite(url) if parsed.get_backend_name() == "sqlite" else _postgresql(url)
    except ArgumentError as error:
        raise _not_ours(shown) from error
    except ModuleNotFoundError as error:
        raise MissingExtra(package=str(error.name), extra="postgresql") from error
    catalogue = Catalogue(engine)
    try:
        with _told_as_unavailable():
            migrate(catalogue)
    except BaseException:
        catalogue.close()
        raise
    return catalogue


def _not_ours(shown: str) -> InvalidSetting:
    allowed = "sqlite:///… | postgresql+psycopg://…"
    return InvalidSetting(setting="WENYUAN_DATABASE", value=shown, allowed=allowed)


def migrate(catalogue: Catalogue) -> None:
    """Bring the schema to the newest migration; harmless when it is there already."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("wenyuan.repo.catalogue") / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with catalogue.engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with catalogue.engine.begin() as connection:
        if catalogue.is_sqlite:
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: BEGIN IMMEDIATE is ours (SQLAlchemy docs, "pysqlite").
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _postgresql(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20, connect_args={"connect_timeout": 5})


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        # Itself, not its kinds: SQLite's "file is not a database".
        if type(error) is not DatabaseError and not isinstance(error, OperationalError):
            raise
        raise DatabaseUnavailable(reason=str(error.orig or error).strip().splitlines()[0]) from error
    except InterfaceError as error:
        raise DatabaseUnavailable(reason=str(error.orig or error).strip().splitlines()[0]) from error
