"""What stands on a made page: lines of characters in reading order, printed rules, pictures.

Everything is in pixels of the page, x to the right, y down. A character's box is its cell (the em square for Han),
not its ink, as in the ground truth of `../shared/corpus/ocr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from benchmarks.ocr.typefaces import Face

Box = tuple[float, float, float, float]


class Role(StrEnum):
    """What a line is for."""

    BODY = "body"
    HEADLINE = "headline"
    CAPTION = "caption"
    NOTE = "note"
    """Double small notes inside a column."""
    FURNITURE = "furniture"
    """Running heads, page numbers, the fold of a leaf: what text of a page leaves out."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character and its cell."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return self.x0, self.y0, self.x1, self.y1


@dataclass(frozen=True, slots=True)
class Line:
    """A line or column, its characters in reading order."""

    glyphs: tuple[Glyph, ...]
    vertical: bool
    role: Role
    face: Face
    size: float
    white: bool = False
    """White on black."""

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(glyph.char for glyph in self.glyphs)

    @property
    def box(self) -> Box:
        """What its cells cover."""
        return (
            min(glyph.x0 for glyph in self.glyphs),
            min(glyph.y0 for glyph in self.glyphs),
            max(glyph.x1 for glyph in self.glyphs),
            max(glyph.y1 for glyph in self.glyphs),
        )


@dataclass(frozen=True, slots=True)
class Stroke:
    """A printed rule from one point to another."""

    x0: float
    y0: float
    x1: float
    y1: float
    thickness: float


@dataclass(slots=True)
class Sheet:
    """A page in the making. The order in which lines are added is the order in which they are read."""

    width: int
    height: int
    lines: list[Line] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    black: list[Box] = field(default_factory=list)
    writing: str = "horizontal"
    """Direction of most of the text."""

    def across(
        self,
        text: str,
        x: float,
        y: float,
        face: Face,
        size: float,
        *,
        step: float = 0,
        role: Role = Role.BODY,
        right_to_left: bool = False,
        white: bool = False,
    ) -> float:
        """Set one line from left to right, or with `x` its right edge from right to left.

        Args:
            x: where the line begins.
            y: its top.
            step: from one Han character to the next; 0: `size`. Latin letters take their own width.

        Returns:
            Where the next character would begin.
        """
        glyphs = []
        for char in text:
            advance = face.advance(char, size) if ord(char) < FIRST_WIDE else (step or size)
            cell = min(advance, size) if ord(char) >= FIRST_WIDE else advance
            if char not in BLANK:
                left = x - cell if right_to_left else x
                glyphs.append(Glyph(char, left, y, left + cell, y + size))
            elif char == " " and glyphs:
                glyphs.append(Glyph(char, x, y, x + cell, y + size))
            x += -advance if right_to_left else advance
        while glyphs and glyphs[-1].char == " ":
            glyphs.pop()
        if glyphs:
            self.lines.append(Line(tuple(glyphs), False, role, face, size, white))
        return x

    def down(
        self,
        text: str,
        centre: float,
        y: float,
        face: Face,
        size: float,
        *,
        step: float = 0,
        role: Role = Role.BODY,
        white: bool = False,
    ) -> float:
        """Set one column from the top.

        Args:
            centre: x of its middle.
            y: its top.

        Returns:
            Where the next character would begin.
        """
        step = step or size
        glyphs = []
        for char in text:
            if char not in BLANK and char != " ":
                glyphs.append(Glyph(char, centre - size / 2, y, centre + size / 2, y + size))
            y += step
        if glyphs:
            self.lines.append(Line(tuple(glyphs), True, role, face, size, white))
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float, thickness: float = 2) -> None:
        """Print a straight rule."""
        self.strokes.append(Stroke(x0, y0, x1, y1, thickness))

    def frame(self, box: Box, thickness: float = 2) -> None:
        """Print a box of four rules."""
        x0, y0, x1, y1 = box
        self.rule(x0, y0, x1, y0, thickness)
        self.rule(x1, y0, x1, y1, thickness)
        self.rule(x0, y1, x1, y1, thickness)
        self.rule(x0, y0, x0, y1, thickness)


FIRST_WIDE = 0x2E80
"""From here on characters stand in a square; what is below takes the width that its typeface gives it."""
BLANK = "\u3000"
"""Takes its place and is no character of the text."""
