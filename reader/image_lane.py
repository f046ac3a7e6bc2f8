"""A short way for images that anybody may see, in front of the application.

A page turn is a dozen tiles, and most of what a request costs in the application is spent on who is asking. What
anybody may see needs no answer to that. Here go requests for tiles and pictures as ingest has made them, and for
`info.json`, of items that the policy opens to everybody; all others, and whatever goes wrong, go on to the application,
which answers with the same headers (tests/integration/test_image_lane.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wenyuan.reader.iiif import image_answer
from wenyuan.repo.description import Access
from wenyuan.repo.items import ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImage, PageImages, StoredImage
from wenyuan.repo.policy import ANONYMOUS, Action, decide
from wenyuan.repo.recipes import THUMBNAIL
from wenyuan.storage.errors import LibraryError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/iiif/image/"
_VERSIONS = ("2", "3")
_MOST_DIGITS = 10
_SEEN_BY_ALL = {
    (access, action): decide(access, ANONYMOUS, action).allowed
    for access in Access
    for action in (Action.SEE_THUMBNAIL, Action.READ_PAGE)
}


class ImageLane:
    """WSGI middleware."""

    def __init__(self, application: WSGIApplication, library: Library) -> None:
        self._application, self._images = application, library.images

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what can be answered here, and pass on the rest."""
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].startswith(PREFIX):
            found = self._find(environ["PATH_INFO"])
            if found:
                return _send(*found, environ, start_response)
        return self._application(environ, start_response)

    def _find(self, path: str) -> tuple[PageImage, StoredImage] | None:
        parts = path[len(PREFIX) :].split("/")
        if len(parts) != 6 or parts[0] not in _VERSIONS or parts[4] != "0" or parts[5] != "default.jpg":
            return None
        item, _, key = parts[1].rpartition("-")
        region, size = _numbers(parts[2]), _numbers(parts[3])
        if not (key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS) or size is None:
            return None
        try:
            return _image(self._images, item, int(key), () if parts[2] == "full" else region, size)
        except LibraryError:
            return None  # the application tells what is wrong


def _image(
    images: PageImages, item: str, key: int, region: tuple[int, ...] | None, size: tuple[int, ...]
) -> tuple[PageImage, StoredImage] | None:
    standing = images.standing(item)
    if standing.state is not ItemState.PUBLISHED or region is None or len(size) not in {1, 2}:
        return None
    page = images.page(item, key)
    width, height = size if len(size) == 2 else (size[0], None)
    name = None if region else page.made_as(width, height)
    if not _SEEN_BY_ALL[standing.access, Action.SEE_THUMBNAIL if name == THUMBNAIL else Action.READ_PAGE]:
        return None
    if name:
        return page, images.made(page, name)
    region = region or (0, 0, page.width, page.height)
    if len(region) != 4:
        return None
    x, y, across, down = region
    tile = page.grid.find(x, y, across, down, width, height)
    return (page, images.tile(page, tile)) if tile else None


def _numbers(part: str) -> tuple[int, ...] | None:
    """`1024,0,512,512` or `512,512`, or `512,` of version 2; None for every other way to say it."""
    pieces = part.removesuffix(",").split(",")
    if all(piece.isascii() and piece.isdigit() and len(piece) <= _MOST_DIGITS for piece in pieces):
        return tuple(map(int, pieces))
    return None


def _send(
    page: PageImage, image: StoredImage, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    keyed = environ.get("QUERY_STRING") == f"v={page.version}"
    headers = image_answer.headers("image/jpeg", image.etag, keyed=keyed, is_open=True)
    if image_answer.is_known(environ.get("HTTP_IF_NONE_MATCH", ""), image.etag):
        start_response("304 Not Modified", [each for each in headers if each[0] != "Content-Type"])
        return ()
    start_response("200 OK", [*headers, ("Content-Length", str(len(image.data)))])
    return (image.data,)
