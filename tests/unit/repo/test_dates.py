"""Dates as they stand on Chinese books, and the Western years that they mean."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wenyuan.repo.dates import Years, dated_label, gregorian_label, parse_date


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("乾隆三十年", 1765, 1765),
        ("乾隆元年", 1736, 1736),
        ("清乾隆三十年", 1765, 1765),
        ("清乾隆三十年刻本", 1765, 1765),
        ("大清光緒三十四年", 1908, 1908),
        ("嘉慶二十四年己卯", 1819, 1819),
        ("嘉庆廿四年", 1819, 1819),
        ("光緒甲辰", 1904, 1904),
        ("康熙壬寅", 1662, 1722),
        ("貞觀十五年", 641, 641),
        ("天寶三載", 744, 744),
        ("宋太平興國八年", 983, 983),
        ("後至元三年", 1337, 1337),
        ("洪武三十五年", 1402, 1402),
        ("民國二十五年五月", 1936, 1936),
        ("民国25年", 1936, 1936),
        ("中華民國廿五年", 1936, 1936),
        ("西漢建元二年", -138, -138),
        ("東漢建武中元二年", 57, 57),
    ],
)
def test_a_reign_year_is_the_western_year_in_which_it_began(text: str, first: int, last: int) -> None:
    assert parse_date(text) == Years(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("光緒間", 1875, 1908),
        ("明萬曆間", 1573, 1620),
        ("萬曆年間", 1573, 1620),
        ("清雍正刻本", 1723, 1735),
        ("大明宣德年製", 1426, 1435),
        ("清", 1644, 1912),
        ("清末", 1644, 1912),
        ("民國", 1912, 1949),
        ("清至民國", 1644, 1949),
    ],
)
def test_an_era_or_a_dynasty_without_a_year_is_all_its_years(text: str, first: int, last: int) -> None:
    assert parse_date(text) == Years(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1936", 1936, 1936),
        ("[1936]", 1936, 1936),
        ("c1936", 1936, 1936),
        ("1936?", 1936, 1936),
        ("１９３６年", 1936, 1936),
        ("1936-05-01", 1936, 1936),
        ("1936-05", 1936, 1936),
        ("1936年5月", 1936, 1936),
        ("一九四九年十月", 1949, 1949),
        ("二〇二六年", 2026, 2026),
        ("193X", 1930, 1939),
        ("20世纪30年代", 1930, 1939),
        ("二十世紀三十年代", 1930, 1939),
        ("19世紀", 1801, 1900),
        ("公元前140年", -139, -139),
        ("140 BC", -139, -139),
        ("光大出版社1998年", 1998, 1998),
        ("太平洋1942", 1942, 1942),
    ],
)
def test_western_years_are_read_in_both_kinds_of_digits(text: str, first: int, last: int) -> None:
    assert parse_date(text) == Years(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1936-1949", 1936, 1949),
        ("1936—1949年", 1936, 1949),
        ("1936-37", 1936, 1937),
        ("1936-05/1937-02", 1936, 1937),
        ("乾隆三十年至四十年", 1765, 1775),
        ("康熙五十年-乾隆二年", 1711, 1737),
        ("民國二十五年至二十六年", 1936, 1937),
        ("元至元三年至五年", 1266, 1268),
    ],
)
def test_two_dates_are_a_span_and_the_second_may_leave_out_the_era(text: str, first: int, last: int) -> None:
    assert parse_date(text) == Years(first, last)


@pytest.mark.parametrize("text", ["建元二年", "太和三年", "大同元年", "上元元年"])
def test_an_era_of_several_dynasties_needs_its_dynasty(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "year"), [("東晉太和三年", 368), ("北魏太和三年", 479), ("唐太和三年", 829), ("魏明帝太和三年", None)]
)
def test_the_dynasty_tells_eras_of_one_name_apart(text: str, year: int | None) -> None:
    assert parse_date(text) == (Years(year, year) if year else None)


@pytest.mark.parametrize(
    "text", ["", " ", "〔", "己卯", "明治三十年", "昭和十一年", "萬曆四十九年", "無年月", "abc", "-", "至", "12"]
)
def test_what_says_no_year_gives_none(text: str) -> None:
    assert parse_date(text) is None


def test_simplified_and_traditional_mean_the_same() -> None:
    for traditional, simplified in [
        ("嘉慶二十四年", "嘉庆二十四年"),
        ("光緒間", "光绪间"),
        ("後漢乾祐元年", "后汉乾祐元年"),
    ]:
        assert parse_date(traditional) == parse_date(simplified) is not None


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("乾隆三十年", "zh-Hant", "1765"),
        ("明萬曆間", "zh-Hans", "1573–1620"),
        ("西漢建元二年", "zh-Hans", "前139"),
        ("西漢建元二年", "en", "139 BC"),
        ("無年月", "en", ""),
    ],
)
def test_the_label_gives_western_years_alone(text: str, language: str, label: str) -> None:
    assert gregorian_label(text, language) == label


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("乾隆三十年", "zh-Hant", "乾隆三十年（1765）"),
        ("乾隆三十年", "en", "乾隆三十年 (1765)"),
        ("1936年5月", "zh-Hans", "1936年5月"),
        ("無年月", "zh-Hans", "無年月"),
    ],
)
def test_a_dated_label_adds_the_years_only_where_they_are_news(text: str, language: str, label: str) -> None:
    assert dated_label(text, language) == label


def test_the_table_of_reigns_holds_together() -> None:
    """Qing and Ming follow each other without a gap, so no year of theirs is without an era."""
    ming = "洪武 建文 永樂 洪熙 宣德 正統 景泰 天順 成化 弘治 正德 嘉靖 隆慶 萬曆 泰昌 天啟 崇禎"
    qing = "順治 康熙 雍正 乾隆 嘉慶 道光 咸豐 同治 光緒 宣統"
    spans = [parse_date(era) for era in f"{ming} {qing}".split()]
    for before, after in pairwise(spans):
        assert before is not None
        assert after is not None
        assert after.first - before.last in {0, 1}
