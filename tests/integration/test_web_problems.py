"""Errors as pages and as problem+json; headers that every answer has."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, form_token, small, staff

from wenyuan.reader.app import create_app
from wenyuan.repo import wiring
from wenyuan.repo.settings import load
from wenyuan.storage.errors import StoreUnavailable

__all__ = ["client", "small", "staff"]


def failing_app(small: SmallLibrary, error: Exception) -> Flask:
    """The application with one more route, which fails."""
    app = create_app(small.library)

    def fail() -> str:
        raise error

    app.add_url_rule("/fail", view_func=fail)
    return app


def test_an_unknown_address_is_a_friendly_page(client: FlaskClient) -> None:
    answer = client.get("/no/such/place")
    assert answer.status_code == 404
    assert "这里没有书" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_programs_get_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/items/nosuchitem000", headers={"Accept": "application/json", "Accept-Language": "en"})
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "no-such-item"
    assert answer.json["status"] == answer.status_code == 404
    assert answer.json["instance"] == "/items/nosuchitem000"


@pytest.mark.parametrize("accept", ["*/*", "", "application/json"])
def test_below_api_every_error_is_a_problem_document(client: FlaskClient, accept: str) -> None:
    for method, path, status in (
        ("GET", "/api/nothing", 404),
        ("GET", "/api/items/nosuchitem000/pages/1/text", 404),
        ("DELETE", "/api/items/nosuchitem000/pages/1/text", 405),
        ("PUT", "/api/items/nosuchitem000/pages/1/text", 401),
    ):
        answer = client.open(path, method=method, headers={"Accept": accept, "Accept-Language": "zh-TW"})
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), path
        assert answer.json is not None
        assert answer.json["status"] == status
        assert all(answer.json[name] for name in ("title", "detail", "code"))
        assert answer.headers["Content-Language"] == "zh-Hant"


def test_a_browser_that_looks_there_sees_a_page(client: FlaskClient) -> None:
    answer = client.get("/api/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/sign-out")
    assert answer.status_code == 400, "without a token a form is refused before anything else"
    answer = client.post("/browse", data={"form_token": form_token(client)})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_too_large_a_form_is_refused(client: FlaskClient) -> None:
    token = form_token(client)
    answer = client.post("/sign-in", data={"form_token": token, "name": "x" * 100_000, "password": "y"})
    assert answer.status_code == 413
    assert "太多" in answer.text


def test_an_accident_is_told_without_its_inside(small: SmallLibrary) -> None:
    answer = failing_app(small, RuntimeError("the password is 123")).test_client().get("/fail")
    assert answer.status_code == 500
    assert "我们这边" in answer.text
    assert "123" not in answer.text


def test_a_store_that_is_away_says_when_to_come_back(small: SmallLibrary) -> None:
    error = StoreUnavailable(store="s3:http://10.0.0.9/secret", reason="timed out", retry_after_s=7)
    answer = failing_app(small, error).test_client().get("/fail")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert "10.0.0.9" not in answer.text


def test_the_error_page_shows_when_the_database_is_gone(
    tmp_path_factory: pytest.TempPathFactory, client: FlaskClient
) -> None:
    home = tmp_path_factory.mktemp("gone") / "home"
    library = wiring.build(load(home=home, executor="inline"))
    app = create_app(library)
    for file in home.glob("catalogue.sqlite*"):
        file.unlink()
    library.catalogue.close()
    answer = app.test_client().get("/")
    assert answer.status_code in {500, 503}
    assert "<h1>" in answer.text
    library.close()


RESERVED = "endpoint=x&_method=POST&_external=1&_anchor=a&_scheme=ftp&item_id=x&position=9&key=x&self=1&values=2"


@pytest.mark.parametrize(
    "path", ["/", "/browse", "/search", "/collections/local", "/items/{scan}", "/read/{scan}/1", "/sign-in", "/nowhere"]
)
def test_names_that_url_for_keeps_for_itself_do_no_harm(path: str, client: FlaskClient, small: SmallLibrary) -> None:
    address = path.format(scan=small.scan.id)
    answer = client.get(f"{address}?{RESERVED}&page=1&lang=en")
    assert answer.status_code == (404 if path == "/nowhere" else 200)
    assert "lang=zh-Hant" in answer.text or path.startswith("/read/")
    assert not re.search(r"href=\"[^\"]*(_external|_method|ftp:|endpoint=)[^\"]*lang=", answer.text)


def test_a_pager_keeps_what_the_reader_asked_for_and_nothing_else(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wenyuan.reader.views.browse.PAGE_SIZE", 1)
    page = client.get(f"/browse?order=title&{RESERVED}").text
    assert re.search(r"href=\"/browse\?order=title&[^\"]*page=2", page)
    assert "page=2&amp;_" not in page


@pytest.mark.parametrize("where", ["http://[", "//[x", "/\\[x", "//evil.example", "/\t/evil.example"])
def test_nonsense_to_go_to_leads_home(where: str, client: FlaskClient) -> None:
    assert client.get("/look/dark", query_string={"next": where}).location == "/"
    assert 'name="next" value="/"' in client.get("/sign-in", query_string={"next": where}).text


@pytest.mark.parametrize("number", ["2147483648", "99999999999999999999", "9" * 5000])
def test_numbers_larger_than_any_are_no_address(
    number: str, client: FlaskClient, staff: FlaskClient, small: SmallLibrary
) -> None:
    for address in (
        f"/read/{small.scan.id}/{number}",
        f"/read/{small.scan.id}/place/{number}",
        f"/iiif/image/3/{small.scan.id}-{number}/info.json",
        f"/download/{small.scan.id}/pages/{number}.jpg",
        f"/download/{small.pdf.id}/pages/{number}.pdf",
        f"/download/{small.scan.id}/pages/{number}.txt",
        f"/chapters/{small.epub.id}/{number}/OEBPS/c1.xhtml",
        f"/staff/deliveries/{number}",
    ):
        assert staff.get(address).status_code == 404, address
    assert client.get(f"/read/{small.scan.id}/2147483647").status_code == 404


def test_no_rule_takes_numbers_without_a_limit(small: SmallLibrary) -> None:
    assert [rule.rule for rule in small.app.url_map.iter_rules() if "<int" in rule.rule] == []


@pytest.mark.parametrize(
    "address",
    ["/items/%00", "/collections/%00", "/search?collection=%00", "/search?q=%00", "/read/%00/1", "/browse?%00=1"],
)
def test_nul_is_refused_before_any_view(address: str, client: FlaskClient) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert "没有看懂" in answer.text
    assert client.get(address, headers={"Accept": "application/json"}).status_code == 400


def test_nul_in_a_form_is_refused(client: FlaskClient) -> None:
    data = {"name": "a\0", "password": "x", "form_token": form_token(client)}
    assert client.post("/sign-in", data=data).status_code == 400


@pytest.mark.parametrize("host", ["evil.example/path", 'a"b', "a b", "<x>", "a@b", "庫.example"])
def test_a_host_that_is_none_is_refused(host: str, client: FlaskClient, small: SmallLibrary) -> None:
    answer = client.get(f"/items/{small.scan.id}", headers={"Host": host.encode().decode("latin-1")})
    assert answer.status_code == 400
    assert host not in answer.text


@pytest.mark.parametrize("host", ["library.example", "localhost:8000", "192.0.2.7:8000", "[2001:db8::1]:8000"])
def test_a_host_is_quoted_in_the_citation(host: str, client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/items/{small.scan.id}", headers={"Host": host}).text
    assert f"http://{host}/items/{small.scan.id}." in page


def test_a_probe_without_a_host_is_answered(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": ""}).status_code == 200


def test_every_page_forbids_inline_script_and_style(client: FlaskClient, small: SmallLibrary) -> None:
    for address in ("/", "/browse", "/search?q=春", f"/items/{small.scan.id}", f"/read/{small.scan.id}/1?q=春", "/x"):
        answer = client.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)", answer.text), address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Frame-Options", "SAMEORIGIN"),
    ],
)
def test_every_answer_carries_the_safe_headers(name: str, value: str, client: FlaskClient, small: SmallLibrary) -> None:
    for address in (
        "/",
        "/nowhere",
        "/healthz",
        f"/covers/{small.scan.id}",
        f"/chapters/{small.epub.id}/1/OEBPS/c1.xhtml",
    ):
        assert client.get(address).headers[name] == value


def test_static_files_are_kept_for_ever_under_their_digest(client: FlaskClient) -> None:
    address = client.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert client.get(address, buffered=True).headers["Cache-Control"].endswith("immutable")
    of_another_version = re.sub("@[^/]+/", "@0123456789/", address)
    assert of_another_version != address
    assert client.get(of_another_version, buffered=True).headers["Cache-Control"].endswith("no-cache")
