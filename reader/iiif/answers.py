"""Answers in JSON-LD: packed once, with entity tag and the media type that the client asks for; open to other sites."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from wenyuan.reader import ranges

Json = dict[str, Any]

PRESENTATION = "http://iiif.io/api/presentation/3/context.json"
SEARCH_2 = "http://iiif.io/api/search/2/context.json"
SEARCH_1 = "http://iiif.io/api/search/1/context.json"
AUTHORIZATION = "http://iiif.io/api/auth/2/context.json"
DISCOVERY = "http://iiif.io/api/discovery/1/context.json"

FOR_ANYBODY = "public, max-age=60"
"""A minute and no longer: what is withdrawn must leave caches, too, and these addresses carry no version."""
FOR_ONE = "private, no-cache"

_LEVEL = 6
_SMALLEST = 1_000
"""Bytes below which packing saves no packet on the network."""
_LINKED_DATA, _PLAIN = "application/ld+json", "application/json"


@dataclass(frozen=True, slots=True)
class Finished:
    """A document as it is sent. Kept packed: a thirtieth of its size, and nearly every client takes it so."""

    packed: bytes
    etag: str
    size_bytes: int


def finish(document: Json) -> Finished:
    """Write a document down."""
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Finished(gzip.compress(data, _LEVEL, mtime=0), hashlib.sha256(data).hexdigest()[:32], len(data))


def read(finished: Finished) -> Json:
    """The document again."""
    document: Json = json.loads(gzip.decompress(finished.packed))
    return document


def send(finished: Finished, context: str, cache_control: str = FOR_ONE) -> Response:
    """Answer the request with a document, or with 304.

    Args:
        finished: the document.
        context: names the API in the media type.
        cache_control: FOR_ANYBODY where the answer is the same whoever asks.
    """
    packing = finished.size_bytes >= _SMALLEST and request.accept_encodings.quality("gzip") > 0
    size = len(finished.packed) if packing else finished.size_bytes
    # Its own entity tag, as the bytes are others (RFC 9110, §8.8.3.3).
    etag = finished.etag + ("-gzip" if packing else "")

    def whole(_offset: int, _length: int | None) -> io.BytesIO:
        return io.BytesIO(finished.packed if packing else gzip.decompress(finished.packed))

    body = ranges.Body(_LINKED_DATA, size, etag, whole)
    response = ranges.send(body, cache_control=cache_control, ranges=False)
    if response.status_code == 200:
        response.headers["Content-Type"] = _media_type(context)
        if packing:
            response.headers["Content-Encoding"] = "gzip"
    response.vary.update(("Accept", "Accept-Encoding"))
    if cache_control == FOR_ONE:
        response.vary.add("Cookie")
    return response


def answer(document: Json, context: str, cache_control: str = FOR_ONE) -> Response:
    """Answer the request with a document made for it."""
    return send(finish(document), context, cache_control)


def install(app: Flask) -> None:
    """Let pages of any site read what stands below /iiif, errors too, and send a token to the probe service."""
    app.after_request(_open_to_all)


def _media_type(context: str) -> str:
    """Linked data, unless the client asks for plain JSON, or is a browser, which would save the other as a file."""
    accepted = request.accept_mimetypes
    if "text/html" in accepted.values() or accepted.best_match((_LINKED_DATA, _PLAIN), _LINKED_DATA) == _PLAIN:
        return _PLAIN
    return f'{_LINKED_DATA};profile="{context}"'


def _open_to_all(response: Response) -> Response:
    if request.path.startswith("/iiif/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept"
            response.headers["Access-Control-Max-Age"] = "86400"
    return response
