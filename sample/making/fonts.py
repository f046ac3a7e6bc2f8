"""Open fonts, found by family name through fontconfig."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont

# Korean shapes of Noto Serif keep the old printed forms that wood blocks show.
BLOCK = "Noto Serif CJK KR:semibold"
BLOCK_BLACK = "Noto Serif CJK KR:black"
SONG_TC = "Noto Serif CJK TC:medium"
SONG_TC_BOLD = "Noto Serif CJK TC:black"
SONG_SC = "Noto Serif CJK SC:medium"
SONG_SC_BOLD = "Noto Serif CJK SC:bold"
HEI_SC = "Noto Sans CJK SC:bold"
HEI_TC = "Noto Sans CJK TC:bold"
HEI_TC_BLACK = "Noto Sans CJK TC:black"
KAI_TC = "AR PL UKai TW"
WENKAI = "LXGW WenKai:regular"
WENKAI_BOLD = "LXGW WenKai:bold"


class MissingFontError(RuntimeError):
    """A font of the list in sample/README.md is not installed."""


@dataclass(frozen=True)
class Face:
    """One face of a font file."""

    path: Path
    index: int


@cache
def face(pattern: str) -> Face:
    """Find the face that a fontconfig pattern names.

    Raises:
        MissingFontError: fontconfig answers with another family.
    """
    said = subprocess.run(
        ["fc-match", "-f", "%{file}|%{index}|%{family}", pattern],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    path, index, families = said.split("|")
    if pattern.partition(":")[0] not in families.split(","):
        raise MissingFontError(f"{pattern}: install it first, see sample/README.md")
    # The upper bits of the index name an instance of a variable font, not a face.
    return Face(Path(path), int(index) & 0xFFFF)


@cache
def pen(pattern: str, size: int) -> ImageFont.FreeTypeFont:
    """Open a face at a size in pixels."""
    found = face(pattern)
    return ImageFont.truetype(str(found.path), size, index=found.index)


@cache
def table(pattern: str) -> TTFont:
    """Open a face for reading its tables."""
    found = face(pattern)
    if found.path.suffix == ".ttc":
        return TTCollection(str(found.path), lazy=True).fonts[found.index]
    return TTFont(str(found.path), lazy=True)


@cache
def covered(pattern: str) -> frozenset[int]:
    """Return the code points that a face can draw."""
    return frozenset(table(pattern).getBestCmap())
