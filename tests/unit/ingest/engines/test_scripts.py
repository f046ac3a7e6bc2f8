"""What a page cannot hold whose languages are told."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wenyuan.ingest.engines.line_reading import LineReader
from wenyuan.ingest.engines.scripts import are_alphabetic

ALPHABET = ("", "口", "ロ", "O", "0")
LINE = np.array([[[100, 100], [500, 100], [500, 140], [100, 140]]], np.float32)


def doubtful(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stands for the network: kana above all, then Han, then Latin."""
    answer = np.zeros((1, 3, len(ALPHABET)), np.float32)
    answer[0, 1] = [0.05, 0.3, 0.4, 0.15, 0.1]
    answer[0, ::2, 0] = 1
    return answer


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ((), "ロ"),
        (("ja",), "ロ"),
        (("zh-Hant", "ja"), "ロ"),
        (("zh-Hans",), "口"),
        (("lzh", "en"), "口"),
        (("en",), "O"),
        (("fr", "de"), "O"),
        (("chi",), "口"),
        (("zho", "eng"), "口"),
        (("jpn",), "ロ"),
        (("und",), "ロ"),
        (("mul", "en"), "ロ"),
    ],
)
def test_only_characters_of_the_languages_told_come_out(languages: tuple[str, ...], expected: str) -> None:
    reader = LineReader(doubtful, ALPHABET).restricted(languages)
    (line,) = reader.read(np.full((600, 600, 3), 200, np.uint8), LINE)
    assert line.text == expected
    assert {choice.text for choice in line.glyphs[0].alternatives} <= set(ALPHABET) - {expected}
    if expected == "O":
        assert [choice.text for choice in line.glyphs[0].alternatives] == ["0"]


def test_a_library_of_latin_books_says_so_by_all_of_its_languages() -> None:
    assert are_alphabetic(("en", "fr"))
    assert not are_alphabetic(("en", "zh-Hant"))
    assert not are_alphabetic(())
    assert not are_alphabetic(("chi",))
    assert not are_alphabetic(("en", "und"))
