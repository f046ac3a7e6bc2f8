"""The text that a PDF page brings with it, as a text layer. Not a format itself.

MuPDF's order is kept: it is that of the content stream, which for what we see is reading order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pymupdf

from wenyuan.repo.layers import Box, Direction, Line, Region, TextLayer

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
"""Without TEXT_USE_CID_FOR_UNKNOWN_UNICODE, so that what has no Unicode is U+FFFD; without pictures, for speed."""
_SYMBOLIC = 4
"""Flag of a font's descriptor (ISO 32000-1, table 123)."""
_REPLACEMENT = "\ufffd"

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """How a page's points become pixels of its picture.

    Attributes:
        width: of the picture, pixels; likewise `height`.
        matrix: from unrotated page points (MuPDF, origin top left) to pixels: (a, b, c, d, e, f) as in PDF 32000 8.3.3.
        scan: number of the object of the one image that is the whole page, else None.
    """

    width: int
    height: int
    matrix: Matrix
    scan: int | None = None

    def box(self, rectangle: tuple[float, float, float, float]) -> Box:
        """A rectangle of points in whole pixels, at least one each way, inside the picture."""
        a, b, c, d, e, f = self.matrix
        x0, y0, x1, y1 = rectangle
        left, right = sorted((a * x0 + c * y0 + e, a * x1 + c * y1 + e))
        top, bottom = sorted((b * x0 + d * y0 + f, b * x1 + d * y1 + f))
        x = min(max(round(left), 0), self.width - 1)
        y = min(max(round(top), 0), self.height - 1)
        return Box(x, y, max(1, min(round(right), self.width) - x), max(1, min(round(bottom), self.height) - y))


def layer_of(page: Any, frame: Frame) -> TextLayer | None:
    """The text layer of a page; None where it has no text.

    Args:
        page: a `pymupdf.Page`.
        frame: of its picture.
    """
    content = page.get_text("rawdict", flags=_FLAGS)
    blocks = ([line for row in block.get("lines", ()) if (line := _line(row, frame))] for block in content["blocks"])
    regions = tuple(Region(tuple(lines)) for lines in _stacked(blocks))
    return TextLayer(frame.width, frame.height, regions) if regions else None


def has_guessed_fonts(page: Any) -> bool:
    """A font inside the file, of signs of its own, says neither which they are nor by which standard: MuPDF guesses."""
    document = page.parent
    return any(
        xref and kind in ("TrueType", "Type1") and extension != "n/a" and _tells_nothing(document, xref)
        for xref, extension, kind, *_ in page.get_fonts()
    )


def _tells_nothing(document: Any, xref: int) -> bool:
    told = (document.xref_get_key(xref, key)[0] for key in ("ToUnicode", "Encoding"))
    flags = document.xref_get_key(xref, "FontDescriptor/Flags")
    return all(kind == "null" for kind in told) and flags[0] == "int" and bool(int(flags[1]) & _SYMBOLIC)


def is_han(character: str) -> bool:
    """Han characters and the punctuation that goes with them: what stands without blanks between."""
    code = ord(character)
    return 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFE30 <= code <= 0xFE4F or (
        0xFF00 <= code <= 0xFFEF or 0x20000 <= code <= 0x3FFFF
    )  # fmt: skip


def _line(row: dict[str, Any], frame: Frame) -> Line | None:
    signs = [sign for span in row["spans"] for sign in span["chars"] if sign["c"] >= " "]
    while signs and signs[-1]["c"].isspace():
        signs.pop()
    while signs and signs[0]["c"].isspace():
        del signs[0]
    if not signs:
        return None
    kept = list(_without_invented_blanks(signs))
    text = "".join(_storable(sign["c"]) for sign in kept)
    glyphs = tuple(frame.box(sign["bbox"]) for sign in kept)
    direction = _direction(row, text, frame)
    if direction is Direction.RIGHT_TO_LEFT and glyphs[0].x < glyphs[-1].x:
        text, glyphs = _logical(text, glyphs)
    return Line(text, direction, _around(glyphs), glyphs)


def _without_invented_blanks(signs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All but the blanks that MuPDF made up from a gap between two Han characters (spaced or justified lines)."""
    for position, sign in enumerate(signs):
        invented = sign.get("synthetic") and sign["c"] == " " and 0 < position < len(signs) - 1
        if not (invented and is_han(signs[position - 1]["c"]) and is_han(signs[position + 1]["c"])):
            yield sign


def _storable(character: str) -> str:
    """Half a surrogate pair, which broken ToUnicode tables yield, cannot be written as UTF-8."""
    return _REPLACEMENT if 0xD800 <= ord(character) <= 0xDFFF else character


def _direction(row: dict[str, Any], text: str, frame: Frame) -> Direction:
    a, b, c, d, _, _ = frame.matrix
    x, y = row["dir"]
    across, down = a * x + c * y, b * x + d * y
    if down > abs(across):
        return Direction.TOP_TO_BOTTOM
    strong = [kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL")]
    if strong and sum(kind != "L" for kind in strong) * 2 > len(strong):
        return Direction.RIGHT_TO_LEFT
    return Direction.LEFT_TO_RIGHT


def _logical(text: str, glyphs: tuple[Box, ...]) -> tuple[str, tuple[Box, ...]]:
    """A right-to-left line that stands in the file as it looks, put into the order it is read, but for its numbers."""
    runs: list[list[int]] = []
    for position in range(len(text)):
        forward = unicodedata.bidirectional(text[position]) in ("L", "EN", "AN")
        if forward and runs and unicodedata.bidirectional(text[runs[-1][-1]]) in ("L", "EN", "AN"):
            runs[-1].append(position)
        else:
            runs.append([position])
    order = [position for run in reversed(runs) for position in run]
    return "".join(text[i] for i in order), tuple(glyphs[i] for i in order)


def _stacked(blocks: Iterable[list[Line]]) -> list[list[Line]]:
    """Single Han characters set one below the other, each a line to MuPDF, joined into the column that they are."""
    regions: list[list[Line]] = []
    before: Line | None = None
    for block in blocks:
        lines: list[Line] = []
        for line in block:
            home = lines or (regions[-1] if regions else lines)
            if before is not None and home and home[-1] is before and _continues(before, line):
                before = home[-1] = _joined(before, line)
            else:
                lines.append(line)
                before = line
        if lines:
            regions.append(lines)
    return regions


def _continues(column: Line, line: Line) -> bool:
    if len(line.text) != 1 or not is_han(line.text) or not all(map(is_han, column.text)):
        return False
    if len(column.text) > 1 and column.direction is not Direction.TOP_TO_BOTTOM:
        return False
    last, this = column.glyphs[-1], line.glyphs[0]
    aligned = abs((last.x + last.width / 2) - (this.x + this.width / 2)) <= 0.3 * this.width
    # A pitch of up to two characters: spaced-out titles; more is a column of a table.
    return aligned and 0 < this.y - last.y <= 2 * max(this.height, this.width)


def _joined(column: Line, line: Line) -> Line:
    glyphs = column.glyphs + line.glyphs
    return replace(
        column, text=column.text + line.text, direction=Direction.TOP_TO_BOTTOM, box=_around(glyphs), glyphs=glyphs
    )


def _around(boxes: tuple[Box, ...]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)
