"""What a reader keeps of a scan, in real browsers: here alone, and with an account on two devices at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.keeping_site import DESK, KEPT, PHONE, Device, Site, serving
from e2e.waiting import expect, until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

COLUMNS = room_book.columns
KEPT_OF = """(owner) => new Promise((done) => {
  const opening = indexedDB.open('wenyuan-keep');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('notes').objectStore('notes').getAll();
    asked.onsuccess = () => {
      opening.result.close();
      done(asked.result.filter((note) => note.owner === owner).length);
    };
  };
})"""
"""How many notes of an account a browser keeps."""
Make = Callable[..., Device]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("keeping")) as served:
        yield served


@pytest.fixture
def device(site: Site, browser: Any) -> Iterator[Make]:
    """A maker of browsers."""
    made: list[Device] = []

    def make(name: str | None = None, **more: Any) -> Device:
        made.append(Device.new(site, browser, **more))
        return made[-1].sign_in(name) if name else made[-1]

    yield make
    for each in made:
        each.close()


def test_what_is_kept_without_an_account_stays_in_this_browser(site: Site, device: Make) -> None:
    here = device()
    page = here.open_scan(3)
    here.highlight(3, 0, 0, 4, "green")
    page.keyboard.press("b")
    until(lambda: len(page.evaluate(KEPT)["notes"]) == 2)
    here.open_scan(3)
    expect(here.marks("green")).to_have_count(1)
    here.open_drawer()
    expect(here.rows).to_have_count(2)
    expect(page.locator("#keep-panel h3")).to_have_text([room_book.label(3)])
    expect(here.rows.nth(1)).to_contain_text(COLUMNS(3)[0][:5])
    expect(page.locator("#keep-panel footer")).to_contain_text("笔记存在这台设备上")


def test_a_selection_is_highlighted_and_annotated_by_keyboard_alone(device: Make) -> None:
    here = device()
    page = here.open_scan(4)
    page.keyboard.press("Control+a")
    expect(page.locator("#keep-bar")).to_be_visible()
    page.keyboard.press("h")
    expect(here.marks("yellow")).to_have_count(1)
    page.keyboard.press("b")
    page.keyboard.press("e")
    expect(page.locator("#keep-card textarea")).to_be_focused()
    page.keyboard.insert_text("全葉可讀")
    page.keyboard.press("Escape")
    page.locator("[data-keep-open]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#keep-panel h2")).to_be_focused()
    expect(here.rows).to_have_count(2)
    expect(page.locator("#keep-panel")).to_contain_text("全葉可讀")
    page.keyboard.press("Escape")
    expect(page.locator("[data-keep-open]")).to_be_focused()


def test_a_deletion_can_be_taken_back(device: Make) -> None:
    here = device()
    page = here.open_scan(5)
    here.highlight(5, 1, 2, 6, "blue")
    here.open_drawer()
    here.rows.locator("[data-part=remove]").click()
    expect(here.marks("blue")).to_have_count(0)
    expect(here.rows).to_have_count(0)
    page.locator("#keep-line button").click()
    expect(here.marks("blue")).to_have_count(1)
    expect(here.rows).to_have_count(1)


def test_notes_that_are_markup_are_shown_as_they_were_written(site: Site, device: Make) -> None:
    here = device("reader")
    page = here.open_scan(6)
    here.drag(6, 2, 1, 5)
    evil = '<img src=x onerror="window.owned = 1"><script>window.owned = 1</script>'
    here.write_note(evil)
    here.open_drawer()
    expect(here.rows.locator("[data-part=text]")).to_have_text(evil)
    here.all_sent()
    page.goto(f"{site.base}/my")
    expect(page.locator(".keep-row-text", has_text="onerror")).to_have_text(evil)
    assert page.evaluate("window.owned ?? null") is None
    assert page.locator("main img[src=x]").count() == 0


def test_a_box_drawn_on_a_page_without_text_is_kept(device: Make) -> None:
    here = device()
    page = here.open(here.site.read(here.site.scan, room_book.COVER))
    expect(page.locator(".desk[data-room=open]")).to_have_count(1)
    until(lambda: page.locator(f'.overlay[data-position="{room_book.COVER}"]').bounding_box())
    box = page.locator(f'.overlay[data-position="{room_book.COVER}"]').bounding_box()
    here.open_drawer()
    page.locator("#keep-panel [data-region]").click()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
    page.mouse.up()
    expect(page.locator("#keep-bar")).to_be_visible()
    page.locator("#keep-bar [data-colour=red]").click()
    expect(page.locator(".wy-mark-box")).to_have_count(1)
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    expect(page.locator("#keep-card")).to_be_visible()


def test_a_note_made_on_one_device_is_on_the_other(site: Site, device: Make) -> None:
    one, other = device("friend"), device("friend")
    one.open_scan(7)
    one.drag(7, 3, 0, 6)
    one.write_note("這裏說的是通濟橋")
    one.page.keyboard.press("b")
    one.all_sent()
    other.open_scan(7)
    expect(other.marks("yellow")).to_have_count(1)
    expect(other.page.locator("[data-keep-bookmark]")).to_have_attribute("aria-pressed", "true")
    other.open_drawer()
    expect(other.page.locator("#keep-panel")).to_contain_text("這裏說的是通濟橋")
    other.rows.nth(1).locator("[data-part=edit]").click()
    other.page.locator("#keep-card [data-colour=red]").click()
    other.page.keyboard.press("Escape")
    other.all_sent()
    one.open_scan(7)
    expect(one.marks("red")).to_have_count(1)
    expect(one.marks("yellow")).to_have_count(0)


def test_both_write_on_the_same_note_and_nothing_is_lost(device: Make) -> None:
    one, other = device("third"), device("third")
    one.open_scan(8)
    one.drag(8, 1, 0, 5)
    one.write_note("底稿")
    one.all_sent()
    other.open_scan(8)
    expect(other.marks("yellow")).to_have_count(1)
    for each, words in ((one, "甲所寫"), (other, "乙所寫")):
        each.open_drawer()
        each.rows.first.locator("[data-part=edit]").click()
        each.page.locator("#keep-card textarea").fill(words)
    for each in (one, other):
        each.page.locator("#keep-card [data-close]").click()
        each.all_sent()
    other.open_scan(8)
    other.open_drawer()
    expect(other.rows).to_have_count(1)
    expect(other.rows.first).to_contain_text("乙所寫")
    expect(other.rows.first).to_contain_text("甲所寫")


def test_notes_made_offline_arrive_later(device: Make) -> None:
    one, other = device("friend"), device("friend")
    page = one.open_scan(9)
    one.context.set_offline(True)
    one.drag(9, 4, 0, 6)
    one.write_note("船上所記")
    one.open_drawer()
    expect(page.locator("[data-keep-state]")).to_have_text("已存在本机，联网后送出")
    expect(page.locator("#keep-panel")).to_contain_text("船上所記")
    one.context.set_offline(False)
    expect(page.locator("[data-keep-state]")).to_have_text("")
    one.all_sent()
    other.open_scan(9)
    other.open_drawer()
    expect(other.page.locator("#keep-panel")).to_contain_text("船上所記")


def test_what_was_written_while_the_server_was_away_goes_when_it_is_back(device: Make) -> None:
    here = device("reader")
    page = here.open_scan(10)
    page.route("**/api/annotations/**", lambda route: route.fulfill(status=503, body="{}"))
    here.highlight(10, 0, 0, 3, "red")
    here.open_drawer()
    expect(page.locator("[data-keep-state]")).to_have_text("已存在本机，联网后送出")
    page.unroute("**/api/annotations/**")
    page.evaluate("() => { window.dispatchEvent(new Event('online')); }")
    expect(page.locator("[data-keep-state]")).to_have_text("")
    here.all_sent()


def test_what_the_browser_kept_is_merged_at_sign_in_and_only_once(site: Site, device: Make) -> None:
    here, other = device(), device("third")
    page = here.open_scan(11)
    here.highlight(11, 0, 0, 4, "green")
    page.keyboard.press("b")
    expect(page.locator("[data-keep-bookmark]")).to_have_attribute("aria-pressed", "true")
    here.sign_in("third")
    here.open_scan(11)
    strip = page.locator("#keep-strip")
    expect(strip).to_contain_text("这台设备上有 2 条笔记，并入你的账号？")
    expect(here.marks("green")).to_have_count(0)
    strip.get_by_role("button", name="并入").click()
    expect(here.marks("green")).to_have_count(1)
    here.all_sent()
    here.open_scan(11)
    expect(here.marks("green")).to_have_count(1)
    other.open_scan(11)
    expect(other.marks("green")).to_have_count(1)
    here.sign_out()
    until(lambda: here.page.evaluate(KEPT_OF, "third") == 0)
    here.open_scan(11)
    expect(here.marks("green")).to_have_count(0)


def test_notes_that_nobody_claims_stay_where_they_are(device: Make) -> None:
    here = device()
    page = here.open_scan(3)
    here.highlight(3, 5, 0, 4, "blue")
    here.sign_in("friend")
    here.open_scan(3)
    page.locator("#keep-strip").get_by_role("button", name="不是我的").click()
    expect(page.locator("#keep-strip")).not_to_contain_text("并入")
    here.open_scan(3)
    expect(here.marks("blue")).to_have_count(0)
    here.sign_out()
    here.open_scan(3)
    expect(here.marks("blue")).to_have_count(1)


def test_everything_can_be_taken_home_as_markdown(device: Make, tmp_path: Path) -> None:
    here = device()
    page = here.open_scan(4)
    here.drag(4, 0, 0, 5)
    here.write_note("待考 *此字*")
    here.open_drawer()
    with page.expect_download() as saving:
        page.locator("[data-save-markdown]").click()
    saving.value.save_as(tmp_path / "notes.md")
    text = (tmp_path / "notes.md").read_text("utf-8")
    assert text.startswith(f"# {room_book.TITLE}\n")
    assert f"## {room_book.label(4)}" in text
    assert f"> {COLUMNS(4)[0][:6]}" in text
    assert "待考 \\*此字\\*" in text


def test_my_library_lists_what_this_browser_keeps(site: Site, device: Make) -> None:
    here = device()
    page = here.open_scan(2)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".reader-place")).to_contain_text(room_book.label(4))
    here.highlight(4, 0, 0, 5, "red")
    page.goto(f"{site.base}/my")
    expect(page.locator("[data-my-reading] .card")).to_have_count(1)
    expect(page.locator("[data-my-reading] .card")).to_contain_text(room_book.TITLE)
    expect(page.locator("[data-my-notes] .keep-row")).to_contain_text(COLUMNS(4)[0][:6])
    page.locator("[data-my-notes] .keep-row-go").click()
    expect(page.locator("html[data-keep=open]")).to_have_count(1)
    expect(here.marks("red")).to_have_count(1)


def test_on_a_phone_nothing_is_wider_than_the_window(device: Make) -> None:
    here = device(viewport=PHONE, has_touch=True)
    page = here.open_scan(3)
    here.open_drawer()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert DESK["width"] > PHONE["width"]
    tools = [page.locator(each).bounding_box() for each in ("[data-keep-bookmark]", "[data-keep-open]")]
    assert all(box["x"] + box["width"] <= PHONE["width"] and box["height"] >= 24 for box in tools)


def test_another_account_of_the_same_browser_sees_nothing_of_the_first(site: Site, device: Make) -> None:
    here = device("reader")
    here.open_scan(12)
    here.highlight(12, 0, 0, 4, "green")
    here.all_sent()
    here.sign_in("friend")
    here.open_scan(12)
    expect(here.marks("green")).to_have_count(0)
    assert json.dumps(here.page.evaluate(KEPT_OF, "reader")) == "0"


def test_notes_wait_for_their_own_account_when_the_session_has_ended(site: Site, device: Make) -> None:
    here = device("reader")
    page = here.open_scan(2)
    here.all_pulled()
    # Every answer renews the cookie: none may be under way. A place is kept, and told, where one has turned to.
    page.keyboard.press("PageDown")
    until(
        lambda: [place for place in page.evaluate(KEPT)["places"] if place["position"] == 4 and not place["isUnsent"]]
    )
    here.context.clear_cookies()
    here.drag(4, 6, 0, 4)
    here.write_note("過期以後所寫")
    here.open_drawer()
    expect(page.locator("[data-keep-state]")).to_contain_text("登录已过期")
    here.sign_in("reader")
    here.open_scan(2)
    here.all_sent()
    here.open_drawer()
    expect(page.locator("#keep-panel")).to_contain_text("過期以後所寫")


def test_a_page_that_lay_open_since_an_earlier_session_of_the_same_reader_sends_its_notes(device: Make) -> None:
    here = device("friend")
    page = here.open_scan(5)
    here.all_pulled()
    beside = here.context.new_page()
    here.page = beside
    here.sign_out()
    here.sign_in("friend")
    beside.close()
    here.page = page
    here.highlight(5, 6, 0, 5, "red")
    here.all_sent()
    here.open_scan(5)
    expect(here.marks("red")).to_have_count(1)
