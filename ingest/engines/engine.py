"""The protocol that every OCR engine fulfils.

An engine is one module in this folder with a function `open_engine(options)`. It is opened once in a process and reads
one page at a time; it knows nothing of reading order, of the page's history or of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Height × width × 3, RGB, 8 bit, contiguous."""
Point = tuple[float, float]


class Writing(StrEnum):
    """How staff says the page is written."""

    AUTO = "auto"
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine may use the machine.

    Attributes:
        threads: processor threads for one page. Why one: docs/decisions/012.
        backend: what runs the networks, by name; "auto" takes the fastest that is installed.
    """

    threads: int = 1
    backend: str = "auto"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known of a page before it is read.

    Attributes:
        languages: BCP 47, the most likely first; empty: not known.
        writing: how it is written.
        small_print: worth a closer look, which may cost half as much again.
    """

    languages: tuple[str, ...] = ()
    writing: Writing = Writing.AUTO
    small_print: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """Another character that this one may be."""

    text: str
    confidence: float
    """0 … 1."""


@dataclass(frozen=True, slots=True)
class FoundGlyph:
    """One code point on the page.

    Attributes:
        box: left, top, right, bottom in pixels of the picture that was read.
        confidence: 0 … 1, as the engine says.
        alternatives: what else it may be, the best first.
    """

    text: str
    box: tuple[float, float, float, float]
    confidence: float
    alternatives: tuple[Choice, ...] = ()

    @property
    def centre(self) -> Point:
        """The middle of its box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


class Look(StrEnum):
    """How a line was seen."""

    WHOLE = "whole"
    """With the rest of the page."""
    CLOSER = "closer"
    """When the page was looked at once more, larger."""
    PARTED = "parted"
    """When a stretch of a column was looked at again by itself."""


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One line or column as the engine found it.

    Attributes:
        quad: its corners, clockwise on the page from the top left one.
        glyphs: one for each code point, in the order in which the engine read them.
        vertical: the characters follow each other downwards.
        confidence: 0 … 1, of the whole line.
        look: which look found it; for the record.
    """

    quad: tuple[Point, Point, Point, Point]
    glyphs: tuple[FoundGlyph, ...]
    vertical: bool
    confidence: float
    look: Look = Look.WHOLE

    @property
    def text(self) -> str:
        """The characters in the order in which the engine read them."""
        return "".join(glyph.text for glyph in self.glyphs)


class ReadingFailed(Exception):
    """An engine gave up on a page; its message says what the engine said."""


class Engine(Protocol):
    """Reads pages. Used by one thread at a time."""

    @property
    def label(self) -> str:
        """Name, version, model and back end, for the record: `rapidocr 3.10.0 PP-OCRv6 small, openvino 2026.4.1`."""

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        """All lines of a page in no particular order, in pixels of the picture.

        Raises:
            ReadingFailed: not on this page.
        """
