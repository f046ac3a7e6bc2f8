"""The covers on the front door: one question for all collections, on either database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, small
from sqlalchemy import event, insert

from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.catalogue.schema import ItemRow
from wenyuan.repo.items import Collection, ItemState
from wenyuan.repo.library import Library

__all__ = ["client", "small"]

OPEN = frozenset({"open"})
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def row(number: int, collection: str | None, **changes: Any) -> dict[str, Any]:
    made = BEGIN + timedelta(days=number)
    return {
        "id": f"item{number:09d}", "collection": collection, "work": None, "state": ItemState.PUBLISHED.value,
        "access": "open", "kind": "book", "page_kind": "image", "title": f"{number}", "first_year": None,
        "last_year": None, "description": {"title": f"{number}"}, "version": 1, "manifest": "0" * 64,
        "structure": "0" * 64, "page_count": 1, "cover_page": 1, "size_bytes": 1, "created": made, "modified": made,
        **changes,
    }  # fmt: skip


def test_the_newest_of_each_collection_and_of_all_below_it(library: Library) -> None:
    with library.catalogue.writing() as session:
        for key, parent in (("a", None), ("a-below", "a"), ("ab", None), ("empty", None), ("other", None)):
            collections.write(session, Collection(key, {"en": key}, parent=parent), "0" * 64, 1)
        rows = [row(number, ("a", "a-below", "ab")[number % 3]) for number in range(9)]
        rows += [row(20, "a", access="staff"), row(21, "a", state="withdrawn"), row(22, None), row(23, "other")]
        session.execute(insert(ItemRow), rows)
    with library.catalogue.reading() as session:
        found = items.newest_of_each(session, OPEN, ["a", "a-below", "ab", "empty"], limit=3)
        titles = {key: [item.description.title for item in shelf] for key, shelf in found.items()}
        assert titles == {"a": ["7", "6", "4"], "a-below": ["7", "4", "1"], "ab": ["8", "5", "2"]}
        assert items.newest_of_each(session, OPEN, []) == {}


def test_the_front_door_asks_no_more_with_more_collections(
    client: FlaskClient, small: SmallLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    event.listen(small.library.catalogue.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def questions() -> int:
        asked.clear()
        assert client.get("/").status_code == 200
        return len(asked)

    few = questions()
    node = collections.Node(Collection("local", {"en": "Local"}), 5, ())
    monkeypatch.setattr(collections, "tree", lambda *_: asked.append("tree") or [node] * 24)
    assert questions() <= few
