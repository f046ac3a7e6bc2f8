"""A new version of an item: the row locked, a manifest in storage, the rows and the event in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wenyuan.repo.catalogue import events, item_versions, items, text_versions
from wenyuan.repo.catalogue.schema import ItemRow
from wenyuan.repo.catalogue.text_versions import AddedText
from wenyuan.repo.errors import NoSuchItem
from wenyuan.repo.items import Event, Item, Structure
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import ItemManifest, manifest_to_bytes
from wenyuan.storage.blobs import BlobStore


@dataclass(frozen=True, slots=True)
class Revision:
    """What becomes of an item.

    Attributes:
        item: as it is to be; version, manifest and time of change are set for it.
        made_of: its structure, only where that is written anew.
        texts: with `made_of`: current plain text by page key.
        added: versions of pages' texts, where they alone are new.
    """

    item: Item
    made_of: Structure | None = None
    texts: dict[int, str] | None = None
    added: tuple[AddedText, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why there is a new version."""

    agent: str
    type: str
    """Of the event: `metadata modification`, `text correction`, …"""
    detail: Mapping[str, Any] = field(default_factory=dict)


def revise(
    library: Library,
    item: str,
    occasion: Occasion,
    change: Callable[[Session, Item], Revision],
    *,
    also: Callable[[Session], None] | None = None,
) -> Item:
    """Make the next version of an item.

    Args:
        item: its id.
        occasion: becomes an event.
        change: from the item as it is, while nobody else can change it, to what it is to be.
        also: what must be true at the same moment; its error undoes everything.

    Raises:
        NoSuchItem: there is none.
    """
    with library.catalogue.writing() as session:
        # The row stays locked until the commit, so that no two versions follow the same one.
        if session.scalar(select(ItemRow.id).where(ItemRow.id == item).with_for_update()) is None:
            raise NoSuchItem(item=item)
        before = items.get(session, item)
        now = datetime.now(UTC)
        event = Event(now, occasion.type, occasion.agent, "success", item, dict(occasion.detail))
        revision = change(session, before)
        after = replace(revision.item, version=before.version + 1, modified=now)
        after = write_manifest(library.blobs, after, before.manifest, event)
        if revision.added:
            text_versions.write(session, after, revision.added)
        else:
            item_versions.write(session, after, revision.made_of, revision.texts)
        events.add(session, event)
        if also:
            also(session)
    return after


def write_manifest(blobs: BlobStore, item: Item, previous: str | None, event: Event) -> Item:
    """Keep the manifest of a version; the item with its digest."""
    data = manifest_to_bytes(ItemManifest(replace(item, manifest=""), previous, event))
    return replace(item, manifest=blobs.add_manifest(data))
