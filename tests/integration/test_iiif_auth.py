"""The authorization flow, step by step as a viewer takes it; the browser's part of it is in tests/e2e."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from integration.web_fixtures import PASSWORD, SmallLibrary, client, form_token, reader, signed_in, small, staff

from wenyuan.reader.iiif import authorization
from wenyuan.repo.catalogue import users
from wenyuan.repo.description import Access
from wenyuan.repo.policy import Person, Role

__all__ = ["client", "reader", "small", "staff"]

VIEWER = "https://viewer.example.org"


def probed(client: FlaskClient, item_id: str, token: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    answer = client.get(f"/iiif/auth/2/probe/{item_id}-1", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = answer.get_json(force=True)
    assert document["type"] == "AuthProbeResult2"
    return document


def posted(client: FlaskClient, origin: str = VIEWER, message: str = "m1") -> dict[str, Any]:
    """What the token page would post."""
    answer = client.get("/iiif/auth/2/token", query_string={"origin": origin, "messageId": message})
    assert answer.status_code == 200
    document: dict[str, Any] = json.loads(html.unescape(answer.text.split('data-message="')[1].split('"')[0]))
    assert document["@context"] == "http://iiif.io/api/auth/2/context.json"
    return document


def test_what_is_open_needs_no_services(small: SmallLibrary, client: FlaskClient) -> None:
    with small.app.test_request_context():
        assert authorization.services_of(Access.OPEN, "https://library.example.org", "item-1") == []
    assert probed(client, small.scan.id)["status"] == 200


def test_the_services_of_a_closed_image_stand_inside_each_other(small: SmallLibrary) -> None:
    with small.app.test_request_context():
        (probe,) = authorization.services_of(Access.SIGNED_IN, "https://library.example.org", "item-1")
    assert (probe["type"], probe["id"]) == ("AuthProbeService2", "https://library.example.org/iiif/auth/2/probe/item-1")
    (access,) = probe["service"]
    assert (access["type"], access["profile"]) == ("AuthAccessService2", "active")
    assert set(access["label"]) == {"zh-Hans", "zh-Hant", "en"}
    assert [each["type"] for each in access["service"]] == ["AuthAccessTokenService2", "AuthLogoutService2"]


def test_the_probe_tells_strangers_to_sign_in_and_shows_the_thumbnail(small: SmallLibrary, client: FlaskClient) -> None:
    result = probed(client, small.closed.id)
    assert result["status"] == 401
    assert "sign" in result["heading"]["en"][0] + result["note"]["en"][0]
    instead = client.get(result["substitute"][0]["id"].removeprefix("http://localhost"))
    assert (instead.status_code, instead.mimetype) == (200, "image/jpeg")


def test_the_probe_knows_the_session(small: SmallLibrary, reader: FlaskClient) -> None:
    assert probed(reader, small.closed.id) == {
        "@context": "http://iiif.io/api/auth/2/context.json",
        "type": "AuthProbeResult2",
        "status": 200,
    }


def test_what_is_hidden_has_no_probe(small: SmallLibrary, client: FlaskClient, staff: FlaskClient) -> None:
    for address in (f"{small.hidden.id}-1", "nosuchitem000-1", f"{small.scan.id}-99"):
        assert client.get(f"/iiif/auth/2/probe/{address}").status_code == 404
    assert probed(staff, small.hidden.id)["status"] == 200


def test_a_token_of_a_session_opens_the_probe_of_another_client(
    small: SmallLibrary, client: FlaskClient, reader: FlaskClient
) -> None:
    told = posted(reader)
    assert (told["type"], told["messageId"], told["expiresIn"]) == ("AuthAccessToken2", "m1", 300)
    assert probed(client, small.closed.id, told["accessToken"])["status"] == 200
    assert client.get(f"/read/{small.closed.id}/1").status_code == 403, "a token opens nothing but the probe"


@pytest.mark.parametrize("token", ["", "forged", "a.b.c", "WyJyZWFkZXIiLCIwIl0.aaaaaa.bbbbbb"])
def test_a_forged_token_is_nobodys(token: str, small: SmallLibrary, client: FlaskClient) -> None:
    assert probed(client, small.closed.id, token)["status"] == 401


def test_a_token_counts_for_itself_whatever_the_session_says(small: SmallLibrary, reader: FlaskClient) -> None:
    assert probed(reader, small.closed.id, "forged")["status"] == 401


def test_a_token_ends_with_its_time(
    small: SmallLibrary, client: FlaskClient, reader: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = posted(reader)["accessToken"]
    monkeypatch.setattr(authorization, "TOKEN_LIFETIME_S", -1)
    assert probed(client, small.closed.id, token)["status"] == 401


def test_a_token_ends_with_the_password_and_with_the_account(small: SmallLibrary, client: FlaskClient) -> None:
    with small.library.catalogue.writing() as session:
        users.put(session, "passing", PASSWORD, Role.PATRON)
    token = posted(signed_in(small.app, "passing"))["accessToken"]
    assert probed(client, small.closed.id, token)["status"] == 200
    with small.library.catalogue.writing() as session:
        users.put(session, "passing", "another password", Role.PATRON)
    assert probed(client, small.closed.id, token)["status"] == 401
    with small.library.catalogue.writing() as session:
        users.remove(session, "passing")
    assert probed(client, small.closed.id, token)["status"] == 401


def test_a_token_is_no_session_and_a_session_no_token(small: SmallLibrary, client: FlaskClient) -> None:
    visitor = signed_in(small.app, "reader")
    cookie = visitor.get_cookie("wenyuan_session")
    assert cookie is not None
    assert probed(client, small.closed.id, cookie.value)["status"] == 401
    client.set_cookie("wenyuan_session", posted(visitor)["accessToken"])
    assert client.get(f"/read/{small.closed.id}/1").status_code == 403


def test_strangers_get_no_token_and_are_told_why(client: FlaskClient) -> None:
    told = posted(client)
    assert (told["type"], told["profile"], told["messageId"]) == ("AuthAccessTokenError2", "missingAspect", "m1")
    assert "accessToken" not in told


@pytest.mark.parametrize(
    ("origin", "message", "profile"),
    [
        ("javascript:alert(1)", "m1", "invalidOrigin"),
        ("https://viewer.example.org/path", "m1", "invalidOrigin"),
        ("https://a.example 'unsafe-inline'", "m1", "invalidOrigin"),
        ("*", "m1", "invalidOrigin"),
        ("null", "m1", "invalidOrigin"),
        (VIEWER, "", "invalidRequest"),
        (VIEWER, "m" * 201, "invalidRequest"),
    ],
)
def test_a_token_goes_to_no_page_that_does_not_name_itself(
    origin: str, message: str, profile: str, reader: FlaskClient
) -> None:
    told = posted(reader, origin, message)
    assert (told["type"], told["profile"]) == ("AuthAccessTokenError2", profile)
    policy = reader.get("/iiif/auth/2/token", query_string={"origin": origin, "messageId": message}).headers[
        "Content-Security-Policy"
    ]
    if origin != VIEWER:
        assert policy.endswith("frame-ancestors 'none'")


def test_the_token_page_may_be_framed_by_the_page_that_asks_and_runs_only_our_script(reader: FlaskClient) -> None:
    answer = reader.get("/iiif/auth/2/token", query_string={"origin": VIEWER, "messageId": '"><script>'})
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {VIEWER}")
    assert "script-src 'self';" in policy
    assert answer.text.count("<script") == 1
    assert posted(reader, VIEWER, '"><script>')["messageId"] == '"><script>'


def test_the_access_service_leads_through_the_sign_in_page_and_keeps_its_opener(
    small: SmallLibrary, client: FlaskClient
) -> None:
    begin = client.get("/iiif/auth/2/access", query_string={"origin": VIEWER})
    assert begin.status_code == 303
    form = client.get(begin.location)
    back = html.unescape(form.text.split('name="next" value="')[1].split('"')[0])
    assert back.startswith("/iiif/auth/2/access?origin=")
    fields = {"name": "reader", "password": PASSWORD, "next": back, "form_token": form_token(client)}
    wrong = client.post("/sign-in", data={**fields, "password": "x"})
    done = client.post("/sign-in", data=fields)
    assert (wrong.status_code, done.status_code, done.location) == (401, 303, back)
    window = client.get(back)
    assert window.status_code == 200
    assert "js/iiif-window.js" in window.text
    for answer in (begin, form, wrong, done, window):
        assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert client.get("/sign-in").headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_signing_out_takes_a_window_of_its_own(small: SmallLibrary) -> None:
    visitor = signed_in(small.app, "reader")
    assert visitor.get("/iiif/auth/2/logout", headers={"Sec-Fetch-Dest": "image"}).status_code == 200
    assert probed(visitor, small.closed.id)["status"] == 200
    assert "js/iiif-window.js" in visitor.get("/iiif/auth/2/logout").text
    assert probed(visitor, small.closed.id)["status"] == 401
    assert posted(visitor)["profile"] == "missingAspect"


def test_a_refusal_after_signing_in_is_another_than_before() -> None:
    refused = authorization.Decision(False, "staff-only", "ask-library")
    assert authorization.probe_result(refused, Person("reader", Role.PATRON), None)["status"] == 403
