"""By keyboard alone: from the front door to page 5 of a book; panels that open, close and give the focus back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.chromium import NEEDED, browser
from e2e.every_page import CITE, DESK, DISPLAY, DRAWER, KINDS, ROOM, Kind, Site, every_page, open_kind, sign_in
from e2e.waiting import expect, until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

MOST_STEPS = 90
"""Of Tab to what one looks for; a page that needs more has a wrong order."""
FOCUSED = """() => {
  let at = document.activeElement;
  if (!at || at === document.body) return null;
  const outer = at;
  if (at.localName === "iframe") {
    const within = at.contentDocument?.activeElement;
    if (within && within !== at.contentDocument.body && within !== at.contentDocument.documentElement) at = within;
  }
  window.steps ??= new WeakMap();
  if (!window.steps.has(at)) window.steps.set(at, window.stepCount = (window.stepCount ?? 0) + 1);
  const style = getComputedStyle(at);
  const whole = at.getBoundingClientRect();
  return {
    step: window.steps.get(at),
    what: outer.outerHTML.slice(0, 160),
    isFrame: at === outer && outer.localName === "iframe",
    isMain: at.id === "main",
    isRinged: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    isSeen: whole.width > 0 && whole.bottom > 0 && whole.right > 0
      && whole.top < innerHeight && whole.left < innerWidth,
  };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A library with books of every kind."""
    with every_page(tmp_path_factory.mktemp("keyboard")) as made:
        yield made


class Hands:
    """Somebody with a keyboard and no mouse, who looks where the focus is after each key."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def look(self) -> dict[str, Any]:
        """Where the focus is: never nowhere, never out of sight, always marked."""
        found: list[Any] = []
        until(lambda: found.append(self.page.evaluate(FOCUSED)) or found[-1], lambda: "the focus is lost")
        at: dict[str, Any] = found[-1]
        assert at["isMain"] or at["isFrame"] or at["isRinged"], f"not marked: {at['what']}"
        until(lambda: self.page.evaluate(FOCUSED)["isSeen"], lambda: f"out of sight: {at['what']}")
        return at

    def tab_to(self, selector: str, key: str = "Tab") -> None:
        """Step by Tab until an element has the focus; every step leads somewhere else."""
        wanted = self.page.locator(selector).first
        before = None
        for _ in range(MOST_STEPS):
            self.page.keyboard.press(key)
            at = self.look()
            assert at["step"] != before, f"held fast: {at['what']}"
            before = at["step"]
            if wanted.evaluate("(wanted) => wanted === document.activeElement"):
                return
        raise AssertionError(f"{selector} is not to be reached by {key}")

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        """Write."""
        self.page.keyboard.insert_text(words)


@pytest.fixture
def hands(browser: Any, site: Site) -> Iterator[Hands]:
    """Hands at a desk."""
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=site.base, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    yield Hands(context.new_page())
    context.close()


def from_the_door_to_the_book(hands: Hands, title: str) -> None:
    """Home, past the navigation, search, the first hit, its page, the book."""
    page = hands.page
    page.goto("/")
    hands.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    hands.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    hands.tab_to("#q")
    hands.type(title)
    hands.press("Enter")
    page.wait_for_url("**/search?q=*")
    hands.press("Tab")
    hands.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    hands.tab_to(".results h2 a")
    hands.press("Enter")
    page.wait_for_url("**/items/*")
    hands.tab_to(".item-head .actions .button")
    hands.press("Enter")
    page.wait_for_url("**/read/*/1")


def test_from_the_door_to_page_five_of_a_scanned_book(hands: Hands, site: Site) -> None:
    from_the_door_to_the_book(hands, "南山縣志")
    page, book = hands.page, site.ids["scan"]
    page.locator(ROOM).wait_for(state="attached")
    hands.tab_to("#to")
    hands.press("Control+a")
    hands.type("5")
    hands.press("Enter")
    page.wait_for_url(f"**/read/{book}/5*")
    expect(page.locator("#main")).to_be_focused()
    hands.tab_to('.segments a[href*="view=text"]', "Shift+Tab")
    hands.press("Enter")
    expect(page.locator(".desk[data-view=text]")).to_have_count(1)
    hands.tab_to(".words")
    expect(page.locator(".words").first).to_contain_text("縣")


def test_from_the_door_to_chapter_five_of_an_e_book(hands: Hands, site: Site) -> None:
    from_the_door_to_the_book(hands, "桃花源記及其他")
    page, book = hands.page, site.ids["ebook"]
    hands.tab_to(DRAWER)
    hands.press("Enter")
    hands.tab_to(f'.drawer .contents a[href*="{book}"] >> nth=4')
    hands.press("Enter")
    page.wait_for_url(re.compile(rf"/read/{book}/[567]\b"))
    expect(page.frame_locator("iframe.chapter").locator("body")).to_have_count(1)


def test_arrows_lead_to_page_five_the_way_that_the_book_turns(hands: Hands, site: Site) -> None:
    page, book = hands.page, site.ids["across"]
    page.goto(f"/read/{book}/1")
    page.locator(ROOM).wait_for(state="attached")
    for _ in range(4):
        hands.press("ArrowRight")
        if page.locator(".thread").evaluate("(thread) => thread.value") >= 5:
            break
    until(lambda: page.locator(".thread").evaluate("(thread) => thread.value") >= 5)


def kind_named(name: str) -> Kind:
    (found,) = (kind for kind in KINDS if kind.name == name)
    return found


@pytest.mark.parametrize(
    ("name", "opener", "panel"),
    [
        ("home", ".menu > summary", ".menu[open] .menu-panel"),
        ("room, picture", DRAWER, ".drawer[open] .panel"),
        ("room, picture", DISPLAY, ".panel-display"),
        ("room, picture", CITE, ".panel-cite"),
        ("room, picture", "[data-thumbs]", "#thumbs:not([hidden])"),
        ("room, picture", "[data-keep-open]", "#keep-panel:not([hidden])"),
        ("chapter", DRAWER, ".drawer[open] .panel"),
        ("PDF room", DRAWER, ".drawer[open] .panel"),
    ],
)
def test_a_panel_opens_closes_and_gives_the_focus_back(
    name: str, opener: str, panel: str, hands: Hands, site: Site
) -> None:
    page = hands.page
    open_kind(page, site, kind_named(name))
    hands.tab_to(opener)
    hands.press("Enter")
    expect(page.locator(panel)).to_be_visible()
    if not page.locator(panel).evaluate("(panel) => panel.contains(document.activeElement)"):
        hands.press("Tab")
    until(lambda: page.locator(panel).evaluate("(panel) => panel.contains(document.activeElement)"))
    hands.look()
    hands.press("Escape")
    expect(page.locator(panel)).to_be_hidden()
    expect(page.locator(opener).first).to_be_focused()


def test_help_is_a_dialog_that_gives_the_focus_back(hands: Hands, site: Site) -> None:
    page = hands.page
    open_kind(page, site, kind_named("room, picture"))
    hands.tab_to(DISPLAY)
    hands.press("?")
    expect(page.locator("#room-help")).to_be_visible()
    hands.look()
    hands.press("Escape")
    expect(page.locator("#room-help")).to_be_hidden()
    expect(page.locator(DISPLAY).first).to_be_focused()


def test_keys_without_ctrl_can_be_turned_off(hands: Hands, site: Site) -> None:
    page = hands.page
    open_kind(page, site, kind_named("room, picture"))
    hands.press("?")
    hands.tab_to("[data-single-keys]")
    hands.press("Space")
    hands.press("Escape")
    expect(page.locator("#room-help")).to_be_hidden()
    for key in ("?", "m", "t"):
        hands.press(key)
    thread = page.locator(".thread")
    before = thread.evaluate("(thread) => thread.value")
    hands.press("PageDown")
    until(lambda: thread.evaluate("(thread) => thread.value") > before)
    assert page.locator("#room-help").is_hidden()
    assert page.locator("#thumbs").is_hidden()
    page.reload()
    page.locator(ROOM).wait_for(state="attached")
    expect(page.locator("[data-single-keys]")).not_to_be_checked()


WALKED = ["home", "collection", "search, results", "item, e-book", "PDF room, hits", "chapter", "PDF room",
          "compare", "correct", "my library", "offline", "sign in", "proposals"]  # fmt: skip


@pytest.mark.parametrize("name", WALKED)
def test_tab_leads_through_the_whole_page_and_out_again(name: str, hands: Hands, site: Site) -> None:
    kind = kind_named(name)
    if kind.who:
        sign_in(hands.page, kind.who)
    open_kind(hands.page, site, kind)
    before, first = None, None
    for _ in range(2 * MOST_STEPS):
        hands.press("Tab")
        at = hands.page.evaluate(FOCUSED)
        if at is None or (first is not None and at["step"] == first):
            return  # at the end, into the browser's own bars, or round
        hands.look()
        assert at["step"] != before, f"held fast: {at['what']}"
        first, before = first or at["step"], at["step"]
