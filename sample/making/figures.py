"""Vector figures of the born-digital book."""

# PyMuPDF carries no annotations on these calls.
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Callable

import pymupdf

INK, PALE, RED = (0.25, 0.22, 0.20), (0.90, 0.86, 0.78), (0.62, 0.20, 0.15)
WATER = (0.66, 0.75, 0.78)
Put = Callable[[str, tuple[float, float], str, float], None]
Figure = Callable[[pymupdf.Page, pymupdf.Rect, Put], None]


def street_map(page: pymupdf.Page, area: pymupdf.Rect, put: Put) -> None:
    """Draw the four streets between bridge and landing."""
    page.draw_rect(area, color=INK, fill=(0.985, 0.975, 0.95), width=0.8)
    x, y = area.x0, area.y0
    page.draw_rect((x, y + 112, area.x1, area.y1), fill=WATER, color=None)
    page.draw_circle((x + 62, y + 36), 22, fill=WATER, color=INK, width=0.6)
    page.draw_line((x + 40, y + 84), (area.x1 - 30, y + 84), color=(0.82, 0.74, 0.62), width=11)
    page.draw_line((x + 96, y + 18), (x + 96, y + 84), color=(0.82, 0.74, 0.62), width=8)
    page.draw_line((area.x1 - 44, y + 84), (area.x1 - 44, y + 116), color=(0.82, 0.74, 0.62), width=8)
    page.draw_rect((x + 52, y + 84, x + 62, area.y1), fill=PALE, color=INK, width=0.6)
    for step in range(18):
        left = x + 112 + step * 11.5
        page.draw_rect((left, y + 66, left + 10, y + 77), fill=PALE, color=INK, width=0.4)
        page.draw_rect((left, y + 91, left + 10, y + 102), fill=PALE, color=INK, width=0.4)
    put("明月湖", (x + 48, y + 39), "kai", 9)
    put("书院巷", (x + 104, y + 40), "kai", 9)
    put("中正街", (x + 170, y + 87), "kai", 9)
    put("桥头", (x + 20, y + 80), "kai", 9)
    put("通济桥", (x + 66, y + 134), "kai", 9)
    put("鱼行口", (area.x1 - 74, y + 60), "kai", 9)
    put("码头", (area.x1 - 34, y + 106), "kai", 9)
    put("南江", (x + 160, y + 136), "kai", 11)
    page.draw_line((area.x1 - 18, y + 36), (area.x1 - 18, y + 14), color=RED, width=1.2)
    page.draw_polyline([(area.x1 - 22, y + 20), (area.x1 - 18, y + 12), (area.x1 - 14, y + 20)], color=RED, fill=RED)
    put("北", (area.x1 - 22, y + 48), "kai", 9)


def tide(page: pymupdf.Page, area: pymupdf.Rect, put: Put) -> None:
    """Draw the eighteen steps of the landing with both tide marks."""
    x, base = area.x0 + 50, area.y1 - 6
    rise, run = 7.4, 14.0
    points = [(x, base)]
    for step in range(18):
        points += [(x + step * run, base - (step + 1) * rise), (x + (step + 1) * run, base - (step + 1) * rise)]
    points.append((x + 18 * run, base))
    page.draw_rect((area.x0, base - 10 * rise, x + 10 * run, base), fill=WATER, color=None)
    page.draw_polyline(points, color=INK, fill=PALE, width=0.7, closePath=True)
    for level, label in ((10, "涨潮 第十级"), (1, "退潮 第一级")):
        y = base - level * rise
        page.draw_line((area.x0, y), (area.x1, y), color=RED, width=0.7, dashes="[3 2] 0")
        put(label, (area.x1 - 62, y - 4), "kai", 8.5)


def arcade(page: pymupdf.Page, area: pymupdf.Rect, _put: Put) -> None:
    """Draw three bays of an arcade house from the front."""
    bay = area.width / 3
    page.draw_line((area.x0, area.y1), (area.x1, area.y1), color=INK, width=1.4)
    for number in range(3):
        left = area.x0 + number * bay
        top = area.y0 + 24
        page.draw_rect((left, top, left + bay, area.y1), fill=PALE, color=INK, width=0.7)
        for post in (left, left + bay - 8):
            page.draw_rect((post, top, post + 8, area.y1), fill=(0.84, 0.78, 0.68), color=INK, width=0.5)
        page.draw_rect((left + 8, area.y1 - 52, left + bay - 8, area.y1), fill=(0.36, 0.31, 0.28), color=None)
        page.draw_rect((left, area.y1 - 60, left + bay, area.y1 - 53), fill=(0.80, 0.73, 0.62), color=INK, width=0.5)
        for window in range(3):
            wx = left + 14 + window * (bay - 28) / 3 + 2
            wide = (bay - 28) / 3 - 5
            page.draw_rect((wx, top + 26, wx + wide, area.y1 - 68), fill=(0.40, 0.36, 0.34), color=INK, width=0.5)
            page.draw_circle((wx + wide / 2, top + 26), wide / 2, color=INK, fill=(0.40, 0.36, 0.34), width=0.5)
            page.draw_line((wx + wide / 2, top + 20), (wx + wide / 2, area.y1 - 68), color=PALE, width=0.6)
        middle = left + bay / 2
        page.draw_bezier(
            (left, top), (left + bay * 0.35, top), (middle - 14, area.y0), (middle, area.y0), color=INK, width=0.9
        )
        page.draw_bezier(
            (middle, area.y0), (middle + 14, area.y0), (left + bay * 0.65, top), (left + bay, top), color=INK, width=0.9
        )
        page.draw_circle((middle, area.y0 + 14), 4.5, color=INK, width=0.7)


def bridge(page: pymupdf.Page, area: pymupdf.Rect, put: Put) -> None:
    """Draw the bridge on its piers."""
    deck = area.y0 + 70
    page.draw_rect((area.x0, deck + 46, area.x1, area.y1), fill=WATER, color=None)
    for number in range(12):
        x = area.x0 + 12 + number * (area.width - 24) / 11
        page.draw_polyline(
            [(x - 6, deck + 6), (x + 6, deck + 6), (x + 8, deck + 60), (x - 8, deck + 60)],
            color=INK,
            fill=PALE,
            width=0.6,
            closePath=True,
        )
    page.draw_rect((area.x0, deck, area.x1, deck + 7), fill=(0.84, 0.78, 0.68), color=INK, width=0.7)
    for x in range(int(area.x0), int(area.x1), 8):
        page.draw_line((x, deck - 9), (x, deck), color=INK, width=0.6)
    page.draw_line((area.x0, deck - 8), (area.x1, deck - 8), color=INK, width=0.8)
    middle = (area.x0 + area.x1) / 2
    for post in (-26, -13, 0, 13, 26):
        page.draw_line((middle + post, deck - 34), (middle + post, deck), color=INK, width=1.6)
    roof = [(middle - 42, deck - 34), (middle - 26, deck - 52), (middle + 26, deck - 52), (middle + 42, deck - 34)]
    page.draw_polyline(roof, color=INK, fill=(0.50, 0.47, 0.45), width=0.8, closePath=True)
    for row in range(3):
        for wave in range(11):
            x = area.x0 + 10 + wave * 34 + (row % 2) * 16
            y = deck + 62 + row * 7
            page.draw_bezier((x, y), (x + 5, y - 3), (x + 10, y + 3), (x + 15, y), color=(0.45, 0.55, 0.58), width=0.6)
    put("通济桥", (middle - 14, deck - 60), "kai", 9)


FIGURES: dict[str, Figure] = {"map": street_map, "tide": tide, "arcade": arcade, "bridge": bridge}
