"""Old books: leaves with a fold in the middle, double small notes, four half leaves in one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.ocr.layouts.desk import Desk
from benchmarks.ocr.sheet import Box, Role, Sheet
from benchmarks.ocr.texts import Text
from benchmarks.ocr.typefaces import Face

FOLDS = ("欽定四庫全書", "四部叢刊", "知不足齋叢書", "粵雅堂叢書", "海山仙館", "廣東通志", "新安縣志")


@dataclass(slots=True)
class Setting:
    """How the columns of a leaf are set.

    Attributes:
        cells: characters in a column.
        notes: share of the text that is double small notes.
    """

    face: Face
    text: Text
    columns: int
    cells: int
    notes: float
    ruled: bool


def _pieces(desk: Desk, setting: Setting) -> Iterator[tuple[str, bool]]:
    """Text and notes in turn, without end; an empty text is a new column."""
    while True:
        if desk.chance(0.06):
            yield "", False
        yield setting.text.take(desk.draw.randint(4, 40), marks=False), False
        if desk.chance(setting.notes):
            most = desk.draw.choice((8, 20, 60))
            yield setting.text.take(desk.draw.randint(2, most), marks=False), True


def half_leaf(
    desk: Desk, sheet: Sheet, box: Box, setting: Setting, pieces: Iterator[tuple[str, bool]], rest: tuple[str, bool]
) -> tuple[str, bool]:
    """Fill one half leaf.

    Returns:
        The piece that goes on in the next half.
    """
    x0, y0, x1, y1 = box
    pitch, cell = (x1 - x0) / setting.columns, (y1 - y0) / setting.cells
    size = min(cell * 0.96, pitch * 0.82)
    small = min(size * 0.56, pitch * 0.44)
    piece, note = rest
    for column in range(setting.columns):
        centre = x1 - (column + 0.5) * pitch
        if setting.ruled and column:
            sheet.rule(x1 - column * pitch, y0, x1 - column * pitch, y1, 2)
        row = 0.0
        if not piece and not note:
            row = desk.draw.choice((0, 0, 1, 2))
        while setting.cells - row >= 1:
            if not piece:
                piece, note = next(pieces)
                if not piece:
                    break
            y = y0 + row * cell
            if not note:
                room = int(setting.cells - row)
                part, piece = piece[:room], piece[room:]
                sheet.down(part, centre, y + (cell - size) / 2, setting.face, size, step=cell)
                row += len(part)
            else:
                rows = int((setting.cells - row) * cell / (small * 1.04))
                part, piece = piece[: 2 * rows], piece[2 * rows :]
                half = (len(part) + 1) // 2
                for side, words in ((0.25, part[:half]), (-0.25, part[half:])):
                    if words:
                        sheet.down(
                            words,
                            centre + side * pitch * 0.94,
                            y,
                            setting.face,
                            small,
                            step=small * 1.04,
                            role=Role.NOTE,
                        )
                row += half * small * 1.04 / cell + 0.15
    return piece, note


def leaf(
    desk: Desk,
    sheet: Sheet,
    box: Box,
    setting: Setting,
    fold_words: tuple[str, str, str],
    rest: tuple[str, bool] = ("", False),
) -> tuple[str, bool]:
    """A whole leaf: right half, fold, left half; the frame is double outside."""
    x0, y0, x1, y1 = box
    pieces = _pieces(desk, setting)
    fold = (x1 - x0) / (2 * setting.columns + 1) * desk.between(0.6, 1.0)
    middle = (x0 + x1) / 2
    sheet.frame(box, desk.draw.choice((4, 8)))
    if desk.chance(0.5):
        sheet.frame((x0 - 12, y0 - 12, x1 + 12, y1 + 12), 3)
    for side in (-1, 1):
        sheet.rule(middle + side * fold / 2, y0, middle + side * fold / 2, y1, 2)
    inner = 0.012 * (y1 - y0)
    rest = half_leaf(desk, sheet, (middle + fold / 2, y0 + inner, x1 - 4, y1 - inner), setting, pieces, rest)
    _fold(desk, sheet, (middle - fold / 2, y0, middle + fold / 2, y1), setting.face, fold_words)
    return half_leaf(desk, sheet, (x0 + 4, y0 + inner, middle - fold / 2, y1 - inner), setting, pieces, rest)


def _fold(desk: Desk, sheet: Sheet, box: Box, face: Face, words: tuple[str, str, str]) -> None:
    """The fold: series above, title and volume in the middle, number of the leaf below, fishtails between."""
    x0, y0, x1, y1 = box
    middle, size = (x0 + x1) / 2, (x1 - x0) * 0.62
    high = y1 - y0
    if desk.chance(0.7):
        tail = y0 + high * 0.25
        sheet.black.append((x0, tail - 0.3 * size, x1, tail))
    for text, at in zip(words, (0.02, 0.27, 0.78), strict=True):
        if face.holds(text):
            fits = min(size, 0.2 * high / len(text))
            sheet.down(text, middle, y0 + high * at, face, fits, step=fits * 1.05, role=Role.FURNITURE)


def _fold_words(desk: Desk, text: Text) -> tuple[str, str, str]:
    volume = desk.count(desk.draw.randint(1, 60))
    return desk.draw.choice(FOLDS), text.name(2, 4) + "卷" + volume, desk.count(desk.draw.randint(1, 90))


def _setting(desk: Desk, *, notes: float, columns: int, cells: int) -> Setting:
    face = desk.face(desk.draw.choice(("song", "kai", "song kai", "fang")), traditional=True, bold=False)
    return Setting(face, desk.text(traditional=True, faces=(face,)), columns, cells, notes, desk.chance(0.75))


def woodblock(desk: Desk) -> Sheet:
    """A leaf of a block print laid open: right half from right to left, the words of the fold, left half."""
    width, height = desk.draw.choice(((3000, 2200), (2800, 1900), (3508, 2480)))
    sheet = Sheet(width, height, writing="vertical")
    setting = _setting(
        desk, notes=desk.draw.choice((0, 0, 0.25)), columns=desk.draw.randint(7, 11), cells=desk.draw.randint(16, 24)
    )
    box = (0.06 * width, 0.16 * height, 0.94 * width, 0.93 * height)
    leaf(desk, sheet, box, setting, _fold_words(desk, setting.text))
    return sheet


def half(desk: Desk) -> Sheet:
    """Half a leaf: columns from right to left."""
    width, height = desk.draw.choice(((1500, 2200), (1240, 1754), (1748, 2480)))
    sheet = Sheet(width, height, writing="vertical")
    setting = _setting(desk, notes=0, columns=desk.draw.randint(6, 10), cells=desk.draw.randint(14, 24))
    box = (0.1 * width, 0.13 * height, 0.9 * width, 0.92 * height)
    sheet.frame((box[0] - 8, box[1] - 8, box[2] + 8, box[3] + 8), desk.draw.choice((4, 8)))
    half_leaf(desk, sheet, box, setting, _pieces(desk, setting), ("", False))
    return sheet


def notes(desk: Desk) -> Sheet:
    """Half a leaf with double small notes: at each note its right column, then its left, then the text goes on."""
    width, height = desk.draw.choice(((1748, 2480), (1500, 2200), (2067, 2923)))
    sheet = Sheet(width, height, writing="vertical")
    setting = _setting(
        desk, notes=desk.draw.choice((0.4, 0.7, 1.0)), columns=desk.draw.randint(6, 9), cells=desk.draw.randint(16, 22)
    )
    box = (0.1 * width, 0.12 * height, 0.9 * width, 0.92 * height)
    sheet.frame((box[0] - 8, box[1] - 8, box[2] + 8, box[3] + 8), desk.draw.choice((4, 8)))
    half_leaf(desk, sheet, box, setting, _pieces(desk, setting), ("", False))
    return sheet


def four_up(desk: Desk) -> Sheet:
    """Four half leaves in a page, as reprints of the Siku have them.

    The upper leaf (right half, fold, left half), then the lower one; head and page number are furniture.
    """
    width, height = desk.draw.choice(((2480, 3508), (2067, 2923), (1754, 2480)))
    sheet = Sheet(width, height, writing="vertical")
    setting = _setting(desk, notes=desk.draw.choice((0.2, 0.6, 0.9)), columns=8, cells=21)
    small = width / 62
    head = setting.text.name(2, 4)
    sheet.down(head, 0.965 * width, 0.08 * height, setting.face, small, role=Role.FURNITURE)
    top, words = 0.05 * height, _fold_words(desk, setting.text)
    gap, rest = desk.between(0.012, 0.03) * height, ("", False)
    high = (0.93 * height - top - gap) / 2
    for number in range(2):
        y = top + number * (high + gap)
        rest = leaf(desk, sheet, (0.05 * width, y, 0.94 * width, y + high), setting, words, rest)
    sheet.across(f"{desk.draw.randint(1, 999)}", width / 2, 0.955 * height, setting.face, small, role=Role.FURNITURE)
    return sheet
