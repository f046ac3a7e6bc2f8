"""The searchable PDF in Chromium's own viewer: columns are selected and copied as columns, right to left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.chromium import FLAGS, NEEDED, WHOLE, playwright

from wenyuan.repo.layers import Box, Direction, Line, Region, TextLayer
from wenyuan.repo.searchable_pdf import About, PdfPage, write

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

COLUMNS = ("天地玄黃宇宙洪荒", "日月盈昃辰宿列張", "寒來暑往秋收冬藏")
TRIES = 40


@pytest.fixture
def viewer() -> Iterator[Any]:
    """A browser whose headless mode is the one that has the PDF viewer."""
    with playwright.sync_playwright() as engine:
        flags = [*FLAGS, "--headless=new"]
        started = engine.chromium.launch(executable_path=WHOLE, args=flags, headless=False)
        context = started.new_context(viewport={"width": 1000, "height": 1300})
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context
        started.close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    lines = []
    for place, text in enumerate(COLUMNS):
        across = 1300 - 200 * place
        glyphs = tuple(Box(across, 200 + 150 * n, 140, 140) for n in range(len(text)))
        lines.append(Line(text, Direction.TOP_TO_BOTTOM, Box(across, 200, 140, 150 * len(text)), glyphs))
    layer = TextLayer(1600, 2000, (Region(tuple(lines)),))
    path = tmp_path / "book.pdf"
    with path.open("wb") as target:
        write(target, [PdfPage(None, 1600, 2000, 200, layer)], About("千字文"))
    return path


def copied(context: Any, book: Path, keys: str) -> str:
    """What lies on the clipboard after these keys in the viewer; tried again until the document is there."""
    page, paper = context.new_page(), context.new_page()
    page.goto(book.as_uri())
    paper.set_content("<textarea></textarea>")
    field = paper.locator("textarea")
    for _ in range(TRIES):
        page.bring_to_front()
        page.mouse.click(600, 900)
        page.keyboard.press(keys)
        page.keyboard.press("Control+c")
        paper.bring_to_front()
        field.focus()
        paper.keyboard.press("Control+v")
        if text := str(field.input_value()):
            return text
        paper.wait_for_timeout(250)
    raise AssertionError("nothing could be copied")


def test_columns_are_copied_in_order(viewer: Any, book: Path) -> None:
    assert [line.strip() for line in copied(viewer, book, "Control+a").splitlines()] == list(COLUMNS)
