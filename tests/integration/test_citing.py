"""References to take along and what an item page tells reference managers, by address and with a page."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
import rispy
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, reader, small
from pybtex.database import parse_string

__all__ = ["client", "reader", "small"]


def tags(page: str, attribute: str) -> list[tuple[str, str]]:
    """`<meta>` of a page by name or property."""
    found = re.findall(rf'<meta {attribute}="([^"]+)" content="([^"]*)">', page)
    return [(name, unescape(content)) for name, content in found]


def test_ris_is_a_file_with_the_name_of_the_book(client: FlaskClient, small: SmallLibrary) -> None:
    answer = client.get(f"/items/{small.scan.id}/cite.ris")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-research-info-systems; charset=utf-8"
    assert "filename*=UTF-8''%E6%98%A5%E6%9B%89%E9%9B%86.ris" in answer.headers["Content-Disposition"]
    (record,) = rispy.loads(answer.text)
    assert (record["title"], record["authors"], record["year"]) == ("春曉集", ["孟浩然"], "1765")
    assert record["notes"] == ["乾隆三十年"]
    assert record["urls"] == [f"http://localhost/items/{small.scan.id}"]


def test_bibtex_of_a_page_has_its_lasting_address(client: FlaskClient, small: SmallLibrary) -> None:
    answer = client.get(f"/items/{small.scan.id}/cite.bib?page=2")
    assert answer.headers["Content-Type"] == "application/x-bibtex; charset=utf-8"
    entry = parse_string(answer.text, "bibtex").entries[f"{small.scan.id}-2"]
    assert entry.fields["pages"] == "2"
    where = entry.fields["url"]
    assert where == f"http://localhost/read/{small.scan.id}/place/2"
    assert client.get(where.removeprefix("http://localhost")).status_code == 302


@pytest.mark.parametrize("page", ["99", "two", "-1", "٣", "9" * 30])
def test_a_page_that_is_not_there_is_not_cited(page: str, client: FlaskClient, small: SmallLibrary) -> None:
    assert client.get(f"/items/{small.scan.id}/cite.ris?page={page}").status_code == 404
    assert client.get("/items/0000000000000/cite.bib").status_code == 404


def test_what_only_staff_may_know_of_is_not_cited_to_others(client: FlaskClient, small: SmallLibrary) -> None:
    open_answer = client.get(f"/items/{small.closed.id}/cite.ris")
    assert open_answer.status_code == 200, "a title that everybody finds can be quoted"
    assert client.get(f"/items/{small.hidden.id}/cite.ris").status_code in {403, 404}


def test_reference_managers_find_what_the_card_says(client: FlaskClient, small: SmallLibrary) -> None:
    told = tags(client.get(f"/items/{small.scan.id}").text, "name")
    assert ("citation_title", "春曉集") in told
    assert ("citation_author", "孟浩然") in told
    assert ("citation_publication_date", "1765") in told
    assert ("citation_language", "zh-Hant") in told
    assert ("citation_public_url", f"http://localhost/items/{small.scan.id}") in told
    assert ("DC.type", "book") in told
    assert all(content for _, content in told), "nothing is told of what is not known"


def test_messages_show_a_preview_of_what_is_open_to_all(client: FlaskClient, small: SmallLibrary) -> None:
    preview = dict(tags(client.get(f"/items/{small.scan.id}").text, "property"))
    assert (preview["og:title"], preview["og:type"]) == ("春曉集", "book")
    picture = client.get(preview["og:image"].removeprefix("http://localhost"))
    assert picture.mimetype.startswith("image/")
    closed = dict(tags(client.get(f"/items/{small.closed.id}").text, "property"))
    assert "og:image" not in closed


def test_the_item_page_offers_both_and_the_lasting_link(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/items/{small.scan.id}").text
    for ending in ("ris", "bib"):
        assert page.count(f'href="/items/{small.scan.id}/cite.{ending}"') == 2, "in the page, and told to programs"
    assert f'readonly value="http://localhost/items/{small.scan.id}"' in page


def test_the_room_gives_references_of_the_page_that_is_open(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/read/{small.scan.id}/2").text
    told = json.loads(unescape(re.findall(r'data-room="([^"]+)"', page)[0]))
    assert told["urls"]["ris"] == f"/items/{small.scan.id}/cite.ris?page={{key}}"
    assert 'data-download="bib"' in page
