"""What has changed, for harvesters (IIIF Change Discovery API 1.0, level 2), out of the catalogue's events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from wenyuan.reader.iiif import addresses, answers
from wenyuan.reader.iiif.answers import Json
from wenyuan.repo.catalogue.events import Change

PAGE = 100
"""Activities a page. Pages are full from the oldest on, so that a new activity changes the last one alone."""


def collection(base: str, total: int) -> Json:
    """The entry point.

    Args:
        base: address of the site, without a slash at its end.
        total: of all activities.
    """
    document: Json = {
        "@context": answers.DISCOVERY,
        "id": addresses.activities(base),
        "type": "OrderedCollection",
        "totalItems": total,
    }
    if total:
        document |= {"first": _page(base, 0), "last": _page(base, last_page(total))}
    return document


def page(base: str, number: int, total: int, changes: Iterable[Change]) -> Json:
    """A page of activities, oldest first."""
    document: Json = {
        "@context": answers.DISCOVERY,
        **_page(base, number),
        "partOf": {"id": addresses.activities(base), "type": "OrderedCollection"},
        "startIndex": number * PAGE,
    }
    if number > 0:
        document["prev"] = _page(base, number - 1)
    if number < last_page(total):
        document["next"] = _page(base, number + 1)
    return {**document, "orderedItems": [_activity(base, change) for change in changes]}


def last_page(total: int) -> int:
    """Number of the newest page, from 0; -1 where there is none."""
    return -(-total // PAGE) - 1


def _page(base: str, number: int) -> Json:
    return {"id": addresses.activity_page(base, number), "type": "OrderedCollectionPage"}


def _activity(base: str, change: Change) -> Json:
    return {
        "type": change.kind.value,
        "object": {"id": addresses.manifest(base, change.item), "type": "Manifest"},
        "endTime": change.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
