"""The running text of a page: what search reads, and where each of its characters stands."""

from __future__ import annotations

from wenyuan.repo import locate
from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer, places


def column(text: str, x: int) -> Line:
    """A vertical column, 10 px a character."""
    glyphs = tuple(Box(x, 10 * place, 10, 10) for place in range(len(text)))
    return Line(text, Direction.TOP_TO_BOTTOM, Box(x, 0, 10, 10 * len(text)), glyphs)


LEAF = TextLayer(
    100,
    100,
    (
        Region((column("先天下之憂", 80),)),
        Region((column("南山縣志", 50), column("十二", 50)), RegionKind.FURNITURE),
        Region((column("而憂後", 20),)),
    ),
)


def test_a_phrase_runs_over_the_fold_of_a_leaf() -> None:
    (hit,) = locate.hit_boxes(LEAF, "之憂而憂")

    assert hit.boxes == (Box(80, 30, 10, 20), Box(20, 0, 10, 20))


def test_furniture_keeps_its_boxes_and_is_not_searched() -> None:
    assert locate.hit_boxes(LEAF, "南山縣志") == []
    assert [line.text for line in LEAF.lines] == ["先天下之憂", "南山縣志", "十二", "而憂後"]


def test_every_character_of_the_text_has_its_place_even_beside_an_empty_region() -> None:
    layer = TextLayer(100, 100, (Region((Line(""),)), Region((column("甲乙", 0),))))

    assert len(places(layer)) == len(layer.text)
    assert [place.box for place in places(layer)[-2:] if place] == [Box(0, 0, 10, 10), Box(0, 10, 10, 10)]
