"""The query language of the search: `words, "phrase", -without, title:, person:, year:1900..1949, in:collection`.

Only what stands at the beginning of a piece is an operator, so that `a-b`, a URL or a sentence with a colon is text.
The names of the fields are also understood in Chinese, and with a full-width colon: 题名：深圳.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from wenyuan.repo import chinese
from wenyuan.repo.chinese import Phrase, Query
from wenyuan.repo.confusions import forms
from wenyuan.repo.dates import parse_date
from wenyuan.repo.errors import QueryUnclear

MOST_FORMS = 8
"""Forms of one clause at most, the typed one among them."""

_FIELDS = {
    **dict.fromkeys(["title", "题名", "題名", "书名", "書名"], "title"),
    **dict.fromkeys(["person", "责任者", "責任者", "作者", "著者"], "person"),
    **dict.fromkeys(["year", "年", "年份", "年代"], "year"),
    **dict.fromkeys(["in", "专藏", "專藏"], "in"),
}
_NAMES = "|".join(sorted(_FIELDS, key=len, reverse=True))
_OPERATOR = re.compile(rf"(?P<name>{_NAMES})[:：]|[-－−](?=\S)", re.IGNORECASE)
_YEARS = re.compile(r"(?P<first>-?\d{1,4})?年?(?:(?P<to>\s*(?:\.\.+|…|-|–|—|~|至|到)\s*)(?P<last>-?\d{1,4})?年?)?")

Years = tuple[int | None, int | None]
"""First and last year, both included; None: open on that side."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One of these phrases must be there.

    Attributes:
        any_of: first as typed, then old forms and characters that OCR takes for each other; at most MOST_FORMS.
        typed: the first of them in the very characters typed, squeezed but not folded.
    """

    any_of: tuple[Phrase, ...]
    typed: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a person asks of the whole library; false where it asks for nothing.

    Attributes:
        text: clauses that must all stand on one page, or all in title and names.
        without: phrases that must stand neither on the page nor in title and names.
        titles: phrases that the titles must hold.
        persons: phrases that the names of persons must hold.
        years: the item's years must overlap these.
        collection: key of a collection that the item must be in, or as a person has named it: whoever knows the
            collections puts the key in its place.
    """

    text: tuple[Clause, ...] = ()
    without: tuple[Phrase, ...] = ()
    titles: tuple[Phrase, ...] = ()
    persons: tuple[Phrase, ...] = ()
    years: Years | None = None
    collection: str | None = None

    def __bool__(self) -> bool:
        return bool(self.text or self.titles or self.persons or self.years or self.collection)

    @property
    def marked(self) -> Query:
        """All phrases of the text, for snippets and boxes."""
        phrases = (phrase for clause in self.text for phrase in clause.any_of)
        return Query(tuple({phrase.text: phrase for phrase in phrases}.values()))


def plain(text: str) -> SearchQuery:
    """A query without operators, as `chinese.parse` reads it: for searching inside one item.

    Raises:
        QueryTooLong: as `chinese.parse`.
    """
    return SearchQuery(tuple(Clause((phrase,)) for phrase in chinese.parse(text).phrases))


def parse(text: str, *, confusions: bool = False) -> SearchQuery:
    """What a query asks for.

    Args:
        text: as typed.
        confusions: also look for old forms and for characters that OCR takes for those typed.

    Raises:
        QueryTooLong: more than `chinese.MAX_QUERY_CHARACTERS`.
        QueryUnclear: a field without a value or given twice, years that are none, or nothing but exclusions.
    """
    chinese.check_length(text)
    found = _Found()
    rest = text.lstrip()
    while rest:
        rest = found.take(rest).lstrip()
    if found.without and not found.is_positive:
        raise QueryUnclear(piece=text.strip())
    return found.query(confusions=confusions)


@dataclass(slots=True)
class _Found:
    """What a query has told so far."""

    text: list[tuple[Phrase, str]] = field(default_factory=list)
    """Each with the characters typed."""
    without: list[Phrase] = field(default_factory=list)
    titles: list[Phrase] = field(default_factory=list)
    persons: list[Phrase] = field(default_factory=list)
    years: Years | None = None
    collection: str | None = None

    def take(self, rest: str) -> str:
        """Read the first piece; gives what follows it."""
        operator = _OPERATOR.match(rest)
        if operator is None:
            piece, after = chinese.piece_of(rest)
            self.text += [(phrase, chinese.written(piece)) for phrase in _one(piece)]
            return after
        value, after = chinese.piece_of(rest[operator.end() :].lstrip() if operator["name"] else rest[1:])
        if operator["name"]:
            self._put(_FIELDS[operator["name"].lower()], value, rest[: len(rest) - len(after)].strip())
        else:
            self.without += _one(value)
        return after

    def _put(self, name: str, value: str, piece: str) -> None:
        """Keep the value of a field; `piece` is all of it as typed."""
        if name in {"title", "person"}:
            phrases = _one(value)
            if not phrases:
                raise QueryUnclear(piece=piece)
            (self.titles if name == "title" else self.persons).extend(phrases)
        elif name == "year":
            years = read_years(value)
            if years is None or self.years is not None:
                raise QueryUnclear(piece=piece)
            self.years = years
        else:
            if not value.strip() or self.collection is not None:
                raise QueryUnclear(piece=piece)
            self.collection = value.strip()

    @property
    def is_positive(self) -> bool:
        return bool(self.text or self.titles or self.persons or self.years or self.collection)

    def query(self, *, confusions: bool) -> SearchQuery:
        """All of it."""
        return SearchQuery(
            tuple(_clause(phrase, typed, confusions=confusions) for phrase, typed in dict.fromkeys(self.text)),
            _unique(self.without),
            _unique(self.titles),
            _unique(self.persons),
            self.years,
            self.collection,
        )


def read_years(value: str) -> Years | None:
    """The years that a value means: 1936, 1900..1949, 1900.., ..1949, 民國二十五年; None where it means none."""
    found = _YEARS.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if found and (found["first"] or found["last"]):
        first = int(found["first"]) if found["first"] else None
        last = int(found["last"]) if found["last"] else None
        if not found["to"]:
            last = first
        return (last, first) if first is not None and last is not None and last < first else (first, last)
    told = parse_date(value)
    return (told.first, told.last) if told else None


def _one(value: str) -> list[Phrase]:
    """A piece is one phrase, or nothing where it is punctuation."""
    squeezed = chinese.squeezed_text(value)
    return [chinese.phrase_of(squeezed)] if squeezed else []


def _unique(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    return tuple({phrase.text: phrase for phrase in phrases}.values())


def _clause(phrase: Phrase, typed: str, *, confusions: bool) -> Clause:
    if not confusions:
        return Clause((phrase,), typed)
    return Clause(tuple(chinese.phrase_of(form) for form in forms(phrase.text, MOST_FORMS)), typed)
