"""The description of an item: Dublin Core, and what Chinese libraries need besides.

Read from `metadata.json`, a row of `metadata.csv`, and what files say of themselves; written into every manifest.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from wenyuan.repo.recognition_settings import Recognition

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)]


class ItemKind(StrEnum):
    """What sort of thing it is; the icon and the facet."""

    BOOK = "book"
    NEWSPAPER = "newspaper"
    GENEALOGY = "genealogy"
    MANUSCRIPT = "manuscript"
    MAP = "map"
    PHOTOGRAPH = "photograph"
    REPORT = "report"
    EBOOK = "ebook"
    ARTICLE = "article"


class ViewingDirection(StrEnum):
    """Which way the pages turn (IIIF Presentation 3.0, viewingDirection)."""

    LEFT_TO_RIGHT = "left-to-right"
    RIGHT_TO_LEFT = "right-to-left"


class Writing(StrEnum):
    """How the text runs."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class Access(StrEnum):
    """The tier of access. The rights issue adds on site, partner library, licensed and embargoed."""

    OPEN = "open"
    SIGNED_IN = "signed-in"
    STAFF = "staff"


class Agent(BaseModel):
    """A person or body responsible: 清 · 舒懋官 · 修."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ShortText = Field(min_length=1)
    dynasty: ShortText = ""
    role: ShortText = ""
    """著, 修, 纂, 編, 譯, 攝影 … as the thing says it."""


class Description(BaseModel):
    """Dublin Core terms in brackets where the name differs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: ShortText = Field(min_length=1)
    title_variants: tuple[ShortText, ...] = ()
    """Other titles [alternative]: 又名, 書脊題名, the simplified form."""
    kind: ItemKind = ItemKind.BOOK
    """[type]"""
    agents: tuple[Agent, ...] = ()
    """[creator, contributor]"""
    edition: ShortText = ""
    """版本, e.g. 清嘉慶二十四年刻本"""
    date: ShortText = ""
    """As on the thing: 乾隆三十年, 民國二十五年五月, 1936-05-01; years are derived: `wenyuan.repo.dates`."""
    place: ShortText = ""
    """[spatial] of publication or of the picture"""
    publisher: ShortText = ""
    classification: ShortText = ""
    """中图法 number, e.g. K296.53"""
    subjects: tuple[ShortText, ...] = ()
    languages: tuple[ShortText, ...] = ()
    """BCP 47: zh-Hans, zh-Hant, lzh, en"""
    call_number: ShortText = ""
    """索書號"""
    holder: ShortText = ""
    """Holding library [provenance]"""
    rights: ShortText = ""
    """URI of a rights statement: rightsstatements.org or creativecommons.org"""
    rights_note: Text = ""
    access: Access = Access.OPEN
    description: Text = ""
    """Summary [abstract]"""
    identifiers: tuple[ShortText, ...] = ()
    extent: ShortText = ""
    source: Text = ""
    """Where the scan or file comes from"""
    series: ShortText = ""
    """Title of the work that this volume or issue belongs to [isPartOf]"""
    volume: ShortText = ""
    """Its name within the work: 卷一, 第三期"""
    viewing_direction: ViewingDirection = ViewingDirection.LEFT_TO_RIGHT
    writing: Writing = Writing.HORIZONTAL
    recognition: Recognition | None = None
    """How its pages are to be read by OCR, where that differs from its collection's."""


def usable(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that can be used; what cannot is left out, title included."""
    # PostgreSQL keeps no NUL in a text, and what files say of themselves may end in one.
    kept: dict[str, Any] = json.loads(json.dumps(fields).replace("\\u0000", ""))
    while True:
        try:
            Description.model_validate({"title": "-", **kept})
        except ValidationError as error:
            wrong = str(error.errors()[0]["loc"][0])
            if wrong not in kept:
                return {}
            del kept[wrong]
        else:
            return kept


def as_stored(fields: dict[str, Any]) -> Description:
    """A description taken under rules that may have grown stricter since: one field must not hide the whole item."""
    try:
        return Description.model_validate(fields)
    except ValidationError:
        return Description.model_validate({"title": "—", **usable(fields)})
