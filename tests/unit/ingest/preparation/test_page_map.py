"""What is found in a scaled and turned picture is told in pixels of the page."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.ingest.preparation.orientation import turned
from wenyuan.ingest.preparation.page_map import PageMap
from wenyuan.repo.layers import Direction


@given(st.integers(0, 3), st.sampled_from([1.0, 0.5]), st.integers(0, 39), st.integers(0, 59))
def test_a_mark_on_the_page_is_found_again_from_the_turned_picture(
    quarters: int, scale: float, column: int, row: int
) -> None:
    page = np.zeros((120, 80, 3), np.uint8)
    column, row = column * 2, row * 2
    page[row : row + 2, column : column + 2] = 255
    step = round(1 / scale)
    seen = turned(page[::step, ::step], quarters)
    ys, xs = np.nonzero(seen[:, :, 0])
    box = PageMap(80, 120, scale, quarters).box(xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    assert (box.x, box.y, box.width, box.height) == (column, row, 2, 2)


def test_boxes_stay_on_the_page_and_are_never_empty() -> None:
    where = PageMap(100, 50)
    assert where.box(-5, -5, 3, 3).x == 0
    box = where.box(100, 50, 104, 52)
    assert (box.x, box.y, box.width, box.height) == (99, 49, 1, 1)


@pytest.mark.parametrize(
    ("quarters", "direction", "on_the_page"),
    [
        (0, Direction.TOP_TO_BOTTOM, Direction.TOP_TO_BOTTOM),
        (1, Direction.TOP_TO_BOTTOM, Direction.LEFT_TO_RIGHT),
        (2, Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT),
        (3, Direction.LEFT_TO_RIGHT, Direction.TOP_TO_BOTTOM),
    ],
)
def test_lines_run_on_the_page_as_they_lie_there(quarters: int, direction: Direction, on_the_page: Direction) -> None:
    assert PageMap(100, 50, 1.0, quarters).direction(direction) is on_the_page
