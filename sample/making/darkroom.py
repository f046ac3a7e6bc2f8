"""Grey painting, and the print that comes out of the darkroom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .fonts import KAI_TC, pen
from .paper import Array, Stock, blurred, cloud, make_paper

Point = tuple[float, float]


class Canvas:
    """A grey picture painted from far to near; 0 is black, 1 is white."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        """Start with middle grey."""
        self.width = width
        self.height = height
        self.rng = np.random.default_rng(seed)
        self.light: Array = np.full((height, width), 0.5, dtype=np.float32)

    def mask(self, shapes: Sequence[Sequence[Point]], soft: float = 0.8) -> Array:
        """Return the cover of some polygons."""
        picture = Image.new("L", (self.width, self.height), 0)
        brush = ImageDraw.Draw(picture)
        for shape in shapes:
            brush.polygon([(float(x), float(y)) for x, y in shape], fill=255)
        cover = np.asarray(picture.filter(ImageFilter.GaussianBlur(soft)), np.float32)
        return cover / 255

    def lay(self, cover: Array, tone: Array | float) -> None:
        """Paint a tone where the cover is."""
        self.light = self.light * (1 - cover) + tone * cover

    def shape(self, points: Sequence[Point], tone: float, soft: float = 0.8) -> None:
        """Paint one polygon."""
        self.lay(self.mask([points], soft), tone)

    def texture(self, cell: int) -> Array:
        """Return noise of the size of the picture."""
        return cloud(self.rng, self.width, self.height, cell)

    def streaks(self, cell: int, stretch: int) -> Array:
        """Return noise drawn out sideways, as clouds and ripples are."""
        small = cloud(self.rng, max(8, self.width // stretch), self.height, cell)
        wide = Image.fromarray(small).resize((self.width, self.height), Image.Resampling.BICUBIC)
        return np.asarray(wide, dtype=np.float32)

    def ridge(self, base: float, relief: float, rough: float = 0.55) -> list[Point]:
        """Return a range of hills as a polygon down to the bottom edge."""
        points = np.array([0.0, 0.0])
        scale = 1.0
        for _ in range(9):
            middle = (points[:-1] + points[1:]) / 2
            middle = middle + self.rng.normal(0, scale, middle.size)
            grown = np.empty(points.size + middle.size)
            grown[0::2], grown[1::2] = points, middle
            points, scale = grown, scale * rough
        heights = base - relief * (points - points.mean()) / max(points.std(), 1e-6)
        xs = np.linspace(-5, self.width + 5, points.size)
        line = [(float(x), float(y)) for x, y in zip(xs, heights, strict=True)]
        return [*line, (self.width + 5, self.height), (-5, self.height)]

    def sky(self, horizon: float, top: float, low: float) -> None:
        """Paint a hazy sky with drawn-out clouds down to the horizon."""
        share = np.clip(np.arange(self.height, dtype=np.float32) / horizon, 0, 1)
        ramp = (top + (low - top) * share)[:, None]
        clouds = 0.030 * self.streaks(70, 5) + 0.018 * self.streaks(22, 4)
        self.light = (ramp + clouds * (1.1 - share[:, None])).astype(np.float32)

    def water(self, shore: int, tone: float, mirror: float) -> None:
        """Paint still water below the shore: what stands above, broken by ripples."""
        depth = self.height - shore
        above = self.light[max(0, shore - depth) : shore][::-1]
        if above.shape[0] < depth:
            fill = np.repeat(above[-1:], depth - above.shape[0], axis=0)
            above = np.concatenate([above, fill])
        rows = np.arange(depth, dtype=np.float32)[:, None]
        ripple = self.streaks(5, 7)[shore:] + 0.7 * self.streaks(13, 9)[shore:]
        shift = (ripple * (1.5 + rows / 55)).astype(int)
        pick = np.clip(np.arange(depth)[:, None] + shift, 0, depth - 1)
        seen = above[pick, np.arange(self.width)[None, :]]
        near = tone - 0.10 * rows / depth + 0.030 * ripple * (0.4 + rows / depth)
        self.light[shore:] = mirror * seen + (1 - mirror) * near


def sepia(light: Array, *, warm: float = 1.0) -> Image.Image:
    """Tone grey as an albumen or silver print: brown blacks, cream whites."""
    dark = np.asarray((46, 33, 24), np.float32)
    middle = np.asarray((138, 110, 82), np.float32) * warm + 122 * (1 - warm)
    pale = np.asarray((238, 222, 190), np.float32)
    value = np.clip(light, 0, 1)[..., None]
    low = dark + (middle - dark) * np.clip(value * 2, 0, 1)
    tone = low + (pale - middle) * np.clip(value * 2 - 1, 0, 1)
    return Image.fromarray(np.clip(tone, 0, 255).astype(np.uint8))


def exposed(canvas: Canvas, *, soft: float = 0.9) -> Array:
    """Send a painting through lens and plate: halo, grain, vignette, scratches."""
    light = blurred(canvas.light, soft)
    light = 0.86 * light + 0.14 * blurred(canvas.light, 9)
    y, x = np.mgrid[0 : canvas.height, 0 : canvas.width].astype(np.float32)
    dx, dy = x / canvas.width - 0.5, y / canvas.height - 0.5
    light = light * (1.04 - 0.55 * np.power(dx * dx + dy * dy, 1.15))
    # A plate holds less in the deep shadows than the eye: steepen the curve.
    light = 0.5 + 0.62 * np.tanh((light - 0.52) * 2.0)
    light = light + 0.016 * canvas.texture(2) + 0.010 * canvas.texture(120)
    light = light + 0.30 * _scratches(canvas)
    return np.asarray(0.06 + 0.90 * light, dtype=np.float32)


def _scratches(canvas: Canvas) -> Array:
    picture = Image.new("L", (canvas.width, canvas.height), 0)
    brush = ImageDraw.Draw(picture)
    rng = canvas.rng
    for _ in range(26):
        x, y, size = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), rng.exponential(1.3)
        brush.ellipse((x - size, y - size, x + size, y + size), int(rng.integers(90, 230)))
    for _ in range(7):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        bend = rng.normal(0, 26, 4)
        brush.line([(x, y), (x + bend[0], y + 40), (x + bend[0] + bend[1], y + 90)], 110, 1)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)), np.float32) / 255


def mounted(light: Array, caption: str, seed: int) -> Image.Image:
    """Mount a print on card with a caption written below, right to left."""
    height, width = light.shape
    side, below = 78, 150
    rng = np.random.default_rng(seed)
    card = Stock((226, 212, 184), mottle=0.7, fibres=0.5, foxing=0.5, edge=0.55)
    full = width + 2 * side, height + side + below
    paper = np.clip(make_paper(rng, *full, card), 0, 255).astype(np.uint8)
    sheet = Image.fromarray(paper)
    shade = Image.new("L", full, 0)
    ImageDraw.Draw(shade).rectangle((side - 3, side - 2, side + width + 4, side + height + 5), 120)
    sheet.paste((96, 78, 58), (0, 0), shade.filter(ImageFilter.GaussianBlur(4)))
    worn = light + 0.35 * _faded(width, height) + 0.02 * cloud(rng, width, height, 260)
    print_ = sepia(worn)
    rim = Image.new("RGB", (width + 20, height + 20), (236, 226, 203))
    rim.paste(print_, (10, 10))
    sheet.paste(rim, (side - 10, side - 10))
    _caption(sheet, caption, height + side)
    return sheet


def _faded(width: int, height: int) -> Array:
    """Silver prints fade from the edge inwards."""
    x = np.arange(width, dtype=np.float32)
    y = np.arange(height, dtype=np.float32)
    near = np.minimum(np.minimum(x, width - 1 - x)[None, :], np.minimum(y, height - 1 - y)[:, None])
    return np.asarray(np.exp(-near / 38.0), dtype=np.float32) * 0.5


def _caption(sheet: Image.Image, caption: str, top: int) -> None:
    # Captions of the time run from right to left when they lie flat.
    text = caption[::-1]
    font = pen(KAI_TC, 40)
    layer = Image.new("L", sheet.size, 0)
    ImageDraw.Draw(layer).text((sheet.width / 2, top + 86), text, 215, font, "mm", stroke_width=0)
    sheet.paste((52, 44, 40), (0, 0), layer.filter(ImageFilter.GaussianBlur(0.6)))
