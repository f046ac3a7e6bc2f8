"""Manifests and collections as other viewers read them, against the schema, the model and the rules of the house."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import iiif_prezi3
import jsonschema
import pytest
from conftest import SAMPLE
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from integration.web_fixtures import SmallLibrary, client, reader, small, staff

from wenyuan.reader.app import create_app
from wenyuan.reader.iiif import collections as iiif_collections
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import collections
from wenyuan.repo.description import Description
from wenyuan.repo.holdings import NewItem
from wenyuan.repo.items import Collection, File, Item, Page, PageKind, Structure
from wenyuan.repo.settings import load

__all__ = ["client", "reader", "small", "staff"]

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "schemas" / "iiif" / "iiif_3_0.json"
"""Of Presentation 3.0; those in v4/ beside it are of 4.0."""
BASE = "http://localhost/iiif/presentation/3"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The JSON schema of Presentation 3.0."""
    if not SCHEMA.exists():
        pytest.skip("the IIIF schemas are not beside this checkout")
    found: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, list[Item]]]:
    """The sample collection: something of every kind."""
    library = wiring.build(load(home=tmp_path_factory.mktemp("iiif") / "home", executor="inline"))
    hand_in(library, SAMPLE)
    app = create_app(library)
    app.testing = True
    yield app.test_client(), shown(library)
    library.close()


def manifest_of(client: FlaskClient, item: Item) -> dict[str, Any]:
    answer = client.get(f"/iiif/presentation/3/{item.id}/manifest")
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.get_json(force=True)
    return document


def complaints(schema: dict[str, Any], kind: str, document: dict[str, Any]) -> list[str]:
    """What a class of the schema has against a document."""
    parts = {"types": schema["types"], "classes": schema["classes"]}
    validator = jsonschema.Draft7Validator({**parts, "$ref": f"#/classes/{kind}"})
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(document)]


def without_empty_lists(document: Any) -> Any:
    """The model writes `items: []` for what is only referred to."""
    if isinstance(document, dict):
        return {key: without_empty_lists(value) for key, value in document.items() if value != []}
    return [without_empty_lists(each) for each in document] if isinstance(document, list) else document


def test_the_schema_refuses_what_is_no_manifest(
    schema: dict[str, Any], small: SmallLibrary, client: FlaskClient
) -> None:
    document = manifest_of(client, small.scan)
    assert complaints(schema, "manifest", {**document, "rights": "https://example.org/ours"})
    assert complaints(schema, "manifest", {**document, "label": "春曉集"})


def test_manifests_of_every_kind_are_valid(
    sample: tuple[FlaskClient, list[Item]], schema: dict[str, Any], small: SmallLibrary, client: FlaskClient
) -> None:
    visitor, held = sample
    with_pictures = [item for item in held if item.page_kind is not PageKind.CHAPTER]
    assert len({item.description.kind for item in with_pictures}) >= 5
    documents = [manifest_of(visitor, item) for item in with_pictures]
    documents += [manifest_of(client, item) for item in (small.scan, small.pdf, small.closed)]
    for document in documents:
        assert complaints(schema, "manifest", document) == [], document["id"]
        model = iiif_prezi3.Manifest(**document)
        assert without_empty_lists(json.loads(model.json())) == without_empty_lists(document)


def test_collections_are_valid(
    sample: tuple[FlaskClient, list[Item]], schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, _ = sample
    monkeypatch.setattr(iiif_collections, "PART", 2)
    waiting, seen = [f"{BASE}/collections"], []
    while waiting:
        address = waiting.pop()
        document = visitor.get(address.removeprefix("http://localhost")).get_json(force=True)
        assert document["id"] == address
        assert complaints(schema, "collection", document) == []
        iiif_prezi3.Collection(**document)
        seen.append(address)
        waiting += [each["id"] for each in document["items"] if each["type"] == "Collection"]
    assert len(seen) >= 8


def test_a_manifest_tells_the_book(small: SmallLibrary, client: FlaskClient) -> None:
    document = manifest_of(client, small.scan)
    assert document["id"] == f"{BASE}/{small.scan.id}/manifest"
    assert document["label"] == {"zh-Hant": ["春曉集"]}
    assert document["viewingDirection"] == "right-to-left"
    assert document["behavior"] == ["paged"]
    dates = next(row for row in document["metadata"] if row["label"]["en"] == ["Date"])
    assert dates["label"]["zh-Hans"] == ["年代"]
    assert "乾隆三十年" in dates["value"]["zh-Hant"][0]
    assert all(row["label"]["en"] != ["Title"] for row in document["metadata"])
    assert document["homepage"][0]["id"] == f"http://localhost/items/{small.scan.id}"
    assert document["partOf"] == [
        {"id": f"{BASE}/collections/old-books", "type": "Collection", "label": {"zh-Hans": ["古籍"]}}
    ]
    assert document["structures"][0]["label"] == {"zh-Hant": ["卷一"]}
    assert [each["id"][-1] for each in document["structures"][0]["items"]] == ["1", "2", "3"]
    assert [service.get("type") or service["@type"] for service in document["service"]] == [
        "SearchService2",
        "SearchService1",
    ]


def test_a_canvas_has_its_picture_made_sizes_and_both_services(small: SmallLibrary, client: FlaskClient) -> None:
    canvas = manifest_of(client, small.scan)["items"][1]
    image = f"http://localhost/iiif/image/3/{small.scan.id}-2"
    assert (canvas["width"], canvas["height"]) == (600, 800)
    assert canvas["label"] == {"zh-Hans": ["第 2 页"], "zh-Hant": ["第 2 頁"], "en": ["Page 2"]}
    annotation = canvas["items"][0]["items"][0]
    assert annotation["target"] == canvas["id"] == f"{BASE}/{small.scan.id}/canvas/2"
    assert annotation["body"]["id"] == f"{image}/full/600,800/0/default.jpg"
    assert annotation["body"]["service"][0] == {"id": image, "type": "ImageService3", "profile": "level2"}
    assert annotation["body"]["service"][1]["@id"] == image.replace("/3/", "/2/")
    thumbnail = canvas["thumbnail"][0]
    assert thumbnail["id"] == f"{image}/full/300,400/0/default.jpg"
    assert thumbnail["service"][0]["sizes"] == [{"width": 300, "height": 400}, {"width": 600, "height": 800}]


def test_pictures_that_a_manifest_names_are_there(small: SmallLibrary, client: FlaskClient) -> None:
    for item in (small.scan, small.pdf):
        for canvas in manifest_of(client, item)["items"]:
            for picture in (canvas["thumbnail"][0], canvas["items"][0]["items"][0]["body"]):
                answer = client.get(picture["id"].removeprefix("http://localhost"))
                assert (answer.status_code, answer.mimetype) == (200, "image/jpeg"), picture["id"]


def test_a_pdf_is_offered_whole(small: SmallLibrary, client: FlaskClient) -> None:
    rendering = manifest_of(client, small.pdf)["rendering"]
    assert [(each["format"], each["label"]["none"]) for each in rendering] == [("application/pdf", ["report.pdf"])]
    assert client.get(rendering[0]["id"].removeprefix("http://localhost")).data.startswith(b"%PDF")


def test_the_alto_file_of_a_page_is_told_and_sent(small: SmallLibrary, client: FlaskClient) -> None:
    told = manifest_of(client, small.scan)["items"][2]["seeAlso"][0]
    answer = client.get(told["id"].removeprefix("http://localhost"))
    assert answer.mimetype == told["format"] == "application/xml"
    assert "第3葉" in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "seeAlso" not in manifest_of(client, small.pdf)["items"][0]
    assert client.get(f"/iiif/presentation/3/{small.pdf.id}/canvas/1/alto.xml").status_code == 404


def test_canvases_and_ranges_answer_by_themselves(small: SmallLibrary, client: FlaskClient) -> None:
    document = manifest_of(client, small.scan)
    for part in (document["items"][2], document["structures"][0]):
        alone = client.get(part["id"].removeprefix("http://localhost")).get_json(force=True)
        assert {key: alone[key] for key in part} == part
        assert alone["partOf"][0]["id"] == document["id"]
    assert client.get(f"/iiif/presentation/3/{small.scan.id}/canvas/9").status_code == 404
    assert client.get(f"/iiif/presentation/3/{small.scan.id}/range/9").status_code == 404


def test_flowing_text_has_no_manifest_and_says_so(small: SmallLibrary, client: FlaskClient) -> None:
    for address in (f"/iiif/presentation/3/{small.epub.id}/manifest", f"/iiif/search/2/{small.epub.id}?q=武陵"):
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["code"] == "no-manifest"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_programs_are_told_problems_in_json_and_people_in_words(small: SmallLibrary, client: FlaskClient) -> None:
    missing = "/iiif/presentation/3/nosuchitem000/manifest"
    assert client.get(missing).mimetype == "application/problem+json"
    assert client.get(missing, headers={"Accept": "*/*"}).mimetype == "application/problem+json"
    assert client.get(missing, headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "text/html"
    assert client.get("/items/nosuchitem000").mimetype == "text/html"


def test_what_is_closed_names_the_services_that_open_it(small: SmallLibrary, client: FlaskClient) -> None:
    document = manifest_of(client, small.closed)
    assert document["@context"][-2:] == [
        "http://iiif.io/api/auth/2/context.json",
        "http://iiif.io/api/presentation/3/context.json",
    ]
    assert [service["type"] for service in document["services"]] == ["AuthAccessService2"]
    probe = document["items"][0]["items"][0]["items"][0]["body"]["service"][0]["service"][0]
    assert probe["id"] == f"http://localhost/iiif/auth/2/probe/{small.closed.id}-1"
    assert probe["service"][0]["id"] == document["services"][0]["id"]
    assert "services" not in manifest_of(client, small.scan)


def test_only_what_anybody_is_told_may_be_kept_by_caches(
    small: SmallLibrary, client: FlaskClient, staff: FlaskClient
) -> None:
    def lifetime(visitor: FlaskClient, item: Item) -> str:
        return visitor.get(f"/iiif/presentation/3/{item.id}/manifest").headers["Cache-Control"]

    assert lifetime(client, small.scan) == "public, max-age=60"
    assert lifetime(client, small.closed) == lifetime(staff, small.hidden) == "private, no-cache"


def test_the_answer_is_packed_and_known_again(small: SmallLibrary, client: FlaskClient) -> None:
    address = f"/iiif/presentation/3/{small.scan.id}/manifest"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer, wanted in ((plain, {}), (packed, {"Accept-Encoding": "gzip"})):
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"], **wanted})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("", 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'),
        ("*/*", 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'),
        ("application/ld+json", 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'),
        ("application/json", "application/json"),
        ("application/json, application/ld+json;q=0.5", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_the_media_type_is_the_one_asked_for(
    accepted: str, sent: str, small: SmallLibrary, client: FlaskClient
) -> None:
    answer = client.get(f"/iiif/presentation/3/{small.scan.id}/manifest", headers={"Accept": accepted})
    assert answer.headers["Content-Type"] == sent
    assert {"Accept", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))


def test_pages_of_other_sites_may_ask(small: SmallLibrary, client: FlaskClient) -> None:
    answer = client.options(f"/iiif/auth/2/probe/{small.scan.id}-1")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


def test_a_change_is_told_at_once_and_a_withdrawn_item_is_gone(small: SmallLibrary, client: FlaskClient) -> None:
    address = f"/iiif/presentation/3/{small.pdf.id}/manifest"
    before = manifest_of(client, small.pdf)
    holdings.describe(
        small.library, small.pdf.id, small.pdf.description.model_copy(update={"holder": "深圳圖書館"}), "t"
    )
    after = manifest_of(client, small.pdf)
    assert "requiredStatement" not in before
    assert after["requiredStatement"]["value"] == {"none": ["深圳圖書館"]}
    holdings.withdraw(small.library, small.pdf.id, "staff", "a test")
    try:
        assert client.get(address).status_code == 404
        assert client.get(f"/iiif/presentation/3/{small.pdf.id}/canvas/1").status_code == 404
    finally:
        holdings.restore(small.library, small.pdf.id, "staff")
    assert client.get(address).status_code == 200


def test_a_collection_with_another_title_has_it_in_manifests_too(small: SmallLibrary, client: FlaskClient) -> None:
    with small.library.catalogue.reading() as session:
        shelf = collections.get(session, "old-books")
    assert manifest_of(client, small.scan)["partOf"][0]["label"] == {"zh-Hans": ["古籍"]}
    holdings.save_collection(small.library, replace(shelf, titles={"en": "Old books"}))
    try:
        assert manifest_of(client, small.scan)["partOf"][0]["label"] == {"en": ["Old books"]}
    finally:
        holdings.save_collection(small.library, shelf)


def test_collections_list_what_the_asker_may_see_and_no_e_books(
    small: SmallLibrary, client: FlaskClient, staff: FlaskClient
) -> None:
    def told(visitor: FlaskClient) -> set[str]:
        document = visitor.get("/iiif/presentation/3/collections/old-books").get_json(force=True)
        return {each["id"].split("/")[-2] for each in document["items"]}

    everybody = {small.scan.id, small.pdf.id, small.closed.id}
    assert told(client) == everybody
    assert told(staff) == everybody | {small.hidden.id}


def test_a_collection_with_nothing_to_see_is_not_named(
    small: SmallLibrary, client: FlaskClient, staff: FlaskClient
) -> None:
    holdings.save_collection(small.library, Collection("secret", {"zh-Hans": "secret"}, parent="local"))
    holdings.describe(small.library, small.hidden.id, small.hidden.description, "t", collection="secret")
    try:

        def named(visitor: FlaskClient) -> bool:
            return "secret" in visitor.get("/iiif/presentation/3/collections/local").text

        assert named(staff)
        assert not named(client)
        assert client.get("/iiif/presentation/3/collections/secret").get_json(force=True)["items"] == []
    finally:
        holdings.describe(small.library, small.hidden.id, small.hidden.description, "t", collection="old-books")


def test_a_long_collection_is_told_in_parts(
    small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iiif_collections, "PART", 2)
    whole = client.get("/iiif/presentation/3/collections/old-books").get_json(force=True)
    assert [each["id"] for each in whole["items"]] == [f"{BASE}/collections/old-books?page={n}" for n in (1, 2)]
    listed = []
    for number in (1, 2):
        part = client.get(f"/iiif/presentation/3/collections/old-books?page={number}").get_json(force=True)
        assert part["partOf"][0]["id"] == f"{BASE}/collections/old-books"
        listed += [each["id"] for each in part["items"]]
    assert len(listed) == len(set(listed)) == 3
    assert client.get("/iiif/presentation/3/collections/old-books?page=3").status_code == 404
    assert client.get("/iiif/presentation/3/collections/nothing").status_code == 404


def test_ids_are_of_the_address_that_readers_reach(small: SmallLibrary) -> None:
    settings = small.library.settings.model_copy(update={"public_url": "https://books.example.org/"})
    library = wiring.build(settings)
    try:
        elsewhere = create_app(library).test_client()
        document = manifest_of(elsewhere, small.scan)
        assert document["id"].startswith("https://books.example.org/iiif/")
        assert "localhost" not in json.dumps(document)
    finally:
        library.close()


def test_a_foldout_among_leaves_is_shown_alone(small: SmallLibrary, client: FlaskClient) -> None:
    stored = small.library.blobs.add(io.BytesIO(b"a picture"), media_type="image/png")
    file = File(stored.sha256, stored.size_bytes, "image/png", "1.png")
    sizes = [(600, 800), (600, 800), (1800, 800), (600, 800)]
    pages = tuple(Page(key, PageKind.IMAGE, 0, 0, *size) for key, size in enumerate(sizes, start=1))
    new = NewItem("foldouts00000", Description(title="圖說"), None, Structure((file,), pages), {}, 1, datetime.now(UTC))
    item = holdings.publish(small.library, new, "test", {})
    try:
        document = manifest_of(client, item)
        assert document["behavior"] == ["paged"]
        assert [canvas.get("behavior") for canvas in document["items"]] == [None, None, ["non-paged"], None]
        root = client.get("/iiif/presentation/3/collections").get_json(force=True)
        assert document["id"] in [each["id"] for each in root["items"]], "what stands in no collection is in the root"
    finally:
        holdings.withdraw(small.library, item.id, "test", "a test")
