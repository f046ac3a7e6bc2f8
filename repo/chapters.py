"""The text of an e-book's chapter, and where each of its characters stands in the document.

One walk serves all: ingest takes the text layer from it, the reader marks hits with it in the chapter it serves. Both
must count characters alike, or a hit would be drawn in the wrong place; so nobody else extracts text from chapters.

What counts as text follows the way browsers show it (CSS Text 3, section 4.1): runs of blanks are one space, blanks at
the ends of a line are none, a line feed between two Han or kana characters is none (section 4.1.3). Furigana and pinyin
(`rt`) are left out, so that a search finds the word and not the word with its reading inside.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from wenyuan.repo.layers import Line, Region, TextLayer

XHTML = "http://www.w3.org/1999/xhtml"
SVG = "http://www.w3.org/2000/svg"
MATHML = "http://www.w3.org/1998/Math/MathML"


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCKS = _names(
    "address article aside blockquote body caption center dd details dir div dl dt figcaption figure footer h1 h2 h3 "
    "h4 h5 h6 header hgroup hr li main menu nav ol p pre search section summary table tbody td tfoot th thead tr ul"
)
_SILENT = _names(
    "audio canvas embed head iframe noscript object rp rt rtc script select style template textarea title video"
)
_SILENT_SVG = _names("desc metadata script style title")
_SILENT_MATHML = frozenset(("annotation", "annotation-xml"))
_HIDEABLE = frozenset(("nav", "ol", "li"))
"""Lists of landmarks and pages are often hidden in the document; a hidden footnote is shown as a pop-up and counts."""

_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
"""Soft hyphen, zero width space, word joiner, byte order mark: nobody types them into a search."""
_TOKENS = re.compile(
    rf"[^ \t\n\r\f{_INVISIBLE}]+(?:[ \t\n\r\f][^ \t\n\r\f{_INVISIBLE}]+)*|[ \t\n\r\f]+|[{_INVISIBLE}]+"
)
_WIDE = "\u2e80-\u312f\u3190-\ua4cf\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
"""Han, kana, bopomofo and their punctuation; not Hangul, which is written with spaces."""
_IS_WIDE = re.compile(f"[{_WIDE}]")
_SEAM = re.compile(f"(?<=[{_WIDE}])[\n\r](?=[{_WIDE}])")
_HUGE_BYTES = 10_000_000
_BLANKS = str.maketrans("\t\n\r\f", "    ")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a line that follow each other in one text node.

    Attributes:
        element: whose text node it is.
        tail: whether the node stands behind the element (lxml's `tail`) or first in it (`text`).
        offset: code points from the start of the node.
        text: as many characters as in the node, with blanks made spaces.
    """

    element: Element
    tail: bool
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class ChapterLine:
    """The text of one block, or of one of its parts between line breaks and inner blocks."""

    block: Element
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The characters, without line end."""
        return "".join(piece.text for piece in self.pieces)

    def places(self) -> Iterator[tuple[Element, bool, int]]:
        """For each character its element, whether it is in the tail, and the offset in that text node."""
        for piece in self.pieces:
            for step in range(len(piece.text)):
                yield piece.element, piece.tail, piece.offset + step


def chapter_text(root: Element) -> list[ChapterLine]:
    """The lines of a chapter (XHTML or SVG), in document order, each with the text nodes it comes from."""
    walk = _Walk()
    walk.visit(root, None, pre=False)
    walk.flush()
    return walk.lines


def anchor_blocks(root: Element) -> list[ChapterLine]:
    """Give every block that holds text an `id` (`wy-1`, `wy-2`, …) where it has none; return the lines."""
    lines = chapter_text(root)
    taken = {element.get("id") for element in root.iter() if isinstance(element.tag, str)}
    number = 0
    for line in lines:
        if line.block.get("id"):
            continue
        number += 1
        while f"wy-{number}" in taken:
            number += 1
        line.block.set("id", f"wy-{number}")
    return lines


def chapter_layer(lines: Sequence[ChapterLine]) -> TextLayer:
    """The text layer of a chapter: one region without places, anchored by the ids of the blocks."""
    if not lines:
        return TextLayer(0, 0, ())
    return TextLayer(0, 0, (Region(tuple(Line(line.text, anchor=line.block.get("id")) for line in lines)),))


def parse_chapter(xhtml: bytes) -> Element:
    """The root of a chapter as it lies in a package: well formed, without document type.

    Raises:
        ValueError: not well-formed XML.
    """
    # Nothing is fetched or expanded even if somebody hands in what never came from a package. The second parser is for
    # chapters with text or a picture of more than 10 MB in one node; it has no limits, so a document type is refused.
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    try:
        return etree.fromstring(xhtml, etree.XMLParser(huge_tree=False, **options))
    except etree.XMLSyntaxError as error:
        if len(xhtml) < _HUGE_BYTES or b"<!DOCTYPE" in xhtml:
            raise ValueError(str(error)) from error
    try:
        return etree.fromstring(xhtml, etree.XMLParser(huge_tree=True, **options))
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error


def mark(xhtml: bytes, ranges: Sequence[tuple[int, int]]) -> bytes:
    """Wrap ranges of a chapter's text in `<mark class="wy-hit">` (in SVG: `<tspan class="wy-hit">`).

    A range that runs over inline elements, ruby or the end of a block is marked in pieces, all with `data-wy-hit="K"`,
    the first with `id="wy-hit-K"`; K is the range's position in `ranges`. What two ranges share belongs to the one that
    begins first. Ranges of line feeds alone, or outside the text, leave nothing.

    Args:
        xhtml: a chapter of a package.
        ranges: (start, end) in code points of its `TextLayer.text`, end excluded.

    Raises:
        ValueError: not well-formed XML.
    """
    root = parse_chapter(xhtml)
    nodes: dict[tuple[Element, bool], list[_Span]] = {}
    for span in _spans(chapter_text(root), ranges):
        nodes.setdefault((span.element, span.tail), []).append(span)
    named: set[int] = set()
    marks: dict[tuple[Element, bool], list[Element]] = {}
    for node, spans in nodes.items():  # in document order, so that the id goes to the first piece
        marks[node] = [_mark_element(span, named) for span in spans]
    for node, spans in nodes.items():
        _wrap(node, spans, marks[node])
    data: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


@dataclass(frozen=True, slots=True)
class _Gap:
    """Blanks seen and not yet known to be between two words."""

    element: Element
    tail: bool
    offset: int
    line_feed: bool


class _Walk:
    """The state of one walk: the line being gathered."""

    def __init__(self) -> None:
        self.lines: list[ChapterLine] = []
        self._block: Element | None = None
        self._pieces: list[Piece] = []
        self._gap: _Gap | None = None

    def visit(self, element: Element, block: Element | None, *, pre: bool) -> None:
        """Take the text below an element; chapters of a package are at most 100 levels deep."""
        space, name = _split(element.tag)
        if _is_silent(element, space, name):
            return
        if space == XHTML and name == "br":
            self.flush()
            return
        starts_line = (space == XHTML and name in _BLOCKS) or (space == SVG and name in ("text", "foreignObject"))
        if starts_line:
            self.flush()
            block = element
        elif space == SVG and name == "svg":
            block = None  # outside <text>, SVG shows no characters
        pre = pre or (space == XHTML and name in ("pre", "listing", "xmp"))
        self._take(element, False, element.text, block, pre)
        for child in element:
            if isinstance(child.tag, str):
                self.visit(child, block, pre=pre)
            self._take(child, True, child.tail, block, pre)
        if starts_line:
            self.flush()

    def flush(self) -> None:
        """End the line."""
        pieces, self._pieces, self._gap = self._pieces, [], None
        while pieces and not pieces[0].text.strip():
            pieces.pop(0)
        while pieces and not pieces[-1].text.strip():
            pieces.pop()
        if not pieces or self._block is None:
            return
        first = pieces[0]
        indent = len(first.text) - len(first.text.lstrip())  # ideographic spaces count: 段首空兩格
        pieces[0] = Piece(first.element, first.tail, first.offset + indent, first.text[indent:])
        last = pieces[-1]
        pieces[-1] = Piece(last.element, last.tail, last.offset, last.text.rstrip())
        self.lines.append(ChapterLine(self._block, tuple(pieces)))

    def _take(self, element: Element, tail: bool, text: str | None, block: Element | None, pre: bool) -> None:
        if not text or block is None or (not self._pieces and text.isspace()):
            return
        if pre:
            start = 0
            for number, row in enumerate(text.split("\n")):
                if number:
                    self.flush()
                self._tokens(element, tail, row, start, block)
                start += len(row) + 1
        else:
            self._tokens(element, tail, text, 0, block)

    def _tokens(self, element: Element, tail: bool, text: str, base: int, block: Element) -> None:
        for token in _TOKENS.finditer(text):
            start, found = base + token.start(), token.group()
            if found[0] in " \t\n\r\f":
                line_feed = "\n" in found or "\r" in found
                if self._gap is None:
                    self._gap = _Gap(element, tail, start, line_feed)
                elif line_feed and not self._gap.line_feed:
                    self._gap = _Gap(self._gap.element, self._gap.tail, self._gap.offset, line_feed=True)
            elif found[0] not in _INVISIBLE:
                self._run(element, tail, start, found, block)

    def _run(self, element: Element, tail: bool, start: int, text: str, block: Element) -> None:
        if not self._pieces:
            self._block = block
        elif self._gap is not None:
            gap = self._gap
            seam = gap.line_feed and _IS_WIDE.match(self._pieces[-1].text[-1]) and _IS_WIDE.match(text[0])
            if not seam:
                self._pieces.append(Piece(gap.element, gap.tail, gap.offset, " "))
        self._gap = None
        done = 0
        for seam_inside in _SEAM.finditer(text):
            part = text[done : seam_inside.start()]
            self._pieces.append(Piece(element, tail, start + done, part.translate(_BLANKS)))
            done = seam_inside.end()
        self._pieces.append(Piece(element, tail, start + done, text[done:].translate(_BLANKS)))


@dataclass(slots=True)
class _Span:
    """Part of a text node that belongs to one range."""

    element: Element
    tail: bool
    start: int
    end: int
    number: int


def _spans(lines: Sequence[ChapterLine], ranges: Sequence[tuple[int, int]]) -> Iterator[_Span]:
    """The parts of text nodes that the ranges cover, in document order; parts side by side in one line are one."""
    starts: list[int] = []
    pieces: list[tuple[int, Piece]] = []
    position = 0
    for row, line in enumerate(lines):
        for piece in line.pieces:
            starts.append(position)
            pieces.append((row, piece))
            position += len(piece.text)
        position += 1
    covered = 0
    for number, (start, end) in sorted(enumerate(ranges), key=lambda numbered: numbered[1]):
        start, covered = max(start, covered), max(end, covered)  # noqa: PLW2901 - what is left of it
        before: tuple[int, _Span] | None = None
        at = max(0, bisect_right(starts, start) - 1)
        while at < len(pieces) and starts[at] < end:
            row, piece = pieces[at]
            low, high = max(start - starts[at], 0), min(end - starts[at], len(piece.text))
            at += 1
            if low >= high:
                continue
            span = _Span(piece.element, piece.tail, piece.offset + low, piece.offset + high, number)
            if before and before[0] == row and before[1].element is span.element and before[1].tail == span.tail:
                before[1].end = span.end
                continue
            if before:
                yield before[1]
            before = (row, span)
        if before:
            yield before[1]


def _mark_element(span: _Span, named: set[int]) -> Element:
    parent = span.element.getparent() if span.tail else span.element
    space = SVG if parent is not None and _split(parent.tag)[0] == SVG else XHTML
    name = "tspan" if space == SVG else "mark"
    element: Element = etree.Element(f"{{{space}}}{name}", nsmap={None: space})
    element.set("class", "wy-hit")
    element.set("data-wy-hit", str(span.number))
    if span.number not in named:
        named.add(span.number)
        element.set("id", f"wy-hit-{span.number}")
    return element


def _wrap(node: tuple[Element, bool], spans: Sequence[_Span], marks: Sequence[Element]) -> None:
    element, tail = node
    text = (element.tail if tail else element.text) or ""
    ends = [span.start for span in spans[1:]] + [len(text)]
    for span, element_of_mark, end in zip(spans, marks, ends, strict=True):
        element_of_mark.text = text[span.start : span.end]
        element_of_mark.tail = text[span.end : end]
    if tail:
        element.tail = None  # or it would end up behind the first mark
        for element_of_mark in reversed(marks):
            element.addnext(element_of_mark)
        element.tail = text[: spans[0].start]
    else:
        element.text = text[: spans[0].start]
        for position, element_of_mark in enumerate(marks):
            element.insert(position, element_of_mark)


def _is_silent(element: Element, space: str, name: str) -> bool:
    if space == XHTML:
        return name in _SILENT or (name in _HIDEABLE and element.get("hidden") is not None)
    if space == SVG:
        return name in _SILENT_SVG
    return space == MATHML and name in _SILENT_MATHML


def _split(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition("}")
    return space[1:], name
