"""Whether every page has its pictures, every book what it is read from, every scan its text: `wenyuan check` asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wenyuan.repo import recognising
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import File, PageKind
from wenyuan.repo.library import Library
from wenyuan.repo.linear_pdf import LINEAR, MEDIA_TYPE, UNFIT, is_born_digital
from wenyuan.repo.packages import PACKAGE
from wenyuan.repo.progress import Progress, nobody_watches
from wenyuan.repo.recognising import Unread
from wenyuan.repo.recognition_settings import NO_ENGINE
from wenyuan.storage.keys import DERIVATIVES, derivative_key


@dataclass(frozen=True, slots=True)
class Gap:
    """A derivative that is not there. `wenyuan rebuild --derivatives` makes it."""

    item: str
    page: int
    """Key of the page; of the first one for what is made once a file."""
    key: str


def gaps(library: Library, progress: Progress = nobody_watches) -> Iterator[Gap]:
    """All derivatives that are missing or empty, item by item; withdrawn items too."""
    with library.catalogue.reading() as session:
        ids = items.all_ids(session)
    for number, item in enumerate(ids, start=1):
        with library.catalogue.reading() as session:
            pages, files = items.pages(session, item), items.files(session, item)
        yield from _gaps_of(library, pages, files)
        progress("derivatives", number, len(ids))


def unread(library: Library) -> list[Unread]:
    """Items with pages that have no text and wait for no job, though an engine is to read them.

    `wenyuan recognise --missing` has them read.
    """
    engine = library.settings.ocr_engine
    with library.catalogue.reading() as session:
        found = list(recognising.unread(session))
        held = items.many(session, [one.item for one in found])
        return [one for one in found if recognising.effective(session, held[one.item], engine).engine != NO_ENGINE]


def _gaps_of(library: Library, pages: list[PageView], files: tuple[File, ...]) -> Iterator[Gap]:
    documents = {file.sha256 for file in files if file.media_type == MEDIA_TYPE}
    by_source: dict[str, list[PageView]] = {}
    for page in pages:
        by_source.setdefault(page.source, []).append(page)
    for source, of in by_source.items():
        # One listing for a file instead of a question for each picture: a thousand pages of a PDF are three requests.
        listed = library.store.list(f"{DERIVATIVES}{source[:2]}/{source}/")
        there = {found.key for found in listed if found.size_bytes}
        told: set[str] = set()
        for page in of:
            for key in _wanted(library, page):
                if key not in there and key not in told:
                    told.add(key)
                    yield Gap(page.item, page.key, key)
        if source in documents and is_born_digital(page.origin for page in of if page.kind is PageKind.DOCUMENT):
            linear, unfit = (derivative_key(source, 0, recipe) for recipe in (LINEAR, UNFIT))
            if linear not in there and unfit not in there:
                yield Gap(of[0].item, of[0].key, linear)


def _wanted(library: Library, page: PageView) -> list[str]:
    if page.kind is PageKind.CHAPTER:
        return [derivative_key(page.source, 0, PACKAGE)]
    return [derivative_key(page.source, page.index, recipe.file_name) for recipe in library.recipes.all]
