"""The schema that migrations make is the one that the models describe, and is made once however many begin."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from servers.postgres import create_database
from sqlalchemy import create_engine, inspect, text

from wenyuan.repo.catalogue.database import Catalogue, migrate, open_catalogue
from wenyuan.repo.catalogue.schema import Table, UtcTime
from wenyuan.repo.errors import DatabaseUnavailable, InvalidSetting, LibraryError


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.server, pytest.mark.slow])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    return create_database(request.getfixturevalue("postgres"), f"m{uuid.uuid4().hex[:12]}")


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    """The migrated database."""
    opened = open_catalogue(url)
    yield opened
    opened.close()


def same_type(_context: Any, _one: Any, _other: Any, database_type: Any, model_type: Any) -> bool | None:
    """Whether a type differs; None leaves it to Alembic. Our moments are the database's, with a time zone."""
    if isinstance(model_type, UtcTime):
        return "TIMESTAMP" not in str(database_type) and "DATETIME" not in str(database_type)
    return None


def test_migrations_make_what_the_models_describe(catalogue: Catalogue) -> None:
    with catalogue.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": same_type, "compare_server_default": True}
        )
        assert compare_metadata(context, Table.metadata) == []


def test_a_column_that_a_migration_forgot_is_noticed(catalogue: Catalogue) -> None:
    with catalogue.engine.begin() as connection:
        connection.execute(text("ALTER TABLE users DROP COLUMN role"))
        context = MigrationContext.configure(connection)
        (found,) = compare_metadata(context, Table.metadata)

    assert found[0] == "add_column"


def test_migrating_again_changes_nothing(catalogue: Catalogue) -> None:
    before = inspect(catalogue.engine).get_table_names()

    migrate(catalogue)

    assert inspect(catalogue.engine).get_table_names() == before
    with catalogue.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


OPEN = """
import sys
from wenyuan.repo.catalogue.database import open_catalogue
print("ready", flush=True)
sys.stdin.readline()
open_catalogue(sys.argv[1]).close()
"""


def test_processes_that_start_at_once_on_an_empty_database_migrate_it_once(url: str) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    assert [process.stdout.readline() for process in starting if process.stdout] == ["ready\n"] * 3

    for process in starting:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=60)[1] for process in starting]

    assert errors == [""] * 3
    assert [process.returncode for process in starting] == [0] * 3
    opened = open_catalogue(url)
    with opened.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    opened.close()


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    create_table = op.create_table
    made = iter([create_table, create_table, cut])
    monkeypatch.setattr(op, "create_table", lambda *given, **named: next(made)(*given, **named))
    with pytest.raises(KeyboardInterrupt):
        open_catalogue(url)
    monkeypatch.undo()

    opened = open_catalogue(url)
    assert set(inspect(opened.engine).get_table_names()) == {*Table.metadata.tables, "alembic_version"}
    opened.close()


def test_events_that_are_there_are_told_as_if_they_happened_now(url: str) -> None:
    """Three items: one goes and comes back, one is gone, one has only been restored without need."""
    happened = [
        ("a", "ingestion", "Create"), ("b", "ingestion", "Create"), ("c", "ingestion", "Create"),
        ("a", "withdrawal", "Delete"), ("a", "text correction", None), ("a", "withdrawal", None),
        ("b", "fixity check", None), ("b", "text recognition", "Update"), ("c", "restoration", "Update"),
        ("a", "restoration", "Create"), ("b", "withdrawal", "Delete"), ("a", "page order modification", "Update"),
        ("b", "metadata modification", None), (None, "fixity check", None),
    ]  # fmt: skip
    config = Config()
    config.set_main_option("script_location", str(resources.files("wenyuan.repo.catalogue") / "migrations"))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for minute, (item, event_type, _) in enumerate(happened):
            told = {"time": f"2026-01-01 00:{minute:02}:00", "type": event_type, "item": item}
            columns, values = "time, type, agent, outcome, item, detail", ":time, :type, 't', 'success', :item, '{}'"
            connection.execute(text(f"INSERT INTO events ({columns}) VALUES ({values})"), told)
    engine.dispose()

    opened = open_catalogue(url)
    with opened.engine.connect() as connection:
        found = connection.execute(text("SELECT change FROM events ORDER BY time")).scalars().all()
    opened.close()
    assert found == [change for _, _, change in happened]


def test_sqlite_keeps_foreign_keys_and_a_log_that_readers_do_not_wait_for(tmp_path: Path) -> None:
    opened = open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}")
    with opened.engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    opened.close()


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("nonsense", InvalidSetting),
        ("mysql://me@db/wenyuan", InvalidSetting),
        ("nosuch+driver://db", InvalidSetting),
        ("postgresql+nosuch://db/wenyuan", InvalidSetting),
        ("sqlite:////nothing/here/catalogue.sqlite", DatabaseUnavailable),
        ("postgresql+psycopg://nobody:hunter2@127.0.0.1:9/wenyuan", DatabaseUnavailable),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_without_its_password(address: str, error: type[LibraryError]) -> None:
    if address.startswith("postgresql+psycopg"):
        pytest.importorskip("psycopg")

    with pytest.raises(error) as caught:
        open_catalogue(address)

    assert caught.value.data
    assert "hunter2" not in str(caught.value)


def test_an_address_that_is_wrong_is_not_repeated_with_its_password() -> None:
    with pytest.raises(InvalidSetting) as caught:
        open_catalogue("mysql://me:hunter2@db/wenyuan")

    assert "hunter2" not in str(caught.value)
    assert "mysql" in caught.value.data["value"]


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database at all" * 100)

    with pytest.raises(DatabaseUnavailable) as caught:
        open_catalogue(f"sqlite:///{tmp_path / 'c.sqlite'}")

    assert caught.value.data["reason"]
