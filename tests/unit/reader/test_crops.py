"""Strips of a page around a hit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from wenyuan.reader import crops
from wenyuan.reader.app import create_app
from wenyuan.repo import wiring
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Box
from wenyuan.repo.settings import load

WIDE, HIGH = 2480, 3508


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application, for addresses."""
    home: Path = tmp_path_factory.mktemp("home")
    library = wiring.build(load(home=home))
    yield create_app(library)
    library.close()


def page(width: int = WIDE, height: int = HIGH) -> PageView:
    return PageView("i" * 13, 1, 1, "", PageKind.IMAGE, width, height, "0" * 64, 0, None, "1" * 64, None)


def strip(app: Flask, hit: list[Box], others: list[Box] | None = None, of: PageView | None = None) -> crops.Crop:
    with app.test_request_context():
        made = crops.around_hit(of or page(), hit, others or hit)
    assert made is not None
    return made


@pytest.mark.parametrize(
    "hit",
    [
        Box(1000, 1000, 120, 40),
        Box(1000, 1000, 40, 160),
        Box(0, 0, 40, 40),
        Box(WIDE - 40, HIGH - 160, 40, 160),
        Box(100, 100, 2000, 50),
        Box(100, 100, 50, 2500),
    ],
)
def test_the_hit_lies_in_the_view_and_tiles_cover_it(app: Flask, hit: Box) -> None:
    made = strip(app, [hit])
    view = made.view
    assert view.x >= 0
    assert view.y >= 0
    assert view.x + view.width <= WIDE
    assert view.y + view.height <= HIGH
    assert view.width / view.height == pytest.approx(crops.ACROSS / crops.DOWN, rel=0.02)
    inside_x = view.x <= hit.x + min(hit.width, view.width) / 2 <= view.x + view.width
    assert inside_x
    assert view.y <= hit.y + min(hit.height, view.height) / 2 <= view.y + view.height
    for x, y in ((view.x, view.y), (view.x + view.width - 1, view.y + view.height - 1)):
        assert any(t.box.x <= x < t.box.x + t.box.width and t.box.y <= y < t.box.y + t.box.height for t in made.tiles)
    assert len(made.tiles) <= 9


def test_only_hits_that_are_seen_have_a_box(app: Flask) -> None:
    hit, near, far = Box(1000, 1000, 40, 160), Box(900, 1000, 40, 160), Box(100, 3000, 40, 160)
    assert strip(app, [hit], [hit, near, far]).boxes == (hit, near)


def test_a_hit_over_a_column_end_shows_where_it_begins(app: Flask) -> None:
    first, second = Box(1500, 3000, 40, 80), Box(1440, 200, 40, 80)
    view = strip(app, [first, second]).view
    assert view.y <= first.y < view.y + view.height


def test_a_small_picture_is_shown_as_far_as_it_goes(app: Flask) -> None:
    assert strip(app, [Box(5, 5, 30, 30)], of=page(60, 80)).view == Box(0, 3, 60, 34)


def test_a_chapter_has_no_strip(app: Flask) -> None:
    with app.test_request_context():
        assert crops.around_hit(page(0, 0), [Box(0, 0, 1, 1)], []) is None
