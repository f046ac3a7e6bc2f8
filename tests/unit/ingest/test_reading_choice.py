"""Which engine reads a page, and whether it would read the same again."""

from __future__ import annotations

from typing import Any

import pytest

from wenyuan.ingest import reading_choice
from wenyuan.ingest.reading_choice import RECIPE, Known
from wenyuan.repo.errors import UnknownBackend
from wenyuan.repo.layers import Box, Line, Region, TextLayer
from wenyuan.repo.recognition_settings import Facing, Recognition, Step, WritingWish

LABEL = "null"
"""What the engine that reads nothing calls itself."""


def known(engine: str = LABEL, recipe: int = RECIPE, **asked: Any) -> Known:
    """An earlier reading."""
    return Known(engine, {"asked": {"engine": "null", **asked, "recipe": recipe}, "skew": 0.4})


def test_the_same_engine_with_the_same_wishes_would_repeat_itself() -> None:
    reader = reading_choice.reader(Recognition(engine="null", writing=WritingWish.VERTICAL), 1)

    assert reader.would_repeat(known(writing="vertical"))


@pytest.mark.parametrize(
    "earlier",
    [known(), known(writing="horizontal"), known("null 2", writing="vertical"), known(writing="vertical", recipe=0),
     known(writing="vertical", languages=["en"]), Known(LABEL, {})],
)  # fmt: skip
def test_another_engine_other_wishes_or_an_older_recipe_would_not(earlier: Known) -> None:
    reader = reading_choice.reader(Recognition(engine="null", writing=WritingWish.VERTICAL), 1)

    assert not reader.would_repeat(earlier)


def test_an_engine_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UnknownBackend) as caught:
        reading_choice.reader(Recognition(engine="paddle"), 1).open()

    assert caught.value.data["setting"] == "WENYUAN_OCR_ENGINE"
    assert {"null", "rapidocr"} <= set(caught.value.data["allowed"])


def test_facing_pages_part_where_the_gutter_was_found_the_last_time() -> None:
    said = Recognition(engine="null")

    assert reading_choice.reader(said, 1).gutter == 0.5
    assert reading_choice.reader(said, 1, (known(), Known("a", {"facing_at": 0.47}))).gutter == 0.47


@pytest.mark.parametrize("facing", [Facing.ONE, Facing.TWO])
def test_a_single_page_and_one_half_of_two_are_not_parted_again(facing: Facing) -> None:
    assert reading_choice.reader(Recognition(engine="null"), 1)._plan.steps.facing
    assert not reading_choice.reader(Recognition(engine="null", facing=facing), 1)._plan.steps.facing


@pytest.mark.parametrize("step", list(Step))
def test_every_step_can_be_switched_and_the_text_says_so(step: Step) -> None:
    plain = reading_choice.reader(Recognition(engine="null"), 1)
    usual = plain._plan.steps.record()[step.value]
    reader = reading_choice.reader(Recognition(engine="null", steps={step: not usual}), 1)

    assert reader._plan.steps.record()[step.value] is not usual
    assert not plain.would_repeat(known(steps={step.value: not usual}))
    assert reader.would_repeat(known(steps={step.value: not usual}))


@pytest.mark.parametrize(
    ("languages", "expected"), [(("en",), True), (("en", "fr"), True), (("en", "zh-Hans"), False), ((), False)]
)
def test_a_page_said_to_be_latin_is_read_a_second_time_even_where_it_is_not_clean(
    languages: tuple[str, ...], expected: bool
) -> None:
    reader = reading_choice.reader(Recognition(engine="auto", languages=languages), 1)
    assert reader._wants_latin(page("The county lies between", 70)) is expected
    assert not reader._wants_latin(TextLayer(100, 100, ()))


def page(text: str, confidence: int) -> TextLayer:
    """One line."""
    line = Line(text, box=Box(0, 0, 10, 10), confidences=(confidence,) * len(text))
    return TextLayer(100, 100, (Region((line,)),))


@pytest.mark.parametrize(
    ("text", "confidence", "expected"),
    [
        ("The county lies between two rivers. " * 10, 97, True),
        ("Le préfet de la région s’étonna. " * 10, 97, True),
        ("The county lies between two rivers. " * 10, 60, False),
        ("Page 12", 99, False),
        ("南山縣在兩江之間 The county lies " * 20, 97, False),
        ("", 0, False),
    ],
)
def test_only_a_clean_page_of_latin_print_is_read_a_second_time(text: str, confidence: int, expected: bool) -> None:
    assert reading_choice._is_clean_latin(page(text, confidence)) is expected
