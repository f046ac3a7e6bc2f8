"""Searching inside an item, and what could be searched for (IIIF Content Search API 2.0 and 1.0)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, inside, paging
from wenyuan.reader.context import library, reading
from wenyuan.reader.iiif import answers, content_search, suggestions
from wenyuan.reader.iiif.content_search import MOTIVATIONS, Match, Results
from wenyuan.reader.views.iiif_presentation import base, lifetime, with_canvases
from wenyuan.repo.catalogue import items
from wenyuan.repo.find import find_in_item
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("iiif_search", __name__, url_prefix="/iiif/search")

NOT_LOOKED_AT = ("date", "user")
"""Parameters of the specification that choose among annotations by who made them and when: ours have neither."""


@blueprint.get("/2/<item_id>")
def search_2(item_id: str) -> ResponseReturnValue:
    """Content Search 2.0."""
    item, results = _results(item_id, 2)
    return answers.answer(content_search.version_2(results), answers.SEARCH_2, lifetime(item))


@blueprint.get("/1/<item_id>")
def search_1(item_id: str) -> ResponseReturnValue:
    """Content Search 1.0."""
    item, results = _results(item_id, 1)
    return answers.answer(content_search.version_1(results), answers.SEARCH_1, lifetime(item))


@blueprint.get("/2/<item_id>/autocomplete")
def autocomplete_2(item_id: str) -> ResponseReturnValue:
    """What could be searched for, in the form of 2.0."""
    item, typed, terms = _terms(item_id)
    document = suggestions.version_2(base(), item.id, typed, terms, _ignored("motivation"))
    return answers.answer(document, answers.SEARCH_2, lifetime(item))


@blueprint.get("/1/<item_id>/autocomplete")
def autocomplete_1(item_id: str) -> ResponseReturnValue:
    """What could be searched for, in the form of 1.0."""
    item, typed, terms = _terms(item_id)
    document = suggestions.version_1(base(), item.id, typed, terms, _ignored("motivation"))
    return answers.answer(document, answers.SEARCH_1, lifetime(item))


def _results(item_id: str, version: int) -> tuple[Item, Results]:
    item = with_canvases(_item(item_id))
    query, number = request.args.get("q", "").strip(), paging.asked()
    # An annotation matches by its motivation, too; those asked for may be none of ours.
    motivations = set(request.args.get("motivation", "").split())
    wanted = inside.asked(item, query) if not motivations or motivations & MOTIVATIONS[version] else ""
    canvases, matches = _found(item, wanted, number) if wanted else (0, [])
    return item, Results(base(), item.id, query, number, canvases, tuple(matches), tuple(_ignored()))


def _found(item: Item, query: str, number: int) -> tuple[int, list[Match]]:
    """How many pages of the item match, and the hits on those of one page of the answer."""
    limit = content_search.CANVASES
    found = find_in_item(library(), item.id, query, offset=(number - 1) * limit, limit=limit)
    pages = [each.page for each in found.pages]
    with reading() as session:
        texts = {page.key: items.text_with_next(session, page) for page in pages}
    address = base()
    return found.total, [
        match for page in pages for match in content_search.matches_on(address, item, page, query, texts[page.key])
    ]


def _terms(item_id: str) -> tuple[Item, str, list[suggestions.Term]]:
    item = with_canvases(_item(item_id))
    typed = request.args.get("q", "").strip()
    with reading() as session:
        texts = (page.text for page in items.page_texts(session, item.id))
        found = suggestions.terms(item.id, item.structure, typed, texts)
    least = request.args.get("min", "")
    fewest = int(least) if least.isascii() and least.isdigit() and len(least) < 7 else 1
    return item, typed, [term for term in found if term.count >= fewest]


def _item(item_id: str) -> Item:
    """An item that may be searched and read: answers quote its text."""
    item = guard.item_for(Action.SEARCH_INSIDE, item_id)
    guard.require(Action.READ_TEXT, item)
    return item


def _ignored(*more: str) -> list[str]:
    return [name for name in (*NOT_LOOKED_AT, *more) if request.args.get(name)]
