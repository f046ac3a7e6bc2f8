"""Who leaves a shared computer leaves nothing in it: signing out with unsent notes, and somebody else signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from e2e.chromium import NEEDED, browser
from e2e.keeping_site import KEPT, Device, Site, serving
from e2e.waiting import expect, until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

WORDS = "不可外傳"
DEVICE = "localStorage.getItem('wenyuan.keep.device')"
LINKS = "**/api/annotations/**"
Make = Callable[..., Device]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("leaving")) as served:
        yield served


@pytest.fixture
def device(site: Site, browser: Any) -> Iterator[Make]:
    """A maker of browsers."""
    made: list[Device] = []

    def make(name: str) -> Device:
        made.append(Device.new(site, browser))
        return made[-1].sign_in(name)

    yield make
    for each in made:
        each.close()


def annotations_unreachable(device: Device) -> None:
    device.context.route(LINKS, lambda route: route.abort())


def write_unsent(device: Device, position: int) -> None:
    device.open_scan(position)
    device.all_pulled()
    annotations_unreachable(device)
    device.drag(position, 0, 0, 4)
    device.write_note(WORDS)
    until(lambda: WORDS in str(device.page.evaluate(KEPT)))


def begin_leaving(device: Device) -> Any:
    device.page.goto(f"{device.site.base}/my")
    device.page.locator("details.menu > summary").click()
    device.page.locator("form.signed-in button").click()
    return device.page.locator("#leaving")


def device_id(device: Device) -> str:
    """What the server knows this browser by; it is made when a room opens."""
    known = device.page.evaluate(f"JSON.parse({DEVICE}).id")
    assert isinstance(known, str)
    return known


def signed_out(device: Device) -> None:
    expect(device.page.locator(".menu a[href^='/sign-in']")).to_have_count(1)


def test_unsent_notes_are_asked_for_and_none_is_left_behind(device: Make) -> None:
    here = device("reader")
    write_unsent(here, 3)
    first = device_id(here)
    dialog = begin_leaving(here)
    expect(dialog).to_contain_text("有 1 条笔记还没有送到馆里", timeout=10_000)
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    assert WORDS in str(here.page.evaluate(KEPT))
    dialog = begin_leaving(here)
    dialog.get_by_role("button", name="再试一次").click()
    expect(dialog).to_be_visible(timeout=10_000)
    dialog.get_by_role("button", name="仍然退出").click()
    signed_out(here)
    until(lambda: here.page.evaluate(KEPT) == {"notes": [], "places": []}, told=lambda: here.page.evaluate(KEPT))
    until(lambda: here.page.evaluate("localStorage.getItem('wenyuan.keep.left')") is None)
    assert here.page.evaluate(DEVICE) is None
    here.context.unroute(LINKS)
    here.sign_in("friend")
    here.open_scan(3)
    here.all_pulled()
    assert device_id(here) != first
    assert WORDS not in str(here.page.evaluate(KEPT))


def test_unsent_notes_are_sent_before_leaving_where_the_server_can_be_reached(device: Make) -> None:
    here = device("third")
    write_unsent(here, 5)
    dialog = begin_leaving(here)
    expect(dialog).to_be_visible(timeout=10_000)
    here.context.unroute(LINKS)
    dialog.get_by_role("button", name="再试一次").click()
    signed_out(here)
    until(lambda: here.page.evaluate(KEPT)["notes"] == [])
    here.sign_in("third")
    here.open_scan(5)
    expect(here.marks("yellow")).to_have_count(1)


def test_nothing_unsent_is_left_to_another_account_after_a_session_has_ended(site: Site, device: Make) -> None:
    here = device("reader")
    write_unsent(here, 7)
    first = device_id(here)
    here.page.goto("about:blank")
    here.context.clear_cookies()
    here.page.goto(f"{site.base}/sign-in")
    until(lambda: here.page.evaluate("localStorage.getItem('wenyuan.keep.person')") == "")
    assert WORDS in str(here.page.evaluate(KEPT))
    here.sign_in("friend")
    until(lambda: WORDS not in str(here.page.evaluate(KEPT)))
    here.open_scan(7)
    assert device_id(here) != first


def test_what_is_unsent_waits_for_its_own_account_and_the_device_is_the_same(site: Site, device: Make) -> None:
    here = device("friend")
    write_unsent(here, 9)
    first = device_id(here)
    here.page.goto("about:blank")
    here.context.clear_cookies()
    here.context.unroute(LINKS)
    here.page.goto(f"{site.base}/")
    here.sign_in("friend")
    here.open_scan(9)
    here.all_sent()
    expect(here.marks("yellow")).to_have_count(1)
    assert device_id(here) == first
