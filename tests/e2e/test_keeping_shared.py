"""Marks stay with their text when staff corrects it, and are seen by the group they are shared with and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.keeping_site import Device, Site, paragraphs, serving
from e2e.waiting import expect, until
from handing_in import hand_in

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import reading_groups
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

Make = Callable[..., Device]
CORRECT = """async ([item, key, lines]) => {
  const { token } = JSON.parse(document.getElementById('keep').dataset.keep);
  const address = `/api/items/${item}/pages/${key}/text`;
  const held = await fetch(address);
  const headers = { 'X-Form-Token': token, 'If-Match': held.headers.get('ETag'), 'Content-Type': 'application/json' };
  return (await fetch(address, { method: 'PUT', headers, body: JSON.stringify({ lines }) })).status;
}"""
"""Correct lines of a page through the product's API."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("keeping-shared")) as served:
        yield served


@pytest.fixture
def device(site: Site, browser: Any) -> Iterator[Make]:
    """A maker of browsers."""
    made: list[Device] = []

    def make(name: str) -> Device:
        made.append(Device.new(site, browser))
        return made[-1].sign_in(name)

    yield make
    for each in made:
        each.close()


def test_a_mark_moves_with_its_text_when_staff_corrects_the_page(site: Site, device: Make) -> None:
    reader, staff = device("reader"), device("staff")
    reader.open_scan(4)
    reader.highlight(4, 2, 4, 8, "green")
    reader.all_sent()
    columns = room_book.columns(4)
    staff.open_scan(4)
    # Six characters that the engine had missed at the head of the first column: all that follows stands farther on.
    changed = {"0": "新校補入六字" + columns[0]}
    assert staff.page.evaluate(CORRECT, [site.scan, 4, changed]) in (200, 201, 204)
    reader.open_scan(4)
    reader.open_drawer()
    expect(reader.rows).to_have_count(1)
    expect(reader.rows.first).to_contain_text(columns[2][4:9])
    # The page's text is drawn anew and the mark is in the same characters of the third column.
    expect(reader.marks("green").locator("rect")).to_have_count(1)
    until(lambda: marked(reader, "green") == columns[2][4:9], told=lambda: marked(reader, "green"))


def marked(device: Device, colour: str) -> str:
    """The characters that a mark on the picture covers, by the text of the room."""
    return str(
        device.page.evaluate(
            """async (colour) => {
              const { room } = document.getElementById('room');
              const { kept } = document.getElementById('keep');
              const note = kept.all.find((each) => each.colour === colour);
              const text = await room.texts.at(note.page);
              return text.plain.slice(note.start, note.end).join('');
            }""",
            colour,
        )
    )


def test_a_mark_whose_text_is_gone_is_shown_as_lost_and_not_lost(site: Site, device: Make) -> None:
    reader, staff = device("reader"), device("staff")
    page = reader.open_scan(7)
    # Words that stand on this page alone: elsewhere the book repeats itself.
    column, place = 2, 5
    reader.drag(7, column, place, place + len(room_book.PHRASE) - 1)
    reader.write_note("這一行很要緊")
    reader.all_sent()
    staff.open_scan(7)
    replaced = {str(number): "一二三四五六七八九十" for number in range(room_book.COLUMNS)}
    assert staff.page.evaluate(CORRECT, [site.scan, 7, replaced]) in (200, 201, 204)
    reader.open_scan(7)
    reader.open_drawer()
    lost = page.locator("#keep-panel .keep-orphaned")
    expect(lost).to_contain_text("找不到原文的")
    expect(lost).to_contain_text(room_book.PHRASE)
    expect(lost).to_contain_text("這一行很要緊")
    expect(reader.marks("yellow")).to_have_count(0)


def test_what_is_kept_outlives_handing_the_item_in_again(site: Site, device: Make) -> None:
    reader = device("friend")
    reader.open_scan(8)
    reader.highlight(8, 0, 0, 6, "blue")
    reader.page.keyboard.press("b")
    reader.all_sent()
    library = wiring.build(load(home=site.home, executor="inline"))
    hand_in(library, room_book.make(site.home.parent / "book", 12))
    library.close()
    reader.open_scan(8)
    expect(reader.marks("blue")).to_have_count(1)
    reader.open_drawer()
    expect(reader.rows).to_have_count(2)


def test_a_group_sees_what_is_shared_with_it_and_a_third_reader_does_not(site: Site, device: Make) -> None:
    library = wiring.build(load(home=site.home, executor="inline"))
    now = datetime.now(UTC)
    with library.catalogue.writing() as session:
        group = reading_groups.create(session, "縣志共讀", "reader", now)
        assert group.token
        reading_groups.join(session, group.token, "friend", now)
    library.close()
    reader, friend, third = device("reader"), device("friend"), device("third")
    page = reader.open_scan(9)
    reader.drag(9, 2, 0, 6)
    page.keyboard.press("e")
    expect(page.locator("#keep-card textarea")).to_be_focused()
    page.keyboard.insert_text("給諸位看")
    page.locator("#keep-card select").select_option(label="分享到“縣志共讀”")
    page.keyboard.press("Escape")
    reader.all_sent()
    friend.open_scan(9)
    expect(friend.page.locator(".wy-mark-others")).to_have_count(1)
    friend.open_drawer()
    shared = friend.rows.filter(has_text="給諸位看")
    expect(shared).to_contain_text("reader 的笔记")
    expect(shared.locator("[data-part=edit]")).to_be_hidden()
    third.open_scan(9)
    third.open_drawer()
    third.all_pulled()
    expect(third.page.locator("[data-keep-none]")).to_be_visible()
    expect(third.rows).to_have_count(0)


def test_marks_and_notes_of_an_ebook_are_on_the_other_device(site: Site, device: Make) -> None:
    one, other = device("third"), device("third")
    page = one.open(site.read(site.ebook, 1))
    words = paragraphs(1)[0]
    select_in_chapter(page, words)
    expect(page.locator("#keep-bar")).to_be_visible()
    page.locator("#keep-bar [data-colour=green]").click()
    until(lambda: drawn_in_chapter(page, "green"))
    page.keyboard.press("b")
    expect(page.locator("[data-keep-bookmark]")).to_have_attribute("aria-pressed", "true")
    one.all_sent()
    there = other.open(site.read(site.ebook, 1))
    until(lambda: drawn_in_chapter(there, "green") == words, told=lambda: drawn_in_chapter(there, "green"))
    other.open_drawer()
    expect(other.rows).to_have_count(2)
    expect(other.page.locator("#keep-panel")).to_contain_text(words[:20])


def select_in_chapter(page: Any, words: str) -> None:
    """Select some words in the frame of the chapter, as a hand would."""
    frame = chapter(page)
    line = frame.locator("p", has_text=words)
    expect(line).to_be_visible()
    line.evaluate(
        """(line) => {
          const selection = line.ownerDocument.getSelection();
          selection.selectAllChildren(line);
          line.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
          line.dispatchEvent(new MouseEvent('mouseup', { bubbles: true }));
        }"""
    )


def chapter(page: Any) -> Any:
    return page.frame_locator("iframe.chapter").first


def drawn_in_chapter(page: Any, colour: str) -> str:
    """What the chapter's document marks in a colour."""
    return str(
        page.evaluate(
            """(colour) => [...document.querySelectorAll('iframe')].map((frame) => {
              const marks = frame.contentWindow?.CSS.highlights.get(`wy-mark-${colour}`);
              return marks ? [...marks].map((range) => range.toString()).join('') : '';
            }).join('')""",
            colour,
        )
    )


def test_my_library_has_what_is_kept_of_all_items_and_takes_it_home(site: Site, device: Make, tmp_path: Path) -> None:
    reader = device("staff")
    page = reader.open_scan(10)
    reader.drag(10, 3, 0, 5)
    reader.write_note("此句可誦")
    reader.highlight(10, 5, 0, 5, "red")
    page.keyboard.press("b")
    page.keyboard.press("PageDown")
    expect(page.locator(".reader-place")).to_contain_text(room_book.label(12))
    reader.all_sent()
    page.goto(f"{site.base}/items/{site.scan}")
    expect(page.locator("[data-continue]")).to_contain_text("继续阅读")
    page.goto(f"{site.base}/my")
    expect(page.locator(".my-reading .card")).to_contain_text(room_book.TITLE)
    expect(page.locator(".keep-row")).to_have_count(3)
    page.locator(".my-filters a", has_text="红色").click()
    expect(page.locator(".keep-row")).to_have_count(1)
    expect(page.locator(".keep-row")).to_contain_text(room_book.columns(10)[5][:6])
    with page.expect_download() as saving:
        page.locator(".my-ways a", has_text="Markdown").click()
    saving.value.save_as(tmp_path / "notes.md")
    told = (tmp_path / "notes.md").read_text("utf-8")
    assert room_book.columns(10)[3][:6] in told
    assert "此句可誦" in told
    page.locator(".keep-row-go").click()
    expect(page.locator("html[data-keep=open]")).to_have_count(1)
    expect(page.locator(".reader-place")).to_contain_text(room_book.label(10))


def test_what_was_kept_before_is_merged_from_my_library_too(site: Site, browser: Any) -> None:
    here = Device.new(site, browser)
    here.open_scan(12)
    here.highlight(12, 1, 0, 5, "blue")
    here.sign_in("friend")
    page = here.page
    page.goto(f"{site.base}/my")
    page.locator("#keep-strip").get_by_role("button", name="并入").click()
    expect(page.locator(".keep-row", has_text=room_book.columns(12)[1][:6])).to_have_count(1)
    here.close()
