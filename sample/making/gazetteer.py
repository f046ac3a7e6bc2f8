"""Item 1: a gazetteer printed from wood blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from . import leaf
from .alto import write_alto
from .fonts import BLOCK, KAI_TC
from .paper import Stock
from .records import Page, write_record
from .seals import seal
from .sheet import Line, Sheet, Stroke
from .texts import lines, numeral
from .vertical import Column, Hand, compose, set_column
from .wear import Wear, printed, save_jpeg

BOOK = "南山縣志"
BAMBOO = Stock((228, 206, 164), mottle=0.8, laid=0.5, fibres=0.35, foxing=0.35, edge=0.75)
TEXT = Hand(Stroke(BLOCK, 56, (1.06, 1.0)), Stroke(BLOCK, 35, (1.04, 0.98)), unsteady=0.55)
PREFACE = Hand(Stroke(KAI_TC, 84, weight=1), Stroke(KAI_TC, 46), unsteady=0.8)


@dataclass
class Plan:
    """One leaf to print: what its columns hold."""

    part: str
    columns: int
    rows: int
    hand: Hand
    filled: list[Column] = field(default_factory=list)
    first: str = ""


def make(folder: Path) -> None:
    """Print the whole book into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    plans = _plans(lines("gazetteer.txt"))
    sheets = [_title_sheet()] + [_text_sheet(plan, number) for number, plan in enumerate(plans, start=1)]
    pages, sections = [], []
    for number, sheet in enumerate(sheets, start=1):
        wear = _wear(number)
        behind = sheets[number - 2] if number > 1 else None
        rng = np.random.default_rng(1000 + number)
        red = _seals(number)
        picture = printed(sheet, wear, rng, behind=behind, coloured=red)
        name = f"{number:04d}.jpg"
        save_jpeg(picture, folder / name, 68)
        write_alto((folder / name).with_suffix(".xml"), sheet, image_name=name, degrees=wear.degrees)
        plan = plans[number - 2] if number > 1 else None
        pages.append(Page(name, _page_label(plans, number)))
        if plan is not None and plan.first:
            sections.append({"title": plan.first, "page": number})
    sections.insert(0, {"title": "內封", "page": 1})
    write_record("gazetteer", folder / "metadata.json", pages=pages, sections=sections)


def _page_label(plans: list[Plan], number: int) -> str:
    if number == 1:
        return "內封"
    plan = plans[number - 2]
    before = sum(1 for other in plans[: number - 2] if other.part == plan.part)
    return f"{plan.part}·葉{numeral(before + 1)}"


def _plans(rows: list[str]) -> list[Plan]:
    """Deal the text out over leaves."""
    plans: list[Plan] = []
    plan = Plan("", 9, 18, TEXT)
    for row in rows:
        if row.startswith("@preface"):
            plan = Plan("序", 7, 12, PREFACE, first="序")
            plans.append(plan)
            plan.filled.append(Column(compose(row.split()[1], 12)[0].runs))
        elif row.startswith("@leaf"):
            part = row.split()[1]
            plan = Plan(part, 9, 18, TEXT, first=_TITLES.get(part, part))
            plans.append(plan)
        elif row == "@half":
            plan.filled += [Column() for _ in range(plan.columns - len(plan.filled))]
        else:
            for column in compose(row, plan.rows):
                if len(plan.filled) == 2 * plan.columns:
                    plan = Plan(plan.part, plan.columns, plan.rows, plan.hand)
                    plans.append(plan)
                plan.filled.append(column)
    return plans


_TITLES = {
    "目錄": "目錄　凡例",
    "卷一": "卷一　輿地志",
    "卷二": "卷二　建置志",
    "卷三": "卷三　食貨志",
    "卷七": "卷七　人物志",
    "卷八": "卷八　藝文志",
}


def _wear(number: int) -> Wear:
    turn = np.random.default_rng(40 + number).normal(0, 0.32)
    return Wear(
        BAMBOO,
        ink=(36, 31, 28),
        degrees=float(np.clip(turn, -0.7, 0.7)),
        rough=0.9,
        uneven=0.9,
        bleed=0.32,
        worms=9 if number < 4 else 5,
        # Worms bore through several leaves, so neighbours share the holes.
        worm_seed=7 + number // 4,
        bed=(58, 54, 50),
    )


def _text_sheet(plan: Plan, number: int) -> Sheet:
    sheet = Sheet(leaf.WIDTH, leaf.HEIGHT)
    rng = np.random.default_rng(200 + number)
    leaf.draw_frame(sheet, plan.columns, rng)
    cells = leaf.grid(plan.columns, plan.rows)
    half = sheet.block()
    for place, column in enumerate(plan.filled):
        if place == plan.columns:
            leaf.draw_strip(sheet, leaf.Strip(BOOK, plan.part, numeral(number)))
            half = sheet.block()
        set_column(sheet, half, cells, column, place, plan.hand, rng)
    if len(plan.filled) <= plan.columns:
        leaf.draw_strip(sheet, leaf.Strip(BOOK, plan.part, numeral(number)))
    return sheet


def _title_sheet() -> Sheet:
    """The inner cover: three columns on the right half, a printer's mark on the left."""
    sheet = Sheet(leaf.WIDTH, leaf.HEIGHT)
    brush = sheet.draw
    box = (1060, leaf.TOP - 15, leaf.RIGHT + 15, leaf.BOTTOM + 15)
    brush.rectangle(box, outline=255, width=9)
    brush.rectangle([box[0] + 16, box[1] + 16, box[2] - 16, box[3] - 16], outline=255, width=3)
    for x in (1300, 1648):
        brush.line([(x, box[1] + 16), (x, box[3] - 16)], fill=255, width=4)
    _big(sheet, "嘉慶己卯重修", 1763, (240, 130), Stroke(KAI_TC, 104, weight=2))
    _big(sheet, BOOK, 1474, (262, 238), Stroke(KAI_TC, 226, (1.0, 1.04), weight=4))
    _big(sheet, "學宮藏板", 1188, (690, 130), Stroke(KAI_TC, 104, weight=2))
    mark = (380, 430, 640, 1010)
    brush.rectangle(mark, outline=255, width=8)
    brush.rectangle([mark[0] + 13, mark[1] + 13, mark[2] - 13, mark[3] - 13], outline=255, width=3)
    _big(sheet, "嘉慶二十四年", 570, (462, 86), Stroke(BLOCK, 74, (1.0, 1.06)))
    _big(sheet, "南山縣學刊行", 450, (462, 86), Stroke(BLOCK, 74, (1.0, 1.06)))
    return sheet


def _big(sheet: Sheet, text: str, x: float, rows: tuple[float, float], stroke: Stroke) -> None:
    top, step = rows
    line = Line([sheet.stamp(c, x, top + (i + 0.5) * step, stroke) for i, c in enumerate(text)])
    sheet.block().lines.append(line)


def _seals(number: int) -> Image.Image | None:
    if number not in (1, 2, 3):
        return None
    layer = Image.new("RGBA", (leaf.WIDTH, leaf.HEIGHT), (0, 0, 0, 0))
    library = seal("南山市圖書館藏書印", 186, columns=3, raised=True, seed=3)
    if number == 1:
        layer.alpha_composite(library, (1084, 214))
        layer.alpha_composite(seal("鶴頂山房", 118, columns=2, raised=False, seed=5), (448, 1060))
    elif number == 2:
        small = seal("南山市圖書館藏書印", 116, columns=3, raised=True, seed=4)
        layer.alpha_composite(small, (1752, 1140))
    else:
        layer.alpha_composite(seal("沈履中印", 104, columns=2, raised=False, seed=6), (843, 1148))
    return layer
