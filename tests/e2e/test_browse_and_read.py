"""A reader's way in a real browser: home, search, hit, page by page; three readers, on desk and phone."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from e2e.chromium import NEEDED, browser
from e2e.waiting import expect
from handing_in import hand_in, shown

from wenyuan.repo import wiring
from wenyuan.repo.items import PageKind
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "collection"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
window.shifts = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.shifts += e.value; })
  .observe({type: 'layout-shift', buffered: true});
"""
ADOPTED = "() => document.documentElement.dataset.room === 'open'"
"""The reading room has taken over. A function, since the policy lets no script evaluate words a second time."""
START = "from wenyuan.reader.commands.serve import serve; serve()"


@dataclass
class Site:
    """A running server with the sample in it."""

    base: str
    ids: dict[str, str]
    """Items by title."""
    one_of: dict[PageKind, str]


@dataclass
class Visit:
    """A page in the browser, and what went wrong on it."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def check(self) -> None:
        """No error in the console, nothing blocked, nothing to scroll sideways."""
        assert self.complaints == []
        assert self.page.evaluate("window.violations") == []
        width = self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample collection, ingested and served as `wenyuan serve` does."""
    home = tmp_path_factory.mktemp("site") / "home"
    library = wiring.build(load(home=home, executor="inline"))
    hand_in(library, SAMPLE)
    held = shown(library)
    library.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    server = subprocess.Popen([sys.executable, "-c", START], env=environment, cwd=home)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}/readyz")
        yield Site(base, {one.description.title: one.id for one in held}, {one.page_kind: one.id for one in held})
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def visit(request: pytest.FixtureRequest, browser: Any, site: Site) -> Iterator[Visit]:
    """A visitor on a desk screen, then on a phone."""
    yield from _visit(browser, site, request.param)


@pytest.fixture
def desk(browser: Any, site: Site) -> Iterator[Visit]:
    """A visitor on a desk screen."""
    yield from _visit(browser, site, DESK)


def _visit(browser: Any, site: Site, size: dict[str, int]) -> Iterator[Visit]:
    context = browser.new_context(viewport=size, locale="zh-CN", base_url=site.base, has_touch=size is PHONE)
    context.add_init_script(WATCH)
    visit = Visit(context.new_page())
    # The driver's own script (WATCH) may not run in a sandboxed chapter, as nothing may.
    blocked = "Blocked script execution in"
    visit.page.on(
        "console",
        lambda told: (
            visit.complaints.append(told.text) if told.type == "error" and not told.text.startswith(blocked) else None
        ),
    )
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    yield visit
    context.close()


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


def test_from_the_front_door_to_a_hit_and_on_by_keyboard(visit: Visit, site: Site) -> None:
    page, book = visit.page, site.ids["南山縣志"]
    page.goto("/")
    visit.check()
    page.fill("#q", "通济桥")
    page.press("#q", "Enter")
    page.wait_for_url("**/search?q=*")
    visit.check()
    page.click(f'.hits a[href^="/read/{book}/"]')
    page.wait_for_selector(".boxes rect", state="attached")
    page.wait_for_function("() => document.querySelector('.leaf img').naturalWidth > 0")
    visit.check()
    assert page.evaluate(
        """() => {
          const svg = document.querySelector('.boxes'), rect = svg.querySelector('rect').getBoundingClientRect();
          const image = document.querySelector('.leaf img'), box = image.getBoundingClientRect();
          return image.naturalWidth > 0 && rect.width > 4 && rect.left >= box.left && rect.right <= box.right
            && rect.top >= box.top && rect.bottom <= box.bottom;
        }"""
    )
    place = int(page.url.split("?")[0].rsplit("/", 1)[1])
    page.keyboard.press("ArrowLeft")  # a book read from right to left: the next page is on the left
    page.wait_for_url(f"**/read/{book}/{place + 1}?*")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/read/{book}/{place}?*")
    visit.check()


def test_in_a_left_to_right_book_the_right_arrow_is_next(desk: Visit, site: Site) -> None:
    book = site.ids["南山老街口述史"]
    desk.page.goto(f"/read/{book}/1")
    desk.page.keyboard.press("ArrowRight")
    desk.page.wait_for_url(f"**/read/{book}/2")
    desk.page.focus("#to")
    desk.page.keyboard.press("ArrowRight")
    desk.page.wait_for_timeout(300)
    assert desk.page.url.endswith(f"/read/{book}/2"), "keys typed into a field turn no page"


@pytest.mark.parametrize("kind", list(PageKind))
def test_the_three_readers(kind: PageKind, visit: Visit, site: Site, tmp_path: Path) -> None:
    page = visit.page
    page.goto(f"/read/{site.one_of[kind]}/1")
    page.wait_for_load_state("load")
    if kind is PageKind.CHAPTER:
        expect(page.frame_locator("iframe[data-shown]").locator("body")).to_have_count(1)
    elif kind is PageKind.DOCUMENT:
        expect(page.locator(".sheet canvas").first).to_be_attached()
    else:
        assert page.evaluate("document.querySelector('.leaf img').naturalWidth") > 300
    visit.check()
    assert page.evaluate("window.shifts") < 0.01
    assert page.evaluate("document.body.scrollHeight <= innerHeight"), "the reader fills the window and no more"
    page.screenshot(path=tmp_path / f"{kind}.png")


def test_views_and_drawers_of_the_scan_reader(visit: Visit, site: Site) -> None:
    page, book = visit.page, site.ids["南山縣志"]
    for query in ("view=both&q=山", "view=text&q=山", "fit=width"):
        page.goto(f"/read/{book}/2?{query}")
        visit.check()
    page.goto(f"/read/{book}/2?view=text&q=山")
    expect(page.locator(".words mark").first).to_have_text("山")
    page.click(".drawer summary")
    expect(page.locator(".drawer .contents a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".drawer .contents a").first).to_be_hidden()


def test_links_of_a_chapter_move_the_reader(visit: Visit, site: Site) -> None:
    page, book = visit.page, site.ids["桃花源記及其他"]
    page.goto(f"/read/{book}/2")
    frame = page.frames[1]
    frame.wait_for_load_state("load")
    page.wait_for_function(ADOPTED)
    frame.locator("a", has_text="小石潭記").first.click()
    page.wait_for_url(f"**/read/{book}/5*")
    visit.check()


def test_a_vertical_chapter_is_turned_to_the_left_and_at_its_end_to_the_next(visit: Visit, site: Site) -> None:
    page, book = visit.page, site.ids["桃花源記及其他"]
    page.goto(f"/read/{book}/3")
    page.wait_for_function(ADOPTED)
    style = "getComputedStyle(document.querySelector('iframe').contentDocument.documentElement).writingMode"
    assert page.evaluate(style) == "vertical-rl"
    for _ in range(page.evaluate("document.getElementById('book-room').room.seen.pages")):
        page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/read/{book}/4*")
    visit.check()


def test_hits_in_a_chapter_are_marked_and_in_view(visit: Visit, site: Site) -> None:
    page, book = visit.page, site.ids["唐诗选读"]
    page.goto(f"/read/{book}?q=明月光")
    page.wait_for_selector("iframe")
    expect(page.frame_locator("iframe[data-shown]").locator("mark").first).to_have_text("明月光")
    visit.check()


def test_no_page_is_wider_than_a_small_phone(browser: Any, site: Site) -> None:
    book = site.ids["南山縣志"]
    addresses = ("/", "/browse", "/search?q=桥", f"/items/{book}", f"/read/{book}/2?q=山", "/sign-in", "/nowhere")
    for language in ("zh-Hans", "en"):
        for visit in _visit(browser, site, {"width": 320, "height": 640}):
            for address in addresses:
                visit.page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320, (address, language)


def test_everything_works_without_scripts(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site.base, java_script_enabled=False, locale="zh-CN")
    page, book = context.new_page(), site.ids["南山縣志"]
    page.goto("/search?q=序")
    page.click(f'.hits a[href^="/read/{book}/"] >> nth=0')
    page.wait_for_url(f"**/read/{book}/*")
    before = page.url
    page.click('.turn a[rel="next"]')
    page.wait_for_url(lambda url: url != before)
    page.fill("#to", "5")
    page.press("#to", "Enter")
    page.wait_for_url(re.compile(rf"/read/{book}/5\b"))
    page.click(".drawer summary")
    page.click(".drawer .contents a >> nth=0")
    page.wait_for_url(re.compile(rf"/read/{book}/1\b"))
    context.close()


def test_the_keyboard_alone_opens_a_book(desk: Visit, site: Site) -> None:
    page = desk.page
    page.goto(f"/items/{site.ids['千字文']}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "开始阅读":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/read/*/1")
    desk.check()
