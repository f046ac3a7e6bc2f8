"""What a reader keeps, as files to take home: `/my/annotations.md`, `.csv`, `.jsonld`; with `?item=` of one item."""

from __future__ import annotations

import json
from datetime import datetime

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import citation, guard, labels, ranges, sharing
from wenyuan.reader.annotation_answers import JSON_LD, asker, site
from wenyuan.reader.context import library, reading
from wenyuan.reader.translate import _
from wenyuan.reader.views.download import as_file
from wenyuan.repo import annotating
from wenyuan.repo.annotations import export
from wenyuan.repo.annotations.export import Entry, Words
from wenyuan.repo.annotations.sites import Site
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("annotation_export", __name__)

_LAST = 2**31
"""The place of a page that is not there any more."""


@blueprint.get("/my/annotations.md")
def markdown() -> ResponseReturnValue:
    """To read, and to write on."""
    return _send(export.markdown(_entries(), words()).encode(), "text/markdown; charset=utf-8", "md")


@blueprint.get("/my/annotations.csv")
def table() -> ResponseReturnValue:
    """For a spreadsheet."""
    return _send(export.table(_entries(), words()).encode(), "text/csv; charset=utf-8; header=present", "csv")


@blueprint.get("/my/annotations.jsonld")
def collection() -> ResponseReturnValue:
    """For other programs."""
    told = export.collection(_entries(), site(), words())
    return _send(json.dumps(told, ensure_ascii=False, indent=1).encode(), JSON_LD, "jsonld")


def words() -> Words:
    """The words of an export in the reader's language."""
    return Words(
        title=_("我的笔记"),
        columns=(
            _("书名"),
            _("页"),
            _("类别"),
            _("颜色"),
            _("原文"),
            _("笔记"),
            _("标签"),
            _("状态"),
            _("记于"),
            _("改于"),
            _("网址"),
        ),
        kinds={"highlighting": _("标记"), "commenting": _("笔记"), "bookmarking": _("书签"), "": _("笔记")},
        colours={"yellow": _("黄色"), "green": _("绿色"), "blue": _("蓝色"), "red": _("红色")},
        states={"moved": _("文字有改动，已移到新的位置"), "orphaned": _("找不到原文")},
        nothing=_("还没有笔记。"),
    )


def _entries() -> list[Entry]:
    name, here, only = asker(), site(), request.args.get("item")
    with reading() as session:
        held = notes.listed(session, Chosen(owner=name, items=(only,) if only else None))
    held = annotating.anchored(library(), held, lambda item: guard.may(Action.READ_TEXT, item))
    with reading() as session:
        known = items.many(session, {one.draft.item for one in held})
        pages = items.pages_by_key(session, {(one.draft.item, one.anchor.page) for one in held})
    seen = {each.id: each for each in known.values() if guard.may(Action.SEE_METADATA, each)}
    told = {each.id: _citation(each) for each in seen.values()}
    return [
        Entry(
            one,
            seen[one.draft.item].description.title if one.draft.item in seen else one.draft.item,
            told.get(one.draft.item, ""),
            *_place(seen.get(one.draft.item), pages.get((one.draft.item, one.anchor.page)), here, one.draft.item),
            _day(one.created),
        )
        for one in held
    ]


def _place(item: Item | None, page: PageView | None, here: Site, item_id: str) -> tuple[int, str, str]:
    """The place, name and address of a page, as far as the reader may know them."""
    if item is None or page is None:
        return _LAST, _("页已不在"), here.item(item_id)
    return page.position, labels.page(item, page.position, page.label), here.place(item.id, page.key)


def _citation(item: Item) -> str:
    address = sharing.address(item)
    return citation.gb_t_7714(item.description, year=sharing.year(item), url=address, cited=sharing.today())


def _day(of: datetime) -> str:
    return labels.moment(of)


def _send(body: bytes, media_type: str, ending: str) -> Response:
    name = _("我的笔记")
    response = as_file(ranges.send(ranges.in_memory("application/octet-stream", body), filename=f"{name}.{ending}"))
    response.headers["Content-Type"] = media_type
    response.headers["Cache-Control"] = "private, no-store"
    return response
