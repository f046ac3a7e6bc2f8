"""Reading without a network in a real Chromium: what is kept is read, and what is not says so."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from typing import Any

import pytest
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.offline_site import READY, SCAN, Reader, browsing, library, person, serving, site
from e2e.waiting import expect, until

from wenyuan.repo.library import Library

__all__ = ["browser", "library", "person", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]


class TestInstalling:
    def test_the_library_can_be_installed(self, person: Reader) -> None:
        person.open("/")
        person.ready()
        session = person.context.new_cdp_session(person.page)
        session.send("Page.enable")
        told = session.send("Page.getAppManifest")
        assert told["errors"] == []
        assert json.loads(told["data"])["display"] == "standalone"
        until(lambda: session.send("Page.getInstallabilityErrors")["installabilityErrors"] in ([], [{
            "errorId": "in-incognito", "errorArguments": []}]))  # fmt: skip

    def test_the_worker_has_the_whole_site(self, person: Reader) -> None:
        person.open("/")
        person.ready()
        scope = person.page.evaluate("navigator.serviceWorker.ready.then((each) => new URL(each.scope).pathname)")
        assert scope == "/"


class TestAScan:
    @pytest.fixture
    def holder(self, person: Reader) -> Reader:
        """Who has kept pages 2 to 4."""
        person.room(SCAN, 2)
        person.ready()
        person.keep("2-4")
        return person

    def test_it_says_what_is_kept(self, holder: Reader) -> None:
        expect(holder.page.locator("[data-offline-state]")).to_contain_text("第 2–4 页")
        expect(holder.page.locator("[data-offline-state]")).to_contain_text("没有期限")

    @pytest.mark.parametrize("place", ["3", "place/4", ""])
    def test_kept_pages_are_read_without_a_network(self, holder: Reader, place: str) -> None:
        item = holder.site.items[SCAN]
        answer = holder.offline(f"/read/{item}/{place}".rstrip("/"))
        assert answer.from_service_worker
        holder.page.wait_for_function(READY)
        holder.page.wait_for_function("() => document.getElementById('room').room.shown.shown?.isSharp")
        expected = {"3": 3, "place/4": 4, "": 2}[place]
        assert holder.page.evaluate("document.getElementById('room').room.position") == expected

    def test_the_text_of_kept_pages_is_there_too(self, holder: Reader) -> None:
        holder.offline(f"/read/{holder.site.items[SCAN]}/3")
        holder.page.wait_for_function(READY)
        holder.page.keyboard.press("t")
        expect(holder.page.locator(".words, .textview").first).to_contain_text(room_book.columns(3)[0][:6])

    def test_a_page_that_is_not_kept_says_so(self, holder: Reader) -> None:
        answer = holder.offline(f"/read/{holder.site.items[SCAN]}/9")
        assert answer.status == 503
        assert holder.said() == "page"
        expect(holder.page.get_by_role("heading", name="这一页没有留在本机")).to_be_visible()
        link = holder.page.locator(f".kept-row[data-item='{holder.site.items[SCAN]}'] .kept-title")
        link.click()
        holder.page.wait_for_url("**/2")
        holder.page.wait_for_function(READY)

    def test_turning_beyond_what_is_kept_says_so_in_the_room(self, holder: Reader) -> None:
        holder.offline(f"/read/{holder.site.items[SCAN]}/4")
        holder.page.wait_for_function(READY)
        for _ in range(2):
            holder.page.keyboard.press("PageDown")
        expect(holder.page.locator("[data-offline-note]")).to_contain_text("留在本机的是第 2–4 页")
        holder.page.keyboard.press("PageUp")
        holder.page.keyboard.press("PageUp")
        expect(holder.page.locator("[data-offline-note]")).to_be_hidden()

    def test_the_kept_picture_stands_for_every_size_and_part_of_the_page(self, holder: Reader) -> None:
        item = holder.site.items[SCAN]
        holder.offline(f"/read/{item}/2")
        holder.page.wait_for_function(READY)
        sizes = holder.page.evaluate(
            """async (item) => {
              const found = [];
              for (const asked of ["full/300,429", "0,512,512,488/512,488", "512,0,188,512/188,512"]) {
                const answer = await fetch(`/iiif/image/3/${item}-2/${asked}/0/default.jpg`);
                const picture = await createImageBitmap(await answer.blob());
                found.push([answer.status, picture.width, picture.height]);
              }
              return found;
            }""",
            item,
        )
        assert sizes == [[200, 300, 429], [200, 512, 488], [200, 188, 512]]

    def test_searching_the_whole_book_says_that_it_needs_the_network(self, holder: Reader) -> None:
        holder.offline(f"/read/{holder.site.items[SCAN]}/2")
        holder.page.wait_for_function(READY)
        holder.page.keyboard.press("/")
        holder.page.keyboard.type("天地")
        expect(holder.page.get_by_text("离线时不能在全书中查找").first).to_be_visible()

    def test_more_pages_join_those_that_are_kept(self, holder: Reader) -> None:
        holder.keep("6-7")
        expect(holder.page.locator("[data-offline-state]")).to_contain_text("第 2–4、6–7 页")
        holder.offline(f"/read/{holder.site.items[SCAN]}/3")
        holder.page.wait_for_function(READY)

    def test_it_can_be_removed(self, holder: Reader) -> None:
        holder.page.click("[data-offline-act=remove]")
        expect(holder.page.locator("[data-offline-act=remove]")).to_be_hidden()
        assert holder.kept() == []
        assert holder.caches() == []
        holder.offline(f"/read/{holder.site.items[SCAN]}/3")
        assert holder.said() == "line"

    def test_the_list_has_it_and_removes_it(self, holder: Reader) -> None:
        holder.offline("/offline")
        row = holder.page.locator(".kept-row")
        expect(row).to_have_count(1)
        expect(row).to_contain_text(SCAN)
        expect(row).to_contain_text("第 2–4 页")
        row.get_by_role("button", name=re.compile("移去")).click()
        expect(row).to_have_count(0)
        expect(holder.page.locator(".kept-none")).to_be_visible()


class TestTheLine:
    def test_without_a_network_no_page_is_the_browsers_own(self, person: Reader) -> None:
        person.open("/")
        person.ready()
        answer = person.offline("/browse")
        assert answer.status == 503
        expect(person.page.get_by_role("heading", name="现在连不上网")).to_be_visible()
        person.page.get_by_role("button", name="回到刚才那页").click()
        person.page.wait_for_url(person.site.base + "/")

    def test_when_it_is_back_the_page_that_was_asked_for_comes(self, person: Reader) -> None:
        person.open("/")
        person.ready()
        person.offline("/browse")
        expect(person.page.get_by_role("heading", name="现在连不上网")).to_be_visible()
        person.context.set_offline(False)
        expect(person.page.get_by_role("heading", name="现在连不上网")).to_have_count(0)
        expect(person.page.locator("h1")).to_be_visible()

    def test_the_page_speaks_the_readers_language_on_his_paper(self, person: Reader) -> None:
        person.open("/?lang=en")
        person.ready()
        person.open("/look/dark?next=/")
        stored = "async () => (await (await caches.match('/offline')).text()).slice(0, 400)"
        until(lambda: 'lang="en" data-theme="dark"' in person.page.evaluate(stored))
        person.offline("/browse")
        assert person.page.locator("html").get_attribute("data-theme") == "dark"

    def test_api_answers_are_not_kept(self, person: Reader) -> None:
        person.room(SCAN, 2)
        person.ready()
        person.keep("2-4")
        person.page.evaluate("fetch('/api/annotations/').catch(() => {})")
        addresses = person.page.evaluate(
            """async () => {
              const found = [];
              for (const name of await caches.keys()) {
                for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
              }
              return found;
            }"""
        )
        assert addresses
        assert [address for address in addresses if address.startswith("/api/")] == []


def test_a_stopped_server_is_as_good_as_no_network(browser: Any, library: Library) -> None:
    with ExitStack() as line:
        site = line.enter_context(serving(library))
        with browsing(browser, site) as person:
            person.room(SCAN, 2)
            person.ready()
            person.keep("2-4")
            line.close()
            answer = person.open(f"/read/{site.items[SCAN]}/4")
            assert answer.from_service_worker
            person.page.wait_for_function(READY)
            person.open("/")
            assert person.said() == "line"
            with serving(library, site.port):
                person.page.get_by_role("button", name="再试一次").click()
                expect(person.page.locator("[data-offline-main]")).to_have_count(0)
