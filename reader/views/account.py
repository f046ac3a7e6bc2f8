"""Signing in and out, and the look of the pages."""

from __future__ import annotations

import threading

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import security
from wenyuan.reader.context import reading
from wenyuan.reader.pages import THEME_COOKIE, THEMES
from wenyuan.repo.catalogue import users
from wenyuan.repo.errors import TooManyAttempts

AT_ONCE = 2
"""Passwords checked at the same time in one process: each takes a core and 64 MB for a moment, on purpose."""
RETRY_AFTER_S = 2

_hashing = threading.BoundedSemaphore(AT_ONCE)

blueprint = Blueprint("account", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form."""
    return render_template("sign_in.html", next=_next(), name="", wrong=False)


@blueprint.post("/sign-in")
def sign_in_now() -> ResponseReturnValue:
    """Check name and password; a new session begins, so that one given to the browser before is worth nothing."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    if not _hashing.acquire(blocking=False):
        raise TooManyAttempts(retry_after_s=RETRY_AFTER_S)
    try:
        with reading() as catalogue:
            user = users.verify(catalogue, name, password) if name and password else None
    finally:
        _hashing.release()
    with reading() as catalogue:
        fingerprint = users.fingerprint(catalogue, user.name) if user else ""
    if user is None:
        return render_template("sign_in.html", next=_next(), name=name, wrong=True), 401
    session.clear()
    session.permanent = True
    session["name"], session["fingerprint"] = user.name, fingerprint
    return redirect(_next(), 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Forget who it was; the browser lets go of pages that its back button would show (Clear Site Data, §3.1)."""
    session.clear()
    response = redirect(url_for("home.home"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@blueprint.get("/look/<theme>")
def look(theme: str) -> ResponseReturnValue:
    """Choose paper: light, sepia, dark, or as the device says."""
    if theme not in THEMES:
        abort(404)
    response = redirect(_next(), 303)
    security.keep(response, THEME_COOKIE, theme)
    return response


def _next() -> str:
    """Where to go afterwards: only an address of this site, whatever the request says.

    One slash and no second begins a path of this host (RFC 3986 §4.2); browsers take a backslash for a slash and leave
    out tabs and line ends.
    """
    wanted = request.values.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if ours else url_for("home.home")
