"""References after GB/T 7714-2015."""

from __future__ import annotations

from datetime import date

from wenyuan.reader.citation import gb_t_7714
from wenyuan.repo.description import Agent, Description, ItemKind

URL = "http://library.example/items/abc"
DAY = date(2026, 11, 23)


def cite(year: str = "", **description: object) -> str:
    return gb_t_7714(Description.model_validate(description), year=year, url=URL, cited=DAY)


def test_an_old_book_has_its_reign_year_in_brackets() -> None:
    line = cite(
        "1819",
        title="新安縣志",
        agents=(Agent(name="舒懋官", dynasty="清", role="修"), Agent(name="王崇熙", dynasty="清", role="纂")),
        edition="清嘉慶二十四年刻本",
        date="嘉慶二十四年",
        place="新安",
    )
    assert line == f"舒懋官, 王崇熙. 新安縣志[M/OL]. 清嘉慶二十四年刻本. 新安, 1819(嘉慶二十四年)[2026-11-23]. {URL}."


def test_translators_follow_the_title() -> None:
    agents = (Agent(name="玄奘", role="譯"),)
    assert cite(title="心經", agents=agents).startswith("心經[M/OL]. 玄奘譯[2026-11-23]")


def test_of_more_than_three_persons_three_are_named() -> None:
    agents = tuple(Agent(name=name) for name in "甲乙丙丁")
    assert cite(title="報告", agents=agents, kind=ItemKind.REPORT).startswith("甲, 乙, 丙, 等. 報告[R/OL]")


def test_a_western_date_gives_its_year() -> None:
    assert ". 文渊馆, 2025[" in cite(title="年报", date="2025-12", publisher="文渊馆")
