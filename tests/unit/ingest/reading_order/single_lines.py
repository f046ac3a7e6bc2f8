"""Single lines set by hand, and the text of an arrangement, for tests that show one thing."""

from __future__ import annotations

from wenyuan.ingest.reading_order import Arrangement, LineBox
from wenyuan.repo.layers import RegionKind


def read(found: Arrangement, lines: list[LineBox], *kinds: RegionKind) -> str:
    """The text of an arrangement in its order; of some kinds of region only, if told."""
    out = []
    for region in found.regions:
        for line in region.lines if not kinds or region.kind in kinds else ():
            text = lines[line.index].text[line.start : line.end]
            out.append(text[::-1] if line.reverse else text)
    return "".join(out)


def column(text: str, x: float, y: float, size: float = 40) -> LineBox:
    bottom, half = y + len(text) * size, size / 2
    centres = tuple((x, y + (k + 0.5) * size) for k in range(len(text)))
    return LineBox(((x - half, y), (x + half, y), (x + half, bottom), (x - half, bottom)), text, centres)


def row(text: str, x: float, y: float, size: float = 40) -> LineBox:
    right, half = x + len(text) * size, size / 2
    centres = tuple((x + (k + 0.5) * size, y) for k in range(len(text)))
    return LineBox(((x, y - half), (right, y - half), (right, y + half), (x, y + half)), text, centres)
