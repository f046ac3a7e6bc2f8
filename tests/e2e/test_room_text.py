"""Text in the reading room, in a real browser: selecting it over the scan, finding in the book, reading it beside."""

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
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.waiting import copied, expect, rest, until
from handing_in import hand_in, shown

from wenyuan.repo import layers, wiring
from wenyuan.repo.catalogue import items
from wenyuan.repo.layers import Box, Line, RegionKind, TextLayer
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

GAZETTEER = Path(__file__).resolve().parents[2] / "sample" / "collection" / "01-gazetteers" / "nanshan-xianzhi"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LEAVES = 8
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""
START = "from wenyuan.reader.commands.serve import serve; serve()"
SELECTED = "getSelection().toString()"

Point = tuple[float, float]
Rect = tuple[float, float, float, float]


@dataclass
class Site:
    """A running server with two vertical books: wide leaves with small notes, and a bound volume of narrow pages."""

    base: str
    wide: str
    bound: str
    texts: dict[tuple[str, int], TextLayer]
    """By item and place."""


@dataclass
class Visit:
    """A page in the browser, and what went wrong on it."""

    page: Any
    site: Site
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Wait until the room has taken over."""
        self.page.goto(address)
        self.page.wait_for_selector("html[data-room=open]")

    def open_text(self, address: str) -> None:
        """Wait until the text of the first page can be selected."""
        self.open(address)
        self.page.wait_for_selector(".overlay-line", state="attached")

    def check(self) -> None:
        """No error in the console, nothing blocked, nothing to scroll sideways."""
        assert self.complaints == []
        assert self.page.evaluate("window.violations") == []
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]

    def paper(self) -> Rect:
        """The paper of the opening in the window; it is laid by the viewer and not by what is tested here."""
        self.page.wait_for_selector(".paper-ground")
        rest(self.page, "document.querySelector('.paper-ground').getBoundingClientRect()")
        return self._rect(".paper-ground")

    def overlay(self, position: int) -> Rect:
        """What lies over a page."""
        return self._rect(f'.overlay[data-position="{position}"]')

    def rects(self, selector: str) -> list[Rect]:
        """Boxes in the window of all these elements."""
        found = self.page.evaluate(
            "all => [...document.querySelectorAll(all)].map(e => e.getBoundingClientRect())"
            ".map(r => [r.left, r.top, r.width, r.height])",
            selector,
        )
        return [tuple(each) for each in found]

    def drag(self, *through: Point) -> None:
        """Press the mouse, move it through these points, let go; and wait for the frame that draws what is selected."""
        mouse = self.page.mouse
        mouse.move(*through[0])
        mouse.down()
        for point in through[1:]:
            mouse.move(*point, steps=4)
        mouse.up()
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def selected(self) -> str:
        """The text that is selected."""
        return str(self.page.evaluate(SELECTED))

    def copied(self) -> str:
        """What the browser's own copying puts on the clipboard."""
        return copied(self.page, lambda: self.page.keyboard.press("Control+c"))

    def _rect(self, selector: str) -> Rect:
        return self.rects(selector)[0]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two books, ingested and served as `wenyuan serve` does."""
    folder = tmp_path_factory.mktemp("room-text")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    hand_in(library, GAZETTEER, room_book.make(folder / "bound", LEAVES))
    ids = {item.description.title: item.id for item in shown(library)}
    texts: dict[tuple[str, int], TextLayer] = {}
    with library.catalogue.reading() as session:
        for item in ids.values():
            for view in items.pages(session, item):
                if view.layer:
                    texts[item, view.position] = layers.decode(library.blobs.read(view.layer))
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
        yield Site(base, ids["南山縣志"], ids[room_book.TITLE], texts)
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def desk(browser: Any, site: Site) -> Iterator[Visit]:
    """A visitor at a desk, with a mouse."""
    yield from _visit(browser, site, DESK)


@pytest.fixture
def phone(browser: Any, site: Site) -> Iterator[Visit]:
    """A visitor with a telephone."""
    yield from _visit(browser, site, PHONE)


def _visit(browser: Any, site: Site, size: dict[str, int]) -> Iterator[Visit]:
    context = browser.new_context(viewport=size, locale="zh-CN", base_url=site.base, has_touch=size is PHONE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_init_script(WATCH)
    visit = Visit(context.new_page(), site)
    visit.page.on("console", lambda told: visit.complaints.append(told.text) if told.type == "error" else None)
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


@dataclass
class Sheet:
    """A page as it lies in the window: from boxes of the scan to points of the screen."""

    text: TextLayer
    frame: Rect
    turned: bool = False
    """By 90° to the right."""

    @property
    def lines(self) -> list[Line]:
        """The running text's lines."""
        return [line for region in self.text.running for line in region.lines]

    @property
    def text_lines(self) -> list[Line]:
        """Lines of more than ten characters: columns of the text itself."""
        return [line for line in self.lines if len(line.text) > 10]

    def point(self, x: float, y: float) -> Point:
        """Where a point of the scan is seen."""
        left, top, width, _ = self.frame
        if self.turned:
            scale = width / self.text.height
            return left + (self.text.height - y) * scale, top + x * scale
        scale = width / self.text.width
        return left + x * scale, top + y * scale

    def rect(self, box: Box) -> Rect:
        """Where a box of the scan is seen."""
        corners = [self.point(box.x, box.y), self.point(box.x + box.width, box.y + box.height)]
        left, right = sorted(corner[0] for corner in corners)
        top, bottom = sorted(corner[1] for corner in corners)
        return left, top, right - left, bottom - top

    def before(self, line: Line, place: int) -> Point:
        """A point in the first fifth of a character."""
        glyph = line.glyphs[place]
        return self.point(glyph.x + glyph.width / 2, glyph.y + 0.2 * glyph.height)

    def after(self, line: Line, place: int) -> Point:
        """A point in the last fifth of a character."""
        glyph = line.glyphs[place]
        return self.point(glyph.x + glyph.width / 2, glyph.y + 0.8 * glyph.height)


def around(boxes: list[Box]) -> Box:
    """One box around characters of a column."""
    top, bottom = min(box.y for box in boxes), max(box.y + box.height for box in boxes)
    left, right = min(box.x for box in boxes), max(box.x + box.width for box in boxes)
    return Box(left, top, right - left, bottom - top)


def same(one: Rect, other: Rect, tolerance: float) -> bool:
    """Whether two boxes are the same but for so many CSS pixels on each side."""
    return all(
        abs(a - b) <= tolerance
        for a, b in (
            (one[0], other[0]),
            (one[1], other[1]),
            (one[0] + one[2], other[0] + other[2]),
            (one[1] + one[3], other[1] + other[3]),
        )
    )


def open_wide(desk: Visit, site: Site, position: int, more: str = "") -> Sheet:
    """A page of the book of wide leaves, which is seen alone."""
    desk.open_text(f"/read/{site.wide}/{position}{more}")
    return Sheet(site.texts[site.wide, position], desk.paper())


def test_dragging_down_a_column_selects_exactly_its_characters(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    column = sheet.text_lines[0]
    desk.drag(sheet.before(column, 2), sheet.after(column, 7))
    assert desk.selected() == column.text[2:8]
    marks = desk.rects(".overlay-selected rect")
    assert len(marks) == 1
    ink = sheet.rect(around(list(column.glyphs[2:8])))
    assert abs(marks[0][1] - ink[1]) < 1
    assert abs(marks[0][1] + marks[0][3] - ink[1] - ink[3]) < 1
    assert marks[0][0] - 1 <= ink[0]
    assert ink[0] + ink[2] <= marks[0][0] + marks[0][2] + 1
    desk.check()


def test_lines_are_joined_as_they_are_read(desk: Visit, site: Site) -> None:
    """Nothing between Chinese lines, a blank between words; a soft hyphen goes, and so do empty lines."""
    desk.open(f"/read/{site.wide}/4")
    clean = "async lines => (await import('/static/js/room/copying.js')).clean(lines)"

    def cleaned(*lines: tuple[int, str]) -> str:
        told = [{"paragraph": paragraph, "text": text} for paragraph, text in lines]
        return str(desk.page.evaluate(clean, told))

    assert cleaned((1, "天地玄黃"), (1, "宇宙洪荒"), (2, "日月盈昃")) == "天地玄黃宇宙洪荒\n日月盈昃"
    assert cleaned((1, "the quick"), (1, "brown fox"), (1, "jum\u00ad"), (1, "ped")) == "the quick brown fox jumped"
    assert cleaned((1, "見 ISBN"), (1, "九七八"), (1, ""), (1, "wood-"), (1, "block")) == "見 ISBN九七八wood-block"
    assert cleaned((1, "𠀀𠀁"), (1, "𠀂")) == "𠀀𠀁𠀂"


def test_characters_are_counted_as_the_boxes_count_them(desk: Visit, site: Site) -> None:
    """By code point; without boxes of their own they share the line's evenly, in its direction."""
    desk.open(f"/read/{site.wide}/4")
    lines = [
        {"text": "𠀀地𠀁黃", "direction": "ttb", "box": [10, 100, 20, 80], "glyphs": None},
        {"text": "abcd", "direction": "rtl", "box": [100, 10, 80, 20], "glyphs": None},
    ]
    told = desk.page.evaluate(
        """async lines => {
          const { PageText } = await import('/static/js/room/texts.js');
          const page = new PageText(1, { regions: [{ kind: 'text', lines }, { kind: 'furniture', lines }] });
          const [column, line] = page.lines;
          const nearest = (x, y) => page.nearest(x, y).line.text;
          return [page.lines.length, column.units, column.boxOf(1, 3), column.gapAt(15, 131),
                  column.characterAt(15, 131), line.boxOf(0, 1), line.gapAt(165, 20),
                  nearest(15, 150), nearest(150, 15)];
        }""",
        lines,
    )
    assert told == [2, [0, 2, 3, 5, 6], [10, 120, 20, 40], 2, 1, [160, 10, 20, 20], 1, "𠀀地𠀁黃", "abcd"]


def test_small_notes_in_two_half_columns_are_selected_each_for_itself(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 5)
    widths = [line.box.width for line in sheet.lines if line.box]
    notes = [place for place, line in enumerate(sheet.lines) if line.box and line.box.width < 0.75 * max(widths)]
    assert notes
    for line in sheet.lines[notes[0] - 1 : notes[0] + 3]:
        desk.drag(sheet.before(line, 0), sheet.after(line, len(line.text) - 1))
        assert desk.selected() == line.text
        desk.page.keyboard.press("Escape")


def test_a_selection_runs_from_column_to_column_right_to_left_and_copies_without_line_ends(
    desk: Visit, site: Site
) -> None:
    sheet = open_wide(desk, site, 4)
    lines = sheet.lines
    first = next(place for place, line in enumerate(lines) if len(line.text) > 12)
    right, left = lines[first], lines[first + 1]
    assert left.box is not None
    assert right.box is not None
    assert left.box.x < right.box.x
    desk.drag(sheet.before(right, 5), sheet.after(right, 9), sheet.after(left, 3))
    assert desk.selected() == right.text[5:] + left.text[:4]
    assert desk.copied() == right.text[5:] + left.text[:4]
    desk.page.keyboard.press("Escape")
    assert desk.selected() == ""


def test_a_selection_is_the_same_dragged_backwards(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    right, left = sheet.text_lines[0], sheet.text_lines[1]
    desk.drag(sheet.after(left, 3), sheet.before(right, 5))
    lines = sheet.lines
    between = lines[lines.index(right) : lines.index(left) + 1]
    expected = right.text[5:] + "".join(line.text for line in between[1:-1]) + left.text[:4]
    assert desk.selected() == expected


def test_a_double_click_selects_a_phrase_and_shift_extends_it(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    column, next_one = sheet.text_lines[0], sheet.text_lines[1]
    desk.page.mouse.dblclick(*sheet.before(column, 4))
    assert desk.selected() == column.text
    desk.page.keyboard.down("Shift")
    desk.page.mouse.click(*sheet.after(next_one, 1))
    desk.page.keyboard.up("Shift")
    assert desk.selected().startswith(column.text)
    assert desk.selected().endswith(next_one.text[:2])


def test_the_whole_page_is_copied_in_reading_order_without_furniture(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    regions = ["".join(line.text for line in region.lines) for region in sheet.text.running]
    furniture = [region for region in sheet.text.regions if region.kind is RegionKind.FURNITURE]
    assert furniture, "the fishtail of this leaf is furniture"
    desk.page.keyboard.press("Control+a")
    assert desk.copied() == "\n".join(regions)
    desk.page.keyboard.press("Escape")
    desk.page.locator("summary", has_text="显示").click()
    assert copied(desk.page, lambda: desk.page.locator("[data-copy-page-text]").click()) == "\n".join(regions)
    desk.page.wait_for_selector("#room-says:not(:empty)", state="attached")
    desk.check()


def test_text_that_could_not_be_copied_is_ready_to_be_copied_by_hand(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    column = sheet.lines[0]
    desk.drag(sheet.before(column, 0), sheet.after(column, len(column.text) - 1))
    desk.page.evaluate(
        """() => {
          navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
          document.execCommand = () => false;
        }"""
    )
    desk.page.locator(".selection-bar [data-word=copy]").click()
    desk.page.wait_for_selector("#by-hand:modal")
    assert desk.page.locator("#by-hand textarea").input_value() == column.text
    assert "已复制" not in desk.page.locator("#room-says").inner_text(), "nothing was copied, and nothing says so"
    desk.page.keyboard.press("Control+c")
    until(lambda: desk.page.evaluate("navigator.clipboard.readText()") == column.text)
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector("#by-hand", state="hidden")
    desk.check()


def test_a_page_whose_text_cannot_be_fetched_is_not_copied_without_a_word(desk: Visit, site: Site) -> None:
    desk.page.route("**/text.json*", lambda route: route.abort())
    desk.page.goto(f"/read/{site.wide}/4")
    desk.page.wait_for_selector("html[data-room=open]")
    desk.page.locator("summary", has_text="显示").click()
    button = desk.page.locator("[data-copy-page-text]")
    button.click()
    expect(button).to_contain_text("没有取到")
    expect(button).to_contain_text("复制本页文字")
    desk.page.unroute("**/text.json*")


def test_over_a_spread_a_selection_runs_from_the_right_page_to_the_left(desk: Visit, site: Site) -> None:
    desk.open_text(f"/read/{site.bound}/6")
    expect(desk.page.locator(".overlay")).to_have_count(2)
    for position in (6, 7):
        desk.page.wait_for_selector(f'.overlay[data-position="{position}"] .overlay-line', state="attached")
    right, left = (Sheet(site.texts[site.bound, place], desk.overlay(place)) for place in (6, 7))
    paper = desk.paper()
    half = paper[2] / 2
    assert same(right.frame, (paper[0] + half, paper[1], half, paper[3]), 1.5), "the first page is on the right"
    assert same(left.frame, (paper[0], paper[1], half, paper[3]), 1.5)
    last, first = right.lines[-1], left.lines[0]
    desk.drag(right.before(last, 10), left.after(first, 4))
    assert desk.selected() == last.text[10:] + first.text[:5]
    assert desk.copied() == f"{last.text[10:]}\n{first.text[:5]}"
    desk.check()


def test_a_turned_page_is_selected_along_its_columns(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    desk.page.keyboard.press("r")
    until(lambda: desk.paper()[3] > desk.paper()[2])
    turned = Sheet(sheet.text, desk.paper(), turned=True)
    column = turned.text_lines[0]
    desk.drag(turned.before(column, 2), turned.after(column, 7))
    assert desk.selected() == column.text[2:8]
    mark = desk.rects(".overlay-selected rect")[0]
    ink = turned.rect(around(list(column.glyphs[2:8])))
    assert abs(mark[0] - ink[0]) < 1
    assert abs(mark[0] + mark[2] - ink[0] - ink[2]) < 1


def test_an_enlarged_page_keeps_text_and_ink_together(desk: Visit, site: Site) -> None:
    open_wide(desk, site, 4)
    for _ in range(3):
        desk.page.keyboard.press("+")
    sheet = Sheet(site.texts[site.wide, 4], desk.paper())
    assert sheet.frame[2] > 2000
    stage = desk.rects(".stage")[0]
    column = next(
        line
        for line in sheet.text_lines
        if all(stage[0] < x < stage[0] + stage[2] for x, _ in (sheet.before(line, 0), sheet.before(line, 5)))
    )
    places = [
        place
        for place in range(len(column.text))
        if stage[1] + 40 < sheet.before(column, place)[1] < stage[1] + stage[3] - 80
    ]
    desk.drag(sheet.before(column, places[0]), sheet.after(column, places[-1]))
    assert desk.selected() == column.text[places[0] : places[-1] + 1]


def test_pages_in_a_row_are_selected_too(desk: Visit, site: Site) -> None:
    desk.open(f"/read/{site.bound}/4")
    desk.page.locator("summary", has_text="显示").click()
    desk.page.locator("[data-mode-button=scroll]").click()
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector('.overlay[data-position="4"] .overlay-line', state="attached")
    leaf = '.scroll-page[data-position="4"]'
    desk.page.wait_for_selector(leaf)
    rest(desk.page, f"document.querySelector('{leaf}').getBoundingClientRect()")
    sheet = Sheet(site.texts[site.bound, 4], desk.rects(leaf)[0])
    column = sheet.lines[2]
    desk.drag(sheet.before(column, 3), sheet.after(column, 9))
    assert desk.selected() == column.text[3:10]
    desk.check()


def test_the_wheel_turns_pages_over_text_and_beside_it_a_drag_selects_nothing(desk: Visit, site: Site) -> None:
    sheet = open_wide(desk, site, 4)
    desk.drag(sheet.point(30, 30), sheet.point(60, 900))
    assert desk.selected() == ""
    desk.page.mouse.move(*sheet.before(sheet.text_lines[0], 3))
    desk.page.mouse.wheel(0, 120)
    desk.page.wait_for_url(f"**/read/{site.wide}/5")


def test_screen_readers_are_told_the_text_once(desk: Visit, site: Site) -> None:
    open_wide(desk, site, 4, "?view=both")
    desk.page.wait_for_selector(".words section")
    column = site.texts[site.wide, 4].lines[0].text
    tree = str(desk.page.locator("body").aria_snapshot())
    assert tree.count(column) == 1


def test_hits_are_boxed_on_their_characters(desk: Visit, site: Site) -> None:
    """A box for each column that a hit runs over, where the glyph boxes of the layer say that the characters stand."""
    for position, query in ((5, "南山"), (7, "通濟橋"), (4, "建置志城池")):
        sheet = open_wide(desk, site, position, f"?q={query}")
        desk.page.wait_for_selector(".overlay-hit rect", state="attached")
        glyphs = [(number, glyph) for number, line in enumerate(sheet.lines) for glyph in line.glyphs]
        expected = []
        for found in re.finditer(query, "".join(line.text for line in sheet.lines)):
            columns: dict[int, list[Box]] = {}
            for number, glyph in glyphs[found.start() : found.end()]:
                columns.setdefault(number, []).append(glyph)
            expected += [sheet.rect(around(part)) for part in columns.values()]
        assert expected
        boxes = desk.rects(".overlay-hit rect")
        assert len(boxes) == len(expected)
        for box, ink in zip(boxes, expected, strict=True):
            assert same(box, ink, 0.25 * min(ink[2], ink[3]) + 1), (query, box, ink)
    desk.check()


def test_typing_finds_and_the_enter_key_goes_to_the_first_hit(desk: Visit, site: Site) -> None:
    page, book = desk.page, site.bound
    desk.open(f"/read/{book}/1")
    page.keyboard.press("/")
    page.keyboard.type("通济桥")
    # Who types slowly is answered in between, too.
    expect(page.locator("[data-found] .note")).to_have_text("1 页有“通济桥”")
    expect(page.locator("[data-found] .hits mark")).to_have_text("通濟橋")
    expect(page.locator("[data-found] .hit-place")).to_have_text(room_book.label(7))
    page.wait_for_url(re.compile(r"\?q="))
    page.keyboard.press("Enter")
    page.wait_for_selector('.overlay[data-position="7"] .overlay-hit-current')
    sheet = Sheet(site.texts[book, 7], desk.overlay(7))
    ink = sheet.rect(around([Box(*box) for box in room_book.phrase_boxes(7)]))
    assert same(desk.rects(".overlay-hit-current rect")[0], ink, 0.25 * ink[2] + 1)
    page.locator(".strip-end").click()
    page.wait_for_selector(".overlay-hit", state="detached")
    page.wait_for_url(re.compile(r"/\d+$"))
    desk.check()


def test_marks_along_the_thread_stand_where_the_hits_are(desk: Visit, site: Site) -> None:
    page, query = desk.page, "城"
    places = [place for (item, place), text in sorted(site.texts.items()) if item == site.wide and query in text.text]
    desk.open(f"/read/{site.wide}/1?q={query}")
    page.wait_for_selector(".hit-strip:not([hidden])")
    drawn = page.locator(".hit-strip-mark").get_attribute("d")
    count = 13
    assert [float(x) for x in re.findall(r"M([\d.]+)", drawn)] == [count - place + 0.5 for place in places]
    strip = desk.rects(".hit-strip")[0]
    assert strip[2] == DESK["width"]

    def at(place: int) -> Point:
        return strip[0] + strip[2] * (count - place + 0.5) / count, strip[1] + strip[3] / 2

    wanted = places[-1]
    page.mouse.move(*at(wanted))
    page.wait_for_selector(".hit-strip-label:not([hidden])")
    label = page.locator(".hit-strip-label").inner_text()
    page.mouse.click(*at(wanted))
    page.wait_for_url(f"**/read/{site.wide}/{wanted}?**")
    expect(page.locator(".reader-place")).to_have_text(label)
    desk.check()


def test_n_goes_on_from_hit_to_hit_and_shift_n_back(desk: Visit, site: Site) -> None:
    page, query = desk.page, "城"
    places = [place for (item, place), text in sorted(site.texts.items()) if item == site.wide and query in text.text]
    counts = {place: site.texts[site.wide, place].text.count(query) for place in places}
    assert max(counts.values()) > 1, "some page has several hits"
    desk.open(f"/read/{site.wide}/1?q={query}")
    page.wait_for_selector(".strip:not([hidden])")
    route = [(place, index) for place in places for index in range(counts[place])]
    for key, steps in (("n", route), ("Shift+N", route[-2::-1])):
        for place, index in steps:
            page.keyboard.press(key)
            page.wait_for_selector(f'.overlay[data-position="{place}"] .overlay-hit-current[data-index="{index}"]')
            expect(page.locator(".overlay-hit-current")).to_have_count(1)
    page.keyboard.press("Shift+N")
    page.wait_for_selector(f'.overlay[data-position="{places[-1]}"] .overlay-hit-current')
    desk.check()


def test_a_hit_that_is_out_of_view_is_brought_into_it(desk: Visit, site: Site) -> None:
    page = desk.page
    desk.open(f"/read/{site.wide}/5?q=城")
    page.wait_for_selector(".overlay-hit", state="attached")
    for _ in range(4):
        page.keyboard.press("+")
    desk.paper()
    stage = desk.rects(".stage")[0]
    for index in range(site.texts[site.wide, 5].text.count("城")):
        page.keyboard.press("n")
        page.wait_for_selector(f'.overlay-hit-current[data-index="{index}"]', state="attached")
        desk.paper()
        box = desk.rects(".overlay-hit-current rect")[0]
        assert stage[0] <= box[0] <= stage[0] + stage[2] - box[2]
        assert stage[1] <= box[1] <= stage[1] + stage[3] - box[3]


def test_an_answer_that_comes_late_is_ignored(desk: Visit, site: Site) -> None:
    page = desk.page
    desk.open(f"/read/{site.wide}/1")
    late: list[Any] = []
    page.route(re.compile(r"search\.json\?q=%E5%B1%B1$"), lambda route: late.append(route))
    page.keyboard.press("/")
    with page.expect_request(re.compile(r"search\.json\?q=%E5%B1%B1$")):
        page.keyboard.type("山")
    page.keyboard.press("Backspace")
    page.keyboard.type("橋")
    page.wait_for_selector("[data-found] .hits mark")
    for route in late:
        route.continue_()
    page.wait_for_timeout(300)
    assert set(page.locator("[data-found] .hits mark").all_inner_texts()) == {"橋"}
    assert "“橋”" in page.locator("[data-found] .note").inner_text()


def test_a_search_that_fails_is_told_in_words(desk: Visit, site: Site) -> None:
    desk.open(f"/read/{site.wide}/1")
    desk.page.context.set_offline(True)
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("山")
    desk.page.wait_for_selector("[data-found] .note:has-text('没有查成')")


def plain_text(browser: Any, address: str) -> list[str]:
    """The lines of a page as the server writes them."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    lines = page.locator(".words-lines > *").evaluate_all("all => all.map(e => e.tagName + ' ' + e.textContent)")
    context.close()
    return [str(line) for line in lines]


def test_the_text_view_says_what_the_plain_page_says(desk: Visit, browser: Any, site: Site) -> None:
    page, book = desk.page, site.wide
    desk.open(f"/read/{book}/4?q=城")
    page.locator(".segments a").nth(2).click()
    page.wait_for_url(f"**/read/{book}/4?**view=text")
    page.wait_for_selector(".words section[data-position='4'] p")
    for position in (4, 5):
        here = f".words section[data-position='{position}'] .words-lines > *"
        page.wait_for_selector(here, state="attached")
        lines = page.locator(here).evaluate_all("all => all.map(e => e.tagName + ' ' + e.textContent)")
        assert lines == plain_text(browser, f"{site.base}/read/{book}/{position}?view=text")
        count = site.texts[book, position].text.count("城")
        marks = page.locator(f".words section[data-position='{position}'] mark")
        expect(marks).to_have_text(["城"] * count)  # the text does not wait for what is found in it
        page.keyboard.press("PageDown")
    assert page.evaluate("getComputedStyle(document.querySelector('.words')).writingMode") == "vertical-rl"
    page.keyboard.press("t")
    page.wait_for_selector(".desk.view-picture")
    expect(page.locator(".words")).to_be_hidden()
    desk.check()


def test_a_link_to_the_text_view_opens_it_at_its_beginning(desk: Visit, site: Site) -> None:
    desk.open(f"/read/{site.wide}/5?view=both")
    desk.page.wait_for_selector(".words section p")
    words, first = desk.rects(".words")[0], desk.rects(".words section p")[0]
    assert words[0] + words[2] / 2 < first[0] + first[2] <= words[0] + words[2], "columns begin on the right"
    stage = desk.rects(".stage")[0]
    assert words[0] + words[2] <= stage[0] + 1, "beside the image"
    assert desk.paper()[0] >= stage[0]
    desk.check()


def test_a_spread_shows_the_texts_of_both_pages_and_their_size_is_kept(desk: Visit, site: Site) -> None:
    page = desk.page
    desk.open(f"/read/{site.bound}/6?view=both")
    expect(page.locator(".words section")).to_have_count(2)
    expect(page.locator(".words-page")).to_have_text([room_book.label(6), room_book.label(7)])
    size = "parseFloat(getComputedStyle(document.querySelector('.words')).fontSize)"
    before = page.evaluate(size)
    page.locator("summary", has_text="显示").click()
    page.locator("[data-words-size=larger]").click()
    page.keyboard.press("Escape")
    larger = page.evaluate(size)
    assert larger > before
    page.reload()
    page.wait_for_selector("html[data-room=open]")
    assert page.evaluate(size) == larger


def test_text_that_is_selected_beside_the_image_copies_the_same_way(desk: Visit, site: Site) -> None:
    desk.open(f"/read/{site.wide}/4?view=both")
    desk.page.wait_for_selector(".words section p")
    desk.page.evaluate("getSelection().selectAllChildren(document.querySelector('.words section'))")
    running = site.texts[site.wide, 4].running
    assert desk.copied() == "\n".join("".join(line.text for line in region.lines) for region in running)


def touch(page: Any, *points: Point, holds: bool = False) -> None:
    """One finger down, through these points, and up; it may hold still until it selects."""
    client = page.context.new_cdp_session(page)

    def send(kind: str, *at: Point) -> None:
        told = [{"x": x, "y": y} for x, y in at]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    send("touchStart", points[0])
    page.wait_for_timeout(30)
    if holds:
        page.wait_for_selector(".stage-selecting")
    last = points[0]
    for point in points[1:]:
        for step in range(1, 6):
            send("touchMove", tuple(a + (b - a) * step / 5 for a, b in zip(last, point, strict=True)))  # type: ignore[arg-type]
            page.wait_for_timeout(16)
        last = point
    page.wait_for_timeout(120)  # at rest: after a fling Chromium takes the next tap for one that stops it
    send("touchEnd")
    client.detach()


def test_a_finger_turns_pages_until_it_is_told_to_select(phone: Visit, site: Site) -> None:
    page, book = phone.page, site.bound
    phone.open_text(f"/read/{book}/4")
    sheet = Sheet(site.texts[book, 4], phone.paper())
    column = sheet.lines[2]
    across = (sheet.before(column, 8), (sheet.before(column, 8)[0] + 150, sheet.before(column, 8)[1]))
    touch(page, *across)
    page.wait_for_url(f"**/read/{book}/5")
    assert phone.selected() == ""

    # What a tap clicks is told later than the tap returns; and the address of the next page is there before it is seen.
    switch = page.locator("[data-select-text]")
    page.locator("summary", has_text="显示").tap()
    switch.tap()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.locator("summary", has_text="显示").tap()
    expect(switch).to_be_hidden()
    page.wait_for_selector('.overlay[data-position="5"]:not([hidden]) .overlay-line', state="attached")
    sheet = Sheet(site.texts[book, 5], phone.paper())
    column = sheet.lines[2]
    touch(page, sheet.before(column, 3), sheet.after(column, 9))
    assert phone.selected() == column.text[3:10]
    page.locator(".selection-bar [data-word=copy]").tap()
    page.wait_for_selector(".selection-bar-done")
    assert page.evaluate("navigator.clipboard.readText()") == column.text[3:10]
    assert page.url.endswith(f"/read/{book}/5")
    phone.check()


def test_a_finger_that_holds_still_on_a_character_selects(phone: Visit, site: Site) -> None:
    page, book = phone.page, site.bound
    phone.open_text(f"/read/{book}/4")
    sheet = Sheet(site.texts[book, 4], phone.paper())
    column = sheet.lines[2]
    touch(page, sheet.before(column, 3), sheet.after(column, 9), holds=True)
    assert phone.selected() == column.text[3:10]
    expect(page.locator(".selection-bar")).to_be_visible()
    assert page.url.endswith(f"/read/{book}/4")
    phone.check()


def test_on_a_phone_the_text_stands_below_the_image_or_fills_the_desk(phone: Visit, site: Site) -> None:
    phone.open(f"/read/{site.wide}/4?view=both&q=城")
    phone.page.wait_for_selector(".words section p")
    stage, words = phone.rects(".stage")[0], phone.rects(".words")[0]
    assert words[1] >= stage[1] + stage[3] - 1
    phone.page.wait_for_selector(".words mark")
    until(lambda: words[0] < phone.rects(".words mark")[0][0] < words[0] + words[2] - 20)
    phone.page.locator(".segments a").nth(2).tap()
    phone.page.wait_for_selector(".desk.view-text")
    desk, words = phone.rects(".desk")[0], phone.rects(".words")[0]
    assert words[3] > 0.8 * desk[3]
    phone.check()


@pytest.mark.parametrize("size", [PHONE, {"width": 320, "height": 640}])
def test_at_the_foot_of_a_phone_the_buttons_lie_in_rows(browser: Any, site: Site, size: dict[str, int]) -> None:
    for visit in _visit(browser, site, size):
        visit.open(f"/read/{site.wide}/5?q=南山")
        visit.page.wait_for_selector(".strip:visible .strip-count:not(:empty)")
        found, thumbs, jump, after = (
            visit.rects(each)[0] for each in (".strip", ".thumbs-open", ".jump", ".turn-after a")
        )
        middles = [top + height / 2 for _left, top, _width, height in (thumbs, jump, after)]
        assert max(middles) - min(middles) < 2, "one row with the page and the arrows"
        assert thumbs[1] >= found[1] + found[3] - 1, "below the hits"
        assert thumbs[0] + thumbs[2] <= jump[0] + 1
        assert found[0] >= 0
        assert found[0] + found[2] <= size["width"]
        visit.check()
