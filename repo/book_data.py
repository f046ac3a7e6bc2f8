"""What an e-book says of itself beside its chapters, as ingest found it: an entry of the package, read as plain values.

Pages of the printed edition (EPUB 3.3, section 7.4.4), voices that read along (section 9, media overlays), how its
pages are laid out (section 8.2), and whom it is made for (EPUB Accessibility 1.1, with the words of schema.org).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

ENTRY = "wenyuan/book.json"
"""Of the package; those made before version 2 have none."""
LAYOUTS = ("reflowable", "pre-paginated")
FLOWS = ("auto", "paginated", "scrolled-continuous", "scrolled-doc")
SPREADS = ("auto", "none", "both", "landscape")


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """Where a page of the printed edition begins.

    Attributes:
        label: as printed: 12, xiv, 卷二・三.
        entry: of the package, not escaped.
        fragment: `id` in it, not escaped; empty for its beginning.
    """

    label: str
    entry: str
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of a chapter that somebody reads aloud.

    Attributes:
        id: of the element that is read; empty for the whole chapter.
        audio: entry of the package, not escaped.
        start_s: seconds into it.
        end_s: likewise; None for its end.
    """

    id: str
    audio: str
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Accessibility:
    """Whom the book is made for, in the words of schema.org: alternativeText, noFlashingHazard, textual and so on.

    Attributes:
        summary: in the publisher's words.
        conforms_to: the standard that somebody says it was checked against.
    """

    summary: str = ""
    features: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    conforms_to: str = ""


@dataclass(frozen=True, slots=True)
class BookData:
    """The whole; empty for books that say nothing, and for packages made before there was such an entry.

    Attributes:
        overlays: by the entry of a chapter, in the order of reading.
        active_class: that the book's own style sheet has for what is being read aloud; may be empty.
        layout: one of LAYOUTS; chapters may differ (`data-wy-layout` on their root).
        spread: one of SPREADS: when two pages lie side by side.
        flow: one of FLOWS: what the makers of flowing text would like best.
    """

    page_list: tuple[PrintedPage, ...] = ()
    overlays: dict[str, tuple[Spoken, ...]] = field(default_factory=dict)
    active_class: str = ""
    layout: str = "reflowable"
    spread: str = "auto"
    flow: str = "auto"
    accessibility: Accessibility = field(default_factory=Accessibility)


def encode(data: BookData) -> bytes:
    """As JSON in UTF-8; the same data give the same bytes."""
    overlays = {
        entry: [{"id": row.id, "audio": row.audio, "from": row.start_s, "to": row.end_s} for row in rows]
        for entry, rows in sorted(data.overlays.items())
    }
    whole = {
        "page_list": [asdict(page) for page in data.page_list],
        "overlays": overlays,
        "active_class": data.active_class,
        "layout": data.layout,
        "spread": data.spread,
        "flow": data.flow,
        "accessibility": asdict(data.accessibility),
    }
    return (json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def decode(raw: bytes) -> BookData:
    """Read it back. What a later version has added is passed over; what an earlier one lacked is empty.

    Raises:
        ValueError: not what `encode` writes.
    """
    try:
        whole: dict[str, Any] = json.loads(raw)
        access = whole.get("accessibility", {})
        return BookData(
            tuple(PrintedPage(page["label"], page["entry"], page["fragment"]) for page in whole.get("page_list", ())),
            {
                entry: tuple(Spoken(row["id"], row["audio"], row["from"], row["to"]) for row in rows)
                for entry, rows in whole.get("overlays", {}).items()
            },
            whole.get("active_class", ""),
            whole.get("layout", LAYOUTS[0]),
            whole.get("spread", SPREADS[0]),
            whole.get("flow", FLOWS[0]),
            Accessibility(
                access.get("summary", ""),
                tuple(access.get("features", ())),
                tuple(access.get("hazards", ())),
                tuple(access.get("modes", ())),
                access.get("conforms_to", ""),
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{ENTRY}: {error!r}") from error
