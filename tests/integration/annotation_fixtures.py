"""A library with a book, an e-book and hidden things, three readers, and clients that speak the annotation protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import made_items
import pytest
from flask import Flask
from flask.testing import FlaskClient
from integration.web_fixtures import PASSWORD, form_token, signed_in
from werkzeug.test import TestResponse

from wenyuan.reader.app import create_app
from wenyuan.repo.catalogue import users
from wenyuan.repo.items import Item
from wenyuan.repo.library import Library
from wenyuan.repo.policy import Role

BASE = "http://localhost"
CONTAINER = f"{BASE}/api/annotations/"
JSON_LD = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'


@dataclass
class Reader:
    """Somebody with a browser."""

    client: FlaskClient
    token: str

    def send(self, method: str, path: str, told: Any = None, **headers: str) -> TestResponse:
        """A request as a script of ours makes it; a header's name is written with low lines."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = told if isinstance(told, (str, bytes)) or told is None else json.dumps(told)
        if body is not None:
            named.setdefault("Content-Type", JSON_LD)
        return self.client.open(path, method=method, data=body, headers={"X-Form-Token": self.token, **named})

    def post(self, told: Any, **headers: str) -> TestResponse:
        """A new annotation."""
        return self.send("POST", "/api/annotations/", told, **headers)

    def keep(self, told: Any) -> dict[str, Any]:
        """The annotation that was made of it."""
        answer = self.post(told)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json)

    def get(self, path: str, **headers: str) -> TestResponse:
        """A page or document."""
        return self.send("GET", path, None, **headers)

    def container(self, query: str = "", **headers: str) -> dict[str, Any]:
        """The container's description."""
        answer = self.get(f"/api/annotations/{query}", **headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def items(self, query: str = "") -> list[dict[str, Any]]:
        """What is on the first page of the container."""
        first = self.container(query).get("first")
        return list(first["items"]) if first else []


@dataclass
class Room:
    """The library and who is in it."""

    library: Library
    app: Flask
    book: Item
    ebook: Item
    readers: dict[str, Reader] = field(default_factory=dict)

    def reader(self, name: str = "甲") -> Reader:
        """A reader who has signed in."""
        if name not in self.readers:
            with self.library.catalogue.writing() as session:
                users.put(session, name, PASSWORD, Role.PATRON)
            client = signed_in(self.app, name)
            self.readers[name] = Reader(client, form_token(client))
        return self.readers[name]

    @property
    def nobody(self) -> Reader:
        """Somebody without an account."""
        client = self.app.test_client()
        return Reader(client, form_token(client))


@pytest.fixture
def room(library: Library) -> Room:
    """On either pair of back ends."""
    made_items.make_collections(library)
    app = create_app(library)
    app.testing = True
    return Room(library, app, made_items.make_book(library), made_items.make_ebook(library))


def place(item: Item | str, key: int = 2) -> str:
    """The lasting address of a page."""
    return f"{BASE}/read/{item if isinstance(item, str) else item.id}/place/{key}"


def note(item: Item | str, key: int = 2, **changes: Any) -> dict[str, Any]:
    """A highlight on 廣州府 (page 2 of the book: 邑在廣州府東南)."""
    target = {
        "type": "SpecificResource",
        "source": place(item, key),
        "selector": [
            {"type": "TextPositionSelector", "start": 2, "end": 5},
            {"type": "TextQuoteSelector", "exact": "廣州府", "prefix": "邑在", "suffix": "東南"},
        ],
        "styleClass": "wy-green",
    }
    told: dict[str, Any] = {
        "@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "motivation": "highlighting",
        "target": target,
    }  # fmt: skip
    return {**told, **changes}


def said(text: str) -> list[dict[str, str]]:
    """The body of a note."""
    return [{"type": "TextualBody", "purpose": "commenting", "value": text, "format": "text/plain"}]


def path_of(annotation: dict[str, Any]) -> str:
    """Where it is."""
    return str(annotation["id"]).removeprefix(BASE)
