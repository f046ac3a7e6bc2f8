"""From the recogniser's answer to characters with boxes, confidences and alternatives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from wenyuan.ingest.engines.line_reading import HEIGHT, LineReader

ALPHABET = ("", "深", "圳", "洲", " ")
PAGE = np.full((600, 900, 3), 200, np.uint8)
LEVEL = np.array([[[100, 100], [500, 100], [500, 140], [100, 140]]], np.float32)
UPRIGHT = np.array([[[100, 100], [140, 100], [140, 500], [100, 500]]], np.float32)

Answer = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def saying(*steps: dict[str, float]) -> Answer:
    """Stands for the network: these characters are likely at these steps; what is left over is "none"."""

    def network(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        answer = np.zeros((1, len(steps), len(ALPHABET)), np.float32)
        for number, step in enumerate(steps):
            for character, chance in step.items():
                answer[0, number, ALPHABET.index(character)] = chance
            answer[0, number, 0] = 1 - sum(step.values())
        return answer

    return network


NONE: dict[str, float] = {}


def test_a_character_seen_twice_in_a_row_is_one_and_with_a_pause_between_two() -> None:
    reader = LineReader(saying({"深": 0.9}, {"深": 0.95}, NONE, {"深": 0.8}, {"圳": 0.9}), ALPHABET)
    (line,) = reader.read(PAGE, LEVEL)
    assert line.text == "深深圳"
    assert [round(glyph.confidence, 2) for glyph in line.glyphs] == [0.95, 0.8, 0.9]
    assert line.confidence == pytest.approx(2.65 / 3)


def test_what_else_it_may_be_is_kept_best_first_and_only_where_it_is_likely() -> None:
    reader = LineReader(saying({"圳": 0.6, "洲": 0.3, "深": 0.05}, NONE, {"深": 0.995}), ALPHABET)
    (line,) = reader.read(PAGE, LEVEL)
    assert [(choice.text, round(choice.confidence, 2)) for choice in line.glyphs[0].alternatives] == [
        ("洲", 0.3),
        ("深", 0.05),
    ]
    assert line.glyphs[1].alternatives == ()


def test_boxes_follow_each_other_along_the_line_and_do_not_overlap() -> None:
    reader = LineReader(saying(*[{"深": 0.9} if step % 4 == 1 else NONE for step in range(40)]), ALPHABET)
    (line,) = reader.read(PAGE, LEVEL)
    boxes = [glyph.box for glyph in line.glyphs]
    assert len(boxes) == 10
    assert [round(box[0]) for box in boxes] == sorted(round(box[0]) for box in boxes)
    assert all(before[2] <= after[0] + 0.01 for before, after in pairwise(boxes))
    assert all((box[1], box[3]) == (100, 140) and 100 <= box[0] < box[2] <= 500 for box in boxes)


def test_a_column_is_read_from_the_top_down() -> None:
    reader = LineReader(saying({"深": 0.9}, NONE, NONE, {"圳": 0.9}), ALPHABET)
    (line,) = reader.read(PAGE, UPRIGHT)
    assert line.vertical
    assert [glyph.text for glyph in line.glyphs] == ["深", "圳"]
    assert line.glyphs[0].box[3] < line.glyphs[1].box[1]
    assert {(glyph.box[0], glyph.box[2]) for glyph in line.glyphs} == {(100, 140)}


def test_a_column_is_shown_to_the_recogniser_lying_with_its_top_at_the_left() -> None:
    seen: list[NDArray[np.float32]] = []

    def looking(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        seen.append(batch)
        return np.zeros((1, 4, len(ALPHABET)), np.float32)

    page = PAGE.copy()
    page[100:180, 100:140] = 0
    LineReader(looking, ALPHABET).read(page, UPRIGHT)
    (batch,) = seen
    assert batch.shape[:3] == (1, 3, HEIGHT)
    filled = round(HEIGHT * 400 / 40)
    columns = batch[0, :, :, :filled].mean(axis=(0, 1))
    assert columns[: filled // 6].max() < -0.9
    assert columns[filled // 4 :].min() > 0.5


def test_lines_come_back_in_the_order_asked_for() -> None:
    def by_width(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        answer = np.zeros((1, 1, len(ALPHABET)), np.float32)
        answer[0, 0, 1 if batch.shape[3] > 400 else 2] = 1
        return answer

    short = LEVEL[0].copy()
    short[1:3, 0] = 200
    found = LineReader(by_width, ALPHABET).read(PAGE, np.stack([LEVEL[0], short, LEVEL[0]]))
    assert [line.text for line in found] == ["深", "圳", "深"]


def test_a_line_in_which_nothing_is_read_is_no_line() -> None:
    assert LineReader(saying(NONE, NONE), ALPHABET).read(PAGE, LEVEL) == []
