"""The index is built anew beside the one that serves, moved from one engine to the other, and mended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import given
import made_items
import pytest
from click.testing import CliRunner
from handing_in import hand_in, shown

from wenyuan.repo import holdings, index_building, indexing, wiring
from wenyuan.repo.commands.index import index as index_command
from wenyuan.repo.errors import IndexDamaged, IndexUnavailable, UnknownBackend
from wenyuan.repo.layers import Origin
from wenyuan.repo.library import Library
from wenyuan.repo.search.index import Filters
from wenyuan.repo.search.served import POINTER
from wenyuan.repo.settings import Settings, load
from wenyuan.repo.texts import NewLayer, add_layers

ALL = Filters(access=frozenset({"open", "signed-in", "staff"}))


@pytest.fixture
def shelf(embedded_library: Library) -> Library:
    """A library with a book and an e-book, all indexed by Whoosh."""
    made_items.make_collections(embedded_library)
    made_items.make_book(embedded_library)
    made_items.make_ebook(embedded_library)
    made_items.drain(embedded_library)
    return embedded_library


@pytest.fixture
def elsewhere(shelf: Library, embedded_settings: Settings) -> Iterator[Library]:
    """The same library in another process, as a server has it, opened before anything is moved."""
    other = wiring.build(embedded_settings)
    assert other.index.search("宇宙", ALL).total == 1
    yield other
    other.close()


def folders(library: Library) -> set[str]:
    return {path.name for path in library.index.folder.iterdir() if path.is_dir()}


def ruin(library: Library) -> None:
    """Overwrite the middle of every file of the index that serves."""
    folder = library.index.folder / library.index.pointer.folder
    for file in folder.iterdir():
        data = bytearray(file.read_bytes())
        data[len(data) // 3 : len(data) // 2] = b"\xff" * (len(data) // 2 - len(data) // 3)
        file.write_bytes(data)


class TestMoving:
    @pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
    def test_every_server_changes_over_by_itself(self, shelf: Library, elsewhere: Library, engine: str) -> None:
        assert shelf.index.pointer.engine == "whoosh"
        before = elsewhere.index.search("新安", ALL, facets=("kind",))

        assert indexing.rebuild(shelf, engine) == 2

        assert elsewhere.index.pointer.engine == engine
        after = elsewhere.index.search("新安", ALL, facets=("kind",))
        assert [replace(hit, score=0) for hit in after.hits] == [replace(hit, score=0) for hit in before.hits]
        assert replace(after, hits=()) == replace(before, hits=())
        assert folders(shelf) == {f"{engine}-2"}
        assert indexing.drift(elsewhere) == indexing.Drift((), (), 0)

    def test_searching_goes_on_meanwhile(self, shelf: Library, elsewhere: Library) -> None:
        stop = threading.Event()
        totals: set[int] = set()
        errors: list[Exception] = []

        def read() -> None:
            while not stop.is_set():
                try:
                    totals.add(elsewhere.index.search("宇宙", ALL).page_total)
                except Exception as error:
                    errors.append(error)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for engine in ("tantivy", "whoosh", "whoosh", "tantivy"):
            indexing.rebuild(shelf, engine)
        stop.set()
        for reader in readers:
            reader.join()
        assert errors == []
        assert totals == {1}

    def test_a_change_during_the_build_is_not_lost(self, shelf: Library, elsewhere: Library, tmp_path: Path) -> None:
        """The build has read every item when these change, and the changes reach the old index before it is left."""
        book = next(item for item in shown(shelf) if item.page_count == 4)

        def change(_stage: str, _done: int, _total: int) -> None:
            hand_in(elsewhere, given.pdf(tmp_path / "new.pdf", ["深圳墟在縣東"], title="新入藏"))
            holdings.withdraw(
                elsewhere,
                next(item.id for item in shown(elsewhere) if item.description.title == "樓記"),
                "測試",
                "館員",
            )
            layer = made_items.vertical_layer("辰宿列張")
            add_layers(elsewhere, book.id, [NewLayer(3, layer, Origin.CORRECTED, "館員")], "館員")
            while indexing.drain(elsewhere):
                pass
            assert elsewhere.index.pointer.engine == "whoosh"
            assert elsewhere.index.search("深圳墟", ALL).total == 1
            holdings.describe(
                elsewhere, book.id, book.description.model_copy(update={"title": "改題"}), "館員"
            )  # still waits when the pointer moves

        indexing.rebuild(shelf, "tantivy", change)

        assert elsewhere.index.pointer.engine == "tantivy"
        for query, total in [("深圳墟", 1), ("樓上觀潮", 0), ("宇宙洪荒", 0), ("辰宿列張", 1)]:
            assert shelf.index.search(query, ALL).total == total, query
        while indexing.drain(elsewhere):
            pass
        assert shelf.index.search("改題", ALL).total == 1
        assert indexing.drift(shelf) == indexing.Drift((), (), 0)

    def test_only_one_builds_at_a_time(self, shelf: Library, elsewhere: Library) -> None:
        def second(_stage: str, _done: int, _total: int) -> None:
            assert index_building.is_building(elsewhere)
            with pytest.raises(IndexUnavailable, match="building"):
                indexing.rebuild(elsewhere)

        indexing.rebuild(shelf, progress=second)
        assert not index_building.is_building(elsewhere)

    def test_a_build_that_breaks_off_changes_nothing(self, shelf: Library, embedded_settings: Settings) -> None:
        script = "import os, sys\nfrom wenyuan.repo import indexing, wiring\nfrom wenyuan.repo.settings import load\n"
        script += "indexing.rebuild(wiring.build(load()), 'tantivy', lambda *_: os.kill(os.getpid(), 9))"
        environment = {**os.environ, "WENYUAN_HOME": str(embedded_settings.home)}
        done = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
        assert done.returncode == -signal.SIGKILL

        assert folders(shelf) == {"whoosh-1", "tantivy-2"}
        assert shelf.index.pointer.engine == "whoosh"
        assert shelf.index.search("宇宙", ALL).total == 1
        made_items.make_photograph(shelf)
        made_items.drain(shelf)
        indexing.rebuild(shelf, "tantivy")
        assert folders(shelf) == {"tantivy-3"}
        assert shelf.index.count()[0] == 3

    def test_what_waited_before_is_not_brought_in_twice(self, shelf: Library) -> None:
        made_items.make_photograph(shelf)
        assert indexing.drift(shelf).waiting == 1
        indexing.rebuild(shelf)
        assert indexing.drift(shelf) == indexing.Drift((), (), 0)

    def test_an_engine_that_is_not_there_is_told_and_nothing_happens(self, shelf: Library) -> None:
        with pytest.raises(UnknownBackend):
            indexing.rebuild(shelf, "lucene")
        assert shelf.index.search("宇宙", ALL).total == 1


class TestMending:
    def test_a_damaged_index_is_told_and_built_anew_by_the_worker(
        self, shelf: Library, embedded_settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        ruin(shelf)
        server = wiring.build(embedded_settings)
        server.index.look()
        assert "index-damaged" in caplog.text
        with pytest.raises(IndexDamaged):
            server.index.search("宇宙", ALL)

        assert indexing.drain(server) == 0  # nothing waits, and yet

        assert server.index.search("宇宙", ALL).total == 1
        assert folders(shelf) == {"whoosh-2"}
        server.close()

    @pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
    def test_files_that_vanish_under_a_server_are_made_again(self, shelf: Library, engine: str) -> None:
        indexing.rebuild(shelf, engine)
        for file in (shelf.index.folder / shelf.index.pointer.folder).iterdir():
            file.unlink()
        with pytest.raises(IndexDamaged):
            shelf.index.search("宇宙", ALL)
        indexing.drain(shelf)
        assert shelf.index.search("宇宙", ALL).total == 1

    @pytest.mark.parametrize("left", ["", "{", '{"engine": "whoosh", "folder": "../..", "filled": true}'])
    def test_a_pointer_that_cannot_be_read_is_damage(self, shelf: Library, left: str) -> None:
        (shelf.index.folder / POINTER).write_text(left)
        with pytest.raises(IndexDamaged):
            shelf.index.search("宇宙", ALL)
        indexing.drain(shelf)
        assert shelf.index.search("宇宙", ALL).total == 1

    def test_a_lost_folder_is_filled_again_before_anybody_finds_nothing(
        self, shelf: Library, embedded_settings: Settings
    ) -> None:
        for path in [*shelf.index.folder.rglob("*")][::-1]:
            path.unlink() if path.is_file() else path.rmdir()
        server = wiring.build(embedded_settings)
        with pytest.raises(IndexDamaged):
            server.index.search("宇宙", ALL)
        indexing.drain(server)
        assert server.index.search("宇宙", ALL).total == 1
        server.close()

    def test_an_index_of_an_earlier_release_gives_way(self, shelf: Library, embedded_settings: Settings) -> None:
        """Its files lay in the folder itself, without a pointer."""
        old = shelf.index.folder / shelf.index.pointer.folder
        for file in old.iterdir():
            file.rename(shelf.index.folder / file.name.replace("wenyuan2", "wenyuan1"))
        old.rmdir()
        (shelf.index.folder / POINTER).unlink()
        later = wiring.build(embedded_settings)
        indexing.drain(later)
        assert later.index.search("宇宙", ALL).total == 1
        assert not list(later.index.folder.glob("*wenyuan1*"))
        later.close()

    def test_a_new_library_has_an_index_at_once(self, embedded_library: Library) -> None:
        assert embedded_library.index.count() == (0, 0)
        assert embedded_library.index.search("宇宙", ALL).total == 0


class TestPages:
    @pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
    def test_a_corrected_page_alone_is_put_in_anew(self, shelf: Library, engine: str) -> None:
        indexing.rebuild(shelf, engine)
        book = next(item for item in shown(shelf) if item.page_count == 4)
        assert shelf.index.search("東南天地", ALL).hits[0].pages == (2,)

        layer = made_items.vertical_layer("辰宿列張")
        add_layers(shelf, book.id, [NewLayer(3, layer, Origin.CORRECTED, "館員")], "館員")
        made_items.drain(shelf)

        found = {query: shelf.index.search(query, ALL).hits for query in ("東南天地", "東南辰宿", "列張", "新安縣志")}
        assert found["東南天地"] == ()
        assert found["東南辰宿"][0].pages == (2,)
        assert found["列張"][0].pages == (3,)
        assert found["新安縣志"][0].in_title
        assert shelf.index.count() == (2, 5)


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def home(self, embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WENYUAN_HOME", str(embedded_settings.home))
        monkeypatch.setenv("WENYUAN_LANGUAGE", "en")

    def test_tells_how_it_is(self, shelf: Library) -> None:
        told = CliRunner().invoke(index_command, ["status"])
        assert told.exit_code == 0, told.output
        assert "Engine whoosh (whoosh-1): 2 items, 5 pages" in told.output
        assert "At one with the catalogue." in told.output
        made_items.make_photograph(shelf)
        status = json.loads(CliRunner().invoke(index_command, ["status", "--json"]).output)
        assert (status["waiting"], status["missing"], status["reason"]) == (1, 1, "")
        assert status["size_bytes"] > 1000

    def test_moves_to_another_engine(self, shelf: Library) -> None:
        done = CliRunner().invoke(index_command, ["rebuild", "--engine", "tantivy"])
        assert done.exit_code == 0, done.output
        assert "2 items" in done.output
        assert "Set WENYUAN_INDEX to tantivy" in done.output
        told = CliRunner().invoke(index_command, ["status"]).output
        assert "Engine tantivy" in told
        assert "The setting WENYUAN_INDEX is whoosh" in told
        assert shelf.index.search("宇宙", ALL).total == 1

    def test_tells_of_a_damage(self, shelf: Library) -> None:
        ruin(shelf)
        told = CliRunner().invoke(index_command, ["status"])
        assert told.exit_code == 75
        assert "cannot be used" in told.output


def test_a_setting_chooses_the_engine_of_a_new_library(tmp_path: Path) -> None:
    library = wiring.build(load(home=tmp_path / "home", executor="inline", index="tantivy"))
    made_items.make_book(library, collection=None)
    made_items.drain(library)
    assert library.index.pointer.engine == "tantivy"
    assert library.index.search("宇宙", ALL).total == 1
    library.close()


@pytest.mark.slow
def test_one_page_of_two_thousand_is_found_soon_after_it_was_corrected(embedded_library: Library) -> None:
    """The target is a second on a quiet machine; what is asserted is that the rest of the item is left alone."""
    texts = [f"第{number}頁" + "甲乙丙丁戊己庚辛" * 40 for number in range(2000)]
    from wenyuan.repo.search.index import ItemDocument, PageText

    pages = [PageText(number, number, text) for number, text in enumerate(texts, 1)]
    whole = ItemDocument("item", "長編", (), (), "open", "book", pages)
    for engine in ("whoosh", "tantivy"):
        index = wiring.open_engine(engine, embedded_library.index.folder / f"{engine}-9")
        with index.write() as writer:
            writer.replace(whole)
        start = time.perf_counter()
        with index.write() as writer:
            writer.replace_pages(replace(whole, pages=[PageText(1000, 1000, "天地玄黃", "")]))
        assert index.search("玄黃", ALL).page_total == 1
        print(engine, "one page in, s:", time.perf_counter() - start)
        assert index.count() == (1, 2000)
