"""The text layer of a page: regions, lines and glyphs with their boxes, and its compact form.

One model for text that was born digital, imported (ALTO, hOCR), read by an OCR engine or corrected by a person. After
ALTO 4 (Library of Congress): PrintSpace, TextBlock, TextLine, Glyph. The compact form is what the reader loads to
select text and to draw hits; the search index holds no coordinates (docs/decisions/005).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise
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
class Alternative:
    """What else one character of a line may be, by the engine that read it.

    Attributes:
        position: of the character in the line's text, in code points from 0.
        text: what may stand there instead; mostly one character.
        confidence: 0 to 100.
    """

    position: int
    text: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line or column of text.

    Attributes:
        text: its characters in reading order, without line end.
        direction: along which the characters run.
        box: the whole line; None for text without a place on a page (e-book chapters).
        glyphs: one box for each code point of `text`, or empty where only the line's box is known.
        anchor: id of the element in the chapter's document that holds this line (e-books).
        note: one of the double small notes (夹注) inside a column; part of the running text.
        confidences: how sure the engine is of each code point of `text`, 0 to 100; empty where nobody said.
        alternatives: what else single characters may be; of one character the best first.
    """

    text: str
    direction: Direction = Direction.LEFT_TO_RIGHT
    box: Box | None = None
    glyphs: tuple[Box, ...] = ()
    anchor: str | None = None
    note: bool = False
    confidences: tuple[int, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    def __post_init__(self) -> None:
        if self.glyphs and len(self.glyphs) != len(self.text):
            raise ValueError(f"{len(self.glyphs)} glyph boxes for {len(self.text)} characters")
        if self.confidences and len(self.confidences) != len(self.text):
            raise ValueError(f"{len(self.confidences)} confidences for {len(self.text)} characters")
        if any(not 0 <= alternative.position < len(self.text) for alternative in self.alternatives):
            raise ValueError(f"an alternative outside of {len(self.text)} characters")


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that belong together, in reading order.

    Attributes:
        lines: of text.
        kind: what they are for the reader.
        box: the whole region, where somebody told it.
    """

    lines: tuple[Line, ...]
    kind: RegionKind = RegionKind.TEXT
    box: Box | None = None


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


def around(boxes: Iterable[Box]) -> Box | None:
    """The smallest box that holds all of these; None for none."""
    found = list(boxes)
    if not found:
        return None
    left, top = min(box.x for box in found), min(box.y for box in found)
    right, bottom = max(box.x + box.width for box in found), max(box.y + box.height for box in found)
    return Box(left, top, right - left, bottom - top)


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
    """The compact form, version 2: zlib over JSON. Same layer, same bytes.

    Boxes of glyphs stand in one column a page for each of x, y, width and height, as differences to where the glyph
    would stand if it were as large as the one before and touched it: a tenth smaller than version 1 (tests/unit/repo).
    """
    columns: _Columns = ([], [], [], [], [])
    regions = [_region_to_json(region, columns) for region in layer.regions]
    document: dict[str, Any] = {"v": 2, "w": layer.width, "h": layer.height, "r": regions}
    document |= {name: column for name, column in zip(_COLUMNS, columns, strict=True) if column}
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def decode(data: bytes) -> TextLayer:
    """The layer of a compact form, of version 1 or 2.

    Raises:
        ValueError: not a compact form of a version known here.
    """
    try:
        document = json.loads(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if document.get("v") not in (1, 2):
        raise ValueError(f"text layer version {document.get('v')}")
    numbers = [iter(document.get(name, ())) for name in _COLUMNS]
    regions = tuple(
        Region(
            tuple(_line_from_json(line, numbers) for line in region["l"]),
            RegionKind(region["k"]),
            Box(*region["b"]) if "b" in region else None,
        )
        for region in document["r"]
    )
    return TextLayer(document["w"], document["h"], regions)


_Columns = tuple[list[int], list[int], list[int], list[int], list[int]]
_COLUMNS = ("x", "y", "dw", "dh", "c")
"""Left and top edges, widths and heights of glyphs, confidences of characters."""
_NOWHERE = Box(0, 0, 0, 0)


def _region_to_json(region: Region, columns: _Columns) -> dict[str, Any]:
    row: dict[str, Any] = {"k": region.kind.value, "l": [_line_to_json(line, columns) for line in region.lines]}
    return row | ({"b": _numbers(region.box)} if region.box else {})


def _line_to_json(line: Line, columns: _Columns) -> dict[str, Any]:
    row: dict[str, Any] = {"t": line.text, "d": line.direction.value}
    if line.box:
        row["b"] = _numbers(line.box)
    if line.glyphs:
        row["g"] = 1
        before = _NOWHERE
        for glyph, (x, y) in zip(line.glyphs, _expected(line.direction, line.box, line.glyphs), strict=True):
            columns[0].append(glyph.x - x)
            columns[1].append(glyph.y - y)
            columns[2].append(glyph.width - before.width)
            columns[3].append(glyph.height - before.height)
            before = glyph
    if line.anchor:
        row["a"] = line.anchor
    if line.note:
        row["n"] = 1
    if line.confidences:
        row["c"] = 1
        columns[4].extend(line.confidences)
    if line.alternatives:
        row["o"] = [part for one in line.alternatives for part in (one.position, one.text, one.confidence)]
    return row


def _expected(direction: Direction, box: Box | None, glyphs: Iterable[Box]) -> Iterator[tuple[int, int]]:
    """Where each glyph of a line would begin if it touched the one before."""
    start = box or _NOWHERE
    x, y = start.x, start.y
    for glyph in glyphs:
        yield x, y
        x, y = _touching(direction, glyph)


def _touching(direction: Direction, glyph: Box) -> tuple[int, int]:
    if direction is Direction.TOP_TO_BOTTOM:
        return glyph.x, glyph.y + glyph.height
    # From right to left the next glyph is taken to be as wide as this one.
    return glyph.x + (glyph.width if direction is Direction.LEFT_TO_RIGHT else -glyph.width), glyph.y


def _line_from_json(row: dict[str, Any], numbers: Sequence[Iterator[int]]) -> Line:
    direction = Direction(row["d"])
    box = Box(*row["b"]) if "b" in row else None
    text, told = row["t"], row.get("g")
    if told == 1:
        glyphs = tuple(_glyphs_from(direction, box or _NOWHERE, len(text), numbers))
    else:
        glyphs = tuple(_glyphs_of_version_1(told or ()))
    options = row.get("o", ())
    return Line(
        text,
        direction,
        box,
        glyphs,
        row.get("a"),
        bool(row.get("n")),
        tuple(islice(numbers[4], len(text))) if "c" in row else (),
        tuple(Alternative(*options[start : start + 3]) for start in range(0, len(options), 3)),
    )


def _glyphs_from(direction: Direction, box: Box, count: int, numbers: Sequence[Iterator[int]]) -> Iterator[Box]:
    x, y, width, height = box.x, box.y, 0, 0
    dx, dy, dwidth, dheight = numbers[:4]
    for _ in range(count):
        width += next(dwidth)
        height += next(dheight)
        glyph = Box(x + next(dx), y + next(dy), width, height)
        yield glyph
        x, y = _touching(direction, glyph)


def _glyphs_of_version_1(numbers: Sequence[int]) -> Iterator[Box]:
    """Differences to the glyph before, four numbers each."""
    x = y = width = height = 0
    for start in range(0, len(numbers), 4):
        dx, dy, dwidth, dheight = numbers[start : start + 4]
        x, y, width, height = x + dx, y + dy, width + dwidth, height + dheight
        yield Box(x, y, width, height)


def _numbers(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]
