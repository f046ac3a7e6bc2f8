"""Version manifests and structures as canonical JSON: the form from which everything can be made again.

A manifest is one version of an item or collection, immutable, named by its own SHA-256 and chained to the one before.
What an item is made of (files, pages, contents) is a blob of its own that the manifest names: a changed title writes
one kilobyte, whatever the number of pages (docs/decisions/004). Texts that were added to some pages are a short list
upon such a blob: a corrected line writes some kilobytes, whatever the number of pages (docs/decisions/013).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from wenyuan.repo.description import Description
from wenyuan.repo.items import (
    Collection,
    Event,
    File,
    Item,
    ItemState,
    LayerVersion,
    Page,
    PageKind,
    Section,
    Structure,
)
from wenyuan.repo.layers import Origin
from wenyuan.repo.recognition_settings import Recognition

FORMAT = 1
"""Version of these forms; a reader refuses a higher one."""
ADDED_FORMAT = 2
"""Version of the form of `AddedLayers`."""
_ADDED = b'{"format":2,'
"""How its canonical form begins; that of a structure begins with its files."""


@dataclass(frozen=True, slots=True)
class ItemManifest:
    """One version of an item. `item.manifest` is empty while writing: a manifest cannot hold its own digest."""

    item: Item
    previous: str | None
    event: Event


@dataclass(frozen=True, slots=True)
class CollectionManifest:
    """One version of a collection."""

    collection: Collection
    version: int
    previous: str | None


Manifest = ItemManifest | CollectionManifest


def manifest_to_bytes(manifest: Manifest) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8. Same value, same bytes, same digest."""
    document = _item_document(manifest) if isinstance(manifest, ItemManifest) else _collection_document(manifest)
    return _canonical({"format": FORMAT, **document})


def manifest_from_bytes(data: bytes, sha256: str) -> Manifest:
    """The manifest of these bytes, with its digest set.

    Raises:
        ValueError: not a manifest of a form known here.
    """
    document = json.loads(data)
    if document.get("format") != FORMAT:
        raise ValueError(f"manifest format {document.get('format')}")
    if document["type"] == "collection":
        return _collection_manifest(document)
    manifest = _item_manifest(document)
    return replace(manifest, item=replace(manifest.item, manifest=sha256))


def structure_to_bytes(structure: Structure) -> bytes:
    """Canonical JSON of files, pages and contents."""
    return _canonical(
        {
            "format": FORMAT,
            "files": [_file_document(file) for file in structure.files],
            "pages": [_page_document(page) for page in structure.pages],
            "sections": [_section_document(section) for section in structure.sections],
        }
    )


def structure_from_bytes(data: bytes) -> Structure:
    """The structure of these bytes.

    Raises:
        ValueError: not a structure of a form known here.
    """
    document = json.loads(data)
    if document.get("format") != FORMAT:
        raise ValueError(f"structure format {document.get('format')}")
    return Structure(
        tuple(File(**file) for file in document["files"]),
        tuple(_page(page) for page in document["pages"]),
        tuple(_section(section) for section in document["sections"]),
    )


@dataclass(frozen=True, slots=True)
class AddedLayers:
    """Versions of pages' texts that came after a structure was written, in place of that structure written anew."""

    on: str
    """SHA-256 of that structure."""
    layers: Mapping[int, tuple[LayerVersion, ...]]
    """By page key, oldest first; they follow those of the structure."""

    def added_to(self, structure: Structure) -> Structure:
        """The structure with these texts."""
        pages = (replace(page, layers=page.layers + self.layers.get(page.key, ())) for page in structure.pages)
        return replace(structure, pages=tuple(pages))

    @property
    def count(self) -> int:
        """How many versions are told."""
        return sum(len(layers) for layers in self.layers.values())


def added_to_bytes(added: AddedLayers) -> bytes:
    """Canonical JSON of texts that were added."""
    layers = {str(page): [_layer_document(layer) for layer in of] for page, of in added.layers.items()}
    return _canonical({"format": ADDED_FORMAT, "on": added.on, "layers": layers})


def structure_or_added(data: bytes) -> Structure | AddedLayers:
    """What the blob that a manifest names as its structure holds.

    Raises:
        ValueError: neither, or of a form not known here.
    """
    if not data.startswith(_ADDED):
        return structure_from_bytes(data)
    document = json.loads(data)
    layers = {int(page): tuple(_layer(layer) for layer in of) for page, of in document["layers"].items()}
    return AddedLayers(document["on"], layers)


def is_added(data: bytes) -> bool:
    """Whether these bytes are a list of added texts: told without reading them through."""
    return data.startswith(_ADDED)


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _item_document(manifest: ItemManifest) -> dict[str, Any]:
    item, event = manifest.item, manifest.event
    return {
        "type": "item",
        "id": item.id,
        "version": item.version,
        "previous": manifest.previous,
        "state": item.state.value,
        "collection": item.collection,
        "description": item.description.model_dump(mode="json", exclude_defaults=True),
        "structure": item.structure,
        "page_count": item.page_count,
        "page_kind": item.page_kind.value,
        "cover_page": item.cover_page,
        "size_bytes": item.size_bytes,
        "created": item.created.isoformat(),
        "modified": item.modified.isoformat(),
        "event": {
            "time": event.time.isoformat(),
            "type": event.type,
            "agent": event.agent,
            "outcome": event.outcome,
            "detail": event.detail,
        },
    }


def _item_manifest(document: dict[str, Any]) -> ItemManifest:
    item = Item(
        id=document["id"],
        description=Description.model_validate(document["description"]),
        collection=document["collection"],
        state=ItemState(document["state"]),
        version=document["version"],
        manifest="",
        structure=document["structure"],
        page_count=document["page_count"],
        cover_page=document["cover_page"],
        page_kind=PageKind(document["page_kind"]),
        size_bytes=document["size_bytes"],
        created=datetime.fromisoformat(document["created"]),
        modified=datetime.fromisoformat(document["modified"]),
    )
    event = document["event"]
    told = Event(
        datetime.fromisoformat(event["time"]), event["type"], event["agent"], event["outcome"], item.id, event["detail"]
    )
    return ItemManifest(item, document["previous"], told)


def _collection_document(manifest: CollectionManifest) -> dict[str, Any]:
    collection = manifest.collection
    document = {
        "type": "collection",
        "key": collection.key,
        "version": manifest.version,
        "previous": manifest.previous,
        "titles": collection.titles,
        "descriptions": collection.descriptions,
        "parent": collection.parent,
        "position": collection.position,
    }
    if collection.recognition is not None:
        document["recognition"] = collection.recognition.model_dump(mode="json", exclude_defaults=True)
    return document


def _collection_manifest(document: dict[str, Any]) -> CollectionManifest:
    said = document.get("recognition")
    collection = Collection(
        document["key"],
        document["titles"],
        document["descriptions"],
        document["parent"],
        document["position"],
        Recognition.model_validate(said) if said else None,
    )
    return CollectionManifest(collection, document["version"], document["previous"])


def _file_document(file: File) -> dict[str, Any]:
    return {
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "media_type": file.media_type,
        "path": file.path,
        "role": file.role,
    }


def _page_document(page: Page) -> dict[str, Any]:
    document: dict[str, Any] = {"key": page.key, "kind": page.kind.value, "file": page.file, "index": page.index}
    optional = {"width": page.width, "height": page.height, "label": page.label, "entry": page.entry}
    document |= {name: value for name, value in optional.items() if value}
    if page.layers:
        document["layers"] = [_layer_document(layer) for layer in page.layers]
    return document


def _page(document: dict[str, Any]) -> Page:
    return Page(
        document["key"],
        PageKind(document["kind"]),
        document["file"],
        document["index"],
        document.get("width", 0),
        document.get("height", 0),
        document.get("label", ""),
        document.get("entry"),
        tuple(_layer(layer) for layer in document.get("layers", ())),
    )


def _layer_document(layer: LayerVersion) -> dict[str, Any]:
    document: dict[str, Any] = {
        "sha256": layer.sha256,
        "origin": layer.origin.value,
        "engine": layer.engine,
        "created": layer.created.isoformat(),
        "character_count": layer.character_count,
        "settings": layer.settings,
    }
    return {**document, "alto": layer.alto} if layer.alto else document


def _layer(document: dict[str, Any]) -> LayerVersion:
    return LayerVersion(
        document["sha256"],
        Origin(document["origin"]),
        document["engine"],
        datetime.fromisoformat(document["created"]),
        document["character_count"],
        document["settings"],
        document.get("alto"),
    )


def _section_document(section: Section) -> dict[str, Any]:
    document: dict[str, Any] = {"title": section.title, "page": section.page}
    if section.fragment:
        document["fragment"] = section.fragment
    if section.children:
        document["children"] = [_section_document(child) for child in section.children]
    return document


def _section(document: dict[str, Any]) -> Section:
    children = tuple(_section(child) for child in document.get("children", ()))
    return Section(document["title"], document["page"], document.get("fragment"), children)
