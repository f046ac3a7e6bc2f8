"""How the OCR benchmark counts wrong characters."""

from __future__ import annotations

import pytest

from benchmarks.ocr.scoring import Errors, errors, fold, percent


def test_punctuation_blanks_and_line_ends_do_not_count() -> None:
    assert errors("深圳市志，\n卷一。", "深圳 市志卷一") == Errors(characters=6, ordered=0, free=0)


@pytest.mark.parametrize(
    ("truth", "read"), [("圖書館", "图书馆"), ("爲", "為"), ("辛已", "辛巳"), ("ＩＳＢＮ７", "isbn7")]
)
def test_forms_of_a_character_that_search_takes_for_one_do_not_count(truth: str, read: str) -> None:
    assert fold(truth) == fold(read)


def test_blocks_read_in_the_wrong_order_cost_order_only() -> None:
    found = errors("甲乙丙丁戊己", "丁戊己甲乙丙")
    assert (found.ordered, found.free) == (6, 0)


def test_order_free_counts_what_is_missing_or_invented_whichever_is_more() -> None:
    assert errors("天地玄黃", "地天玄").free == 1
    assert errors("天地玄黃", "黃玄地天宇宙").free == 2
    assert errors("天地玄黃", "黃玄地宇").free == 1


def test_no_order_reaches_less_than_order_free() -> None:
    found = errors("春眠不覺曉處處聞啼鳥", "處聞啼烏春眠不覺曉")
    assert found.ordered >= found.free > 0


def test_long_pages_weigh_more() -> None:
    assert percent([(1, 10), (0, 990)]) == pytest.approx(0.1)
    assert percent([]) is None
