"""What a reader keeps of a born-digital PDF is on their other devices: marks over the same words, and the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.chromium import NEEDED, browser
from e2e.keeping_site import Device, Site, serving
from e2e.waiting import expect, rest, until
from handing_in import hand_in, shown

from wenyuan.repo import wiring
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

Make = Callable[..., Device]
PDF = Path(__file__).parents[2] / "sample/collection/04-reports/nanshan-laojie-koushushi.pdf"
SINGLE = "localStorage.setItem('wenyuan.room.mode-wide', 'single')"
STRIP, PLACE = "#keep-strip", ".reader-place"
MARKED, LEFT = 3, 5
"""Pages: where something is marked, and where reading stops."""
LINE = 4
"""That is marked: among the first paragraph's."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("keeping-documents")) as served:
        yield served


@pytest.fixture(scope="module")
def document(site: Site) -> str:
    """Id of a PDF that is handed in while the library is open."""
    library = wiring.build(load(home=site.home, executor="inline", ocr_engine="null"))
    hand_in(library, PDF)
    (found,) = (item.id for item in shown(library) if item.id not in (site.scan, site.ebook))
    library.close()
    return found


@pytest.fixture
def device(site: Site, browser: Any) -> Iterator[Make]:
    """A maker of browsers that show single pages."""
    made: list[Device] = []

    def make(name: str) -> Device:
        made.append(Device.new(site, browser))
        made[-1].context.add_init_script(SINGLE)
        return made[-1].sign_in(name)

    yield make
    for each in made:
        each.close()


def test_a_mark_and_the_place_in_a_pdf_are_on_the_other_device(site: Site, document: str, device: Make) -> None:
    one, other = device("reader"), device("reader")
    page = open_document(one, document, MARKED)
    words = drag_line(one, MARKED, LINE)
    page.locator("#keep-bar [data-colour=green]").click()
    expect(one.marks("green")).to_have_count(1)
    drawn = where(one.marks("green").locator("rect").first)
    for position in range(MARKED + 1, LEFT + 1):
        page.keyboard.press("PageDown")
        expect(page).to_have_url(site.read(document, position))
    left = page.locator(PLACE).inner_text()
    until(lambda: page.evaluate(PLACES_TOLD) == [LEFT], told=lambda: page.evaluate(PLACES_TOLD))
    one.all_sent()

    there = open_document(other, document, 1)
    strip = there.locator(STRIP)
    expect(strip).to_contain_text("在另一台设备")
    expect(strip).to_contain_text(left)
    strip.get_by_role("button", name="前往").click()
    expect(there.locator(PLACE)).to_have_text(left)
    expect(there).to_have_url(site.read(document, LEFT))
    expect(other.marks("green")).to_have_count(0)

    open_document(other, document, MARKED)
    expect(other.marks("green")).to_have_count(1)
    line(other, MARKED, LINE)
    assert where(other.marks("green").locator("rect").first) == pytest.approx(drawn, abs=1)
    other.open_drawer()
    expect(other.rows).to_have_count(1)
    expect(other.rows.first).to_contain_text(words)


def open_document(device: Device, item: str, position: int) -> Any:
    """Wait until the room for PDFs is open, and the page's text is there to be selected."""
    page = device.open(device.site.read(item, position))
    expect(page.locator(f'.sheet[data-position="{position}"] canvas')).to_be_attached()
    expect(page.locator(f'.overlay[data-position="{position}"] .overlay-line').first).to_be_attached()
    return page


def line(device: Device, position: int, number: int) -> Any:
    """A line of a page's text, once it lies still."""
    overlay = f'.overlay[data-position="{position}"]'
    rest(device.page, f"document.querySelector('{overlay}').getBoundingClientRect()")
    return device.page.locator(f"{overlay} .overlay-line").nth(number)


def drag_line(device: Device, position: int, number: int) -> str:
    """Select a line but for its ends; the words in its middle."""
    found = line(device, position, number)
    words = found.text_content()
    left, top, width, height = where(found)
    step = width / len(words)
    device.page.mouse.move(left + step * 1.1, top + height / 2)
    device.page.mouse.down()
    device.page.mouse.move(left + width - step * 1.1, top + height / 2, steps=6)
    device.page.mouse.up()
    expect(device.page.locator("#keep-bar")).to_be_visible()
    return words[3:-3]


def where(element: Any) -> list[float]:
    """Left, top, width and height in the window."""
    box = element.bounding_box()
    return [box["x"], box["y"], box["width"], box["height"]]


PLACES_TOLD = """async () => new Promise((done) => {
  const opening = indexedDB.open('wenyuan-keep');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('places').objectStore('places').getAll();
    asked.onsuccess = () => {
      opening.result.close();
      done(asked.result.filter((place) => !place.isUnsent).map((place) => place.position));
    };
  };
})"""
"""The places in this browser that the server was told."""
