"""The page of one item: what it is, what is in it, and how to get it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wenyuan.reader import citation, describe, guard, paging, rights, sharing
from wenyuan.reader.context import person, reading
from wenyuan.reader.views.text_forms import MOST_PAGES
from wenyuan.repo.catalogue import collections, items, works
from wenyuan.repo.items import File, Item, PageKind
from wenyuan.repo.policy import Action, tiers

blueprint = Blueprint("item", __name__)

THUMBNAILS = 24
FILES_SHOWN = 100
"""On the item page; a scanned book may have thousands."""
FILES_PER_PAGE = 200


@blueprint.get("/items/<item_id>")
def item_page(item_id: str) -> ResponseReturnValue:
    """Description, contents, pages, files and how to cite it."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    number = paging.asked()
    with_pages = item.page_kind is not PageKind.CHAPTER and item.page_count > 1
    with reading() as session:
        path = collections.path(session, item.collection) if item.collection else []
        sections = items.sections(session, item_id)
        originals = _originals(session, item)
        pages = items.pages(session, item_id, (number - 1) * THUMBNAILS, THUMBNAILS) if with_pages else []
        first = pages[:1] if number == 1 and pages else items.pages(session, item_id, 0, 1)
        comparable = item.page_kind is not PageKind.CHAPTER and bool(
            works.companions(session, item, tiers(person(), Action.READ_PAGE), limit=1)
        )
    return render_template(
        "item.html",
        item=item,
        path=path,
        sections=sections,
        files=originals[:FILES_SHOWN],
        file_count=len(originals),
        pages=pages,
        first_key=first[0].key if first else None,
        pdf_pages=MOST_PAGES,
        comparable=comparable,
        pager=paging.Pager(number, THUMBNAILS, item.page_count if with_pages else 0),
        rows=describe.rows(item),
        rights=rights.explain(item.description.rights),
        cite=cite(item),
        sharing=sharing,
    )


@blueprint.get("/items/<item_id>/files")
def files(item_id: str) -> ResponseReturnValue:
    """All originals of an item with very many, page by page."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    with reading() as session:
        path = collections.path(session, item.collection) if item.collection else []
        originals = _originals(session, item)
    pager = paging.Pager(paging.asked(), FILES_PER_PAGE, len(originals))
    shown = originals[pager.offset : pager.offset + FILES_PER_PAGE]
    return render_template("files.html", item=item, path=path, files=shown, pager=pager)


def _originals(session: Session, item: Item) -> list[File]:
    return [file for file in items.files(session, item.id) if file.role == "original"]


def cite(item: Item) -> str:
    """The reference of an item as of today."""
    return citation.gb_t_7714(
        item.description,
        year=sharing.year(item),
        url=sharing.address(item),
        cited=sharing.today(),
    )
