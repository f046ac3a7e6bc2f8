"""Read ALTO (Library of Congress) versions 2, 3 and 4, and their ancestor without namespace, as a text layer.

Where the text stands in the file is its reading order, unless `ReadingOrder` (ALTO 4.3) says otherwise. What ALTO does
not define and we agreed on: a `LayoutTag` with the LABEL `vertical` marks lines that run down, and one with the name of
a `RegionKind` (furniture, note, caption, table) tells what a block is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer

_HAN = re.compile("[\u2e80-\u312f\u31c0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
_PIXELS_PER_UNIT = {"mm10": 300 / 254, "inch1200": 300 / 1200}
"""For pages without a size, whose pixels we can only guess: 300 dpi, what libraries scan at."""
_TALL = 1.5
"""A line box higher than this many widths, of Han characters, is a column (a single character is about square)."""
_MARGINS = {"TopMargin": RegionKind.FURNITURE, "BottomMargin": RegionKind.FURNITURE}
"""Running heads and page numbers; side margins hold notes as often and are read as text."""
_FARTHEST = 1e7
"""Pixels; numbers beyond are nonsense."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A rectangle in pixels of the page, not yet rounded."""

    left: float
    top: float
    right: float
    bottom: float

    def box(self) -> Box:
        x, y = round(self.left), round(self.top)
        return Box(x, y, max(1, round(self.right) - x), max(1, round(self.bottom) - y))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is known of the whole page: scale to pixels, tags, explicit order."""

    across: float
    down: float
    labels: dict[str, str]
    ranks: dict[str, int]

    def place(self, element: Any) -> _Place | None:
        numbers = [_number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
        if any(number is None for number in numbers):
            return None
        x, y, width, height = (number or 0.0 for number in numbers)
        return _Place(x * self.across, y * self.down, (x + width) * self.across, (y + height) * self.down)

    def labels_of(self, *elements: Any) -> set[str]:
        tags = (tag for element in elements for tag in element.get("TAGREFS", "").split())
        return {self.labels[tag] for tag in tags if tag in self.labels}

    def rank(self, element: Any) -> int:
        """Place in the explicit order of an element or what holds it; those not named come last, as they stand."""
        while element is not None:
            if (rank := self.ranks.get(element.get("ID", ""))) is not None:
                return rank
            element = element.getparent()
        return len(self.ranks)


def read_alto(data: bytes, width: int, height: int) -> TextLayer:
    """The text of the first page of an ALTO document.

    Args:
        data: the XML; nothing outside it is fetched, entities are not expanded.
        width: pixels of the page's picture, to which the boxes are scaled; 0 where unknown.
        height: likewise.

    Raises:
        ValueError: not well-formed, or not ALTO.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    page = next(_below(root, "Page"), None)
    if _name(root) != "alto" or page is None:
        raise ValueError("not an ALTO document with a page")
    sheet, width, height = _sheet(root, page, width, height)
    blocks = list(_below(page, "TextBlock"))
    if sheet.ranks:
        blocks.sort(key=lambda block: min(sheet.rank(part) for part in (block, *_below(block, "TextLine"))))
    regions = [_region(block, sheet) for block in blocks]
    return TextLayer(width, height, tuple(region for region in regions if region.lines))


def _sheet(root: Any, page: Any, width: int, height: int) -> tuple[_Sheet, int, int]:
    unit = next((element.text or "" for element in _below(root, "MeasurementUnit")), "pixel").strip()
    guess = _PIXELS_PER_UNIT.get(unit, 1.0)
    # In whatever unit, the page's own size tells the scale; it even mends text made from a smaller picture.
    own_width, own_height = _number(page.get("WIDTH")) or 0.0, _number(page.get("HEIGHT")) or 0.0
    width = width or round(own_width * guess)
    height = height or round(own_height * guess)
    labels = {
        element.get("ID", ""): (element.get("LABEL") or "").strip().lower()
        for tags in _below(root, "Tags")
        for element in tags
    }
    references = [ref for element in _below(root, "ElementRef") for ref in element.get("REF", "").split()]
    ranks: dict[str, int] = {}
    for reference in references:
        ranks.setdefault(reference, len(ranks))
    across = width / own_width if own_width else guess
    down = height / own_height if own_height else guess
    return _Sheet(across, down, labels, ranks), width, height


def _region(block: Any, sheet: _Sheet) -> Region:
    rows = list(_below(block, "TextLine"))
    if any(row.get("ID", "") in sheet.ranks for row in rows):
        rows.sort(key=sheet.rank)
    lines = tuple(line for row in rows if (line := _line(row, block, sheet)))
    kinds = {kind.value: kind for kind in RegionKind}
    told = [kinds[label] for label in sheet.labels_of(block, *rows[:1]) if label in kinds]
    margins = [_MARGINS[name] for parent in block.iterancestors() if (name := _name(parent)) in _MARGINS]
    return Region(lines, (told or margins or [RegionKind.TEXT])[0])


def _line(row: Any, block: Any, sheet: _Sheet) -> Line | None:
    text, places = "", list[_Place | None]()
    for string in row:
        if _name(string) == "String":
            content, glyphs = _string(string, sheet)
        elif _name(string) == "HYP":
            content = unicodedata.normalize("NFC", string.get("CONTENT") or "-").replace("\u00ad", "-")
            glyphs = [_hyphen(string, sheet, places)] * len(content)
        else:
            continue
        if text and content and _name(string) == "String" and not (_HAN.match(text[-1]) and _HAN.match(content[0])):
            text += " "
            places.append(None)
        text += content
        places += glyphs
    if not text.strip():
        return None
    whole = sheet.place(row) or _around([place for place in places if place])
    direction = _direction(row, block, sheet, text, whole)
    return Line(text, direction, whole.box() if whole else None, _glyph_boxes(text, places, direction))


def _string(string: Any, sheet: _Sheet) -> tuple[str, list[_Place | None]]:
    """Characters of a String and a place for each: of its Glyphs, or its own place, to be shared out."""
    glyphs = [(glyph.get("CONTENT") or "", sheet.place(glyph)) for glyph in string if _name(glyph) == "Glyph"]
    content = " ".join((string.get("CONTENT") or "").split())
    if glyphs and "".join(text for text, _ in glyphs) == content:
        return content, [place for text, place in glyphs for _ in text]
    place = sheet.place(string)
    if place is None or not content:
        return content, [None] * len(content)
    count = len(content)
    if place.bottom - place.top > place.right - place.left and _HAN.search(content) and count > 1:
        step = (place.bottom - place.top) / count
        return content, [
            _Place(place.left, place.top + i * step, place.right, place.top + (i + 1) * step) for i in range(count)
        ]
    step = (place.right - place.left) / count
    shares: list[_Place | None] = [
        _Place(place.left + i * step, place.top, place.left + (i + 1) * step, place.bottom) for i in range(count)
    ]
    return content, shares[::-1] if _is_right_to_left(content) else shares


def _hyphen(element: Any, sheet: _Sheet, before: list[_Place | None]) -> _Place | None:
    """Place of a HYP, which has no height of its own: behind the last character, as high as that."""
    if (place := sheet.place(element)) or not before or not before[-1]:
        return place
    last = before[-1]
    width = (_number(element.get("WIDTH")) or 0.0) * sheet.across
    return _Place(last.right, last.top, last.right + width, last.bottom)


def _glyph_boxes(text: str, places: list[_Place | None], direction: Direction) -> tuple[Box, ...]:
    """A box for every character, blanks between words filling the gap; none at all where a character has no place."""
    filled = list(places)
    for position, place in enumerate(places):
        if place is None and text[position] == " " and 0 < position < len(text) - 1:
            filled[position] = _gap(places[position - 1], places[position + 1], direction)
    found = [place for place in filled if place is not None]
    return tuple(place.box() for place in found) if len(found) == len(text) else ()


def _gap(before: _Place | None, after: _Place | None, direction: Direction) -> _Place | None:
    if before is None or after is None:
        return None
    if direction is Direction.TOP_TO_BOTTOM:
        return _Place(before.left, before.bottom, before.right, max(before.bottom, after.top))
    left, right = (after.right, before.left) if direction is Direction.RIGHT_TO_LEFT else (before.right, after.left)
    return _Place(left, before.top, max(left, right), before.bottom)


def _direction(row: Any, block: Any, sheet: _Sheet, text: str, whole: _Place | None) -> Direction:
    told = row.get("BASEDIRECTION") or block.get("BASEDIRECTION")
    rotation = _number(row.get("ROTATION") or block.get("ROTATION")) or 0.0
    turned = 45 < abs(rotation) % 180 < 135
    tall = whole is not None and whole.bottom - whole.top > _TALL * (whole.right - whole.left)
    if "vertical" in sheet.labels_of(row, block) or told == "ttb" or ((turned or tall) and _HAN.search(text)):
        return Direction.TOP_TO_BOTTOM
    if told == "rtl" or (told is None and _is_right_to_left(text)):
        return Direction.RIGHT_TO_LEFT
    return Direction.LEFT_TO_RIGHT


def _is_right_to_left(text: str) -> bool:
    strong = [kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")]
    return sum(kind != "L" for kind in strong) * 2 > len(strong)


def _around(places: list[_Place]) -> _Place | None:
    if not places:
        return None
    return _Place(
        min(place.left for place in places),
        min(place.top for place in places),
        max(place.right for place in places),
        max(place.bottom for place in places),
    )


def _below(element: Any, name: str) -> Iterator[Any]:
    """Elements of that name in any of ALTO's namespaces, in document order."""
    return (found for found in element.iter("{*}" + name))


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < _FARTHEST else None
