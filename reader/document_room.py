"""Which reading room a PDF is read in, and what the room for documents needs to know beside what every room is told.

The room for documents (static/js/document) draws the PDF itself, fetched in byte ranges; the scan room shows the
pictures made at ingest. Whoever may not take the file home never gets a byte of it: they read the pictures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from wenyuan.reader import guard, room
from wenyuan.reader.context import library, reading
from wenyuan.reader.opening import Opening
from wenyuan.reader.translate import _
from wenyuan.repo import linear_pdf
from wenyuan.repo.catalogue import items
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.linear_pdf import Document
from wenyuan.repo.policy import Action
from wenyuan.repo.recent import Recent
from wenyuan.storage.errors import ObjectMissing

PDFJS = "vendor/pdfjs-dist@5.6.205"
"""What draws, under static/."""
SCAN = "scan"
"""Value of `room` in an address: read this PDF as pictures."""
_sources: Recent[str, str] = Recent(1000)
"""By item and digest of its structure: SHA-256 of the PDF, empty where it is read in the scan room."""


@dataclass(frozen=True, slots=True)
class Served:
    """The PDF of an item, for the room for documents."""

    source: str
    """SHA-256 of the original, which names it in the address, whether it is sent as it is or linearised."""
    document: Document


def served(item: Item) -> Served | None:
    """The born-digital PDF that an item is, where this person may have the file and it is there; else None."""
    if item.page_kind is not PageKind.DOCUMENT or not guard.allowed(Action.DOWNLOAD_FILE, item):
        return None
    source = _source(item)
    try:
        return Served(source, linear_pdf.document(library(), source)) if source else None
    except ObjectMissing:
        return None  # the pictures may be there yet


def _source(item: Item) -> str | None:
    """Known for each version of an item: every range of a PDF asks."""
    made_as = f"{item.id}/{item.structure}"
    known = _sources.get(made_as)
    if known is None:
        with reading() as session:
            known = linear_pdf.source_of(items.pages(session, item.id), items.files(session, item.id)) or ""
        _sources.put(made_as, known)
    return known or None


def wants_pictures() -> bool:
    """Whether the address asks for the pages as pictures."""
    return request.args.get("room") == SCAN


def address(item: Item, found: Served) -> str:
    """Where the PDF is fetched; another derivative has another address, so that ranges of two never meet in a cache."""
    return url_for("document.whole", item_id=item.id, sha256=found.source, v=found.document.etag)


@dataclass(frozen=True, slots=True)
class Room:
    """What the template of the scan's page asks of its room, answered for a PDF."""

    served: Served

    pages = staticmethod(room.pages)
    pictures = staticmethod(room.pictures)
    sizes = staticmethod(room.sizes)
    may_be_spread = staticmethod(room.may_be_spread)
    manifest = staticmethod(room.manifest)

    @property
    def pdfjs(self) -> str:
        """Address of the folder of pdf.js."""
        return url_for("static", filename=PDFJS) + "/"

    def told(self, opening: Opening) -> str:
        """What `room.told` says, and of the PDF: its address and size, and where pdf.js lies."""
        told: dict[str, Any] = json.loads(room.told(opening))
        told["document"] = {
            "address": address(opening.item, self.served),
            "size": self.served.document.size_bytes,
            "isLinear": self.served.document.is_linear,
            "pdfjs": self.pdfjs,
        }
        told["words"] |= {
            "link_out": _("打开网站：%(address)s", address="{address}"),
            "link_inside": _("书中的链接"),
            "look_up": _("在全馆查找"),
        }
        told["urls"]["library"] = url_for("search.search")
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
