"""What is kept is one reader's and for a time: it goes when that is over, when he leaves, when the library says so."""

from __future__ import annotations

from typing import Any

import pytest
from e2e.chromium import NEEDED, browser
from e2e.offline_site import CLOSED_BOOK, OPEN_BOOK, SCAN, Reader, browsing, library, person, serving, site
from e2e.waiting import expect, until

from wenyuan.repo import holdings
from wenyuan.repo.catalogue import items
from wenyuan.repo.description import Access
from wenyuan.repo.library import Library

__all__ = ["browser", "library", "person", "site"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

SECONDS = 1 / 86_400
WAY_OFF = "async (item) => (await globalThis.keptRecords.get(item)).until - Date.now()"
CHAPTER = """async (item) => (await globalThis.keptRecords.get(item)).urls
  .map(({ url }) => url).find((url) => url.startsWith("/chapters/"))"""
SET_BACK = """async (item) => {
  const { meta, setMeta } = globalThis.keptRecords;
  const clock = await meta("clock");
  await setMeta("clock", { ...clock, latest: clock.latest + 3_600_000 });
}"""
"""As if this device had been used for another hour, and its clock then been set back by that hour."""


@pytest.fixture
def patron(person: Reader) -> Reader:
    """Who has signed in, and kept a book that needs that."""
    person.sign_in("reader")
    person.book(CLOSED_BOOK)
    person.keep()
    return person


class TestALease:
    def test_it_runs_for_as_long_as_the_library_says(self, patron: Reader) -> None:
        expect(patron.page.locator("[data-offline-state]")).to_contain_text("不联网可以读到")
        left_s = patron.records(WAY_OFF, patron.site.items[CLOSED_BOOK]) / 1000
        assert 13.9 * 86_400 < left_s <= 14 * 86_400 + 60

    def test_while_it_runs_the_book_is_read_offline(self, patron: Reader) -> None:
        answer = patron.offline(f"/read/{patron.site.items[CLOSED_BOOK]}/2")
        assert answer.status == 200
        assert answer.from_service_worker

    def test_when_it_is_over_the_copy_is_refused_and_gone(self, browser: Any, library: Library) -> None:
        with (
            serving(library, WENYUAN_OFFLINE_DAYS=str(8 * SECONDS)) as site,
            browsing(browser, site) as reading,
        ):
            reading.sign_in("reader")
            reading.book(CLOSED_BOOK)
            reading.keep()
            path = f"/read/{site.items[CLOSED_BOOK]}/1"
            part = reading.records(CHAPTER, site.items[CLOSED_BOOK])
            assert reading.offline(path).status == 200
            until(lambda: reading.open(path).status == 410)
            assert reading.said() == "over"
            expect(reading.page.get_by_role("heading", name="借期已满")).to_be_visible()
            assert reading.caches() == []
            assert reading.kept() == [[site.items[CLOSED_BOOK], "ended"]]
            assert reading.page.evaluate("(part) => fetch(part).then(() => 'came', () => 'nothing')", part) == "nothing"

    def test_a_clock_that_was_set_back_does_not_lengthen_it(self, patron: Reader) -> None:
        item = patron.site.items[CLOSED_BOOK]
        patron.context.set_offline(True)
        patron.records(SET_BACK, item)
        answer = patron.open(f"/read/{item}/1")
        assert answer.status == 503
        assert patron.said() == "clock"
        assert patron.kept() == [[item, "kept"]]

    def test_the_library_sets_the_clock_right_again(self, patron: Reader) -> None:
        item = patron.site.items[CLOSED_BOOK]
        patron.records(SET_BACK, item)
        clock = (
            "async () => { const { latest, skew } = await globalThis.keptRecords.meta('clock'); return latest - skew; }"
        )
        ahead = patron.records(clock)
        patron.page.evaluate("dispatchEvent(new Event('online'))")
        until(lambda: patron.records(clock) < ahead)
        assert patron.offline(f"/read/{item}/1").status == 200

    def test_it_begins_anew_when_the_device_is_on_the_net(self, patron: Reader) -> None:
        item = patron.site.items[CLOSED_BOOK]
        shorten = """async (item) => {
          const { get, put } = globalThis.keptRecords;
          await put({ ...(await get(item)), until: Date.now() + 60_000 });
        }"""
        patron.records(shorten, item)
        patron.page.evaluate("dispatchEvent(new Event('online'))")
        until(lambda: patron.records(WAY_OFF, item) > 13 * 86_400_000)

    def test_what_the_library_takes_back_goes_when_the_device_is_on_the_net(
        self, browser: Any, library: Library, site: Any
    ) -> None:
        with browsing(browser, site) as reading:
            item = site.items[SCAN]
            reading.room(SCAN, 2)
            reading.ready()
            reading.keep("2-4")
            with library.catalogue.reading() as session:
                described = items.get(session, item).description
            holdings.describe(library, item, described.model_copy(update={"access": Access.STAFF}), "館員")
            try:
                reading.page.evaluate("dispatchEvent(new Event('online'))")
                until(lambda: reading.kept() == [[item, "gone"]])
                until(lambda: reading.caches() == [])
                answer = reading.offline(f"/read/{item}/3")
                assert answer.status == 410
                assert reading.said() == "gone"
            finally:
                holdings.describe(library, item, described, "館員")


class TestOneBrowserForTwo:
    def test_signing_out_takes_away_what_is_not_open_to_all(self, patron: Reader) -> None:
        patron.book(OPEN_BOOK)
        patron.keep()
        assert len(patron.kept()) == 2
        patron.sign_out()
        until(lambda: patron.kept() == [[patron.site.items[OPEN_BOOK], "kept"]])
        until(lambda: all(patron.site.items[CLOSED_BOOK] not in name for name in patron.caches()))
        patron.offline(f"/read/{patron.site.items[CLOSED_BOOK]}/1")
        assert patron.said() == "line"
        expect(patron.page.locator(".kept-row")).to_have_count(1)
        expect(patron.page.locator(".kept-list")).not_to_contain_text(CLOSED_BOOK)

    def test_the_copy_of_an_open_book_holds_nothing_of_who_kept_it(self, patron: Reader) -> None:
        patron.book(OPEN_BOOK)
        patron.keep()
        pages = patron.page.evaluate(
            """async (item) => {
              const name = (await caches.keys()).find((each) => each.includes(item));
              const cache = await caches.open(name);
              const found = [];
              for (const request of await cache.keys()) found.push(await (await cache.match(request)).text());
              return found;
            }""",
            patron.site.items[OPEN_BOOK],
        )
        token = patron.page.locator("[name=form_token], [data-token], [data-form-token]").all()
        secrets = {one.get_attribute(name) for one in token for name in ("value", "data-token", "data-form-token")} - {
            None
        }
        assert len(pages) > 4
        for page in pages:
            assert "urn:wenyuan:person:reader" not in page
            assert not any(secret in page for secret in secrets if secret)

    def test_offline_it_is_the_readers_own_again_for_as_long_as_he_is_signed_in(self, patron: Reader) -> None:
        told = "() => JSON.parse(document.getElementById('keep').dataset.keep)"
        patron.book(OPEN_BOOK)
        patron.keep()
        item, online = patron.site.items[OPEN_BOOK], patron.page.evaluate(told)
        until(lambda: patron.records("() => globalThis.keptRecords.meta('reader')"))
        patron.offline(f"/read/{item}/2")
        offline = patron.page.evaluate(told)
        assert offline["person"] == online["person"] == "reader"
        assert offline["token"] == online["token"] != ""
        patron.context.set_offline(False)
        patron.sign_out()
        patron.offline(f"/read/{item}/2")
        nobody = patron.page.evaluate(told)
        assert (nobody["person"], nobody["token"]) == ("", "")

    def test_the_next_reader_sees_nothing_of_it_even_where_the_first_never_signed_out(self, patron: Reader) -> None:
        item = patron.site.items[CLOSED_BOOK]
        session = next(each for each in patron.context.cookies() if each["name"] == "wenyuan_session")
        patron.context.clear_cookies(name="wenyuan_session")  # as if it had run out: no form is sent
        assert session
        patron.sign_in("other")
        until(lambda: patron.kept() == [])
        until(lambda: patron.caches() == [])
        patron.offline(f"/read/{item}/1")
        assert patron.said() == "line"
        expect(patron.page.locator(".kept-row")).to_have_count(0)

    def test_pages_of_who_is_signed_in_are_not_stored(self, patron: Reader) -> None:
        for path in ("/", f"/items/{patron.site.items[CLOSED_BOOK]}", "/search?q=祕密"):
            patron.open(path)
        found = patron.page.evaluate(
            """async () => {
              const pages = [];
              for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                  const answer = await cache.match(request);
                  const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
                  if (isPage) pages.push(new URL(request.url).pathname);
                }
              }
              return pages.sort();
            }"""
        )
        assert found == ["/offline", f"/read/{patron.site.items[CLOSED_BOOK]}/1"]
