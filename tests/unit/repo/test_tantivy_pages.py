"""Of common words tantivy's best pages are fetched and the others counted: the answer is as if all had been."""

from __future__ import annotations

import random

import pytest
from indexed import book, put

from wenyuan.repo.query import parse
from wenyuan.repo.search import tantivy, tantivy_pages
from wenyuan.repo.search.index import Filters, SearchIndex, Sort


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    draw = random.Random(4)
    index = tantivy.open_index(tmp_path_factory.mktemp("shelf") / "index")
    for start in (0, 20):
        put(
            index,
            *(
                book(
                    f"b{number:02}",
                    *("".join(draw.choices("天地玄黃宇宙", k=draw.randint(1, 30))) for _ in range(draw.randint(1, 9))),
                    title=draw.choice(["天地", "千字文", "玄黃"]),
                    access=draw.choice(["open", "open", "staff"]),
                    facets={"subject": (draw.choice("甲乙"),)},
                )
                for number in range(start, start + 20)
            ),
        )
    return index


@pytest.mark.parametrize("query", ["天", "天地", "天 地", "宇 -玄黃", "天地玄", "title:千字文 宇"])
@pytest.mark.parametrize("shown", [(0, 10), (3, 4), (0, 100), (0, 0)])
@pytest.mark.parametrize(("sort", "facets"), [(Sort.RELEVANCE, ()), (Sort.RELEVANCE, ("subject",)), (Sort.TITLE, ())])
def test_few_or_all(
    shelf: SearchIndex,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    shown: tuple[int, int],
    sort: Sort,
    facets: tuple[str, ...],
) -> None:
    filters = Filters(counted=frozenset({"staff"}))
    options = {"sort": sort, "facets": facets, "offset": shown[0], "limit": shown[1], "pages_per_item": 2}
    of_all = shelf.search(parse(query), filters, **options)  # type: ignore[arg-type]
    for name, value in (("FIRST_LOOK", 1), ("MANY", 5), ("BEST", 12)):
        monkeypatch.setattr(tantivy_pages, name, value)
    of_few = shelf.search(parse(query), filters, **options)  # type: ignore[arg-type]
    assert (of_few.total, of_few.page_total, of_few.facets) == (of_all.total, of_all.page_total, of_all.facets)
    assert (of_few.hidden_items, of_few.hidden_pages) == (of_all.hidden_items, of_all.hidden_pages)
    assert [(hit.item, hit.pages, hit.page_total) for hit in of_few.hits] == [
        (hit.item, hit.pages, hit.page_total) for hit in of_all.hits
    ]
    assert of_all.page_total > 12 or query.startswith(("title", "天地玄"))
