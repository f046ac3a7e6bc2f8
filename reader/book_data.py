"""What the page of an e-book tells the scripts of its room (static/js/book): chapters, addresses, words, hits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from flask import url_for

from wenyuan.reader import guard, languages
from wenyuan.reader.chapter_names import Names
from wenyuan.reader.context import library
from wenyuan.reader.opening import Opening
from wenyuan.reader.translate import _
from wenyuan.repo.book_data import BookData, Spoken
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import Writing
from wenyuan.repo.items import Section
from wenyuan.repo.policy import Action
from wenyuan.repo.search.index import PageText

AROUND = 28
"""Code points told before and after a hit."""


def told(opening: Opening) -> str:
    """The room of a book that is open at a chapter, as JSON for the attribute `data-book`.

    In addresses `{key}` is a chapter's key, `{position}` its place, `{entry}` an entry of the package.
    """
    item, page = opening.item, opening.page
    base = url_for("read.begin", item_id=item.id)
    room: dict[str, Any] = {
        "item": item.id,
        "key": page.key,
        "entry": page.entry,
        "position": page.position,
        "count": item.page_count,
        "name": opening.names.of(page),
        "direction": "rtl" if opening.right_to_left else "ltr",
        "vertical": item.description.writing is Writing.VERTICAL,
        "title": item.description.title,
        "query": opening.query,
        "can": {
            "text": guard.allowed(Action.READ_TEXT, item),
            "search": guard.allowed(Action.SEARCH_INSIDE, item),
        },
        "urls": {
            "book": url_for("book.book", item_id=item.id),
            "hits": url_for("book.hits", item_id=item.id),
            "voice": f"{base}/place/{{key}}/voice.json",
            "chapter": f"/chapters/{item.id}/{{key}}/{{entry}}",
            "chapters": f"/chapters/{item.id}/",
            "page": f"{base}/{{position}}",
            "library": url_for("search.search"),
            "ris": f"/items/{item.id}/cite.ris?page={{key}}",
            "bib": f"/items/{item.id}/cite.bib?page={{key}}",
        },
        "words": {**_words(), "site": library().settings.site_name},
    }
    return json.dumps(room, ensure_ascii=False, separators=(",", ":"))


def language() -> str:
    """The language that names of chapters are told in."""
    return languages.current().tag


def version(views: Iterable[PageView], sections: Sequence[Section]) -> str:
    """Names the chapters of a book, their texts and their titles as they are now."""
    made_of = repr(([(view.key, view.entry, view.label, view.layer, view.source) for view in views], sections))
    return hashlib.sha256(made_of.encode()).hexdigest()[:32]


def book(names: Names, views: Sequence[PageView], texts: Iterable[PageText], data: BookData) -> dict[str, Any]:
    """The chapters of a book in reading order, and what it says of itself.

    Returns:
        `chapters`: a row each: key, entry, characters of its text, what it is called. `printed`: pages of the printed
        edition: label, place of the chapter, fragment in it. `voices`: places of the chapters that are read aloud.
    """
    characters = {text.page: len(text.text) for text in texts}
    places = {view.entry: view.position for view in views if view.entry}
    return {
        "chapters": [[view.key, view.entry, characters.get(view.key, 0), names.of(view)] for view in views],
        "printed": [[page.label, places[page.entry], page.fragment] for page in data.page_list if page.entry in places],
        "voices": sorted(places[entry] for entry in data.overlays if entry in places),
        "active": data.active_class,
        "layout": data.layout,
        "spread": data.spread,
        "flow": data.flow,
    }


def voice(rows: Iterable[Spoken]) -> dict[str, Any]:
    """What is read aloud in a chapter, in order: id of the element, entry of the sound, from and to in seconds."""
    return {"spoken": [[row.id, row.audio, row.start_s, row.end_s] for row in rows]}


def hits_of(position: int, text: str, ranges: Iterable[tuple[int, int]], *, with_text: bool) -> list[list[Any]]:
    """The hits of a chapter: place, start and end in its text, and the words before, in and after them."""
    rows: list[list[Any]] = []
    for start, end in ranges:
        around = (text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND])
        rows.append([position, start, end, *(part.replace("\n", " ") if with_text else "" for part in around)])
    return rows


def _words() -> dict[str, str]:
    """Words that scripts put together or put in place; all others stand in the page."""
    return {
        "page": _("第 %(page)s / %(pages)s 页", page="{page}", pages="{pages}"),
        "whole": _("全书 %(percent)s%%", percent="{percent}"),
        "line": _(
            "第 %(page)s / %(pages)s 页 · 全书 %(percent)s%%", page="{page}", pages="{pages}", percent="{percent}"
        ),
        "printed": _("印本第 %(label)s 页", label="{label}"),
        "frame": _("%(title)s，%(page)s", title="{title}", page="{page}"),
        "searching": _("正在查找…"),
        "found_none": _("书中没有“%(query)s”", query="{query}"),
        "found_one": _("1 处有“%(query)s”", query="{query}"),
        "found_many": _("%(count)s 处有“%(query)s”", count="{count}", query="{query}"),
        "found_first": _("（只列出前 %(count)s 处）", count="{count}"),
        "search_failed": _("这次没有查成。请稍后再试。"),
        "hit": _("第 %(number)s / %(count)s 处", number="{number}", count="{count}"),
        "copied_text": _("已复制 %(count)s 字", count="{count}"),
        "copied": _("已复制"),
        "no_place": _("没有“%(place)s”这个地方。可以写 27%%，或章的序号。", place="{place}"),
        "first_page": _("已经是第一页了"),
        "last_page": _("已经是最后一页了"),
        "picture": _("图"),
        "note": _("注释"),
        "previous_page": _("上一页"),
        "next_page": _("下一页"),
    }
