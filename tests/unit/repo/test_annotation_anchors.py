"""Finding again what was marked: corrected, read anew, in other lines, on another page; and never where it is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.repo.annotations import anchors, approximate
from wenyuan.repo.annotations.anchors import Book, Standing
from wenyuan.repo.annotations.model import Anchor, Anchored, Xywh

PAGE = (
    "晉太元中武陵人捕魚為業緣溪行忘路之遠近忽逢桃花林夾岸數百步中無雜樹芳草鮮美落英繽紛漁人甚異之\n"
    "復前行欲窮其林林盡水源便得一山山有小口髣髴若有光便捨船從口入初極狹纔通人復行數十步豁然開朗\n"
    "土地平曠屋舍儼然有良田美池桑竹之屬阡陌交通雞犬相聞其中往來種作男女衣著悉如外人黃髮垂髫並怡然自樂"
)
OTHER = (
    "見漁人乃大驚問所從來具答之便要還家設酒殺雞作食村中聞有此人咸來問訊自云先世避秦時亂率妻子邑人來此絕境\n"
    "不復出焉遂與外人間隔問今是何世乃不知有漢無論魏晉此人一一為具言所聞皆歎惋餘人各復延至其家皆出酒食"
)


def mark(words: str, text: str = PAGE, page: int = 1, nth: int = 0) -> Anchor:
    """The anchor of words, as a browser makes it."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return anchors.at(Anchor(page), text, start, start + len(words))


def settle(made: Anchor, text: str | None, **pages: str) -> Standing:
    """Where it stands; other pages by `p2="…"`."""
    texts = {int(name[1:]): page for name, page in pages.items()} | ({made.page: text} if text is not None else {})
    return anchors.settle(made, text, lambda: Book(texts))


def words_of(standing: Standing, text: str) -> str:
    anchor = standing.anchor
    assert anchor.start is not None
    assert anchor.exact == text[anchor.start : anchor.end]
    return anchor.exact


class TestTheTextIsAsItWas:
    @pytest.mark.parametrize("words", ["桃花林", "之", "武陵人捕魚為業", PAGE[:160], "漁人甚異之\n復前行"])
    def test_it_is_here(self, words: str) -> None:
        assert settle(mark(words), PAGE) == Standing(Anchored.HERE, mark(words))

    def test_of_words_that_are_there_often_it_is_the_one_that_was_marked(self) -> None:
        made = mark("之", nth=2)
        assert settle(made, PAGE) == Standing(Anchored.HERE, made)

    def test_a_box_stays_with_its_page(self) -> None:
        made = Anchor(1, box=Xywh(1, 2, 3, 4))
        assert settle(made, "其他") == Standing(Anchored.HERE, made)
        assert settle(made, None).anchored is Anchored.ORPHANED


class TestTheTextWasCorrected:
    def test_what_comes_before_moves_it(self) -> None:
        after = "桃花源記　陶潛\n" + PAGE
        standing = settle(mark("桃花林"), after)
        assert standing.anchored is Anchored.MOVED
        assert standing.anchor == mark("桃花林", after)

    def test_one_character_of_the_words_is_put_right(self) -> None:
        wrong = PAGE.replace("芳草鮮美", "芳章鮮美")
        standing = settle(mark("芳章鮮美落英", wrong), PAGE)
        assert words_of(standing, PAGE) == "芳草鮮美落英"
        assert standing.anchored is Anchored.MOVED

    def test_the_one_character_that_was_marked_is_put_right(self) -> None:
        wrong = PAGE.replace("豁然開朗", "豁然閒朗")
        assert words_of(settle(mark("閒", wrong), PAGE), PAGE) == "開"

    def test_characters_that_were_missing_are_put_in(self) -> None:
        wrong = PAGE.replace("屋舍儼然有良田", "屋舍有良田")
        assert words_of(settle(mark("土地平曠屋舍有良田", wrong), PAGE), PAGE) == "土地平曠屋舍儼然有良田"

    def test_characters_too_many_are_taken_out(self) -> None:
        wrong = PAGE.replace("雞犬相聞", "雞犬犬相聞")
        assert words_of(settle(mark("交通雞犬犬相聞", wrong), PAGE), PAGE) == "交通雞犬相聞"

    def test_half_of_the_page_is_read_anew(self) -> None:
        """Every seventh character is another: what an engine makes of a bad print."""
        wrong = "".join("口" if place % 7 == 3 else each for place, each in enumerate(PAGE))
        made = mark(wrong[20:44], wrong)
        assert words_of(settle(made, PAGE), PAGE) == PAGE[20:44]

    def test_a_long_passage_is_found_by_its_ends(self) -> None:
        text = PAGE * 3 + OTHER * 4 + PAGE[::-1]
        start = len(PAGE) * 3 + 40
        made = anchors.at(Anchor(1), text, start, start + 380)
        after = "新序" + text[: start + 150] + "衍文" + text[start + 153 :]
        standing = settle(made, after)
        assert words_of(standing, after) == after[start + 2 : start + 381]


class TestOtherForms:
    def test_traditional_and_simplified(self) -> None:
        simple = PAGE.translate(str.maketrans("晉業緣遠無雜樹鮮漁異復窮從數開", "晋业缘远无杂树鲜渔异复穷从数开"))
        standing = settle(mark("無雜樹芳草鮮美"), simple)
        assert words_of(standing, simple) == "无杂树芳草鲜美"

    def test_other_line_ends(self) -> None:
        after = PAGE.replace("\n", "").replace("桃花林", "桃\n花林")
        assert words_of(settle(mark("忽逢桃花林夾岸"), after), after) == "忽逢桃\n花林夾岸"

    def test_punctuation_that_is_put_in(self) -> None:
        after = "晉太元中，武陵人捕魚為業，緣溪行，忘路之遠近。忽逢桃花林，夾岸數百步，中無雜樹，芳草鮮美。"
        standing = settle(mark("緣溪行忘路之遠近"), after)
        assert words_of(standing, after) == "緣溪行，忘路之遠近"

    def test_signs_at_both_ends_stay_with_the_words(self) -> None:
        before = "問曰「今是何世」答曰不知有漢無論魏晉"
        after = "問曰「今是何卋」答曰不知有漢無論魏晉"
        assert words_of(settle(mark("「今是何世」", before), after), after) == "「今是何卋」"


class TestNeverElsewhere:
    def test_what_was_taken_out_is_orphaned_and_stays_as_it_was(self) -> None:
        made = mark("便捨船從口入初極狹纔通人")
        standing = settle(made, PAGE.replace("便捨船從口入初極狹纔通人", ""))
        assert standing == Standing(Anchored.ORPHANED, made)

    def test_one_frequent_character_does_not_jump_to_another(self) -> None:
        made = mark("之", nth=0)
        after = PAGE[: made.start - 12] + PAGE[made.start + 14 :]  # type: ignore[operator]
        assert settle(made, after).anchored is Anchored.ORPHANED

    def test_another_text_altogether(self) -> None:
        for words in ("桃花林", "之", "武陵人捕魚為業緣溪行"):
            assert settle(mark(words), OTHER) == Standing(Anchored.ORPHANED, mark(words))

    def test_a_page_without_text_any_more(self) -> None:
        assert settle(mark("桃花林"), "").anchored is Anchored.ORPHANED

    def test_of_two_places_that_are_alike_neither(self) -> None:
        made = Anchor(1, 500, 504, "天地玄黃", "", "")
        assert settle(made, "天地玄黃宇宙洪荒" * 2).anchored is Anchored.ORPHANED

    def test_between_sides_that_stand_everywhere_it_is_nowhere(self) -> None:
        made = Anchor(1, 5, 8, "桃花林", "一" * 32, "一" * 32)
        assert settle(made, "一" * 20_000).anchored is Anchored.ORPHANED

    def test_signs_alone_are_not_looked_for(self) -> None:
        made = Anchor(1, 3, 5, "……", "不存在的前文字", "不存在的後文字")
        assert settle(made, PAGE).anchored is Anchored.ORPHANED


class TestOtherPages:
    def test_it_follows_to_another_page(self) -> None:
        standing = settle(mark("設酒殺雞作食", OTHER), PAGE, p2=OTHER)
        assert standing.anchored is Anchored.MOVED
        assert standing.anchor.page == 2
        assert words_of(standing, OTHER) == "設酒殺雞作食"

    def test_a_page_that_is_gone(self) -> None:
        assert settle(mark("設酒殺雞作食", OTHER), None, p2=OTHER).anchor.page == 2

    def test_few_words_are_not_enough(self) -> None:
        made = Anchor(1, 0, 2, "漁人", "某某", "某某")
        assert settle(made, "空", p2=PAGE, p3=OTHER).anchored is Anchored.ORPHANED

    def test_two_pages_that_hold_it_are_one_too_many(self) -> None:
        made = mark("設酒殺雞作食", OTHER)
        assert settle(made, "空", p2=OTHER, p3=OTHER).anchored is Anchored.ORPHANED

    def test_a_box_does_not_go_along(self) -> None:
        made = anchors.at(Anchor(1, box=Xywh(1, 1, 9, 9)), OTHER, 20, 40)
        assert settle(made, "空", p2=OTHER).anchor.box is None


class TestBookmarks:
    def test_a_point_goes_with_the_words_around_it(self) -> None:
        made = anchors.at(Anchor(1), PAGE, 30, 30)
        standing = settle(made, "題記\n" + PAGE)
        assert standing.anchor.start == standing.anchor.end == 33
        assert settle(made, PAGE) == Standing(Anchored.HERE, made)

    def test_without_them_the_page_is_left(self) -> None:
        standing = settle(anchors.at(Anchor(1), PAGE, 30, 30), OTHER)
        assert (standing.anchored, standing.anchor.page, standing.anchor.start) == (Anchored.MOVED, 1, None)

    def test_a_client_that_tells_a_place_alone_gets_the_words(self) -> None:
        told = anchors.completed(Anchor(1, 4, 7), PAGE)
        assert (told.exact, told.prefix) == (PAGE[4:7], PAGE[:4])
        assert anchors.completed(Anchor(1, 9_000, 9_005), PAGE).start == len(PAGE)


class TestNearly:
    @given(st.text("甲乙丙丁", min_size=1, max_size=12), st.text("甲乙丙丁", max_size=40), st.integers(1, 4))
    @settings(max_examples=200, deadline=None)
    def test_errors_are_those_of_the_stretch(self, words: str, text: str, most: int) -> None:
        found = approximate.nearest(words, text, most)
        for near in found:
            assert 0 <= near.start < near.end <= len(text)
            assert distance(words, text[near.start : near.end]) == near.errors <= most
        assert [near.errors for near in found] == sorted(near.errors for near in found)


def distance(one: str, other: str) -> int:
    """Levenshtein's, by the book."""
    row = list(range(len(other) + 1))
    for count, mine in enumerate(one, start=1):
        last, row[0] = row[0], count
        for place, theirs in enumerate(other, start=1):
            last, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, last + (mine != theirs))
    return row[-1]


TEXTS = st.text("之乎者也天地玄黃宇宙洪荒，。\n A", max_size=120)


class TestProperties:
    @given(TEXTS, TEXTS, st.data())
    @settings(max_examples=300, deadline=None)
    def test_whatever_becomes_of_the_text_the_anchor_is_in_it(self, before: str, after: str, data: Any) -> None:
        start = data.draw(st.integers(0, len(before)))
        end = data.draw(st.integers(start, len(before)))
        made = anchors.at(Anchor(1), before, start, end)
        standing = settle(made, after)
        anchor = standing.anchor
        if standing.anchored is Anchored.ORPHANED:
            assert anchor == made
        elif anchor.start is not None:
            assert anchor.end is not None
            assert 0 <= anchor.start <= anchor.end <= len(after)
            assert anchor.exact == after[anchor.start : anchor.end]
            assert bool(anchor.exact) == bool(made.exact)

    @given(TEXTS, st.data())
    @settings(max_examples=200, deadline=None)
    def test_in_the_same_text_nothing_moves(self, text: str, data: Any) -> None:
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        made = anchors.at(Anchor(1), text, start, end)
        assert settle(made, text) == Standing(Anchored.HERE, made)

    @given(st.text("龍鳳麟龜", max_size=30), st.integers(0, len(PAGE) - 12), st.integers(4, 12))
    @settings(max_examples=200, deadline=None)
    def test_what_is_put_before_moves_it_by_so_much(self, head: str, start: int, length: int) -> None:
        made = anchors.at(Anchor(1), PAGE, start, start + length)
        anchor = settle(made, head + PAGE).anchor
        assert (anchor.start, anchor.exact) == (start + len(head), made.exact)
