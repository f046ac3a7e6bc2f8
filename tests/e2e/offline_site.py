"""A library with a scan, e-books and a PDF, and readers who keep some of it in a real Chromium of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import given
import pytest
from e2e import room_book
from e2e.waiting import expect
from handing_in import hand_in, shown
from servers.processes import answers_http, free_ports, running

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
START = "from wenyuan.reader.commands.serve import serve; serve()"
PASSWORD = "松竹梅蘭"
PAGES = 12
OPEN_BOOK, CLOSED_BOOK, SCAN, REPORT = "桃花源記", "內部資料", room_book.TITLE, "城市報告"
READY = "() => document.documentElement.dataset.room === 'open'"
ACTIVE = "() => navigator.serviceWorker.ready.then((each) => each.active.state === 'activated')"
CONTROLLED = "() => navigator.serviceWorker.controller !== null"
RECORDS = "async () => (await globalThis.keptRecords.all()).map(({ item, state }) => [item, state])"
CACHES = "async () => (await caches.keys()).filter((name) => name.startsWith('wenyuan-kept/'))"


@dataclass
class Site:
    """A running library; the server can be ended and begun again, so that the line is really cut."""

    base: str
    home: Path
    port: int
    items: dict[str, str]


@dataclass
class Reader:
    """Somebody with a browser."""

    site: Site
    context: Any
    page: Any
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Any:
        return self.page.goto(path)

    def room(self, title: str, place: int | str = 1) -> None:
        """A reading room, once the worker has the page in its hands."""
        self.page.goto(f"/read/{self.site.items[title]}/{place}")
        self.page.wait_for_function(READY)

    def book(self, title: str) -> None:
        """The room of an e-book, under the worker."""
        self.page.goto(f"/read/{self.site.items[title]}/1")
        self.ready()
        self.page.wait_for_function("() => globalThis.keptRecords !== undefined")

    def ready(self) -> None:
        """Wait until the worker stands between this page and the network."""
        self.page.wait_for_function(ACTIVE)
        self.page.wait_for_function(CONTROLLED)

    def sign_in(self, name: str) -> None:
        self.page.goto("/sign-in")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.click("main form button")
        expect(self.page.locator(".sign-in")).to_have_count(0)

    def sign_out(self) -> None:
        self.page.goto("/")
        self.page.click(".menu > summary")
        self.page.click("form[action$='/sign-out'] button")
        expect(self.page.locator("form[action$='/sign-out']")).to_have_count(0)

    def keep(self, pages: str = "") -> None:
        """Press the tool of the room, and wait until all is there."""
        if not self.page.locator(".offline-tool[open]").count():
            self.page.click(".offline-tool > summary")
        if pages:
            first, last = pages.split("-")
            self.page.fill("[name=offline-from]", first)
            self.page.fill("[name=offline-to]", last)
        expect(self.page.locator("[data-offline-size]")).to_contain_text("约")
        self.page.click("[data-offline-act=keep]")
        expect(self.page.locator("[data-offline]")).to_have_attribute("data-state", "kept")
        expect(self.page.locator("[data-offline-act=stop]")).to_be_hidden()

    def kept(self) -> list[list[str]]:
        """Items and states of what this browser keeps."""
        found: list[list[str]] = self.records(RECORDS)
        return found

    def records(self, script: str, argument: object = None) -> Any:
        """What a script tells of the records, once the page has them: its own scripts come after it."""
        self.page.wait_for_function("() => globalThis.keptRecords !== undefined")
        return self.page.evaluate(script, argument)

    def caches(self) -> list[str]:
        names: list[str] = self.page.evaluate(CACHES)
        return names

    def offline(self, path: str) -> Any:
        """Open an address without a network."""
        self.context.set_offline(True)
        return self.page.goto(path)

    def said(self) -> str:
        """Why the page is shown that is shown without a network."""
        return str(self.page.locator("[data-offline-main]").get_attribute("data-because"))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A scan, e-books and a PDF, open and not."""
    folder = tmp_path_factory.mktemp("offline")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    chapters = {"緣起": "晉太元中武陵人捕魚為業", "入洞": "林盡水源便得一山", "歸途": "既出得其船便扶向路"}
    closed = given.epub(folder / "closed.epub", {"其一": "祕密的書庫", "其二": "改造的方案"}, title=CLOSED_BOOK)
    given.write_json(folder / "closed.json", {"title": CLOSED_BOOK, "access": "signed-in"})
    hand_in(
        library,
        room_book.make(folder / "scan", PAGES),
        given.epub(folder / "book.epub", chapters, vertical=True),
        closed,
        folder / "closed.json",
        given.pdf(folder / "report.pdf", ["序言：城市與書", "第二章 街道與河流", "第三章 圖書館"], title=REPORT),
    )
    with library.catalogue.writing() as session:
        for name in ("reader", "other"):
            users.put(session, name, PASSWORD, Role.PATRON)
    return library


@contextmanager
def serving(library: Library, port: int | None = None, **settings: str) -> Iterator[Site]:
    """The library on a port, for as long as it is wanted."""
    port = port or free_ports(1)[0]
    home = library.settings.home
    environment = {**os.environ, "WENYUAN_HOME": str(home), "WENYUAN_PORT": str(port), **settings}
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", START]
    with running(command, home, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        yield Site(base, home, port, {item.description.title: item.id for item in shown(library)})


@pytest.fixture(scope="module")
def site(library: Library) -> Iterator[Site]:
    """It, running."""
    with serving(library) as running_site:
        yield running_site


@contextmanager
def browsing(browser: Any, site: Site, size: dict[str, int] | None = None) -> Iterator[Reader]:
    """A browser of its own, with its own store."""
    context = browser.new_context(viewport=size or DESK, locale="zh-CN", base_url=site.base, service_workers="allow")
    page = context.new_page()
    reading = Reader(site, context, page)
    page.on("pageerror", lambda error: reading.complaints.append(str(error)))
    try:
        yield reading
        assert reading.complaints == []
    finally:
        context.close()


@pytest.fixture
def person(browser: Any, site: Site) -> Iterator[Reader]:
    """Somebody without an account, at a desk."""
    with browsing(browser, site) as reading:
        yield reading
