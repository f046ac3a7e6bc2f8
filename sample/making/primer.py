"""Items 2 and 6: school books written with a brush."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .alto import write_alto
from .fonts import KAI_TC
from .paper import Stock
from .records import Page, write_record
from .seals import seal
from .sheet import Line, Sheet, Stroke
from .texts import lines, numeral
from .vertical import Column, Grid, Hand, Run, set_column
from .wear import Wear, printed, save_jpeg

WIDTH, HEIGHT = 1400, 1900
COLUMNS, ROWS = 9, 16
XUAN = Stock((238, 231, 214), mottle=0.55, laid=0.15, fibres=0.6, foxing=0.15, edge=0.35)
HAND = Hand(Stroke(KAI_TC, 92, weight=1), Stroke(KAI_TC, 44), unsteady=1.0)
RED = (186, 74, 58)
GRID = Grid(right=1290, top=200, pitch=(1290 - 110) / COLUMNS, step=1560 / ROWS, rows=ROWS)
TITLE = ["千字文", "　　　　敕員外散騎侍郎周興嗣次韻"]
COLOPHON = ["　　　光緒壬寅孟夏南山書院諸生", "　　　　　　　　　李觀瀾敬書"]


def make(folder: Path) -> None:
    """Write the Thousand Characters out into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(lines("qianziwen.txt"))
    columns = TITLE + [text[i : i + ROWS] for i in range(0, len(text), ROWS)]
    columns += COLOPHON
    pages, per_page = [], COLUMNS
    for start in range(0, len(columns), per_page):
        number = start // per_page + 1
        last = start + per_page >= len(columns)
        name = f"{number:04d}.jpg"
        sheet = _written(columns[start : start + per_page], 500 + number)
        wear = _wear(number)
        rng = np.random.default_rng(2000 + number)
        picture = printed(sheet, wear, rng, coloured=_red(number, last))
        save_jpeg(picture, folder / name, 66)
        write_alto((folder / name).with_suffix(".xml"), sheet, image_name=name, degrees=wear.degrees)
        pages.append(Page(name, f"葉{numeral((number + 1) // 2)}{'左' if number % 2 == 0 else '右'}"))
    write_record("qianziwen", folder / "metadata.json", pages=pages)


def _wear(number: int) -> Wear:
    turn = float(np.random.default_rng(80 + number).normal(0, 0.25))
    return Wear(
        XUAN,
        ink=(30, 28, 30),
        degrees=turn,
        rough=0.55,
        uneven=0.7,
        bed=(196, 194, 188),
        soft=0.9,
    )


def _written(columns: list[str], seed: int) -> Sheet:
    sheet = Sheet(WIDTH, HEIGHT)
    rng = np.random.default_rng(seed)
    block = sheet.block()
    for place, text in enumerate(columns):
        set_column(sheet, block, GRID, Column([Run(text, 0)]), place, HAND, rng)
    return sheet


def _red(number: int, last: bool) -> Image.Image:
    """Draw the red ruling of the copy book, and seals at both ends."""
    layer = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    brush = ImageDraw.Draw(layer)
    right, left, top, bottom = 1290, 110, 188, 1772
    brush.rectangle((left - 14, top - 14, right + 14, bottom + 14), outline=(*RED, 210), width=6)
    brush.rectangle((left, top, right, bottom), outline=(*RED, 190), width=2)
    for place in range(1, COLUMNS):
        x = right - place * GRID.pitch
        brush.line([(x, top), (x, bottom)], fill=(*RED, 170), width=2)
    if number == 1:
        mark = seal("南山市圖書館藏書印", 124, columns=3, raised=True, seed=8)
        layer.alpha_composite(mark, (1160, 900))
    if last:
        used = (len(TITLE) + 63 + len(COLOPHON) - 1) % COLUMNS
        x = round(GRID.centre(used)) - 46
        layer.alpha_composite(seal("觀瀾", 92, columns=1, raised=False, seed=9), (x, 1560))
    return layer


def film_pages() -> list[Image.Image]:
    """Write three pages of the Three Character Classic, as if filmed in grey."""
    rows = lines("sanzijing.txt")
    step = -(-len(rows) // 3)
    made = []
    for number in range(3):
        part = [row[:6] + "　" + row[6:] for row in rows[number * step : (number + 1) * step]]
        made.append(_film(part, number))
    return made


def _film(rows: list[str], number: int) -> Image.Image:
    width, height = 1240, 1700
    sheet = Sheet(width, height)
    rng = np.random.default_rng(700 + number)
    per_page = 12
    cells = Grid(right=1130, top=230, pitch=1020 / per_page, step=1240 / 13, rows=13)
    hand = Hand(Stroke(KAI_TC, 74, weight=1), Stroke(KAI_TC, 40), unsteady=0.9)
    block = sheet.block()
    head = ["三字經"] if number == 0 else []
    for place, text in enumerate(head + rows):
        set_column(sheet, block, cells, Column([Run(text, 0)]), place, hand, rng)
    brush = sheet.draw
    brush.rectangle((96, 206, 1144, 1494), outline=255, width=7)
    for place in range(1, per_page):
        x = 1130 - place * cells.pitch
        brush.line([(x, 214), (x, 1486)], fill=220, width=2)
    block.lines.append(Line())
    stock = Stock((203, 203, 201), mottle=0.9, fibres=0.5, foxing=0.5, edge=0.9)
    wear = Wear(
        stock,
        ink=(28, 28, 30),
        degrees=(-0.8, 0.5, -0.3)[number],
        rough=1.1,
        uneven=1.0,
        bed=(26, 26, 28),
    )
    return printed(sheet, wear, rng).convert("L")
