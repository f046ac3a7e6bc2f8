"""The tree of collections."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue.inserting import insert_missing
from wenyuan.repo.catalogue.schema import CollectionRow, ItemRow
from wenyuan.repo.errors import NoSuchCollection
from wenyuan.repo.items import Collection, ItemState
from wenyuan.repo.recognition_settings import Recognition


@dataclass(frozen=True, slots=True)
class Node:
    """A collection with what lies below it."""

    collection: Collection
    item_count: int
    """Visible items in it and in all collections below."""
    children: tuple[Node, ...]


def subtree(key: str) -> Select[str]:
    """A query for the keys of a collection and all below it."""
    return select(CollectionRow.key).where(CollectionRow.path.like(f"%/{key}/%"))


def get(session: Session, key: str) -> Collection:
    """One collection.

    Raises:
        NoSuchCollection: none has this key.
    """
    row = session.get(CollectionRow, key)
    if row is None:
        raise NoSuchCollection(collection=key)
    return collection_of(row)


def manifest_of(session: Session, key: str) -> str:
    """SHA-256 of the newest version of a collection; empty where none has this key."""
    return session.scalar(select(CollectionRow.manifest).where(CollectionRow.key == key)) or ""


def path(session: Session, key: str) -> list[Collection]:
    """The collection and all above it, root first.

    Raises:
        NoSuchCollection: none has this key.
    """
    row = session.get(CollectionRow, key)
    if row is None:
        raise NoSuchCollection(collection=key)
    return [get(session, part) for part in row.path.strip("/").split("/")]


def keys_above(session: Session, key: str | None) -> tuple[str, ...]:
    """Keys of the collection and all above it, root first; nothing for no collection."""
    row = session.get(CollectionRow, key) if key else None
    return tuple(row.path.strip("/").split("/")) if row else ()


def tree(session: Session, access: frozenset[str]) -> list[Node]:
    """The whole tree, counting the items that these tiers show."""
    counted = session.execute(
        select(ItemRow.collection, func.count())
        .where(ItemRow.state == ItemState.PUBLISHED.value, ItemRow.access.in_(access))
        .group_by(ItemRow.collection)
    )
    own = {key: count for key, count in counted if key}
    below: dict[str | None, list[CollectionRow]] = {}
    for row in session.scalars(select(CollectionRow).order_by(CollectionRow.position, CollectionRow.key)):
        below.setdefault(row.parent, []).append(row)

    def grow(row: CollectionRow) -> Node:
        children = tuple(grow(child) for child in below.get(row.key, ()))
        return Node(collection_of(row), own.get(row.key, 0) + sum(child.item_count for child in children), children)

    return [grow(row) for row in below.get(None, ())]


def every(session: Session) -> list[CollectionRow]:
    """All rows, parents before children."""
    return list(session.scalars(select(CollectionRow).order_by(func.length(CollectionRow.path), CollectionRow.key)))


def write(session: Session, collection: Collection, manifest: str, version: int) -> None:
    """Put a version of a collection in the catalogue; its parent must be there. What lies below it moves with it.

    Raises:
        NoSuchCollection: the parent is not there, or lies below the collection itself.
    """
    parent = session.get(CollectionRow, collection.parent) if collection.parent else None
    if collection.parent and (parent is None or f"/{collection.key}/" in parent.path):
        raise NoSuchCollection(collection=collection.parent)
    path = f"{parent.path if parent else '/'}{collection.key}/"
    before = session.get(CollectionRow, collection.key)
    old = before.path if before else path
    if old != path:
        for row in session.scalars(select(CollectionRow).where(CollectionRow.path.startswith(old))):
            row.path = path + row.path.removeprefix(old)
    values = {
        "parent": collection.parent,
        "path": path,
        "position": collection.position,
        "titles": collection.titles,
        "descriptions": collection.descriptions,
        "recognition": collection.recognition.model_dump(mode="json", exclude_defaults=True)
        if collection.recognition
        else None,
        "manifest": manifest,
        "version": version,
    }
    if not insert_missing(session, CollectionRow, key=collection.key, **values):
        session.execute(update(CollectionRow).where(CollectionRow.key == collection.key).values(**values))


def collection_of(row: CollectionRow) -> Collection:
    """The plain value of a row."""
    said = Recognition.model_validate(row.recognition) if row.recognition else None
    return Collection(row.key, dict(row.titles), dict(row.descriptions), row.parent, row.position, said)
