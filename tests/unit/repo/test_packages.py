"""Entries of packages: whole or by ranges, from a store that counts what it is asked for."""

from __future__ import annotations

import mimetypes
import random
import tracemalloc
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO, cast

import pytest

from wenyuan.ingest.formats import epub_stock
from wenyuan.repo import packages
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing, NoSuchPage, TooLarge
from wenyuan.repo.items import PageKind
from wenyuan.repo.library import Library
from wenyuan.repo.packages import PACKAGE
from wenyuan.storage.keys import derivative_key
from wenyuan.storage.local import LocalStore

PAGE = PageView("item", 1, 1, "", PageKind.CHAPTER, 0, 0, "ab" * 32, 0, "a.xhtml", None, None)
KEY = derivative_key(PAGE.source, 0, PACKAGE)
FILM = random.Random(2).randbytes(8 * 1024**2)
CHAPTER = "天地玄黃".encode() * 10_000


class CountingStore(LocalStore):
    """Knows which ranges were asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked: list[tuple[int, int | None]] = []

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        self.asked.append((offset, length))
        return super().open(key, offset=offset, length=length)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    """A store that holds one package."""
    store = CountingStore(tmp_path / "store")
    put(store, tmp_path, {"a.xhtml": CHAPTER, "none.css": b"", "none.mp3": b"", "b.mp4": FILM})
    return store


@pytest.fixture
def library(store: CountingStore) -> Library:
    """Only the store of a library is asked."""
    return cast("Library", SimpleNamespace(store=store))


def put(store: CountingStore, folder: Path, entries: dict[str, bytes]) -> None:
    path = folder / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.extra = b"\x99\x99\x04\0abcd"  # as tools write, and not the same as in the table of contents
            packed = name.endswith((".xhtml", ".css"))
            archive.writestr(info, data, zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
    with path.open("rb") as stream:
        store.put(KEY, stream)


def part(library: Library, entry: str, offset: int, length: int | None) -> bytes:
    with packages.open_entry(library, PAGE, entry).open(offset, length) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("entry", "data"), [("a.xhtml", CHAPTER), ("b.mp4", FILM), ("none.css", b""), ("none.mp3", b"")]
)
@pytest.mark.parametrize(
    ("offset", "length"), [(0, None), (0, 10), (5, 7), (1_000, None), (0, 10**9), (119_990, 100), (10**9, 5), (3, 0)]
)
def test_any_part_of_an_entry(library: Library, entry: str, data: bytes, offset: int, length: int | None) -> None:
    found = packages.open_entry(library, PAGE, entry)
    assert found.size_bytes == len(data)
    assert part(library, entry, offset, length) == data[offset : None if length is None else offset + length]


def test_seeking_in_a_film_is_one_range_of_the_package(library: Library, store: CountingStore) -> None:
    part(library, "b.mp4", 0, 1)
    store.asked.clear()
    assert part(library, "b.mp4", 4_000_000, 500) == FILM[4_000_000:4_000_500]
    assert [length for _, length in store.asked] == [500]


def test_a_chapter_is_one_range_of_the_package(library: Library, store: CountingStore) -> None:
    packages.read_entry(library, PAGE, "a.xhtml")
    store.asked.clear()
    assert packages.read_entry(library, PAGE, "a.xhtml").data == CHAPTER
    assert len(store.asked) == 1


def test_asking_for_no_bytes_reads_none(library: Library, store: CountingStore) -> None:
    first = packages.open_entry(library, PAGE, "b.mp4")
    store.asked.clear()
    again = packages.open_entry(library, PAGE, "b.mp4")
    assert (again.etag, again.media_type, again.size_bytes) == (first.etag, "video/mp4", len(FILM))
    assert store.asked == []


def test_films_are_never_held_whole(library: Library) -> None:
    tracemalloc.start()
    try:
        with packages.open_entry(library, PAGE, "b.mp4").open(0, None) as stream:
            assert sum(len(chunk) for chunk in iter(lambda: stream.read(65_536), b"")) == len(FILM)
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024**2
    finally:
        tracemalloc.stop()


def test_etags_name_the_bytes_of_an_entry(library: Library) -> None:
    etags = {name: packages.open_entry(library, PAGE, name).etag for name in ("a.xhtml", "b.mp4", "none.css")}
    assert len(set(etags.values())) == 3
    assert packages.read_entry(library, PAGE, "a.xhtml").etag == etags["a.xhtml"]


def test_what_is_not_there(library: Library, store: CountingStore) -> None:
    with pytest.raises(NoSuchPage):
        packages.open_entry(library, PAGE, "c.xhtml")
    opened = packages.open_entry(library, PAGE, "b.mp4")
    store.delete(KEY)
    with pytest.raises(DerivativeMissing), opened.open(0, 1):
        pass
    with pytest.raises(DerivativeMissing):
        packages.read_entry(library, PAGE, "a.xhtml")


def test_a_damaged_chapter_is_told_as_missing_and_found_again_when_mended(
    library: Library, store: CountingStore, tmp_path: Path
) -> None:
    packages.read_entry(library, PAGE, "a.xhtml")
    store.delete(KEY)
    put(store, tmp_path, {"0.mp3": FILM[:5_000], "a.xhtml": CHAPTER[:60], "b.mp4": FILM})  # other places
    with pytest.raises(DerivativeMissing):
        packages.read_entry(library, PAGE, "a.xhtml")
    assert packages.read_entry(library, PAGE, "a.xhtml").data == CHAPTER[:60]


def test_what_cannot_be_held_is_refused(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_MOST_BYTES", 1_000)
    for entry in ("a.xhtml", "b.mp4"):
        with pytest.raises(TooLarge):
            packages.read_entry(library, PAGE, entry)
    with pytest.raises(TooLarge):
        packages.open_entry(library, PAGE, "a.xhtml")
    assert part(library, "b.mp4", 0, 5) == FILM[:5]


def test_every_ending_that_ingest_gives_has_a_media_type_without_help_of_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mimetypes.types_map", mimetypes.MimeTypes(()).types_map[1])
    endings = [ending for _, more in epub_stock._IMAGES for ending in more]
    endings += [ending for _, _, more in epub_stock._MEDIA for ending in more]
    endings += [ending for more in epub_stock._FONT_ENDINGS.values() for ending in more]
    endings += [ending for more in epub_stock._TEXTS.values() for ending in more]
    endings += [".ttf", ".vtt", ".avif", ".smil"]
    unknown = [ending for ending in endings if packages.media_type(f"x{ending}") == "application/octet-stream"]
    assert unknown == []
    assert packages.media_type("X.OGG") == "audio/ogg"
    assert packages.media_type("x.m4v") == "video/mp4"
