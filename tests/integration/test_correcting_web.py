"""Correcting over the web: as JSON, as a plain form, as proposals; who may, what is refused, what is told."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import given
import pymupdf
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from integration.web_fixtures import PASSWORD, form_token, signed_in
from lxml import etree

from wenyuan.reader.app import create_app
from wenyuan.reader.index_soon import IndexSoon
from wenyuan.reader.views import text_forms as views
from wenyuan.repo import book_pdf, holdings, wiring
from wenyuan.repo.catalogue import items, users
from wenyuan.repo.commands.export import export
from wenyuan.repo.description import Access
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.search.index import Filters
from wenyuan.repo.settings import load
from wenyuan.storage.errors import StoreUnavailable

WRONG, RIGHT = given.POEM[:12], "春眠不覺曉，處處聞鶯鳥。"
"""The first column of the first page, and another reading of it."""
CLOSED = {"title": "內部資料", "access": "signed-in"}


class Site:
    """A library that the tests may change, and three people who ask."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.app = create_app(library)
        self.app.testing = True
        self.by_title = {item.description.title: item for item in shown(library)}
        self.book, self.closed, self.ebook = (self.by_title[name] for name in ("春曉集", "內部資料", "桃花源記"))
        self.anonymous = self.app.test_client()
        self.reader, self.staff = signed_in(self.app, "reader"), signed_in(self.app, "staff")

    def text(self, client: FlaskClient, key: int = 1, item: Item | None = None) -> dict[str, Any]:
        answer = client.get(self.api(key, item))
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json
        return told

    def api(self, key: int = 1, item: Item | None = None) -> str:
        return f"/api/items/{(item or self.book).id}/pages/{key}/text"

    def put(self, client: FlaskClient, document: Any, etag: str | None = None, key: int = 1, **more: str) -> Any:
        headers = {"X-Form-Token": form_token(client), "Accept": "application/problem+json", **more}
        headers |= {"If-Match": f'"{etag}"'} if etag is not None else {}
        return client.put(self.api(key), json=document, headers=headers)

    def page_text(self, key: int = 1) -> str:
        with self.library.catalogue.reading() as session:
            return items.page_text(session, self.book.id, key)

    def indexed(self) -> None:
        soon = self.app.extensions.get("wenyuan.index_soon")
        assert isinstance(soon, IndexSoon)
        soon.finish()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a small library, handed in once and copied for every test."""
    folder = tmp_path_factory.mktemp("correcting")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    closed = given.scans(folder / "closed", 1, title="內部資料")
    given.write_json(closed / "metadata.json", CLOSED)
    chapters = {"緣起": "晉太元中武陵人捕魚為業"}
    hand_in(library, given.scans(folder / "scans", 3), closed, given.epub(folder / "book.epub", chapters))
    with library.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
        users.put(session, "staff", PASSWORD, Role.STAFF)
    library.close()
    return folder / "home"


@pytest.fixture
def site(home: Path, tmp_path: Path) -> Iterator[Site]:
    library = wiring.build(load(home=shutil.copytree(home, tmp_path / "home"), executor="inline"))
    made = Site(library)
    yield made
    soon = made.app.extensions.get("wenyuan.index_soon")
    if isinstance(soon, IndexSoon):
        soon.finish()
    library.close()


class TestJson:
    def test_the_text_tells_lines_with_boxes_and_its_version(self, site: Site) -> None:
        told = site.text(site.anonymous)
        assert (told["version"], told["origin"], told["page"]) == (1, "imported", 1)
        line = told["lines"][0]
        assert (line["text"], line["direction"], line["box"]) == (WRONG, "ttb", [540, 40, 30, 360])
        assert line["glyphs"][:8] == [540, 40, 30, 30, 540, 70, 30, 30]

    def test_a_correction_is_everywhere_at_once(self, site: Site) -> None:
        before = site.text(site.staff)
        answer = site.put(site.staff, {"lines": {"0": RIGHT}}, before["etag"])
        assert answer.status_code == 200
        assert (answer.json["version"], answer.json["lines"][0]["text"]) == (2, RIGHT)
        assert answer.headers["ETag"] == f'"{answer.json["etag"]}"'
        site.indexed()
        assert RIGHT in site.page_text()
        assert RIGHT in site.anonymous.get(f"/items/{site.book.id}/pages/1/text.txt").text
        alto = etree.fromstring(site.anonymous.get(f"/items/{site.book.id}/pages/1/text.alto.xml").data)
        assert "處處聞鶯鳥" in "".join(alto.xpath("//*[local-name()='String']/@CONTENT"))
        data = site.anonymous.get(f"/items/{site.book.id}/pages/1/text.pdf").data
        with pymupdf.open(stream=data, filetype="pdf") as pdf:
            assert "處處聞鶯鳥" in "".join(pdf[0].get_text().split())
        hits = site.library.index.search("聞鶯鳥", Filters(), pages_per_item=9).hits
        assert [(hit.item, hit.pages) for hit in hits] == [(site.book.id, (1,))]
        boxes = site.anonymous.get(f"/read/{site.book.id}/place/1/hits.json?q=鶯鳥").json["boxes"]
        assert boxes == [[540, 310, 30, 60]], "the ninth and tenth of a column of thirty-pixel characters"
        assert "聞鶯鳥" in site.anonymous.get("/search?q=聞鶯鳥").text.replace("<mark>", "").replace("</mark>", "")

    def test_who_was_slower_is_told_and_nothing_is_overwritten(self, site: Site) -> None:
        before = site.text(site.staff)
        site.put(site.staff, {"lines": {"0": RIGHT}}, before["etag"])
        answer = site.put(site.staff, {"lines": {"0": "甲"}}, before["etag"])
        assert (answer.status_code, answer.json["status"], answer.json["code"]) == (412, 412, "text-changed")
        assert RIGHT in site.page_text()

    def test_a_correction_must_say_upon_what(self, site: Site) -> None:
        answer = site.put(site.staff, {"lines": {"0": RIGHT}}, **{"Accept-Language": "en"})
        assert (answer.status_code, answer.json["status"], answer.json["code"]) == (428, 428, "version-not-told")
        assert "ETag into the header If-Match" in answer.json["detail"]
        assert WRONG in site.page_text()

    def test_upon_whatever_there_is_nothing_is_saved(self, site: Site) -> None:
        answer = site.put(site.staff, {"lines": {"0": RIGHT}}, **{"If-Match": "*"})
        assert answer.status_code == 428
        assert WRONG in site.page_text()

    def test_without_the_token_nothing_is_saved(self, site: Site) -> None:
        etag = site.text(site.staff)["etag"]
        for token, code in (("", "form-token-missing"), ("forged", "form-expired")):
            answer = site.put(site.staff, {"lines": {"0": RIGHT}}, etag, **{"X-Form-Token": token})
            assert (answer.status_code, answer.json["code"]) == (400, code)
            assert "X-Form-Token" in answer.json["detail"]
        assert WRONG in site.page_text()

    def test_only_staff_saves(self, site: Site) -> None:
        etag = site.text(site.reader)["etag"]
        refused = site.put(site.reader, {"lines": {"0": RIGHT}}, etag)
        assert (refused.status_code, refused.json["code"], refused.json["reason"]) == (403, "refused", "staff-only")
        assert "WWW-Authenticate" not in refused.headers
        assert WRONG in site.page_text()

    @pytest.mark.parametrize("method", ["PUT", "POST"])
    def test_who_has_not_signed_in_is_asked_to_with_the_token_or_without(self, site: Site, method: str) -> None:
        told = {"base": site.text(site.anonymous)["etag"], "lines": {"0": RIGHT}}
        for headers in ({}, {"X-Form-Token": form_token(site.anonymous)}):
            headers |= {"If-Match": f'"{told["base"]}"', "Accept-Language": "en"}
            answer = site.anonymous.open(site.api(), method=method, json=told, headers=headers)
            assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
            assert answer.headers["WWW-Authenticate"].startswith('Cookie realm="wenyuan", form-action="/sign-in"')
            assert answer.headers["Content-Language"] == "en"
            assert answer.json is not None
            assert (answer.json["status"], answer.json["code"]) == (401, "not-signed-in")
            assert "sign in at /sign-in" in answer.json["detail"]
        assert WRONG in site.page_text()

    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ('{"lines": {"0": "甲", "0": "乙"}}', "0"),
            ('{"lines": {"0": "甲", "00": "乙"}}', "00"),
            ('{"lines": {"0": "甲"}, "lines": {}}', "lines"),
            ('{"lines": {"0": "甲"}, "then": {"do": "delete", "do": "join", "line": 1}}', "do"),
        ],
    )
    def test_what_is_there_twice_is_refused(self, site: Site, body: str, name: str) -> None:
        headers = {
            "X-Form-Token": form_token(site.staff),
            "If-Match": f'"{site.text(site.staff)["etag"]}"',
            "Content-Type": "application/json",
        }
        answer = site.staff.put(site.api(), data=body, headers=headers)
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (400, "named-twice")
        assert f"“{name}”" in answer.json["title"]
        assert WRONG in site.page_text()

    @pytest.mark.parametrize(
        ("body", "kind", "piece"),
        [
            ("{", "application/json", "JSON"),
            ("[" * 100_000, "application/json", "JSON"),
            (b"\xff", "application/json", "JSON"),
            ("lines=0", "application/x-www-form-urlencoded", "Content-Type: application/x-www-form-urlencoded"),
            ('{"lines": 7}', "application/json", "lines"),
            ('{"then": {"do": "burn"}}', "application/json", "then"),
            ('{"Lines": {"0": "甲"}}', "application/json", "Lines"),
            ('{"lines": {"0": "甲"}, "note": "x"}', "application/json", "note"),
            ('{"lines": {"0": "甲"}, "\\ud800": 1}', "application/json", "\ud800"),
            ('{"then": {"do": "cut", "line": 0, "at": 2, "At": 3}}', "application/json", "then.At"),
            ('{"then": {"do": "delete", "line": 0, "to": 3}}', "application/json", "then.to"),
        ],
    )
    def test_what_is_not_understood_is_named(self, site: Site, body: str | bytes, kind: str, piece: str) -> None:
        etag = site.text(site.staff)["etag"]
        headers = {"X-Form-Token": form_token(site.staff), "If-Match": f'"{etag}"', "Content-Type": kind}
        answer = site.staff.put(site.api(), data=body, headers=headers)
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (400, "correction-unclear")
        assert f"“{piece}”" in answer.json["title"]
        assert WRONG in site.page_text()

    @pytest.mark.parametrize(
        "document",
        [
            [], "x", 7, None, {"lines": []}, {"lines": {"-1": "x"}}, {"lines": {"a": "x"}}, {"lines": {"0": 7}},
            {"lines": {"0": None}}, {"lines": {"٣": "x"}}, {"then": "x"}, {"then": {"do": "burn"}},
            {"then": {"do": "cut", "line": True, "at": 1}}, {"then": {"do": "cut", "line": 0}},
            {"then": {"do": "add", "after": 0, "box": [1, 2, 3], "direction": "ttb"}},
            {"then": {"do": "add", "after": 0, "box": [1, 2, 3, 4.5], "direction": "ttb"}},
            {"then": {"do": "add", "after": 0, "box": [1, 2, 3, 4], "direction": "up"}},
            {"then": {"do": "add", "after": 0, "box": [1, 2, 3, 4], "direction": ["ttb"]}},
            {"then": {"do": "add", "after": 0, "box": [1, 2, 3, 4], "direction": {}}}, {"then": {"do": ["add"]}},
        ],
    )  # fmt: skip
    def test_what_is_no_correction_is_not_understood(self, site: Site, document: Any) -> None:
        assert site.put(site.staff, document, site.text(site.staff)["etag"]).status_code == 400

    @pytest.mark.parametrize(
        "document",
        [
            {"lines": {"0": "a\nb"}}, {"lines": {"0": "\ud800"}}, {"lines": {"0": "字" * 2001}},
            {"lines": {"0": "\u202e"}},
        ],
    )  # fmt: skip
    def test_what_cannot_be_kept_is_refused_with_the_line(self, site: Site, document: Any) -> None:
        answer = site.put(site.staff, document, site.text(site.staff)["etag"])
        assert (answer.status_code, answer.json["code"]) == (422, "text-unusable")
        assert "第 1 行" in answer.json["title"]
        assert "送来的“0”" in answer.json["detail"]
        assert WRONG in site.page_text()

    @pytest.mark.parametrize(
        ("document", "code", "told"),
        [
            ({"lines": {"99": "x"}}, "no-such-line", "no line 100 (sent as 99, counted from 0): the page has 3"),
            ({"then": {"do": "delete", "line": 3}}, "no-such-line", "There is no line 4 (sent as 3"),
            ({"then": {"do": "cut", "line": 0, "at": 0}}, "place-outside", "“at” was sent as 0; 1 … 11"),
            ({"then": {"do": "move", "line": 0, "to": 4}}, "place-outside", "“to” was sent as 4; 0 … 3"),
            ({"then": {"do": "join", "line": 2}}, "place-outside", "“line” was sent as 2; 0 … 1"),
            ({"then": {"do": "add", "after": 3, "box": [0, 0, 9, 9], "direction": "ttb"}}, "place-outside",
             "“after” was sent as 3; -1 … 2"),
            ({"then": {"do": "add", "after": 0, "box": [0, 0, 9999, 9], "direction": "ttb"}}, "place-outside",
             "“box” was sent as 0, 0, 9999, 9; 0 ≤ x < x + width ≤ "),
            ({"then": {"do": "add", "after": 0, "box": [0, 0, 9, 9], "direction": "ttb", "text": "\n"}},
             "text-unusable", "The text of line 2 cannot be saved; sent as “text”"),
        ],
    )  # fmt: skip
    def test_what_is_not_there_is_told_as_it_was_sent(self, site: Site, document: Any, code: str, told: str) -> None:
        answer = site.put(site.staff, document, site.text(site.staff)["etag"], **{"Accept-Language": "en"})
        assert (answer.status_code, answer.json["code"]) == (422, code)
        what, _, remedy = told.partition("; ")
        assert what in answer.json["title"]
        assert remedy in answer.json["detail"]
        assert WRONG in site.page_text()

    def test_lines_of_different_directions_are_not_joined_and_it_says_so(self, site: Site) -> None:
        row = {"do": "add", "after": 0, "box": [10, 10, 60, 30], "direction": "ltr", "text": "題簽"}
        etag = site.put(site.staff, {"then": row}, site.text(site.staff)["etag"]).json["etag"]
        answer = site.put(site.staff, {"then": {"do": "join", "line": 1}}, etag)
        assert (answer.status_code, answer.json["code"]) == (422, "lines-apart")
        assert "第 2 行（送来的编号是 1，从 0 数起）" in answer.json["title"]
        assert "題簽" in site.page_text()

    def test_lines_are_cut_and_joined_moved_added_and_taken_away(self, site: Site) -> None:
        etag = site.text(site.staff)["etag"]
        steps: list[dict[str, Any]] = [
            {"do": "cut", "line": 0, "at": 6},
            {"do": "move", "line": 0, "to": 2},
            {"do": "join", "line": 0},
            {"do": "add", "after": -1, "box": [10, 10, 30, 60], "direction": "ttb", "text": "題簽"},
            {"do": "delete", "line": 2},
        ]
        for step in steps:
            answer = site.put(site.staff, {"then": step}, etag)
            assert answer.status_code == 200, step
            etag = answer.json["etag"]
        assert [line["text"] for line in answer.json["lines"]] == ["題簽", WRONG[6:] + WRONG[:6], "第1葉"]

    def test_text_is_never_markup(self, site: Site) -> None:
        evil = "<script>alert(1)</script>\"'&"
        etag = site.text(site.staff)["etag"]
        assert site.put(site.staff, {"lines": {"0": evil}}, etag).status_code == 200
        for address in (
            f"/items/{site.book.id}/pages/1/correct",
            f"/items/{site.book.id}/pages/1/versions",
            f"/items/{site.book.id}/pages/1/versions?v=1",
            f"/read/{site.book.id}/1?view=both",
            f"/items/{site.book.id}/pages/1/text.hocr.html",
        ):
            assert "<script>alert" not in site.staff.get(address).text, address
        site.reader.post(
            site.api(2),
            json={"base": site.text(site.reader, 2)["etag"], "lines": {"0": evil}, "note": evil},
            headers={"X-Form-Token": form_token(site.reader)},
        )
        assert "<script>alert" not in site.staff.get("/staff/proposals").text
        assert "&lt;script&gt;" in site.staff.get("/staff/proposals").text

    def test_chapters_and_unknown_pages_have_no_such_page(self, site: Site) -> None:
        assert site.staff.get(f"/items/{site.ebook.id}/pages/1/correct").status_code == 404
        assert site.staff.get(site.api(99)).status_code == 404

    def test_a_very_long_page_may_be_saved_and_a_monster_may_not(self, site: Site) -> None:
        headers = {
            "X-Form-Token": form_token(site.staff),
            "If-Match": f'"{site.text(site.staff)["etag"]}"',
            "Content-Type": "application/json",
        }
        body = json.dumps({"lines": {"0": "字" * 2000, "1": "字" * 2000}}) + " " * 360_000
        assert site.staff.put(site.api(), data=body, headers=headers).status_code == 200
        etag = site.text(site.staff)["etag"]
        assert site.put(site.staff, {"lines": {"0": "x"}, "x": "字" * 500_000}, etag).status_code == 413


class TestForm:
    def fields(self, client: FlaskClient, address: str) -> dict[str, str]:
        page = etree.fromstring(client.get(address).data, etree.HTMLParser())
        form = page.xpath("//form[@data-form]")[0]
        found = {field.get("name"): field.get("value", "") for field in form.xpath(".//input[@name]")}
        # A browser leaves out the line end after <textarea>.
        found |= {field.get("name"): re.sub(r"^\n", "", field.text or "") for field in form.xpath(".//textarea")}
        return found

    def test_it_works_without_scripts(self, site: Site) -> None:
        address = f"/items/{site.book.id}/pages/1/correct"
        fields = self.fields(site.staff, address)
        assert fields["line-0"] == WRONG
        answer = site.staff.post(address, data={**fields, "line-0": RIGHT})
        assert (answer.status_code, answer.location) == (303, f"{address}?said=saved")
        assert site.page_text().startswith(RIGHT)
        assert "已保存" in site.staff.get(answer.location).text

    def test_an_untouched_form_makes_no_version(self, site: Site) -> None:
        address = f"/items/{site.book.id}/pages/1/correct"
        site.staff.post(address, data=self.fields(site.staff, address))
        assert site.text(site.staff)["version"] == 1

    def test_who_was_slower_sees_both_texts_and_may_save_again(self, site: Site) -> None:
        address = f"/items/{site.book.id}/pages/1/correct"
        mine = {**self.fields(site.staff, address), "line-0": "我的文字"}
        site.put(site.staff, {"lines": {"0": RIGHT, "1": "別人改的行"}}, site.text(site.staff)["etag"])
        answer = site.staff.post(address, data=mine)
        assert answer.status_code == 409
        assert "我的文字" in answer.text
        assert RIGHT in answer.text
        again = self.fields_of(answer.data)
        assert (again["line-0"], again["line-1"]) == ("我的文字", "別人改的行")
        assert site.staff.post(address, data={**mine, **again}).status_code == 303
        assert site.page_text().startswith("我的文字\n別人改的行")

    def fields_of(self, page: bytes) -> dict[str, str]:
        form = etree.fromstring(page, etree.HTMLParser()).xpath("//form[@data-form]")[0]
        found = {field.get("name"): field.get("value", "") for field in form.xpath(".//input[@name]")}
        return found | {field.get("name"): re.sub(r"^\n", "", field.text or "") for field in form.xpath(".//textarea")}

    def test_what_cannot_be_kept_comes_back_with_the_words(self, site: Site) -> None:
        address = f"/items/{site.book.id}/pages/1/correct"
        answer = site.staff.post(address, data={**self.fields(site.staff, address), "line-0": "甲\r\n乙"})
        assert answer.status_code == 422
        assert "第 1 行" in answer.text
        assert "甲" in answer.text

    def test_versions_are_listed_and_brought_back(self, site: Site) -> None:
        site.put(site.staff, {"lines": {"0": RIGHT}}, site.text(site.staff)["etag"])
        address = f"/items/{site.book.id}/pages/1/versions"
        page = site.staff.get(f"{address}?v=1").text
        assert f"<del>{WRONG}</del>" in page
        assert f"<ins>{RIGHT}</ins>" in page
        told = {"form_token": form_token(site.staff), "version": "1", "base": site.text(site.staff)["etag"]}
        assert site.staff.post(address, data=told).status_code == 303
        assert site.page_text().startswith(WRONG)
        assert site.text(site.staff)["version"] == 3
        assert site.staff.post(address, data={**told, "version": "1"}).status_code == 409
        assert site.reader.get(address).status_code == 403

    def test_who_has_not_signed_in_is_asked_to(self, site: Site) -> None:
        answer = site.anonymous.get(f"/items/{site.book.id}/pages/1/correct")
        assert answer.status_code == 403
        assert f"/sign-in?next=/items/{site.book.id}/pages/1/correct" in answer.text


class TestProposals:
    def propose(self, site: Site, text: str = RIGHT, *, item: Item | None = None, note: str = "據宋本") -> Any:
        told = {"base": site.text(site.reader, item=item)["etag"], "lines": {"0": text}, "note": note}
        headers = {"X-Form-Token": form_token(site.reader), "Accept": "application/problem+json"}
        return site.reader.post(site.api(item=item), json=told, headers=headers)

    def decide(self, site: Site, number: int, **told: str) -> Any:
        return site.staff.post(f"/staff/proposals/{number}", data={"form_token": form_token(site.staff), **told})

    def test_a_reader_proposes_staff_accepts_and_all_read_it(self, site: Site) -> None:
        answer = self.propose(site)
        assert answer.status_code == 201
        assert site.page_text().startswith(WRONG)
        page = site.staff.get("/staff/proposals").text
        assert "據宋本" in page
        assert "聞<ins>鶯</ins>鳥" in page
        assert "聞<del>啼</del>鳥" in page
        assert self.decide(site, answer.json["proposal"], do="accept").status_code == 303
        site.indexed()
        assert site.page_text().startswith(RIGHT)
        assert site.library.index.search("聞鶯鳥", Filters()).total == 1
        assert "已采纳" in site.reader.get("/my/proposals").text

    def test_what_a_proposal_cannot_say_is_named(self, site: Site) -> None:
        told = {"base": site.text(site.reader)["etag"], "lines": {"0": RIGHT}, "then": {"do": "delete", "line": 1}}
        answer = site.reader.post(site.api(), json=told, headers={"X-Form-Token": form_token(site.reader)})
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (400, "correction-unclear")
        assert "“then”" in answer.json["title"]
        assert site.staff.get(f"/api/items/{site.book.id}/pages/1/proposals").json == {"proposals": []}

    def test_what_is_there_already_is_no_proposal(self, site: Site) -> None:
        answer = self.propose(site, WRONG)
        assert (answer.status_code, answer.json["code"]) == (422, "nothing-changed")

    def test_what_is_accepted_is_not_accepted_again(self, site: Site) -> None:
        number = self.propose(site).json["proposal"]
        assert self.decide(site, number, do="accept").status_code == 303
        answer = self.decide(site, number, do="accept")
        assert answer.status_code == 409
        assert "这条建议已由staff处理过了" in answer.text

    def test_the_reader_is_told_why_not(self, site: Site) -> None:
        number = self.propose(site).json["proposal"]
        self.decide(site, number, do="decline", reason="底本作「啼」")
        assert "底本作「啼」" in site.reader.get("/my/proposals").text
        assert self.decide(site, number, do="accept").status_code == 409

    def test_a_reader_proposes_without_scripts(self, site: Site) -> None:
        address = f"/items/{site.book.id}/pages/1/correct"
        told = {"form_token": form_token(site.reader), "base": site.text(site.reader)["etag"], "note": "見跋"}
        answer = site.reader.post(address, data={**told, "line-0": RIGHT, "line-1": given.POEM[12:]})
        assert answer.location == f"{address}?said=proposed"
        assert site.page_text().startswith(WRONG)
        assert "見跋" in site.staff.get("/staff/proposals").text

    def test_only_staff_sees_the_list_and_decides(self, site: Site) -> None:
        number = self.propose(site).json["proposal"]
        for client in (site.anonymous, site.reader):
            assert client.get("/staff/proposals").status_code == 403
            token = form_token(client)
            told = {"form_token": token, "do": "accept"}
            assert client.post(f"/staff/proposals/{number}", data=told).status_code == 403
        assert site.anonymous.get("/my/proposals").status_code == 403
        assert site.page_text().startswith(WRONG)

    def test_what_is_withdrawn_is_not_to_be_proposed_for_nor_shown(self, site: Site) -> None:
        etag = site.text(site.reader)["etag"]
        self.propose(site)
        holdings.withdraw(site.library, site.book.id, "staff", "a test")
        told = {"base": etag, "lines": {"0": "甲"}}
        headers = {"X-Form-Token": form_token(site.reader)}
        assert site.reader.post(site.api(), json=told, headers=headers).status_code == 404
        assert site.reader.get(f"/items/{site.book.id}/pages/1/correct").status_code == 404
        assert WRONG not in site.reader.get("/my/proposals").text

    def test_what_is_closed_afterwards_is_not_shown_to_the_reader_again(self, site: Site) -> None:
        assert self.propose(site, item=site.closed).status_code == 201
        told = site.closed.description.model_copy(update={"access": Access.STAFF})
        holdings.describe(site.library, site.closed.id, told, "staff")
        assert "鶯" not in site.reader.get("/my/proposals").text
        assert "鶯" in site.staff.get("/staff/proposals").text

    def test_notes_are_words_and_no_longer_than_a_letter(self, site: Site) -> None:
        self.propose(site, note="甲\x00\x1b[31m\u202e乙" + "長" * 600)
        page = site.staff.get("/staff/proposals").text
        assert "甲[31m乙" + "長" * 494 + "</blockquote>" in page


class TestManyProposals:
    """Of many for one line one is accepted, or none."""

    OTHERS = ("春眠不覺曉處處聞鶯鳥。", "春眠不覺曉處處聞鸎鳥。", "春眠不覺曉處處聞蹄鳥。")

    def propose(self, site: Site, lines: dict[str, str], key: int = 1) -> int:
        told = {"base": site.text(site.reader, key)["etag"], "lines": lines}
        answer = site.reader.post(site.api(key), json=told, headers={"X-Form-Token": form_token(site.reader)})
        assert answer.json is not None
        return int(answer.json["proposal"])

    @pytest.fixture
    def numbers(self, site: Site) -> list[int]:
        """Three for the first line, then one for another line and one for another page."""
        found = [self.propose(site, {"0": text}) for text in self.OTHERS]
        return [*found, self.propose(site, {"1": "第一葉"}), self.propose(site, {"0": self.OTHERS[0]}, key=2)]

    def decide(self, site: Site, number: int, **told: str) -> Any:
        data = {"form_token": form_token(site.staff), **told}
        return site.staff.post(f"/staff/proposals/{number}", data=data, follow_redirects=True)

    def post(self, site: Site, told: Any, client: FlaskClient | None = None) -> Any:
        client = client or site.staff
        address = f"/api/items/{site.book.id}/pages/1/proposals"
        return client.post(address, json=told, headers={"X-Form-Token": form_token(client)})

    def waiting(self, site: Site, key: int = 1) -> list[int]:
        answer = site.staff.get(f"/api/items/{site.book.id}/pages/{key}/proposals")
        assert answer.json is not None
        return [each["proposal"] for each in answer.json["proposals"]]

    def test_the_page_offers_it_where_there_are_others(self, site: Site, numbers: list[int]) -> None:
        page = etree.fromstring(site.staff.get("/staff/proposals").data, etree.HTMLParser())
        for number, others in zip(numbers, (2, 2, 2, 0, 0), strict=True):
            told = page.xpath(f"string(//*[@id='proposal-{number}'])")
            assert (f"另有 {others} 条建议" in told) == bool(others)

    def test_one_is_accepted_and_the_others_are_declined_at_once(self, site: Site, numbers: list[int]) -> None:
        answer = self.decide(site, numbers[1], do="accept-only", reason="據宋本作鸎")
        assert "1 条已采纳，2 条不采纳" in answer.text
        assert site.page_text().startswith(self.OTHERS[1])
        assert (self.waiting(site), self.waiting(site, 2)) == ([numbers[3]], [numbers[4]])
        assert site.reader.get("/my/proposals").text.count("據宋本作鸎") == 2

    def test_all_of_a_line_are_declined_at_once(self, site: Site, numbers: list[int]) -> None:
        answer = self.decide(site, numbers[0], do="decline-all", reason="底本如此")
        assert "0 条已采纳，3 条不采纳" in answer.text
        assert site.page_text().startswith(WRONG)
        assert (self.waiting(site), self.waiting(site, 2)) == ([numbers[3]], [numbers[4]])

    def test_the_others_are_left_where_it_is_decided_already(self, site: Site, numbers: list[int]) -> None:
        assert self.decide(site, numbers[0], do="decline", reason="底本如此").status_code == 200
        answer = self.decide(site, numbers[0], do="decline-all", reason="x")
        assert answer.status_code == 409
        assert "这条建议已由staff处理过了" in answer.text
        assert self.waiting(site) == numbers[1:4]

    @pytest.mark.parametrize("told", [{}, {"do": ""}, {"do": "Decline"}, {"do": "accept_only"}])
    def test_a_form_that_does_not_say_what_decides_nothing(
        self, site: Site, numbers: list[int], told: dict[str, str]
    ) -> None:
        answer = self.decide(site, numbers[0], reason="x", **told)
        assert answer.status_code == 400
        assert f"do={told.get('do', '')}" in answer.text
        assert self.waiting(site) == numbers[:4]

    def test_accepting_alone_leaves_the_others_waiting(self, site: Site, numbers: list[int]) -> None:
        self.decide(site, numbers[0], do="accept", reason="x")
        assert self.waiting(site) == [numbers[1], numbers[2], numbers[3]]

    def test_line_three_of_other_lines_is_another_line(self, site: Site, numbers: list[int]) -> None:
        site.put(site.staff, {"then": {"do": "cut", "line": 0, "at": 6}}, site.text(site.staff)["etag"])
        later = self.propose(site, {"0": "春眠不覺曉、"})
        self.decide(site, numbers[0], do="decline-all")
        assert self.waiting(site) == [numbers[3], later]

    def test_programs_see_and_decide_as_well(self, site: Site, numbers: list[int]) -> None:
        listed = site.staff.get(f"/api/items/{site.book.id}/pages/1/proposals").json
        assert listed is not None
        first = listed["proposals"][0]
        assert (first["proposal"], first["by"], first["lines"]) == (numbers[0], "reader", {"0": self.OTHERS[0]})
        assert first["rivals"] == numbers[1:3]
        answer = self.post(site, {"accept": numbers[2], "decline": "others", "reason": "見跋"})
        assert answer.json == {"accepted": numbers[2], "declined": numbers[:2]}
        assert self.post(site, {"decline": {"line": 1}}).json == {"accepted": None, "declined": [numbers[3]]}
        assert site.page_text().startswith(self.OTHERS[2])

    def test_programs_decline_a_list_or_all_of_a_page(self, site: Site, numbers: list[int]) -> None:
        assert self.post(site, {"decline": numbers[:2]}).json == {"accepted": None, "declined": numbers[:2]}
        assert self.post(site, {"decline": "all"}).json == {"accepted": None, "declined": numbers[2:4]}
        assert self.waiting(site, 2) == [numbers[4]]

    def test_one_is_accepted_and_a_line_or_a_list_is_declined(self, site: Site, numbers: list[int]) -> None:
        answer = self.post(site, {"accept": numbers[0], "decline": {"line": 0}})
        assert answer.json == {"accepted": numbers[0], "declined": numbers[1:3]}
        answer = self.post(site, {"accept": numbers[3], "decline": {"line": 1}})
        assert answer.json == {"accepted": numbers[3], "declined": []}, "it alone waits for its line"

    @pytest.mark.parametrize("decline", ["all", "list"])
    def test_where_one_cannot_be_accepted_none_is_declined(self, site: Site, numbers: list[int], decline: str) -> None:
        told = {"accept": numbers[3], "decline": numbers[:2] if decline == "list" else "all"}
        site.put(site.staff, {"lines": {"1": "別的字"}}, site.text(site.staff)["etag"])
        assert self.post(site, told).status_code == 409
        assert self.waiting(site) == numbers[:4]

    @pytest.mark.parametrize(
        "told",
        [
            {}, {"accept": None, "decline": None}, {"decline": None}, {"decline": []}, {"accept": None, "decline": []},
            {"accept": "1"}, {"accept": True}, {"decline": "others"}, {"decline": 1}, {"decline": "none"},
            {"decline": [True]}, {"decline": {"line": "0"}}, {"decline": {"line": True}}, {"decline": {}},
            {"accept": 1, "decline": [1]}, {"accept": 1, "reason": 7}, {"decline": "all", "reason": 7}, [],
            {"accept": 1, "Decline": "others"}, {"decline": "all", "lines": {}},
        ],
    )  # fmt: skip
    def test_what_is_no_decision_changes_nothing(self, site: Site, numbers: list[int], told: Any) -> None:
        answer = self.post(site, told)
        assert (answer.status_code, answer.json["code"]) == (400, "correction-unclear")
        assert self.waiting(site) == numbers[:4]

    def test_only_what_waits_for_this_page_is_decided(self, site: Site, numbers: list[int]) -> None:
        for told in (
            {"decline": [numbers[0], numbers[4]]},
            {"accept": 99},
            {"accept": 10**30},
            {"decline": [-(10**30)]},
        ):
            answer = self.post(site, told)
            assert (answer.status_code, answer.json["code"]) == (404, "no-such-proposal")
        assert self.waiting(site) == numbers[:4]

    def test_a_line_that_none_waits_for_is_told_in_the_persons_language(self, site: Site, numbers: list[int]) -> None:
        answer = self.post(site, {"decline": {"line": 99}})
        assert (answer.status_code, answer.json["code"]) == (404, "no-proposal-for-line")
        assert answer.json["title"] == "没有等候处理的建议要改第 100 行（送来的编号是 99，从 0 数起）。"
        assert self.waiting(site) == numbers[:4]

    def test_what_is_decided_is_told_and_by_whom(self, site: Site, numbers: list[int]) -> None:
        assert self.post(site, {"accept": numbers[0]}).status_code == 200
        assert self.post(site, {"decline": [numbers[3]]}).status_code == 200
        for told in ({"accept": numbers[0]}, {"accept": numbers[3]}, {"decline": [numbers[1], numbers[0]]}):
            answer = self.post(site, told)
            assert (answer.status_code, answer.json["code"]) == (409, "proposal-decided")
            assert "staff" in answer.json["title"]
        answer = self.post(site, {"accept": numbers[1], "decline": [numbers[3]]})
        assert (answer.status_code, answer.json["code"]) == (409, "proposal-decided")
        assert self.waiting(site) == numbers[1:3]

    def test_only_staff_decides(self, site: Site, numbers: list[int]) -> None:
        for client, status in ((site.reader, 403), (site.anonymous, 401)):
            assert self.post(site, {"decline": "all"}, client).status_code == status
            assert client.get(f"/api/items/{site.book.id}/pages/1/proposals").status_code == status
        assert self.waiting(site) == numbers[:4]


class TestForms:
    def test_each_form_of_a_page_says_the_same(self, site: Site) -> None:
        base = f"/items/{site.book.id}/pages/1/text"
        plain = site.anonymous.get(f"{base}.txt")
        assert plain.text.startswith(WRONG)
        hocr = site.anonymous.get(f"{base}.hocr.html")
        assert "ocr_page" in hocr.text
        for answer in (plain, hocr, site.anonymous.get(f"{base}.alto.xml"), site.anonymous.get(f"{base}.pdf")):
            assert answer.status_code == 200
            assert answer.headers["Content-Security-Policy"].startswith("sandbox")
            assert answer.headers["Content-Disposition"].startswith("attachment")

    def test_a_whole_book_as_text_and_as_a_pdf(self, site: Site) -> None:
        text = site.anonymous.get(f"/items/{site.book.id}/text.txt").text
        assert [part.strip().splitlines()[0] for part in text.split("\f")] == [WRONG] * 3
        answer = site.anonymous.get(f"/items/{site.book.id}/searchable.pdf", buffered=True)
        with pymupdf.open(stream=answer.data, filetype="pdf") as pdf:
            assert len(pdf) == 3
            assert "".join(pdf[2].get_text().split()).startswith("春眠不覺曉")

    @pytest.mark.parametrize("name", ["text.txt", "searchable.pdf"])
    def test_a_whole_book_is_sent_with_its_length_and_in_parts(self, site: Site, name: str) -> None:
        address = f"/items/{site.book.id}/{name}"
        whole = site.anonymous.get(address, buffered=True)
        assert whole.content_length == len(whole.data) > 100
        head = site.anonymous.head(address)
        assert (head.content_length, head.data, head.headers["ETag"]) == (len(whole.data), b"", whole.headers["ETag"])
        part = site.anonymous.get(address, headers={"Range": "bytes=50-79"}, buffered=True)
        assert (part.status_code, part.data) == (206, whole.data[50:80])
        assert site.anonymous.get(address, headers={"Range": f"bytes={len(whole.data)}-"}).status_code == 416
        known = site.anonymous.get(address, headers={"If-None-Match": whole.headers["ETag"]})
        assert (known.status_code, known.data) == (304, b"")
        assert list(site.library.settings.work_folder.glob("*")) == []

    def test_what_fails_in_the_middle_of_a_book_is_an_error_and_no_half_file(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(_library: Library, item_id: str) -> Iterator[bytes]:
            yield b"%PDF-1.7" + bytes(1_000_000)
            raise StoreUnavailable(store="local", reason="gone", retry_after_s=5)

        monkeypatch.setattr(book_pdf, "of_item", failing)
        answer = site.anonymous.get(f"/items/{site.book.id}/searchable.pdf")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert b"%PDF" not in answer.data

    def test_two_pdfs_of_books_are_made_at_once_and_no_more(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "PATIENCE_S", 0.0)
        address = f"/items/{site.book.id}/searchable.pdf"
        for _ in range(views.AT_ONCE):
            assert views._turns.acquire(timeout=0)
        try:
            answer = site.anonymous.get(address)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(views.RETRY_AFTER_S))
            assert "整书 PDF 太多了" in answer.text
            assert site.anonymous.get(f"/items/{site.book.id}/text.txt").status_code == 200
        finally:
            for _ in range(views.AT_ONCE):
                views._turns.release()
        for _ in range(views.AT_ONCE + 1):
            assert site.anonymous.get(address, buffered=True).status_code == 200

    def test_a_book_that_is_too_long_for_the_web_is_written_by_a_command(
        self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "MOST_PAGES", 2)
        answer = site.anonymous.get(f"/items/{site.book.id}/searchable.pdf")
        assert answer.status_code == 413
        assert f"wenyuan export {site.book.id} --to" in answer.text
        monkeypatch.setenv("WENYUAN_HOME", str(site.library.settings.home))
        result = CliRunner().invoke(export, ["--to", str(tmp_path / "out"), "--form", "pdf"])
        assert result.exit_code == 0, result.output
        assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{site.book.id}.pdf", f"{site.closed.id}.pdf"}
        with pymupdf.open(tmp_path / "out" / f"{site.book.id}.pdf") as pdf:
            assert len(pdf) == 3
        result = CliRunner().invoke(export, [site.ebook.id, "--to", str(tmp_path / "out"), "--form", "pdf"])
        assert result.exit_code == 66

    def test_what_is_closed_is_given_to_who_has_signed_in(self, site: Site) -> None:
        for name in ("pages/1/text.txt", "pages/1/text.pdf", "pages/1/text.alto.xml", "text.txt", "searchable.pdf"):
            address = f"/items/{site.closed.id}/{name}"
            assert site.anonymous.get(address).status_code == 403, name
            assert site.reader.get(address, buffered=True).status_code == 200, name


class TestLinks:
    def test_the_reading_page_and_the_item_page_lead_there_only_who_may(self, site: Site) -> None:
        link = f"/items/{site.book.id}/pages/1/correct"
        for address in (f"/read/{site.book.id}/1", f"/items/{site.book.id}"):
            assert link not in site.anonymous.get(address).text
            assert link in site.reader.get(address).text
            assert link in site.staff.get(address).text
