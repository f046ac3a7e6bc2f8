"""What comes out of the printer: chapters in their own direction and letters, pages as whole pictures, no tools."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import given
import pymupdf
import pytest
from conftest import CORPUS
from e2e.book_site import DESK, BookSite, Reader, served, visitor
from e2e.chromium import NEEDED, browser
from e2e.waiting import until
from handing_in import shown
from PIL import Image

from wenyuan.repo import wiring
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

SCANS, PRINTED = "春曉集", "鄉土調查"
TOOLS = ("目录与查找", "显示", "引用", "下载", "图文对照", "前往", "键盘与手势", "书签", "跳到正文")
ROOM = "document.getElementById('room').room"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BookSite, dict[str, str]]]:
    """Two e-books, a scan and a born-digital PDF."""
    books = [next(iter((CORPUS / "epub").glob(f"{name}*.epub")), None) for name in ("kusamakura", "moby-dick")]
    if None in books:
        pytest.skip("real material epub is not beside this checkout")
    folder = tmp_path_factory.mktemp("printing")
    lines = [f"{PRINTED}第{number}頁" for number in range(1, 6)]
    others = [given.scans(folder / SCANS, 6), given.pdf(folder / f"{PRINTED}.pdf", lines, title=PRINTED)]
    with served(folder / "home", [*(book for book in books if book), *others]) as site:
        yield site, _ids(folder / "home")


def _ids(home: Path) -> dict[str, str]:
    library = wiring.build(load(home=home, executor="inline"))
    ids = {item.description.title: item.id for item in shown(library)}
    library.close()
    return ids


@pytest.fixture
def reader(browser: Any, site: tuple[BookSite, dict[str, str]]) -> Iterator[Reader]:
    """Somebody at a desk."""
    for one in visitor(browser, site[0].base, DESK):
        yield one
        one.check()


def _printed(page: Any, **options: object) -> pymupdf.Document:
    return pymupdf.open("pdf", page.pdf(**{"format": "A4", **options}))


def _words(document: pymupdf.Document) -> str:
    return "".join("".join(page.get_text() for page in document).split())


def _check_tools(document: pymupdf.Document) -> None:
    words = _words(document)
    assert [tool for tool in TOOLS if tool in words] == []


def _shades(page: pymupdf.Page) -> list[tuple[int, int]]:
    """Darkest and lightest of each picture on a sheet, as printed."""
    found = []
    for told in page.get_image_info():
        drawn = page.get_pixmap(clip=pymupdf.Rect(told["bbox"]), dpi=60)
        found.append(Image.open(io.BytesIO(drawn.tobytes("png"))).convert("L").getextrema())
    return found


def _enter(reader: Reader, item: str, place: int, mode: str = "") -> None:
    page = reader.page
    page.goto(f"/read/{item}/{place}")
    page.wait_for_function("() => document.documentElement.dataset.room === 'open'")
    if mode:
        page.evaluate(f"(mode) => {ROOM}.setMode(mode)", mode)
    page.wait_for_function(f"() => {ROOM}.shown.isSharp ?? {ROOM}.shown.shown?.isSharp ?? true")
    page.wait_for_load_state("networkidle")


def test_a_vertical_chapter_is_printed_in_the_order_of_reading(
    reader: Reader, site: tuple[BookSite, dict[str, str]]
) -> None:
    page = reader.open(site[0].named("草枕"), 3)
    document = _printed(page)
    lines = "".join(
        span["text"]
        for sheet in document
        for block in sheet.get_text("dict")["blocks"]
        for line in block.get("lines", [])
        for span in line["spans"]
        if span["size"] > 8  # without what is written beside: ruby
    )
    assert "山路を登りながら、こう考えた。" in "".join(lines.split())
    places = {told: document[0].search_for(told)[0] for told in ("を登りながら", "こう考えた")}
    assert places["を登りながら"].x1 <= places["こう考えた"].x0, "from left to right"
    assert len(document) > 3
    _check_tools(document)
    assert page.locator(".on-paper").count() == 0


def test_an_english_chapter_is_printed_in_latin_letters(reader: Reader, site: tuple[BookSite, dict[str, str]]) -> None:
    page = reader.open(site[0].named("Moby"), 8)
    document = _printed(page)
    widths = [
        (character["bbox"][2] - character["bbox"][0]) / span["size"]
        for sheet in document
        for block in sheet.get_text("rawdict")["blocks"]
        for line in block.get("lines", [])
        for span in line["spans"]
        for character in span["chars"]
        if character["c"] == "’"
    ]
    assert widths, "a chapter with apostrophes"
    assert max(widths) < 0.5, "as wide as a Chinese character"
    _check_tools(document)


@pytest.mark.parametrize("mode", ["single", "spread", "scroll"])
@pytest.mark.parametrize("title", [SCANS, PRINTED])
def test_the_open_pages_are_printed_whole_one_a_sheet(
    reader: Reader, site: tuple[BookSite, dict[str, str]], title: str, mode: str
) -> None:
    _enter(reader, site[1][title], 2, mode)
    opening = reader.page.evaluate(f"{ROOM}.opening")
    seen = [*opening, reader.page.evaluate(f"{ROOM}.position")]
    tall = reader.page.evaluate(f"{ROOM}.pageFrame({opening[0]}).height")
    document = _printed(reader.page)
    assert len(document) == len(opening)
    for sheet in document:
        (shades,) = _shades(sheet)
        assert shades[0] < 128 < shades[1], "ink on paper"
        assert pymupdf.Rect(sheet.get_image_info()[0]["bbox"]) in sheet.rect
    _check_tools(document)
    assert title in _words(document)
    assert reader.page.locator(".pages-on-paper").count() == 0
    until(lambda: reader.page.evaluate(f"[...{ROOM}.opening, {ROOM}.position]") == seen)
    until(lambda: reader.page.evaluate(f"{ROOM}.pageFrame({opening[0]})?.height") == pytest.approx(tall, abs=2))


def test_what_was_turned_to_is_printed_though_it_is_enlarged(
    reader: Reader, site: tuple[BookSite, dict[str, str]]
) -> None:
    _enter(reader, site[1][SCANS], 2, "single")
    reader.page.evaluate(f"{ROOM}.go(5)")
    reader.page.wait_for_function(f"() => {ROOM}.shown.shown?.opening[0] === 5 && {ROOM}.shown.shown.isSharp")
    reader.page.evaluate(f"{ROOM}.zoomBy(3)")
    reader.page.wait_for_load_state("networkidle")
    (sheet,) = _printed(reader.page)
    (told,) = sheet.get_image_info()
    assert (told["width"] / told["height"]) == pytest.approx(600 / 800, abs=0.01), "all of the page"
    left, top, right, bottom = told["bbox"]
    assert (right - left) / (bottom - top) == pytest.approx(600 / 800, abs=0.01)


@pytest.mark.parametrize("paper", [{"landscape": True}, {"format": "Letter"}, {"format": "Letter", "landscape": True}])
def test_a_page_fits_every_paper(
    reader: Reader, site: tuple[BookSite, dict[str, str]], paper: dict[str, object]
) -> None:
    _enter(reader, site[1][SCANS], 2, "spread")
    document = _printed(reader.page, **paper)
    assert [len(sheet.get_image_info()) for sheet in document] == [1, 1]


def test_the_text_is_printed_beside_or_without_its_picture(
    reader: Reader, site: tuple[BookSite, dict[str, str]]
) -> None:
    _enter(reader, site[1][SCANS], 2, "single")
    for view, pictures in (("both", 1), ("text", 0)):
        reader.page.evaluate(f"(view) => {ROOM}.setView(view)", view)
        reader.page.locator(".words-lines").first.wait_for()
        document = _printed(reader.page)
        assert sum(len(sheet.get_image_info()) for sheet in document) == pictures
        assert "第2葉" in _words(document)
        _check_tools(document)
