"""A born-digital PDF for the reading room, in byte ranges: linearised at ingest, or as it was handed in."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import document_room, guard, offload, ranges
from wenyuan.reader.ranges import Body
from wenyuan.reader.security import FILE_POLICY
from wenyuan.repo.errors import NoSuchItem
from wenyuan.repo.linear_pdf import MEDIA_TYPE
from wenyuan.repo.policy import Action

blueprint = Blueprint("document", __name__)


@blueprint.get("/documents/<item_id>/<sha256>.pdf")
def whole(item_id: str, sha256: str) -> ResponseReturnValue:
    """The PDF, or a range of it, for who may read its pages and take the file home.

    It answers under this site's own address only: the page's policy lets no script ask another server.
    """
    item = guard.item_for(Action.READ_PAGE, item_id)
    guard.require(Action.DOWNLOAD_FILE, item)
    found = document_room.served(item)
    if found is None or found.source != sha256:
        raise NoSuchItem(item=item_id)
    document = found.document
    body = Body(MEDIA_TYPE, document.size_bytes, document.etag, document.open, document.key)
    keyed = request.args.get("v") == document.etag and guard.is_open(Action.DOWNLOAD_FILE, item)
    response = offload.send(body, cache_control=ranges.OPEN_FOR_EVER if keyed else ranges.ASK_AGAIN)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
