"""Read the lines that were found: cut out, run through the recogniser, decoded with the place of each character.

The recogniser (SVTR with CTC; Graves et al. 2006) gives for each step along the line a probability of each character
and of "none". Columns are turned on their side for it, as it was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from wenyuan.ingest.engines import scripts
from wenyuan.ingest.engines.detection import Quads
from wenyuan.ingest.engines.engine import Choice, FoundGlyph, FoundLine, Picture
from wenyuan.ingest.engines.marks import BESIDE, Mark, MarkClasses, in_column, marks_between
from wenyuan.ingest.engines.networks import Network, Tensor

HEIGHT = 48
"""Pixels: how high the recogniser sees every line."""
_LEAST_WIDTH = 320
"""Pixels: shorter lines are padded to this, as in training."""
_MOST_WIDTH = 3200
_WIDTH_STEP = 64
"""Widths are rounded up to this, so that a back end prepares few sizes."""
_TALL = 1.5
"""From this height to width on, a box is a column (PaddleOCR's figure)."""
_ALTERNATIVE = 0.03
"""Least probability of another character that is worth keeping."""
_ALTERNATIVES = 3
_BLUR = 1.0
"""Pixels of the page, standard deviation."""
_BLUR_SHARE = 0.035
"""At most this part of a line's thickness."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recogniser made of one line.

    Attributes:
        text: characters.
        spans: for each the steps where it was seen, as begin and end in shares of the line's length (0 … 1).
        marks: those of a column that stand between the characters.
    """

    text: tuple[str, ...]
    spans: tuple[tuple[float, float], ...]
    confidences: tuple[float, ...]
    alternatives: tuple[tuple[Choice, ...], ...]
    marks: tuple[Mark, ...] = ()

    @property
    def confidence(self) -> float:
        """Mean of its characters', marks of columns left out; 0 for an empty line."""
        return sum(self.confidences) / len(self.confidences) if self.confidences else 0.0

    @property
    def with_marks(self) -> Reading:
        """The same with its marks among the characters."""
        text, spans = list(self.text), list(self.spans)
        confidences, alternatives = list(self.confidences), list(self.alternatives)
        for mark in reversed(self.marks):
            text.insert(mark.at, mark.text)
            spans.insert(mark.at, mark.span)
            confidences.insert(mark.at, mark.confidence)
            alternatives.insert(mark.at, mark.alternatives)
        return Reading(tuple(text), tuple(spans), tuple(confidences), tuple(alternatives))


@dataclass(frozen=True, slots=True)
class _Strip:
    """A line cut out of the page.

    Attributes:
        line: from left to right; a column laid on its left side.
        wide: of a column, with the paper on its right side at the top.
    """

    line: Picture
    wide: Picture | None = None


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads lines of a picture."""

    network: Network
    alphabet: tuple[str, ...]
    """By class number; 0 is "none"."""
    marks: MarkClasses | None = None
    """Of the alphabet; None: marks of columns are not looked for."""
    allowed: Tensor | None = field(default=None, compare=False)
    """For each class 1, or 0 where it cannot be what is printed; None: any can."""

    def restricted(self, languages: Sequence[str]) -> LineReader:
        """The reader for pages in these languages (BCP 47); the same one where they leave nothing out."""
        out = scripts.not_in(languages)
        if out is None:
            return self
        allowed = np.array([out.search(character) is None for character in self.alphabet], np.float32)
        return replace(self, allowed=allowed)

    def read(self, picture: Picture, quads: Quads) -> list[FoundLine]:
        """Text and glyphs of lines; those in which nothing is read are left out."""
        return [line for line in self.read_all(picture, quads) if line.glyphs]

    def read_all(self, picture: Picture, quads: Quads) -> list[FoundLine]:
        """One line for each box, without glyphs where nothing is read."""
        upright = [is_column(quad) for quad in quads]
        readings = self.read_strips([_strip(picture, q, tall) for q, tall in zip(quads, upright, strict=True)])
        return [_placed(q, tall, reading) for q, tall, reading in zip(quads, upright, readings, strict=True)]

    def read_strips(self, strips: Sequence[_Strip]) -> list[Reading]:
        """Text of pictures of one line each, in the order given."""
        sizes = [strip.line.shape for strip in strips]
        shares = [min(_MOST_WIDTH, max(1, round(HEIGHT * size[1] / size[0]))) for size in sizes]
        readings: dict[int, Reading] = {}
        # One by one: more at once is no faster on a processor, and takes memory. By width: like sizes together.
        for number in sorted(range(len(strips)), key=lambda k: shares[k]):
            width = max(_LEAST_WIDTH, -(-shares[number] // _WIDTH_STEP) * _WIDTH_STEP)
            line = np.zeros((1, 3, HEIGHT, width), np.float32)
            _fill(line[0], strips[number].line, shares[number])
            answer, filled = self.network(line)[0], shares[number] / width
            if self.allowed is not None:
                answer = answer * self.allowed
            reading = self._decode(answer, filled)
            readings[number] = self._column(reading, answer, filled, strips[number].wide)
        return [readings[number] for number in range(len(strips))]

    def _decode(self, answer: Tensor, filled: float) -> Reading:
        """CTC, the best class of each step; runs of one class are one character.

        Args:
            answer: steps × classes, probabilities.
            filled: share of the steps that the line takes; the rest is padding.
        """
        best = answer.argmax(axis=1)
        edges = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
        steps = max(1.0, len(best) * filled)
        text, spans, confidences, alternatives = [], [], [], []
        for begin, end in pairwise(edges.tolist()):
            if best[begin] == 0:
                continue
            chances = answer[begin:end, best[begin]]
            peak = begin + int(chances.argmax())
            text.append(self.alphabet[best[begin]])
            spans.append((min(1.0, begin / steps), min(1.0, end / steps)))
            confidences.append(float(chances.max()))
            alternatives.append(self._others(answer[peak]))
        return Reading(tuple(text), tuple(spans), tuple(confidences), tuple(alternatives))

    def _column(self, reading: Reading, answer: Tensor, filled: float, wide: Picture | None) -> Reading:
        """The reading with the marks of a column; of a level line, as it is."""
        if self.marks is None or wide is None:
            return reading
        marks = marks_between(reading.spans, answer, filled, wide, self.marks)
        return replace(reading, text=in_column(reading.text), marks=tuple(marks))

    def _others(self, chances: Tensor) -> tuple[Choice, ...]:
        if chances.max() > 1 - _ALTERNATIVE:
            return ()
        likely = np.flatnonzero(chances > _ALTERNATIVE)
        ranked = sorted(likely.tolist(), key=lambda number: -chances[number])
        kept = [number for number in ranked[1:] if number][:_ALTERNATIVES]
        return tuple(Choice(self.alphabet[number], float(chances[number])) for number in kept)


def is_column(quad: NDArray[np.float32]) -> bool:
    """Whether a line's box is so tall that its characters must follow each other downwards."""
    width, height = _sides(quad)
    return height >= _TALL * width


def cut_out(picture: Picture, quad: NDArray[np.float32], *, beside: float = 0.0) -> Picture:
    """The inside of a turned rectangle, made level.

    Args:
        beside: so much of its width more on its right side.
    """
    width, height = (max(1, round(side)) for side in _sides(quad))
    target = np.array([[0, 0], [width, 0], [width, height]], np.float32)
    turn = cv2.getAffineTransform(quad[:3].astype(np.float32), target)
    size = (width + round(beside * width), height)
    strip = cv2.warpAffine(picture, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def _strip(picture: Picture, quad: NDArray[np.float32], tall: bool) -> _Strip:
    if not tall:
        return _Strip(cut_out(picture, quad))
    wide = cut_out(picture, quad, beside=BESIDE)
    width = max(1, round(_sides(quad)[0]))
    return _Strip(np.rot90(wide[:, :width]), np.rot90(wide))


def _sides(quad: NDArray[np.float32]) -> tuple[float, float]:
    return float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))


def _fill(target: Tensor, strip: Picture, width: int) -> None:
    shrinks = strip.shape[0] > HEIGHT
    # Grain of paper and film misleads the recogniser more than a little blur does: a third fewer errors on worn print
    # of 25 pixels, none more on clean pages (docs/recognition.md).
    smooth = cv2.GaussianBlur(strip, (0, 0), min(_BLUR, _BLUR_SHARE * strip.shape[0]))
    seen = cv2.resize(smooth, (width, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    target[:, :, :width] = seen[:, :, ::-1].transpose(2, 0, 1)
    target[:, :, :width] *= 1 / 127.5
    target[:, :, :width] -= 1


def _placed(quad: NDArray[np.float32], tall: bool, reading: Reading) -> FoundLine:
    """The reading with boxes on the page."""
    origin, right, down = quad[0], quad[1] - quad[0], quad[3] - quad[0]
    along, across = (down, right) if tall else (right, down)
    thickness = float(np.linalg.norm(across)) / max(1e-6, float(np.linalg.norm(along)))
    glyphs = []
    whole = reading.with_marks
    for position, (begin, end) in enumerate(_cells(whole.spans, thickness)):
        corners = origin + np.outer((begin, end, begin, end), along) + np.outer((0, 0, 1, 1), across)
        (left, top), (rightmost, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        confidence, others = whole.confidences[position], whole.alternatives[position]
        box = (left, top, rightmost, bottom)
        glyphs.append(FoundGlyph(whole.text[position], box, confidence, others))
    corners4 = tuple((float(x), float(y)) for x, y in quad)
    return FoundLine((corners4[0], corners4[1], corners4[2], corners4[3]), tuple(glyphs), tall, reading.confidence)


def _cells(spans: Sequence[tuple[float, float]], thickness: float) -> list[tuple[float, float]]:
    """From where a character was seen to the room that it takes: half way to its neighbours, at most one em.

    Args:
        thickness: of the line, as a share of its length; an em is a little less.
    """
    middles = [(begin + end) / 2 for begin, end in spans]
    half = thickness * 0.5
    cells = []
    for number, middle in enumerate(middles):
        before = (middles[number - 1] + middle) / 2 if number else 0.0
        after = (middle + middles[number + 1]) / 2 if number + 1 < len(middles) else 1.0
        cells.append((max(before, middle - half, 0.0), min(after, middle + half, 1.0)))
    return cells
