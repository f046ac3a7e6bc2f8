"""Taking along in a real browser: references and links copied, shared, and fetched for the page that is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import rispy
from e2e.chromium import NEEDED, browser
from e2e.every_page import DESK, ROOM, Site, every_page
from e2e.waiting import copied, expect, until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

SHARING = "navigator.share = async (told) => { window.shared = told; };"
"""A device that has a sheet for sharing."""
NOT_SHARING = "delete Navigator.prototype.share;"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A library with books of every kind."""
    with every_page(tmp_path_factory.mktemp("taking")) as made:
        yield made


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """A window that may use the clipboard."""
    context = browser.new_context(
        viewport=DESK, locale="zh-CN", base_url=site.base, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context.new_page()
    context.close()


def test_reference_and_link_of_an_item_are_copied(page: Any, site: Site) -> None:
    page.goto(f"/items/{site.ids['scan']}")
    cite, link = page.locator("[data-take=cite-text]"), page.locator("[data-take=address]")
    expect(cite).to_be_visible()
    assert "南山縣志[M/OL]" in copied(page, cite.click)
    expect(cite).to_have_text("已复制")
    assert copied(page, link.click) == f"{site.base}/items/{site.ids['scan']}"


def test_a_device_with_a_sheet_for_sharing_offers_it(page: Any, site: Site) -> None:
    page.add_init_script(SHARING)
    page.goto(f"/items/{site.ids['scan']}")
    page.locator("[data-share]").click()
    until(lambda: page.evaluate("window.shared"))
    wanted = {"title": "南山縣志", "url": f"{site.base}/items/{site.ids['scan']}"}
    assert page.evaluate("window.shared") == wanted


def test_a_device_without_one_does_not(page: Any, site: Site) -> None:
    page.add_init_script(NOT_SHARING)
    page.goto(f"/items/{site.ids['scan']}")
    expect(page.locator("[data-take=address]")).to_be_visible()
    expect(page.locator("[data-share]")).to_be_hidden()


def test_the_room_gives_the_reference_of_the_page_that_is_open(page: Any, site: Site) -> None:
    page.goto(f"/read/{site.ids['scan']}/3")
    page.locator(ROOM).wait_for(state="attached")
    page.locator(".tool:has(.panel-cite) > summary").click()
    with page.expect_download() as waited:
        page.locator("[data-download=ris]").click()
    with open(waited.value.path(), encoding="utf-8", newline="") as file:  # noqa: PTH123  a path that Playwright made
        (record,) = rispy.loads(file.read())
    assert record["urls"] == [f"{site.base}/read/{site.ids['scan']}/place/3"]
    assert record["start_page"]
