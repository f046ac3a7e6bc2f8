"""A running server with things to keep notes of, and readers with windows of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import epub_books
from e2e import room_book
from e2e.waiting import expect, rest, until
from handing_in import hand_in, shown
from servers.processes import answers_http, free_ports, running

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
START = "from wenyuan.reader.commands.serve import serve; serve()"
PASSWORD = "松竹梅蘭"
READERS = ("reader", "friend", "third")
LEAVES = 12
CHAPTERS = 3


@dataclass
class Site:
    """A running server: `scan` is a vertical book of leaves, `ebook` one of chapters."""

    base: str
    home: Path
    scan: str
    ebook: str

    def read(self, item: str, position: int) -> str:
        return f"{self.base}/read/{item}/{position}"


def make_ebook(path: Path) -> Path:
    """Three chapters of many short paragraphs, each told apart by its number."""
    names = [f"c{number}.xhtml" for number in range(1, CHAPTERS + 1)]
    chapters: epub_books.Files = {
        name: epub_books.page(f"<h1>第{number}回</h1>" + "".join(f"<p>{line}</p>" for line in paragraphs(number)))
        for number, name in enumerate(names, start=1)
    }
    return epub_books.write_epub(path, chapters)


def paragraphs(chapter: int) -> list[str]:
    """The text of a chapter but its heading."""
    numbered = (room_book.numeral(number) for number in range(1, 61))
    return [f"第{chapter}回第{number}段：天地玄黃，宇宙洪荒，日月盈昃，辰宿列張。" for number in numbered]


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Hand in, make the readers' accounts, serve as `wenyuan serve` does."""
    home = folder / "home"
    library = wiring.build(load(home=home, executor="inline"))
    book = room_book.make(folder / "book", LEAVES)
    hand_in(library, book, make_ebook(folder / "long.epub"))
    with library.catalogue.writing() as session:
        for name in READERS:
            users.put(session, name, PASSWORD, Role.PATRON)
        users.put(session, "staff", PASSWORD, Role.STAFF)
    ids = {item.description.title: item.id for item in shown(library)}
    library.close()
    scan = ids.pop(room_book.TITLE)
    port = free_ports(1)[0]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "WENYUAN_OCR_ENGINE": "null",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", START]
    with running(command, home, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        yield Site(base, home, scan, next(iter(ids.values())))


@dataclass
class Device:
    """A browser of its own: what it keeps, no other knows."""

    site: Site
    context: Any
    page: Any
    faults: list[str] = field(default_factory=list)

    @classmethod
    def new(cls, site: Site, browser: Any, **more: Any) -> Device:
        context = browser.new_context(**{"viewport": DESK, "locale": "zh-CN", "service_workers": "block", **more})
        device = cls(site, context, context.new_page())
        device.page.on("pageerror", lambda error: device.faults.append(str(error)))
        device.page.on("console", lambda told: device._heard(told.text))
        return device

    def _heard(self, text: str) -> None:
        if "Content Security" in text:
            self.faults.append(text)

    def sign_in(self, name: str) -> Device:
        self.page.goto(f"{self.site.base}/sign-in")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button")
        expect(self.page.locator(".hero, .site-header").first).to_be_visible()
        return self

    def sign_out(self) -> None:
        self.page.goto(f"{self.site.base}/my")
        self.page.locator("details.menu > summary").click()
        self.page.locator("form.signed-in button").click()
        expect(self.page.locator(".menu a[href^='/sign-in']")).to_have_count(1)

    def open(self, address: str) -> Any:
        """Wait until the room is open and what is kept is at hand."""
        self.page.goto(address)
        expect(self.page.locator("html[data-keep=open]")).to_have_count(1)
        return self.page

    def open_scan(self, position: int, more: str = "") -> Any:
        page = self.open(self.site.read(self.site.scan, position) + more)
        expect(page.locator(".overlay-line").first).to_be_attached()
        return page

    def drag(self, position: int, column: int, first: int, last: int) -> None:
        """Select characters of one column on the picture."""
        overlay = f'.overlay[data-position="{position}"]'
        rest(self.page, f"document.querySelector('{overlay}').getBoundingClientRect()")
        box = self.page.locator(overlay).bounding_box()
        scale = box["width"] / room_book.SIZE[0]
        left, top, width, height = room_book.glyph_box(column, first)
        x = box["x"] + (left + width / 2) * scale
        end = room_book.glyph_box(column, last)[1] + height
        self.page.mouse.move(x, box["y"] + (top + 3) * scale)
        self.page.mouse.down()
        self.page.mouse.move(x, box["y"] + (end - 3) * scale, steps=5)
        self.page.mouse.up()
        expect(self.page.locator("#keep-bar")).to_be_visible()

    def highlight(self, position: int, column: int, first: int, last: int, colour: str = "yellow") -> None:
        self.drag(position, column, first, last)
        self.page.locator(f"#keep-bar [data-colour={colour}]").click()
        expect(self.marks(colour)).not_to_have_count(0)

    def write_note(self, words: str) -> None:
        """Write it on what is selected, and close the card."""
        self.page.keyboard.press("e")
        expect(self.page.locator("#keep-card textarea")).to_be_focused()
        self.page.keyboard.insert_text(words)
        self.page.keyboard.press("Escape")
        expect(self.page.locator("#keep-card")).to_be_hidden()

    def marks(self, colour: str) -> Any:
        return self.page.locator(f".wy-mark-{colour}")

    def open_drawer(self) -> Any:
        if self.page.locator("#keep-panel").is_hidden():
            self.page.locator("[data-keep-open]").click()
        expect(self.page.locator("#keep-panel")).to_be_visible()
        return self.page.locator("#keep-panel")

    @property
    def rows(self) -> Any:
        return self.page.locator("#keep-panel .keep-row")

    def all_sent(self) -> None:
        """Wait until nothing that is kept here is still to be told the server."""
        until(lambda: self.page.evaluate(UNSENT) == 0, told=lambda: self.page.evaluate(KEPT))

    def all_pulled(self) -> None:
        """Wait until what the server has of this item is here."""
        expect(self.page.locator("#keep[data-pulled]")).to_be_attached()

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


KEPT = """() => new Promise((done, failed) => {
  const opening = indexedDB.open('wenyuan-keep');
  opening.onerror = failed;
  opening.onsuccess = () => {
    const all = opening.result.transaction(['notes', 'places']);
    const [notes, places] = ['notes', 'places'].map((name) => all.objectStore(name).getAll());
    all.oncomplete = () => { opening.result.close(); done({ notes: notes.result, places: places.result }); };
  };
})"""
"""All that a browser keeps."""
UNSENT = f"""async () => {{
  const {{ notes, places }} = await ({KEPT})();
  return notes.filter((note) => note.pending).length + places.filter((place) => place.isUnsent).length;
}}"""
