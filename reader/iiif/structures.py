"""The contents of an item as ranges (IIIF Presentation API 3.0, §5.4): each runs to where the next one begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wenyuan.reader.iiif import addresses
from wenyuan.reader.iiif.answers import Json
from wenyuan.reader.iiif.languages import plain
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Section


@dataclass(frozen=True, slots=True)
class _Entry:
    """The number of an entry of the contents and the places it runs over, from 0, without those of its children."""

    number: int
    places: range


def ranges(
    base: str, item_id: str, language: str, pages: tuple[PageView, ...], sections: tuple[Section, ...]
) -> list[Json]:
    """The ranges of the first level, those below inside them.

    Of an entry with entries below it, its own pages up to the first of these come first. A page on which an entry
    begins belongs to it, and to the one before only where that begins there, too.
    """
    order = {page.key: place for place, page in enumerate(pages)}
    entries = _entries(sections, order, len(pages))

    def grow(section: Section) -> Json:
        entry = next(entries)
        own = [_canvas(base, pages[place]) for place in entry.places]
        return {
            "id": addresses.range_of(base, item_id, entry.number),
            "type": "Range",
            "label": plain(section.title, language),
            "items": own + [below for child in section.children if (below := grow(child))["items"]],
        }

    return [grown for section in sections if (grown := grow(section))["items"]]


def flat(grown: Iterable[Json]) -> Iterator[Json]:
    """All ranges, each before those inside it."""
    for each in grown:
        if each["type"] == "Range":
            yield each
            yield from flat(each["items"])


def _entries(sections: tuple[Section, ...], order: dict[int, int], count: int) -> Iterator[_Entry]:
    listed = list(_in_order(sections))
    starts = [order.get(section.page) for section in listed]
    for number, start in enumerate(starts, start=1):
        after = next((at for at in starts[number:] if at is not None), count)
        yield _Entry(number, range(start, max(start + 1, after)) if start is not None else range(0))


def _in_order(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _in_order(section.children)


def _canvas(base: str, page: PageView) -> Json:
    return {"id": addresses.canvas(base, page.item, page.key), "type": "Canvas"}
