"""For load balancers: is the process alive, and can it serve."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from wenyuan.reader.context import library, reading
from wenyuan.repo.catalogue import items
from wenyuan.storage.errors import LibraryError, ObjectMissing

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers."""
    return _plain({"status": "ok"}, 200)


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Catalogue, index and store answer; says which does not, and nothing of how."""
    parts: dict[str, str] = {}
    for name, ask in (("catalogue", _ask_catalogue), ("index", _ask_index), ("store", _ask_store)):
        try:
            ask()
            parts[name] = "ok"
        except LibraryError as error:
            parts[name] = error.code
    good = set(parts.values()) == {"ok"}
    return _plain({"status": "ok" if good else "unavailable", **parts}, 200 if good else 503)


def _ask_catalogue() -> None:
    with reading() as session:
        items.counts(session, frozenset({"open"}))


def _ask_index() -> None:
    library().index.count()


def _ask_store() -> None:
    # That nothing lies there is an answer, too.
    with suppress(ObjectMissing):
        library().store.stat("blobs")


def _plain(members: dict[str, str], status: int) -> ResponseReturnValue:
    response = jsonify(members)
    response.headers["Cache-Control"] = "no-store"
    return response, status
