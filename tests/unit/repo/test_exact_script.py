"""Looking for the very characters typed."""

from __future__ import annotations

import pytest

from wenyuan.repo import exact_script, query


def holds(typed: str, text: str, next_text: str = "") -> bool:
    return exact_script.holds(text, exact_script.as_typed(query.parse(typed)), next_text=next_text)


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("圖書", "借圖書三冊", True),
        ("圖書", "借图书三册", False),
        ("图书", "借圖書三冊", False),
        ("圖書", "借圖，\n書三冊", True),
        ("圖書 三冊", "三冊圖書", True),
        ("圖書 三册", "三冊圖書", False),
        ('"圖書三"', "借圖書三冊", True),
        ("ISBN", "isbn 7", True),
        ("圖書", "图书與圖書", True),
        ("-處處 圖書", "借圖書三冊", True),
        ("title:图书 圖書", "借圖書三冊", True),
        ("图书 圖書", "借圖書三冊", False),
        ("图书 圖書", "图书與圖書", True),
    ],
)
def test_the_script_counts(typed: str, text: str, found: bool) -> None:
    assert holds(typed, text) is found


def test_over_the_seam_of_two_pages() -> None:
    assert holds("圖書", "借圖", "書三冊")
    assert not holds("圖書", "借图", "書三冊")
    assert not holds("圖書", "借", "圖書三冊"), "that is a hit of the next page"


def test_only_what_stands_as_typed_is_a_hit() -> None:
    wanted = exact_script.as_typed(query.parse("圖書"))
    assert exact_script.hits("图书，圖、書，图书", wanted) == [(3, 6)]
