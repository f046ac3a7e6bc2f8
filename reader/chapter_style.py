"""Our style sheet in a chapter of a book: put first, so that whatever the book itself says wins."""

from __future__ import annotations

import re
from html import escape

from flask import current_app

from wenyuan.repo.chapters import XHTML
from wenyuan.repo.description import Writing
from wenyuan.repo.items import Item

_FIXED_LAYOUT = re.compile(rb"<meta[^>]*name=[\"']viewport[\"']")
"""EPUB 3.3 §8.2.2.6: a fixed-layout document says its size there; it needs no style of ours."""
_HEAD = re.compile(rb"<(?:[A-Za-z]+:)?head(?:\s[^>]*)?>")


def with_our_style(document: bytes, item: Item) -> bytes:
    """The chapter with a link to our style sheets; unchanged where it has no head, or a fixed layout.

    Args:
        document: a sanitised XHTML document of the package, UTF-8.
        item: vertical items get the vertical sheet too.
    """
    if _FIXED_LAYOUT.search(document):
        return document
    static_url = current_app.jinja_env.globals["static_url"]
    names = ["css/chapter.css", *(["css/chapter-vertical.css"] if item.description.writing is Writing.VERTICAL else [])]
    assert callable(static_url)
    links = "".join(
        f'<link xmlns="{XHTML}" rel="stylesheet" type="text/css" href="{escape(static_url(name))}"/>' for name in names
    )
    return _HEAD.sub(lambda found: found[0] + links.encode(), document, count=1)
