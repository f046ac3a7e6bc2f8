"""The ages by which a search is narrowed."""

from __future__ import annotations

import pytest

from wenyuan.repo import periods


@pytest.mark.parametrize(
    ("first", "last", "ages"),
    [
        (1819, 1819, ("qing",)),
        (1640, 1650, ("ming", "qing")),
        (-140, -140, ("yuan",)),
        (1911, 1912, ("qing", "republic")),
        (1949, 1949, ("republic",)),
        (2024, 2024, ("2000",)),
        (None, None, ()),
    ],
)
def test_years_lie_in_ages(first: int | None, last: int | None, ages: tuple[str, ...]) -> None:
    assert periods.of_years(first, last) == ages


def test_the_ages_follow_each_other_without_a_gap() -> None:
    ends = [period.last for period in periods.PERIODS[:-1]]
    assert [period.first for period in periods.PERIODS[1:]] == [end + 1 for end in ends if end is not None]
