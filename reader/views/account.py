"""Signing in and out, and the look of the pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import security
from wenyuan.reader.context import reading
from wenyuan.reader.pages import THEME_COOKIE, THEMES
from wenyuan.repo.catalogue import users

blueprint = Blueprint("account", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The form."""
    return render_template("sign_in.html", next=_next(), name="", wrong=False)


@blueprint.post("/sign-in")
def sign_in_now() -> ResponseReturnValue:
    """Check name and password; a new session begins, so that one given to the browser before is worth nothing."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    with reading() as catalogue:
        user = users.verify(catalogue, name, password) if name and password else None
    if user is None:
        return render_template("sign_in.html", next=_next(), name=name, wrong=True), 401
    session.clear()
    session.permanent = True
    session["name"] = user.name
    return redirect(_next(), 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Forget who it was."""
    session.clear()
    return redirect(url_for("home.home"), 303)


@blueprint.get("/look/<theme>")
def look(theme: str) -> ResponseReturnValue:
    """Choose paper: light, sepia, dark, or as the device says."""
    if theme not in THEMES:
        abort(404)
    response = redirect(_next(), 303)
    security.keep(response, THEME_COOKIE, theme)
    return response


def _next() -> str:
    """Where to go afterwards: only an address of this site, whatever the request says."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and "\\" not in wanted
    return wanted if ours and wanted.isprintable() else url_for("home.home")
