"""What a reader keeps, to take home: Markdown to read and to write on, CSV for tables, JSON-LD for other programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from wenyuan.repo.annotations import document
from wenyuan.repo.annotations.model import Anchored, Annotation
from wenyuan.repo.annotations.sites import Site

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&])")
_LINE_SIGNS = re.compile(r"^(\s*)([#+\->=]|\d+[.)])", re.MULTILINE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), in full width, too."""
BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of the machine."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the reader's language in an export.

    Attributes:
        title: of the whole.
        columns: title, page, kind, colour, quote, note, tags, state, made, changed, address.
        kinds: by motivation; "" for any other.
        colours: by colour.
        states: by what became of the anchor; "here" is not told.
        nothing: where there is nothing.
    """

    title: str
    columns: tuple[str, ...]
    kinds: Mapping[str, str]
    colours: Mapping[str, str]
    states: Mapping[str, str]
    nothing: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An annotation with the names of its place.

    Attributes:
        title: of the item.
        citation: the item's reference.
        position: 1-based place of the page; a page that is gone stands last.
        label: what the page is called.
        address: leads there.
        time: when it was made, in words.
    """

    annotation: Annotation
    title: str
    citation: str
    position: int
    label: str
    address: str
    time: str


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """By item as they first come, then as they stand in the book."""
    first: dict[str, int] = {}
    for entry in entries:
        first.setdefault(entry.annotation.draft.item, len(first))

    def place(entry: Entry) -> tuple[int, int, int, datetime, str]:
        one = entry.annotation
        start = one.anchor.start if one.anchor.start is not None else -1
        return first[one.draft.item], entry.position, start, one.created, one.id

    return sorted(entries, key=place)


def markdown(entries: Sequence[Entry], words: Words) -> str:
    """Notes by item and page, each item with its reference (CommonMark 0.31)."""
    parts = [f"# {_plain(words.title)}"]
    for _item, of_item in groupby(in_order(entries), key=lambda entry: entry.annotation.draft.item):
        listed = list(of_item)
        parts.append(f"## {_plain(listed[0].title)}")
        if listed[0].citation:
            parts.append(_plain(listed[0].citation))
        for (_position, label), on_page in groupby(listed, key=lambda entry: (entry.position, entry.label)):
            parts.append(f"### {_plain(label)}")
            parts += [_entry(entry, words) for entry in on_page]
    if not entries:
        parts.append(_plain(words.nothing))
    return "\n\n".join(parts) + "\n"


def table(entries: Sequence[Entry], words: Words) -> str:
    """A row for each (RFC 4180), with a byte order mark; no cell begins a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(words.columns)
    for entry in in_order(entries):
        one = entry.annotation
        draft = one.draft
        row = (
            entry.title,
            entry.label,
            words.kinds.get(draft.motivation, words.kinds.get("", draft.motivation)),
            words.colours.get(draft.colour.value, "") if draft.colour else "",
            one.anchor.exact,
            draft.note,
            " ".join(draft.tags),
            words.states.get(one.anchored.value, ""),
            document.moment(one.created),
            document.moment(one.modified),
            entry.address,
        )
        writer.writerow([_cell(text) for text in row])
    return BOM + target.getvalue()


def collection(entries: Sequence[Entry], site: Site, words: Words) -> dict[str, Any]:
    """An AnnotationCollection with all of it on one page (Web Annotation Data Model, §5)."""
    return {
        "@context": document.CONTEXT,
        "type": "AnnotationCollection",
        "label": words.title,
        "total": len(entries),
        "first": {
            "type": "AnnotationPage",
            "startIndex": 0,
            "items": [document.write(entry.annotation, site, alone=False) for entry in in_order(entries)],
        },
    }


def _entry(entry: Entry, words: Words) -> str:
    one = entry.annotation
    draft = one.draft
    facts = [
        words.kinds.get(draft.motivation, words.kinds.get("", "")),
        words.colours.get(draft.colour.value, "") if draft.colour else "",
        words.states.get(one.anchored.value, "") if one.anchored is not Anchored.HERE else "",
        " ".join(f"#{tag}" for tag in draft.tags),
        entry.time,
    ]
    told = [_quoted(one.anchor.exact)] if one.anchor.exact else []
    if draft.note:
        told.append(_plain(draft.note))
    line = " · ".join(_SIGNS.sub(r"\\\1", fact) for fact in facts if fact)
    told.append(f"{line} · [↗](<{entry.address}>)")
    return "\n\n".join(told)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in _plain(text).split("\n"))


def _plain(text: str) -> str:
    """Words that no sign in them turns into markup; line ends stay."""
    signs = _SIGNS.sub(r"\\\1", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Three blank-started spaces more would be code; a sign at the head of a line a list, a heading or a quote.
    lines = (line.strip() for line in signs.split("\n"))
    return _LINE_SIGNS.sub(r"\1\\\2", "\n".join(lines)).replace("\n\n\n", "\n\n")


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
