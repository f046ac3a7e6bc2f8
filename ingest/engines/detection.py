"""Find lines of text: the probability map of a DB network and the turned rectangles in it.

After Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020 (DB), as PaddleOCR and
RapidOCR use it. Written anew for two reasons: rectangles are enlarged by arithmetic (no polygon library), and corners
are put in order by the rectangle's own axes, where RapidOCR takes the two leftmost points for the left side and so
turns tall narrow rectangles that lean left (RapidOCR #706).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import Picture
from wenyuan.ingest.engines.networks import Network

Quads = NDArray[np.float32]
"""n × 4 × 2: corners in pixels, clockwise on the page, the first one top left."""

_STEP = 32
"""Sides must be multiples of this: the network halves them five times."""
_BAND_PIXELS = 3_300_000
"""How much the network sees at once: bounds the memory of its buffers (docs/decisions/012). A page of the usual size is
seen whole: the network weighs each place against the rest, and misses lines where it sees a part only."""
_PLAIN = 24
"""Grey values between the darkest and the lightest pixel of a band without print: on pure white the network sees text
everywhere."""
_CONTEXT = 96
"""Pixels beyond a band's edges that are seen with it and then dropped."""


@dataclass(frozen=True, slots=True)
class Detector:
    """Finds lines in a picture.

    Attributes:
        inked: probability (of 255) from which a pixel of the map belongs to text.
        sure: mean probability (of 255) that a rectangle must have.
        margin: by how much rectangles grow: area × margin / perimeter (DB's unclip ratio).
        most: rectangles of a page; noise has no end of them.
    """

    network: Network
    inked: int = 76
    sure: int = 127
    margin: float = 1.6
    most: int = 3000

    def find(self, picture: Picture, *, scale: float = 1.0) -> Quads:
        """Lines of a picture, looked at in another size.

        Args:
            scale: of the picture that the network sees to the one given.

        Returns:
            In pixels of the picture given.
        """
        height, width = picture.shape[:2]
        seen = _multiple(width * scale), _multiple(height * scale)
        shrinks = seen[0] < width
        looked_at = cv2.resize(picture, seen, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
        quads = self._rectangles(self._map(np.asarray(looked_at, np.uint8)))
        return quads * np.array([width / seen[0], height / seen[1]], np.float32)

    def _map(self, picture: Picture) -> NDArray[np.uint8]:
        """Probability of text, 0 … 255, for each pixel: band by band, all bands of one height."""
        height, width = picture.shape[:2]
        count = -(-width * height // _BAND_PIXELS)
        if count == 1:
            return self._look(picture)
        band = min(height, _multiple((height + 2 * _CONTEXT * (count - 1)) / count + _STEP))
        chances = np.empty((height, width), np.uint8)
        for number in range(count):
            begin = min(number * (band - 2 * _CONTEXT), height - band)
            part = self._look(picture[begin : begin + band])
            skipped = _CONTEXT if begin else 0
            chances[begin + skipped : begin + band] = part[skipped:]
        return chances

    def _look(self, picture: Picture) -> NDArray[np.uint8]:
        if np.ptp(picture) < _PLAIN:
            return np.zeros(picture.shape[:2], np.uint8)
        return _as_bytes(self.network(_normal(picture))[0, 0])

    def _rectangles(self, chances: NDArray[np.uint8]) -> Quads:
        mask = cv2.dilate((chances > self.inked).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        found = []
        for contour in contours[: self.most]:
            (centre, (along, across), angle) = cv2.minAreaRect(contour)
            if min(along, across) < 3 or _mean_inside(chances, contour) < self.sure:
                continue
            grown = along * across * self.margin / (2 * (along + across))
            found.append(_corners(centre, (along + 2 * grown, across + 2 * grown), angle))
        return np.array(found, np.float32).reshape(-1, 4, 2)


def _multiple(side: float) -> int:
    return max(_STEP, round(side / _STEP) * _STEP)


def _as_bytes(chances: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (chances * 255).astype(np.uint8)


def _normal(picture: Picture) -> NDArray[np.float32]:
    """1 × 3 × height × width, −1 … 1, in the order blue, green, red that the network was trained with."""
    planes = picture[:, :, ::-1].transpose(2, 0, 1).astype(np.float32)
    planes *= 1 / 127.5
    planes -= 1
    return planes[np.newaxis]


def _mean_inside(chances: NDArray[np.uint8], contour: Any) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (left, top)], 1)
    return cv2.mean(chances[top : top + height, left : left + width], mask)[0]


def _corners(centre: Any, size: tuple[float, float], angle: float) -> NDArray[np.float32]:
    """Corners of a turned rectangle, clockwise from the top left one whichever way it leans."""
    return in_order(np.asarray(cv2.boxPoints((centre, size, angle)), np.float32))


def in_order(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Four corners clockwise on the page, beginning with the one nearest the top left.

    The sides are compared by their direction, so a tall narrow box that leans keeps its short side on top. Lines lean
    by less than 45°.
    """
    middle = points.mean(axis=0)
    around = np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))
    points = points[around]
    sides = np.roll(points, -1, axis=0) - points
    # The top side runs to the right; of the four it points most to the right.
    lengths = np.maximum(np.linalg.norm(sides, axis=1), 1e-6)
    return np.roll(points, -int(np.argmax(sides[:, 0] / lengths)), axis=0)
