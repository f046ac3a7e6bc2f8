"""Stored files sent by a real nginx and a real Caddy with the sites of docs/examples: as we would send them, or not."""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import given
import pytest
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from servers import caddy, nginx
from servers.processes import answers_http, free_ports, running

from wenyuan.reader.app import create_app
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import items, users
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load
from wenyuan.storage.keys import blob_key

pytestmark = [pytest.mark.server, pytest.mark.slow]

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
START = "from wenyuan.reader.commands.serve import serve; serve()"
PASSWORD = "松竹梅蘭"
KEPT = (
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Cross-Origin-Opener-Policy",
    "ETag",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
"""What a reader's browser must get whoever sends the file."""
BY_PATH = """
library.example.org {
	reverse_proxy 127.0.0.1:8000 {
		@file header X-Sendfile *
		handle_response @file {
			route {
				copy_response_headers {
					exclude Content-Length Accept-Ranges X-Sendfile
				}
				root * /
				rewrite * {rp.header.X-Sendfile}
				file_server
			}
		}
	}
}
"""
"""X-Sendfile is for Apache and lighttpd; a server that does the same with it stands in for them."""


@dataclass(frozen=True)
class Answer:
    """What a server sent."""

    status: int
    headers: dict[str, str]
    """Names as in `KEPT`, others in lower case."""
    body: bytes


@dataclass(frozen=True)
class Held:
    """A library, and the application that would send its files itself."""

    library: Library
    plain: FlaskClient
    by_title: dict[str, Item]
    """The open report, the one for signed-in readers, the one for staff, the withdrawn one and the scanned book."""

    def original(self, title: str) -> tuple[str, str]:
        """Address and SHA-256 of an item's file."""
        item = self.by_title[title]
        with self.library.catalogue.reading() as session:
            sha256 = items.files(session, item.id)[0].sha256
        return f"/download/{item.id}/files/{sha256}", sha256

    def content(self, title: str) -> bytes:
        """Bytes of that file."""
        with self.library.blobs.open(self.original(title)[1]) as stream:
            return stream.read()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Reports of every tier, and a scanned book."""
    folder = tmp_path_factory.mktemp("proxies")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    paths = [given.scans(folder / "scans", 2, texts=False)]
    for title, access in (("城市報告", "open"), ("內部資料", "signed-in"), ("館員專用", "staff"), ("撤下之書", "open")):
        paths.append(given.pdf(folder / f"{title}.pdf", [f"{title}第{page}頁" for page in range(9)], title=title))
        paths.append(given.write_json(folder / f"{title}.json", {"title": title, "access": access}))
    hand_in(library, *paths)
    by_title = {item.description.title: item for item in shown(library)}
    holdings.withdraw(library, by_title["撤下之書"].id, "館員甲", "權利未明")
    with library.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
    app = create_app(library)
    app.testing = True
    yield Held(library, app.test_client(), by_title)
    library.close()


@pytest.fixture(scope="module")
def served(held: Held, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`wenyuan serve`, told that a web server before it sends stored files."""
    yield from _serve(held, tmp_path_factory.mktemp("served"), WENYUAN_SENDFILE="x-accel-redirect")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, held: Held, served: str) -> Iterator[str]:
    """The web server that readers reach."""
    if request.param == "nginx" and nginx.PROGRAM is None:
        pytest.skip("no nginx: tests/prepare.py installs it")
    server, name = {"nginx": (nginx, "nginx.conf"), "caddy": (caddy, "Caddyfile")}[request.param]
    site = (EXAMPLES / name).read_text("utf-8")
    store = str(held.library.settings.home / "store")
    for told, here in (("127.0.0.1:8000", urlsplit(served).netloc), ("/srv/wenyuan/data/store", store)):
        assert told in site
        site = site.replace(told, here)
    with server.start(site) as address:
        yield address


def _serve(held: Held, folder: Path, **settings: str) -> Iterator[str]:
    (port,) = free_ports(1)
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "WENYUAN_HOME": str(held.library.settings.home),
        "WENYUAN_PORT": str(port),
        **settings,
    }
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", START]
    with running(command, folder, lambda: answers_http(f"{address}/readyz"), environ, politely=True):
        yield address


def ask(base: str, path: str, method: str = "GET", **headers: str) -> Answer:
    """Ask for exactly this path: nothing is tidied up on the way."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        names = {name.lower(): name for name in KEPT}
        told = {names.get(name.lower(), name.lower()): value for name, value in answer.getheaders()}
        once = [name for name, _ in answer.getheaders() if name.lower() in names]
        assert len(once) == len(set(once)), once
        return Answer(answer.status, told, answer.read())
    finally:
        connection.close()


def signed_in(base: str) -> str:
    """A reader's cookie, got through the form."""
    form = ask(base, "/sign-in")
    cookie = form.headers["set-cookie"].split(";")[0]
    token = form.body.decode().split('name="form_token" value="')[1].split('"')[0]
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    try:
        fields = f"name=reader&password={quote(PASSWORD)}&form_token={token}"
        told = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", fields, told)
        answer = connection.getresponse()
        assert answer.status == 303
        return str(answer.headers["Set-Cookie"]).split(";")[0]
    finally:
        connection.close()


def as_we_send_it(held: Held, path: str, **headers: str) -> tuple[dict[str, str], bytes]:
    answer = held.plain.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return {name: answer.headers[name] for name in KEPT if name in answer.headers}, answer.data


def picture_of(held: Held) -> str:
    return f"/download/{held.by_title['春曉集'].id}/pages/1.jpg"


# Sent as we would


def test_the_application_itself_sends_no_bytes(held: Held, served: str) -> None:
    path, sha256 = held.original("城市報告")
    answer = ask(served, path)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["x-accel-redirect"] == f"/stored/{blob_key(sha256)}"
    assert ask(served, picture_of(held)).headers["x-accel-redirect"].startswith("/stored/derivatives/")


@pytest.mark.parametrize("what", ["original", "page to take home", "cover"])
def test_the_web_server_sends_what_we_would_with_the_same_headers(held: Held, front: str, what: str) -> None:
    scan = held.by_title["春曉集"].id
    path = {
        "original": held.original("城市報告")[0],
        "page to take home": picture_of(held),
        "cover": f"/covers/{scan}",
    }[what]
    headers, content = as_we_send_it(held, path)
    answer = ask(front, path)
    assert answer.status == 200
    assert answer.body == content
    assert {name: answer.headers.get(name) for name in headers} == headers
    assert not {"x-accel-redirect", "x-sendfile"} & set(answer.headers)


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-99", slice(0, 100)), ("bytes=100-", slice(100, None)), ("bytes=-50", slice(-50, None))],
)
def test_parts_are_the_web_servers_work(held: Held, front: str, wanted: str, part: slice) -> None:
    path, sha256 = held.original("城市報告")
    content = held.content("城市報告")
    answer = ask(front, path, Range=wanted)
    assert (answer.status, answer.body) == (206, content[part])
    assert answer.headers["content-range"].endswith(f"/{len(content)}")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    same = ask(front, path, Range=wanted, If_Range=f'"{sha256}"')
    assert (same.status, same.body) == (206, content[part])
    other = ask(front, path, Range=wanted, If_Range='"another"')
    assert (other.status, other.body) == (200, content)
    assert ask(front, path, Range="bytes=99999999-").status == 416


def test_what_a_browser_has_is_not_sent_again(held: Held, front: str) -> None:
    for path in (held.original("城市報告")[0], picture_of(held)):
        etag = ask(front, path).headers["ETag"]
        again = ask(front, path, If_None_Match=etag)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
        assert ask(front, path, If_None_Match='"another"').status == 200


def test_what_is_wanted_only_as_it_was_is_sent_or_refused(held: Held, front: str) -> None:
    path, sha256 = held.original("城市報告")
    assert ask(front, path, If_Match=f'"{sha256}"').status == 200
    assert ask(front, path, If_Match='"another"').status == 412


def test_the_head_tells_the_length_and_has_no_body(held: Held, front: str) -> None:
    path = held.original("城市報告")[0]
    answer = ask(front, path, "HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(held.content("城市報告")))


def test_pages_pass_as_before(held: Held, front: str) -> None:
    answer = ask(front, f"/items/{held.by_title['城市報告'].id}")
    assert answer.status == 200
    assert "城市報告" in answer.body.decode()


def test_a_file_that_is_lost_is_told_in_our_words(held: Held, front: str) -> None:
    path, sha256 = held.original("城市報告")
    file = held.library.store.path_of(blob_key(sha256))
    assert file is not None
    away = file.rename(file.with_name("away"))
    try:
        answer = ask(front, path, Accept="application/json")
        assert answer.status >= 400
        assert b'"code"' in answer.body
    finally:
        away.rename(file)


# Not sent at all


@pytest.mark.parametrize(
    "spelling",
    [
        "/stored/{}",
        "//stored/{}",
        "/./stored/{}",
        "/items/../stored/{}",
        "/%73tored/{}",
        "/stored%2f{}",
        "/stored/./{}",
        "/stored/../stored/{}",
        "/static/../stored/{}",
        "/STORED/{}",
        "/stored/{}?v=1",
        "/stored/{}/",
        "/store/{}",
        "/{}",
    ],
)
def test_nobody_gets_a_file_by_asking_for_its_place(held: Held, front: str, spelling: str) -> None:
    for title in ("城市報告", "館員專用"):
        path, sha256 = held.original(title)
        for more in ({}, {"X_Accel_Redirect": f"/stored/{blob_key(sha256)}"}):
            answer = ask(front, spelling.format(blob_key(sha256)), **more)
            assert answer.status in {400, 404, 308}, path
            assert b"%PDF" not in answer.body


def test_the_folder_is_not_listed(front: str) -> None:
    for path in ("/stored/", "/stored", "/stored/blobs/", "/stored/blobs/sha256/"):
        assert ask(front, path).status == 404


@pytest.mark.parametrize(("title", "status"), [("內部資料", 403), ("館員專用", 404), ("撤下之書", 404)])
def test_who_is_refused_gets_neither_the_file_nor_its_place(
    held: Held, front: str, served: str, title: str, status: int
) -> None:
    path, sha256 = held.original(title)
    for base in (served, front):
        for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-99"})):
            answer = ask(base, path, method, **headers)
            assert answer.status == status
            assert not {"x-accel-redirect", "x-sendfile"} & set(answer.headers)
            assert blob_key(sha256).encode() not in answer.body
            assert b"%PDF" not in answer.body


def test_an_items_address_leads_to_no_other_items_file(held: Held, front: str, served: str) -> None:
    own = held.by_title["城市報告"].id
    for title in ("館員專用", "內部資料", "撤下之書"):
        sha256 = held.original(title)[1]
        for place in (sha256, sha256.upper(), f"..%2f..%2f{blob_key(sha256)}", quote(blob_key(sha256), safe="")):
            for base in (served, front):
                answer = ask(base, f"/download/{own}/files/{place}")
                assert answer.status == 404
                assert "x-accel-redirect" not in answer.headers


def test_who_has_signed_in_gets_what_is_for_them_and_no_cache_keeps_it(held: Held, front: str) -> None:
    cookie = signed_in(front)
    answer = ask(front, held.original("內部資料")[0], Cookie=cookie)
    assert (answer.status, answer.body) == (200, held.content("內部資料"))
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert ask(front, held.original("館員專用")[0], Cookie=cookie).status == 404
    assert ask(front, held.original("內部資料")[0]).status == 403


# By path instead of address


def test_x_sendfile_names_the_file_whatever_its_folder_is_called(
    held: Held, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    oddly_named = tmp_path / "書 庫 100%"
    oddly_named.symlink_to(held.library.settings.home / "store")
    path, sha256 = held.original("城市報告")
    settings = {"WENYUAN_SENDFILE": "x-sendfile", "WENYUAN_STORE_ROOT": str(oddly_named)}
    for served in _serve(held, tmp_path_factory.mktemp("served"), **settings):
        told = ask(served, path)
        assert (told.status, told.body) == (200, b"")
        assert told.headers["x-sendfile"] == f"{quote(str(oddly_named))}/{blob_key(sha256)}"
        for title in ("內部資料", "館員專用", "撤下之書"):
            assert "x-sendfile" not in ask(served, held.original(title)[0]).headers
        with caddy.start(BY_PATH.replace("127.0.0.1:8000", urlsplit(served).netloc)) as front:
            answer = ask(front, path)
            headers, content = as_we_send_it(held, path)
            assert (answer.status, answer.body) == (200, content)
            assert {name: answer.headers.get(name) for name in headers} == headers
            assert "x-sendfile" not in answer.headers
            assert ask(front, path, Range="bytes=5-9").body == content[5:10]
