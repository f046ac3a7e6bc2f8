"""A reference in the forms that programs for literature read: RIS and BibTeX.

RIS after the format specification of Research Information Systems (2011, types and tags); BibTeX after Oren Patashnik,
*BibTeXing* (1988), with the fields `url`, `urldate` and `language` that biblatex added and that Zotero and JabRef read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from wenyuan.repo.description import Agent, Description, ItemKind

RIS_TYPE = "application/x-research-info-systems"
BIBTEX_TYPE = "application/x-bibtex"

TRANSLATING = ("譯", "译")
EDITING = ("校", "注", "註", "整理", "點校", "点校")
"""Ends of the roles of those who did not write the work but brought it to its readers."""

_RIS_KINDS = {
    ItemKind.BOOK: "BOOK",
    ItemKind.NEWSPAPER: "NEWS",
    ItemKind.GENEALOGY: "BOOK",
    ItemKind.MANUSCRIPT: "MANSCPT",
    ItemKind.MAP: "MAP",
    ItemKind.PHOTOGRAPH: "ART",
    ItemKind.REPORT: "RPRT",
    ItemKind.EBOOK: "EBOOK",
    ItemKind.ARTICLE: "JOUR",
}
_BIBTEX_KINDS = {
    ItemKind.BOOK: "book",
    ItemKind.GENEALOGY: "book",
    ItemKind.EBOOK: "book",
    ItemKind.MANUSCRIPT: "unpublished",
    ItemKind.REPORT: "techreport",
    ItemKind.ARTICLE: "article",
}
"""All others are `misc`: programs throw entries away whose kind they do not know, as `map` and `periodical`."""
_PUBLISHED_IN = {ItemKind.ARTICLE: "journal", ItemKind.NEWSPAPER: "journal"}
_MADE_BY = {ItemKind.REPORT: "institution"}

_BIBTEX_MEANT = {
    "\\": r"\textbackslash{}",
    # Braces are counted whether or not a backslash stands before them, so that `\{` alone ends the field elsewhere.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "#$%&_"},
}


@dataclass(frozen=True, slots=True)
class Cited:
    """What is cited, and as what.

    Attributes:
        of: the description.
        key: names the entry: letters, digits and hyphens.
        year: its Gregorian year or years as `wenyuan.repo.dates` writes them in English; empty where there are none.
        url: the lasting address of the item, or of the page.
        day: the day it was read.
        page: what the page is called; empty where the whole is cited.
    """

    of: Description
    key: str
    year: str
    url: str
    day: date
    page: str = ""


def ris(cited: Cited) -> str:
    """One record, with the line ends and the closing tag that the format asks for."""
    lines = [f"{tag}  - {_on_one_line(value)}" for tag, value in _ris_fields(cited) if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def bibtex(cited: Cited) -> str:
    """One entry in UTF-8, as bibtexu, biber and all programs with windows read it."""
    kind = _BIBTEX_KINDS.get(cited.of.kind, "misc")
    fields = [f"  {name} = {{{value}}}" for name, value in _bibtex_fields(cited) if value]
    return f"@{kind}{{{cited.key},\n" + ",\n".join(fields) + "\n}\n"


def _ris_fields(cited: Cited) -> Iterator[tuple[str, str]]:
    of = cited.of
    yield "TY", _RIS_KINDS[of.kind]
    yield "ID", cited.key
    yield "TI", of.title
    for agent in of.agents:
        yield _role(agent, "AU", "ED", "A4"), agent.name
    yield "PY", _first_year(cited.year)
    yield "DA", _ris_day(of.date)
    yield "ET", of.edition
    yield "CY", of.place
    yield "PB", of.publisher
    yield "T2", of.series
    yield "VL", of.volume
    yield "SP", cited.page
    yield "SN", _isbn(of)
    yield "CN", of.call_number
    yield "DP", of.holder
    yield "LA", ", ".join(of.languages)
    for subject in of.subjects:
        yield "KW", subject
    yield "AB", of.description
    yield "N1", of.date if _says_more(of.date, cited.year) else ""
    yield "UR", cited.url
    yield "Y2", f"{cited.day:%Y/%m/%d}//"


def _bibtex_fields(cited: Cited) -> Iterator[tuple[str, str]]:
    of = cited.of
    yield "title", _meant(of.title)
    yield "author", _names(of, lambda agent: _role(agent, "author", "editor", "translator") == "author")
    yield "editor", _names(of, lambda agent: _role(agent, "author", "editor", "translator") == "editor")
    yield "translator", _names(of, lambda agent: _role(agent, "author", "editor", "translator") == "translator")
    yield "year", _meant(cited.year or of.date).replace("–", "--")
    yield "edition", _meant(of.edition)
    yield "address", _meant(of.place)
    yield _MADE_BY.get(of.kind, "publisher"), _meant(of.publisher)
    yield _PUBLISHED_IN.get(of.kind, "series"), _meant(of.series)
    yield "volume", _meant(of.volume)
    yield "pages", _meant(cited.page)
    yield "isbn", _isbn(of)
    yield "library", _meant(" ".join(part for part in (of.holder, of.call_number) if part))
    yield "language", _meant(", ".join(of.languages))
    yield "keywords", _meant(", ".join(of.subjects))
    yield "abstract", _meant(of.description)
    yield "note", _meant(of.date if _says_more(of.date, cited.year) else "")
    yield "url", cited.url
    yield "urldate", cited.day.isoformat()


def _role(agent: Agent, author: str, editor: str, translator: str) -> str:
    if agent.role.endswith(TRANSLATING):
        return translator
    return editor if agent.role.endswith(EDITING) else author


def _names(of: Description, wanted: Callable[[Agent], bool]) -> str:
    return " and ".join(_name(agent.name) for agent in of.agents if wanted(agent))


def _name(name: str) -> str:
    """A name in braces stays whole: no Chinese one is taken apart into a first and a last; `Giles, Herbert` is."""
    is_apart = re.fullmatch(r"[^,]+, [^,]+", name) and " and " not in name
    return _meant(name) if is_apart else f"{{{_meant(name)}}}"


def _meant(text: str) -> str:
    return "".join(_BIBTEX_MEANT.get(character, character) for character in _on_one_line(text))


def _on_one_line(text: str) -> str:
    """Lines and control characters as blanks: a line of RIS that looks like a tag is one."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _first_year(years: str) -> str:
    found = re.match(r"\d+", years)
    return found[0].zfill(4) if found and "BC" not in years else ""


def _ris_day(written: str) -> str:
    """YYYY/MM/DD/ of a Western date that has at least a month."""
    found = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", written)
    return f"{found[1]}/{found[2]}/{found[3] or ''}/" if found else ""


def _says_more(written: str, years: str) -> bool:
    """Whether a date as it stands on the thing tells what its Gregorian year does not: the reign."""
    return bool(years) and not re.match(r"\d{4}", written)


def _isbn(of: Description) -> str:
    found = (re.fullmatch(r"(?i:urn:isbn:|isbn[: ]*)([\d -]+[\dx])", each, re.IGNORECASE) for each in of.identifiers)
    return next((match[1].strip() for match in found if match), "")
