"""The addresses by which annotations name what they are about, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ID = r"[0-9a-z]{1,26}"
_ITEM = r"[0-9A-Za-z]{1,26}"
_KEY = r"[0-9]{1,9}"
_PLACE = re.compile(rf"/read/({_ITEM})/place/({_KEY})")
_CANVAS = re.compile(rf"/iiif/presentation/3/({_ITEM})/canvas/({_KEY})")
_GROUP = re.compile(rf"/groups/({_ID})")
CONTAINER = "/api/annotations/"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a client named it."""

    item: str
    key: int
    is_canvas: bool


@dataclass(frozen=True, slots=True)
class Site:
    """Where we are.

    Attributes:
        base: the public address, without a slash at its end.
        also: other addresses of ours that clients may have used.
    """

    base: str
    also: tuple[str, ...] = ()

    @property
    def container(self) -> str:
        """The container of annotations."""
        return self.base + CONTAINER

    def annotation(self, number: str) -> str:
        """An annotation: the container's address with one piece more (Protocol §5.1)."""
        return f"{self.container}{number}"

    def item(self, item: str) -> str:
        """An item."""
        return f"{self.base}/items/{item}"

    def place(self, item: str, key: int) -> str:
        """A page, by the key that stays with it."""
        return f"{self.base}/read/{item}/place/{key}"

    def canvas(self, item: str, key: int) -> str:
        """The same page as a IIIF canvas."""
        return f"{self.base}/iiif/presentation/3/{item}/canvas/{key}"

    def group(self, number: str) -> str:
        """A reading group."""
        return f"{self.base}/groups/{number}"

    def page_of(self, iri: str) -> Page | None:
        """The page that an address names; None where it is none of ours."""
        path = self._path(iri)
        if path is None:
            return None
        for pattern, is_canvas in ((_PLACE, False), (_CANVAS, True)):
            if found := pattern.fullmatch(path):
                return Page(found[1], int(found[2]), is_canvas)
        return None

    def group_of(self, iri: str) -> str | None:
        """The id of a group's address; None where it is none of ours."""
        path = self._path(iri)
        found = _GROUP.fullmatch(path) if path is not None else None
        return found[1] if found else None

    def _path(self, iri: str) -> str | None:
        for base in (self.base, *self.also):
            if iri.startswith(f"{base}/"):
                return iri[len(base) :]
        return None
