"""What pages tell the scripts that keep notes and places (static/js/keep): who reads, what, addresses, words."""

from __future__ import annotations

import json
from typing import Any

from flask import url_for

from wenyuan.reader import links, security
from wenyuan.reader.context import person, public_address, reading
from wenyuan.reader.translate import _
from wenyuan.reader.views.room import pages_version
from wenyuan.repo.catalogue import annotations as catalogue
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import NoSuchPage
from wenyuan.repo.items import Item

COLOURS = ("yellow", "green", "blue", "red")


def colour_names() -> dict[str, str]:
    """The four colours of marks, in the reader's language."""
    return {"yellow": _("黄色"), "green": _("绿色"), "blue": _("蓝色"), "red": _("红色")}


def told(item: Item) -> str:
    """The item and its reader, as JSON for the attribute `data-keep`.

    In addresses `{item}` is an item's id, `{key}` a page's key.
    """
    pages = url_for("room.pages", item_id=item.id, v=pages_version(item))
    keep: dict[str, Any] = {
        **_asking(),
        "item": item.id,
        "title": item.description.title,
        "urls": {**addresses(), "pages": pages, "cover": links.cover(item)},
        "site": site(),
        "words": words(),
    }
    return _encoded(keep)


def my() -> str:
    """What 我的书房 needs to show or to merge what is kept in the browser, as JSON for the attribute `data-my`."""
    return _encoded({**_asking(), "urls": addresses(), "site": site(), "words": words()})


def place_in(item: Item) -> PageView | None:
    """The page to which the reader has come in an item, on whatever device it was last; None where there is none."""
    name = person().name
    if not name:
        return None
    with reading() as session:
        found = catalogue.positions(session, name, item.id)
        if not found:
            return None
        try:
            return items.page_by_key(session, item.id, found[0].anchor.page)
        except NoSuchPage:
            return None


def addresses() -> dict[str, str]:
    """Where scripts send what is kept."""
    return {
        "annotations": "/api/annotations/",
        "position": "/api/positions/{item}",
        "groups": "/api/groups",
        "my": url_for("my_library.home"),
    }


def site() -> dict[str, str]:
    """Public addresses that annotations name pages, items and groups by."""
    return {
        "place": public_address("/read/{item}/place/{key}"),
        "item": public_address("/items/{item}"),
        "group": public_address("/groups/{group}"),
    }


def site_told() -> str:
    """All addresses, as JSON for an attribute of pages that show no item."""
    return _encoded({**site(), "urls": addresses()})


def words() -> dict[str, str]:
    """Words that the scripts put together or put in place; they fill in `{count}` and the like."""
    coloured = {f"coloured_{colour}": _("已标为%(colour)s", colour=name) for colour, name in colour_names().items()}
    return {
        **coloured,
        "page": _("第 %(position)s 页", position="{position}"),
        "chapter": _("第 %(position)s 章", position="{position}"),
        "count": _("%(count)s 条", count="{count}"),
        "shown_count": _("列出 %(count)s 条", count="{count}"),
        "select_first": _("先选一段文字，再按 H 标记。"),
        "bookmark": _("书签"),
        "bookmarked": _("已夹书签"),
        "bookmark_removed": _("书签已取下"),
        "removed": _("已删去"),
        "region": _("图上的一处"),
        "draw_region": _("在图上拖出一个框。按 Esc 取消。"),
        "noted": _("笔记已记下"),
        "private": _("只有自己看得到"),
        "with_group": _("分享到“%(name)s”", name="{name}"),
        "shared": _("已分享"),
        "unshared": _("已改为只有自己看得到"),
        "shared_mark": _("已分享"),
        "by": _("%(name)s 的笔记", name="{name}"),
        "moved": _("文字有改动，已移到新的位置"),
        "orphaned": _("找不到原文的"),
        "orphaned_why": _("这些标记所在的文字已经改动或删去。内容都还在，可以回到那一页，重新标记。"),
        "unsent": _("待送出"),
        "refused_mark": _("没有送出"),
        "go_to": _("前往：%(what)s", what="{what}"),
        "edit_what": _("写笔记：%(what)s", what="{what}"),
        "remove_what": _("删去：%(what)s", what="{what}"),
        "state_waiting": _("已存在本机，联网后送出"),
        "state_ended": _("登录已过期；笔记存在本机，重新登录后送出"),
        "state_refused": _("有的笔记没有送出，还存在本机"),
        "read_elsewhere": _("在另一台设备（%(device)s）上读到%(place)s", device="{device}", place="{place}"),
        "read_here": _("上次读到%(place)s", place="{place}"),
        "other_device": _("另一台设备"),
        "go_there": _("前往"),
        "merge": _("这台设备上有 %(count)s 条笔记，并入你的账号？", count="{count}"),
        "merge_yes": _("并入"),
        "merge_no": _("不是我的，留在这里"),
        "merged": _("%(count)s 条笔记已并入你的账号", count="{count}"),
    }


def _asking() -> dict[str, str]:
    name = person().name or ""
    return {"person": name, "token": security.form_token() if name else ""}


def _encoded(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
