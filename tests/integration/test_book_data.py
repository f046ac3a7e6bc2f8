"""What the e-book room asks for: chapters with their weights, hits with what stands around them, packed chapters."""

from __future__ import annotations

import gzip

from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, small

__all__ = ["client", "small"]


def test_the_chapters_are_told_with_the_length_of_their_text(small: SmallLibrary, client: FlaskClient) -> None:
    told = client.get(f"/read/{small.epub.id}/book.json").json
    assert [row[1] for row in told["chapters"]] == ["OEBPS/c1.xhtml", "OEBPS/c2.xhtml"]
    assert [row[2] for row in told["chapters"]] == [
        len("緣起\n晉太元中武陵人捕魚為業"),
        len("歸途\n既出得其船便扶向路"),
    ]
    assert (told["printed"], told["voices"], told["layout"]) == ([], [], "reflowable")


def test_all_hits_stand_where_the_text_has_them(small: SmallLibrary, client: FlaskClient) -> None:
    told = client.get(f"/read/{small.epub.id}/hits.json?q=武陵").json
    assert told["total"] == 1
    [[position, start, end, before, match, after]] = told["hits"]
    text = "緣起\n晉太元中武陵人捕魚為業"
    assert (position, text[start:end], match) == (1, "武陵", "武陵")
    assert (before, after) == ("緣起 晉太元中", "人捕魚為業")


def test_a_closed_book_tells_nothing(small: SmallLibrary, client: FlaskClient) -> None:
    for name in ("book.json", "hits.json?q=祕密"):
        assert client.get(f"/read/{small.hidden.id}/{name}").status_code == 404


def test_a_chapter_goes_packed_to_who_takes_it_so(small: SmallLibrary, client: FlaskClient) -> None:
    address = f"/chapters/{small.epub.id}/1/wenyuan/base.css"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = client.get(address)
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    if packed.headers.get("Content-Encoding") == "gzip":
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]
    again = client.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    chapter = client.get(f"/chapters/{small.epub.id}/1/OEBPS/c1.xhtml")
    assert chapter.headers["Content-Security-Policy"].startswith("sandbox allow-same-origin;")
    assert ":where(html)" in chapter.text
