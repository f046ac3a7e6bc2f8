"""A library whose store is another machine: what was read once is at hand, also when the store has gone."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import given
import pytest
import urllib3
from flask.testing import FlaskClient
from handing_in import hand_in, shown
from PIL import Image
from servers import seaweedfs as seaweedfs_server

from wenyuan.reader.app import create_app
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import items, users
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import Settings, load
from wenyuan.storage.keys import blob_key

pytestmark = [pytest.mark.server, pytest.mark.slow]

PAGES = 4
PASSWORD = "松竹梅蘭"


@dataclass(frozen=True)
class Remote:
    """A library on a SeaweedFS of its own."""

    home: Path
    settings: dict[str, str]
    by_title: dict[str, Item]
    stop: Callable[[], None]
    """End the store for good."""

    def load(self, **more: object) -> Settings:
        """Settings as each process of it reads them."""
        return load(home=self.home, executor="inline", **self.settings, **more)

    def original(self, library: Library, title: str) -> tuple[str, str]:
        """Address and SHA-256 of an item's file."""
        item = self.by_title[title]
        with library.catalogue.reading() as session:
            sha256 = items.files(session, item.id)[0].sha256
        return f"/download/{item.id}/files/{sha256}", sha256


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A scanned book, and reports for different readers. The last test of this module stops the store."""
    folder = tmp_path_factory.mktemp("remote")
    with ExitStack() as running:
        server = running.enter_context(seaweedfs_server.start())
        values = {
            "store": "minio",
            "s3_endpoint": server.endpoint,
            "s3_access_key": server.access_key,
            "s3_secret_key": server.secret_key,
            "s3_bucket": server.bucket,
        }
        library = wiring.build(load(home=folder / "home", executor="inline", **values))
        scans = folder / "scans"
        for number in range(1, PAGES + 1):
            given.picture(scans / f"{number}.png", size=(1300, 1800), mark=f"第{number}葉", shade=150 + number)
        given.write_json(scans / "metadata.json", {"title": "春曉集", "kind": "book"})
        paths = [scans]
        for title, access in (("城市報告", "open"), ("內部資料", "signed-in"), ("撤下之書", "open")):
            paths.append(given.pdf(folder / f"{title}.pdf", [title], title=title))
            paths.append(given.write_json(folder / f"{title}.json", {"title": title, "access": access}))
        hand_in(library, *paths)
        by_title = {item.description.title: item for item in shown(library)}
        holdings.withdraw(library, by_title["撤下之書"].id, "館員甲", "權利未明")
        with library.catalogue.writing() as session:
            for name, role in (("reader", Role.PATRON), ("staff", Role.STAFF)):
                users.put(session, name, PASSWORD, role)
        library.close()
        yield Remote(folder / "home", values, by_title, running.close)


@pytest.fixture
def build(remote: Remote) -> Iterator[Callable[..., tuple[Library, FlaskClient]]]:
    """The library as a new server process has it, with a client without an account."""
    built: list[Library] = []

    def build(**more: object) -> tuple[Library, FlaskClient]:
        library = wiring.build(remote.load(**more))
        built.append(library)
        app = create_app(library)
        app.testing = True
        return library, app.test_client()

    yield build
    for library in built:
        library.close()


def signed_in(client: FlaskClient, name: str) -> FlaskClient:
    token = client.get("/sign-in").text.split('name="form_token" value="')[1].split('"')[0]
    answer = client.post("/sign-in", data={"name": name, "password": PASSWORD, "form_token": token})
    assert answer.status_code == 303
    return client


def images_of(library: Library, item: Item, key: int) -> list[str]:
    """Addresses of all that ingest made of a page: sizes and tiles."""
    page = library.images.page(item.id, key)
    sizes = [f"full/{width},{height}/0/default.jpg" for width, height in page.sizes]
    names = [*sizes, *(page.grid.name(tile) for tile in page.grid.tiles())]
    return [f"/iiif/image/3/{item.id}-{key}/{name}" for name in names]


# A link to the store


def test_a_download_of_open_material_is_a_link_to_the_store(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    library, client = build(redirect_to_store=True)
    path, sha256 = remote.original(library, "城市報告")
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
    link = urlsplit(answer.headers["Location"])
    assert f"{link.scheme}://{link.netloc}" == remote.settings["s3_endpoint"]
    assert link.path.endswith(blob_key(sha256))
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    with urllib3.PoolManager() as pool:
        whole = pool.request("GET", answer.headers["Location"])
        part = pool.request("GET", answer.headers["Location"], headers={"Range": "bytes=5-9"})
    with library.blobs.open(sha256) as stream:
        content = stream.read()
    assert (whole.status, whole.data) == (200, content)
    assert (part.status, part.data) == (206, content[5:10])
    assert unquote(whole.headers["Content-Disposition"]) == "attachment; filename*=UTF-8''城市報告.pdf"
    assert whole.headers["Content-Type"] == "application/pdf"
    assert "no-store" in whole.headers["Cache-Control"]


def test_without_the_setting_we_send_it_ourselves(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    library, client = build()
    path, sha256 = remote.original(library, "城市報告")
    with library.blobs.open(sha256) as stream:
        assert client.get(path).data == stream.read()


def test_a_remote_store_has_no_files_for_the_web_server(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    for way in ("x-accel-redirect", "x-sendfile"):
        library, client = build(sendfile=way)
        path, sha256 = remote.original(library, "城市報告")
        answer = client.get(path)
        assert not {"X-Accel-Redirect", "X-Sendfile"} & set(answer.headers.keys())
        with library.blobs.open(sha256) as stream:
            assert answer.data == stream.read()


def test_what_only_some_may_have_is_never_a_link(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    library, client = build(redirect_to_store=True)
    closed, _ = remote.original(library, "內部資料")
    withdrawn, _ = remote.original(library, "撤下之書")
    assert [client.get(path).status_code for path in (closed, withdrawn)] == [403, 404]
    patron = signed_in(client.application.test_client(), "reader")
    staff = signed_in(client.application.test_client(), "staff")
    for who, path, status in ((patron, closed, 200), (patron, withdrawn, 404), (staff, closed, 200)):
        answer = who.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (status, None)
    answer = staff.get(withdrawn)
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)


def test_a_script_and_who_asks_for_the_head_get_no_link(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    library, client = build(redirect_to_store=True)
    path, _ = remote.original(library, "城市報告")
    assert client.head(path).status_code == 200
    for mode in ("cors", "same-origin"):
        assert client.get(path, headers={"Sec-Fetch-Mode": mode}).status_code == 200
    assert client.get(path, headers={"Sec-Fetch-Mode": "navigate"}).status_code == 302


# Near at hand


def test_images_are_the_same_cold_warm_and_in_another_process(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    library, client = build()
    scan = remote.by_title["春曉集"]
    asked = images_of(library, scan, 1)
    assert len(asked) > 10
    cold = {path: client.get(path) for path in asked}
    assert {answer.status_code for answer in cold.values()} == {200}
    assert all(Image.open(io.BytesIO(answer.data)).format == "JPEG" for answer in cold.values())
    _, another = build()
    for same in (client, another):
        for path, answer in cold.items():
            again = same.get(path)
            assert (again.data, again.headers["ETag"]) == (answer.data, answer.headers["ETag"])


def test_what_was_read_is_served_when_the_store_has_stopped_and_the_rest_says_so(
    remote: Remote, build: Callable[..., tuple[Library, FlaskClient]]
) -> None:
    library, client = build()
    scan = remote.by_title["春曉集"]
    read = [path for key in (1, 2) for path in images_of(library, scan, key)]
    before = {path: client.get(path).data for path in read}
    library.images.page(scan.id, 4)
    remote.stop()
    _, another = build()
    for same in (client, another):
        for path, data in before.items():
            answer = same.get(path)
            assert (answer.status_code, answer.data) == (200, data), path
        answer = same.get(f"/iiif/image/3/{scan.id}-4/full/300,400/0/default.jpg")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert same.get(f"/items/{scan.id}").status_code == 200
