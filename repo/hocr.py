"""Read hOCR 1.2 (kba.github.io/hocr-spec/1.2): the text of a page as HTML, as OCR programs exchange it.

Where the text stands in the file is its reading order. A column is told by `writing-mode: vertical-rl`, the property of
CSS, on its line. Two properties of our own, as the standard allows: `x_kind` of an area (a `RegionKind`), `x_note 1` of
a line that is one of double small notes. `hocr_writing` writes what is read here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from wenyuan.repo.layers import Direction, Line, Region, RegionKind, TextLayer, around
from wenyuan.repo.word_lines import Place, Told, Word, line_of, number, shared_out

_AREAS = {"ocr_par", "ocr_carea", "ocrx_block", "ocr_float", "ocr_textfloat", "ocr_table", "ocr_column"}
_LINES = {"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_pageno"}
_KINDS = {
    "ocr_header": RegionKind.FURNITURE,
    "ocr_footer": RegionKind.FURNITURE,
    "ocr_pageno": RegionKind.FURNITURE,
    "ocr_caption": RegionKind.CAPTION,
    "ocr_table": RegionKind.TABLE,
}
HEAD_BYTES = 65_536
"""So much of a file tells whether it is hOCR."""
_UNSEEN = frozenset({"script", "style", "del", "template"})
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PROPERTY = re.compile(r"""\s*([A-Za-z_][\w-]*)((?:"[^"]*"|'[^']*'|[^;"'])*)""")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")


def is_hocr(data: bytes) -> bool:
    """Tells hOCR from other HTML and XML by the class of its page, near the beginning."""
    head = data[:HEAD_BYTES]
    return b"ocr_page" in (head.replace(b"\0", b"") if b"\0" in head else head)


def read_hocr(data: bytes, width: int, height: int) -> TextLayer:
    """The text of the first page of an hOCR document. Scripts are never looked at, nothing outside is fetched.

    Args:
        data: HTML or XHTML.
        width: pixels of the page's picture, to which the boxes are scaled; 0 where unknown.
        height: likewise.

    Raises:
        ValueError: no hOCR, or not in the characters that it says.
    """
    root = _tree(data)
    page = next((element for element in _elements(root) if "ocr_page" in _classes(element)), None)
    if page is None:
        raise ValueError("not an hOCR document with a page")
    own = _bbox(_properties(page), 1.0, 1.0)
    wide, high = (own.right, own.bottom) if own else (0.0, 0.0)
    across = width / wide if width and wide > 0 else 1.0
    down = height / high if height and high > 0 else 1.0
    reading = _Reading(across, down)
    regions = (reading.region(area, kind, rows) for area, kind, rows in _areas(page))
    return TextLayer(width or round(wide), height or round(high), tuple(region for region in regions if region.lines))


class _Reading:
    """Elements of one page as parts of a layer, in pixels of its picture."""

    def __init__(self, across: float, down: float) -> None:
        self._across, self._down = across, down

    def region(self, area: Any, kind: RegionKind, rows: list[Any]) -> Region:
        """Lines that stand in one area; `area` is None for those that stand in none."""
        lines = tuple(line for row in rows if (line := self._line(row)))
        place = None if area is None else _bbox(_properties(area), self._across, self._down)
        box = place.box() if place else None
        own = box if box != around(line.box for line in lines if line.box) else None
        return Region(lines, kind, own)

    def _line(self, row: Any) -> Line | None:
        told = _properties(row)
        place = _bbox(told, self._across, self._down)
        elements = [element for element in _elements(row) if "ocrx_word" in _classes(element)]
        # Without words the line's own text, whose places nobody tells but by `x_bboxes`.
        words = [self._word(element) for element in elements] or [self._word(row, is_line=True)]
        style = "".join((row.get("style") or "").split()).lower()
        direction = {"rtl": Direction.RIGHT_TO_LEFT, "ltr": Direction.LEFT_TO_RIGHT}.get(row.get("dir", ""))
        if "writing-mode:vertical" in style or "writing-mode:tb" in style:
            direction = Direction.TOP_TO_BOTTOM
        angle = number(told.get("textangle")) or 0.0
        return line_of(
            words,
            Told(
                place,
                direction,
                horizontal="writing-mode:horizontal" in style,
                turned=45 < abs(angle) % 180 < 135,
                note=told.get("x_note", "").strip() == "1",
            ),
        )

    def _word(self, element: Any, *, is_line: bool = False) -> Word:
        told = _properties(element)
        raw = "".join(_texts(element))
        signs = [sign for sign in _elements(element) if "ocrx_cinfo" in _classes(sign)]
        spelt = ["".join(_texts(sign)) for sign in signs]
        # Characters told one by one keep even blanks inside of a word.
        text = "".join(spelt) if "".join("".join(spelt).split()) == "".join(raw.split()) else " ".join(raw.split())
        sure = _percent(told.get("x_wconf"))
        if signs and "".join(spelt) == text:
            return self._spelt(text, signs, spelt, sure)
        places = self._boxes(told, len(text))
        if places is None:
            place = None if is_line else _bbox(told, self._across, self._down)
            places = shared_out(place, text)
        each = tuple(_percent(one) for one in told.get("x_confs", "").split())
        return Word(text, places, each if len(each) == len(text) else (sure,) * len(text))

    def _spelt(self, text: str, signs: list[Any], spelt: list[str], sure: int | None) -> Word:
        places: list[Place | None] = []
        confidences: list[int | None] = []
        for sign, part in zip(signs, spelt, strict=True):
            told = _properties(sign)
            own = _percent(told.get("x_conf") or told.get("x_confs"))
            boxes = self._boxes(told, len(part)) or self._boxes(told, 1) or (_bbox(told, self._across, self._down),)
            places += boxes if len(boxes) == len(part) else boxes[:1] * len(part)
            confidences += [sure if own is None else own] * len(part)
        return Word(text, tuple(places), tuple(confidences))

    def _boxes(self, told: dict[str, str], count: int) -> tuple[Place | None, ...] | None:
        """Of `x_bboxes`: four numbers for each character."""
        numbers = told.get("x_bboxes", "").split()
        if not count or len(numbers) != 4 * count:
            return None
        fours = [numbers[start : start + 4] for start in range(0, len(numbers), 4)]
        places = tuple(_place_of(four, self._across, self._down) for four in fours)
        return places if all(places) else None


def _tree(data: bytes) -> Any:
    """XHTML as XML, since HTML knows no empty <title/>; what is no XML as HTML."""
    text = _text_of(data).lstrip("\ufeff").encode()
    options = {"encoding": "utf-8", "no_network": True, "huge_tree": False, "remove_comments": True, "remove_pis": True}
    try:
        return etree.fromstring(text, etree.XMLParser(resolve_entities=False, load_dtd=False, **options))
    except etree.XMLSyntaxError:
        pass
    try:
        root = etree.fromstring(text, etree.HTMLParser(**options))
    except etree.LxmlError as error:
        raise ValueError(str(error)) from error
    if root is None:
        raise ValueError("not HTML")
    return root


def _text_of(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding)
    told = _CHARSET.search(data[:1024])
    try:
        return data.decode(told[1].decode("ascii") if told else "utf-8")
    except LookupError as error:
        raise ValueError(str(error)) from error


def _areas(page: Any) -> Iterator[tuple[Any, RegionKind, list[Any]]]:
    """Lines that follow each other in the same area, with that area and what it is."""
    rows: list[Any] = []
    before: tuple[Any, RegionKind] = (None, RegionKind.TEXT)
    known: dict[Any, tuple[Any, RegionKind]] = {}
    for row in (element for element in _elements(page) if _classes(element) & _LINES):
        area, kind = _around(row.getparent(), known)
        here = (area, _kind(row) or kind)
        if rows and here != before:
            yield *before, rows
            rows = []
        before = here
        rows.append(row)
    if rows:
        yield *before, rows


def _around(element: Any, known: dict[Any, tuple[Any, RegionKind]]) -> tuple[Any, RegionKind]:
    """The innermost area that an element is or stands in, and the innermost kind; each element is looked at once."""
    unknown = []
    while element is not None and element not in known:
        unknown.append(element)
        element = element.getparent()
    area, kind = (None, RegionKind.TEXT) if element is None else known[element]
    for one in reversed(unknown):
        area, kind = known[one] = (one if _classes(one) & _AREAS else area, _kind(one) or kind)
    return area, kind


def _kind(element: Any) -> RegionKind | None:
    told = _properties(element).get("x_kind", "").strip()
    if told in list(RegionKind):
        return RegionKind(told)
    return next((_KINDS[name] for name in _KINDS if name in _classes(element)), None)


def _elements(element: Any) -> Iterator[Any]:
    return (found for found in element.iter() if isinstance(found.tag, str))


def _classes(element: Any) -> set[str]:
    return set((element.get("class") or "").split())


def _texts(element: Any) -> Iterator[str]:
    """Text to be seen; of alternatives (hOCR 1.2, 9) the first, <ins>, and not those struck out, <del>."""
    if not isinstance(element.tag, str) or element.tag.rpartition("}")[2].lower() in _UNSEEN:
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def _properties(element: Any) -> dict[str, str]:
    """Of the title attribute: `bbox 1 2 3 4; x_wconf 90`."""
    return {name: value.strip() for name, value in _PROPERTY.findall(element.get("title") or "")}


def _bbox(told: dict[str, str], across: float, down: float) -> Place | None:
    return _place_of(told.get("bbox", "").split(), across, down)


def _place_of(four: list[str], across: float, down: float) -> Place | None:
    numbers = [found for one in four if (found := number(one)) is not None]
    if len(four) != 4 or len(numbers) != 4:
        return None
    left, top, right, bottom = numbers
    return Place(left * across, top * down, right * across, bottom * down) if left <= right and top <= bottom else None


def _percent(text: str | None) -> int | None:
    found = number(text)
    return None if found is None else min(100, max(0, round(found)))
