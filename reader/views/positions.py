"""Where a reader is in a book, kept for each of their devices: `/api/positions/<item>`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from wenyuan.reader import guard, labels
from wenyuan.reader.annotation_answers import asker, sent
from wenyuan.reader.context import library, reading
from wenyuan.repo.annotations.model import READING, Anchor, Anchored, Annotation, Device, Draft
from wenyuan.repo.annotations.positions import Choice, Place, choose
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import items
from wenyuan.repo.errors import AnnotationUnclear
from wenyuan.repo.items import Item
from wenyuan.repo.policy import Action

blueprint = Blueprint("positions", __name__)

MOST_DEVICES = 20
"""Whose places are kept for one book; the one that was read on longest ago goes."""
NAME_CHARACTERS = 60
LONGEST_AGE = timedelta(days=366)
"""How long ago a place may have been read that comes only now: a loan of a year, offline."""
_DEVICE = re.compile(r"[A-Za-z0-9-]{1,64}")
_LARGEST = 2**31 - 1


@blueprint.get("/api/positions/<item_id>")
def get(item_id: str) -> ResponseReturnValue:
    """Where the book opens, and where else one may want to go on."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    name = asker()
    return _answer(name, item, request.args.get("device"))


@blueprint.put("/api/positions/<item_id>")
def put(item_id: str) -> ResponseReturnValue:
    """Note where one is; the answer is that of `get`, for other devices may be farther."""
    item = guard.item_for(Action.READ_PAGE, item_id)
    name = asker()
    told = sent()
    place = _place(told, datetime.now(UTC))
    with reading() as session:
        items.page_by_key(session, item_id, place.page)
    _keep(name, item_id, place)
    return _answer(name, item, place.device.id)


def _place(told: Mapping[str, Any], now: datetime) -> Place:
    """What a device says.

    Raises:
        AnnotationUnclear: with the piece that makes no sense.
    """
    device = told.get("device")
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        raise _unclear("device", device)
    page = told.get("page")
    start = told.get("start")
    age_s = _number(told, "age_s", 0, LONGEST_AGE.total_seconds(), default=0)
    return Place(
        device=Device(device, _name(told.get("device_name", ""))),
        page=_whole("page", page),
        start=_whole("start", start) if start is not None else None,
        progression=_number(told, "progression", 0, 1),
        time=now - timedelta(seconds=age_s),
    )


def _name(told: object) -> str:
    """A device's name on one line, without signs that would turn or hide what follows."""
    if not isinstance(told, str):
        raise _unclear("device_name", told)
    return " ".join("".join(each if each.isprintable() else " " for each in told).split())[:NAME_CHARACTERS]


def _whole(piece: str, told: object) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= _LARGEST:
        raise _unclear(piece, told)
    return told


def _number(told: Mapping[str, Any], piece: str, least: float, most: float, default: float | None = None) -> float:
    value = told.get(piece, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise _unclear(piece, value)
    return float(value)


def _unclear(piece: str, told: object) -> AnnotationUnclear:
    return AnnotationUnclear(piece=piece, sent=repr(told)[:80])


def _keep(name: str, item: str, place: Place) -> None:
    """Write it down for this device, unless a later one has come before it."""
    canonical = f"urn:wenyuan:position:{item}:{place.device.id}"
    anchor = Anchor(place.page, place.start, place.start)
    draft = Draft(item, anchor, READING, canonical=canonical, device=place.device, progression=place.progression)
    with library().catalogue.writing() as session:
        held = notes.named(session, name, canonical)
        if held is None:
            number, time = secrets.token_hex(10), place.time
            new = Annotation(number, name, draft, anchor, Anchored.HERE, "", 1, time, time)
            if notes.add(session, new):
                _forget_oldest(session, name, item)
                return
            held = notes.named(session, name, canonical)  # made by another request of the same device just now
        if held is not None and held.modified <= place.time:
            changed = Annotation(
                held.id, name, draft, anchor, Anchored.HERE, "", held.version + 1, held.created, place.time
            )
            notes.write(session, changed, held.version)


def _forget_oldest(session: Any, name: str, item: str) -> None:
    for old in notes.positions(session, name, item)[MOST_DEVICES:]:
        notes.remove(session, old.id)


def _answer(name: str, item: Item, device: str | None) -> Response:
    with reading() as session:
        held = notes.positions(session, name, item.id)
        pages = items.pages_by_key(session, {(item.id, one.anchor.page) for one in held})
    places = [_of(one) for one in held if (item.id, one.anchor.page) in pages]
    chosen: Choice = choose(places, device)

    def told(place: Place | None) -> dict[str, Any] | None:
        if place is None:
            return None
        page = pages[item.id, place.page]
        return {
            "page": place.page,
            "position": page.position,
            "start": place.start,
            "progression": place.progression,
            "device": place.device.id,
            "device_name": place.device.name,
            "time": place.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "label": labels.page(item, page.position, page.label),
        }

    response = jsonify(here=told(chosen.here), offered=told(chosen.offered))
    response.headers["Cache-Control"] = "private, no-store"
    response.vary.update(("Cookie", "Accept-Language"))
    return response


def _of(one: Annotation) -> Place:
    device = one.draft.device or Device("", "")
    return Place(device, one.anchor.page, one.anchor.start, one.draft.progression or 0.0, one.modified)
