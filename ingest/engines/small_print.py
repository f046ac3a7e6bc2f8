"""Small print inside columns: double small notes (夹注), and print that grows smaller half way down.

A detector sees a column with notes as one line; the recogniser then skips the notes or reads a pair of them as one
character. Both can be seen in its answer: ink that no character stands for, or characters it is not sure of. Such a
stretch of a column is read again in other ways (its halves right and left, or only as wide as its ink), and
what reads best is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median_low

import cv2
import numpy as np
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine, Look, Picture
from wenyuan.ingest.engines.line_reading import LineReader, cut_out
from wenyuan.repo.chinese import is_han

_EM = 32
"""Pixels: the width in which a stretch is looked at."""
_INK = 0.3
"""Between paper (0) and the darkest (1): from here on it is ink."""
_CENTRE = (11, 22)
"""Where the paper between two notes may run, of 32."""
_CLEAR = 0.12
"""Share of its height that may be inked in the paper between two notes: grain, a stroke that touches."""
_NARROW = 0.75
"""Small print takes at most this share of the column's width."""
_WEAK = 0.85
"""Characters below are looked at again."""
_GAP = 1.65
"""Characters stand this many times their usual distance apart where something between them was not read."""
_GAP_AT_END = 2.2
"""Likewise from the ends of a column, where boxes are less exact."""
_LEAST = 0.7
"""In characters of the column: shorter stretches hold no note."""
_BLOCK = 0.6
"""Least height to width of a pair of notes that stands alone: two characters beside two."""
_BETTER = 0.25
"""By how much another reading must be better, in the sum of confidences over one half."""

_Quad = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a column: from and to in shares of its length, and the numbers of the glyphs it holds."""

    begin: float
    end: float
    first: int
    after: int


def look_again(picture: Picture, lines: Sequence[FoundLine], reader: LineReader) -> list[FoundLine]:
    """The lines, columns parted where small print was found in them."""
    tries: list[tuple[int, _Stretch, list[_Quad]]] = []
    for number, line in enumerate(lines):
        quad = np.array(line.quad, np.float32)
        for stretch in _stretches(line, quad):
            tries += [(number, stretch, way) for way in _ways(picture, quad, stretch)]
    quads = [quad for _, _, way in tries for quad in way]
    if not quads:
        return list(lines)
    read = iter(reader.read_all(picture, np.array(quads, np.float32)))
    best: dict[tuple[int, _Stretch], list[FoundLine]] = {}
    for number, stretch, way in tries:
        found = [line for line in (next(read) for _ in way) if line.glyphs]
        before = best.get((number, stretch))
        now = before or [replace(lines[number], glyphs=lines[number].glyphs[stretch.first : stretch.after])]
        # One character on either side is one wide character taken apart, 睛 as 日 and 青.
        enough = sum(len(line.glyphs) for line in found) > len(way)
        if enough and _worth(found) > _worth(now) + (0.0 if before else _BETTER):
            best[number, stretch] = [replace(line, look=Look.PARTED) for line in found]
    return [part for number, line in enumerate(lines) for part in _parted(line, _of(best, number))]


def _of(best: dict[tuple[int, _Stretch], list[FoundLine]], number: int) -> list[tuple[_Stretch, list[FoundLine]]]:
    return sorted(((s, found) for (n, s), found in best.items() if n == number), key=lambda pair: pair[0].begin)


def _worth(lines: Sequence[FoundLine]) -> float:
    """Marks and strokes of marks read as Latin letters gain nothing, but cost."""
    glyphs = [glyph for line in lines for glyph in line.glyphs]
    return sum(g.confidence - 0.5 if is_han(g.text) else -0.1 for g in glyphs)


def _stretches(line: FoundLine, quad: _Quad) -> list[_Stretch]:
    """What is to be looked at again: unread gaps and weak characters, neighbours together."""
    if not line.vertical:
        is_block = line.confidence < _WEAK and _length(quad) >= _BLOCK * np.linalg.norm(quad[1] - quad[0])
        return [_Stretch(0.0, 1.0, 0, len(line.glyphs))] if is_block and line.glyphs else []
    if not line.glyphs:
        return []
    length, em = _length(quad), float(np.linalg.norm(quad[1] - quad[0]))
    middles = [_along(glyph, quad) for glyph in line.glyphs]
    steps = [after - before for before, after in pairwise(middles)]
    pitch = max(median_low(steps), 0.6 * em / length) if steps else em / length
    places = [-pitch / 2, *middles, 1 + pitch / 2]
    found: list[_Stretch] = []
    for number, (before, after) in enumerate(pairwise(places)):
        at_an_end = number in (0, len(middles))
        if after - before > (_GAP_AT_END if at_an_end else _GAP) * pitch:
            found.append(_Stretch(before + pitch / 2, after - pitch / 2, number, number))
        if number < len(middles) and line.glyphs[number].confidence < _WEAK:
            begin, end = (before + after) / 2, (after + places[number + 2]) / 2
            found.append(_Stretch(max(begin, after - pitch), min(end, after + pitch), number, number + 1))
    return [s for s in _together(found, 0.3 * pitch) if s.end - s.begin >= _LEAST * pitch]


def _together(stretches: list[_Stretch], near: float) -> list[_Stretch]:
    joined: list[_Stretch] = []
    for stretch in stretches:
        if joined and stretch.begin - joined[-1].end <= near:
            last = joined[-1]
            joined[-1] = _Stretch(last.begin, max(last.end, stretch.end), last.first, max(last.after, stretch.after))
        else:
            joined.append(stretch)
    return joined


def _ways(picture: Picture, quad: _Quad, stretch: _Stretch) -> Iterator[list[_Quad]]:
    """Other ways to see a stretch: the boxes to be read in place of it."""
    begin, end = max(0.0, stretch.begin), min(1.0, stretch.end)
    right, down = quad[1] - quad[0], quad[3] - quad[0]
    piece = np.array([quad[0] + down * begin, quad[1] + down * begin, quad[1] + down * end, quad[0] + down * end])
    strip = cut_out(picture, piece)
    if min(strip.shape[:2]) < 8:
        return
    height = max(4, round(strip.shape[0] * _EM / strip.shape[1]))
    ink = _ink(np.asarray(cv2.resize(strip, (_EM, height), interpolation=cv2.INTER_AREA), np.uint8))
    whole = _trimmed(ink, 0, _EM)
    if whole is None:
        return

    def placed(box: tuple[float, float, float, float]) -> _Quad:
        left, top, rightmost, bottom = box
        corners = ((left, top), (rightmost, top), (rightmost, bottom), (left, bottom))
        return np.array([piece[0] + right * x + down * (end - begin) * y for x, y in corners], np.float32)

    if whole[2] - whole[0] <= _NARROW and _is_long(whole, len(ink)):
        yield [placed(whole)]
    gap = _CENTRE[0] + int(ink.mean(axis=0)[_CENTRE[0] : _CENTRE[1]].argmin())
    halves = [_trimmed(ink, gap, _EM), _trimmed(ink, 0, gap)]
    if ink[:, gap].mean() <= _CLEAR and any(half is not None and _is_long(half, len(ink)) for half in halves):
        yield [placed(half) for half in halves if half is not None]


def _is_long(box: tuple[float, float, float, float], high: int) -> bool:
    """Whether it has room for two characters, one below the other: a single one is a mark, or part of a character."""
    return (box[3] - box[1]) * high >= 1.4 * (box[2] - box[0]) * _EM


def _ink(strip: Picture) -> NDArray[np.bool_]:
    """Where there is ink."""
    grey = cv2.GaussianBlur(cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY), (0, 0), 0.7).astype(np.float32)
    paper = float(np.percentile(grey, 90))
    dark = max(12.0, paper - float(np.percentile(grey, 2)))
    return np.asarray(paper - grey > _INK * dark)


def _trimmed(ink: NDArray[np.bool_], left: int, right: int) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of the ink between two columns, with a margin, in shares; None where there is none."""
    part = ink[:, left:right]
    # A printed line along the edge, or grain, is not print.
    columns = np.flatnonzero((part.mean(axis=0) > 0.04) & (part.mean(axis=0) < 0.9))
    rows = np.flatnonzero(part.any(axis=1))
    if len(columns) < 4 or len(rows) < 4:
        return None
    high = len(ink)
    return (
        max(left - 1.0, left + columns[0] - 2.0, 0) / _EM,
        max(0.0, rows[0] - 1.5) / high,
        min(right + 1.0, left + columns[-1] + 3.0, _EM) / _EM,
        min(high, rows[-1] + 2.5) / high,
    )


def _parted(line: FoundLine, found: list[tuple[_Stretch, list[FoundLine]]]) -> Iterator[FoundLine]:
    """The column's own glyphs before, between and after the stretches, and what was read in their place."""
    begin, first = 0.0, 0
    for stretch, lines in found:
        yield from _slice(line, begin, stretch.begin, line.glyphs[first : stretch.first])
        yield from lines
        begin, first = stretch.end, stretch.after
    yield from _slice(line, begin, 1.0, line.glyphs[first:])


def _slice(line: FoundLine, begin: float, end: float, glyphs: tuple[FoundGlyph, ...]) -> Iterator[FoundLine]:
    if len(glyphs) == len(line.glyphs):
        yield line
    elif glyphs:
        quad = np.array(line.quad, np.float32)
        down = quad[3] - quad[0]
        corners = [quad[0] + down * begin, quad[1] + down * begin, quad[1] + down * end, quad[0] + down * end]
        one, two, three, four = ((float(x), float(y)) for x, y in corners)
        confidence = sum(glyph.confidence for glyph in glyphs) / len(glyphs)
        yield FoundLine((one, two, three, four), glyphs, line.vertical, confidence)


def _length(quad: _Quad) -> float:
    return max(1e-6, float(np.linalg.norm(quad[3] - quad[0])))


def _along(glyph: FoundGlyph, quad: _Quad) -> float:
    down = quad[3] - quad[0]
    return float(np.dot(np.array(glyph.centre) - (quad[0] + quad[1]) / 2, down) / np.dot(down, down))
