"""Take out of an e-book's documents all that runs, sends, fetches or embeds; keep all that is read.

The three kinds of documents a reading page gets: chapters (XHTML), drawings (SVG) and style sheets. Each comes out well
formed, in UTF-8, with addresses of the same package only. The server's Content-Security-Policy is the second wall, not
this one's excuse: with no policy at all no script of a book runs and no request leaves the site
(tests/e2e/test_hostile_epub_in_chromium.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from wenyuan.ingest.formats.sanitise_links import Find, Kind, Place, References
from wenyuan.ingest.formats.sanitise_markup import Copier
from wenyuan.ingest.formats.sanitise_parse import decode, parse_markup, parse_xml
from wenyuan.ingest.formats.sanitise_style import sanitise_style
from wenyuan.repo.chapters import SVG, XHTML, anchor_blocks, chapter_layer
from wenyuan.repo.layers import TextLayer

__all__ = ["Clean", "Find", "Kind", "Place", "References", "sanitise_chapter", "sanitise_drawing", "sanitise_sheet"]


@dataclass(frozen=True, slots=True)
class Clean:
    """A document of a package, and its text.

    Attributes:
        data: UTF-8, well-formed XML.
        text: anchored by the ids in `data`.
    """

    data: bytes
    text: TextLayer


def sanitise_chapter(
    data: bytes, references: References, *, style_sheet: str | None = None, attributes: Mapping[str, str] | None = None
) -> Clean:
    """A chapter (XHTML) as readers may get it; broken markup is read as browsers read HTML.

    Args:
        data: as in the book, in any encoding.
        references: knows where its addresses lead; afterwards also which entries it uses.
        style_sheet: address of a sheet to come before the book's own.
        attributes: `data-wy-*` for the root.
    """
    source = parse_markup(data)
    if source is None:
        source = etree.Element(f"{{{XHTML}}}html")
    return _finished(Copier(references).chapter(source, style_sheet=style_sheet, attributes=attributes or {}))


def sanitise_drawing(data: bytes, references: References, *, attributes: Mapping[str, str] | None = None) -> Clean:
    """A drawing (SVG) as readers may get it."""
    source = parse_xml(data, huge=True)
    if source is None or source.tag.rpartition("}")[2].lower() != "svg":
        source = etree.Element(f"{{{SVG}}}svg")
    return _finished(Copier(references).drawing(source, attributes or {}))


def sanitise_sheet(data: bytes, references: References) -> bytes:
    """A style sheet (CSS) as readers may get it, in UTF-8."""
    return f'@charset "utf-8";\n{sanitise_style(decode(data), references)}\n'.encode()


def _finished(root: Element) -> Clean:
    lines = anchor_blocks(root)
    data: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Clean(data, chapter_layer(lines))
