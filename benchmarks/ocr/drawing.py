"""Draw a sheet as a grey picture: black ink on white."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.ocr.sheet import Glyph, Line, Sheet

Grey = NDArray[np.uint8]
TURNED = "「」『』（）《》〈〉【】—…～-“”"
"""Marks that lie on their side in a column."""
CORNER = "。，、"
"""Marks that stand in the upper right corner of their cell in a column."""


def drawn(sheet: Sheet, pictures: int) -> Grey:
    """The sheet in black on white.

    Args:
        pictures: seed of what photographs show.

    Returns:
        height × width, 8-bit grey.
    """
    page = Image.new("L", (sheet.width, sheet.height), 255)
    pen = ImageDraw.Draw(page)
    for number, box in enumerate(sheet.pictures):
        _photograph(page, box, pictures + number)
    for box in sheet.black:
        pen.rectangle([round(value) for value in box], fill=0)
    for line in sheet.lines:
        _set(page, pen, line)
    for stroke in sheet.strokes:
        half = stroke.thickness / 2
        if stroke.y0 == stroke.y1 or stroke.x0 == stroke.x1:
            flat = stroke.y0 == stroke.y1
            pen.rectangle(
                [
                    round(min(stroke.x0, stroke.x1) - (0 if flat else half)),
                    round(min(stroke.y0, stroke.y1) - (half if flat else 0)),
                    round(max(stroke.x0, stroke.x1) + (0 if flat else half)),
                    round(max(stroke.y0, stroke.y1) + (half if flat else 0)),
                ],
                fill=0,
            )
        else:
            pen.line([stroke.x0, stroke.y0, stroke.x1, stroke.y1], fill=0, width=max(1, round(stroke.thickness)))
    return np.asarray(page)


def _set(page: Image.Image, pen: ImageDraw.ImageDraw, line: Line) -> None:
    font = line.face.font(line.size)
    ink = 255 if line.white else 0
    for glyph in line.glyphs:
        if line.vertical and glyph.char in TURNED:
            _turned(page, glyph, line, ink)
        else:
            x, y = glyph.x0, glyph.y0
            if line.vertical and glyph.char in CORNER:
                x, y = x + 0.55 * line.size, y - 0.55 * line.size
            narrow = line.vertical and ord(glyph.char) < 0x2E80
            middle = (glyph.x0 + glyph.x1) / 2
            y += line.face.baseline * line.size
            pen.text(
                (middle, y) if narrow else (x, y), glyph.char, fill=ink, font=font, anchor="ms" if narrow else "ls"
            )


def _turned(page: Image.Image, glyph: Glyph, line: Line, ink: int) -> None:
    side = round(line.size)
    cell = Image.new("L", (side, side), 0)
    ImageDraw.Draw(cell).text(
        (0, line.face.baseline * side), glyph.char, fill=255, font=line.face.font(line.size), anchor="ls"
    )
    cell = cell.transpose(Image.Transpose.ROTATE_270)
    page.paste(ink, (round(glyph.x0), round(glyph.y0)), cell)


def _photograph(page: Image.Image, box: tuple[float, float, float, float], seed: int) -> None:
    """Something grey with light, shade and edges, printed as a halftone."""
    x0, y0, x1, y1 = (round(value) for value in box)
    width, height = max(8, x1 - x0), max(8, y1 - y0)
    noise = np.random.default_rng(seed)
    tones = cv2.resize(noise.random((7, 7)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    edges = cv2.resize(noise.random((23, 17)).astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    tones = np.clip(0.75 * tones + 0.25 * edges, 0, 1)
    down, right = np.mgrid[0:height, 0:width]
    screen = 0.5 + 0.25 * (np.cos((right + down) * 0.9) + np.cos((right - down) * 0.9))
    grey = np.where(tones > screen, 235, 25).astype(np.uint8) if seed % 2 else (tones * 230 + 10).astype(np.uint8)
    page.paste(Image.fromarray(cv2.GaussianBlur(grey, (3, 3), 0)), (x0, y0))
