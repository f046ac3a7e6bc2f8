"""Columns from right to left, with small notes in two half-columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from .sheet import Block, Line, Sheet, Stroke

# Height of a note character against that of a text character.
NOTE_STEP = 0.64
BLANK = "　"


@dataclass(frozen=True)
class Run:
    """Characters of one size going down; start is in cells from the top.

    side is 0 for the full column, 1 and 2 for right and left half-column.
    """

    text: str
    start: float
    side: int = 0


@dataclass
class Column:
    """One column, its runs in reading order."""

    runs: list[Run] = field(default_factory=list)


def compose(paragraph: str, rows: int) -> list[Column]:
    """Break a paragraph into columns of so many cells.

    Notes stand between 〔 and 〕; an ideographic space leaves a cell empty.
    """
    columns, row = [Column()], 0
    for part in re.split("(〔[^〕]*〕)", paragraph):
        if part.startswith("〔"):
            row = _add_note(columns, part[1:-1], row, rows)
        else:
            row = _add_text(columns, part, row, rows)
    return [column for column in columns if column.runs]


def _add_text(columns: list[Column], text: str, row: int, rows: int) -> int:
    while text:
        if row == rows:
            columns.append(Column())
            row = 0
        piece, text = text[: rows - row], text[rows - row :]
        columns[-1].runs.append(Run(piece, row))
        row += len(piece)
    return row


def _add_note(columns: list[Column], note: str, row: int, rows: int) -> int:
    while note:
        room = int((rows - row + 0.05) / NOTE_STEP)
        if room < 1:
            columns.append(Column())
            row = 0
            continue
        half = min(room, -(-len(note) // 2))
        right, left, note = note[:half], note[half : 2 * half], note[2 * half :]
        columns[-1].runs.append(Run(right, row, 1))
        if left:
            columns[-1].runs.append(Run(left, row, 2))
        row = min(rows, row + int(np.ceil(half * NOTE_STEP - 0.05)))
    return row


@dataclass(frozen=True)
class Grid:
    """Where the cells of a page lie, in pixels.

    right is the right edge of the first column, gap an extra shift of the
    columns from split on (the middle strip of a leaf).
    """

    right: float
    top: float
    pitch: float
    step: float
    rows: int
    split: int = 10_000
    gap: float = 0.0

    def centre(self, column: int) -> float:
        """Return the x of the middle of a column."""
        shift = self.gap if column >= self.split else 0.0
        return self.right - (column + 0.5) * self.pitch - shift


@dataclass(frozen=True)
class Hand:
    """The strokes of text and note, and how unsteady they are."""

    text: Stroke
    note: Stroke
    unsteady: float = 0.0


def set_column(
    sheet: Sheet,
    block: Block,
    grid: Grid,
    column: Column,
    place: int,
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    """Draw a column at its place on the page; each run becomes a line."""
    for run in column.runs:
        x, step, stroke = grid.centre(place), grid.step, hand.text
        if run.side:
            x += grid.pitch * (0.235 if run.side == 1 else -0.235)
            step, stroke = grid.step * NOTE_STEP, hand.note
        line = Line()
        for number, char in enumerate(run.text):
            if char == BLANK:
                continue
            y = grid.top + run.start * grid.step + (number + 0.5) * step
            dx, dy, tilt = rng.normal(0, hand.unsteady, 3)
            line.glyphs.append(sheet.stamp(char, x + dx, y + dy, stroke, float(tilt * 0.6)))
        if line.glyphs:
            block.lines.append(line)
