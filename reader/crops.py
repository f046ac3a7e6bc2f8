"""A strip of a page's picture around a hit, put together from the tiles that ingest has made: nothing is decoded.

Drawn as inline SVG: tiles as `<image>` elements and the hit as rectangles, which needs neither a script nor a style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wenyuan.reader import inside, links
from wenyuan.reader.context import person
from wenyuan.repo import chinese, exact_script, policy
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Query
from wenyuan.repo.exact_script import Typed
from wenyuan.repo.find import Findings
from wenyuan.repo.items import Item
from wenyuan.repo.layers import Box, around
from wenyuan.repo.policy import Action
from wenyuan.repo.tiles import TILE_SIZE, Tile, TileGrid

ACROSS, DOWN = 16, 9
"""Shape of every strip, so that lists of them stand in order, whether the text runs across or down."""
STRIPS = 2
"""For each item: every strip is a handful of tiles."""
_EMS_DOWN = 6.0
"""Characters that a strip is high: enough to see what stands before and after a hit in either direction."""
_PIXELS_ACROSS = 360
"""Width of the picture's own pixels at least, where it has them: sharp on the screens of phones."""


@dataclass(frozen=True, slots=True)
class PlacedTile:
    """A tile and where it lies, in pixels of the page."""

    address: str
    box: Box


@dataclass(frozen=True, slots=True)
class Crop:
    """What is shown: `view` of the page, all in its pixels."""

    view: Box
    tiles: tuple[PlacedTile, ...]
    boxes: tuple[Box, ...]
    """Of all hits that lie in the view, wholly or in part."""


def of_findings(findings: Findings, *, exact: bool) -> dict[tuple[str, int], Crop]:
    """Strips by item and page key, of the pages in a list of results whose pictures the reader may see.

    Args:
        exact: only hits in the very characters typed have a box.
    """
    found: dict[tuple[str, int], Crop] = {}
    typed = exact_script.as_typed(findings.asked) if exact else ()
    for one in findings.items:
        if policy.decide(one.item.description.access, person(), Action.READ_PAGE).allowed:
            for each in one.pages[:STRIPS]:
                crop = _of_page(one.item, each.page, findings.asked.marked, typed)
                if crop:
                    found[each.page.item, each.page.key] = crop
    return found


def _of_page(of: Item, page: PageView, marked: Query, typed: tuple[Typed, ...]) -> Crop | None:
    if not page.width or not page.layer:
        return None
    # A hit that runs on to the next page is here in part only: its first characters tell.
    hits = [
        hit.boxes
        for hit in inside.hits(of, page, marked)
        if hit.boxes and (not typed or any(one.written.startswith(chinese.written(hit.text)) for one in typed))
    ]
    return around_hit(page, hits[0], [box for boxes in hits for box in boxes]) if hits else None


def around_hit(page: PageView, hit: Sequence[Box], all_hits: Sequence[Box]) -> Crop | None:
    """The strip around one hit; None where there is no picture or no box.

    Args:
        page: with its size in pixels.
        hit: boxes of the hit in question, one for each line that it runs over.
        all_hits: boxes of every hit on the page.
    """
    if not page.width or not hit:
        return None
    grid = TileGrid(page.width, page.height)
    view = _view(page, hit)
    level = _level(grid, view)
    address, version = links.image(page), links.image_version(page)
    tiles = tuple(
        PlacedTile(f"{address}/{grid.name(tile)}?v={version}", Box(*grid.region(tile)))
        for tile in _covering(grid, level, view)
    )
    return Crop(view, tiles, tuple(box for box in all_hits if _meet(box, view)))


def _view(page: PageView, hit: Sequence[Box]) -> Box:
    """Centred on the first line of the hit; the whole of that line, and more of the page where there is more."""
    first = hit[0]
    em = max(1, min(first.width, first.height))
    whole = around(hit) or first
    # A hit over the end of a column lies far apart: its beginning is shown.
    shown = whole if whole.width <= 2 * _EMS_DOWN * em and whole.height <= 1.5 * _EMS_DOWN * em else first
    height = max(_EMS_DOWN * em, shown.height + 2 * em, (shown.width + 2 * em) * DOWN / ACROSS)
    height = min(height, page.height, page.width * DOWN / ACROSS)
    width = height * ACROSS / DOWN
    x = min(max(shown.x + shown.width / 2 - width / 2, 0), page.width - width)
    y = min(max(shown.y + shown.height / 2 - height / 2, 0), page.height - height)
    return Box(round(x), round(y), max(1, round(width)), max(1, round(height)))


def _level(grid: TileGrid, view: Box) -> int:
    level = 0
    while level + 1 < len(grid.scale_factors) and view.width >> (level + 1) >= _PIXELS_ACROSS:
        level += 1
    return level


def _covering(grid: TileGrid, level: int, view: Box) -> list[Tile]:
    span = TILE_SIZE << level
    columns, rows = grid.shape(level)
    right, bottom = view.x + view.width - 1, view.y + view.height - 1
    return [
        Tile(level, column, row)
        for row in range(view.y // span, min(bottom // span, rows - 1) + 1)
        for column in range(view.x // span, min(right // span, columns - 1) + 1)
    ]


def _meet(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
