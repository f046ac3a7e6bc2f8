"""我的书房: what a reader is reading and has kept, and nothing of anybody else's."""

from __future__ import annotations

from integration.annotation_fixtures import Reader, Room, note, room, said

from wenyuan.repo import holdings

__all__ = ["room"]

DEVICE = "6f1c1a34-0b5e-4f8e-9d5b-111111111111"


def read(reader: Reader, room: Room, page: int) -> None:
    told = {"device": DEVICE, "device_name": "手機", "page": page, "start": None, "progression": 0.5, "age_s": 0}
    answer = reader.send("PUT", f"/api/positions/{room.book.id}", told, Content_Type="application/json")
    assert answer.status_code == 200, answer.text


def test_who_has_not_signed_in_is_told_what_signing_in_does(room: Room) -> None:
    page = room.nobody.get("/my").text
    assert "还没有登录" in page
    assert 'data-my="' in page


def test_an_empty_library_says_how_it_fills(room: Room) -> None:
    assert "书房还空着" in room.reader().get("/my").text


def test_reading_goes_on_at_the_place_that_was_kept(room: Room) -> None:
    reader = room.reader()
    read(reader, room, 2)
    page = reader.get("/my").text
    assert "继续阅读" in page
    assert "#here" in page
    assert "50%" in page
    assert "继续阅读 · " in reader.get(f"/items/{room.book.id}").text


def test_notes_are_shown_as_text_whatever_they_hold(room: Room) -> None:
    reader = room.reader()
    reader.keep(note(room.book, body=said("<script>alert(1)</script>待考")))
    page = reader.get("/my").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;待考" in page
    assert "<script>alert" not in page


def test_nobody_sees_what_another_keeps(room: Room) -> None:
    room.reader("甲").keep(note(room.book, body=said("甲之私記")))
    assert "甲之私記" in room.reader("甲").get("/my").text
    assert "甲之私記" not in room.reader("乙").get("/my").text


def test_a_filter_shows_its_own_kind_alone(room: Room) -> None:
    reader = room.reader()
    reader.keep(note(room.book, body=said("有話可說")))
    reader.keep(note(room.book, motivation="bookmarking", body=[]))
    assert "有話可說" in reader.get("/my?show=notes").text
    assert "有話可說" not in reader.get("/my?show=bookmarks").text
    assert "有話可說" in reader.get("/my?show=nonsense").text


def test_items_that_were_withdrawn_are_not_spoken_of(room: Room) -> None:
    reader = room.reader()
    reader.keep(note(room.book, body=said("書已下架")))
    read(reader, room, 2)
    holdings.withdraw(room.library, room.book.id, "test", "權利未明")
    page = reader.get("/my").text
    assert "書已下架" not in page
    assert room.book.id not in page


def test_of_one_item_all_is_shown(room: Room) -> None:
    reader = room.reader()
    for number in range(15):
        reader.keep(
            note(room.book, body=said(f"第{number}條"), canonical=f"urn:uuid:{number:08}-0000-4000-8000-000000000000")
        )
    few, every = reader.get("/my").text, reader.get(f"/my?item={room.book.id}").text
    assert few.count('class="keep-row"') == 12
    assert every.count('class="keep-row"') == 15
