"""An item open at a page: all that the reader shows around and on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wenyuan.reader import guard
from wenyuan.reader.context import library, reading
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.description import ViewingDirection
from wenyuan.repo.find import FoundPage, find_in_item, hits_on_page
from wenyuan.repo.items import Item, PageKind, Section
from wenyuan.repo.layers import Box
from wenyuan.repo.policy import Action


@dataclass(frozen=True, slots=True)
class Opening:
    """What the reader shows.

    Attributes:
        paragraphs: the page's text, hits told apart; empty where it has none or may not be read.
        boxes: of the hits on the page, in its pixels.
        found: all pages of the item that hold the query, in reading order.
    """

    item: Item
    page: PageView
    following: PageView | None
    sections: tuple[Section, ...]
    query: str
    paragraphs: tuple[tuple[Fragment, ...], ...]
    boxes: tuple[Box, ...]
    found: tuple[FoundPage, ...]

    @property
    def right_to_left(self) -> bool:
        """Whether the next page is on the left."""
        return self.item.description.viewing_direction is ViewingDirection.RIGHT_TO_LEFT

    @property
    def previous_position(self) -> int | None:
        """Place of the page before."""
        return self.page.position - 1 if self.page.position > 1 else None

    @property
    def next_position(self) -> int | None:
        """Place of the page after."""
        return self.page.position + 1 if self.page.position < self.item.page_count else None

    @property
    def found_before(self) -> FoundPage | None:
        """The nearest page before this one that holds the query."""
        return next((one for one in reversed(self.found) if one.page.position < self.page.position), None)

    @property
    def found_after(self) -> FoundPage | None:
        """The nearest page after this one that holds the query."""
        return next((one for one in self.found if one.page.position > self.page.position), None)


def open_at(item: Item, position: int, query: str) -> Opening:
    """Open an item at a 1-based place.

    Raises:
        NoSuchPage: it has no such place.
        QueryTooLong: as `wenyuan.repo.find`.
    """
    with reading() as session:
        page = items.page_at(session, item.id, position)
        following = items.page_at(session, item.id, position + 1) if position < item.page_count else None
        sections = items.sections(session, item.id)
        may_read = guard.allowed(Action.READ_TEXT, item) and page.kind is not PageKind.CHAPTER
        text = items.page_text(session, item.id, page.key) if may_read else ""
    may_search = bool(query) and guard.allowed(Action.SEARCH_INSIDE, item)
    hits = hits_on_page(library(), page, query) if may_search and page.kind is not PageKind.CHAPTER else []
    return Opening(
        item=item,
        page=page,
        following=following,
        sections=sections,
        query=query,
        paragraphs=_paragraphs(text, [hit.text for hit in hits]),
        boxes=tuple(box for hit in hits for box in hit.boxes),
        found=tuple(find_in_item(library(), item.id, query)) if may_search else (),
    )


def _paragraphs(text: str, hits: list[str]) -> tuple[tuple[Fragment, ...], ...]:
    """The lines of the text, each cut where hits begin and end; a hit may run over the end of a line."""
    spots = {"".join(hit.split()) for hit in hits} - {""}
    pattern = "|".join(r"\s*".join(re.escape(sign) for sign in spot) for spot in sorted(spots, key=len, reverse=True))
    marked = [False] * len(text)
    for match in re.finditer(pattern, text) if pattern else ():
        marked[match.start() : match.end()] = [True] * (match.end() - match.start())
    lines: list[tuple[Fragment, ...]] = []
    start = 0
    for line in text.split("\n"):
        lines.append(tuple(_fragments(line, marked[start : start + len(line)])))
        start += len(line) + 1
    return tuple(lines) if text.strip() else ()


def _fragments(line: str, marked: list[bool]) -> list[Fragment]:
    found: list[Fragment] = []
    start = 0
    for end in range(1, len(line) + 1):
        if end == len(line) or marked[end] != marked[start]:
            found.append(Fragment(line[start:end], marked[start]))
            start = end
    return found
