"""A map of the county, drawn the way gazetteers drew them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from .brushwork import GREEN, OCHRE, Chart, hall, mountain, tree
from .darkroom import Point
from .paper import Stock
from .records import Page, write_record
from .seals import seal
from .wear import Wear, printed, save_jpeg

WIDTH, HEIGHT = 2300, 1760
FRAME = (110, 120, 2190, 1640)
SILK = Stock((222, 205, 168), mottle=0.9, laid=0.3, fibres=0.4, foxing=0.35, edge=0.8)
BLUE, ROSE = (158, 184, 190), (206, 140, 118)


def make(folder: Path) -> None:
    """Draw the map into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    chart = Chart(WIDTH, HEIGHT, 51)
    _sea(chart)
    _rivers(chart)
    _lake(chart)
    for y, x0, x1, size, count in (
        (360, 160, 1250, 150, 9),
        (470, 130, 520, 120, 4),
        (1420, 170, 760, 130, 5),
        (760, 140, 330, 130, 2),
        (960, 150, 350, 110, 2),
        (1540, 180, 980, 105, 7),
        (340, 1290, 1620, 105, 4),
        (1575, 1330, 1640, 95, 4),
    ):
        _range(chart, (x0, x1), y, size, count)
    # The two named mountains stand alone, larger than the ranges.
    mountain(chart, 480, 800, 150)
    mountain(chart, 1120, 1530, 230)
    hall(chart, 1120, 1300, 58)
    _town(chart)
    _places(chart)
    _frame(chart)
    soft = chart.wash.filter(ImageFilter.GaussianBlur(2.2))
    title = seal("南山市圖書館藏書印", 132, columns=3, raised=True, seed=12)
    soft.alpha_composite(title, (2030, 1480))
    wear = Wear(SILK, ink=(48, 40, 34), degrees=0.18, rough=0.8, uneven=0.9, worms=4, worm_seed=77, bed=(70, 66, 62))
    picture = printed(chart.sheet, wear, np.random.default_rng(5000), coloured=soft)
    save_jpeg(_folded(picture), folder / "0001.jpg", 72)
    write_record("countymap", folder / "metadata.json", pages=[Page("0001.jpg", "全圖")])


def _coast(y: float) -> float:
    return float(1730 + 70 * np.sin(y / 190) + 45 * np.sin(y / 71 + 1))


def _sea(chart: Chart) -> None:
    shore = [(_coast(y), float(y)) for y in range(FRAME[1], FRAME[3] + 1, 12)]
    sea = [*shore, (FRAME[2], FRAME[3]), (FRAME[2], FRAME[1])]
    chart.tint(sea, BLUE, 170)
    step, radius = 46, 30
    for row, y in enumerate(range(FRAME[1] + 20, FRAME[3] + 30, 24)):
        for x in range(1600 + (row % 2) * step // 2, FRAME[2] + 40, step):
            if x - radius < _coast(y) + 16 or x + radius > FRAME[2] or y > FRAME[3]:
                continue
            for size in (radius, radius * 0.68, radius * 0.36):
                chart.sheet.draw.arc((x - size, y - size * 0.8, x + size, y + size * 0.8), 200, 340, 190, 2)
    chart.line(shore, 5)
    chart.line([(x - 10 + 3 * np.sin(y / 9), y) for x, y in shore], 2)


def _band(chart: Chart, course: list[Point], widths: tuple[float, float]) -> None:
    """Draw a river as two banks that widen downstream."""
    xs, ys = [p[0] for p in course], [p[1] for p in course]
    at = np.linspace(0, 1, 120)
    known = np.linspace(0, 1, len(course))
    x, y = np.interp(at, known, xs), np.interp(at, known, ys)
    kernel = np.ones(15) / 15
    x[7:-7], y[7:-7] = np.convolve(x, kernel, "valid"), np.convolve(y, kernel, "valid")
    y = y + 7 * np.sin(at * 40)
    half = np.linspace(widths[0], widths[1], at.size) / 2
    upper = [(float(a), float(b - h)) for a, b, h in zip(x, y, half, strict=True)]
    lower = [(float(a), float(b + h)) for a, b, h in zip(x, y, half, strict=True)]
    chart.clear(upper + lower[::-1])
    chart.tint(upper + lower[::-1], BLUE, 175)
    chart.line(upper, 3)
    chart.line(lower, 3)
    for share in (-0.4, 0.1, 0.5):
        for start in range(4 + round(20 * (share + 0.4)), 112, 24):
            piece = [(float(x[i]), float(y[i] + share * half[i])) for i in range(start, start + 8)]
            chart.line(piece, 1)


def _rivers(chart: Chart) -> None:
    _band(chart, [(620, 520), (640, 640), (700, 760), (760, 880), (800, 1100)], (10, 34))
    _band(
        chart,
        [(240, 900), (420, 1010), (600, 1130), (800, 1130), (1100, 1180), (1400, 1170), (1640, 1210), (1790, 1200)],
        (16, 92),
    )


def _lake(chart: Chart) -> None:
    ring = [
        (930 + 120 * np.cos(t) * (1 + 0.06 * np.sin(3 * t)), 760 + 62 * np.sin(t)) for t in np.linspace(0, 6.28, 50)
    ]
    chart.clear(ring)
    chart.tint(ring, BLUE, 175)
    chart.line([*ring, ring[0]], 3)
    for y in range(722, 806, 16):
        for x in range(838, 1010, 52):
            if ((x + 20 - 930) / 105) ** 2 + ((y - 760) / 52) ** 2 < 1:
                chart.line([(x, y), (x + 12, y - 4), (x + 24, y), (x + 36, y - 4)], 1)
    isle = [(930 + 34 * np.cos(t), 764 + 14 * np.sin(t)) for t in np.linspace(0, 6.28, 20)]
    chart.clear(isle)
    chart.tint(isle, GREEN, 150)
    chart.line([*isle, isle[0]], 2)
    hall(chart, 930, 762, 40)


def _range(chart: Chart, span: tuple[float, float], foot: float, size: float, count: int) -> None:
    places = np.linspace(span[0] + size * 0.6, span[1] - size * 0.4, count)
    order = chart.rng.permutation(count)
    for number in order:
        shift = chart.rng.uniform(-12, 12)
        mountain(chart, float(places[number]), foot + shift, size * chart.rng.uniform(0.8, 1.1))


def _wall(chart: Chart, start: Point, end: Point) -> None:
    """Draw a town wall seen from outside, with its battlements."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    count = max(2, round(length / 20))
    along = [
        (start[0] + (end[0] - start[0]) * i / count, start[1] + (end[1] - start[1]) * i / count)
        for i in range(count + 1)
    ]
    shape = [*along, *[(x, y + 30) for x, y in along[::-1]]]
    chart.clear(shape)
    chart.tint(shape, (190, 178, 156), 190)
    chart.line(along, 3)
    chart.line([(x, y + 30) for x, y in along], 3)
    chart.line([(x, y + 15) for x, y in along], 1)
    for x, y in along[:-1]:
        chart.sheet.draw.rectangle((x + 2, y - 9, x + 12, y), outline=235, width=2)


def _gate(chart: Chart, x: float, y: float, name: str, aside: float) -> None:
    body = [(x - 40, y + 38), (x - 34, y - 16), (x + 34, y - 16), (x + 40, y + 38)]
    chart.clear(body)
    chart.tint(body, ROSE, 160)
    chart.line([*body, body[0]], 3)
    chart.sheet.draw.pieslice((x - 15, y + 4, x + 15, y + 44), 180, 360, fill=235)
    chart.sheet.draw.rectangle((x - 15, y + 24, x + 15, y + 37), fill=235)
    hall(chart, x, y - 16, 66)
    chart.label(name, x + aside, y - 6, 26)


def _town(chart: Chart) -> None:
    west, east, north, south = 1110, 1560, 640, 1030
    inside = [(west, north), (east, north), (east, south), (west, south)]
    chart.clear(inside)
    chart.tint(inside, (240, 222, 178), 160)
    for x in (west, east):
        _side_wall(chart, x, north, south)
    _wall(chart, (west, north), (east, north))
    chart.line([(1335, 690), (1335, 1010)], 2)
    chart.line([(1350, 690), (1350, 1010)], 2)
    chart.line([(west + 40, 852), (east - 40, 852)], 2)
    chart.line([(west + 40, 866), (east - 40, 866)], 2)
    for x, y, name in ((1230, 792, "縣署"), (1450, 792, "儒學"), (1228, 968, "城隍廟"), (1448, 968, "守禦所")):
        hall(chart, x - 38, y, 96)
        chart.label(name, x + 52, y - 62, 32)
    _wall(chart, (west, south), (east, south))
    _gate(chart, 1342, north - 4, "拱辰門", 72)
    _gate(chart, 1342, south - 4, "朝宗門", 72)
    _gate(chart, west + 6, 850, "挹翠門", -72)
    _gate(chart, east - 6, 850, "迎暉門", 72)


def _side_wall(chart: Chart, x: float, north: float, south: float) -> None:
    shape = [(x - 14, north), (x + 14, north), (x + 14, south + 30), (x - 14, south + 30)]
    chart.clear(shape)
    chart.tint(shape, (190, 178, 156), 190)
    chart.line([*shape, shape[0]], 3)
    for y in np.arange(north + 6, south, 20).tolist():
        chart.sheet.draw.rectangle((x - 14, y, x + 14, y + 9), outline=235, width=2)


def _bridge(chart: Chart, x: float, top: float, bottom: float) -> None:
    shape = [(x - 22, top), (x + 22, top), (x + 22, bottom), (x - 22, bottom)]
    chart.clear(shape)
    chart.tint(shape, OCHRE, 170)
    chart.line([(x - 22, top), (x - 22, bottom)], 4)
    chart.line([(x + 22, top), (x + 22, bottom)], 4)
    for y in np.arange(top + 6, bottom, 11).tolist():
        chart.line([(x - 20, y), (x + 20, y)], 1)


def _junk(chart: Chart, x: float, y: float, size: float) -> None:
    boat = [
        (x - 60 * size, y - 14 * size),
        (x - 40 * size, y + 14 * size),
        (x + 40 * size, y + 14 * size),
        (x + 64 * size, y - 26 * size),
        (x + 30 * size, y - 6 * size),
        (x - 30 * size, y - 6 * size),
    ]
    canvas = [
        (x - 30 * size, y - 12 * size),
        (x - 22 * size, y - 92 * size),
        (x + 20 * size, y - 104 * size),
        (x + 30 * size, y - 12 * size),
    ]
    for shape, colour in ((canvas, OCHRE), (boat, ROSE)):
        chart.clear(shape)
        chart.tint(shape, colour, 170)
        chart.line([*shape, shape[0]], 3)
    for share in (0.25, 0.5, 0.75):
        chart.line(
            [
                (x - (30 - 8 * share) * size, y - (12 + 80 * share) * size),
                (x + (30 - 10 * share) * size, y - (12 + 92 * share) * size),
            ],
            2,
        )


def _island(chart: Chart) -> None:
    x, y = 1985, 760
    ring = [(x + 118 * np.cos(t), y + 46 * np.sin(t)) for t in np.linspace(0, 6.28, 40)]
    chart.clear(ring)
    chart.tint(ring, GREEN, 165)
    chart.line([*ring, ring[0]], 4)
    for storey in range(7):
        half, foot = 24 - storey * 2.4, y - storey * 24.0
        wall = [(x - half, foot), (x + half, foot), (x + half - 2, foot - 17), (x - half + 2, foot - 17)]
        chart.clear(wall)
        chart.tint(wall, (244, 232, 204), 210)
        chart.line([*wall, wall[0]], 2)
        chart.line([(x - half - 9, foot - 15), (x, foot - 24), (x + half + 9, foot - 15)], 3)
    chart.line([(x, y - 168), (x, y - 204)], 4)
    chart.label("龜嶼塔", x + 72, y - 78, 34)


def _places(chart: Chart) -> None:
    _bridge(chart, 1342, 1112, 1232)
    _bridge(chart, 770, 1000, 1060)
    _island(chart)
    for x, y, size in ((1900, 1120, 0.9), (1990, 950, 0.7), (1950, 1400, 1.0), (1930, 480, 0.8), (1860, 300, 0.6)):
        _junk(chart, x, y, size)
    for x, y in (
        (965, 520),
        (700, 900),
        (1640, 500),
        (1530, 1440),
        (1400, 1390),
        (1600, 1100),
        (860, 1270),
        (560, 1270),
    ):
        hall(chart, x, y, 54)
        for _ in range(3):
            tree(chart, x + chart.rng.uniform(-70, 70), y + chart.rng.uniform(4, 22), 24)
    names = (
        ("通濟橋", 1410, 1120, 32),
        ("雙虹橋", 838, 960, 30),
        ("南江", 1070, 1160, 34),
        ("北溪", 690, 690, 32),
        ("明月湖", 1052, 700, 28),
        ("南山書院", 794, 710, 26),
        ("分水嶺", 250, 600, 36),
        ("鶴頂山", 610, 700, 34),
        ("石門塘", 640, 420, 36),
        ("北鄉", 900, 470, 34),
        ("西鄉", 640, 860, 34),
        ("東鄉", 1580, 450, 34),
        ("南鄉", 1590, 1410, 34),
        ("白沙墟", 1340, 1330, 34),
        ("雙溪口", 640, 1220, 32),
        ("舊城角", 1640, 1010, 30),
        ("望海亭", 1192, 1250, 30),
        ("南山", 960, 1420, 46),
    )
    for text, x, y, size in names:
        chart.label(text, x, y, size)
    chart.label("東海", 2090, 1180, 72)


def _frame(chart: Chart) -> None:
    brush = chart.sheet.draw
    left, top, right, bottom = FRAME
    for inset, width in ((-14, 9), (4, 3)):
        brush.rectangle((left + inset, top + inset, right - inset, bottom - inset), outline=255, width=width)
    for text, x, y in (("北", 1150, 152), ("南", 1150, 1606), ("東", 2156, 900), ("西", 146, 900)):
        ring = [(x + 34 * np.cos(t), y + 34 * np.sin(t)) for t in np.linspace(0, 6.28, 30)]
        chart.clear(ring)
        chart.tint(ring, ROSE, 200)
        chart.line([*ring, ring[0]], 3)
        chart.label(text, x, y, 44, boxed=False)
    chart.label("南山縣境全圖", 2094, 226, 64)


def _folded(picture: Image.Image) -> Image.Image:
    """Show the creases of a map that lay folded in four."""
    values = np.asarray(picture, np.float32).copy()
    x = np.arange(picture.width, dtype=np.float32)
    for place in (0.25, 0.5, 0.75):
        near = (x - place * picture.width) / 5
        crease = 12 * np.exp(-(near**2)) * -np.sign(near) - 9 * np.exp(-((near * 3) ** 2))
        values += crease[None, :, None]
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
