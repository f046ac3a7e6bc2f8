"""Where one has read to, on two devices at once: the later wins, the farther is offered, nobody is moved unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.keeping_site import Device, Site, serving
from e2e.waiting import expect, until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

Make = Callable[..., Device]
SINGLE = "localStorage.setItem('wenyuan.room.mode-wide', 'single')"
STRIP, PLACE = "#keep-strip", ".reader-place"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("keeping-places")) as served:
        yield served


@pytest.fixture
def device(site: Site, browser: Any) -> Iterator[Make]:
    """A maker of browsers that show single pages."""
    made: list[Device] = []

    def make(name: str | None = None, **more: Any) -> Device:
        made.append(Device.new(site, browser, **more))
        made[-1].context.add_init_script(SINGLE)
        return made[-1].sign_in(name) if name else made[-1]

    yield make
    for each in made:
        each.close()


def turn_to(device: Device, start: int, end: int) -> None:
    """Open at a page and turn on to another, as one reads."""
    page = device.open_scan(start)
    for position in range(start + 1, end + 1):
        page.keyboard.press("PageDown")
        expect(page.locator(PLACE)).to_have_text(room_book.label(position))
    until(lambda: kept_page(device) == end)


def kept_page(device: Device) -> int | None:
    """Key of the page that the browser's store has as its place, once the server was told."""
    return device.page.evaluate(
        """async () => new Promise((done) => {
          const opening = indexedDB.open('wenyuan-keep');
          opening.onsuccess = () => {
            const asked = opening.result.transaction('places').objectStore('places').getAll();
            asked.onsuccess = () => {
              opening.result.close();
              const place = asked.result.sort((a, b) => b.time - a.time)[0];
              done(place && !place.isUnsent ? place.position : null);
            };
          };
        })"""
    )


def test_a_book_goes_on_where_it_was_left_on_another_device(site: Site, device: Make) -> None:
    desk, phone = device("reader"), device("reader")
    turn_to(desk, 2, 6)
    page = phone.open(site.read(site.scan, 1))
    expect(page.locator(PLACE)).to_have_text(room_book.label(1))
    expect(page.locator(STRIP)).to_contain_text(f"上读到{room_book.label(6)}")
    page.locator(STRIP).get_by_role("button", name="前往").click()
    expect(page.locator(PLACE)).to_have_text(room_book.label(6))
    page.goto(f"{site.base}/my")
    page.locator(".my-reading a").click()
    expect(page.locator(PLACE)).to_have_text(room_book.label(6))


def test_the_later_place_wins_and_the_farther_is_offered(site: Site, device: Make) -> None:
    one, other = device("friend"), device("friend")
    turn_to(one, 8, 11)
    turn_to(other, 2, 3)
    page = one.open(site.read(site.scan, 3) + "#here")
    expect(page.locator(PLACE)).to_have_text(room_book.label(3))
    expect(page.locator(STRIP)).to_contain_text(f"上次读到{room_book.label(11)}")
    page.locator(STRIP).get_by_role("button", name="前往").click()
    expect(page.locator(PLACE)).to_have_text(room_book.label(11))


def test_an_address_that_names_a_place_is_obeyed(site: Site, device: Make) -> None:
    one, other = device("third"), device("third")
    turn_to(one, 8, 9)
    page = other.open_scan(2, "#xywh=100,100,300,300")
    expect(page.locator(PLACE)).to_have_text(room_book.label(2))
    page.wait_for_load_state("networkidle")
    expect(page.locator(STRIP)).to_be_hidden()
    page = other.open_scan(4)
    expect(page.locator(STRIP)).to_contain_text(room_book.label(9))
    expect(page.locator(PLACE)).to_have_text(room_book.label(4))
    page.locator(STRIP).get_by_role("button", name="关闭").click()
    expect(page.locator(STRIP)).to_be_hidden()


def test_a_place_that_was_read_offline_is_told_later(device: Make) -> None:
    one, other = device("staff"), device("staff")
    page = one.open_scan(2)
    one.context.set_offline(True)
    page.keyboard.press("PageDown")
    expect(page.locator(PLACE)).to_have_text(room_book.label(3))
    until(lambda: one.page.evaluate("navigator.onLine") is False)
    one.context.set_offline(False)
    until(lambda: kept_page(one) == 3)
    page = other.open(other.site.read(other.site.scan, 1))
    expect(page.locator(STRIP)).to_contain_text(room_book.label(3))


def test_without_an_account_this_browser_knows_where_it_was(site: Site, device: Make) -> None:
    here = device()
    page = here.open_scan(4)
    page.keyboard.press("PageDown")
    expect(page.locator(PLACE)).to_have_text(room_book.label(5))
    until(lambda: kept_page(here) == 5)
    page = here.open(site.read(site.scan, 1))
    expect(page.locator(STRIP)).to_contain_text(f"上次读到{room_book.label(5)}")
    page.goto(f"{site.base}/my")
    page.locator(".my-reading a").click()
    expect(page.locator(PLACE)).to_have_text(room_book.label(5))


def test_a_place_is_kept_though_the_page_is_left_at_once(site: Site, device: Make) -> None:
    here = device()
    page = here.open_scan(6)
    page.keyboard.press("PageDown")
    expect(page.locator(PLACE)).to_have_text(room_book.label(7))
    page.goto(f"{site.base}/my")
    until(lambda: kept_page(here) == 7)


def test_a_place_inside_of_a_chapter_goes_to_the_other_device(site: Site, device: Make) -> None:
    one, other = device("reader"), device("reader")
    page = one.open(site.read(site.ebook, 2))
    began = page.evaluate(KEPT_START)
    for _ in range(3):
        page.keyboard.press("PageDown")
    until(lambda: (page.evaluate(KEPT_START) or 0) > (began or 0) + 100)
    until(lambda: one.page.evaluate(UNSENT_PLACES) == 0)
    start = page.evaluate(KEPT_START)
    there = other.open(site.read(site.ebook, 1))
    expect(there.locator(STRIP)).to_contain_text("在另一台设备")
    there.locator(STRIP).get_by_role("button", name="前往").click()
    until(lambda: abs((there.evaluate(KEPT_START) or 0) - start) < 200, told=lambda: there.evaluate(KEPT_START))


_PLACES = """new Promise((done) => {
  const opening = indexedDB.open('wenyuan-keep');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('places').objectStore('places').getAll();
    asked.onsuccess = () => { opening.result.close(); done(asked.result.sort((a, b) => b.time - a.time)); };
  };
})"""
KEPT_START = f"async () => (await {_PLACES})[0]?.start ?? null"
UNSENT_PLACES = f"async () => (await {_PLACES}).filter((place) => place.isUnsent).length"
