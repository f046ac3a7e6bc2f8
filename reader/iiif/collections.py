"""Collections (IIIF Presentation API 3.0, §5.1): the library's own tree, and what stands in it.

Version 3.0 has no paging. What stands in a long collection is given as collections inside it, of PART items each; they
are in the order in which items came, so that a new item changes the last part alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from wenyuan.reader import links
from wenyuan.reader.context import library
from wenyuan.reader.iiif import addresses, answers, languages, presentation
from wenyuan.reader.iiif.answers import Json
from wenyuan.reader.iiif.languages import plain, words
from wenyuan.reader.translate import _
from wenyuan.repo.catalogue.collections import Node
from wenyuan.repo.items import Collection, Item

PART = 200
"""Items told at once: about 100 kB."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection as the person who asks may see it.

    Attributes:
        collection: None for the root, the library itself.
        below: collections in it that hold something.
        total: items that stand in it and in none below.
    """

    collection: Collection | None
    below: tuple[Node, ...]
    total: int

    @property
    def key(self) -> str | None:
        """Of its address."""
        return self.collection.key if self.collection else None

    @property
    def parts(self) -> int:
        """How many parts its items are told in."""
        return -(-self.total // PART)


def whole(base: str, shelf: Shelf, items: Iterable[Item]) -> Json:
    """A collection with the collections below it, and its items, or parts of them where they are many.

    Args:
        base: address of the site, without a slash at its end.
        shelf: the collection.
        items: those of the only part.
    """
    below = [_reference(base, node.collection) for node in shelf.below]
    if shelf.parts > 1:
        own = [_part_reference(base, shelf, number) for number in range(1, shelf.parts + 1)]
    else:
        own = [_item(base, item) for item in items]
    return {**_head(base, shelf), "items": below + own}


def part(base: str, shelf: Shelf, number: int, items: Iterable[Item]) -> Json:
    """A part of the items of a collection, from 1."""
    reference = _part_reference(base, shelf, number)
    parent = {"id": addresses.collection(base, shelf.key), "type": "Collection", "label": _label(shelf.collection)}
    return {
        "@context": answers.PRESENTATION,
        **reference,
        "partOf": [parent],
        "items": [_item(base, item) for item in items],
    }


def _head(base: str, shelf: Shelf) -> Json:
    told = shelf.collection
    document: Json = {
        "@context": answers.PRESENTATION,
        "id": addresses.collection(base, shelf.key),
        "type": "Collection",
        "label": _label(told),
        "provider": [presentation.provider(base)],
        "homepage": [_homepage(base, told)],
    }
    if told is None:
        return document
    if any(told.descriptions.values()):
        document["summary"] = languages.given(told.descriptions, "")
    above = {"id": addresses.collection(base, told.parent), "type": "Collection"}
    return {**document, "partOf": [above]}


def _label(of: Collection | None) -> languages.LanguageMap:
    return languages.given(of.titles, of.key) if of else plain(library().settings.site_name)


def _homepage(base: str, of: Collection | None) -> Json:
    path = url_for("browse.collection", key=of.key) if of else url_for("browse.everything")
    return {"id": base + path, "type": "Text", "label": _label(of), "format": "text/html"}


def _reference(base: str, of: Collection) -> Json:
    return {"id": addresses.collection(base, of.key), "type": "Collection", "label": _label(of)}


def _part_reference(base: str, shelf: Shelf, number: int) -> Json:
    first, last = (number - 1) * PART + 1, min(number * PART, shelf.total)
    label = words(lambda: _("第 %(first)s 至 %(last)s 份", first=first, last=last))
    return {"id": addresses.collection(base, shelf.key, number), "type": "Collection", "label": label}


def _item(base: str, item: Item) -> Json:
    label = plain(item.description.title, languages.own(item.description))
    reference: Json = {"id": addresses.manifest(base, item.id), "type": "Manifest", "label": label}
    if item.cover_page is not None:
        reference["thumbnail"] = [{"id": base + links.cover(item), "type": "Image", "format": "image/jpeg"}]
    return reference
