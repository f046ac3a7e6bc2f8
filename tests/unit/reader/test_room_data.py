"""What the reading room's scripts are told."""

from __future__ import annotations

import json

from wenyuan.reader import room_data
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.chinese import Fragment
from wenyuan.repo.find import FoundPage, InItem
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Box, Direction, Line, Origin, Region, RegionKind, TextLayer
from wenyuan.repo.locate import Hit


def view(position: int, label: str = "", layer: str | None = None) -> PageView:
    return PageView(
        item="pd9axvkhb00jn",
        key=position + 100,
        position=position,
        label=label,
        kind=PageKind.IMAGE,
        width=3000,
        height=4000,
        source="a" * 64,
        index=position - 1,
        entry=None,
        layer=layer,
        origin=Origin.IMPORTED if layer else None,
    )


def version(source: str, index: int) -> str:
    return f"{source[:4]}{index:06}"


def test_a_page_is_a_row_with_its_key_size_label_and_versions() -> None:
    told = room_data.pages("pd9axvkhb00jn", [view(1, "卷一 葉一", "b" * 64), view(2)], version)
    assert told == {
        "item": "pd9axvkhb00jn",
        "pages": [
            [101, 3000, 4000, "卷一 葉一", "aaaa000000", "bbbbbbbbbb"],
            [102, 3000, 4000, "", "aaaa000001", ""],
        ],
    }


def test_five_thousand_labelled_pages_stay_below_400_kilobytes() -> None:
    views = [view(position, f"卷三 葉{position}", f"{position:064x}") for position in range(1, 5001)]
    assert len(room_data.encode(room_data.pages("pd9axvkhb00jn", views, version))) < 400_000


def test_a_text_keeps_its_reading_order_directions_and_boxes() -> None:
    column = Line("天地", Direction.TOP_TO_BOTTOM, Box(40, 2, 7, 14), (Box(40, 2, 7, 7), Box(40, 9, 7, 7)))
    running_head = Region((Line("卷一", Direction.TOP_TO_BOTTOM, Box(2, 2, 5, 9)),), RegionKind.FURNITURE)
    told = room_data.text(TextLayer(60, 80, (Region((column,)), running_head)))
    assert (told["width"], told["height"]) == (60, 80)
    assert [region["kind"] for region in told["regions"]] == ["text", "furniture"]
    assert told["regions"][0]["lines"] == [
        {"text": "天地", "direction": "ttb", "box": [40, 2, 7, 14], "glyphs": [40, 2, 7, 7, 40, 9, 7, 7]}
    ]
    assert told["regions"][1]["lines"][0]["glyphs"] is None


def test_lines_of_a_chapter_have_no_place() -> None:
    told = room_data.text(TextLayer(0, 0, (Region((Line("第一回"),)),)))
    assert told["regions"][0]["lines"][0]["box"] is None


def test_a_page_without_text_has_no_regions() -> None:
    assert room_data.text(None) == {"regions": []}


def test_findings_give_all_places_and_the_words_around() -> None:
    page = FoundPage(view(7), (Fragment("…邑有", is_hit=False), Fragment("石橋", is_hit=True)))
    assert room_data.found("石橋", InItem((7, 9), (page,))) == {
        "query": "石橋",
        "total": 2,
        "positions": [7, 9],
        "hits": [{"position": 7, "key": 107, "snippet": [["…邑有", False], ["石橋", True]]}],
    }


def test_a_hit_over_two_columns_is_one_hit_with_two_boxes() -> None:
    hits = [Hit((Box(1, 2, 3, 4), Box(5, 6, 7, 8)), "石\n橋"), Hit((), "無處"), Hit((Box(9, 9, 9, 9),), "石橋")]
    assert room_data.placed(hits, [(3, 6), (8, 10)]) == {
        "boxes": [[1, 2, 3, 4], [5, 6, 7, 8], [9, 9, 9, 9]],
        "hits": [2, 1],
        "ranges": [[3, 6], [8, 10]],
    }


def test_json_holds_chinese_as_it_is() -> None:
    assert json.loads(room_data.encode({"label": "卷三"})) == {"label": "卷三"}
    assert room_data.encode({"label": "卷三"}) == '{"label":"卷三"}'.encode()
