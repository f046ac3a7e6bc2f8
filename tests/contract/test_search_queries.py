"""The query language, facets, order, and single pages put in anew: the same for every search engine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexed import EVERYTHING, Scan, as_sets, book, found, put

from wenyuan.repo import chinese, plugins
from wenyuan.repo.query import Clause, SearchQuery, parse
from wenyuan.repo.search.index import Filters, ItemDocument, PageText, Results, SearchIndex, Sort

Open = Callable[[], SearchIndex]
ALL = Filters(access=frozenset({"open", "signed-in", "staff"}))


@pytest.fixture
def shelf(index: SearchIndex) -> SearchIndex:
    put(
        index,
        book("gazetteer", "深圳墟在縣東", "赤灣天后廟", title="新安縣志", names=("新安志", "舒懋官", "王崇熙"),
             title_variants=("新安志",), persons=("舒懋官", "王崇熙"), first_year=1819, last_year=1819,
             title_key="xin'an", collections=("books", "gazetteers"),
             facets={"language": ("zh-Hant",), "subject": ("地方志", "寶安")}),
        book("report", "深圳經濟特區", "深圳墟舊影", title="深圳統計年鑑", persons=("深圳市統計局",),
             names=("深圳市統計局",), first_year=1985, last_year=1989, title_key="shenzhen", collections=("books",),
             kind="report", facets={"language": ("zh-Hans", "en"), "subject": ("統計",)}),
        book("map", "深圳河", title="寶安輿圖", access="signed-in", title_key="bao'an", kind="map",
             facets={"language": ("zh-Hant",), "subject": ("寶安",)}),
        book("secret", "深圳檔", "深圳案", title="檔案", access="staff", facets={"subject": ("密",)}),
    )  # fmt: skip
    return index


def ask(index: SearchIndex, query: str | SearchQuery, filters: Filters = ALL, **more: object) -> Results:
    return index.search(query, filters, **{**EVERYTHING, **more})  # type: ignore[arg-type]


class TestFields:
    @pytest.mark.parametrize(
        ("query", "items"),
        [
            (
                "深圳 -經濟",
                {"gazetteer": {101}, "map": {101}, "secret": {101, 102}},
            ),  # the report is named so by nothing
            ("深圳墟 -舊影", {"gazetteer": {101}}),
            ("深圳 -寶安", {"gazetteer": {101}, "report": {101, 102}, "secret": {101, 102}}),
            ("title:新安志 深圳", {"gazetteer": {101}}),
            ("題名：縣志", {"gazetteer": set()}),
            ("题名:志 title:县", {"gazetteer": set()}),
            ("title:舒懋官", {}),
            ("person:舒懋官", {"gazetteer": set()}),
            ("責任者：懋官 赤灣", {"gazetteer": {102}}),
            ("person:深圳市", {"report": set()}),
            ("year:1819", {"gazetteer": set()}),
            ("year:1800..1985", {"gazetteer": set(), "report": set()}),
            ("year:..1818", {}),
            ("year:1989.. 深圳", {"report": {101, 102}}),
            ("year:1990..", {}),
            ("in:gazetteers", {"gazetteer": set()}),
            ("in:books 深圳墟", {"gazetteer": {101}, "report": {102}}),
            ("in:book", {}),
            ("-深圳 year:1819", {"gazetteer": set()}),
        ],
    )
    def test_narrow_a_search_or_list_items(self, shelf: SearchIndex, query: str, items: dict[str, set[int]]) -> None:
        if query == "深圳 -經濟":
            items = {**items, "report": {102}}
        results = ask(shelf, query)
        assert as_sets(results) == items
        assert (results.total, results.page_total) == (len(items), sum(map(len, items.values())))

    def test_a_title_counts_before_the_text_and_a_listing_goes_by_title(self, shelf: SearchIndex) -> None:
        assert ask(shelf, "深圳").hits[0].item == "report"
        listed = ask(shelf, "year:1800..2000")
        assert [(hit.item, hit.in_title) for hit in listed.hits] == [("report", False), ("gazetteer", False)]

    @pytest.mark.parametrize("query", ["year:1819..1985 " * 2, "-天", "title:", "person:，", "year:壬", "in:"])
    def test_what_is_unclear_is_told(self, shelf: SearchIndex, query: str) -> None:
        from wenyuan.repo.errors import QueryUnclear

        with pytest.raises(QueryUnclear):
            ask(shelf, query)


class TestForms:
    def test_other_forms_are_found_and_stand_below_what_was_typed(self, index: SearchIndex) -> None:
        put(
            index,
            book("confused", "戌戌變法戌戌變法戌戌變法"),
            book("typed", "戊戌變法" + "甲乙丙丁" * 30),
            book("named", title="戌戌變法考"),
            book("neither", "戍卒變法"),
        )
        assert as_sets(ask(index, "戊戌變法")) == {"typed": {101}}
        assert [hit.item for hit in ask(index, parse("戊戌變法", confusions=True)).hits] == [
            "typed",
            "named",
            "confused",
        ]

    def test_a_clause_is_met_by_any_of_its_phrases(self, index: SearchIndex) -> None:
        put(index, book("a", "天下", "大同"), book("b", "天下大同"))
        either = Clause((chinese.phrase_of("天下"), chinese.phrase_of("大同")))
        assert as_sets(ask(index, SearchQuery((either,)))) == {"a": {101, 102}, "b": {101}}


class TestFacets:
    def test_values_are_counted_over_all_items_that_match(self, shelf: SearchIndex) -> None:
        results = ask(shelf, "深圳", replace(ALL, access=frozenset({"open"})), facets=("language", "subject"), limit=1)
        assert results.facets == {
            "language": (("en", 1), ("zh-Hans", 1), ("zh-Hant", 1)),
            "subject": (("地方志", 1), ("寶安", 1), ("統計", 1)),
        }

    def test_the_most_frequent_comes_first(self, shelf: SearchIndex) -> None:
        assert ask(shelf, "深圳", facets=("subject",)).facets["subject"][0] == ("寶安", 2)
        assert ask(shelf, "沒有的", facets=("subject",)).facets == {"subject": ()}
        assert ask(shelf, "", facets=("subject",)).facets == {"subject": ()}

    def test_a_value_narrows(self, shelf: SearchIndex) -> None:
        filters = replace(ALL, facets={"subject": "寶安", "language": "zh-Hant"})
        assert as_sets(ask(shelf, "深圳", filters)) == {"gazetteer": {101}, "map": {101}}
        assert as_sets(ask(shelf, "year:1819", replace(ALL, facets={"subject": "統計"}))) == {}
        assert as_sets(ask(shelf, "深圳", replace(ALL, facets={"subject": "寶"}))) == {}


class TestOrder:
    @pytest.mark.parametrize(
        ("sort", "items"),
        [
            (Sort.DATE, ["gazetteer", "report", "map", "secret"]),
            (Sort.TITLE, ["map", "report", "gazetteer", "secret"]),
        ],
    )
    def test_by_date_and_title(self, shelf: SearchIndex, sort: Sort, items: list[str]) -> None:
        assert [hit.item for hit in ask(shelf, "深圳", sort=sort).hits] == items
        assert [hit.item for hit in ask(shelf, "深圳", sort=sort, offset=1, limit=2).hits] == items[1:3]

    def test_rare_words_weigh_more(self, index: SearchIndex) -> None:
        common = [book(f"x{number:02}", "天下" + "甲乙丙丁戊己庚辛" * 3) for number in range(30)]
        put(index, *common, book("rare", "天下麒麟麒麟" + "甲" * 9), book("often", "天下天下天下麒麟" + "甲" * 9))
        assert [hit.item for hit in ask(index, "天下 麒麟").hits] == ["rare", "often"]

    def test_a_single_character_goes_by_how_often_it_stands_there(self, index: SearchIndex) -> None:
        put(index, book("once", "粵" + "甲" * 9), book("thrice", "粵粵粵" + "甲" * 9))
        assert [hit.item for hit in ask(index, "粤").hits] == ["thrice", "once"]

    def test_what_may_not_be_seen_has_no_say_in_the_order(self, index: SearchIndex) -> None:
        """With the counts of all pages 地方 would be the rarer word, and b before a."""
        open_books = [book("a", "天下天下地方"), book("b", "天下地方地方"), book("c", "天下地方" + "甲乙丙丁" * 40)]
        put(index, *open_books)
        before = ask(index, "天下 地方", Filters())
        hidden = [book(f"h{number}", "天下" * 50, "天下", "玄黃" * 300, access="staff") for number in range(40)]
        put(index, *hidden)
        after = ask(index, "天下 地方", Filters())
        assert [hit.item for hit in after.hits] == [hit.item for hit in before.hits]
        assert [hit.score for hit in after.hits] == pytest.approx([hit.score for hit in before.hits], rel=0.03)


class TestHidden:
    def test_only_their_number_is_told(self, shelf: SearchIndex) -> None:
        filters = Filters(counted=frozenset({"signed-in"}))
        results = ask(shelf, "深圳", filters, facets=("subject",))
        assert set(as_sets(results)) == {"gazetteer", "report"}
        assert (results.total, results.page_total) == (2, 3)
        assert (results.hidden_items, results.hidden_pages) == (1, 1)
        assert "密" not in dict(results.facets["subject"])
        assert dict(results.facets["subject"])["寶安"] == 1

    def test_tiers_that_are_not_named_are_not_counted(self, shelf: SearchIndex) -> None:
        results = ask(shelf, "深圳", Filters(counted=frozenset({"signed-in", "staff", "open"})))
        assert (results.hidden_items, results.hidden_pages) == (2, 3)
        results = ask(shelf, "深圳", Filters())
        assert (results.hidden_items, results.hidden_pages) == (0, 0)

    def test_filters_narrow_what_is_counted(self, shelf: SearchIndex) -> None:
        counted = frozenset({"signed-in", "staff"})
        for query, filters, number in [
            ("深圳 -檔", Filters(counted=counted), 1),
            ("title:輿圖 深圳", Filters(counted=counted), 1),
            ("深圳", Filters(counted=counted, kind="map"), 1),
            ("深圳", Filters(counted=counted, facets={"subject": "密"}), 2),
        ]:
            assert ask(shelf, query, filters).hidden_pages == number, query


class TestSinglePages:
    def test_take_the_place_of_the_old_and_leave_the_rest(self, index: SearchIndex, reopen: Open) -> None:
        whole = book("b", "天地玄黃", "宇宙洪荒", "日月盈昃", title="千字文")
        put(index, whole)
        with index.write() as writer:
            assert writer.replace_pages(replace(whole, pages=[PageText(102, 2, "辰宿列張", "日月盈昃")]))
        for view in (index, reopen()):
            assert view.count() == (1, 3)
            assert list(view.items()) == ["b"]
            assert found(ask(view, "洪荒")) == {}
            assert found(ask(view, "列張")) == {"b": (102,)}
            assert found(ask(view, "張日")) == {"b": (102,)}
            assert found(ask(view, "玄黃")) == {"b": (101,)}
            assert found(ask(view, "千字文")) == {"b": ()}

    def test_pages_of_an_item_count_together(self, index: SearchIndex) -> None:
        whole = book("b", *["天下"] * 5)
        put(index, whole, book("other", "天下"))
        for key in (105, 102, 105):
            with index.write() as writer:
                writer.replace_pages(replace(whole, pages=[PageText(key, key - 100, "天下天下")]))
        results = index.search("天下", Filters(), pages_per_item=3)
        assert (results.total, results.page_total) == (2, 6)
        assert [(hit.item, hit.pages, hit.page_total) for hit in results.hits] == [
            ("b", (102, 105, 101), 5),
            ("other", (101,), 1),
        ]

    def test_an_item_that_is_not_there_is_told(self, index: SearchIndex) -> None:
        whole = book("b", "天下", "大同")
        with index.write() as writer:
            assert not writer.replace_pages(whole)
        assert index.count() == (0, 0)
        put(index, whole)
        with index.write() as writer:
            writer.remove("b")
            assert not writer.replace_pages(whole)
        assert index.count() == (0, 0)

    def test_go_with_their_item(self, index: SearchIndex) -> None:
        whole = book("b", "天下", "大同")
        put(index, whole)
        with index.write() as writer:
            writer.replace_pages(replace(whole, pages=[PageText(101, 1, "洪荒")]))
        with index.write() as writer:
            writer.remove("b")
        assert index.count() == (0, 0)
        assert ask(index, "洪荒") == Results(0, 0)

    def test_in_the_batch_that_brings_the_item(self, index: SearchIndex) -> None:
        whole = book("b", "天下", "大同")
        with index.write() as writer:
            writer.replace(whole)
            assert writer.replace_pages(replace(whole, pages=[PageText(102, 2, "洪荒")]))
            assert writer.replace_pages(replace(whole, pages=[PageText(102, 2, "宇宙")]))
        assert index.count() == (1, 2)
        assert found(ask(index, "洪荒")) == {}
        assert found(ask(index, "宇宙")) == {"b": (102,)}

    def test_live_on_where_segments_are_merged(self, index: SearchIndex, reopen: Open) -> None:
        whole = book("b", *(f"第{number}頁天下" for number in range(9)))
        put(index, whole)
        for turn in range(40):
            page = PageText(101 + turn % 9, 1 + turn % 9, f"第{turn}次天下")
            with index.write() as writer:
                writer.replace_pages(replace(whole, pages=[page]))
        for view in (index, reopen()):
            assert view.count() == (1, 9)
            assert as_sets(ask(view, "天下")) == {"b": set(range(101, 110))}
            assert as_sets(ask(view, "第39次")) == {"b": {104}}
            assert as_sets(ask(view, "第30次")) == {}


# Whatever the texts: as a scan

ALPHABET = "天地玄黃黄宇爲为羣群〇零乾干 \n，。abAB9-\ufe00\U000e0100\U00020000𪚥が"
texts = st.text(st.sampled_from(ALPHABET), max_size=24)
books = st.lists(st.lists(texts, max_size=4), min_size=1, max_size=4)
tiers = st.sampled_from(["open", "signed-in", "staff"])
phrases = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=5)


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, ItemDocument]]:
    """What is done to an index, in order."""
    found: list[tuple[str, ItemDocument]] = []
    for _ in range(draw(st.integers(1, 8))):
        what = draw(st.sampled_from(["replace", "replace", "replace", "remove", "pages", "commit"]))
        years = draw(st.sampled_from([(None, None), (1819, 1819), (1900, 1949)]))
        made = book(
            draw(st.sampled_from("abc")),
            *draw(st.lists(texts, max_size=4)),
            title=draw(texts),
            names=(draw(texts),),
            access=draw(tiers),
            title_variants=(draw(texts),),
            persons=(draw(texts),),
            first_year=years[0],
            last_year=years[1],
            facets={"subject": tuple(draw(st.sets(st.sampled_from("甲乙"))))},
        )
        found.append((what, made))
    return found


def clauses(draw: st.DrawFn) -> tuple[Clause, ...]:
    found = []
    for text in draw(st.lists(phrases, max_size=2)):
        forms = [chinese.squeezed_text(form) for form in [text, *draw(st.lists(phrases, max_size=1))]]
        if all(forms):
            found.append(Clause(tuple(chinese.phrase_of(form) for form in dict.fromkeys(forms))))
    return tuple(found)


def one(draw: st.DrawFn, often: int) -> tuple[chinese.Phrase, ...]:
    text = chinese.squeezed_text(draw(phrases)) if draw(st.integers(0, often)) == 0 else ""
    return (chinese.phrase_of(text),) if text else ()


@st.composite
def queries(draw: st.DrawFn) -> tuple[SearchQuery, Filters]:
    years = draw(st.sampled_from([None, None, None, (1819, 1900), (None, 1850), (1950, None)]))
    query = SearchQuery(clauses(draw), one(draw, 3), one(draw, 5), one(draw, 5), years)
    facets = draw(st.sampled_from([{}, {}, {"subject": "甲"}]))
    access = frozenset(draw(st.sets(tiers, min_size=1)))
    return query, Filters(access, titles=access | {"open"}, facets=facets, counted=frozenset(draw(st.sets(tiers))))


@given(changes(), st.lists(queries(), min_size=20, max_size=20))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_random_changes_and_queries_give_what_a_scan_gives(
    engine: str, done: list[tuple[str, ItemDocument]], asked: list[tuple[SearchQuery, Filters]]
) -> None:
    scan = Scan()
    with tempfile.TemporaryDirectory() as folder:
        index: SearchIndex = plugins.load("wenyuan.repo.search", engine).open_index(Path(folder))
        rest = list(done)
        while rest:
            with index.write() as writer:
                while rest and (change := rest.pop(0))[0] != "commit":
                    what, document = change
                    for side in (writer, scan):
                        if what == "remove":
                            side.remove(document.item)
                        elif what == "replace":
                            side.replace(document)
                        elif document.item in scan.books:
                            kept = scan.books[document.item]
                            side.replace_pages(replace(kept, pages=list(document.pages)[-1:]))
        assert index.count() == (len(scan.books), sum(map(len, scan.pages.values())))
        for query, filters in asked:
            results = ask(index, query, filters)
            assert as_sets(results) == scan.search(query, filters), query
            assert results.page_total == sum(map(len, scan.search(query, filters).values()))
            hidden = scan.hidden(query, filters)
            assert (results.hidden_items, results.hidden_pages) == (len(hidden), sum(map(len, hidden.values())))
