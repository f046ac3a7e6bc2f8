"""The page of results: facets, order, strips, switches, and that nothing comes out of what one may not read."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, reader, small, staff

from wenyuan.repo.catalogue import items
from wenyuan.storage.keys import blob_key

__all__ = ["client", "reader", "small", "staff"]

SECRET = "書庫改造"
"""Stands in the text of the item for signed-in readers alone."""
STAFF_SECRET = "館員手冊"


def page(client: FlaskClient, **asked: str) -> str:
    answer = client.get("/search", query_string=asked)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def titles(html: str) -> list[str]:
    return re.findall(r'<h2 lang="[^"]*"><a href="/items/[^"]*">([^<]*)</a>', html)


def facet(html: str, title: str) -> dict[str, int]:
    group = html.split(f"<summary>{title}</summary>")[1].split("</details>", maxsplit=1)[0]
    rows = re.findall(r'<span>([^<]*)</span><span class="count">([0-9,]+)</span>', group)
    return {value: int(count.replace(",", "")) for value, count in rows}


# Query language


def test_a_field_lists_items_without_a_word_of_text(small: SmallLibrary, client: FlaskClient) -> None:
    assert titles(page(client, q="题名:城市")) == ["城市報告"]
    assert titles(page(client, q="person:孟浩然")) == ["春曉集"]
    assert titles(page(client, q="year:1700..1800")) == ["春曉集"]
    assert titles(page(client, q="year:1900..")) == []
    assert "春曉集" in titles(page(client, q="专藏:古籍"))


def test_without_leaves_pages_out(small: SmallLibrary, client: FlaskClient) -> None:
    whole = page(client, q="花落知多少")
    assert "正文见于 3 页" in whole
    assert "正文见于 2 页" in page(client, q="花落知多少 -第2葉")


def test_the_room_is_opened_with_the_words_alone(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q="花落 -第2葉 题名:春晓 year:1700..1800")
    assert f"/read/{small.scan.id}/1?q=花落" in html.replace("%E8%8A%B1%E8%90%BD", "花落")
    assert "-%E7%AC%AC2" not in html.split('class="results"')[1].split("</ol>")[0]


@pytest.mark.parametrize(
    "query", ["title:", "year:昨天", "-花落", "年:", "in:", "year:1900 year:1901", "花落 in:没有这个"]
)
def test_what_cannot_be_understood_is_told(small: SmallLibrary, client: FlaskClient, query: str) -> None:
    answer = client.get("/search", query_string={"q": query})
    assert answer.status_code == 400
    assert query.rsplit(maxsplit=1)[-1].removeprefix("in:") + "”" in unescape(answer.text)
    assert "花落知多少" not in answer.text


@pytest.mark.parametrize("query", ["-", '""', "，。！"])
def test_punctuation_alone_finds_nothing(small: SmallLibrary, client: FlaskClient, query: str) -> None:
    assert "没有找到" in page(client, q=query)


@pytest.mark.parametrize("query", ["字" * 10_000, "😀" * 50, "𠀀𠀁", "\x00\x01", "title:" * 40, '"' * 199, "a" * 200])
def test_odd_queries_get_an_answer(small: SmallLibrary, client: FlaskClient, query: str) -> None:
    assert client.get("/search", query_string={"q": query}).status_code in {200, 400}


# Facets and order


def test_facets_count_items_and_narrow_the_search(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q="专藏:local")
    assert facet(html, "年代") == {"清": 1}
    kinds = facet(html, "类别")
    assert sum(kinds.values()) == len(titles(html)) == 4
    narrowed = page(client, q="专藏:local", kind="ebook")
    assert titles(narrowed) == ["桃花源記"]
    assert "去掉条件：电子书" in narrowed
    assert titles(page(client, q="专藏:local", period="qing")) == ["春曉集"]


def test_a_facet_that_nothing_has_can_be_taken_away_again(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q="花落", subject="没有这个主题")
    assert titles(html) == []
    assert "去掉条件：没有这个主题" in html


def test_items_are_put_in_order(small: SmallLibrary, client: FlaskClient) -> None:
    # cheng shi …, chun xiao …, nei bu …, tao hua …
    assert titles(page(client, q="专藏:local", sort="title")) == ["城市報告", "春曉集", "內部資料", "桃花源記"]
    assert titles(page(client, q="专藏:local", sort="date"))[0] == "春曉集", "the only one with a date"


# Strips


def test_a_hit_page_shows_its_strip_from_tiles_that_stand_ready(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q="啼鳥")
    view = re.search(r'<svg class="strip" viewBox="(\d+) (\d+) (\d+) (\d+)"', html)
    assert view
    addresses = re.findall(r'<image href="(/iiif/image/3/[^"]*)"', html)
    assert addresses
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert "immutable" in answer.headers["Cache-Control"]
    # 啼鳥 stands ten characters down the first column, which begins at 540, 40.
    assert '<rect x="540" y="310" width="30" height="60"/>' in html


# Switches


def test_the_very_characters(small: SmallLibrary, client: FlaskClient) -> None:
    assert "春曉集" in titles(page(client, q="处处闻"))
    assert titles(page(client, q="处处闻", exact="1")) == []
    assert titles(page(client, q="處處聞", exact="1")) == ["春曉集"]
    assert "正文见于 3 页" in page(client, q="處處聞", exact="1")
    assert titles(page(client, q="-深圳 處處聞", exact="1")) == ["春曉集"]
    assert titles(page(client, q="處處聞 处处闻", exact="1")) == []


def test_the_very_characters_of_closed_text_are_counted_too(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q=SECRET, exact="1")
    assert titles(html) == []
    assert "另有 1 种" in html


def test_a_lost_text_layer_takes_the_strip_away_and_nothing_else(small: SmallLibrary, client: FlaskClient) -> None:
    with small.library.catalogue.reading() as session:
        (first, *_) = items.pages(session, small.scan.id)
    assert first.layer
    key = blob_key(first.layer)
    kept = small.library.blobs.read(first.layer)
    small.library.store.delete(key)
    try:
        html = page(client, q="第1葉")
    finally:
        small.library.blobs.add_bytes(kept)
    assert titles(html) == ["春曉集"]
    assert 'class="strip"' not in html


def test_characters_that_machines_confuse(small: SmallLibrary, client: FlaskClient) -> None:
    # The text has 啼鳥; 乌 and 鸟 are taken for each other.
    assert titles(page(client, q="聞啼烏")) == []
    html = page(client, q="聞啼烏", more="1")
    assert titles(html) == ["春曉集"]
    assert "<mark>聞啼鳥</mark>" in html
    # The room is asked for the form that this page has, or it would show no box.
    addresses = re.findall(r'href="(/read/[^"]*q=[^"]*)"><svg', html) or re.findall(r'with-strip" href="([^"]*)"', html)
    assert addresses
    assert all("闻啼鸟" in unquote(address) for address in addresses)


# What one may not read


def test_of_closed_text_only_the_number_comes_out(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q=SECRET)
    assert titles(html) == []
    assert "另有 1 种文献的 1 页含有这些字，登录后可读" in html
    assert "祕密" not in html
    assert "內部資料" not in html, "its title did not match"
    assert 'class="facets"' not in html


def test_who_may_read_finds_it(small: SmallLibrary, reader: FlaskClient, staff: FlaskClient) -> None:
    assert titles(page(reader, q=SECRET)) == ["內部資料"]
    assert "登录后可读" not in page(reader, q=SECRET)
    assert titles(page(staff, q=STAFF_SECRET)) == ["館員專用"]


def test_of_what_is_for_staff_not_even_the_number(
    small: SmallLibrary, client: FlaskClient, reader: FlaskClient
) -> None:
    for one in (client, reader):
        html = page(one, q=STAFF_SECRET)
        assert titles(html) == []
        assert "另有" not in html


def test_closed_items_enter_neither_facets_nor_totals_by_their_text(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q="圖書館 OR 祕密")
    assert "內部資料" not in html
    both = page(client, q="祕密")
    assert titles(both) == []
    assert "另有 1 种" in both


def test_nothing_is_suggested_from_closed_text(small: SmallLibrary, client: FlaskClient) -> None:
    for typed in ("祕密", SECRET[:2], "skgz", "mimi"):
        assert client.get("/suggest", query_string={"q": typed}).get_json() == {"suggestions": []}
    told = client.get("/suggest", query_string={"q": "館員"}).get_json()["suggestions"]
    assert told == []


def test_closed_titles_are_told_as_the_rule_says(small: SmallLibrary, client: FlaskClient) -> None:
    (one,) = client.get("/suggest", query_string={"q": "nbzl"}).get_json()["suggestions"]
    assert one["text"] == "內部資料"
    assert one["kind"] == "题名"


def test_a_slip_in_closed_text_is_not_mended(small: SmallLibrary, client: FlaskClient) -> None:
    assert "您要找的是不是" not in page(client, q="书库改遭")


def test_titles_slip_by_sound(small: SmallLibrary, client: FlaskClient) -> None:
    html = page(client, q="春小集")
    assert "您要找的是不是" in html
    assert ">春曉集</a>" in html
