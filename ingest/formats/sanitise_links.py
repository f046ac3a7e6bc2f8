"""Where the references of a book lead: to an entry of the same book, out of it, or nowhere.

An address from a book is never passed on. It is taken apart as the URL standard has it (WHATWG URL, section 4.4: tabs
and line feeds dropped, backslashes are slashes), looked up among the entries, and written anew as a relative path; what
is not found is dropped. So no trick of spelling survives.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote


class Kind(StrEnum):
    """What an entry of a book is, by its bytes."""

    MARKUP = "markup"
    DRAWING = "drawing"
    """SVG"""
    STYLE = "style"
    IMAGE = "image"
    FONT = "font"
    SOUND = "sound"
    FILM = "film"
    CAPTIONS = "captions"
    """WebVTT"""


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the package, and a place in it.

    Attributes:
        entry: path inside the package, not escaped.
        fragment: not escaped, without `#`; may be empty.
    """

    entry: str
    kind: Kind
    fragment: str = ""


Find = Callable[[str], tuple[str, Kind] | None]
"""(path inside the book, not escaped) → (path inside the package, kind); None where there is none, or none to keep."""

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
_TRIMMED = "".join(map(chr, range(0x21)))
_DROPPED = re.compile("[\t\n\r\ud800-\udfff]")
"""Half characters (CSS can escape them) have no place in an address either."""
# Raster images only: SVG in a data: URL would have to be cleaned too, and HTML in one is a page.
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)


class References:
    """The addresses in one entry of a book.

    Attributes:
        used: entries of the package that were found through it.
        dropped: what else was left out than single rules and elements, in words for staff.
    """

    def __init__(self, path: str, entry: str, find: Find) -> None:
        """Set up for one entry.

        Args:
            path: of the entry inside the book, as handed in.
            entry: of the same inside the package.
            find: looks up entries.
        """
        self.entry = entry
        self.used: set[str] = set()
        self.dropped: list[str] = []
        self._folder = posixpath.dirname(path)
        self.path = path
        self._find = find

    def locate(self, address: str) -> Place | None:
        """What an address names inside the book; None for anything else, whatever its spelling."""
        address = _plain(address)
        if _SCHEME.match(address) or address.startswith("//"):
            return None
        rest, _, fragment = address.partition("#")
        path = unquote(rest.partition("?")[0])
        if path:
            path = posixpath.normpath(posixpath.join(self._folder, path))
        found = self._find(path or self.path)
        return Place(found[0], found[1], unquote(fragment)) if found else None

    def resource(self, address: str, kinds: Collection[Kind]) -> str | None:
        """The address anew, if it names an entry of these kinds, or holds a raster image where images may stand."""
        if Kind.IMAGE in kinds and _DATA_IMAGE.fullmatch(address.strip(_TRIMMED)):
            return "".join(address.split())
        place = self.locate(address)
        if place is None or place.kind not in kinds:
            return None
        self.used.add(place.entry)
        return self.written(place)

    def fragment(self, address: str) -> str | None:
        """The address anew, if it names a place in the same entry (gradients, patterns, paths of an SVG)."""
        address = _plain(address)
        return f"#{quote(unquote(address[1:]))}" if address.startswith("#") and len(address) > 1 else None

    def written(self, place: Place) -> str:
        """A place as a relative address from this entry, escaped."""
        fragment = f"#{quote(place.fragment)}" if place.fragment else ""
        if place.entry == self.entry and fragment:
            return fragment
        relative = posixpath.relpath(place.entry, posixpath.dirname(self.entry) or ".")
        return quote(relative) + fragment


def external(address: str) -> str | None:
    """The address of a web page, for a link that a reader may choose to follow; None for other schemes."""
    address = _plain(address)
    return address if re.match(r"https?://[^/\s]", address, re.IGNORECASE) else None


def _plain(address: str) -> str:
    return _DROPPED.sub("", address.strip(_TRIMMED)).replace("\\", "/")
