"""What the reading room asks for in JSON, shaped from values at hand: the pages of a book, a page's text, hits.

Rows instead of objects where there are thousands: a book of 5,000 pages fits in 400 kB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.find import InItem
from wenyuan.repo.layers import Box, Line, Origin, TextLayer
from wenyuan.repo.locate import Hit

DIGEST_CHARACTERS = 10
"""So much of a SHA-256 names a text layer in an address."""


def pages(item_id: str, views: Iterable[PageView], image_version: Callable[[str, int], str]) -> dict[str, Any]:
    """All pages in reading order.

    Args:
        item_id: the item.
        views: its pages.
        image_version: of a source file and an index in it: `PageImages.version`.

    Returns:
        A row a page: key, width, height, label, version of its image, and the name of its text or "".
    """
    rows = [
        [
            view.key,
            view.width,
            view.height,
            view.label,
            image_version(view.source, view.index),
            layer_version(view.layer),
        ]
        for view in views
    ]
    return {"item": item_id, "pages": rows}


def layer_version(layer: str | None) -> str:
    """What the address of a page's text carries, so that it can be kept for ever; empty where there is no text."""
    return (layer or "")[:DIGEST_CHARACTERS]


def text(layer: TextLayer | None, origin: Origin | None = None) -> dict[str, Any]:
    """The text of a page with its boxes, in reading order; furniture too, told apart by its kind."""
    if layer is None:
        return {"regions": []}
    regions = [{"kind": region.kind.value, "lines": [_line(line) for line in region.lines]} for region in layer.regions]
    told = {"width": layer.width, "height": layer.height, "regions": regions}
    return {**told, "origin": origin.value} if origin else told


def found(query: str, matching: InItem) -> dict[str, Any]:
    """Where a query stands in the book: all places, and the first pages with their snippets."""
    hits = [
        {
            "position": one.page.position,
            "key": one.page.key,
            "snippet": [[fragment.text, fragment.is_hit] for fragment in one.snippet],
        }
        for one in matching.pages
    ]
    return {"query": query, "total": matching.total, "positions": list(matching.positions), "hits": hits}


def placed(hits: Sequence[Hit], ranges: Sequence[tuple[int, int]] = ()) -> dict[str, Any]:
    """Where hits stand on a page, in its pixels: `boxes` of all of them, and in `hits` how many belong to each.

    Args:
        hits: in reading order; those without a place are left out.
        ranges: where they stand in the page's plain text, in code points: told as they are.
    """
    placed_hits = [hit for hit in hits if hit.boxes]
    return {
        "boxes": [_numbers(box) for hit in placed_hits for box in hit.boxes],
        "hits": [len(hit.boxes) for hit in placed_hits],
        "ranges": [list(one) for one in ranges],
    }


def encode(document: dict[str, Any]) -> bytes:
    """As JSON without a blank too many."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _line(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "direction": line.direction.value,
        "box": _numbers(line.box) if line.box else None,
        "glyphs": [number for glyph in line.glyphs for number in _numbers(glyph)] or None,
    }


def _numbers(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]
