"""Names of items, in the forms by which they are suggested while one types: characters, pinyin, initials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, insert, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from wenyuan.repo import chinese, pinyin
from wenyuan.repo.catalogue.schema import ItemRow, NameRow
from wenyuan.repo.items import Item, ItemState

LONGEST = 200
"""Characters of a name that are kept; as in the table."""
MOST_LOOKED_AT = 2_000
"""Rows that one beginning is looked up in: a single letter begins the names of half a library."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name that items carry."""

    text: str
    kind: str
    """title, person, subject, place."""
    items: int
    """How many visible items carry it."""


def write(session: Session, item: Item) -> None:
    """Put the names of an item in the place of those it had."""
    session.execute(delete(NameRow).where(NameRow.item == item.id))
    rows = [
        {"item": item.id, "position": position, "kind": kind, "text": text[:LONGEST], **_forms(text[:LONGEST])}
        for position, (kind, text) in enumerate(dict.fromkeys(_names(item)))
    ]
    if rows:
        session.execute(insert(NameRow), rows)


def lacking(session: Session, limit: int) -> list[str]:
    """Ids of items without a name: from before this table was there (every item has a title)."""
    unnamed = select(ItemRow.id).where(~select(NameRow.item).where(NameRow.item == ItemRow.id).exists())
    return list(session.scalars(unnamed.order_by(ItemRow.id).limit(limit)))


def beginning(session: Session, typed: str, access: frozenset[str], limit: int) -> list[Name]:
    """Names that begin with what is typed, in characters of either script, in pinyin or in initials.

    Those that begin so in characters first, then those of most items, then the shortest.

    Args:
        access: tiers whose names may be told.
    """
    folded = chinese.squeezed_text(typed)
    if not folded:
        return []
    forms: list[ColumnElement[bool]] = [_begins(session, NameRow.folded, folded)]
    letters = folded.replace(" ", "")
    if letters.isascii() and letters.isalnum():
        forms += [_begins(session, NameRow.pinyin, letters), _begins(session, NameRow.initials, letters)]
    return _grouped(session, forms, access, limit)


def sounding(session: Session, spelling: str, access: frozenset[str], limit: int) -> list[Name]:
    """Names whose whole pinyin is this."""
    return _grouped(session, [NameRow.pinyin == spelling], access, limit) if spelling else []


def of_length(
    session: Session, characters: Iterable[str], length: int, access: frozenset[str], limit: int
) -> list[Name]:
    """Names of a length (folded characters) that begin with one of these: where a misspelt name is looked for."""
    forms = [
        and_(_begins(session, NameRow.folded, character), func.length(NameRow.folded) == length)
        for character in characters
    ]
    return _grouped(session, forms, access, limit)


def _grouped(session: Session, forms: Iterable[ColumnElement[bool]], access: frozenset[str], limit: int) -> list[Name]:
    """Names that fulfil one of these conditions, those of an earlier one first."""
    # The names are chosen before any item is looked at, and not more of them than a moment allows: left to itself,
    # SQLite would walk through all items first (2 s with 100,000).
    parts = [
        select(NameRow.item, NameRow.text, NameRow.kind, literal(place).label("place"))
        .where(form)
        .limit(MOST_LOOKED_AT)
        .subquery()
        for place, form in enumerate(forms)
    ]
    some = union_all(*(select(part) for part in parts)).cte("some").prefix_with("MATERIALIZED")
    count, place = func.count(some.c.item.distinct()), func.min(some.c.place)
    # Wrapped, so that no index of the state is used in place of the item's own.
    state = func.coalesce(ItemRow.state, "")
    visible = and_(ItemRow.id == some.c.item, state == ItemState.PUBLISHED.value, ItemRow.access.in_(access))
    chosen = (
        select(some.c.text, some.c.kind, count)
        .select_from(some.join(ItemRow, visible))
        .group_by(some.c.text, some.c.kind)
        .order_by(place, count.desc(), func.length(some.c.text), some.c.text, some.c.kind)
    )
    return [Name(text, kind, items) for text, kind, items in session.execute(chosen.limit(limit))]


def _begins(session: Session, column: InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """A comparison that the column's index can answer."""
    if session.get_bind().dialect.name == "postgresql":
        return column.startswith(start, autoescape=True)
    # SQLite compares by bytes, where LIKE would fold the case of letters and pass the index over.
    return and_(column >= start, column < start + "\U0010ffff")


def _names(item: Item) -> list[tuple[str, str]]:
    told = item.description
    return [
        ("title", told.title),
        *(("title", name) for name in (*told.title_variants, told.series) if name),
        *(("person", agent.name) for agent in told.agents),
        *(("subject", name) for name in told.subjects if name),
        *(("place", name) for name in (told.place,) if name),
    ]


def _forms(text: str) -> dict[str, str]:
    spoken = pinyin.syllables(text)
    return {
        "folded": chinese.squeezed_text(text)[:LONGEST],
        "pinyin": "".join(spoken)[: 2 * LONGEST],
        "initials": "".join(syllable[0] for syllable in spoken)[:LONGEST],
    }
