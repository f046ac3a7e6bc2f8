"""Read ALTO (Library of Congress) versions 2, 3 and 4, and their ancestor without namespace, as a text layer.

Where the text stands in the file is its reading order, unless `ReadingOrder` (ALTO 4.3) says otherwise. What ALTO does
not define and we agreed on: a `LayoutTag` with the LABEL `vertical` marks lines that run down, `horizontal` those that
do not though they look it, `small-note` one of double small notes (夹注), and one with the name of a `RegionKind`
(furniture, note, caption, table) tells what a block is. `alto_writing` writes what is read here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from wenyuan.repo.layers import Alternative, Direction, Line, Region, RegionKind, TextLayer, around
from wenyuan.repo.word_lines import Place, Told, Word, line_of, number, percent, shared_out

_PIXELS_PER_UNIT = {"mm10": 300 / 254, "inch1200": 300 / 1200}
"""For pages without a size, whose pixels we can only guess: 300 dpi, what libraries scan at."""
_MARGINS = {"TopMargin": RegionKind.FURNITURE, "BottomMargin": RegionKind.FURNITURE}
"""Running heads and page numbers; side margins hold notes as often and are read as text."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What is known of the whole page: scale to pixels, tags, explicit order."""

    across: float
    down: float
    labels: dict[str, str]
    ranks: dict[str, int]

    def place(self, element: Any) -> Place | None:
        told = [number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
        if any(one is None for one in told):
            return None
        x, y, width, height = (one or 0.0 for one in told)
        return Place(x * self.across, y * self.down, (x + width) * self.across, (y + height) * self.down)

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
    own_width, own_height = number(page.get("WIDTH")) or 0.0, number(page.get("HEIGHT")) or 0.0
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
    place = sheet.place(block)
    box = place.box() if place else None
    # A block's box that only goes around its lines says nothing more.
    own = box if box != around(line.box for line in lines if line.box) else None
    return Region(lines, (told or margins or [RegionKind.TEXT])[0], own)


def _line(row: Any, block: Any, sheet: _Sheet) -> Line | None:
    words: list[Word] = []
    gap: Place | None = None
    for element in row:
        name = _name(element)
        if name == "SP":
            gap = sheet.place(element)
        elif name == "String":
            words.append(replace(_word(element, sheet), gap=gap))
            gap = None
        elif name == "HYP":
            words.append(_with_hyphen(words.pop() if words else Word("", (), ()), element, sheet))
    return line_of(words, _told(row, block, sheet))


def _word(string: Any, sheet: _Sheet) -> Word:
    """A String: places and confidences of its Glyphs, or its own, shared out."""
    raw, glyphs = string.get("CONTENT") or "", [element for element in string if _name(element) == "Glyph"]
    spelt = [element.get("CONTENT") or "" for element in glyphs]
    text = raw if "".join(spelt) == raw else " ".join(raw.split())
    whole = _string_confidences(string, len(text))
    if not glyphs or "".join(spelt) != text:
        return Word(text, shared_out(sheet.place(string), text), whole)
    places: list[Place | None] = []
    sure: list[int | None] = []
    alternatives: list[Alternative] = []
    for element, part in zip(glyphs, spelt, strict=True):
        if part:
            alternatives += _variants(element, len(places))
        sure += [percent(number(element.get("GC")))] * len(part)
        places += [sheet.place(element)] * len(part)
    return Word(text, tuple(places), whole if None in sure else tuple(sure), tuple(alternatives))


def _variants(glyph: Any, position: int) -> list[Alternative]:
    return [
        Alternative(position, text, percent(number(element.get("VC"))) or 0)
        for element in glyph
        if _name(element) == "Variant" and (text := element.get("CONTENT"))
    ]


def _string_confidences(string: Any, count: int) -> tuple[int | None, ...]:
    """Of `CC`, a number for each character from 0, sure, to 9, or of `WC` for all of them."""
    digits = [int(sign) for sign in string.get("CC") or "" if sign in "0123456789"]
    if count and len(digits) == count:
        return tuple(percent(1 - digit / 9) for digit in digits)
    return (percent(number(string.get("WC"))),) * count


def _with_hyphen(word: Word, element: Any, sheet: _Sheet) -> Word:
    """A HYP, which has no height of its own: behind the last character, as high as that, as sure as that."""
    text = unicodedata.normalize("NFC", element.get("CONTENT") or "-").replace("\u00ad", "-")
    last, place = word.places[-1] if word.places else None, sheet.place(element)
    if place is None and last is not None:
        width = (number(element.get("WIDTH")) or 0.0) * sheet.across
        place = Place(last.right, last.top, last.right + width, last.bottom)
    sure = word.confidences[-1] if word.confidences else None
    count = len(text)
    return replace(
        word,
        text=word.text + text,
        places=word.places + (place,) * count,
        confidences=word.confidences + (sure,) * count,
    )


def _told(row: Any, block: Any, sheet: _Sheet) -> Told:
    labels = sheet.labels_of(row, block)
    stated = row.get("BASEDIRECTION") or block.get("BASEDIRECTION")
    rotation = number(row.get("ROTATION") or block.get("ROTATION")) or 0.0
    directions = {direction.value: direction for direction in Direction}
    return Told(
        sheet.place(row),
        Direction.TOP_TO_BOTTOM if "vertical" in labels else directions.get(stated),
        horizontal="horizontal" in labels,
        turned=45 < abs(rotation) % 180 < 135,
        note="small-note" in labels,
    )


def _below(element: Any, name: str) -> Iterator[Any]:
    """Elements of that name in any of ALTO's namespaces, in document order."""
    return (found for found in element.iter("{*}" + name))


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
