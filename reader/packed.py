"""Answers that are kept compressed: sent so to clients that take it, unpacked to others (RFC 9110, section 8.4)."""

from __future__ import annotations

import gzip

from flask import Response, request

from wenyuan.reader import ranges

WORTH_PACKING = 1400
"""Bytes that fit into one packet anyway are not compressed."""


def send(media_type: str, packed: bytes, *, etag: str = "", cache_control: str = ranges.ASK_AGAIN) -> Response:
    """Answer with bytes that lie here in gzip form.

    Args:
        media_type: of the bytes.
        packed: the bytes, gzip.
        etag: names the bytes; each form gets its own from it. Their digest where it is empty.
        cache_control: its header.
    """
    takes = len(packed) > WORTH_PACKING and request.accept_encodings.quality("gzip") > 0
    if takes:
        body = ranges.in_memory(media_type, packed, etag=f"{etag}-gzip" if etag else "")
    else:
        body = ranges.in_memory(media_type, gzip.decompress(packed), etag=etag)
    response = ranges.send(body, cache_control=cache_control, ranges=False)
    response.vary.add("Accept-Encoding")
    if takes and response.status_code == 200:
        response.headers["Content-Encoding"] = "gzip"
    return response
