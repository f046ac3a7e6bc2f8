"""Item 3: a typed report of the nineteen-eighties, as a grey scan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .alto import write_alto
from .fonts import HEI_SC, SONG_SC, SONG_SC_BOLD, pen
from .paper import Stock
from .records import Page, write_record
from .sheet import Block, Line, Sheet, Stroke
from .texts import lines
from .wear import Wear, printed, save_jpeg

WIDTH, HEIGHT = 1654, 2339
LEFT, RIGHT, TOP, FLOOR = 238, 1416, 270, 2030
BODY = Stroke(SONG_SC, 38)
HEAD = Stroke(HEI_SC, 40)
TITLE = Stroke(SONG_SC_BOLD, 62)
LEADING = 74
GREY = Stock((226, 225, 220), mottle=0.35, fibres=0.15, foxing=0.05, edge=0.25)
# Marks that may not begin a line, and those that may not end one.
NOT_FIRST = "，。、；：！？）》”’〉"
NOT_LAST = "（《“‘〈"


@dataclass
class Flow:
    """The pages made so far and how far down the last one is filled."""

    sheets: list[Sheet]
    y: float = TOP

    @property
    def sheet(self) -> Sheet:
        """The page being filled."""
        return self.sheets[-1]

    def room(self, height: float) -> None:
        """Begin a page when less than this is left."""
        if self.y + height > FLOOR:
            self.sheets.append(Sheet(WIDTH, HEIGHT))
            self.y = TOP


def make(folder: Path) -> None:
    """Write the report into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    flow = Flow([Sheet(WIDTH, HEIGHT)])
    sections = []
    for kind, text in _parts(lines("report.txt")):
        if kind == "h":
            flow.room(LEADING * 4)
            sections.append({"title": text, "page": len(flow.sheets)})
        _ADD[kind](flow, text)
    pages = []
    for number, sheet in enumerate(flow.sheets, start=1):
        name = f"{number:04d}.jpg"
        _page_number(sheet, number)
        wear = Wear(
            GREY,
            ink=(52, 52, 56),
            degrees=(0.45, -0.6, 0.3, -0.35, 0.2)[number - 1],
            rough=0.35,
            uneven=0.55,
            soft=0.8,
            bed=(246, 246, 244),
        )
        rng = np.random.default_rng(3000 + number)
        save_jpeg(printed(sheet, wear, rng).convert("L"), folder / name, 70)
        write_alto((folder / name).with_suffix(".xml"), sheet, image_name=name, degrees=wear.degrees)
        pages.append(Page(name, str(number)))
    write_record("report", folder / "metadata.json", pages=pages, sections=sections)


def _parts(rows: list[str]) -> list[tuple[str, str]]:
    """Join the rows of a table to one part."""
    parts: list[tuple[str, str]] = []
    for row in rows:
        if row.startswith("@"):
            kind, text = row[1:].split(" ", 1)
            parts.append((kind, text))
        else:
            kind, text = parts[-1]
            parts[-1] = (kind, text + "\n" + row)
    return parts


def broken(text: str, width: float, font: str, size: int, *, indent: float) -> list[str]:
    """Break a paragraph into lines by the rules for marks at line ends."""
    made, line, used = [], "", indent
    for char in text:
        step = pen(font, size).getlength(char)
        if used + step > width + 1 and char not in NOT_FIRST:
            carry = line[-1] if line[-1] in NOT_LAST else ""
            made.append(line[: len(line) - len(carry)])
            line = carry
            used = sum(pen(font, size).getlength(c) for c in carry)
        line += char
        used += step
    return [*made, line]


def _row(sheet: Sheet, text: str, x: float, y: float, stroke: Stroke) -> Line:
    line = Line()
    for char in text:
        step = pen(stroke.font, stroke.size).getlength(char)
        if char not in " 　":
            line.glyphs.append(sheet.stamp(char, x + step / 2, y, stroke))
        x += step
    return line


def _paragraph(flow: Flow, text: str) -> None:
    block: Block | None = None
    indent = BODY.size * 2.0
    for number, piece in enumerate(broken(text, RIGHT - LEFT, BODY.font, BODY.size, indent=indent)):
        before = len(flow.sheets)
        flow.room(LEADING)
        if block is None or len(flow.sheets) != before:
            block = flow.sheet.block(vertical=False)
        x = LEFT + (indent if number == 0 else 0)
        block.lines.append(_row(flow.sheet, piece, x, flow.y, BODY))
        flow.y += LEADING


def _centred(flow: Flow, text: str, stroke: Stroke, after: float) -> None:
    width = pen(stroke.font, stroke.size).getlength(text)
    x = (LEFT + RIGHT - width) / 2
    flow.sheet.block(vertical=False).lines.append(_row(flow.sheet, text, x, flow.y, stroke))
    flow.y += after


def _title(flow: Flow, text: str) -> None:
    """Set the title on the cover, the way typed reports had it, with a rule below."""
    flow.y += 330
    _centred(flow, text, TITLE, 90)
    flow.sheet.draw.line([(LEFT, flow.y), (RIGHT, flow.y)], fill=230, width=4)
    flow.y += 110


def _sub(flow: Flow, text: str) -> None:
    _centred(flow, text, Stroke(SONG_SC, 42), 82)


def _contents(flow: Flow, text: str) -> None:
    """List the headings and begin a new page."""
    flow.y += 150
    _centred(flow, "目　　录", HEAD, 100)
    block = flow.sheet.block(vertical=False)
    for row in text.split("/"):
        block.lines.append(_row(flow.sheet, row, LEFT + 300, flow.y, BODY))
        flow.y += LEADING + 8
    flow.y = FLOOR


def _heading(flow: Flow, text: str) -> None:
    flow.y += 34
    block = flow.sheet.block(vertical=False)
    block.lines.append(_row(flow.sheet, text, LEFT, flow.y, HEAD))
    flow.y += LEADING + 10


def _sign(flow: Flow, text: str) -> None:
    flow.room(LEADING)
    width = pen(BODY.font, BODY.size).getlength(text)
    block = flow.sheet.block(vertical=False)
    block.lines.append(_row(flow.sheet, text, RIGHT - width, flow.y + 20, BODY))
    flow.y += LEADING


def _table(flow: Flow, text: str) -> None:
    """Draw the ruled table; every cell is a line of its own, row by row."""
    caption, *rows = text.split("\n")
    height = 60
    flow.room(height * (len(rows) + 2))
    flow.y += 12
    _centred(flow, caption, Stroke(HEI_SC, 34), 46)
    edges = [LEFT, LEFT + 330, LEFT + 530, LEFT + 770, LEFT + 990, RIGHT]
    top = flow.y
    block = flow.sheet.block(vertical=False)
    stroke = Stroke(SONG_SC, 33)
    for number, row in enumerate(rows):
        y = top + (number + 0.5) * height
        for place, cell in enumerate(row.split("|")):
            width = pen(stroke.font, stroke.size).getlength(cell)
            middle = (edges[place] + edges[place + 1] - width) / 2
            block.lines.append(_row(flow.sheet, cell, middle, y, stroke))
    brush = flow.sheet.draw
    bottom = top + height * len(rows)
    for number in range(len(rows) + 1):
        thick = 4 if number in (0, len(rows)) else 2
        y = top + number * height
        brush.line([(LEFT, y), (RIGHT, y)], fill=230, width=thick)
    for place, x in enumerate(edges):
        brush.line([(x, top), (x, bottom)], fill=230, width=4 if place in (0, 5) else 2)
    flow.y = bottom + 60


def _page_number(sheet: Sheet, number: int) -> None:
    text = f"—{number}—"
    stroke = Stroke(SONG_SC, 32)
    width = pen(stroke.font, stroke.size).getlength(text)
    block = sheet.block(vertical=False, furniture=True)
    block.lines.append(_row(sheet, text, (WIDTH - width) / 2, FLOOR + 96, stroke))


_ADD = {
    "title": _title,
    "sub": _sub,
    "contents": _contents,
    "h": _heading,
    "p": _paragraph,
    "table": _table,
    "sign": _sign,
}
