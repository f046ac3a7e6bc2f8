"""Who sends stored bytes: we do, or the web server before us out of the store's folder, or the store itself by a link.

Whoever it is, the policy was asked before: the web server gives out nothing but what an answer of ours names, and links
are given out only for what anybody may have (docs/delivery.md).
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request

from wenyuan.reader import guard
from wenyuan.reader import ranges as byte_ranges
from wenyuan.reader.context import library
from wenyuan.reader.ranges import ASK_AGAIN, Body
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

LINK_S = 300
"""How long a link to the store lives: to begin a download and to resume it once; what it says cannot be taken back."""

_BY_SCRIPT = frozenset({"cors", "same-origin"})
"""What browsers say of a request of a page's script (Sec-Fetch-Mode): our policy lets none go to another server."""


def send(body: Body, *, cache_control: str = ASK_AGAIN, filename: str | None = None, ranges: bool = True) -> Response:
    """Send bytes as `wenyuan.reader.ranges.send` does, through the web server before us where the settings say so.

    Args:
        body: with the key of its stored object.
        cache_control: see there, as the others.

    Raises:
        RequestedRangeNotSatisfiable, PreconditionFailed: see there.
    """
    return byte_ranges.send(
        body, cache_control=cache_control, filename=filename, ranges=ranges, instead=_header(body.key)
    )


def link_to_store(body: Body, item: Item, action: Action, *, filename: str) -> Response | None:
    """An answer that sends the reader on to the store; None where it is for us to send the bytes.

    Never for what only some may have, since a link can be passed on.

    Args:
        body: with the key of its stored object.
        item: what the bytes are of.
        action: what the reader does; the policy has allowed it.
        filename: the name to save it under.
    """
    settings, store = library().settings, library().store
    if not settings.redirect_to_store or body.key is None or request.method != "GET":
        return None
    if not guard.is_open(action, item):
        return None
    if request.headers.get("Sec-Fetch-Mode") in _BY_SCRIPT:
        return None
    link = store.url_for(body.key, ttl_s=LINK_S, filename=filename, media_type=body.media_type)
    if link is None:
        return None
    return Response(status=302, headers={"Location": link, "Cache-Control": "no-store"})


def _header(key: str | None) -> tuple[str, str] | None:
    """What tells the web server before us which file to send; None where it is for us to send it.

    A file that is not there is ours to send, too: then the reader gets our words for it. So is what is asked for under
    an If-Match: nginx compares that before it knows our entity tag (1.22, measured).
    """
    settings = library().settings
    if settings.sendfile == "off" or key is None or "If-Match" in request.headers:
        return None
    path = library().store.path_of(key)
    if path is None or not path.is_file():
        return None
    if settings.sendfile == "x-accel-redirect":
        return "X-Accel-Redirect", settings.sendfile_prefix + key
    # Web servers decode it: a folder may have any name, a header only ASCII.
    return "X-Sendfile", quote(str(path))
