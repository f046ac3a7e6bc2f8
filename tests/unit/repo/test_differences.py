"""Differences cover both texts, and take no longer than they may."""

from __future__ import annotations

import time

import pytest

from wenyuan.reader.correct_data import difference
from wenyuan.reader.views.correct import _beside
from wenyuan.repo.differences import Differences

HOSTILE = ("的了" * 1000, "了了的" * 666)


@pytest.mark.parametrize("most", [0, 500_000])
@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("", "天"), ("天", ""), ("天地玄黃", "天女子黃"), ("天天", "天天天"), ("天地", "地天"), HOSTILE],
)
def test_the_changes_make_one_of_the_other(before: str, after: str, most: int) -> None:
    changes = Differences(most).between(before, after)
    assert "".join(before[a:b] for _tag, a, b, _c, _d in changes) == before
    assert "".join(after[c:d] for _tag, _a, _b, c, d in changes) == after
    assert all((tag == "equal") == (before[a:b] == after[c:d]) for tag, a, b, c, d in changes)


def test_what_is_shown_of_two_texts_takes_no_time() -> None:
    begun = time.process_time()
    old, new = difference(*HOSTILE)
    assert ("".join(each.text for each in old), "".join(each.text for each in new)) == HOSTILE
    assert [row[0] for row in _beside(list(HOSTILE[0]), list(HOSTILE[1]))] == list(HOSTILE[0])
    assert time.process_time() - begun < 2
