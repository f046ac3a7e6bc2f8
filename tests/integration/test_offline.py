"""What the server tells a browser that is to read without a network: what to fetch, until when, for whom; the app."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import given
import pytest
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from integration.web_fixtures import PASSWORD, SmallLibrary, client, reader, signed_in, small, staff
from PIL import Image

from wenyuan.reader.app import create_app
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.description import Access
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

__all__ = ["client", "reader", "small", "staff"]

ICON_SIZES = {"192x192", "512x512"}


def asked(client: FlaskClient, item: Item, query: str = "", status: int = 200) -> dict[str, Any]:
    answer = client.get(f"/read/{item.id}/offline.json{query}", headers={"Accept": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] in {"private, no-store", "no-store"}
    document = answer.json
    assert isinstance(document, dict)
    return document


def urls(document: dict[str, Any]) -> list[str]:
    return [each["url"] for each in document["urls"]]


def not_static(document: dict[str, Any]) -> list[str]:
    return [url for url in urls(document) if not url.startswith("/static/")]


def as_sent(client: FlaskClient, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200, url
    data = answer.data
    answer.close()
    return data


class TestWhatToFetch:
    def test_of_a_scan_the_pages_that_are_chosen(self, small: SmallLibrary, client: FlaskClient) -> None:
        told = asked(client, small.scan, "?pages=2-3")
        assert told["kind"] == "scan"
        assert [place[0] for place in told["places"]] == [2, 3]
        assert told["shell"] == f"/read/{small.scan.id}/2"
        keys = [place[1] for place in told["places"]]
        pictures = [url for url in urls(told) if url.startswith("/iiif/")]
        assert [int(re.findall(r"-(\d+)/full/", url)[0]) for url in pictures] == keys
        assert len([url for url in urls(told) if url.endswith(".json") or "text.json?v=" in url]) == len(keys)
        assert any("/pages.json?v=" in url for url in urls(told))

    def test_of_an_e_book_every_chapter_and_all_that_they_use(self, small: SmallLibrary, client: FlaskClient) -> None:
        told = asked(client, small.epub, "?pages=1")
        assert told["kind"] == "chapter"
        assert len(told["places"]) == small.epub.page_count
        for _position, key, _label, entry, *_size in told["places"]:
            stand_in = told["stands_for"][str(key)]
            assert f"/chapters/{small.epub.id}/{stand_in}/{entry}" in urls(told)
        assert f"/read/{small.epub.id}/book.json" in urls(told)

    def test_of_a_pdf_the_file_and_what_draws_it(self, small: SmallLibrary, client: FlaskClient) -> None:
        told = asked(client, small.pdf)
        assert told["kind"] == "document"
        [whole] = [each for each in told["urls"] if each["url"].startswith("/documents/")]
        assert whole["size_bytes"] == len(as_sent(client, whole["url"]))
        assert [url for url in urls(told) if url.endswith("pdf.worker.min.mjs")]

    @pytest.mark.parametrize("title", ["春曉集", "城市報告", "桃花源記"])
    def test_everything_that_it_names_is_there(self, small: SmallLibrary, client: FlaskClient, title: str) -> None:
        told = asked(client, small.by_title[title])
        assert len(set(urls(told))) == len(told["urls"])
        for url in urls(told):
            as_sent(client, url)

    def test_its_size_is_told_before(self, small: SmallLibrary, client: FlaskClient) -> None:
        told = asked(client, small.scan)
        real = sum(len(as_sent(client, url)) for url in urls(told))
        assert told["size_bytes"] == pytest.approx(real, rel=0.25)
        assert asked(client, small.scan, "?pages=1")["size_bytes"] < told["size_bytes"]

    def test_a_phone_gets_smaller_pictures_where_they_are(self, small: SmallLibrary, client: FlaskClient) -> None:
        widths = []
        for query in ("?pages=1&width=200", "?pages=1&width=4000"):
            [picture] = [url for url in urls(asked(client, small.scan, query)) if url.startswith("/iiif/")]
            widths.append(Image.open(io.BytesIO(as_sent(client, picture))).width)
        assert widths[0] < widths[1]

    @pytest.mark.parametrize("query", ["?pages=x", "?pages=9", "?pages=3-2", "?width=1", "?width=wide", "?width=99999"])
    def test_what_is_not_clear_is_refused(self, small: SmallLibrary, client: FlaskClient, query: str) -> None:
        asked(client, small.scan, query, 400)

    def test_asking_again_brings_no_addresses(self, small: SmallLibrary, client: FlaskClient) -> None:
        brief = asked(client, small.scan, "?brief=1")
        assert "urls" not in brief
        assert brief["version"] == asked(client, small.scan)["version"]


class TestForWhom:
    def test_what_is_open_is_nobodys_and_has_no_end(
        self, small: SmallLibrary, client: FlaskClient, reader: FlaskClient
    ) -> None:
        for asking in (client, reader):
            told = asked(asking, small.scan)
            assert (told["until"], told["person"]) == (None, "none")

    def test_what_needs_an_account_is_one_persons_for_a_lease(self, small: SmallLibrary, reader: FlaskClient) -> None:
        told = asked(reader, small.closed)
        lasts = datetime.fromisoformat(told["until"]) - datetime.fromisoformat(told["now"])
        assert lasts == timedelta(days=small.library.settings.offline_days)
        assert abs(datetime.fromisoformat(told["now"]) - datetime.now(UTC)) < timedelta(minutes=5)
        assert re.fullmatch("[0-9a-f]{16}", told["person"])

    def test_a_person_is_told_by_the_same_tag_in_every_session_and_by_no_name(self, small: SmallLibrary) -> None:
        tags = [asked(signed_in(small.app, name), small.closed)["person"] for name in ("reader", "reader", "staff")]
        assert tags[0] == tags[1] != tags[2]
        assert "reader" not in tags[0]

    def test_without_an_account_it_is_refused_as_reading_is(self, small: SmallLibrary, client: FlaskClient) -> None:
        asked(client, small.closed, status=403)

    def test_what_is_for_staff_is_not_kept_by_staff_either_and_nobody_else_hears_of_it(
        self, small: SmallLibrary, staff: FlaskClient, reader: FlaskClient
    ) -> None:
        assert asked(staff, small.hidden, status=403)["code"] == "not-for-offline"
        assert asked(reader, small.hidden, status=404)["code"] == "no-such-item"

    def test_every_page_says_whose_session_it_is_and_nothing_else_does(
        self, small: SmallLibrary, client: FlaskClient, reader: FlaskClient
    ) -> None:
        tag = asked(reader, small.closed)["person"]
        for path in ("/", f"/items/{small.scan.id}", "/nowhere"):
            assert client.get(path).headers["Reader-Tag"] == "none"
            assert reader.get(path).headers["Reader-Tag"] == tag
        told = asked(reader, small.scan)
        for url in not_static(told)[1:]:
            answer = reader.get(url)
            assert "Reader-Tag" not in answer.headers, url
            answer.close()


class TestChanges:
    @pytest.fixture
    def own(self, tmp_path: Path) -> Iterator[tuple[Library, FlaskClient, Item]]:
        library = wiring.build(load(home=tmp_path / "home", executor="inline", offline_days=0.5))
        hand_in(library, given.scans(tmp_path / "scans", 2))
        with library.catalogue.writing() as session:
            users.put(session, "reader", PASSWORD, Role.PATRON)
        app = create_app(library)
        app.testing = True
        yield library, signed_in(app, "reader"), shown(library)[0]
        library.close()

    def test_withdrawn_it_is_gone_and_narrowed_it_gets_an_end(self, own: tuple[Library, FlaskClient, Item]) -> None:
        library, reader, item = own
        before = asked(reader, item, "?brief=1")
        assert before["until"] is None
        holdings.describe(library, item.id, item.description.model_copy(update={"access": Access.SIGNED_IN}), "館員")
        narrowed = asked(reader, item, "?brief=1")
        lasts = datetime.fromisoformat(narrowed["until"]) - datetime.fromisoformat(narrowed["now"])
        assert lasts == timedelta(hours=12)
        assert narrowed["version"] != before["version"]
        holdings.withdraw(library, item.id, "館員", "權利未明")
        asked(reader, item, "?brief=1", 404)

    def test_a_page_says_nothing_of_a_session_whose_person_is_not_known_just_now(
        self, own: tuple[Library, FlaskClient, Item]
    ) -> None:
        library, reader, _item = own
        assert re.fullmatch("[0-9a-f]{16}", reader.get("/").headers["Reader-Tag"])
        with library.catalogue.writing() as session:
            users.put(session, "reader", "竹菊梅蘭", Role.PATRON)  # another password ends the session
        assert "Reader-Tag" not in reader.get("/").headers

    def test_where_the_library_gives_no_lease_only_what_is_open_is_kept(self, tmp_path: Path) -> None:
        library = wiring.build(load(home=tmp_path / "home", executor="inline", offline_days=0))
        closed = given.pdf(tmp_path / "closed.pdf", ["祕密"], title="內部資料")
        given.write_json(tmp_path / "closed.json", {"title": "內部資料", "access": "signed-in"})
        hand_in(library, closed, tmp_path / "closed.json")
        with library.catalogue.writing() as session:
            users.put(session, "reader", PASSWORD, Role.PATRON)
        app = create_app(library)
        try:
            told = asked(signed_in(app, "reader"), shown(library)[0], status=403)
            assert told["code"] == "not-for-offline"
        finally:
            library.close()


class TestTheApp:
    @pytest.mark.parametrize(("tag", "search"), [("zh-Hans", "检索"), ("zh-Hant", "檢索"), ("en", "Search")])
    def test_the_manifest_speaks_the_language_of_the_page(
        self, small: SmallLibrary, client: FlaskClient, tag: str, search: str
    ) -> None:
        page = client.get(f"/?lang={tag}").text
        [address] = re.findall(r'<link rel="manifest" href="([^"]+)"', page)
        answer = small.app.test_client().get(address)  # browsers send no cookies with it
        told = answer.json if answer.is_json else None
        assert answer.mimetype == "application/manifest+json"
        assert told is not None
        assert (told["lang"], told["name"]) == (tag, small.library.settings.site_name)
        assert told["shortcuts"][0]["name"] == search

    def test_the_manifest_has_what_installing_asks_for(self, client: FlaskClient) -> None:
        told = client.get("/manifest.webmanifest").json
        assert told is not None
        assert (told["display"], told["scope"]) == ("standalone", "/")
        for purpose in ("any", "maskable"):
            icons = [icon for icon in told["icons"] if icon["purpose"] == purpose and icon["type"] == "image/png"]
            assert {icon["sizes"] for icon in icons} == ICON_SIZES
            for icon in icons:
                picture = Image.open(io.BytesIO(as_sent(client, icon["src"])))
                assert f"{picture.width}x{picture.height}" == icon["sizes"]
        begin = client.get(told["start_url"])
        assert begin.status_code in {200, 302, 303}
        for shortcut in told["shortcuts"]:
            assert client.get(shortcut["url"]).status_code == 200

    def test_a_maskable_icon_has_the_seal_in_its_middle_and_paper_around(self, client: FlaskClient) -> None:
        told = client.get("/manifest.webmanifest").json
        assert told is not None
        address = next(icon["src"] for icon in told["icons"] if icon["purpose"] == "maskable")
        picture = Image.open(io.BytesIO(as_sent(client, address))).convert("RGB")
        size = picture.width
        assert picture.getpixel((2, 2)) == picture.getpixel((size - 3, size // 2)) == (250, 248, 243)
        red, green, _blue = picture.getpixel((round(size * 0.23), size // 2))  # type: ignore[misc]
        assert red > 140 > 80 > green

    def test_the_worker_may_have_the_whole_site_and_is_asked_for_each_time(self, client: FlaskClient) -> None:
        answer = client.get("/sw.js")
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Service-Worker-Allowed"] == "/"
        assert answer.headers["Cache-Control"] == "no-cache"
        named = re.findall(r'"(/(?:static/|offline)[^"]*)"', answer.text.splitlines()[0])
        assert len(named) > 10
        for url in named:
            as_sent(client, url)

    def test_the_page_shown_offline_has_no_menu_and_no_form_of_an_account(self, reader: FlaskClient) -> None:
        page = reader.get("/offline").text
        assert "form_token" not in page
        assert "/sign-out" not in page
        assert 'data-because=""' in page

    def test_the_paper_is_told_to_the_system(self, client: FlaskClient) -> None:
        assert client.get("/").text.count('<meta name="theme-color"') == 2
        client.get("/look/dark")
        assert re.findall(r'<meta name="theme-color" content="([^"]+)"', client.get("/").text) == ["#181715"]
