"""Of two looks at the same print the better one is kept."""

from __future__ import annotations

from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine
from wenyuan.ingest.engines.two_looks import better


def line(text: str, left: float, top: float, confidence: float = 0.9) -> FoundLine:
    """A column of characters of 20 pixels."""
    glyphs = tuple(
        FoundGlyph(character, (left, top + 20 * k, left + 20, top + 20 * k + 20), confidence)
        for k, character in enumerate(text)
    )
    bottom = top + 20 * len(text)
    return FoundLine(((left, top), (left + 20, top), (left + 20, bottom), (left, bottom)), glyphs, True, confidence)


def texts(lines: list[FoundLine]) -> list[str]:
    return sorted(found.text for found in lines)


def test_what_only_one_look_saw_is_kept() -> None:
    assert texts(better([line("新安", 0, 0)], [line("縣志", 100, 0)])) == ["新安", "縣志"]


def test_where_both_saw_the_same_the_first_is_kept() -> None:
    first = line("新安", 0, 0)
    assert better([first], [line("新安", 1, 1)]) == [first]


def test_a_pair_of_columns_takes_the_place_of_one_that_was_read_badly() -> None:
    blurred = line("口口", 0, 0, 0.55)
    assert texts(better([blurred], [line("新安", 0, 0), line("縣志", 8, 0)])) == ["新安", "縣志"]


def test_a_surer_reading_of_less_does_not_take_the_place_of_more() -> None:
    whole = line("新安縣志卷之一", 0, 0, 0.9)
    assert better([whole], [line("新安", 0, 0, 0.99)]) == [whole]


def test_nothing_and_nothing_is_nothing() -> None:
    assert better([], []) == []
