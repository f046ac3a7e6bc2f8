"""References to take along: an item, or a page of it, for programs that keep literature."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, ranges, references, sharing
from wenyuan.reader.context import public_address, reading
from wenyuan.reader.references import Cited
from wenyuan.reader.views.download import as_file, file_name
from wenyuan.repo.catalogue import items
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("cite", __name__)


@blueprint.get("/items/<item_id>/cite.ris")
def ris(item_id: str) -> ResponseReturnValue:
    """A RIS record of the item; with `?page=KEY`, of a page.

    Raises:
        NoSuchPage: the item has no page with this key.
    """
    return _send(item_id, references.ris, references.RIS_TYPE, "ris")


@blueprint.get("/items/<item_id>/cite.bib")
def bib(item_id: str) -> ResponseReturnValue:
    """A BibTeX entry of the item; with `?page=KEY`, of a page.

    Raises:
        NoSuchPage: the item has no page with this key.
    """
    return _send(item_id, references.bibtex, references.BIBTEX_TYPE, "bib")


def _send(item_id: str, write: Callable[[Cited], str], media_type: str, ending: str) -> Response:
    item = guard.item_for(Action.SEE_METADATA, item_id)
    wanted = request.args.get("page", "")
    cited = _page(item, wanted) if wanted else sharing.cited(item)
    body = ranges.in_memory(media_type, write(cited).encode())
    response = as_file(ranges.send(body, filename=file_name(item, None, ending)))
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    return response


def _page(item: Item, wanted: str) -> Cited:
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 9):
        raise NoSuchPage(item=item.id, page=wanted)
    with reading() as session:
        page = items.page_by_key(session, item.id, int(wanted))
    return sharing.cited(
        item,
        key=f"{item.id}-{page.key}",
        url=public_address(url_for("read.place", item_id=item.id, key=page.key)),
        page=page.label or str(page.position),
    )
