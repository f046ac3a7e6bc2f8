"""An item open at a page: all that the reader shows around and on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

from wenyuan.reader import guard, inside
from wenyuan.reader.chapter_names import Names
from wenyuan.reader.context import reading
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.description import ViewingDirection
from wenyuan.repo.find import InItem
from wenyuan.repo.items import Item, PageKind, Section
from wenyuan.repo.layers import Box
from wenyuan.repo.policy import Action


@dataclass(frozen=True, slots=True)
class Opening:
    """What the reader shows.

    Attributes:
        paragraphs: the page's text, hits told apart; empty where it has none or may not be read.
        names: what pages are called.
        boxes: of the hits on the page, in its pixels.
        found: the pages of the item that hold the query.
    """

    item: Item
    page: PageView
    following: PageView | None
    sections: tuple[Section, ...]
    names: Names
    query: str
    paragraphs: tuple[tuple[Fragment, ...], ...]
    boxes: tuple[Box, ...]
    found: InItem

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
    def found_before(self) -> int | None:
        """Place of the nearest page before this one that holds the query."""
        before = bisect_left(self.found.positions, self.page.position)
        return self.found.positions[before - 1] if before else None

    @property
    def found_after(self) -> int | None:
        """Place of the nearest page after this one that holds the query."""
        after = bisect_right(self.found.positions, self.page.position)
        return self.found.positions[after] if after < len(self.found.positions) else None


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
        next_text = items.page_text(session, item.id, following.key) if query and text and following else ""
    return Opening(
        item=item,
        page=page,
        following=following,
        sections=sections,
        names=Names(item, sections),
        query=query,
        paragraphs=_paragraphs(text, inside.ranges(item, text, query, next_text)),
        boxes=inside.boxes(item, page, query) if page.kind is not PageKind.CHAPTER else (),
        found=inside.found(item, query),
    )


def _paragraphs(text: str, hits: list[tuple[int, int]]) -> tuple[tuple[Fragment, ...], ...]:
    """The lines of the text, each cut where hits begin and end; a hit may run over the end of a line."""
    lines: list[tuple[Fragment, ...]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        edges = [start, *(edge for hit in hits for edge in hit if start < edge < end), end]
        marked = (Fragment(text[a:b], any(hit[0] <= a < hit[1] for hit in hits)) for a, b in pairwise(edges))
        lines.append(tuple(fragment for fragment in marked if fragment.text))
        start = end + 1
    return tuple(lines) if text.strip() else ()
