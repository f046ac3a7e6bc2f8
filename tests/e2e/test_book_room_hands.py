"""The reading room of e-books by finger, wheel and ear; what it calls its chapters; what can be taken along."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rispy
from conftest import CORPUS
from e2e.book_site import DESK, PHONE, BookSite, Reader, served, visitor
from e2e.chromium import NEEDED, browser
from e2e.waiting import copied, expect, until
from epub_books import NAV, NAV_ITEM, page, write_epub

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

SPOKEN, VERTICAL, SCROLL, COMIC, POEM = "書", "草枕", "信貴山", "ハルコ", "Waste Land"
ONE_S = 8000
"""Samples of a second."""
SMIL = '<smil xmlns="http://www.w3.org/ns/SMIL" version="3.0"><body>{}</body></smil>'
PAIR = '<par><text src="{chapter}#{id}"/><audio src="voice.wav" clipBegin="{begin}s" clipEnd="{end}s"/></par>'
SMIL_ITEM = '<item id="{0}" href="{0}.smil" media-type="application/smil+xml"/>'
ACTIVE = '<meta property="media:active-class">now-read</meta>'

VOICE = """
window.said = []; window.hushed = 0;
window.speechSynthesis_ = {
  getVoices: () => [{ name: 'stand-in', lang: 'zh' }],
  speak: (utterance) => { window.said.push(utterance.text); window.utterance = utterance; },
  cancel: () => { window.hushed += 1; },
};
Object.defineProperty(window, 'speechSynthesis', { get: () => window.speechSynthesis_ });
"""
"""A stand-in: Chromium without a screen has no voices. It says nothing until the test lets a sentence end."""
END_OF_SENTENCE = "() => window.utterance.onend(new Event('end'))"
MUTE = "delete window.SpeechSynthesisUtterance;"
MARKED = "[...win.CSS.highlights.get('wy-spoken') ?? []].map((range) => range.toString()).join('')"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookSite]:
    """A book that is read aloud, and some of the corpus."""
    if not (CORPUS / "epub").is_dir():
        pytest.skip("real material epub is not beside this checkout")
    folder = tmp_path_factory.mktemp("hands")
    names = ("kusamakura-japanese-vertical-writing", "horizontally-scrollable-emakimono", "haruko-ahl",
             "wasteland-otf-obf")  # fmt: skip
    books = [_spoken_book(folder / "spoken.epub"), *(CORPUS / "epub" / f"{name}.epub" for name in names)]
    with served(folder / "home", books) as site:
        yield site


@pytest.fixture
def reader(browser: Any, site: BookSite) -> Iterator[Reader]:
    """Somebody at a desk."""
    yield from visitor(browser, site.base, DESK)


@pytest.fixture
def phone(browser: Any, site: BookSite) -> Iterator[Reader]:
    """Somebody with a phone."""
    yield from visitor(browser, site.base, PHONE)


@pytest.fixture
def listener(reader: Reader) -> Reader:
    """Somebody at a desk whose browser has a voice."""
    reader.page.context.add_init_script(VOICE)
    return reader


@pytest.fixture
def phone_listener(phone: Reader) -> Reader:
    """Somebody whose phone has a voice."""
    phone.page.context.add_init_script(VOICE)
    return phone


@pytest.fixture
def deaf(reader: Reader) -> Reader:
    """Somebody at a desk whose browser cannot read aloud."""
    reader.page.context.add_init_script(MUTE)
    return reader


def _tone(seconds: int) -> bytes:
    """A WAV file: a low hum."""
    made = io.BytesIO()
    with wave.open(made, "wb") as sound:
        sound.setparams((1, 2, ONE_S, 0, "NONE", ""))
        hum = (int(900 * math.sin(2 * math.pi * 220 * at / ONE_S)) for at in range(seconds * ONE_S))
        sound.writeframes(b"".join(struct.pack("<h", each) for each in hum))
    return made.getvalue()


def _spoken_book(path: Path) -> Path:
    """Two chapters with voices, the last sentence of the first some pages on; then one without, and one unnamed."""
    filler = "".join(f"<p>其間第{number}段，無人朗讀。</p>" for number in range(120))
    first = f'<h1>上</h1><p id="a1">春眠不覺曉。</p><p id="a2">處處聞啼鳥。</p>{filler}<p id="a3">夜來風雨聲。</p>'
    second = '<h1>下</h1><p id="b1">花落知多少。</p>'
    third = f"<h1>跋</h1><p>白日依山盡，黃河入海流。欲窮千里目，更上一層樓。</p>{filler}"
    rows = [("a.xhtml", "a1", 0), ("a.xhtml", "a2", 1), ("a.xhtml", "a3", 2), ("b.xhtml", "b1", 3)]
    pairs = [PAIR.format(chapter=chapter, id=name, begin=begin, end=begin + 1) for chapter, name, begin in rows]
    titles = (("a.xhtml", "上篇 春"), ("b.xhtml", "下篇 花"), ("c.xhtml", "跋"))
    return write_epub(
        path,
        {
            "a.xhtml": page(first),
            "b.xhtml": page(second),
            "c.xhtml": page(third),
            "d.xhtml": page("<p>無題。</p>"),
            "nav.xhtml": page(NAV.format("".join(f'<li><a href="{name}">{told}</a></li>' for name, told in titles))),
            "a.smil": SMIL.format("".join(pairs[:3])),
            "b.smil": SMIL.format(pairs[3]),
            "voice.wav": _tone(4),
        },
        spine="".join(f'<itemref idref="i{number}"/>' for number in range(4)),
        items=NAV_ITEM + SMIL_ITEM.format("a") + SMIL_ITEM.format("b"),
        metadata=ACTIVE,
    )


def _swipe(reader: Reader, start: int, end: int) -> None:
    """A finger that is drawn over the page."""
    hand = reader.page.context.new_cdp_session(reader.page)
    for kind, x in (("touchStart", start), ("touchMove", (start + end) // 2), ("touchMove", end)):
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": 400}]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    hand.detach()


def _start_speech(reader: Reader) -> None:
    button = reader.page.locator(".tools > [data-speech]")
    expect(button).to_be_visible()
    button.click()
    expect(reader.page.locator("#book-speech")).to_be_visible()


# Finger and wheel


def test_a_finger_pulls_what_lies_on_its_side(phone: Reader, site: BookSite) -> None:
    phone.open(site.named(VERTICAL), 3)
    _swipe(phone, 80, 300)
    until(lambda: phone.seen()["page"] == 1)
    _swipe(phone, 300, 80)
    until(lambda: phone.seen()["page"] == 0)
    phone.open(site.named(SPOKEN), 3)
    _swipe(phone, 300, 80)
    until(lambda: phone.seen()["page"] == 1)
    phone.check()


def test_the_wheel_turns_one_page_for_each_push(reader: Reader, site: BookSite) -> None:
    hand = reader.open(site.named(VERTICAL), 3).mouse
    hand.move(700, 450)
    hand.wheel(0, 120)
    until(lambda: reader.seen()["page"] == 1)
    reader.page.wait_for_timeout(400)  # the push has rolled out
    hand.wheel(0, -120)
    until(lambda: reader.seen()["page"] == 0)
    reader.check()


# A voice that the book brings along


def test_a_book_with_voices_is_read_aloud_and_followed_over_pages_and_chapters(reader: Reader, site: BookSite) -> None:
    reader.open(site.named(SPOKEN), 1)
    _start_speech(reader)
    until(lambda: reader.inside("doc.querySelector('.now-read')?.id ?? ''") == "a1")
    assert reader.inside(MARKED) == "春眠不覺曉。"
    until(lambda: reader.inside("doc.querySelector('.now-read')?.id ?? ''") == "a2")
    until(lambda: reader.inside("doc.querySelector('.now-read')?.id ?? ''") == "a3")
    until(lambda: reader.seen()["page"] > 0)
    until(lambda: reader.seen()["position"] == 2)
    until(lambda: reader.inside("doc.querySelector('.now-read')?.id ?? ''") == "b1")
    expect(reader.page.locator("#book-speech")).to_be_hidden()
    assert reader.seen()["position"] == 2, "the chapter behind it has no voice of its own"
    reader.check()


def test_a_voice_of_the_book_waits_when_it_is_paused(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(SPOKEN), 1)
    _start_speech(reader)
    until(lambda: reader.inside("doc.querySelector('.now-read')?.id ?? ''") == "a1")
    page.locator("#book-speech [data-pause]").click()
    expect(page.locator("#book-speech [data-pause]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1500)
    assert reader.inside("doc.querySelector('.now-read').id") in {"a1", "a2"}, "it has not gone on"
    page.locator("#book-speech [data-pause]").click()
    until(lambda: reader.inside("doc.querySelector('.now-read')?.id ?? ''") == "a3")
    page.keyboard.press("Escape")
    expect(page.locator("#book-speech")).to_be_hidden()
    assert reader.inside("doc.querySelector('.now-read')") is None


# The browser's voice


def test_the_browser_reads_sentence_by_sentence_and_stops_when_one_leaves(listener: Reader, site: BookSite) -> None:
    page = listener.open(site.named(SPOKEN), 3)
    _start_speech(listener)
    until(lambda: page.evaluate("window.said.length") == 1)
    assert page.evaluate("window.said[0]") == listener.inside(MARKED) == "跋"
    for wanted in ("白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"):
        page.evaluate(END_OF_SENTENCE)
        until(lambda wanted=wanted: page.evaluate("window.said.at(-1)") == wanted)
        assert listener.inside(MARKED) == wanted
    hushed = page.evaluate("window.hushed")
    page.evaluate("() => { document.getElementById('book-room').room.go({ position: 1 }).catch(() => {}); }")
    expect(page.locator("#book-speech")).to_be_hidden()
    assert page.evaluate("window.hushed") > hushed
    assert page.evaluate("window.said.length") == 3
    listener.check()


def test_the_browser_reads_on_over_pages_and_chapters(phone_listener: Reader, site: BookSite) -> None:
    page = phone_listener.open(site.named(SPOKEN), 3)
    page.locator(".tool:has(.panel-book) > summary").click()
    page.locator(".panel-book [data-speech]").click()
    until(lambda: page.evaluate("window.said.length") == 1)
    while phone_listener.seen()["position"] == 3:
        before = page.evaluate("window.said.length")
        assert before < 400
        page.evaluate(END_OF_SENTENCE)
        until(lambda before=before: page.evaluate("window.said.length") > before)
        assert phone_listener.inside(
            "leaf.layout.isSeen([...win.CSS.highlights.get('wy-spoken')][0].getClientRects()[0])"
        )
    assert page.evaluate("window.said.at(-1)") == "無題。"
    page.evaluate(END_OF_SENTENCE)
    expect(page.locator("#book-speech")).to_be_hidden()


def test_where_nothing_can_read_aloud_it_is_not_offered(deaf: Reader, site: BookSite) -> None:
    page = deaf.open(site.named(SPOKEN), 3)
    expect(page.locator("[data-speech]").first).to_be_hidden()
    page.keyboard.press("s")
    expect(page.locator("#book-speech")).to_be_hidden()
    deaf.open(site.named(SPOKEN), 1)
    expect(page.locator(".tools > [data-speech]")).to_be_visible()


# Names


def test_a_chapter_is_called_what_the_contents_call_it(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(SPOKEN), 2)
    expect(page.locator(".reader-place")).to_have_text("下篇 花")
    expect(page).to_have_title("下篇 花　書　文淵")
    assert page.locator("iframe[data-shown]").get_attribute("title") == "書，下篇 花"
    page.keyboard.press("End")
    expect(page.locator(".reader-place")).to_have_text("第 4 章")
    page.keyboard.press("g")
    page.keyboard.type("第3章")
    page.keyboard.press("Enter")
    expect(page.locator(".reader-place")).to_have_text("跋")


def test_a_file_that_holds_several_is_called_by_what_is_seen_of_it(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(POEM), 1)
    page.locator(".drawer summary").first.click()
    page.locator(".drawer .contents a", has_text="THE FIRE SERMON").click()
    expect(page.locator(".reader-place")).to_contain_text("THE FIRE SERMON")
    assert "THE FIRE SERMON" in page.evaluate("document.getElementById('book-room').room.place.label")


# Taking along


def test_reference_and_place_are_taken_along(reader: Reader, site: BookSite) -> None:
    item = site.named(SPOKEN)
    page = reader.open(item, 3)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("ArrowRight")
    start = reader.seen()["start"]
    assert start > 0
    page.locator(".tool:has(> .panel-cite) > summary").click()
    assert copied(page, page.locator("[data-copy=cite]").click).startswith("書[M/OL]")
    assert copied(page, page.locator("[data-copy=place]").click) == f"{site.base}/read/{item.id}/3#at={start}"
    with page.expect_download() as waited:
        page.locator("[data-download=ris]").click()
    with open(waited.value.path(), encoding="utf-8", newline="") as file:  # noqa: PTH123  a path that Playwright made
        (record,) = rispy.loads(file.read())
    assert record["urls"] == [f"{site.base}/read/{item.id}/place/{site.pages[item.id][2].key}"]
    reader.check()


def test_on_a_phone_the_display_panel_leads_to_the_reference(phone: Reader, site: BookSite) -> None:
    page = phone.open(site.named(SPOKEN), 3)
    page.locator(".tool:has(.panel-book) > summary").click()
    page.locator("[data-open-cite]").click()
    expect(page.locator("#cite-text")).to_be_visible()
    expect(page.locator(".panel-book")).to_be_hidden()
    phone.check()


def test_single_keys_that_are_turned_off_do_nothing_in_the_text_either(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(SPOKEN), 3)
    page.keyboard.press("?")
    page.locator("#book-help [data-single-keys]").click()
    page.keyboard.press("Escape")
    expect(page.locator("#book-help")).to_be_hidden()
    page.locator("iframe[data-shown]").focus()
    for key in ("?", "/", "g"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowRight")
    until(lambda: reader.seen()["page"] == 1)
    expect(page.locator("#book-help")).to_be_hidden()
    assert page.locator(".drawer[open]").count() == 0


# Rolls and pages of fixed layout


def test_a_book_that_wants_to_be_a_roll_is_one_until_the_reader_wants_pages(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(SCROLL), 1)
    until(lambda: reader.inside("leaf.layout.isScrolled"))
    until(lambda: reader.inside("leaf.scroller.scrollWidth > 4 * leaf.scroller.clientWidth"))
    assert reader.inside("leaf.layout.book.mode") == "vertical-rl"
    page.keyboard.press("ArrowLeft")
    until(lambda: reader.inside("win.scrollX") < 0)
    page.locator(".tool:has(.panel-book) > summary").click()
    page.locator('[data-book-choice="flow=pages"]').click()
    until(lambda: not reader.inside("leaf.layout.isScrolled"))
    page.locator("[data-book-restore]").click()
    until(lambda: reader.inside("leaf.layout.isScrolled"))
    reader.check()


def test_pages_of_fixed_layout_lie_side_by_side_whole(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(COMIC), 2)
    until(lambda: len(page.query_selector_all("iframe[data-shown]")) == 2)
    stage = page.locator(".book-stage").bounding_box()
    boxes = [frame.bounding_box() for frame in page.query_selector_all("iframe[data-shown]")]
    for box in boxes:
        assert box["y"] >= stage["y"] - 1
        assert box["y"] + box["height"] <= stage["y"] + stage["height"] + 1
    [first, second] = page.evaluate(
        "() => document.getElementById('book-room').room.seen.leaves.map((leaf) => [leaf.position,"
        " leaf.frame.getBoundingClientRect().left])"
    )
    assert (first[0], second[0]) == (2, 3)
    assert first[1] > second[1], "pages of a Japanese book follow each other to the left"
    expect(page.locator(".reader-place")).to_have_text("第 2 页、第 3 页")
    expect(page.locator('[data-book-choice="font=kai"]')).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    until(lambda: reader.seen()["position"] == 4)
    reader.check()
