"""The plain reader: one page of a scan or PDF, or one chapter of an e-book, at a time; complete without JavaScript."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import document_room, guard, inside, links, room
from wenyuan.reader.context import reading
from wenyuan.reader.opening import Opening, open_at
from wenyuan.reader.views.item import cite
from wenyuan.repo.catalogue import items
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.items import PageKind
from wenyuan.repo.page_names import place_of
from wenyuan.repo.policy import Action

blueprint = Blueprint("read", __name__)

VIEWS = ("picture", "both", "text")
FITS = ("page", "width")


@blueprint.get("/read/<item_id>")
def begin(item_id: str) -> ResponseReturnValue:
    """The first page; with a query, the first page that holds it."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    query = _query()
    found = inside.found(item, query, limit=0).positions
    return redirect(links.read(item_id, found[0] if found else 1, q=query))


@blueprint.get("/read/<item_id>/<number:position>")
def page(item_id: str, position: int) -> ResponseReturnValue:
    """The reader, open at a place."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    opening = open_at(item, position, _query())
    document = document_room.served(item)
    as_document = document is not None and not document_room.wants_pictures()
    return render_template(
        _template(opening.page.kind, has_document=document is not None, as_document=as_document),
        item=item,
        opening=opening,
        q=opening.query,
        view=_one_of("view", VIEWS),
        fit=_one_of("fit", FITS),
        at=request.args.get("at", ""),
        address=_address_maker(opening),
        room=document_room.Room(document) if document and as_document else room,
        cite=cite(item),
    )


@blueprint.get("/read/<item_id>/jump")
def jump(item_id: str) -> ResponseReturnValue:
    """Go to a page by its number, or by what is printed on it."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    wanted = unicodedata.normalize("NFKC", request.args.get("to", "")).strip()
    keep = {name: request.args.get(name) for name in ("q", "view", "fit", "room")}
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 7:
        return redirect(links.read(item_id, min(max(1, int(wanted)), item.page_count), **keep))
    with reading() as session:
        pages = list(items.pages(session, item_id)) if wanted else []
        place = place_of(wanted, (view.label for view in pages))
    if place is None:
        raise NoSuchPage(item=item_id, page=wanted)
    return redirect(links.read(item_id, pages[place].position, **keep))


@blueprint.get("/read/<item_id>/place/<number:key>")
def place(item_id: str, key: int) -> ResponseReturnValue:
    """Go to a page by its key, which stays with it whatever its place: the lasting address of a page."""
    guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        view = items.page_by_key(session, item_id, key)
    return redirect(links.read(item_id, view.position, q=_query(), at=request.args.get("at")))


@blueprint.get("/read/<item_id>/entry/<path:entry>")
def entry(item_id: str, entry: str) -> ResponseReturnValue:
    """Go to the chapter that an entry of the e-book is: where links between chapters lead."""
    guard.item_for(Action.READ_PAGE, item_id)
    with reading() as session:
        for view in items.pages(session, item_id):
            if view.entry == entry:
                return redirect(links.read(item_id, view.position, at=request.args.get("at")))
    raise NoSuchPage(item=item_id, page=entry)


def _template(kind: PageKind, *, has_document: bool, as_document: bool) -> str:
    if kind is PageKind.CHAPTER:
        return "read_chapter.html"
    if as_document:
        return "read_document.html"
    return "read_document_pictures.html" if has_document else "read_page.html"


def _query() -> str:
    return request.args.get("q", "").strip()


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    wanted = request.args.get(name, "")
    return wanted if wanted in allowed else allowed[0]


def _address_maker(opening: Opening) -> Callable[..., str]:
    """A maker of addresses in this item that keep the reader's query and view."""
    keep: dict[str, str | None] = {name: request.args.get(name) for name in ("q", "view", "fit", "room")}

    def address(position: int | None = None, **changes: str | None) -> str:
        return links.read(opening.item.id, position or opening.page.position, **{**keep, **changes})

    return address
