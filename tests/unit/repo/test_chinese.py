"""The tokeniser: what is the same in a search, and where it stands in the text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.repo import chinese
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.errors import QueryTooLong

anything = st.text(max_size=200)
bookish = st.text(
    alphabet=st.sampled_from(
        "天地玄黃黄宇宙洪荒爲为羣群〇零 \n，。、「」abcABC019-.—\u00ad\u200b\ufe00\U000e0100\U00020000が"
    ),
    max_size=120,
)


class TestFold:
    @given(anything)
    def test_keeps_the_length_and_folding_twice_is_folding_once(self, text: str) -> None:
        once = chinese.fold(text)
        assert len(once) == len(text)
        assert chinese.fold(once) == once

    def test_every_code_point_of_the_table_folds_to_one_that_stays(self) -> None:
        every = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
        once = chinese.fold(every)
        assert len(once) == len(every)
        assert chinese.fold(once) == once

    @pytest.mark.parametrize(
        "same",
        [
            "靑青",
            "囘回",
            "尒尔爾",
            "〇零",
            "爲為为",
            "羣群",
            "峯峰",
            "裏裡里",
            "說説说",
            "戶户戸",
            "眞真",
            "卽即",
            "旣既",
            "後后",
            "髮發发",
            "隻只",
            "册冊",
            "乾干",
            "閒閑闲",
            "著着",
        ],
    )
    def test_variants_are_the_same_character(self, same: str) -> None:
        assert len(set(chinese.fold(same))) == 1

    @pytest.mark.parametrize("other", ["天夫", "己已", "未末", "日曰", "東西", "一二"])
    def test_other_characters_stay_other(self, other: str) -> None:
        assert len(set(chinese.fold(other))) == 2


class TestSqueeze:
    @given(st.one_of(anything, bookish))
    def test_every_kept_character_stands_at_its_offset(self, text: str) -> None:
        squeezed = chinese.squeeze(text)
        folded = chinese.fold(text)
        assert len(squeezed.text) == len(squeezed.offsets)
        for character, offset in zip(squeezed.text, squeezed.offsets, strict=True):
            assert character in {folded[offset], " "}
        assert list(squeezed.offsets) == sorted(squeezed.offsets)

    @given(st.one_of(anything, bookish))
    def test_squeezing_the_squeezed_changes_nothing(self, text: str) -> None:
        once = chinese.squeezed_text(text)
        assert chinese.squeezed_text(once) == once == chinese.squeeze(text).text

    @pytest.mark.parametrize(
        ("text", "squeezed"),
        [
            ("白日依山盡，\n黃河 入海流。", "白日依山尽黄河入海流"),
            ("Shenzhen  Library\np.7", "shenzhen library p 7"),
            ("深圳Library館", "深圳 library 馆"),
            ("5G网络", "5g 网络"),
            ("ISBN 978-7-5013", "isbn 978 7 5013"),
            ("二〇二六年", "二零二六年"),
            ("図書館とひらがな", "图书馆とひらかな"),
            ("葛\U000e0100飾", "葛饰"),
            ("soft\u00adhyphen", "softhyphen"),
            ("cafe\u0301 café", "cafe cafe"),
            ("天□下", "天□下"),
            ("𠀀\U00031350", "𠀀\U00031350"),
            ("བོད་ཡིག", "བོད ཡིག"),
            ("snake_case", "snake case"),
            ("，。！ \n", ""),
        ],
    )
    def test_what_stands_between_falls_away(self, text: str, squeezed: str) -> None:
        assert chinese.squeezed_text(text) == squeezed


class TestTokens:
    def test_runs_are_overlapping_pairs_and_words_are_whole(self) -> None:
        tokens = list(chinese.tokens("天下大同 5G网络, A中B"))
        assert [token.text for token in tokens] == ["天下", "下大", "大同", "5g", "网络", "a", "中", "b"]
        assert [token.position for token in tokens] == list(range(8))
        assert isinstance(tokens[0], chinese.Token)

    def test_a_line_break_does_not_part_a_run(self) -> None:
        assert [token.text for token in chinese.tokens("黃河\n入海")] == ["黄河", "河入", "入海"]

    def test_field_u_holds_the_han_characters(self) -> None:
        assert chinese.characters("天下，Tianxia 天") == {"天", "下"}

    @given(bookish, st.integers(0, 100), st.integers(2, 6))
    def test_a_part_of_a_text_has_consecutive_tokens_in_it(self, text: str, start: int, length: int) -> None:
        """What makes every engine's phrase search equal to the scan."""
        squeezed = chinese.squeezed_text(text)
        part = squeezed[start : start + length].strip()
        for phrase in chinese.parse(f'"{part}"').phrases:
            if not phrase.exact or not phrase.tokens or not list(chinese.occurrences(squeezed, phrase)):
                continue
            words, wanted = chinese.words(squeezed), list(phrase.tokens)
            assert any(words[place : place + len(wanted)] == wanted for place in range(len(words)))


class TestParse:
    @staticmethod
    def phrases(query: str) -> list[str]:
        return [phrase.text for phrase in chinese.parse(query).phrases]

    @pytest.mark.parametrize(
        ("query", "phrases"),
        [
            ("黃河", ["黄河"]),
            ("黃河 入海", ["黄河", "入海"]),
            ("黃河\u3000入海", ["黄河", "入海"]),
            ("黃河，入海", ["黄河入海"]),
            ('"黃河 入海" 天', ["黄河入海", "天"]),
            ("「黃河 入海」", ["黄河入海"]),
            ("“hello world” 天", ["hello world", "天"]),
            ("hello world", ["hello", "world"]),
            ("5G网络", ["5g 网络"]),
            ("ISBN 978", ["isbn", "978"]),
            ("978-7-5013", ["978 7 5013"]),
            ('"沒有關', ["没有关"]),
            ("天 天", ["天"]),
            ("國 国", ["国"]),
        ],
    )
    def test_blanks_part_and_quotes_join(self, query: str, phrases: list[str]) -> None:
        assert self.phrases(query) == phrases

    @pytest.mark.parametrize("query", ["", " ", "*", "()", "📚", "\x00\x07", '""', '"', "「」", "\u200b", "~^?:"])
    def test_a_query_without_letters_is_empty_and_no_error(self, query: str) -> None:
        assert not chinese.parse(query)

    @given(st.text(max_size=chinese.MAX_QUERY_CHARACTERS))
    def test_no_query_is_an_error(self, query: str) -> None:
        for phrase in chinese.parse(query).phrases:
            assert phrase.text
            assert phrase.tokens or phrase.characters

    def test_operators_are_words_like_others(self) -> None:
        assert self.phrases("title:天 OR NOT 地*") == ["title 天", "or", "not", "地"]

    def test_one_character_is_looked_up_alone(self) -> None:
        (phrase,) = chinese.parse("天").phrases
        assert (phrase.tokens, phrase.characters) == ((), ("天",))

    def test_a_loose_character_at_the_end_of_a_mixed_phrase_is_no_token(self) -> None:
        (phrase,) = chinese.parse("ISBN國").phrases
        assert (phrase.tokens, phrase.characters, phrase.exact) == (("isbn",), ("国",), False)

    def test_a_query_may_be_long_but_not_too_long(self) -> None:
        assert chinese.parse("天" * 200)
        with pytest.raises(QueryTooLong) as raised:
            chinese.parse("天" * 201)
        assert raised.value.data == {"length": 201, "limit": 200}


class TestFind:
    @pytest.mark.parametrize(
        ("text", "query", "hits"),
        [
            ("白日依山盡，\n黃河入海流", "尽黄河", ["盡，\n黃河"]),
            ("天地天地", "天", ["天", "天"]),
            ("天天天", "天天", ["天天天"]),
            ("the theatre, The", "the", ["the", "The"]),
            ("用5G网络", "5g网络", ["5G网络"]),
            ("用15G网络", "5g网络", []),
            ("cafe\u0301", "café", ["cafe\u0301"]),
            ("葛\U000e0100飾區", "葛飾", ["葛\U000e0100飾"]),
            ("天地", "玄黃", []),
            ("", "天", []),
            ("天地", "", []),
        ],
    )
    def test_hits_are_ranges_of_the_original(self, text: str, query: str, hits: list[str]) -> None:
        assert [text[start:end] for start, end in chinese.find(text, query)] == hits

    @given(bookish, st.integers(0, 100), st.integers(1, 7))
    def test_every_substring_is_found_where_it_stands(self, text: str, start: int, length: int) -> None:
        part = text[start : start + length]
        phrases = chinese.parse('"' + part.replace('"', "").replace("「", "").replace("」", "") + '"').phrases
        squeezed = chinese.squeeze(text).text
        for phrase in phrases:
            expected = any(True for _ in chinese.occurrences(squeezed, phrase))
            assert bool(chinese.find(text, chinese.Query((phrase,)))) == expected

    @given(bookish, bookish)
    def test_ranges_are_in_order_apart_and_within_the_text(self, text: str, query: str) -> None:
        end_before = 0
        for start, end in chinese.find(text, query):
            assert end_before <= start < end <= len(text)
            end_before = end

    def test_a_hit_over_the_seam_is_found_on_the_first_page_only(self) -> None:
        assert chinese.find("白日依山盡", "山盡黃河", next_text="黃河入海流") == [(3, 5)]
        assert chinese.find("白日依山盡", "黃河", next_text="黃河入海流") == []
        assert chinese.matches("白日依山盡", "山盡黃河", next_text="黃河入海流")
        assert not chinese.matches("白日依山盡", "黃河", next_text="黃河入海流")
        assert not chinese.matches("白日依山盡", "")

    def test_the_seam_takes_eight_characters_and_cuts_no_word(self) -> None:
        assert chinese.with_seam("天", "一二，三四五六七八九十") == "天\n一二，三四五六七八"
        assert chinese.with_seam("天", "一 internationalisation of") == "天\n一 internationalisation"
        assert chinese.with_seam("天", "") == "天"


class TestSnippet:
    def test_shows_the_first_hit_with_its_neighbourhood(self) -> None:
        fragments = chinese.snippet("甲" * 100 + "黃河" + "乙" * 100, "黄河", 10)
        assert fragments == [Fragment("…甲甲甲甲", False), Fragment("黃河", True), Fragment("乙乙乙乙…", False)]

    def test_marks_every_hit_in_the_window(self) -> None:
        assert chinese.snippet("天地天", "天") == [Fragment("天", True), Fragment("地", False), Fragment("天", True)]

    def test_line_ends_are_blanks_between_latin_words_only(self) -> None:
        shown = "".join(fragment.text for fragment in chinese.snippet("黃河\n入海 and\nthe sea\n天", "天"))
        assert shown == "黃河入海 and the sea天"

    def test_without_a_hit_it_is_the_beginning(self) -> None:
        assert chinese.snippet("天地玄黃宇宙", "洪荒", 4) == [Fragment("天地玄黃…", False)]
        assert chinese.snippet("", "天") == []

    @settings(max_examples=50)
    @given(bookish, bookish, st.integers(1, 80))
    def test_hits_of_the_snippet_are_of_the_text(self, text: str, query: str, width: int) -> None:
        fragments = chinese.snippet(text, query, width)
        assert sum(len(fragment.text.strip("…")) for fragment in fragments) <= width + text.count("…")
        assert any(fragment.is_hit for fragment in fragments) <= bool(chinese.find(text, query))


def test_a_random_substring_in_the_other_script_is_found() -> None:
    """Property of the fold that readers rely on: type simplified, find traditional."""
    traditional = "漢書藝文志曰昔仲尼沒而微言絕七十子喪而大義乖故春秋分為五詩分為四易有數家之傳"
    simplified = "汉书艺文志曰昔仲尼没而微言绝七十子丧而大义乖故春秋分为五诗分为四易有数家之传"
    draw = random.Random(7)
    for _ in range(200):
        start = draw.randrange(len(simplified) - 7)
        end = start + draw.randint(1, 7)
        assert (start, end) in chinese.find(traditional, simplified[start:end])
