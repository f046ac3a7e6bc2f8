"""The catalogue and the index can be lost: everything comes back from blobs and manifests alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_items import (
    AGENT,
    ALL,
    WHEN,
    chain_of,
    derivative_keys,
    everything,
    flip_a_bit,
    make_book,
    make_collections,
    make_library,
    make_photograph,
    structure_key_of,
)
from sqlalchemy import delete, func, select

from wenyuan.ingest.commands.rebuild import rebuild
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import collections, deliveries, events, items
from wenyuan.repo.catalogue.database import open_catalogue
from wenyuan.repo.catalogue.schema import CollectionRow, OutboxRow, UserRow
from wenyuan.repo.errors import CatalogueNotEmpty
from wenyuan.repo.items import Collection, Event, ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.manifests import CollectionManifest, ItemManifest, manifest_to_bytes
from wenyuan.repo.rebuild import Loss, rebuild_catalogue, rebuild_index
from wenyuan.repo.settings import Settings, load
from wenyuan.storage.errors import StoreMisconfigured
from wenyuan.storage.keys import blob_key, manifest_key


@pytest.fixture
def emptied(library: Library, tmp_path: Path) -> Iterator[Library]:
    """A second library on the same storage, whose database was never used."""
    catalogue = open_catalogue(f"sqlite:///{tmp_path / 'other.sqlite'}")
    yield replace(library, catalogue=catalogue)
    catalogue.close()


def lose(library: Library, key: str) -> None:
    library.store.delete(key)


class TestAfterCatalogueAndIndexAreLost:
    def test_everything_is_as_it_was(self, library: Library, emptied: Library) -> None:
        make_library(library)
        before = everything(library)
        library.index.clear()

        report = rebuild_catalogue(emptied)
        rebuild_index(emptied)

        assert everything(emptied) == before
        assert before["hits"]["縣志"].page_total == 1
        assert (report.items, report.collections, report.pages, report.texts) == (3, 3, 7, 5)
        assert (report.damage, report.forks) == ([], [])

    def test_there_is_an_event_for_each_version_oldest_first(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        rebuild_catalogue(emptied)
        with emptied.catalogue.reading() as session:
            told = events.of_item(session, ids["book"])
        assert [event.type for event in told] == ["ingestion", "metadata modification", "page order modification"]

    def test_a_withdrawn_item_stays_hidden(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        rebuild_catalogue(emptied)
        rebuild_index(emptied)
        with emptied.catalogue.reading() as session:
            assert items.get(session, ids["photograph"]).state is ItemState.WITHDRAWN
        assert ids["photograph"] not in set(emptied.index.items())

    def test_the_report_says_what_is_not_in_storage(self, library: Library, emptied: Library) -> None:
        make_library(library)
        assert "users" in rebuild_catalogue(emptied).not_in_storage

    def test_the_same_rebuild_twice_gives_the_same(self, library: Library, emptied: Library) -> None:
        make_library(library)
        rebuild_catalogue(emptied)
        rebuild_index(emptied)
        once = everything(emptied)
        rebuild_catalogue(emptied, replace=True)
        rebuild_index(emptied)
        assert everything(emptied) == once

    def test_an_item_can_be_changed_afterwards(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        rebuild_catalogue(emptied)
        assert holdings.restore(emptied, ids["photograph"], AGENT).version == 3


class TestACatalogueThatIsNotEmpty:
    def test_is_refused(self, embedded_library: Library) -> None:
        make_library(embedded_library)
        with pytest.raises(CatalogueNotEmpty) as refused:
            rebuild_catalogue(embedded_library)
        assert refused.value.data == {"items": 3}

    def test_is_emptied_when_told_so_but_users_and_deliveries_stay(self, embedded_library: Library) -> None:
        make_library(embedded_library)
        with embedded_library.catalogue.writing() as session:
            session.add(UserRow(name="館長", role="staff", password_hash="x", created=WHEN))
            deliveries.add(session, AGENT, "/srv/in", {"given": 0}, WHEN)
        before = everything(embedded_library)
        with embedded_library.catalogue.writing() as session:
            session.execute(delete(OutboxRow))

        rebuild_catalogue(embedded_library, replace=True)

        assert everything(embedded_library) == before
        with embedded_library.catalogue.reading() as session:
            assert session.scalar(select(func.count()).select_from(UserRow)) == 1
            assert len(deliveries.recent(session)) == 1

    def test_is_not_emptied_for_a_store_without_manifests(self, embedded_library: Library, tmp_path: Path) -> None:
        make_library(embedded_library)
        other = wiring.build(load(home=tmp_path / "elsewhere"))
        wrong = replace(embedded_library, store=other.store, blobs=other.blobs)
        before = everything(embedded_library)
        with pytest.raises(StoreMisconfigured):
            rebuild_catalogue(wrong, replace=True)
        assert everything(embedded_library) == before
        other.close()


class TestDamageInStorage:
    def test_an_item_whose_structure_is_lost_is_reported_and_not_half_made(
        self, library: Library, emptied: Library
    ) -> None:
        ids = make_library(library)
        key = blob_key(structure_key_of(library, ids["ebook"]))
        lose(library, key)
        report = rebuild_catalogue(emptied)
        assert [(one.key, one.problem, one.loss, one.item) for one in report.damage] == [
            (key, "missing", Loss.ITEM, ids["ebook"])
        ]
        assert report.lost_items == (ids["ebook"],)
        with emptied.catalogue.reading() as session:
            assert set(items.all_ids(session)) == {ids["book"], ids["photograph"]}
            assert events.of_item(session, ids["ebook"]) == []

    def test_a_flipped_bit_in_a_structure_is_no_structure(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        flip_a_bit(library, blob_key(structure_key_of(library, ids["ebook"])))
        report = rebuild_catalogue(emptied)
        assert [(one.problem, one.loss) for one in report.damage] == [("corrupt", Loss.ITEM)]

    def test_a_lost_text_leaves_its_page_without_text(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        with library.catalogue.reading() as session:
            page = items.page_by_key(session, ids["book"], 3)
        flip_a_bit(library, blob_key(str(page.layer)))
        report = rebuild_catalogue(emptied)
        assert [(one.problem, one.loss, one.item) for one in report.damage] == [("corrupt", Loss.TEXT, ids["book"])]
        with emptied.catalogue.reading() as session:
            assert items.page_text(session, ids["book"], 3) == ""
            assert items.page_text(session, ids["book"], 1) != ""

    def test_a_missing_original_is_told(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        with library.catalogue.reading() as session:
            original = items.files(session, ids["photograph"])[0].sha256
        lose(library, blob_key(original))
        damage = rebuild_catalogue(emptied).damage
        assert [(one.key, one.loss, one.item) for one in damage] == [
            (blob_key(original), Loss.ORIGINAL, ids["photograph"])
        ]

    def test_a_missing_older_manifest_costs_history_only(self, library: Library, emptied: Library) -> None:
        ids = make_library(library)
        lost = chain_of(library, ids["book"])[1]
        lose(library, manifest_key(lost))
        report = rebuild_catalogue(emptied)
        assert (manifest_key(lost), Loss.HISTORY) in {(one.key, one.loss) for one in report.damage}
        with emptied.catalogue.reading() as session:
            assert items.get(session, ids["book"]).version == 3
            assert [one.type for one in events.of_item(session, ids["book"])] == ["page order modification"]

    def test_a_damaged_newest_manifest_gives_the_version_before_and_says_so(
        self, library: Library, emptied: Library
    ) -> None:
        ids = make_library(library)
        newest = chain_of(library, ids["book"])[-1]
        flip_a_bit(library, manifest_key(newest))
        damage = rebuild_catalogue(emptied).damage
        assert [(one.key, one.problem, one.loss) for one in damage] == [(manifest_key(newest), "corrupt", Loss.VERSION)]
        with emptied.catalogue.reading() as session:
            assert items.get(session, ids["book"]).version == 2

    def test_a_manifest_of_a_later_form_is_not_guessed_at(self, library: Library, emptied: Library) -> None:
        make_library(library)
        sha256 = library.blobs.add_manifest(b'{"format": 2, "type": "item", "id": "0000000000000"}')
        damage = rebuild_catalogue(emptied).damage
        assert [(one.key, one.problem) for one in damage] == [(manifest_key(sha256), "unreadable")]

    def test_a_lost_parent_lifts_its_collections_to_the_top(self, library: Library, emptied: Library) -> None:
        make_library(library)
        with library.catalogue.reading() as session:
            row = session.get(CollectionRow, "local")
            assert row is not None
            lose(library, manifest_key(row.manifest))
        report = rebuild_catalogue(emptied)
        assert {one.key for one in report.damage if one.loss is Loss.PLACE} == {"local"}
        with emptied.catalogue.reading() as session:
            assert collections.get(session, "gazetteers").parent is None
        assert report.items == 3


class TestTwoNewestVersions:
    def test_of_an_item_the_highest_then_the_latest_is_taken_and_told(self, library: Library, emptied: Library) -> None:
        make_collections(library)
        book = make_book(library)
        later = replace(book, version=2, modified=WHEN.replace(year=2027), manifest="")
        told = Event(later.modified, "metadata modification", AGENT, "success", book.id)
        earlier = replace(later, modified=WHEN.replace(year=2026, month=5))
        chosen, other = (
            library.blobs.add_manifest(manifest_to_bytes(ItemManifest(one, book.manifest, told)))
            for one in (later, earlier)
        )
        report = rebuild_catalogue(emptied)
        assert [(one.name, one.chosen, one.others) for one in report.forks] == [(book.id, chosen, (other,))]
        with emptied.catalogue.reading() as session:
            assert items.get(session, book.id).manifest == chosen

    def test_collections_that_lie_in_each_other_end(self, library: Library, emptied: Library) -> None:
        make_photograph(library)
        for key, parent in (("a", "b"), ("b", "a")):
            ring = CollectionManifest(Collection(key, {"en": key}, {}, parent), 1, None)
            library.blobs.add_manifest(manifest_to_bytes(ring))
        report = rebuild_catalogue(emptied)
        assert report.collections == 2
        with emptied.catalogue.reading() as session:
            assert collections.get(session, "b").parent == "a"


class TestTheCommand:
    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        home = tmp_path / "home"
        monkeypatch.setenv("WENYUAN_HOME", str(home))
        monkeypatch.setenv("WENYUAN_EXECUTOR", "inline")
        return home

    def test_makes_catalogue_index_and_pictures_from_storage(
        self, home: Path, embedded_settings: Settings, embedded_library: Library
    ) -> None:
        make_collections(embedded_library)
        make_book(embedded_library)
        for name in ("catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"):
            (home / name).unlink(missing_ok=True)
        embedded_library.catalogue.close()

        result = CliRunner().invoke(rebuild, ["--json"])

        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert told["catalogue"]["items"] == 1
        assert told["index"] == {"items": 1}
        assert told["derivatives"] == {"items": 1, "done": 1, "refused_pages": []}
        again = wiring.build(embedded_settings)
        assert again.index.search("縣志", ALL).total == 1
        assert all(again.store.stat(key).size_bytes for key in derivative_keys(again))
        again.close()

    def test_does_one_part_only_when_asked(self, home: Path, embedded_library: Library) -> None:
        make_library(embedded_library)
        embedded_library.index.clear()
        result = CliRunner().invoke(rebuild, ["--index", "--json"])
        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert (told["catalogue"], told["index"], told["derivatives"]) == (None, {"items": 2}, None)
        assert len(set(embedded_library.index.items())) == 2

    def test_ends_with_74_and_plain_words_when_something_was_lost(self, home: Path, embedded_library: Library) -> None:
        ids = make_library(embedded_library)
        lose(embedded_library, blob_key(structure_key_of(embedded_library, ids["ebook"])))
        result = CliRunner().invoke(rebuild, ["--catalogue", "--replace"])
        assert result.exit_code == 74
        assert "资源没有重建" in result.stdout
        assert ids["ebook"] in result.stdout
        assert "用户" in result.stdout
