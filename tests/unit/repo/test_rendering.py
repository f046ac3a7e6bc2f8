"""Pictures made out of tiles: what they show, their limits, and that they take little memory."""

from __future__ import annotations

import gc
import io
import random
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest
import pyvips
from PIL import Image

from wenyuan.repo import rendering, tile_packs, tile_streams
from wenyuan.repo.errors import DerivativeMissing, PictureTooSlow, TooManyPictures
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImage, PageImages
from wenyuan.repo.recipes import Recipes
from wenyuan.repo.rendering import Renderer, Rendering
from wenyuan.repo.tile_packs import Measured
from wenyuan.repo.tiles import Tile
from wenyuan.storage.disk_cache import DiskCache
from wenyuan.storage.errors import CacheUnusable
from wenyuan.storage.keys import derivative_key

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 60), (40, 60, 200), (250, 250, 250)


def quarters(width: int, height: int) -> pyvips.Image:
    """Red and green above, blue and white below."""
    picture = pyvips.Image.black(width, height, bands=3).copy(interpretation="srgb")
    left, top = width // 2, height // 2
    for colour, x, y in ((RED, 0, 0), (GREEN, left, 0), (BLUE, 0, top), (WHITE, left, top)):
        part = pyvips.Image.black(width, height, bands=3).linear(0, list(colour)).cast("uchar")
        picture = picture.insert(part.copy(interpretation="srgb"), x, y)
    return picture.crop(0, 0, width, height)


def noise(width: int, height: int) -> pyvips.Image:
    """Something like paper; every tile is another."""
    grey = pyvips.Image.perlin(width, height, cell_size=64).linear(90, 140).cast("uchar")
    return grey.bandjoin([grey.fliphor(), grey.flipver()]).copy(interpretation="srgb")


def hold(library: Library, picture: pyvips.Image, source: str = "ab" * 32) -> PageImage:
    """A page whose tiles are in the store."""
    page = PageImage("x", 1, source, 0, picture.width, picture.height, "v")
    tiles: dict[Tile, bytes] = {}
    for level in range(len(page.grid.scale_factors)):
        width, height = page.grid.level_size(level)
        whole = picture.resize(width / picture.width, vscale=height / picture.height).copy_memory()
        columns, rows = page.grid.shape(level)
        for row in range(rows):
            for column in range(columns):
                x, y = 512 * column, 512 * row
                part = whole.crop(x, y, min(512, width - x), min(512, height - y))
                tiles[Tile(level, column, row)] = part.jpegsave_buffer(Q=85, keep="none")
    measured = [Measured(len(tiles[tile]), zlib.crc32(tiles[tile])) for tile in page.grid.tiles()]
    pack = io.BytesIO()
    tile_packs.write(pack, page.grid, measured, tiles.__getitem__)
    library.store.put(derivative_key(source, 0, library.recipes.tiles.file_name), io.BytesIO(pack.getvalue()))
    return page


@dataclass(frozen=True)
class Maker:
    """A renderer, and the library whose pages it is asked for."""

    renderer: Renderer
    library: Library

    def open(self, page: PageImage, what: Rendering) -> BinaryIO:
        return self.renderer.open(self.library.images.tiles(page), what)

    def name(self, page: PageImage, what: Rendering) -> str:
        return self.renderer.name(self.library.images.tiles(page), what)


@pytest.fixture
def renderer(embedded_library: Library) -> Maker:
    return make(embedded_library)


def make(library: Library, cache: DiskCache | None = None, **options: float) -> Maker:
    settings = {"at_once": 2, "seconds": 30.0, "quality": 85, **options}
    renderer = Renderer(
        cache or library.near.cache,
        at_once=int(settings.pop("at_once")),
        seconds=settings.pop("seconds"),
        quality=int(settings.pop("quality")),
        **settings,
    )
    return Maker(renderer, library)


def wanted(page: PageImage, size: tuple[int, int], **more: object) -> Rendering:
    told = {"region": (0, 0, page.width, page.height), "rotation": 0, "mirrored": False, "quality": "default"}
    return Rendering(**{**told, "format": "png", "size": size, **more})  # type: ignore[arg-type]


def read(renderer: Maker, page: PageImage, what: Rendering) -> bytes:
    with renderer.open(page, what) as stream:
        return stream.read()


def picture(renderer: Maker, page: PageImage, what: Rendering) -> Image.Image:
    return Image.open(io.BytesIO(read(renderer, page, what)))


def near(found: object, expected: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) <= 8 for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("size", [(900, 700), (450, 350), (100, 78), (40, 700), (1300, 1000), (20, 9)])
def test_a_picture_of_any_size_shows_the_whole(
    renderer: Maker, embedded_library: Library, size: tuple[int, int]
) -> None:
    found = picture(renderer, hold(embedded_library, quarters(900, 700)), wanted(page_of(900, 700), size))
    assert found.size == size
    width, height = size
    corners = [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]
    for corner, colour in zip(corners, (RED, GREEN, BLUE, WHITE), strict=True):
        assert near(found.getpixel(corner), colour), corner


def page_of(width: int, height: int) -> PageImage:
    return PageImage("x", 1, "ab" * 32, 0, width, height, "v")


@pytest.mark.parametrize(
    ("region", "colour"),
    [((0, 0, 1000, 700), RED), ((1000, 0, 1000, 700), GREEN), ((3, 701, 900, 600), BLUE), ((1999, 1399, 1, 1), WHITE)],
)
@pytest.mark.parametrize("narrowing", [1, 1.7, 2, 5])
def test_a_region_ends_where_it_should(
    renderer: Maker,
    embedded_library: Library,
    region: tuple[int, int, int, int],
    colour: tuple[int, int, int],
    narrowing: float,
) -> None:
    """No line of the neighbouring quarter, whatever the level it is made of."""
    page = hold(embedded_library, quarters(2000, 1400))
    size = (max(1, round(region[2] / narrowing)), max(1, round(region[3] / narrowing)))
    found = picture(renderer, page, wanted(page, size, region=region))
    middle = (size[0] // 2, size[1] // 2)
    assert near(found.getpixel(middle), colour)
    # A line of pixels at the edge may be mixed of both sides.
    for x, y in ((min(2, size[0] - 1), middle[1]), (max(0, size[0] - 3), middle[1]), (middle[0], size[1] // 4)):
        assert near(found.getpixel((x, y)), colour), (x, y)


def test_every_tile_is_in_its_place(renderer: Maker, embedded_library: Library) -> None:
    original = noise(1700, 2300)
    page = hold(embedded_library, original)
    for size, level in (((1700, 2300), 1), ((850, 1150), 0.5)):
        made = pyvips.Image.new_from_buffer(read(renderer, page, wanted(page, size)), "")
        assert (made - original.resize(level)).abs().avg() < 2.5, "but for what JPEG loses"


def test_many_tiles_are_joined_in_strips_and_few_at_once_to_the_same_pixels(
    renderer: Maker, embedded_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = hold(embedded_library, noise(1700, 1300))
    what = wanted(page, (1500, 1100), region=(37, 150, 1600, 1149))
    found = []
    for few in (16, 0):
        monkeypatch.setattr(tile_streams, "_FEW", few)
        found.append(read(renderer, page, what))
        embedded_library.near.cache.forget(renderer.name(page, what))
    assert found[0] == found[1]


@pytest.mark.parametrize("strips", [True, False])
def test_a_grey_page_stays_grey(embedded_library: Library, strips: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if strips:
        monkeypatch.setattr(tile_streams, "_FEW", 0)
    page = hold(embedded_library, quarters(900, 700).colourspace("b-w"))
    renderer = make(embedded_library)
    assert picture(renderer, page, wanted(page, (300, 200))).mode == "L"
    assert picture(renderer, page, wanted(page, (300, 200), rotation=45.0)).mode == "LA"


@pytest.mark.parametrize(
    ("turn", "mirrored", "corners"),
    [
        (90, False, (BLUE, RED, WHITE, GREEN)),
        (180, False, (WHITE, BLUE, GREEN, RED)),
        (270, False, (GREEN, WHITE, RED, BLUE)),
        (0, True, (GREEN, RED, WHITE, BLUE)),
        (90, True, (WHITE, GREEN, BLUE, RED)),
    ],
)
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_it_is_mirrored_and_then_turned_clockwise(
    renderer: Maker, embedded_library: Library, turn: float, mirrored: bool, corners: tuple[object, ...], ending: str
) -> None:
    page = hold(embedded_library, quarters(900, 700))
    what = wanted(page, (300, 200), rotation=turn, mirrored=mirrored, format=ending)
    found = picture(renderer, page, what).convert("RGB")
    width, height = found.size
    assert (width, height) == ((200, 300) if turn % 180 else (300, 200))
    seen = [found.getpixel(at) for at in ((5, 5), (width - 6, 5), (5, height - 6), (width - 6, height - 6))]
    assert all(near(one, other) for one, other in zip(seen, corners, strict=True)), seen  # type: ignore[arg-type]


@pytest.mark.parametrize(("ending", "mode"), [("png", "RGBA"), ("webp", "RGBA"), ("jpg", "RGB")])
def test_turned_askew_all_of_it_is_there_on_white_or_nothing(
    renderer: Maker, embedded_library: Library, ending: str, mode: str
) -> None:
    page = hold(embedded_library, quarters(900, 700))
    found = picture(renderer, page, wanted(page, (300, 300), rotation=45.0, format=ending))
    assert found.mode == mode
    assert found.size == (pytest.approx(424, abs=2), pytest.approx(424, abs=2))
    corner = found.getpixel((2, 2))
    assert corner[3] == 0 if mode == "RGBA" else near(corner, (255, 255, 255))  # type: ignore[index, operator]
    assert near(found.convert("RGB").getpixel((212, 60)), RED)


def test_grey_and_bitonal_are_what_they_say(renderer: Maker, embedded_library: Library) -> None:
    page = hold(embedded_library, quarters(900, 700))
    assert picture(renderer, page, wanted(page, (300, 200), quality="gray")).mode == "L"
    assert picture(renderer, page, wanted(page, (300, 200), quality="gray", format="jpg")).mode == "L"
    bitonal = picture(renderer, page, wanted(page, (300, 200), quality="bitonal"))
    assert bitonal.mode == "1"
    assert [bitonal.getpixel(at) for at in ((9, 9), (9, 190), (290, 190))] == [0, 0, 255]
    turned = picture(renderer, page, wanted(page, (300, 200), quality="bitonal", rotation=30.0))
    assert turned.mode == "LA"


def test_no_more_is_decoded_than_four_pixels_for_each_that_is_made() -> None:
    page = page_of(20_000, 10_000)
    spread = random.Random(7)
    for _ in range(3000):
        x, y = spread.randrange(19_000), spread.randrange(9_000)
        region = (x, y, spread.randint(1, 20_000 - x), spread.randint(1, 10_000 - y))
        size = (spread.randint(1, 5000), spread.randint(1, 4000))
        level = rendering._level(page.grid, wanted(page, size, region=region))
        left, top, right, bottom = rendering._box(page.grid, region, level)
        last = level == len(page.grid.scale_factors) - 1
        assert last or (right - left - 2) * (bottom - top - 2) <= 4 * size[0] * size[1]
        assert 0 <= left < right <= page.grid.level_size(level)[0]
        assert 0 <= top < bottom <= page.grid.level_size(level)[1]


def test_a_picture_is_made_once_and_then_kept(renderer: Maker, embedded_library: Library) -> None:
    page = hold(embedded_library, quarters(900, 700))
    before = rendering.renders.count
    first = read(renderer, page, wanted(page, (123, 99)))
    assert read(renderer, page, wanted(page, (123, 99))) == first
    assert rendering.renders.count == before + 1
    tiles = embedded_library.images.tiles(page)
    embedded_library.store.delete(derivative_key(page.source, 0, embedded_library.recipes.tiles.file_name))
    embedded_library.images.forget(page)
    with renderer.renderer.open(tiles, wanted(page, (123, 99))) as kept:
        assert kept.read() == first, "also when the tiles have gone"
    with pytest.raises(DerivativeMissing):
        renderer.renderer.open(tiles, wanted(page, (123, 98)))


def test_without_a_cache_it_is_made_all_the_same(embedded_library: Library, tmp_path: Path) -> None:
    page = hold(embedded_library, quarters(900, 700))
    (tmp_path / "file").write_text("no folder")
    renderer = make(embedded_library, DiskCache(tmp_path / "file", 10**9))
    assert picture(renderer, page, wanted(page, (123, 99))).size == (123, 99)


def test_a_cache_that_fails_in_the_middle_is_gone_without(embedded_library: Library, tmp_path: Path) -> None:
    page = hold(embedded_library, noise(900, 700))
    # What is larger than the whole cache is told only once it has been written.
    full = DiskCache(tmp_path / "cache", 100)
    assert picture(make(embedded_library, full), page, wanted(page, (400, 300))).size == (400, 300)

    class Full(DiskCache):
        def add(self, name: str, write: Callable[[BinaryIO], None]) -> Path:
            class Third(io.BytesIO):
                writes = 0

                def write(self, data: object, /) -> int:
                    Third.writes += 1
                    if Third.writes == 3:
                        raise CacheUnusable(folder="x", reason="ENOSPC")
                    return len(data)  # type: ignore[arg-type]

            write(Third())
            raise AssertionError("it was to fail")

    broken = Full(tmp_path / "other", 10**9)
    assert picture(make(embedded_library, broken), page, wanted(page, (800, 600))).size == (800, 600)


def test_tiles_of_an_earlier_recipe_make_pictures_of_another_name(embedded_library: Library) -> None:
    page = hold(embedded_library, quarters(900, 700))
    recipes = Recipes.of(embedded_library.settings.model_copy(update={"tile_quality": 41}))
    later = replace(
        embedded_library, images=PageImages(embedded_library.catalogue, embedded_library.near, recipes), recipes=recipes
    )
    what = wanted(page, (123, 99))
    assert not later.images.tiles(page).is_today
    assert make(later).name(page, what) == make(embedded_library).name(page, what)
    before = key_of_pack(page, embedded_library.recipes)
    with embedded_library.store.open(before) as stream:
        embedded_library.store.put(key_of_pack(page, recipes), io.BytesIO(stream.read()))
    assert later.images.tiles(page).is_today
    assert make(later).name(page, what) != make(embedded_library).name(page, what)


def key_of_pack(page: PageImage, recipes: Recipes) -> str:
    return derivative_key(page.source, 0, recipes.tiles.file_name)


SLOW = [
    {},
    {"format": "jpg"},
    {"format": "webp"},
    {"rotation": 90},
    {"rotation": 33.0},
    {"quality": "bitonal"},
    {"region": (0, 0, 400, 400)},
]


@pytest.mark.parametrize("more", SLOW)
def test_what_takes_too_long_is_broken_off(embedded_library: Library, more: dict[str, object]) -> None:
    """Each way of making: its time ends while it decodes, turns, enlarges or encodes, and nothing of it is kept."""
    page = hold(embedded_library, noise(1024, 1024))
    what = wanted(page, (4400, 4400), **more)
    begun = time.thread_time()
    renderer = make(embedded_library, seconds=0.05)
    with pytest.raises(PictureTooSlow):
        renderer.open(page, what)
    assert embedded_library.near.cache.path(renderer.name(page, what)) is None
    assert not list((embedded_library.settings.cache_folder / "drafts").iterdir())
    assert time.thread_time() - begun < 2, "CPU time of this thread: it did not go on to the end"
    assert picture(make(embedded_library), page, wanted(page, (10, 10))).size == (10, 10), "the next one is made"


def test_only_so_many_are_made_at_once_and_who_waits_too_long_is_sent_away(embedded_library: Library) -> None:
    renderer = make(embedded_library, at_once=1, patience_s=0.05)
    page = hold(embedded_library, quarters(900, 700))
    with renderer.renderer._turns.taken(all_of_them=False), pytest.raises(TooManyPictures) as refused:
        renderer.open(page, wanted(page, (50, 50)))
    assert refused.value.status == 503
    assert refused.value.data["retry_after_s"] > 0
    assert picture(renderer, page, wanted(page, (50, 50))).size == (50, 50)


def test_at_most_as_many_as_may_be_are_at_work_at_the_same_time(embedded_library: Library) -> None:
    renderer = make(embedded_library, at_once=2, patience_s=60)
    page = hold(embedded_library, quarters(900, 700))
    at_work, most, guard = 0, 0, threading.Lock()
    write = rendering._write

    def watched(*given: object) -> None:
        nonlocal at_work, most
        with guard:
            at_work += 1
            most = max(most, at_work)
        try:
            write(*given)  # type: ignore[arg-type]
        finally:
            with guard:
                at_work -= 1

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2 + rendering.WAITING) as pool:
        patch.setattr(rendering, "_write", watched)
        made = list(pool.map(lambda side: picture(renderer, page, wanted(page, (side, side))).size, range(200, 260)))
    assert made == [(side, side) for side in range(200, 260)]
    assert most == 2


def test_few_wait_for_a_turn_and_the_others_are_sent_away_at_once(embedded_library: Library) -> None:
    turns = make(embedded_library, at_once=1, patience_s=60).renderer._turns
    let_go = threading.Event()

    def take() -> None:
        with turns.taken(all_of_them=False):
            let_go.wait(60)

    threads = [threading.Thread(target=take) for _ in range(1 + rendering.WAITING)]
    for thread in threads:
        thread.start()
    while turns._waiting < rendering.WAITING:
        time.sleep(0.01)
    with pytest.raises(TooManyPictures), turns.taken(all_of_them=False):
        pass
    let_go.set()
    for thread in threads:
        thread.join()
    with turns.taken(all_of_them=True):
        assert turns._waiting == 0


def test_a_large_picture_is_made_alone(embedded_library: Library) -> None:
    page = page_of(6000, 6000)
    assert wanted(page, (3000, 3000)).is_large
    assert not wanted(page, (1600, 2200)).is_large
    turns = make(embedded_library, at_once=2, patience_s=0.05).renderer._turns
    with turns.taken(all_of_them=False), turns.taken(all_of_them=False):
        pass
    with turns.taken(all_of_them=False), pytest.raises(TooManyPictures), turns.taken(all_of_them=True):
        pass
    with turns.taken(all_of_them=True), pytest.raises(TooManyPictures), turns.taken(all_of_them=False):
        pass
    with turns.taken(all_of_them=True):
        pass


@contextmanager
def peak_of_memory() -> Iterator[list[int]]:
    """How many bytes this process grew by at most."""
    process, peak, ended = psutil.Process(), [0], threading.Event()
    gc.collect()
    before = process.memory_info().rss

    def look() -> None:
        while not ended.wait(0.005):
            peak[0] = max(peak[0], process.memory_info().rss - before)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        ended.set()
        looking.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "more"),
    [
        ((6324, 3162), {"format": "jpg"}),
        ((6324, 3162), {}),
        ((6324, 3162), {"format": "jpg", "rotation": 90}),
        ((4400, 4400), {"rotation": 30.0}),
        ((1400, 1400), {"format": "webp", "rotation": 45.0}),
    ],
)
def test_the_largest_picture_of_a_map_of_200_megapixels_takes_little_memory(
    embedded_library: Library, size: tuple[int, int], more: dict[str, object]
) -> None:
    page = page_of(20_000, 10_000)
    sizes = {page.grid.size(tile) for tile in page.grid.tiles()}
    tiles = {each: noise(*each).jpegsave_buffer(Q=75) for each in sizes}
    in_order = [tiles[page.grid.size(tile)] for tile in page.grid.tiles()]
    pack = io.BytesIO()
    measured = [Measured(len(data), zlib.crc32(data)) for data in in_order]
    tile_packs.write(pack, page.grid, measured, lambda tile: tiles[page.grid.size(tile)])
    pack.seek(0)
    key = derivative_key(page.source, 0, embedded_library.recipes.tiles.file_name)
    embedded_library.store.put(key, pack)
    del pack
    with peak_of_memory() as peak:
        make(embedded_library).open(page, wanted(page, size, **more)).close()
    assert 5_000_000 < peak[0] < 160_000_000


@pytest.mark.slow
def test_ten_thousand_crops_take_bounded_disk_and_memory(embedded_library: Library, tmp_path: Path) -> None:
    page = hold(embedded_library, noise(160, 120))
    cache = DiskCache(tmp_path / "cache", 2_000_000)
    renderer = make(embedded_library, cache)
    process = psutil.Process()

    def crop(number: int) -> None:
        x, y = number % 100, number // 100
        renderer.open(page, wanted(page, (24, 8), region=(x, y, 24, 8), format="jpg")).close()

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(crop, range(2000)))) == 2000
        gc.collect()
        before = process.memory_info().rss
        assert len(list(pool.map(crop, range(2000, 10_000)))) == 8000
    gc.collect()
    assert process.memory_info().rss - before < 30_000_000
    kept = [path.stat().st_size for path in (tmp_path / "cache").rglob("*-*") if path.is_file()]
    assert len(kept) > 100
    assert sum(kept) <= 2_000_000
    assert process.num_fds() < 200
