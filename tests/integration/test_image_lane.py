"""The short way for images that anybody may see answers as the application does, and nothing but that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from integration.web_fixtures import SmallLibrary, client, signed_in, small
from werkzeug.test import Client, TestResponse

from wenyuan.reader import links
from wenyuan.reader.app import create_app
from wenyuan.reader.image_lane import ImageLane
from wenyuan.reader.views import room
from wenyuan.repo import holdings
from wenyuan.repo.catalogue import items
from wenyuan.repo.page_images import FRESH_S, PageImage, PageImages
from wenyuan.repo.recipes import Recipes

__all__ = ["client", "small"]


def refuses(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """An application that shows it was asked."""
    start_response("599 Passed On", [])
    return [environ["PATH_INFO"].encode()]


@pytest.fixture
def lane(small: SmallLibrary) -> Client:
    """The short way alone."""
    return Client(ImageLane(refuses, small.library))


@pytest.fixture
def application(small: SmallLibrary) -> Client:
    """The application without the short way."""
    return Client(small.app.wsgi_app._application)  # type: ignore[attr-defined]


def page_of(small: SmallLibrary, key: int = 1) -> PageImage:
    return small.library.images.page(small.scan.id, key)


def made_addresses(page: PageImage) -> list[str]:
    """Everything of a page that ingest has made, as viewers of both versions ask for it."""
    base = f"{page.item}-{page.key}"
    sizes = [f"full/{width},{height}/0/default.jpg" for width, height in page.sizes]
    names = [*sizes, *(page.grid.name(tile) for tile in page.grid.tiles())]
    short = [f"{region}/{size.split(',')[0]},/0/default.jpg" for region, size, *_ in (n.split("/") for n in names)]
    return [f"/iiif/image/3/{base}/{name}" for name in names] + [f"/iiif/image/2/{base}/{name}" for name in short]


def told(answer: TestResponse) -> tuple[int, dict[str, str], bytes]:
    return answer.status_code, {name.lower(): value for name, value in answer.headers}, answer.data


def test_both_ways_answer_alike(small: SmallLibrary, lane: Client, application: Client) -> None:
    page = page_of(small)
    asked = made_addresses(page)
    assert len(asked) > 6
    for address in asked:
        for query in ("", f"?v={page.version}", "?v=0123456789"):
            short, whole = lane.get(address + query), application.get(address + query)
            assert short.status_code == 200, address
            assert told(short) == told(whole), address
            known = {"If-None-Match": short.headers["ETag"]}
            again = lane.get(address + query, headers=known)
            assert (again.status_code, again.data) == (304, b""), address
            assert told(again) == told(application.get(address + query, headers=known)), address


def test_only_an_address_with_its_version_is_kept_for_long(small: SmallLibrary, lane: Client) -> None:
    page = page_of(small)
    address = made_addresses(page)[0]
    assert lane.get(f"{address}?v={page.version}").headers["Cache-Control"] == "public, max-age=86400, immutable"
    for query in ("", "?v=0123456789", f"?v={page.version}&v=2"):
        assert lane.get(address + query).headers["Cache-Control"] == "public, max-age=3600"


def test_what_is_told_of_an_image_is_told_alike(small: SmallLibrary, application: Client) -> None:
    asked = Client(small.app.wsgi_app)
    for version in ("2", "3"):
        for accepted in ("*/*", "application/json", "application/ld+json", "text/html"):
            address, headers = f"/iiif/image/{version}/{small.scan.id}-1/info.json", {"Accept": accepted}
            whole = application.get(address, headers=headers)
            for _ in range(2):
                assert told(asked.get(address, headers=headers)) == told(whole)
            known = {**headers, "If-None-Match": whole.headers["ETag"]}
            assert asked.get(address, headers=known).status_code == 304
            assert told(asked.get(address, headers=known)) == told(application.get(address, headers=known))


def test_a_session_of_one_reader_never_comes_to_another(small: SmallLibrary) -> None:
    page = page_of(small)
    with small.app.test_request_context(), small.library.catalogue.reading() as session:
        cover = links.cover(small.scan)
        pages = f"/read/{page.item}/pages.json?v={room.pages_version(small.scan)}"
        text = f"/read/{page.item}/place/1/text.json?v={items.page_by_key(session, page.item, 1).layer[:10]}"
    image = f"/iiif/image/3/{page.item}-1"
    version = f"?v={page.version}"
    addresses = [
        *(f"{image}/info.json", f"{image}/1,2,103,104/90,/0/default.jpg{version}", f"{image}/full/max/90/gray.png"),
        *(cover, pages, text, "/static/js/turn.js"),
        *(f"/iiif/presentation/3/{page.item}/manifest", "/iiif/presentation/3/collections"),
    ]
    for address in addresses:
        answer = signed_in(small.app, "staff").get(address, buffered=True)
        assert answer.status_code == 200, address
        if answer.cache_control.public:
            assert "Set-Cookie" not in answer.headers, address
            assert "Cookie" not in answer.headers.get("Vary", ""), address
        after = small.app.test_client().get(address, buffered=True)
        assert "Set-Cookie" not in after.headers, address
    kept = signed_in(small.app, "staff").get(f"/read/{page.item}/1")
    assert "wenyuan_session=" in kept.headers["Set-Cookie"], "where it is for one alone the session goes on"


def test_what_staff_see_of_a_withdrawn_item_is_kept_by_no_cache(small: SmallLibrary) -> None:
    library, item = small.library, small.pdf
    with small.app.test_request_context():
        addresses = [links.cover(item), f"/read/{item.id}/pages.json?v={room.pages_version(item)}"]
        addresses.append(f"/iiif/presentation/3/{item.id}/manifest")
    staff = signed_in(small.app, "staff")
    for address in addresses:
        assert staff.get(address).cache_control.public, address
    holdings.withdraw(library, item.id, "test", "")
    try:
        for address in addresses:
            answer = staff.get(address)
            assert answer.status_code == 200, address
            assert not answer.cache_control.public, address
    finally:
        holdings.restore(library, item.id, "test")


def test_what_is_told_of_an_image_names_the_host_it_was_asked_for(small: SmallLibrary) -> None:
    asked = Client(small.app.wsgi_app)
    address = f"/iiif/image/3/{small.scan.id}-1/info.json"
    for host in ("one.example", "two.example"):
        answer = asked.get(address, headers={"Host": host})
        assert answer.json is not None
        assert answer.json["id"].startswith(f"http://{host}/iiif/image/3/")
    assert asked.get(address, headers={"Host": 'x"y'}).status_code == 400


def test_what_is_told_of_an_image_follows_its_description(small: SmallLibrary) -> None:
    now = [0.0]
    library = small.library
    images = PageImages(library.catalogue, library.near, library.recipes, now=lambda: now[0])
    before = images.standing(small.pdf.id).version
    holdings.withdraw(library, small.pdf.id, "test", "")
    holdings.restore(library, small.pdf.id, "test")
    now[0] = FRESH_S
    assert images.standing(small.pdf.id).version > before


def test_what_an_earlier_recipe_made_is_not_kept_under_the_version_of_todays(small: SmallLibrary) -> None:
    library = small.library
    recipes = Recipes.of(library.settings.model_copy(update={"reading_quality": 40}))
    images = PageImages(library.catalogue, library.near, recipes)
    app = create_app(replace(library, recipes=recipes, images=images))
    page = images.page(small.scan.id, 1)
    kept = {}
    for size in ("300,400", "600,800"):
        address = f"/iiif/image/3/{page.item}-1/full/{size}/0/default.jpg?v={page.version}"
        for way in (app.wsgi_app, app.wsgi_app._application):  # type: ignore[attr-defined]
            kept.setdefault(size, set()).add(Client(way).get(address).headers["Cache-Control"])
    later = Recipes.of(library.settings.model_copy(update={"tile_quality": 40, "thumbnail_quality": 40}))
    images = PageImages(library.catalogue, library.near, later)
    app = create_app(replace(library, recipes=later, images=images))
    page = images.page(small.scan.id, 1)
    crop = f"/iiif/image/3/{page.item}-1/1,2,103,104/91,/0/default.jpg?v={page.version}"
    with app.test_request_context():
        cover = links.cover(small.scan)
    assert app.test_client().get(crop).headers["Cache-Control"] == "public, max-age=3600"
    assert app.test_client().get(cover).headers["Cache-Control"] == "private, no-cache"
    assert kept == {"300,400": {"public, max-age=86400, immutable"}, "600,800": {"public, max-age=3600"}}


def test_what_is_not_for_everybody_is_passed_on(small: SmallLibrary, lane: Client) -> None:
    for item in (small.closed, small.hidden):
        for address in made_addresses(small.library.images.page(item.id, 1)):
            may_be_seen = item is small.closed and "/full/300," in address
            assert lane.get(address).status_code == (200 if may_be_seen else 599), address


@pytest.mark.parametrize(
    "rest",
    [
        "full/max/0/default.jpg",
        "full/600,800/90/default.jpg",
        "full/600,800/0/gray.jpg",
        "full/600,800/0/default.png",
        "0,0,512/512,512/0/default.jpg",
        "0,0,512,512,1/512,512/0/default.jpg",
        "0,0,512,512/512,512,1/0/default.jpg",
        "1,0,512,512/512,512/0/default.jpg",
        "0,0,512,512/511,512/0/default.jpg",
        "０,0,512,512/512,512/0/default.jpg",
        "-1,0,512,512/512,512/0/default.jpg",
        "0,0,512,512/,512/0/default.jpg",
        "full//0/default.jpg",
        "//0/default.jpg",
        "full/600,800/0",
        "99999999999999999999,0,512,512/512,512/0/default.jpg",
    ],
)
def test_everything_else_is_passed_on(small: SmallLibrary, lane: Client, rest: str) -> None:
    assert lane.get(f"/iiif/image/3/{small.scan.id}-1/{rest}").status_code == 599


@pytest.mark.parametrize(
    "image", ["nosuchitem000-1", "-1", "1", "", "x-", "x-1-", "{item}-99", "{item}-１", "{epub}-1"]
)
def test_unknown_images_are_passed_on(small: SmallLibrary, lane: Client, image: str) -> None:
    name = image.format(item=small.scan.id, epub=small.epub.id)
    assert lane.get(f"/iiif/image/3/{name}/full/300,400/0/default.jpg").status_code == 599


def test_an_accident_on_the_short_way_is_logged_and_passed_on(
    small: SmallLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(PageImages):
        def page(self, item_id: str, key: int) -> PageImage:
            raise RuntimeError("broken")

    library = small.library
    images = Broken(library.catalogue, library.near, library.recipes)
    lane = Client(ImageLane(refuses, replace(library, images=images)))
    assert lane.get(made_addresses(page_of(small))[0]).status_code == 599
    assert "the short way failed" in caplog.text


def test_only_get_is_answered(small: SmallLibrary, lane: Client) -> None:
    address = made_addresses(page_of(small))[0]
    for method in ("HEAD", "POST", "OPTIONS"):
        assert lane.open(address, method=method).status_code == 599


def test_what_is_withdrawn_is_gone_once_the_standing_is_asked_anew(small: SmallLibrary) -> None:
    now = [0.0]
    library = small.library
    images = PageImages(library.catalogue, library.near, library.recipes, now=lambda: now[0])
    assert images.standing(small.pdf.id).state == "published"
    holdings.withdraw(library, small.pdf.id, "test", "")
    try:
        now[0] = FRESH_S
        assert images.standing(small.pdf.id).state == "withdrawn"
    finally:
        holdings.restore(library, small.pdf.id, "test")
