"""Correcting a text layer: new words for its lines, boxes kept; lines taken away, joined, cut, added and moved.

Pure: from a layer to a layer. Lines are counted from 0 over all regions, furniture too, as `TextLayer.lines` has them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from wenyuan.repo.differences import Differences
from wenyuan.repo.glyph_boxes import boxes_of, spread
from wenyuan.repo.layers import Alternative, Box, Direction, Line, Region, TextLayer

MAX_LINE_CHARACTERS = 2_000
"""Far more than a line of newspaper print across a page (about 300)."""
SURE = 100
_NO_CATEGORY = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the order of what follows on the screen: a text that looks like another (CVE-2021-42574)."""


class Fault(StrEnum):
    """Why a text cannot be a line."""

    NO_SUCH_LINE = "no-such-line"
    TOO_LONG = "too-long"
    CONTROL_CHARACTER = "control-character"
    OUTSIDE = "outside"
    """A place within a line, or a box on the page, that is not there."""
    APART = "apart"
    """Lines that cannot be joined: they run in different directions."""


class Unusable(ValueError):
    """A correction that cannot be made. `line` is 0-based.

    `told` says what was sent: `sent`, with the `count` of lines, or the `piece` and its `allowed` values.
    """

    def __init__(self, line: int, fault: Fault, **told: object) -> None:
        super().__init__(f"line {line}: {fault}")
        self.line = line
        self.fault = fault
        self.told: dict[str, object] = {"sent": line, **told}


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a line away."""

    line: int


@dataclass(frozen=True, slots=True)
class Join:
    """Join a line with the one that follows it."""

    line: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut a line in two before the character at `at`."""

    line: int
    at: int


@dataclass(frozen=True, slots=True)
class Add:
    """Add a line where somebody has drawn a box; it follows `after` (-1: it is the first)."""

    after: int
    box: Box
    direction: Direction
    text: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Put a line before the one that is now at `to`; to the end where `to` is the number of lines."""

    line: int
    to: int


Step = Delete | Join | Cut | Add | Move


def apply(layer: TextLayer, texts: Mapping[int, str]) -> TextLayer:
    """The layer with new words in some of its lines.

    Characters that stay keep their boxes; those that are new share the space of what they replace, along the line. A
    corrected character is sure. A line given as it was is confirmed: all its characters are sure.

    Args:
        layer: as it is.
        texts: new words by the number of the line; an empty line stays, without characters.

    Raises:
        Unusable: a line that is not there, or words that cannot be a line.
    """
    lines = layer.lines
    for number, text in texts.items():
        if not 0 <= number < len(lines):
            raise Unusable(number, Fault.NO_SUCH_LINE, count=len(lines))
        check(number, text)
    differences = Differences()
    made = {number: _corrected(lines[number], text, layer, differences) for number, text in texts.items()}
    return _with_lines(layer, [made.get(number, line) for number, line in enumerate(lines)])


def check(number: int, text: str, **told: object) -> None:
    """Refuse what cannot be the words of a line; `told` as `Unusable` has it.

    No normal form is forced on them: NFC would turn compatibility ideographs into others (神 into 神).

    Raises:
        Unusable: too long, or with a line end, a control character, a lone surrogate or a noncharacter.
    """
    if len(text) > MAX_LINE_CHARACTERS:
        raise Unusable(number, Fault.TOO_LONG, **told)
    if any(_is_control(character) for character in text):
        raise Unusable(number, Fault.CONTROL_CHARACTER, **told)


def take(layer: TextLayer, step: Step) -> TextLayer:
    """The layer after one change of its lines.

    Raises:
        Unusable: it cannot be made.
    """
    rows = list(_rows(layer))
    if isinstance(step, Add):
        _add(layer, rows, step)
    else:
        if not 0 <= step.line < len(rows):
            raise Unusable(step.line, Fault.NO_SUCH_LINE, count=len(rows))
        if isinstance(step, Delete):
            del rows[step.line]
        elif isinstance(step, Join):
            _join(rows, step.line)
        elif isinstance(step, Cut):
            _cut(rows, step)
        else:
            _move(layer, rows, step)
    return _from_rows(layer, rows)


_Row = tuple[int, Line]
"""The number of a line's region, and the line."""


def _rows(layer: TextLayer) -> Iterator[_Row]:
    return ((number, line) for number, region in enumerate(layer.regions) for line in region.lines)


def _from_rows(layer: TextLayer, rows: list[_Row]) -> TextLayer:
    """Regions anew from lines in their order: a line that was moved among those of another kind cuts theirs in two."""
    regions: list[Region] = []
    before: int | None = None
    for number, line in rows:
        if number == before:
            regions[-1] = replace(regions[-1], lines=(*regions[-1].lines, line))
        else:
            regions.append(replace(layer.regions[number], lines=(line,)) if layer.regions else Region((line,)))
        before = number
    # The box of a region is around its lines; what has other lines now has another.
    held = {region.lines for region in layer.regions}
    told = (region if region.lines in held else replace(region, box=None) for region in regions)
    return replace(layer, regions=tuple(told))


def _add(layer: TextLayer, rows: list[_Row], step: Add) -> None:
    box = step.box
    fits = box.x >= 0 and box.y >= 0 and box.x + box.width <= layer.width and box.y + box.height <= layer.height
    if not -1 <= step.after < len(rows):
        raise _outside(step.after + 1, "after", step.after, (-1, len(rows) - 1))
    if not fits or box.width < 1 or box.height < 1:
        allowed = f"0 ≤ x < x + width ≤ {layer.width}, 0 ≤ y < y + height ≤ {layer.height}"
        sent = [box.x, box.y, box.width, box.height]
        raise Unusable(step.after + 1, Fault.OUTSIDE, piece="box", sent=sent, allowed=allowed)
    check(step.after + 1, step.text, sent="text")
    line = Line(step.text, step.direction, box)
    line = replace(line, glyphs=boxes_of(line))
    region = rows[max(step.after, 0)][0] if rows else 0
    rows.insert(step.after + 1, (region, line))


def _outside(line: int, piece: str, sent: int, between: tuple[int, int]) -> Unusable:
    least, most = between
    allowed = f"{least} … {most}" if least < most else str(least) if least == most else "—"
    return Unusable(line, Fault.OUTSIDE, piece=piece, sent=sent, allowed=allowed)


def _join(rows: list[_Row], number: int) -> None:
    if number + 1 >= len(rows):
        raise _outside(number, "line", number, (0, len(rows) - 2))
    (region, first), (_, second) = rows[number], rows[number + 1]
    if first.direction is not second.direction:
        raise Unusable(number, Fault.APART)
    rows[number : number + 2] = [(region, _joined(first, second))]


def _joined(first: Line, second: Line) -> Line:
    boxes = [box for box in (first.box, second.box) if box]
    glyphs = [box for line in (first, second) for box in boxes_of(line)]
    told = first.confidences or second.confidences
    sure = [line.confidences or (SURE,) * len(line.text) for line in (first, second)] if told else [(), ()]
    moved = tuple(replace(each, position=each.position + len(first.text)) for each in second.alternatives)
    text = first.text + second.text
    return replace(
        first,
        text=text,
        box=around(boxes) if boxes else None,
        glyphs=tuple(glyphs) if len(glyphs) == len(text) else (),
        note=first.note and second.note,
        confidences=(*sure[0], *sure[1]),
        alternatives=(*first.alternatives, *moved),
    )


def _cut(rows: list[_Row], step: Cut) -> None:
    region, line = rows[step.line]
    if not 0 < step.at < len(line.text):
        raise _outside(step.line, "at", step.at, (1, len(line.text) - 1))
    rows[step.line : step.line + 1] = [
        (region, _piece(line, 0, step.at)),
        (region, _piece(line, step.at, len(line.text))),
    ]


def _piece(line: Line, start: int, end: int) -> Line:
    boxes = list(boxes_of(line)[start:end])
    kept = (each for each in line.alternatives if start <= each.position < end)
    return replace(
        line,
        text=line.text[start:end],
        box=around(boxes) if boxes else line.box,
        glyphs=tuple(boxes) if len(boxes) == end - start else (),
        confidences=line.confidences[start:end],
        alternatives=tuple(replace(each, position=each.position - start) for each in kept),
    )


def _move(layer: TextLayer, rows: list[_Row], step: Move) -> None:
    if not 0 <= step.to <= len(rows):
        raise _outside(step.line, "to", step.to, (0, len(rows)))
    own, line = rows.pop(step.line)
    place = step.to - (step.to > step.line)
    # It goes to the region of its new neighbours, unless it is at the seam of its own or they are of another kind: a
    # line behind the page number is no page number. Then it has a region of its own.
    near = {rows[at][0] for at in (place - 1, place) if 0 <= at < len(rows)}
    alike = {each for each in near if layer.regions[each].kind is layer.regions[own].kind}
    rows.insert(place, (own if own in near or not alike else min(alike), line))


def _corrected(line: Line, text: str, page: TextLayer, differences: Differences) -> Line:
    if text == line.text:
        return replace(line, confidences=(SURE,) * len(text) if line.confidences else (), alternatives=())
    boxes, sure, kept = _aligned(line, text, page, differences)
    if not boxes or line.box is None:
        return replace(line, text=text, glyphs=(), confidences=sure, alternatives=kept)
    # What was read too short grows: its box is around its characters.
    return replace(
        line, text=text, box=around([line.box, *boxes]), glyphs=tuple(boxes), confidences=sure, alternatives=kept
    )


def _aligned(
    line: Line, text: str, page: TextLayer, differences: Differences
) -> tuple[list[Box], tuple[int, ...], tuple[Alternative, ...]]:
    old = list(line.glyphs)
    boxes: list[Box] = []
    sure: list[int] = []
    kept: list[Alternative] = []
    for tag, a, b, c, d in differences.between(line.text, text):
        if tag == "equal" or (tag == "replace" and b - a == d - c):
            boxes += old[a:b]
        elif old or not line.text:
            boxes += spread(line, old, (a, b), d - c, (page.width, page.height))
        if tag == "equal":
            sure += line.confidences[a:b]
            kept += [replace(one, position=one.position - a + c) for one in line.alternatives if a <= one.position < b]
        else:
            sure += [SURE] * (d - c)
    return boxes, tuple(sure) if line.confidences else (), tuple(kept)


def around(boxes: list[Box]) -> Box:
    """The least box around some."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _with_lines(layer: TextLayer, lines: list[Line]) -> TextLayer:
    following = iter(lines)
    regions = (replace(region, lines=tuple(next(following) for _ in region.lines)) for region in layer.regions)
    return replace(layer, regions=tuple(regions))


def _is_control(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in _NO_CATEGORY
        or character in _BIDI_CONTROLS
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )
