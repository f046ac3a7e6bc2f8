"""Derivatives over time: settings change, libraries of earlier versions move on, and what is lost comes back."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import given
import pytest
from handing_in import hand_in, shown
from made_items import derivative_keys, flip_a_bit
from sqlalchemy import select

from wenyuan.ingest.commands.rebuild import make_derivatives
from wenyuan.ingest.worker import Worker
from wenyuan.repo import completeness, remaking, wiring
from wenyuan.repo.catalogue.jobs import REDERIVE
from wenyuan.repo.catalogue.schema import JobRow
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImage
from wenyuan.repo.progress import nobody_watches
from wenyuan.repo.recipes import READING, READING_SMALL, THUMBNAIL, Recipe
from wenyuan.repo.settings import environment_of, load
from wenyuan.repo.tiles import Tile
from wenyuan.storage.errors import ObjectMissing
from wenyuan.storage.keys import blob_key, derivative_key


@pytest.fixture(autouse=True)
def _nothing_was_tried() -> None:
    remaking.attempts.forget()


@pytest.fixture
def opened() -> Iterator[Callable[..., Library]]:
    """The same library with some settings changed."""
    others: list[Library] = []

    def with_changes(library: Library, **changes: Any) -> Library:
        others.append(wiring.build(library.settings.model_copy(update=changes)))
        return others[-1]

    yield with_changes
    for other in others:
        other.close()


def book_in(library: Library, folder: Path, pages: int = 2) -> Item:
    hand_in(library, given.scans(folder, pages, texts=False))
    return shown(library)[0]


def key_of(page: PageImage, recipe: Recipe) -> str:
    return derivative_key(page.source, page.index, recipe.file_name)


def stored(library: Library) -> dict[str, Any]:
    """Size and time of every derivative."""
    return {found.key: found for found in library.store.list("derivatives/")}


def open_jobs(library: Library) -> list[JobRow]:
    with library.catalogue.reading() as session:
        return list(session.scalars(select(JobRow).where(JobRow.kind == REDERIVE, JobRow.state == "queued")))


class TestAChangedSetting:
    def test_makes_only_what_it_touches_while_the_earlier_ones_serve(
        self, library: Library, tmp_path: Path, opened: Callable[..., Library]
    ) -> None:
        book = book_in(library, tmp_path / "in")
        before, changed = stored(library), opened(library, reading_quality=40)
        pages = [changed.images.page(book.id, key) for key in (1, 2)]
        earlier = {(page.key, name): library.images.made(page, name) for page in pages for name in (READING, THUMBNAIL)}
        assert all(changed.images.made(page, READING).data == earlier[page.key, READING].data for page in pages)

        derived = make_derivatives(changed, nobody_watches)

        assert derived.is_well
        after = stored(changed)
        kept = {key for key in before if "/reading-" not in key}
        assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
        assert {key.rsplit("/", 1)[1] for key in set(after) - kept} == {
            changed.recipes.reading.file_name,
            changed.recipes.reading_small.file_name,
        }
        assert len(after) == len(before)
        for page in pages:
            assert changed.images.made(page, READING).data != earlier[page.key, READING].data
            assert changed.images.made(page, THUMBNAIL) == earlier[page.key, THUMBNAIL]
            assert changed.images.tile(page, Tile(0, 1, 1)) == library.images.tile(page, Tile(0, 1, 1))
        assert list(completeness.gaps(changed)) == []

    def test_is_told_by_the_check_until_the_job_is_done(
        self, embedded_library: Library, tmp_path: Path, opened: Callable[..., Library]
    ) -> None:
        book_in(embedded_library, tmp_path / "in", 1)
        changed = opened(embedded_library, tile_quality=40)
        assert [gap.key.rsplit("/", 1)[1] for gap in completeness.gaps(changed)] == [changed.recipes.tiles.file_name]
        make_derivatives(changed, nobody_watches)
        assert list(completeness.gaps(changed)) == []


def test_a_library_of_the_first_version_serves_its_pictures_and_moves_on(library: Library, tmp_path: Path) -> None:
    book = book_in(library, tmp_path / "in", 1)
    page = library.images.page(book.id, 1)
    today = set(stored(library))
    first = {
        THUMBNAIL: "thumbnail-300-q75-v1.jpg",
        READING_SMALL: "reading-1024-q80-v1.jpg",
        READING: "reading-1600-q80-v1.jpg",
    }
    for key in today:
        library.store.delete(key)
    for name, file_name in first.items():
        data = b"\xff\xd8" + name.encode() + b"\xff\xd9"
        library.store.put(derivative_key(page.source, page.index, file_name), io.BytesIO(data))
    library.images.forget(page)

    for name in first:
        assert library.images.made(page, name).data == b"\xff\xd8" + name.encode() + b"\xff\xd9"
    with pytest.raises(DerivativeMissing):
        library.images.tile(page, Tile(0, 0, 0))
    assert len(list(completeness.gaps(library))) == 4

    assert make_derivatives(library, nobody_watches).is_well
    assert set(stored(library)) == today == set(derivative_keys(library))
    assert library.images.tile(page, Tile(0, 0, 0)).data.startswith(b"\xff\xd8")
    assert len(library.images.made(page, READING).data) > 1000


def sound(library: Library, page: PageImage) -> bool:
    """Whether everything of a page can be read as it was first made."""
    library.images.forget(page)
    for name in (THUMBNAIL, READING_SMALL, READING):
        library.images.made(page, name)
    return all(library.images.tile(page, tile).data.startswith(b"\xff\xd8") for tile in page.grid.tiles())


def lose(library: Library, key: str) -> None:
    library.store.delete(key)


def cut(library: Library, key: str) -> None:
    with library.store.open(key) as stream:
        data = stream.read()
    library.store.put(key, io.BytesIO(data[: len(data) // 2]))


def overwrite(library: Library, key: str) -> None:
    library.store.put(key, io.BytesIO(b"not a picture"))


class TestWhatIsLostOrDamaged:
    @pytest.mark.parametrize(
        ("name", "harm", "check"),
        [
            ("tiles", lose, False),
            ("tiles", cut, True),
            ("tiles", flip_a_bit, True),
            (READING, overwrite, True),
        ],
    )
    def test_is_made_again_at_once_and_a_job_looks_after_the_rest(
        self, embedded_library: Library, tmp_path: Path, name: str, harm: Callable[[Library, str], None], check: bool
    ) -> None:
        library = embedded_library
        book = book_in(library, tmp_path / "in")
        pages = [library.images.page(book.id, key) for key in (1, 2)]
        recipe = next(recipe for recipe in library.recipes.all if recipe.name == name)
        with library.store.open(key_of(pages[0], recipe)) as stream:
            whole = stream.read()
        for page in pages:
            harm(library, key_of(page, recipe))
        library.images.forget(pages[0])
        with pytest.raises(DerivativeMissing):
            sound(library, pages[0])

        assert remaking.remake(library, pages[0])

        assert sound(library, pages[0])
        with library.store.open(key_of(pages[0], recipe)) as stream:
            assert stream.read() == whole
        assert [(job.title, job.payload) for job in open_jobs(library)] == [
            (book.id, {"item": book.id, "check": check})
        ]

        with pytest.raises(DerivativeMissing):
            sound(library, pages[1])
        worker = Worker(library)
        while worker.step():
            pass
        worker.close()
        assert sound(library, pages[1])
        assert open_jobs(library) == []

    def test_comes_back_from_a_remote_store_too(self, library: Library, tmp_path: Path) -> None:
        book = book_in(library, tmp_path / "in", 1)
        page = library.images.page(book.id, 1)
        lose(library, key_of(page, library.recipes.tiles))
        assert remaking.remake(library, page)
        assert sound(library, page)

        remaking.attempts.forget()
        lose(library, key_of(page, library.recipes.tiles))
        assert remaking.remake(library, page)
        assert len(open_jobs(library)) == 1

    def test_is_made_once_for_all_who_ask_at_the_same_time(
        self, embedded_library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        book = book_in(embedded_library, tmp_path / "in", 1)
        page = embedded_library.images.page(book.id, 1)
        lose(embedded_library, key_of(page, embedded_library.recipes.tiles))
        answers: list[bool] = []

        def ask() -> None:
            answers.append(remaking.remake(embedded_library, page))

        with caplog.at_level(logging.WARNING, "wenyuan.repo.remaking"):
            threads = [threading.Thread(target=ask) for _ in range(remaking.WAITING)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert answers == [True] * remaking.WAITING
        assert [record.getMessage() for record in caplog.records] == [f"{book.id}, page 1: a derivative is missing"]

    def test_keeps_few_waiting_and_sends_the_others_away(self, embedded_library: Library, tmp_path: Path) -> None:
        page = embedded_library.images.page(book_in(embedded_library, tmp_path / "in").id, 1)
        for _ in range(remaking.WAITING):
            assert remaking.attempts.waiting.acquire(blocking=False)
        try:
            assert not remaking.remake(embedded_library, page)
            assert open_jobs(embedded_library) == []
        finally:
            for _ in range(remaking.WAITING):
                remaking.attempts.waiting.release()

    def test_is_not_tried_again_for_a_while_where_it_cannot_be_made(
        self, embedded_library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        library = embedded_library
        book = book_in(library, tmp_path / "in", 1)
        page = library.images.page(book.id, 1)
        original = blob_key(page.source)
        with library.store.open(original) as stream:
            whole = stream.read()
        lose(library, key_of(page, library.recipes.tiles))
        library.store.delete(original)

        assert not remaking.remake(library, page)
        library.store.put(original, io.BytesIO(whole))
        assert not remaking.remake(library, page)
        assert [record for record in caplog.records if "cannot be made" in record.getMessage()]
        remaking.attempts.forget()
        assert remaking.remake(library, page)
        assert sound(library, page)


class TestTheCommand:
    def run(self, library: Library, *arguments: str) -> tuple[int, str]:
        """In a process of its own: it takes limits upon itself."""
        command = [sys.executable, "-m", "wenyuan.repo.cli", "derive", *arguments]
        ended = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment_of(library.settings)
        )
        return ended.returncode, ended.stdout

    def test_makes_the_page_that_it_is_told_or_all(self, embedded_library: Library, tmp_path: Path) -> None:
        library = embedded_library
        book = book_in(library, tmp_path / "in")
        keys = [key_of(library.images.page(book.id, key), library.recipes.tiles) for key in (1, 2)]
        for key in keys:
            lose(library, key)
        assert self.run(library, book.id, "--page", "2") == (0, "1 页齐备，0 页做不出\n")
        with pytest.raises(ObjectMissing):
            library.store.stat(keys[0])
        assert self.run(library, book.id) == (0, "2 页齐备，0 页做不出\n")
        assert library.store.stat(keys[0]).size_bytes

    def test_knows_what_is_not_there(self, embedded_library: Library, tmp_path: Path) -> None:
        book = book_in(embedded_library, tmp_path / "in", 1)
        assert self.run(embedded_library, "nosuchitem000")[0] == 66
        assert self.run(embedded_library, book.id, "--page", "9")[0] == 66

    def test_keeps_to_the_limits_of_a_page(self, embedded_library: Library, tmp_path: Path) -> None:
        """What a hostile page would do to the web server, it does to a process of its own."""
        given.picture(tmp_path / "in" / "large.png", size=(9000, 9000))
        hand_in(embedded_library, tmp_path / "in")
        book = shown(embedded_library)[0]
        page = embedded_library.images.page(book.id, 1)
        lose(embedded_library, key_of(page, embedded_library.recipes.tiles))
        hurried = replace(
            embedded_library, settings=embedded_library.settings.model_copy(update={"page_memory_mb": 256})
        )
        assert not remaking.remake(hurried, page)
        remaking.attempts.forget()
        assert remaking.remake(embedded_library, page)


def test_a_child_has_the_very_settings_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENYUAN_PORT", "9000")
    settings = load(
        home=tmp_path / "home", executor="inline", s3_secret_key="s3kr3t", store_root=tmp_path / "elsewhere"
    )
    for name in [name for name in environment_of(settings) if name.startswith("WENYUAN_")]:
        monkeypatch.setenv(name, environment_of(settings)[name])
    assert load() == settings
