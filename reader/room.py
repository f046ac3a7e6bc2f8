"""What the page of a scan tells the scripts of the reading room (static/js/room): the book, its addresses, words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import url_for

from wenyuan.reader import guard, links, room_words
from wenyuan.reader.context import library, public_address
from wenyuan.reader.opening import Opening
from wenyuan.reader.room_words import text_words
from wenyuan.reader.translate import _
from wenyuan.reader.views.room import pages_version
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import ItemKind
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action
from wenyuan.repo.recipes import made_sizes
from wenyuan.repo.tiles import TILE_SIZE


def told(opening: Opening) -> str:
    """The room of a book that is open at a page, as JSON for the attribute `data-room`.

    In addresses `{key}` is a page's key, `{position}` its place, `{layer}` the name of its text.
    """
    item = opening.item
    description = item.description
    room: dict[str, Any] = {
        "item": item.id,
        "position": opening.page.position,
        "count": item.page_count,
        "direction": "rtl" if opening.right_to_left else "ltr",
        "writing": description.writing.value,
        "kind": description.kind.value,
        "title": description.title,
        "query": opening.query,
        "can": {
            "text": guard.allowed(Action.READ_TEXT, item),
            "search": guard.allowed(Action.SEARCH_INSIDE, item),
            "download": guard.allowed(Action.DOWNLOAD_PAGE, item),
            "copy": guard.allowed(Action.READ_TEXT, item),
        },
        "image": {"widths": [recipe.width for recipe in library().recipes.pictures], "tile": TILE_SIZE},
        "urls": _addresses(item),
        "words": {**_words(), **room_words.text_words()},
    }
    return json.dumps(room, ensure_ascii=False, separators=(",", ":"))


def may_be_spread(opening: Opening) -> bool:
    """Whether scripts on a wide screen may show this page beside another: showing it alone first would flicker."""
    single = opening.item.description.kind in {ItemKind.MAP, ItemKind.PHOTOGRAPH, ItemKind.NEWSPAPER}
    return not single and opening.item.page_count > 2 and opening.page.width < opening.page.height


def pages(item: Item) -> str:
    """Address of the table of pages."""
    return url_for("room.pages", item_id=item.id, v=pages_version(item))


@dataclass(frozen=True, slots=True)
class MadePicture:
    """One of the pictures of a page that are made at ingest."""

    address: str
    width: int
    height: int


def pictures(page: PageView) -> list[MadePicture]:
    """The pictures made of a page, small to large, under the addresses that scripts use, too: none is fetched twice."""
    base, version = links.image(page), links.image_version(page)
    return [
        MadePicture(f"{base}/full/{width},{height}/0/default.jpg?v={version}", width, height)
        for width, height in made_sizes(page.width, page.height)
    ]


def sizes(page: PageView) -> str:
    """How wide a page is shown whole, for the attribute `sizes`: the window less the bars above and below."""
    return f"(max-width: 52rem) 100vw, min(100vw - 9rem, {page.width / page.height:.3f} * (100vh - 9rem))"


def manifest(item: Item) -> str:
    """The whole address of the item's IIIF manifest, to be given to other viewers."""
    return public_address(f"/iiif/presentation/3/{item.id}/manifest")


def _addresses(item: Item) -> dict[str, str]:
    base = url_for("read.begin", item_id=item.id)
    return {
        "pages": pages(item),
        "text": f"{base}/place/{{key}}/text.json?v={{layer}}",
        "search": url_for("room.search", item_id=item.id),
        "hits": f"{base}/place/{{key}}/hits.json",
        "image": f"/iiif/image/3/{item.id}-{{key}}",
        "page": f"{base}/{{position}}",
        "jump": url_for("read.jump", item_id=item.id),
        "item": links.item(item.id),
        "picture": f"/download/{item.id}/pages/{{key}}.jpg",
        "pdf": f"/download/{item.id}/pages/{{key}}.pdf",
        "words": f"/download/{item.id}/pages/{{key}}.txt",
        "searchable": f"/items/{item.id}/pages/{{key}}/text.pdf",
        "alto": f"/items/{item.id}/pages/{{key}}/text.alto.xml",
        "hocr": f"/items/{item.id}/pages/{{key}}/text.hocr.html",
        "correct": f"/items/{item.id}/pages/{{key}}/correct",
        "ris": f"/items/{item.id}/cite.ris?page={{key}}",
        "bib": f"/items/{item.id}/cite.bib?page={{key}}",
        "manifest": manifest(item),
    }


def _words() -> dict[str, str]:
    """Words that scripts put together or put in place; all others stand in the page."""
    return {
        "site": library().settings.site_name,
        "page": _("第 %(position)s 页", position="{position}"),
        "here": _("%(page)s，共 %(count)s 页", page="{page}", count="{count}"),
        "picture": _("%(page)s 的图像", page="{page}"),
        "pages": _("书页"),
        "copied": _("已复制"),
        "fold": _("“%(title)s”之下", title="{title}"),
        "thumb_hit": _("%(page)s，有查找结果", page="{page}"),
        "no_page": _("没有“%(page)s”这一页", page="{page}"),
        **text_words(),
    }
