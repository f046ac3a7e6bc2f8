"""Correcting a page in a real Chromium: by keyboard, beside the picture, with what can go wrong in between."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from e2e import room_book
from e2e.chromium import NEEDED, browser
from e2e.waiting import expect, until
from handing_in import hand_in, shown
from servers.processes import answers_http, free_ports, running

from wenyuan.repo import corrections, proposals, texts, wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.layers import Alternative, Line, Origin
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load
from wenyuan.repo.texts import NewLayer

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
START = "from wenyuan.reader.commands.serve import serve; serve()"
PASSWORD = "松竹梅蘭"
DOUBTED = 3
"""Page of which the engine was not sure: the third and tenth character of each column."""


@dataclass
class Site:
    """A running server with a vertical book."""

    base: str
    item: str
    home: Path

    def address(self, key: int) -> str:
        return f"{self.base}/items/{self.item}/pages/{key}/correct"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("correcting")
    home = folder / "home"
    library = wiring.build(load(home=home, executor="inline"))
    hand_in(library, room_book.make(folder / "book", 12))
    with library.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
        users.put(session, "staff", PASSWORD, Role.STAFF)
    item = shown(library)[0].id
    held = corrections.open_text(library, item, DOUBTED)
    regions = tuple(replace(one, lines=tuple(map(doubt, one.lines))) for one in held.layer.regions)
    read = NewLayer(DOUBTED, replace(held.layer, regions=regions), Origin.CORRECTED, "test")
    texts.add_layers(library, item, [read], "test")
    library.close()
    port = free_ports(1)[0]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", START]
    with running(command, home, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        yield Site(base, item, home)


def doubt(line: Line) -> Line:
    sure = [96] * len(line.text)
    sure[2] = sure[9] = 41
    others = (Alternative(2, "夭", 30), Alternative(2, "天", 12))
    return replace(line, confidences=tuple(sure), alternatives=others)


class Person:
    """Somebody who has signed in, with a window."""

    def __init__(self, site: Site, browser: Any, name: str, **more: Any) -> None:
        self.site = site
        self.context = browser.new_context(**{"viewport": DESK, "locale": "zh-CN", **more})
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda told: self.faults.append(told.text) if "Content Security" in told.text else None)
        self.page.goto(f"{site.base}/sign-in")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button")
        expect(self.page.locator(".hero, .site-header").first).to_be_visible()

    def open(self, key: int) -> Any:
        self.page.goto(self.site.address(key))
        expect(self.page.locator("html[data-correct=open]")).to_have_count(1)
        expect(self.page.locator(".correct-picture[data-open]")).to_have_count(1)
        return self.page

    def field(self, number: int) -> Any:
        return self.page.locator(f"#line-{number}")

    @property
    def status(self) -> Any:
        return self.page.locator("[data-status]")

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


@pytest.fixture
def staff(site: Site, browser: Any) -> Iterator[Person]:
    person = Person(site, browser, "staff")
    yield person
    person.close()


@pytest.fixture
def reader(site: Site, browser: Any) -> Iterator[Person]:
    person = Person(site, browser, "reader")
    yield person
    person.close()


def boxed(page: Any) -> tuple[float, float, float, float]:
    """The box of the current line in CSS pixels of the window; it is drawn anew whenever the picture moves."""
    found: list[dict[str, float]] = []

    def drawn() -> bool:
        found[:] = filter(None, [page.locator(".picture-marks .line-box").bounding_box()])
        return bool(found)

    until(drawn, told=lambda: "no box is drawn about the current line")
    box = found[0]
    return box["x"], box["y"], box["width"], box["height"]


def test_the_current_line_is_boxed_in_the_middle_of_its_picture(staff: Person) -> None:
    page = staff.open(4)
    frame = page.locator(".correct-picture").bounding_box()
    for number in (0, 5):
        staff.field(number).click()
        expect(page.locator(".row-current")).to_have_attribute("data-line", str(number))

        def in_the_middle() -> bool:
            x, y, width, height = boxed(page)
            inside = x >= frame["x"] and x + width <= frame["x"] + frame["width"] + 1
            return (
                inside and width >= 25 and abs(y + height / 2 - frame["y"] - frame["height"] / 2) < frame["height"] / 2
            )

        until(in_the_middle)


def test_a_line_is_corrected_by_keyboard_alone_and_found_within_a_moment(staff: Person, site: Site) -> None:
    page = staff.open(5)
    before = room_book.columns(5)
    expect(staff.field(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(staff.field(1)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(staff.field(0)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    page.keyboard.type("鰲峰塔")
    expect(staff.status).to_contain_text("1 行未保存")
    expect(page.locator(".correct-head .facts")).to_contain_text("第 1 版随图交来的文字")
    page.keyboard.press("Control+s")
    expect(staff.status).to_contain_text("已保存为第 2 版")
    expect(page.locator(".correct-head .facts")).to_contain_text("第 2 版人工校正的文字")
    expect(staff.field(0)).to_have_value(before[0][:-1] + "鰲峰塔")
    expect(staff.field(0)).to_be_focused()
    page.goto(f"{site.base}/search?q={quote('鰲峰塔')}")
    expect(page.locator("main")).to_contain_text("鰲峰塔")
    page.goto(f"{site.base}/read/{site.item}/5?q={quote('鰲峰塔')}&view=text")
    expect(page.locator("main")).to_contain_text("鰲峰塔")


def test_enter_that_chooses_a_word_of_the_input_method_is_not_ours(staff: Person) -> None:
    page = staff.open(6)
    expect(staff.field(0)).to_be_focused()
    page.evaluate(
        """() => document.getElementById("line-0").dispatchEvent(
             new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    page.keyboard.press("ArrowRight")
    expect(staff.field(0)).to_be_focused()


def test_doubtful_characters_are_marked_and_replaced_by_keys(staff: Person) -> None:
    page = staff.open(DOUBTED)
    column = room_book.columns(DOUBTED)[0]
    expect(page.locator("#line-0 ~ .marks mark, .row[data-line='0'] .marks mark")).to_have_count(2)
    page.keyboard.press("F2")
    expect(page.locator(".row-current .doubt")).to_contain_text("41%")
    page.keyboard.press("Alt+1")
    expect(staff.field(0)).to_have_value(column[:2] + "夭" + column[3:])
    expect(page.locator(".row[data-line='0'] .marks mark")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(staff.field(0)).to_have_value(column)
    page.keyboard.press("Enter")
    expect(page.locator(".row[data-line='0'] .marks mark")).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(staff.status).to_contain_text("已保存")
    staff.open(DOUBTED)
    expect(page.locator(".row[data-line='0'] .marks mark")).to_have_count(0)
    expect(page.locator(".row[data-line='1'] .marks mark")).to_have_count(2)


def test_columns_are_written_downwards_where_one_likes(staff: Person) -> None:
    page = staff.open(6)
    page.locator("[data-way=down]").click()
    expect(staff.field(0)).to_have_css("writing-mode", "vertical-rl")
    boxes = [staff.field(number).bounding_box() for number in (0, 1)]
    assert boxes[0]["x"] > boxes[1]["x"], "from the right"
    assert boxes[0]["height"] > 3 * boxes[0]["width"]
    staff.open(7)
    expect(staff.field(0)).to_have_css("writing-mode", "vertical-rl")
    page.locator("[data-way=across]").click()
    expect(staff.field(0)).to_have_css("writing-mode", "horizontal-tb")


def test_unsaved_words_outlive_the_window_and_a_lost_connection(staff: Person) -> None:
    page = staff.open(8)
    staff.field(2).fill("失而復得")
    expect(staff.status).to_contain_text("1 行未保存")
    staff.context.set_offline(True)
    page.keyboard.press("Control+s")
    expect(staff.status).to_contain_text("连不上服务器")
    staff.context.set_offline(False)
    staff.open(8)
    expect(staff.field(2)).to_have_value("失而復得")
    expect(staff.status).to_contain_text("已恢复")
    page.locator("[data-discard]").click()
    expect(staff.field(2)).to_have_value(room_book.columns(8)[2])
    staff.open(8)
    expect(staff.field(2)).to_have_value(room_book.columns(8)[2])


def test_an_expired_session_is_told_and_the_words_are_there_after_signing_in(staff: Person, site: Site) -> None:
    page = staff.open(8)
    staff.field(1).fill("登錄已過")
    expect(staff.status).to_contain_text("1 行未保存")
    staff.context.clear_cookies()
    page.keyboard.press("Control+s")
    expect(staff.status).to_contain_text("登录已过期")
    staff.status.locator("a").click()
    page.fill("[name=name]", "staff")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    expect(page).to_have_url(site.address(8))
    expect(staff.field(1)).to_have_value("登錄已過")
    page.locator("[data-discard]").click()


def test_two_people_at_one_page_see_both_texts(staff: Person, site: Site, browser: Any) -> None:
    other = Person(site, browser, "staff")
    mine, theirs = staff.open(9), other.open(9)
    other.field(0).fill("別人的字")
    other.field(1).fill("別人獨改")
    theirs.keyboard.press("Control+s")
    expect(other.status).to_contain_text("已保存")
    staff.field(0).fill("我的字")
    staff.field(2).fill("我獨改")
    mine.keyboard.press("Control+s")
    clash = mine.locator("[data-clash]")
    expect(clash).to_contain_text("別人的字")
    expect(clash).to_contain_text("我的字")
    expect(staff.field(1)).to_have_value("別人獨改")
    expect(staff.field(2)).to_have_value("我獨改")
    clash.get_by_role("button", name="用我的").click()
    expect(clash).to_be_hidden()
    mine.keyboard.press("Control+s")
    expect(staff.status).to_contain_text("已保存")
    theirs.reload()
    expect(other.field(0)).to_have_value("我的字")
    expect(other.field(1)).to_have_value("別人獨改")
    expect(other.field(2)).to_have_value("我獨改")
    other.close()


def test_lines_are_cut_joined_moved_taken_away_and_drawn(staff: Person) -> None:
    page = staff.open(10)
    lines = room_book.columns(10)
    rows = page.locator(".row")
    expect(rows).to_have_count(len(lines))
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Alt+x")
    expect(rows).to_have_count(len(lines) + 1)
    expect(staff.field(0)).to_have_value(lines[0][:4])
    expect(staff.field(1)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Alt+j")
    expect(rows).to_have_count(len(lines))
    expect(staff.field(0)).to_have_value(lines[0])
    page.keyboard.press("Alt+ArrowDown")
    expect(staff.field(1)).to_have_value(lines[0])
    page.keyboard.press("Alt+ArrowUp")
    expect(staff.field(0)).to_have_value(lines[0])
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Alt+Delete")
    expect(rows).to_have_count(len(lines) - 1)
    expect(staff.field(0)).to_have_value(lines[1])
    page.locator("[data-add]").click()
    frame = page.locator(".correct-picture").bounding_box()
    page.mouse.move(frame["x"] + 40, frame["y"] + 100)
    page.mouse.down()
    page.mouse.move(frame["x"] + 90, frame["y"] + 400, steps=5)
    page.mouse.up()
    expect(rows).to_have_count(len(lines))
    expect(page.locator(".row-current textarea")).to_have_value("")


def test_a_reader_proposes_and_staff_accepts(staff: Person, reader: Person, site: Site) -> None:
    page = reader.open(11)
    expect(page.locator(".row-tools")).to_have_count(0)
    reader.field(0).fill("讀者所見之字")
    page.fill("#note", "據家藏本")
    page.locator("[data-save]").click()
    expect(reader.status).to_contain_text("建议已提交")
    expect(reader.field(0)).to_have_value(room_book.columns(11)[0])
    staff.page.goto(f"{site.base}/staff/proposals")
    proposal = staff.page.locator(".proposal")
    expect(proposal).to_contain_text("據家藏本")
    expect(proposal.locator(".strip-plain")).to_be_visible()
    proposal.get_by_role("button", name="采纳", exact=True).click()
    expect(staff.page.locator(".empty")).to_be_visible()
    reader.open(11)
    expect(reader.field(0)).to_have_value("讀者所見之字")


def wait_with(site: Site, key: int, *words: str) -> None:
    """Let proposals for the first line of a page wait."""
    library = wiring.build(load(home=site.home, executor="inline"))
    for each in words:
        base = corrections.open_text(library, site.item, key).digest
        proposals.propose(library, site.item, key, {0: each}, "reader", base=base)
    library.close()


def test_of_many_proposals_for_a_line_one_is_accepted_or_none_by_keyboard(staff: Person, site: Site) -> None:
    page = staff.page
    wait_with(site, 10, "甲本之字", "乙本之字", "丙本之字")
    wait_with(site, 12, "丁本之字", "戊本之字")
    page.goto(f"{site.base}/staff/proposals")
    expect(page.locator(".proposal")).to_have_count(5)
    expect(page.locator("[data-deciding-keys]")).to_be_visible()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".proposal:focus")).to_contain_text("乙本之字")
    page.keyboard.press("Alt+Shift+KeyA")
    expect(page.locator(".said")).to_have_text("1 条已采纳，2 条不采纳")
    expect(page.locator(".proposal:focus")).to_contain_text("丁本之字")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Alt+Shift+KeyN")
    expect(page.locator(".proposal")).to_have_count(2)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.keyboard.press("Alt+Shift+KeyN")
    expect(page.locator(".empty")).to_be_visible()
    assert asked == ["2 条建议都不采纳？"]
    staff.open(10)
    expect(staff.field(0)).to_have_value("乙本之字")


def test_enter_in_the_answer_declines_and_never_accepts(staff: Person, site: Site) -> None:
    page = staff.page
    wait_with(site, 10, "己本之字", "庚本之字")
    page.goto(f"{site.base}/staff/proposals")
    page.locator("[name=reason]").first.fill("底本不誤")
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_have_text("0 条已采纳，1 条不采纳")
    page.locator("[data-do=decline]").click()
    expect(page.locator(".empty")).to_be_visible()
    staff.open(10)
    expect(staff.field(0)).not_to_have_value("己本之字")


def slowly(person: Person, method: str) -> None:
    """What the person sends takes a second."""

    def pass_on(route: Any) -> None:
        if route.request.method == method:
            time.sleep(1)
        route.continue_()

    person.page.route("**/api/items/**", pass_on)


TYPE_MEANWHILE = """() => {
  document.getElementById("correct").desk.save();
  for (const [number, words] of [[0, "乙"], [2, "後來打的"]]) {
    const field = document.querySelector(`#line-${number}`);
    field.focus();
    field.setRangeText(words, field.value.length, field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def test_what_is_typed_while_it_is_being_saved_is_kept(staff: Person) -> None:
    page = staff.open(5)
    lines = room_book.columns(5)
    slowly(staff, "PUT")
    staff.field(0).fill("甲")
    staff.field(1).fill("丙")
    page.evaluate(TYPE_MEANWHILE)
    until(lambda: page.evaluate("document.getElementById('correct').desk.sheet.version") == 2)
    expect(staff.status).to_contain_text("2 行未保存")
    for number, words in ((0, "甲乙"), (1, "丙"), (2, lines[2] + "後來打的")):
        expect(staff.field(number)).to_have_value(words)
    page.keyboard.type("了")
    expect(staff.field(2)).to_have_value(lines[2] + "後來打的了")
    staff.open(5)
    expect(staff.field(0)).to_have_value("甲乙")
    expect(staff.field(1)).to_have_value("丙")
    expect(staff.field(2)).to_have_value(lines[2] + "後來打的了")
    staff.page.locator("[data-discard]").click()


def test_what_is_typed_while_lines_are_being_cut_goes_to_its_line(staff: Person) -> None:
    page = staff.open(8)
    lines = room_book.columns(8)
    slowly(staff, "PUT")
    expect(staff.field(0)).to_be_focused()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.evaluate("() => { const { desk } = document.getElementById('correct'); desk.step('cut'); }")
    page.evaluate(TYPE_MEANWHILE)
    expect(staff.field(3)).to_have_value(lines[2] + "後來打的")
    expect(staff.field(0)).to_have_value(lines[0][:2])
    expect(staff.field(1)).to_have_value(lines[0][2:] + "乙")
    staff.page.locator("[data-discard]").click()


def test_what_is_typed_while_it_is_being_proposed_is_kept(reader: Person) -> None:
    page = reader.open(9)
    lines = [reader.field(number).input_value() for number in range(3)]
    slowly(reader, "POST")
    reader.field(0).fill("甲")
    reader.field(1).fill("丙")
    page.evaluate(TYPE_MEANWHILE)
    expect(reader.field(1)).to_have_value(lines[1])
    expect(reader.field(0)).to_have_value("甲乙")
    expect(reader.field(2)).to_have_value(lines[2] + "後來打的")
    reader.open(9)
    expect(reader.field(2)).to_have_value(lines[2] + "後來打的")
    reader.page.locator("[data-discard]").click()


def test_on_a_phone_everything_fits(site: Site, browser: Any) -> None:
    person = Person(site, browser, "staff", viewport=PHONE, has_touch=True)
    page = person.open(12)
    person.field(1).tap()
    expect(page.locator(".row-current")).to_have_attribute("data-line", "1")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    save = page.locator("[data-save]").bounding_box()
    assert save["y"] + save["height"] <= PHONE["height"]
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, a")].filter((each) => {
             const box = each.getBoundingClientRect();
             return box.width && each.checkVisibility() && !each.matches(".skip, .row-more *") && box.height < 40;
           }).map((each) => each.outerHTML)"""
    )
    assert small == []
    person.close()


def test_without_scripts_it_is_a_form(site: Site, browser: Any) -> None:
    person = Person(site, browser, "staff", java_script_enabled=False)
    page = person.page
    page.goto(site.address(2))
    expect(page.locator(".strip-plain").first).to_be_visible()
    person.field(0).fill("無腳本亦可")
    page.locator("[data-save]").click()
    expect(page.locator(".said")).to_contain_text("已保存")
    expect(person.field(0)).to_have_value("無腳本亦可")
    person.close()
