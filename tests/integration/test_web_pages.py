"""Every page of the web, asked of a real library."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import given
import pytest
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from integration.web_fixtures import SmallLibrary, client, form_token, reader, small, staff

from wenyuan.reader.app import create_app
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import items
from wenyuan.repo.find import find_in_item
from wenyuan.repo.items import File
from wenyuan.repo.settings import load
from wenyuan.storage.errors import DigestMismatch, ObjectMissing

__all__ = ["client", "reader", "small", "staff"]


def test_home_shows_collections_newest_items_and_numbers(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "古籍" in page
    assert "春曉集" in page
    assert "<h1>" in page
    assert page.count("<h1") == 1


def test_home_does_not_show_what_is_for_staff(client: FlaskClient, staff: FlaskClient) -> None:
    assert "館員專用" not in client.get("/browse").text
    assert "館員專用" in staff.get("/browse").text


def test_a_kind_and_a_collection_narrow_the_list(client: FlaskClient) -> None:
    page = client.get("/collections/local?kind=ebook&order=title").text
    assert "桃花源記" in page
    assert "春曉集" not in page


def test_nonsense_in_a_list_address_is_ignored(client: FlaskClient) -> None:
    assert client.get("/browse?kind=dragon&order=up&page=0x7").status_code == 200
    beyond = client.get("/browse?page=99999")
    assert (beyond.status_code, beyond.location) == (302, "/browse?page=1")
    assert client.get("/collections/nowhere").status_code == 404


def test_search_finds_both_scripts_and_opens_the_page(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get("/search", query_string={"q": "啼鸟"}).text
    assert "<mark>啼鳥</mark>" in page
    assert f"/read/{small.scan.id}/1?q=" in page


def test_search_inside_closed_items_needs_an_account(client: FlaskClient, reader: FlaskClient) -> None:
    assert "內部資料" not in client.get("/search?q=祕密").text
    assert "內部資料" in reader.get("/search?q=祕密").text


def test_an_empty_search_tells_how_to_search(client: FlaskClient) -> None:
    assert "引号" in client.get("/search").text
    assert "没有找到" in client.get("/search?q=火星").text
    assert client.get("/search", query_string={"q": "書" * 500}).status_code == 400


def test_item_page_tells_what_a_catalogue_card_tells(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/items/{small.scan.id}").text
    assert "〔唐〕孟浩然 撰" in page
    assert "乾隆三十年（1765）" in page
    assert "孟浩然. 春曉集[M/OL]. 1765(乾隆三十年)[" in page
    assert 'dir="rtl"' in page


def test_the_reader_draws_hits_and_keeps_the_query(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/read/{small.scan.id}/2?q=啼鸟").text
    assert page.count("<rect ") == 1
    assert 'viewBox="0 0 600 800"' in page
    assert f"/read/{small.scan.id}/3?q=" in page


def test_a_right_to_left_book_says_so(client: FlaskClient, small: SmallLibrary) -> None:
    assert 'data-way="rtl"' in client.get(f"/read/{small.scan.id}/1").text
    assert 'data-way="ltr"' in client.get(f"/read/{small.pdf.id}/1").text


def test_text_beside_the_picture_marks_hits_over_line_ends(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/read/{small.scan.id}/1", query_string={"q": "鳥夜", "view": "text"}).text
    assert "<mark>" in page
    assert "<img" not in page.split("<main")[1]


def test_jumping_by_number_is_kept_inside_the_book(client: FlaskClient, small: SmallLibrary) -> None:
    there = client.get(f"/read/{small.scan.id}/jump?to=99&q=x")
    assert there.location == f"/read/{small.scan.id}/3?q=x"
    assert client.get(f"/read/{small.scan.id}/jump?to=nowhere").status_code == 404
    assert client.get(f"/read/{small.scan.id}/4").status_code == 404


def test_the_lasting_address_of_a_page_leads_to_its_place(client: FlaskClient, small: SmallLibrary) -> None:
    assert client.get(f"/read/{small.scan.id}/place/2").location == f"/read/{small.scan.id}/2"


def test_the_text_marks_the_hits_and_not_their_likes(
    client: FlaskClient, small: SmallLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "page_text", lambda *_: "This is what it is;\nis\nthis isle 書is庫")
    page = client.get(f"/read/{small.scan.id}/1?q=is&view=text").text
    words = re.search(r'<div class="words-lines">(.*?)</div>', page, re.DOTALL)
    assert words is not None
    told = "".join(words[1].split("\n"))
    assert told.count("<mark>") == 4
    assert "This <mark>is</mark> what it <mark>is</mark>;" in told
    assert "<p><mark>is</mark></p>" in told
    assert "this isle 書<mark>is</mark>庫" in told


@pytest.mark.parametrize(
    "harm", [ObjectMissing(key="x"), DigestMismatch(key="x", expected="a", found="b"), ValueError("x")]
)
def test_a_page_shows_without_boxes_when_its_text_layer_is_lost(
    harm: Exception,
    client: FlaskClient,
    small: SmallLibrary,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    address = f"/read/{small.scan.id}/2?q=啼鸟&view=both"
    assert "<rect " in client.get(address).text

    def lost(*_: object, **__: object) -> bytes:
        raise harm

    monkeypatch.setattr(type(small.library.blobs), "read", lost)
    answer = client.get(address)
    assert answer.status_code == 200
    assert "<rect " not in answer.text
    assert "<mark>啼鳥</mark>" in answer.text
    assert "text layer" in caplog.text


def test_a_citation_has_the_day_of_the_clock_on_the_wall(
    client: FlaskClient, small: SmallLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    for zone in ("Etc/GMT+12", "Etc/GMT-14"):  # never the same day
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        seen.add(re.findall(r"\[(\d{4}-\d\d-\d\d)\]", client.get(f"/items/{small.scan.id}").text)[0])
    monkeypatch.undo()
    time.tzset()
    assert len(seen) == 2


def test_an_item_of_many_files_lists_few_and_leads_to_all(
    client: FlaskClient, small: SmallLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/items/{small.scan.id}"
    assert f"{address}/files" not in client.get(address).text
    few = tuple(items_with_many_files(small))
    monkeypatch.setattr(items, "files", lambda *_: few)
    page = client.get(address).text
    assert page.count("/download/") == 100
    assert f'href="{address}/files"' in page
    assert "其余 444 个文件" in page
    first, last = client.get(f"{address}/files").text, client.get(f"{address}/files?page=3").text
    assert (first.count("/download/"), last.count("/download/")) == (200, 49)
    assert f"{address}/files?page=2" in first
    assert "0449.jpg" in last


def items_with_many_files(small: SmallLibrary) -> list[File]:
    with small.library.catalogue.reading() as session:
        one = next(file for file in items.files(session, small.scan.id) if file.role == "original")
    return [replace(one, path=f"scans/{number:04d}.jpg") for number in range(1, 450)]


def test_the_list_of_matching_pages_says_when_it_is_cut(
    client: FlaskClient, small: SmallLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/read/{small.scan.id}/2?q=春"
    whole = client.get(address).text
    assert not re.search(r"只列出前 \d", whole)
    positions = find_in_item(small.library, small.scan.id, "春").positions
    monkeypatch.setattr("wenyuan.reader.inside.find_in_item", lambda *given, limit: find_in_item(*given, limit=1))
    page = client.get(address).text
    assert f"{len(positions)} 页有“春”" in page
    assert "（只列出前 1 页）" in page
    assert [f"/read/{small.scan.id}/{place}?q=" in page for place in (1, 3)] == [True, True], (
        "both neighbours are found"
    )


def test_a_query_opens_the_book_at_its_first_hit(client: FlaskClient, small: SmallLibrary) -> None:
    assert client.get(f"/read/{small.pdf.id}?q=圖書館").location.startswith(f"/read/{small.pdf.id}/3?q=")


def test_links_between_chapters_lead_to_the_reader(client: FlaskClient, small: SmallLibrary) -> None:
    assert client.get(f"/read/{small.epub.id}/entry/OEBPS/c2.xhtml").location == f"/read/{small.epub.id}/2"
    assert client.get(f"/read/{small.epub.id}/entry/OEBPS/none.xhtml").status_code == 404


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_page_speaks_every_language(language: str, client: FlaskClient, small: SmallLibrary) -> None:
    words = {"zh-Hans": "检索", "zh-Hant": "檢索", "en": "Search"}[language]
    for address in ("/", "/browse", "/search?q=春", f"/items/{small.scan.id}", "/sign-in", "/nowhere"):
        page = client.get(f"{address}{'&' if '?' in address else '?'}lang={language}").text
        assert f'<html lang="{language}"' in page
        assert words in page


def test_language_follows_the_browser_and_then_the_choice(client: FlaskClient) -> None:
    assert 'lang="zh-Hant"' in client.get("/", headers={"Accept-Language": "fr, zh-TW;q=0.8"}).text
    client.get("/?lang=en")
    assert '<html lang="en"' in client.get("/", headers={"Accept-Language": "zh-TW"}).text


def test_the_look_is_kept_and_leads_back_into_the_site_only(client: FlaskClient) -> None:
    assert client.get("/look/dark?next=/browse").location == "/browse"
    assert 'data-theme="dark"' in client.get("/").text
    for evil in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        assert client.get("/look/dark", query_string={"next": evil}).location == "/"
    assert client.get("/look/neon").status_code == 404


def test_staff_see_deliveries(
    client: FlaskClient, reader: FlaskClient, staff: FlaskClient, small: SmallLibrary
) -> None:
    assert client.get("/staff/").status_code == 403
    assert reader.get("/staff/deliveries/1").status_code == 403
    assert "第 1 批" in staff.get("/staff/").text
    assert f"/items/{small.scan.id}" in staff.get("/staff/deliveries/1").text
    assert staff.get("/staff/deliveries/99").status_code == 404


def test_signing_out_ends_it(staff: FlaskClient) -> None:
    assert staff.get("/staff/").status_code == 200
    assert staff.post("/sign-out", data={"form_token": form_token(staff)}).status_code == 303
    assert staff.get("/staff/").status_code == 403


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok", "catalogue": "ok", "index": "ok", "store": "ok"}


def test_jumping_by_label_however_it_is_written(tmp_path: Path) -> None:
    library = wiring.build(load(home=tmp_path / "home", executor="inline"))
    names = ("書衣", "卷一 葉十二", "卷一·葉2")
    folder = given.scans(tmp_path / "scans", len(names), texts=False)
    told = json.loads((folder / "metadata.json").read_text("utf-8"))
    told["pages"] = [{"file": f"{place}.png", "label": name} for place, name in enumerate(names, 1)]
    given.write_json(folder / "metadata.json", told)
    hand_in(library, folder)
    client, book = create_app(library).test_client(), shown(library)[0].id
    try:
        for wanted, position in (("书衣", 1), ("卷一葉１２", 2), ("叶二", 3), ("卷一", 2), ("２", 2), ("十二", 2)):
            there = client.get(f"/read/{book}/jump", query_string={"to": wanted, "q": "x"})
            assert there.location == f"/read/{book}/{position}?q=x", wanted
        for wanted in ("", "　", "葉1", "卷二", "·"):
            assert client.get(f"/read/{book}/jump", query_string={"to": wanted}).status_code == 404, wanted
    finally:
        library.close()
