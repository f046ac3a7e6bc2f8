"""A hostile e-book in a real browser, without any Content-Security-Policy: the sanitiser alone must hold."""

from __future__ import annotations

import contextlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from e2e.chromium import CHROMIUM, FLAGS, NEEDED, playwright

from wenyuan.ingest.formats import epub
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.packages import media_type

pytestmark = [pytest.mark.browser, NEEDED]

RUN = "window.ran=1;void(new Image().src='/ran')"
"""What every hostile script does; the server hears of it even if the page is left."""
AWAY = "http://127.0.0.1:9/away"
"""An origin that is not the book's; nobody listens there, the browser's attempt is what counts."""

SVG = 'xmlns="http://www.w3.org/2000/svg"'
MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'
XMLNS = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:xlink="http://www.w3.org/1999/xlink"'
RAW = f"<style><![CDATA[</style><img src=x onerror={RUN}>]]></style>"

HEADS = [
    f"<script>{RUN}</script>",
    f'<script src="{AWAY}.js"/>',
    '<script src="evil.js"/>',
    f'<base href="{AWAY}/"/>',
    f'<meta http-equiv="refresh" content="0;url={AWAY}"/>',
    f'<link rel="stylesheet" href="{AWAY}.css"/>',
    f'<link rel="preload" as="image" href="{AWAY}.png"/>',
    f'<link rel="icon" href="{AWAY}.ico"/>',
    f"<style>@import '{AWAY}.css'; body {{ background: url({AWAY}.png) }}</style>",
    f"<style>@font-face {{ font-family: f; src: url({AWAY}.woff) }} body {{ font-family: f }}</style>",
    f"<style>p {{ background: image-set('{AWAY}.png' 1x); cursor: url({AWAY}.cur), auto }}</style>",
    f"<style>p::before {{ content: u\\72l({AWAY}.png) }} p {{ --a: url({AWAY}.png); list-style: var(--a) }}</style>",
    '<link rel="stylesheet" href="evil.css"/>',
]
BODIES = [
    f"<script>{RUN}</script>",
    f'<h:script xmlns:h="http://www.w3.org/1999/xhtml">{RUN}</h:script>',
    f'<img src="missing.png" onerror="{RUN}"/>',
    f'<img src="{AWAY}.png"/>',
    f'<img srcset="{AWAY}.png 1x"/>',
    f'<picture><source srcset="{AWAY}.png"/><img alt=""/></picture>',
    f'<a class="bait" href="javascript:{RUN}">x</a>',
    f'<a class="bait" href="java&#10;script:{RUN}">x</a>',
    f'<a class="bait" href="data:text/html,&lt;script>{RUN}&lt;/script>">x</a>',
    f'<a class="bait" href="{AWAY}">x</a>',
    f'<a class="bait" href="#x" ping="{AWAY}">x</a>',
    '<a class="bait" href="page.png">x</a>',
    f'<iframe src="{AWAY}"/>',
    f'<iframe srcdoc="&lt;script>parent.{RUN}&lt;/script>"/>',
    f'<iframe src="javascript:parent.{RUN}"/>',
    f'<object data="{AWAY}.html"/>',
    f'<object data="data:text/html,&lt;script>{RUN}&lt;/script>"/>',
    f'<embed src="{AWAY}.html"/>',
    f'<video src="{AWAY}.mp4" poster="{AWAY}.png" autoplay=""/>',
    f'<audio src="{AWAY}.mp3" autoplay="" onerror="{RUN}"/>',
    f'<video><source src="{AWAY}.mp4" onerror="{RUN}"/><track default="" src="{AWAY}.vtt"/></video>',
    f'<form action="{AWAY}"><input autofocus="" onfocus="{RUN}"/><button class="bait">x</button></form>',
    f'<input type="image" src="{AWAY}.png" onerror="{RUN}"/>',
    f'<details open="" ontoggle="{RUN}">x</details>',
    f'<p onmouseover="{RUN}" onclick="{RUN}" class="bait">x</p>',
    f'<p style="background:url({AWAY}.png)">x</p>',
    f'<p style="animation:a" onanimationstart="{RUN}">x</p>',
    f'<svg {SVG} onload="{RUN}"><script>{RUN}</script></svg>',
    f'<svg {SVG}><image href="{AWAY}.png" width="9" height="9"/></svg>',
    f'<svg {SVG}><use href="{AWAY}.svg#a"/></svg>',
    f'<svg {SVG}><use href="evil.svg#a"/></svg>',
    f'<svg {SVG}><animate onbegin="{RUN}" attributeName="x" dur="1s"/></svg>',
    f'<svg {SVG}><image width="9"><set attributeName="href" to="{AWAY}.png"/></image></svg>',
    f'<svg {SVG}><a class="bait"><set attributeName="href" to="javascript:{RUN}"/><text y=\'9\'>x</text></a></svg>',
    f'<svg {SVG}><rect fill="url({AWAY}.svg#a)" width="9" height="9"/></svg>',
    f'<svg {SVG}><filter id="f"><feImage href="{AWAY}.png"/></filter><rect filter="url(#f)" width="9"/></svg>',
    f'<svg {SVG}><foreignObject width="9" height="9"><div {XMLNS}><script>{RUN}</script></div></foreignObject></svg>',
    f'<svg {SVG}><foreignObject width="9" height="9"><img {XMLNS} src="x" onerror="{RUN}"/></foreignObject></svg>',
    f'<svg {SVG}><style>@import "{AWAY}.css"; rect {{ fill: url({AWAY}.svg#a) }}</style></svg>',
    f'<math {MATH}><mi href="javascript:{RUN}" class="bait">x</mi></math>',
    f"<math {MATH}><annotation-xml encoding='text/html'><img {XMLNS} src='x' onerror='{RUN}'/></annotation-xml></math>",
    f"<math><mtext><table><mglyph>{RAW}</mglyph></table></mtext></math>",
    f"<style><![CDATA[p{{content:'</style><img src=x onerror={RUN}>'}}]]></style>",
    f"<title><![CDATA[</title><img src=x onerror={RUN}>]]></title>",
    f"<noscript><![CDATA[</noscript><img src=x onerror={RUN}>]]></noscript>",
    f"<xmp><![CDATA[</xmp><img src=x onerror={RUN}>]]></xmp>",
    f"<p title='--&gt;&lt;img src=x onerror={RUN}&gt;'><![CDATA[<!--]]></p>",
]
DRAWING = (
    f'<svg {SVG} onload="{RUN}" viewBox="0 0 99 99"><script>{RUN}</script>'
    f'<image href="{AWAY}.png" width="9" height="9"/><g id="a"><text y="20">圖</text><script>{RUN}</script></g>'
    f'<style>@import "{AWAY}.css";</style></svg>'
)


@dataclass
class Site:
    """A server of entries that allows everything, and what it was asked for."""

    entries: dict[str, tuple[str, bytes]]
    origin: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site to be filled."""
    shown = Site({})

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            shown.asked.append(path)
            kind, data = shown.entries.get(path, ("text/plain", b""))
            with contextlib.suppress(ConnectionError):  # a page left before its pictures came
                self.send_response(200 if path in shown.entries else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *values: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        shown.origin = f"http://127.0.0.1:{server.server_address[1]}"
        yield shown
        server.shutdown()
        thread.join()


@pytest.fixture
def browser() -> Iterator[object]:
    """Chromium."""
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def hostile_book(path: Path) -> Path:
    """One chapter for each payload, each well formed and broken; drawings in the spine; a hostile sheet."""
    files: dict[str, str] = {"evil.js": RUN, "evil.svg": DRAWING, "page.png": f"<html><script>{RUN}</script></html>"}
    files["evil.css"] = f"@import '{AWAY}.css'; body {{ background: url('{AWAY}.png') }} p {{ behavior: url(evil.js) }}"
    for number, payload in enumerate(HEADS):
        files[f"h{number}.xhtml"] = (
            f"<html {XMLNS}><head><title>t</title>{payload}</head><body><p>正文</p></body></html>"
        )
    for number, payload in enumerate(BODIES):
        files[f"b{number}.xhtml"] = (
            f"<html {XMLNS}><head><title>t</title></head><body><p>正文</p>{payload}<p>正文</p></body></html>"
        )
        files[f"x{number}.html"] = f"<html><title>t</title><body><p>正文<br>{payload}<p>正文</html>"
    spine = [name for name in files if name.endswith((".xhtml", ".html", ".svg"))]
    types = {"svg": "image/svg+xml", "css": "text/css", "png": "image/png", "js": "text/javascript"}
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="{types.get(name.rsplit(".")[-1], "application/xhtml+xml")}"/>'
        for n, name in enumerate(files)
    )
    references = "".join(f'<itemref idref="i{n}"/>' for n, name in enumerate(files) if name in spine)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/>'
            f"<manifest>{items}</manifest><spine>{references}</spine></package>",
        )
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def visit(browser: object, site: Site, paths: list[str]) -> tuple[list[str], list[str]]:
    """Open each path, touch every bait; the requests that left the site, and the pages where a script ran."""
    left: list[str] = []
    ran: list[str] = []
    page = browser.new_page()  # type: ignore[attr-defined]
    page.on(
        "request", lambda request: None if request.url.startswith((site.origin, "data:")) else left.append(request.url)
    )
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    for path in paths:
        page.goto(site.origin + path, wait_until="load")
        page.evaluate(
            "for (const bait of document.querySelectorAll('.bait, a, p, details'))"
            " for (const kind of ['mouseover', 'click'])"
            " bait.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true, view: window}))"
        )
        page.wait_for_timeout(30)
        if page.evaluate("window.ran") or not page.url.startswith(site.origin):
            ran.append(path)
    page.wait_for_timeout(300)
    page.close()
    if "/ran" in site.asked:
        ran.append("/ran")
    return left, ran


def test_no_script_of_a_hostile_book_runs_and_no_request_leaves(browser: object, site: Site, tmp_path: Path) -> None:
    book = epub.open_source(hostile_book(tmp_path / "evil.epub"), "evil.epub", Limits())
    pages = [page.entry or "" for page in book.outline().pages]
    book.package(tmp_path / "package.zip")
    book.close()
    assert len(pages) == len(HEADS) + 2 * len(BODIES) + 1
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        for name in archive.namelist():
            site.entries[f"/{name}"] = (media_type(name), archive.read(name))
            # A second wall is tested too: read as HTML, no comment or raw text may turn into an element.
            site.entries[f"/as-html/{name}"] = (
                media_type(name).replace("application/xhtml+xml", "text/html"),
                archive.read(name),
            )
    left, ran = visit(browser, site, [f"/{name}" for name in pages] + [f"/as-html/{name}" for name in pages])
    assert (left, ran) == ([], [])
    shown = [name for name in pages if "正文" in site.entries[f"/{name}"][1].decode()]
    assert len(shown) == len(pages) - 1


def test_the_same_chapters_as_handed_in_do_run_and_leave(browser: object, site: Site) -> None:
    """The eyes of the test above are open."""
    for name, payload in (("script", BODIES[0]), ("error", BODIES[2]), ("picture", BODIES[3]), ("link", BODIES[6])):
        document = f"<html {XMLNS}><head><title>t</title></head><body>{payload}</body></html>"
        site.entries[f"/{name}.xhtml"] = ("application/xhtml+xml", document.encode())
    left, ran = visit(browser, site, list(site.entries))
    assert left == [f"{AWAY}.png"]
    assert {"/script.xhtml", "/error.xhtml", "/link.xhtml", "/ran"} <= set(ran)
