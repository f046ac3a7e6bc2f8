"""Items and what they are made of: reading, listing, and writing one version at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from wenyuan.repo.catalogue import collections
from wenyuan.repo.catalogue.schema import (
    CollectionRow,
    FileRow,
    ItemRow,
    PageRow,
    SectionRow,
    TextLayerRow,
)
from wenyuan.repo.description import as_stored
from wenyuan.repo.errors import NoSuchItem, NoSuchPage
from wenyuan.repo.items import File, Item, ItemState, LayerVersion, Page, PageKind, Section, Structure
from wenyuan.repo.layers import Origin
from wenyuan.repo.search.index import PageText


@dataclass(frozen=True, slots=True)
class PageView:
    """One page as the reader needs it: its place, its picture's source and its current text."""

    item: str
    key: int
    position: int
    """1-based place in reading order."""
    label: str
    kind: PageKind
    width: int
    height: int
    source: str
    """SHA-256 of the file it is in."""
    index: int
    """0-based page within that file."""
    entry: str | None
    layer: str | None
    """SHA-256 of the current text layer."""
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the library shows."""

    items: int
    pages: int
    collections: int


def get(session: Session, item_id: str) -> Item:
    """One item, published or withdrawn.

    Raises:
        NoSuchItem: no item has this id.
    """
    row = session.get(ItemRow, item_id)
    if row is None:
        raise NoSuchItem(item=item_id)
    return _item(row)


def many(session: Session, ids: Iterable[str]) -> dict[str, Item]:
    """Items by id; unknown ids are left out."""
    wanted = list(ids)
    found: dict[str, Item] = {}
    # A statement takes at most 32,766 values on SQLite (SQLITE_MAX_VARIABLE_NUMBER).
    for start in range(0, len(wanted), 10_000):
        rows = session.scalars(select(ItemRow).where(ItemRow.id.in_(wanted[start : start + 10_000])))
        found |= {row.id: _item(row) for row in rows}
    return found


def browse(
    session: Session,
    *,
    access: frozenset[str],
    collection: str | None = None,
    kind: str | None = None,
    order: str = "newest",
    offset: int = 0,
    limit: int = 24,
) -> tuple[list[Item], int]:
    """Published items of these tiers, in a collection and all below it; one page of them and how many there are.

    Args:
        order: newest, title or date.
    """
    chosen = _visible(access, collection, kind)
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    orders: dict[str, tuple[Any, ...]] = {
        "newest": (ItemRow.created.desc(), ItemRow.id),
        "title": (ItemRow.title, ItemRow.id),
        "date": (ItemRow.first_year.is_(None), ItemRow.first_year, ItemRow.title, ItemRow.id),
    }
    rows = session.scalars(chosen.order_by(*orders.get(order, orders["newest"])).offset(offset).limit(limit))
    return [_item(row) for row in rows], total


def in_collection(
    session: Session, *, access: frozenset[str], collection: str | None, offset: int, limit: int
) -> tuple[list[Item], int]:
    """Published items of these tiers with page pictures that stand in a collection itself, or in none.

    In the order in which they came, so that a part of them stays as it is; some of them and how many there are.
    """
    chosen = _visible(access, None, None).where(
        ItemRow.collection == collection, ItemRow.page_kind != PageKind.CHAPTER.value, ItemRow.page_count > 0
    )
    total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    rows = session.scalars(chosen.order_by(ItemRow.created, ItemRow.id).offset(offset).limit(limit))
    return [_item(row) for row in rows], total


def newest_of_each(
    session: Session, access: frozenset[str], keys: Iterable[str], limit: int = 3
) -> dict[str, list[Item]]:
    """The newest published items of these tiers in each of these collections and all below it, in one query.

    Args:
        keys: of collections; one without such items is left out of the answer.
    """
    shelf, within = aliased(CollectionRow), aliased(CollectionRow)
    # Made once: SQLite would compare the paths anew for every item (2 s instead of 0.1 s with 32,000).
    pairs = (
        select(shelf.key.label("shelf"), within.key.label("within"))
        .join(within, within.path.startswith(shelf.path))
        .where(shelf.key.in_(list(keys)))
        .cte("pairs")
        .prefix_with("MATERIALIZED")
    )
    place = func.row_number().over(partition_by=pairs.c.shelf, order_by=(ItemRow.created.desc(), ItemRow.id))
    # Ids alone are ranked: descriptions of all items would be sorted with them.
    ranked = (
        select(pairs.c.shelf, ItemRow.id.label("item"), place.label("place"))
        .join(pairs, pairs.c.within == ItemRow.collection)
        .where(ItemRow.state == ItemState.PUBLISHED.value, ItemRow.access.in_(access))
        .subquery()
    )
    chosen = (
        select(ranked.c.shelf, ItemRow)
        .join(ItemRow, ItemRow.id == ranked.c.item)
        .where(ranked.c.place <= limit)
        .order_by(ranked.c.shelf, ranked.c.place)
    )
    found: dict[str, list[Item]] = {}
    for key, row in session.execute(chosen):
        found.setdefault(key, []).append(_item(row))
    return found


def kinds(session: Session, access: frozenset[str], collection: str | None = None) -> dict[str, int]:
    """How many visible items there are of each kind."""
    chosen = _visible(access, collection, None).subquery()
    rows = session.execute(select(chosen.c.kind, func.count()).group_by(chosen.c.kind).order_by(func.count().desc()))
    return {str(kind): int(count) for kind, count in rows}


def counts(session: Session, access: frozenset[str]) -> Counts:
    """Numbers of the holdings that these tiers show."""
    chosen = _visible(access, None, None).subquery()
    items, pages, used = session.execute(
        select(
            func.count(), func.coalesce(func.sum(chosen.c.page_count), 0), func.count(chosen.c.collection.distinct())
        )
    ).one()
    return Counts(items, int(pages), used)


def pages(session: Session, item_id: str, offset: int = 0, limit: int | None = None) -> list[PageView]:
    """Pages in reading order."""
    chosen = _page_views().where(PageRow.item == item_id).order_by(PageRow.position).offset(offset).limit(limit)
    return [_page_view(row) for row in session.execute(chosen)]


def page_at(session: Session, item_id: str, position: int) -> PageView:
    """The page at a 1-based place.

    Raises:
        NoSuchPage: the item has no such place.
    """
    row = session.execute(_page_views().where(PageRow.item == item_id, PageRow.position == position)).first()
    if row is None:
        raise NoSuchPage(item=item_id, page=position)
    return _page_view(row)


def page_by_key(session: Session, item_id: str, key: int) -> PageView:
    """The page with a key.

    Raises:
        NoSuchPage: the item has no such page.
    """
    row = session.execute(_page_views().where(PageRow.item == item_id, PageRow.key == key)).first()
    if row is None:
        raise NoSuchPage(item=item_id, page=key)
    return _page_view(row)


def structure_digest(session: Session, item_id: str) -> str | None:
    """SHA-256 of the item's structure at this moment; `get` may answer from what the session has read before."""
    return session.scalar(select(ItemRow.structure).where(ItemRow.id == item_id))


def positions(session: Session, item_id: str) -> dict[int, int]:
    """The 1-based place of each page by its key."""
    rows = session.execute(select(PageRow.key, PageRow.position).where(PageRow.item == item_id))
    return {int(key): int(position) for key, position in rows}


def pages_by_key(session: Session, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], PageView]:
    """Many pages of many items at once: the pages of a list of hits."""
    by_item: dict[str, list[int]] = {}
    for item_id, key in wanted:
        by_item.setdefault(item_id, []).append(key)
    found: dict[tuple[str, int], PageView] = {}
    for item_id, keys in by_item.items():
        for row in session.execute(_page_views().where(PageRow.item == item_id, PageRow.key.in_(keys))):
            view = _page_view(row)
            found[view.item, view.key] = view
    return found


def sections(session: Session, item_id: str) -> tuple[Section, ...]:
    """The table of contents."""
    rows = list(session.scalars(select(SectionRow).where(SectionRow.item == item_id).order_by(SectionRow.position)))
    return _tree(rows, 0, 0)[0]


def files(session: Session, item_id: str) -> tuple[File, ...]:
    """All stored files of an item, in order."""
    rows = session.scalars(select(FileRow).where(FileRow.item == item_id).order_by(FileRow.position))
    return tuple(File(row.sha256, row.size_bytes, row.media_type, row.path, row.role) for row in rows)


def structure(session: Session, item_id: str) -> Structure:
    """Files, pages with all versions of their text, and contents."""
    versions: dict[int, list[LayerVersion]] = {}
    order = (TextLayerRow.page, TextLayerRow.version)
    for row in session.scalars(select(TextLayerRow).where(TextLayerRow.item == item_id).order_by(*order)):
        versions.setdefault(row.page, []).append(_layer(row))
    rows = session.scalars(select(PageRow).where(PageRow.item == item_id).order_by(PageRow.position))
    return Structure(
        files(session, item_id),
        tuple(
            Page(
                row.key,
                PageKind(row.kind),
                row.file,
                row.index,
                row.width,
                row.height,
                row.label,
                row.entry,
                tuple(versions.get(row.key, ())),
            )
            for row in rows
        ),
        sections(session, item_id),
    )


def layers(session: Session, item_id: str, key: int) -> list[LayerVersion]:
    """All versions of a page's text, oldest first; `wenyuan.repo.items.current` tells which of them is read."""
    chosen = select(TextLayerRow).where(TextLayerRow.item == item_id, TextLayerRow.page == key)
    return [_layer(row) for row in session.scalars(chosen.order_by(TextLayerRow.version))]


def page_text(session: Session, item_id: str, key: int) -> str:
    """Current plain text of a page; empty where it has none."""
    chosen = select(TextLayerRow.text).where(
        TextLayerRow.item == item_id, TextLayerRow.page == key, TextLayerRow.is_current
    )
    return session.scalar(chosen) or ""


def text_with_next(session: Session, page: PageView) -> tuple[str, str]:
    """Current plain text of a page and of the one after it, for phrases that run over the seam."""
    after = select(PageRow.key).where(PageRow.item == page.item, PageRow.position == page.position + 1)
    next_key = session.scalar(after)
    next_text = page_text(session, page.item, next_key) if next_key is not None else ""
    return page_text(session, page.item, page.key), next_text


def page_texts(session: Session, item_id: str) -> Iterator[PageText]:
    """Current texts of all pages that have one, in reading order, fetched bit by bit."""
    chosen = (
        select(PageRow.key, PageRow.position, TextLayerRow.text)
        .join(TextLayerRow, and_(TextLayerRow.item == PageRow.item, TextLayerRow.page == PageRow.key))
        .where(PageRow.item == item_id, TextLayerRow.is_current)
        .order_by(PageRow.position)
        .execution_options(yield_per=200)
    )
    for key, position, text in session.execute(chosen):
        yield PageText(key, position, text or "")


def all_ids(session: Session) -> list[str]:
    """Ids of all items, withdrawn ones too."""
    return list(session.scalars(select(ItemRow.id).order_by(ItemRow.id)))


def published_ids(session: Session) -> set[str]:
    """Ids of all items that are not withdrawn."""
    return set(session.scalars(select(ItemRow.id).where(ItemRow.state == ItemState.PUBLISHED.value)))


def _visible(access: frozenset[str], collection: str | None, kind: str | None) -> Select[ItemRow]:
    chosen = select(ItemRow).where(ItemRow.state == ItemState.PUBLISHED.value, ItemRow.access.in_(access))
    if collection is not None:
        chosen = chosen.where(ItemRow.collection.in_(collections.subtree(collection)))
    if kind is not None:
        chosen = chosen.where(ItemRow.kind == kind)
    return chosen


def _page_views() -> Select[*tuple[Any, ...]]:
    return (
        select(
            PageRow.item,
            PageRow.key,
            PageRow.position,
            PageRow.label,
            PageRow.kind,
            PageRow.width,
            PageRow.height,
            FileRow.sha256,
            PageRow.index,
            PageRow.entry,
            TextLayerRow.sha256,
            TextLayerRow.origin,
        )
        .join(FileRow, and_(FileRow.item == PageRow.item, FileRow.position == PageRow.file))
        .outerjoin(
            TextLayerRow,
            and_(TextLayerRow.item == PageRow.item, TextLayerRow.page == PageRow.key, TextLayerRow.is_current),
        )
    )


def _page_view(row: Any) -> PageView:
    item, key, position, label, kind, width, height, source, index, entry, layer, origin = row
    return PageView(
        item,
        key,
        position,
        label,
        PageKind(kind),
        width,
        height,
        source,
        index,
        entry,
        layer,
        Origin(origin) if origin else None,
    )


def _layer(row: TextLayerRow) -> LayerVersion:
    return LayerVersion(
        row.sha256, Origin(row.origin), row.engine, row.created, row.character_count, row.settings, row.alto
    )


def _item(row: ItemRow) -> Item:
    return Item(
        id=row.id,
        description=as_stored(row.description),
        collection=row.collection,
        state=ItemState(row.state),
        version=row.version,
        manifest=row.manifest,
        structure=row.structure,
        page_count=row.page_count,
        cover_page=row.cover_page,
        page_kind=PageKind(row.page_kind),
        size_bytes=row.size_bytes,
        created=row.created,
        modified=row.modified,
    )


def _tree(rows: list[SectionRow], start: int, depth: int) -> tuple[tuple[Section, ...], int]:
    entries: list[Section] = []
    while start < len(rows) and rows[start].depth >= depth:
        row = rows[start]
        children, start = _tree(rows, start + 1, depth + 1)
        entries.append(Section(row.title, row.page, row.fragment, children))
    return tuple(entries), start
