"""Printed lines are found on clean, leaning and grainy paper; strokes and pictures are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine
from wenyuan.ingest.preparation.rules import find_rules
from wenyuan.ingest.reading_order.boxes import Rule

Picture = NDArray[np.uint8]


def paper(width: int = 1200, height: int = 1600, grain: float = 0.0) -> Picture:
    rng = np.random.default_rng(7)
    return np.clip(rng.normal(215, grain, (height, width, 3)), 0, 255).astype(np.uint8)


def text(left: int, top: int, count: int, size: int, *, vertical: bool = False) -> FoundLine:
    """A line of characters, for what rules are told apart from."""
    across, down = (0, size) if vertical else (size, 0)
    glyphs = tuple(
        FoundGlyph("文", (left + across * k, top + down * k, left + across * k + size, top + down * k + size), 0.9)
        for k in range(count)
    )
    right, bottom = glyphs[-1].box[2:]
    return FoundLine(((left, top), (right, top), (right, bottom), (left, bottom)), glyphs, vertical, 0.9)


PRINT = [text(100, 100, 20, 40)]


def near(rule: Rule, *ends: float) -> bool:
    return [rule.x0, rule.y0, rule.x1, rule.y1] == pytest.approx(ends, abs=16)


@pytest.mark.parametrize("thickness", [2, 3, 9])
@pytest.mark.parametrize(
    "ends", [(100, 800, 1100, 800), (100, 800, 1100, 826), (600, 200, 600, 1500), (600, 200, 622, 1500)]
)
def test_a_line_is_found_from_end_to_end_however_it_leans(ends: tuple[int, int, int, int], thickness: int) -> None:
    page = paper()
    cv2.line(page, ends[:2], ends[2:], (40, 40, 40), thickness)
    (rule,) = find_rules(page, PRINT)
    assert near(rule, *ends)


def test_a_faint_line_is_found_on_grainy_paper() -> None:
    page = paper(grain=12)
    cv2.line(page, (100, 800), (1100, 806), (165, 165, 165), 3)
    (rule,) = find_rules(page, PRINT)
    assert near(rule, 100, 800, 1100, 806)


def test_a_worn_line_with_gaps_is_one() -> None:
    page = paper()
    for left in range(100, 1100, 250):
        cv2.line(page, (left, 800), (left + 200, 800), (40, 40, 40), 3)
    assert len(find_rules(page, PRINT)) == 1


def test_the_lines_of_a_table_are_all_found() -> None:
    page = paper()
    for place in range(200, 1101, 300):
        cv2.line(page, (place, 200), (place, 1100), (40, 40, 40), 3)
        cv2.line(page, (200, place), (1100, place), (40, 40, 40), 3)
    assert len(find_rules(page, PRINT)) == 8


def test_strokes_of_a_headline_are_no_lines() -> None:
    page = paper()
    headline = text(300, 300, 3, 220)
    cv2.line(page, (320, 410), (500, 410), (20, 20, 20), 14)
    cv2.line(page, (740, 310), (740, 510), (20, 20, 20), 14)
    assert find_rules(page, [*PRINT * 30, headline]) == ()


def test_rows_of_letters_are_no_lines() -> None:
    page = paper()
    for top in range(100, 1500, 30):
        cv2.putText(page, "HILTEMTHILTEMTHILTEMTH" * 2, (60, top), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2)
    assert find_rules(page, [text(60, 80, 40, 24)]) == ()


def test_a_dash_along_the_middle_of_a_line_of_text_is_none() -> None:
    page = paper()
    cv2.line(page, (300, 120), (600, 120), (20, 20, 20), 3)
    assert find_rules(page, [text(100, 100, 20, 40)]) == ()


def test_a_picture_is_no_line() -> None:
    page = paper()
    cv2.rectangle(page, (300, 300), (900, 900), (60, 60, 60), -1)
    found = find_rules(page, PRINT)
    assert all(min(abs(rule.x1 - rule.x0), abs(rule.y1 - rule.y0)) < 20 for rule in found)
    assert not any(350 < (rule.y0 + rule.y1) / 2 < 850 and 350 < (rule.x0 + rule.x1) / 2 < 850 for rule in found)


def test_a_page_without_text_has_lines_too() -> None:
    page = paper()
    cv2.line(page, (100, 800), (1100, 800), (40, 40, 40), 3)
    assert len(find_rules(page)) == 1
