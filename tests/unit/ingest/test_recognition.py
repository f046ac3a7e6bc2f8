"""A page's text layer out of what an engine found: places, confidences, reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvips
import scanned

from wenyuan.ingest.engines import rapidocr
from wenyuan.ingest.engines.engine import Choice, Engine, EngineOptions, FoundGlyph, FoundLine, Picture, Wish, Writing
from wenyuan.ingest.preparation import loading
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
    assert settings["steps"] == {"orientation": True, "light": False, "rules": True}
    assert settings["vertical"] is False


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
def test_a_page_on_its_head_is_read_and_its_boxes_lie_on_the_print(tmp_path: Path) -> None:
    scan = scanned.picture(tmp_path / "page.png", scanned.lines("深圳地方志资料", "第一卷建置沿革", "自东晋以来为县"))
    upright = np.asarray(cv2.imread(str(scan)), np.uint8)
    found = recognise_page(np.ascontiguousarray(upright[::-1, ::-1]), reader(), Plan())
    assert found.settings["turned"] == 180
    assert found.layer.text.split() == ["深圳地方志资料", "第一卷建置沿革", "自东晋以来为县"]
    heading = found.layer.lines[0].box
    assert heading is not None
    # A heading at the top of the page lies at the bottom of the scan.
    assert heading.y > 0.7 * found.layer.height


@pytest.mark.slow
def test_noise_is_no_text() -> None:
    noise = np.random.default_rng(5).integers(0, 255, (1200, 900, 3), np.uint8)
    assert recognise_page(noise, reader(), Plan()).reason == "no-text"
