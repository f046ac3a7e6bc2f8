"""Signing in for viewers on other sites (IIIF Authorization Flow API 2.0): probe, access, token, logout.

The access service and what it leads to keep their opener: a viewer learns that the reader is done from the window that
closes. The token page may stand in a frame of the page that asks, and of no other.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader.context import person, reading
from wenyuan.reader.guard import item_for
from wenyuan.reader.iiif import addresses, authorization, presentation
from wenyuan.reader.views.iiif_presentation import base
from wenyuan.repo.catalogue import items
from wenyuan.repo.items import PageKind
from wenyuan.repo.policy import ANONYMOUS, Action, Person, decide

blueprint = Blueprint("iiif_auth", __name__, url_prefix=addresses.AUTHORIZATION)

_SIGNING_IN = frozenset({"account.sign_in", "account.sign_in_now"})
_WINDOWS = frozenset({"iiif_auth.access", "iiif_auth.logout"})


@blueprint.get("/probe/<item_id>-<number:key>")
def probe(item_id: str, key: int) -> ResponseReturnValue:
    """Whether an image would be shown to who asks, by session or token; the answer itself is always 200."""
    item = item_for(Action.SEE_METADATA, item_id)
    with reading() as catalogue:
        page = items.page_by_key(catalogue, item_id, key)
    asking = _asking()
    access = item.description.access
    small = page.kind is not PageKind.CHAPTER and decide(access, asking, Action.SEE_THUMBNAIL).allowed
    substitute = presentation.thumbnail(base(), page) if small else None
    if substitute:  # the picture alone: its service would refuse what is larger
        substitute.pop("service")
    result = authorization.probe_result(decide(access, asking, Action.READ_PAGE), asking, substitute)
    return _for_one(jsonify(result))


@blueprint.get("/access")
def access() -> ResponseReturnValue:
    """Sign in, in a window that closes by itself when that is done."""
    if person() == ANONYMOUS:
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
    return _for_one(make_response(render_template("iiif/window.html")))


@blueprint.get("/token")
def token() -> ResponseReturnValue:
    """A page for a frame of the viewer, which posts a token to it, or why there is none."""
    origin, message = request.args.get("origin", ""), request.args.get("messageId", "")
    posted = authorization.token_message(person(), origin, message)
    known = origin if authorization.is_origin(origin) else ""
    page = render_template("iiif/token.html", message=json.dumps(posted, ensure_ascii=False), origin=known)
    response = _for_one(make_response(page))
    # Overrides X-Frame-Options (CSP Level 3, §6.4.2.1), which knows no single foreign origin.
    framed_by = known or "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}"
    )
    return response


@blueprint.get("/logout")
def logout() -> ResponseReturnValue:
    """Sign out, in a window. Only there: a picture or frame with this address signs nobody out."""
    if request.headers.get("Sec-Fetch-Dest", "document") == "document":
        session.clear()
    return _for_one(make_response(render_template("iiif/window.html")))


@blueprint.before_app_request
def _look_ahead() -> None:
    """Before the view, where a form that is too large has been refused already."""
    leads_back = request.endpoint in _SIGNING_IN and request.values.get("next", "").startswith(
        f"{addresses.AUTHORIZATION}/access"
    )
    g.keeps_opener = leads_back or request.endpoint in _WINDOWS


@blueprint.after_app_request
def _keep_opener(response: Response) -> Response:
    if g.get("keeps_opener"):
        response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


def _asking() -> Person:
    scheme, _, told = request.headers.get("Authorization", "").partition(" ")
    return authorization.person_of(told.strip()) if scheme.lower() == "bearer" else person()


def _for_one(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Cookie", "Authorization"))
    return response
