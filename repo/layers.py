"""The text layer of a page: regions, lines and glyphs with their boxes, and its compact form.

One model for text that was born digital, imported (ALTO, hOCR), read by an OCR engine or corrected by a person. After
ALTO 4 (Library of Congress): PrintSpace, TextBlock, TextLine, Glyph. The compact form is what the reader loads to
select text and to draw hits; the search index holds no coordinates (docs/decisions/005).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any


class Direction(StrEnum):
    """How the characters of one line follow each other."""

    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"
    TOP_TO_BOTTOM = "ttb"


class RegionKind(StrEnum):
    """What a region is for the reader.

    Furniture (版心, running heads, page numbers) keeps its boxes but is no part of the running text: it stands between
    the halves of a leaf and between pages, where it would cut phrases in two, and on every page alike.
    """

    TEXT = "text"
    NOTE = "note"
    FURNITURE = "furniture"
    CAPTION = "caption"
    TABLE = "table"


class Origin(StrEnum):
    """Where a layer's text comes from. In ascending trust: a later one wins as the current layer."""

    EMBEDDED_OCR = "embedded-ocr"
    """Invisible text found inside a scanned PDF."""
    OCR = "ocr"
    IMPORTED = "imported"
    """An ALTO or hOCR file handed in beside the image."""
    BORN_DIGITAL = "born-digital"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the pixels of the page (origin top left)."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line or column of text.

    Attributes:
        text: its characters in reading order, without line end.
        direction: along which the characters run.
        box: the whole line; None for text without a place on a page (e-book chapters).
        glyphs: one box for each code point of `text`, or empty where only the line's box is known.
        anchor: id of the element in the chapter's document that holds this line (e-books).
    """

    text: str
    direction: Direction = Direction.LEFT_TO_RIGHT
    box: Box | None = None
    glyphs: tuple[Box, ...] = ()
    anchor: str | None = None

    def __post_init__(self) -> None:
        if self.glyphs and len(self.glyphs) != len(self.text):
            raise ValueError(f"{len(self.glyphs)} glyph boxes for {len(self.text)} characters")


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that belong together, in reading order."""

    lines: tuple[Line, ...]
    kind: RegionKind = RegionKind.TEXT


@dataclass(frozen=True, slots=True)
class TextLayer:
    """All text of a page, in reading order.

    Attributes:
        width: pixels of the page that the boxes refer to; 0 for text without a place.
        height: likewise.
    """

    width: int
    height: int
    regions: tuple[Region, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of all regions, furniture too, in reading order."""
        return tuple(line for region in self.regions for line in region.lines)

    @property
    def running(self) -> tuple[Region, ...]:
        """The regions that make the running text: all but furniture, in reading order."""
        return tuple(region for region in self.regions if region.kind is not RegionKind.FURNITURE)

    @property
    def text(self) -> str:
        """Plain text: lines joined by a line feed, regions by an empty line. Search and snippets use exactly this."""
        return "\n\n".join("\n".join(line.text for line in region.lines) for region in self.running)


@dataclass(frozen=True, slots=True)
class PlacedCharacter:
    """One character of `TextLayer.text` and where it stands."""

    line_number: int
    box: Box | None


def places(layer: TextLayer) -> list[PlacedCharacter | None]:
    """For each character of `layer.text` its line and box; None for the line feeds between.

    Where a line has no glyph boxes its box is shared out evenly along the line's direction.
    """
    found: list[PlacedCharacter | None] = []
    number = 0
    for place, region in enumerate(layer.running):
        if place:
            found += [None, None]
        for position, line in enumerate(region.lines):
            if position:
                found.append(None)
            found += [PlacedCharacter(number, box) for box in _glyph_boxes(line)]
            number += 1
    return found


def _glyph_boxes(line: Line) -> list[Box | None]:
    if line.glyphs:
        return list(line.glyphs)
    if line.box is None or not line.text:
        return [None] * len(line.text)
    whole, count = line.box, len(line.text)
    if line.direction is Direction.TOP_TO_BOTTOM:
        edges = [whole.y + whole.height * i // count for i in range(count + 1)]
        return [Box(whole.x, top, whole.width, bottom - top) for top, bottom in pairwise(edges)]
    edges = [whole.x + whole.width * i // count for i in range(count + 1)]
    boxes = [Box(left, whole.y, right - left, whole.height) for left, right in pairwise(edges)]
    return list(reversed(boxes)) if line.direction is Direction.RIGHT_TO_LEFT else list(boxes)


def encode(layer: TextLayer) -> bytes:
    """The compact form, version 1: zlib over JSON; glyph boxes as differences to the glyph before.

    Same layer, same bytes.
    """
    regions = [
        {"k": region.kind.value, "l": [_line_to_json(line) for line in region.lines]} for region in layer.regions
    ]
    document = {"v": 1, "w": layer.width, "h": layer.height, "r": regions}
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def decode(data: bytes) -> TextLayer:
    """The layer of a compact form.

    Raises:
        ValueError: not a compact form of a version known here.
    """
    try:
        document = json.loads(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if document.get("v") != 1:
        raise ValueError(f"text layer version {document.get('v')}")
    regions = tuple(
        Region(tuple(_line_from_json(line) for line in region["l"]), RegionKind(region["k"]))
        for region in document["r"]
    )
    return TextLayer(document["w"], document["h"], regions)


def _line_to_json(line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {"t": line.text, "d": line.direction.value}
    if line.box:
        row["b"] = [line.box.x, line.box.y, line.box.width, line.box.height]
    if line.glyphs:
        numbers: list[int] = []
        before = Box(0, 0, 0, 0)
        for box in line.glyphs:
            numbers += [box.x - before.x, box.y - before.y, box.width - before.width, box.height - before.height]
            before = box
        row["g"] = numbers
    if line.anchor:
        row["a"] = line.anchor
    return row


def _line_from_json(row: dict[str, Any]) -> Line:
    glyphs: list[Box] = []
    numbers = row.get("g", [])
    x = y = width = height = 0
    for start in range(0, len(numbers), 4):
        dx, dy, dwidth, dheight = numbers[start : start + 4]
        x, y, width, height = x + dx, y + dy, width + dwidth, height + dheight
        glyphs.append(Box(x, y, width, height))
    box = Box(*row["b"]) if "b" in row else None
    return Line(row["t"], Direction(row["d"]), box, tuple(glyphs), row.get("a"))
