"""The identifiers of our IIIF resources. All are whole addresses: they are read on other sites than ours."""

from __future__ import annotations

from urllib.parse import quote, urlencode

PRESENTATION = "/iiif/presentation/3"
AUTHORIZATION = "/iiif/auth/2"
DISCOVERY = "/iiif/discovery/1"


def manifest(base: str, item_id: str) -> str:
    """The manifest of an item. `base` is the address of the site, without a slash at its end."""
    return f"{base}{PRESENTATION}/{item_id}/manifest"


def canvas(base: str, item_id: str, key: int) -> str:
    """The canvas of a page."""
    return f"{base}{PRESENTATION}/{item_id}/canvas/{key}"


def range_of(base: str, item_id: str, number: int) -> str:
    """An entry of the contents, counted from 1 in the order in which they stand."""
    return f"{base}{PRESENTATION}/{item_id}/range/{number}"


def alto(base: str, item_id: str, key: int) -> str:
    """The ALTO file that was handed in with a page."""
    return f"{canvas(base, item_id, key)}/alto.xml"


def collection(base: str, key: str | None, page: int | None = None) -> str:
    """A collection, or a part of its items; without a key the root."""
    address = f"{base}{PRESENTATION}/collections" + (f"/{quote(key)}" if key else "")
    return f"{address}?page={page}" if page else address


def search(base: str, version: int, item_id: str, **asked: str | int | None) -> str:
    """Content Search inside an item, with what is asked."""
    return _asking(f"{base}/iiif/search/{version}/{item_id}", asked)


def autocomplete(base: str, version: int, item_id: str, **asked: str | int | None) -> str:
    """What could be searched for inside an item."""
    return _asking(f"{base}/iiif/search/{version}/{item_id}/autocomplete", asked)


def activities(base: str) -> str:
    """The list of changes."""
    return f"{base}{DISCOVERY}/activities"


def activity_page(base: str, number: int) -> str:
    """A page of the list of changes, from 0."""
    return f"{activities(base)}/page/{number}"


def _asking(address: str, asked: dict[str, str | int | None]) -> str:
    told = {name: value for name, value in asked.items() if value not in (None, "")}
    return f"{address}?{urlencode(told)}" if told else address
