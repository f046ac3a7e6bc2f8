"""A page's text layer out of what an engine found: places, confidences, reasons."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvips
import scanned

from wenyuan.ingest.engines import rapidocr
from wenyuan.ingest.engines.engine import (
    Choice,
    Engine,
    EngineOptions,
    FoundGlyph,
    FoundLine,
    Look,
    Picture,
    Point,
    Wish,
    Writing,
)
from wenyuan.ingest.preparation import loading
from wenyuan.ingest.preparation.steps import Steps
from wenyuan.ingest.recognition import Plan, recognise_page
from wenyuan.repo import chinese
from wenyuan.repo.layers import Alternative, Box, Direction

Corpus = Callable[[str], Path]


@dataclass
class Finds:
    """An engine that finds these lines, in shares of the picture that it is given."""

    lines: tuple[tuple[str, float, float], ...]
    label: str = "finds 1.0"
    confidence: float = 0.93
    seen: list[tuple[int, int]] = field(default_factory=list)

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        height, width = picture.shape[:2]
        self.seen.append((width, height))
        return [self._line(text, x * width, y * height, width / 20) for text, x, y in self.lines]

    def _line(self, text: str, left: float, top: float, size: float) -> FoundLine:
        others = (Choice("已", 0.05),)
        glyphs = tuple(
            FoundGlyph(
                mark, (left + k * size, top, left + k * size + size, top + size), self.confidence, others[: k == 1]
            )
            for k, mark in enumerate(text)
        )
        right, bottom = glyphs[-1].box[2:]
        quad = ((left, top), (right, top), (right, bottom), (left, bottom))
        return FoundLine(quad, glyphs, vertical=False, confidence=self.confidence)


def inked(width: int, height: int) -> Picture:
    page = np.full((height, width, 3), 240, np.uint8)
    page[height // 4 : height // 2, width // 4 : width // 2] = 20
    return page


def test_a_layer_says_where_each_character_is_and_how_sure_it_is() -> None:
    found = recognise_page(inked(1000, 800), Finds((("自己人", 0.1, 0.25),)), Plan())
    (line,) = found.layer.lines
    assert (line.text, line.direction) == ("自己人", Direction.LEFT_TO_RIGHT)
    assert line.glyphs == (Box(100, 200, 50, 50), Box(150, 200, 50, 50), Box(200, 200, 50, 50))
    assert line.box == Box(100, 200, 150, 50)
    assert line.confidences == (93, 93, 93)
    assert line.alternatives == (Alternative(1, "已", 5),)
    assert (found.layer.width, found.layer.height, found.engine, found.reason) == (1000, 800, "finds 1.0", None)


def test_a_large_page_is_read_smaller_and_told_in_its_own_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading.pixels, "__kwdefaults__", {"most": 200_000})
    page = inked(1000, 800)
    picture = pyvips.Image.new_from_memory(page.tobytes(), 1000, 800, 3, "uchar")
    engine = Finds((("自己人", 0.1, 0.25),))
    found = recognise_page(picture, engine, Plan())
    assert engine.seen[0] == (500, 400)
    assert found.settings["scale"] == 0.5
    assert found.layer.lines[0].glyphs[2] == Box(200, 200, 50, 50)
    assert (found.layer.width, found.layer.height) == (1000, 800)


def test_a_blank_page_is_told_without_asking_the_engine() -> None:
    engine = Finds((("自己人", 0.1, 0.25),))
    found = recognise_page(np.full((800, 600, 3), 230, np.uint8), engine, Plan())
    assert (found.reason, found.layer.regions, engine.seen) == ("blank", (), [])
    assert (found.layer.width, found.layer.height) == (600, 800)


def test_a_page_on_which_nothing_is_read_says_so() -> None:
    found = recognise_page(inked(600, 800), Finds(()), Plan())
    assert (found.reason, found.layer.regions) == ("no-text", ())


def test_what_was_asked_and_found_is_kept() -> None:
    plan = Plan(Wish(("zh-Hant",), Writing.HORIZONTAL))
    settings = recognise_page(inked(600, 800), Finds((("自己人", 0.1, 0.25),)), plan).settings
    assert settings["wish"] == {"languages": ["zh-Hant"], "writing": "horizontal"}
    assert settings["steps"] == {
        "orientation": True, "light": False, "rules": True, "skew": True, "facing": True, "small_print": True,
    }  # fmt: skip
    assert settings["languages"] == ["zh"]
    assert settings["vertical"] is False


@dataclass
class Leaning:
    """An engine that finds six lines, each in two pieces, on a page that leans by three degrees."""

    label: str = "leaning 1.0"

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        # Broken at different places, so that they are no two columns.
        rows = [("甲", 6), ("乙", 20), ("丙", 9), ("丁", 23), ("戊", 6), ("己", 20)]
        pieces = [self._piece(60, 200 + 50 * k, f"{name}前", size) for k, (name, size) in enumerate(rows)]
        return pieces + [
            self._piece(60 + 30 * size + 20, 200 + 50 * k, f"{name}後", 29 - size)
            for k, (name, size) in enumerate(rows)
        ]

    def _piece(self, x: float, y: float, text: str, length: int) -> FoundLine:
        def leaning(x: float, y: float) -> Point:
            return x, y + (x - 500) * math.tan(math.radians(3))

        size = 30
        quad = (
            leaning(x, y),
            leaning(x + size * length, y),
            leaning(x + size * length, y + size),
            leaning(x, y + size),
        )
        glyphs = []
        for k, mark in enumerate((text * length)[:length]):
            left, top = leaning(x + size * k, y)
            glyphs.append(FoundGlyph(mark, (left, top, left + size, top + size), 0.95))
        return FoundLine(quad, tuple(glyphs), vertical=False, confidence=0.95)


def test_a_page_that_leans_is_set_straight_before_its_lines_are_ordered_unless_switched_off() -> None:
    straight = recognise_page(inked(1000, 700), Leaning(), Plan(steps=Steps(orientation=False)))
    as_it_leans = recognise_page(inked(1000, 700), Leaning(), Plan(steps=Steps(orientation=False, skew=False)))
    assert straight.settings["skew"] == pytest.approx(3, abs=0.1)
    assert "skew" not in as_it_leans.settings
    assert as_it_leans.settings["steps"]["skew"] is False
    in_order = [f"{row}{side}" for row in "甲乙丙丁戊己" for side in "前後"]
    assert [line.text[:2] for line in straight.layer.lines] == in_order
    assert [line.text[:2] for line in as_it_leans.layer.lines] != in_order


@dataclass
class Opened:
    """An engine that finds two pages of twelve lines on a scan of both."""

    label: str = "opened 1.0"

    def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
        return [self._line(left, top) for left in (100, 900) for top in range(80, 680, 50)]

    def _line(self, left: float, top: float) -> FoundLine:
        boxes = [(left + 30 * k, top, left + 30 * k + 30, top + 30) for k in range(18)]
        quad = ((left, top), (left + 540, top), (left + 540, top + 30), (left, top + 30))
        return FoundLine(quad, tuple(FoundGlyph("志", box, 0.95) for box in boxes), vertical=False, confidence=0.95)


def test_facing_pages_are_parted_unless_switched_off() -> None:
    parted = recognise_page(inked(1540, 760), Opened(), Plan(steps=Steps(orientation=False)))
    whole = recognise_page(inked(1540, 760), Opened(), Plan(steps=Steps(orientation=False, facing=False)))
    assert parted.facing_at == pytest.approx(770, abs=10)
    assert whole.facing_at is None
    assert whole.settings["steps"]["facing"] is False


@pytest.mark.parametrize("wanted", [True, False])
def test_the_engine_is_told_whether_small_print_is_worth_a_closer_look(wanted: bool) -> None:
    asked: list[Wish] = []

    class Listens(Finds):
        def read(self, picture: Picture, wish: Wish) -> list[FoundLine]:
            asked.append(wish)
            return [replace(line, look=Look.CLOSER) for line in super().read(picture, wish)]

    settings = recognise_page(
        inked(600, 800), Listens((("自己人", 0.1, 0.25),)), Plan(steps=Steps(small_print=wanted))
    ).settings
    assert asked[0].small_print is wanted
    assert settings.get("small_print") == ({"closer": 1, "parted": 0} if wanted else None)


@cache
def reader() -> Engine:
    return rapidocr.open_engine(EngineOptions())


def misread(corpus: Corpus, name: str) -> float:
    """Share of the characters of a page that are missed or invented, in whatever order."""
    scan = corpus(f"ocr/{name}")
    page = cv2.cvtColor(np.asarray(cv2.imread(str(scan))), cv2.COLOR_BGR2RGB)
    found = recognise_page(np.asarray(page, np.uint8), reader(), Plan())
    truth, read = (
        Counter(c for c in chinese.fold(text) if c.isalnum())
        for text in (scan.with_suffix(".txt").read_text("utf-8"), "\n".join(line.text for line in found.layer.lines))
    )
    return max((truth - read).total(), (read - truth).total()) / truth.total()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("real/siku_jmml_1.jpg", 0.02),
        ("real/siku_zongmu_1.jpg", 0.03),
        ("synth/hs_news_heavy.jpg", 0.01),
        ("synth/vt_jiazhu_light.jpg", 0.05),
    ],
)
def test_pages_of_books_and_newspapers_are_read(corpus: Corpus, name: str, most: float) -> None:
    assert misread(corpus, name) <= most


@pytest.mark.slow
@pytest.mark.parametrize("turn", [1, 2, 3])
@pytest.mark.parametrize("vertical", [False, True])
def test_a_page_that_lies_or_stands_on_its_head_is_read_and_its_boxes_lie_on_the_print(
    tmp_path: Path, turn: int, vertical: bool
) -> None:
    told = ("深圳地方志资料", "第一卷建置沿革", "自东晋以来为县")
    drawn = scanned.columns(*told) if vertical else scanned.lines(*told)
    scan = scanned.picture(tmp_path / "page.png", drawn)
    upright = np.asarray(cv2.imread(str(scan)), np.uint8)
    lying = np.ascontiguousarray(np.rot90(upright, -turn))
    found = recognise_page(lying, reader(), Plan())
    assert found.settings["turned"] == 360 - 90 * turn
    assert found.settings["vertical"] is vertical
    assert found.layer.text == recognise_page(upright, reader(), Plan()).layer.text
    assert found.layer.lines[1].text == told[1]
    for line in found.layer.lines:
        assert line.box is not None
        inside = lying[line.box.y : line.box.y + line.box.height, line.box.x : line.box.x + line.box.width]
        assert (inside < 128).mean() > 0.05
    # The first character of a page of lines stands at its top left: where that corner is now, it is.
    first, last = found.layer.lines[0].glyphs[0], found.layer.lines[-1].glyphs[-1]
    down, right = last.y - first.y, last.x - first.x
    expected = (
        {1: (1, -1), 2: (-1, -1), 3: (-1, 1)}[turn] if not vertical else {1: (-1, -1), 2: (-1, 1), 3: (1, 1)}[turn]
    )
    assert (down > 0, right > 0) == (expected[0] > 0, expected[1] > 0)


@pytest.mark.slow
def test_noise_is_no_text() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (1200, 900, 3), np.uint8)
    assert recognise_page(noise, reader(), Plan()).reason == "no-text"
