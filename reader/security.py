"""Headers, cookies and form tokens.

No page of ours has inline script or inline style, so the policy forbids both; what must be placed by numbers is SVG.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta

from flask import Flask, Response, current_app, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from wenyuan.reader import reader_tag
from wenyuan.reader.context import is_api, person
from wenyuan.repo.errors import FormTokenMissing, NotSignedIn
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import Settings

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
CHAPTER_POLICY = (
    "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "media-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""For what comes out of a book: no script ever runs. Same origin stays: our own page looks at its links and marks."""
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'self'"
"""For originals as handed in: they are saved, never run here."""

SESSION_LIFETIME = timedelta(days=14)
CHOICE_LIFETIME = timedelta(days=365)
MAX_FORM_BYTES = 64 * 1024
FORM_TOKEN_HEADER = "X-Form-Token"  # noqa: S105  the name of a header
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
_FOR_ALL = frozenset({"static", "script", "style"})
"""Endpoints that answer everybody alike, under whatever lifetime."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class FormExpired(BadRequest):
    """A form came without the token of this session: forged, or left open too long."""

    description = "form token missing or wrong"


class Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, which no answer carries that caches may keep: it would be another reader's, too."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie, or set it anew, where the answer is for this reader alone."""
        if not response.cache_control.public and request.endpoint not in _FOR_ALL:
            super().save_session(app, session, response)


def install(app: Flask, settings: Settings) -> None:
    """Set keys, cookies and limits, and put the headers on every answer."""
    app.session_interface = Sessions()
    app.config.update(
        SECRET_KEY=settings.session_key.get_secret_value() or secrets.token_urlsafe(48),
        SESSION_COOKIE_NAME="wenyuan_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
    )
    app.before_request(_check_address)
    app.before_request(_check_form_token)
    app.after_request(_set_headers)


def keep(response: BaseResponse, name: str, value: str) -> None:
    """Put a choice of the reader's (language, paper) in a cookie for a year."""
    response.set_cookie(
        name,
        value,
        max_age=CHOICE_LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def form_token() -> str:
    """The token of this session, for a hidden field of every form that changes something."""
    if "form_token" not in session:
        session["form_token"] = secrets.token_urlsafe(24)
    return str(session["form_token"])


def _check_address() -> None:
    """Refuse what no browser sends: a host that is none (it is quoted in citations), and NUL (PostgreSQL takes none).

    A request without a host, as probes send in HTTP/1.0, may pass.
    """
    if request.headers.get("Host") and not _HOST.fullmatch(request.host):
        raise BadRequest
    told = (text for name, values in request.values.lists() for text in (name, *values))
    if any("\0" in text for text in (request.path, *told)):
        raise BadRequest


def _check_form_token() -> None:
    """Refuse a change that no form of this session sends.

    Raises:
        FormExpired: without the token, or with another one.
        FormTokenMissing, NotSignedIn: what programs are told instead, where they send none or nobody has signed in.
    """
    if request.method in _SAFE_METHODS or request.routing_exception is not None:
        return  # what no address takes is told as such
    # Scripts of ours send it in a header; a page of another site can send neither (it may not read the token).
    given = request.headers.get(FORM_TOKEN_HEADER) or request.form.get("form_token", "")
    expected = session.get("form_token", "")
    if expected and hmac.compare_digest(str(expected).encode(), given.encode()):
        return
    if is_api() and person().role is Role.ANONYMOUS:
        raise NotSignedIn
    if is_api() and not given:
        raise FormTokenMissing(header=FORM_TOKEN_HEADER)
    raise FormExpired


def _set_headers(response: Response) -> Response:
    headers = response.headers
    if "Cross-Origin-Resource-Policy" in headers:
        # An image for pages of any site has all its headers (reader/iiif/image_answer.py); these are for documents.
        return response
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "private, no-cache"
        response.vary.update(("Cookie", "Accept-Language"))
    # A session whose person cannot be asked after just now says nothing: what was kept for them stays.
    if response.mimetype == "text/html" and not response.cache_control.public and _is_known():
        headers[reader_tag.HEADER] = reader_tag.tag_of(person())
    return response


def _is_known() -> bool:
    return person().name is not None or "name" not in session
