"""Marks of columns: taken where a gap holds one small piece of ink, or where the recogniser is nearly sure."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import FoundLine
from wenyuan.ingest.engines.line_reading import LineReader
from wenyuan.ingest.engines.marks import classes_of

ALPHABET = ("", "志", "。", "，", "°", "n", "’")
EM = 40
COLUMN = np.array([[[100, 100], [140, 100], [140, 500], [100, 500]]], np.float32)
LEVEL = np.array([[[100, 100], [500, 100], [500, 140], [100, 140]]], np.float32)
STEPS, STEPS_OF_A_CELL = 64, 6
"""The recogniser sees 512 pixels, of which the column of ten cells takes 480."""


def page(mark: str = "") -> NDArray[np.uint8]:
    """A column of ten cells; the fourth is empty but for its mark, the others are blocks that stand for characters."""
    picture = np.full((600, 600, 3), 225, np.uint8)
    for cell in range(10):
        top = 100 + EM * cell
        if cell != 3:
            picture[top + 4 : top + 36, 106:134] = 30
    if mark == "ring":
        cv2.circle(picture, (136, 226), 6, (30, 30, 30), 2)
    if mark == "dot":
        cv2.circle(picture, (132, 228), 4, (30, 30, 30), -1)
    return picture


def column(
    picture: NDArray[np.uint8],
    chances: dict[str, float],
    *,
    written: str = "志志志 志志志志志志",
    quads: NDArray[np.float32] = COLUMN,
) -> FoundLine:
    """What a recogniser makes of it that is sure of what is written, and gives the fourth cell these chances."""

    def network(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        answer = np.zeros((1, STEPS, len(ALPHABET)), np.float32)
        answer[0, :, 0] = 1
        for cell, character in enumerate(written):
            step = STEPS_OF_A_CELL * cell + STEPS_OF_A_CELL // 2
            told = chances if character == " " else {character: 0.99}
            for name, chance in told.items():
                answer[0, step, ALPHABET.index(name)] = chance
            answer[0, step, 0] = 1 - sum(told.values())
        return answer

    (line,) = LineReader(network, ALPHABET, classes_of(ALPHABET)).read(picture, quads)
    return line


@pytest.mark.parametrize(
    ("mark", "chances", "expected"),
    [
        ("ring", {"。": 0.001, "，": 0.002}, "志志志。志志志志志志"),
        ("dot", {"。": 0.001, "，": 0.009}, "志志志，志志志志志志"),
        ("dot", {"’": 0.009}, "志志志，志志志志志志"),
        ("", {"，": 0.03}, "志志志，志志志志志志"),
        ("", {"，": 0.009}, "志志志志志志志志志"),
        ("dot", {"，": 0.001}, "志志志志志志志志志"),
    ],
)
def test_a_mark_is_taken_where_ink_or_the_recogniser_speaks_for_it(
    mark: str, chances: dict[str, float], expected: str
) -> None:
    assert column(page(mark), chances).text == expected


def test_a_mark_stands_in_its_cell_and_says_how_sure_it_is_which_one_it_is() -> None:
    line = column(page("dot"), {"，": 0.008, "。": 0.002})
    mark = line.glyphs[3]
    assert 215 <= mark.centre[1] <= 245
    assert mark.confidence == pytest.approx(0.8, abs=0.01)
    assert [choice.text for choice in mark.alternatives] == ["。"]
    # A page is not taken for badly read because of its marks.
    assert line.confidence == pytest.approx(0.99, abs=0.001)


def test_between_characters_without_a_gap_no_mark_is_looked_for() -> None:
    assert column(page("ring"), {}, written="志" * 10).text == "志" * 10


def test_level_lines_are_left_as_they_were_read() -> None:
    assert column(page(), {"，": 0.3}, quads=LEVEL).text == "志" * 9


@pytest.mark.parametrize(("written", "expected"), [("志°志志", "志。志志"), ("n°n志", "n°n志"), ("志’志n", "志，志n")])
def test_small_rings_and_apostrophes_between_chinese_characters_of_a_column_are_marks(
    written: str, expected: str
) -> None:
    assert column(page(), {}, written=written).text == expected
