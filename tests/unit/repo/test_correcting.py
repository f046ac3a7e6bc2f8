"""Correcting lines: what stays keeps its place, what is new shares the place of the old."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from wenyuan.repo.correcting import (
    MAX_LINE_CHARACTERS,
    Add,
    Cut,
    Delete,
    Fault,
    Join,
    Move,
    Step,
    Unusable,
    apply,
    take,
)
from wenyuan.repo.layers import Alternative, Box, Direction, Line, Region, RegionKind, TextLayer, decode, encode

DOWN, ACROSS, BACK = Direction.TOP_TO_BOTTOM, Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT
WIDTH, HEIGHT = 400, 600


def column(text: str, x: int = 300, *, top: int = 100, em: int = 20) -> Line:
    glyphs = tuple(Box(x, top + em * place, em, em) for place in range(len(text)))
    return Line(text, DOWN, Box(x, top, em, em * max(1, len(text))), glyphs)


def row(text: str, y: int = 50, direction: Direction = ACROSS) -> Line:
    places = range(len(text)) if direction is ACROSS else reversed(range(len(text)))
    return Line(text, direction, Box(100, y, 10 * len(text), 12), tuple(Box(100 + 10 * at, y, 10, 12) for at in places))


def page(*lines: Line) -> TextLayer:
    return TextLayer(WIDTH, HEIGHT, (Region(lines),))


def corrected(line: Line, text: str) -> Line:
    return apply(page(line), {0: text}).lines[0]


class TestWords:
    def test_one_wrong_character_is_replaced_where_it_stands(self) -> None:
        before = column("天地玄黃")
        after = corrected(before, "天地元黃")
        assert (after.text, after.glyphs, after.box) == ("天地元黃", before.glyphs, before.box)

    def test_two_characters_for_one_share_its_place_along_the_column(self) -> None:
        after = corrected(column("天好黃"), "天女子黃")
        assert [(box.y, box.height) for box in after.glyphs] == [(100, 20), (120, 10), (130, 10), (140, 20)]
        assert {(box.x, box.width) for box in after.glyphs} == {(300, 20)}

    def test_two_characters_for_one_share_its_place_along_the_row(self) -> None:
        after = corrected(row("天好黃"), "天女子黃")
        assert [(box.x, box.width) for box in after.glyphs] == [(100, 10), (110, 5), (115, 5), (120, 10)]

    def test_a_line_from_right_to_left_is_shared_from_right_to_left(self) -> None:
        after = corrected(row("天好黃", direction=BACK), "天女子黃")
        assert [(box.x, box.width) for box in after.glyphs] == [(120, 10), (115, 5), (110, 5), (100, 10)]

    def test_one_for_two_takes_the_place_of_both(self) -> None:
        after = corrected(column("天女子黃"), "天好黃")
        assert after.glyphs[1] == Box(300, 120, 20, 40)

    def test_what_was_read_too_much_goes_and_the_rest_stays(self) -> None:
        before = column("天地地玄")
        after = corrected(before, "天地玄")
        assert after.text == "天地玄"
        assert (after.glyphs[0], after.glyphs[2]) == (before.glyphs[0], before.glyphs[3])

    def test_a_character_that_was_missed_stands_between_its_neighbours(self) -> None:
        before = column("天玄")
        after = corrected(before, "天地玄")
        assert (after.glyphs[0], after.glyphs[2]) == before.glyphs
        missed = after.glyphs[1]
        assert before.glyphs[0].y < missed.y < before.glyphs[1].y + 20
        assert missed.height >= 10, "half a character, so that a hit on it is seen"

    def test_what_was_missed_at_the_end_goes_on_as_large_and_the_line_grows(self) -> None:
        after = corrected(column("天地"), "天地玄黃")
        assert after.glyphs[2:] == (Box(300, 140, 20, 20), Box(300, 160, 20, 20))
        assert after.box == Box(300, 100, 20, 80)

    def test_what_was_missed_at_the_beginning_stands_before_it(self) -> None:
        after = corrected(column("玄黃"), "天地玄黃")
        assert after.glyphs[:2] == (Box(300, 60, 20, 20), Box(300, 80, 20, 20))

    def test_no_box_leaves_the_page(self) -> None:
        after = corrected(column("天地", top=HEIGHT - 40), "天地" + "玄" * 50)
        assert len(after.glyphs) == 52
        assert all(box.y >= 0 and box.y + box.height <= HEIGHT for box in after.glyphs)
        assert all(box.width > 0 and box.height > 0 for box in after.glyphs)

    def test_a_line_may_be_emptied_and_written_again(self) -> None:
        emptied = corrected(column("天地"), "")
        assert (emptied.text, emptied.glyphs, emptied.box) == ("", (), Box(300, 100, 20, 40))
        again = corrected(emptied, "玄黃")
        assert again.glyphs == column("天地").glyphs

    def test_a_line_without_boxes_of_characters_stays_without(self) -> None:
        line = Line("天地", DOWN, Box(300, 100, 20, 40))
        assert corrected(line, "天地玄") == Line("天地玄", DOWN, Box(300, 100, 20, 40))

    def test_characters_beyond_the_basic_plane_are_one_each(self) -> None:
        after = corrected(column("天𠀋黃"), "天𠀀黃")
        assert after.glyphs == column("天𠀋黃").glyphs

    def test_other_lines_and_furniture_are_as_they_were(self) -> None:
        layer = TextLayer(
            WIDTH,
            HEIGHT,
            (Region((column("版心", 380),), RegionKind.FURNITURE), Region((column("天"), column("地", 200)))),
        )
        after = apply(layer, {2: "玄"})
        assert after.regions[0] == layer.regions[0]
        assert after.lines[1] == layer.lines[1]
        assert after.text == "天\n玄"
        assert apply(layer, {0: "卷一"}).regions[0].lines[0].text == "卷一"

    def test_no_normal_form_is_forced_on_anybody(self) -> None:
        assert corrected(column("神"), "\ufa19").text == "\ufa19"

    def test_the_result_can_be_kept(self) -> None:
        layer = apply(page(column("天地玄黃")), {0: "天女子玄黃宇宙"})
        assert decode(encode(layer)) == layer


class TestTime:
    """Hostile texts: `difflib` takes 78 s for a pair of these."""

    @pytest.mark.parametrize(("before", "after"), [("的了" * 1000, "了了的" * 666), ("ab" * 1000, "ba" * 1000)])
    def test_a_long_line_takes_no_time(self, before: str, after: str) -> None:
        begun = time.process_time()
        assert corrected(Line(before, DOWN, Box(300, 100, 20, 400)), after).text == after
        assert time.process_time() - begun < 2

    def test_nor_do_all_lines_of_a_page(self) -> None:
        before, after = "的了" * 150, "了了的" * 100
        layer = page(*[Line(before, DOWN, Box(300, 100, 20, 400))] * 100)
        begun = time.process_time()
        assert apply(layer, dict.fromkeys(range(100), after)).lines[99].text == after
        assert time.process_time() - begun < 5

    def test_what_a_very_long_line_shares_at_its_ends_stays_where_it_is(self) -> None:
        before = column("天" + "的了" * 900 + "黃", top=0, em=1)
        after = corrected(before, "天" + "了了的" * 600 + "黃")
        assert (after.glyphs[0], after.glyphs[-1]) == (before.glyphs[0], before.glyphs[-1])


class TestSureness:
    LINE = Line(
        "天地玄黃", DOWN, Box(300, 100, 20, 80), column("天地玄黃").glyphs, None, False, (90, 40, 95, 50),
        (Alternative(1, "坤", 30), Alternative(3, "黄", 45)),
    )  # fmt: skip

    def test_a_corrected_character_is_sure_and_has_no_alternatives(self) -> None:
        after = corrected(self.LINE, "天坤玄黃")
        assert after.confidences == (90, 100, 95, 50)
        assert after.alternatives == (Alternative(3, "黄", 45),)

    def test_alternatives_move_with_their_character(self) -> None:
        after = corrected(self.LINE, "天之地玄黃")
        assert after.confidences == (90, 100, 40, 95, 50)
        assert after.alternatives == (Alternative(2, "坤", 30), Alternative(4, "黄", 45))

    def test_a_line_given_as_it_was_is_confirmed(self) -> None:
        after = corrected(self.LINE, "天地玄黃")
        assert (after.confidences, after.alternatives) == ((100,) * 4, ())
        assert after.glyphs == self.LINE.glyphs

    def test_where_no_engine_said_how_sure_it_was_nothing_is_said(self) -> None:
        assert corrected(column("天地"), "天元").confidences == ()


class TestRefused:
    @pytest.mark.parametrize(
        "text",
        ["天\n地", "天\r地", "天\t地", "天\0地", "\x1b[31m", "天\u2028地", "天\u2029地", "\ud800", "\ufffe",
         "\U0001ffff", "\ufdd0", "\u202e倒", "\u2066藏"],
    )  # fmt: skip
    def test_line_ends_and_what_steers_something(self, text: str) -> None:
        with pytest.raises(Unusable) as refused:
            apply(page(column("天地")), {0: text})
        assert (refused.value.line, refused.value.fault) == (0, Fault.CONTROL_CHARACTER)

    @pytest.mark.parametrize("text", ["葛\U000e0100", "👩‍🔧", "\ue000", "　天", "\ufffd", "a b"])
    def test_variation_selectors_joiners_and_private_characters_are_text(self, text: str) -> None:
        assert corrected(column("天地"), text).text == text

    def test_a_line_that_is_no_line(self) -> None:
        apply(page(column("天")), {0: "字" * MAX_LINE_CHARACTERS})
        with pytest.raises(Unusable) as refused:
            apply(page(column("天")), {0: "字" * (MAX_LINE_CHARACTERS + 1)})
        assert refused.value.fault is Fault.TOO_LONG

    @pytest.mark.parametrize("number", [-1, 1, 99])
    def test_a_line_that_is_not_there(self, number: int) -> None:
        with pytest.raises(Unusable) as refused:
            apply(page(column("天")), {number: "地"})
        assert refused.value.fault is Fault.NO_SUCH_LINE


class TestLines:
    LAYER = TextLayer(
        WIDTH, HEIGHT, (Region((column("天地"), column("玄黃", 270))), Region((column("宇宙", 200),), RegionKind.NOTE))
    )

    def words(self, step: Step) -> str:
        return take(self.LAYER, step).text

    def test_one_is_taken_away(self) -> None:
        assert self.words(Delete(0)) == "玄黃\n\n宇宙"
        assert len(take(self.LAYER, Delete(2)).regions) == 1, "no region without lines stays"

    def test_two_are_joined_with_all_their_boxes(self) -> None:
        after = take(self.LAYER, Join(0))
        assert after.text == "天地玄黃\n\n宇宙"
        assert after.lines[0].glyphs == self.LAYER.lines[0].glyphs + self.LAYER.lines[1].glyphs
        assert after.lines[0].box == Box(270, 100, 50, 40)

    def test_lines_that_run_differently_are_not_joined(self) -> None:
        with pytest.raises(Unusable) as refused:
            take(page(column("天"), row("地")), Join(0))
        assert refused.value.fault is Fault.APART

    def test_one_is_cut_in_two(self) -> None:
        after = take(page(TestSureness.LINE), Cut(0, 2))
        assert [line.text for line in after.lines] == ["天地", "玄黃"]
        assert after.lines[1].box == Box(300, 140, 20, 40)
        assert after.lines[1].confidences == (95, 50)
        assert after.lines[1].alternatives == (Alternative(1, "黄", 45),)

    def test_cut_and_joined_is_as_before(self) -> None:
        assert take(take(page(TestSureness.LINE), Cut(0, 3)), Join(0)) == page(TestSureness.LINE)

    def test_one_is_moved_within_its_region(self) -> None:
        assert self.words(Move(1, 0)) == "玄黃\n天地\n\n宇宙"

    def test_one_is_moved_to_the_end(self) -> None:
        assert self.words(Move(0, 3)) == "玄黃\n\n宇宙\n\n天地"

    def test_one_moved_among_those_of_another_region_belongs_to_that(self) -> None:
        layer = TextLayer(WIDTH, HEIGHT, tuple(replace(region, kind=RegionKind.TEXT) for region in self.LAYER.regions))
        after = take(layer, Move(2, 1))
        assert [line.text for line in after.lines] == ["天地", "宇宙", "玄黃"]
        assert len(after.regions) == 1

    @pytest.mark.parametrize("own", RegionKind)
    @pytest.mark.parametrize("other", RegionKind)
    def test_a_moved_line_keeps_its_kind(self, own: RegionKind, other: RegionKind) -> None:
        near = Region((column("三", 20), column("四", 40)), other, Box(20, 100, 40, 20))
        layer = TextLayer(WIDTH, HEIGHT, (Region((column("天地"), column("玄黃", 270)), own), near))
        for to, order in ((4, "玄黃 三 四 天地"), (3, "玄黃 三 天地 四")):
            after = take(layer, Move(0, to))
            kinds = {line.text: region.kind for region in after.regions for line in region.lines}
            assert " ".join(line.text for line in after.lines) == order
            assert kinds == {"天地": own, "玄黃": own, "三": other, "四": other}
            assert len(after.regions) == (2 if own is other else 3 if to == 4 else 4)

    def test_a_line_behind_the_page_number_stays_in_the_text(self) -> None:
        number = Region((column("三", 20),), RegionKind.FURNITURE)
        layer = TextLayer(WIDTH, HEIGHT, (Region((column("天地"), column("玄黃", 270))), number))
        assert take(layer, Move(0, 3)).text == "玄黃\n\n天地"

    def test_one_is_added_where_somebody_drew_it(self) -> None:
        after = take(self.LAYER, Add(0, Box(285, 100, 10, 60), DOWN, "夾注字"))
        assert [line.text for line in after.lines] == ["天地", "夾注字", "玄黃", "宇宙"]
        assert after.lines[1].glyphs == (Box(285, 100, 10, 20), Box(285, 120, 10, 20), Box(285, 140, 10, 20))

    def test_the_first_line_of_a_page_without_text_is_added(self) -> None:
        after = take(TextLayer(WIDTH, HEIGHT, ()), Add(-1, Box(10, 10, 20, 40), DOWN))
        assert [line.box for line in after.lines] == [Box(10, 10, 20, 40)]
        assert apply(after, {0: "天地"}).text == "天地"

    @pytest.mark.parametrize(
        "step",
        [
            Delete(3), Delete(-1), Join(2), Cut(0, 0), Cut(0, 2), Cut(9, 1), Move(0, 4), Move(0, -1), Move(5, 0),
            Add(3, Box(0, 0, 9, 9), DOWN), Add(0, Box(395, 0, 9, 9), DOWN), Add(0, Box(-1, 0, 9, 9), DOWN),
            Add(0, Box(0, 0, 0, 9), DOWN), Add(0, Box(0, 0, 9, 9), DOWN, "天\n地"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_done_is_refused(self, step: Step) -> None:
        with pytest.raises(Unusable):
            take(self.LAYER, step)

    @pytest.mark.parametrize(
        ("step", "piece", "allowed"),
        [
            (Join(2), "line", "0 … 1"), (Cut(0, 2), "at", "1"), (Move(0, 4), "to", "0 … 3"),
            (Add(3, Box(0, 0, 9, 9), DOWN), "after", "-1 … 2"),
        ],
    )  # fmt: skip
    def test_a_place_that_is_not_there_is_told_with_those_that_are(self, step: Step, piece: str, allowed: str) -> None:
        with pytest.raises(Unusable) as refused:
            take(self.LAYER, step)
        assert refused.value.fault is Fault.OUTSIDE
        assert (refused.value.told["piece"], refused.value.told["allowed"]) == (piece, allowed)
