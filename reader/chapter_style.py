"""Style sheets in a chapter of a book: ours first, so that whatever the book says wins, and the book's own.

Both are put into the document. Beside it they would be fetched when the chapter has come, and a phone's network takes
as long for each of them as for the chapter; nothing is seen before all of them are there.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from urllib.parse import quote, unquote

from wenyuan.reader.assets import STATIC
from wenyuan.repo.chapters import XHTML
from wenyuan.repo.description import Writing
from wenyuan.repo.items import Item

_FIXED_LAYOUT = re.compile(rb"<meta[^>]*name=[\"']viewport[\"']")
"""EPUB 3.3 §8.2.2.6: a fixed-layout document says its size there; it needs no style of ours."""
_LINK = re.compile(rb"<link\s([^<>]*)/>")
_ATTRIBUTE = re.compile(rb'([\w:-]+)="([^"]*)"')
_ADDRESS = re.compile(r'url\("([^"\\]*)"\)')
"""As the sanitiser of ingest writes every address in a sheet."""
_CHARSET = b'@charset "utf-8";'
"""Before every sheet of the sanitiser; inside a document it means nothing."""
_NOT_INSIDE = re.compile(rb'@import|@namespace|@charset|url\("[^"\n]*\\')
_MOST_BYTES = 64 * 1024
_HEAD = re.compile(rb"<(?:[A-Za-z]+:)?head(?:\s[^>]*)?>")


def with_our_style(document: bytes, item: Item) -> bytes:
    """The chapter with our style sheets in it; unchanged where it has no head, or a fixed layout.

    Args:
        document: a sanitised XHTML document of the package, UTF-8.
        item: vertical items get the vertical sheet too.
    """
    if _FIXED_LAYOUT.search(document):
        return document
    sheet = f'<style xmlns="{XHTML}" type="text/css">{escape(_sheet(_names(item)), quote=False)}</style>'
    return _HEAD.sub(lambda found: found[0] + sheet.encode(), document, count=1)


def with_own_style(document: bytes, chapter: str, read: Callable[[str], bytes | None]) -> bytes:
    """The chapter with the book's sheets in it, in place of the links to them.

    Left beside it are sheets of other media types and alternative ones, those that import others (CSS Cascade 5 §2:
    what is imported must stand first), and large ones.

    Args:
        document: a sanitised XHTML document of the package, UTF-8.
        chapter: its entry.
        read: gives an entry of the package; None where there is none.
    """

    def put_in(link: re.Match[bytes]) -> bytes:
        said = {name.decode(): unescape(value.decode()) for name, value in _ATTRIBUTE.findall(link[1])}
        if said.get("rel") != "stylesheet" or not said.keys() <= {"rel", "type", "href", "media"}:
            return link[0]
        sheet = posixpath.normpath(posixpath.join(posixpath.dirname(chapter), unquote(said["href"])))
        data = read(sheet) if said.get("type", "text/css") == "text/css" else None
        data = data and data.removeprefix(_CHARSET)
        if data is None or len(data) > _MOST_BYTES or _NOT_INSIDE.search(data):
            return link[0]
        media = f' media="{escape(said["media"])}"' if "media" in said else ""
        words = _ADDRESS.sub(lambda found: f'url("{_seen_from(chapter, sheet, found[1])}")', data.decode())
        return f'<style type="text/css"{media}>{escape(words, quote=False)}</style>'.encode()

    return _LINK.sub(put_in, document)


def _seen_from(chapter: str, sheet: str, address: str) -> str:
    """An address in a sheet as the chapter would write it; our sanitiser leaves none that leads out of the book."""
    path, mark, fragment = address.partition("#")
    if not path or ":" in path:
        return address
    target = posixpath.normpath(posixpath.join(posixpath.dirname(quote(sheet)), path))
    return posixpath.relpath(target, posixpath.dirname(quote(chapter)) or ".") + mark + fragment


def version(item: Item) -> str:
    """Names what `with_our_style` puts in."""
    return hashlib.sha256(_sheet(_names(item)).encode()).hexdigest()[:10]


def _names(item: Item) -> tuple[str, ...]:
    return ("chapter", "chapter-vertical") if item.description.writing is Writing.VERTICAL else ("chapter",)


@cache
def _sheet(names: tuple[str, ...]) -> str:
    return "\n".join((STATIC / "css" / f"{name}.css").read_text("utf-8") for name in names)
