"""A sheet that remembers where every character was put."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import Image, ImageChops, ImageDraw

from .fonts import covered, pen

# Share of the em that lies above the baseline in CJK fonts (OpenType "ideo" box).
ABOVE_BASELINE = 0.88


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; right and bottom are outside."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Glyph:
    """One character and the box of its ink."""

    char: str
    box: Box


@dataclass
class Line:
    """Characters that stand in one row or one column."""

    glyphs: list[Glyph] = field(default_factory=list)


@dataclass
class Block:
    """Lines that belong together, in reading order."""

    lines: list[Line] = field(default_factory=list)
    vertical: bool = True
    furniture: bool = False


@dataclass(frozen=True)
class Stroke:
    """How a character is put on the sheet."""

    font: str
    size: int
    stretch: tuple[float, float] = (1.0, 1.0)
    weight: int = 0
    upright: bool = True


def around(boxes: list[Box]) -> Box:
    """Return the smallest box that holds all of them."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


class Sheet:
    """White paper: a mask of ink, and the text blocks put on it."""

    def __init__(self, width: int, height: int) -> None:
        """Start with an empty sheet of that many pixels."""
        self.width = width
        self.height = height
        self.ink = Image.new("L", (width, height), 0)
        self.blocks: list[Block] = []

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """A brush for rules and figures."""
        return ImageDraw.Draw(self.ink)

    def block(self, *, vertical: bool = True, furniture: bool = False) -> Block:
        """Begin a text block; its order is the reading order."""
        made = Block(vertical=vertical, furniture=furniture)
        self.blocks.append(made)
        return made

    def stamp(self, char: str, x: float, y: float, stroke: Stroke, tilt: float = 0.0) -> Glyph:
        """Put one character with the middle of its em at x, y.

        Raises:
            ValueError: the font has no such character.
        """
        if ord(char) not in covered(stroke.font):
            raise ValueError(f"{stroke.font} cannot draw {char} (U+{ord(char):04X})")
        piece = _piece(char, stroke, tilt)
        left = round(x - piece.width / 2)
        top = round(y - piece.height / 2)
        frame = (left, top, left + piece.width, top + piece.height)
        self.ink.paste(ImageChops.lighter(self.ink.crop(frame), piece), (left, top))
        seen = piece.point(lambda value: 255 if value > 60 else 0).getbbox()
        inside = seen or (0, 0, piece.width, piece.height)
        return Glyph(
            char,
            Box(left + inside[0], top + inside[1], left + inside[2], top + inside[3]),
        )

    def walk(self) -> Iterator[Glyph]:
        """Give every character in reading order."""
        for block in self.blocks:
            for line in block.lines:
                yield from line.glyphs


def _piece(char: str, stroke: Stroke, tilt: float) -> Image.Image:
    """Draw one character alone, its em in the middle."""
    size = stroke.size
    side = round(size * 1.5) // 2 * 2
    piece = Image.new("L", (side, side), 0)
    font = pen(stroke.font, size)
    x = (side - font.getlength(char)) / 2
    y = side / 2 + size * (ABOVE_BASELINE - 0.5)
    features = None if stroke.upright else ["vert"]
    ImageDraw.Draw(piece).text((x, y), char, 255, font, "ls", features=features, stroke_width=stroke.weight)
    if stroke.stretch != (1.0, 1.0):
        wide = round(side * stroke.stretch[0]), round(side * stroke.stretch[1])
        piece = piece.resize(wide, Image.Resampling.BICUBIC)
    if tilt:
        piece = piece.rotate(tilt, Image.Resampling.BICUBIC)
    return piece


def turned(box: Box, degrees: float, width: int, height: int) -> Box:
    """Return the upright box around a box turned with the whole page.

    The turn is that of PIL.Image.rotate: counter-clockwise about the middle.
    """
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    points = []
    for x in (box.left, box.right):
        for y in (box.top, box.bottom):
            dx, dy = x - width / 2, y - height / 2
            points.append(
                (
                    width / 2 + dx * cosine + dy * sine,
                    height / 2 - dx * sine + dy * cosine,
                )
            )
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs), min(ys), max(xs), max(ys))
