"""What a manifest is made of, without a server: ranges, rights, foldouts, text files."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.reader.iiif import languages, presentation, structures
from wenyuan.reader.iiif.answers import Json
from wenyuan.reader.iiif.presentation import Contents
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.description import Description, ItemKind
from wenyuan.repo.items import File, Item, ItemState, PageKind, Section
from wenyuan.repo.layers import Origin

BASE = "https://library.example.org"
WHEN = datetime(2026, 3, 4, tzinfo=UTC)
LEAF, FOLDOUT = (1400, 1900), (4200, 1900)


def page(key: int, size: tuple[int, int] = LEAF, source: str = "", origin: Origin | None = None) -> PageView:
    return PageView("book", key, key, "", PageKind.IMAGE, *size, source or f"{key}", 0, None, None, origin)


def contents(kind: ItemKind, *sizes: tuple[int, int]) -> Contents:
    description = Description(title="新安縣志", kind=kind)
    item = Item("book", description, None, ItemState.PUBLISHED, 1, "", "", len(sizes), 1, PageKind.IMAGE, 0, WHEN, WHEN)
    return Contents(BASE, item, tuple(page(n, size) for n, size in enumerate(sizes, start=1)), (), (), None)


def outline(ranges: list[Json]) -> list[object]:
    """Labels and page keys, as they are nested."""
    return [
        (each["label"]["none"][0], outline(each["items"])) if each["type"] == "Range" else each["id"].split("/")[-1]
        for each in ranges
    ]


def ranges(count: int, *sections: Section) -> list[object]:
    pages = tuple(page(key) for key in range(1, count + 1))
    return outline(structures.ranges(BASE, "book", "none", pages, sections))


def test_a_range_runs_to_where_the_next_one_begins() -> None:
    assert ranges(6, Section("序", 1), Section("卷一", 2), Section("卷二", 5)) == [
        ("序", ["1"]),
        ("卷一", ["2", "3", "4"]),
        ("卷二", ["5", "6"]),
    ]


def test_what_lies_inside_comes_behind_the_pages_of_its_own() -> None:
    volume = Section("卷一", 1, None, (Section("輿圖", 3), Section("沿革", 4)))
    assert ranges(6, volume, Section("卷二", 6)) == [
        ("卷一", ["1", "2", ("輿圖", ["3"]), ("沿革", ["4", "5"])]),
        ("卷二", ["6"]),
    ]


def test_entries_that_begin_on_one_page_all_have_it() -> None:
    assert ranges(3, Section("甲", 2), Section("乙", 2)) == [("甲", ["2"]), ("乙", ["2", "3"])]


def test_entries_out_of_order_have_the_page_they_begin_on() -> None:
    assert ranges(4, Section("附錄", 4), Section("正文", 1)) == [("附錄", ["4"]), ("正文", ["1", "2", "3", "4"])]


def test_an_entry_whose_page_is_gone_is_left_out_and_what_is_inside_it_stays() -> None:
    volume = Section("卷一", 99, None, (Section("輿圖", 2),))
    assert ranges(3, Section("序", 98), volume) == [("卷一", [("輿圖", ["2", "3"])])]


_trees = st.recursive(
    st.builds(Section, st.just("節"), st.integers(1, 12)),
    lambda below: st.builds(
        Section, st.just("節"), st.integers(1, 12), st.none(), st.lists(below, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


@given(st.lists(_trees, max_size=5), st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_no_range_is_empty_and_no_two_have_the_same_address(sections: list[Section], count: int) -> None:
    pages = tuple(page(key) for key in range(1, count + 1))
    found = list(structures.flat(structures.ranges(BASE, "book", "none", pages, tuple(sections))))
    assert all(each["items"] for each in found)
    assert len({each["id"] for each in found}) == len(found)


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("https://creativecommons.org/licenses/by-nc/4.0/deed.zh", "http://creativecommons.org/licenses/by-nc/4.0/"),
        ("http://creativecommons.org/publicdomain/mark/1.0", "http://creativecommons.org/publicdomain/mark/1.0/"),
        ("https://rightsstatements.org/page/InC/1.0/?language=en", "http://rightsstatements.org/vocab/InC/1.0/"),
        ("http://rightsstatements.org/vocab/NoC-US/1.0/", "http://rightsstatements.org/vocab/NoC-US/1.0/"),
        ("https://example.org/our-terms", None),
        ("版权所有", None),
        ("", None),
    ],
)
def test_rights_are_told_only_in_the_addresses_that_the_specification_allows(stated: str, told: str | None) -> None:
    assert presentation.rights(stated) == told


def test_a_book_of_single_leaves_is_paged() -> None:
    assert contents(ItemKind.BOOK, LEAF, LEAF, LEAF).is_paged


def test_a_foldout_among_leaves_does_not_make_the_book_unpaged() -> None:
    assert contents(ItemKind.BOOK, LEAF, FOLDOUT, LEAF).is_paged


def test_a_book_whose_pictures_are_openings_is_not_paged() -> None:
    assert not contents(ItemKind.BOOK, (2000, 1400), (2000, 1400), LEAF).is_paged


@pytest.mark.parametrize("kind", [ItemKind.NEWSPAPER, ItemKind.MAP, ItemKind.PHOTOGRAPH])
def test_sheets_and_pictures_do_not_face_each_other(kind: ItemKind) -> None:
    assert not contents(kind, LEAF, LEAF).is_paged


def test_one_page_faces_nothing() -> None:
    assert not contents(ItemKind.BOOK, LEAF).is_paged


def test_alto_files_are_told_for_the_pages_whose_text_came_from_them() -> None:
    files = (
        File("a", 1, "image/png", "卷一/0001.png"),
        File("b", 1, "image/png", "卷一/0002.png"),
        File("x", 9, "application/xml", "0001.xml", "text"),
        File("y", 9, "application/xml", "0002.xml", "text"),
    )
    pages = (page(1, source="a", origin=Origin.IMPORTED), page(2, source="b", origin=Origin.CORRECTED))
    assert presentation.alto_files(pages, files) == {1: files[2]}


def test_where_two_pictures_have_the_same_name_no_text_file_is_told() -> None:
    files = (
        File("a", 1, "image/png", "卷一/0001.png"),
        File("b", 1, "image/png", "卷二/0001.png"),
        File("x", 9, "application/xml", "0001.xml", "text"),
    )
    imported = tuple(page(n, source=s, origin=Origin.IMPORTED) for n, s in ((1, "a"), (2, "b")))
    assert presentation.alto_files(imported, files) == {}


def test_texts_that_are_the_same_in_all_languages_stand_under_one_key() -> None:
    assert languages.together({"zh-Hans": ["K296"], "zh-Hant": ["K296"], "en": ["K296"]}) == {"none": ["K296"]}
    told = {"zh-Hans": ["8 页"], "zh-Hant": ["8 頁"], "en": ["8 pages"]}
    assert languages.together(told) == told


@pytest.mark.parametrize(
    ("spoken", "key"), [(("zh-Hant",), "zh-Hant"), (("lzh", "zh-Hans"), "zh-Hant"), (("漢語",), "none"), ((), "none")]
)
def test_the_title_stands_under_its_own_language(spoken: tuple[str, ...], key: str) -> None:
    assert languages.own(Description(title="詩", languages=spoken)) == key
