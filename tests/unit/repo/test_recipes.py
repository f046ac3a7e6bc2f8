"""Recipes: their names change with what they make, and their sizes are those that addresses name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.repo.recipes import READING, READING_SMALL, THUMBNAIL, Recipes, fitted, made_sizes
from wenyuan.repo.settings import Settings

SIDES = st.integers(1, 200_000)


def recipes(**given: int) -> Recipes:
    return Recipes.of(Settings(**given))


@pytest.mark.parametrize(
    ("setting", "changed"),
    [
        ("tile_quality", {"tiles"}),
        ("reading_quality", {READING_SMALL, READING}),
        ("thumbnail_quality", {THUMBNAIL}),
    ],
)
def test_a_setting_renames_only_what_it_touches(setting: str, changed: set[str]) -> None:
    before, after = recipes(), recipes(**{setting: 88})
    assert {
        old.name for old, new in zip(before.all, after.all, strict=True) if old.file_name != new.file_name
    } == changed
    assert [old.stem for old in before.all] == [new.stem for new in after.all]


def test_the_pictures_that_version_1_has_made_stand_under_the_same_stems() -> None:
    names = ["thumbnail-300-q75-v1.jpg", "reading-1024-q80-v1.jpg", "reading-1600-q80-v1.jpg"]
    assert [name.startswith(recipe.stem) for name, recipe in zip(names, recipes().pictures, strict=True)] == [True] * 3


def test_no_two_recipes_share_a_name_or_a_stem() -> None:
    assert len({recipe.file_name for recipe in recipes().all}) == 4
    assert len({recipe.stem for recipe in recipes().all}) == 4


@given(SIDES, SIDES, st.integers(1, 2000))
def test_a_fitted_page_is_not_enlarged_keeps_its_shape_and_fits_a_jpeg(width: int, height: int, wanted: int) -> None:
    across, down = fitted(width, height, wanted)
    assert 1 <= across <= min(width, wanted)
    assert 1 <= down <= max(1, min(height, 65_500))
    if across > 1 and down < 65_500:
        assert abs(down - height * across / width) <= 0.5 or down == 1


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((2480, 3508), {(300, 424): THUMBNAIL, (1024, 1448): READING_SMALL, (1600, 2263): READING}),
        ((1600, 900), {(300, 169): THUMBNAIL, (1024, 576): READING_SMALL, (1600, 900): READING}),
        ((600, 800), {(300, 400): THUMBNAIL, (600, 800): READING_SMALL}),
        ((300, 100), {(300, 100): THUMBNAIL}),
        ((7, 9), {(7, 9): THUMBNAIL}),
    ],
)
def test_a_size_is_listed_once(size: tuple[int, int], made: dict[tuple[int, int], str]) -> None:
    assert made_sizes(*size) == made
