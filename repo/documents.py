"""An item as the search index takes it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from wenyuan.repo import periods, pinyin
from wenyuan.repo.catalogue import collections
from wenyuan.repo.dates import parse_date
from wenyuan.repo.items import Item
from wenyuan.repo.search.index import ItemDocument, PageText

FACETS = ("collection", "period", "subject", "language", "place", "kind", "access")
"""By which readers narrow a search, in the order in which they are shown."""


def item_document(session: Session, item: Item, pages: Iterable[PageText]) -> ItemDocument:
    """What the index is to know of an item.

    Args:
        pages: all of it, or those whose text has changed (`IndexWriter.replace_pages`).
    """
    told = item.description
    years = parse_date(told.date)
    first, last = (years.first, years.last) if years else (None, None)
    shelves = collections.keys_above(session, item.collection)
    return ItemDocument(
        item=item.id,
        title=told.title,
        names=names(item),
        collections=shelves,
        access=told.access.value,
        kind=told.kind.value,
        pages=pages,
        title_variants=tuple(name for name in (*told.title_variants, told.series) if name),
        persons=tuple(agent.name for agent in told.agents),
        first_year=first,
        last_year=last,
        title_key=pinyin.sort_key(told.title),
        facets=facets(item, shelves),
    )


def facets(item: Item, shelves: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Its values by name of the facet; `shelves` are the keys of its collection and all above it."""
    told = item.description
    years = parse_date(told.date)
    return {
        "collection": shelves,
        "period": periods.of_years(years.first, years.last) if years else (),
        "subject": tuple(filter(None, told.subjects)),
        "language": tuple(filter(None, told.languages)),
        "place": (told.place,) if told.place else (),
        "kind": (told.kind.value,),
        "access": (told.access.value,),
    }


def names(item: Item) -> tuple[str, ...]:
    """Everything but the title that a search of titles should find."""
    told = item.description
    agents = tuple(agent.name for agent in told.agents)
    single = (
        told.series,
        told.volume,
        told.edition,
        told.date,
        told.place,
        told.publisher,
        told.call_number,
        told.description,
    )
    return tuple(name for name in (*told.title_variants, *agents, *told.subjects, *told.identifiers, *single) if name)
