"""What a reader keeps, as plain frozen values. After the W3C Web Annotation Data Model (REC 2017-02-23). No I/O.

One annotation has one target: a page of an item, and on it a stretch of its text, a box in its pixels, or both.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

CONTEXT_CHARACTERS = 32
"""Of the text before and after a quote (code points), as browsers send them; more is cut."""
QUOTE_CHARACTERS = 5_000
"""A quote: some pages of a modern book."""
NOTE_CHARACTERS = 10_000
TAG_CHARACTERS = 100
MOST_TAGS = 20
NAME_CHARACTERS = 200
"""Of a `canonical` IRI."""

READING = "urn:wenyuan:reading"
"""The motivation of a position."""
MOTIVATIONS = (
    "assessing", "bookmarking", "classifying", "commenting", "describing", "editing", "highlighting", "identifying",
    "linking", "moderating", "questioning", "replying", "tagging",
)  # fmt: skip
"""Web Annotation Vocabulary (REC 2017-02-23), §3.2."""


class Colour(StrEnum):
    """四色: what a reader marks with."""

    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    RED = "red"


class Anchored(StrEnum):
    """Whether an annotation still stands where its reader put it."""

    HERE = "here"
    MOVED = "moved"
    """Its text stands elsewhere by now, or was corrected; the anchor follows it."""
    ORPHANED = "orphaned"
    """Its text is not to be found; the anchor says where it was last."""


@dataclass(frozen=True, slots=True)
class Xywh:
    """A box in the pixels of the page (Media Fragments URI 1.0, §4.2.2)."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where something is kept.

    Attributes:
        page: key of the page, which stays with it.
        start: code points before it in the page's plain text (`TextLayer.text`); None where no text is meant.
        end: code points up to its end; `start` for a point, None with it.
        exact: the text from start to end; empty for a point or a box.
        prefix: up to 32 code points before it.
        suffix: up to 32 code points after it.
        box: a place in the page's pixels.
    """

    page: int
    start: int | None = None
    end: int | None = None
    exact: str = ""
    prefix: str = ""
    suffix: str = ""
    box: Xywh | None = None

    @property
    def has_text(self) -> bool:
        """Whether it names a stretch or a point of the text, by place or by quote."""
        return self.start is not None or bool(self.exact)


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody reads on."""

    id: str
    name: str

    @property
    def iri(self) -> str:
        """Its name in JSON-LD."""
        try:
            return uuid.UUID(self.id).urn
        except ValueError:
            return f"urn:wenyuan:device:{self.id}"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a client says of an annotation.

    Attributes:
        item: id of the item.
        motivation: of the W3C's list, or `READING`.
        note: plain text; empty where there is none.
        tags: short words of the reader's.
        canonical: the client's own name for it; makes handing it in twice harmless.
        group: id of the reading group that may see it; None: nobody else.
        on_canvas: the target was told as a IIIF canvas and is told so again.
        others: properties of other clients' that mean nothing here, kept as they came.
    """

    item: str
    anchor: Anchor
    motivation: str
    colour: Colour | None = None
    note: str = ""
    tags: tuple[str, ...] = ()
    canonical: str | None = None
    group: str | None = None
    device: Device | None = None
    progression: float | None = None
    on_canvas: bool = False
    others: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is kept.

    Attributes:
        draft: what it says now; its anchor follows the text.
        made: the anchor as the reader made it.
        layer: SHA-256 of the text layer in which the anchor was last looked for; see `wenyuan.repo.annotating`.
        version: 1, 2, …: counts whatever a client would see as a change.
    """

    id: str
    owner: str
    draft: Draft
    made: Anchor
    anchored: Anchored
    layer: str
    version: int
    created: datetime
    modified: datetime

    @property
    def anchor(self) -> Anchor:
        """Where it stands now."""
        return self.draft.anchor
