"""The protocol that every format fulfils.

A format is one module in this folder with two names: `FORMAT`, saying what it is and scoring a file's first bytes, and
`open_source`, opening a file. It raises the errors of `wenyuan.repo.errors` (BadInput and below) with `file=` set to
the name that staff knows, and nothing else for any bytes whatsoever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Origin, TextLayer


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask of us; checked before memory is taken."""

    max_pixels: int = 400_000_000
    """Width × height of one picture (settings: max_megapixels)."""
    max_pages: int = 20_000
    max_archive_entries: int = 10_000
    max_archive_bytes: int = 4 * 1024**3
    """Unpacked size of a whole archive."""
    max_archive_ratio: int = 200
    """Unpacked against packed size of an entry larger than 1 MiB."""
    max_text_bytes: int = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Format:
    """What a module of this folder can read.

    Attributes:
        name: of the module: images, pdf, epub, cbz, plain_text.
        media_types: by file ending (with dot, lower case), what a file of that ending should be.
        score: (first 4 KiB, file name) → 0 … 100; the highest wins; 0 is "not mine". The bytes decide, the name only
            breaks ties.
        media_type: (first 4 KiB, file name) → IANA media type of this very file.
    """

    name: str
    media_types: dict[str, str]
    score: Callable[[bytes, str], int]
    media_type: Callable[[bytes, str], str]


@dataclass(frozen=True, slots=True)
class PageOutline:
    """What is known of a page without drawing it."""

    kind: PageKind
    index: int
    width: int
    """Pixels of the page picture and of the text layer's boxes; 0 for chapters."""
    height: int
    label: str = ""
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class SectionOutline:
    """An entry of a file's own table of contents; `index` is a 0-based page of the file."""

    title: str
    index: int
    fragment: str | None = None
    children: tuple[SectionOutline, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file is, read without drawing anything.

    Attributes:
        suggestion: what the file says of itself, by field names of `Description` (plain JSON values); staff's
            metadata wins.
        warnings: errors that did not keep the file from being taken, e.g. MislabelledSource.
    """

    pages: tuple[PageOutline, ...]
    sections: tuple[SectionOutline, ...] = ()
    suggestion: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[Exception, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundText:
    """Text that a page brings with it."""

    layer: TextLayer
    origin: Origin
    engine: str
    """What read it, with version."""


class Source(Protocol):
    """One handed-in file, open. Not shared between threads or processes."""

    def outline(self) -> Outline:
        """Pages, contents and metadata; cheap, no pixels."""

    def text(self, index: int) -> FoundText | None:
        """The text that page brings with it, None where it has none (a scan)."""

    def picture(self, index: int, *, width: int) -> Any:
        """The page as a `pyvips.Image`, upright, sRGB, 8 bit, 1 or 3 bands without alpha (white behind it).

        Pictures handed in come in full size whatever `width` says; pages of a PDF are drawn `width` pixels wide (those
        that are one scanned image may come in that image's size). None for chapters.
        """

    def package(self, target: Path) -> bool:
        """Write what readers get in place of the file (a sanitised e-book, as a ZIP) and return True.

        False where there is none.
        """

    def close(self) -> None:
        """Give back what is held."""
