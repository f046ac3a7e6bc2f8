"""WCAG 2.2 AA by axe-core on every kind of page: desk and phone, three papers, Chinese and English."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from e2e.chromium import NEEDED, browser
from e2e.every_page import (
    DESK,
    KINDS,
    PHONE,
    READER,
    STAFF,
    Kind,
    Site,
    every_page,
    open_kind,
    sign_in,
    sign_in_client,
)
from flask import Flask, template_rendered
from flask.testing import FlaskClient
from jinja2 import Template
from werkzeug.exceptions import NotFound

from wenyuan.reader.app import create_app
from wenyuan.repo import wiring
from wenyuan.repo.settings import load

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, NEEDED]

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE.parents[1] / "reader" / "templates"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""Rules whose outcome another paper can change."""
PAPERS = ("light", "sepia", "dark")
NO_PAGES = {
    "iiif/token.html": "a frame without a word, for viewers elsewhere",
    "iiif/window.html": "a window that closes itself, for viewers elsewhere",
}
IN_FRAMES = {"chapter.entry"}
"""What is shown in a frame of another page, and looked at there."""
OF_WHOLE_PAGES = ["landmark-one-main", "landmark-unique", "page-has-heading-one", "region"]
"""Rules that a book in a frame need not keep: the page around it has the landmarks, and EPUBs write notes as asides."""
RUN = """async ([runOnly, left]) => {
  const rules = Object.fromEntries(left.map((rule) => [rule, { enabled: false }]));
  const told = await axe.run(document, { runOnly, rules, iframes: false, resultTypes: ["violations"] });
  return told.violations.flatMap(({ id, nodes }) => nodes.map((node) =>
    `${id}: ${node.target.join(" ")} ${node.html.slice(0, 200)} ${node.failureSummary.replaceAll("\\n", " ")}`));
}"""


@pytest.fixture(scope="module")
def axe() -> str:
    """axe-core from npm, as the lock file names it; kept outside the tree between runs."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm, which axe-core is installed with")
    lock = (HERE / "axe" / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wenyuan-tests"
    kept = cache / f"axe-{hashlib.sha256(lock).hexdigest()[:12]}.min.js"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / "axe" / name, folder)
            subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
            Path(folder, "node_modules", "axe-core", "axe.min.js").rename(kept)
    return kept.read_text("utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A library with something on every page."""
    with every_page(tmp_path_factory.mktemp("accessible")) as made:
        yield made


class Visitors:
    """Windows of one size, one for each account, with scripts and without; made when they are first asked for."""

    def __init__(self, browser: Any, site: Site, size: dict[str, int]) -> None:
        self.browser, self.site, self.size = browser, site, size
        self.windows: dict[tuple[str, bool], Any] = {}

    def page(self, kind: Kind) -> Any:
        """The window for a kind of page."""
        asked = (kind.who, kind.scripts)
        if asked not in self.windows:
            context = self.browser.new_context(
                viewport=self.size, locale="zh-CN", base_url=self.site.base, has_touch=self.size is PHONE,
                reduced_motion="reduce", service_workers="block",
            )  # fmt: skip
            if not kind.scripts:  # none of ours, that is; axe is one itself
                context.route("**/*", lambda route: _unless_script(route))
            context.set_default_timeout(30_000)
            self.windows[asked] = context.new_page()
            if kind.who:
                sign_in(self.windows[asked], kind.who)
        return self.windows[asked]

    def close(self) -> None:
        """Close all windows."""
        for page in self.windows.values():
            page.context.close()


@pytest.fixture(scope="module", params=[DESK, PHONE], ids=["desk", "phone"])
def visitors(request: pytest.FixtureRequest, browser: Any, site: Site) -> Iterator[Visitors]:
    """People at a desk, then with a phone."""
    made = Visitors(browser, site, request.param)
    yield made
    made.close()


def violations(page: Any, axe: str, kind: Kind) -> list[str]:
    """What axe says of a page on every paper; Playwright evaluates it, for the policy of our pages would not let it."""
    page.evaluate(axe)
    wrong = page.evaluate(RUN, [{"type": "tag", "values": TAGS}, []])
    for paper in PAPERS:
        page.evaluate("paper => { document.documentElement.dataset.theme = paper; }", paper)
        told = page.evaluate(RUN, [{"type": "rule", "values": OF_COLOUR}, []])
        wrong += [f"{paper}: {each}" for each in told]
    if kind.frame:
        wrong += [f"frame: {each}" for each in _in_frame(page, axe)]
    return list(dict.fromkeys(wrong))


def _unless_script(route: Any) -> None:
    if route.request.resource_type == "script":
        route.abort()
    else:
        route.continue_()


def _in_frame(page: Any, axe: str) -> list[str]:
    """What axe says of what the frame shows, opened by itself: in the frame no script runs, axe's neither."""
    alone = page.context.new_page()
    alone.route("**/chapters/**", _without_policy)
    alone.goto(page.frames[1].url)
    alone.evaluate(axe)
    found: list[str] = alone.evaluate(RUN, [{"type": "tag", "values": TAGS}, OF_WHOLE_PAGES])
    alone.close()
    return found


def _without_policy(route: Any) -> None:
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=kept)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_axe_has_nothing_to_say(kind: Kind, visitors: Visitors, site: Site, axe: str) -> None:
    page = visitors.page(kind)
    open_kind(page, site, kind)
    assert violations(page, axe, kind) == []


@pytest.mark.parametrize("name", ["home", "search, results", "item, scan", "room, citing", "chapter", "sign in"])
def test_axe_has_nothing_to_say_in_english(name: str, visitors: Visitors, site: Site, axe: str) -> None:
    (kind,) = (kind for kind in KINDS if kind.name == name)
    page = visitors.page(kind)
    open_kind(page, site, kind, lang="en")
    assert violations(page, axe, kind) == []
    page.context.clear_cookies(name="wenyuan_lang")


def test_the_list_of_pages_has_every_template(site: Site) -> None:
    documents = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if any(mark in path.read_text("utf-8") for mark in ("{% extends", "<!doctype"))
    }
    abstract = {"base.html", "reader.html"}
    with clients_of(site) as (clients, seen):
        for kind in KINDS:
            assert clients[kind.who].get(site.address(kind.address)).status_code == kind.status, kind.name
    assert documents - abstract - NO_PAGES.keys() - seen == set(), "a kind of page is missing in every_page.KINDS"
    assert NO_PAGES.keys() <= documents


def test_the_list_of_pages_has_every_address_that_answers_a_page(site: Site) -> None:
    with clients_of(site) as (clients, _seen):
        app = clients[""].application
        find = app.url_map.bind("localhost")
        listed = {_endpoint(find, site.address(kind.address).partition("?")[0]) for kind in KINDS} | IN_FRAMES
        missing = {}
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in listed:
                continue
            for address in _addresses(site, rule):
                for client in clients.values():
                    answer = client.get(address)
                    is_page = answer.status_code == 200 and answer.mimetype == "text/html"
                    if is_page and "attachment" not in answer.headers.get("Content-Disposition", ""):
                        missing[rule.endpoint] = address
                    answer.close()
    missing = {endpoint: address for endpoint, address in missing.items() if not endpoint.startswith("iiif_auth.")}
    assert missing == {}, "a kind of page is missing in every_page.KINDS"


def _addresses(site: Site, rule: Any) -> list[str]:
    """Addresses of a route, filled with what the library has; none where it takes what we do not know."""
    known = {"number": [1], "position": [1], "key": [1, "gazetteers"], "item_id": list(site.ids.values())}
    if not rule.arguments <= known.keys():
        return []
    made = []
    for values in itertools.product(*(known[name] for name in rule.arguments)):
        with suppress(ValueError, TypeError):  # a key that this route does not take
            built = rule.build(dict(zip(rule.arguments, values, strict=True)))
            made += [built[1]] if built else []
    return made


def _endpoint(find: Any, path: str) -> str:
    try:
        endpoint: str = find.match(path)[0]
    except NotFound:
        return ""
    return endpoint


@contextmanager
def clients_of(site: Site) -> Iterator[tuple[dict[str, FlaskClient], set[str]]]:
    """Clients of the same library in this process, by account, and the templates that they were shown."""
    library = wiring.build(load(home=site.home, executor="inline"))
    app = create_app(library)
    app.testing = True
    seen: set[str] = set()

    def note(_app: object, template: Template, **_: object) -> None:
        seen.add(template.name or "")

    with template_rendered.connected_to(note, app):
        yield {who: _client(app, who) for who in ("", READER, STAFF)}, seen
    library.close()


def _client(app: Flask, who: str) -> FlaskClient:
    client = app.test_client()
    if who:
        sign_in_client(client, who)
    return client


def test_axe_is_unmodified_and_under_the_licence_that_is_told(axe: str) -> None:
    locked = json.loads((HERE / "axe" / "package-lock.json").read_text("utf-8"))["packages"]["node_modules/axe-core"]
    assert locked["integrity"].startswith("sha512-")
    assert locked["license"] == "MPL-2.0"
    assert f"axe v{locked['version']}" in axe[:200]
