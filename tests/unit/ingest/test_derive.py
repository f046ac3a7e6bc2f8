"""Deriving a page: every kind of picture becomes the same pictures and tiles, and only what is missing is made."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pymupdf
import pytest
import pyvips
from PIL import Image, ImageCms

from wenyuan.ingest.context import Workplace
from wenyuan.ingest.stages import derive, opening
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.shares import PageTask
from wenyuan.repo.packages import PACKAGE
from wenyuan.repo.recipes import COVER, Recipes, fitted
from wenyuan.repo.settings import Settings
from wenyuan.repo.tile_packs import TilePack
from wenyuan.repo.tiles import TILE_SIZE, Tile, TileGrid
from wenyuan.storage.errors import StoreFull
from wenyuan.storage.keys import derivative_key

SIZE = (1100, 700)


@pytest.fixture
def workplace(embedded_settings: Settings) -> Workplace:
    yield Workplace.of(embedded_settings)
    opening.close()


class Page:
    """A stored file of one page, and what was derived from it."""

    def __init__(self, workplace: Workplace, data: bytes, size: tuple[int, int] = SIZE, name: str = "葉") -> None:
        self.workplace, self.size = workplace, size
        self.file = StoredFile(opening.blobs(workplace).add(io.BytesIO(data)).sha256, name)

    def derive(self, **options: bool) -> dict:
        task = PageTask(self.workplace, self.file, (0,), (self.size,), **options)
        return derive.derive(task)["pages"][0]

    def key(self, name: str) -> str:
        return derivative_key(self.file.sha256, 0, name)

    def names(self) -> set[str]:
        return {found.rsplit("/", 1)[1] for found in self.times()}

    def times(self) -> dict[str, datetime]:
        prefix = f"derivatives/{self.file.sha256[:2]}/{self.file.sha256}/"
        return {found.key: found.modified for found in opening.store(self.workplace).list(prefix)}

    def put(self, name: str, data: bytes = b"x") -> None:
        opening.store(self.workplace).put(self.key(name), io.BytesIO(data))

    def delete(self, name: str) -> None:
        opening.store(self.workplace).delete(self.key(name))

    def read(self, name: str) -> bytes:
        with opening.store(self.workplace).open(self.key(name)) as stream:
            return stream.read()

    @property
    def recipes(self) -> Recipes:
        return Recipes.of(self.workplace.settings)

    def picture(self, name: str) -> Image.Image:
        return Image.open(io.BytesIO(self.read(self.recipes.picture(name).file_name)))

    def level(self, level: int) -> Image.Image:
        """A level put together from its tiles."""
        grid, data = TileGrid(*self.size), self.read(self.recipes.tiles.file_name)
        pack = TilePack.open(lambda offset, length: data[offset : offset + length], grid)
        whole = Image.new("RGB", grid.level_size(level))
        for column in range(grid.shape(level)[0]):
            for row in range(grid.shape(level)[1]):
                tile = Image.open(io.BytesIO(pack.tile(Tile(level, column, row))))
                assert tile.size == grid.size(Tile(level, column, row))
                whole.paste(tile.convert("RGB"), (column * TILE_SIZE, row * TILE_SIZE))
        return whole


FIELD = 100


def art(size: tuple[int, int] = SIZE) -> Image.Image:
    """Coloured fields: every tile and every turn looks different."""
    chance = random.Random(4)
    small = Image.new("RGB", (size[0] // FIELD, size[1] // FIELD))
    small.putdata([tuple(chance.randrange(50, 206) for _ in "rgb") for _ in range(small.width * small.height)])
    return small.resize(size, Image.Resampling.NEAREST)


def assert_alike(found: Image.Image, wanted: Image.Image, tolerance: int) -> None:
    """On average of the middle of each field; at its edges colours mix."""
    wanted, found = wanted.convert("RGB"), found.convert("RGB")
    assert found.width * wanted.height == pytest.approx(found.height * wanted.width, rel=0.01)
    scale = found.width / wanted.width
    for x in range(0, wanted.width, FIELD):
        for y in range(0, wanted.height, FIELD):
            middle = (x + 30, y + 30, x + 70, y + 70)
            pair = [
                picture.resize((1, 1), Image.Resampling.BOX, tuple(side * by for side in middle)).getpixel((0, 0))
                for picture, by in ((found, scale), (wanted, 1))
            ]
            assert max(abs(one - other) for one, other in zip(*pair, strict=True)) <= tolerance, (x, y, pair)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def turned(form: str) -> bytes:
    exif = Image.Exif()
    exif[274] = 6
    lying = art().transpose(Image.Transpose.ROTATE_90)
    return saved(lying, form, exif=exif.tobytes(), **({"quality": 95, "subsampling": 0} if form == "JPEG" else {}))


def sixteen_bits() -> bytes:
    grey = art().convert("L")
    samples = b"".join(struct.pack("<H", value * 257) for value in grey.tobytes())
    return saved(Image.frombytes("I;16", SIZE, samples), "PNG")


def swapped_profile() -> bytes:
    """sRGB whose primaries of red and blue are exchanged, on a picture whose red and blue are exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"xxxx")
    profile = profile.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    red, green, blue = art().split()
    return saved(Image.merge("RGB", (blue, green, red)), "TIFF", icc_profile=profile)


def transparent() -> tuple[Image.Image, Image.Image]:
    """With alpha, and as it looks on white."""
    alpha = Image.new("L", SIZE, 255)
    alpha.paste(0, (0, 0, 550, 700))
    picture = art().convert("RGBA")
    picture.putalpha(alpha)
    shown = art()
    shown.paste((255, 255, 255), (0, 0, 550, 700))
    return picture, shown


def animated() -> bytes:
    frames = [art().quantize(256), Image.new("P", SIZE, 3)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def scan_in_a_pdf(form: str) -> bytes:
    document = pymupdf.open()
    data = saved(art(), form, **({"quality": 95, "subsampling": 0} if form == "JPEG" else {}))
    document.new_page(width=550, height=350).insert_image(pymupdf.Rect(0, 0, 550, 350), stream=data)
    return document.tobytes()


def bilevel() -> Image.Image:
    return art().convert("L").point(lambda value: 255 * (value > 128)).convert("1")


KINDS: dict[str, tuple[Callable[[], bytes], Callable[[], Image.Image]]] = {
    "jpeg": (lambda: saved(art(), "JPEG", quality=95, subsampling=0), art),
    "progressive jpeg": (lambda: saved(art(), "JPEG", quality=95, subsampling=0, progressive=True), art),
    "grey jpeg": (lambda: saved(art().convert("L"), "JPEG", quality=95), lambda: art().convert("L")),
    "cmyk jpeg": (lambda: saved(art().convert("CMYK"), "JPEG", quality=95, subsampling=0), art),
    "png": (lambda: saved(art(), "PNG"), art),
    "palette png": (lambda: saved(art().quantize(256), "PNG"), art),
    "16-bit png": (sixteen_bits, lambda: art().convert("L")),
    "png with alpha": (lambda: saved(transparent()[0], "PNG"), lambda: transparent()[1]),
    "tiff": (lambda: saved(art(), "TIFF", compression="tiff_lzw"), art),
    "1-bit tiff": (lambda: saved(bilevel(), "TIFF", compression="group4"), bilevel),
    "cmyk tiff": (lambda: saved(art().convert("CMYK"), "TIFF"), art),
    "tiff with a profile": (swapped_profile, art),
    "turned jpeg": (lambda: turned("JPEG"), art),
    "turned tiff": (lambda: turned("TIFF"), art),
    "jpeg 2000": (lambda: saved(art(), "JPEG2000"), art),
    "jpeg 2000 with alpha": (lambda: saved(transparent()[0], "JPEG2000"), lambda: transparent()[1]),
    "webp": (lambda: saved(art(), "WEBP", lossless=True), art),
    "animated gif": (animated, art),
    "bmp": (lambda: saved(art(), "BMP"), art),
    "jpeg in a pdf": (lambda: scan_in_a_pdf("JPEG"), art),
    "png in a pdf": (lambda: scan_in_a_pdf("PNG"), art),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_and_pictures_show_what_was_handed_in(workplace: Workplace, kind: str) -> None:
    make, look = KINDS[kind]
    page = Page(workplace, make())
    assert page.derive() == {"index": 0}
    # CMYK without a profile is converted by libvips' own, whose colours are a printer's.
    tolerance = 70 if kind.startswith("cmyk") else 5
    for found in (page.level(0), page.level(1), page.picture("reading"), page.picture("reading-small")):
        assert_alike(found, look(), tolerance)
    assert page.picture("reading").size == SIZE
    assert page.picture("thumbnail").size == fitted(*SIZE, 300)
    assert page.names() == {recipe.file_name for recipe in page.recipes.all}


@pytest.mark.parametrize(
    "kind", ["jpeg", "1-bit tiff", "16-bit png", "turned jpeg", "jpeg 2000", "tiff with a profile"]
)
def test_a_large_page_is_read_once_from_top_to_bottom_and_looks_the_same(
    workplace: Workplace, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, look = KINDS[kind]
    monkeypatch.setattr(derive, "_HELD_PIXELS", 1000)
    monkeypatch.setattr("wenyuan.ingest.formats.images._HELD_PIXELS", 1000)
    page = Page(workplace, make())
    assert page.derive() == {"index": 0}
    for found in (page.level(0), page.level(1), page.picture("reading")):
        assert_alike(found, look(), 5)
    assert page.picture("thumbnail").size == fitted(*SIZE, 300)


def test_large_and_small_pages_have_the_same_tiles(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(workplace, saved(art(), "PNG"))
    page.derive()
    held = page.read(page.recipes.tiles.file_name)
    page.delete(page.recipes.tiles.file_name)
    monkeypatch.setattr(derive, "_HELD_PIXELS", 1000)
    page.derive()
    assert page.read(page.recipes.tiles.file_name) == held


@pytest.mark.parametrize("size", [(1601, 1003), (3203, 997), (299, 1), (1, 2000), (2999, 11)])
def test_pictures_have_the_size_that_addresses_name_to_the_pixel(workplace: Workplace, size: tuple[int, int]) -> None:
    page = Page(workplace, saved(Image.new("RGB", size, (90, 60, 30)), "PNG"), size)
    assert page.derive() == {"index": 0}
    for recipe in page.recipes.pictures:
        assert page.picture(recipe.name).size == fitted(*size, recipe.width)


def test_profiles_and_other_remarks_do_not_go_into_tiles_or_pictures(workplace: Workplace) -> None:
    page = Page(workplace, swapped_profile())
    page.derive()
    for recipe in page.recipes.all:
        assert b"ICC_PROFILE" not in page.read(recipe.file_name)
        assert b"Exif" not in page.read(recipe.file_name)


def test_reading_pictures_load_progressively_and_tiles_do_not(workplace: Workplace) -> None:
    page = Page(workplace, saved(art(), "PNG"))
    page.derive()
    assert page.picture("reading").info["progressive"]
    assert b"\xff\xc2" not in page.read(page.recipes.tiles.file_name)[:2000]


@pytest.mark.parametrize("missing", ["thumbnail", "reading-small", "reading", "tiles"])
def test_only_what_is_missing_is_made(workplace: Workplace, missing: str) -> None:
    page = Page(workplace, saved(art(), "PNG"))
    page.derive()
    before = page.times()
    name = next(recipe.file_name for recipe in page.recipes.all if recipe.name == missing)
    page.delete(name)
    page.derive()
    after = page.times()
    assert set(after) == set(before)
    assert {key for key in after if after[key] != before[key]} == {page.key(name)}


def test_nothing_is_opened_when_everything_is_there(workplace: Workplace) -> None:
    page = Page(workplace, b"no picture at all")
    for recipe in page.recipes.all:
        page.put(recipe.file_name)
    assert page.derive() == {"index": 0}


def test_an_empty_derivative_counts_as_missing(workplace: Workplace) -> None:
    page = Page(workplace, saved(art(), "PNG"))
    page.put(page.recipes.tiles.file_name, b"")
    page.derive()
    assert_alike(page.level(0), art(), 5)


@pytest.mark.parametrize("size", [(1101, 700), (700, 1100), (1, 1), (0, 0)])
def test_a_picture_of_another_size_than_the_catalogues_is_an_error_and_nothing_is_stored(
    workplace: Workplace, size: tuple[int, int]
) -> None:
    page = Page(workplace, saved(art(), "PNG"), size)
    error = page.derive()["error"]
    assert error["code"] == "damaged-source"
    assert "1100 × 700" in error["data"]["detail"]
    assert page.names() == set()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "JPEG2000"])
@pytest.mark.parametrize("held", [True, False])
def test_of_a_file_cut_short_nothing_is_stored(
    workplace: Workplace, form: str, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not held:
        monkeypatch.setattr(derive, "_HELD_PIXELS", 1000)
    whole = saved(art(), form)
    page = Page(workplace, whole[: len(whole) * 3 // 5])
    assert page.derive()["error"]["code"] == "damaged-source"
    assert page.names() == set()


EARLIER = ("thumbnail-300-q75-v1.jpg", "reading-1024-q80-v1.jpg", "reading-1600-q80-v1.jpg", "tiles-512-q60-v2.zip")


def test_what_earlier_recipes_made_goes_when_todays_is_there(workplace: Workplace) -> None:
    page = Page(workplace, saved(art(), "PNG"))
    others = {COVER, PACKAGE}
    for name in (*EARLIER, *others):
        page.put(name)
    page.derive(renew=True)
    assert page.names() == others | {recipe.file_name for recipe in page.recipes.all}


def test_what_earlier_recipes_made_stays_where_todays_cannot_be_made(workplace: Workplace) -> None:
    page = Page(workplace, b"\xff\xd8\xff\xe0 broken")
    for name in EARLIER:
        page.put(name)
    assert "error" in page.derive(renew=True)
    assert page.names() == set(EARLIER)


def flipped(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("tiles", flipped),
        ("tiles", lambda data: data[:-5000]),
        ("tiles", lambda data: data[:200]),
        ("tiles", lambda data: b"\0" * len(data)),
        ("reading", lambda data: data[:-1]),
        ("reading", lambda data: b"\xff\xd8" + b"\0" * 5000 + b"\xff\xd9"),
        ("reading-small", lambda data: b"<html>" + data),
        ("thumbnail", lambda data: b"\xff"),
    ],
)
def test_what_is_damaged_is_made_again_when_it_is_checked_and_nothing_else(
    workplace: Workplace, name: str, damage: Callable[[bytes], bytes]
) -> None:
    page = Page(workplace, saved(art(), "PNG"))
    page.derive()
    file_name = next(recipe.file_name for recipe in page.recipes.all if recipe.name == name)
    whole = page.read(file_name)
    page.put(file_name, damage(whole))
    before = page.times()

    page.derive()
    assert page.times() == before
    page.derive(check=True)

    assert page.read(file_name) == whole
    assert {key for key, time in page.times().items() if time != before[key]} == {page.key(file_name)}


def test_a_full_disk_is_not_taken_for_a_damaged_page(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derive, "_LEAST_ROOM", 2**62)
    broken = Page(workplace, saved(art(), "PNG")[:-3000])
    with pytest.raises(StoreFull):
        broken.derive()


MEASURED = """
import json, re, sys
from pathlib import Path
from wenyuan.ingest.context import Workplace
from wenyuan.ingest.stages import derive
from wenyuan.ingest.stages.opening import StoredFile
from wenyuan.ingest.stages.shares import PageTask
from wenyuan.repo.settings import load
home, sha256, width, height = sys.argv[1:]
size = int(width), int(height)
task = PageTask(Workplace.of(load(home=Path(home))), StoredFile(sha256, "map"), (0,), (size,))
made = derive.derive(task)["pages"][0]
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(json.dumps([made, int(peak) // 1024]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_a_map_of_150_megapixels_is_never_held_whole(workplace: Workplace, ending: str) -> None:
    """Its pixels alone are 450 MB; a process that has done nothing has 120. docs/decisions/009 has 200 megapixels."""
    size = (15_000, 10_000)
    drawn = pyvips.Image.black(*size, bands=3).linear([1, 1, 1], [200, 180, 150])
    options = {"compression": 1} if ending == ".png" else {"compression": "deflate"} if ending == ".tif" else {}
    data = drawn.cast("uchar").copy(interpretation="srgb").write_to_buffer(ending, **options)
    page = Page(workplace, data, size)
    arguments = [str(workplace.settings.home), page.file.sha256, *map(str, size)]
    environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments], check=True, capture_output=True, env=environment
    )
    made, peak_mb = json.loads(ended.stdout)
    assert made == {"index": 0}
    assert page.names() == {recipe.file_name for recipe in page.recipes.all}
    assert peak_mb < 400


def test_no_files_are_left_behind(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "work"))
    (tmp_path / "work").mkdir()
    monkeypatch.setattr("wenyuan.ingest.formats.images._HELD_PIXELS", 1000)
    page = Page(workplace, turned("JPEG"))
    assert page.derive() == {"index": 0}
    opening.close()
    assert list((tmp_path / "work").iterdir()) == []


def test_libvips_is_the_mozjpeg_that_the_sizes_were_measured_with() -> None:
    flat = pyvips.Image.black(64, 64).copy(interpretation="b-w")
    tables = [flat.jpegsave_buffer(Q=70, quant_table=table) for table in (0, 3)]
    assert tables[0] != tables[1]
