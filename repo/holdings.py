"""Changing what we hold.

Each change is a new immutable version in storage first, then one transaction in the catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import collections, events, item_versions, items
from wenyuan.repo.catalogue.schema import CollectionRow
from wenyuan.repo.description import Description
from wenyuan.repo.errors import AlreadyHeld, NoSuchPage
from wenyuan.repo.items import Collection, Event, Item, ItemState, PageKind, Structure
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import CollectionManifest, manifest_to_bytes, structure_to_bytes
from wenyuan.repo.revising import Occasion, Revision, revise, write_manifest
from wenyuan.storage.keys import manifest_key

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
    with library.catalogue.reading() as session:
        held = items.many(session, [new.id]).get(new.id)
    if held is not None:
        raise AlreadyHeld(item=held.id, title=held.description.title)
    item = write_manifest(library.blobs, item, None, event)
    try:
        with library.catalogue.writing() as session:
            item_versions.write(session, item, new.structure, new.texts, is_new=True)
            events.add(session, event)
            if also:
                also(session)
    except AlreadyHeld:
        # Not after a lost lease: the job's next worker writes this very manifest.
        _drop_manifest(library, item)
        raise
    return item


def _drop_manifest(library: Library, item: Item) -> None:
    """Take back a version that did not come to be, or a rebuild would show it."""
    with library.catalogue.reading() as session:
        held = items.many(session, [item.id]).get(item.id)
    if held is None or held.manifest != item.manifest:
        library.store.delete(manifest_key(item.manifest))


def describe(
    library: Library, item: str, description: Description, agent: str, *, collection: str | None = None
) -> Item:
    """Give an item another description (and collection); its pages stay as they are.

    Raises:
        NoSuchItem, NoSuchCollection: there is none.
    """

    def change(session: Session, before: Item) -> Revision:
        if collection is not None:
            collections.get(session, collection)
        return Revision(replace(before, description=description, collection=collection or before.collection))

    return revise(library, item, Occasion(agent, "metadata modification"), change)


def withdraw(library: Library, item: str, agent: str, reason: str) -> Item:
    """Hide an item; nothing is deleted.

    Raises:
        NoSuchItem: there is none.
    """
    return revise(library, item, Occasion(agent, "withdrawal", {"reason": reason}), _to_state(ItemState.WITHDRAWN))


def restore(library: Library, item: str, agent: str) -> Item:
    """Show a withdrawn item again.

    Raises:
        NoSuchItem: there is none.
    """
    return revise(library, item, Occasion(agent, "restoration"), _to_state(ItemState.PUBLISHED))


def order_pages(library: Library, item: str, keys: list[int], agent: str) -> Item:
    """Put the pages of an item into another order.

    Args:
        keys: keys of all its pages in the new order.

    Raises:
        NoSuchItem: there is none.
        NoSuchPage: the keys are not exactly those of the item.
    """

    def change(session: Session, before: Item) -> Revision:
        held = items.structure(session, item)
        texts = {page.page: page.text for page in items.page_texts(session, item)}
        by_key = {page.key: page for page in held.pages}
        odd = set(keys) ^ set(by_key)
        if odd or len(keys) != len(by_key):
            raise NoSuchPage(item=item, page=min(odd) if odd else 0)
        after = replace(held, pages=tuple(by_key[key] for key in keys))
        digest = library.blobs.add_bytes(structure_to_bytes(after))
        return Revision(replace(before, structure=digest), after, texts)

    return revise(library, item, Occasion(agent, "page order modification"), change)


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


def _to_state(state: ItemState) -> Callable[[Session, Item], Revision]:
    return lambda _session, before: Revision(replace(before, state=state))
