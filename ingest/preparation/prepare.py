"""The steps that need no engine, in their order: bounded size, blank or not, even light."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wenyuan.ingest.engines.engine import Picture
from wenyuan.ingest.preparation import light, loading
from wenyuan.ingest.preparation.blank import is_blank
from wenyuan.ingest.preparation.orientation import turned
from wenyuan.ingest.preparation.page_map import PageMap
from wenyuan.ingest.preparation.steps import Steps


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page ready to be read.

    Attributes:
        picture: bounded in size.
        map: back to the page as given.
        record: what each step did; plain JSON values.
        reason: why it need not be read: `blank`; None where it is to be read.
    """

    picture: Picture
    map: PageMap
    record: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None

    def turned(self, quarters: int) -> Prepared:
        """The same page turned clockwise."""
        where = PageMap(self.map.width, self.map.height, self.map.scale, quarters)
        return Prepared(turned(self.picture, quarters), where, {**self.record, "turned": 90 * quarters})


def prepare(picture: Any, steps: Steps) -> Prepared:
    """Bring a page into memory and make it ready.

    Args:
        picture: a `pyvips.Image`, or pixels (height × width × 3, RGB, 8 bit).

    Raises:
        pyvips.Error: it cannot be decoded; use `wenyuan.ingest.formats.pixels.decoding`.
    """
    if isinstance(picture, np.ndarray):
        height, width = picture.shape[:2]
        pixels, scale = picture, 1.0
    else:
        width, height = picture.width, picture.height
        pixels, scale = loading.pixels(picture)
    where = PageMap(width, height, scale)
    record = {"scale": round(scale, 4)} if scale < 1 else {}
    if is_blank(pixels):
        return Prepared(pixels, where, record, "blank")
    return Prepared(light.evened(pixels) if steps.light else pixels, where, record)
