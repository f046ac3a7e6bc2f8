"""Columns are parted where the answer of the recogniser shows that small print was passed over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine
from wenyuan.ingest.engines.line_reading import LineReader
from wenyuan.ingest.engines.small_print import look_again

ALPHABET = ("", "經", "集", "本")
PITCH = 100
LEFT, RIGHT = 200, 300


def page(*, notes: bool) -> NDArray[np.uint8]:
    """A column of four characters drawn as blocks; with `notes` the third is a pair of note columns instead."""
    picture = np.full((600, 600, 3), 230, np.uint8)
    for number in (0, 1, 3):
        picture[110 + PITCH * number : 190 + PITCH * number, LEFT + 10 : RIGHT - 10] = 30
    if notes:
        for left in (LEFT + 6, LEFT + 56):
            for top in (310, 355):
                picture[top : top + 36, left : left + 36] = 30
    return picture


def column(*rows: int, confidence: float = 0.98) -> FoundLine:
    """What the recogniser made of it: a character in each of these rows."""
    glyphs = tuple(FoundGlyph("經", (LEFT, 100 + PITCH * row, RIGHT, 200 + PITCH * row), confidence) for row in rows)
    corners = ((LEFT, 100), (RIGHT, 100), (RIGHT, 500), (LEFT, 500))
    return FoundLine(corners, glyphs, vertical=True, confidence=confidence)


def reads_notes(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stands for the network: two characters in whatever it is shown."""
    answer = np.zeros((1, 3, len(ALPHABET)), np.float32)
    answer[0, 0, 2] = answer[0, 1, 0] = answer[0, 2, 3] = 1
    return answer


READER = LineReader(reads_notes, ALPHABET)


def test_a_pair_of_notes_that_was_passed_over_is_read_right_and_left() -> None:
    before, right, left, after = look_again(page(notes=True), [column(0, 1, 3)], READER)
    assert [before.text, right.text, left.text, after.text] == ["經經", "集本", "集本", "經"]
    assert right.quad[0][0] > left.quad[1][0] - 12
    assert min(y for _, y in right.quad) >= 290
    assert max(y for _, y in right.quad) <= 420
    assert after.glyphs[0].box == (LEFT, 400, RIGHT, 500)


def test_a_gap_without_ink_is_a_gap() -> None:
    line = column(0, 1, 3)
    assert look_again(page(notes=False), [line], READER) == [line]


def test_a_column_without_gaps_is_left_alone() -> None:
    line = column(0, 1, 2, 3)
    assert look_again(page(notes=True), [line], READER) == [line]


def test_what_reads_no_better_changes_nothing() -> None:
    def reads_nothing(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros((1, 3, len(ALPHABET)), np.float32)

    line = column(0, 1, 3)
    assert look_again(page(notes=True), [line], LineReader(reads_nothing, ALPHABET)) == [line]


def test_level_lines_are_left_alone() -> None:
    glyph = FoundGlyph("經", (10, 10, 50, 50), 0.4)
    line = FoundLine(((10, 10), (210, 10), (210, 50), (10, 50)), (glyph,), vertical=False, confidence=0.4)
    assert look_again(page(notes=True), [line], READER) == [line]


def reads_one(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stands for the network: one character in whatever it is shown."""
    answer = np.zeros((1, 3, len(ALPHABET)), np.float32)
    answer[0, 0, 2] = answer[0, 1, 0] = answer[0, 2, 0] = 1
    return answer


def test_a_wide_character_is_not_taken_apart_into_its_halves() -> None:
    line = column(0, 1, 3)
    assert look_again(page(notes=True), [line], LineReader(reads_one, ALPHABET)) == [line]
