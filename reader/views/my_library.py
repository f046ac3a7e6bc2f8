"""我的书房: what a reader is reading and has kept, of all items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, keeping, paging
from wenyuan.reader.context import library, person, reading
from wenyuan.reader.paging import Pager
from wenyuan.repo import annotating
from wenyuan.repo.annotations.model import Anchored, Annotation
from wenyuan.repo.catalogue import annotations as catalogue
from wenyuan.repo.catalogue import items, reading_groups
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("my_library", __name__)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(keeping=keeping))

BOOKS = 12
"""Shown to go on reading."""
ITEMS_AT_ONCE = 10
NOTES_OF_EACH = 12
"""Of an item among others; of one alone all are shown, so many at once: """
NOTES_AT_ONCE = 100
SHOWS = ("all", "notes", "bookmarks", *keeping.COLOURS)


@dataclass(frozen=True, slots=True)
class Reading:
    """An item that is being read, and how far."""

    item: Item
    page: PageView
    progression: float


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that was kept; `page` is None where the item has lost it."""

    note: Annotation
    page: PageView | None

    @property
    def kind(self) -> str:
        """As scripts call it."""
        return "bookmark" if self.note.draft.motivation == "bookmarking" else "highlight"

    @property
    def is_orphaned(self) -> bool:
        """Whether its text is not to be found any more."""
        return self.note.anchored is Anchored.ORPHANED

    @property
    def name(self) -> str:
        """What the reading room finds it by."""
        return self.note.draft.canonical or self.note.id


@dataclass(frozen=True, slots=True)
class OfItem:
    """What was kept of an item: some of it, in the order of the book, and how much there is."""

    item: Item
    shown: tuple[Shown, ...]
    count: int


@blueprint.get("/my")
def home() -> ResponseReturnValue:
    """What the reader goes on reading, and what was kept; where nobody has signed in, what the browser keeps."""
    name = person().name
    if name is None:
        return render_template("my_library_here.html")
    wanted = request.args.get("item")
    show = request.args.get("show", "")
    show = show if show in SHOWS else "all"
    groups, pager, shows = _kept(name, wanted, show)
    with reading() as session:
        joined = reading_groups.of_member(session, name)
    return render_template(
        "my_library.html",
        books=() if wanted else _reading(name),
        groups=groups,
        pager=pager,
        show=show,
        shows=shows,
        only=wanted,
        reading_groups=joined,
    )


def _reading(name: str) -> list[Reading]:
    with reading() as session:
        places = catalogue.latest_positions(session, name, BOOKS)
        held = items.many(session, {place.draft.item for place in places})
        pages = items.pages_by_key(session, {(place.draft.item, place.anchor.page) for place in places})
    found = [
        (held.get(place.draft.item), pages.get((place.draft.item, place.anchor.page)), place.draft.progression or 0.0)
        for place in places
    ]
    return [
        Reading(item, page, far) for item, page, far in found if item and page and guard.may(Action.READ_PAGE, item)
    ]


def _kept(name: str, wanted: str | None, show: str) -> tuple[list[OfItem], Pager, list[str]]:
    """What was kept of items that the reader may still open, a page of it, and by what it can be chosen."""
    with reading() as session:
        every = catalogue.listed(session, Chosen(owner=name, items=(wanted,) if wanted else None))
        held = items.many(session, {one.draft.item for one in every})
    every = [one for one in every if one.draft.item in held and guard.may(Action.READ_PAGE, held[one.draft.item])]
    by_item: dict[str, list[Annotation]] = {}
    for one in sorted(every, key=lambda one: one.modified, reverse=True):
        if _lets(show, one):
            by_item.setdefault(one.draft.item, []).append(one)
    shows = [each for each in SHOWS if each in {"all", show} or any(_lets(each, one) for one in every)]
    if wanted:
        total = len(by_item.get(wanted, ()))
        pager = Pager(paging.asked(), NOTES_AT_ONCE, total)
        return [_of_item(held[each], by_item[each], pager) for each in by_item], pager, shows
    pager = Pager(paging.asked(), ITEMS_AT_ONCE, len(by_item))
    chosen = list(by_item)[pager.offset : pager.offset + pager.size]
    of_each = Pager(1, NOTES_OF_EACH, 0)
    return [_of_item(held[each], by_item[each], of_each) for each in chosen], pager, shows


def _of_item(item: Item, kept: Sequence[Annotation], pager: Pager) -> OfItem:
    with reading() as session:
        pages = items.pages_by_key(session, {(item.id, one.anchor.page) for one in kept})
    last = item.page_count + 1

    def place(one: Annotation) -> tuple[int, int, int]:
        page = pages.get((item.id, one.anchor.page))
        box = one.anchor.box
        return (page.position if page else last, one.anchor.start or 0, box.y if box else 0)

    some = sorted(kept, key=place)[pager.offset : pager.offset + pager.size]
    current = annotating.anchored(library(), some, lambda each: guard.may(Action.READ_TEXT, each))
    shown = tuple(Shown(one, pages.get((item.id, one.anchor.page))) for one in current)
    return OfItem(item, shown, len(kept))


def _lets(show: str, one: Annotation) -> bool:
    """Whether a filter lets it through; as `lets` in static/js/keep/order.js."""
    if show == "all":
        return True
    if show == "notes":
        return bool(one.draft.note)
    if show == "bookmarks":
        return one.draft.motivation == "bookmarking"
    return one.draft.colour is not None and one.draft.colour.value == show
