"""A harbour with junks, painted as a photograph."""

from __future__ import annotations

import numpy as np

from .darkroom import Canvas, Point
from .paper import Array

WIDTH, HEIGHT, SHORE = 1500, 1040, 560


def paint() -> Canvas:
    """Paint hills, water, a town on the shore, junks and a jetty."""
    canvas = Canvas(WIDTH, HEIGHT, 11)
    canvas.sky(SHORE, 0.70, 0.92)
    for base, relief, tone in ((430, 42, 0.78), (478, 34, 0.66), (520, 18, 0.54)):
        cover = canvas.mask([canvas.ridge(base, relief)], 1.4)
        haze = tone + 0.02 * canvas.texture(40) + 0.022 * canvas.texture(9)
        canvas.lay(cover, haze)
    knoll = [(960, 540), (1010, 512), (1060, 497), (1110, 494), (1160, 508), (1230, 540)]
    canvas.lay(canvas.mask([knoll], 1.2), 0.52 + 0.025 * canvas.texture(9))
    _pagoda(canvas, 1085, 500, 0.46)
    _town(canvas)
    for x, size, tone in ((905, 0.42, 0.50), (1130, 0.36, 0.55), (1260, 0.5, 0.46), (610, 0.5, 0.47)):
        junk(canvas, x, SHORE + 4, size, tone)
    junk(canvas, 1010, SHORE + 2, 0.30, 0.58)
    canvas.water(SHORE, 0.74, 0.55)
    # Nearer boats stand in the water, so each brings its own reflection.
    for x, y, size, tone in ((380, 690, 1.22, 0.24), (1120, 742, 0.95, 0.28), (760, 628, 0.62, 0.36)):
        _mirrored(canvas, x, y, size, tone)
        junk(canvas, x, y, size, tone)
    for x, y, size in ((690, 790, 1.0), (960, 850, 1.25), (250, 850, 0.9), (1330, 660, 0.55)):
        sampan(canvas, x, y, size)
    _jetty(canvas)
    return canvas


def _town(canvas: Canvas) -> None:
    rng = canvas.rng
    x = 0.0
    while x < WIDTH:
        width, height = rng.uniform(16, 46), rng.uniform(10, 30)
        top = SHORE - height
        canvas.shape([(x, top), (x + width, top), (x + width, SHORE), (x, SHORE)], float(rng.uniform(0.62, 0.84)), 0.7)
        canvas.shape(
            [(x - 3, top + 2), (x + width / 2, top - 7), (x + width + 3, top + 2)], float(rng.uniform(0.34, 0.46)), 0.7
        )
        for window in np.arange(x + 5, x + width - 5, 9).tolist():
            canvas.shape(
                [(window, top + 7), (window + 4, top + 7), (window + 4, top + 13), (window, top + 13)], 0.42, 0.6
            )
        x += width + rng.choice([0.0, 0.0, 6.0, 30.0])


def _pagoda(canvas: Canvas, x: float, foot: float, tone: float) -> None:
    for storey in range(7):
        half = 13 - storey * 1.3
        y = foot - storey * 15
        canvas.shape([(x - half, y), (x + half, y), (x + half - 1, y - 11), (x - half + 1, y - 11)], tone)
        canvas.shape(
            [(x - half - 5, y - 10), (x + half + 5, y - 10), (x + half - 2, y - 15), (x - half + 2, y - 15)], tone - 0.1
        )
    canvas.shape([(x - 2, foot - 104), (x + 2, foot - 104), (x, foot - 132)], tone - 0.1)


def hull(x: float, y: float, size: float) -> list[Point]:
    """Return the side of a junk, high at the stern."""
    shape = [
        (-150, -34),
        (-140, -40),
        (-96, -24),
        (-20, -16),
        (60, -20),
        (112, -44),
        (150, -62),
        (156, -58),
        (140, -18),
        (118, 8),
        (60, 16),
        (-60, 16),
        (-110, 6),
        (-134, -14),
    ]
    return [(x + a * size, y + b * size) for a, b in shape]


def sail(x: float, y: float, size: float, lean: float) -> list[list[Point]]:
    """Return a lug sail as strips between battens."""
    strips = []
    count = 7
    for number in range(count):
        low, high = number / count, (number + 1.0) / count
        strips.append(
            [_on_sail(x, y, size, lean, share, side) for share, side in ((low, 0), (low, 1), (high, 1), (high, 0))]
        )
    return strips


def _on_sail(x: float, y: float, size: float, lean: float, up: float, side: int) -> Point:
    width = (112 + 34 * np.sin(up * 2.2)) * (1.0 - 0.42 * up**2.4)
    left = -width * 0.34 + lean * up * 60
    tilt = (12 + 46 * up) * (side - 0.34)
    return (x + (left + side * width) * size, y - (24 + up * 232 - tilt * -0.5) * size)


def junk(canvas: Canvas, x: float, y: float, size: float, tone: float) -> None:
    """Paint a two-masted junk; tone is that of its hull."""
    for place, share, lean in ((34.0, 1.0, 0.12), (-74.0, 0.72, -0.10)):
        mx = x + place * size
        top = y - 272 * share * size
        wide = max(1.0, 2.4 * size)
        canvas.shape([(mx - wide, y), (mx + wide, y), (mx + wide * 0.6, top), (mx - wide * 0.6, top)], tone - 0.04, 0.6)
        for number, strip in enumerate(sail(mx, y, size * share, lean)):
            fade = min(0.80, tone + 0.20 + 0.018 * number)
            canvas.lay(canvas.mask([strip], 0.7), fade + 0.018 * canvas.texture(16))
            bottom = [*strip[:2], (strip[1][0], strip[1][1] + 2.4 * size), (strip[0][0], strip[0][1] + 2.4 * size)]
            canvas.shape(bottom, fade - 0.17, 0.5)
    canvas.lay(canvas.mask([hull(x, y, size)], 0.8), tone + 0.012 * canvas.texture(7))
    deck = [(86, -60), (134, -66), (136, -46), (88, -38)]
    canvas.shape([(x + a * size, y + b * size) for a, b in deck], tone + 0.10, 0.8)
    rail = [
        (x + a * size, y + b * size)
        for a, b in ((-138, -36), (-20, -12), (60, -16), (146, -58), (146, -53), (60, -11), (-20, -7), (-136, -31))
    ]
    canvas.shape(rail, min(0.9, tone + 0.26), 0.7)


def _mirrored(canvas: Canvas, x: float, y: float, size: float, tone: float) -> None:
    """Paint the broken reflection under a boat."""
    flips = [
        [(a, 2 * y - b + 26 * size) for a, b in strip]
        for place, share, lean in ((34.0, 1.0, 0.12), (-74.0, 0.72, -0.10))
        for strip in sail(x + place * size, y, size * share, lean)
    ]
    under = [(a, 2 * y - b + 22 * size) for a, b in hull(x, y, size)]
    _ripple(canvas, canvas.mask(flips, 3.5) * 0.34, tone + 0.22)
    _ripple(canvas, canvas.mask([under], 2.5) * 0.75, tone + 0.05)


def _ripple(canvas: Canvas, cover: Array, tone: float) -> None:
    waves = np.clip(0.62 + 0.5 * canvas.streaks(5, 8), 0, 1)
    shift = (canvas.streaks(4, 6) * 5).astype(int)
    pick = np.clip(np.arange(canvas.width)[None, :] + shift, 0, canvas.width - 1)
    broken = cover[np.arange(canvas.height)[:, None], pick]
    canvas.lay((broken * waves).astype(np.float32), tone)


def sampan(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Paint a small boat with a mat roof and somebody standing at the oar."""
    boat = [(-78, -10), (-40, -2), (40, -2), (84, -16), (60, 10), (-52, 10)]
    under = [(x + a * size, y + (20 - b) * size) for a, b in boat]
    _ripple(canvas, canvas.mask([under], 2) * 0.6, 0.34)
    canvas.shape([(x + a * size, y + b * size) for a, b in boat], 0.17)
    arch = [(-30 + 10 * t, -4 - 24 * np.sin(np.pi * t / 6)) for t in range(7)]
    canvas.lay(canvas.mask([[(x + a * size, y + b * size) for a, b in arch]], 0.8), 0.36 + 0.03 * canvas.texture(6))
    person(canvas, x + 52 * size, y - 4 * size, 44 * size, 0.14)
    oar = [(48, -30), (51, -30), (112, 14), (108, 15)]
    canvas.shape([(x + a * size, y + b * size) for a, b in oar], 0.2, 0.6)


def person(canvas: Canvas, x: float, foot: float, tall: float, tone: float) -> None:
    """Paint somebody in a long gown, seen from afar."""
    body = [
        (-0.12, 0),
        (-0.13, -0.4),
        (-0.16, -0.62),
        (-0.13, -0.82),
        (0, -0.88),
        (0.13, -0.82),
        (0.17, -0.60),
        (0.13, -0.4),
        (0.11, 0),
        (0.03, 0),
        (0.0, -0.06),
        (-0.03, 0),
    ]
    canvas.shape([(x + a * tall, foot + b * tall) for a, b in body], tone, 0.8)
    head = [(0.075 * np.cos(t), -0.925 + 0.085 * np.sin(t)) for t in np.linspace(0, 6.28, 12)]
    canvas.shape([(x + a * tall, foot + b * tall) for a, b in head], tone + 0.06, 0.7)
    if canvas.rng.random() < 0.5:
        hat = [(-0.19, -0.93), (0, -1.06), (0.19, -0.93)]
        canvas.shape([(x + a * tall, foot + b * tall) for a, b in hat], tone + 0.16, 0.7)


def _jetty(canvas: Canvas) -> None:
    """Paint a stone jetty in the near right corner, with people waiting."""
    top = [(1500, 872), (1180, 926), (1090, 960), (1500, 960)]
    front = [(1090, 960), (1500, 960), (1500, 1040), (1100, 1040)]
    canvas.lay(canvas.mask([top], 1.0), 0.60 + 0.035 * canvas.texture(18))
    canvas.lay(canvas.mask([front], 1.0), 0.27 + 0.05 * canvas.texture(22))
    for x in range(1110, 1500, 62):
        canvas.shape([(x, 962), (x + 3, 962), (x + 3, 1040), (x, 1040)], 0.16, 0.8)
    for x, foot, tall in ((1260, 936, 92), (1312, 930, 88), (1420, 940, 100), (1452, 936, 66)):
        canvas.shape([(x, foot), (x + 70, foot + 6), (x + 66, foot + 12), (x - 8, foot + 4)], 0.44, 3)
        person(canvas, x, foot, tall, 0.15)
    crate = [(1350, 946), (1396, 942), (1396, 908), (1350, 910)]
    canvas.lay(canvas.mask([crate], 0.8), 0.34 + 0.03 * canvas.texture(9))
