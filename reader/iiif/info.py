"""What an image service tells of itself: `info.json` of the IIIF Image API, version 3.0 and 2.1 (§5 of both)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wenyuan.reader.iiif.image_request import FORMATS, QUALITIES, Limits
from wenyuan.repo.page_images import PageImage
from wenyuan.repo.tiles import TILE_SIZE

Json = dict[str, Any]

CONTEXT = {"3": "http://iiif.io/api/image/3/context.json", "2": "http://iiif.io/api/image/2/context.json"}
PROFILE = {"3": "http://iiif.io/api/image/3/level2.json", "2": "http://iiif.io/api/image/2/level2.json"}
_PROTOCOL = "http://iiif.io/api/image"
_FORMATS_OF_LEVEL_2 = ("jpg", "png")
_MORE_FORMATS = [name for name in FORMATS if name not in _FORMATS_OF_LEVEL_2]
_MORE_FEATURES = {
    "3": ["canonicalLinkHeader", "mirroring", "profileLinkHeader", "rotationArbitrary", "sizeUpscaling"],
    "2": [
        "canonicalLinkHeader",
        "mirroring",
        "profileLinkHeader",
        "regionSquare",
        "rotationArbitrary",
        "sizeAboveFull",
    ],
}


def information(
    version: str,
    address: str,
    page: PageImage,
    limits: Limits,
    *,
    rights: str | None = None,
    services: Sequence[Json] = (),
) -> Json:
    """The description of an image.

    Args:
        version: "3" or "2".
        address: of the image service, without a slash at its end.
        page: the image.
        limits: of what is made.
        rights: address of a statement, as `wenyuan.reader.iiif.presentation.rights` gives it.
        services: what signs in who may not see it yet.
    """
    largest = {"maxWidth": limits.side, "maxHeight": limits.side, "maxArea": limits.area}
    shape = {
        "width": page.width,
        "height": page.height,
        "sizes": _sizes(page, limits),
        "tiles": [{"width": TILE_SIZE, "scaleFactors": list(page.grid.scale_factors)}],
    }
    document = _version_2(address, shape, largest) if version == "2" else _version_3(address, shape, largest)
    if rights:
        document["license" if version == "2" else "rights"] = rights
    if services:
        document["service"] = list(services)
    return document


def as_bytes(document: Json) -> bytes:
    """The description as it is sent; the same one gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _version_3(address: str, shape: Json, largest: Json) -> Json:
    return {
        "@context": CONTEXT["3"],
        "id": address,
        "type": "ImageService3",
        "protocol": _PROTOCOL,
        "profile": "level2",
        **shape,
        **largest,
        "preferredFormats": ["jpg"],
        "extraFormats": _MORE_FORMATS,
        "extraQualities": [quality for quality in QUALITIES if quality != "default"],
        "extraFeatures": _MORE_FEATURES["3"],
    }


def _version_2(address: str, shape: Json, largest: Json) -> Json:
    more = {"formats": _MORE_FORMATS, "supports": _MORE_FEATURES["2"], **largest}
    return {
        "@context": CONTEXT["2"],
        "@id": address,
        "@type": "iiif:Image",
        "protocol": _PROTOCOL,
        **shape,
        "profile": [PROFILE["2"], more],
    }


def _sizes(page: PageImage, limits: Limits) -> list[Json]:
    """Sizes of the whole that need no making: pictures of ingest, and the level of the tiles that is one tile."""
    smallest = page.grid.level_size(len(page.grid.scale_factors) - 1)
    # 3.0, §5.2: a size that is told lies within the limits that are told.
    sizes = sorted(size for size in {smallest, *page.sizes} if limits.allow(size))
    return [{"width": width, "height": height} for width, height in sizes]
