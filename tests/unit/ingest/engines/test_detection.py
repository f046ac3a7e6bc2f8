"""Rectangles of a probability map: where they are, how their corners are ordered, and what a part of a page does."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from wenyuan.ingest.engines import detection
from wenyuan.ingest.engines.detection import Detector, in_order
from wenyuan.ingest.engines.line_reading import is_column


def rectangle(width: float, height: float, lean: float) -> NDArray[np.float32]:
    """Corners in no particular order, leaning by degrees."""
    return np.asarray(cv2.boxPoints(((500.0, 500.0), (width, height), lean)), np.float32)


def dark_is_text(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stands for the network: sure of text wherever the picture is dark."""
    return (batch.mean(axis=1, keepdims=True) < 0).astype(np.float32)


@given(
    st.tuples(st.floats(10, 60), st.floats(100, 900)),
    st.booleans(),
    st.floats(-20, 20),
    st.permutations(range(4)),
)
def test_corners_go_clockwise_from_the_top_left_however_the_line_leans(
    sides: tuple[float, float], tall: bool, lean: float, shuffled: list[int]
) -> None:
    width, height = sides if tall else sides[::-1]
    points = in_order(rectangle(width, height, lean)[shuffled])
    assert math.dist(points[0], points[1]) == pytest.approx(width, rel=0.01)
    assert math.dist(points[0], points[3]) == pytest.approx(height, rel=0.01)
    assert points[0][0] < points[1][0]
    assert points[0][1] < points[3][1]
    assert is_column(points) == (height >= 1.5 * width)


def test_a_column_that_leans_left_keeps_its_short_side_on_top() -> None:
    # RapidOCR #706: the two leftmost corners are both at its lower end.
    points = in_order(rectangle(30, 800, 4))
    assert points[3][0] < points[0][0]
    assert math.dist(points[0], points[1]) == pytest.approx(30, rel=0.01)


def test_a_box_is_a_little_larger_than_its_print_and_in_pixels_of_the_page() -> None:
    page = np.full((1000, 800, 3), 255, np.uint8)
    page[300:340, 100:600] = 0
    for scale in (1.0, 0.5):
        (quad,) = Detector(dark_is_text).find(page, scale=scale)
        margin = 40 * 500 * 1.6 / (2 * 540)
        assert quad[0] == pytest.approx([100 - margin, 300 - margin], abs=6 / scale)
        assert quad[2] == pytest.approx([600 + margin, 340 + margin], abs=6 / scale)


def test_a_page_seen_in_bands_gives_the_lines_of_a_page_seen_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.full((1984, 640, 3), 255, np.uint8)
    for top in range(40, 1900, 90):
        page[top : top + 40, 60:580] = 0
    page[40:1900, 600:630] = 0
    whole = Detector(dark_is_text).find(page)
    monkeypatch.setattr(detection, "_BAND_PIXELS", 300_000)
    bands = Detector(dark_is_text).find(page)
    assert len(whole) == 22
    assert sorted(map(str, bands.round().tolist())) == sorted(map(str, whole.round().tolist()))


def test_the_network_is_not_asked_about_plain_paper() -> None:
    def sees_text_everywhere(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.ones((1, 1, *batch.shape[2:]), np.float32)

    assert len(Detector(sees_text_everywhere).find(np.full((640, 640, 3), 255, np.uint8))) == 0


def test_noise_has_an_end() -> None:
    rng = np.random.default_rng(1)
    specks = cv2.resize(rng.integers(0, 2, (160, 160), np.uint8) * 255, (1280, 1280), interpolation=cv2.INTER_NEAREST)
    page = np.repeat(specks[:, :, None], 3, axis=2)
    assert len(Detector(dark_is_text, most=50).find(page)) <= 50


@pytest.mark.parametrize("size", [(1, 1), (3, 4000), (4000, 3)])
def test_odd_pictures_are_looked_at_too(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    found = Detector(dark_is_text).find(rng.integers(0, 255, (*size, 3), np.uint8))
    assert found.shape[1:] == (4, 2)
    assert np.isfinite(found).all()
