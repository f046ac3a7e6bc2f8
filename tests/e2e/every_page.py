"""Every kind of page that people see, one a line, and a library that has something on each of them."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import given
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from servers.processes import answers_http, free_ports, running

from wenyuan.reader.app import create_app
from wenyuan.repo import corrections, proposals, wiring
from wenyuan.repo.catalogue import reading_groups, users
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PASSWORD = "松竹梅蘭"
READER, STAFF = "reader", "staff"
STORE_ROOMS = 120
"""Scans of a book that has more files than its page lists."""

_SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "collection"
_START = "from wenyuan.reader.commands.serve import serve; serve()"
_NAMES = {
    "scan": "南山縣志",
    "across": "南山老街口述史",
    "map": "南山縣境全圖",
    "photo": "南山中正街騎樓",
    "news": "南山日報　民國二十五年五月一日",
    "report": "南山市图书馆地方文献普查报告",
    "ebook": "桃花源記及其他",
    "poems": "唐诗选读",
    "many": "春曉集",
}


@dataclass(frozen=True)
class Site:
    """A running server with something on every page.

    Attributes:
        base: its address.
        home: the folder of the library.
        ids: items, and what a reader has, by short names.
    """

    base: str
    home: Path
    ids: dict[str, str]

    def address(self, template: str) -> str:
        """An address of a kind of page, with the items filled in."""
        return template.format(**self.ids)


@dataclass(frozen=True)
class Kind:
    """A kind of page.

    Attributes:
        name: what it is called in tests.
        address: with names of items in braces.
        who: the account that has signed in; empty for somebody without.
        ready: what there is when scripts have done their work.
        opens: what is pressed then, one after the other.
        status: of the answer.
        scripts: whether the browser runs any.
        frame: whether a book is shown in a frame, that is looked at, too.
    """

    name: str
    address: str
    who: str = ""
    ready: str = "main"
    opens: tuple[str, ...] = ()
    status: int = 200
    scripts: bool = True
    frame: bool = field(default=False)


ROOM = "html[data-room=open]"
DRAWER, DISPLAY, CITE = ".drawer > summary", ".tool:has(.panel-display) > summary", ".tool:has(.panel-cite) > summary"

KINDS = (
    Kind("home", "/"),
    Kind("home, menu open", "/", opens=(".menu > summary",)),
    Kind("browse", "/browse"),
    Kind("collection", "/collections/gazetteers"),
    Kind("search, empty", "/search"),
    Kind("search, results", "/search?q=山"),
    Kind("search, none found", "/search?q=沒有這樣的句子"),
    Kind("item, scan", "/items/{scan}"),
    Kind("item, e-book", "/items/{ebook}"),
    Kind("item, PDF", "/items/{report}"),
    Kind("item, photograph", "/items/{photo}"),
    Kind("item, newspaper", "/items/{news}"),
    Kind("item for staff", "/items/{scan}", STAFF),
    Kind("files", "/items/{many}/files"),
    Kind("room, picture", "/read/{scan}/2", ready=ROOM),
    Kind("room, both", "/read/{scan}/2?view=both", ready=ROOM),
    Kind("room, text", "/read/{scan}/2?view=text", ready=ROOM),
    Kind("PDF room, hits", "/read/{across}/2?q=街", ready=ROOM),
    Kind("room, contents and search", "/read/{scan}/2?q=山", ready=ROOM, opens=(DRAWER,)),
    Kind("room, display", "/read/{scan}/2", ready=ROOM, opens=(DISPLAY,)),
    Kind("room, citing", "/read/{scan}/2", ready=ROOM, opens=(CITE,)),
    Kind("room, small pages", "/read/{scan}/2", ready=ROOM, opens=("[data-thumbs]",)),
    Kind("room, help", "/read/{scan}/2", ready=ROOM, opens=(DISPLAY, "[data-help]")),
    Kind("room, notes", "/read/{scan}/2", ready=ROOM, opens=("[data-keep-open]",)),
    Kind("room, newspaper", "/read/{news}/1", ready=ROOM),
    Kind("room, map", "/read/{map}/1", ready=ROOM),
    Kind("room, photograph", "/read/{photo}/1", ready=ROOM),
    Kind("plain reader", "/read/{scan}/2", scripts=False),
    Kind("plain reader, text", "/read/{scan}/2?view=text", scripts=False),
    Kind("chapter", "/read/{ebook}/3", frame=True),
    Kind("chapter, across", "/read/{poems}/2", frame=True),
    Kind("chapter, contents", "/read/{ebook}/2", opens=(DRAWER,)),
    Kind("chapter, plain", "/read/{ebook}/2", scripts=False),
    Kind("PDF room", "/read/{across}/1", ready=ROOM),
    Kind("PDF room, contents", "/read/{across}/1", ready=ROOM, opens=(DRAWER,)),
    Kind("PDF as pictures", "/read/{across}/1?room=scan", ready=ROOM),
    Kind("PDF of scans", "/read/{report}/1", ready=ROOM),
    Kind("PDF, plain", "/read/{across}/1", scripts=False),
    Kind("choose another book", "/compare?a={scan}"),
    Kind("compare", "/compare?a={scan}&ap=2&b={scan}&bp=3", ready="[data-side] .stage"),
    Kind("correct", "/items/{scan}/pages/2/correct", STAFF, ready="html[data-correct=open]"),
    Kind("propose", "/items/{scan}/pages/2/correct", READER, ready="html[data-correct=open]"),
    Kind("versions", "/items/{scan}/pages/2/versions", STAFF),
    Kind("my proposals", "/my/proposals", READER),
    Kind("my library", "/my", READER),
    Kind("my library, nobody's", "/my"),
    Kind("groups", "/groups", READER),
    Kind("group", "/groups/{group}", READER),
    Kind("invitation", "/groups/join/{token}", STAFF),
    Kind("offline", "/offline"),
    Kind("sign in", "/sign-in"),
    Kind("sign in for a book", "/items/{scan}/pages/2/correct", status=403),
    Kind("not found", "/nowhere", status=404),
    Kind("deliveries", "/staff/", STAFF),
    Kind("delivery", "/staff/deliveries/1", STAFF),
    Kind("delivery with refusals", "/staff/deliveries/2", STAFF),
    Kind("proposals", "/staff/proposals", STAFF),
)


@contextmanager
def every_page(folder: Path) -> Iterator[Site]:
    """The library, served as `wenyuan serve` does.

    Args:
        folder: made by `tmp_path_factory`, so that those of all processes that test stand under one. The
            library is made by the first who wants it, and others copy it.
    """
    home = folder / "home"
    of_all = folder.parent.parent if "PYTEST_XDIST_WORKER" in os.environ else folder.parent
    made = of_all / "every-page"
    made.mkdir(exist_ok=True)
    with (made / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = made / "ids.json"
        if not told.exists():
            shutil.rmtree(made / "home", ignore_errors=True)
            told.write_text(json.dumps(_make(made)), "utf-8")
        ids: dict[str, str] = json.loads(told.read_text("utf-8"))
        shutil.copytree(made / "home", home)
    port = free_ports(1)[0]
    base = f"http://127.0.0.1:{port}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WENYUAN_")},
        "WENYUAN_HOME": str(home),
        "WENYUAN_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", _START]
    with running(command, home, lambda: answers_http(f"{base}/readyz"), environment, politely=True):
        yield Site(base, home, ids)


def _make(folder: Path) -> dict[str, str]:
    """Make the library in `home`; its items by their short names."""
    library = wiring.build(load(home=folder / "home", executor="inline"))
    hand_in(library, _SAMPLE)
    broken = folder / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    hand_in(library, given.scans(folder / "many", STORE_ROOMS, title=_NAMES["many"]), broken)
    ids = _ids(library)
    _people(library, ids["scan"])
    ids |= _kept(library, ids)
    library.close()
    return ids


def sign_in(page: Any, who: str) -> None:
    """Let somebody sign in by the form."""
    page.goto("/sign-in?next=/browse")
    page.fill("[name=name]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/browse")


def open_kind(page: Any, site: Site, kind: Kind, **arguments: str) -> None:
    """Open a page of a kind, wait until it is as people see it, and open its panels."""
    address = site.address(kind.address)
    for name, value in arguments.items():
        address += f"{'&' if '?' in address else '?'}{name}={value}"
    answer = page.goto(address)
    assert answer.status == kind.status, (kind.name, answer.status)
    if kind.scripts:
        page.locator(kind.ready).first.wait_for(state="attached")
    for selector in kind.opens:
        page.locator(selector).first.click()
    if kind.scripts:
        page.wait_for_function(STILL)


STILL = "() => document.getAnimations().every((each) => each.playState !== 'running')"


def each_kind(act: Callable[[Kind], None]) -> list[str]:
    """Do something with every kind; what went wrong, by name."""
    wrong = []
    for kind in KINDS:
        try:
            act(kind)
        except AssertionError as error:
            wrong.append(f"{kind.name}: {error}")
    return wrong


def _ids(library: Library) -> dict[str, str]:
    held = {item.description.title: item.id for item in shown(library)}
    return {short: held[title] for short, title in _NAMES.items()}


def _kept(library: Library, ids: dict[str, str]) -> dict[str, str]:
    """What a reader keeps: a note on a page of a scan, shared with a group; the group, and what invites to it."""
    with library.catalogue.writing() as session:
        group = reading_groups.create(session, "縣志共讀", READER, datetime.now(UTC))
    app = create_app(library)
    app.testing = True
    client = app.test_client()
    sign_in_client(client, READER)
    token = client.get("/my").text.split('name="form_token" value="')[1].split('"')[0]
    about = {
        "type": "SpecificResource",
        "source": f"http://localhost/read/{ids['scan']}/place/2",
        "scope": f"http://localhost/items/{ids['scan']}",
        "selector": [{"type": "TextPositionSelector", "start": 0, "end": 5}],
        "styleClass": "wy-green",
    }
    note = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "Annotation",
        "motivation": "commenting",
        "body": [
            {"type": "TextualBody", "purpose": "commenting", "value": "序文可與府志對看。", "format": "text/plain"}
        ],
        "target": about,
        "audience": {"id": f"http://localhost/groups/{group.id}", "type": "Audience"},
    }
    headers = {"X-Form-Token": token, "Content-Type": "application/ld+json"}
    answer = client.post("/api/annotations/", data=json.dumps(note), headers=headers)
    assert answer.status_code == 201, answer.text
    return {"group": group.id, "token": group.token or ""}


def sign_in_client(client: FlaskClient, who: str) -> None:
    """Let a client of the application sign in."""
    token = client.get("/sign-in").text.split('name="form_token" value="')[1].split('"')[0]
    answer = client.post("/sign-in", data={"name": who, "password": PASSWORD, "form_token": token})
    assert answer.status_code == 303


def _people(library: Library, scan: str) -> None:
    """A reader, who proposes a correction, and staff."""
    with library.catalogue.writing() as session:
        users.put(session, READER, PASSWORD, Role.PATRON)
        users.put(session, STAFF, PASSWORD, Role.STAFF)
    text = corrections.open_text(library, scan, 3)
    first = text.layer.lines[0].text
    proposals.propose(library, scan, 3, {0: f"{first[:-1]}異"}, READER, base=text.digest, note="據別本")
