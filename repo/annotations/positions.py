"""Where somebody is in a book who reads it on several devices: the later wins, the farther is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wenyuan.repo.annotations.model import Device

FARTHER = 0.005
"""Of the whole book; less is a page turned back to see the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was on one device.

    Attributes:
        page: key of the page.
        start: code points before it in the page's text, where known.
        progression: of the whole book, 0 to 1.
        time: when it was read there.
    """

    device: Device
    page: int
    start: int | None
    progression: float
    time: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """Where the book opens, and where else somebody may want to go."""

    here: Place | None = None
    offered: Place | None = None


def choose(places: Sequence[Place], asking: str | None = None) -> Choice:
    """Of the places on all devices, the one to open at and the one to offer.

    The later wins. One of another device that is farther by more than half a percent is offered, the farthest of them;
    else the asking device's own, where that is another place.

    Args:
        places: one for each device.
        asking: id of the device that asks.
    """
    if not places:
        return Choice()
    here = max(places, key=lambda one: (one.time, one.progression, one.device.id))
    others = [one for one in places if one.device.id != here.device.id]
    # Rounded: 0.505 - 0.5 is a little more than 0.005 in binary.
    farther = [one for one in others if round(one.progression - here.progression, 9) > FARTHER]
    if farther:
        return Choice(here, max(farther, key=lambda one: (one.progression, one.time, one.device.id)))
    own = next((one for one in others if one.device.id == asking), None)
    differs = own is not None and (own.page, own.start) != (here.page, here.start)
    return Choice(here, own if differs else None)
