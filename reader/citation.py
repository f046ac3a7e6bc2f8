"""One line to cite an item by, after GB/T 7714-2015 (信息与文献　参考文献著录规则), §4 and §8."""

from __future__ import annotations

import re
from datetime import date

from wenyuan.reader.references import EDITING, TRANSLATING
from wenyuan.repo.description import Agent, Description, ItemKind

_TYPES = {
    ItemKind.BOOK: "M",
    ItemKind.NEWSPAPER: "N",
    ItemKind.GENEALOGY: "M",
    ItemKind.MANUSCRIPT: "M",
    ItemKind.MAP: "CM",
    ItemKind.PHOTOGRAPH: "Z",
    ItemKind.REPORT: "R",
    ItemKind.EBOOK: "M",
    ItemKind.ARTICLE: "J",
}
"""Annex B of the standard; Z is 其他."""
_SECONDARY_ROLES = (*TRANSLATING, *EDITING)
_MOST_NAMES = 3
"""§8.1.2: of more than three persons the first three, then 等."""


def gb_t_7714(of: Description, *, year: str, url: str, cited: date) -> str:
    """The reference of an item that is read online.

    Args:
        of: the description.
        year: Gregorian year of its date, or empty; a date that is written otherwise follows in brackets (§8.4.3).
        url: the permanent address of the item page.
        cited: the day it was read.
    """
    first = [each for each in of.agents if not each.role.endswith(_SECONDARY_ROLES)]
    second = [each for each in of.agents if each not in first]
    head = [
        _names(first),
        f"{of.title.replace('　', ' ')}[{_TYPES[of.kind]}/OL]",
        _names(second, with_role=True),
        of.edition,
    ]
    parts = [part for part in head if part]
    if imprint := _imprint(of, year):
        parts.append(imprint)
    return f"{'. '.join(parts)}[{cited.isoformat()}]. {url}."


def _names(agents: list[Agent], *, with_role: bool = False) -> str:
    names = [f"{each.name}{each.role}" if with_role else each.name for each in agents[:_MOST_NAMES]]
    return ", ".join([*names, "等"] if len(agents) > _MOST_NAMES else names)


def _imprint(of: Description, year: str) -> str:
    made = ": ".join(part for part in (of.place, of.publisher) if part)
    return ", ".join(part for part in (made, _year(of.date, year)) if part)


def _year(written: str, year: str) -> str:
    if not written:
        return ""
    digits = re.match(r"\d{4}", written)
    if digits:
        return digits[0]
    found = re.search(r"\d{3,4}", year)
    return f"{found[0]}({written})" if found else written
