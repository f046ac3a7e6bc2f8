"""What an OCR engine might find on a made page, without running one: to judge reading order on thousands of pages.

The faults are those that PP-OCR's detector shows: boxes are a little off and looser or tighter than the print, a
column breaks where a wide blank or a change of size is, now and then in the middle, two lines that follow one another
over a narrow gutter become one, a line goes missing. Of a line from right to left the characters come from left to
right. Printed rules, too, are found as on pictures: some not at all, some in pieces, some grown together with the rule
beyond a gap or a crossing, and the long strokes of large characters now and then taken for rules.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.ocr.made_pages import MadeLine, MadePage, Mark
from benchmarks.ocr.sheet import Role

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Detected:
    """A found line.

    Attributes:
        quad: corners clockwise from the upper left as the page lies.
        text: its characters in the order in which the engine reads them (across from left to right, down).
        centres: middle of each character.
        origins: for each character the number it has in the truth, from 0.
    """

    quad: Quad
    text: str
    centres: tuple[Point, ...]
    vertical: bool
    origins: tuple[int, ...]


Numbered = tuple[int, Mark]


def detected(page: MadePage, *, faults: float = 1.0) -> list[Detected]:
    """Found lines in no good order.

    Args:
        faults: 0: every line of the truth as one box; 1: as many as seen with real engines.
    """
    draw = random.Random(f"detected/{page.kind}/{page.seed}/{page.wear}")
    number, parts = 0, []
    for line in page.lines:
        marks = [(number + at, mark) for at, mark in enumerate(line.marks)]
        number += len(marks)
        for part in [piece for whole in _parted(line, marks) for piece in _broken(whole, draw, faults)]:
            lost = draw.random() < 0.004 * faults
            parts += [] if lost else [(part, line.vertical)]
    if faults:
        parts = _merged(parts, draw, faults)
    found = [_found(part, vertical, draw, faults) for part, vertical in parts]
    draw.shuffle(found)
    return found


def _parted(line: MadeLine, marks: list[Numbered]) -> list[list[Numbered]]:
    """Parted at blanks wider than a character and a half."""
    parts = [[marks[0]]]
    for before, after in pairwise(marks):
        size = after[1][4] - after[1][2]
        if line.vertical:
            gap = after[1][2] - before[1][4]
        else:
            gap = max(after[1][1] - before[1][3], before[1][1] - after[1][3])
        if gap > 1.5 * size:
            parts.append([])
        parts[-1].append(after)
    return parts


def _broken(part: list[Numbered], draw: random.Random, faults: float) -> list[list[Numbered]]:
    """A column of some length breaks in two in one case of thirty."""
    if len(part) < 6 or draw.random() >= 0.03 * faults:
        return [part]
    at = draw.randrange(2, len(part) - 1)
    return [part[:at], part[at:]]


def _box(part: list[Numbered]) -> tuple[float, float, float, float]:
    marks = [mark for _, mark in part]
    return min(m[1] for m in marks), min(m[2] for m in marks), max(m[3] for m in marks), max(m[4] for m in marks)


def _merged(
    parts: list[tuple[list[Numbered], bool]], draw: random.Random, faults: float
) -> list[tuple[list[Numbered], bool]]:
    """Some neighbours in line with one another, closer than a character, become one."""
    found: list[tuple[list[Numbered], bool]] = []
    for part, vertical in parts:
        if found and found[-1][1] == vertical and draw.random() < 0.3 * faults:
            before, (x0, y0, x1, y1) = _box(found[-1][0]), _box(part)
            size = min(x1 - x0, before[2] - before[0]) if vertical else min(y1 - y0, before[3] - before[1])
            along = y0 - before[3] if vertical else x0 - before[2]
            beside = (
                abs((x0 + x1 - before[0] - before[2]) / 2) if vertical else abs((y0 + y1 - before[1] - before[3]) / 2)
            )
            if -0.2 * size < along < 0.9 * size and beside < 0.35 * size:
                found[-1] = ([*found[-1][0], *part], vertical)
                continue
        found.append((part, vertical))
    return found


def _found(part: list[Numbered], vertical: bool, draw: random.Random, faults: float) -> Detected:
    marks = sorted(part, key=lambda one: one[1][2]) if vertical else sorted(part, key=lambda one: one[1][1])
    (first, last), size = (
        (marks[0][1], marks[-1][1]),
        min(marks[0][1][3] - marks[0][1][1], marks[0][1][4] - marks[0][1][2]),
    )
    loose = size * faults
    grow = [draw.gauss(-0.02, 0.05) * loose for _ in range(4)]
    wide = [
        half * (1 + 0.08 * draw.gauss(0, 1) * faults)
        for half in (max(m[3] - m[1] for _, m in marks) / 2, max(m[4] - m[2] for _, m in marks) / 2)
    ]
    if vertical:
        top, foot = (first[1] + first[3]) / 2, (last[1] + last[3]) / 2
        quad = (
            (top - wide[0] - grow[0], first[2] - grow[1]),
            (top + wide[0] + grow[2], first[2] - grow[1]),
            (foot + wide[0] + grow[2], last[4] + grow[3]),
            (foot - wide[0] - grow[0], last[4] + grow[3]),
        )
    else:
        left, right = (first[2] + first[4]) / 2, (last[2] + last[4]) / 2
        quad = (
            (first[1] - grow[0], left - wide[1] - grow[1]),
            (last[3] + grow[2], right - wide[1] - grow[1]),
            (last[3] + grow[2], right + wide[1] + grow[3]),
            (first[1] - grow[0], left + wide[1] + grow[3]),
        )
    centres = tuple(
        ((m[1] + m[3]) / 2 + draw.gauss(0, 0.06) * loose, (m[2] + m[4]) / 2 + draw.gauss(0, 0.06) * loose)
        for _, m in marks
    )
    return Detected(quad, "".join(m[0] for _, m in marks), centres, vertical, tuple(number for number, _ in marks))


Ends = tuple[float, float, float, float]


def found_rules(page: MadePage, *, faults: float = 1.0) -> list[Ends]:
    """Printed rules as they are found on a picture: x0, y0, x1, y1."""
    draw = random.Random(f"rules/{page.kind}/{page.seed}/{page.wear}")
    found: list[Ends] = []
    for ends in page.rules:
        chance = draw.random()
        if chance < 0.06 * faults:
            continue
        if chance < 0.15 * faults:
            at = draw.uniform(0.3, 0.7)
            x, y = ends[0] + at * (ends[2] - ends[0]), ends[1] + at * (ends[3] - ends[1])
            found += [(ends[0], ends[1], x, y), (x, y, ends[2], ends[3])]
        elif found and _in_line(found[-1], ends, page) and draw.random() < 0.3 * faults:
            found[-1] = (*found[-1][:2], *ends[2:]) if found[-1][:2] <= ends[:2] else (*ends[:2], *found[-1][2:])
        else:
            found.append(ends)
    for line in page.lines:
        x0, y0, x1, y1 = line.box
        if line.role is Role.HEADLINE and draw.random() < 0.04 * faults:
            x, y = draw.uniform(x0, x1), draw.uniform(y0, y1)
            found.append((x, y0, x, y1) if line.vertical else (x0, y, x1, y))
    return found


def _in_line(one: Ends, other: Ends, page: MadePage) -> bool:
    """Whether two rules might be pieces of one: both upright or both level, at one place, a small gap apart."""
    near, gap = 0.004 * page.width, 0.03 * page.width
    if abs(one[0] - one[2]) < near > abs(other[0] - other[2]):
        apart = max(one[1], other[1]) - min(one[3], other[3])
        return abs(one[0] - other[0]) < near and 0 <= apart < gap
    if abs(one[1] - one[3]) < near > abs(other[1] - other[3]):
        apart = max(one[0], other[0]) - min(one[2], other[2])
        return abs(one[1] - other[1]) < near and 0 <= apart < gap
    return False
