"""The list of changes: complete, in order, of what anybody may know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import made_items
import pytest
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, small, staff

from wenyuan.reader.iiif import discovery
from wenyuan.repo import holdings, texts
from wenyuan.repo.catalogue import events
from wenyuan.repo.description import Access, Description
from wenyuan.repo.items import Event
from wenyuan.repo.layers import Line, Origin, Region, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.texts import NewLayer

__all__ = ["client", "small", "staff"]

ENTRY = "/iiif/discovery/1/activities"


def listed(client: FlaskClient) -> list[dict[str, Any]]:
    """All activities, walked as the specification says: from the last page back."""
    entry = client.get(ENTRY).get_json(force=True)
    activities: list[dict[str, Any]] = []
    following = entry["last"]["id"]
    while following:
        page = client.get(following.removeprefix("http://localhost")).get_json(force=True)
        assert page["id"] == following
        assert page["orderedItems"]
        activities = page["orderedItems"] + activities
        assert page["startIndex"] == entry["totalItems"] - len(activities)
        following = page.get("prev", {}).get("id")
    assert len(activities) == entry["totalItems"]
    assert [each["endTime"] for each in activities] == sorted(each["endTime"] for each in activities)
    return activities


def of_item(activities: list[dict[str, Any]], item_id: str) -> list[str]:
    return [each["type"] for each in activities if f"/{item_id}/manifest" in each["object"]["id"]]


def test_what_anybody_may_know_is_listed_once_with_its_manifest(small: SmallLibrary, client: FlaskClient) -> None:
    activities = listed(client)
    created = {each["object"]["id"].split("/")[-2] for each in activities if each["type"] == "Create"}
    assert created == {small.scan.id, small.pdf.id, small.closed.id}, "no hidden item, and no e-book, which has none"
    for each in activities:
        assert each["object"]["type"] == "Manifest"
        assert each["endTime"].endswith("Z")
        assert client.get(each["object"]["id"].removeprefix("http://localhost")).status_code == 200


def test_staff_are_told_no_more_than_anybody(client: FlaskClient, staff: FlaskClient) -> None:
    assert staff.get(f"{ENTRY}/page/0").data == client.get(f"{ENTRY}/page/0").data
    assert client.get(f"{ENTRY}/page/0").headers["Cache-Control"] == "public, max-age=60"


def test_an_item_lives_through_create_update_delete_and_create(small: SmallLibrary, client: FlaskClient) -> None:
    book = small.pdf
    before = listed(client)
    holdings.describe(small.library, book.id, book.description.model_copy(update={"holder": "新"}), "t")
    holdings.withdraw(small.library, book.id, "t", "a test")
    try:
        assert of_item(listed(client), book.id) == ["Create", "Update", "Delete"]
        holdings.describe(small.library, book.id, book.description, "t")
        holdings.withdraw(small.library, book.id, "t", "again")
        assert of_item(listed(client), book.id)[-1] == "Delete", "what happens in the dark is not told"
        assert of_item(listed(client), book.id).count("Delete") == 1
    finally:
        holdings.restore(small.library, book.id, "t")
    holdings.describe(small.library, book.id, book.description, "t")
    assert of_item(listed(client), book.id) == ["Create", "Update", "Delete", "Create", "Update"]
    assert listed(client)[: len(before)] == before, "what was told stays where it was"


def test_pages_keep_their_numbers_while_new_activities_come(
    small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PAGE", 2)
    first = client.get(f"{ENTRY}/page/0").get_json(force=True)
    holdings.order_pages(small.library, small.scan.id, [1, 2, 3], "t")
    assert client.get(f"{ENTRY}/page/0").get_json(force=True) == first
    assert first["next"]["id"].endswith("/page/1")
    assert "prev" not in first
    assert of_item(listed(client), small.scan.id)[-1] == "Update"


def test_a_new_text_is_an_update_of_the_manifest_that_names_it(small: SmallLibrary, client: FlaskClient) -> None:
    layer = TextLayer(600, 400, (Region((Line("天地玄黃"),)),))
    for origin in (Origin.OCR, Origin.CORRECTED, Origin.IMPORTED):
        before = listed(client)
        texts.add_layers(small.library, small.scan.id, [NewLayer(1, layer, origin, "t")], "t")
        after = listed(client)
        assert after[:-1] == before
        assert of_item(after[-1:], small.scan.id) == ["Update"]


def test_a_page_that_is_not_there_yet_is_not_found(client: FlaskClient) -> None:
    assert client.get(f"{ENTRY}/page/999").status_code == 404


def test_an_item_that_is_closed_to_all_but_staff_is_no_longer_told(small: SmallLibrary, client: FlaskClient) -> None:
    open_to_all = small.scan.description
    holdings.describe(small.library, small.scan.id, open_to_all.model_copy(update={"access": Access.STAFF}), "t")
    try:
        assert of_item(listed(client), small.scan.id) == []
    finally:
        holdings.describe(small.library, small.scan.id, open_to_all, "t")
    assert of_item(listed(client), small.scan.id)


def test_both_databases_tell_the_same_changes(library: Library) -> None:
    ids = made_items.make_library(library)
    holdings.describe(library, ids["photograph"], Description(title="老照片"), "t")
    holdings.restore(library, ids["photograph"], "t")
    with library.catalogue.reading() as session:
        told = events.changes(session, frozenset({"open"}), 0, 100)
        assert events.change_count(session, frozenset({"open"})) == len(told) == 6
        assert events.changes(session, frozenset({"open"}), 4, 100) == told[4:]
        assert events.changes(session, frozenset({"signed-in"}), 0, 100) == [], "an e-book has no manifest"
    assert [change.kind for change in told if change.item == ids["photograph"]] == ["Create", "Delete", "Create"]
    assert [change.kind for change in told if change.item == ids["book"]] == ["Create", "Update", "Update"]


def happens(library: Library, item: str, *types: str) -> None:
    """Let events happen to an item, each in a transaction of its own."""
    for each in types:
        with library.catalogue.writing() as session:
            events.add(session, Event(datetime.now(UTC), each, "t", "success", item, {}))


def test_what_is_told_is_known_when_it_happens(library: Library) -> None:
    item = made_items.make_library(library)["book"]
    with library.catalogue.reading() as session:
        before = events.change_count(session, frozenset({"open"}))
    happens(library, item, "fixity check", "restoration", "withdrawal", "withdrawal", "text correction", "fixity check")
    happens(library, item, "restoration", "restoration", "withdrawal")
    with library.catalogue.reading() as session:
        told = events.changes(session, frozenset({"open"}), before, 100)
    assert [change.kind for change in told] == ["Update", "Delete", "Create", "Update", "Delete"]


def test_events_of_one_transaction_follow_each_other(library: Library) -> None:
    """As a rebuild writes them."""
    item = made_items.make_library(library)["book"]
    with library.catalogue.writing() as session:
        before = events.change_count(session, frozenset({"open"}))
        for each in ("withdrawal", "text correction", "restoration"):
            events.add(session, Event(datetime.now(UTC), each, "t", "success", item, {}))
    with library.catalogue.reading() as session:
        told = events.changes(session, frozenset({"open"}), before, 100)
    assert [change.kind for change in told] == ["Delete", "Create"]


def steps(library: Library, *, offset: int) -> int:
    """What SQLite does for a page of ten: instructions of its machine, in tens."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    with library.catalogue.reading() as session:
        connection = session.connection().connection.driver_connection
        assert connection is not None
        connection.set_progress_handler(step, 10)
        assert len(events.changes(session, frozenset({"open"}), offset, 10)) == 10
        connection.set_progress_handler(None, 0)
    return count


def test_a_page_costs_no_more_for_what_comes_after_it(embedded_library: Library) -> None:
    item = made_items.make_library(embedded_library)["book"]
    happens(embedded_library, item, *["text correction"] * 20)
    before = steps(embedded_library, offset=0)
    with embedded_library.catalogue.writing() as session:
        for _ in range(2_000):
            events.add(session, Event(datetime.now(UTC), "text correction", "t", "success", item, {}))
    assert steps(embedded_library, offset=0) <= before * 1.5
    # Fifteen instructions for each that stands before it; to number all of them took some hundred.
    assert steps(embedded_library, offset=2_000) <= before + 2_000 * 15 / 10
