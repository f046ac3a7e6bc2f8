"""A short way for images that anybody may see, in front of the application.

A page turn is a dozen tiles, and most of what a request costs in the application is spent on who is asking. What
anybody may see needs no answer to that. Here go requests for tiles and pictures as ingest has made them, and for
`info.json`, of items that the policy opens to everybody; all others, and whatever goes wrong, go on to the application,
which answers with the same headers (tests/integration/test_image_lane.py).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wenyuan.reader.iiif import image_answer, image_request
from wenyuan.reader.iiif.image_request import Image, Limits, Region, Size
from wenyuan.repo.description import Access
from wenyuan.repo.items import ItemState
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImage, StoredImage
from wenyuan.repo.policy import ANONYMOUS, Action, decide
from wenyuan.repo.recent import Recent
from wenyuan.repo.recipes import THUMBNAIL
from wenyuan.storage.errors import LibraryError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

PREFIX = "/iiif/image/"
_VERSIONS = ("2", "3")
_MOST_DIGITS = 10
_ITEM = re.compile("[0-9a-z]{13}")
"""An item's id (`wenyuan.repo.items.Item`); the catalogue is asked for nothing else."""
_KEPT = 4_000
"""Answers with `info.json`, a kilobyte each; and three times as many Link headers, which tell canonical addresses."""
_MOST_TOLD = 200
"""Characters of Accept header and query by which an answer is kept; browsers send fewer."""
_OF_ONE = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_IF_", "HTTP_RANGE")
"""Headers of a request that tell who asks, or what he has already."""
_SEEN_BY_ALL = {
    (access, action): decide(access, ANONYMOUS, action).allowed
    for access in Access
    for action in (Action.SEE_THUMBNAIL, Action.READ_PAGE)
}


@dataclass(frozen=True, slots=True)
class _Found:
    """Bytes of a page, and which of it they are."""

    page: PageImage
    region: Region
    size: Size
    image: StoredImage


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the application has answered."""

    headers: list[tuple[str, str]]
    etag: str
    body: bytes


class ImageLane:
    """WSGI middleware."""

    def __init__(self, application: WSGIApplication, library: Library) -> None:
        """Nothing is read yet.

        Args:
            application: answers all other requests.
            library: of the images.
        """
        self._application, self._images = application, library.images
        self._limits = Limits.of(library.settings.image_megapixels)
        self._site = library.settings.public_url.rstrip("/")
        self._links: Recent[tuple[str, str], str] = Recent(3 * _KEPT)
        self._told: Recent[tuple[str, ...], _Answer] = Recent(_KEPT)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what can be answered here, and pass on the rest."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "GET" and path.startswith(PREFIX):
            parts = path[len(PREFIX) :].split("/")
            try:
                if len(parts) == 6 and (found := self._find(parts)):
                    return self._send(found, parts, environ, start_response)
                if len(parts) == 3 and (answer := self._information(parts, environ)):
                    return _again(answer, environ, start_response)
            except LibraryError as error:
                log.debug("%s: %s", path, error)  # the application tells what is wrong
            except Exception:
                # Whatever it is, the application has a page for it.
                log.exception("the short way failed at %s", path)
        return self._application(environ, start_response)

    def _find(self, parts: list[str]) -> _Found | None:
        """What ingest has made, if anybody may see it: `version/item-key/region/size/0/default.jpg`."""
        version, name, told_region, told_size, rotation, file = parts
        if version not in _VERSIONS or rotation != "0" or file != "default.jpg":
            return None
        region = () if told_region == "full" else _numbers(told_region)
        by_width = version == "2" and told_size.endswith(",")
        size = _numbers(told_size[:-1] if by_width else told_size)
        image = _image_name(name)
        if image is None or region is None or size is None or len(region) not in {0, 4}:
            return None
        if len(size) != (1 if by_width else 2):
            return None
        standing = self._images.standing(image[0])
        if standing.state is not ItemState.PUBLISHED:
            return None
        page = self._images.page(*image)
        width, height = (size[0], size[1]) if len(size) == 2 else (size[0], None)
        made = None if region else page.made_as(width, height)
        if not _SEEN_BY_ALL[standing.access, Action.SEE_THUMBNAIL if made == THUMBNAIL else Action.READ_PAGE]:
            return None
        x, y, across, down = region or (0, 0, page.width, page.height)
        if made:
            whole = next(each for each, recipe in page.sizes.items() if recipe == made)
            return _Found(page, (x, y, across, down), whole, self._images.made(page, made))
        tile = page.grid.find(x, y, across, down, width, height)
        if tile is None:
            return None
        return _Found(page, (x, y, across, down), page.grid.size(tile), self._images.tile(page, tile))

    def _send(
        self, found: _Found, parts: list[str], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        image = found.image
        keyed = image.is_today and environ.get("QUERY_STRING") == f"v={found.page.version}"
        headers = image_answer.headers("image/jpeg", image.etag, keyed=keyed, is_open=True)
        headers.append(("Link", self._link(found, parts)))
        if image_answer.is_known(environ.get("HTTP_IF_NONE_MATCH", ""), image.etag):
            return _not_modified(headers, start_response)
        start_response("200 OK", [*headers, ("Content-Length", str(len(image.data)))])
        return (image.data,)

    def _link(self, found: _Found, parts: list[str]) -> str:
        version, name = parts[0], "/".join(parts[1:4])
        link = self._links.get((version, name))
        if link is None:
            page = found.page
            whole = Image(page.width, page.height, page.sizes)
            asked = image_request.plain(whole, self._limits, found.region, found.size)
            base = f"{self._site}{PREFIX}{version}/{parts[1]}"
            link = image_answer.link(version, f"{base}/{asked.canonical(version)}")
            self._links.put((version, name), link)
        return link

    def _information(self, parts: list[str], environ: WSGIEnvironment) -> _Answer | None:
        """What the application tells of an image, asked once for each version of an item that anybody may read."""
        image = _image_name(parts[1])
        accepted, query = environ.get("HTTP_ACCEPT", ""), environ.get("QUERY_STRING", "")
        if image is None or parts[2] != "info.json" or len(accepted) + len(query) > _MOST_TOLD:
            return None
        standing = self._images.standing(image[0])
        if standing.state is not ItemState.PUBLISHED or not _SEEN_BY_ALL[standing.access, Action.READ_PAGE]:
            return None
        site = self._site or f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
        name = (*parts, site, accepted, query, str(standing.version))
        answer = self._told.get(name)
        if answer is None and (answer := self._ask(environ)):
            self._told.put(name, answer)
        return answer

    def _ask(self, environ: WSGIEnvironment) -> _Answer | None:
        """The application's whole answer; None where it is anything but 200."""
        # Whoever asks first asks for all: without account, and for the whole.
        for_all = {name: value for name, value in environ.items() if not name.startswith(_OF_ONE)}
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def keep(status: str, headers: list[tuple[str, str]], _error: Any = None, /) -> Callable[[bytes], object]:
            told.append((status, headers))
            return lambda _data: None

        body = self._application(for_all, keep)
        try:
            data = b"".join(body)
        finally:
            close = getattr(body, "close", None)
            if close:
                close()
        status, headers = told[-1]
        etag = next((value.strip('"') for name, value in headers if name == "ETag"), "")
        is_for_all = status.startswith("200 ") and etag and not any(name == "Set-Cookie" for name, _ in headers)
        return _Answer(headers, etag, data) if is_for_all else None


def _again(answer: _Answer, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    if image_answer.is_known(environ.get("HTTP_IF_NONE_MATCH", ""), answer.etag):
        return _not_modified([each for each in answer.headers if each[0] != "Content-Length"], start_response)
    start_response("200 OK", list(answer.headers))
    return (answer.body,)


def _not_modified(headers: list[tuple[str, str]], start_response: StartResponse) -> Iterable[bytes]:
    start_response("304 Not Modified", [each for each in headers if each[0] != "Content-Type"])
    return ()


def _image_name(part: str) -> tuple[str, int] | None:
    """`pd9axvkhb00jn-12`: the item and the key of the page."""
    item, _, key = part.rpartition("-")
    return (item, int(key)) if _ITEM.fullmatch(item) and _is_number(key) else None


def _numbers(part: str) -> tuple[int, ...] | None:
    """`1024,0,512,512` or `512,512`; None for every other way to say it."""
    pieces = part.split(",")
    return tuple(map(int, pieces)) if all(map(_is_number, pieces)) else None


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS
