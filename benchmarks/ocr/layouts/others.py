"""Genealogies, tables, photographs with captions, English, text that mixes scripts."""

from __future__ import annotations

from benchmarks.ocr.layouts.desk import Desk
from benchmarks.ocr.sheet import Role, Sheet
from benchmarks.ocr.typefaces import Face, latin_faces

FAMILIES = "鄭黃文廖陳梁張曾麥林吳"
ENGLISH = """The village stands upon the eastern shore of the bay some six miles from the market town and has been
inhabited by the same families since the reign of the first emperor of the Ming It is approached by a narrow road
which follows the foot of the hills and crosses two streams by bridges of cut stone On either hand the fields are
laid out in long terraces watered from a reservoir that was repaired in the year and the harvest of rice is gathered
twice The temple contains several tablets recording gifts of land for the support of a school and the elders still
meet there every spring to settle the accounts Boats from the islands bring salt fish oysters and lime while cloth
paper lamp oil and iron ware are carried inland by porters Many of the younger men have gone abroad to work in tin
mines and on railways they send money home and build tall houses with towers against robbers"""
LATIN_WORDS = (
    *("Shenzhen", "Library", "ISBN", "UTF-8", "GDP", "CPU", "Kowloon", "Hong", "Kong", "pH", "CO2", "DNA", "Vol", "No"),
    *("pp", "IIIF", "OCR", "km", "kg", "PDF", "Lockhart"),
)


def genealogy(desk: Desk) -> Sheet:
    """A table of generations: tiers from top to bottom.

    In each the label at the right, then the persons from right to left, of each the name, then what is told below it.
    """
    width, height = desk.draw.choice(((1750, 2480), (2480, 3508), (2480, 1754)))
    sheet = Sheet(width, height, writing="vertical")
    face = desk.face("kai song", traditional=True, bold=False)
    text = desk.text(traditional=True, faces=(face,))
    x0, y0, x1, y1 = 0.07 * width, 0.08 * height, 0.92 * width, 0.93 * height
    size = desk.between(40, 62)
    title = f"寶安{desk.draw.choice(FAMILIES)}氏族譜卷{desk.count(desk.draw.randint(1, 12))}世系"
    sheet.down(title, x1 + 0.03 * width, y0 + size, face, size * 0.8, role=Role.FURNITURE)
    sheet.frame((x0, y0, x1, y1), desk.draw.choice((4, 8)))
    tiers = max(2, min(desk.draw.randint(3, 6), int((y1 - y0) / (size * 6))))
    high, first = (y1 - y0) / tiers, desk.draw.randint(2, 20)
    pitch = size * desk.between(2.1, 3.2)
    small = size * desk.between(0.5, 0.62)
    stood = desk.chance(0.3)
    for tier in range(tiers):
        top = y0 + tier * high
        if tier:
            sheet.rule(x0, top, x1, top, 3)
        label = f"第{desk.count(first + tier)}世"
        sheet.down(
            label,
            x1 - size * 0.8,
            top + 0.3 * size,
            face,
            min(size, (high - 0.6 * size) / len(label)),
            role=Role.HEADLINE,
        )
        if stood:
            sheet.rule(x1 - 1.6 * size, top, x1 - 1.6 * size, top + high, 2)
        x = x1 - 1.9 * size
        while x - pitch > x0:
            x -= pitch
            if desk.chance(0.15):
                continue
            if stood and desk.chance(0.5):
                sheet.rule(x - 0.05 * size, top, x - 0.05 * size, top + high, 1)
            name = text.name(2, 3)
            y = sheet.down(name, x + pitch / 2, top + 0.25 * size, face, size * 0.95, step=size * 1.02) + 0.15 * size
            rows = int((top + high - y - 0.2 * size) / (small * 1.02))
            columns = desk.draw.randint(1, max(1, int(pitch / (small * 1.3))))
            for column in range(columns):
                centre = x + pitch / 2 + ((columns - 1) / 2 - column) * small * 1.25
                if rows > 1:
                    told = text.take(rows if column + 1 < columns else desk.draw.randint(1, rows), marks=False)
                    sheet.down(told, centre, y, face, small, step=small * 1.02)
    return sheet


def chart(desk: Desk) -> Sheet:
    """A chart of descent: a line joins a name to those below it; generations from top to bottom, each right to left."""
    width, height = 2480, 1754
    sheet = Sheet(width, height, writing="vertical")
    face = desk.face("kai song", traditional=True, bold=False)
    text = desk.text(traditional=True, faces=(face,))
    size = desk.between(38, 50)
    rows: list[list[float]] = [[width / 2]]
    for _ in range(desk.draw.randint(2, 3)):
        row: list[float] = []
        count = sum(desk.draw.randint(1, 3) for _ in rows[-1])
        count = max(2, min(count, int(0.88 * width / (size * 1.7))))
        row = [0.95 * width - (number + 0.5) * 0.9 * width / count for number in range(count)]
        rows.append(row)
    y, high = 0.1 * height, size * 3.4
    for number, row in enumerate(rows):
        for x in row:
            if number:
                sheet.rule(x, y - 0.9 * size, x, y - 0.15 * size, 2)
            sheet.down(text.name(2, 3), x, y, face, size)
        if number + 1 < len(rows):
            bar = y + high + 0.1 * size
            following = rows[number + 1]
            for x in row:
                sheet.rule(x, y + 3.1 * size, x, bar, 2)
            sheet.rule(min(following[-1], row[-1]), bar, max(following[0], row[0]), bar, 2)
            y = bar + 0.9 * size
    return sheet


def table(desk: Desk) -> Sheet:
    """A ruled table: title, then row by row from left to right, a cell after the other; a note below."""
    width, height = desk.draw.choice(((1754, 2480), (2480, 1754)))
    sheet = Sheet(width, height)
    face = desk.face("song hei", traditional=False, bold=False)
    while not face.holds("0123456789.%"):
        desk.faces.remove(face)
        face = desk.face("song hei", traditional=False, bold=False)
    bold = desk.face("hei song", traditional=False, bold=True)
    text = desk.text(traditional=False, faces=(face, bold))
    size = desk.between(32, 42)
    title = text.name(6, 14) + "统计表"
    x0, x1, y = 0.1 * width, 0.9 * width, 0.1 * height
    sheet.across(title, (width - len(title) * size * 1.3) / 2, y, bold, size * 1.3, role=Role.HEADLINE)
    y += size * 3
    columns = desk.draw.randint(3, 7)
    weights = [2.2] + [1.0] * (columns - 1)
    edges = [x0]
    for weight in weights:
        edges.append(edges[-1] + (x1 - x0) * weight / sum(weights))
    row_high, top = size * desk.between(1.7, 2.3), y
    rows = int((0.88 * height - y) / row_high)
    for row in range(rows):
        for column in range(columns):
            room = edges[column + 1] - edges[column] - size
            if row == 0 or column == 0:
                words = text.name(2, max(2, min(8, int(room / size))))
            else:
                words = desk.draw.choice(
                    (f"{desk.draw.randint(1, 9999)}", f"{desk.draw.uniform(0, 99):.2f}", f"{desk.draw.randint(1, 99)}%")
                )
                while sum(face.advance(char, size) for char in words) > room:
                    words = words[:-1]
            wide = sum(face.advance(char, size) if ord(char) < 0x2E80 else size for char in words)
            sheet.across(
                words,
                (edges[column] + edges[column + 1] - wide) / 2,
                y + (row_high - size) / 2,
                bold if row == 0 else face,
                size,
            )
        y += row_high
    ruled = desk.draw.choice(("full", "open", "three"))
    for row in range(rows + 1):
        if ruled != "three" or row in {0, 1, rows}:
            sheet.rule(x0, top + row * row_high, x1, top + row * row_high, 4 if row in {0, rows} else 2)
    for number, x in enumerate(edges):
        if ruled == "full" or (ruled == "open" and 0 < number < columns):
            sheet.rule(x, top, x, y, 2)
    sheet.across("注：" + text.take(desk.draw.randint(8, 20)), x0, y + size, face, size * 0.85)
    return sheet


def photographs(desk: Desk) -> Sheet:
    """Pictures with captions below them: rows from top to bottom, a row from left to right, of each its lines."""
    width, height = desk.draw.choice(((1754, 2480), (2480, 1754)))
    sheet = Sheet(width, height)
    face = desk.face("song kai hei", traditional=False, bold=False)
    text = desk.text(traditional=False, faces=(face,))
    size = desk.between(32, 44)
    rows, columns = (
        desk.draw.choice(((1, 1), (2, 1), (2, 2), (3, 2)))
        if height > width
        else desk.draw.choice(((1, 1), (1, 2), (2, 3)))
    )
    x0, y0 = 0.08 * width, 0.07 * height
    wide, high = 0.84 * width / columns, 0.86 * height / rows
    for row in range(rows):
        for column in range(columns):
            left, top = x0 + column * wide, y0 + row * high
            foot = top + high - 5.5 * size
            sheet.pictures.append((left + 0.03 * wide, top, left + 0.97 * wide, foot))
            per_line = int(0.9 * wide / size)
            for line in range(desk.draw.randint(1, 3)):
                words = ("" if line else f"图{desk.draw.randint(1, 9)}\u3000") + text.take(
                    desk.draw.randint(4, max(5, per_line - 4))
                )
                sheet.across(words, left + 0.05 * wide, foot + (0.6 + 1.4 * line) * size, face, size, role=Role.CAPTION)
    return sheet


def photographs_vertical(desk: Desk) -> Sheet:
    """Pictures with vertical captions at their left, two to a page: the upper one first."""
    width, height = 1754, 2480
    sheet = Sheet(width, height, writing="vertical")
    face = desk.face("song kai", traditional=True, bold=False)
    text = desk.text(traditional=True, faces=(face,))
    size = desk.between(36, 48)
    for row in range(2):
        top, foot = height * (0.07 + 0.45 * row), height * (0.46 + 0.45 * row)
        columns = desk.draw.randint(1, 3)
        left = 0.1 * width + columns * 1.6 * size
        sheet.pictures.append((left + size, top, 0.92 * width, foot))
        for column in range(columns):
            words = text.take(desk.draw.randint(5, int((foot - top) / size) - 1), marks=False)
            sheet.down(words, left - (column + 0.5) * 1.6 * size, top, face, size, role=Role.CAPTION)
    return sheet


def _wrapped(words: list[str], face: Face, size: float, width: float, first: float = 0) -> list[str]:
    lines, line, used = [], "", first
    for word in words:
        wide = sum(face.advance(char, size) for char in word + " ")
        if used + wide > width and line:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line += word + " "
        used += wide
    return [*lines, line.rstrip()]


def english(desk: Desk) -> Sheet:
    """English in two columns: title, left column, right column."""
    width, height = 2480, 3508
    sheet = Sheet(width, height)
    found = latin_faces() or (desk.face("song", traditional=False),)
    face = desk.draw.choice(found)
    desk.faces.append(face)
    words = ENGLISH.split()
    words = words[: len(words) // 2] if desk.held_out else words[len(words) // 2 :]
    size = desk.between(38, 46)
    title = " ".join(desk.draw.sample(words, 4)).upper()
    sheet.across(title, 0.25 * width, 0.07 * height, face, size * 1.5, role=Role.HEADLINE)
    gutter = size * desk.between(1.2, 2.4)
    wide = (0.84 * width - gutter) / 2
    for column in range(2):
        x, y = 0.08 * width + column * (wide + gutter), 0.12 * height
        while y < 0.88 * height:
            sentence = desk.draw.sample(words, desk.draw.randint(40, 70))
            sentence[0] = sentence[0].capitalize()
            for number, line in enumerate(_wrapped([*sentence[:-1], sentence[-1] + "."], face, size, wide, 1.5 * size)):
                if y < 0.9 * height:
                    sheet.across(line, x + (1.5 * size if not number else 0), y, face, size)
                y += size * 1.35
    sheet.across(str(desk.draw.randint(2, 400)), width / 2, 0.92 * height, face, size, role=Role.FURNITURE)
    return sheet


def mixed(desk: Desk) -> Sheet:
    """Chinese with Latin words, digits and units in one line; read line by line."""
    width, height = 1754, 2480
    sheet = Sheet(width, height)
    face = desk.face("song hei", traditional=False, bold=False)
    text = desk.text(traditional=False, faces=(face,))
    size = desk.between(36, 46)
    x0, x1, y = 0.12 * width, 0.88 * width, 0.1 * height
    while y < 0.9 * height:
        line, used = "", 0.0
        while True:
            if desk.chance(0.25):
                part = desk.draw.choice(
                    (
                        desk.draw.choice(LATIN_WORDS),
                        str(desk.draw.randint(1, 2026)),
                        f"{desk.draw.uniform(0, 100):.1f}%",
                    )
                )
            else:
                part = text.take(desk.draw.randint(2, 9))
            wide = sum(face.advance(char, size) if ord(char) < 0x2E80 else size for char in part)
            if used + wide > x1 - x0:
                break
            line, used = line + part, used + wide
        sheet.across(line, x0, y, face, size)
        y += size * 1.6
    return sheet
