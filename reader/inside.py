"""Searching inside one item: the one place of the web that asks whether the person may."""

from __future__ import annotations

import logging

from wenyuan.reader import guard
from wenyuan.reader.context import library
from wenyuan.repo import chinese
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Query
from wenyuan.repo.find import InItem, find_in_item, hits_on_page
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Box
from wenyuan.repo.locate import Hit
from wenyuan.repo.policy import Action
from wenyuan.storage.errors import Corrupt, ObjectMissing

LISTED = 200
"""Matching pages that the reader lists."""

log = logging.getLogger(__name__)


def asked(item: Item, query: str) -> str:
    """What is to be searched for: nothing where the person may not search inside this item."""
    return query if query and guard.allowed(Action.SEARCH_INSIDE, item) else ""


def found(item: Item, query: str, *, limit: int = LISTED) -> InItem:
    """The places of all pages that match, and the first of these pages.

    Raises:
        QueryTooLong, IndexUnavailable: as `wenyuan.repo.find`.
    """
    wanted = asked(item, query)
    return find_in_item(library(), item.id, wanted, limit=limit) if wanted else InItem((), ())


def ranges(item: Item, text: str, query: str, next_text: str) -> list[tuple[int, int]]:
    """Where the hits stand in the text of a page; `next_text` is that of the page after it."""
    wanted = asked(item, query)
    return chinese.find(text, wanted, next_text=next_text) if wanted and text else []


def hits(item: Item, page: PageView, query: str | Query) -> list[Hit]:
    """Where the hits stand on the picture of a page; nowhere where its text layer is lost or damaged."""
    try:
        may = bool(query) and guard.allowed(Action.SEARCH_INSIDE, item)
        return hits_on_page(library(), page, query) if may else []
    except (ObjectMissing, Corrupt, ValueError) as error:
        log.error("text layer %s of %s, page %s: %s", page.layer, page.item, page.key, error)
        return []


def boxes(item: Item, page: PageView, query: str) -> tuple[Box, ...]:
    """The boxes of all these hits."""
    return tuple(box for hit in hits(item, page, query) for box in hit.boxes)
