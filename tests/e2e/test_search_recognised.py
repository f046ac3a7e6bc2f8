"""Pages that a machine has read, in the browser: searched, shown in strips, boxed on the very characters, copied."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import given
import pytest
import scanned
from e2e.chromium import NEEDED, browser
from e2e.waiting import copied, expect, rest
from handing_in import hand_in, shown

from wenyuan.ingest.worker import Worker
from wenyuan.repo import wiring
from wenyuan.repo.catalogue.jobs import OCR
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LINES = ("深圳地方文献丛书", "今天的深圳是一座新城", "图书馆在莲花山脚下")
COLUMNS = ("新安縣志卷之三藝文", "山川秀麗人物豐盈也", "通濟橋在縣治之南門")
SCALE = scanned.DPI / 72
EM = scanned.PRINT * SCALE
START = "from wenyuan.reader.commands.serve import serve; serve()"


@dataclass(frozen=True)
class Site:
    """A running server with a modern and an old book that were read by the engine."""

    base: str
    new: str
    old: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Hand in pictures without text, let the worker read them, serve them."""
    folder = tmp_path_factory.mktemp("recognised")
    library = wiring.build(load(home=folder / "home", executor="inline", ocr_engine="auto"))
    for name, title, drawn, told in (
        ("new", "城市新書", scanned.lines(*LINES), {}),
        ("old", "新安古志", scanned.columns(*COLUMNS), {"viewing_direction": "right-to-left", "writing": "vertical"}),
    ):
        scanned.picture(folder / name / "1.png", drawn)
        given.write_json(folder / name / "metadata.json", {"title": title, **told})
        hand_in(library, folder / name)
    worker = Worker(library, lanes=(OCR,))
    while worker.step():
        pass
    worker.close()
    ids = {item.description.title: item.id for item in shown(library)}
    library.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "WENYUAN_HOME": str(folder / "home"),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    server = subprocess.Popen([sys.executable, "-c", START], env=environment, cwd=folder)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}/readyz")
        yield Site(base, ids["城市新書"], ids["新安古志"])
    finally:
        server.terminate()
        server.wait(20)


def _wait(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Any, site: Site) -> Iterator[Any]:
    """A visitor."""
    context = browser.new_context(viewport=request.param, locale="zh-CN", base_url=site.base)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    complaints: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def line_box(number: int, start: int, end: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of characters of a line as it was drawn, in pixels of the page."""
    left, base = (40 + scanned.PRINT * start) * SCALE, (70 + 44 * number) * SCALE
    return left, base - 0.88 * EM, left + (end - start) * EM, base + 0.12 * EM


def column_box(number: int, start: int, end: int) -> tuple[float, float, float, float]:
    """Likewise of a column."""
    left, base = (scanned.SIZE[0] - 70 - 44 * number) * SCALE, (70 + 25 * start) * SCALE
    return left, base - 0.88 * EM, left + EM, (70 + 25 * (end - 1)) * SCALE + 0.12 * EM


def boxes(page: Any) -> list[tuple[float, float, float, float]]:
    """The boxes of hits in the room, in pixels of the page."""
    page.wait_for_selector(".overlay-hit rect", state="attached")
    rest(page, "document.querySelector('.paper-ground').getBoundingClientRect()")
    paper, *found = page.evaluate(
        "() => [document.querySelector('.paper-ground'), ...document.querySelectorAll('.overlay-hit rect')]"
        ".map((e) => e.getBoundingClientRect()).map((r) => [r.left, r.top, r.right, r.bottom])"
    )
    scale = scanned.SIZE[0] * SCALE / (paper[2] - paper[0])
    return [
        ((x0 - paper[0]) * scale, (y0 - paper[1]) * scale, (x1 - paper[0]) * scale, (y1 - paper[1]) * scale)
        for x0, y0, x1, y1 in found
    ]


def on_the_characters(found: tuple[float, ...], drawn: tuple[float, ...]) -> bool:
    """Within two fifths of a character on every side: on these characters and no others."""
    return all(abs(one - other) < 0.4 * EM for one, other in zip(found, drawn, strict=True))


def search(page: Any, words: str) -> None:
    page.goto("/search")
    page.fill("#q", words)
    page.press("#q", "Enter")
    expect(page.locator(".result")).to_have_count(1)


def test_shenzhen_is_found_on_a_page_and_boxed(page: Any, site: Site) -> None:
    search(page, "深圳")
    strip = page.locator(".strip").first
    expect(strip).to_be_visible()
    expect(strip.locator("rect")).to_have_count(2)
    page.click(".hits a")
    found = boxes(page)
    assert len(found) == 2
    assert on_the_characters(found[0], line_box(0, 0, 2)), found
    assert on_the_characters(found[1], line_box(1, 3, 5)), found


@pytest.mark.parametrize("words", ["通濟橋", "通济桥"])
def test_a_traditional_phrase_is_found_in_a_column_and_boxed(page: Any, site: Site, words: str) -> None:
    search(page, words)
    expect(page.locator(".hit-words mark")).to_have_text("通濟橋")
    page.click(".hits a")
    (found,) = boxes(page)
    assert on_the_characters(found, column_box(2, 0, 3)), found


def test_a_phrase_over_the_end_of_a_column_has_a_box_in_each(page: Any, site: Site) -> None:
    search(page, "豐盈也通濟橋")
    page.click(".hits a")
    first, second = boxes(page)
    assert on_the_characters(first, column_box(1, 6, 9)), first
    assert on_the_characters(second, column_box(2, 0, 3)), second


def test_columns_are_selected_over_the_scan_and_copied_in_order(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=site.base)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/read/{site.old}/1")
    page.wait_for_selector(".overlay-line", state="attached")
    rest(page, "document.querySelector('.paper-ground').getBoundingClientRect()")
    left, top, width = page.evaluate(
        "() => { const r = document.querySelector('.paper-ground').getBoundingClientRect();"
        " return [r.left, r.top, r.width]; }"
    )
    scale = width / (scanned.SIZE[0] * SCALE)

    def point(column: int, place: int, part: float) -> tuple[float, float]:
        x0, y0, x1, _ = column_box(column, place, place + 1)
        return left + (x0 + x1) / 2 * scale, top + (y0 + part * EM) * scale

    page.mouse.move(*point(0, 0, 0.2))
    page.mouse.down()
    for place in (point(0, 8, 0.8), point(1, 3, 0.5), point(1, 8, 0.8)):
        page.mouse.move(*place, steps=4)
    page.mouse.up()
    assert copied(page, lambda: page.keyboard.press("Control+c")) == COLUMNS[0] + COLUMNS[1]
    context.close()


def test_names_are_offered_by_their_initials_and_taken_by_keys(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=site.base)
    page = context.new_page()
    page.goto("/search")
    page.focus("#q")
    page.keyboard.type("xagz")
    option = page.get_by_role("option")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("新安古志")
    expect(page.locator("#q")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(option).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".result h2")).to_have_text("新安古志")
    context.close()


def test_without_scripts_strips_and_facets_are_there_all_the_same(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site.base, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/search?q=通济桥")
    expect(page.locator(".strip image").first).to_be_visible()
    page.click(".switches a >> nth=0")
    expect(page.locator(".empty")).to_contain_text("没有找到")
    context.close()
