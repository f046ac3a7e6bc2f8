"""What a browser has to fetch so that a book can be read on it without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app, url_for

from wenyuan.reader import assets, document_room, guard, labels, links, room, room_data
from wenyuan.reader.context import library
from wenyuan.repo import packages
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.policy import Action
from wenyuan.repo.recipes import made_sizes
from wenyuan.storage.errors import LibraryError
from wenyuan.storage.keys import derivative_key

SCAN, CHAPTER, DOCUMENT = "scan", "chapter", "document"
"""Reading rooms."""
_SCRIPTS = {
    SCAN: ("room", "keep", "offline"),
    CHAPTER: ("book", "keep", "offline"),
    DOCUMENT: ("document", "room", "keep", "offline"),
}
"""Folders of static/js that a room takes scripts from."""
Place = tuple[int, int, str, str, int, int, str]
"""Of a page: its place, key, label; the entry of a chapter; width and height; the address of a chapter's document."""
_PICTURES = "/iiif/image/"
_USUAL_BYTES = 8_000
"""Of a text, a table of pages, the page of a room."""
_ASKED_FOR_SIZE = 24
"""Pages whose pictures are measured; the others are taken to be as large on the average."""


@dataclass
class Wanted:
    """What is to be fetched for an item.

    Attributes:
        kind: of its reading room: scan, chapter or document.
        places: of the pages: see `Place`.
        urls: address and, where it is known, bytes.
        stands_for: of chapter keys: the key under which the entries of its book are kept.
        shell: the page of the reading room, to be shown for every place that is kept.
    """

    kind: str
    places: list[Place] = field(default_factory=list)
    urls: dict[str, int | None] = field(default_factory=dict)
    stands_for: dict[int, int] = field(default_factory=dict)
    shell: str = ""

    @property
    def size_bytes(self) -> int:
        """Of all; a picture that was not measured counts as much as the others on the average."""
        measured = [size for url, size in self.urls.items() if size is not None and url.startswith(_PICTURES)]
        average = sum(measured) // len(measured) if measured else 0
        return sum(
            (average if url.startswith(_PICTURES) else _USUAL_BYTES) if size is None else size
            for url, size in self.urls.items()
        )

    def as_json(self) -> dict[str, Any]:
        """As the browser is told."""
        told = [{"url": url} if size is None else {"url": url, "size_bytes": size} for url, size in self.urls.items()]
        return {
            "kind": self.kind,
            "places": [list(place) for place in self.places],
            "stands_for": {str(key): stand_in for key, stand_in in self.stands_for.items()},
            "shell": self.shell,
            "size_bytes": self.size_bytes,
            "urls": told,
        }


def version_of(item: Item, product: str) -> str:
    """Names what a copy was made from; another one means that it is to be made again."""
    made_as = f"{item.structure}/{item.description.access}/{library().images.version('', 0)}/{product}"
    return hashlib.sha256(made_as.encode()).hexdigest()[:10]


def kind_of(item: Item) -> str:
    """The reading room that an item is read in."""
    if item.page_kind is PageKind.CHAPTER:
        return CHAPTER
    return DOCUMENT if document_room.served(item) else SCAN


def wanted(item: Item, pages: Sequence[PageView], width: int) -> Wanted:
    """What is to be fetched to read these pages.

    Args:
        item: the item.
        pages: some of its pages, in reading order; of an e-book or PDF all.
        width: pixels that a picture of a scan should have; the next made one is taken.
    """
    kind = kind_of(item)
    made = Wanted(kind)
    if kind == CHAPTER:
        _add_book(made, item, pages)
    else:
        made.urls[room.pages(item)] = None
        _add_texts(made, item, pages)
    if kind == SCAN:
        _add_pictures(made, pages, width)
    if kind == DOCUMENT:
        _add_document(made, item)
    made.places = [_place(item, page) for page in pages]
    made.shell = url_for("read.page", item_id=item.id, position=pages[0].position)
    made.urls = {made.shell: None, **made.urls, **_static_of(kind)}
    return made


def _place(item: Item, page: PageView) -> Place:
    label = labels.page(item, page.position, page.label)
    address = links.chapter(page) if page.entry else ""
    return page.position, page.key, label, page.entry or "", page.width, page.height, address


def _add_texts(made: Wanted, item: Item, pages: Sequence[PageView]) -> None:
    if not guard.allowed(Action.READ_TEXT, item):
        return
    base = url_for("read.begin", item_id=item.id)
    for page in pages:
        if page.layer:
            made.urls[f"{base}/place/{page.key}/text.json?v={room_data.layer_version(page.layer)}"] = None


def _add_pictures(made: Wanted, pages: Sequence[PageView], width: int) -> None:
    measured = max(1, len(pages) // _ASKED_FOR_SIZE)
    for number, page in enumerate(pages):
        address, name = _picture(page, width)
        made.urls[address] = _stored_bytes(page, name) if number % measured == 0 else None


def _add_document(made: Wanted, item: Item) -> None:
    """The PDF itself, and all of what draws it: which fonts and character maps it needs, nobody knows before."""
    found = document_room.served(item)
    if found:
        made.urls[document_room.address(item, found)] = found.document.size_bytes
    folder = assets.STATIC / document_room.PDFJS
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = path.relative_to(assets.STATIC).as_posix()
            made.urls[url_for("static", filename=name)] = path.stat().st_size


def _picture(page: PageView, width: int) -> tuple[str, str]:
    """Address and name of the made picture that is so wide, or the next larger, or the largest."""
    sizes = made_sizes(page.width, page.height)
    size = next((each for each in sizes if each[0] >= width), list(sizes)[-1])
    address = f"{links.image(page)}/full/{size[0]},{size[1]}/0/default.jpg?v={links.image_version(page)}"
    return address, sizes[size]


def _stored_bytes(page: PageView, name: str) -> int | None:
    key = derivative_key(page.source, page.index, library().recipes.picture(name).file_name)
    try:
        return library().store.stat(key).size_bytes
    except LibraryError:
        return None  # made when it is asked for; how large it is, is only told beforehand


def _add_book(made: Wanted, item: Item, pages: Sequence[PageView]) -> None:
    """All entries of the book, each under the key of the first chapter of its file: browsers ask by any key."""
    made.urls[url_for("book.book", item_id=item.id)] = None
    first_of: dict[str, int] = {}
    for page in pages:
        stand_in = first_of.get(page.source)
        if stand_in is None:
            stand_in = first_of[page.source] = page.key
            for entry, size_bytes in packages.entry_sizes(library(), page).items():
                address = url_for("chapter.entry", item_id=item.id, key=page.key, entry=entry)
                made.urls[address] = size_bytes
            spoken = packages.book_data(library(), page).overlays
            voiced = [each for each in pages if each.source == page.source and each.entry in spoken]
            made.urls |= {url_for("book.voice", item_id=item.id, key=each.key): None for each in voiced}
        made.stands_for[page.key] = stand_in


def _static_of(kind: str) -> dict[str, int | None]:
    """Scripts of a reading room that its page does not name itself, and how large they are."""
    addresses = [address for folder in _SCRIPTS[kind] for address in script_urls(folder)]
    return {address: (assets.STATIC / "js" / address.split("/", 3)[3]).stat().st_size for address in addresses}


def static_url(name: str) -> str:
    """As in templates: the address of a static file, with its version."""
    return str(_in_templates("static_url")(name))


def script_url(name: str) -> str:
    """As in templates: the address of a script."""
    return str(_in_templates("script_url")(name))


def script_urls(folder: str) -> list[str]:
    """As in templates: the addresses of all scripts of a folder."""
    return list(_in_templates("script_urls")(folder))


def _in_templates(name: str) -> Callable[[str], Any]:
    return cast("Callable[[str], Any]", current_app.jinja_env.globals[name])
