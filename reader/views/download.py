"""What a reader takes home: originals in byte ranges, one page as picture, PDF or text."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, offload, ranges
from wenyuan.reader.context import library, reading
from wenyuan.reader.ranges import Body
from wenyuan.reader.security import FILE_POLICY
from wenyuan.reader.views.pictures import body as picture_body
from wenyuan.repo import downloads, pictures
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import NoSuchItem, NoSuchPage
from wenyuan.repo.items import Item, PageKind
from wenyuan.repo.policy import Action
from wenyuan.repo.recipes import READING
from wenyuan.storage.keys import blob_key

blueprint = Blueprint("download", __name__)

_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|\r\n\t', " "))
_NAME_CHARACTERS = 60


@blueprint.get("/download/<item_id>/files/<sha256>")
def file(item_id: str, sha256: str) -> ResponseReturnValue:
    """An original as it was handed in."""
    item = guard.item_for(Action.DOWNLOAD_FILE, item_id)
    with reading() as session:
        found = next((each for each in items.files(session, item_id) if each.sha256 == sha256), None)
    if found is None:
        raise NoSuchItem(item=item_id)
    original = downloads.original(library(), item_id, found)
    body = Body(original.media_type, original.size_bytes, original.etag, original.open, blob_key(sha256))
    link = offload.link_to_store(body, item, Action.DOWNLOAD_FILE, filename=original.filename)
    return as_file(link or offload.send(body, filename=original.filename))


@blueprint.get("/download/<item_id>/pages/<number:key>.jpg")
def page_picture(item_id: str, key: int) -> ResponseReturnValue:
    """A page as a JPEG, 1,600 pixels wide."""
    item, page = _page(Action.DOWNLOAD_PAGE, item_id, key)
    if page.kind is PageKind.CHAPTER:
        raise NoSuchPage(item=item_id, page=key)
    body = picture_body(pictures.of_page(library(), page, READING))
    return as_file(offload.send(body, filename=file_name(item, page, "jpg"), ranges=False))


@blueprint.get("/download/<item_id>/pages/<number:key>.pdf")
def page_pdf(item_id: str, key: int) -> ResponseReturnValue:
    """One page of a PDF as a PDF."""
    item, page = _page(Action.DOWNLOAD_PAGE, item_id, key)
    data = downloads.page_pdf(library(), page)
    if data is None:
        raise NoSuchPage(item=item_id, page=key)
    return as_file(ranges.send(ranges.in_memory("application/pdf", data), filename=file_name(item, page, "pdf")))


@blueprint.get("/download/<item_id>/pages/<number:key>.txt")
def page_text(item_id: str, key: int) -> ResponseReturnValue:
    """The text of a page, UTF-8."""
    item, page = _page(Action.READ_TEXT, item_id, key)
    with reading() as session:
        text = items.page_text(session, item_id, key)
    if not text:
        raise NoSuchPage(item=item_id, page=key)
    return as_file(ranges.send(ranges.in_memory("text/plain", text.encode()), filename=file_name(item, page, "txt")))


def _page(action: Action, item_id: str, key: int) -> tuple[Item, PageView]:
    item = guard.item_for(action, item_id)
    with reading() as session:
        return item, items.page_by_key(session, item_id, key)


def file_name(item: Item, page: PageView | None, ending: str) -> str:
    """A name that tells what it is: 千字文 0003.jpg; without a page, of the whole item."""
    title = " ".join(item.description.title.translate(_NOT_IN_NAMES).split())[:_NAME_CHARACTERS].strip(". ")
    place = f" {page.position:04d}" if page else ""
    return f"{title or item.id}{place}.{ending}"


def as_file(response: Response) -> Response:
    """Something that is saved: it is never run here."""
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
