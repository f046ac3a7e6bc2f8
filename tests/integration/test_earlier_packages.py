"""E-books ingested by an earlier version are read as before, and get today's package from `wenyuan derive`."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from epub_books import page, write_epub
from handing_in import hand_in, shown
from made_items import flip_a_bit

from wenyuan.ingest import rederive
from wenyuan.ingest.context import Workplace
from wenyuan.ingest.executors.inline import InlinePool
from wenyuan.repo import completeness, packages
from wenyuan.repo.book_data import ENTRY, BookData, PrintedPage
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import DerivativeMissing
from wenyuan.repo.library import Library
from wenyuan.repo.packages import EARLIER, PACKAGE
from wenyuan.repo.settings import environment_of
from wenyuan.storage.keys import derivative_key

BODY = '<p>天地玄黄</p><span epub:type="pagebreak" id="p2" title="2"/><p>宇宙洪荒</p>'


@pytest.fixture
def chapter(library: Library, tmp_path: Path) -> PageView:
    """The chapter of a book that is in the library."""
    hand_in(library, write_epub(tmp_path / "千字文.epub", {"a.xhtml": page(BODY)}))
    with library.catalogue.reading() as session:
        return items.pages(session, shown(library)[0].id)[0]


@pytest.fixture
def earlier(library: Library, chapter: PageView) -> PageView:
    """The same, with the package that the first version would have made of it."""
    today = key_of(chapter, PACKAGE)
    target = io.BytesIO()
    with library.store.as_file(today) as path, zipfile.ZipFile(path) as made, zipfile.ZipFile(target, "w") as first:
        for info in made.infolist():
            if info.filename != ENTRY:
                first.writestr(info, made.read(info))
    target.seek(0)
    library.store.put(key_of(chapter, EARLIER[0]), target, media_type="application/zip")
    library.store.delete(today)
    return chapter


def key_of(page: PageView, recipe: str) -> str:
    return derivative_key(page.source, 0, recipe)


def names(library: Library, page: PageView) -> set[str]:
    folder = key_of(page, "_").removesuffix("_")
    return {found.key.removeprefix(folder) for found in library.store.list(folder)}


def make(library: Library, page: PageView, *, check: bool = False) -> None:
    with library.catalogue.reading() as session:
        structure = items.structure(session, page.item)
    for result in rederive.make(InlinePool(), structure, Workplace.of(library.settings), check=check):
        assert "error" not in result


def test_a_package_of_the_first_version_is_read_and_says_nothing_of_its_book(
    library: Library, earlier: PageView
) -> None:
    assert "天地玄黄".encode() in packages.chapter(library, earlier).data
    assert packages.book_data(library, earlier) == BookData()


def test_it_counts_as_missing_so_that_it_is_made_again(library: Library, earlier: PageView) -> None:
    assert [gap.key for gap in completeness.gaps(library)] == [key_of(earlier, PACKAGE)]


def test_todays_is_made_from_the_original_and_the_earlier_one_goes(library: Library, earlier: PageView) -> None:
    packages.chapter(library, earlier)
    make(library, earlier)
    assert PACKAGE in names(library, earlier)
    assert names(library, earlier).isdisjoint(EARLIER)
    assert packages.book_data(library, earlier).page_list == (PrintedPage("2", "OPS/a.xhtml", "p2"),)
    assert "宇宙洪荒".encode() in packages.chapter(library, earlier).data
    assert list(completeness.gaps(library)) == []


def test_the_command_makes_it_too(embedded_library: Library, tmp_path: Path) -> None:
    hand_in(embedded_library, write_epub(tmp_path / "書.epub", {"a.xhtml": page(BODY)}))
    with embedded_library.catalogue.reading() as session:
        chapter = items.pages(session, shown(embedded_library)[0].id)[0]
    embedded_library.store.delete(key_of(chapter, PACKAGE))
    embedded_library.store.put(key_of(chapter, EARLIER[0]), io.BytesIO(b"PK of the first version"))
    command = [sys.executable, "-m", "wenyuan.repo.cli", "derive", chapter.item]
    ended = subprocess.run(command, env=environment_of(embedded_library.settings), capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    assert packages.book_data(embedded_library, chapter).page_list
    assert names(embedded_library, chapter).isdisjoint(EARLIER)


def test_a_damaged_package_is_made_anew_when_it_is_looked_at(library: Library, chapter: PageView) -> None:
    whole = packages.chapter(library, chapter).data
    flip_a_bit(library, key_of(chapter, PACKAGE))
    make(library, chapter)  # without a look nothing is seen
    make(library, chapter, check=True)
    assert packages.chapter(library, chapter).data == whole


def test_what_is_neither_there_nor_was_is_told_as_missing(library: Library, chapter: PageView) -> None:
    library.store.delete(key_of(chapter, PACKAGE))
    with pytest.raises(DerivativeMissing):
        packages.book_data(library, chapter)
