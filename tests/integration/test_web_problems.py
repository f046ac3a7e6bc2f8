"""Errors as pages and as problem+json; headers that every answer has."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from integration.web_fixtures import SmallLibrary, client, form_token, small

from wenyuan.reader.app import create_app
from wenyuan.repo import wiring
from wenyuan.repo.settings import load
from wenyuan.storage.errors import StoreUnavailable

__all__ = ["client", "small"]


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
    assert client.get(address.split("?")[0], buffered=True).headers["Cache-Control"] == "no-cache"
