"""How pages are read is said of an item, a collection, or all: kept in manifests, and heard when a job is queued."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import given
import pytest
from handing_in import hand_in, outcome_of, shown

from wenyuan.repo import holdings, rebuild, recognising, wiring
from wenyuan.repo.catalogue import collections, jobs
from wenyuan.repo.catalogue.jobs import OCR
from wenyuan.repo.items import Collection
from wenyuan.repo.library import Library
from wenyuan.repo.recognition_settings import Recognition, WritingWish
from wenyuan.repo.settings import load


@pytest.fixture
def library(tmp_path: Path) -> Any:
    """A fresh library with an engine; none of these tests lets it read."""
    built = wiring.build(load(home=tmp_path / "home", executor="inline", ocr_engine="rapidocr"))
    yield built
    built.close()


def shelf(
    folder: Path, item: dict[str, Any] | None, outer: dict[str, Any] | None, inner: dict[str, Any] | None
) -> Path:
    """A collection in a collection, with a scan in it; what each of the three says of reading."""

    def told(said: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
        return {**more, **({"recognition": said} if said is not None else {})}

    given.write_json(folder / "collection.json", told(outer, key="outer", title="外"))
    given.write_json(folder / "inner" / "collection.json", told(inner, key="inner", title="內"))
    given.picture(folder / "inner" / "book" / "1.png")
    given.write_json(folder / "inner" / "book" / "metadata.json", told(item, title="書"))
    return folder


def effective(library: Library, said: Recognition | None = None) -> Recognition:
    """How the only item is to be read."""
    (item,) = shown(library)
    with library.catalogue.reading() as session:
        return recognising.effective(session, item, library.settings.ocr_engine, said)


def queued(library: Library) -> int:
    """How many jobs of OCR wait."""
    with library.catalogue.reading() as session:
        return jobs.unfinished(session, lanes=(OCR,))


def test_the_nearest_word_counts_on_each_point(library: Library, tmp_path: Path) -> None:
    outer = {"languages": ["zh-Hans"], "writing": "horizontal", "steps": {"light": True}}
    inner = {"writing": "vertical", "steps": {"rules": False}}
    hand_in(library, shelf(tmp_path / "in", {"languages": ["zh-Hant"]}, outer, inner))

    found = effective(library)

    assert (found.engine, found.languages, found.writing) == ("rapidocr", ("zh-Hant",), WritingWish.VERTICAL)
    assert {step.value: on for step, on in found.steps.items()} == {"light": True, "rules": False}
    assert effective(library, Recognition(engine="tesseract")).engine == "tesseract"


def test_where_nobody_says_anything_the_library_does(library: Library, tmp_path: Path) -> None:
    hand_in(library, shelf(tmp_path / "in", None, None, None))

    assert effective(library) == Recognition(engine="rapidocr")
    assert queued(library) == 1


@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_job_is_queued_where_somebody_wants_none(library: Library, tmp_path: Path, place: int) -> None:
    said: list[dict[str, Any] | None] = [None, None, None]
    said[place] = {"engine": "null"}
    hand_in(library, shelf(tmp_path / "in", *said))

    assert queued(library) == 0


def test_an_item_may_be_read_in_a_collection_that_is_not(library: Library, tmp_path: Path) -> None:
    hand_in(library, shelf(tmp_path / "in", {"engine": "auto"}, {"engine": "null"}, None))

    assert queued(library) == 1


def test_words_of_collections_and_items_survive_the_loss_of_the_catalogue(library: Library, tmp_path: Path) -> None:
    hand_in(library, shelf(tmp_path / "in", {"facing": "one"}, {"engine": "auto"}, {"languages": ["lzh"]}))
    before = effective(library)

    rebuild.rebuild_catalogue(library, replace=True)

    assert effective(library) == before
    assert before.languages == ("lzh",)


def test_a_collection_is_read_otherwise_from_its_next_version_on(library: Library, tmp_path: Path) -> None:
    hand_in(library, shelf(tmp_path / "in", None, None, {"engine": "null"}))
    with library.catalogue.reading() as session:
        inner = collections.get(session, "inner")

    holdings.save_collection(
        library, Collection(inner.key, inner.titles, {}, inner.parent, 0, Recognition(engine="auto"))
    )

    assert effective(library).engine == "auto"


def test_a_wrong_word_is_refused_with_its_field(library: Library, tmp_path: Path) -> None:
    receipt = hand_in(library, shelf(tmp_path / "in", {"writing": "diagonal"}, None, None))
    row = next(row for row in receipt["files"] if row["name"].endswith("metadata.json"))

    assert outcome_of(receipt, "metadata.json") == ("refused", "invalid-metadata")
    assert row["error"]["data"]["field"] == "recognition.writing"
    assert "vertical" in row["error"]["data"]["problem"]
    receipt = hand_in(library, shelf(tmp_path / "again", {"speed": 9}, None, None))
    row = next(row for row in receipt["files"] if row["name"].endswith("metadata.json"))
    assert row["error"]["data"]["problem"] == "engine | languages | writing | facing | steps"
