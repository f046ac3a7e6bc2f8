"""Two editions side by side, each open at a page of its own; complete without JavaScript."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, paging
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.translate import _
from wenyuan.reader.views.room import pages_version
from wenyuan.repo.catalogue import collections, items, works
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import ViewingDirection
from wenyuan.repo.errors import NoSuchItem, NoSuchPage
from wenyuan.repo.find import find
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.policy import Action, tiers
from wenyuan.repo.tiles import TILE_SIZE

blueprint = Blueprint("compare", __name__)

OFFERED = 24
"""Books that the chooser shows of each sort; more are found by their title."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two books.

    Attributes:
        name: of its argument in the address, a or b; its place is in the argument with a `p` behind.
    """

    name: str
    item: Item
    page: PageView

    @property
    def right_to_left(self) -> bool:
        """Whether the next page is on the left."""
        return self.item.description.viewing_direction is ViewingDirection.RIGHT_TO_LEFT

    @property
    def previous(self) -> str | None:
        """This address with this book a page before."""
        return self.at(self.page.position - 1) if self.page.position > 1 else None

    @property
    def next(self) -> str | None:
        """This address with this book a page on."""
        return self.at(self.page.position + 1) if self.page.position < self.item.page_count else None

    @property
    def other(self) -> str:
        """The chooser of another book for this side: the address without it, the other book first."""
        kept = "b" if self.name == "a" else "a"
        return url_for("compare.compare", a=request.args[kept], ap=request.args.get(f"{kept}p"))

    @property
    def room(self) -> str:
        """What the script needs to know of the book, as JSON."""
        own = f"/read/{self.item.id}"
        told = {
            "name": self.name,
            "item": self.item.id,
            "title": self.item.description.title,
            "position": self.page.position,
            "count": self.item.page_count,
            "direction": "rtl" if self.right_to_left else "ltr",
            "writing": self.item.description.writing.value,
            "kind": self.item.description.kind.value,
            "image": {"widths": [recipe.width for recipe in library().recipes.pictures], "tile": TILE_SIZE},
            "words": {
                "page": _("第 %(position)s 页", position="{position}"),
                "picture": _("%(title)s，%(page)s 的图像", title="{title}", page="{page}"),
            },
            "urls": {
                "pages": f"{own}/pages.json?v={pages_version(self.item)}",
                "image": f"/iiif/image/3/{self.item.id}-{{key}}",
                "page": f"{own}/{{position}}",
            },
        }
        return json.dumps(told, ensure_ascii=False)

    def at(self, position: int) -> str:
        """This address with this book at another place."""
        return paging.address(**{f"{self.name}p": position})


@blueprint.get("/compare")
def compare() -> ResponseReturnValue:
    """Two books side by side; with one, the choice of a second."""
    first = _side("a")
    if not request.args.get("b"):
        return _chooser(first)
    sides = (first, _side("b"))
    return render_template(
        "compare.html",
        sides=sides,
        before=_both(sides, -1),
        after=_both(sides, 1),
        swapped=url_for(
            "compare.compare",
            a=sides[1].item.id,
            ap=sides[1].page.position,
            b=first.item.id,
            bp=first.page.position,
        ),
    )


def _side(name: str) -> Side:
    """The book that an argument names, open at its place.

    Raises:
        NoSuchItem, Refused: as the guard.
        NoSuchPage: it has no such place, or its places are no pages.
    """
    item_id = request.args.get(name, "")
    if not item_id:
        raise NoSuchItem(item=item_id)
    item, position = guard.item_for(Action.READ_PAGE, item_id), paging.asked(f"{name}p")
    if item.page_kind is PageKind.CHAPTER:
        raise NoSuchPage(item=item_id, page=position)
    with reading() as session:
        return Side(name, item, items.page_at(session, item_id, position))


def _both(sides: tuple[Side, Side], step: int) -> str | None:
    """This address with both books so many pages on; None where neither can go."""
    moved = {f"{side.name}p": min(max(1, side.page.position + step), side.item.page_count) for side in sides}
    stays = all(moved[f"{side.name}p"] == side.page.position for side in sides)
    return None if stays else paging.address(**moved)


def _chooser(first: Side) -> str:
    """Books to lay beside one: of the same work, then of the same collection; or those that a title search finds."""
    query = request.args.get("q", "").strip()
    access = tiers(person(), Action.READ_PAGE)
    companions: list[Item] = []
    neighbours: list[Item] = []
    collection = None
    if not query:
        with reading() as session:
            companions = works.companions(session, first.item, access, OFFERED)
            key = first.item.collection
            if key:
                collection = collections.get(session, key)
                shelf, _total = items.browse(session, access=access, collection=key, order="title", limit=2 * OFFERED)
                known = {first.item.id, *(item.id for item in companions)}
                neighbours = [item for item in shelf if item.id not in known and _has_pages(item)][:OFFERED]
    return render_template(
        "compare_choose.html",
        first=first,
        companions=companions,
        collection=collection,
        neighbours=neighbours,
        found=_found(query) if query else [],
        q=query,
        beside=lambda item: url_for(
            "compare.compare", a=first.item.id, ap=first.page.position, b=item.id, bp=_partner(first, item)
        ),
    )


def _found(query: str) -> list[Item]:
    """Books that can be laid side by side, those whose title matches first.

    Raises:
        QueryTooLong, IndexUnavailable: as `wenyuan.repo.find`.
    """
    findings = find(library(), query, person=person(), limit=OFFERED)
    ranked = sorted(findings.items, key=lambda one: not one.in_title)
    return [one.item for one in ranked if _has_pages(one.item) and guard.allowed(Action.READ_PAGE, one.item)]


def _has_pages(item: Item) -> bool:
    return item.page_kind is not PageKind.CHAPTER


def _partner(first: Side, item: Item) -> int:
    """Where a book opens beside the first: the same book a page on, another one at its beginning."""
    return min(first.page.position + 1, item.page_count) if item.id == first.item.id else 1
