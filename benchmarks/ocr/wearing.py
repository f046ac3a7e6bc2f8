"""Age and scan a page: what printing, years and a scanner do to it, the same to its picture and its boxes.

`none` is the page as set. `light` is a good scan: a fraction of a degree of skew, toned paper, some grain. `heavy` has
several of: skew and curl towards a fold, uneven light, the other side showing through, ink that spread or broke,
stains, a dark edge, grain, coarse JPEG, 200 dpi or less, 1 bit.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# 8 bit; what OpenCV returns is typed wider than it is.
Grey = NDArray[Any]
Colour = NDArray[Any]
Points = NDArray[np.float64]
Box = tuple[float, float, float, float]
LEVELS = ("none", "light", "heavy")
GRID = 48
"""Points of the net, each way, on which the inverse of a bend is computed."""


@dataclass(frozen=True, slots=True)
class Bend:
    """Where points of the page go: turned about the middle, curled, slanted, scaled."""

    width: int
    height: int
    angle: float = 0
    """Radians, clockwise on the screen."""
    curl: float = 0
    """Pixels that lines bend down (or up) towards the fold at the left or right edge."""
    fold_left: bool = True
    wave: float = 0
    """Pixels by which columns swing to the side on their way down."""
    keystone: float = 0
    """How much wider the foot is than the head, as a share."""
    scale: float = 1

    def __call__(self, x: Points, y: Points) -> tuple[Points, Points]:
        """Points of the set page → points of the scan."""
        across, down = x / self.width, y / self.height
        from_fold = across if self.fold_left else 1 - across
        y = y + self.curl * np.exp(-4 * from_fold) * (1 - 2 * down * 0.5)
        x = x + self.wave * np.sin(math.pi * down) + self.keystone * (across - 0.5) * (down - 0.5) * self.width
        middle_x, middle_y = self.width / 2, self.height / 2
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        right, below = x - middle_x, y - middle_y
        return (
            (middle_x + right * cos - below * sin) * self.scale,
            (middle_y + right * sin + below * cos) * self.scale,
        )

    def picture(self, picture: Grey) -> Grey:
        """The same bend of a picture."""
        width, height = round(self.width * self.scale), round(self.height * self.scale)
        goal_x, goal_y = np.meshgrid(np.linspace(0, width, GRID), np.linspace(0, height, GRID))
        x, y = goal_x / self.scale, goal_y / self.scale
        for _ in range(6):
            there_x, there_y = self(x, y)
            x, y = x + (goal_x - there_x) / self.scale, y + (goal_y - there_y) / self.scale
        # Corners of the net are corners of the picture, pixel centres lie half a step inside.
        columns, rows = (np.arange(width) + 0.5) * (GRID - 1) / width, (np.arange(height) + 0.5) * (GRID - 1) / height
        net = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
        map_x = cv2.remap(x.astype(np.float32), *net, cv2.INTER_LINEAR) - 0.5
        map_y = cv2.remap(y.astype(np.float32), *net, cv2.INTER_LINEAR) - 0.5
        if self.scale < 1:
            picture = cv2.GaussianBlur(picture, (0, 0), 0.4 / self.scale)
        return cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=255)


def bend(wear: str, draw: random.Random, width: int, height: int, *, smallest: float) -> Bend:
    """How a page of this size lies in the scan.

    Args:
        smallest: size of its smallest print in pixels: what is already small is not scanned coarsely.
    """
    if wear == "none":
        return Bend(width, height)
    if wear == "light":
        return Bend(width, height, angle=math.radians(draw.gauss(0, 0.25)), keystone=draw.gauss(0, 0.002))
    scale = 1.0
    if smallest > 34 and draw.random() < 0.35:
        scale = max(draw.choice((0.5, 0.67, 0.8)), 22 / smallest)
    return Bend(
        width,
        height,
        angle=math.radians(max(-2.2, min(2.2, draw.gauss(0, 0.9)))),
        curl=draw.gauss(0, 0.006) * height if draw.random() < 0.6 else 0,
        fold_left=draw.random() < 0.5,
        wave=draw.gauss(0, 0.003) * width if draw.random() < 0.6 else 0,
        keystone=draw.gauss(0, 0.006),
        scale=scale,
    )


def aged(ink: Grey, wear: str, draw: random.Random, *, smallest: float) -> Colour:
    """Print the ink on paper and scan it.

    Args:
        ink: height × width, black on white, already bent.
        smallest: size of the smallest print in pixels; wear stays legible.

    Returns:
        height × width × 3, 8-bit RGB, as a reader of the JPEG would see it.
    """
    if wear == "none":
        return cv2.cvtColor(ink, cv2.COLOR_GRAY2RGB)
    noise = np.random.default_rng(draw.getrandbits(32))
    heavy = wear == "heavy"
    ink = _inked(ink, draw, noise, heavy=heavy, smallest=smallest)
    if heavy and draw.random() < 0.18:
        return _one_bit(ink, draw, noise)
    height, width = ink.shape
    light = _light(width, height, draw, noise, heavy=heavy)
    if heavy and draw.random() < 0.6:
        other = cv2.GaussianBlur(np.ascontiguousarray(ink[:, ::-1]), (0, 0), draw.uniform(2, 5))
        shown = draw.uniform(0.05, 0.22)
        light = cv2.multiply(light, cv2.LUT(other, _share(1 - shown)), scale=1 / 255)
    black = draw.randint(25, 70) if not heavy else draw.randint(40, 110)
    printed = cv2.multiply(light, cv2.LUT(ink, _share(black / 255)), scale=1 / 255)
    lens = draw.uniform(0.4, 0.7) if not heavy else draw.uniform(0.6, 1.3) * min(1.0, smallest / 36)
    printed = cv2.GaussianBlur(printed, (0, 0), lens)
    if heavy and draw.random() < 0.4:
        _edge(printed, draw)
    grain = noise.normal(0, draw.uniform(2, 4) if not heavy else draw.uniform(4, 12), (700, 700)).astype(np.int16)
    tiled = np.tile(grain, (height // 700 + 1, width // 700 + 1))[:height, :width]
    grey = np.clip(printed.astype(np.int16) + tiled, 0, 255).astype(np.uint8)
    tone = draw.choice(((1.0, 1.0, 1.0), (1.0, 0.97, 0.9), (1.0, 0.94, 0.8), (0.98, 0.9, 0.72)))
    coloured = cv2.merge([cv2.LUT(grey, (np.arange(256) * part).astype(np.uint8)) for part in tone])
    quality = draw.randint(82, 92) if not heavy else draw.randint(38, 70)
    packed = cv2.imencode(".jpg", coloured[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    read: Colour | None = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert read is not None
    return read[:, :, ::-1]


def _share(darkest: float) -> Grey:
    """A table that maps black to `darkest` and leaves white."""
    return (255 * (darkest + (1 - darkest) * np.arange(256) / 255)).astype(np.uint8)


def _blotches(width: int, height: int, cells: int, noise: np.random.Generator) -> Grey:
    small = noise.integers(0, 256, (max(2, cells * height // max(width, 1)), max(2, cells)), dtype=np.uint8)
    spread: Grey = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return spread


def _inked(ink: Grey, draw: random.Random, noise: np.random.Generator, *, heavy: bool, smallest: float) -> Grey:
    """Ink that spread, or did not take everywhere."""
    height, width = ink.shape
    # A stroke of small print is 2 to 3 pixels: a wider blur and a lower edge would leave nothing of it to read.
    fine = min(1.4, smallest / 40)
    soft = cv2.GaussianBlur(ink, (0, 0), 0.7 * fine if not heavy else draw.uniform(0.6, 1.0) * fine)
    swing = 10 if not heavy else draw.randint(10, 30)
    middle = draw.randint(140, 175) if not heavy else draw.randint(150, 222)
    uneven = _blotches(width, height, 40, noise).astype(np.int16) - 128
    ragged = np.tile(noise.integers(-14, 15, (512, 512), dtype=np.int16), (height // 512 + 1, width // 512 + 1))
    edge = middle + uneven * swing // 128 + (ragged[:height, :width] if heavy else 0)
    hard: Grey = np.clip((soft.astype(np.int16) - edge) * 4 + 128, 0, 255).astype(np.uint8)
    if heavy and draw.random() < 0.4:
        worn = cv2.resize(noise.integers(0, 256, (height // 2, width // 2), dtype=np.uint8), (width, height))
        hard = np.maximum(hard, np.where(worn > draw.randint(208, 235), 210, 0).astype(np.uint8))
    return hard


def _light(width: int, height: int, draw: random.Random, noise: np.random.Generator, *, heavy: bool) -> Grey:
    """Paper and lamp: the brightness of every unprinted point."""
    paper = draw.randint(225, 250) if not heavy else draw.randint(165, 240)
    light = np.full((height // 8, width // 8), paper, np.float32)
    down, right = np.mgrid[0 : height // 8, 0 : width // 8].astype(np.float32)
    angle = draw.uniform(0, 2 * math.pi)
    slope = (right / width * 8 - 0.5) * math.cos(angle) + (down / height * 8 - 0.5) * math.sin(angle)
    light += slope * (8 if not heavy else draw.uniform(20, 90))
    if heavy and draw.random() < 0.5:
        fold = right if draw.random() < 0.5 else width / 8 - right
        light -= draw.uniform(40, 110) * np.exp(-fold / (width / 8) * draw.uniform(8, 20))
    for _ in range(draw.randint(0, 4) if heavy else 0):
        x, y, wide = draw.uniform(0, width / 8), draw.uniform(0, height / 8), draw.uniform(20, 80)
        light -= draw.uniform(10, 35) * np.exp(-((right - x) ** 2 + (down - y) ** 2) / (2 * wide**2))
    light += (_blotches(width // 8, height // 8, 30, noise).astype(np.float32) - 128) / 128 * (2 if not heavy else 6)
    return cv2.resize(np.clip(light, 20, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)


def _edge(printed: Grey, draw: random.Random) -> None:
    """The black bed of the scanner beside the page."""
    width = printed.shape[1]
    wide = round(draw.uniform(0.005, 0.02) * width)
    if draw.random() < 0.5:
        printed[:, :wide] = draw.randint(15, 45)
    else:
        printed[:, width - wide :] = draw.randint(15, 45)


def _one_bit(ink: Grey, draw: random.Random, noise: np.random.Generator) -> Colour:
    height, width = ink.shape
    specks = noise.random((height, width), dtype=np.float32)
    share = draw.uniform(0.0002, 0.002)
    edge = draw.randint(100, 160)
    grey = np.where(ink > edge, 255, 0).astype(np.uint8)
    grey[specks < share] = 0
    grey[specks > 1 - share] = 255
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def bent_boxes(boxes: Sequence[Box], bent: Bend) -> list[Box]:
    """Where boxes lie after the bend, upright again."""
    if not boxes:
        return []
    corners = np.array(boxes, np.float64)
    x = corners[:, [0, 2, 2, 0]]
    y = corners[:, [1, 1, 3, 3]]
    there_x, there_y = bent(x, y)
    # The box of a turned square is larger than the square: keep its size, as the corpus does.
    middle_x, middle_y = there_x.mean(1), there_y.mean(1)
    half_width = (corners[:, 2] - corners[:, 0]) / 2 * bent.scale
    half_height = (corners[:, 3] - corners[:, 1]) / 2 * bent.scale
    found = np.stack([middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height], 1)
    return [tuple(row) for row in found.round(1).tolist()]
