"""A street of arcade houses, painted as a photograph."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .darkroom import Canvas, Point
from .fonts import KAI_TC, pen
from .harbour import person

WIDTH, HEIGHT = 1120, 1440
VANISH = (590.0, 905.0)
FOCAL, EYE = 1150.0, 1.65
# Metres from the middle of the street to the house fronts.
HALF_STREET = 4.3


def spot(x: float, height: float, depth: float) -> Point:
    """Project a place in the street, in metres, to pixels."""
    scale = FOCAL / depth
    return VANISH[0] + x * scale, VANISH[1] - (height - EYE) * scale


def paint() -> Canvas:
    """Paint the street from far to near."""
    canvas = Canvas(WIDTH, HEIGHT, 23)
    canvas.sky(VANISH[1], 0.80, 0.97)
    _ground(canvas)
    bays = [4.6 + 4.1 * number for number in range(15)]
    for depth in reversed(bays):
        for side in (-1.0, 1.0):
            _house(canvas, side, depth, depth + 4.1)
        _haze(canvas, depth)
        _people(canvas, depth)
    for depth, side, text, out in (
        (33.0, 1.0, "茶樓", 1.3),
        (25.0, -1.0, "仁和堂", 1.35),
        (21.0, 1.0, "綢緞", 1.4),
        (15.5, -1.0, "同昌布莊", 1.3),
        (12.2, 1.0, "華光照相", 1.35),
        (9.4, -1.0, "米店", 1.1),
    ):
        _sign(canvas, side, depth, text, out)
    _rickshaw(canvas, 1.3, 10.5)
    return canvas


def _quad(
    canvas: Canvas, side: float, near: float, far: float, low: float, high: float, tone: float, soft: float = 0.7
) -> None:
    """Paint a rectangle that lies in the house front."""
    x = side * HALF_STREET
    canvas.shape([spot(x, low, near), spot(x, low, far), spot(x, high, far), spot(x, high, near)], tone, soft)


def _arch(canvas: Canvas, side: float, near: float, far: float, low: float, spring: float, tone: float) -> None:
    """Paint an opening with a round head in the house front."""
    x, middle, radius = side * HALF_STREET, (near + far) / 2, (far - near) / 2
    shape = [spot(x, low, near), spot(x, spring, near)]
    shape += [
        spot(x, spring + 0.8 * radius * np.sin(turn), middle + radius * np.cos(turn))
        for turn in np.linspace(np.pi, 0, 13)
    ]
    shape.append(spot(x, low, far))
    canvas.shape(shape, tone, 0.7)


def _house(canvas: Canvas, side: float, near: float, far: float) -> None:
    rng = canvas.rng
    lit = 0.72 if side < 0 else 0.40
    wall = lit + float(rng.normal(0, 0.035))
    top = float(rng.choice([9.4, 10.0, 10.6, 11.4]))
    x = side * HALF_STREET
    front = [spot(x, 0, near), spot(x, 0, far), spot(x, top, far), spot(x, top, near)]
    cover = canvas.mask([front], 0.7)
    canvas.lay(cover, wall + 0.020 * canvas.texture(14) + 0.022 * canvas.texture(60))
    # The walk under the arcade lies in deep shade.
    _arch(canvas, side, near + 0.55, far - 0.30, 0.0, 2.7, 0.13)
    _quad(canvas, side, near + 0.9, far - 0.9, 0.0, 2.1, 0.19, 1.5)
    _quad(canvas, side, near, far, 4.05, 4.35, wall + 0.10)
    _quad(canvas, side, near, far, 3.95, 4.05, wall - 0.20)
    for floor in (4.9, 7.5):
        if floor + 1.9 > top - 0.4:
            continue
        for share in (0.12, 0.40, 0.68):
            left = near + 4.1 * share
            _window(canvas, side, left, floor, wall)
        _quad(canvas, side, near, far, floor + 2.15, floor + 2.3, wall + 0.10)
        _quad(canvas, side, near, far, floor + 2.07, floor + 2.15, wall - 0.16)
    _parapet(canvas, side, near, far, top, wall)
    _quad(canvas, side, near, near + 0.22, 0, top, wall + 0.09)
    _quad(canvas, side, near + 0.22, near + 0.30, 0, top, wall - 0.14)


def _window(canvas: Canvas, side: float, near: float, floor: float, wall: float) -> None:
    _arch(canvas, side, near - 0.10, near + 0.98, floor - 0.05, floor + 1.25, wall + 0.11)
    _arch(canvas, side, near, near + 0.88, floor, floor + 1.2, 0.20)
    if canvas.rng.random() < 0.7:
        _quad(canvas, side, near + 0.04, near + 0.40, floor + 0.05, floor + 1.15, wall - 0.16)
    _quad(canvas, side, near + 0.42, near + 0.47, floor, floor + 1.5, wall)
    _quad(canvas, side, near - 0.14, near + 1.02, floor - 0.16, floor - 0.04, wall + 0.13)


def _parapet(canvas: Canvas, side: float, near: float, far: float, top: float, wall: float) -> None:
    """Paint the stepped or curved gable over the roof line."""
    x, middle = side * HALF_STREET, (near + far) / 2
    high = float(canvas.rng.choice([0.7, 1.1, 1.5]))
    shape = [spot(x, top, near)]
    for share in np.linspace(-1, 1, 21):
        bump = high * np.exp(-((share / 0.42) ** 2)) + 0.42
        shape.append(spot(x, top + bump, middle + share * (far - near) / 2))
    shape.append(spot(x, top, far))
    canvas.shape(shape, wall + 0.03, 0.7)
    _arch(canvas, side, middle - 0.28, middle + 0.28, top + 0.35, top + 0.62, wall - 0.22)
    _quad(canvas, side, near, far, top - 0.05, top + 0.18, wall + 0.12)
    _quad(canvas, side, near, far, top - 0.20, top - 0.05, wall - 0.20)


def _ground(canvas: Canvas) -> None:
    floor = [spot(-30, 0, 3), spot(30, 0, 3), spot(30, 0, 80), spot(-30, 0, 80)]
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    near = np.clip((rows - VANISH[1]) / (HEIGHT - VANISH[1]), 0, 1)
    tone = 0.70 - 0.16 * near + 0.03 * canvas.streaks(9, 5) + 0.03 * canvas.texture(50)
    canvas.lay(canvas.mask([floor], 1), tone.astype(np.float32))
    # Morning sun from the right: the right-hand houses throw a shade on the street.
    shade = [spot(HALF_STREET, 0, 3), spot(-0.6, 0, 3), spot(-0.6, 0, 80), spot(HALF_STREET, 0, 80)]
    cover = canvas.mask([shade], 2.5)
    canvas.light *= 1 - 0.36 * cover
    for x in np.arange(-4.0, 4.3, 0.55).tolist():
        line = [spot(x, 0, 3), spot(x + 0.03, 0, 3), spot(x + 0.03, 0, 60), spot(x, 0, 60)]
        canvas.light *= 1 - 0.13 * canvas.mask([line], 0.8)
    for depth in np.cumsum(np.linspace(0.5, 2.2, 26)) + 2.6:
        seam = [spot(-4.3, 0, depth), spot(4.3, 0, depth), spot(4.3, 0, depth + 0.03), spot(-4.3, 0, depth + 0.03)]
        canvas.light *= 1 - 0.11 * canvas.mask([seam], 0.8)


def _haze(canvas: Canvas, depth: float) -> None:
    """Lay a breath of mist between this depth and the next nearer one."""
    left, top = spot(-HALF_STREET, 13.5, depth)
    right, bottom = spot(HALF_STREET, 0, depth)
    cover = canvas.mask([[(left, top), (right, top), (right, bottom), (left, bottom)]], 6)
    canvas.lay(cover * min(0.11, depth / 320), 0.90)


def _people(canvas: Canvas, depth: float) -> None:
    rng = canvas.rng
    for _ in range(3 if depth > 14 else 1):
        x = float(rng.uniform(-3.3, 3.3))
        if depth < 11.5:
            continue
        foot = spot(x, 0, depth)
        tall = 1.66 * FOCAL / depth
        fade = min(0.42, 0.10 + depth / 110)
        shadow = [
            (foot[0], foot[1]),
            (foot[0] - 0.55 * tall, foot[1] + 0.02 * tall),
            (foot[0] - 0.5 * tall, foot[1] + 0.06 * tall),
            (foot[0] + 0.08 * tall, foot[1] + 0.03 * tall),
        ]
        canvas.light *= 1 - 0.3 * canvas.mask([shadow], 2)
        person(canvas, foot[0], foot[1], tall, fade)


def _sign(canvas: Canvas, side: float, depth: float, text: str, out: float) -> None:
    """Hang a shop sign out over the street, facing the camera."""
    scale = FOCAL / depth
    inner = spot(side * (HALF_STREET - 0.15), 4.0 + 0.72 * len(text), depth)
    wide, tall = 0.72 * scale, (0.74 * len(text) + 0.2) * scale
    left = inner[0] - wide if side > 0 else inner[0]
    left -= side * (out - 1.0) * 0.4 * scale
    dark = canvas.rng.random() < 0.45
    ground, ink = (0.16, 0.86) if dark else (0.86, 0.14)
    box = [(left, inner[1]), (left + wide, inner[1]), (left + wide, inner[1] + tall), (left, inner[1] + tall)]
    canvas.shape([(x + 0.03 * scale, y + 0.03 * scale) for x, y in box], 0.22, 2)
    canvas.lay(canvas.mask([box], 0.7), ground + 0.02 * canvas.texture(10))
    layer = Image.new("L", (canvas.width, canvas.height), 0)
    brush, size = ImageDraw.Draw(layer), max(9, round(0.62 * scale))
    for number, char in enumerate(text):
        y = inner[1] + (0.47 + 0.74 * number) * scale
        brush.text((left + wide / 2, y), char, 255, pen(KAI_TC, size), "mm", stroke_width=max(0, size // 40))
    cover = np.asarray(layer.filter(ImageFilter.GaussianBlur(0.7)), np.float32) / 255
    canvas.lay(cover, ink)
    rod = inner[1] + 0.05 * scale
    wall = spot(side * HALF_STREET, 4, depth)[0]
    canvas.shape([(left, rod - 2), (wall, rod - 2), (wall, rod + 1), (left, rod + 1)], 0.15, 0.6)


def _rickshaw(canvas: Canvas, x: float, depth: float) -> None:
    """Paint a rickshaw seen from behind, its hood up."""
    scale = FOCAL / depth
    cx, floor = spot(x, 0, depth)
    canvas.light *= 1 - 0.4 * canvas.mask(
        [
            [
                (cx - 1.3 * scale, floor),
                (cx + 0.6 * scale, floor + 4),
                (cx + 0.5 * scale, floor + 14),
                (cx - 1.2 * scale, floor + 12),
            ]
        ],
        5,
    )
    for side in (-0.52, 0.52):
        mid = cx + side * scale
        rim = [
            (mid + 0.09 * scale * np.cos(t), floor - 0.5 * scale + 0.5 * scale * np.sin(t))
            for t in np.linspace(0, 6.28, 26)
        ]
        canvas.shape(rim, 0.10)
        hole = [
            (mid + 0.05 * scale * np.cos(t), floor - 0.5 * scale + 0.43 * scale * np.sin(t))
            for t in np.linspace(0, 6.28, 26)
        ]
        canvas.shape(hole, 0.34)
    seat = [(-0.46, 0.45), (0.46, 0.45), (0.5, 1.0), (-0.5, 1.0)]
    canvas.shape([(cx + a * scale, floor - b * scale) for a, b in seat], 0.14)
    hood = [(0.5 * np.cos(t), 0.98 + 0.72 * np.sin(t)) for t in np.linspace(0, np.pi, 19)]
    canvas.lay(
        canvas.mask([[(cx + a * scale, floor - b * scale) for a, b in hood]], 0.8), 0.20 + 0.03 * canvas.texture(12)
    )
    for turn in (0.9, 1.57, 2.24):
        rib = [(cx + 0.5 * scale * np.cos(turn) * s, floor - (0.98 + 0.72 * np.sin(turn) * s) * scale) for s in (0, 1)]
        canvas.shape([rib[0], rib[1], (rib[1][0] + 2, rib[1][1]), (rib[0][0] + 2, rib[0][1])], 0.30, 0.6)
