"""Unit tests for wenyuan.repo.page_names."""

from __future__ import annotations

import pytest

from wenyuan.repo.page_names import place_of, sought_as

LABELS = ("書衣", "序·葉一", "卷一 葉十", "卷一 葉1", "卷三·葉5", "卷三 葉十二", "卷廿一 葉 05", "卷三十 附圖", "")


@pytest.mark.parametrize(
    ("wanted", "label"),
    [
        ("书衣", "書衣"),
        ("叶五", "卷三·葉5"),
        ("葉5", "卷三·葉5"),
        ("卷三葉１２", "卷三 葉十二"),
        ("卷3 叶12", "卷三 葉十二"),
        ("卷二十一葉五", "卷廿一 葉 05"),
        ("葉一", "序·葉一"),
        ("葉十", "卷一 葉十"),
        ("卷一葉一", "卷一 葉1"),
        ("卷三", "卷三·葉5"),
        ("卷三十", "卷三十 附圖"),
        ("附图", "卷三十 附圖"),
    ],
)
def test_a_page_is_found_however_its_name_is_written(wanted: str, label: str) -> None:
    assert place_of(wanted, LABELS) == LABELS.index(label)


@pytest.mark.parametrize("wanted", ["", "　·", "卷九", "葉2", "十", "0" * 400, "零" * 30])
def test_what_is_on_no_page_is_not_found(wanted: str) -> None:
    assert place_of(wanted, (*LABELS[:2], *LABELS[3:])) is None


def test_numbers_beside_each_other_stay_apart() -> None:
    assert sought_as("3-5") != sought_as("35")
