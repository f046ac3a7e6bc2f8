"""The text of a page or an item to take home: plain, ALTO, hOCR, and over its pictures as a searchable PDF."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, ranges
from wenyuan.reader.context import library, reading
from wenyuan.reader.views.download import as_file, file_name
from wenyuan.repo import book_pdf, text_forms
from wenyuan.repo.catalogue import items
from wenyuan.repo.catalogue.items import PageView
from wenyuan.repo.errors import BookTooLong, NoSuchPage, TooManyPdfs
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action
from wenyuan.repo.text_forms import MEDIA_TYPES, TextForm

blueprint = Blueprint("text_forms", __name__)

MOST_PAGES = 600
"""Of a PDF made on request: about 200 MB, half a minute of one thread. `wenyuan export --form pdf` knows no limit."""
AT_ONCE = 2
"""PDFs of whole items that a web server process makes at the same time: each takes a thread and a core."""
PATIENCE_S = 3.0
"""How long a request waits for its turn, and"""
RETRY_AFTER_S = 30
"""what it is told where none comes."""

_turns = threading.BoundedSemaphore(AT_ONCE)


@blueprint.get("/items/<item_id>/pages/<number:key>/text.txt")
def page_plain(item_id: str, key: int) -> ResponseReturnValue:
    """The current text of a page; 404 where it has none, as with the other forms."""
    return _page_text(item_id, key, TextForm.PLAIN)


@blueprint.get("/items/<item_id>/pages/<number:key>/text.alto.xml")
def page_alto(item_id: str, key: int) -> ResponseReturnValue:
    """The current text of a page as ALTO 4."""
    return _page_text(item_id, key, TextForm.ALTO)


@blueprint.get("/items/<item_id>/pages/<number:key>/text.hocr.html")
def page_hocr(item_id: str, key: int) -> ResponseReturnValue:
    """The current text of a page as hOCR."""
    return _page_text(item_id, key, TextForm.HOCR)


@blueprint.get("/items/<item_id>/pages/<number:key>/text.pdf")
def page_pdf(item_id: str, key: int) -> ResponseReturnValue:
    """A page's picture with its text over it."""
    item = guard.item_for(Action.DOWNLOAD_PAGE, item_id)
    guard.require(Action.READ_TEXT, item)
    page = _page(item, key)
    data = b"".join(book_pdf.of_item(library(), item_id, [key]))
    return as_file(ranges.send(ranges.in_memory("application/pdf", data), filename=file_name(item, page, "pdf")))


@blueprint.get("/items/<item_id>/text.txt")
def item_text(item_id: str) -> ResponseReturnValue:
    """The current text of all pages, a form feed between them."""
    item = guard.item_for(Action.READ_TEXT, item_id)
    body = ranges.in_memory("text/plain", b"".join(text_forms.of_item(library(), item_id)))
    return as_file(ranges.send(body, filename=file_name(item, None, "txt")))


@blueprint.get("/items/<item_id>/searchable.pdf")
def item_pdf(item_id: str) -> ResponseReturnValue:
    """The pictures of all pages with their text over them, in one file.

    Raises:
        BookTooLong: more pages than are made on request.
        TooManyPdfs: as many such files are being made as may be at once.
    """
    item = guard.item_for(Action.DOWNLOAD_PAGE, item_id)
    guard.require(Action.READ_TEXT, item)
    if item.page_count > MOST_PAGES:
        raise BookTooLong(item=item_id, pages=item.page_count, limit=MOST_PAGES)
    return _pdf(item)


def _page_text(item_id: str, key: int, form: TextForm) -> Response:
    item = guard.item_for(Action.READ_TEXT, item_id)
    page = _page(item, key)
    if page.layer is None:
        raise NoSuchPage(item=item_id, page=key)
    data = text_forms.of_page(library(), page, form)
    body = ranges.in_memory(MEDIA_TYPES[form].partition(";")[0], data)
    return as_file(ranges.send(body, filename=file_name(item, page, form.value)))


def _page(item: Item, key: int) -> PageView:
    with reading() as session:
        return items.page_by_key(session, item.id, key)


def _pdf(item: Item) -> Response:
    """Write all pages down and send them then: what fails is told as an error, and never as half a file.

    The file has no name in its folder, so that nothing is left of it when it is sent, or when the process is killed.
    """
    folder = library().settings.work_folder
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile(dir=folder))

        def opened(offset: int, _length: int | None) -> BinaryIO:
            stack.pop_all()  # from here on it is for the sender to close
            file.seek(offset)
            return file

        digest = hashlib.sha256()
        with _turn():
            for part in book_pdf.of_item(library(), item.id):
                digest.update(part)
                file.write(part)
        body = ranges.Body("application/pdf", file.tell(), digest.hexdigest()[:32], opened)
        return as_file(ranges.send(body, filename=file_name(item, None, "pdf")))


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE_S):
        raise TooManyPdfs(retry_after_s=RETRY_AFTER_S)
    try:
        yield
    finally:
        _turns.release()
