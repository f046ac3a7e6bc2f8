"""The page of one item: what it is, what is in it, and how to get it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import citation, describe, guard, paging, rights
from wenyuan.reader.context import public_address, reading
from wenyuan.repo import dates
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.policy import Action

blueprint = Blueprint("item", __name__)

THUMBNAILS = 24


@blueprint.get("/items/<item_id>")
def item_page(item_id: str) -> ResponseReturnValue:
    """Description, contents, pages, files and how to cite it."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    number = paging.asked()
    with_pages = item.page_kind is not PageKind.CHAPTER and item.page_count > 1
    with reading() as session:
        path = collections.path(session, item.collection) if item.collection else []
        sections = items.sections(session, item_id)
        files = items.files(session, item_id)
        pages = items.pages(session, item_id, (number - 1) * THUMBNAILS, THUMBNAILS) if with_pages else []
    return render_template(
        "item.html",
        item=item,
        path=path,
        sections=sections,
        files=[file for file in files if file.role == "original"],
        pages=pages,
        pager=paging.Pager(number, THUMBNAILS, item.page_count if with_pages else 0),
        rows=describe.rows(item),
        rights=rights.explain(item.description.rights),
        cite=_cite(item),
    )


def _cite(item: Item) -> str:
    return citation.gb_t_7714(
        item.description,
        year=dates.gregorian_label(item.description.date, "en") if item.description.date else "",
        url=public_address(url_for("item.item_page", item_id=item.id)),
        cited=datetime.now(UTC).date(),
    )
