"""What staff says of reading: the nearest word counts, on each point by itself."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import ValidationError

from wenyuan.ingest.engines import engine
from wenyuan.ingest.preparation.steps import Steps
from wenyuan.repo.description import Description
from wenyuan.repo.items import Collection
from wenyuan.repo.manifests import CollectionManifest, manifest_from_bytes, manifest_to_bytes
from wenyuan.repo.recognition_settings import Facing, Recognition, Step, WritingWish


def test_the_item_is_heard_before_its_collection_on_each_point_by_itself() -> None:
    item = Recognition(writing=WritingWish.VERTICAL)
    collection = Recognition(engine="rapidocr", writing=WritingWish.HORIZONTAL, languages=("zh-Hant",))

    both = item.over(collection)

    assert (both.engine, both.writing, both.languages) == ("rapidocr", WritingWish.VERTICAL, ("zh-Hant",))
    assert item.over(None) == item


def test_single_steps_are_heard_by_themselves_too() -> None:
    item, collection = Recognition(steps={Step.LIGHT: True}), Recognition(steps={Step.LIGHT: False, Step.RULES: False})

    assert item.over(collection).steps == {Step.LIGHT: True, Step.RULES: False}


def test_no_languages_at_all_is_a_word_of_its_own() -> None:
    assert Recognition(languages=()).over(Recognition(languages=("en",))).languages == ()


@pytest.mark.parametrize(
    "wrong",
    [{"engine": "../rapidocr"}, {"engine": "Rapid OCR"}, {"languages": ["中文"]}, {"writing": "diagonal"},
     {"facing": "three"}, {"steps": {"polish": True}}, {"speed": "fast"}],
)  # fmt: skip
def test_what_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Recognition.model_validate(wrong)


def test_it_is_kept_with_the_description_only_where_something_is_said() -> None:
    plain = Description(title="縣志")
    told = Description(title="縣志", recognition=Recognition(engine="tesseract", facing=Facing.TWO))

    assert "recognition" not in plain.model_dump(mode="json", exclude_defaults=True)
    document = told.model_dump(mode="json", exclude_defaults=True)
    assert document["recognition"] == {"engine": "tesseract", "facing": "two"}
    assert Description.model_validate(document) == told


def test_it_is_kept_with_the_collection() -> None:
    for said in (None, Recognition(languages=("zh-Hant",), steps={Step.LIGHT: True})):
        collection = Collection("old-books", {"zh-Hans": "古籍"}, recognition=said)
        manifest = CollectionManifest(collection, 1, None)

        assert manifest_from_bytes(manifest_to_bytes(manifest), "0" * 64) == manifest
    assert b"recognition" not in manifest_to_bytes(CollectionManifest(Collection("a", {"en": "A"}), 1, None))


def test_the_words_are_those_of_the_engines_and_of_the_preparation() -> None:
    assert {wish.value for wish in WritingWish} == {wish.value for wish in engine.Writing}
    assert {step.value for step in Step} == {field.name for field in fields(Steps)}
