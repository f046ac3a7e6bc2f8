"""The invisible text of a PDF page: one run for each line or column, its characters where they stand on the picture.

A column is a run turned by 270°, so that what selects, searches and copies lines does the same with columns; a run for
each character would break all three (DESIGN §6). In a run every character begins where its box begins (the `TJ`
operator moves it), and is as wide as its box. Where boxes stand apart, both neighbours are made wider until the rest of
the gap is too small to be taken for a blank: a title set with wide gaps is still found. A gap unlike the others of its
line, as between a title and its author, stays.

PDFium (Chromium) sorts pieces of text whose beginnings are equally high from left to right, which would turn the order
of columns round. A blank of its own behind each column parts it from the next one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import atan2, cos, sin
from statistics import median

from wenyuan.repo.glyph_boxes import boxes_of
from wenyuan.repo.layers import Box, Direction, Line, TextLayer
from wenyuan.repo.pdf_font import BlankFont
from wenyuan.repo.pdf_objects import number

_WIDEST_GAP = 0.08
"""Of an em, between characters of a run. Poppler takes 0.1 for a blank (TextOutputDev), MuPDF 0.15 (stext-device)."""
_DEEPEST_OVERLAP = 0.05
"""Of an em; programs take more for a new word or line."""
_LEANING = 0.3
"""A line whose ends stand apart, across it, by more than so much of its thickness is set on a slope."""
_UNLIKE = 3
"""A gap wider than an em, and than so many of the middle ones of its line, is left."""
_BLANK = 50
"""Thousandths of an em: the blank behind a column."""
_UNSHOWN = ("Cc", "Cs")
"""Categories of Unicode: control characters and halves of surrogate pairs."""
_MOVE_WORTH_TELLING = 4
"""Thousandths of an em."""


@dataclass(frozen=True, slots=True)
class _Span:
    """One character along its line, in points: where it begins and ends, and the middle of it across the line."""

    start: float
    end: float
    middle: float
    thickness: float


@dataclass(frozen=True, slots=True)
class _Run:
    """One line or column, in points.

    Attributes:
        direction: along which it runs.
        signs: its characters.
        spans: one for each.
        size: of the font.
        slope: how far the middle moves across the line for each point along it.
        middle: of the line, across it, at the point 0 along it.
    """

    direction: Direction
    signs: tuple[str, ...]
    spans: tuple[_Span, ...]
    size: float
    slope: float
    middle: float


def content(layer: TextLayer, font: BlankFont, width: float, height: float) -> bytes:
    """The operators that write all lines of a layer, furniture and notes too, in its order.

    Args:
        layer: of the page.
        font: which is the resource `/F` of the page.
        width: of the page, points, to which the layer's pixels are scaled.
        height: likewise.
    """
    if not layer.lines:
        return b""
    across, down = width / (layer.width or width), height / (layer.height or height)
    runs = [run for line in map(_turned, _placed(layer)) if (run := _run_of(line, across, down))]
    return b"BT\n3 Tr\n" + b"".join(_shown(run, font, height) for run in runs) + b"ET\n"


def _placed(layer: TextLayer) -> Iterator[Line]:
    """Lines without a place (plain text beside a picture) share out the page's height, so that they can be found."""
    lines = layer.lines
    pixels = (layer.width or 1000, layer.height or 1000)
    for position, line in enumerate(lines):
        if line.box or line.glyphs:
            yield line
        else:
            top, bottom = (pixels[1] * place // len(lines) for place in (position, position + 1))
            # As high as it is wide, lest few characters are drawn out over the whole page.
            size = max(1, min(bottom - top, pixels[0] // max(1, len(line.text))))
            yield replace(line, direction=Direction.LEFT_TO_RIGHT, box=Box(0, top, size * len(line.text), size))


def _turned(line: Line) -> Line:
    """A line whose boxes run to the left, as headlines were set (右起横排), though it says otherwise."""
    back = sum(after.x < box.x for box, after in pairwise(line.glyphs))
    if line.direction is Direction.LEFT_TO_RIGHT and back * 2 > len(line.glyphs) > 1:
        return replace(line, direction=Direction.RIGHT_TO_LEFT)
    return line


def _run_of(line: Line, across: float, down: float) -> _Run | None:
    signs = [
        (sign, span)
        for sign, span in zip(line.text, _spans(line, across, down), strict=False)
        if unicodedata.category(sign) not in _UNSHOWN
    ]
    if not signs:
        return None
    spans = _forward([span for _, span in signs])
    size, slope, middle = _base(spans)
    closed = tuple(_closed(spans, size))
    return _Run(line.direction, tuple(sign for sign, _ in signs), closed, size, slope, middle)


def _shown(run: _Run, font: BlankFont, height: float) -> bytes:
    """Font, matrix and the text itself."""
    angle = atan2(run.slope, 1)
    cosine, sine = cos(angle), sin(angle)
    # The base line lies half an em below the middle of the line: the font's characters stand on it, one em high.
    along, middle = run.spans[0].start, run.middle + run.slope * run.spans[0].start
    if run.direction is Direction.TOP_TO_BOTTOM:
        x, y = middle - run.size / 2, along
        matrix = (sine, -cosine, cosine, sine)
    elif run.direction is Direction.RIGHT_TO_LEFT:
        x, y = -along, middle + run.size / 2
        matrix = (-cosine, -sine, -sine, cosine)
    else:
        x, y = along, middle + run.size / 2
        matrix = (cosine, -sine, sine, cosine)
    place = b" ".join(number(value) for value in (*matrix, x, height - y))
    text = _text(run, font)
    if run.direction is Direction.TOP_TO_BOTTOM:
        text += b"[<%04X>]TJ\n" % font.code(" ", _BLANK)
    return b"/F %s Tf %s Tm\n%s" % (number(run.size), place, text)


def _spans(line: Line, across: float, down: float) -> Iterator[_Span]:
    for box in boxes_of(line):
        left, right = box.x * across, (box.x + box.width) * across
        top, bottom = box.y * down, (box.y + box.height) * down
        if line.direction is Direction.TOP_TO_BOTTOM:
            yield _Span(top, bottom, (left + right) / 2, right - left)
        elif line.direction is Direction.RIGHT_TO_LEFT:
            yield _Span(-right, -left, (top + bottom) / 2, bottom - top)
        else:
            yield _Span(left, right, (top + bottom) / 2, bottom - top)


def _forward(spans: list[_Span]) -> list[_Span]:
    """Each a little further than the one before, however boxes lie: what goes back is taken for a new line."""
    found: list[_Span] = []
    for span in spans:
        least = found[-1].start + _DEEPEST_OVERLAP * span.thickness if found else span.start
        start = max(span.start, least)
        found.append(_Span(start, max(span.end, start + 0.01), span.middle, span.thickness))
    return found


def _closed(spans: Sequence[_Span], size: float) -> Iterator[_Span]:
    """Gaps that would be read as blanks are shared out to both sides."""
    gaps = [after.start - span.end for span, after in pairwise(spans)]
    widest = max(size, _UNLIKE * median(gaps)) if gaps else 0.0
    shares = [max(0.0, gap - _WIDEST_GAP * size) / 2 if gap <= widest else 0.0 for gap in gaps]
    for span, before, behind in zip(spans, (0.0, *shares), (*shares, 0.0), strict=True):
        yield _Span(span.start - before, span.end + behind, span.middle, span.thickness)


def _base(spans: Sequence[_Span]) -> tuple[float, float, float]:
    """Size of the run, its slope, and its middle, as `_Run` has them."""
    low = min(span.middle - span.thickness / 2 for span in spans)
    high = max(span.middle + span.thickness / 2 for span in spans)
    typical = median(span.thickness for span in spans)
    starts = [(span.start + span.end) / 2 for span in spans]
    mean, middle = sum(starts) / len(starts), sum(span.middle for span in spans) / len(spans)
    spread = sum((start - mean) ** 2 for start in starts)
    products = sum((start - mean) * (span.middle - middle) for start, span in zip(starts, spans, strict=True))
    slope = products / spread if spread else 0.0
    leaning = abs(slope) * (starts[-1] - starts[0])
    if len(spans) > 3 and abs(slope) < 1 and leaning > _LEANING * typical:
        return max(typical, 0.1), slope, middle - slope * mean
    return max(high - low, 0.1), 0.0, (low + high) / 2


def _text(run: _Run, font: BlankFont) -> bytes:
    """The operator that shows all characters."""
    parts: list[bytes] = []
    at = run.spans[0].start
    for position, (sign, span) in enumerate(zip(run.signs, run.spans, strict=True)):
        after = run.spans[position + 1].start if position + 1 < len(run.spans) else None
        move = round((at - span.start) * 1000 / run.size)
        if abs(move) >= _MOVE_WORTH_TELLING:
            parts.append(b"%d" % move)
            at -= move * run.size / 1000
        code = _code(sign, span, after, run.size, font)
        if parts and parts[-1].startswith(b"<"):
            parts[-1] = parts[-1][:-1] + b"%04X>" % code
        else:
            parts.append(b"<%04X>" % code)
        at += font.width_of(code) * run.size / 1000
    return b"[" + b" ".join(parts) + b"]TJ\n"


def _code(sign: str, span: _Span, after: float | None, size: float, font: BlankFont) -> int:
    wanted, at_least = (span.end - span.start) * 1000 / size, 0.0
    if after is not None:
        pitch = (after - span.start) * 1000 / size
        # What is left of a gap that was closed must not grow by taking a narrower class of widths.
        at_least = pitch - 1000 * _WIDEST_GAP if wanted > pitch - 1001 * _WIDEST_GAP else 0.0
        wanted = min(max(wanted, at_least), pitch + 1000 * _DEEPEST_OVERLAP / 2)
    return font.code(sign, round(wanted), round(at_least))
