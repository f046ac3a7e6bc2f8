"""A hostile e-book in the real reading room, under the policies as served: nothing of it runs, nothing leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from e2e.book_site import DESK, BookSite, Reader, served, visitor
from e2e.chromium import NEEDED, browser
from e2e.test_hostile_epub_in_chromium import hostile_book
from e2e.waiting import until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

TOUCH = """() => {
  const { renderer } = document.getElementById('book-room').room;
  const { doc, win } = renderer.current;
  for (const bait of doc.querySelectorAll('.bait, a, p, details, img, svg')) {
    if (bait.hasAttribute('data-wy-external')) continue; // a link to the web, which a reader may well press
    for (const kind of ['mouseover', 'pointerdown', 'click'])
      bait.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true, view: window}));
  }
  return Boolean(window.ran || win.ran);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookSite]:
    """The book with every payload, ingested and served."""
    folder = tmp_path_factory.mktemp("hostile")
    with served(folder / "home", [hostile_book(folder / "evil.epub")]) as site:
        yield site


@pytest.fixture
def reader(browser: Any, site: BookSite) -> Iterator[Reader]:
    """Somebody at a desk."""
    yield from visitor(browser, site.base, DESK)


def test_no_script_of_a_hostile_book_runs_in_the_room_and_no_request_leaves(reader: Reader, site: BookSite) -> None:
    [item] = site.held
    page = reader.page
    ran: list[str] = []
    page.context.on("page", lambda opened: ran.append(opened.url))
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda asked: ran.append(asked.url) if asked.url.endswith("/ran") else None)
    reader.open(item)
    for position in range(1, item.page_count + 1):
        page.evaluate("(position) => document.getElementById('book-room').room.go({ position })", position)
        until(lambda position=position: reader.seen()["position"] == position)
        assert page.evaluate(TOUCH) is False, position
        page.evaluate("() => document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close())")
    page.wait_for_timeout(300)
    assert (ran, reader.left) == ([], [])
    assert page.evaluate("window.ran") is None
    assert page.url.startswith(site.base)


def test_the_frame_has_no_scripts_whatever_is_put_into_it(reader: Reader, site: BookSite) -> None:
    """The second wall: even a script that our own page puts into the chapter does not run there."""
    [item] = site.held
    reader.open(item)
    assert reader.page.locator("iframe[data-shown]").get_attribute("sandbox") == "allow-same-origin"
    reader.inside(
        "(() => { const space = 'http://www.w3.org/1999/xhtml', script = doc.createElementNS(space, 'script');"
        " script.textContent = 'top.ran = 1'; doc.documentElement.append(script);"
        " const image = doc.createElementNS(space, 'img'); image.setAttribute('onerror', 'top.ran = 1');"
        " image.src = 'missing.png'; doc.documentElement.append(image); })()"
    )
    reader.page.wait_for_timeout(200)
    assert reader.page.evaluate("window.ran") is None
