"""Pages, texts and hits in JSON, as the reading room asks for them."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from given import POEM
from integration.web_fixtures import SmallLibrary, client, reader, small
from made_items import flip_a_bit, make_book, make_collections
from werkzeug.test import TestResponse

from wenyuan.reader import guard, packed
from wenyuan.reader.app import create_app
from wenyuan.reader.views import room
from wenyuan.repo import policy
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import Access
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Action, Decision, Person
from wenyuan.storage.keys import blob_key

__all__ = ["client", "reader", "small"]

FOR_EVER = "public, max-age=86400, immutable"
ASK_AGAIN = "private, no-cache"
PACKED = {"Accept-Encoding": "gzip, deflate, br"}


def views(small: SmallLibrary, item: Item) -> list[PageView]:
    with small.library.catalogue.reading() as session:
        return items.pages(session, item.id)


def keyed_pages(small: SmallLibrary, item: Item) -> str:
    with small.app.test_request_context():
        return f"/read/{item.id}/pages.json?v={room.pages_version(item)}"


def told(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    document = answer.json
    assert isinstance(document, dict)
    return document


def test_the_pages_of_a_book_name_their_images_and_texts(small: SmallLibrary, client: FlaskClient) -> None:
    document = told(client.get(f"/read/{small.scan.id}/pages.json"))
    assert document["item"] == small.scan.id
    for row, view in zip(document["pages"], views(small, small.scan), strict=True):
        assert row[:4] == [view.key, view.width, view.height, view.label]
        assert row[4] == small.library.images.version(view.source, view.index)
        assert view.layer is not None
        assert row[5] == view.layer[:10]


def test_keyed_addresses_of_open_books_may_be_kept(small: SmallLibrary, client: FlaskClient) -> None:
    layer = told(client.get(f"/read/{small.scan.id}/pages.json"))["pages"][0][5]
    text = f"/read/{small.scan.id}/place/1/text.json"
    assert client.get(keyed_pages(small, small.scan)).headers["Cache-Control"] == FOR_EVER
    assert client.get(f"{text}?v={layer}").headers["Cache-Control"] == FOR_EVER
    for address in (f"/read/{small.scan.id}/pages.json?v=0123456789", text, f"{text}?v=0123456789", f"{text}?v="):
        assert client.get(address).headers["Cache-Control"] == ASK_AGAIN, address


def test_what_only_some_may_read_is_kept_by_nobody(small: SmallLibrary, reader: FlaskClient) -> None:
    layer = told(reader.get(keyed_pages(small, small.closed)))["pages"][0][5]
    for address in (keyed_pages(small, small.closed), f"/read/{small.closed.id}/place/1/text.json?v={layer}"):
        assert reader.get(address).headers["Cache-Control"] == ASK_AGAIN


def test_who_has_it_is_not_sent_it_again(small: SmallLibrary, client: FlaskClient) -> None:
    book = small.scan.id
    for path in ("pages.json", "place/1/text.json", "search.json?q=春眠", "place/1/hits.json?q=春眠"):
        first = client.get(f"/read/{book}/{path}")
        again = client.get(f"/read/{book}/{path}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path


def test_what_is_packed_says_the_same_under_a_tag_of_its_own(
    small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "WORTH_PACKING", 0)
    address = f"/read/{small.scan.id}/place/1/text.json"
    plain, short = client.get(address), client.get(address, headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert short.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(short.data) == plain.data
    assert short.headers["ETag"] != plain.headers["ETag"]
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, short))
    assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_what_fits_in_a_packet_is_not_packed(small: SmallLibrary, client: FlaskClient) -> None:
    answer = client.get(f"/read/{small.scan.id}/place/1/hits.json?q=春眠", headers=PACKED)
    assert "Content-Encoding" not in answer.headers


def test_a_text_has_columns_in_reading_order_with_a_box_for_each_character(
    small: SmallLibrary, client: FlaskClient
) -> None:
    document = told(client.get(f"/read/{small.scan.id}/place/1/text.json"))
    assert (document["width"], document["height"], document["origin"]) == (600, 800, "imported")
    lines = document["regions"][0]["lines"]
    assert [line["text"] for line in lines] == [POEM[:12], POEM[12:], "第1葉"]
    assert {line["direction"] for line in lines} == {"ttb"}
    assert lines[0]["box"] == [540, 40, 30, 360]
    assert lines[0]["glyphs"][4:8] == [540, 70, 30, 30]


def test_a_page_without_text_is_answered_with_no_regions(embedded_library: Library) -> None:
    make_collections(embedded_library)
    book = make_book(embedded_library)
    client = create_app(embedded_library).test_client()
    rows = told(client.get(f"/read/{book.id}/pages.json"))["pages"]
    assert [row[0] for row in rows if not row[5]] == [4]
    assert told(client.get(f"/read/{book.id}/place/4/text.json")) == {"regions": []}
    assert told(client.get(f"/read/{book.id}/place/1/text.json"))["regions"]


@pytest.fixture
def damaged(small: SmallLibrary) -> Iterator[PageView]:
    view = views(small, small.pdf)[2]
    assert view.layer is not None
    key = blob_key(view.layer)
    flip_a_bit(small.library, key)
    room._texts.forget((view.layer, view.origin))
    yield view
    flip_a_bit(small.library, key)


def test_a_damaged_text_is_answered_with_no_regions_and_logged(
    damaged: PageView, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    address = f"/read/{damaged.item}/place/{damaged.key}"
    with caplog.at_level(logging.ERROR):
        answer = client.get(f"{address}/text.json?v={(damaged.layer or '')[:10]}")
    assert told(answer) == {"regions": []}
    assert answer.headers["Cache-Control"] == ASK_AGAIN, "it will be there again when the layer is mended"
    assert str(damaged.layer) in caplog.text
    assert told(client.get(f"{address}/hits.json?q=圖書館"))["boxes"] == []


def test_searching_a_book_gives_places_and_snippets(small: SmallLibrary, client: FlaskClient) -> None:
    document = told(client.get(f"/read/{small.scan.id}/search.json?q=%20处处闻啼鸟%20"))
    assert (document["query"], document["total"], document["positions"]) == ("处处闻啼鸟", 3, [1, 2, 3])
    assert [hit["position"] for hit in document["hits"]] == [1, 2, 3]
    assert [text for text, is_hit in document["hits"][0]["snippet"] if is_hit] == ["處處聞啼鳥"]


def test_a_hit_has_a_box_for_each_column_it_runs_over(small: SmallLibrary, client: FlaskClient) -> None:
    document = told(client.get(f"/read/{small.scan.id}/place/1/hits.json?q=啼鳥夜來"))
    # 啼鳥。 ends the first column of twelve characters, 夜來 begins the second.
    assert document == {"boxes": [[540, 310, 30, 90], [500, 40, 30, 60]], "hits": [2], "ranges": [[9, 15]]}


def test_nothing_asked_is_nothing_found(small: SmallLibrary, client: FlaskClient) -> None:
    book = small.scan.id
    assert told(client.get(f"/read/{book}/search.json"))["positions"] == []
    assert told(client.get(f"/read/{book}/place/1/hits.json?q=%20")) == {"boxes": [], "hits": [], "ranges": []}


def test_a_query_that_is_too_long_is_told_in_words(small: SmallLibrary, client: FlaskClient) -> None:
    answer = client.get(f"/read/{small.scan.id}/search.json?q={'山' * 300}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "query-too-long"
    assert answer.json["title"]


def test_a_page_that_is_not_there_is_said_so(small: SmallLibrary, client: FlaskClient) -> None:
    for name in ("text", "hits"):
        assert client.get(f"/read/{small.scan.id}/place/99/{name}.json").status_code == 404


@pytest.mark.parametrize(
    ("action", "paths"),
    [
        (Action.READ_TEXT, ("place/1/text.json",)),
        (Action.SEARCH_INSIDE, ("search.json?q=春眠", "place/1/hits.json?q=春眠")),
        (Action.READ_PAGE, ("pages.json",)),
    ],
)
def test_each_answer_asks_the_policy_for_what_it_gives(
    action: Action, paths: tuple[str, ...], small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(access: Access, person: Person, asked: Action) -> Decision:
        return Decision(asked is not action and policy.decide(access, person, asked).allowed)

    monkeypatch.setattr(guard, "decide", decide)
    for path in paths:
        assert client.get(f"/read/{small.scan.id}/{path}").status_code == 403, path
