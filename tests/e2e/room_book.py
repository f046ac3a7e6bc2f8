"""A vertical book of 300 leaves for the reading room: real scans with text, labels, contents, a cover and a foldout."""

from __future__ import annotations

import functools
from pathlib import Path

import given
from PIL import Image, ImageDraw, ImageFont

from wenyuan.sample.making.fonts import SONG_TC, face

TITLE = "長溪縣志"
PAGES = 300
COVER, FOLDOUT = 1, 150
SIZE, WIDE_SIZE = (700, 1000), (1800, 1000)
COLUMNS, CHARACTERS, CELL, PITCH = 8, 16, 48, 76
TOP, FIRST_LEFT = 130, 590
LEAVES_PER_VOLUME = 30
VOLUMES = "一二三四五六七八九十"
PHRASE, PHRASE_PAGES = "通濟橋", (7, 137, 262)
"""A phrase that stands on these pages alone: across the end of a column on the last of them."""
_PHRASE_PLACES = {7: (2, 5), 137: (0, 0), 262: (3, 14)}
"""Column and place of its first character."""

_SOURCE = Path(__file__).resolve().parents[2] / "sample" / "texts" / "qianziwen.txt"


def label(page: int) -> str:
    """What is printed on a page: 卷三 葉十二."""
    if page == COVER:
        return "書衣"
    if page == FOLDOUT:
        return "縣境全圖"
    volume, leaf = divmod(page - 2, LEAVES_PER_VOLUME)
    return f"卷{VOLUMES[volume]} 葉{numeral(leaf + 1)}"


def numeral(number: int) -> str:
    """A number below 100 in Chinese."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{VOLUMES[tens - 1]}十"
    return head + (VOLUMES[ones - 1] if ones else "")


def columns(page: int) -> list[str]:
    """The text of a page, column by column from the right; the cover and the foldout have none."""
    if page in (COVER, FOLDOUT):
        return []
    text = _characters()
    start = page * 131
    made = "".join(text[(start + place) % len(text)] for place in range(COLUMNS * CHARACTERS))
    if page in _PHRASE_PLACES:
        column, place = _PHRASE_PLACES[page]
        at = column * CHARACTERS + place
        made = made[:at] + PHRASE + made[at + len(PHRASE) :]
    return [made[first : first + CHARACTERS] for first in range(0, len(made), CHARACTERS)]


def glyph_box(column: int, place: int) -> tuple[int, int, int, int]:
    """Where a character stands on every page: left, top, width, height in pixels of the scan."""
    return FIRST_LEFT - PITCH * column, TOP + CELL * place, CELL, CELL


def phrase_boxes(page: int) -> list[tuple[int, int, int, int]]:
    """The boxes of the characters of the phrase on a page, in reading order."""
    column, place = _PHRASE_PLACES[page]
    first = column * CHARACTERS + place
    return [glyph_box(*divmod(at, CHARACTERS)) for at in range(first, first + len(PHRASE))]


def sections() -> list[dict[str, object]]:
    """Ten volumes of three parts; the first part of each has two of its own."""
    found: list[dict[str, object]] = [{"title": "書衣", "page": COVER}]
    for volume, name in enumerate(VOLUMES):
        first = 2 + LEAVES_PER_VOLUME * volume
        parts: list[dict[str, object]] = []
        for part, (title, leaf) in enumerate((("輿地", 0), ("建置", 10), ("藝文", 20))):
            entry: dict[str, object] = {"title": f"卷{name} {title}", "page": min(first + leaf, PAGES)}
            if part == 0:
                entry["children"] = [
                    {"title": f"卷{name} 疆域", "page": first},
                    {"title": f"卷{name} 山川", "page": min(first + 4, PAGES)},
                ]
            parts.append(entry)
        found.append({"title": f"卷{name}", "page": first, "children": parts})
    return found


def make(folder: Path, count: int = PAGES, *, title: str = TITLE) -> Path:
    """Write the book, or its first pages as another edition, as staff would hand it in: JPEGs, ALTO, metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in range(1, count + 1):
        name = folder / f"{page:04}.jpg"
        _draw(page).save(name, quality=80)
        if columns(page):
            _write_alto(name.with_suffix(".xml"), columns(page))
    told = {
        "title": title,
        "kind": "book",
        "agents": [{"name": "沈約之", "dynasty": "清", "role": "纂"}],
        "edition": "清嘉慶二十四年刻本",
        "date": "嘉慶二十四年",
        "languages": ["zh-Hant"],
        "series": TITLE,
        "viewing_direction": "right-to-left",
        "writing": "vertical",
        "pages": [{"file": f"{page:04}.jpg", "label": label(page)} for page in range(1, count + 1)],
        "sections": [one for one in sections() if isinstance(one["page"], int) and one["page"] <= count],
    }
    given.write_json(folder / "metadata.json", told)
    return folder


@functools.cache
def _characters() -> str:
    return "".join(_SOURCE.read_text("utf-8").split())


@functools.cache
def _glyph(character: str, size: int = 42) -> Image.Image:
    """The mask of one character, drawn once."""
    chosen = face(SONG_TC)
    font = ImageFont.truetype(str(chosen.path), size, index=chosen.index)
    mask = Image.new("L", (size + 6, size + 6), 0)
    ImageDraw.Draw(mask).text((mask.width / 2, mask.height / 2), character, 255, font, anchor="mm")
    return mask


@functools.cache
def _paper(width: int, height: int) -> Image.Image:
    sheet = Image.new("RGB", (width, height), (238, 228, 205))
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((40, 90, width - 41, height - 71), outline=(40, 34, 30), width=4)
    pen.rectangle((48, 98, width - 49, height - 79), outline=(70, 60, 50), width=1)
    return sheet


def _draw(page: int) -> Image.Image:
    if page == COVER:
        return _cover()
    if page == FOLDOUT:
        return _foldout()
    sheet = _paper(*SIZE).copy()
    pen = ImageDraw.Draw(sheet)
    for column, text in enumerate(columns(page)):
        left = glyph_box(column, 0)[0]
        pen.line((left - 14, 98, left - 14, SIZE[1] - 80), fill=(120, 105, 85), width=1)
        for place, character in enumerate(text):
            x, y, _width, _height = glyph_box(column, place)
            sheet.paste((28, 24, 22), (x, y), _glyph(character))
    for place, character in enumerate(label(page).replace(" ", "")):
        sheet.paste((90, 70, 50), (56 + 30 * place, 52), _glyph(character, 22))
    return sheet


def _cover() -> Image.Image:
    sheet = Image.new("RGB", SIZE, (44, 62, 92))
    pen = ImageDraw.Draw(sheet)
    for y in range(60, SIZE[1], 190):
        pen.line((SIZE[0] - 40, y, SIZE[0], y), fill=(220, 214, 196), width=3)
    pen.rectangle((80, 80, 200, 620), fill=(240, 233, 214), outline=(30, 30, 30), width=3)
    for place, character in enumerate(TITLE):
        sheet.paste((20, 20, 20), (97, 120 + 110 * place), _glyph(character, 80))
    return sheet


def _foldout() -> Image.Image:
    sheet = _paper(*WIDE_SIZE).copy()
    pen = ImageDraw.Draw(sheet)
    for step in range(0, 1600, 40):
        pen.arc((80 + step, 300 + step // 8, 380 + step, 760), 180, 320, fill=(60, 90, 70), width=3)
    pen.line([(60 + x, 700 + (x * 37 % 90)) for x in range(0, 1680, 60)], fill=(60, 90, 140), width=6)
    for place, character in enumerate("長溪縣境全圖"):
        sheet.paste((20, 20, 20), (1640, 140 + 70 * place), _glyph(character, 60))
    return sheet


def _write_alto(path: Path, lines: list[str]) -> None:
    """ALTO 4: one vertical line a column, a glyph a character."""
    written = []
    for column, text in enumerate(lines):
        glyphs = "".join(
            f'<Glyph CONTENT="{character}" {_place(*glyph_box(column, place))}/>'
            for place, character in enumerate(text)
        )
        left, top, width, height = glyph_box(column, 0)
        box = _place(left, top, width, height * len(text))
        written.append(
            f'<TextLine ID="l{column}" {box} TAGREFS="vertical"><String CONTENT="{text}" {box}>{glyphs}</String>'
            "</TextLine>"
        )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">'
        "<Description><MeasurementUnit>pixel</MeasurementUnit></Description>"
        '<Tags><LayoutTag ID="vertical" LABEL="vertical"/></Tags>'
        f'<Layout><Page ID="p" PHYSICAL_IMG_NR="1" WIDTH="{SIZE[0]}" HEIGHT="{SIZE[1]}"><PrintSpace>'
        f'<TextBlock ID="b">{"".join(written)}</TextBlock></PrintSpace></Page></Layout></alto>',
        "utf-8",
    )


def _place(x: int, y: int, width: int, height: int) -> str:
    return f'HPOS="{x}" VPOS="{y}" WIDTH="{width}" HEIGHT="{height}"'
