"""Reading an e-book: server time of a chapter, and the first readable text on a phone behind a slow network.

    python -m benchmarks.reading [--book FILE] [--runs N]

The server's time is that of the application alone, asked through Flask's own client: once for chapters that nobody has
asked for yet, once for those that were. The phone is Chromium at 390 × 844 behind "Fast 3G" (1.6 Mbit/s down,
750 kbit/s up, 562 ms for each request, as Chromium's own tools set it), with an empty cache and HTTP/1.1. First
readable text is the moment at which the chapter and its sheets are there and seen, `laid_out_s` the one at which it
stands in pages. A page turn is measured from the key to the next frame drawn.

Targets are those of the issue "The reading room for e-books and PDFs".
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from wenyuan.ingest.receive import receive
from wenyuan.ingest.submit import submit
from wenyuan.ingest.worker import Worker
from wenyuan.reader.app import create_app
from wenyuan.repo import wiring
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "benchmarks" / "out" / "reading.json"
BOOKS = ROOT.parent / "shared" / "corpus" / "epub"
USUAL = ("kusamakura-japanese-vertical-writing.epub", "moby-dick.epub")
START = "from wenyuan.reader.commands.serve import serve; serve()"
FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
TARGETS = {"chapter_ms_p50": 10.0, "first_text_s": 2.0, "turn_ms_p50": 50.0, "seam_ms_p50": 50.0}
SEEN = """() => new Promise((resolve) => {
  const look = () => {
    const frame = document.querySelector('iframe.chapter');
    const doc = frame?.contentDocument;
    const isThere = doc && doc.URL !== 'about:blank' && doc.body?.textContent.trim().length > 20
      && [...doc.querySelectorAll('link[rel~=stylesheet]')].every((link) => link.sheet)
      && getComputedStyle(frame).visibility === 'visible';
    if (isThere) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    else setTimeout(look, 10);
  };
  look();
})"""
OPEN = """() => new Promise((resolve) => {
  const look = () => {
    const leaf = document.getElementById('book-room')?.room?.renderer.current;
    const isOpen = leaf?.frame.hasAttribute('data-shown');
    if (isOpen) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    else setTimeout(look, 10);
  };
  look();
})"""
TURN = """() => new Promise((resolve) => {
  const { renderer } = document.getElementById('book-room').room;
  const before = renderer.seen;
  const begun = performance.now();
  renderer.next();
  requestAnimationFrame(() => {
    const drawn = new MessageChannel();
    drawn.port1.onmessage = () => {
      const { position, page } = renderer.seen;
      const isSeam = position !== before.position;
      resolve([performance.now() - begun, isSeam, isSeam || page !== before.page]);
    };
    drawn.port2.postMessage(0);
  });
})"""


def main() -> int:
    """1 where a target is missed."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    arguments.add_argument("--book", type=Path, action="append", help="an EPUB; several times for several")
    arguments.add_argument("--runs", type=int, default=3)
    told = arguments.parse_args()
    books = told.book or [BOOKS / name for name in USUAL]
    missing = [str(book) for book in books if not book.is_file()]
    if missing:
        print(f"no {', '.join(missing)}: name a book with --book", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        figures = {book.name: _measure(book, Path(folder) / book.stem, told.runs) for book in books}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"targets": TARGETS, "books": figures}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    late = [(book, name) for book, row in figures.items() for name, most in TARGETS.items() if row.get(name, 0) > most]
    for book, name in late:
        print(f"   {book}: {name} {figures[book][name]} > {TARGETS[name]}")
    return int(bool(late))


def _measure(book: Path, home: Path, runs: int) -> dict[str, Any]:
    os.environ["WENYUAN_OCR_ENGINE"] = "null"
    library = wiring.build(load(home=home, executor="inline"))
    delivery = submit(library, receive((book,), None), (book,), "benchmark")
    worker = Worker(library)
    worker.run_until_done(delivery)
    worker.close()
    with library.catalogue.reading() as session:
        [item] = list(items.all_ids(session))
        views = items.pages(session, item)
    figures = _server(library, views)
    library.close()
    if _chromium() is None:
        return {**figures, "browser": "none: set CHROMIUM"}
    longest = max(views, key=lambda view: figures.pop(f"bytes/{view.key}"))
    return {**figures, **_browser(home, item, longest.position, runs)}


def _server(library: Library, views: list[PageView]) -> dict[str, Any]:
    """Milliseconds of the application for a chapter, and the bytes that go over the network."""
    client = create_app(library).test_client()
    figures: dict[str, Any] = {}
    times: dict[str, list[float]] = {"first": [], "again": []}
    packed = []
    for when, taken in times.items():
        for view in views:
            begun = time.perf_counter()
            answer = client.get(f"/chapters/{view.item}/{view.key}/{view.entry}", headers={"Accept-Encoding": "gzip"})
            data = answer.data
            taken.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{view.entry}: {answer.status}")
            if when == "first":
                packed.append(len(data))
                figures[f"bytes/{view.key}"] = len(data)
    return {
        **figures,
        "chapters": len(views),
        "chapter_ms_p50": round(statistics.median(times["again"]), 2),
        "chapter_first_ms_p50": round(statistics.median(times["first"]), 2),
        "chapter_first_ms_most": round(max(times["first"]), 2),
        "chapter_packed_bytes_p50": int(statistics.median(packed)),
    }


def _browser(home: Path, item: str, position: int, runs: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    base = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, "-c", START], env=environment, cwd=home)
    try:
        _wait(f"{base}/readyz")
        firsts, opened, turns, seams, requests, moved = [], [], [], [], 0, 0
        with sync_playwright() as engine:
            browser = engine.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
            for _ in range(runs):
                context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="zh-CN")
                page = context.new_page()
                network = context.new_cdp_session(page)
                network.send("Network.enable")
                network.send("Network.emulateNetworkConditions", FAST_3G)
                asked: list[str] = []
                page.on("request", lambda request, asked=asked: asked.append(request.url))
                page.goto(f"{base}/read/{item}/{position}", wait_until="commit")
                firsts.append(page.evaluate(SEEN) / 1000)
                requests = len(asked)
                opened.append(page.evaluate(OPEN) / 1000)
                network.send("Network.emulateNetworkConditions", {**FAST_3G, "latency": 0, "downloadThroughput": -1})
                page.wait_for_load_state("load")
                page.wait_for_timeout(1500)
                for _turn in range(60):
                    taken, is_seam, has_moved = page.evaluate(TURN)
                    (seams if is_seam else turns).append(taken)
                    moved += has_moved
                    if is_seam:
                        page.wait_for_timeout(400)
                context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(20)
    told: dict[str, Any] = {
        "first_text_s": round(statistics.median(firsts), 2),
        "laid_out_s": round(statistics.median(opened), 2),
        "requests_before_text": requests,
        "turn_ms_p50": round(statistics.median(turns), 1),
        "turn_ms_most": round(max(turns), 1),
        "turns": moved,
    }
    return {**told, "seam_ms_p50": round(statistics.median(seams), 1)} if seams else told


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


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


if __name__ == "__main__":
    sys.exit(main())
