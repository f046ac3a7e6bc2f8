"""A list on disk of which keys are named by which items: ten million keys need no memory and no table."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE named (key TEXT, item TEXT, PRIMARY KEY (key, item)) WITHOUT ROWID;
CREATE TABLE last (key TEXT PRIMARY KEY, checked TEXT, outcome TEXT) WITHOUT ROWID;
"""
_FETCHED_AT_ONCE = 500


class Ledger:
    """What is named, by whom, and when it was last checked."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_TABLES)

    def name(self, keys: Iterable[tuple[str, str]]) -> None:
        """Note pairs of (key, item); the item is empty for what belongs to a collection. Again is harmless."""
        self._database.executemany("INSERT OR IGNORE INTO named VALUES (?, ?)", keys)

    def remember(self, checks: Iterable[tuple[str, datetime, str]]) -> None:
        """Note earlier checks: (key, time in UTC, outcome)."""
        rows = ((key, checked.isoformat(), outcome) for key, checked, outcome in checks)
        self._database.executemany("INSERT OR REPLACE INTO last VALUES (?, ?, ?)", rows)

    def count(self) -> int:
        """How many keys are named."""
        found: int = self._database.execute("SELECT count(DISTINCT key) FROM named").fetchone()[0]
        return found

    def due(self, limit: int | None) -> Iterator[str]:
        """Named keys, never checked ones first, then the oldest checked; at most `limit`."""
        cursor = self._database.execute(
            "SELECT n.key FROM (SELECT DISTINCT key FROM named) n LEFT JOIN last l ON l.key = n.key "
            "ORDER BY l.checked NULLS FIRST, n.key LIMIT ?",
            (-1 if limit is None else limit,),
        )
        while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
            yield from (row[0] for row in rows)

    def known_bad(self) -> dict[str, str]:
        """Outcome by key of named keys that were not well when they were last checked."""
        rows = self._database.execute(
            "SELECT DISTINCT l.key, l.outcome FROM last l JOIN named n ON n.key = l.key WHERE l.outcome <> 'ok'"
        )
        return dict(rows.fetchall())

    def items_of(self, key: str) -> list[str]:
        """Items that name a key, in order; without the empty name."""
        rows = self._database.execute("SELECT item FROM named WHERE key = ? AND item <> '' ORDER BY item", (key,))
        return [row[0] for row in rows]

    def is_named(self, key: str) -> bool:
        """Whether anybody names a key."""
        return self._database.execute("SELECT 1 FROM named WHERE key = ? LIMIT 1", (key,)).fetchone() is not None


@contextmanager
def open_ledger(folder: Path) -> Iterator[Ledger]:
    """A new ledger that is gone when the context ends.

    Args:
        folder: where its file lies; made where it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ledger-", dir=folder) as place:
        database = sqlite3.connect(Path(place) / "ledger.sqlite", isolation_level=None)
        try:
            yield Ledger(database)
        finally:
            database.close()
