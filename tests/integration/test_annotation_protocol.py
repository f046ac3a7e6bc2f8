"""The Web Annotation Protocol (W3C REC 2017-02-23), its MUSTs and SHOULDs one by one, by the numbers of its sections.

What we do not do: Turtle (a SHOULD of §3 and §4.1), and an ETag on errors of the container (§4.1).
"""

from __future__ import annotations

from typing import Any

import pytest
from integration.annotation_fixtures import (
    BASE,
    CONTAINER,
    JSON_LD,
    Room,
    note,
    path_of,
    place,
    room,
    said,
)  # fmt: skip
from werkzeug.test import TestResponse

from wenyuan.reader.views import annotations as views

__all__ = ["room"]

PREFER = 'return=representation;include="{}"'
MINIMAL = "http://www.w3.org/ns/ldp#PreferMinimalContainer"
IRIS = "http://www.w3.org/ns/oa#PreferContainedIRIs"
DESCRIPTIONS = "http://www.w3.org/ns/oa#PreferContainedDescriptions"


def links(answer: TestResponse) -> list[str]:
    return answer.headers.getlist("Link")


def methods(answer: TestResponse) -> set[str]:
    return set(answer.headers["Allow"].split(", "))


class TestAnnotationRetrieval:
    """§3."""

    def test_get_head_and_options_are_supported(self, room: Room) -> None:
        reader = room.reader()
        path = path_of(reader.keep(note(room.book)))
        assert reader.get(path).status_code == 200
        head = reader.send("HEAD", path)
        assert (head.status_code, head.data) == (200, b"")
        assert reader.send("OPTIONS", path).status_code == 204

    def test_json_ld_with_the_profile_is_the_content_type(self, room: Room) -> None:
        reader = room.reader()
        path = path_of(reader.keep(note(room.book)))
        for accept in ("", JSON_LD, "application/ld+json", "*/*", "text/turtle;q=0.9, application/ld+json;q=0.1"):
            assert reader.get(path, **({"Accept": accept} if accept else {})).headers["Content-Type"] == JSON_LD
        assert reader.get(path, Accept="application/json").headers["Content-Type"] == "application/json"

    def test_what_is_not_offered_is_told(self, room: Room) -> None:
        reader = room.reader()
        path = path_of(reader.keep(note(room.book)))
        answer = reader.get(path, Accept="text/turtle")
        assert (answer.status_code, answer.json["code"]) == (406, "form-not-offered")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_the_link_header_says_that_it_is_a_resource(self, room: Room) -> None:
        reader = room.reader()
        path = path_of(reader.keep(note(room.book)))
        for method in ("GET", "HEAD", "OPTIONS"):
            told = links(reader.send(method, path))
            assert '<http://www.w3.org/ns/ldp#Resource>; rel="type"' in told
            assert '<http://www.w3.org/ns/oa#Annotation>; rel="type"' in told

    def test_there_is_an_etag_an_allow_and_a_vary(self, room: Room) -> None:
        reader = room.reader()
        path = path_of(reader.keep(note(room.book)))
        answer = reader.get(path)
        assert answer.headers["ETag"] == '"1"'
        assert methods(answer) == {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
        assert "Accept" in answer.headers["Vary"]
        assert reader.get(path, If_None_Match='"1"').status_code == 304


class TestContainerRetrieval:
    """§4.1."""

    def test_the_container_ends_in_a_slash(self, room: Room) -> None:
        assert CONTAINER.endswith("/")
        assert room.reader().get("/api/annotations").status_code == 308

    def test_get_head_and_options_are_supported(self, room: Room) -> None:
        reader = room.reader()
        assert reader.get("/api/annotations/").status_code == 200
        assert reader.send("HEAD", "/api/annotations/").data == b""
        assert reader.send("OPTIONS", "/api/annotations/").status_code == 204

    def test_the_description_uses_both_contexts(self, room: Room) -> None:
        assert room.reader().container()["@context"] == [
            "http://www.w3.org/ns/anno.jsonld", "http://www.w3.org/ns/ldp.jsonld",
        ]  # fmt: skip

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_links_allow_and_accept_post_are_advertised(self, room: Room, method: str) -> None:
        answer = room.reader().send(method, "/api/annotations/")
        assert links(answer) == [
            '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"',
            '<http://www.w3.org/TR/annotation-protocol/>; rel="http://www.w3.org/ns/ldp#constrainedBy"',
        ]
        assert methods(answer) == {"GET", "HEAD", "OPTIONS", "POST"}
        assert JSON_LD in answer.headers["Accept-Post"]
        assert {"Accept", "Prefer"} <= set(answer.headers["Vary"].split(", "))

    def test_there_is_an_etag_that_changes_with_what_is_in_it(self, room: Room) -> None:
        reader = room.reader()
        before = reader.get("/api/annotations/").headers["ETag"]
        assert reader.get("/api/annotations/", If_None_Match=before).status_code == 304
        reader.keep(note(room.book))
        assert reader.get("/api/annotations/").headers["ETag"] != before

    def test_without_accept_it_is_json_ld(self, room: Room) -> None:
        assert room.reader().get("/api/annotations/").headers["Content-Type"] == JSON_LD


class TestContainerRepresentations:
    """§4.2."""

    def test_an_empty_container_has_a_total_and_no_page(self, room: Room) -> None:
        told = room.reader().container()
        assert told["type"] == ["BasicContainer", "AnnotationCollection"]
        assert told["total"] == 0
        assert told["label"]
        assert "first" not in told

    def test_without_preference_descriptions_come(self, room: Room) -> None:
        """§4.2.1."""
        reader = room.reader()
        kept = reader.keep(note(room.book))
        told = reader.container()
        assert told["id"] == f"{CONTAINER}?iris=0"
        assert told["first"]["items"] == [{key: value for key, value in kept.items() if key != "@context"}]

    def test_the_address_tells_descriptions_from_iris_and_is_the_content_location(self, room: Room) -> None:
        reader = room.reader()
        reader.keep(note(room.book))
        answer = reader.get("/api/annotations/", Prefer=PREFER.format(IRIS))
        assert answer.headers["Content-Location"] == answer.json["id"] == f"{CONTAINER}?iris=1"
        again = reader.get(answer.json["id"].removeprefix(BASE))
        assert again.json == answer.json, "the address alone is enough"

    def test_the_minimal_container_has_links_and_embeds_nothing(self, room: Room) -> None:
        """§4.2.2."""
        reader = room.reader()
        reader.keep(note(room.book))
        told = reader.container(Prefer=PREFER.format(f"{MINIMAL} {IRIS}"))
        assert "ldp:contains" not in told
        assert "contains" not in told
        assert told["first"] == told["last"] == f"{CONTAINER}?iris=1&page=0"

    def test_iris_alone(self, room: Room) -> None:
        """§4.2.3."""
        reader = room.reader()
        kept = reader.keep(note(room.book))
        answer = reader.get("/api/annotations/", Prefer=PREFER.format(IRIS))
        assert answer.json["first"]["items"] == [kept["id"]]
        assert answer.headers["Preference-Applied"] == "return=representation"

    def test_descriptions(self, room: Room) -> None:
        """§4.2.4."""
        reader = room.reader()
        kept = reader.keep(note(room.book))
        told = reader.container(Prefer=PREFER.format(DESCRIPTIONS))
        assert told["first"]["type"] == "AnnotationPage"
        assert told["first"]["items"][0]["id"] == kept["id"]

    def test_both_at_once_cannot_be_and_are_no_preference(self, room: Room) -> None:
        """§4.2.1."""
        reader = room.reader()
        reader.keep(note(room.book))
        told = reader.container(Prefer=PREFER.format(f"{IRIS} {DESCRIPTIONS}"))
        assert told["id"].endswith("iris=0")

    def test_only_what_is_asked_for(self, room: Room) -> None:
        reader = room.reader()
        reader.keep(note(room.book))
        ebook = reader.keep(note(room.ebook, 1, target=place(room.ebook, 1)))
        told = reader.container(f"?item={room.ebook.id}")
        assert told["total"] == 1
        assert told["id"] == f"{CONTAINER}?item={room.ebook.id}&iris=0"
        assert [one["id"] for one in told["first"]["items"]] == [ebook["id"]]


class TestAnnotationPages:
    """§4.3."""

    @pytest.fixture
    def walked(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[dict[str, Any]]]:
        monkeypatch.setattr(views, "PAGE", 2)
        reader = room.reader()
        made = [reader.keep(note(room.book))["id"] for _ in range(5)]
        told = reader.container()
        pages = [told["first"]]
        assert told["last"] == f"{CONTAINER}?iris=0&page=2"
        while "next" in pages[-1]:
            pages.append(reader.get(pages[-1]["next"].removeprefix(BASE)).json)
        return made, pages

    def test_all_pages_together_are_the_whole_in_order(self, walked: tuple[list[str], list[dict[str, Any]]]) -> None:
        made, pages = walked
        found = [one["id"] for page in pages for one in page["items"]]
        assert sorted(found) == sorted(made)
        assert [page["startIndex"] for page in pages] == [0, 2, 4]

    def test_part_of_previous_and_next(self, walked: tuple[list[str], list[dict[str, Any]]]) -> None:
        _made, pages = walked
        assert len(pages) == 3
        assert all(page["partOf"] == {"id": f"{CONTAINER}?iris=0", "total": 5} for page in pages)
        assert "prev" not in pages[0]
        assert [page["prev"] for page in pages[1:]] == [pages[0]["id"], pages[1]["id"]]

    def test_a_page_that_is_not_there(self, room: Room) -> None:
        assert room.reader().get("/api/annotations/?page=7").status_code == 404
        assert room.reader().get("/api/annotations/?page=x").status_code == 404
        assert room.reader().get("/api/annotations/?page=0").json["items"] == []


class TestCreating:
    """§5.1 and §5.2."""

    def test_created_with_location_etag_and_the_annotation(self, room: Room) -> None:
        answer = room.reader().post(note(room.book, body=said("府治所在")))
        assert answer.status_code == 201
        assert answer.headers["Location"] == answer.json["id"]
        assert answer.json["id"].startswith(CONTAINER)
        assert "/" not in answer.json["id"].removeprefix(CONTAINER)
        assert answer.headers["ETag"] == '"1"'
        assert answer.json["body"] == said("府治所在")
        assert answer.json["creator"]["name"] == "甲"
        assert answer.json["created"].endswith("Z")

    def test_the_server_gives_the_id_and_keeps_the_clients_as_via(self, room: Room) -> None:
        kept = room.reader().keep(note(room.book, id="https://elsewhere.example/anno/1"))
        assert kept["id"].startswith(CONTAINER)
        assert kept["via"] == "https://elsewhere.example/anno/1"

    def test_canonical_stays_and_makes_posting_twice_harmless(self, room: Room) -> None:
        reader = room.reader()
        told = note(room.book, canonical="urn:uuid:2b2c1e0e-5a57-4c7e-a6a5-6a9a1b7d2f10")
        first, second = reader.post(told), reader.post(told)
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json == second.json
        assert first.json["canonical"] == told["canonical"]
        assert reader.container()["total"] == 1
        assert room.reader("乙").post(told).status_code == 201, "it is a name of each reader's own"

    def test_what_other_clients_add_is_kept(self, room: Room) -> None:
        kept = room.reader().keep(note(room.book, rights="https://creativecommons.org/licenses/by/4.0/"))
        assert kept["rights"] == "https://creativecommons.org/licenses/by/4.0/"

    def test_a_slug_may_be_left_aside(self, room: Room) -> None:
        answer = room.reader().post(note(room.book), Slug="mine")
        assert answer.status_code == 201
        assert not answer.json["id"].endswith("mine")

    @pytest.mark.parametrize("kind", ["text/turtle", "text/plain", "application/x-www-form-urlencoded"])
    def test_another_form_is_refused(self, room: Room, kind: str) -> None:
        answer = room.reader().post(note(room.book), Content_Type=kind)
        assert (answer.status_code, answer.json["code"]) == (415, "media-type-unknown")

    @pytest.mark.parametrize("body", ["", "[]", "null", '{"type":', '{"a":1,"a":2}', "[" * 30_000, '{"x": NaN}'])
    def test_what_is_no_annotation_is_refused(self, room: Room, body: str) -> None:
        answer = room.reader().post(body)
        assert answer.status_code == 400
        assert answer.json["code"] in {"annotation-unclear", "named-twice"}

    def test_too_much_is_refused(self, room: Room) -> None:
        answer = room.reader().post(note(room.book, body=said("長" * 70_000)))
        assert answer.status_code == 413


class TestUpdating:
    """§5.3."""

    def test_the_whole_state_is_replaced_and_told(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        answer = reader.send("PUT", path_of(kept), {**kept, "body": said("改過")}, If_Match='"1"')
        assert answer.status_code == 200
        assert answer.headers["ETag"] == '"2"'
        assert answer.json["body"] == said("改過")
        assert answer.json["motivation"] == "commenting"
        assert answer.json["created"] == kept["created"]
        assert answer.json["modified"] >= kept["modified"]
        assert reader.get(path_of(kept)).json == answer.json

    def test_who_was_slower_is_told(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        reader.send("PUT", path_of(kept), {**kept, "body": said("一")}, If_Match='"1"')
        answer = reader.send("PUT", path_of(kept), {**kept, "body": said("二")}, If_Match='"1"')
        assert (answer.status_code, answer.json["code"]) == (412, "annotation-changed")
        assert reader.get(path_of(kept)).json["body"] == said("一")

    def test_a_change_says_upon_which_version_it_is_made(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        for method in ("PUT", "DELETE"):
            answer = reader.send(method, path_of(kept), kept if method == "PUT" else None)
            assert (answer.status_code, answer.json["code"]) == (428, "condition-missing")
        assert reader.send("PUT", path_of(kept), kept, If_Match="*").status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "http://localhost/api/annotations/another"},
            {"canonical": "urn:uuid:2b2c1e0e-5a57-4c7e-a6a5-6a9a1b7d2f11"},
            {"via": "https://elsewhere.example/2"},
        ],
    )
    def test_what_stays_is_not_changed(self, room: Room, change: dict[str, str]) -> None:
        reader = room.reader()
        names = {"canonical": "urn:uuid:2b2c1e0e-5a57-4c7e-a6a5-6a9a1b7d2f10", "via": "https://elsewhere.example/1"}
        kept = reader.keep(note(room.book, **names))
        answer = reader.send("PUT", path_of(kept), {**kept, **change}, If_Match='"1"')
        assert (answer.status_code, answer.json["code"]) == (409, "annotation-fixed")

    def test_a_note_stays_with_its_item(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        answer = reader.send("PUT", path_of(kept), {**kept, "target": place(room.ebook, 1)}, If_Match='"1"')
        assert (answer.status_code, answer.json["code"]) == (409, "annotation-fixed")


class TestDeleting:
    """§5.4."""

    def test_deleted_with_204_and_gone(self, room: Room) -> None:
        reader = room.reader()
        kept = reader.keep(note(room.book))
        assert reader.send("DELETE", path_of(kept), If_Match='"7"').status_code == 412
        answer = reader.send("DELETE", path_of(kept), If_Match='"1"')
        assert (answer.status_code, answer.data) == (204, b"")
        assert reader.get(path_of(kept)).status_code == 404
        assert reader.container()["total"] == 0


class TestErrors:
    """§6."""

    def test_nobody_is_asked_to_sign_in(self, room: Room) -> None:
        path = path_of(room.reader().keep(note(room.book)))
        nobody = room.nobody
        asked = [
            nobody.get("/api/annotations/"), nobody.get(path), nobody.post(note(room.book)),
            nobody.send("PUT", path, note(room.book)), nobody.send("DELETE", path), nobody.get("/api/groups"),
        ]  # fmt: skip
        assert [answer.status_code for answer in asked] == [401] * 6
        assert all(answer.headers["Content-Type"] == "application/problem+json" for answer in asked)

    def test_methods_that_are_not_there(self, room: Room) -> None:
        reader = room.reader()
        path = path_of(reader.keep(note(room.book)))
        answer = reader.send("PATCH", path, {})
        assert answer.status_code == 405
        assert {"GET", "PUT", "DELETE"} <= methods(answer)
        assert reader.send("PUT", "/api/annotations/", {}).status_code == 405

    def test_a_page_of_another_site_cannot_write(self, room: Room) -> None:
        reader = room.reader()
        forged = reader.client.post("/api/annotations/", json=note(room.book))
        assert (forged.status_code, forged.json["code"]) == (400, "form-token-missing")

    @pytest.mark.parametrize("key", [99, 2**31 - 1])
    def test_a_page_that_the_item_does_not_have(self, room: Room, key: int) -> None:
        target = {"source": place(room.book, key), "selector": {"type": "TextQuoteSelector", "exact": "無此頁中此語"}}
        answer = room.reader().post(note(room.book, target=target))
        assert answer.status_code in {400, 404}
