"""Content Search inside an item: hits with boxes and context, pages of answers, suggestions, and who may ask."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, reader, small, staff

from wenyuan.reader import guard
from wenyuan.reader.iiif import content_search
from wenyuan.repo import policy
from wenyuan.repo.catalogue import items
from wenyuan.repo.description import Access
from wenyuan.repo.policy import Action, Decision, Person
from wenyuan.storage.keys import blob_key

__all__ = ["client", "reader", "small", "staff"]


def found(client: FlaskClient, small: SmallLibrary, query: str, version: int = 2) -> dict[str, Any]:
    answer = client.get(f"/iiif/search/{version}/{small.scan.id}", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    document: dict[str, Any] = answer.get_json(force=True)
    return document


def canvas(small: SmallLibrary, key: int) -> str:
    return f"http://localhost/iiif/presentation/3/{small.scan.id}/canvas/{key}"


def test_a_hit_is_an_annotation_on_its_canvas_with_its_box(small: SmallLibrary, client: FlaskClient) -> None:
    document = found(client, small, "q=第2葉")
    assert document["@context"] == "http://iiif.io/api/search/2/context.json"
    (annotation,) = document["items"]
    # The third column from the right, three characters of 30 pixels from the top.
    assert annotation["target"] == f"{canvas(small, 2)}#xywh=460,40,30,90"
    assert annotation["body"] == {"type": "TextualBody", "value": "第2葉", "format": "text/plain"}
    (context,) = document["annotations"][0]["items"]
    assert context["motivation"] == "contextualizing"
    assert context["target"]["source"] == annotation["id"]
    (selector,) = context["target"]["selector"]
    assert selector["type"] == "TextQuoteSelector"
    assert selector["exact"] == "第2葉"
    assert selector["prefix"].endswith("花落知多少。")


def test_a_simplified_query_finds_traditional_text(small: SmallLibrary, client: FlaskClient) -> None:
    document = found(client, small, "q=处处闻")
    assert [each["body"]["value"] for each in document["items"]] == ["處處聞"] * 3


def test_a_hit_over_two_columns_has_a_box_in_each(small: SmallLibrary, client: FlaskClient) -> None:
    document = found(client, small, "q=聞啼鳥夜來風")
    first, second = document["items"][:2]
    assert [first["body"]["value"], second["body"]["value"]] == ["聞啼鳥。", "夜來風"]
    assert first["target"].split("#")[1] == "xywh=540,280,30,120"
    assert second["target"].split("#")[1] == "xywh=500,40,30,90"
    context = document["annotations"][0]["items"][0]["target"]
    assert [each["source"] for each in context] == [first["id"], second["id"]]
    assert context[1]["selector"][0]["prefix"].endswith("處處聞啼鳥。")
    hit = found(client, small, "q=聞啼鳥夜來風", 1)["hits"][0]
    assert (hit["match"], len(hit["annotations"])) == ("聞啼鳥。夜來風", 2)
    assert hit["before"].endswith("處處")
    assert hit["after"].startswith("雨聲")


def test_version_1_tells_the_same_hits(small: SmallLibrary, client: FlaskClient) -> None:
    new, old = found(client, small, "q=啼鳥"), found(client, small, "q=啼鳥", 1)
    assert old["@type"] == "sc:AnnotationList"
    assert [each["on"] for each in old["resources"]] == [each["target"] for each in new["items"]]
    assert {each["motivation"] for each in old["resources"]} == {"sc:painting"}
    assert old["within"]["total"] == len(old["resources"]) == 3
    assert [hit["annotations"] for hit in old["hits"]] == [[each["@id"]] for each in old["resources"]]


@pytest.mark.parametrize("version", [1, 2])
def test_many_hits_come_in_pages_that_name_each_other(
    version: int, small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_search, "CANVASES", 2)
    first = found(client, small, "q=啼鳥", version)
    following = first["next"] if version == 1 else first["next"]["id"]
    whole = first["within"] if version == 1 else first["partOf"]
    assert "prev" not in first
    second = client.get(following.removeprefix("http://localhost")).get_json(force=True)
    assert second["@id" if version == 1 else "id"] == following
    assert "next" not in second
    items = "resources" if version == 1 else "items"
    where = "on" if version == 1 else "target"
    assert [each[where].split("#")[0] for each in first[items] + second[items]] == [canvas(small, n) for n in (1, 2, 3)]
    last = whole["last"] if version == 1 else whole["last"]["id"]
    assert last == following
    beyond = client.get(f"/iiif/search/{version}/{small.scan.id}?q=啼鳥&page=9").get_json(force=True)
    assert beyond[items] == []


def test_parameters_that_nobody_looked_at_are_named(small: SmallLibrary, client: FlaskClient) -> None:
    asked = "q=啼鳥&user=http://example.org/me&date=2020-01-01T00:00:00Z/2021-01-01T00:00:00Z"
    assert found(client, small, asked)["ignored"] == ["date", "user"]
    assert found(client, small, asked, 1)["within"]["ignored"] == ["date", "user"]
    assert "ignored" not in found(client, small, "q=啼鳥")


@pytest.mark.parametrize(
    ("version", "motivation", "finds"),
    [
        (2, "supplementing", True),
        (2, "commenting", False),
        (2, "commenting contextualizing", True),
        (1, "painting", True),
        (1, "tagging", False),
    ],
)
def test_only_annotations_of_the_motivation_asked_for_are_found(
    version: int, motivation: str, finds: bool, small: SmallLibrary, client: FlaskClient
) -> None:
    document = found(client, small, f"q=啼鳥&motivation={motivation}", version)
    assert bool(document["items" if version == 2 else "resources"]) is finds


def test_nothing_asked_and_nothing_found_are_empty_answers(small: SmallLibrary, client: FlaskClient) -> None:
    for query in ("", "q=", "q=。，", "q=沒有這句話"):
        assert found(client, small, query)["items"] == []
        assert found(client, small, query, 1)["resources"] == []


def test_a_query_that_is_too_long_is_refused(small: SmallLibrary, client: FlaskClient) -> None:
    assert client.get(f"/iiif/search/2/{small.scan.id}", query_string={"q": "天" * 201}).status_code == 400
    assert client.get(f"/iiif/search/2/{small.scan.id}/autocomplete", query_string={"q": "天" * 201}).status_code == 200


def test_a_page_whose_text_layer_is_lost_is_found_without_boxes(small: SmallLibrary, client: FlaskClient) -> None:
    with small.library.catalogue.reading() as session:
        layer = items.page_by_key(session, small.scan.id, 2).layer
    assert layer is not None
    kept = small.library.blobs.read(layer)
    small.library.store.delete(blob_key(layer))
    try:
        (annotation,) = found(client, small, "q=第2葉")["items"]
        assert annotation["target"] == canvas(small, 2)
        assert annotation["body"]["value"] == "第2葉"
    finally:
        small.library.blobs.add_bytes(kept)


def test_terms_are_suggested_out_of_the_text_itself(small: SmallLibrary, client: FlaskClient) -> None:
    address = f"/iiif/search/2/{small.scan.id}/autocomplete"
    document = client.get(f"{address}?q=处处").get_json(force=True)
    assert document["type"] == "TermPage"
    term = document["items"][0]
    assert (term["value"], term["total"]) == ("處處聞啼鳥", 3)
    search = client.get(term["service"][0]["id"].removeprefix("http://localhost")).get_json(force=True)
    assert len(search["items"]) == term["total"]
    old = client.get(f"{address.replace('/2/', '/1/')}?q=处处&user=me").get_json(force=True)
    assert old["@type"] == "search:TermList"
    assert old["ignored"] == ["user"]
    assert [(each["match"], each["count"]) for each in old["terms"]] == [("處處聞啼鳥", 3)]
    assert client.get(f"{address}?q=处处&min=4").get_json(force=True)["items"] == []
    assert client.get(address).get_json(force=True)["items"] == []


@pytest.mark.parametrize("path", ["", "/autocomplete"])
@pytest.mark.parametrize("version", [1, 2])
def test_who_may_not_search_learns_nothing_of_the_text(
    version: int, path: str, small: SmallLibrary, client: FlaskClient, reader: FlaskClient, staff: FlaskClient
) -> None:
    closed = f"/iiif/search/{version}/{small.closed.id}{path}?q=祕密"
    hidden = f"/iiif/search/{version}/{small.hidden.id}{path}?q=祕密"
    refused = client.get(closed, headers={"Accept": "application/json"})
    assert refused.status_code == 403
    assert "書庫" not in refused.text
    assert client.get(hidden).status_code == reader.get(hidden).status_code == 404
    assert "祕密" in reader.get(closed).text
    assert reader.get(closed).headers["Cache-Control"] == "private, no-cache"
    assert "祕密" in staff.get(hidden).text


def test_searching_inside_is_asked_of_the_policy_of_its_own(
    small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(access: Access, person: Person, action: Action) -> Decision:
        return Decision(action is not Action.SEARCH_INSIDE and policy.decide(access, person, action).allowed)

    monkeypatch.setattr(guard, "decide", decide)
    for address in (f"/iiif/search/2/{small.scan.id}?q=啼", f"/iiif/search/2/{small.scan.id}/autocomplete?q=啼"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "啼鳥" not in answer.text
