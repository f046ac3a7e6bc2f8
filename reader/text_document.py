"""The text of a page as JSON, for those who read it with boxes or correct it; and back: what a correction says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from wenyuan.repo.correcting import Add, Cut, Delete, Join, Move, Step
from wenyuan.repo.corrections import OpenText
from wenyuan.repo.errors import CorrectionUnclear, NamedTwice
from wenyuan.repo.glyph_boxes import boxes_of
from wenyuan.repo.items import current
from wenyuan.repo.layers import Box, Direction, Line, RegionKind

MOST_LINES = 5_000
"""On one page: a full page of a newspaper has some hundred."""
MOST_QUOTED = 80
"""Characters of what was sent that an answer repeats."""
_PIECES = {
    "delete": ("line",),
    "join": ("line",),
    "cut": ("line", "at"),
    "move": ("line", "to"),
    "add": ("after", "box", "direction", "text"),
}
"""What each change of lines is told with."""


def of(held: OpenText) -> dict[str, Any]:
    """The page's text: its lines in reading order with their boxes, in pixels of the page."""
    read = current(held.versions)
    lines = [
        _line(line, number, region.kind) for number, region in enumerate(held.layer.regions) for line in region.lines
    ]
    return {
        "item": held.page.item,
        "page": held.page.key,
        "width": held.layer.width or held.page.width,
        "height": held.layer.height or held.page.height,
        "version": held.version,
        "etag": held.digest,
        "origin": read.origin.value if read else None,
        "lines": lines,
    }


def _line(line: Line, region: int, kind: RegionKind) -> dict[str, Any]:
    told: dict[str, Any] = {
        "text": line.text,
        "region": region,
        "kind": kind.value,
        "direction": line.direction.value,
        "box": _numbers(line.box) if line.box else None,
        "glyphs": [number for box in boxes_of(line) for number in _numbers(box)],
    }
    if line.note:
        told["note"] = True
    if line.confidences:
        told["confidences"] = line.confidences
    if line.alternatives:
        told["alternatives"] = [[each.position, each.text, each.confidence] for each in line.alternatives]
    return told


def _numbers(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]


def sent() -> Mapping[str, object]:
    """What a program has sent: a JSON object in which no name is there twice.

    Raises:
        CorrectionUnclear: something else.
        NamedTwice: a name is there twice; which of both values counts is for nobody to guess (RFC 8259, §4).
    """
    if not request.is_json:
        raise CorrectionUnclear(piece=f"Content-Type: {request.mimetype}"[:MOST_QUOTED])
    try:
        told = json.loads(request.get_data(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise CorrectionUnclear(piece="JSON") from error
    if not isinstance(told, dict):
        raise CorrectionUnclear(piece="JSON")
    return told


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise NamedTwice(name=name[:MOST_QUOTED])
        found[name] = value
    return found


def only(told: Mapping[str, object], *names: str, within: str = "") -> None:
    """Refuse names that mean nothing here: with a slip of the pen in one, nothing would be saved and nobody told.

    Raises:
        CorrectionUnclear: another name is there; it is told after `within`.
    """
    for name in told:
        if name not in names:
            raise CorrectionUnclear(piece=f"{within}{name}"[:MOST_QUOTED])


def lines_of(document: object) -> dict[int, str]:
    """The words of a correction: `{"lines": {"3": "…"}}`, lines counted from 0.

    Raises:
        CorrectionUnclear: something else.
        NamedTwice: a line is there twice, as `3` and `03` are.
    """
    lines = document.get("lines", {}) if isinstance(document, Mapping) else None
    if not isinstance(lines, Mapping) or len(lines) > MOST_LINES:
        raise CorrectionUnclear(piece="lines")
    found: dict[int, str] = {}
    for number, text in lines.items():
        if not (isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 7):
            raise CorrectionUnclear(piece="lines")
        if not isinstance(text, str):
            raise CorrectionUnclear(piece="lines")
        if int(number) in found:
            raise NamedTwice(name=number)
        found[int(number)] = text
    return found


def step_of(document: object) -> Step | None:
    """The change of lines that a correction asks for after its words: `{"then": {"do": "cut", "line": 3, "at": 5}}`.

    Raises:
        CorrectionUnclear: something else.
    """
    told = document.get("then") if isinstance(document, Mapping) else None
    if told is None:
        return None
    if not isinstance(told, Mapping):
        raise CorrectionUnclear(piece="then")
    do = told.get("do")
    if isinstance(do, str) and do in _PIECES:
        only(told, "do", *_PIECES[do], within="then.")
    if do == "delete":
        return Delete(_number(told, "line"))
    if do == "join":
        return Join(_number(told, "line"))
    if do == "cut":
        return Cut(_number(told, "line"), _number(told, "at"))
    if do == "move":
        return Move(_number(told, "line"), _number(told, "to"))
    if do == "add":
        return _add(told)
    raise CorrectionUnclear(piece="then")


def _add(told: Mapping[str, object]) -> Add:
    box, direction, text = told.get("box"), told.get("direction"), told.get("text", "")
    if not isinstance(box, list) or len(box) != 4 or not all(is_number(each) for each in box):
        raise CorrectionUnclear(piece="then")
    if not isinstance(direction, str) or direction not in set(Direction) or not isinstance(text, str):
        raise CorrectionUnclear(piece="then")
    return Add(_number(told, "after"), Box(*box), Direction(direction), text)


def _number(told: Mapping[str, object], name: str) -> int:
    value = told.get(name)
    if not is_number(value):
        raise CorrectionUnclear(piece="then")
    assert isinstance(value, int)
    return value


def is_number(value: object) -> bool:
    """Whether it is a whole number that every database takes; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
