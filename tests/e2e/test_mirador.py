"""Other sites' viewers open our books: Mirador shows, turns and searches one; a viewer has its reader sign in here."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import given
import pytest
from e2e.chromium import NEEDED, browser
from handing_in import hand_in, shown

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

HERE = Path(__file__).resolve().parent
BOOK = HERE.parents[1] / "sample" / "collection" / "06-primers" / "qianziwen"
START = "from wenyuan.reader.commands.serve import serve; serve()"
PASSWORD = "松竹梅蘭"
WAIT_MS = 30_000

MIRADOR_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>a viewer elsewhere</title>
<style>html, body, #viewer { height: 100%; margin: 0 }</style><div id="viewer"></div>
<script src="mirador.min.js"></script><script>
const manifestId = new URLSearchParams(location.search).get("manifest");
window.shown = Mirador.viewer({
  id: "viewer", language: "en", windows: [{ manifestId, view: "book", thumbnailNavigationPosition: "far-bottom" }],
  window: { sideBarOpen: true, defaultSideBarPanel: "search", panels: { search: true, info: true } },
  workspaceControlPanel: { enabled: false },
});
window.osd = () => Mirador.OSDReferences.get(Object.keys(shown.store.getState().windows)[0])?.current;
</script></html>"""
"""Mirador with nothing of ours but the address of the manifest."""

VIEWER_PAGE = """<!doctype html><meta charset="utf-8"><title>a viewer elsewhere</title><button>open</button><script>
const at = new URLSearchParams(location.search).get("library");
let number = 0;
function token() {
  return new Promise(done => {
    const messageId = `m${++number}`;
    addEventListener("message", event => {
      if (event.origin === at && event.data.messageId === messageId) done(event.data);
    });
    const frame = document.createElement("iframe");
    frame.src = `${at}/iiif/auth/2/token?origin=${location.origin}&messageId=${messageId}`;
    document.body.append(frame);
  });
}
async function probe(address, given) {
  const headers = given ? { Authorization: `Bearer ${given}` } : {};
  return (await fetch(address, { headers, credentials: "omit" })).json();
}
document.querySelector("button").onclick = () => {
  const opened = window.open(`${at}/iiif/auth/2/access?origin=${location.origin}`);
  window.closed_at_once = opened.closed;
  const waiting = setInterval(() => {
    if (opened.closed) { clearInterval(waiting); window.returned = true; }
  }, 50);
};
</script>"""
"""What the specification says a viewer does (§7), and no more."""


@dataclass
class Elsewhere:
    """Our server, and another site whose pages read from it."""

    library: str
    viewer: str
    pages: Path
    """Folder of that site."""
    ids: dict[str, str]
    """Items by title."""


@pytest.fixture(scope="module")
def mirador() -> Path:
    """The viewer's script from npm, as the lock file names it; kept outside the tree between runs."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm, which Mirador is installed with")
    lock = (HERE / "mirador" / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wenyuan-tests"
    kept = cache / f"mirador-{hashlib.sha256(lock).hexdigest()[:12]}.min.js"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / "mirador" / name, folder)
            subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
            Path(folder, "node_modules", "mirador", "dist", "mirador.min.js").rename(kept)
    return kept


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """A vertical book and a closed report, served as `wenyuan serve` does; and a folder of pages on another port."""
    folder = tmp_path_factory.mktemp("mirador")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    closed = given.pdf(folder / "closed.pdf", ["祕密的書庫改造方案"], title="內部資料")
    given.write_json(folder / "closed.json", {"title": "內部資料", "access": "signed-in"})
    hand_in(library, BOOK, closed, folder / "closed.json")
    with library.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
    ids = {item.description.title: item.id for item in shown(library)}
    library.close()
    pages = folder / "pages"
    pages.mkdir()
    (pages / "mirador.html").write_text(MIRADOR_PAGE, "utf-8")
    (pages / "viewer.html").write_text(VIEWER_PAGE, "utf-8")
    with _library_server(folder / "home") as base, _page_server(pages) as viewer:
        yield Elsewhere(base, viewer, pages, ids)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page of the other site."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    yield context.new_page()
    context.close()


def test_mirador_opens_a_book_from_right_to_left_and_searches_in_it(
    mirador: Path, elsewhere: Elsewhere, page: Any, tmp_path: Path
) -> None:
    shutil.copy(mirador, elsewhere.pages / "mirador.min.js")
    told: list[str] = []
    refused: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    manifest = f"{elsewhere.library}/iiif/presentation/3/{elsewhere.ids['千字文']}/manifest"
    page.goto(f"{elsewhere.viewer}/mirador.html?manifest={manifest}")
    page.get_by_role("heading", name="千字文").first.wait_for()
    _wait_for_images(page, 1)

    # The next opening is to the left: its button stands there, and of two leaves the later one lies on the left.
    following = page.get_by_role("button", name="Next item")
    before = page.get_by_role("button", name="Previous item")
    assert following.bounding_box()["x"] < before.bounding_box()["x"]
    following.click()
    _wait_for_images(page, 2)
    assert _keys_from_left(page) == [3, 2]

    # 「罔談彼短靡恃己長」 is typed in simplified characters, and stands in traditional ones.
    page.get_by_label("search terms").fill("靡恃己长")
    page.get_by_role("button", name="Submit search").click()
    hit = page.locator("strong", has_text="靡恃己長")
    hit.wait_for()
    annotations = page.evaluate("Object.values(shown.store.getState().searches)[0]")
    (answer,) = [each for search in annotations.values() for each in search["data"].values()]
    (resource,) = answer["json"]["resources"]
    hit.click()
    key = int(resource["on"].split("#")[0].rsplit("/", 1)[1])
    _wait_for_key(page, key)
    _wait_for_images(page, 2)
    page.wait_for_timeout(500)
    page.screenshot(path=os.environ.get("MIRADOR_SHOT") or tmp_path / "mirador.png")
    assert told == []
    assert refused == []


def test_a_reader_signs_in_here_for_a_viewer_elsewhere(elsewhere: Elsewhere, page: Any) -> None:
    page.goto(f"{elsewhere.viewer}/viewer.html?library={elsewhere.library}")
    image = f"{elsewhere.library}/iiif/image/3/{elsewhere.ids['內部資料']}-1"
    info = page.evaluate("async address => (await fetch(address)).json()", f"{image}/info.json")
    (service,) = [each for each in info["service"] if each["type"] == "AuthProbeService2"]
    assert page.evaluate("address => probe(address)", service["id"])["status"] == 401
    assert page.evaluate("token()")["profile"] == "missingAspect"

    with page.expect_popup() as opening:
        page.click("button")
    window = opening.value
    window.fill("#name", "reader")
    window.fill("#password", PASSWORD)
    assert page.evaluate("[closed_at_once, window.returned]") == [False, None], "the viewer still holds the window"
    window.keyboard.press("Enter")  # a field's `press` would wait for the window, which closes
    page.wait_for_function("window.returned")
    told = page.evaluate("token()")
    assert told["type"] == "AuthAccessToken2"
    assert (
        page.evaluate("([address, given]) => probe(address, given)", [service["id"], told["accessToken"]])["status"]
        == 200
    )
    shown = page.evaluate(
        "src => new Promise(done => { const i = new Image(); i.onload = () => done(i.naturalWidth); "
        "i.onerror = () => done(0); i.src = src; })",
        f"{image}/full/1024,/0/default.jpg",
    )
    assert shown > 0, "a picture in a page of the other site has the session's cookie"


def _keys_from_left(page: Any) -> list[int]:
    """Page keys of the pictures that Mirador shows, from left to right."""
    told = page.evaluate(
        "(() => { const w = osd().world; return [...Array(w.getItemCount()).keys()].map(n => w.getItemAt(n))"
        ".map(i => [i.getBounds().x, i.source.id || i.source['@id']]); })()"
    )
    return [int(address.rsplit("-", 1)[1]) for _, address in sorted(told)]


def _wait_for_images(page: Any, count: int) -> None:
    page.wait_for_function(
        "n => window.osd?.() && osd().world.getItemCount() === n && "
        "[...Array(n).keys()].every(i => osd().world.getItemAt(i).getFullyLoaded())",
        arg=count,
    )


def _wait_for_key(page: Any, key: int) -> None:
    page.wait_for_function(
        "key => [...Array(osd().world.getItemCount()).keys()].some("
        "n => (osd().world.getItemAt(n).source.id || osd().world.getItemAt(n).source['@id']).endsWith('-' + key))",
        arg=key,
    )


@contextmanager
def _library_server(home: Path) -> Iterator[str]:
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
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}/readyz")
        yield base
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def _page_server(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class _Pages(SimpleHTTPRequestHandler):
    """Files of a folder, without a word on the console."""

    def log_message(self, *_told: object) -> None:
        pass


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
