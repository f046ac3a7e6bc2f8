"""Changing what we hold.

Each change is a new immutable version in storage first, then one transaction in the catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import collections, events, items
from wenyuan.repo.catalogue.schema import CollectionRow, ItemRow
from wenyuan.repo.description import Description
from wenyuan.repo.errors import AlreadyHeld, NoSuchItem, NoSuchPage
from wenyuan.repo.items import Collection, Event, Item, ItemState, PageKind, Structure
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import CollectionManifest, ItemManifest, manifest_to_bytes, structure_to_bytes
from wenyuan.storage.blobs import BlobStore

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH = 13
"""65 bits: among ten million items the chance that any two collide is about one in a million."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that is ready to be shown."""

    id: str
    description: Description
    collection: str | None
    structure: Structure
    texts: dict[int, str]
    """Plain text by page key."""
    cover_page: int | None
    created: datetime


def item_id(digests: Iterable[str]) -> str:
    """The id of the item made of files with these SHA-256: the same files are the same item (Crockford's base 32)."""
    number = int.from_bytes(hashlib.sha256("\n".join(digests).encode()).digest())
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in range(_ID_LENGTH))


def publish(
    library: Library, new: NewItem, agent: str, detail: dict[str, Any], *, also: Callable[[Session], None] | None = None
) -> Item:
    """Show a new item: one flip.

    Args:
        detail: kept with the ingestion event.
        also: what must be true at the same moment (the job's end); its error undoes the flip.

    Raises:
        AlreadyHeld: an item of the same files is there.
    """
    structure_sha = library.blobs.add_bytes(structure_to_bytes(new.structure))
    item = Item(
        id=new.id,
        description=new.description,
        collection=new.collection,
        state=ItemState.PUBLISHED,
        version=1,
        manifest="",
        structure=structure_sha,
        page_count=len(new.structure.pages),
        cover_page=new.cover_page,
        page_kind=new.structure.pages[0].kind if new.structure.pages else PageKind.IMAGE,
        size_bytes=sum(file.size_bytes for file in new.structure.files),
        created=new.created,
        modified=new.created,
    )
    event = Event(new.created, "ingestion", agent, "warning" if detail.get("refused") else "success", item.id, detail)
    with library.catalogue.writing() as session:
        held = items.many(session, [new.id]).get(new.id)
        if held is not None:
            raise AlreadyHeld(item=held.id, title=held.description.title)
        item = _write_manifest(library.blobs, item, None, event)
        items.write(session, item, new.structure, new.texts)
        events.add(session, event)
        if also:
            also(session)
    return item


def describe(
    library: Library, item: str, description: Description, agent: str, *, collection: str | None = None
) -> Item:
    """Give an item another description (and collection); its pages stay as they are.

    Raises:
        NoSuchItem, NoSuchCollection: there is none; nothing was written.
    """
    if collection is not None:
        with library.catalogue.reading() as session:
            collections.get(session, collection)

    def change(before: Item) -> Item:
        return replace(before, description=description, collection=collection or before.collection)

    return _revise(library, item, agent, "metadata modification", change)


def withdraw(library: Library, item: str, agent: str, reason: str) -> Item:
    """Hide an item; nothing is deleted."""
    return _revise(
        library,
        item,
        agent,
        "withdrawal",
        lambda before: replace(before, state=ItemState.WITHDRAWN),
        {"reason": reason},
    )


def restore(library: Library, item: str, agent: str) -> Item:
    """Show a withdrawn item again."""
    return _revise(library, item, agent, "restoration", lambda before: replace(before, state=ItemState.PUBLISHED))


def order_pages(library: Library, item: str, keys: list[int], agent: str) -> Item:
    """Put the pages of an item into another order.

    Args:
        keys: keys of all its pages in the new order.

    Raises:
        NoSuchPage: the keys are not exactly those of the item.
    """
    with library.catalogue.reading() as session:
        before = items.structure(session, item)
        texts = {page.page: page.text for page in items.page_texts(session, item)}
    by_key = {page.key: page for page in before.pages}
    odd = set(keys) ^ set(by_key)
    if odd or len(keys) != len(by_key):
        raise NoSuchPage(item=item, page=min(odd) if odd else 0)
    after = replace(before, pages=tuple(by_key[key] for key in keys))
    structure_sha = library.blobs.add_bytes(structure_to_bytes(after))
    return _revise(
        library,
        item,
        agent,
        "page order modification",
        lambda held: replace(held, structure=structure_sha),
        {},
        after,
        texts,
    )


def save_collection(library: Library, collection: Collection) -> None:
    """Make a collection, or give it another title, description or place; nothing happens where it is so already.

    Raises:
        NoSuchCollection: its parent is not there.
    """
    with library.catalogue.writing() as session:
        row = session.get(CollectionRow, collection.key)
        if row is not None and collections.collection_of(row) == collection:
            return
        version, previous = (row.version + 1, row.manifest) if row else (1, None)
        manifest = library.blobs.add_manifest(manifest_to_bytes(CollectionManifest(collection, version, previous)))
        collections.write(session, collection, manifest, version)


def _revise(
    library: Library,
    item: str,
    agent: str,
    event_type: str,
    change: Callable[[Item], Item],
    detail: dict[str, Any] | None = None,
    made_of: Structure | None = None,
    texts: dict[int, str] | None = None,
) -> Item:
    with library.catalogue.writing() as session:
        # The row stays locked until the commit, so that no two versions follow the same one.
        if session.scalar(select(ItemRow.id).where(ItemRow.id == item).with_for_update()) is None:
            raise NoSuchItem(item=item)
        before = items.get(session, item)
        now = datetime.now(UTC)
        event = Event(now, event_type, agent, "success", item, detail or {})
        after = replace(change(before), version=before.version + 1, modified=now)
        after = _write_manifest(library.blobs, after, before.manifest, event)
        items.write(session, after, made_of, texts)
        events.add(session, event)
    return after


def _write_manifest(blobs: BlobStore, item: Item, previous: str | None, event: Event) -> Item:
    data = manifest_to_bytes(ItemManifest(replace(item, manifest=""), previous, event))
    return replace(item, manifest=blobs.add_manifest(data))
