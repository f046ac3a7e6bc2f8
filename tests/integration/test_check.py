"""`wenyuan check` finds what was planted: a wrong bit, a lost blob, manifest or picture, an index that lags."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_items import (
    chain_of,
    derivative_keys,
    flip_a_bit,
    make_derivatives,
    make_library,
    structure_key_of,
)

from wenyuan.repo import fixity, wiring
from wenyuan.repo.catalogue import events, items
from wenyuan.repo.catalogue.schema import CollectionRow, FixityRow
from wenyuan.repo.commands.check import check as check_command
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load
from wenyuan.storage.blobs import BlobStore
from wenyuan.storage.errors import StoreUnavailable
from wenyuan.storage.keys import BLOBS, MANIFESTS, blob_key, manifest_key


@pytest.fixture
def ids(library: Library) -> dict[str, str]:
    """Items with all their derivatives."""
    made = make_library(library)
    make_derivatives(library)
    return made


def found(library: Library) -> dict[str, str]:
    """Outcome by key of all failures."""
    return {failure.key: failure.outcome for failure in fixity.check(library).failures}


def original_of(library: Library, item: str) -> str:
    with library.catalogue.reading() as session:
        return blob_key(items.files(session, item)[0].sha256)


def fixity_events(library: Library, item: str) -> list[dict[str, object]]:
    with library.catalogue.reading() as session:
        return [one.detail for one in events.of_item(session, item) if one.type == "fixity check"]


@pytest.mark.usefixtures("ids")
class TestAWholeLibrary:
    def test_is_well_and_every_object_in_storage_was_read(self, library: Library) -> None:
        stored = [one.key for prefix in (BLOBS, MANIFESTS) for one in library.store.list(prefix)]
        report = fixity.check(library)
        assert report.is_well
        assert (report.named, report.checked) == (len(stored), len(stored))
        assert report.size_bytes == sum(library.store.stat(key).size_bytes for key in stored)
        assert (report.unreferenced_count, report.gap_count) == (0, 0)

    def test_older_versions_are_read_too(self, library: Library, ids: dict[str, str]) -> None:
        oldest = chain_of(library, ids["book"])[0]
        flip_a_bit(library, manifest_key(oldest))
        assert found(library) == {manifest_key(oldest): "corrupt"}


class TestPlantedDamage:
    def test_a_wrong_bit_in_an_original(self, library: Library, ids: dict[str, str]) -> None:
        key = original_of(library, ids["book"])
        flip_a_bit(library, key)
        report = fixity.check(library)
        assert not report.is_well
        assert [(one.key, one.outcome, one.items) for one in report.failures] == [(key, "corrupt", (ids["book"],))]

    def test_a_lost_text_layer(self, library: Library, ids: dict[str, str]) -> None:
        with library.catalogue.reading() as session:
            key = blob_key(str(items.page_by_key(session, ids["book"], 2).layer))
        library.store.delete(key)
        assert found(library) == {key: "missing"}

    def test_a_lost_manifest_does_not_make_what_lies_behind_it_nobodys(
        self, library: Library, ids: dict[str, str]
    ) -> None:
        middle = manifest_key(chain_of(library, ids["book"])[1])
        library.store.delete(middle)
        report = fixity.check(library)
        assert {one.key: one.outcome for one in report.failures} == {middle: "missing"}
        assert report.unreferenced == []

    def test_a_damaged_newest_manifest(self, library: Library, ids: dict[str, str]) -> None:
        newest = manifest_key(chain_of(library, ids["book"])[-1])
        flip_a_bit(library, newest)
        report = fixity.check(library)
        assert {one.key: one.outcome for one in report.failures} == {newest: "corrupt"}
        assert report.unreferenced == []

    def test_a_lost_manifest_of_a_collection(self, library: Library, ids: dict[str, str]) -> None:
        with library.catalogue.reading() as session:
            row = session.get(CollectionRow, "local")
            assert row is not None
            key = manifest_key(row.manifest)
        library.store.delete(key)
        report = fixity.check(library)
        assert [(one.key, one.outcome, one.items) for one in report.failures] == [(key, "missing", ())]

    def test_becomes_an_event_of_the_items_concerned_and_of_no_other(
        self, library: Library, ids: dict[str, str]
    ) -> None:
        key = original_of(library, ids["book"])
        library.store.delete(key)
        fixity.check(library)
        assert fixity_events(library, ids["book"]) == [{"key": key, "outcome": "missing"}]
        assert fixity_events(library, ids["ebook"]) == []

    def test_is_well_again_when_the_bytes_are_back(self, library: Library, ids: dict[str, str]) -> None:
        key = original_of(library, ids["book"])
        with library.store.open(key) as stream:
            data = stream.read()
        flip_a_bit(library, key)
        assert not fixity.check(library).is_well
        library.store.delete(key)
        library.blobs.add(io.BytesIO(data))
        assert fixity.check(library).is_well


class TestDelivery:
    def test_a_lost_picture_is_told_with_its_page(self, library: Library, ids: dict[str, str]) -> None:
        lost = derivative_keys(library)[0]
        library.store.delete(lost)
        report = fixity.check(library)
        assert not report.is_well
        assert [gap.key for gap in report.gaps] == [lost]

    def test_an_empty_picture_is_no_picture(self, library: Library, ids: dict[str, str]) -> None:
        empty = derivative_keys(library)[0]
        library.store.put(empty, io.BytesIO(b""))
        assert [gap.key for gap in fixity.check(library).gaps] == [empty]

    def test_a_lost_package_is_told_once_for_its_book(self, library: Library, ids: dict[str, str]) -> None:
        package = next(key for key in derivative_keys(library) if "package" in key)
        library.store.delete(package)
        assert [(gap.item, gap.key) for gap in fixity.check(library).gaps] == [(ids["ebook"], package)]

    def test_an_index_that_lacks_an_item_is_told(self, library: Library, ids: dict[str, str]) -> None:
        with library.index.write() as writer:
            writer.remove(ids["book"])
        report = fixity.check(library)
        assert not report.is_well
        assert report.drift is not None
        assert report.drift.missing == (ids["book"],)


class TestWhatNobodyNames:
    def test_is_told_and_neither_damage_nor_deleted(self, library: Library, ids: dict[str, str]) -> None:
        sha256 = library.blobs.add_bytes(b"left by a refused ingest")
        report = fixity.check(library)
        assert report.unreferenced == [blob_key(sha256)]
        assert report.is_well
        assert library.blobs.exists(sha256)


class TestALimit:
    def test_takes_those_whose_last_check_is_oldest(self, embedded_library: Library) -> None:
        make_library(embedded_library)
        total = fixity.check(embedded_library).named
        with embedded_library.catalogue.writing() as session:
            key = manifest_key(session.get_one(CollectionRow, "local").manifest)
            session.get_one(FixityRow, key).checked = datetime(2020, 1, 1, tzinfo=UTC)
        embedded_library.store.delete(key)
        report = fixity.check(embedded_library, limit=1)
        assert (report.named, report.checked) == (total, 1)
        assert [one.key for one in report.failures] == [key]

    def test_runs_one_after_the_other_read_everything(self, embedded_library: Library) -> None:
        ids = make_library(embedded_library)
        flip_a_bit(embedded_library, blob_key(structure_key_of(embedded_library, ids["ebook"])))
        total = fixity.check(embedded_library, limit=1).named
        for _ in range(total - 1):
            last = fixity.check(embedded_library, limit=1)
        assert len(last.failures) == 1
        with embedded_library.catalogue.reading() as session:
            assert session.query(FixityRow).count() == total

    def test_damage_found_before_is_told_until_it_was_read_again(self, embedded_library: Library) -> None:
        ids = make_library(embedded_library)
        make_derivatives(embedded_library)
        key = original_of(embedded_library, ids["book"])
        flip_a_bit(embedded_library, key)
        fixity.check(embedded_library)
        later = fixity.check(embedded_library, limit=1)
        assert [(one.key, one.known_before) for one in later.failures] == [(key, True)]
        assert not later.is_well


class TestNothingToCheck:
    def test_is_no_success(self, embedded_library: Library) -> None:
        assert not fixity.check(embedded_library).is_well

    def test_a_store_that_is_away_is_said_to_be_away(self, embedded_library: Library, tmp_path: Path) -> None:
        make_library(embedded_library)
        settings = load(
            home=tmp_path / "away",
            store="minio",
            s3_endpoint="http://127.0.0.1:9",
            s3_access_key="a",
            s3_secret_key="b",
        )
        store = wiring.open_store(settings)
        away = replace(embedded_library, store=store, blobs=BlobStore(store))
        with pytest.raises(StoreUnavailable):
            fixity.check(away)


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WENYUAN_HOME", str(tmp_path / "home"))

    def test_ends_with_0_when_all_is_well(self, embedded_library: Library) -> None:
        make_library(embedded_library)
        make_derivatives(embedded_library)
        result = CliRunner().invoke(check_command, [])
        assert result.exit_code == 0, result.output
        assert "一切完好" in result.stdout

    def test_ends_with_74_and_names_key_and_item(self, embedded_library: Library) -> None:
        ids = make_library(embedded_library)
        key = original_of(embedded_library, ids["book"])
        flip_a_bit(embedded_library, key)
        result = CliRunner().invoke(check_command, [])
        assert result.exit_code == 74
        for word in ("损坏", key, ids["book"], "wenyuan rebuild --derivatives"):
            assert word in result.stdout

    def test_an_empty_library_ends_with_74(self) -> None:
        result = CliRunner().invoke(check_command, [])
        assert result.exit_code == 74
        assert "什么也没有校验" in result.stdout

    def test_prints_json_for_scripts(self, embedded_library: Library) -> None:
        make_library(embedded_library)
        result = CliRunner().invoke(check_command, ["--json", "--limit", "3"])
        told = json.loads(result.stdout)
        assert (told["well"], told["checked"]) == (False, 3)
        assert told["derivatives_missing"]["count"] == 21

    def test_speaks_english_when_the_library_does(
        self, embedded_library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_library(embedded_library)
        make_derivatives(embedded_library)
        monkeypatch.setenv("WENYUAN_LANGUAGE", "en")
        assert "All is well." in CliRunner().invoke(check_command, []).stdout
