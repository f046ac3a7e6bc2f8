"""What every OCR engine promises (wenyuan/ingest/engines/engine.py), asked of each one that is installed here."""

from __future__ import annotations

import importlib
import math
from functools import cache
from pathlib import Path

import numpy as np
import pymupdf
import pytest
import scanned

from wenyuan.ingest.engines import networks, rapidocr
from wenyuan.ingest.engines.engine import Engine, EngineOptions, FoundLine, Picture, Wish
from wenyuan.repo import plugins
from wenyuan.repo.errors import ModelMissing, ProgramMissing, UnknownBackend

ENGINES = "wenyuan.ingest.engines"
WAYS = [
    *[pytest.param(("rapidocr", backend), id=f"rapidocr-{backend}") for backend in networks.BACKENDS],
    *[pytest.param((name, "auto"), id=name) for name in plugins.names(ENGINES) if name != "rapidocr"],
]
LATIN = ("The History", "of the County", "in 1908")


@cache
def opened(name: str, backend: str) -> Engine:
    try:
        engine: Engine = importlib.import_module(f"{ENGINES}.{name}").open_engine(EngineOptions(1, backend))
    except (ProgramMissing, ModuleNotFoundError) as error:
        pytest.skip(f"{name} with {backend} is not installed here: {error}")
    return engine


@pytest.fixture(params=WAYS)
def engine(request: pytest.FixtureRequest) -> Engine:
    return opened(*request.param)


def drawn(document: pymupdf.Document) -> Picture:
    pixels = document[0].get_pixmap(dpi=scanned.DPI)
    return np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)


@cache
def lines_of(engine: Engine) -> list[FoundLine]:
    return engine.read(drawn(scanned.lines(*LATIN)), Wish(("en",)))


def reads(engine: Engine) -> bool:
    return engine.label != "null"


def test_its_label_says_what_it_is_and_which_version(engine: Engine) -> None:
    assert engine.label == "null" or any(figure.isdigit() for figure in engine.label)


def test_it_reads_a_clean_page(engine: Engine) -> None:
    found = sorted(lines_of(engine), key=lambda line: line.quad[0][1])
    assert [line.text.replace(" ", "") for line in found] == (
        [text.replace(" ", "") for text in LATIN] if reads(engine) else []
    )


def test_a_glyph_is_one_code_point_in_its_place(engine: Engine) -> None:
    for line in lines_of(engine):
        assert all(len(glyph.text) == 1 for glyph in line.glyphs)
        assert line.text == "".join(glyph.text for glyph in line.glyphs)
        middles = [glyph.centre[0] for glyph in line.glyphs]
        assert middles == sorted(middles)
        top, bottom = min(y for _, y in line.quad), max(y for _, y in line.quad)
        assert all(top - 2 <= glyph.centre[1] <= bottom + 2 for glyph in line.glyphs)


def test_corners_go_clockwise_from_the_top_left(engine: Engine) -> None:
    for line in lines_of(engine):
        one, two, three, four = line.quad
        assert one[0] < two[0]
        assert two[1] < three[1]
        assert four[0] < three[0]
        assert math.dist(one, two) > math.dist(two, three)


def test_confidences_are_shares_and_alternatives_are_others(engine: Engine) -> None:
    for line in lines_of(engine):
        assert 0 < line.confidence <= 1
        for glyph in line.glyphs:
            assert 0 <= glyph.confidence <= 1
            chances = [choice.confidence for choice in glyph.alternatives]
            assert chances == sorted(chances, reverse=True)
            assert glyph.text not in [choice.text for choice in glyph.alternatives]


def test_the_same_page_is_read_the_same_twice(engine: Engine) -> None:
    assert engine.read(drawn(scanned.lines(*LATIN)), Wish(("en",))) == lines_of(engine)


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (700, 2), (64, 64)])
def test_pictures_of_any_size_are_looked_at(engine: Engine, size: tuple[int, int]) -> None:
    plain = np.full((*size, 3), 255, np.uint8)
    assert engine.read(plain, Wish()) == []


def test_a_back_end_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownBackend):
        rapidocr.open_engine(EngineOptions(1, "abacus"))


def test_a_model_that_is_not_there_is_named_and_never_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        networks.load(tmp_path / "PP-OCRv6_rec_small.onnx", "onnxruntime", 1)
    assert caught.value.data == {"file": "PP-OCRv6_rec_small.onnx"}


@pytest.mark.slow
def test_columns_are_read_from_the_top_down_by_both_back_ends_alike() -> None:
    page = drawn(scanned.columns("新安縣志卷之一", "輿地圖沿革"))
    texts = []
    for backend in networks.BACKENDS:
        found = opened("rapidocr", backend).read(page, Wish())
        assert all(line.vertical for line in found)
        texts.append(sorted(line.text for line in found))
    assert texts[0] == texts[1] == sorted(["新安縣志卷之一", "輿地圖沿革"])
