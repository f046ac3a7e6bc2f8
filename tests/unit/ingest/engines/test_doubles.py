"""Lines that a detector marks twice."""

from __future__ import annotations

from wenyuan.ingest.engines.doubles import without_doubles
from wenyuan.ingest.engines.engine import FoundGlyph, FoundLine


def column(text: str, x: float, y: float) -> FoundLine:
    glyphs = tuple(FoundGlyph(c, (x, y + 40 * k, x + 40, y + 40 * (k + 1)), 0.9) for k, c in enumerate(text))
    foot = y + 40 * len(text)
    return FoundLine(((x, y), (x + 40, y), (x + 40, foot), (x, foot)), glyphs, vertical=True, confidence=0.9)


def test_a_part_of_a_column_marked_once_more_is_left_out() -> None:
    whole, part = column("道有誰同筆尖凍折新", 100, 100), column("道有誰同", 98, 101)
    assert without_doubles([part, whole]) == [whole]


def test_of_two_equal_lines_one_stays() -> None:
    assert len(without_doubles([column("枉光", 100, 100), column("枉光", 101, 100)])) == 1


def test_the_same_words_elsewhere_and_other_words_at_the_same_place_stay() -> None:
    lines = [column("道有誰同", 100, 100), column("道有誰同", 400, 100), column("小注", 100, 180)]
    assert without_doubles(lines) == lines
