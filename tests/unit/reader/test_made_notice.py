"""The picture in the place of one that cannot be shown."""

from __future__ import annotations

import unicodedata

import pytest
from lxml import etree

from wenyuan.reader import made_notice

SVG = "{http://www.w3.org/2000/svg}"


def lines(what: str, remedy: str) -> list[str]:
    drawing = etree.fromstring(made_notice.draw(what, remedy))
    assert drawing.tag == f"{SVG}svg"
    return [text.text or "" for text in drawing.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    "text",
    [
        "图像" * 40,
        "word " * 60,
        "x" * 200,
        "第 12 页 <的> & “图像” " * 6,
        "管理员可运行 wenyuan rebuild --derivatives。",
    ],
)
def test_words_of_any_script_and_length_fit(text: str) -> None:
    for line in lines(text, "."):
        assert sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) <= 37
    assert len(lines(text, text)) <= 10


def test_what_fits_is_told_whole_and_words_are_not_cut() -> None:
    told = lines("The picture of this page is not ready yet.", "请稍后刷新。")
    assert " ".join(told[:-1]) == "The picture of this page is not ready yet."
    assert told[-1] == "请稍后刷新。"
