"""What we hold, as plain frozen values: collection, work, item, file, page, section, text layer, event. No I/O.

Words as in docs/architecture.md, each from a standard: item = IIIF Manifest, page = IIIF Canvas, section = IIIF Range,
file = PREMIS object, event = PREMIS event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from wenyuan.repo.description import Description
from wenyuan.repo.layers import Origin
from wenyuan.repo.recognition_settings import Recognition


class ItemState(StrEnum):
    """Published items are shown; withdrawn ones are kept and hidden."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PageKind(StrEnum):
    """How a page is shown."""

    IMAGE = "image"
    """A scan, photograph or map: a picture handed in."""
    DOCUMENT = "document"
    """A page of a PDF: a picture drawn from it, text born digital."""
    CHAPTER = "chapter"
    """One entry of an e-book's spine: flowing text, no size."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A tree of things curated together.

    Attributes:
        key: stable short name, `[a-z0-9-]+`, unique in the library.
        titles: by language tag: zh-Hans, zh-Hant, en.
        recognition: how pages of items in it and below are to be read by OCR, unless they say otherwise.
    """

    key: str
    titles: dict[str, str]
    descriptions: dict[str, str] = field(default_factory=dict)
    parent: str | None = None
    position: int = 0
    recognition: Recognition | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One stored original. `sha256` names its blob.

    `path` is its name as handed in, relative to the item, `/` between.
    """

    sha256: str
    size_bytes: int
    media_type: str
    path: str
    role: str = "original"
    """original, text (an ALTO file handed in beside an image) or metadata."""


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a page's text. `sha256` names the blob with the compact form (`wenyuan.repo.layers`)."""

    sha256: str
    origin: Origin
    engine: str
    """What made it, with version: `pymupdf 1.28`, `alto`, `epub`, later an OCR engine or a person."""
    created: datetime
    character_count: int
    settings: dict[str, Any] = field(default_factory=dict)
    alto: str | None = None
    """SHA-256 of the blob with the same layer as ALTO 4, for preservation; None for text without a place (chapters)."""


_TRUST = {origin: place for place, origin in enumerate(Origin)}


def current(layers: Sequence[LayerVersion]) -> LayerVersion | None:
    """The version that readers see: of the most trusted origin, and of those the latest; None where there is none.

    Args:
        layers: all versions of one page's text, oldest first.
    """
    return max(enumerate(layers), key=lambda one: (_TRUST[one[1].origin], one[0]))[1] if layers else None


@dataclass(frozen=True, slots=True)
class Page:
    """One view in reading order.

    Attributes:
        key: number that stays with the page for ever within its item, whatever its place; from 1.
        label: what is printed on it or staff call it: 卷三 葉十二; may be empty.
        file: position of its file in the item's list of files.
        index: 0-based page within that file.
        width: pixels, 0 for chapters.
        entry: path inside the e-book (chapters only).
        layers: all versions of its text, oldest first; `current` tells which of them readers see.
    """

    key: int
    kind: PageKind
    file: int
    index: int
    width: int = 0
    height: int = 0
    label: str = ""
    entry: str | None = None
    layers: tuple[LayerVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the table of contents. `page` is a page key; `fragment` a place inside a chapter."""

    title: str
    page: int
    fragment: str | None = None
    children: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """What an item is made of: files, pages in reading order, table of contents."""

    files: tuple[File, ...]
    pages: tuple[Page, ...]
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """What a reader opens, without its structure (which may be long): what lists and the item page need.

    Attributes:
        id: 13 characters of Crockford's base 32, from the digests of its files: handed in twice, it is the same item.
        version: 1, 2, … ; each is an immutable manifest.
        manifest: SHA-256 of the newest manifest.
        structure: SHA-256 of the blob that holds its structure.
    """

    id: str
    description: Description
    collection: str | None
    state: ItemState
    version: int
    manifest: str
    structure: str
    page_count: int
    cover_page: int | None
    """Key of the page whose thumbnail stands for the item."""
    page_kind: PageKind
    size_bytes: int
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a thing, by whom, with what outcome; never changed (PREMIS)."""

    time: datetime
    type: str
    """ingestion, fixity check, metadata modification, page order modification, withdrawal, restoration, …"""
    agent: str
    """A user's name, or the program with version."""
    outcome: str
    """success, failure, warning."""
    item: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
