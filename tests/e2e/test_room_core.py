"""The reading room in a real Chromium, by mouse, keyboard and touch; the colours of the pages tell what is seen."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import given
import pytest
from e2e.chromium import NEEDED, browser
from e2e.waiting import copied, expect, rest, until
from handing_in import hand_in, shown
from PIL import Image
from servers.processes import answers_http, free_ports, running

from wenyuan.repo import wiring
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
START = "from wenyuan.reader.commands.serve import serve; serve()"
VERTICAL, HORIZONTAL = "長溪縣志", "長溪口述史"
LARGE, SMALL, WIDE = (1700, 2400), (850, 1200), (2400, 1200)
FOLDOUT, COUNT = 6, 11
OPENINGS = [[1], [2, 3], [4, 5], [6], [7, 8], [9, 10], [11]]
COLOURS = [
    (150, 40, 40), (40, 140, 60), (50, 70, 170), (180, 150, 40), (140, 60, 150), (60, 150, 160),
    (200, 110, 60), (90, 90, 90), (30, 100, 100), (120, 160, 60), (190, 90, 130),
]  # fmt: skip
"""Of the pages, so that a screenshot tells which is where."""
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
window.shifts = 0;
window.shifted = [];
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) {
    window.shifts += e.value;
    window.shifted.push(...e.sources.map(each => each.node?.className));
  }
}).observe({type: 'layout-shift', buffered: true});
"""
ROOM = "document.getElementById('room').room"
FINE_ENOUGH = """() => {
  const viewer = OpenSeadragon.getViewer(document.querySelector(".openseadragon-container").parentElement);
  const items = Array.from({ length: viewer.world.getItemCount() }, (_, index) => viewer.world.getItemAt(index));
  const seen = items.filter((item) => item.getOpacity() === 1);
  return seen.length > 0 && seen.every((item) => {
    const { x } = viewer.viewport.deltaPixelsFromPoints(new OpenSeadragon.Point(item.getBounds().width, 0));
    const needed = Math.min(item.source.width, x * devicePixelRatio);
    return item.getTilesToDraw().some((each) => item.source.pageLevels[each.level].width >= 0.9 * needed);
  });
}"""
READY = "() => document.documentElement.dataset.room === 'open'"
NOTE = ".stage-note > span"
REFUSE = """
navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
document.execCommand = () => false;
"""
"""A browser that does not let scripts copy."""


@dataclass
class Site:
    """A running server with two books of coloured pages."""

    base: str
    vertical: str
    horizontal: str


@dataclass
class Reading:
    """The room in the browser, and what went wrong in it."""

    page: Any
    book: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    """What was made to fail: the browser complains of it, and may be late in that."""

    def enter(self, place: str = "1", book: str = "") -> None:
        """Open the book at a place and wait until it is seen."""
        self.page.goto(f"/read/{book or self.book}/{place}")
        self.page.wait_for_function(READY)
        self.rest()

    def tell(self, expression: str) -> Any:
        """A value of the room."""
        return self.page.evaluate(expression.replace("room.", f"{ROOM}."))

    def opening(self, *positions: int) -> None:
        """Wait until these pages are what is seen, in full."""
        self.page.wait_for_function(
            f"""() => {{
              const {{ shown, opening }} = {ROOM};
              return String(opening) === '{",".join(map(str, positions))}'
                && String(shown.shown?.opening) === String(opening) && shown.shown.isSharp;
            }}"""
        )
        self.rest()

    def rest(self) -> None:
        """Wait until nothing moves any more, and the address has followed."""
        self.page.wait_for_timeout(60)
        rest(self.page, f"[{ROOM}.position, ...{ROOM}.opening.map((each) => {ROOM}.pageFrame(each))]")
        self.page.wait_for_function(f"() => location.pathname.endsWith(`/${{{ROOM}.position}}`)")

    def resize(self, size: dict[str, int]) -> None:
        """Another size of the window, once the page knows of it."""
        self.page.set_viewport_size(size)
        self.page.wait_for_function("({ width, height }) => innerWidth === width && innerHeight === height", arg=size)
        self.rest()

    def frame(self, position: int) -> dict[str, float]:
        """Where a page lies in the window."""
        return self.tell(
            f"""(() => {{
              const [frame, stage] = [room.pageFrame({position}), room.stage.getBoundingClientRect()];
              const {{ width, height, scale }} = frame ?? {{}};
              return frame && {{ left: frame.left + stage.left, top: frame.top + stage.top, width, height, scale }};
            }})()"""
        )

    def colours(self, *places: tuple[float, float]) -> list[int]:
        """Which page has the colour that is seen at each place of the window; 0 for none of them."""
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        scale = shot.width / self.page.viewport_size["width"]
        return [_page_of(shot.getpixel((round(x * scale), round(y * scale)))) for x, y in places]

    def seen_in(self, position: int) -> int:
        """Which page's colour is in the middle of where this page should be."""
        frame = self.frame(position)
        return self.colours((frame["left"] + frame["width"] / 2, frame["top"] + frame["height"] / 2))[0]

    def lose(self, pages: str = r"\d+", *, status: int = 0) -> None:
        """Let the pictures of pages fail: not reached at all, or answered with a status."""

        def fail(route: Any) -> None:
            self.lost.add(urlsplit(route.request.url).path)
            if status:
                route.fulfill(status=status, headers={"Retry-After": "1"})
            else:
                route.abort()

        self.page.route(re.compile(rf"/iiif/image/.*-({pages})/"), fail)

    def find(self) -> None:
        """Pictures can be had again."""
        self.page.unroute_all()

    def noted(self, *, is_shown: bool = True) -> None:
        """Wait until it is said that something could not be fetched, or until it is no more."""
        self.page.wait_for_selector(NOTE, state="visible" if is_shown else "hidden")

    def swipe(self, across: int, down: int = 0) -> None:
        """A finger over the middle of the page."""
        size = self.page.viewport_size
        x, y = size["width"] / 2 - across / 2, size["height"] / 2 - down / 2
        self._touch([(x + across * step / 5, y + down * step / 5)] for step in range(6))

    def pinch(self, apart: int) -> None:
        """Two fingers drawn apart around the middle."""
        x, y = self.page.viewport_size["width"] / 2, self.page.viewport_size["height"] / 2
        fars = [20 + apart * step / 8 for step in range(9)]
        self._touch([(x - far, y), (x + far, y)] for far in fars)

    def _touch(self, steps: Iterable[list[tuple[float, float]]]) -> None:
        """Fingers put down, moved step by step and lifted."""
        session = self.page.context.new_cdp_session(self.page)
        kind = "touchStart"
        for points in steps:
            touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
            kind = "touchMove"
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        session.detach()

    def check(self) -> None:
        """No error in the console, nothing blocked, nothing moved, nothing to scroll sideways."""
        assert [told for told in self.complaints if not any(path in told for path in self.lost)] == []
        assert self.page.evaluate("window.violations") == []
        # A busy browser paints the row of tools before it has read all of it: up to 0.015.
        assert self.page.evaluate("window.shifts") < 0.02, self.page.evaluate("window.shifted")
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two books, ingested and served as `wenyuan serve` does."""
    folder = tmp_path_factory.mktemp("room")
    home = folder / "home"
    _make(folder / "vertical", VERTICAL, vertical=True)
    _make(folder / "horizontal", HORIZONTAL, vertical=False)
    library = wiring.build(load(home=home, executor="inline"))
    hand_in(library, folder / "vertical", folder / "horizontal")
    ids = {one.description.title: one.id for one in shown(library)}
    library.close()
    (port,) = free_ports(1)
    environment = {
        **os.environ,
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", START]
    with running(command, home, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        yield Site(base, ids[VERTICAL], ids[HORIZONTAL])


@pytest.fixture
def desk(browser: Any, site: Site) -> Iterator[Reading]:
    """A reader at a desk screen; what went wrong fails the test at its end."""
    yield from _reading(browser, site, DESK)


@pytest.fixture
def phone(browser: Any, site: Site) -> Iterator[Reading]:
    """A reader with a phone."""
    yield from _reading(browser, site, PHONE)


def _reading(browser: Any, site: Site, size: dict[str, int]) -> Iterator[Reading]:
    is_phone = size is PHONE
    context = browser.new_context(
        viewport=size,
        locale="zh-CN",
        base_url=site.base,
        has_touch=is_phone,
        device_scale_factor=2 if is_phone else 1,
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.add_init_script(WATCH)
    reading = Reading(context.new_page(), site.vertical)
    reading.page.on("console", lambda told: told.type == "error" and reading.complaints.append(_complaint(told)))
    reading.page.on("pageerror", lambda error: reading.complaints.append(str(error)))
    reading.page.on("request", lambda request: reading.asked.append(request.url))
    yield reading
    reading.check()
    context.close()


def _complaint(told: Any) -> str:
    """What the browser says, and of which address."""
    return f"{told.text} {told.location['url']}"


def _make(folder: Path, title: str, *, vertical: bool) -> None:
    for number, colour in enumerate(COLOURS, start=1):
        size = WIDE if number == FOLDOUT else LARGE if number in (2, 3) else SMALL
        folder.mkdir(exist_ok=True)
        Image.new("RGB", size, colour if vertical else colour[::-1]).save(folder / f"{number:02}.jpg", quality=85)
    given.write_json(
        folder / "metadata.json",
        {
            "title": title,
            "kind": "book",
            "viewing_direction": "right-to-left" if vertical else "left-to-right",
            "writing": "vertical" if vertical else "horizontal",
            "pages": [{"file": f"{number:02}.jpg", "label": _label(number)} for number in range(1, COUNT + 1)],
        },
    )


def _label(number: int) -> str:
    return "書衣" if number == 1 else "縣境圖" if number == FOLDOUT else f"卷三 葉{'一二三四五六七八九十'[number - 2]}"


def _page_of(seen: tuple[int, ...]) -> int:
    for number, colour in enumerate(COLOURS, start=1):
        if all(abs(a - b) <= 12 for a, b in zip(seen, colour, strict=True)):
            return number
    return 0


def _middle(reading: Reading, position: int) -> tuple[float, float]:
    frame = reading.frame(position)
    return frame["left"] + frame["width"] / 2, frame["top"] + frame["height"] / 2


def test_spreads_lie_from_right_to_left_with_the_cover_and_the_foldout_alone(desk: Reading) -> None:
    desk.enter("1")
    for expected in OPENINGS:
        desk.opening(*expected)
        frames = [desk.frame(position) for position in expected]
        assert [desk.seen_in(position) for position in expected] == expected
        if len(frames) == 2:
            right, left = frames
            assert left["left"] + left["width"] == pytest.approx(right["left"], abs=1), "they meet in the fold"
            assert (left["top"], left["height"]) == pytest.approx((right["top"], right["height"]), abs=0.5)
        assert desk.page.url.endswith(f"/{expected[0]}")
        desk.page.keyboard.press("ArrowLeft")
    assert desk.tell("room.opening") == OPENINGS[-1], "beyond the last page there is nothing"
    desk.page.keyboard.press("ArrowRight")
    desk.opening(*OPENINGS[-2])
    assert "卷三 葉八、卷三 葉九" in desk.page.inner_text(".reader-place")


def test_a_book_from_left_to_right_turns_the_other_way(desk: Reading, site: Site) -> None:
    desk.enter("2", site.horizontal)
    desk.opening(2, 3)
    assert desk.frame(2)["left"] < desk.frame(3)["left"]
    desk.page.keyboard.press("ArrowRight")
    desk.opening(4, 5)
    desk.page.click('.turn a[rel="prev"]')
    desk.opening(2, 3)


def test_the_page_stays_where_the_plain_one_was(desk: Reading) -> None:
    desk.enter(str(FOLDOUT))
    plain = desk.page.evaluate(
        """() => {
          const image = document.querySelector('.leaf img'), box = image.getBoundingClientRect();
          const scale = Math.min(box.width / 2400, box.height / 1200);
          return [box.left + (box.width - 2400 * scale) / 2, box.top + (box.height - 1200 * scale) / 2, 2400 * scale];
        }"""
    )
    frame = desk.frame(FOLDOUT)
    assert [frame["left"], frame["top"], frame["width"]] == pytest.approx(plain, abs=1)


def test_the_page_fits_its_place_again_whenever_that_changes(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.click(".segments a:has-text('图文对照')")
    desk.rest()
    beside = desk.frame(2)
    desk.resize({"width": 1000, "height": 700})
    small = desk.frame(2)
    desk.resize(DESK)
    assert desk.frame(2) == pytest.approx(beside, rel=0.01)
    assert small["width"] < beside["width"]
    desk.page.click(".segments a:has-text('图像')")
    desk.rest()
    whole = desk.frame(2)
    assert whole["height"] == pytest.approx(desk.page.locator(".leaf").bounding_box()["height"], abs=1)
    desk.enter("2?view=both")
    desk.opening(2, 3)
    assert desk.frame(2) == pytest.approx(beside, rel=0.01), "as after opening it so"


@pytest.mark.parametrize("place", ["1", "2", "6", "6?view=both"])
def test_every_page_is_drawn_as_fine_as_the_screen_is(browser: Any, site: Site, place: str) -> None:
    for size in (PHONE, DESK, {"width": 1000, "height": 700}):
        for reading in _reading(browser, site, size):
            reading.enter(place)
            reading.page.wait_for_function(FINE_ENOUGH)


def test_turning_on_needs_nothing_that_is_not_there_already(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.wait_for_function(f"() => {ROOM}.shown.leaves.get('4,5')?.isSharp")
    desk.lose()
    desk.page.keyboard.press("ArrowLeft")
    desk.opening(4, 5)
    assert [desk.seen_in(4), desk.seen_in(5)] == [4, 5]


def test_the_page_before_is_seen_until_the_next_can_be_drawn(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    held: list[Any] = []
    desk.page.route(re.compile(r"/iiif/.*-(9|10)/"), lambda route: held.append(route))
    desk.page.evaluate(f"{ROOM}.go(9)")
    desk.page.wait_for_function(f"() => String({ROOM}.opening) === '9,10'")
    # Until the pictures come, or the patience for them is at an end, it is the old opening that lies on the stage.
    states = desk.page.evaluate(
        f"""async () => {{
          const states = [];
          const {{ shown }} = {ROOM};
          for (let i = 0; i < 12; i += 1) {{
            states.push([String(shown.shown.opening), shown.shown.items.every((item) => item.opacity === 1)]);
            await new Promise(requestAnimationFrame);
          }}
          return states;
        }}"""
    )
    assert {opening for opening, _ in states} <= {"2,3", "9,10"}
    assert all(is_opaque for _, is_opaque in states)
    desk.page.wait_for_function(f"() => String({ROOM}.shown.shown.opening) === '9,10'")  # bare paper, after a while
    for route in held:
        route.continue_()
    desk.opening(9, 10)


def test_a_picture_that_could_not_be_fetched_is_fetched_when_the_reader_comes_back(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    assert desk.page.get_attribute(".stage-note", "role") == "status"
    desk.noted(is_shown=False)
    desk.lose()
    desk.tell("room.go(9)")
    desk.noted()
    desk.rest()
    assert desk.seen_in(9) == 0, "bare paper, but it is said"
    desk.find()
    desk.page.keyboard.press("ArrowRight")
    desk.opening(7, 8)
    desk.noted(is_shown=False)
    desk.page.keyboard.press("ArrowLeft")
    desk.opening(9, 10)
    assert [desk.seen_in(9), desk.seen_in(10)] == [9, 10]
    desk.noted(is_shown=False)


def test_what_fails_while_it_is_only_prepared_is_said_when_it_is_seen(desk: Reading) -> None:
    desk.lose("[45]")
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.wait_for_function(f"() => {ROOM}.shown.leaves.get('4,5')?.isMissing")
    assert not desk.page.is_visible(NOTE), "what is seen is whole"
    desk.page.keyboard.press("ArrowLeft")
    desk.noted()
    desk.page.keyboard.press("ArrowRight")
    desk.opening(2, 3)
    desk.noted(is_shown=False)
    desk.find()
    desk.page.keyboard.press("ArrowLeft")
    desk.opening(4, 5)
    assert [desk.seen_in(4), desk.seen_in(5)] == [4, 5]
    desk.noted(is_shown=False)


def test_a_picture_that_the_server_has_later_comes_by_itself(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.lose("9", status=503)
    desk.tell("room.go(9)")
    desk.noted()
    desk.page.wait_for_timeout(2500)
    desk.noted()
    assert desk.colours(_middle(desk, 10)) == [10], "the page beside it is not taken away meanwhile"
    desk.find()
    desk.opening(9, 10)
    assert [desk.seen_in(9), desk.seen_in(10)] == [9, 10]
    desk.noted(is_shown=False)


def test_a_tile_that_failed_is_fetched_again_and_the_page_stays(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.lose()
    desk.page.keyboard.press("1")
    desk.noted()
    assert desk.colours((700, 450)) != [0], "the coarser picture is still there"
    desk.find()
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    desk.opening(2, 3)
    desk.page.wait_for_function(FINE_ENOUGH)
    desk.noted(is_shown=False)


def test_back_on_the_net_nobody_has_to_wait_or_to_turn(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.context.set_offline(True)
    desk.tell("room.go(9)")
    desk.noted()
    with desk.page.expect_request(re.compile("/iiif/image/.*-9/"), timeout=1500):
        desk.page.context.set_offline(False)
    desk.opening(9, 10)
    assert [desk.seen_in(9), desk.seen_in(10)] == [9, 10]
    desk.noted(is_shown=False)
    desk.complaints = [told for told in desk.complaints if "DISCONNECTED" not in told and "failed to load" not in told]


def test_pages_one_after_another_are_fetched_again_too(desk: Reading, site: Site) -> None:
    desk.enter("1", site.horizontal)
    desk.page.click("summary:has-text('显示')")
    desk.page.click("[data-mode-button=scroll]")
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector('.scroll-page.is-there[data-position="1"]')
    last = f'[data-position="{COUNT}"]'
    desk.lose("11")
    desk.page.keyboard.press("End")
    desk.noted()
    expect(desk.page.locator(f".scroll-page{last} img")).to_have_count(0)
    desk.page.keyboard.press("Home")
    desk.noted(is_shown=False)
    desk.find()
    desk.page.keyboard.press("End")
    desk.page.wait_for_selector(f".scroll-page.is-there{last}", timeout=1500)
    desk.noted(is_shown=False)


def test_scrolled_to_a_page_that_the_server_has_later_it_comes_by_itself(desk: Reading, site: Site) -> None:
    desk.enter("1", site.horizontal)
    desk.page.click("summary:has-text('显示')")
    desk.page.click("[data-mode-button=scroll]")
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector('.scroll-page.is-there[data-position="1"]')
    desk.lose("11", status=503)
    desk.page.keyboard.press("End")
    desk.noted()
    desk.find()
    desk.page.wait_for_selector(f'.scroll-page.is-there[data-position="{COUNT}"]')
    desk.noted(is_shown=False)
    desk.page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running')")
    seen = desk.page.evaluate(
        f"""() => {{
          const image = document.querySelector('.scroll-page[data-position="{COUNT}"] img');
          return image.complete && image.naturalWidth > 0;
        }}"""
    )
    assert seen


def test_side_by_side_what_could_not_be_fetched_is_said_and_fetched_again(browser: Any, site: Site) -> None:
    for reading in _reading(browser, site, DESK):
        page = reading.page
        page.goto(f"/compare?a={site.vertical}&ap=2&b={site.horizontal}&bp=2")
        page.wait_for_selector("html[data-compare=open]")
        reading.lose("8", status=503)
        side = page.locator(".side").first
        assert side.locator(".stage-note").get_attribute("role") == "status"
        side.locator(".jump input:not([type=hidden])").fill("8")
        side.locator(".jump input:not([type=hidden])").press("Enter")
        side.locator(NOTE).wait_for(state="visible")
        assert not page.locator(".side").last.locator(NOTE).is_visible(), "the other book is whole"
        reading.find()
        side.locator(NOTE).wait_for(state="hidden")
        box = side.locator(".side-desk").bounding_box()
        assert reading.colours((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)) == [8]


@pytest.mark.parametrize(("wanted", "held"), [("page", "/read/"), ("cite-text", VERTICAL)])
def test_where_the_browser_does_not_let_us_copy_it_is_ready_to_be_copied_by_hand(
    desk: Reading, wanted: str, held: str
) -> None:
    desk.enter("2")
    desk.page.evaluate("navigator.clipboard.writeText('before')")
    desk.page.evaluate(REFUSE)
    desk.page.click("summary:has-text('引用')")
    button = desk.page.locator(f"[data-copy={wanted}]")
    usual = button.inner_text()
    button.click()
    desk.page.wait_for_selector("#by-hand:modal")
    assert button.inner_text() == usual, "nothing was copied, and nothing says so"
    assert "没有复制成" in desk.page.inner_text("#by-hand")
    assert "Ctrl+C" in desk.page.inner_text("#by-hand")
    ready = desk.page.input_value("#by-hand textarea")
    assert held in ready
    assert desk.page.evaluate("navigator.clipboard.readText()") == "before"
    desk.page.keyboard.press("Control+c")
    until(lambda: desk.page.evaluate("navigator.clipboard.readText()") == ready)
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector("#by-hand", state="hidden")


def test_zoom_to_pixel_asks_for_tiles_that_the_server_has_ready(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    del desk.asked[:]
    with desk.page.expect_request(re.compile(r"/\d+,\d+,512,512/512,512/0/default\.jpg")):
        desk.page.keyboard.press("1")
    desk.rest()
    desk.opening(2, 3)
    assert desk.frame(2)["scale"] == pytest.approx(1, abs=0.01)
    expect(desk.page.locator("[data-zoom]").first).to_have_text("100%")
    wanted = [urlsplit(url).path for url in desk.asked if "/iiif/image/" in url]
    ready = r"/(full/(300|850|1024|1600|1700|2400),\d+|(\d+,){3}\d+/\d{1,3},\d{1,3})/0/default\.jpg$"
    assert [path for path in wanted if not re.search(ready, path)] == []
    desk.page.keyboard.press("0")
    desk.rest()
    assert desk.tell("room.shown.isHome")


def test_turned_by_ninety_degrees_the_first_page_is_below(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.keyboard.press("r")
    desk.opening(2, 3)
    first, second = desk.frame(2), desk.frame(3)
    assert first["width"] > first["height"]
    assert first["top"] > second["top"], "what was on the right is below"
    assert [desk.seen_in(2), desk.seen_in(3)] == [2, 3]
    desk.page.keyboard.press("Shift+R")
    desk.rest()
    assert desk.tell("room.shown.rotation") == 0


def test_full_screen_by_key_and_by_button(desk: Reading) -> None:
    desk.enter("2")
    desk.page.keyboard.press("f")
    desk.page.wait_for_function("() => document.fullscreenElement !== null")
    desk.page.keyboard.press("f")
    desk.page.wait_for_function("() => document.fullscreenElement === null")
    desk.page.click("summary:has-text('显示')")
    desk.page.click("[data-full]")
    desk.page.wait_for_function("() => document.fullscreenElement !== null")
    desk.page.evaluate("document.exitFullscreen()")


def test_an_address_with_a_region_opens_there_and_can_be_copied(desk: Reading) -> None:
    desk.enter("3#xywh=1200,1800,300,300")
    desk.opening(2, 3)
    frame = desk.frame(3)
    middle = [frame["left"] + 1350 * frame["scale"], frame["top"] + 1950 * frame["scale"]]
    stage = desk.tell(
        "(() => { const b = room.stage.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()"
    )
    assert abs(middle[0] - (stage[0] + stage[2] / 2)) < stage[2] / 4
    assert abs(middle[1] - (stage[1] + stage[3] / 2)) < stage[3] / 4
    assert frame["scale"] > 0.6
    assert desk.page.url.endswith("/3#xywh=1200,1800,300,300"), "the address stays what it was"
    desk.page.click("summary:has-text('引用')")
    address = copied(desk.page, lambda: desk.page.click("[data-copy=region]"))
    found = re.search(r"/(\d+)#xywh=(\d+),(\d+),(\d+),(\d+)$", address)
    assert found
    x, y, width, height = map(int, found.groups()[1:])
    assert x <= 1350 <= x + width
    assert y <= 1950 <= y + height
    assert copied(desk.page, lambda: desk.page.click("[data-copy=page]")).endswith(f"/read/{desk.book}/3")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("ArrowLeft")
    desk.opening(4, 5)
    assert desk.page.url.endswith("/4"), "the region belonged to the page"


def test_jumping_by_label_and_back_by_the_browser(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.keyboard.press("g")
    desk.page.keyboard.type("卷三葉八")
    desk.page.keyboard.press("Enter")
    desk.opening(9, 10)
    assert desk.page.url.endswith("/9")
    desk.page.keyboard.press("ArrowRight")
    desk.opening(7, 8)
    desk.page.go_back()
    desk.opening(2, 3)
    assert desk.page.url.endswith("/2")
    desk.page.go_forward()
    desk.opening(7, 8)
    desk.page.fill("#to", "11")
    desk.page.press("#to", "Enter")
    desk.opening(11)


def test_a_page_that_is_not_there_is_said_and_the_reader_stays(desk: Reading) -> None:
    desk.enter("2")
    desk.page.fill("#to", "卷九十")
    desk.page.press("#to", "Enter")
    desk.page.wait_for_selector(".jump-missing:visible")
    assert "卷九十" in desk.page.inner_text(".jump-missing")
    assert desk.tell("room.opening") == [2, 3]
    desk.complaints = [told for told in desk.complaints if "404" not in told]


def test_the_wheel_turns_pages_and_with_control_zooms_at_the_pointer(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.mouse.move(700, 420)
    desk.page.mouse.wheel(0, 120)
    desk.opening(4, 5)
    desk.page.wait_for_timeout(250)
    desk.page.mouse.wheel(0, -120)
    desk.opening(2, 3)
    frame = desk.frame(2)
    x, y = frame["left"] + frame["width"] * 0.6, frame["top"] + frame["height"] * 0.4
    desk.page.mouse.move(x, y)
    desk.page.keyboard.down("Control")
    for _ in range(4):
        desk.page.mouse.wheel(0, -100)
    desk.page.keyboard.up("Control")
    desk.rest()
    near = desk.frame(2)
    assert near["scale"] > 1.5 * frame["scale"]
    assert near["left"] + near["width"] * 0.6 == pytest.approx(x, abs=6), "what was under the pointer is there still"
    assert near["top"] + near["height"] * 0.4 == pytest.approx(y, abs=6)
    desk.page.mouse.wheel(0, 60)
    desk.rest()
    assert desk.tell("room.opening") == [2, 3], "enlarged, the wheel moves the paper"
    assert desk.frame(2)["top"] < near["top"] - 30


def test_an_enlarged_page_is_dragged_and_leaves_no_gap(desk: Reading) -> None:
    desk.enter("2")
    desk.opening(2, 3)
    desk.page.mouse.dblclick(900, 300)
    desk.rest()
    near = desk.frame(2)
    assert near["scale"] > 0.5
    desk.page.mouse.move(720, 450)
    desk.page.mouse.down()
    desk.page.mouse.move(620, 400, steps=6)
    desk.page.wait_for_timeout(120)
    desk.page.mouse.up()
    desk.rest()
    assert desk.frame(2)["left"] < near["left"] - 40
    for _ in range(4):
        desk.page.mouse.move(300, 200)
        desk.page.mouse.down()
        desk.page.mouse.move(1200, 800, steps=4)
        desk.page.mouse.up()
    desk.rest()
    home = desk.page.locator(".leaf").bounding_box()
    assert desk.frame(3)["left"] == pytest.approx(home["x"], abs=2)
    assert desk.frame(3)["top"] == pytest.approx(home["y"], abs=2)
    desk.page.mouse.dblclick(700, 400)
    desk.rest()
    assert desk.tell("room.shown.isHome")


def test_a_finger_turns_pulls_and_zooms(phone: Reading) -> None:
    phone.enter("2")
    phone.opening(2)
    phone.swipe(160)
    phone.opening(3)
    phone.swipe(-160)
    phone.opening(2)
    phone.swipe(10, 200)
    phone.rest()
    assert phone.tell("room.opening") == [2], "a finger that moves down turns nothing"
    before = phone.frame(2)["scale"]
    phone.pinch(120)
    phone.rest()
    near = phone.frame(2)
    assert near["scale"] > 2 * before
    phone.swipe(160)
    phone.rest()
    assert phone.tell("room.opening") == [2], "enlarged, the finger moves the paper"
    assert phone.frame(2)["left"] > near["left"]
    for _ in range(2):
        phone.page.touchscreen.tap(195, 400)
    phone.rest()
    assert phone.tell("room.shown.isHome")
    assert phone.page.evaluate("window.visualViewport.scale") == 1, "the page itself is not enlarged"


def test_pages_one_after_another_go_to_the_left_where_writing_does(desk: Reading, site: Site) -> None:
    desk.enter("2")
    desk.page.click("summary:has-text('显示')")
    desk.page.click("[data-mode-button=scroll]")
    desk.page.keyboard.press("Escape")
    for position in (2, 3):
        desk.page.wait_for_selector(f'.scroll-page.is-there[data-position="{position}"]')
    desk.rest()
    assert desk.frame(3)["left"] < desk.frame(2)["left"]
    desk.page.wait_for_function("() => document.getAnimations().every((each) => each.playState !== 'running')")
    assert desk.seen_in(2) == 2
    desk.page.mouse.move(700, 420)
    desk.page.mouse.wheel(0, 900)
    desk.page.wait_for_function(f"() => {ROOM}.position >= 3")
    desk.rest()
    desk.page.keyboard.press("End")
    desk.page.wait_for_function(f"() => {ROOM}.position === {COUNT}")
    desk.page.wait_for_selector(f'.scroll-page.is-there[data-position="{COUNT}"]')
    assert desk.page.locator(".scroll-page").count() < COUNT, "only what is near is in the document"
    desk.enter("3", site.horizontal)
    expect(desk.page.locator(".scroll-down"), "what was chosen is kept; this book goes downwards").to_be_visible()
    for _ in range(3):
        desk.page.keyboard.press("PageDown")
    desk.page.wait_for_function(f"() => {ROOM}.position > 3")


def test_brightness_and_inversion_are_applied_and_kept(desk: Reading) -> None:
    desk.enter("1")
    desk.opening(1)
    desk.page.click("summary:has-text('显示')")
    desk.page.check("input[name=invert]")
    desk.page.keyboard.press("Escape")
    frame = desk.frame(1)
    place = (frame["left"] + frame["width"] / 2, frame["top"] + frame["height"] / 2)
    shot = Image.open(io.BytesIO(desk.page.screenshot())).convert("RGB")
    assert shot.getpixel((round(place[0]), round(place[1]))) == pytest.approx(
        [255 - each for each in COLOURS[0]], abs=12
    )
    desk.enter("1")
    desk.opening(1)
    assert desk.colours(place) == [0]
    desk.page.click("summary:has-text('显示')")
    desk.page.click("[data-do=plain]")
    desk.page.keyboard.press("Escape")
    assert desk.colours(place) == [1]


def test_paper_is_changed_without_leaving_the_page(desk: Reading) -> None:
    desk.enter("2")
    desk.page.click("summary:has-text('显示')")
    with desk.page.expect_response(re.compile("/look/dark")):  # with it the choice is kept, and not before
        desk.page.click("[data-theme-choice=dark]")
    assert desk.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 14, 13)"
    desk.enter("4")
    assert desk.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_everything_is_reached_by_keyboard_and_told(desk: Reading) -> None:
    desk.enter("2")
    desk.page.keyboard.press("?")
    expect(desk.page.locator("#room-help")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#room-help")).to_be_hidden()
    reached = set()
    for _ in range(40):
        desk.page.keyboard.press("Tab")
        reached.add(
            desk.page.evaluate(
                """() => {
                  const at = document.activeElement;
                  const ring = getComputedStyle(at).outlineStyle;
                  return `${at.rel || at.id || at.dataset.act || at.textContent.trim()} ${ring}`;
                }"""
            )
        )
    for wanted in ("显示", "引用", "下载", "next", "prev", "to", "in", "out"):
        assert any(each.startswith(wanted) and not each.endswith("none") for each in reached), (wanted, reached)
    desk.page.keyboard.press("PageDown")
    desk.page.wait_for_function("() => document.getElementById('room-says').textContent.includes('卷三 葉三')")
    picture = desk.page.get_by_role("img", name="卷三 葉三")  # named anew when it is drawn, which may be later
    expect(picture).to_have_class("canvas")


def test_leafing_fast_ends_at_the_right_page(desk: Reading) -> None:
    desk.enter("1")
    for _ in range(5):
        desk.page.keyboard.press("ArrowLeft")
    desk.opening(9, 10)
    assert [desk.seen_in(9), desk.seen_in(10)] == [9, 10]
    assert desk.page.url.endswith("/9")


def test_without_scripts_the_plain_page_has_no_dead_buttons(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=DESK, base_url=site.base, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/read/{site.vertical}/2")
    assert page.locator(".leaf img").is_visible()
    assert page.locator("button:visible").all_inner_texts() == ["前往"]
    page.click('.turn a[rel="next"]')
    page.wait_for_url("**/3")
    page.fill("#to", "卷三 葉八")
    page.press("#to", "Enter")
    page.wait_for_url("**/9")
    expect(page.locator(".leaf img")).to_be_visible()
    context.close()


def test_where_the_room_cannot_open_the_plain_page_works(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=DESK, base_url=site.base, locale="zh-CN")
    page = context.new_page()
    page.route("**/openseadragon*", lambda route: route.abort())
    page.goto(f"/read/{site.vertical}/2")
    page.wait_for_function("() => document.documentElement.dataset.room === 'plain'")
    assert page.locator(".leaf img").is_visible()
    assert not page.locator("summary:has-text('显示')").is_visible()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/read/{site.vertical}/3")
    context.close()
