"""What axe does not see: enlarged and narrow pages, small targets, motion, languages, paper; and that nothing jumps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from e2e.chromium import NEEDED, browser
from e2e.every_page import KINDS, ROOM, Kind, Site, every_page, open_kind, sign_in
from e2e.waiting import expect, rest

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

ENLARGED = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2}
"""A window of 1440 by 900 at 200 % (WCAG 2.2, 1.4.4)."""
NARROW = {"viewport": {"width": 320, "height": 640}}
"""1280 pixels at 400 % (1.4.10)."""
LEAST_TARGET = 24
"""Pixels (2.5.8)."""
MOST_SHIFT = 0.02
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  const isScrolled = (at) => { for (; at && at !== document.body; at = at.parentElement)
    if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true; return false; };
  const cut = [...document.body.querySelectorAll("*")].filter((each) => {
    const { right, left, width } = each.getBoundingClientRect();
    const isOut = width > 0 && each.checkVisibility() && (right > wide + 1 || left < -1);
    return isOut && !each.closest("svg, .skip, .sr-only") && !isScrolled(each);
  });
  const told = cut.slice(0, 3).map((each) => each.outerHTML.slice(0, 160));
  return { scroll: document.documentElement.scrollWidth - wide, cut: told };
}"""
SMALL = """(least) => [...document.querySelectorAll("a[href], button, input, summary, select, textarea, [role=button]")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((each) => !each.closest(".sr-only, p:not(.choices, .takes, .actions, .slide), dd, li .facts, h1, h2"))
  .filter((each) => getComputedStyle(each).clipPath === "none") // else it is there for screen readers
  .map((each) => (each.matches("input[type=checkbox]") ? each.closest("label") ?? each : each))
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([each, { width, height }]) => width > 1 && height > 1 && (width < least || height < least))
  .map(([each, { width, height }]) => `${Math.round(width)} x ${Math.round(height)} ${each.outerHTML.slice(0, 140)}`)"""
"""Links within a sentence may be as small as its letters (2.5.8, exception of inline targets)."""
MOVING = """() => document.getAnimations().filter((each) => {
  const { duration, iterations } = each.effect.getComputedTiming();
  return duration * iterations > 10;
}).map((each) => each.effect.target.outerHTML.slice(0, 120))"""
TRANSITIONS = """() => [...document.querySelectorAll("*")].filter((each) => {
  const { transitionDuration, animationDuration, animationName } = getComputedStyle(each);
  const longest = (told) => Math.max(...told.split(",").map(parseFloat));
  return longest(transitionDuration) > 0.01 || (animationName !== "none" && longest(animationDuration) > 0.01);
}).slice(0, 3).map((each) => each.outerHTML.slice(0, 120))"""
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => { for (const each of list.getEntries()) if (!each.hadRecentInput)
  window.shifts.push([each.value, each.sources.map(({ node }) => node?.className ?? node?.nodeName)]); })
  .observe({ type: "layout-shift", buffered: true });
"""
IN_OTHER_TONGUE = """() => {
  const han = /\\p{Script=Han}/u;
  // Announcements and what one has typed oneself stand in a sentence of the page's own language.
  const LEFT = "script, style, svg, noscript, [hidden], [aria-hidden=true], [lang^=zh], [lang=lzh], "
    + "[role=status], .strip, .note";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const wrong = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.parentElement;
    if (!han.test(node.data) || at.closest(LEFT)) continue;
    wrong.push(`${node.data.trim().slice(0, 40)} in ${at.outerHTML.slice(0, 120)}`);
  }
  return wrong;
}"""

QUIET = [kind for kind in KINDS if kind.scripts]
"""All that a browser with scripts shows."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A library with something on every page."""
    with every_page(tmp_path_factory.mktemp("layout")) as made:
        yield made


class Windows:
    """Windows of one sort, one for each account."""

    def __init__(self, browser: Any, site: Site, **more: Any) -> None:
        self.browser, self.site, self.more = browser, site, more
        self.pages: dict[str, Any] = {}

    def page(self, kind: Kind) -> Any:
        """The window for a kind of page."""
        if kind.who not in self.pages:
            told = {"locale": "zh-CN", "base_url": self.site.base, "service_workers": "block", **self.more}
            self.pages[kind.who] = self.browser.new_context(**told).new_page()
            if kind.who:
                sign_in(self.pages[kind.who], kind.who)
        return self.pages[kind.who]

    def close(self) -> None:
        """Close them all."""
        for page in self.pages.values():
            page.context.close()


@pytest.fixture(scope="module", params=[ENLARGED, NARROW], ids=["at 200 %", "320 wide"])
def small_windows(request: pytest.FixtureRequest, browser: Any, site: Site) -> Iterator[Windows]:
    """Windows of people who enlarge what they read."""
    made = Windows(browser, site, **request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def calm_windows(browser: Any, site: Site) -> Iterator[Windows]:
    """Windows of people who asked their device for less motion, and have a touch screen."""
    made = Windows(browser, site, viewport={"width": 390, "height": 844}, reduced_motion="reduce", has_touch=True)
    yield made
    made.close()


@pytest.mark.parametrize("kind", QUIET, ids=lambda kind: kind.name)
def test_nothing_is_cut_and_nothing_scrolls_sideways(kind: Kind, small_windows: Windows, site: Site) -> None:
    page = small_windows.page(kind)
    # The longest words in the narrowest window.
    language = "en" if small_windows.more == NARROW else "zh-Hans"
    open_kind(page, site, kind, lang=language)
    told = page.evaluate(OVERFLOWING)
    page.context.clear_cookies(name="wenyuan_lang")
    assert told == {"scroll": 0, "cut": []}, language


@pytest.mark.parametrize("kind", QUIET, ids=lambda kind: kind.name)
def test_targets_are_large_enough_and_nothing_moves(kind: Kind, calm_windows: Windows, site: Site) -> None:
    page = calm_windows.page(kind)
    open_kind(page, site, kind)
    assert page.evaluate(SMALL, LEAST_TARGET) == []
    assert page.evaluate(MOVING) == []
    assert page.evaluate(TRANSITIONS) == []


@pytest.mark.parametrize("kind", [kind for kind in QUIET if not kind.who], ids=lambda kind: kind.name)
def test_chinese_in_an_english_page_says_that_it_is(kind: Kind, calm_windows: Windows, site: Site) -> None:
    page = calm_windows.page(kind)
    open_kind(page, site, kind, lang="en")
    told = page.evaluate("document.documentElement.lang"), page.evaluate(IN_OTHER_TONGUE)
    page.context.clear_cookies(name="wenyuan_lang")
    assert told == ("en", [])


def test_a_screen_reader_is_led_from_the_picture_to_the_text(calm_windows: Windows, site: Site) -> None:
    (kind,) = (kind for kind in KINDS if kind.name == "room, picture")
    page = calm_windows.page(kind)
    open_kind(page, site, kind)
    links = page.get_by_role("group", name="图文").get_by_role("link", name="文字", exact=True)
    expect(links).to_have_count(1)
    links.click()
    text = page.get_by_role("article", name="本页文字")
    expect(text).to_be_visible()
    expect(text).to_contain_text("南山")
    assert text.get_attribute("lang") == "zh-Hant"


def test_what_is_chosen_shows_in_forced_colours(browser: Any, site: Site) -> None:
    context = browser.new_context(forced_colors="active", base_url=site.base, locale="zh-CN")
    page = context.new_page()
    page.goto("/search?q=山&exact=1")
    border = "(each) => getComputedStyle(each).borderBlockEndColor"
    chosen, other = (page.locator(f".site-nav a{which}").first for which in ("[aria-current]", ":not([aria-current])"))
    assert chosen.evaluate(border) != other.evaluate(border)
    knob = "(each) => getComputedStyle(each.querySelector('.knob')).backgroundColor"
    on, off = (page.locator(f"[role=switch][aria-checked={state}]").first for state in ("true", "false"))
    assert on.evaluate(knob) != off.evaluate(knob)
    page.goto("/browse")
    button = page.locator(".header-search button")
    assert button.evaluate("(each) => getComputedStyle(each.querySelector('.icon')).stroke") != "none"
    context.close()


STEADY = ["home", "browse", "search, results", "item, scan", "item, e-book", "room, picture", "room, text",
          "room, photograph", "chapter", "PDF room"]  # fmt: skip


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
@pytest.mark.parametrize("name", STEADY)
def test_nothing_jumps_while_a_page_loads(name: str, size: tuple[int, int], browser: Any, site: Site) -> None:
    (kind,) = (kind for kind in KINDS if kind.name == name)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=site.base, locale="zh-CN", service_workers="block"
    )
    context.add_init_script(WATCH)
    page = context.new_page()
    open_kind(page, site, kind)
    page.wait_for_load_state("networkidle")
    rest(page, "window.shifts.length")
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts
    context.close()


PRINTED = {
    "item, scan": (["南山縣志", "著录", "GB/T 7714"], ["开始阅读", "跳到正文", "RIS", "检索"]),
    "search, results": (["南山縣志", "种文献"], ["只找所输字形", "缩小范围", "跳到正文"]),
    "room, text": (["南山縣志"], ["显示", "书页一览", "前往", "目录与查找", "复制"]),
    "chapter": (["桃花源記", "武陵人", "後遂無問津者"], ["目录与查找", "前往"]),
    "my library": (["南山縣志", "序文可與府志對看"], ["跳到正文", "退出"]),
}


@pytest.mark.parametrize("name", list(PRINTED))
def test_on_paper_is_what_was_written_and_not_what_it_is_operated_by(
    name: str, browser: Any, site: Site, tmp_path: Path
) -> None:
    (kind,) = (kind for kind in KINDS if kind.name == name)
    context = browser.new_context(base_url=site.base, locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    if kind.who:
        sign_in(page, kind.who)
    open_kind(page, site, kind)
    page.wait_for_load_state("networkidle")
    page.pdf(path=tmp_path / "printed.pdf", format="A4")
    context.close()
    with pymupdf.open(tmp_path / "printed.pdf") as paper:
        text = "".join(sheet.get_text() for sheet in paper).replace("\n", "")
    wanted, unwanted = PRINTED[name]
    assert [each for each in wanted if each not in text] == []
    assert [each for each in unwanted if each in text] == []


def test_the_whole_text_of_a_page_is_printed(browser: Any, site: Site, tmp_path: Path) -> None:
    context = browser.new_context(base_url=site.base, locale="zh-CN", viewport={"width": 1440, "height": 500})
    page = context.new_page()
    page.goto(f"/read/{site.ids['news']}/1?view=text")
    page.locator(ROOM).wait_for(state="attached")
    whole = "".join(page.locator(".words-lines, .words").first.inner_text().split())
    page.pdf(path=tmp_path / "text.pdf", format="A4")
    context.close()
    with pymupdf.open(tmp_path / "text.pdf") as paper:
        printed = "".join("".join(sheet.get_text() for sheet in paper).split())
    assert len(whole) > 200
    assert set(whole) <= set(printed), "no line is cut off at the end of the window"
    assert len(printed) >= len(whole)
