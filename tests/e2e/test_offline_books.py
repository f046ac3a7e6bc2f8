"""E-books and PDFs that were kept, without a network: read through, in their sandbox, and after a new product came."""

from __future__ import annotations

import hashlib
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pymupdf
import pytest
import pyvips
from e2e.chromium import NEEDED, browser, playwright
from e2e.offline_site import OPEN_BOOK, READY, REPORT, SCAN, Reader, browsing, library, person, serving, site
from e2e.waiting import expect, until
from handing_in import hand_in

from wenyuan.repo import wiring
from wenyuan.repo.library import Library
from wenyuan.repo.settings import load

__all__ = ["browser", "library", "person", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("repo", "reader", "ingest", "storage", "static", "sample")
HARBOUR = "港務報告"
FREE = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
POISON = """async (item) => {
  const name = (await caches.keys()).find((each) => each.includes(item));
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    if (!request.url.includes("/chapters/") || !request.url.endsWith("html")) continue;
    const answer = await cache.match(request);
    const text = (await answer.text()).replace(/<body[^>]*>/, (body) => `${body}<script>parent.poisoned = true</script>`
      + '<p id="poison" onclick="parent.poisoned = true">毒</p>');
    await cache.put(request, new Response(text, { headers: answer.headers }));
  }
}"""
"""As if somebody had written a script into every kept chapter."""


@pytest.fixture
def holder(person: Reader) -> Reader:
    """Who has kept an e-book."""
    person.book(OPEN_BOOK)
    person.page.wait_for_function(READY)
    person.keep()
    return person


def in_frames(reading: Reader, words: str) -> bool:
    """Whether a chapter that is shown holds these words."""
    found = []
    for frame in reading.page.frames[1:]:
        try:
            found.append(frame.locator("body").inner_text(timeout=1000))
        except playwright.Error:  # a frame that goes while it is looked at
            continue
    return any(words in each for each in found)


class TestAnEBook:
    def test_it_is_read_from_chapter_to_chapter(self, holder: Reader) -> None:
        answer = holder.offline(f"/read/{holder.site.items[OPEN_BOOK]}/1")
        assert answer.from_service_worker
        holder.page.wait_for_function(READY)
        until(lambda: in_frames(holder, "武陵人"))
        for words in ("林盡水源", "扶向路"):
            holder.page.keyboard.press("PageDown")
            until(lambda words=words: in_frames(holder, words))

    @pytest.mark.parametrize(("place", "words"), [("2", "林盡水源"), ("3", "扶向路"), ("", "武陵人")])
    def test_it_opens_at_any_chapter(self, holder: Reader, place: str, words: str) -> None:
        holder.offline(f"/read/{holder.site.items[OPEN_BOOK]}/{place}".rstrip("/"))
        holder.page.wait_for_function(READY)
        until(lambda: in_frames(holder, words))

    def test_its_chapters_stay_in_their_sandbox(self, holder: Reader) -> None:
        item = holder.site.items[OPEN_BOOK]
        holder.page.evaluate(POISON, item)
        holder.offline(f"/read/{item}/1")
        holder.page.wait_for_function(READY)
        until(lambda: in_frames(holder, "毒"))
        frame = next(each for each in holder.page.frames[1:] if each.locator("#poison").count())
        frame.locator("#poison").dispatch_event("click")
        policy = holder.page.evaluate(
            "(url) => fetch(url).then((answer) => answer.headers.get('Content-Security-Policy'))", frame.url
        )
        assert policy.startswith("sandbox allow-same-origin; default-src 'none'")
        assert holder.page.evaluate("globalThis.poisoned") is None

    def test_stopped_on_the_way_it_goes_on_from_there(self, browser: Any, site: Any) -> None:
        with browsing(browser, site) as reading:
            reading.book(OPEN_BOOK)
            reading.page.wait_for_function(READY)
            line = reading.context.new_cdp_session(reading.page)
            line.send("Network.enable")
            reading.page.click(".offline-tool > summary")
            expect(reading.page.locator("[data-offline-size]")).to_contain_text("约")
            line.send("Network.emulateNetworkConditions", {**FREE, "latency": 400})
            reading.page.click("[data-offline-act=keep]")
            expect(reading.page.locator("[data-offline-state]")).to_contain_text("正在存到本机")
            expect(reading.page.locator("[data-offline-progress]")).to_be_visible()
            reading.page.click("[data-offline-act=stop]")
            button = reading.page.locator("[data-offline-act=keep]")
            expect(button).to_have_text("接着存")
            assert reading.kept() == [[site.items[OPEN_BOOK], "keeping"]]
            line.send("Network.emulateNetworkConditions", FREE)
            button.click()
            expect(reading.page.locator("[data-offline]")).to_have_attribute("data-state", "kept")


class TestAPdf:
    def test_it_is_read_and_asked_for_in_parts(self, person: Reader) -> None:
        item = person.site.items[REPORT]
        person.room(REPORT, 1)
        person.ready()
        person.keep()
        answer = person.offline(f"/read/{item}/2")
        assert answer.from_service_worker
        person.page.wait_for_function(READY)
        expect(person.page.locator("[data-offline-note]")).to_be_hidden()
        told = person.records(
            """async (item) => {
              const { urls } = await globalThis.keptRecords.get(item);
              const { url, size_bytes: size } = urls.find((each) => each.url.startsWith("/documents/"));
              const parts = [];
              for (const range of ["bytes=0-4", "bytes=5-", "bytes=-6", `bytes=${size}-`]) {
                const answer = await fetch(url, { headers: { Range: range } });
                const bytes = await answer.arrayBuffer();
                parts.push([answer.status, bytes.byteLength, answer.headers.get("Content-Range"),
                  new TextDecoder().decode(bytes.slice(0, 5))]);
              }
              return { size, parts };
            }""",
            item,
        )
        size, parts = told["size"], told["parts"]
        assert parts[0] == [206, 5, f"bytes 0-4/{size}", "%PDF-"]
        assert parts[1][:3] == [206, size - 5, f"bytes 5-{size - 1}/{size}"]
        assert parts[2][:3] == [206, 6, f"bytes {size - 6}-{size - 1}/{size}"]
        assert parts[3][:3] == [416, 0, f"bytes */{size}"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A PDF of ten megabytes."""
    folder = tmp_path_factory.mktemp("large")
    noise = pyvips.Image.gaussnoise(1900, 1900, sigma=80, mean=128).cast("uchar")
    document = pymupdf.open()
    document.new_page().insert_image(
        pymupdf.Rect(50, 50, 500, 500), stream=noise.bandjoin([noise.rot90(), noise.rot180()]).pngsave_buffer()
    )
    for page in range(4):
        document.new_page().insert_text((72, 72), f"Harbour report, part {page}", fontsize=20)
    document.set_metadata({"title": HARBOUR})
    (folder / "given").mkdir()
    document.save(folder / "given" / "harbour.pdf")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    hand_in(library, folder / "given" / "harbour.pdf")
    return library


def test_a_large_file_comes_in_parts_and_goes_on_where_it_was_stopped(browser: Any, large: Library) -> None:
    parts = """async () => {
      let found = 0;
      for (const name of await caches.keys()) {
        for (const { url } of await (await caches.open(name)).keys()) found += url.includes("kept-part=") ? 1 : 0;
      }
      return found;
    }"""
    with serving(large) as site, browsing(browser, site) as reading:
        [item] = site.items.values()
        reading.page.goto(f"/read/{item}/2")
        reading.page.wait_for_function(READY)
        reading.ready()
        line = reading.context.new_cdp_session(reading.page)
        line.send("Network.enable")
        reading.page.click(".offline-tool > summary")
        expect(reading.page.locator("[data-offline-size]")).to_contain_text("约")
        line.send("Network.emulateNetworkConditions", {**FREE, "downloadThroughput": 3_000_000})
        reading.page.click("[data-offline-act=keep]")
        until(lambda: reading.page.evaluate(parts) > 0)
        reading.page.click("[data-offline-act=stop]")
        expect(reading.page.locator("[data-offline-act=keep]")).to_have_text("接着存")
        line.send("Network.emulateNetworkConditions", FREE)
        reading.page.click("[data-offline-act=keep]")
        expect(reading.page.locator("[data-offline]")).to_have_attribute("data-state", "kept")
        assert reading.page.evaluate(parts) == 0
        address, digest = reading.records(
            """async (item) => {
              const { urls } = await globalThis.keptRecords.get(item);
              const { url } = urls.find((each) => each.url.startsWith("/documents/"));
              const bytes = await (await caches.match(url)).arrayBuffer();
              const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
              return [url, Array.from(digest, (each) => each.toString(16).padStart(2, "0")).join("")];
            }""",
            item,
        )
        with urllib.request.urlopen(site.base + address) as answer:
            assert hashlib.sha256(answer.read()).hexdigest() == digest


def test_where_the_device_has_no_room_it_says_so(browser: Any, site: Any) -> None:
    with browsing(browser, site) as reading:
        reading.room(SCAN, 2)
        reading.ready()
        store = reading.context.new_cdp_session(reading.page)
        store.send("Storage.overrideQuotaForOrigin", {"origin": site.base, "quotaSize": 300_000})
        reading.page.click(".offline-tool > summary")
        reading.page.click("[data-offline-act=keep]")
        expect(reading.page.locator("[data-offline-state]")).to_contain_text("本机空间不够")


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The product with one script changed, to be found before this one."""
    folder = tmp_path_factory.mktemp("newer")
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name, folder / "wenyuan" / name, ignore=shutil.ignore_patterns("__pycache__", "collection")
        )
    script = folder / "wenyuan" / "static" / "js" / "room" / "adjust.js"
    script.write_text(script.read_text("utf-8") + "\n// newer\n", "utf-8")
    yield folder
    shutil.rmtree(folder)


def test_after_a_new_product_came_what_is_kept_is_made_anew_with_its_scripts(
    browser: Any, library: Library, newer: Path
) -> None:
    scripts = """async (item) => {
      const { version, shell } = await globalThis.keptRecords.get(item);
      const page = await (await (await caches.open(`wenyuan-kept/${item}/${version}`)).match(shell)).text();
      return page.match(/static\\/js@(\\w+)\\/room\\/boot\\.js/)[1];
    }"""
    with ExitStack() as before, ExitStack() as after:
        site = before.enter_context(serving(library))
        reading = after.enter_context(browsing(browser, site))
        item = site.items[SCAN]
        reading.room(SCAN, 2)
        reading.ready()
        reading.keep("2-4")
        old = reading.records(scripts, item)
        before.close()
        assert reading.open(f"/read/{item}/3").status == 200
        reading.page.wait_for_function(READY)
        after.enter_context(serving(library, site.port, PYTHONPATH=str(newer)))
        reading.open("/")
        until(lambda: reading.records(scripts, item) != old)
        until(lambda: len(reading.caches()) == 1)
        reading.offline(f"/read/{item}/3")
        reading.page.wait_for_function(READY)
        reading.page.wait_for_function("() => document.getElementById('room').room.shown.shown?.isSharp")
