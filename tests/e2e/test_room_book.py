"""The reading room in a real browser on a vertical book of 300 pages: mouse, keyboard, touch; and without scripts."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import given
import pytest
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.waiting import expect, rest, until
from handing_in import hand_in, shown
from werkzeug.serving import WSGIRequestHandler, make_server

from wenyuan.reader.app import create_app
from wenyuan.repo import rendering, wiring
from wenyuan.repo.recipes import made_sizes
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

OTHER, PHOTOGRAPH, MAP, ALBUM = "長溪縣志 光緒本", "長溪渡口", "長溪水道圖", "長溪舊影"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
window.shifts = [];
const isMeant = e => e.hadRecentInput || e.sources.some(s => s.node?.parentElement?.closest('.panel'));
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!isMeant(e))
  window.shifts.push([e.value, e.sources.map(s => s.node?.className || s.node?.nodeName)]); })
  .observe({type: 'layout-shift', buffered: true});
"""
"""What is typed brings results into the drawer, where they push the contents down: on a busy machine later than the
half second that a browser counts as the answer to a key."""
ROOM = "document.getElementById('room')?.room"
MOST_SHIFT = 0.02


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@dataclass
class Site:
    """A server in a thread of this process, so that what it decodes can be counted."""

    base: str
    ids: dict[str, str]
    """Items by title."""

    @property
    def book(self) -> str:
        """The book of 300 pages."""
        return self.ids[room_book.TITLE]


@dataclass
class Visit:
    """A page in the browser, and what went wrong on it."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, address: str) -> Any:
        """Go to a place of a book and wait until the room is there."""
        self.page.goto(address)
        self.page.wait_for_selector("html[data-room=open]")
        return self.page

    def opening(self) -> list[int]:
        """The pages that are seen."""
        return list(self.page.evaluate(f"{ROOM}.opening"))

    def until(self, condition: str) -> None:
        """Wait until an expression is true: asked from here, since the page's policy lets no script evaluate words."""
        until(
            lambda: self.page.evaluate(condition),
            told=lambda: f"{condition}; seen: {self.page.evaluate(f'{ROOM}?.opening')}",
        )

    def until_open(self, *positions: int) -> None:
        """Wait until these pages are seen, all of them and no others."""
        wanted = json.dumps(positions)
        self.until(
            f"JSON.stringify({ROOM}.opening).replaceAll(' ', '') === '{wanted.replace(' ', '')}'"
            f" && {ROOM}.opening.every(position => {ROOM}.pageFrame(position))"
        )

    def frame(self, position: int) -> dict[str, float]:
        """Where a page lies in the window, in CSS pixels, and how large one of its pixels is there."""
        found: dict[str, float] = self.page.evaluate(
            f"""() => {{
              const {{ left, top, width, height }} = {ROOM}.pageFrame({position});
              const stage = {ROOM}.stage.getBoundingClientRect();
              return {{ left: left + stage.left, top: top + stage.top, width, height }};
            }}"""
        )
        return found

    def check(self) -> None:
        """No error in the console, nothing blocked, nothing that jumped, nothing to scroll sideways."""
        assert self.complaints == []
        assert self.page.evaluate("window.violations") == []
        shifts = self.page.evaluate("window.shifts")
        assert sum(value for value, _nodes in shifts) < MOST_SHIFT, shifts
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The book, a shorter edition of it, two photographs, an album and a map, served."""
    folder = tmp_path_factory.mktemp("room")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    pictures = folder / "pictures"
    for number, (title, kind) in enumerate(((PHOTOGRAPH, "photograph"), (MAP, "map"))):
        given.picture(pictures / f"{kind}.png", size=(2400, 1800), shade=120 + number)
        given.write_json(pictures / f"{kind}.json", {"title": title, "kind": kind, "description": "民國十九年攝。"})
    for number in range(4):
        given.picture(folder / "album" / f"{number}.png", size=(900, 600), shade=140 + number)
    given.write_json(folder / "album" / "metadata.json", {"title": ALBUM, "kind": "photograph"})
    book = room_book.make(folder / "book")
    edition = room_book.make(folder / "edition", 8, title=OTHER)
    hand_in(library, book, edition, pictures, folder / "album")
    app = create_app(library)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.port}", {item.description.title: item.id for item in shown(library)})
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
        library.close()


@pytest.fixture
def desk(browser: Any, site: Site) -> Iterator[Visit]:
    """A visitor with mouse and keyboard."""
    yield from _visit(browser, site, DESK)


@pytest.fixture
def phone(browser: Any, site: Site) -> Iterator[Visit]:
    """A visitor with a finger."""
    yield from _visit(browser, site, PHONE)


def _visit(browser: Any, site: Site, size: dict[str, int]) -> Iterator[Visit]:
    context = browser.new_context(viewport=size, locale="zh-CN", base_url=site.base, has_touch=size is PHONE)
    context.add_init_script(WATCH)
    visit = Visit(context.new_page())
    visit.page.on("console", lambda told: visit.complaints.append(told.text) if told.type == "error" else None)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("request", lambda asked: visit.asked.append(asked.url))
    decoded = rendering.renders.count
    yield visit
    visit.check()
    assert rendering.renders.count == decoded, "turning pages decodes nothing"
    context.close()


def test_what_is_decoded_is_counted(site: Site) -> None:
    """Without this, the count that all others look at might stand still for ever."""
    before = rendering.renders.count
    with urllib.request.urlopen(
        f"{site.base}/iiif/image/3/{site.book}-5/full/333,/0/default.jpg", timeout=30
    ) as answer:
        assert answer.read(2) == b"\xff\xd8"
    assert rendering.renders.count == before + 1


# Spreads and turning


def test_a_spread_lies_the_way_the_book_is_read(desk: Visit, site: Site) -> None:
    desk.open(f"/read/{site.book}/2")
    desk.until_open(2, 3)
    first, second = desk.frame(2), desk.frame(3)
    assert abs(second["left"] + second["width"] - first["left"]) < 1, (
        "page 2 on the right, page 3 touches it on the left"
    )
    assert abs(first["top"] - second["top"]) < 1
    assert first["width"] > 300


def test_cover_and_foldout_lie_alone(desk: Visit, site: Site) -> None:
    desk.open(f"/read/{site.book}/1")
    desk.until_open(1)
    for position, expected in ((149, [148, 149]), (150, [150]), (151, [151, 152]), (300, [299, 300])):
        desk.page.fill("#to", str(position))
        desk.page.press("#to", "Enter")
        desk.until_open(*expected)
    desk.page.fill("#to", "150")
    desk.page.press("#to", "Enter")
    desk.until_open(150)
    foldout = desk.frame(150)
    assert foldout["width"] / foldout["height"] == pytest.approx(1.8, abs=0.02)


def test_arrows_turn_the_way_of_the_book_and_the_address_follows(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/1")
    page.evaluate("window.stayed = true")
    page.keyboard.press("ArrowLeft")
    desk.until_open(2, 3)
    page.keyboard.press("ArrowLeft")
    desk.until_open(4, 5)
    page.wait_for_url(f"**/read/{site.book}/4")
    page.keyboard.press("ArrowRight")
    desk.until_open(2, 3)
    page.click(".turn-after a")
    desk.until_open(4, 5)
    left = page.evaluate("document.querySelector('.turn-after a').getBoundingClientRect().left")
    assert left < DESK["width"] / 2, "the way on is on the left"
    page.keyboard.press("End")
    desk.until_open(299, 300)
    page.go_back()
    desk.until_open(4, 5)
    assert page.evaluate("window.stayed"), "nothing of this has loaded the page again"


def test_a_label_or_a_number_leads_to_its_page(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/1")
    for asked, position in (("卷三 葉十二", 73), ("137", 137), ("卷十葉二", 273), ("書衣", 1)):
        page.fill("#to", asked)
        page.press("#to", "Enter")
        desk.until(f"{ROOM}.position === {position}")
        assert position in desk.opening()
        assert room_book.label(position) in page.inner_text(".reader-place")
    page.focus("#to")
    page.keyboard.type("卷二 葉一")
    offered = page.eval_on_selector_all("#labels option", "all => all.map(each => each.value)")
    assert "卷二 葉一" in offered
    assert len(offered) <= 12


def test_the_wheel_turns_and_zooms(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/2")
    desk.until_open(2, 3)
    page.mouse.move(700, 450)
    page.mouse.wheel(0, 200)
    desk.until_open(4, 5)
    before = desk.frame(4)["width"]
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.keyboard.up("Control")
    desk.until(f"{ROOM}.pageFrame(4).width > {before} * 1.2")
    page.keyboard.press("0")
    desk.until(f"Math.abs({ROOM}.pageFrame(4).width - {before}) < 2")


# Thumbnails and contents


def test_all_pages_small_are_few_at_a_time_and_lead_on(desk: Visit, site: Site, tmp_path: Path) -> None:
    page = desk.open(f"/read/{site.book}/75")
    page.keyboard.press("m")
    page.wait_for_selector(".thumb")
    assert page.evaluate("document.activeElement.dataset.position") == "75"
    current = page.eval_on_selector_all(".thumb[aria-current]", "all => all.map(each => Number(each.dataset.position))")
    assert sorted(current) == [74, 75]
    places = page.evaluate(
        """Object.fromEntries([...document.querySelectorAll('.thumb')].map(each =>
             [each.dataset.position, each.getBoundingClientRect().x]))"""
    )
    columns = page.evaluate(
        "new Set([...document.querySelectorAll('.thumb')].map(e => e.getBoundingClientRect().x)).size"
    )
    first = next(n for n in range(70, 80) if (n - 1) % columns == 0)
    assert places[str(first)] > places[str(first + 1)], "the first page of a row is on the right"
    assert page.locator(".thumb").count() < 120
    page.screenshot(path=tmp_path / "thumbs.png")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    target = page.evaluate("document.activeElement.dataset.position")
    assert int(target) == 75 + 1 + columns
    page.keyboard.press("Enter")
    desk.until(f"{ROOM}.position === {target}")
    expect(page.locator(".thumb")).to_have_count(0)
    page.click("[data-thumbs]")
    page.wait_for_selector(".thumb")
    page.keyboard.press("Escape")
    expect(page.locator("#thumbs")).to_be_hidden()
    expect(page.locator("[data-thumbs]")).to_be_focused()


def test_five_thousand_pages_small_do_not_ask_for_five_thousand_pictures(desk: Visit, site: Site) -> None:
    def longer(route: Any) -> None:
        told = route.fetch().json()
        told["pages"] = (told["pages"] * 17)[:5000]
        route.fulfill(json=told)

    desk.page.route("**/pages.json*", longer)
    page = desk.open(f"/read/{site.book}/2")
    page.keyboard.press("m")
    page.wait_for_selector(".thumb img[src]")
    page.keyboard.press("End")
    page.wait_for_selector(".thumb[data-position='5000'] img[src]")
    assert page.evaluate("document.activeElement.dataset.position") == "5000"
    desk.until("document.querySelector('.thumb[data-position=\"5000\"] img').naturalWidth > 0")
    assert len([url for url in desk.asked if "/full/300," in url]) < 250, "what lies between is not asked for"
    for _ in range(20):
        page.evaluate("document.querySelector('[data-thumbs-scroller]').scrollBy(0, -1500)")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        assert page.locator(".thumb").count() < 150
    page.locator("[data-thumbs-scroller]").evaluate("scroller => scroller.scrollTo(0, scroller.scrollHeight)")
    page.click(".thumb[data-position='5000']")
    desk.until(f"{ROOM}.opening.includes(5000)")


def test_the_contents_lead_and_say_where_one_is(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/1")
    page.evaluate("window.stayed = true")
    page.click(".drawer summary")
    fold = page.locator(".contents > li", has_text="卷五").locator("> .fold")
    assert not page.get_by_role("link", name="卷五 藝文").is_visible(), "a long table is folded"
    fold.click()
    page.get_by_role("link", name="卷五 藝文").click()
    desk.until(f"{ROOM}.position === 142")
    current = page.locator(".contents a[aria-current]")
    expect(current).to_have_text("卷五 藝文")
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    desk.until(f"{ROOM}.position === 300")
    page.click(".drawer summary")
    expect(current).to_have_text("卷十 藝文")
    expect(current, "what one reads is unfolded").to_be_visible()
    expect(page.locator("[data-compare-link]")).to_have_attribute("href", f"/compare?a={site.book}&ap=300")
    assert page.evaluate("window.stayed")


# Text


def test_a_search_finds_and_its_boxes_lie_on_the_characters(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/137?q=通济桥")
    page.wait_for_selector(".overlay-hits rect", state="attached")
    _assert_boxes(desk, 137)
    listed = page.eval_on_selector_all(".hits a", "all => all.map(each => Number(each.dataset.position))")
    assert listed == list(room_book.PHRASE_PAGES)
    page.keyboard.press("n")
    page.keyboard.press("n")
    desk.until(f"{ROOM}.opening.includes(262)")
    _wait_for_current_hit(page, 262)
    _assert_boxes(desk, 262)
    page.keyboard.press("0")
    page.keyboard.press("m")
    page.wait_for_selector(".thumb.is-hit")
    marked = page.eval_on_selector_all(".thumb.is-hit", "all => all.map(each => Number(each.dataset.position))")
    assert marked == [262]


def test_a_search_by_typing(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/1")
    page.keyboard.press("/")
    page.keyboard.type("通濟橋")
    page.keyboard.press("Enter")
    desk.until(f"{ROOM}.opening.includes(7)")
    _wait_for_current_hit(page, 7)
    _assert_boxes(desk, 7)


def _wait_for_current_hit(page: Any, position: int) -> None:
    """A hit is marked when it has been brought into view, which may move the page."""
    page.wait_for_selector(f".overlay[data-position='{position}'] .overlay-hit-current rect", state="attached")


def _assert_boxes(visit: Visit, position: int) -> None:
    """What is drawn covers the characters of the phrase, column by column, and little else."""
    rest(visit.page, f"{ROOM}.pageFrame({position})")
    frame = visit.frame(position)
    scale = frame["width"] / room_book.SIZE[0]
    drawn = visit.page.eval_on_selector_all(
        f".overlay[data-position='{position}'] .overlay-hits rect",
        "all => all.map(each => each.getBoundingClientRect()).map(box => [box.left, box.top, box.width, box.height])",
    )
    columns: dict[int, list[tuple[int, int, int, int]]] = {}
    for box in room_book.phrase_boxes(position):
        columns.setdefault(box[0], []).append(box)
    assert len(drawn) == len(columns)
    for (left, top, width, height), (x, boxes) in zip(drawn, columns.items(), strict=True):
        expected = (x, boxes[0][1], room_book.CELL, room_book.CELL * len(boxes))
        middle = ((left + width / 2 - frame["left"]) / scale, (top + height / 2 - frame["top"]) / scale)
        assert middle == pytest.approx((expected[0] + expected[2] / 2, expected[1] + expected[3] / 2), abs=4)
        assert (width / scale, height / scale) == pytest.approx(expected[2:], abs=16)


def test_text_is_selected_in_the_order_of_reading(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/2")
    desk.until_open(2, 3)
    for position in (2, 3):
        page.wait_for_selector(f".overlay[data-position='{position}'] [data-line]", state="attached")
    _drag(desk, (2, 1, 3), (2, 2, 9))
    written = "".join(room_book.columns(2))
    selected = "".join(page.evaluate("getSelection().toString()").split())
    start, end = room_book.CHARACTERS + 3, 2 * room_book.CHARACTERS + 9
    assert selected == written[start : end + 1]
    _drag(desk, (2, 7, 10), (3, 0, 4))
    selected = "".join(page.evaluate("getSelection().toString()").split())
    assert selected == written[7 * room_book.CHARACTERS + 10 :] + room_book.columns(3)[0][:5], "on over the fold"


def _drag(visit: Visit, start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    """Draw the mouse from before one character to behind another: (page, column, place) of each."""
    points = []
    for (position, column, place), part in ((start, 0.1), (end, 0.9)):
        frame = visit.frame(position)
        scale = frame["width"] / room_book.SIZE[0]
        x, y, width, height = room_book.glyph_box(column, place)
        points.append((frame["left"] + (x + width / 2) * scale, frame["top"] + (y + height * part) * scale))
    visit.page.mouse.move(*points[0])
    visit.page.mouse.down()
    visit.page.mouse.move(*[(a + b) / 2 for a, b in zip(*points, strict=True)])
    visit.page.mouse.move(*points[1], steps=4)
    visit.page.mouse.up()


# Touch


def test_a_finger_turns_pages_and_two_zoom(phone: Visit, site: Site, tmp_path: Path) -> None:
    page = phone.open(f"/read/{site.book}/5")
    phone.until_open(5)
    touch = page.context.new_cdp_session(page)
    _swipe(touch, (100, 400), (300, 410))
    phone.until_open(6)
    _swipe(touch, (300, 400), (100, 395))
    phone.until_open(5)
    page.screenshot(path=tmp_path / "phone.png")
    before = phone.frame(5)["width"]
    _pinch(touch, (195, 400), 40, 150)
    phone.until(f"{ROOM}.pageFrame(5).width > {before} * 1.5")
    _swipe(touch, (100, 400), (300, 410))
    page.wait_for_timeout(300)
    assert phone.opening() == [5], "what is enlarged is moved, not turned"


def _swipe(touch: Any, start: tuple[int, int], end: tuple[int, int], steps: int = 6) -> None:
    _send(touch, "touchStart", [start])
    for step in range(1, steps + 1):
        part = step / steps
        _send(touch, "touchMove", [(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)])
    _send(touch, "touchEnd", [])


def _pinch(touch: Any, middle: tuple[int, int], near: int, far: int, steps: int = 8) -> None:
    def at(apart: float) -> list[tuple[float, float]]:
        return [(middle[0] - apart, middle[1]), (middle[0] + apart, middle[1])]

    _send(touch, "touchStart", at(near))
    for step in range(1, steps + 1):
        _send(touch, "touchMove", at(near + (far - near) * step / steps))
    _send(touch, "touchEnd", [])


def _send(touch: Any, kind: str, points: list[Any]) -> None:
    named = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": named})


def test_panels_on_a_phone(phone: Visit, site: Site) -> None:
    page = phone.open(f"/read/{site.book}/5")
    page.tap("[data-thumbs]")
    page.wait_for_selector(".thumb img[src]")
    page.tap(".thumb[data-position='9']")
    phone.until_open(9)
    page.tap(".drawer summary")
    page.get_by_role("link", name="卷二", exact=True).tap()
    phone.until_open(32)
    expect(page.locator(".drawer .panel"), "the drawer makes room for the page").to_be_hidden()


# Keyboard alone, and no scripts


def test_the_keyboard_alone_leads_from_the_item_page_to_page_five(desk: Visit, site: Site) -> None:
    page = desk.page
    page.goto(f"/items/{site.book}")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "开始阅读":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-room=open]")
    page.keyboard.press("g")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    desk.until_open(4, 5)


def test_without_scripts_it_is_a_book_of_plain_pages(browser: Any, site: Site) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site.base, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/read/{site.book}/2?q=通济桥")
    assert page.locator(".leaf img").is_visible()
    assert not page.locator("[data-thumbs]").is_visible(), "what needs scripts is not offered"
    page.click('.turn a[rel="next"]')
    page.wait_for_url(re.compile(rf"/read/{site.book}/3\b"))
    page.fill("#to", "卷三 葉十二")
    page.press("#to", "Enter")
    page.wait_for_url(re.compile(rf"/read/{site.book}/73\b"))
    page.click(".drawer summary")
    page.click(".drawer .hits a >> nth=1")
    page.wait_for_url(re.compile(rf"/read/{site.book}/137\b"))
    page.click(".drawer summary")
    page.click("text=与另一本并排对读")
    page.click(f'a[href*="b={site.ids[OTHER]}"]')
    expect(page.locator(".side img")).to_have_count(2)
    expect(page.locator(".compare-sync")).to_be_hidden()
    page.click('.side >> nth=1 >> a[rel="next"]')
    page.wait_for_url("**ap=137&*bp=2")
    page.goto(f"/read/{site.ids[PHOTOGRAPH]}/1")
    assert not page.locator(".jump").is_visible(), "one picture has no pages to turn"
    assert "民國十九年攝" in page.inner_text(".caption")
    context.close()


# Two editions


def test_two_editions_turn_apart_and_together(desk: Visit, site: Site, tmp_path: Path) -> None:
    page = desk.page
    page.goto(f"/compare?a={site.book}&ap=5&b={site.ids[OTHER]}&bp=3")
    page.wait_for_selector("html[data-compare=open]")
    left, right = page.locator(".side").nth(0), page.locator(".side").nth(1)
    left.locator('a[rel="next"]').click()
    page.wait_for_url("**ap=6&*bp=3")
    page.click(".compare-sync")
    left.locator(".side-desk").hover()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**ap=7&*bp=4&sync=1")
    for side, position in ((left, 7), (right, 4)):
        expect(side.locator(".side-place")).to_have_text(room_book.label(position))
        # The address follows at once, the page when it can be drawn, and then whole.
        expect(side.locator(".canvas")).to_have_attribute("aria-label", re.compile(room_book.label(position)))
    box = left.locator(".side-desk").bounding_box()
    right.locator(".leaf").wait_for(state="hidden")
    before = _paper(right)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.until(
        f"document.querySelectorAll('.side .paper-ground')[1].getBoundingClientRect().width > {before['width']} * 1.5"
    )
    page.screenshot(path=tmp_path / "compare.png")
    page.reload()
    page.wait_for_selector("html[data-compare=open]")
    expect(page.locator(".compare-sync")).to_have_attribute("aria-checked", "true")
    page.click("text=左右对调")
    page.wait_for_url(f"**a={site.ids[OTHER]}&*")
    page.wait_for_selector("html[data-compare=open]")


def _paper(side: Any) -> dict[str, float]:
    found: dict[str, float] = side.locator(".paper-ground").bounding_box()
    return found


def test_two_editions_lie_one_above_the_other_on_a_phone(phone: Visit, site: Site) -> None:
    page = phone.page
    page.goto(f"/compare?a={site.book}&ap=5&b={site.ids[OTHER]}&bp=3")
    page.wait_for_selector("html[data-compare=open]")
    first, second = (page.locator(".side").nth(number).bounding_box() for number in (0, 1))
    assert first["y"] + first["height"] <= second["y"] + 1
    touch = page.context.new_cdp_session(page)
    middle = int(second["y"] + second["height"] / 2)
    _swipe(touch, (100, middle), (300, middle))
    page.wait_for_url("**ap=5&*bp=4")
    page.set_viewport_size({"width": 320, "height": 640})
    for language in ("zh-Hans", "en"):
        page.goto(f"/compare?a={site.book}&ap=5&b={site.ids[OTHER]}&bp=3&lang={language}")
        page.wait_for_selector("html[data-compare=open]")
        assert page.evaluate("document.documentElement.scrollWidth") == 320


# Photographs and maps


def test_the_scripts_know_the_sizes_that_ingest_makes(desk: Visit, site: Site) -> None:
    pages = [(w, h) for w in (1, 7, 300, 301, 700, 1024, 1599, 1601, 4001) for h in (1, 3, 299, 1000, 4999, 64_000)]
    told = desk.open(f"/read/{site.ids[PHOTOGRAPH]}/1").evaluate(
        """([address, pages]) => import(address).then(({ madeSizes }) => pages.map(([width, height]) =>
          madeSizes({ width, height }, [300, 1024, 1600]).map((size) => [size.width, size.height])))""",
        [desk.page.locator("link[rel=modulepreload][href$='/pagesource.js']").get_attribute("href"), pages],
    )
    assert told == [[list(size) for size in made_sizes(*page)] for page in pages]


def test_a_photograph_is_shown_whole_with_its_caption_and_nothing_of_a_book(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.ids[PHOTOGRAPH]}/1")
    frame, ground = desk.frame(1), page.locator(".stage").bounding_box()
    caption = page.locator(".caption").bounding_box()
    assert frame["left"] >= ground["x"] - 1
    assert frame["left"] + frame["width"] <= caption["x"] + 1
    assert frame["top"] + frame["height"] <= ground["y"] + ground["height"] + 1
    for part in (".jump", ".thread", ".turn a", "[data-thumbs]", ".picture-row"):
        assert not page.locator(part).first.is_visible(), part
    page.click(".caption summary")
    desk.until(f"{ROOM}.pageFrame(1).width > {frame['width']}")


def test_several_photographs_have_a_row_of_themselves(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.ids[ALBUM]}/1")
    expect(page.locator(".picture-row button")).to_have_count(4)
    page.click(".picture-row button >> nth=2")
    desk.until_open(3)
    expect(page.locator(".picture-row [aria-current]")).to_have_attribute("title", "第 3 页")


def test_a_large_map_has_a_small_one_in_the_corner(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.ids[MAP]}/1")
    assert not page.locator(".navigator").is_visible(), "the whole map needs no map"
    page.click('.fit-tools [data-act="pixel"]')
    page.wait_for_selector(".navigator", state="visible")
    rest(page, f"{ROOM}.pageFrame(1)")
    assert page.evaluate(f"{ROOM}.zoom") == pytest.approx(1, abs=0.02)
    before = desk.frame(1)["left"]
    small = page.locator(".navigator").bounding_box()
    page.mouse.click(small["x"] + small["width"] * 0.1, small["y"] + small["height"] * 0.1)
    desk.until(f"{ROOM}.pageFrame(1).left + {ROOM}.stage.getBoundingClientRect().left > {before} + 50")
    page.click('.fit-tools [data-act="page"]')
    page.wait_for_selector(".navigator", state="hidden")


def wait_till_seen_in_the_drawer(page: Any, selector: str) -> None:
    """All of an element lies in the part of the drawer that is seen, with nothing of the drawer over it."""
    is_seen = """selector => {
      const panel = document.querySelector('.drawer .panel'), wanted = panel.querySelector(selector);
      if (!wanted) return false;
      const [box, seen] = [wanted, panel].map(each => each.getBoundingClientRect());
      const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return box.height > 0 && box.top >= seen.top && box.bottom <= seen.bottom
        && Boolean(over?.closest(selector) || over?.querySelector(selector));
    }"""
    until(lambda: page.evaluate(is_seen, selector), told=lambda: selector)


@pytest.mark.parametrize("visitor", ["desk", "phone"])
def test_what_is_found_stays_in_sight_while_something_is_looked_for(
    visitor: str, site: Site, request: pytest.FixtureRequest
) -> None:
    visit: Visit = request.getfixturevalue(visitor)
    page = visit.open(f"/read/{site.book}/150")
    page.click(".drawer summary")
    wait_till_seen_in_the_drawer(page, ".contents a[aria-current]")  # without a search one sees where one is
    wait_till_seen_in_the_drawer(page, "input[type=search]")
    page.fill(".drawer input[type=search]", "通济桥")
    page.wait_for_selector(".drawer .hits a")
    page.press(".drawer input[type=search]", "Enter")
    page.wait_for_selector(".overlay-hit-current rect", state="attached")  # with it the drawer has made room, or not
    for _ in range(2):
        if not page.locator(".drawer .panel").is_visible():
            page.click(".drawer summary")
        page.wait_for_timeout(200)
        wait_till_seen_in_the_drawer(page, "input[type=search]")
        wait_till_seen_in_the_drawer(page, ".hits li:first-child a")
        page.click(".drawer summary")
    page.keyboard.press("End")
    visit.until_open(*((299, 300) if visitor == "desk" else (300,)))
    page.click(".drawer summary")
    page.wait_for_timeout(200)
    wait_till_seen_in_the_drawer(page, ".hits li:first-child a")


def test_a_label_is_found_however_it_is_written(desk: Visit, site: Site) -> None:
    page = desk.open(f"/read/{site.book}/1")
    for wanted, position in (("卷3叶12", 73), ("１２", 12), ("卷三葉十二", 73), ("卷二 叶１", 32)):
        page.fill("#to", wanted)
        page.press("#to", "Enter")
        desk.until(f"{ROOM}.position === {position}")
        page.press("#to", "Escape")


@pytest.mark.parametrize("visitor", ["desk", "phone"])
def test_the_tools_of_a_picture_lie_beside_it(visitor: str, site: Site, request: pytest.FixtureRequest) -> None:
    visit: Visit = request.getfixturevalue(visitor)
    for title in (MAP, ALBUM):
        page = visit.open(f"/read/{site.ids[title]}/1")
        desk, foot = (page.locator(each).bounding_box() for each in (".desk", ".reader-foot"))
        tools = page.locator(".fit-tools").bounding_box()
        assert tools["y"] >= desk["y"] + desk["height"] - 1
        assert foot["y"] <= tools["y"] <= tools["y"] + tools["height"] <= foot["y"] + foot["height"] + 1
        others = ".zoom, .thumbs-open, .picture-row, .turn a"
        for other in page.locator(others).all():
            if other.is_visible():
                box = other.bounding_box()
                assert (
                    box["x"] + box["width"] <= tools["x"] + 1
                    or box["x"] >= tools["x"] + tools["width"] - 1
                    or box["y"] + box["height"] <= tools["y"] + 1
                    or box["y"] >= tools["y"] + tools["height"] - 1
                ), other
