"""E-books ingested and served as `wenyuan serve` does, and a visitor who watches what goes wrong."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handing_in import hand_in, shown

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.items import Item
from wenyuan.repo.settings import load

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
START = "from wenyuan.reader.commands.serve import serve; serve()"
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  e => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@dataclass
class BookSite:
    """A running server and what is in it."""

    base: str
    held: list[Item]
    pages: dict[str, list[PageView]]
    texts: dict[tuple[str, int], str]
    """By item and key."""
    outcomes: list[dict[str, Any]]
    """Rows of the receipt, one a file."""

    def named(self, part: str) -> Item:
        """The item whose title holds these words."""
        return next(item for item in self.held if part in item.description.title)


@dataclass
class Reader:
    """A page in the browser, and what went wrong on it."""

    page: Any
    base: str
    complaints: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Requests to anywhere else."""

    def open(self, item: Item, position: int = 1, rest: str = "") -> Any:
        """Open a book and wait until its room has taken over."""
        self.page.goto(f"/read/{item.id}/{position}{rest}")
        self.wait()
        return self.page

    def wait(self) -> None:
        """Until the room is open, and the table of chapters has come."""
        self.page.wait_for_function("() => document.documentElement.dataset.room === 'open'")
        self.page.evaluate("async () => { await document.getElementById('book-room').room.book.known; }")

    def seen(self) -> dict[str, Any]:
        """What the room says that it shows."""
        seen: dict[str, Any] = self.page.evaluate(
            """() => {
              const { seen } = document.getElementById('book-room').room;
              return seen && {position: seen.position, page: seen.page, pages: seen.pages, start: seen.start};
            }"""
        )
        return seen

    def inside(self, expression: str, argument: object = None) -> Any:
        """What an expression over `leaf`, the chapter that is read, gives."""
        return self.page.evaluate(
            f"(told) => {{ const leaf = document.getElementById('book-room').room.renderer.current;"
            f" const {{doc, win}} = leaf; return {expression}; }}",
            argument,
        )

    def check(self) -> None:
        """No error in the console, nothing blocked, no request to elsewhere, nothing to scroll sideways."""
        assert self.complaints == [], self.complaints
        assert self.page.evaluate("window.violations") == []
        assert self.left == []
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"]


@contextlib.contextmanager
def served(home: Path, sources: Sequence[Path]) -> Iterator[BookSite]:
    """A site with these files in it."""
    library = wiring.build(load(home=home, executor="inline"))
    receipt = hand_in(library, *sources)
    held = [item for item in shown(library) if item.page_kind == "chapter"]
    with library.catalogue.reading() as session:
        pages = {item.id: items.pages(session, item.id) for item in held}
        texts = {
            (item.id, view.key): items.page_text(session, item.id, view.key) for item in held for view in pages[item.id]
        }
    library.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    server = subprocess.Popen([sys.executable, "-c", START], env=environment, cwd=home)
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield BookSite(f"http://127.0.0.1:{port}", held, pages, texts, receipt["files"])
    finally:
        server.terminate()
        server.wait(20)


def visitor(browser: Any, base: str, size: dict[str, int], **options: object) -> Iterator[Reader]:
    """Somebody who reads."""
    options.setdefault("has_touch", size["width"] < 800)
    context = browser.new_context(viewport=size, locale="zh-CN", base_url=base, **options)
    context.add_init_script(WATCH)
    reader = Reader(context.new_page(), base)
    page = reader.page
    page.on("console", lambda told: reader.complaints.append(told.text) if _is_complaint(told) else None)
    page.on("pageerror", lambda error: reader.complaints.append(str(error)))
    context.on(
        "request",
        lambda asked: None if asked.url.startswith((base, "data:", "blob:")) else reader.left.append(asked.url),
    )
    yield reader
    context.close()


def _is_complaint(told: Any) -> bool:
    """Not that the driver's own script (WATCH) may not run in a sandboxed chapter, as nothing may."""
    return told.type == "error" and not told.text.startswith("Blocked script execution in")


def _wait(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
