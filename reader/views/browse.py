"""Looking around: the tree of collections, and lists of items by kind and order."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import paging
from wenyuan.reader.context import person, reading
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.description import ItemKind
from wenyuan.repo.policy import tiers

blueprint = Blueprint("browse", __name__)

PAGE_SIZE = 24
ORDERS = ("newest", "title", "date")
_KINDS = frozenset(kind.value for kind in ItemKind)


@blueprint.get("/browse")
def everything() -> ResponseReturnValue:
    """All items."""
    return _list(None)


@blueprint.get("/collections/<key>")
def collection(key: str) -> ResponseReturnValue:
    """The items of a collection and of all below it."""
    return _list(key)


def asked_kind() -> str | None:
    """The kind that the request narrows to; None where it names none that exists."""
    kind = request.args.get("kind", "")
    return kind if kind in _KINDS else None


def _list(key: str | None) -> ResponseReturnValue:
    access, kind, number = tiers(person()), asked_kind(), paging.asked()
    order = request.args.get("order", "")
    order = order if order in ORDERS else ORDERS[0]
    with reading() as session:
        path = collections.path(session, key) if key else []
        found, total = items.browse(
            session,
            access=access,
            collection=key,
            kind=kind,
            order=order,
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )
        tree = collections.tree(session, access)
        kinds = items.kinds(session, access, key)
    pager = paging.Pager(number, PAGE_SIZE, total)
    if number > pager.last:
        return redirect(paging.address(page=pager.last))
    return render_template(
        "browse.html",
        path=path,
        here_collection=path[-1] if path else None,
        items=found,
        tree=tree,
        kinds=kinds,
        kind=kind,
        order=order,
        pager=pager,
        address=paging.address,
    )
