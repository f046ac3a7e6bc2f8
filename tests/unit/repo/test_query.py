"""The query language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.repo import chinese, confusions
from wenyuan.repo.chinese import Phrase
from wenyuan.repo.errors import QueryTooLong, QueryUnclear
from wenyuan.repo.query import MOST_FORMS, SearchQuery, parse, plain


def told(query: SearchQuery) -> dict[str, object]:
    """What it asks for, without what it does not."""

    def texts(phrases: tuple[Phrase, ...]) -> list[str]:
        return [phrase.text for phrase in phrases]

    parts = {
        "text": [clause.any_of[0].text for clause in query.text],
        "without": texts(query.without),
        "titles": texts(query.titles),
        "persons": texts(query.persons),
        "years": query.years,
        "in": query.collection,
    }
    return {name: part for name, part in parts.items() if part}


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("深圳 天下", {"text": ["深圳", "天下"]}),
        ('"黃河 入海" 白日', {"text": ["黄河入海", "白日"]}),
        ("「黃河 入海」白日", {"text": ["黄河入海", "白日"]}),
        ("深圳 -天下", {"text": ["深圳"], "without": ["天下"]}),
        ('深圳 －"a b"', {"text": ["深圳"], "without": ["a b"]}),
        ("title:深圳 舊志", {"titles": ["深圳"], "text": ["旧志"]}),
        ("TITLE:深圳", {"titles": ["深圳"]}),
        ('題名："深圳 舊志"', {"titles": ["深圳旧志"]}),
        ("题名： 深圳", {"titles": ["深圳"]}),
        ("書名:深圳 作者:舒懋官 責任者:王崇熙", {"titles": ["深圳"], "persons": ["舒懋官", "王崇熙"]}),
        ("year:1936", {"years": (1936, 1936)}),
        ("year:1900..1949", {"years": (1900, 1949)}),
        ("年：1949-1900", {"years": (1900, 1949)}),
        ("year:1900..", {"years": (1900, None)}),
        ("year:..1949", {"years": (None, 1949)}),
        ("年份:1936年", {"years": (1936, 1936)}),
        ("年:民國二十五年", {"years": (1936, 1936)}),
        ("year:-221..-206", {"years": (-221, -206)}),
        ("in:gazetteers 深圳", {"in": "gazetteers", "text": ["深圳"]}),
        ('專藏："地方 文獻"', {"in": "地方 文獻"}),
        # No operators, but text
        ("a-b 978-7-5013", {"text": ["a b", "978 7 5013"]}),
        ("http://example.org/a", {"text": ["http example org a"]}),
        ("深圳title:志", {"text": ["深圳 title 志"]}),
        ("- 天下", {"text": ["天下"]}),
        ("深圳——天下", {"text": ["深圳天下"]}),
        ("時間:1900", {"text": ["时间 1900"]}),
        ("*", {}),
        ("--", {}),
        ('"', {}),
        ("", {}),
        ("📚 \x00", {}),
        ("𠀀 ⼀", {"text": ["𠀀", "一"]}),
    ],
)
def test_is_read_so(query: str, asked: dict[str, object]) -> None:
    assert told(parse(query)) == asked
    assert bool(parse(query)) == bool(asked)


@pytest.mark.parametrize(
    ("query", "piece"),
    [
        ("深圳 title:", "title:"),
        ("person:，。 深圳", "person:，。"),
        ("year:很久", "year:很久"),
        ("year:19001", "year:19001"),
        ("year:1900 year:1949", "year:1949"),
        ("in:a in:b", "in:b"),
        ("-天下 -大同", "-天下 -大同"),
    ],
)
def test_what_is_unclear_is_named(query: str, piece: str) -> None:
    with pytest.raises(QueryUnclear) as raised:
        parse(query)
    assert raised.value.data == {"piece": piece}


def test_ten_thousand_characters_are_too_many() -> None:
    with pytest.raises(QueryTooLong):
        parse("天" * 10_000)
    with pytest.raises(QueryTooLong):
        plain("天" * 10_000)


def test_inside_one_item_nothing_is_an_operator() -> None:
    assert told(plain("-天下 title:深圳")) == {"text": ["天下", "title 深圳"]}


@given(st.text(st.sampled_from('天地 -－"“”「」:：title年in.0129,，\n\x00📚𠀀\ud800'), max_size=60))
@settings(deadline=None)
def test_whatever_is_typed_is_read_or_unclear(text: str) -> None:
    try:
        query = parse(text)
    except QueryUnclear:
        return
    assert {phrase.text for phrase in query.marked.phrases} == {clause.any_of[0].text for clause in query.text}
    assert all(chinese.squeezed_text(phrase.text) == phrase.text for phrase in query.marked.phrases)


class TestForms:
    def test_the_typed_form_comes_first(self) -> None:
        [clause] = parse("戊戌變法", confusions=True).text
        forms = [phrase.text for phrase in clause.any_of]
        assert forms[0] == "戊戌变法"
        assert {"戌戌变法", "戊戍变法"} <= set(forms)
        assert len(forms) == len(set(forms)) <= MOST_FORMS

    def test_all_are_marked_in_a_text(self) -> None:
        marked = parse("己亥", confusions=True).marked
        assert chinese.find("歲在巳亥，己亥", marked) == [(2, 4), (5, 7)]

    def test_are_not_looked_for_unless_asked(self) -> None:
        assert [len(clause.any_of) for clause in parse("戊戌 己亥").text] == [1, 1]

    def test_every_character_of_the_table_is_folded(self) -> None:
        """Else no text would ever hold it."""
        for character in confusions._others():
            assert chinese.fold(character) == character
            assert character not in confusions.others(character)
