"""A small real library of every kind and tier, made once for each module of web tests, and clients that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import given
import pytest
from flask import Flask
from flask.testing import FlaskClient
from handing_in import hand_in, shown

from wenyuan.reader.app import create_app
from wenyuan.repo import holdings, wiring
from wenyuan.repo.catalogue import users
from wenyuan.repo.items import Collection, Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role
from wenyuan.repo.settings import load

PASSWORD = "松竹梅蘭"


@dataclass(frozen=True)
class SmallLibrary:
    """What the tests ask about."""

    library: Library
    app: Flask
    by_title: dict[str, Item]

    @property
    def scan(self) -> Item:
        """A vertical book of three scans with text, read from right to left."""
        return self.by_title["春曉集"]

    @property
    def pdf(self) -> Item:
        """A born-digital PDF of three pages."""
        return self.by_title["城市報告"]

    @property
    def epub(self) -> Item:
        """An e-book of two chapters."""
        return self.by_title["桃花源記"]

    @property
    def closed(self) -> Item:
        """For readers who have signed in."""
        return self.by_title["內部資料"]

    @property
    def hidden(self) -> Item:
        """For staff alone."""
        return self.by_title["館員專用"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLibrary]:
    """The library; tests only read it."""
    folder = tmp_path_factory.mktemp("web")
    library = wiring.build(load(home=folder / "home", executor="inline"))
    holdings.save_collection(library, Collection("local", {"zh-Hans": "地方文献", "en": "Local history"}))
    holdings.save_collection(library, Collection("old-books", {"zh-Hans": "古籍"}, parent="local"))
    hand_in(library, *_given(folder / "given"), collection="old-books")
    with library.catalogue.writing() as session:
        users.put(session, "reader", PASSWORD, Role.PATRON)
        users.put(session, "staff", PASSWORD, Role.STAFF)
    app = create_app(library)
    app.testing = True
    yield SmallLibrary(library, app, {item.description.title: item for item in shown(library)})
    library.close()


@pytest.fixture
def client(small: SmallLibrary) -> FlaskClient:
    """Somebody without an account."""
    return small.app.test_client()


@pytest.fixture
def reader(small: SmallLibrary) -> FlaskClient:
    """A patron who has signed in."""
    return signed_in(small.app, "reader")


@pytest.fixture
def staff(small: SmallLibrary) -> FlaskClient:
    """A member of staff who has signed in."""
    return signed_in(small.app, "staff")


def signed_in(app: Flask, name: str) -> FlaskClient:
    """A client after the sign-in form."""
    client = app.test_client()
    answer = client.post("/sign-in", data={"name": name, "password": PASSWORD, "form_token": form_token(client)})
    assert answer.status_code == 303
    return client


def form_token(client: FlaskClient) -> str:
    """The token of the client's session, as the sign-in form carries it."""
    page = client.get("/sign-in").text
    return page.split('name="form_token" value="')[1].split('"')[0]


def _given(folder: Path) -> list[Path]:
    scans = given.scans(folder / "scans", 3)
    pdf = given.pdf(folder / "report.pdf", ["序言：城市與書", "第二章 街道與河流", "第三章 圖書館"], title="城市報告")
    chapters = {"緣起": "晉太元中武陵人捕魚為業", "歸途": "既出得其船便扶向路"}
    book = given.epub(folder / "book.epub", chapters, vertical=True)
    closed = given.pdf(folder / "closed.pdf", ["祕密的書庫改造方案"], title="內部資料")
    given.write_json(folder / "closed.json", {"title": "內部資料", "access": "signed-in"})
    hidden = given.pdf(folder / "hidden.pdf", ["館員手冊與祕密"], title="館員專用")
    given.write_json(folder / "hidden.json", {"title": "館員專用", "access": "staff"})
    return [scans, pdf, book, closed, folder / "closed.json", hidden, folder / "hidden.json"]
