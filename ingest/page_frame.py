"""Text found in a picture of a page, moved into the pixels of the page itself.

A page of a PDF is read in a finer drawing than is shown, and facing pages are read one by one. All coordinates are
whole pixels from the top left corner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from wenyuan.repo.layers import Box, Line, Region, TextLayer

Move = Callable[[Box], Box]


def in_frame(layer: TextLayer, width: int, height: int) -> TextLayer:
    """The same text on a page of another size.

    Args:
        layer: its boxes refer to `layer.width` × `layer.height`, neither of them 0.
        width: pixels of the page.
        height: likewise.
    """
    if (layer.width, layer.height) == (width, height):
        return layer
    across, down = width / layer.width, height / layer.height

    def scaled(box: Box) -> Box:
        # Edges, not sizes, are rounded: neighbours that touch go on touching.
        left, top = round(box.x * across), round(box.y * down)
        right, bottom = round((box.x + box.width) * across), round((box.y + box.height) * down)
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    return TextLayer(width, height, tuple(_moved(region, scaled) for region in layer.regions))


def joined(parts: Sequence[tuple[TextLayer, int]], width: int, height: int) -> TextLayer:
    """One page's text out of those of its parts.

    Args:
        parts: in reading order; each with the x of its left edge on the page.
        width: pixels of the page.
        height: likewise.
    """
    regions: list[Region] = []
    for layer, left in parts:
        regions += [_moved(region, _shifted(left)) for region in layer.regions]
    return TextLayer(width, height, tuple(regions))


def _shifted(left: int) -> Move:
    return lambda box: replace(box, x=box.x + left)


def _moved(region: Region, move: Move) -> Region:
    return replace(region, lines=tuple(_moved_line(line, move) for line in region.lines), box=_maybe(region.box, move))


def _moved_line(line: Line, move: Move) -> Line:
    return replace(line, box=_maybe(line.box, move), glyphs=tuple(move(glyph) for glyph in line.glyphs))


def _maybe(box: Box | None, move: Move) -> Box | None:
    return move(box) if box else None
