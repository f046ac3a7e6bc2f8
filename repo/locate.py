"""Where hits stand on the picture of a page. The search index holds no coordinates: they come from the text layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wenyuan.repo import chinese
from wenyuan.repo.layers import Box, PlacedCharacter, TextLayer, places


@dataclass(frozen=True, slots=True)
class Hit:
    """One hit on a page.

    Attributes:
        boxes: one for each line (or column) that the hit runs over, in reading order, in pixels of the layer; empty
            where the text has no place (e-book chapters).
        text: as it stands in the layer, with its punctuation and line ends.
    """

    boxes: tuple[Box, ...]
    text: str


def hit_boxes(layer: TextLayer, query: str | chinese.Query, *, next_text: str = "") -> list[Hit]:
    """All hits of a query on a page, in reading order.

    Args:
        layer: of the page.
        query: as typed, or parsed.
        next_text: text of the next page: of a hit that runs on there the part on this page is given.

    Raises:
        QueryTooLong: see `chinese.parse`.
    """
    text = layer.text
    ranges = chinese.find(text, query, next_text=next_text)
    if not ranges:
        return []
    placed = places(layer)
    return [Hit(_line_boxes(placed[start:end]), text[start:end]) for start, end in ranges]


def _line_boxes(characters: Iterable[PlacedCharacter | None]) -> tuple[Box, ...]:
    """One box around the characters of each line.

    The line's number decides and not where boxes lie: columns may touch, and small notes stand beside their own line.
    """
    lines: dict[int, Box] = {}
    for character in characters:
        if character and character.box:
            before = lines.get(character.line_number)
            lines[character.line_number] = _around(before, character.box) if before else character.box
    return tuple(lines.values())


def _around(one: Box, other: Box) -> Box:
    left, top = min(one.x, other.x), min(one.y, other.y)
    right = max(one.x + one.width, other.x + other.width)
    bottom = max(one.y + one.height, other.y + other.height)
    return Box(left, top, right - left, bottom - top)
