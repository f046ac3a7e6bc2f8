"""Manifests, canvases and collections for viewers of other libraries (IIIF Presentation API 3.0)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from wenyuan.reader import guard, paging, ranges
from wenyuan.reader.context import library, person, public_address, reading
from wenyuan.reader.iiif import addresses, answers, presentation
from wenyuan.reader.iiif import collections as iiif_collections
from wenyuan.reader.iiif.answers import Finished
from wenyuan.reader.iiif.collections import Shelf
from wenyuan.reader.iiif.presentation import Contents
from wenyuan.reader.security import FILE_POLICY
from wenyuan.repo.catalogue import collections, items
from wenyuan.repo.catalogue.collections import Node
from wenyuan.repo.errors import NoManifest, NoSuchCollection, NoSuchPage
from wenyuan.repo.items import Collection, File, Item, PageKind
from wenyuan.repo.policy import Action, tiers
from wenyuan.repo.recent import Recent

blueprint = Blueprint("iiif_presentation", __name__, url_prefix=addresses.PRESENTATION)

_finished: Recent[tuple[str, str, str], Finished] = Recent(128)
"""Manifests by address of the site, version of the item, and version of its collection, whose title they tell."""
_read: Recent[str, answers.Json] = Recent(2)
"""Manifests as values, by entity tag, for who asks for canvas after canvas: 15 MB for 2,000 pages."""
_alto: Recent[tuple[str, str], dict[int, File]] = Recent(32)
"""ALTO files by page key, by item and structure."""


@blueprint.get("/<item_id>/manifest")
def manifest(item_id: str) -> ResponseReturnValue:
    """The manifest of an item."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    return answers.send(_manifest(item), answers.PRESENTATION, lifetime(item))


@blueprint.get("/<item_id>/canvas/<number:key>")
def canvas(item_id: str, key: int) -> ResponseReturnValue:
    """One canvas, as it stands in the manifest."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    return _part(item, addresses.canvas(base(), item_id, key), key)


@blueprint.get("/<item_id>/range/<number:key>")
def range_of(item_id: str, key: int) -> ResponseReturnValue:
    """One entry of the contents, as it stands in the manifest."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    return _part(item, addresses.range_of(base(), item_id, key), key)


@blueprint.get("/<item_id>/canvas/<number:key>/alto.xml")
def alto(item_id: str, key: int) -> ResponseReturnValue:
    """The ALTO file that was handed in with a page."""
    item = guard.item_for(Action.READ_TEXT, item_id)
    known = _alto.get((item_id, item.structure))
    if known is None:
        with reading() as session:
            pages, files = items.pages(session, item_id), items.files(session, item_id)
        known = presentation.alto_files(tuple(pages), files)
        _alto.put((item_id, item.structure), known)
    file = known.get(key)
    if file is None:
        raise NoSuchPage(item=item_id, page=key)
    sha256 = file.sha256
    body = ranges.Body(
        "application/xml",
        file.size_bytes,
        sha256,
        lambda offset, length: library().blobs.open(sha256, offset=offset, length=length),
    )
    response = ranges.send(body, cache_control=lifetime(item))
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@blueprint.get("/collections")
def root() -> ResponseReturnValue:
    """All that the library shows: its collections, and what stands in none."""
    return _collection(None)


@blueprint.get("/collections/<key>")
def collection(key: str) -> ResponseReturnValue:
    """A collection, or a part of its items."""
    return _collection(key)


def base() -> str:
    """Address of the site as readers reach it, without a slash at its end."""
    return public_address("")


def lifetime(item: Item) -> str:
    """Whether caches may keep what is told of an item: only what anybody would be told."""
    return answers.FOR_ANYBODY if guard.is_open(Action.READ_PAGE, item) else answers.FOR_ONE


def with_canvases(item: Item) -> Item:
    """The item, where its pages have pictures.

    Raises:
        NoManifest: it is flowing text, or has no pages; a manifest has one canvas at least (§5.2).
    """
    if item.page_kind is PageKind.CHAPTER or not item.page_count:
        raise NoManifest(item=item.id)
    return item


def _manifest(item: Item) -> Finished:
    with_canvases(item)
    with reading() as session:
        version = collections.manifest_of(session, item.collection) if item.collection else ""
        name = (base(), item.manifest, version)
        kept = _finished.get(name)
        if kept is None:
            kept = answers.finish(presentation.manifest(_contents(session, item)))
            _finished.put(name, kept)
    return kept


def _contents(session: Session, item: Item) -> Contents:
    pages = (page for page in items.pages(session, item.id) if page.kind is not PageKind.CHAPTER and page.width)
    return Contents(
        base=base(),
        item=item,
        pages=tuple(pages),
        sections=items.sections(session, item.id),
        files=items.files(session, item.id),
        collection=collections.get(session, item.collection) if item.collection else None,
    )


def _part(item: Item, address: str, number: int) -> ResponseReturnValue:
    finished = _manifest(item)
    whole = _read.get(finished.etag) or answers.read(finished)
    _read.put(finished.etag, whole)
    document = presentation.part(whole, address)
    if document is None:
        raise NoSuchPage(item=item.id, page=number)
    return answers.answer(document, answers.PRESENTATION, lifetime(item))


def _collection(key: str | None) -> ResponseReturnValue:
    access = tiers(person())
    number, limit = (paging.asked() if "page" in request.args else None), iiif_collections.PART
    with reading() as session:
        told, below = _node(collections.tree(session, access), key)
        found, total = items.in_collection(
            session, access=access, collection=key, offset=((number or 1) - 1) * limit, limit=limit
        )
    shelf = Shelf(told, tuple(node for node in below if node.item_count), total)
    if number is None:
        document = iiif_collections.whole(base(), shelf, found)
    elif number <= shelf.parts:
        document = iiif_collections.part(base(), shelf, number, found)
    else:
        raise NoSuchCollection(collection=f"{key or ''}?page={number}")
    return answers.answer(document, answers.PRESENTATION)


def _node(tree: list[Node], key: str | None) -> tuple[Collection | None, tuple[Node, ...]]:
    """A collection and what lies below it; without a key the root."""
    if key is None:
        return None, tuple(tree)
    waiting = list(tree)
    while waiting:
        node = waiting.pop()
        if node.collection.key == key:
            return node.collection, node.children
        waiting += node.children
    raise NoSuchCollection(collection=key)
