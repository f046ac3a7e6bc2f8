"""Make repo/data/blank.ttf: the font of the invisible text in searchable PDFs. Its one glyph has no outline.

    python tools/make_blank_font.py

Needs fontTools (the extra `sample`). Same bytes every time. What stands for which character is told by the PDF itself
(`repo/pdf_font.py`), so the font has glyphs for widths only: one for each of `pdf_font.WIDTHS`, one em high above the
base line. Each is a stroke without area from corner to corner: nothing is seen even where a program would paint it, and
programs that take a character's place from its outline (PDFium, in Chromium) find the box that is meant. With empty
glyphs PDFium makes hits 0.1 points high and leaves turned lines out of the text altogether (measured, 5.15).
"""

from __future__ import annotations

from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

from wenyuan.repo.pdf_font import WIDTHS

TARGET = Path(__file__).parents[1] / "repo" / "data" / "blank.ttf"
EM = 1000
NAME = "WenyuanBlank"
MOMENT = 3_800_000_000
"""Seconds since 1904, made up: a font that is made anew stays the same."""


def main() -> None:
    """Write the font."""
    widths = {".notdef": EM} | {f"w{width}": width for width in WIDTHS}
    names = list(widths)
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x20: names[1]})
    builder.setupGlyf({name: _stroke(width) for name, width in widths.items()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=EM, descent=0)
    builder.setupOS2(sTypoAscender=EM, sTypoDescender=0, usWinAscent=EM, usWinDescent=0, fsType=0)
    builder.setupNameTable({"familyName": NAME, "styleName": "Regular", "psName": NAME}, mac=False)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = MOMENT
    builder.font.recalcTimestamp = False
    builder.save(TARGET)


def _stroke(width: int) -> Glyph:
    """From the lower left corner to the upper right one and back."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((width, EM))
    pen.closePath()
    return pen.glyph()


if __name__ == "__main__":
    main()
