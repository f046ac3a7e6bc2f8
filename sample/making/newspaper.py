"""Item 4: the front page of a daily of the nineteen-thirties."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from . import bridge
from .alto import write_alto
from .darkroom import exposed
from .fonts import BLOCK_BLACK, HEI_TC_BLACK, KAI_TC, SONG_TC, SONG_TC_BOLD
from .paper import Stock
from .records import Page, write_record
from .sheet import Block, Line, Sheet, Stroke
from .texts import lines
from .wear import Wear, printed, save_jpeg

WIDTH, HEIGHT = 2400, 3400
LEFT, RIGHT, TOP = 120, 2280, 120
PITCH, STEP = 51.0, 41.5
BODY = Stroke(SONG_TC, 38, upright=False)
NEWSPRINT = Stock((222, 208, 176), mottle=0.9, fibres=0.5, foxing=0.45, edge=0.9)
NOT_FIRST = "，。、；：！？）》」』】"


@dataclass
class Article:
    """A headline of some lines, and the text below it."""

    heads: list[str]
    text: str = ""


@dataclass
class Paper:
    """The articles of a page, tier by tier."""

    lead: Article
    tiers: list[list[Article]] = field(default_factory=list)
    supplement: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tier:
    """A band of columns across the page, in pixels."""

    left: float
    right: float
    top: float
    rows: int


def make(folder: Path) -> None:
    """Print the page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paper = _read(lines("newspaper.txt"))
    sheet = Sheet(WIDTH, HEIGHT)
    _masthead(sheet)
    _lead(sheet, paper.lead)
    for number, articles in enumerate(paper.tiers):
        tier = Tier(LEFT, RIGHT, (1100, 1640, 2180)[number], 12)
        if number == 2:
            _supplement_head(sheet, paper.supplement, tier)
            tier = Tier(LEFT, RIGHT - 210, tier.top, 12)
        _tier(sheet, articles, tier)
        y = tier.top - 21
        sheet.draw.line([(LEFT, y), (RIGHT, y)], fill=230, width=3)
    _advertisements(sheet)
    frame = (LEFT - 22, TOP - 22, RIGHT + 22, 3292)
    sheet.draw.rectangle(frame, outline=255, width=6)
    sheet.draw.rectangle((frame[0] + 10, frame[1] + 10, frame[2] - 10, frame[3] - 10), outline=255, width=2)
    wear = Wear(NEWSPRINT, ink=(44, 40, 38), degrees=-0.22, rough=0.55, uneven=0.9, soft=0.7, bed=(150, 148, 144))
    rng = np.random.default_rng(4000)
    save_jpeg(printed(sheet, wear, rng), folder / "0001.jpg", 64)
    write_alto(folder / "0001.xml", sheet, image_name="0001.jpg", degrees=wear.degrees)
    write_record("newspaper", folder / "metadata.json", pages=[Page("0001.jpg", "第一版")])


def _read(rows: list[str]) -> Paper:
    paper = Paper(Article([]))
    article = paper.lead
    for row in rows:
        word, _, rest = row.partition(" ")
        if word == "@lead":
            article.heads = rest.split("/")
        elif word == "@tier":
            paper.tiers.append([])
        elif word == "@supplement":
            paper.supplement = rest.split("/")
            paper.tiers.append([])
        elif word == "@article":
            article = Article(rest.split("/"))
            paper.tiers[-1].append(article)
        else:
            article.text = row
    return paper


def down(block: Block, sheet: Sheet, text: str, x: float, span: tuple[float, float], stroke: Stroke) -> None:
    """Set one column of characters evenly between two heights."""
    step = (span[1] - span[0]) / len(text)
    line = Line()
    for number, char in enumerate(text):
        if char != "　":
            y = span[0] + (number + 0.5) * step
            line.glyphs.append(sheet.stamp(char, x, y, stroke))
    block.lines.append(line)


def _cut(text: str, rows: int) -> list[str]:
    """Break text into columns; a mark never begins one, it hangs below the last."""
    columns: list[str] = []
    while text:
        take = rows
        while take < len(text) and text[take] in NOT_FIRST:
            take += 1
        columns.append(text[:take])
        text = text[take:]
    return columns


def _body(sheet: Sheet, text: str, tier: Tier, right: float) -> float:
    """Set columns leftwards from right; return where the last one ends."""
    block = sheet.block()
    x = right
    for column in _cut(text, tier.rows):
        line = Line()
        # A column with a hanging mark is squeezed, as compositors did.
        step = STEP * min(1.0, (tier.rows + 0.25) / max(len(column), 1))
        for number, char in enumerate(column):
            y = tier.top + (number + 0.5) * step
            line.glyphs.append(sheet.stamp(char, x - PITCH / 2, y, BODY))
        block.lines.append(line)
        x -= PITCH
    return x


def _tier(sheet: Sheet, articles: list[Article], tier: Tier) -> None:
    """Set articles side by side and share the white space left over."""
    heads = 150.0
    need = sum(heads + PITCH * len(_cut(a.text, tier.rows)) for a in articles)
    spare = max(0.0, (tier.right - tier.left - need) / len(articles))
    x = tier.right
    bottom = tier.top + tier.rows * STEP
    for number, article in enumerate(articles):
        _headline(sheet, article, x - spare / 2, (tier.top, bottom))
        x = _body(sheet, article.text, tier, x - heads - spare / 2) - spare / 2
        if number + 1 < len(articles):
            sheet.draw.line([(x, tier.top), (x, bottom)], fill=220, width=2)


def _headline(sheet: Sheet, article: Article, right: float, span: tuple[float, float]) -> None:
    block = sheet.block()
    size = min(72, int((span[1] - span[0]) / len(article.heads[0]) * 0.96))
    big = Stroke(SONG_TC_BOLD, size)
    tall = size * 1.04 * len(article.heads[0])
    down(block, sheet, article.heads[0], right - 46, (span[0] + 4, span[0] + 4 + tall), big)
    small = Stroke(KAI_TC, 44, weight=1)
    under = article.heads[1]
    start = span[0] + 40
    down(block, sheet, under, right - 116, (start, min(span[1], start + 48 * len(under))), small)


def _masthead(sheet: Sheet) -> None:
    brush = sheet.draw
    box = (1992, TOP, RIGHT, 1050)
    brush.rectangle(box, outline=255, width=6)
    brush.rectangle((2140, TOP, RIGHT, 1050), outline=255, width=3)
    block = sheet.block(furniture=False)
    _title(sheet, block)
    side = sheet.block(furniture=True)
    song = Stroke(SONG_TC, 34)
    down(side, sheet, "中華民國二十五年五月一日", 2108, (140, 620), Stroke(SONG_TC_BOLD, 37))
    down(side, sheet, "星期五", 2108, (650, 780), Stroke(SONG_TC_BOLD, 37))
    down(side, sheet, "夏曆丙子年閏三月十一日", 2062, (140, 560), song)
    down(side, sheet, "第一千七百二十一號", 2062, (600, 960), song)
    down(side, sheet, "今日出紙一張", 2018, (140, 380), song)
    down(side, sheet, "每份大洋二分", 2018, (410, 650), song)
    down(side, sheet, "社址南山中正街", 2018, (690, 970), song)


def _title(sheet: Sheet, block: Block) -> None:
    down(block, sheet, "南山日報", 2211, (138, 1032), Stroke(KAI_TC, 168, (0.88, 1.22), weight=4))


def _lead(sheet: Sheet, lead: Article) -> None:
    block = sheet.block()
    down(block, sheet, lead.heads[0], 1908, (TOP, 1040), Stroke(BLOCK_BLACK, 124))
    down(block, sheet, lead.heads[1], 1800, (TOP + 60, 900), Stroke(SONG_TC_BOLD, 82))
    down(block, sheet, lead.heads[2], 1716, (TOP + 30, 1000), Stroke(KAI_TC, 62, weight=1))
    columns = _cut(lead.text, 10)
    half = -(-len(columns) // 2)
    for number, part in enumerate((columns[:half], columns[half:])):
        tier = Tier(0, 0, TOP + number * 480, 10)
        _body(sheet, "".join(part), tier, 1656)
    x = 1656 - half * PITCH
    sheet.draw.line([(x + 10, 575), (1656, 575)], fill=220, width=2)
    _picture(sheet, (LEFT, TOP, round(x) - 24, 880))


def _picture(sheet: Sheet, box: tuple[int, int, int, int]) -> None:
    """Print a photograph through a halftone screen, its caption below."""
    size = box[2] - box[0], box[3] - box[1]
    values = np.clip(exposed(bridge.paint()), 0, 1) * 255
    picture = ImageOps.fit(Image.fromarray(values.astype(np.uint8)), size)
    picture = ImageOps.autocontrast(picture, cutoff=1)
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    # Screen of 45 degrees, one dot in about seven pixels.
    turn = 2 * np.pi / 7.2
    screen = 0.5 + 0.25 * (np.sin((x + y) * turn * 0.707) + np.sin((x - y) * turn * 0.707))
    dark = 1 - np.asarray(picture, np.float32) / 255
    dots = np.clip((dark * 1.05 - screen) * 3 + 0.5, 0, 1) * 235
    sheet.ink.paste(Image.fromarray(dots.astype(np.uint8)), box[:2])
    sheet.draw.rectangle(box, outline=255, width=3)
    block = sheet.block(vertical=False)
    text = "重修後之通濟橋，橋上飲翠亭亦同時修葺一新"
    stroke = Stroke(SONG_TC, 34)
    line = Line()
    step = min(38.0, size[0] / len(text))
    # Flat lines of the time run from right to left.
    start = (box[0] + box[2] + step * len(text)) / 2
    for number, char in enumerate(text):
        line.glyphs.append(sheet.stamp(char, start - (number + 0.5) * step, box[3] + 42, stroke))
    block.lines.append(line)
    note = sheet.block(vertical=False)
    credit = Line()
    for number, char in enumerate("華光照相館攝"):
        credit.glyphs.append(sheet.stamp(char, box[0] + 250 - number * 38, box[3] + 98, Stroke(KAI_TC, 34)))
    note.lines.append(credit)


def _supplement_head(sheet: Sheet, heads: list[str], tier: Tier) -> None:
    bottom = tier.top + tier.rows * STEP
    box = (RIGHT - 186, tier.top, RIGHT, bottom)
    sheet.draw.rectangle(box, outline=255, width=5)
    inner = (box[0] + 10, box[1] + 10, box[2] - 10, box[3] - 10)
    sheet.draw.rectangle(inner, outline=255, width=2)
    block = sheet.block()
    down(block, sheet, heads[0], RIGHT - 68, (tier.top + 22, bottom - 22), Stroke(KAI_TC, 96, (0.95, 1.1), weight=2))
    down(block, sheet, heads[1], RIGHT - 146, (tier.top + 90, bottom - 60), Stroke(SONG_TC, 40))


def _advertisements(sheet: Sheet) -> None:
    """Set the row of advertisements along the foot."""
    top, bottom = 2730, 3270
    sheet.draw.line([(LEFT, top - 21), (RIGHT, top - 21)], fill=255, width=5)
    edges = [RIGHT, 1800, 1340, 900, 500, LEFT]
    for number, columns in enumerate(_ADVERTISEMENTS):
        right, left = edges[number] - 8, edges[number + 1] + 8
        white = number in (1, 4)
        sheet.draw.rectangle((left, top, right, bottom), outline=255, width=4 if white else 7)
        block = sheet.block()
        share = (right - left - 40) / sum(size for _, size, _ in columns)
        x = right - 20.0
        for text, size, font in columns:
            wide = size * share
            middle = x - wide / 2
            room = (bottom - top - 70) / len(text)
            stroke = Stroke(font, round(min(size, room * 0.98)))
            tall = min(bottom - top - 70, stroke.size * 1.22 * len(text))
            down(block, sheet, text, middle, (top + 35, top + 35 + tall), stroke)
            x -= wide


_Advertisement = list[tuple[str, int, str]]
_ADVERTISEMENTS: list[_Advertisement] = [
    [
        ("同昌綢緞莊", 112, BLOCK_BLACK),
        ("春季大減價二十天", 60, HEI_TC_BLACK),
        ("蘇杭綢緞　中西布疋", 46, SONG_TC),
        ("中正街三十六號", 40, KAI_TC),
    ],
    [
        ("大光明戲院", 96, HEI_TC_BLACK),
        ("今日開映國產有聲鉅片", 50, SONG_TC_BOLD),
        ("日場二時半　夜場七時", 44, SONG_TC),
        ("前座二角　後座四角", 44, SONG_TC),
    ],
    [
        ("南山輪船公司船期", 62, SONG_TC_BOLD),
        ("海安輪　逢一四七開省城", 44, SONG_TC),
        ("福興輪　逢二五八開廈門", 44, SONG_TC),
        ("搭客裝貨請早臨", 42, KAI_TC),
    ],
    [("仁和堂藥房", 92, BLOCK_BLACK), ("秘製枇杷止咳膏", 54, KAI_TC), ("贈醫施藥", 54, HEI_TC_BLACK)],
    [("華光照相館", 88, KAI_TC), ("美術人像　風景放大", 46, SONG_TC), ("立等可取", 54, SONG_TC_BOLD)],
]
