"""How names are spoken."""

from __future__ import annotations

import pytest

from wenyuan.repo import pinyin


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("深圳地方志", ("shen", "zhen", "di", "fang", "zhi")),
        ("深圳地方誌", ("shen", "zhen", "di", "fang", "zhi")),
        ("重庆", ("chong", "qing")),
        ("重量", ("zhong", "liang")),
        ("女書", ("nv", "shu")),
        ("清《南山縣志》卷三", ("qing", "nan", "shan", "xian", "zhi", "juan", "san")),
        ("Ünal 1986年", ("unal", "1986", "nian")),
        ("", ()),
        ("……", ()),
    ],
)
def test_every_character_has_its_sound(text: str, spoken: tuple[str, ...]) -> None:
    assert pinyin.syllables(text) == spoken


def test_initials_are_the_first_letters() -> None:
    assert pinyin.initials("深圳地方志") == "szdfz"
    assert pinyin.spelling("深圳") == "shenzhen"


def test_titles_stand_in_the_order_of_their_sound() -> None:
    titles = ["重慶府志", "安徽通志", "南山縣志", "南山日報"]
    assert sorted(titles, key=pinyin.sort_key) == ["安徽通志", "重慶府志", "南山日報", "南山縣志"]
