"""What a request has at hand: the library, who is asking, and a reading session of the catalogue."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import cast

from flask import current_app, g, request, session
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from wenyuan.repo.catalogue import users
from wenyuan.repo.errors import NoSuchUser
from wenyuan.repo.library import Library
from wenyuan.repo.policy import ANONYMOUS, Person
from wenyuan.storage.errors import Unavailable

EXTENSION = "wenyuan"
"""Name under which the application keeps its library."""


def library() -> Library:
    """The library this application was made for."""
    return cast("Library", current_app.extensions[EXTENSION])


def reading() -> AbstractContextManager[Session]:
    """A session of the catalogue that only reads."""
    return library().catalogue.reading()


def public_address(path: str) -> str:
    """A path of ours as the whole address that readers can quote.

    Raises:
        BadRequest: neither a setting nor the request tells where we are.
    """
    if not library().settings.public_url and not request.host:
        raise BadRequest
    return (library().settings.public_url or request.host_url).rstrip("/") + path


def is_api() -> bool:
    """Whether the address is one for programs."""
    return request.path.startswith("/api/")


def person() -> Person:
    """Who is asking: the signed session names an account, which must still be there with the password it had then."""
    if "person" not in g:
        g.person = _person()
    found: Person = g.person
    return found


def _person() -> Person:
    name = session.get("name")
    if not isinstance(name, str):
        return ANONYMOUS
    try:
        with reading() as catalogue:
            if session.get("fingerprint") != users.fingerprint(catalogue, name):
                return ANONYMOUS
            return Person(name, users.get(catalogue, name).role)
    except (NoSuchUser, Unavailable):  # who cannot be asked after is nobody we know: the error page must show, too
        return ANONYMOUS
