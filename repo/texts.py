"""Adding versions to the texts of an item's pages: by an OCR engine, an import, or a person.

Bytes come first (the compact layer, the same as ALTO for preservation), then one transaction: the item's next version,
the rows of these pages and no others, the event, and the pages' keys in the outbox. What it costs does not grow with
the number of pages of the item (docs/decisions/013).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isqrt
from typing import Any

from sqlalchemy.orm import Session

from wenyuan.repo import alto_writing, layers, manifests
from wenyuan.repo.catalogue import items, text_versions
from wenyuan.repo.catalogue.text_versions import AddedText, TextPlace
from wenyuan.repo.errors import NoSuchPage, TextChanged
from wenyuan.repo.items import Item, LayerVersion, PageKind
from wenyuan.repo.layers import Origin, TextLayer
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import AddedLayers, added_to_bytes, structure_to_bytes
from wenyuan.repo.revising import Occasion, Revision, revise
from wenyuan.storage.blobs import BlobStore

EVENTS = {Origin.CORRECTED: "text correction", Origin.OCR: "text recognition"}
"""Type of the event by the origin of the first text; any other is a "text addition"."""


@dataclass(frozen=True, slots=True)
class NewLayer:
    """A text for a page.

    Attributes:
        page: key of the page.
        layer: the text with its boxes, in the pixels of the page.
        origin: where it comes from; the most trusted one is what readers see.
        engine: what made it, with version; for a correction the name of who corrected.
        settings: with what it was made: steps of preparation, whose proposal it was, …; JSON values.
    """

    page: int
    layer: TextLayer
    origin: Origin
    engine: str
    settings: dict[str, Any] = field(default_factory=dict)


def add_layers(
    library: Library,
    item_id: str,
    new: Sequence[NewLayer],
    agent: str,
    *,
    expected: Mapping[int, str] | None = None,
    also: Callable[[Session], None] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Item:
    """Give pages new versions of their texts; none that was there is lost.

    Many pages at once are one version of the item: an OCR job hands in some hundred pages with each call.

    Args:
        library: whose item it is.
        item_id: published or withdrawn.
        new: at least one.
        agent: who did it, for the event.
        expected: by page key, the SHA-256 of the current layer as the caller saw it, "" for a page without text.
        also: what must be true at the same moment (a job's step); its error undoes everything.
        detail: told with the event besides the pages.

    Returns:
        The item's new version.

    Raises:
        NoSuchItem, NoSuchPage: there is none.
        TextChanged: a page of `expected` has another current text by now.
    """
    keys = [one.page for one in new]
    with library.catalogue.reading() as session:
        items.get(session, item_id)
        places = text_versions.places(session, item_id, keys)
    for key in keys:
        if key not in places:
            raise NoSuchPage(item=item_id, page=key)
    now = datetime.now(UTC)
    # Outside of the transaction: SQLite has one writer, and these are the slow part.
    added = tuple(_keep(library.blobs, one, places[one.page], now) for one in new)
    occasion = Occasion(agent, EVENTS.get(new[0].origin, "text addition"), {**(detail or {}), "pages": keys})

    def change(session: Session, before: Item) -> Revision:
        _refuse_changed(session, item_id, expected or {})
        return Revision(replace(before, structure=_structure(library.blobs, before, added)), added=added)

    return revise(library, item_id, occasion, change, also=also)


def _keep(blobs: BlobStore, new: NewLayer, place: TextPlace, now: datetime) -> AddedText:
    text = new.layer.text
    sha256 = blobs.add_bytes(layers.encode(new.layer))
    alto = blobs.add_bytes(_alto(new, place, now)) if place.kind is not PageKind.CHAPTER else None
    version = LayerVersion(sha256, new.origin, new.engine, now, len(text), new.settings, alto)
    return AddedText(place.key, version, text)


def _alto(new: NewLayer, place: TextPlace, now: datetime) -> bytes:
    return alto_writing.to_alto(new.layer, source=place.source, page_label=place.label, engine=new.engine, created=now)


def _refuse_changed(session: Session, item_id: str, expected: Mapping[int, str]) -> None:
    held = text_versions.current_digests(session, item_id, expected)
    for key, sha256 in expected.items():
        if held.get(key, "") != sha256:
            raise TextChanged(item=item_id, page=key, found=held.get(key, ""))


def _structure(blobs: BlobStore, item: Item, added: Sequence[AddedText]) -> str:
    """Write down that there are more texts: as a short list upon the structure, or as a new structure; its SHA-256."""
    data = blobs.read(item.structure)
    listed = manifests.structure_or_added(data) if manifests.is_added(data) else AddedLayers(item.structure, {})
    assert isinstance(listed, AddedLayers)
    told = dict(listed.layers)
    for one in added:
        told[one.page] = (*told.get(one.page, ()), one.version)
    after = AddedLayers(listed.on, told)
    if after.count <= _listed_at_most(item):
        return blobs.add_bytes(added_to_bytes(after))
    base = manifests.structure_from_bytes(blobs.read(listed.on))
    return blobs.add_bytes(structure_to_bytes(after.added_to(base)))


def _listed_at_most(item: Item) -> int:
    """Versions in a list before the structure is written anew: what both cost together is least at the square root.

    A list of n costs n / 2 on average, and the structure of p pages p / n: least for n = √2p. For 2,000 pages 20 kB a
    saved page instead of 860.
    """
    return max(16, isqrt(2 * item.page_count))
