"""The steps before an engine looks: bounded size, blank pages, even light."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import pyvips
from numpy.typing import NDArray

from wenyuan.ingest.preparation import light, loading
from wenyuan.ingest.preparation.blank import is_blank
from wenyuan.ingest.preparation.prepare import prepare
from wenyuan.ingest.preparation.steps import Steps


def paper(grain: float, height: int = 2400, width: int = 1700) -> NDArray[np.uint8]:
    rng = np.random.default_rng(3)
    shade = np.linspace(150, 235, width)[None, :, None]
    return np.clip(shade + rng.normal(0, grain, (height, width, 3)), 0, 255).astype(np.uint8)


def test_a_small_page_is_taken_as_it_is() -> None:
    page = pyvips.Image.black(30, 20, bands=3).linear(1, [10, 20, 30]).cast("uchar")
    pixels, scale = loading.pixels(page)
    assert (pixels.shape, scale) == ((20, 30, 3), 1.0)
    assert pixels[0, 0].tolist() == [10, 20, 30]


def test_a_grey_page_gets_three_equal_bands() -> None:
    pixels, _ = loading.pixels((pyvips.Image.black(8, 8) + 90).cast("uchar"))
    assert pixels[3, 3].tolist() == [90, 90, 90]


@pytest.mark.slow
def test_a_page_of_200_megapixels_is_shrunk_before_it_is_held() -> None:
    huge = pyvips.Image.black(10_000, 20_000).cast("uchar")
    pixels, scale = loading.pixels(huge)
    assert pixels.shape[0] * pixels.shape[1] <= loading.MOST_PIXELS
    assert pixels.shape[0] / 20_000 == pytest.approx(scale, rel=0.001)
    found = prepare(huge, Steps())
    assert (found.map.width, found.map.height, found.reason) == (10_000, 20_000, "blank")


@pytest.mark.parametrize("grain", [0, 3, 10, 25])
def test_paper_is_blank_however_grainy_and_unevenly_lit(grain: float) -> None:
    assert is_blank(paper(grain))


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 2)])
def test_a_plain_sliver_is_blank(size: tuple[int, int]) -> None:
    assert is_blank(np.full((*size, 3), 255, np.uint8))


@pytest.mark.parametrize("ink", [40, 110, 255])
def test_one_small_character_makes_a_page_not_blank(ink: int) -> None:
    page = paper(5)
    cv2.putText(page, "K", (800, 1200), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (ink, ink, ink), 4)
    assert not is_blank(page)


def test_even_light_makes_paper_alike_and_keeps_ink_dark() -> None:
    page = paper(0)
    page[1000:1010, 100:1600] = page[1000:1010, 100:1600] // 3
    even = light.evened(page)
    assert int(even[500].min()) > 225
    assert int(even[1005, 200:1500].max()) < 110
    assert prepare(page, Steps(light=True)).picture[500].min() > 225
    assert prepare(page, Steps()).picture is page
