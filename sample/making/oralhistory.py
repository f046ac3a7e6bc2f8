"""Item 5: a born-digital PDF with real text, outline and vector figures."""

# PyMuPDF carries no annotations on these calls.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import io
from pathlib import Path

import pymupdf
from fontTools import subset
from fontTools.ttLib import TTFont

from .figures import FIGURES
from .fonts import HEI_SC, SONG_SC, WENKAI, face
from .records import write_record
from .report import broken
from .texts import lines

WIDTH, HEIGHT = 498.9, 708.7
LEFT, RIGHT, TOP, FLOOR = 60.0, 439.0, 74.0, 640.0
SIZE, LEADING = 11.5, 21.0
TITLE = "南山老街口述史"
AUTHOR = "南山市图书馆地方文献部"
INK, RED = (0.13, 0.12, 0.12), (0.62, 0.20, 0.15)
Colour = tuple[float, float, float]


class Press:
    """Sets lines on pages with fonts cut down to what is used."""

    def __init__(self, text: str) -> None:
        """Prepare the fonts for a text."""
        self.document = pymupdf.open()
        self.fonts = {
            name: _cut_font(pattern, text) for name, pattern in (("song", SONG_SC), ("hei", HEI_SC), ("kai", WENKAI))
        }
        self.outline: list[list[object]] = []
        self.y = TOP
        self.page: pymupdf.Page

    def new_page(self) -> None:
        """Begin a page with its running head and number."""
        self.page = self.document.new_page(width=WIDTH, height=HEIGHT)
        self.y = TOP
        number = self.document.page_count
        if number > 1:
            self.put(TITLE, (LEFT, 46), "kai", 8, (0.45, 0.42, 0.40))
            self.put(str(number), (WIDTH / 2 - 4, 668), "song", 9)
            self.page.draw_line((LEFT, 52), (RIGHT, 52), color=(0.7, 0.66, 0.62), width=0.5)

    def put(self, text: str, at: tuple[float, float], font: str, size: float, colour: Colour = INK) -> None:
        """Write one line with its baseline at a place."""
        writer = pymupdf.TextWriter(self.page.rect, color=colour)
        writer.append(at, text, font=self.fonts[font], fontsize=size)
        writer.write_text(self.page)

    def room(self, height: float) -> None:
        """Begin a page when less than this is left."""
        if self.y + height > FLOOR:
            self.new_page()


def make(target: Path) -> None:
    """Write the PDF and its record."""
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = lines("oralhistory.txt")
    # The figures bring their own words; letters and digits serve the page numbers.
    words = "".join(rows) + TITLE + AUTHOR + "".join(map(chr, range(32, 127)))
    words += "二〇一九年四月本书为样例，内容、人物均属虚构"
    words += "桥头鱼行口中正街书院巷码头通济桥明月湖南江北涨潮退潮第十一级"
    press = Press(words)
    _cover(press)
    for row in rows:
        word, _, rest = row.partition(" ")
        _SET.get(word, _table_row)(press, rest if word in _SET else row)
    document = press.document
    document.set_toc(press.outline)
    document.set_metadata(
        {
            "title": TITLE,
            "author": AUTHOR,
            "subject": "口述历史；骑楼；通济桥",
            "keywords": "南山, 老街, 口述史, 样例",
            "creator": "sample/make.py",
            "creationDate": "D:20190415090000+08'00'",
            "modDate": "D:20190415090000+08'00'",
        }
    )
    document.set_language("zh-CN")
    document.save(str(target), garbage=4, deflate=True, deflate_fonts=True, no_new_id=True)
    write_record("oralhistory", target.with_suffix(".json"))


def _cut_font(pattern: str, text: str) -> pymupdf.Font:
    """Return a font that holds only the characters of a text.

    PyMuPDF cannot take one face out of a collection, so fontTools does.
    """
    found = face(pattern)
    font = TTFont(str(found.path), fontNumber=found.index, recalcTimestamp=False)
    # PDF readers find a glyph of a CID font by its old number, so numbers stay.
    options = subset.Options(layout_features=[], notdef_outline=True, hinting=False, retain_gids=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    kept = io.BytesIO()
    font.save(kept)
    return pymupdf.Font(fontbuffer=kept.getvalue())


def _cover(press: Press) -> None:
    press.new_page()
    page = press.page
    page.draw_rect(page.rect, fill=(0.955, 0.93, 0.875), color=None)
    page.draw_rect((0, 0, 46, HEIGHT), fill=RED, color=None)
    FIGURES["arcade"](page, pymupdf.Rect(96, 370, 446, 530), press.put)
    press.put("南山老街", (96, 170), "song", 46)
    press.put("口述史", (96, 228), "song", 46, RED)
    press.put(AUTHOR, (96, 286), "kai", 14)
    press.put("二〇一九年四月", (96, 620), "kai", 11)
    press.put("本书为样例，内容、人物均属虚构", (96, 642), "kai", 8.5, (0.45, 0.42, 0.40))
    press.outline.append([1, "封面", 1])


def _chapter(press: Press, text: str) -> None:
    press.new_page()
    press.y = TOP + 40
    press.put(text, (LEFT, press.y), "hei", 18)
    press.page.draw_line((LEFT, press.y + 10), (LEFT + 48, press.y + 10), color=RED, width=2)
    press.y += 46
    press.outline.append([1, text.replace("　", " "), press.document.page_count])


def _by(press: Press, text: str) -> None:
    press.put(text, (LEFT, press.y), "kai", 10, RED)
    press.y += 28


def _paragraph(press: Press, text: str) -> None:
    # Line breaks are measured at a hundred pixels an em, then scaled.
    scale = 100 / SIZE
    for number, piece in enumerate(broken(text, (RIGHT - LEFT) * scale, SONG_SC, 100, indent=200)):
        press.room(LEADING)
        x = LEFT + (2 * SIZE if number == 0 else 0)
        press.put(piece, (x, press.y), "song", SIZE)
        press.y += LEADING
    press.y += 3


def _figure(press: Press, text: str) -> None:
    name, caption = text.split(" ", 1)
    press.room(190)
    area = pymupdf.Rect(LEFT, press.y, RIGHT, press.y + 150)
    FIGURES[name](press.page, area, press.put)
    width = 9 * len(caption)
    press.put(caption, ((LEFT + RIGHT - width) / 2, press.y + 168), "kai", 9)
    press.y += 192


def _table(press: Press, _text: str) -> None:
    press.page.draw_line((LEFT, press.y - 6), (RIGHT, press.y - 6), color=INK, width=1.2)
    press.y += 14


def _table_row(press: Press, text: str) -> None:
    for place, cell in zip((0, 84, 176), text.split("|"), strict=True):
        press.put(cell, (LEFT + place, press.y), "song", 9.5)
    line = press.y + 8
    press.page.draw_line((LEFT, line), (RIGHT, line), color=(0.7, 0.66, 0.62), width=0.5)
    press.y += 25


_SET = {
    "@chapter": _chapter,
    "@by": _by,
    "@p": _paragraph,
    "@fig": _figure,
    "@table": _table,
}
