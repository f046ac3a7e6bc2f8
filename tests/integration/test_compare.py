"""Two editions side by side: who is offered, who may see them, and that each turns by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import given
import pytest
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from integration.web_fixtures import PASSWORD, SmallLibrary, signed_in

from wenyuan.reader.app import create_app
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import items, users, works
from wenyuan.repo.items import Collection
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

EARLY, LATE, OTHER, CLOSED, HIDDEN = "縣志嘉慶本", "縣志光緒本", "山水詩鈔", "縣志稿本", "縣志校樣"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLibrary]:
    """Four editions of one work (one for signed-in readers, one for staff), a book of another, and an e-book."""
    folder = tmp_path_factory.mktemp("compare")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    holdings.save_collection(library, Collection("old-books", {"zh-Hans": "古籍"}))
    editions = {EARLY: {"date": "嘉慶二十四年"}, LATE: {"date": "光緒元年"}, CLOSED: {"access": "signed-in"}}
    for number, (title, told) in enumerate({**editions, HIDDEN: {"access": "staff"}, OTHER: {}}.items()):
        place = given.scans(folder / title, 3, title=f"book {number}")
        described = json.loads((place / "metadata.json").read_text("utf-8")) | told | {"title": title}
        if title is not OTHER:
            described["series"] = "南山縣志"
        given.write_json(place / "metadata.json", described)
        hand_in(library, place, collection="old-books")
    hand_in(library, given.epub(folder / "book.epub", {"緣起": "武陵人"}, title="縣志導讀"), collection="old-books")
    with library.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
    app = create_app(library)
    app.testing = True
    yield SmallLibrary(library, app, {item.description.title: item for item in shown(library)})
    library.close()


@pytest.fixture
def client(shelf: SmallLibrary) -> FlaskClient:
    """Somebody without an account."""
    return shelf.app.test_client()


def _ask(client: FlaskClient, shelf: SmallLibrary, a: str, ap: object = None, b: str = "", bp: object = None) -> str:
    query = {"a": shelf.by_title[a].id, "ap": ap, "b": shelf.by_title[b].id if b else None, "bp": bp}
    answer = client.get("/compare", query_string={name: value for name, value in query.items() if value is not None})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def test_two_editions_lie_side_by_side_each_at_its_page(client: FlaskClient, shelf: SmallLibrary) -> None:
    sides = _sides(client, shelf)
    assert [(side["title"], side["position"], side["count"]) for side in sides] == [(EARLY, 2, 3), (LATE, 3, 3)]
    page = _ask(client, shelf, EARLY, 2, LATE, 3)
    for title, place in ((EARLY, 2), (LATE, 3)):
        own = shelf.by_title[title].id
        assert re.search(rf'<img [^>]*src="[^"]*{own}[-/a-z]*{place}/[^"]*"[^>]* alt="{title}，第 {place} 页', page)


def test_each_side_turns_by_itself_and_keeps_the_other(client: FlaskClient, shelf: SmallLibrary) -> None:
    page = _ask(client, shelf, EARLY, 2, LATE, 3)
    early, late = shelf.by_title[EARLY].id, shelf.by_title[LATE].id
    assert f'rel="next" class="side-turn" href="/compare?a={early}&ap=3&b={late}&bp=3"' in page
    assert f'rel="prev" class="side-turn" href="/compare?a={early}&ap=2&b={late}&bp=2"' in page
    assert page.count('class="side-turn" aria-label="下一页"') == 1, "the later edition is at its end"


def test_both_turn_together_without_scripts(client: FlaskClient, shelf: SmallLibrary) -> None:
    page = _ask(client, shelf, EARLY, 2, LATE, 3)
    early, late = shelf.by_title[EARLY].id, shelf.by_title[LATE].id
    assert f'compare-both" href="/compare?a={early}&ap=3&b={late}&bp=3"' in page
    assert f'compare-both" href="/compare?a={early}&ap=1&b={late}&bp=2"' in page
    assert 'compare-both" data-steps="1"' in _ask(client, shelf, EARLY, 3, LATE, 3), "no address beyond the end of both"


def test_alone_it_offers_the_same_work_first_then_the_same_shelf(client: FlaskClient, shelf: SmallLibrary) -> None:
    page = _ask(client, shelf, EARLY, 2)
    places = [page.index(f"b={shelf.by_title[title].id}") for title in (LATE, EARLY, OTHER)]
    assert places == sorted(places)
    assert f"ap=2&b={shelf.by_title[EARLY].id}&bp=3" in page, "another page of the same book"
    for title in (CLOSED, HIDDEN, "縣志導讀"):
        assert title not in page


def test_who_has_signed_in_is_offered_what_is_for_them(shelf: SmallLibrary) -> None:
    page = _ask(signed_in(shelf.app, "reader"), shelf, EARLY)
    assert CLOSED in page
    assert HIDDEN not in page


def test_another_book_is_found_by_its_title(client: FlaskClient, shelf: SmallLibrary) -> None:
    answer = client.get("/compare", query_string={"a": shelf.by_title[EARLY].id, "ap": "2", "q": "山水诗钞"})
    assert f"ap=2&b={shelf.by_title[OTHER].id}" in unescape(answer.text)
    nothing = client.get("/compare", query_string={"a": shelf.by_title[EARLY].id, "q": "導讀"}).text
    assert "縣志導讀" not in nothing, "an e-book has no pages to lay beside others"
    assert client.get("/compare", query_string={"a": shelf.by_title[EARLY].id, "q": "志" * 500}).status_code == 400


@pytest.mark.parametrize("name", ["a", "b"])
def test_each_book_is_guarded(client: FlaskClient, shelf: SmallLibrary, name: str) -> None:
    free, other = shelf.by_title[EARLY].id, "b" if name == "a" else "a"
    for title, status in ((CLOSED, 403), (HIDDEN, 404)):
        answer = client.get("/compare", query_string={name: shelf.by_title[title].id, other: free})
        assert answer.status_code == status
        assert title not in answer.text
    assert client.get("/compare", query_string={name: "0000000000000", other: free}).status_code == 404


def test_a_withdrawn_book_is_neither_shown_nor_offered(client: FlaskClient, shelf: SmallLibrary) -> None:
    late = shelf.by_title[LATE].id
    holdings.withdraw(shelf.library, late, "test", "")
    try:
        answer = client.get("/compare", query_string={"a": shelf.by_title[EARLY].id, "b": late})
        assert answer.status_code == 404
        assert late not in _ask(client, shelf, EARLY)
    finally:
        holdings.restore(shelf.library, late, "test")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("a=", 404),
        ("a=EARLY&ap=99", 404),
        ("a=EARLY&ap=x&b=LATE&bp=-1", 200),
        ("a=EARLY&ap=0&b=LATE&bp=99999999999999999999", 200),
        ("a=EARLY&b=EPUB", 404),
        ("a=EARLY&b=EARLY&ap=1&bp=2", 200),
    ],
)
def test_odd_addresses_are_answered_kindly(client: FlaskClient, shelf: SmallLibrary, query: str, status: int) -> None:
    for name, title in (("EARLY", EARLY), ("LATE", LATE), ("EPUB", "縣志導讀")):
        query = query.replace(name, shelf.by_title[title].id)
    assert client.get(f"/compare?{query}").status_code == status


def test_the_item_page_leads_here_only_where_there_is_something_to_compare(
    client: FlaskClient, shelf: SmallLibrary
) -> None:
    early, other = shelf.by_title[EARLY].id, shelf.by_title[OTHER].id
    assert f'href="/compare?a={early}"' in client.get(f"/items/{early}").text
    assert "/compare" not in client.get(f"/items/{other}").text


def test_companions_are_mutual(shelf: SmallLibrary, tmp_path: Path) -> None:
    """A book whose title is the other's series belongs to it, whichever of the two is asked."""
    place = given.scans(tmp_path / "whole", 2, title="whole")
    hand_in(shelf.library, given.write_json(place / "metadata.json", {"title": "南山縣志"}).parent)
    with shelf.library.catalogue.reading() as session:
        whole = next(item for item in shown(shelf.library) if item.description.title == "南山縣志")
        early = items.get(session, shelf.by_title[EARLY].id)
        assert whole.id in {item.id for item in works.companions(session, early, frozenset({"open"}))}
        found = [item.description.title for item in works.companions(session, whole, frozenset({"open"}))]
    assert found == [EARLY, LATE], "oldest first; closed ones are not asked for"


def _sides(client: FlaskClient, shelf: SmallLibrary) -> list[dict[str, Any]]:
    query = {"a": shelf.by_title[EARLY].id, "ap": 2, "b": shelf.by_title[LATE].id, "bp": 3}
    page = client.get("/compare", query_string=query).text
    return [json.loads(unescape(each.split('"')[0])) for each in page.split('data-side="')[1:]]
