"""Covers of the two e-books."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .darkroom import Canvas
from .fonts import KAI_TC, WENKAI, pen
from .paper import cloud
from .seals import seal

WIDTH, HEIGHT = 900, 1200


def horizontal() -> Image.Image:
    """Hills in blue and green under a moon, for the Tang poems."""
    canvas = Canvas(WIDTH, HEIGHT, 61)
    canvas.light[:] = 0.94
    cover = _tinted(canvas, (246, 240, 224))
    _moon(cover, (640, 420), 96)
    colours = ((176, 204, 198), (134, 176, 172), (92, 142, 142), (52, 100, 108), (30, 68, 80))
    for number, colour in enumerate(colours):
        line = canvas.ridge(720 + number * 95, 62 - number * 5)
        _wash(cover, canvas, line, colour)
    brush = ImageDraw.Draw(cover)
    brush.text((90, 120), "唐诗选读", (40, 44, 48), pen(WENKAI, 120), stroke_width=1)
    brush.text((96, 284), "南山市图书馆　编", (92, 84, 76), pen(WENKAI, 38))
    mark = seal("南山", 92, columns=1, raised=False, seed=21)
    cover.paste(mark, (96, 360), mark)
    return cover


def vertical() -> Image.Image:
    """A stream between peach trees, with a title slip, for the vertical book."""
    canvas = Canvas(WIDTH, HEIGHT, 62)
    cover = _tinted(canvas, (244, 234, 214))
    for number, colour in enumerate(((214, 214, 200), (176, 190, 176), (138, 160, 148))):
        _wash(cover, canvas, canvas.ridge(560 + number * 120, 84 - number * 14), colour)
    _stream(cover)
    rng = np.random.default_rng(63)
    for base, size in ((150, 1.0), (330, 0.66), (40, 0.8), (760, 0.86), (880, 1.1), (560, 0.42), (250, 0.5)):
        _peach(cover, rng, (base, 760 + 300 * size), size)
    brush = ImageDraw.Draw(cover)
    slip = (700, 80, 830, 720)
    brush.rectangle(slip, fill=(250, 244, 228), outline=(70, 58, 50), width=5)
    brush.rectangle((712, 92, 818, 708), outline=(70, 58, 50), width=2)
    for number, char in enumerate("桃花源記及其他"):
        brush.text((765, 146 + number * 82), char, (36, 32, 30), pen(KAI_TC, 76), "mm", stroke_width=1)
    mark = seal("南山", 84, columns=1, raised=True, seed=22)
    cover.paste(mark, (628, 640), mark)
    return cover


def _tinted(canvas: Canvas, colour: tuple[int, int, int]) -> Image.Image:
    tone = np.asarray(colour, np.float32)[None, None, :]
    values = tone + (canvas.texture(180) * 2.5 + canvas.texture(3) * 1.2)[..., None]
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _wash(
    cover: Image.Image,
    canvas: Canvas,
    line: list[tuple[float, float]],
    colour: tuple[int, int, int],
) -> None:
    """Lay a hill that fades into mist at its foot."""
    mask = canvas.mask([line], 1.2)
    top = min(y for _, y in line)
    rows = np.arange(cover.height, dtype=np.float32)[:, None]
    fade = np.clip(1.0 - (rows - top) / 420, 0.25, 1)
    grain = 0.94 + 0.05 * cloud(canvas.rng, cover.width, cover.height, 40)
    shade = Image.fromarray((np.clip(mask * fade * grain, 0, 1) * 255).astype(np.uint8))
    cover.paste(colour, (0, 0), shade)


def _moon(cover: Image.Image, middle: tuple[int, int], radius: int) -> None:
    layer = Image.new("L", cover.size, 0)
    x, y = middle
    ImageDraw.Draw(layer).ellipse((x - radius, y - radius, x + radius, y + radius), fill=235)
    halo = layer.filter(ImageFilter.GaussianBlur(40)).point(lambda value: value // 3)
    cover.paste((252, 236, 190), (0, 0), halo)
    cover.paste((250, 226, 168), (0, 0), layer.filter(ImageFilter.GaussianBlur(1.5)))


def _stream(cover: Image.Image) -> None:
    rows = np.linspace(700, 1200, 40)
    share = (rows - 700) / 500
    middle = 480 + 90 * np.sin(share * 4.2)
    half = 14 + 200 * share**1.6
    shape = [(float(m - h), float(y)) for m, h, y in zip(middle, half, rows, strict=True)]
    shape += [(float(m + h), float(y)) for m, h, y in zip(middle, half, rows, strict=True)][::-1]
    layer = Image.new("L", cover.size, 0)
    ImageDraw.Draw(layer).polygon(shape, fill=220)
    cover.paste((206, 220, 216), (0, 0), layer.filter(ImageFilter.GaussianBlur(3)))
    brush = ImageDraw.Draw(cover)
    boat = [(430, 1010), (452, 1030), (540, 1030), (572, 1004), (536, 1018), (456, 1018)]
    brush.polygon(boat, fill=(70, 56, 48))
    brush.line([(512, 1016), (508, 960)], fill=(70, 56, 48), width=7)
    brush.polygon([(490, 962), (508, 944), (528, 962)], fill=(110, 88, 66))
    brush.line([(520, 980), (596, 1056)], fill=(70, 56, 48), width=3)


def _peach(cover: Image.Image, rng: np.random.Generator, foot: tuple[float, float], size: float) -> None:
    brush = ImageDraw.Draw(cover)
    stack = [(foot[0], foot[1], -np.pi / 2 + rng.normal(0, 0.12), 120 * size, 15 * size)]
    tips: list[tuple[float, float]] = []
    while stack:
        x, y, angle, length, width = stack.pop()
        end = x + np.cos(angle) * length, y + np.sin(angle) * length
        brush.line([(x, y), end], fill=(82, 62, 54), width=max(1, round(width)))
        if length < 22 * size:
            tips.append(end)
            continue
        stack.extend(
            (*end, angle + turn + rng.normal(0, 0.16), length * 0.68, width * 0.62)
            for turn in (-0.5, 0.42, 0.05)[: 3 if length > 60 * size else 2]
        )
    for x, y in tips:
        for _ in range(7):
            px, py = x + rng.normal(0, 13 * size), y + rng.normal(0, 13 * size)
            r = rng.uniform(2.2, 5.2) * size
            pink = (230, int(rng.integers(130, 190)), int(rng.integers(150, 190)))
            brush.ellipse((px - r, py - r, px + r, py + r), fill=pink)
