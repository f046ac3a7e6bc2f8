"""Read one page: prepare the picture, let an engine find lines, put them in order, make the text layer."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from wenyuan.ingest.engines.engine import Engine, FoundGlyph, FoundLine, Look, Picture, Point, Wish
from wenyuan.ingest.engines.engine import Writing as Wished
from wenyuan.ingest.page_language import languages_of
from wenyuan.ingest.preparation import orientation
from wenyuan.ingest.preparation.page_map import PageMap
from wenyuan.ingest.preparation.prepare import Prepared, prepare
from wenyuan.ingest.preparation.rules import find_rules
from wenyuan.ingest.preparation.steps import Steps
from wenyuan.ingest.reading_order import Arrangement, LineBox, OrderedLine, Rule, Writing, arrange
from wenyuan.repo.layers import Alternative, Box, Line, Region, TextLayer

Quad = tuple[Point, Point, Point, Point]
"""Corners, clockwise from the top left one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a page is to be read: what staff has set, or the defaults. Picklable."""

    wish: Wish = field(default_factory=Wish)
    steps: Steps = field(default_factory=Steps)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What came of a page.

    Attributes:
        layer: the text, in pixels of the page as given; without regions where nothing was read.
        engine: its label.
        settings: all that would have to be the same to get the same text again; plain JSON values.
        reason: why there is no text: `blank`, `no-text`; None where there is some.
        facing_at: x in pixels of the page where two facing pages part: a proposal for staff.
    """

    layer: TextLayer
    engine: str
    settings: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    facing_at: float | None = None


def recognise_page(picture: Any, engine: Engine, plan: Plan) -> Recognised:
    """Read a page.

    Args:
        picture: a `pyvips.Image` as `Source.picture` gives it, or its pixels (height × width × 3, RGB, 8 bit).

    Raises:
        pyvips.Error: it cannot be decoded; use `wenyuan.ingest.formats.pixels.decoding`.
    """
    prepared = prepare(picture, plan.steps)
    lines: list[FoundLine] = []
    if not prepared.reason:
        prepared, lines = _read(prepared, engine, plan)
    record = {"steps": plan.steps.record(), "wish": _wish(plan.wish), **prepared.record}
    if not lines:
        nothing = TextLayer(prepared.map.width, prepared.map.height, ())
        return Recognised(nothing, engine.label, record, prepared.reason or "no-text")
    rules = find_rules(prepared.picture, lines) if plan.steps.rules else ()
    arrangement = _arranged(lines, prepared.picture, rules, plan)
    layer = _layer(arrangement, lines, prepared.map)
    record |= _done(lines, rules, arrangement, plan.steps)
    record |= {"vertical": arrangement.vertical, "languages": list(languages_of(text_of(layer)))}
    facing = arrangement.facing_at
    at = None if facing is None else prepared.map.point(facing, 0)[0]
    return Recognised(layer, engine.label, record, facing_at=at)


def text_of(layer: TextLayer) -> str:
    """All that was read, furniture too, line by line."""
    return "\n".join(line.text for line in layer.lines)


def _done(lines: list[FoundLine], rules: tuple[Rule, ...], arrangement: Arrangement, steps: Steps) -> dict[str, Any]:
    """What the steps found and did that are switched on: lines seen closer or parted, rules, degrees of skew."""
    looks = Counter(line.look for line in lines)
    done: dict[str, Any] = {}
    if steps.small_print:
        done["small_print"] = {look.value: looks[look] for look in (Look.CLOSER, Look.PARTED)}
    if steps.rules:
        done["rules"] = len(rules)
    if steps.skew:
        done["skew"] = round(arrangement.skew, 2)
    return done


def _read(prepared: Prepared, engine: Engine, plan: Plan) -> tuple[Prepared, list[FoundLine]]:
    """Lines, of the page as it stands or turned."""
    wish = replace(plan.wish, small_print=plan.steps.small_print)
    lines, upright = engine.read(prepared.picture, wish), prepared
    if not plan.steps.orientation:
        return prepared, lines
    number = orientation.quarters(prepared.picture, engine, wish) if orientation.reads_badly(lines) else 0
    if number:
        upright = prepared.turned(number)
        lines = engine.read(upright.picture, wish)
    more = orientation.lies(upright.picture, lines, engine, wish)
    if more:
        upright = prepared.turned((number + more) % 4)
        lines = engine.read(upright.picture, wish)
    return upright, lines


def _wish(wish: Wish) -> dict[str, Any]:
    return {"languages": list(wish.languages), "writing": wish.writing.value}


def _arranged(lines: list[FoundLine], picture: Picture, rules: tuple[Rule, ...], plan: Plan) -> Arrangement:
    quads = [line.quad if plan.steps.skew else _straight(line.quad) for line in lines]
    centres = [tuple(glyph.centre for glyph in line.glyphs) for line in lines]
    boxes = [LineBox(quad, line.text, c) for quad, line, c in zip(quads, lines, centres, strict=True)]
    writing = None if plan.wish.writing is Wished.AUTO else Writing(plan.wish.writing.value)
    height, width = picture.shape[:2]
    rules = rules if plan.steps.skew else tuple(_straight_rule(rule) for rule in rules)
    return arrange(boxes, width=width, height=height, rules=rules, writing=writing, facing=plan.steps.facing)


def _straight(quad: Quad) -> Quad:
    """A turned rectangle as if it did not lean: of the same size about the same middle."""
    x, y = (sum(corner[axis] for corner in quad) / 4 for axis in (0, 1))
    across, down = math.dist(quad[0], quad[1]) / 2, math.dist(quad[0], quad[3]) / 2
    return (x - across, y - down), (x + across, y - down), (x + across, y + down), (x - across, y + down)


def _straight_rule(rule: Rule) -> Rule:
    x, y = (rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2
    if abs(rule.x1 - rule.x0) > abs(rule.y1 - rule.y0):
        return Rule(rule.x0, y, rule.x1, y)
    return Rule(x, rule.y0, x, rule.y1)


def _layer(arrangement: Arrangement, lines: list[FoundLine], back: PageMap) -> TextLayer:
    regions = tuple(
        Region(tuple(_line(ordered, lines[ordered.index], back) for ordered in region.lines), region.kind)
        for region in arrangement.regions
    )
    return TextLayer(back.width, back.height, regions)


def _line(ordered: OrderedLine, found: FoundLine, back: PageMap) -> Line:
    glyphs = found.glyphs[ordered.start : ordered.end]
    if ordered.reverse:
        glyphs = glyphs[::-1]
    boxes = tuple(back.box(*glyph.box) for glyph in glyphs)
    return Line(
        "".join(glyph.text for glyph in glyphs),
        back.direction(ordered.direction),
        _around(boxes),
        boxes,
        note=ordered.note,
        confidences=tuple(_percent(glyph.confidence) for glyph in glyphs),
        alternatives=_alternatives(glyphs),
    )


def _alternatives(glyphs: tuple[FoundGlyph, ...]) -> tuple[Alternative, ...]:
    return tuple(
        Alternative(position, choice.text, _percent(choice.confidence))
        for position, glyph in enumerate(glyphs)
        for choice in glyph.alternatives
    )


def _around(boxes: tuple[Box, ...]) -> Box | None:
    if not boxes:
        return None
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _percent(confidence: float) -> int:
    return round(100 * min(max(confidence, 0.0), 1.0))
