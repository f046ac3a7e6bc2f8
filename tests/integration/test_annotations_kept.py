"""What is kept: what may be said, who sees it, what becomes of it when text or item change; files to take home."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import given
import made_items
import pytest
from handing_in import hand_in, shown
from integration.annotation_fixtures import BASE, CONTAINER, Reader, Room, note, path_of, place, room, said
from sqlalchemy import delete

from wenyuan.reader.app import create_app
from wenyuan.reader.iiif import addresses
from wenyuan.repo import annotating, corrections, holdings, rebuild, texts
from wenyuan.repo.annotations.model import Anchor, Draft
from wenyuan.repo.annotations.sites import Site
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import users
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.catalogue.schema import ItemRow
from wenyuan.repo.description import Access
from wenyuan.repo.errors import TooManyAnnotations
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.texts import NewLayer

__all__ = ["room"]


def correct(room: Room, page: int, line: int, words: str) -> None:
    """As staff does in the editor."""
    held = corrections.open_text(room.library, room.book.id, page)
    assert corrections.save(room.library, room.book.id, page, {line: words}, "館員", expected=held.digest)


def give(room: Room, page: int, text: str, origin: Origin = Origin.CORRECTED) -> None:
    """A page gets another text."""
    texts.add_layers(
        room.library, room.book.id, [NewLayer(page, made_items.chapter_layer(*text.split("\n")), origin, "x")], "館員"
    )


def selector(annotation: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in annotation["target"].get("selector", []) if one["type"] == kind)


def shut(room: Room, access: Access) -> None:
    closed = room.book.description.model_copy(update={"access": access})
    holdings.describe(room.library, room.book.id, closed, "館員")


class TestTargets:
    def keep(self, room: Room, target: Any) -> dict[str, Any]:
        return room.reader().keep({"type": "Annotation", "target": target})

    def test_a_page_as_an_address_is_a_bookmark(self, room: Room) -> None:
        kept = self.keep(room, place(room.book))
        assert kept["motivation"] == "bookmarking"
        assert kept["target"] == {
            "type": "SpecificResource", "source": place(room.book), "scope": f"{BASE}/items/{room.book.id}",
        }  # fmt: skip

    def test_a_box_in_a_fragment(self, room: Room) -> None:
        kept = self.keep(room, f"{place(room.book)}#xywh=1,2,30,40")
        assert selector(kept, "FragmentSelector")["value"] == "xywh=1,2,30,40"

    def test_a_canvas_as_mirador_sends_it_is_told_as_a_canvas(self, room: Room) -> None:
        canvas = addresses.canvas(BASE, room.book.id, 2)
        told = {
            "source": {"id": canvas, "type": "Canvas", "partOf": {"id": addresses.manifest(BASE, room.book.id)}},
            "selector": [
                {"type": "FragmentSelector", "value": "xywh=10.4,11.6,20,5"},
                {"type": "SvgSelector", "value": "<svg></svg>"},
            ],
        }
        kept = room.reader().keep(
            {"type": "Annotation", "motivation": "commenting", "target": told,
             "body": {"type": "TextualBody", "format": "text/html",
                      "value": "<p>注<b>意</b>&amp;</p><script>x()</script>"}}
        )  # fmt: skip
        assert kept["target"]["source"] == canvas == Site(BASE).canvas(room.book.id, 2)
        assert kept["target"]["selector"] == [
            {"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/", "value": "xywh=10,12,20,5"}
        ]
        assert kept["body"] == said("注意&")

    def test_a_quote_alone_gets_its_place(self, room: Room) -> None:
        kept = self.keep(
            room, {"source": place(room.book), "selector": {"type": "TextQuoteSelector", "exact": "廣州府"}}
        )
        assert kept["urn:wenyuan:anchored"] == "here"
        assert selector(kept, "TextPositionSelector") == {"type": "TextPositionSelector", "start": 2, "end": 5}
        assert selector(kept, "TextQuoteSelector")["suffix"] == "東南"

    def test_a_place_alone_gets_its_words(self, room: Room) -> None:
        kept = self.keep(
            room, {"source": place(room.book), "selector": {"type": "TextPositionSelector", "start": 2, "end": 5}}
        )
        assert selector(kept, "TextQuoteSelector")["exact"] == "廣州府"

    def test_a_quote_that_is_on_another_page_goes_there(self, room: Room) -> None:
        give(room, 4, "此葉記載甚詳學宮在縣城之東南隅")
        told = {"type": "TextQuoteSelector", "exact": "此葉記載甚詳學宮在縣城之東南隅"}
        kept = self.keep(room, {"source": place(room.book, 1), "selector": told})
        assert kept["target"]["source"] == place(room.book, 4)

    @pytest.mark.parametrize(
        ("change", "piece"),
        [
            ({"target": None}, "target"),
            ({"target": [1, 2]}, "target"),
            ({"target": "https://elsewhere.example/page"}, "target.source"),
            ({"target": {"selector": []}}, "target.source"),
            ({"type": "Note"}, "type"),
            ({"@context": "https://schema.org"}, "@context"),
            ({"motivation": "shouting"}, "motivation"),
            ({"motivation": "urn:wenyuan:reading"}, "motivation"),
            ({"body": {"type": "Image", "id": "https://elsewhere.example/a.png"}}, "body"),
            ({"body": {"type": "TextualBody", "value": "nul\0"}}, "body.value"),
            ({"body": {"type": "TextualBody", "value": "\ud800"}}, "body.value"),
            ({"canonical": "no iri"}, "canonical"),
            ({"canonical": "urn:wenyuan:position:x:y"}, "canonical"),
            ({"audience": "https://elsewhere.example/groups/1"}, "audience"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, room: Room, change: dict[str, Any], piece: str) -> None:
        answer = room.reader().post(note(room.book, **change))
        assert (answer.status_code, answer.json["code"]) == (400, "annotation-unclear")
        assert piece in answer.json["title"]

    @pytest.mark.parametrize(
        ("told", "piece"),
        [
            ({"type": "CssSelector", "value": "p"}, "target.selector.type"),
            ({"type": "TextQuoteSelector", "exact": "a", "refinedBy": {}}, "target.selector.type"),
            ({"type": "TextPositionSelector", "start": 3, "end": 2}, "target.selector.end"),
            ({"type": "TextPositionSelector", "start": -1, "end": 2}, "target.selector.start"),
            ({"type": "TextPositionSelector", "start": True, "end": 2}, "target.selector.start"),
            ({"type": "FragmentSelector", "value": "xywh=percent:1,2,3,4"}, "target.selector.value"),
            ("p", "target.selector"),
        ],
    )
    def test_a_selector_that_cannot_be_followed_is_named(self, room: Room, told: Any, piece: str) -> None:
        answer = room.reader().post(note(room.book, target={"source": place(room.book), "selector": told}))
        assert (answer.status_code, answer.json["code"]) == (400, "annotation-unclear")
        assert piece in answer.json["title"]

    @pytest.mark.parametrize(
        "change",
        [
            {"body": said("長" * 10_001)},
            {"body": [{"type": "TextualBody", "purpose": "tagging", "value": "標" * 101}]},
            {"body": [{"type": "TextualBody", "purpose": "tagging", "value": f"標{number}"} for number in range(21)]},
            {"other": "長" * 8_001},
        ],
    )
    def test_too_long_is_told_with_the_limit(self, room: Room, change: dict[str, Any]) -> None:
        answer = room.reader().post(note(room.book, **change))
        assert (answer.status_code, answer.json["code"]) == (413, "annotation-too-long")

    def test_tags_stay_tags(self, room: Room) -> None:
        tags = [{"type": "TextualBody", "purpose": "tagging", "value": "地名", "format": "text/plain"}]
        assert room.reader().keep(note(room.book, body=said("注") + tags))["body"] == said("注") + tags

    def test_made_offline_it_tells_when(self, room: Room) -> None:
        kept = room.reader().keep(note(room.book, created="2026-01-02T03:04:05Z"))
        assert kept["created"] == "2026-01-02T03:04:05.000Z"
        later = room.reader().keep(note(room.book, created="2999-01-01T00:00:00Z"))
        assert not later["created"].startswith("2999")

    def test_there_is_an_end_to_it(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(annotating, "MOST_KEPT", 1)
        reader = room.reader()
        reader.keep(note(room.book))
        answer = reader.post(note(room.book))
        assert (answer.status_code, answer.json["code"]) == (429, TooManyAnnotations.code)


class TestPrivacy:
    def test_anothers_note_is_as_if_it_were_not_there(self, room: Room) -> None:
        kept = room.reader("甲").keep(note(room.book, body=said("私")))
        other = room.reader("乙")
        for answer in (
            other.get(path_of(kept)),
            other.send("PUT", path_of(kept), kept, If_Match='"1"'),
            other.send("DELETE", path_of(kept), If_Match='"1"'),
        ):
            assert (answer.status_code, answer.json["code"]) == (404, "no-such-annotation")
            assert "私" not in answer.text
        assert other.container()["total"] == 0
        assert other.container(f"?item={room.book.id}")["total"] == 0

    def test_what_one_may_not_read_one_cannot_write_upon(self, room: Room) -> None:
        shut(room, Access.STAFF)
        answer = room.reader().post(note(room.book))
        assert (answer.status_code, answer.json["code"]) == (404, "no-such-item")
        holdings.withdraw(room.library, room.ebook.id, "館員", "權利")
        assert room.reader().post(note(room.ebook, 1, target=place(room.ebook, 1))).status_code == 404
        assert room.reader().post(note("0000000000000")).status_code == 404

    def test_ones_own_quotes_stay_ones_own_when_the_item_is_closed(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book, body=said("注")))
        for close in (
            lambda: shut(room, Access.STAFF),
            lambda: holdings.withdraw(room.library, room.book.id, "館員", "權利"),
        ):
            close()
            assert reader.get(path_of(kept)).json == kept
            assert "廣州府" in reader.get("/my/annotations.md").text
            changed = reader.send("PUT", path_of(kept), {**kept, "body": said("再注")}, If_Match="*")
            assert changed.status_code == 200, "a note can be changed, though its place cannot"
            kept = changed.json

    def test_a_text_that_one_may_not_read_any_more_is_not_told_by_following_it(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        give(room, 2, "新添祕密邑在廣州府東南")
        shut(room, Access.STAFF)
        assert selector(reader.get(path_of(kept)).json, "TextQuoteSelector")["prefix"] == "邑在"

    def test_what_a_client_says_of_the_anchor_is_not_believed(self, room: Room) -> None:
        told = {"urn:wenyuan:anchored": "orphaned", "creator": {"name": "別人"}, "urn:wenyuan:progression": 0.5}
        kept = room.reader().keep(note(room.book, **told))
        assert kept["urn:wenyuan:anchored"] == "here"
        assert kept["creator"]["name"] == "甲"
        assert "urn:wenyuan:progression" not in kept

    def test_an_account_that_goes_takes_its_notes_along(self, room: Room) -> None:
        room.reader().keep(note(room.book))
        with room.library.catalogue.writing() as session:
            users.remove(session, "甲")
        with room.library.catalogue.reading() as session:
            assert notes.count(session, Chosen()) == 0

    def test_a_new_password_takes_nothing_along(self, room: Room) -> None:
        room.reader().keep(note(room.book))
        with room.library.catalogue.writing() as session:
            users.put(session, "甲", "另一個密碼", Role.PATRON)
        with room.library.catalogue.reading() as session:
            assert notes.count(session, Chosen(owner="甲")) == 1


class TestTheTextChanges:
    def anchored(self, reader: Reader, kept: dict[str, Any]) -> tuple[str, str]:
        told = reader.get(path_of(kept)).json
        return told["urn:wenyuan:anchored"], selector(told, "TextQuoteSelector")["exact"]

    def test_a_correction_beside_it_leaves_it(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        correct(room, 2, 0, "邑在廣州府西南")
        assert self.anchored(reader, kept) == ("here", "廣州府")
        assert selector(reader.get(path_of(kept)).json, "TextQuoteSelector")["suffix"] == "西南"

    def test_a_correction_before_it_moves_it(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        correct(room, 2, 0, "新安邑在廣州府東南")
        (listed,) = reader.items(f"?item={room.book.id}")
        assert listed["urn:wenyuan:anchored"] == "moved"
        assert selector(listed, "TextPositionSelector") == {"type": "TextPositionSelector", "start": 4, "end": 7}
        assert listed["id"] == kept["id"]
        assert reader.get(path_of(kept)).headers["ETag"] == f'"{listed["urn:wenyuan:version"]}"' == '"2"'

    def test_a_correction_inside_of_it_is_in_it_from_then_on(self, room: Room) -> None:
        reader = room.reader()
        give(room, 2, "邑存廣川府之東南境上")
        told = {"source": place(room.book), "selector": {"type": "TextPositionSelector", "start": 2, "end": 5}}
        kept = reader.keep(note(room.book, target=told))
        assert selector(kept, "TextQuoteSelector")["exact"] == "廣川府"
        correct(room, 2, 0, "邑存廣州府之東南境上")
        assert self.anchored(reader, kept) == ("moved", "廣州府")

    def test_what_is_taken_out_is_orphaned_and_comes_back_with_its_words(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book, body=said("府治")))
        give(room, 2, "全文改作另一回事與前無干")
        assert self.anchored(reader, kept) == ("orphaned", "廣州府")
        assert reader.get(path_of(kept)).json["body"] == said("府治")
        give(room, 2, "邑在廣州府東南")
        assert self.anchored(reader, kept) == ("here", "廣州府")

    def test_it_is_looked_for_once(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        correct(room, 2, 0, "新安邑在廣州府東南")
        etags = [reader.get(path_of(kept)).headers["ETag"] for _ in range(3)]
        assert etags == ['"2"'] * 3

    def test_who_changes_a_note_after_it_moved_gets_it_first(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        correct(room, 2, 0, "新安邑在廣州府東南")
        reader.items()
        assert reader.send("PUT", path_of(kept), kept, If_Match='"1"').status_code == 412

    def test_a_place_of_an_older_text_is_found_when_it_comes(self, room: Room) -> None:
        """Made offline, before the correction."""
        correct(room, 2, 0, "新安邑在廣州府東南")
        kept = room.reader().keep(note(room.book))
        assert kept["urn:wenyuan:anchored"] == "moved"
        assert selector(kept, "TextPositionSelector")["start"] == 4

    def test_pages_in_another_order_change_nothing(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        holdings.order_pages(room.library, room.book.id, [4, 3, 2, 1], "館員")
        assert reader.get(path_of(kept)).json == kept

    def test_a_box_stays_whatever_the_text_is(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep({"type": "Annotation", "target": f"{place(room.book)}#xywh=1,2,30,40"})
        give(room, 2, "另一回事")
        assert reader.get(path_of(kept)).json == kept

    def test_a_rebuild_leaves_notes(self, room: Room) -> None:
        reader = room.reader()
        kept = [
            reader.keep(note(room.book, body=said("注"))),
            reader.keep(note(room.ebook, 1, target=place(room.ebook, 1))),
        ]
        rebuild.rebuild_catalogue(room.library, replace=True)
        assert [reader.get(path_of(one)).json for one in kept] == kept


class TestTheItemComesAgain:
    def test_handed_in_anew_it_has_its_notes(self, embedded_library: Library, tmp_path: Path) -> None:
        """Its rows are gone from the catalogue, then the same files come again: the same item, the same pages."""
        told = given.pdf(tmp_path / "report.pdf", ["序言：城市與書", "第二章 街道與河流"], title="城市報告")
        hand_in(embedded_library, told)
        app = create_app(embedded_library)
        app.testing = True
        (item,) = shown(embedded_library)
        room = Room(embedded_library, app, item, item)
        quote = {"type": "TextQuoteSelector", "exact": "街道與河流"}
        kept = room.reader().keep(note(item, target={"source": place(item, 2), "selector": quote}, body=said("注")))
        assert kept["urn:wenyuan:anchored"] == "here"
        with embedded_library.catalogue.writing() as session:
            session.execute(delete(ItemRow))
        assert room.reader().get(path_of(kept)).json == kept, "it stays, though there is nothing to look in"
        hand_in(embedded_library, told)
        assert shown(embedded_library)[0].id == item.id
        assert room.reader().items(f"?item={item.id}")[0]["target"] == kept["target"]
        assert room.reader().get(path_of(kept)).headers["ETag"] == '"1"'

    def test_two_that_come_at_once_are_one(self, room: Room) -> None:
        """A phone that sends again before the first answer has come."""
        now = datetime.now(UTC)
        anchor = Anchor(2, 2, 5, "廣州府", "邑在", "東南")
        draft = Draft(room.book.id, anchor, "highlighting", canonical="urn:uuid:2b2c1e0e-5a57-4c7e-a6a5-6a9a1b7d2f10")
        room.reader()
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda _: annotating.keep(room.library, "甲", draft, now, now), range(4)))
        assert len({one.id for one, _ in made}) == 1
        assert [is_new for _, is_new in made].count(True) == 1


class TestExport:
    def kept(self, room: Room) -> Reader:
        reader = room.reader()
        reader.keep(note(room.book, body=said('=HYPERLINK("x")\n*一* <b>二</b>')))
        reader.keep(note(room.book, 3, target=place(room.book, 3)))
        reader.keep(note(room.ebook, 1, target=place(room.ebook, 1), body=said("電子書裡的")))
        return reader

    def test_markdown_goes_by_item_and_page_with_the_reference(self, room: Room) -> None:
        answer = self.kept(room).get("/my/annotations.md")
        text = answer.text
        assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert (
            text.index("## 嘉慶新安縣志")
            < text.index("### 卷一 葉2")
            < text.index("> 廣州府")
            < text.index("### 卷一 葉3")
        )
        assert "舒懋官" in text
        assert "绿色" in text
        assert "\\*一\\* \\<b\\>二\\</b\\>" in text

    def test_csv_is_for_spreadsheets_and_begins_no_formula(self, room: Room) -> None:
        answer = self.kept(room).get("/my/annotations.csv")
        assert answer.data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))
        assert len(rows) == 4
        assert rows[1][0] == "嘉慶新安縣志"
        assert rows[1][5].startswith("'=HYPERLINK")
        assert rows[1][10] == place(room.book, 2)
        assert b"\r\n" in answer.data

    def test_json_ld_is_a_collection(self, room: Room) -> None:
        reader = self.kept(room)
        told = reader.get(f"/my/annotations.jsonld?item={room.ebook.id}").json
        assert (told["type"], told["total"]) == ("AnnotationCollection", 1)
        (only,) = told["first"]["items"]
        assert only["id"].startswith(CONTAINER)
        again = reader.keep({"@context": told["@context"], **only})
        assert again["via"] if "via" in again else again["id"] != only["id"]

    def test_only_ones_own(self, room: Room) -> None:
        self.kept(room)
        assert "廣州府" not in room.reader("乙").get("/my/annotations.md").text
        assert room.nobody.get("/my/annotations.csv").status_code == 401
