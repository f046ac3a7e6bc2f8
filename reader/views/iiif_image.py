"""Images of pages for any viewer (IIIF Image API 3.0 and 2.1, level 2): information, and pictures of any part.

Tiles and pictures as ingest has made them are sent as they are; of items that are open to everybody most are answered
by `wenyuan.reader.image_lane`, before they come here. All else is made by `wenyuan.repo.rendering`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, made_notice
from wenyuan.reader.context import EXTENSION, library, public_address
from wenyuan.reader.iiif import authorization, image_answer, image_request, info, presentation
from wenyuan.reader.iiif.image_request import Image, ImageRequest, Limits
from wenyuan.repo import remaking
from wenyuan.repo.errors import InvalidImageRequest
from wenyuan.repo.library import Library
from wenyuan.repo.page_images import PageImage, StoredImage
from wenyuan.repo.policy import Action
from wenyuan.repo.recipes import THUMBNAIL
from wenyuan.repo.rendering import Renderer, Rendering
from wenyuan.storage.store import CHUNK_BYTES

blueprint = Blueprint("iiif_image", __name__, url_prefix="/iiif/image")
made_notice.install(blueprint)

_IMAGE = '/<any("2","3"):version>/<item_id>-<number:key>'
_RENDERER = "wenyuan-renderer"
_LINKED_DATA, _PLAIN = "application/ld+json", "application/json"
_CONTEXT_OF_2 = f'<{info.CONTEXT["2"]}>;rel="http://www.w3.org/ns/json-ld#context";type="{_LINKED_DATA}"'
"""2.1, §5.1: what tells that plain JSON is linked data."""


@blueprint.record
def _make_renderer(state: BlueprintSetupState) -> None:
    of: Library = state.app.extensions[EXTENSION]
    state.app.extensions[_RENDERER] = Renderer(
        of.near.cache,
        at_once=of.settings.image_at_once,
        seconds=of.settings.image_seconds,
        quality=of.settings.reading_quality,
    )


@blueprint.get(_IMAGE, merge_slashes=False)
def base(version: str, item_id: str, key: int) -> ResponseReturnValue:
    """The image itself is not a picture: on to what is told of it."""
    guard.item_for(Action.SEE_METADATA, item_id)
    library().images.page(item_id, key)
    address = url_for(".information", version=version, item_id=item_id, key=key, v=request.args.get("v"))
    return redirect(address, 303)


@blueprint.get(_IMAGE + "/info.json", merge_slashes=False)
def information(version: str, item_id: str, key: int) -> ResponseReturnValue:
    """Sizes, tiles and limits of an image, and where to sign in."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    page = library().images.page(item_id, key)
    access = item.description.access
    document = info.information(
        version,
        public_address(f"{blueprint.url_prefix}/{version}/{item_id}-{key}"),
        page,
        _limits(),
        rights=presentation.rights(item.description.rights),
        services=authorization.services_of(access, public_address(""), f"{item_id}-{key}"),
    )
    data = info.as_bytes(document)
    media_type = _media_type(version)
    # Each media type is a representation with an entity tag of its own (RFC 9110, §8.8.3).
    etag = hashlib.sha256(media_type.encode() + b"\n" + data).hexdigest()[:32]
    response = _answer(media_type, etag, is_open=guard.is_open(Action.READ_PAGE, item), page=page)
    response.vary.add("Accept")
    link = image_answer.link(version)
    response.headers["Link"] = f"{link}, {_CONTEXT_OF_2}" if (version, media_type) == ("2", _PLAIN) else link
    if response.status_code == 200:
        response.set_data(data)
    return response


@blueprint.get(_IMAGE + "/<region>/<size>/<rotation>/<name>", merge_slashes=False)
def image(version: str, item_id: str, key: int, region: str, size: str, rotation: str, name: str) -> Response:
    """A part of an image, as the address says."""
    item = guard.item_for(Action.SEE_METADATA, item_id)
    page = library().images.page(item_id, key)
    whole = Image(page.width, page.height, page.sizes)
    try:
        asked = image_request.parse(version, whole, _limits(), (region, size, rotation, name))
    except InvalidImageRequest:
        guard.require(Action.READ_PAGE, item)
        raise
    action = Action.SEE_THUMBNAIL if _made_as(page, asked) == THUMBNAIL else Action.READ_PAGE
    guard.require(action, item)
    response = _picture(page, asked, is_open=guard.is_open(action, item))
    prefix = f"{library().settings.public_url.rstrip('/')}{blueprint.url_prefix}/{version}/{item_id}-{key}"
    response.headers["Link"] = image_answer.link(version, f"{prefix}/{asked.canonical(version)}")
    return response


def _picture(page: PageImage, asked: ImageRequest, *, is_open: bool) -> Response:
    stored = _stored(page, asked)
    if stored:
        response = _answer(asked.media_type, stored.etag, is_open=is_open, page=page, is_today=stored.is_today)
        if response.status_code == 200:
            response.set_data(stored.data)
        return response
    renderer = cast("Renderer", current_app.extensions[_RENDERER])
    wanted = Rendering(asked.region, asked.size, asked.rotation, asked.mirrored, asked.quality, asked.format)
    images = library().images
    tiles = remaking.or_remade(library(), page, lambda: images.tiles(page))
    etag = hashlib.sha256(renderer.name(tiles, wanted).encode()).hexdigest()[:32]
    response = _answer(asked.media_type, etag, is_open=is_open, page=page, is_today=tiles.is_today)
    if response.status_code == 200:
        stream = remaking.or_remade(library(), page, lambda: renderer.open(images.tiles(page), wanted))
        response.content_length = stream.seek(0, 2)
        if request.method == "HEAD":
            stream.close()
        else:
            stream.seek(0)
            response.response = _chunks(stream)
            response.call_on_close(stream.close)
    return response


def _stored(page: PageImage, asked: ImageRequest) -> StoredImage | None:
    """What ingest has made, if it has made exactly this."""
    images = library().images
    made = _made_as(page, asked)
    if made:
        return remaking.or_remade(library(), page, lambda: images.made(page, made))
    tile = page.grid.find(*asked.region, *asked.size) if asked.is_plain else None
    return remaking.or_remade(library(), page, lambda: images.tile(page, tile)) if tile else None


def _made_as(page: PageImage, asked: ImageRequest) -> str | None:
    return page.made_as(*asked.size) if asked.is_plain and asked.full else None


def _answer(media_type: str, etag: str, *, is_open: bool, page: PageImage, is_today: bool = True) -> Response:
    """The headers, and whether the client has it already."""
    keyed = is_today and request.args.get("v") == page.version
    known = image_answer.is_known(request.headers.get("If-None-Match", ""), etag)
    headers = image_answer.headers(media_type, etag, keyed=keyed, is_open=is_open)
    if not known:
        return Response(status=200, headers=headers)
    response = Response(status=304, headers=headers)
    response.headers.remove("Content-Type")
    return response


def _limits() -> Limits:
    return Limits.of(library().settings.image_megapixels)


def _media_type(version: str) -> str:
    """Linked data in version 3 unless plain JSON is asked for, plain JSON in version 2 unless linked data is (§5.1)."""
    accepted = request.accept_mimetypes
    # A browser would save linked data as a file.
    default = _PLAIN if version == "2" or "text/html" in accepted.values() else _LINKED_DATA
    other = _LINKED_DATA if default == _PLAIN else _PLAIN
    if accepted.best_match((default, other), default) == _PLAIN:
        return _PLAIN
    return f'{_LINKED_DATA};profile="{info.CONTEXT["3"]}"' if version == "3" else _LINKED_DATA


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
