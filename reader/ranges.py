"""Answers with bytes: entity tags, 304, one byte range, If-Range, HEAD (RFC 9110 §13, §14), never whole in memory."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from werkzeug.http import is_resource_modified, parse_range_header, quote_etag

CHUNK_BYTES = 256 * 1024
OPEN_FOR_EVER = "public, max-age=86400, immutable"
"""For open material whose address carries its version. A day and no year: what is withdrawn must leave caches, too."""
ASK_AGAIN = "private, no-cache"
_NOT_IN_HEADERS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of control characters, lone surrogates, and ends of lines and paragraphs."""

Opener = Callable[[int, int | None], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes to send.

    Attributes:
        etag: without quotes; names exactly these bytes.
        open: from an offset, a length (None: to the end).
        key: of the stored object that these bytes are, where they are one.
    """

    media_type: str
    size_bytes: int
    etag: str
    open: Opener
    key: str | None = None


def in_memory(media_type: str, data: bytes, *, etag: str = "", key: str | None = None) -> Body:
    """Bytes that are at hand.

    Args:
        media_type: of the bytes.
        data: the bytes.
        etag: what names them; their digest where it is empty.
        key: of the stored object that they are, if they are one.
    """
    etag = etag or hashlib.sha256(data).hexdigest()[:32]

    def opened(offset: int, length: int | None) -> io.BytesIO:
        return io.BytesIO(data[offset : None if length is None else offset + length])

    return Body(media_type, len(data), etag, opened, key)


def send(
    body: Body,
    *,
    cache_control: str = ASK_AGAIN,
    filename: str | None = None,
    ranges: bool = True,
    instead: tuple[str, str] | None = None,
) -> Response:
    """Answer the request with these bytes, or with 304, 206 or 416 where it asks for that.

    Args:
        body: the bytes.
        cache_control: its header.
        filename: save under this name instead of showing it.
        ranges: whether parts can be asked for.
        instead: a header by which the web server before us sends the bytes, whole or in parts, in place of our empty
            answer; all other headers are as if we had sent the whole.

    Raises:
        RequestedRangeNotSatisfiable: the range lies behind the end.
        PreconditionFailed: other bytes were expected (If-Match).
    """
    span = _span(body) if ranges and not instead else None
    start, stop = span or (0, body.size_bytes)
    response = Response(status=206 if span else 200, mimetype=body.media_type)
    response.headers["ETag"] = quote_etag(body.etag)
    response.headers["Cache-Control"] = cache_control
    if ranges:
        response.headers["Accept-Ranges"] = "bytes"
    if filename:
        response.headers.set("Content-Disposition", "attachment", **names(filename))
    if "If-Match" in request.headers and not request.if_match.contains(body.etag):
        raise PreconditionFailed
    if not is_resource_modified(request.environ, etag=body.etag, ignore_if_range=True):
        response.status_code = 304
        response.headers.remove("Content-Type")
        return response
    if instead:
        response.headers[instead[0]] = instead[1]
        return response
    if span:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{body.size_bytes}"
    response.content_length = stop - start
    if request.method != "HEAD":
        _attach(response, body, start, stop - start)
    return response


def names(filename: str) -> dict[str, str]:
    """The parts of Content-Disposition: a name of any script (RFC 8187), and what is left of it in ASCII for others.

    Without control characters and line ends, which file systems allow and no header may hold.
    """
    told = "".join(sign for sign in filename if unicodedata.category(sign) not in _NOT_IN_HEADERS)
    if told.isascii():
        return {"filename": told}
    simple = unicodedata.normalize("NFKD", told).encode("ascii", "ignore").decode().strip()
    if simple.startswith("."):
        simple = f"wenyuan{simple}"  # a name that is nothing but its ending is hidden on many systems
    return {"filename": simple, "filename*": f"UTF-8''{quote(told, safe='')}"}


def _attach(response: Response, body: Body, start: int, length: int) -> None:
    """Open before the first header goes out, so that a missing file is an error page and not half an answer."""
    stack = ExitStack()
    stream = stack.enter_context(body.open(start, length))
    response.response = _chunks(stream, length)
    response.call_on_close(stack.close)


def _chunks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := stream.read(min(CHUNK_BYTES, length))):
        length -= len(chunk)
        yield chunk


def _span(body: Body) -> tuple[int, int] | None:
    """Start and end (exclusive) of the one range asked for; None where the whole is to be sent.

    Several ranges at once are answered with the whole, as RFC 9110 §14.2 allows.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    wanted = parse_range_header(request.headers.get("Range"))
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if "If-Range" in request.headers and request.if_range.to_header() != quote_etag(body.etag):
        return None
    start, stop = wanted.ranges[0]
    if start < 0 and -start >= body.size_bytes > 0 and stop is None:
        return 0, body.size_bytes  # a suffix longer than the whole is the whole (RFC 9110 §14.1.2)
    span = wanted.range_for_length(body.size_bytes)
    if span is None or span[0] is None or span[1] is None:
        raise RequestedRangeNotSatisfiable(length=body.size_bytes)
    return span[0], span[1]
