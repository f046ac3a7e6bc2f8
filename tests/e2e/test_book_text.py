"""The text of a chapter as scripts walk it is the text that the server has: a place means the same to both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import CORPUS, SAMPLE
from e2e.book_site import DESK, BookSite, served, visitor
from e2e.chromium import NEEDED, browser

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

WALK = """async (chapters) => {
  const script = document.querySelector('link[href$="/book/text.js"]').href;
  const { ChapterText } = await import(script);
  const texts = [];
  for (const [address, kind] of chapters) {
    const words = await (await fetch(address)).text();
    texts.push(new ChapterText(new DOMParser().parseFromString(words, kind).documentElement).text);
  }
  return texts;
}"""
ROUND = """async () => {
  const { leaf } = { leaf: document.getElementById('book-room').room.renderer.current };
  const { text, doc } = leaf;
  const wrong = [];
  for (let start = 0; start < text.length; start += 37) {
    const [range] = text.ranges(start, start + 1);
    if (!range) continue; // a line feed
    const back = text.offsetOf(range.startContainer, range.startOffset);
    const told = text.slice(start, start + 1);
    const said = range.toString().replace(/[\\t\\n\\r\\f]/, ' ');
    if (back !== start || said !== told) wrong.push([start, back, told, said]);
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookSite]:
    """Every e-book of the corpus and of the sample."""
    if not (CORPUS / "epub").is_dir():
        pytest.skip("real material epub is not beside this checkout")
    books = [*sorted((CORPUS / "epub").glob("*.epub")), SAMPLE]
    with served(tmp_path_factory.mktemp("texts") / "home", books) as site:
        yield site


def test_every_chapter_of_every_book_has_the_same_text_in_the_browser_as_on_the_server(
    browser: Any, site: BookSite
) -> None:
    told = 0
    for reader in visitor(browser, site.base, DESK):
        for item in site.held:
            reader.open(item)
            views = site.pages[item.id]
            kinds = ["image/svg+xml" if str(view.entry).endswith(".svg") else "application/xhtml+xml" for view in views]
            addresses = [f"/chapters/{item.id}/{view.key}/{view.entry}" for view in views]
            walked = reader.page.evaluate(WALK, list(zip(addresses, kinds, strict=True)))
            for view, text in zip(views, walked, strict=True):
                assert text == site.texts[item.id, view.key], (item.description.title, view.entry)
                told += len(text)
    assert told > 1_000_000


@pytest.mark.parametrize("title", ["草枕", "Le Vrai", "Linear Algebra", "Moby", "Page Blanche"])
def test_an_offset_leads_to_its_character_and_back(browser: Any, site: BookSite, title: str) -> None:
    item = site.named(title)
    longest = max(site.pages[item.id], key=lambda view: len(site.texts[item.id, view.key]))
    for reader in visitor(browser, site.base, DESK):
        reader.open(item, longest.position)
        assert reader.page.evaluate(ROUND) == []
