"""From files handed in to items that readers find: the main job, on both pairs of back ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import given
import pytest
from handing_in import hand_in, outcome_of, shown

from wenyuan.repo import find, holdings, indexing, pictures
from wenyuan.repo.catalogue import collections, events, items
from wenyuan.repo.description import Access
from wenyuan.repo.items import ItemState, PageKind
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.policy import ANONYMOUS, Person, Role

STAFF = Person("staff", Role.STAFF)


def test_a_folder_of_scans_becomes_one_item_with_pages_in_natural_order(library: Library, tmp_path: Path) -> None:
    receipt = hand_in(library, given.scans(tmp_path / "春曉集", 11))

    (item,) = shown(library)
    with library.catalogue.reading() as session:
        pages = items.pages(session, item.id)
        files = items.files(session, item.id)
        assert items.sections(session, item.id)[0].title == "卷一"
    assert item.description.title == "春曉集"
    assert item.page_count == 11
    assert [file.path for file in files[:11]] == [f"{number}.png" for number in range(1, 12)]
    assert [page.position for page in pages] == list(range(1, 12))
    assert all(page.kind is PageKind.IMAGE and page.origin is Origin.IMPORTED for page in pages)
    assert receipt["given"] == 23
    assert receipt["outcomes"] == {"metadata": 1, "stored": 22}
    assert receipt["pages"] == 11


def test_every_kind_of_input_is_taken_found_and_shown(library: Library, tmp_path: Path) -> None:
    given.scans(tmp_path / "in" / "scans", 2)
    given.pdf(tmp_path / "in" / "report.pdf", ["深圳河畔的老街", "南头古城"], title="老街调查")
    given.epub(tmp_path / "in" / "book.epub", {"桃花源": "晉太元中，武陵人捕魚為業。", "後記": "遂與外人間隔。"})
    given.cbz(tmp_path / "in" / "comic.cbz", 3)
    given.scanned_pdf(tmp_path / "in" / "old.pdf", 2)
    (tmp_path / "in" / "notes.txt").write_bytes("深圳圖書館地方文獻閱覽室說明。\n歡迎讀者。".encode("big5"))

    receipt = hand_in(library, tmp_path / "in")

    assert "refused" not in receipt["outcomes"]
    assert {item.description.title for item in shown(library)} == {
        "春曉集",
        "老街调查",
        "桃花源記",
        "comic",
        "old",
        "notes",
    }
    for query, title in (("處處聞啼鳥", "春曉集"), ("老街", "老街调查"), ("武陵人", "桃花源記"), ("圖書館", "notes")):
        found = find.find(library, query, person=ANONYMOUS)
        assert [one.item.description.title for one in found.items] == [title], query
        assert any(fragment.is_hit for fragment in found.items[0].pages[0].snippet)
    waiting = {item["title"]: item["no_text_yet"] for item in receipt["items"]}
    assert waiting == {"scans": 0, "report": 0, "book": 0, "comic": 3, "old": 2, "notes": 0}
    for item in shown(library):
        with library.catalogue.reading() as session:
            for page in items.pages(session, item.id):
                if page.kind is not PageKind.CHAPTER:
                    assert pictures.of_page(library, page, "reading").data


def test_a_hit_on_a_scan_has_a_box_on_the_right_characters(library: Library, tmp_path: Path) -> None:
    hand_in(library, given.scans(tmp_path / "book", 1))
    (item,) = shown(library)
    with library.catalogue.reading() as session:
        page = items.page_at(session, item.id, 1)

    (hit,) = find.hits_on_page(library, page, "啼鳥夜来")

    assert [(box.x, box.y, box.width, box.height) for box in hit.boxes] == [(540, 310, 30, 90), (500, 40, 30, 60)]


def test_a_broken_page_is_set_aside_with_its_reason_and_the_others_are_shown(library: Library, tmp_path: Path) -> None:
    folder = given.scans(tmp_path / "book", 4)
    whole = (folder / "3.png").read_bytes()
    (folder / "3.png").write_bytes(whole[: len(whole) // 2])

    receipt = hand_in(library, folder)

    (item,) = shown(library)
    assert item.page_count == 3
    assert outcome_of(receipt, "3.png") == ("refused", "damaged-source")
    assert outcome_of(receipt, "3.xml") == ("refused", "damaged-source")
    with library.catalogue.reading() as session:
        (event,) = events.of_item(session, item.id)
    assert event.outcome == "warning"


def test_the_same_files_are_told_and_not_stored_twice(library: Library, tmp_path: Path) -> None:
    folder = given.scans(tmp_path / "book", 3)
    hand_in(library, folder)
    stored = sorted(stored.key for stored in library.store.list())

    receipt = hand_in(library, folder)

    assert receipt["outcomes"] == {"already-held": 6, "metadata": 1}
    assert len(shown(library)) == 1
    assert sorted(stored.key for stored in library.store.list()) == stored


def test_a_file_refused_before_is_not_called_held_when_the_folder_comes_again(library: Library, tmp_path: Path) -> None:
    folder = given.scans(tmp_path / "book", 3)
    whole = (folder / "2.png").read_bytes()
    (folder / "2.png").write_bytes(whole[: len(whole) // 2])
    hand_in(library, folder)
    (folder / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing more")
    given.alto(folder / "9.xml", ["春眠"])

    receipt = hand_in(library, folder)

    assert outcome_of(receipt, "1.png") == ("already-held", "")
    assert outcome_of(receipt, "2.png") == ("refused", "damaged-source")
    assert outcome_of(receipt, "9.png") == ("refused", "damaged-source")
    assert outcome_of(receipt, "9.xml") == ("refused", "damaged-source")
    assert len(shown(library)) == 1


def test_collections_come_from_the_folders(library: Library, tmp_path: Path) -> None:
    root = tmp_path / "地方文獻"
    given.write_json(
        root / "collection.json", {"key": "local", "title": {"zh-Hans": "地方文献", "en": "Local history"}}
    )
    given.write_json(root / "a" / "collection.json", {"key": "gazetteers", "title": {"zh-Hans": "方志"}})
    given.scans(root / "a" / "book", 1)
    given.pdf(root / "top.pdf", ["总目"])

    hand_in(library, root)

    with library.catalogue.reading() as session:
        (node,) = collections.tree(session, frozenset({"open"}))
    assert (node.collection.key, node.item_count) == ("local", 2)
    assert (node.children[0].collection.key, node.children[0].item_count) == ("gazetteers", 1)
    found = find.find(library, "啼鳥", person=ANONYMOUS, collection="local")
    assert found.total == 1


def test_what_is_for_staff_only_is_found_by_staff_alone(library: Library, tmp_path: Path) -> None:
    given.pdf(tmp_path / "secret.pdf", ["未公开的老街档案"])
    given.write_json(tmp_path / "secret.json", {"title": "内部档案", "access": "staff"})

    hand_in(library, tmp_path / "secret.pdf")

    assert find.find(library, "老街", person=ANONYMOUS).total == 0
    assert find.find(library, "内部档案", person=ANONYMOUS).total == 0
    assert find.find(library, "老街", person=STAFF).total == 1


def test_a_change_is_a_new_version_and_reaches_the_index(library: Library, tmp_path: Path) -> None:
    hand_in(library, given.scans(tmp_path / "book", 2))
    (before,) = shown(library)

    changed = before.description.model_copy(update={"title": "孟襄陽集"})
    after = holdings.describe(library, before.id, changed, "librarian")
    indexing.drain(library)

    assert (after.version, after.structure) == (2, before.structure)
    assert find.find(library, "孟襄阳", person=ANONYMOUS).total == 1
    holdings.withdraw(library, before.id, "librarian", "rights")
    indexing.drain(library)
    assert find.find(library, "啼鳥", person=ANONYMOUS).total == 0
    with library.catalogue.reading() as session:
        assert items.get(session, before.id).state is ItemState.WITHDRAWN
        assert [event.type for event in events.of_item(session, before.id)] == [
            "ingestion",
            "metadata modification",
            "withdrawal",
        ]


def test_pages_can_be_put_in_another_order_and_keep_their_keys_and_texts(library: Library, tmp_path: Path) -> None:
    hand_in(library, given.scans(tmp_path / "book", 3))
    (item,) = shown(library)

    holdings.order_pages(library, item.id, [3, 1, 2], "librarian")
    indexing.drain(library)

    with library.catalogue.reading() as session:
        assert [page.key for page in items.pages(session, item.id)] == [3, 1, 2]
        assert "第3葉" in items.page_text(session, item.id, 3)
    found = find.find_in_item(library, item.id, "第3葉")
    assert found.positions == (1,)
    assert found.pages[0].page.key == 3


def test_closed_access_set_later_hides_the_text_at_once(library: Library, tmp_path: Path) -> None:
    hand_in(library, given.scans(tmp_path / "book", 1))
    (item,) = shown(library)

    holdings.describe(library, item.id, item.description.model_copy(update={"access": Access.STAFF}), "librarian")

    # The index does not know yet; no text of it may come out all the same.
    assert find.find(library, "啼鳥", person=ANONYMOUS).items == ()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.pdf", b"", "empty-source"),
        ("noise.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 20, "damaged-source"),
        ("table.xlsx", b"PK\x03\x04 not really a zip", "unsupported-format"),
        ("picture.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00 cut", "damaged-source"),
        ("program.exe", b"MZ\x90\x00" + bytes(500), "unsupported-format"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason_and_nothing_is_shown(
    embedded_library: Library, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    given.pdf(tmp_path / "in" / "good.pdf", ["好文件"])

    receipt = hand_in(embedded_library, tmp_path / "in")

    assert outcome_of(receipt, name) == ("refused", code)
    assert [item.description.title for item in shown(embedded_library)] == ["good"]
    assert receipt["given"] == 2


def test_a_pdf_with_a_password_and_an_empty_folder_are_refused(embedded_library: Library, tmp_path: Path) -> None:
    (tmp_path / "in" / "empty").mkdir(parents=True)
    given.pdf(tmp_path / "in" / "locked.pdf", ["秘密"], password="secret")

    receipt = hand_in(embedded_library, tmp_path / "in")

    assert outcome_of(receipt, "locked.pdf") == ("refused", "encrypted-source")
    assert outcome_of(receipt, "in/empty") == ("refused", "empty-source")
    assert shown(embedded_library) == []


def test_metadata_that_cannot_be_used_refuses_what_it_describes(embedded_library: Library, tmp_path: Path) -> None:
    given.pdf(tmp_path / "in" / "a.pdf", ["甲"])
    (tmp_path / "in" / "a.json").write_text('{"title": "甲", "kind": "cookbook"}')
    given.pdf(tmp_path / "in" / "b.pdf", ["乙"])

    receipt = hand_in(embedded_library, tmp_path / "in")

    assert outcome_of(receipt, "a.json") == ("refused", "invalid-metadata")
    assert outcome_of(receipt, "a.pdf") == ("refused", "invalid-metadata")
    assert [item.description.title for item in shown(embedded_library)] == ["b"]


def test_what_changes_while_a_book_is_read_through_is_not_remembered(
    embedded_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(embedded_library, given.scans(tmp_path / "book", 2))
    (item,) = shown(embedded_library)
    read_through = find._read_through

    def and_meanwhile(*asked: Any) -> set[int]:
        keys = read_through(*asked)
        holdings.order_pages(embedded_library, item.id, [2, 1], "librarian")
        return keys

    monkeypatch.setattr(find, "_read_through", and_meanwhile)
    find.find_in_item(embedded_library, item.id, "第1葉")
    monkeypatch.undo()
    holdings.order_pages(embedded_library, item.id, [1, 2], "librarian")

    assert find.find_in_item(embedded_library, item.id, "第1葉").positions == (1,)


def test_an_item_without_text_is_searched_and_holds_nothing(embedded_library: Library, tmp_path: Path) -> None:
    hand_in(embedded_library, given.scans(tmp_path / "book", 2, texts=False))
    found = find.find_in_item(embedded_library, shown(embedded_library)[0].id, "春")
    assert (found.positions, found.pages) == ((), ())
