"""The reading room of e-books in a real browser: pages, directions, seams, settings, finding, notes, and the desk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, SAMPLE
from e2e.book_site import DESK, PHONE, BookSite, Reader, served, visitor
from e2e.chromium import NEEDED, browser
from e2e.waiting import copied, expect, rest, until

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

VERTICAL, ARABIC, MATHS, FONTS, LONG = "草枕", "Le Vrai", "Linear Algebra", "Waste Land", "Moby"
NOTES = "註釋之書"
HIT_NOW = """(() => {
  const ranges = [...win.CSS.highlights.get('wy-hit-now') ?? []];
  return ranges.length && leaf.layout.isSeen(ranges[0].getBoundingClientRect()) ? ranges.join('') : '';
})()"""
"""The words of the hit that was gone to, where it is in sight."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookSite]:
    """Every e-book of the corpus and of the sample, and one with notes."""
    if not (CORPUS / "epub").is_dir():
        pytest.skip("real material epub is not beside this checkout")
    folder = tmp_path_factory.mktemp("room")
    books = [*sorted((CORPUS / "epub").glob("*.epub")), SAMPLE, _book_with_notes(folder / "notes.epub")]
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


def _book_with_notes(path: Path) -> Path:
    """Two chapters whose notes stand in a third, pages of the printed edition, and a link to the web."""
    body = "".join(f"<p>第{number}段。夜來風雨聲，花落知多少。</p>" for number in range(150))
    chapters = {
        "one.xhtml": f'<h1>上篇</h1><p>開頭<a epub:type="noteref" href="notes.xhtml#n1">[1]</a>。</p>{body}'
        '<span epub:type="pagebreak" id="p12" title="12"/><p>中間有<a href="https://example.org/away">外鏈</a>。</p>',
        "two.xhtml": f'<h1>下篇</h1>{body}<p><a href="one.xhtml#p12">回到第十二頁</a></p>',
        "notes.xhtml": '<h1>注</h1><ol><li id="n1" epub:type="footnote">'
        "孟浩然《<ruby>春曉<rt>しゅんぎょう</rt></ruby>》。</li></ol>",
    }
    toc = "".join(f'<li><a href="{name}">{name}</a></li>' for name in chapters)
    pages = '<li><a href="one.xhtml">1</a></li><li><a href="one.xhtml#p12">12</a></li>'
    nav = f'<nav epub:type="toc"><ol>{toc}</ol></nav><nav epub:type="page-list"><ol>{pages}</ol></nav>'
    space = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" xml:lang="zh-Hant"'
    kind = 'media-type="application/xhtml+xml"'
    manifest = "".join(f'<item id="c{n}" href="{name}" {kind}/>' for n, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x:notes</dc:identifier>'
            f"<dc:title>{NOTES}</dc:title><dc:language>zh-Hant</dc:language></metadata>"
            f'<manifest><item id="nav" href="nav.xhtml" {kind} properties="nav"/>{manifest}</manifest>'
            f"<spine>{spine}</spine></package>",
        )
        book.writestr("nav.xhtml", f"<html {space}><head><title>nav</title></head><body>{nav}</body></html>")
        for name, words in chapters.items():
            book.writestr(name, f"<html {space}><head><title>{name}</title></head><body>{words}</body></html>")
    return path


def test_every_epub_of_the_corpus_opens_and_turns(reader: Reader, site: BookSite) -> None:
    refused = [row["name"] for row in site.outcomes if row["outcome"] in {"refused", "failed"}]
    assert refused == []
    for item in site.held:
        page = reader.open(item)
        assert reader.seen()["position"] == 1, item.description.title
        expect(page.locator(".book-line")).to_contain_text("全书")
        page.keyboard.press("End")
        until(lambda item=item: reader.seen()["position"] in {item.page_count, item.page_count - 1})
        reader.check()
    assert len(site.held) >= 14


def test_a_vertical_book_turns_on_to_the_left(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(VERTICAL), 3)
    assert reader.inside("leaf.layout.book.mode") == "vertical-rl"
    assert reader.seen()["page"] == 0
    page.keyboard.press("ArrowLeft")
    assert reader.seen()["page"] == 1
    page.keyboard.press("ArrowRight")
    assert reader.seen()["page"] == 0
    first = reader.inside("(() => { const b = leaf.boxOf(0); return [b.left, innerWidth]; })()")
    assert first[0] > 0.6 * first[1], "the first line stands at the right"
    reader.check()


def test_pages_cut_no_line_and_lose_none(reader: Reader, site: BookSite) -> None:
    """Every character stands whole on exactly one page, whichever way the book is written."""
    for title, position in ((VERTICAL, 3), (ARABIC, 3), (LONG, 10)):
        reader.open(site.named(title), position)
        cut = reader.page.evaluate(
            """() => {
              const leaf = document.getElementById('book-room').room.renderer.current, { layout, text } = leaf;
              const cut = [];
              for (let start = 0; start < text.length; start += 53) {
                const box = leaf.boxOf(start);
                if (!box) continue;
                layout.show(layout.pageOf(box));
                const now = leaf.boxOf(start);
                const { width, height } = layout;
                const isCut = now.left < -1 || now.top < -1 || now.right > width + 1 || now.bottom > height + 1;
                if (isCut) cut.push([start, now.toJSON()]);
              }
              return cut;
            }"""
        )
        assert cut == [], title


def test_an_arabic_book_turns_on_to_the_left_and_runs_from_the_right(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(ARABIC), 3)
    assert reader.inside("leaf.layout.book.direction") == "rtl"
    before = reader.seen()
    page.keyboard.press("ArrowLeft")
    after = reader.seen()
    assert (after["page"], after["start"] > before["start"]) == (1, True)
    reader.check()


def test_a_turn_over_the_seam_is_a_turn_like_any_other(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    page.wait_for_function("() => document.getElementById('book-room').room.renderer.leaf(21)")
    for _ in range(reader.seen()["pages"] - 1):
        page.keyboard.press("ArrowRight")
    assert reader.seen()["position"] == 20
    page.keyboard.press("PageDown")
    until(lambda: reader.seen()["position"] == 21)
    page.wait_for_url("**/21")
    page.keyboard.press("PageUp")
    until(lambda: reader.seen()["position"] == 20)
    assert reader.seen()["page"] == reader.seen()["pages"] - 1, "back is the last page of the chapter before"


def test_focus_in_the_text_goes_over_the_seam(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(VERTICAL), 2)
    page.locator("iframe[data-shown]").focus()
    for _ in range(reader.seen()["pages"]):
        page.keyboard.press(" ")
    until(lambda: reader.seen()["position"] == 3)
    until(lambda: page.evaluate("document.activeElement.hasAttribute('data-shown')"))
    page.keyboard.press(" ")
    until(lambda: reader.seen()["page"] == 1)


def test_the_place_is_kept_by_its_character_when_the_window_or_the_letters_change(
    reader: Reader, site: BookSite
) -> None:
    page = reader.open(site.named(LONG), 21)
    page.keyboard.press("ArrowRight")
    start = reader.seen()["start"]
    assert start > 500
    for size in ({"width": 700, "height": 900}, {"width": 390, "height": 844}, {"width": 1440, "height": 900}):
        page.set_viewport_size(size)
        until(lambda size=size: abs(reader.inside("leaf.layout.width") - size["width"]) < 140)
        until(lambda: reader.inside("leaf.layout.isSeen(leaf.boxOf(told))", start))
    page.keyboard.press("+")
    page.keyboard.press("+")
    until(lambda: reader.inside("leaf.layout.isSeen(leaf.boxOf(told))", start))
    assert reader.seen()["start"] == start


def test_choices_hold_in_every_book_and_after_coming_back(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    before = reader.inside("parseFloat(win.getComputedStyle(doc.querySelector('p')).fontSize)")
    page.get_by_text("显示", exact=True).click()
    for choice in ("font=hei", "leading=loose", "columns=1", "justify=off"):
        page.locator(f'[data-book-choice="{choice}"]').click()
    page.locator('[data-book-resize="1"]').click()
    expect(page.locator("[data-book-size]")).to_have_text("110%")
    style = "win.getComputedStyle(doc.querySelector('p'))"
    assert reader.inside(f"parseFloat({style}.fontSize)") > before
    page.goto("about:blank")
    reader.open(site.named(LONG), 22)
    assert "Sans" in reader.inside(f"{style}.fontFamily")
    assert reader.inside(f"parseFloat({style}.lineHeight) / parseFloat({style}.fontSize)") == pytest.approx(2.3, 0.01)
    assert reader.inside("leaf.layout.geometry.columns") == 1
    reader.check()


def test_a_roll_goes_on_into_the_next_chapter(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    page.get_by_text("显示", exact=True).click()
    page.locator('[data-book-choice="flow=scroll"]').click()
    page.keyboard.press("Escape")
    assert reader.inside("leaf.scroller.scrollHeight > leaf.scroller.clientHeight")
    for _ in range(40):
        if reader.seen()["position"] == 21:
            break
        page.keyboard.press("PageDown")
    until(lambda: reader.seen()["position"] == 21)


def test_a_vertical_roll_stays_where_it_was_through_reloads(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(VERTICAL), 4)
    page.get_by_text("显示", exact=True).click()
    page.locator('[data-book-choice="flow=scroll"]').click()
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("PageDown")
    until(lambda: page.evaluate("/#at=[1-9]/.test(location.hash)"), told=lambda: page.evaluate("location.href"))
    rest(page, "location.hash")
    begun = page.evaluate("location.hash")
    for _ in range(3):
        page.reload()
        reader.wait()
        rest(page, "[location.hash, document.getElementById('book-room').room.renderer.seen?.start]")
        assert page.evaluate("location.hash") == begun
        assert f"#at={reader.seen()['start']}" == begun


def test_dark_paper_leaves_no_ink_on_its_own_colour(reader: Reader, site: BookSite) -> None:
    reader.page.context.add_cookies([{"name": "wenyuan_theme", "value": "dark", "url": reader.base}])
    page = reader.open(site.named(VERTICAL), 3)
    page.evaluate(
        "() => { document.documentElement.dataset.theme = 'dark';"
        " document.getElementById('book-room').room.renderer.lay(); }"
    )
    assert reader.inside("win.getComputedStyle(doc.documentElement).backgroundColor") == "rgb(33, 31, 28)"
    inks = reader.inside("[...new Set([...doc.querySelectorAll('p, p *')].map((e) => win.getComputedStyle(e).color))]")
    light = [max(int(part) for part in ink[4:-1].split(",")[:3]) for ink in inks]
    assert min(light) > 140, inks


def test_finding_shows_all_hits_and_goes_from_one_to_the_next_over_chapters(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(VERTICAL), 3)
    page.keyboard.press("/")
    page.keyboard.type("非人情")
    expect(page.locator(".hits a").first).to_be_visible()
    expect(page.locator(".drawer [role=status]")).to_contain_text("处有“非人情”")
    assert page.locator(".hits a mark").first.text_content() == "非人情"
    page.keyboard.press("Enter")
    until(lambda: reader.inside(HIT_NOW) == "非人情")
    seen = {reader.seen()["position"]}
    for _ in range(12):
        before = page.locator("#book-hits span").text_content()
        page.keyboard.press("n")
        expect(page.locator("#book-hits span")).not_to_have_text(before)
        until(lambda: reader.inside(HIT_NOW) == "非人情")
        seen.add(reader.seen()["position"])
    assert len(seen) > 1
    page.wait_for_url("**?q=*")
    reached = int(page.locator("#book-hits span").text_content().split()[1])
    for _ in range(5):
        page.keyboard.press("n")  # faster than chapters come
    expect(page.locator("#book-hits span")).to_have_text(f"第 {reached + 5} / 26 处")
    until(lambda: reader.inside(HIT_NOW) == "非人情")
    reader.check()


def test_the_contents_lead_and_show_where_one_is(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    page.locator(".drawer summary").first.click()
    expect(page.locator(".drawer .contents a[aria-current]")).to_contain_text("14")
    page.locator(".drawer .contents a", has_text="CHAPTER 32").first.click()
    until(lambda: reader.seen()["position"] > 30)
    page.go_back()
    until(lambda: reader.seen()["position"] == 20)


def test_one_can_go_to_a_part_of_the_book(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 2)
    page.keyboard.press("g")
    page.keyboard.type("50%")
    page.keyboard.press("Enter")
    until(lambda: reader.seen()["position"] > 40)
    until(lambda: 0.48 < page.evaluate("document.getElementById('book-room').room.place.progression") < 0.52)


def test_a_place_in_the_address_is_opened_and_shown(reader: Reader, site: BookSite) -> None:
    item = site.named(LONG)
    key = site.pages[item.id][19].key
    text = site.texts[item.id, key]
    start = text.index("Nantucketer", len(text) // 3)
    reader.open(item, 20, f"#at={start}-{start + 11}")
    assert reader.inside("[...win.CSS.highlights.get('wy-shown')].map((r) => r.toString()).join('')") == "Nantucketer"
    assert reader.inside("leaf.layout.isSeen(leaf.boxOf(told))", start)


def test_the_desk_tells_places_and_selections_and_draws_marks(reader: Reader, site: BookSite) -> None:
    item = site.named(VERTICAL)
    page = reader.open(item, 3)
    key = site.pages[item.id][2].key
    text = site.texts[item.id, key]
    keeping = "document.getElementById('book-room').room.keeping"
    words = text[20:40].replace("\n", "")

    def is_drawn() -> bool:
        """Drawn anew each time: the part that keeps marks draws its own, none, when it has come."""
        page.evaluate(
            f"(key) => {keeping}.draw(key, [{{id: 'm1', start: 20, end: 40, colour: 'yellow', hasNote: true}}])",
            str(key),
        )
        drawn: str = reader.inside(
            "[...win.CSS.highlights.get('wy-mark-yellow') ?? []].map((r) => r.toString()).join('')"
        )
        return drawn == words

    page.wait_for_load_state("networkidle")
    until(is_drawn)
    page.evaluate(f"() => {{ window.pressed = []; {keeping}.onMark((told) => window.pressed.push(told.id)); }}")
    spot = page.evaluate(
        """() => { const { renderer } = document.getElementById('book-room').room, leaf = renderer.current;
          const box = leaf.inWindow(leaf.boxesOf(25, 26)[0]);
          return [box.left + box.width / 2, box.top + box.height / 2]; }"""
    )
    page.mouse.click(*spot)
    until(lambda: page.evaluate("window.pressed") == ["m1"])
    reader.inside(
        "(() => { const [range] = leaf.text.ranges(5, 12), made = win.getSelection();"
        " made.removeAllRanges(); made.addRange(range); })()"
    )
    until(lambda: page.evaluate(f"{keeping}.selection()?.exact") == text[5:12])
    told = page.evaluate(f"{keeping}.selection()")
    assert (told["page"], told["start"], told["end"]) == (str(key), 5, 12)
    assert (told["prefix"], told["suffix"]) == (text[:5], text[12:44])
    expect(page.locator("#book-selection")).to_be_visible()
    assert copied_or_none(page) == text[5:12]
    page.evaluate(f"(key) => {keeping}.go({{page: key, start: 3000, end: 3010}})", str(key))
    until(lambda: reader.inside("leaf.layout.isSeen(leaf.boxOf(3000))"))
    reader.check()


def copied_or_none(page: Any) -> str:
    """What the bar's first button puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return copied(page, lambda: page.locator("[data-copy-selected]").click())


def test_a_note_of_another_file_opens_beside_its_place(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(NOTES), 1)
    text = page.frame_locator("iframe[data-shown]")
    text.locator("a", has_text="[1]").click()
    expect(page.locator(".book-note-words")).to_contain_text("孟浩然")
    assert page.locator(".book-note-words rt").count() == 1
    assert reader.seen()["position"] == 1
    page.keyboard.press("Escape")
    expect(page.locator("#book-note")).to_be_hidden()
    text.locator("a", has_text="[1]").click()
    page.locator("[data-onward]").click()
    until(lambda: reader.seen()["position"] == 3)
    reader.check()


def test_links_move_the_reader_and_the_web_opens_beside(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(NOTES), 2)
    page.evaluate("() => document.getElementById('book-room').room.go({ position: 2, atEnd: true })")
    page.frame_locator("iframe[data-shown]").locator("a", has_text="回到").click()
    until(lambda: reader.seen()["position"] == 1)
    until(lambda: reader.inside("leaf.layout.isSeen(leaf.target('p12').nextElementSibling.getBoundingClientRect())"))
    page.context.route("**://example.org/**", lambda route: route.fulfill(body="elsewhere", content_type="text/plain"))
    with page.context.expect_page() as opened:
        page.frame_locator("iframe[data-shown]").locator("a", has_text="外鏈").click()
    assert opened.value.evaluate("window.opener") is None
    assert opened.value.url == "https://example.org/away"
    assert reader.left == ["https://example.org/away"]


def test_pages_of_the_printed_edition_are_offered(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(NOTES), 2)
    page.locator(".drawer summary").first.click()
    page.locator("#book-printed summary").click()
    page.locator("#book-printed a", has_text="12").click()
    until(lambda: reader.seen()["position"] == 1 and reader.seen()["page"] > 0)
    page.keyboard.press("g")
    page.keyboard.type("1%")
    page.keyboard.press("Enter")
    until(lambda: reader.seen()["page"] == 0)


def test_a_picture_is_seen_large(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(VERTICAL), 1)
    page.wait_for_function(
        "() => document.getElementById('book-room').room.renderer.current.doc.querySelector('img[tabindex]')"
    )
    page.frame_locator("iframe[data-shown]").locator("img[tabindex]").first.press("Enter")
    expect(page.locator("#book-picture img")).to_be_visible()
    before = page.locator("#book-picture img").bounding_box()["width"]
    page.keyboard.press("+")
    until(lambda: page.locator("#book-picture img").bounding_box()["width"] > 1.3 * before)
    page.keyboard.press("Escape")
    expect(page.locator("#book-picture")).to_be_hidden()
    reader.check()


def test_fixed_layout_lies_as_spreads_on_a_desk_and_single_on_a_phone(
    reader: Reader, phone: Reader, site: BookSite
) -> None:
    item = site.named("ハルコ")
    reader.open(item, 3)
    shown = (
        "[...document.querySelectorAll('iframe[data-shown]')].map((frame) => frame.getBoundingClientRect())"
        ".map((box) => [box.left, box.right, box.top, box.bottom])"
    )
    boxes = reader.page.evaluate(shown)
    assert len(boxes) == 2
    assert all(box[2] >= 0 and box[3] <= 900 for box in boxes)
    phone.open(item, 3)
    assert len(phone.page.evaluate(shown)) == 1
    for each in (reader, phone):
        each.check()


def test_drawings_formulas_and_hidden_fonts_are_shown(reader: Reader, site: BookSite) -> None:
    reader.open(site.named("SVG in Spine"), 3)
    assert reader.inside("doc.documentElement.localName") == "svg"
    assert reader.page.evaluate("document.querySelector('iframe[data-shown]').getBoundingClientRect().height") > 400
    reader.open(site.named(MATHS), 31)
    assert reader.inside(
        "[...doc.querySelectorAll('math')]"
        ".every((formula) => formula.getBoundingClientRect().width <= leaf.layout.geometry.line + 3)"
    )
    reader.open(site.named(FONTS))
    until(lambda: reader.inside("[...doc.fonts].some((font) => font.status === 'loaded')"))
    reader.check()


def test_a_finger_pulls_the_page_and_taps_its_side(phone: Reader, site: BookSite) -> None:
    page = phone.open(site.named(VERTICAL), 3)
    page.touchscreen.tap(30, 400)
    until(lambda: phone.seen()["page"] == 1)
    page.touchscreen.tap(370, 400)
    until(lambda: phone.seen()["page"] == 0)
    phone.check()


def test_a_chapter_that_cannot_be_had_says_so_and_comes_later(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    page.wait_for_function("() => document.getElementById('book-room').room.renderer.leaf(21)")
    page.context.set_offline(True)
    page.evaluate("() => { document.getElementById('book-room').room.go({ position: 60 }).catch(() => {}); }")
    expect(page.locator("#book-lost")).to_be_visible()
    assert reader.seen()["position"] == 20, "what is loaded stays"
    page.keyboard.press("ArrowRight")
    until(lambda: reader.seen()["page"] == 1)
    expect(page.locator("#book-lost")).to_be_hidden()
    page.evaluate("() => { document.getElementById('book-room').room.go({ position: 60 }).catch(() => {}); }")
    expect(page.locator("#book-lost")).to_be_visible()
    page.context.set_offline(False)
    until(lambda: reader.seen()["position"] == 60)


def test_a_chapter_that_the_server_had_not_is_asked_for_again(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    away = f"**/chapters/{site.named(LONG).id}/*/**"
    page.context.route(away, lambda route: route.abort())
    page.evaluate("() => { document.getElementById('book-room').room.go({ position: 60 }).catch(() => {}); }")
    expect(page.locator("#book-lost")).to_be_visible()
    page.context.unroute(away)
    page.locator("[data-again]").click()
    until(lambda: reader.seen()["position"] == 60)
    expect(page.locator("#book-lost")).to_be_hidden()


def test_who_cannot_see_is_told_the_page(reader: Reader, site: BookSite) -> None:
    page = reader.open(site.named(LONG), 20)
    assert "Moby-Dick" in page.locator("iframe[data-shown]").get_attribute("title")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#room-says")).to_contain_text("第 2 / ")


def test_without_scripts_the_chapter_is_there(browser: Any, site: BookSite) -> None:
    item = site.named(VERTICAL)
    for reader in visitor(browser, site.base, DESK, java_script_enabled=False):
        reader.page.goto(f"/read/{item.id}/3")
        expect(reader.page.frame_locator("iframe").locator("body")).to_contain_text("こう考えた")
        assert reader.page.locator("iframe").is_visible()
        reader.page.click('.turn a[rel="next"]')
        reader.page.wait_for_url(f"**/read/{item.id}/4")
