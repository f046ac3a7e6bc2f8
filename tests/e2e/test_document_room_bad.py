"""PDFs that act, break off or lead astray, in the room: nothing runs or hangs, links lead where they may."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import given
import pikepdf
import pytest
from e2e.chromium import NEEDED, browser
from e2e.waiting import expect, until
from handing_in import hand_in, shown
from pikepdf import Array, Dictionary, Name
from servers.processes import answers_http, free_ports, running

from wenyuan.repo import wiring
from wenyuan.repo.catalogue import items
from wenyuan.repo.linear_pdf import LINEAR
from wenyuan.repo.settings import load
from wenyuan.storage.keys import derivative_key

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

START = "from wenyuan.reader.commands.serve import serve; serve()"
ROOM = "document.getElementById('room').room"
ARMED, BROKEN, CUT = "會動的報告", "壞頁的報告", "半截的報告"
TEXTS = ["序言：城市與書", "第二章 街道與河流", "第三章 圖書館"]


def _armed(path: Path) -> Path:
    """Scripts by several doors, and links inside, outside and into a script."""
    script = Dictionary(S=Name.JavaScript, JS=b"app.alert('open'); this.submitForm('https://example.org/')")
    box = [[72, 600, 200, 630], [72, 550, 200, 580], [72, 500, 200, 530], [72, 450, 200, 480]]
    with pikepdf.open(given.pdf(path.with_suffix(".plain"), TEXTS, title=ARMED)) as pdf:
        pdf.Root.OpenAction = script
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([b"one", pdf.make_indirect(script)])))
        page = pdf.pages[0].obj
        page.AA = Dictionary(O=script)
        actions = [
            Dictionary(A=Dictionary(S=Name.URI, URI=b"https://example.org/report")),
            Dictionary(Dest=Array([pdf.pages[2].obj, Name.Fit])),
            Dictionary(A=Dictionary(S=Name.URI, URI=b"javascript:document.title='run'")),
            Dictionary(A=script),
        ]
        links = [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array(each)) for each in box]
        for link, action in zip(links, actions, strict=True):
            for key, value in action.items():
                link[key] = value
        page.Annots = Array(links)
        pdf.save(path)
    return path


def _broken(path: Path) -> Path:
    """The second page's content is rubbish."""
    with pikepdf.open(given.pdf(path.with_suffix(".plain"), TEXTS, title=BROKEN)) as pdf:
        pdf.pages[1].obj.Contents = pdf.make_stream(b"BT /F9 9 Tf (( << ] Tj \xff\xfe q q Q Q Q Do " * 40)
        pdf.save(path)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A running server, and the ids of its items by title. Of one item the linearised PDF is cut in half."""
    folder = tmp_path_factory.mktemp("bad-documents")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    cut = given.pdf(folder / "cut.pdf", TEXTS, title=CUT)
    hand_in(library, _armed(folder / "armed.pdf"), _broken(folder / "broken.pdf"), cut)
    ids = {item.description.title: item.id for item in shown(library)}
    with library.catalogue.reading() as session:
        key = derivative_key(items.files(session, ids[CUT])[0].sha256, 0, LINEAR)
    path = library.store.path_of(key)
    library.close()
    assert path is not None
    path.write_bytes(bytes(len(path.read_bytes())))
    (port,) = free_ports(1)
    environ = {**os.environ, "WENYUAN_HOME": str(folder / "home"), "WENYUAN_LANGUAGE": "zh-Hans"}
    command = [sys.executable, "-c", START, "--port", str(port), "--workers", "1"]
    base = f"http://127.0.0.1:{port}"
    with running(command, folder, lambda: answers_http(f"{base}/health/live"), environ, politely=True):
        yield base, ids


@pytest.fixture
def page(browser: Any, site: tuple[str, dict[str, str]]) -> Iterator[Any]:
    """A tab in which no dialog may open, and from which nothing may leave the site."""
    context = browser.new_context(base_url=site[0], viewport={"width": 1440, "height": 900}, locale="zh-CN")
    tab = context.new_page()
    dialogs: list[str] = []
    elsewhere: list[str] = []
    tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    host = urlsplit(site[0]).netloc
    tab.on("request", lambda one: elsewhere.append(one.url) if urlsplit(one.url).netloc != host else None)
    yield tab
    assert dialogs == []
    assert elsewhere == []
    context.close()


def _enter(page: Any, item: str, position: int = 1) -> None:
    page.goto(f"/read/{item}/{position}")
    expect(page.locator("html")).to_have_attribute("data-room", "open")


def test_a_pdf_with_scripts_is_read_and_nothing_of_it_runs(page: Any, site: tuple[str, dict[str, str]]) -> None:
    _enter(page, site[1][ARMED])
    page.wait_for_function(f"() => {ROOM}.shown.isSharp")
    expect(page.locator(".overlay-links a")).to_have_count(2)
    out = page.locator(".overlay-links a[target=_blank]")
    assert out.get_attribute("href") == "https://example.org/report"
    assert {"noopener", "noreferrer"} <= set(out.get_attribute("rel").split())
    assert "run" not in page.title()


def test_a_link_inside_the_book_turns_to_its_page_and_the_way_back_leads_back(
    page: Any, site: tuple[str, dict[str, str]]
) -> None:
    _enter(page, site[1][ARMED])
    page.locator(".overlay-links a:not([target])").click()
    until(lambda: 3 in page.evaluate(f"{ROOM}.opening"))
    page.go_back()
    until(lambda: 1 in page.evaluate(f"{ROOM}.opening"))


def test_a_broken_page_does_not_stop_the_others(page: Any, site: tuple[str, dict[str, str]]) -> None:
    _enter(page, site[1][BROKEN], 2)
    page.wait_for_function(f"() => {ROOM}.shown.isSharp")
    page.keyboard.press("End")
    until(lambda: 3 in page.evaluate(f"{ROOM}.opening"))
    page.wait_for_function(f"() => {ROOM}.shown.isSharp")


def test_a_pdf_that_cannot_be_opened_is_read_as_pictures(page: Any, site: tuple[str, dict[str, str]]) -> None:
    page.goto(f"/read/{site[1][CUT]}/2")
    page.wait_for_url("**/2?room=scan")
    expect(page.locator("html")).to_have_attribute("data-room", "open")
    expect(page.locator(".openseadragon-container")).to_have_count(1)
