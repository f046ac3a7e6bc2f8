"""Real servers as fixtures, one of each for a test process: `pytest_plugins = ["servers.plugin"]` in tests/conftest.py.

`pythonpath = ["tests"]` makes `servers` importable. Each worker of pytest-xdist starts its own, and only those it uses.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers import juicefs as juicefs_server
from servers import postgres as postgres_server
from servers import seaweedfs as seaweedfs_server
from servers.postgres import PostgresServer
from servers.processes import S3Server


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[S3Server]:
    """A SeaweedFS whose bucket does not exist yet."""
    with seaweedfs_server.start() as server:
        yield server


@pytest.fixture(scope="session")
def juicefs() -> Iterator[S3Server]:
    """A JuiceFS gateway: MinIO's own S3 front end."""
    with juicefs_server.start() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL; `servers.postgres.create_database` makes a fresh database in it."""
    with postgres_server.start() as server:
        yield server
