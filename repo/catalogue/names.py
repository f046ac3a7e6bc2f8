"""Names of items, in the forms by which they are suggested while one types: characters, pinyin, initials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wenyuan.repo import chinese, pinyin
from wenyuan.repo.catalogue.schema import ItemRow, NameRow
from wenyuan.repo.items import Item, ItemState

LONGEST = 200
"""Characters of a name that are kept; as in the table."""


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
    return _grouped(session, or_(*forms), access, limit, first=forms[0])


def sounding(session: Session, spelling: str, access: frozenset[str], limit: int) -> list[Name]:
    """Names whose whole pinyin is this."""
    return _grouped(session, NameRow.pinyin == spelling, access, limit) if spelling else []


def of_length(
    session: Session, characters: Iterable[str], length: int, access: frozenset[str], limit: int
) -> list[Name]:
    """Names of a length (folded characters) that begin with one of these: where a misspelt name is looked for."""
    begins = or_(*(_begins(session, NameRow.folded, character) for character in characters))
    return _grouped(session, and_(begins, func.length(NameRow.folded) == length), access, limit)


def _grouped(
    session: Session,
    condition: ColumnElement[bool],
    access: frozenset[str],
    limit: int,
    first: ColumnElement[bool] | None = None,
) -> list[Name]:
    count = func.count(NameRow.item.distinct())
    chosen = (
        select(NameRow.text, NameRow.kind, count)
        .join(ItemRow, ItemRow.id == NameRow.item)
        .where(condition, ItemRow.state == ItemState.PUBLISHED.value, ItemRow.access.in_(access))
        .group_by(NameRow.text, NameRow.kind, NameRow.folded, NameRow.pinyin, NameRow.initials)
    )
    order: list[Any] = [count.desc(), func.length(NameRow.text), NameRow.text, NameRow.kind]
    if first is not None:
        order.insert(0, first.desc())
    return [Name(text, kind, items) for text, kind, items in session.execute(chosen.order_by(*order).limit(limit))]


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
