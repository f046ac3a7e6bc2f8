"""Where a reader is in a book, on several devices."""

from __future__ import annotations

from typing import Any

import pytest
from integration.annotation_fixtures import CONTAINER, Reader, Room, place, room

from wenyuan.reader.views import positions as views
from wenyuan.repo import holdings

__all__ = ["room"]

PHONE, DESK = "6f1c1a34-0b5e-4f8e-9d5b-111111111111", "6f1c1a34-0b5e-4f8e-9d5b-222222222222"


def put(reader: Reader, room: Room, page: int, **told: Any) -> dict[str, Any]:
    here = {
        "device": PHONE,
        "device_name": "手機",
        "page": page,
        "start": None,
        "progression": 0.25 * (page - 1),
        "age_s": 0,
    }
    answer = reader.send("PUT", f"/api/positions/{room.book.id}", {**here, **told}, Content_Type="application/json")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def get(reader: Reader, room: Room, device: str = PHONE) -> dict[str, Any]:
    return dict(reader.get(f"/api/positions/{room.book.id}?device={device}").json)


def test_nothing_is_known_before_anything_was_read(room: Room) -> None:
    assert get(room.reader(), room) == {"here": None, "offered": None}


def test_a_place_is_told_as_it_was_put(room: Room) -> None:
    told = put(room.reader(), room, 2, start=3)["here"]
    assert told.pop("time").endswith("Z")
    assert told == {
        "page": 2, "position": 2, "start": 3, "progression": 0.25, "device": PHONE, "device_name": "手機",
        "label": "卷一 葉2",
    }  # fmt: skip


def test_the_later_wins_and_the_farther_is_offered(room: Room) -> None:
    reader = room.reader()
    put(reader, room, 4, device=DESK, device_name="書桌", age_s=3600)
    told = put(reader, room, 2)
    assert (told["here"]["device"], told["offered"]["device"]) == (PHONE, DESK)
    assert get(reader, room, DESK) == told


def test_ones_own_place_is_offered_where_the_later_is_elsewhere(room: Room) -> None:
    reader = room.reader()
    put(reader, room, 2, age_s=60)
    put(reader, room, 3, device=DESK)
    told = get(reader, room, PHONE)
    assert (told["here"]["page"], told["offered"]["page"]) == (3, 2)
    assert get(reader, room, DESK)["offered"] is None


def test_what_was_read_earlier_and_comes_later_does_not_win(room: Room) -> None:
    """The phone was offline; its clock does not matter."""
    reader = room.reader()
    put(reader, room, 2, device=DESK, age_s=10)
    assert put(reader, room, 3, age_s=600)["here"]["device"] == DESK
    assert put(reader, room, 1, age_s=3600)["offered"]["page"] == 3, "nor does it take the place of a later one"


def test_only_so_many_devices(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_DEVICES", 2)
    reader = room.reader()
    for number, age in (("1", 300), ("2", 200), ("3", 100)):
        put(reader, room, 1 + int(number), device=f"d-{number}", age_s=age)
    told = reader.container("?motivation=urn:wenyuan:reading")
    assert sorted(one["generator"]["id"] for one in told["first"]["items"]) == [
        "urn:wenyuan:device:d-2", "urn:wenyuan:device:d-3",
    ]  # fmt: skip


def test_it_is_an_annotation_that_stands_apart_from_notes(room: Room) -> None:
    reader = room.reader()
    put(reader, room, 2)
    assert reader.container()["total"] == 0
    (told,) = reader.items("?motivation=urn:wenyuan:reading")
    assert told["generator"] == {"id": f"urn:uuid:{PHONE}", "type": "Software", "name": "手機"}
    assert (told["urn:wenyuan:progression"], told["target"]["source"]) == (0.25, place(room.book))
    assert told["id"].startswith(CONTAINER)


def test_names_are_cleaned(room: Room) -> None:
    told = put(room.reader(), room, 2, device_name="我的\u202e\n\x07 手機" + "長" * 100)["here"]
    assert told["device_name"] == ("我的 手機" + "長" * 100)[:60]


@pytest.mark.parametrize(
    "told",
    [
        {"device": ""}, {"device": "a b"}, {"device": None}, {"device": "x" * 65}, {"device_name": 3},
        {"page": "2"}, {"page": -1}, {"page": True}, {"start": -1}, {"start": 1.5},
        {"progression": 1.01}, {"progression": -0.1}, {"progression": None}, {"progression": "1"},
        {"age_s": -1}, {"age_s": 1e9}, {"age_s": "1"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_named(room: Room, told: dict[str, Any]) -> None:
    here = {"device": PHONE, "device_name": "", "page": 2, "progression": 0.1, **told}
    answer = room.reader().send("PUT", f"/api/positions/{room.book.id}", here, Content_Type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "annotation-unclear")


def test_what_is_not_there_or_not_for_this_person(room: Room) -> None:
    reader = room.reader()
    here = {"device": PHONE, "page": 99, "progression": 0.1}
    path = f"/api/positions/{room.book.id}"
    assert reader.send("PUT", path, here, Content_Type="application/json").status_code == 404
    assert room.nobody.send("PUT", path, here, Content_Type="application/json").status_code == 401
    assert room.nobody.get(path).status_code == 401
    holdings.withdraw(room.library, room.book.id, "館員", "權利")
    assert reader.get(path).status_code == 404


def test_another_reader_is_elsewhere(room: Room) -> None:
    put(room.reader("甲"), room, 4)
    assert get(room.reader("乙"), room) == {"here": None, "offered": None}
