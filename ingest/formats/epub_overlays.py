"""Voices that read along with the text: media overlays (EPUB 3.3, section 9), documents of SMIL, as plain rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml.etree import _Element as Element

from wenyuan.ingest.formats.epub_book import Book, Entries, first, local
from wenyuan.ingest.formats.sanitise_links import Kind, References
from wenyuan.ingest.formats.sanitise_parse import parse_xml
from wenyuan.repo.book_data import Spoken
from wenyuan.repo.errors import BadInput

_SMIL = "application/smil+xml"
_MOST_ROWS = 200_000
_SOUNDS = frozenset((Kind.SOUND, Kind.FILM))
_CLOCK = re.compile(
    r"(?:(?:(?P<h>\d{1,6}):)?(?P<m>[0-5]?\d):)?(?P<s>\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?P<unit>h|min|s|ms)?"
)
"""With so many digits at most: Python refuses to read a number of thousands (`sys.int_info`)."""
_UNITS = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 0.001, None: 1.0}
_CLASS = re.compile(r"-?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*")

Rows = dict[str, list[Spoken]]


def read_overlays(book: Book, entries: Entries, references: Callable[[str], References]) -> Rows:
    """What is read aloud, by chapter entry of the package, in the order of the overlays.

    Args:
        book: names the documents.
        entries: of the archive.
        references: (path of a document in the archive) → what knows where its addresses lead.
    """
    rows: Rows = {}
    left = _MOST_ROWS
    for path in dict.fromkeys(item.path for item in book.resources.values() if item.media_type == _SMIL):
        found = entries.find(path)
        if found is None:
            continue
        try:
            root = parse_xml(entries.text(found))
        except BadInput:
            continue  # a book whose voice is broken is read in silence
        known = references(found)
        for pair in root.iter() if root is not None else ():
            if local(pair) == "par" and left > 0:
                left -= 1
                _add(pair, known, rows)
    return rows


def active_class(book: Book) -> str:
    """The class that the book's sheets have for what is being read (section 9.3.2.3); empty where it names none."""
    for meta in _metas(book):
        if meta.get("property") == "media:active-class":
            name = (meta.text or "").strip()
            return name if _CLASS.fullmatch(name) else ""
    return ""


def seconds(clock: str) -> float | None:
    """A SMIL clock value (SMIL 3.0, section 5.4.3), None for what is none.

    >>> seconds("0:01:02.5"), seconds("npt=3s"), seconds("250ms")
    (62.5, 3.0, 0.25)
    """
    found = _CLOCK.fullmatch(clock.strip().removeprefix("npt="))
    if found is None or (found["m"] and found["unit"]):
        return None
    whole = int(found["h"] or 0) * 3600 + int(found["m"] or 0) * 60 + float(found["s"]) * _UNITS[found["unit"]]
    return round(whole, 3) if whole < 10**7 else None


def _metas(book: Book) -> Iterator[Element]:
    metadata = first(book.package, "metadata")
    return (element for element in (metadata.iter() if metadata is not None else ()) if local(element) == "meta")


def _add(pair: Element, references: References, rows: Rows) -> None:
    text = next((part for part in pair if local(part) == "text"), None)
    audio = next((part for part in pair if local(part) == "audio"), None)
    if text is None or audio is None:
        return  # without a voice of its own the text is left to the reader's
    place, sound = references.locate(text.get("src") or ""), references.locate(audio.get("src") or "")
    if place is None or sound is None or sound.kind not in _SOUNDS:
        return
    start, end = seconds(audio.get("clipBegin") or "0"), seconds(audio.get("clipEnd") or "")
    if end is not None and end <= (start or 0.0):
        return
    rows.setdefault(place.entry, []).append(Spoken(place.fragment, sound.entry, start or 0.0, end))
