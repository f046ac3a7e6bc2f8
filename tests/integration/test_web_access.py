"""The one door: every address that names an item asks the policy."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from integration.web_fixtures import PASSWORD, SmallLibrary, client, form_token, reader, signed_in, small, staff
from werkzeug.routing import Rule

from wenyuan.reader import guard, links
from wenyuan.repo import holdings, policy
from wenyuan.repo.catalogue import users
from wenyuan.repo.description import Access
from wenyuan.repo.policy import Action, Decision, Person, Role

__all__ = ["client", "reader", "small", "staff"]

VALUES = {
    "position": 1,
    "key": 1,
    "size": "reading",
    "entry": "OEBPS/c1.xhtml",
    "sha256": "0" * 64,
    "version": "3",
    "region": "full",
    "rotation": "0",
    "name": "x.jpg",
}
SEEN_BY_ALL = {
    "item.item_page",
    "item.files",
    "cite.ris",
    "cite.bib",
    "pictures.cover",
    "iiif_presentation.manifest",
    "iiif_presentation.canvas",
    "iiif_presentation.range_of",
    "iiif_auth.probe",
    "iiif_image.base",
    "iiif_image.information",
}


def item_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "item_id" in rule.arguments]


def addresses(small: SmallLibrary, item_id: str) -> dict[str, str]:
    with small.app.test_request_context():
        urls = small.app.url_map.bind("")
        found = {}
        for rule in item_rules(small.app):
            values = {name: VALUES[name] for name in rule.arguments if name != "item_id"}
            found[rule.endpoint] = urls.build(rule.endpoint, {"item_id": item_id, **values})
        return found


def test_there_are_routes_to_test(small: SmallLibrary) -> None:
    assert len(item_rules(small.app)) >= 12


def test_what_is_hidden_is_as_if_not_there(client: FlaskClient, reader: FlaskClient, small: SmallLibrary) -> None:
    for anyone in (client, reader):
        for address in addresses(small, small.hidden.id).values():
            assert anyone.get(address).status_code == 404, address
    for address in addresses(small, "nosuchitem000").values():
        assert client.get(address).status_code == 404, address


def test_what_is_closed_is_refused_with_reason_and_remedy(client: FlaskClient, small: SmallLibrary) -> None:
    for endpoint, address in addresses(small, small.closed.id).items():
        answer = client.get(address, headers={"Accept": "application/problem+json"})
        if endpoint in SEEN_BY_ALL:
            assert answer.status_code in {200, 303}, address
        else:
            assert answer.status_code == (401 if address.startswith("/api/") else 403), address
            assert answer.json is not None
            assert (answer.json["reason"], answer.json["remedy"]) == ("needs-sign-in", "sign-in")
            assert answer.headers["Cache-Control"] == "no-store"


def test_a_closed_thumbnail_may_be_seen_and_is_not_kept_by_caches(client: FlaskClient, small: SmallLibrary) -> None:
    with small.app.test_request_context():
        address = links.cover(small.closed)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_who_has_signed_in_may_read(reader: FlaskClient, small: SmallLibrary) -> None:
    assert reader.get(f"/read/{small.closed.id}/1").status_code == 200
    assert reader.get(f"/iiif/image/3/{small.closed.id}-1/full/max/0/default.jpg").status_code == 200


def test_the_refusal_offers_to_sign_in_and_come_back(client: FlaskClient, small: SmallLibrary) -> None:
    page = client.get(f"/read/{small.closed.id}/1").text
    assert f"/sign-in?next=/read/{small.closed.id}/1" in page


def test_withdrawn_items_are_gone_for_readers(small: SmallLibrary, client: FlaskClient, staff: FlaskClient) -> None:
    holdings.withdraw(small.library, small.pdf.id, "staff", "a test")
    try:
        assert client.get(f"/items/{small.pdf.id}").status_code == 404
        assert client.get(f"/covers/{small.pdf.id}").status_code == 404
        assert client.get(f"/iiif/image/3/{small.pdf.id}-1/full/300,424/0/default.jpg").status_code == 404
        assert staff.get(f"/items/{small.pdf.id}").status_code == 200
    finally:
        holdings.restore(small.library, small.pdf.id, "staff")


def test_what_is_withdrawn_is_not_found_even_before_the_index_knows(small: SmallLibrary, client: FlaskClient) -> None:
    assert "城市報告" in client.get("/search?q=街道").text
    holdings.withdraw(small.library, small.pdf.id, "staff", "a test")
    try:
        assert "城市報告" not in client.get("/search?q=街道").text
    finally:
        holdings.restore(small.library, small.pdf.id, "staff")


def test_a_new_password_ends_the_sessions_of_the_old_one(small: SmallLibrary) -> None:
    with small.library.catalogue.writing() as session:
        users.put(session, "careless", PASSWORD, Role.STAFF)
    stolen = signed_in(small.app, "careless")
    assert stolen.get("/staff/").status_code == 200
    with small.library.catalogue.writing() as session:
        users.put(session, "careless", "another password", Role.STAFF)
    assert stolen.get("/staff/").status_code == 403
    with small.library.catalogue.writing() as session:
        users.put(session, "careless", PASSWORD, Role.STAFF)
    assert stolen.get("/staff/").status_code == 403, "not even when the old one comes back"
    assert signed_in(small.app, "careless").get("/staff/").status_code == 200


def test_searching_inside_is_asked_of_the_policy_of_its_own(
    small: SmallLibrary, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decide(access: Access, person: Person, action: Action) -> Decision:
        return Decision(action is not Action.SEARCH_INSIDE and policy.decide(access, person, action).allowed)

    monkeypatch.setattr(guard, "decide", decide)
    assert client.get(f"/read/{small.pdf.id}?q=圖書館").location.startswith(f"/read/{small.pdf.id}/1?q=")
    page = client.get(f"/read/{small.pdf.id}/3?q=圖書館&view=both").text
    assert "<mark>" not in page
    assert "<rect " not in page
    assert "<mark" not in client.get(f"/chapters/{small.epub.id}/1/OEBPS/c1.xhtml?q=武陵人").text


def test_an_account_that_is_taken_away_is_out_at_once(small: SmallLibrary) -> None:
    with small.library.catalogue.writing() as session:
        users.put(session, "leaving", PASSWORD, Role.STAFF)
    leaving = signed_in(small.app, "leaving")
    assert leaving.get("/staff/").status_code == 200
    with small.library.catalogue.writing() as session:
        users.remove(session, "leaving")
    assert leaving.get("/staff/").status_code == 403


@pytest.mark.parametrize("data", [{}, {"form_token": ""}, {"form_token": "forged"}])
def test_forms_without_the_token_are_refused(data: dict[str, str], client: FlaskClient) -> None:
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"name": "staff", "password": PASSWORD, **data})
    assert answer.status_code == 400
    assert "失效" in answer.text


def test_a_wrong_password_is_told_and_does_not_sign_in(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"name": "staff", "password": "x", "form_token": form_token(client)})
    assert answer.status_code == 401
    assert "不对" in answer.text
    assert client.get("/staff/").status_code == 403


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
