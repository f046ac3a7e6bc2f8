"""The IIIF Image API at its addresses: who may see what, what is sent, and how clients are told what is wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from integration.web_fixtures import SmallLibrary, client, reader, small, staff
from made_items import flip_a_bit
from PIL import Image
from werkzeug.test import Client, TestResponse

from wenyuan.repo import holdings, rendering
from wenyuan.repo.page_images import FRESH_S, PageImage
from wenyuan.repo.remaking import attempts
from wenyuan.storage.keys import derivative_key

__all__ = ["client", "reader", "small", "staff"]

SHOWN_IN_A_PAGE = {"Sec-Fetch-Dest": "image", "Accept": "image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"}
LINKED_DATA = "application/ld+json"


@pytest.fixture
def application(small: SmallLibrary) -> Client:
    """The application without the short way for what ingest has made."""
    return Client(small.app.wsgi_app._application)  # type: ignore[attr-defined]


@pytest.fixture
def page(small: SmallLibrary) -> PageImage:
    """A page of 600 × 800 pixels that is open to everybody."""
    return small.library.images.page(small.scan.id, 1)


def of(page: PageImage, rest: str = "", version: int = 3) -> str:
    return f"/iiif/image/{version}/{page.item}-{page.key}{rest}"


def picture(answer: TestResponse) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.data))


@pytest.mark.parametrize("version", [2, 3])
def test_the_image_itself_leads_to_its_information(client: FlaskClient, page: PageImage, version: int) -> None:
    answer = client.get(of(page, version=version))
    assert answer.status_code == 303
    assert answer.location == of(page, "/info.json", version)
    assert client.get(of(page, f"?v={page.version}")).location == of(page, f"/info.json?v={page.version}")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("version", "accept", "expected"),
    [
        (3, None, f'{LINKED_DATA};profile="http://iiif.io/api/image/3/context.json"'),
        (3, "*/*", f'{LINKED_DATA};profile="http://iiif.io/api/image/3/context.json"'),
        (3, f'{LINKED_DATA};profile="x"', f'{LINKED_DATA};profile="http://iiif.io/api/image/3/context.json"'),
        (3, "application/json", "application/json"),
        (3, "text/html,*/*;q=0.8", "application/json"),
        (3, "image/png", f'{LINKED_DATA};profile="http://iiif.io/api/image/3/context.json"'),
        (2, None, "application/json"),
        (2, "*/*", "application/json"),
        (2, LINKED_DATA, LINKED_DATA),
        (2, f"application/json;q=0.5,{LINKED_DATA}", LINKED_DATA),
    ],
)
def test_information_comes_in_the_media_type_that_is_asked_for(
    client: FlaskClient, page: PageImage, version: int, accept: str | None, expected: str
) -> None:
    answer = client.get(of(page, "/info.json", version), headers={"Accept": accept} if accept else {})
    assert answer.headers["Content-Type"] == expected
    assert "Accept" in answer.headers["Vary"]
    context = '<http://iiif.io/api/image/2/context.json>;rel="http://www.w3.org/ns/json-ld#context"'
    assert (context in answer.headers["Link"]) == (version == 2 and expected == "application/json")
    assert f'<http://iiif.io/api/image/{version}/level2.json>;rel="profile"' in answer.headers["Link"]


def test_information_names_the_address_it_was_asked_at(client: FlaskClient, page: PageImage) -> None:
    told = client.get(of(page, "/info.json?v=whatever")).get_json(force=True)
    assert told["id"] == "http://localhost" + of(page)
    assert (told["width"], told["height"]) == (600, 800)
    assert told["sizes"] == [{"width": 300, "height": 400}, {"width": 600, "height": 800}] or len(told["sizes"]) > 2
    assert client.get(of(page, "/info.json", 2)).json["@id"] == "http://localhost" + of(page, version=2)  # type: ignore[index]


@pytest.mark.parametrize("rest", ["/info.json", "/full/max/0/default.jpg", "/10,10,50,50/max/0/default.png"])
def test_what_the_client_has_is_not_sent_again(client: FlaskClient, page: PageImage, rest: str) -> None:
    first = client.get(of(page, rest))
    assert first.status_code == 200
    again = client.get(of(page, rest), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(of(page, rest), headers={"If-None-Match": '"other"'}).status_code == 200
    head = client.head(of(page, rest))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(first.data))


def test_the_media_types_of_information_have_entity_tags_of_their_own(client: FlaskClient, page: PageImage) -> None:
    tags = {
        client.get(of(page, "/info.json"), headers={"Accept": one}).headers["ETag"]
        for one in ("*/*", "application/json")
    }
    assert len(tags) == 2


def test_any_site_may_ask(client: FlaskClient, page: PageImage) -> None:
    for rest in ("", "/info.json", "/full/max/0/default.jpg", "/full/9999,/0/default.jpg", "/nonsense"):
        answer = client.get(of(page, rest), headers={"Origin": "https://example.org"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*", rest
    before = client.options(of(page, "/info.json"), headers={"Access-Control-Request-Method": "GET"})
    assert before.status_code in {200, 204}
    assert "GET" in before.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("rest", "kind", "size", "canonical"),
    [
        ("/full/max/0/default.jpg", "JPEG", (600, 800), "full/max/0/default.jpg"),
        ("/full/!200,200/0/default.jpg", "JPEG", (150, 200), "full/150,200/0/default.jpg"),
        ("/100,100,50,50/^100,/90/gray.png", "PNG", (100, 100), "100,100,50,50/^100,100/90/gray.png"),
        ("/square/30,20/!0/color.webp", "WEBP", (30, 20), "0,100,600,600/30,20/!0/default.webp"),
        ("/pct:0,0,50,50/pct:10/0/bitonal.png", "PNG", (30, 40), "0,0,300,400/30,40/0/bitonal.png"),
    ],
)
def test_a_picture_is_what_its_address_says(
    client: FlaskClient, page: PageImage, rest: str, kind: str, size: tuple[int, int], canonical: str
) -> None:
    answer = client.get(of(page, rest))
    found = picture(answer)
    assert (found.format, found.size) == (kind, size)
    assert answer.headers["Content-Type"] == f"image/{kind.lower()}"
    assert f'<{of(page)}/{canonical}>;rel="canonical"' in answer.headers["Link"]
    assert '<http://iiif.io/api/image/3/level2.json>;rel="profile"' in answer.headers["Link"]
    assert client.get(of(page, "/" + canonical)).data == answer.data


def test_both_versions_share_what_is_made(client: FlaskClient, page: PageImage) -> None:
    first = client.get(of(page, "/7,7,70,70/35,35/0/default.jpg"))
    before = rendering.renders.count
    assert client.get(of(page, "/7,7,70,70/35,/0/color.jpg", 2)).data == first.data
    assert rendering.renders.count == before


def test_what_ingest_has_made_is_sent_without_decoding(application: Client, page: PageImage) -> None:
    """Also where it does not go the short way: asked for with HEAD, in other words, or of an item that is closed."""
    before = rendering.renders.count
    names = [page.grid.name(tile) for tile in page.grid.tiles()]
    names += [f"full/{width},{height}/0/default.jpg" for width, height in page.sizes]
    names += ["full/max/0/default.jpg", "full/300,/0/color.jpg", "pct:0,0,100,100/!300,400/360/default.jpg"]
    for name in names:
        assert picture(application.get(of(page, f"/{name}"))).format == "JPEG"
    assert rendering.renders.count == before
    assert picture(application.get(of(page, "/full/299,/0/default.jpg"))).size[0] == 299
    assert rendering.renders.count == before + 1, "this one counts"


@pytest.mark.parametrize("rest", ["/full/300,400/0/default.jpg", "/9,9,90,90/max/0/default.jpg", "/info.json"])
def test_an_address_with_its_version_may_be_kept(application: Client, page: PageImage, rest: str) -> None:
    for query, lifetime in (
        (f"?v={page.version}", "public, max-age=86400, immutable"),
        ("", "public, max-age=3600"),
        ("?v=0123456789", "public, max-age=3600"),
    ):
        answer = application.get(of(page, rest + query))
        assert answer.headers["Cache-Control"] == lifetime
        assert "Cookie" not in answer.headers.get("Vary", ""), "it is the same for everybody"


def test_what_is_closed_tells_where_to_sign_in_and_shows_its_thumbnail_alone(
    small: SmallLibrary, client: FlaskClient, reader: FlaskClient
) -> None:
    closed = small.library.images.page(small.closed.id, 1)
    told = client.get(of(closed, "/info.json"))
    assert told.get_json(force=True)["service"][0]["type"] == "AuthProbeService2"
    assert told.headers["Cache-Control"] == "private, no-cache"
    thumbnail = next(iter(closed.sizes))
    assert picture(client.get(of(closed, f"/full/{thumbnail[0]},{thumbnail[1]}/0/default.jpg"))).size == thumbnail
    tile = closed.grid.name(next(iter(closed.grid.tiles())))
    for rest in (
        "/full/max/0/default.jpg",
        f"/{tile}",
        "/full/299,/0/default.jpg",
        "/full/300,/0/gray.jpg",
        "/x/y/z/w",
    ):
        refused = client.get(of(closed, f"{rest}?v={closed.version}"))
        assert refused.status_code == 403, rest
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json is not None
        assert refused.json["reason"] == "needs-sign-in"
    for rest in ("/full/max/0/default.jpg", f"/{tile}", "/0,0,9,9/max/0/default.png"):
        shown = reader.get(of(closed, f"{rest}?v={closed.version}"))
        assert shown.status_code == 200
        assert shown.headers["Cache-Control"] == "private, no-cache"


def test_what_is_hidden_unknown_or_no_picture_is_not_there(small: SmallLibrary, client: FlaskClient) -> None:
    images = [
        f"{small.hidden.id}-1",
        f"{small.hidden.id}-99",
        f"{small.scan.id}-99",
        f"{small.epub.id}-1",
        "nosuchitem000-1",
    ]
    for image in [*images, "1", "-1", f"{small.scan.id}-0", f"{small.scan.id}-x", f"{small.scan.id}-99999999999"]:
        for version in (2, 3):
            for rest in ("", "/info.json", "/full/max/0/default.jpg", "/full/300,/0/default.jpg", "/x/y/z/w"):
                answer = client.get(f"/iiif/image/{version}/{image}{rest}")
                assert answer.status_code == 404, answer.request.path
    assert client.get(f"/iiif/image/1/{small.scan.id}-1/info.json").status_code == 404
    assert client.get(f"/iiif/image/4/{small.scan.id}-1/info.json").status_code == 404


def test_what_is_withdrawn_is_gone_and_comes_back(small: SmallLibrary, client: FlaskClient, staff: FlaskClient) -> None:
    page = small.library.images.page(small.pdf.id, 1)
    rests = ("/info.json", "/0,0,50,50/max/0/default.jpg", f"/{page.grid.name(next(iter(page.grid.tiles())))}")
    assert [client.get(of(page, rest)).status_code for rest in rests] == [200] * 3
    holdings.withdraw(small.library, small.pdf.id, "staff", "a test")
    small.library.images._standings.forget(small.pdf.id)  # as after FRESH_S
    assert FRESH_S < 1
    try:
        assert [client.get(of(page, rest)).status_code for rest in rests] == [404] * 3
        shown = staff.get(of(page, rests[1]))
        assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "private, no-cache")
    finally:
        holdings.restore(small.library, small.pdf.id, "staff")


@pytest.mark.parametrize(
    ("rest", "code"),
    [
        ("/fulll/max/0/default.jpg", "invalid-image-request"),
        ("/full/full/0/default.jpg", "invalid-image-request"),
        ("/full/max/361/default.jpg", "invalid-image-request"),
        ("/full/max/0/native.jpg", "invalid-image-request"),
        ("/full/max/0/default.bmp", "invalid-image-request"),
        ("/0,0,0,10/max/0/default.jpg", "invalid-image-request"),
        ("/600,0,10,10/max/0/default.jpg", "region-outside"),
        ("/full/601,/0/default.jpg", "enlarged-unasked"),
        ("/full/^9000,9000/0/default.jpg", "picture-too-large"),
    ],
)
def test_what_is_wrong_is_told_in_words(client: FlaskClient, page: PageImage, rest: str, code: str) -> None:
    answer = client.get(of(page, rest), headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == code
    assert answer.json["title"]
    assert answer.headers["Cache-Control"] == "no-store"


SEGMENT = st.one_of(
    st.binary(max_size=12).map(lambda data: quote(data, safe="")),
    st.text(max_size=8).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    st.sampled_from(
        ["full", "max", "square", "0,0,9,9", "pct:1,1,5,5", "9,", ",9", "^9,9", "!9,9", "0", "90", "!45", "..", "."]
    ),
    st.sampled_from(
        ["default.jpg", "gray.png", "default.webp", "default", "info.json", "%", "%00", "%0A", "%2F", "", "%ff%fe"]
    ),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([2, 3]), st.lists(SEGMENT, min_size=1, max_size=6), st.binary(max_size=6))
def test_no_address_is_an_accident(
    client: FlaskClient, page: PageImage, version: int, parts: list[str], query: bytes
) -> None:
    answer = client.get(of(page, f"/{'/'.join(parts)}?v={quote(query)}", version))
    assert answer.status_code in {200, 304, 400, 404, 501}, answer.request.path


@pytest.fixture
def tiles_of(small: SmallLibrary) -> Iterator[tuple[PageImage, str]]:
    """A page and the key of its tiles, which the test may spoil; later tests find another page's."""
    page = small.library.images.page(small.scan.id, 2)
    attempts.forget()
    yield page, derivative_key(page.source, page.index, small.library.recipes.tiles.file_name)
    attempts.forget()


@pytest.mark.parametrize("spoil", ["lost", "damaged"])
def test_lost_or_damaged_tiles_are_made_again_while_the_reader_waits(
    small: SmallLibrary, client: FlaskClient, tiles_of: tuple[PageImage, str], spoil: str
) -> None:
    page, key = tiles_of
    library = small.library
    tile = next(tile for tile in page.grid.tiles() if tile.level == 0)
    good = library.images.tile(page, tile)
    for asked in (f"/{page.grid.name(tile)}", f"/1,2,103,104/{91 if spoil == 'lost' else 92},90/0/default.jpg"):
        if spoil == "lost":
            library.store.delete(key)
        else:
            flip_a_bit(library, key)
        library.images.forget(page)
        attempts.forget()
        assert picture(client.get(of(page, asked))).format == "JPEG"
    assert library.images.tile(page, tile).data == good.data


def test_a_reading_image_with_a_flipped_bit_is_made_again(
    small: SmallLibrary, client: FlaskClient, tiles_of: tuple[PageImage, str]
) -> None:
    page, tiles = tiles_of
    recipe = small.library.recipes.picture(page.sizes[600, 800])
    good = client.get(of(page, "/full/600,800/0/default.jpg"))
    flip_a_bit(small.library, f"{tiles.rpartition('/')[0]}/{recipe.file_name}")
    again = client.get(of(page, "/full/600,800/0/default.jpg"))
    assert (again.status_code, again.data) == (200, good.data)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("rest", ["/info.json", "/full/max/0/default.jpg"])
def test_only_reading_is_allowed(client: FlaskClient, page: PageImage, method: str, rest: str) -> None:
    answer = client.open(of(page, rest), method=method, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_request_that_names_no_host_is_told_no_address_of_ours(client: FlaskClient, page: PageImage) -> None:
    assert client.get(of(page, "/info.json"), headers={"Host": ""}).status_code == 400


def test_what_cannot_be_shown_for_now_is_a_picture_that_says_so(
    small: SmallLibrary, client: FlaskClient, tiles_of: tuple[PageImage, str]
) -> None:
    page, key = tiles_of
    path = small.library.store.path_of(key)
    assert path is not None
    aside = path.with_suffix(".aside")
    path.rename(aside)
    path.symlink_to(path)  # a disk that does not answer: the name is there, and cannot be opened
    small.library.images.forget(page)
    try:
        address = of(page, "/11,12,113,114/max/0/default.jpg")
        shown = client.get(address, headers={**SHOWN_IN_A_PAGE, "Accept-Language": "en"})
        assert (shown.status_code, shown.mimetype) == (503, "image/svg+xml")
        assert int(shown.headers["Retry-After"]) > 0
        assert shown.headers["Cache-Control"] == "no-store"
        assert "for the moment" in shown.text or "later" in shown.text
        assert str(path) not in shown.text
        ours = client.get(f"{address}?v={page.version}", headers=SHOWN_IN_A_PAGE)
        assert ours.status_code == 503
        assert not ours.mimetype.startswith("image/"), "our own pages have words of their own, and ask again"
        told = client.get(address)
        assert (told.status_code, told.mimetype) == (503, "application/problem+json")
        assert int(told.headers["Retry-After"]) > 0
        assert client.get(address, headers={"Accept": "text/html,image/webp,*/*"}).mimetype == "text/html"
    finally:
        path.unlink()
        aside.rename(path)
        small.library.images.forget(page)
    assert picture(client.get(of(page, "/11,12,113,114/max/0/default.jpg"))).size == (113, 114)


def test_what_is_kept_is_shown_while_the_tiles_are_away(
    small: SmallLibrary, client: FlaskClient, tiles_of: tuple[PageImage, str], tmp_path: Path
) -> None:
    page, key = tiles_of
    address = of(page, "/21,22,123,124/max/0/default.jpg")
    first = client.get(address).data
    path = small.library.store.path_of(key)
    assert path is not None
    path.rename(tmp_path / "aside")
    small.library.images.forget(page)
    try:
        assert client.get(address).data == first
    finally:
        (tmp_path / "aside").rename(path)
        small.library.images.forget(page)
