"""The reading room for born-digital PDFs in a real Chromium: of a file of 300 MB, readers fetch what they read."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import given
import pytest
from e2e import large_pdf
from e2e.chromium import NEEDED, browser
from e2e.large_pdf import Meter
from e2e.waiting import copied, expect, rest, until
from handing_in import hand_in, shown
from PIL import Image
from servers.processes import answers_http, free_ports, running

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import items
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load
from wenyuan.storage.keys import blob_key

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

MEGABYTE = 1_000_000
START = "from wenyuan.reader.commands.serve import serve; serve()"
LARGE, SCANNED = "城市檔案彙編", "掃描文集"
ROOM = "document.getElementById('room').room"
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@dataclass
class Site:
    """A running server, and the meter before it."""

    base: str
    meter: Meter
    ids: dict[str, str]


@dataclass
class Reading:
    """A tab in which the book is read."""

    page: Any
    site: Site
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def enter(self, place: int | str, title: str = LARGE) -> None:
        """Open the book at a place, and wait until it is drawn."""
        self.page.goto(f"/read/{self.site.ids[title]}/{place}")
        expect(self.page.locator("html")).to_have_attribute("data-room", "open")
        self.sharp()

    def tell(self, expression: str) -> Any:
        """A value of the room."""
        return self.page.evaluate(expression.replace("room.", f"{ROOM}."))

    def sharp(self, *opening: int) -> None:
        """Wait until what is seen is drawn, and is this opening."""
        wanted = ",".join(map(str, opening))
        self.page.wait_for_function(
            f"""() => {{
              const {{ shown, opening }} = {ROOM};
              const isThere = String(shown.shown?.opening ?? opening) === String(opening);
              return isThere && shown.isSharp && (!'{wanted}' || String(opening) === '{wanted}');
            }}"""
        )
        rest(self.page, f"[{ROOM}.position, ...{ROOM}.opening.map((each) => {ROOM}.pageFrame(each))]")

    def on_window(self, position: int, box: tuple[float, float, float, float]) -> dict[str, float]:
        """Where a box of a page lies in the window."""
        return self.page.evaluate(
            f"""([position, [x, y, width, height]]) => {{
              const matrix = new DOMMatrix({ROOM}.pageFrame(position).matrix);
              const stage = {ROOM}.stage.getBoundingClientRect();
              const corners = [new DOMPoint(x, y), new DOMPoint(x + width, y + height)];
              const [a, b] = corners.map((each) => each.matrixTransform(matrix));
              const [left, right] = [a.x + stage.left, b.x + stage.left];
              return {{ left, right, top: a.y + stage.top, bottom: b.y + stage.top }};
            }}""",
            [position, list(box)],
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server over the large PDF and a scanned one; the large one is gone from the disk afterwards."""
    folder = tmp_path_factory.mktemp("document-room")
    home = folder / "home"
    settings = load(home=home, executor="inline")
    library = wiring.build(settings)
    hand_in(library, given.scanned_pdf(folder / f"{SCANNED}.pdf", 2))
    original = large_pdf.write(folder / "large.pdf")
    assert original.stat().st_size > 300 * MEGABYTE
    large = large_pdf.publish(library, original, LARGE)
    original.unlink()
    ids = {item.description.title: item.id for item in shown(library)}
    source = _source(library, large.id)
    library.close()
    port, front = free_ports(2)
    environ = {**os.environ, "WENYUAN_HOME": str(home), "WENYUAN_LANGUAGE": "zh-Hans"}
    command = [sys.executable, "-c", START, "--port", str(port), "--workers", "1"]
    meter = Meter(front, port)
    with running(command, folder, lambda: answers_http(f"http://127.0.0.1:{port}/health/live"), environ, politely=True):
        yield Site(f"http://127.0.0.1:{front}", meter, ids)
    meter.close()
    for large_file in [*home.rglob("linear-v1.pdf"), *home.rglob(blob_key(source).rsplit("/", 1)[-1])]:
        if large_file.is_file():
            large_file.unlink()


def _source(library: Library, item: str) -> str:
    with library.catalogue.reading() as session:
        return items.files(session, item)[0].sha256


@pytest.fixture
def reading(browser: Any, site: Site) -> Iterator[Reading]:
    """A tab whose requests are watched; nothing may be complained of, nothing may leave the site."""
    context = browser.new_context(
        base_url=site.base,
        viewport={"width": 1440, "height": 900},
        locale="zh-CN",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    found = Reading(page, site)
    page.on("console", lambda one: found.complaints.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    host = urlsplit(site.base).netloc
    context.on("request", lambda one: found.elsewhere.append(one.url) if urlsplit(one.url).netloc != host else None)
    yield found
    if page.url.startswith(site.base):
        assert page.evaluate("window.violations") == []
    assert found.complaints == []
    assert found.elsewhere == []
    context.close()


def test_page_400_of_a_pdf_of_300_megabytes_is_read_with_less_than_3_transferred(reading: Reading) -> None:
    before = reading.site.meter.sent
    reading.enter(400)
    reading.sharp(400, 401)
    opened = reading.site.meter.sent - before
    reading.page.keyboard.press("ArrowRight")
    reading.sharp(402, 403)
    reading.page.wait_for_load_state("networkidle")
    whole = reading.site.meter.sent - before
    print(f"page 400: {opened:,} bytes to open, {whole:,} bytes with a turn")
    assert whole < 3 * MEGABYTE


def test_the_first_page_comes_within_a_megabyte_and_a_half(reading: Reading) -> None:
    before = reading.site.meter.sent
    reading.enter(1)
    reading.sharp(1)
    reading.page.wait_for_load_state("networkidle")
    print(f"page 1: {reading.site.meter.sent - before:,} bytes")
    assert reading.site.meter.sent - before <= 1.5 * MEGABYTE


def test_chinese_without_embedded_fonts_is_drawn_and_selected_and_a_selection_is_looked_up(reading: Reading) -> None:
    reading.enter(400)
    box = reading.on_window(400, large_pdf.box_of(2, 0, len(large_pdf.PHRASE)))
    assert _ink(reading, box) > 0.05
    middle = (box["top"] + box["bottom"]) / 2
    mouse = reading.page.mouse
    mouse.move(box["left"] + 2, middle)
    mouse.down()
    mouse.move(box["right"] - 2, middle, steps=6)
    mouse.up()
    bar = reading.page.locator(".selection-bar")
    expect(bar).to_be_visible()
    assert copied(reading.page, lambda: bar.get_by_role("button", name="复制", exact=True).click()) == large_pdf.PHRASE
    with reading.page.context.expect_page() as opened:
        bar.get_by_role("button", name="在全馆查找").click()
    found = opened.value
    found.wait_for_load_state()
    assert urlsplit(found.url).path == "/search"
    assert large_pdf.PHRASE in found.title()


def test_a_query_in_simplified_characters_finds_and_boxes_the_traditional_ones(reading: Reading) -> None:
    reading.enter(f"400?q={large_pdf.ASKED}")
    marks = reading.page.locator('.overlay[data-position="400"] .overlay-hit rect')
    expect(marks).to_have_count(1)
    seen, wanted = marks.first.bounding_box(), reading.on_window(400, large_pdf.box_of(2, 0, len(large_pdf.PHRASE)))
    assert seen["x"] == pytest.approx(wanted["left"], abs=4)
    assert seen["y"] == pytest.approx(wanted["top"], abs=4)
    assert seen["x"] + seen["width"] == pytest.approx(wanted["right"], abs=4)
    reading.page.keyboard.press("n")
    reading.page.keyboard.press("n")
    until(lambda: 523 in reading.tell("room.opening"))
    expect(reading.page).to_have_url(re.compile(r"/523\?q="))


def test_the_contents_lead_and_the_small_pages_are_there(reading: Reading) -> None:
    reading.enter(1)
    reading.page.get_by_text("目录与查找").click()
    reading.page.get_by_role("link", name="第481頁起").click()
    until(lambda: 481 in reading.tell("room.opening"))
    reading.page.keyboard.press("Escape")
    reading.page.keyboard.press("m")
    cells = reading.page.locator("#thumbs [data-position]")
    expect(cells.first).to_be_visible()
    assert cells.count() < 100
    reading.page.go_back()
    until(lambda: reading.tell("room.position") == 1)


def test_a_spread_has_its_cover_alone_and_every_mode_is_drawn(reading: Reading) -> None:
    reading.enter(1)
    assert reading.tell("room.opening") == [1]
    reading.page.keyboard.press("ArrowRight")
    reading.sharp(2, 3)
    reading.tell("room.setMode('single')")
    reading.sharp(2)
    reading.tell("room.setMode('scroll')")
    until(lambda: reading.tell("room.shown.isSharp && room.position === 2"))
    expect(reading.page.locator('.sheet[data-position="2"] canvas')).to_have_count(1)
    for _ in range(3):
        reading.page.keyboard.press("PageDown")
    until(lambda: reading.tell("room.position") >= 3)
    reading.tell("room.setMode('spread')")


def test_keys_turn_zoom_and_rotate(reading: Reading) -> None:
    reading.enter(1)
    whole = reading.tell("room.zoom")
    reading.page.keyboard.press("r")
    rest(reading.page, f"{ROOM}.pageFrame(1)")
    turned = reading.tell("room.pageFrame(1)")
    assert turned["rotation"] == 90
    assert turned["width"] > turned["height"]
    reading.page.keyboard.press("R")
    reading.page.keyboard.press("w")
    rest(reading.page, f"{ROOM}.pageFrame(1)")
    assert reading.tell("room.zoom") > whole
    reading.sharp(1)
    canvas = reading.page.locator('.sheet[data-position="1"] canvas').first
    assert canvas.evaluate("(each) => each.width") == pytest.approx(reading.tell("room.pageFrame(1)")["width"], abs=2)
    reading.page.keyboard.press("End")
    until(lambda: reading.tell("room.position") == large_pdf.PAGES)


def test_the_wheel_with_control_enlarges_at_the_pointer_and_deep_zoom_stays_sharp(reading: Reading) -> None:
    reading.enter(1)
    box = reading.on_window(1, large_pdf.box_of(0, 0, 2))
    reading.page.mouse.move(box["left"], box["top"])
    reading.page.keyboard.down("Control")
    for _ in range(12):
        reading.page.mouse.wheel(0, -120)
    reading.page.keyboard.up("Control")
    until(lambda: reading.tell("room.zoom") > 2)
    after = reading.on_window(1, large_pdf.box_of(0, 0, 2))
    # The pointer stands on a whole pixel, which is eleven on the page by now.
    assert after["left"] == pytest.approx(box["left"], abs=12)
    assert after["top"] == pytest.approx(box["top"], abs=12)
    reading.sharp(1)


def test_what_is_loaded_stays_when_the_network_goes_and_the_rest_comes_when_it_is_back(reading: Reading) -> None:
    reading.enter(2)
    reading.sharp(2, 3)
    note = reading.page.locator(".stage-note > span")
    reading.site.meter.cut()
    try:
        reading.page.keyboard.press("ArrowRight")
        expect(note).to_be_visible()
        reading.page.keyboard.press("ArrowLeft")
        reading.sharp(2, 3)
        reading.page.keyboard.press("ArrowRight")
    finally:
        reading.site.meter.mend()
    reading.page.evaluate("dispatchEvent(new Event('online'))")
    reading.sharp(4, 5)
    expect(note).to_be_hidden()
    of_the_network = ("ERR_", "Failed to fetch", "#onReceiveData")
    reading.complaints = [one for one in reading.complaints if not any(each in one for each in of_the_network)]


def test_who_wants_pictures_gets_them_and_finds_the_way_back(reading: Reading) -> None:
    reading.enter(1)
    reading.page.get_by_text("目录与查找").click()
    reading.page.get_by_role("link", name="以图像阅读").click()
    expect(reading.page.locator("html")).to_have_attribute("data-room", "open")
    assert reading.page.locator(".sheet").count() == 0
    reading.page.get_by_text("目录与查找").click()
    reading.page.get_by_role("link", name="以 PDF 阅读").click()
    expect(reading.page.locator(".sheet canvas").first).to_be_attached()


def test_a_scanned_pdf_is_read_in_the_scan_room(reading: Reading) -> None:
    reading.page.goto(f"/read/{reading.site.ids[SCANNED]}/1")
    expect(reading.page.locator("html")).to_have_attribute("data-room", "open")
    assert reading.page.locator(".openseadragon-container").count() == 1
    assert reading.page.locator(".sheet").count() == 0


def test_without_scripts_the_page_is_a_picture(browser: Any, site: Site) -> None:
    context = browser.new_context(base_url=site.base, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/read/{site.ids[LARGE]}/400")
    picture = page.locator(".leaf img:visible")
    expect(picture).to_have_count(1)
    assert "/full/" in picture.get_attribute("src")
    context.close()


def _ink(reading: Reading, box: dict[str, float]) -> float:
    """How much of a part of the window is dark."""
    clip = {
        "x": box["left"],
        "y": box["top"],
        "width": box["right"] - box["left"],
        "height": box["bottom"] - box["top"],
    }
    shot = Image.open(io.BytesIO(reading.page.screenshot(clip=clip))).convert("L")
    return sum(shot.histogram()[:110]) / (shot.width * shot.height)
