"""Works: the volumes, issues and editions that belong to one title."""

from __future__ import annotations

import hashlib

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.schema import ItemRow
from wenyuan.repo.items import Item, ItemState, PageKind


def work_id(title: str) -> str:
    """The id of the work with this title: the same wherever and whenever it is worked out."""
    return hashlib.sha256(title.encode()).hexdigest()[:26]


def companions(session: Session, item: Item, access: frozenset[str], limit: int = 24) -> list[Item]:
    """Other published items of the same work: of one series, or with one title; oldest first.

    E-books are left out: their chapters are no pages that could lie side by side.

    Args:
        item: the one whose companions are looked for.
        access: tiers that they must be of.
        limit: so many at most.
    """
    names = {name for name in (item.description.series, item.description.title) if name}
    same_work = or_(ItemRow.work.in_([work_id(name) for name in names]), ItemRow.title.in_(names))
    chosen = (
        select(ItemRow.id)
        .where(same_work, ItemRow.id != item.id, ItemRow.page_kind != PageKind.CHAPTER.value)
        .where(ItemRow.state == ItemState.PUBLISHED.value, ItemRow.access.in_(access))
        .order_by(ItemRow.first_year.is_(None), ItemRow.first_year, ItemRow.title, ItemRow.id)
        .limit(limit)
    )
    ids = list(session.scalars(chosen))
    held = items.many(session, ids)
    return [held[each] for each in ids]
