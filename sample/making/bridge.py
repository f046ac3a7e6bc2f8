"""The stone bridge, painted as a photograph."""

from __future__ import annotations

import numpy as np

from .darkroom import Canvas
from .harbour import person, sampan

WIDTH, HEIGHT, SHORE = 1500, 1000, 600


def paint() -> Canvas:
    """Paint hills, the bridge on its piers, its pavilion, banyans and water."""
    canvas = Canvas(WIDTH, HEIGHT, 31)
    canvas.sky(SHORE, 0.74, 0.95)
    for base, relief, tone in ((400, 60, 0.80), (470, 44, 0.68), (540, 22, 0.55)):
        grain = 0.02 * canvas.texture(40) + 0.03 * canvas.texture(8)
        canvas.lay(canvas.mask([canvas.ridge(base, relief)], 1.4), tone + grain)
    _bank(canvas)
    _bridge(canvas)
    canvas.water(SHORE, 0.72, 0.62)
    for x, y, size in ((560, 760, 1.1), (1010, 690, 0.7), (905, 884, 1.35)):
        sampan(canvas, x, y, size)
    _banyan(canvas, 60, 470, 330, 0.15)
    _banyan(canvas, -40, 700, 240, 0.11)
    return canvas


def _bank(canvas: Canvas) -> None:
    shape = [(0, 560), (180, 566), (420, 590), (900, 594), (1240, 580), (1500, 556), (1500, 620), (0, 620)]
    canvas.lay(canvas.mask([shape], 2), 0.42 + 0.07 * canvas.texture(12))
    rng = canvas.rng
    for x in np.arange(1210, 1480, 38).tolist():
        top = 556 - rng.uniform(4, 22)
        canvas.shape([(x, top), (x + 34, top), (x + 34, 588), (x, 588)], float(rng.uniform(0.6, 0.8)))
        canvas.shape([(x - 4, top + 2), (x + 17, top - 11), (x + 38, top + 2)], 0.34)


def _bridge(canvas: Canvas) -> None:
    deck = 500
    for number in range(13):
        x = 60 + number * 108
        pier = [(x - 22, deck + 16), (x + 22, deck + 16), (x + 26, SHORE + 6), (x - 30, SHORE + 6)]
        canvas.lay(canvas.mask([pier], 0.8), 0.50 + 0.05 * canvas.texture(9))
        nose = [(x - 22, deck + 30), (x - 8, deck + 26), (x - 8, SHORE + 6), (x - 34, SHORE + 6)]
        canvas.shape(nose, 0.70)
        canvas.shape([(x + 10, deck + 16), (x + 22, deck + 16), (x + 26, SHORE + 6), (x + 12, SHORE + 6)], 0.30)
        for y in range(deck + 30, SHORE, 15):
            canvas.shape([(x - 26, y), (x + 22, y), (x + 22, y + 1.6), (x - 26, y + 1.6)], 0.36, 0.5)
    slab = [(-10, deck), (1510, deck), (1510, deck + 20), (-10, deck + 20)]
    canvas.lay(canvas.mask([slab], 0.7), 0.66 + 0.05 * canvas.texture(8))
    canvas.shape([(-10, deck + 19), (1510, deck + 19), (1510, deck + 27), (-10, deck + 27)], 0.26)
    for x in range(-6, 1510, 27):
        canvas.shape([(x, deck - 26), (x + 6, deck - 26), (x + 6, deck), (x, deck)], 0.62, 0.6)
        canvas.shape([(x - 1, deck - 31), (x + 7, deck - 31), (x + 7, deck - 26), (x - 1, deck - 26)], 0.52, 0.6)
    for y in (deck - 21, deck - 9):
        canvas.shape([(-10, y), (1510, y), (1510, y + 4), (-10, y + 4)], 0.56, 0.6)
    _pavilion(canvas, 762, deck)
    for x, tall in ((330, 50), (372, 46), (520, 52), (952, 50), (1010, 47), (1180, 51), (1214, 38)):
        person(canvas, x, deck - 2, tall, 0.20)


def _pavilion(canvas: Canvas, x: float, deck: float) -> None:
    for post in (-92, -46, 0, 46, 92):
        canvas.shape(
            [(x + post - 4, deck - 92), (x + post + 4, deck - 92), (x + post + 4, deck), (x + post - 4, deck)], 0.25
        )
    for half, foot, high, ridge in ((128, 88, 36, 74), (86, 136, 34, 44)):
        y = deck - foot
        roof = [
            (x - half, y - 10),
            (x - half * 0.82, y),
            (x + half * 0.82, y),
            (x + half, y - 10),
            (x + half * 0.72, y - high * 0.55),
            (x + ridge, y - high),
            (x - ridge, y - high),
            (x - half * 0.72, y - high * 0.55),
        ]
        canvas.lay(canvas.mask([roof], 0.8), 0.30 + 0.03 * canvas.texture(5))
        canvas.shape(
            [(x - half * 0.82, y - 2), (x + half * 0.82, y - 2), (x + half * 0.82, y + 4), (x - half * 0.82, y + 4)],
            0.16,
        )
        canvas.shape(
            [
                (x - ridge - 4, y - high - 5),
                (x + ridge + 4, y - high - 5),
                (x + ridge, y - high + 1),
                (x - ridge, y - high + 1),
            ],
            0.44,
        )
    canvas.shape([(x - 62, deck - 138), (x + 62, deck - 138), (x + 62, deck - 122), (x - 62, deck - 122)], 0.5)


def _banyan(canvas: Canvas, x: float, y: float, size: float, tone: float) -> None:
    """Paint a crown of leaves as noise cut by a soft round shape."""
    rows, columns = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
    far = np.hypot((columns - x) / 1.15, (rows - y) * 1.25) / size
    leaves = 1.0 - far + 0.11 * canvas.texture(40) + 0.06 * canvas.texture(9)
    crown = np.clip(leaves * 6, 0, 1).astype(np.float32)
    trunk = [(x - 26, y + 40), (x + 26, y + 40), (x + 44, HEIGHT + 5), (x - 60, HEIGHT + 5)]
    canvas.shape(trunk, tone - 0.04, 1.5)
    light = tone + 0.05 * canvas.texture(9) + 0.05 * canvas.texture(28)
    canvas.lay(crown, light.astype(np.float32))
    for _ in range(16):
        at = x + canvas.rng.normal(0, size * 0.5)
        top = y + canvas.rng.uniform(0, size * 0.5)
        canvas.shape([(at, top), (at + 2, top), (at + 1, top + size * 0.6)], tone, 0.6)
