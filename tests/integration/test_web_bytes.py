"""Pictures, files, pages to take home and chapters, byte by byte."""

from __future__ import annotations

import gzip
import io
import re
from dataclasses import replace

import pymupdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, small
from PIL import Image

from wenyuan.reader import links
from wenyuan.reader.app import create_app
from wenyuan.repo import downloads, wiring
from wenyuan.repo.catalogue import items

__all__ = ["client", "small"]


@pytest.fixture
def original(small: SmallLibrary) -> tuple[str, bytes]:
    """Address and bytes of the PDF as handed in."""
    with small.library.catalogue.reading() as session:
        file = items.files(session, small.pdf.id)[0]
    with small.library.blobs.open(file.sha256) as stream:
        return f"/download/{small.pdf.id}/files/{file.sha256}", stream.read()


def test_an_open_picture_is_kept_for_ever_under_its_version(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/read/{small.scan.id}/1").text
    address = page.split('<img src="')[1].split('"')[0]
    answer = client.get(address)
    assert Image.open(io.BytesIO(answer.data)).format == "JPEG"
    assert answer.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert "immutable" not in client.get(address.split("?")[0]).headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_new_recipe_gives_pictures_and_covers_new_addresses(small: SmallLibrary) -> None:
    def addresses(app: Flask) -> list[str]:
        page = app.test_client().get(f"/read/{small.scan.id}/1").text
        with app.test_request_context():
            covers = [links.cover(item) for item in (small.scan, small.epub)]
        return [page.split('<img src="')[1].split('"')[0], page.split('srcset="')[1].split(" ")[0], *covers]

    changed = {"thumbnail_quality": 60, "reading_quality": 60}
    other = wiring.build(small.library.settings.model_copy(update=changed))
    before, after = addresses(small.app), addresses(create_app(other))
    other.close()
    assert not set(before) & set(after)
    assert [address.split("?")[0] for address in before] == [address.split("?")[0] for address in after]


def test_a_cover_is_kept_for_ever_under_its_version(client: FlaskClient, small: SmallLibrary) -> None:
    with small.app.test_request_context():
        address = links.cover(small.scan)
    assert client.get(address).headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert client.get(f"/covers/{small.scan.id}?v=0123456789").headers["Cache-Control"] == "private, no-cache"


def test_pictures_have_the_sizes_they_say(client: FlaskClient, small: SmallLibrary) -> None:
    with small.app.test_request_context(), small.library.catalogue.reading() as session:
        page = items.page_by_key(session, small.scan.id, 1)
        addresses = {size: links.picture(page, size) for size in ("thumbnail", "reading-small", "reading")}
    for size, width in (("thumbnail", 300), ("reading-small", 600), ("reading", 600)):
        assert Image.open(io.BytesIO(client.get(addresses[size]).data)).width == width


def test_a_cover_is_drawn_for_what_brings_none(client: FlaskClient, small: SmallLibrary) -> None:
    answer = client.get(f"/covers/{small.epub.id}")
    assert answer.status_code == 200
    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert "桃花源記" in answer.text
    assert client.get(f"/covers/{small.scan.id}").content_type == "image/jpeg"


def test_the_original_is_sent_as_it_is(client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original
    answer = client.get(address)
    assert answer.data == data
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\nb.jpg", "attachment; filename=ab.jpg"),
        ("\x00\x7f\x1b.txt", "attachment; filename=.txt"),
        (
            "千字文\r\n圖\u2028.jpg",
            "attachment; filename=wenyuan.jpg; filename*=UTF-8''%E5%8D%83%E5%AD%97%E6%96%87%E5%9C%96.jpg",
        ),
    ],
)
def test_a_name_with_line_ends_and_control_characters_is_told_without(
    name: str, told: str, client: FlaskClient, original: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = downloads.original
    monkeypatch.setattr(downloads, "original", lambda *given: replace(real(*given), filename=name))
    answer = client.get(original[0])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == told


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
        ("bytes=5-5", slice(5, 6)),
    ],
)
def test_one_range_is_sent(wanted: str, part: slice, client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original
    answer = client.get(address, headers={"Range": wanted})
    start, stop, _ = part.indices(len(data))
    assert answer.status_code == 206
    assert answer.data == data[part]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "lines=1-2", "bytes=x-", "bytes=9-1"])
def test_ranges_not_served_give_the_whole(wanted: str, client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original
    answer = client.get(address, headers={"Range": wanted})
    assert (answer.status_code, len(answer.data)) == (200, len(data))


def test_a_range_behind_the_end_is_refused_with_the_length(client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original
    answer = client.get(address, headers={"Range": f"bytes={len(data)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(data)}"


def test_if_range_gives_the_whole_when_the_file_is_another(client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original
    etag = client.head(address).headers["ETag"]
    assert client.get(address, headers={"Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    other = client.get(address, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (other.status_code, len(other.data)) == (200, len(data))


def test_head_tells_the_length_and_sends_nothing(client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original
    answer = client.head(address)
    assert (answer.status_code, answer.data, answer.content_length) == (200, b"", len(data))
    part = client.head(address, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content_length) == (206, 10)


def test_a_file_of_another_item_is_absent(
    client: FlaskClient, small: SmallLibrary, original: tuple[str, bytes]
) -> None:
    assert client.get(original[0].replace(small.pdf.id, small.scan.id)).status_code == 404


def test_a_page_can_be_taken_home(client: FlaskClient, small: SmallLibrary) -> None:
    picture = client.get(f"/download/{small.scan.id}/pages/2.jpg")
    assert Image.open(io.BytesIO(picture.data)).size == (600, 800)
    assert "filename*=UTF-8''%E6%98%A5%E6%9B%89%E9%9B%86%200002.jpg" in picture.headers["Content-Disposition"]
    single = client.get(f"/download/{small.pdf.id}/pages/2.pdf")
    with pymupdf.open(stream=single.data, filetype="pdf") as document:
        assert document.page_count == 1
        assert "街道" in document[0].get_text()
    assert client.get(f"/download/{small.scan.id}/pages/2.pdf").status_code == 404
    assert "啼鳥" in client.get(f"/download/{small.scan.id}/pages/2.txt").text


def test_a_chapter_is_sandboxed_and_its_hits_are_marked(client: FlaskClient, small: SmallLibrary) -> None:
    answer = client.get(f"/chapters/{small.epub.id}/1/OEBPS/c1.xhtml?q=武陵人")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-same-origin; default-src 'none'")
    assert "script" not in policy
    assert "武陵人</mark>" in answer.text
    sheets = [part.partition("</style>")[0] for part in answer.text.split("<style ")[1:]]
    [of_the_book] = [place for place, sheet in enumerate(sheets) if ":where(" not in sheet]
    assert "vertical-rl" in sheets[of_the_book]
    assert of_the_book == len(sheets) - 1 > 0, "ours first, so that the book's own wins"


def test_other_entries_of_the_book_are_served_for_the_chapter(client: FlaskClient, small: SmallLibrary) -> None:
    style = client.get(f"/chapters/{small.epub.id}/1/OEBPS/s.css")
    assert style.mimetype == "text/css"
    assert "vertical-rl" in style.text
    again = client.get(f"/chapters/{small.epub.id}/1/OEBPS/s.css", headers={"If-None-Match": style.headers["ETag"]})
    assert again.status_code == 304
    for outside in ("OEBPS/../../secret", "META-INF/none.xml", "%2e%2e/x"):
        assert client.get(f"/chapters/{small.epub.id}/1/{outside}").status_code == 404


def test_a_suffix_longer_than_the_whole_is_the_whole(client: FlaskClient, original: tuple[str, bytes]) -> None:
    address, data = original

    answer = client.get(address, headers={"Range": f"bytes=-{len(data) * 10}"})

    assert (answer.status_code, answer.data) == (206, data)


def test_other_bytes_than_expected_are_not_sent(client: FlaskClient, original: tuple[str, bytes]) -> None:
    assert client.get(original[0], headers={"If-Match": '"other"'}).status_code == 412


def test_scripts_and_style_sheets_come_packed(client: FlaskClient) -> None:
    page = client.get("/").text
    for address in [*re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page), "/static/js/turn.js"]:
        plain = client.get(address, buffered=True)
        packed = client.get(address, headers={"Accept-Encoding": "gzip"}, buffered=True)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data)
        assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"]
        known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
        again = client.get(address, headers=known, buffered=True)
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in plain.headers["Vary"]
