"""References for programs: what RIS and BibTeX readers that are not ours make of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import rispy
from pybtex.database import Entry, parse_string

from wenyuan.reader.references import Cited, bibtex, ris
from wenyuan.repo.description import Agent, Description, ItemKind

URL = "https://library.example/items/abc"
DAY = date(2026, 11, 24)
GAZETTEER: dict[str, Any] = {
    "title": "新安縣志",
    "agents": (Agent(name="舒懋官", dynasty="清", role="修"), Agent(name="王崇熙", dynasty="清", role="纂")),
    "edition": "清嘉慶二十四年刻本",
    "date": "嘉慶二十四年",
    "place": "新安",
    "languages": ("lzh",),
    "subjects": ("方志", "廣東"),
    "series": "新安縣志",
    "volume": "卷一",
    "holder": "深圳圖書館",
    "call_number": "善 0042",
    "identifiers": ("ISBN 7-5325-0088-X", "urn:x:1"),
}


def cited(year: str = "", page: str = "", **description: Any) -> Cited:
    return Cited(Description.model_validate({"title": "書", **description}), "abc-3", year, URL, DAY, page)


def read_ris(one: Cited) -> dict[str, Any]:
    (record,) = rispy.loads(ris(one))
    return dict(record)


def read_bibtex(one: Cited) -> Entry:
    entries = parse_string(bibtex(one), "bibtex").entries
    assert list(entries) == ["abc-3"]
    entry = entries["abc-3"]
    assert isinstance(entry, Entry)
    return entry


def test_ris_of_an_old_book_tells_all_that_a_catalogue_card_does() -> None:
    record = read_ris(cited("1819", "卷一 葉三", **GAZETTEER))
    assert record["type_of_reference"] == "BOOK"
    assert record["title"] == "新安縣志"
    assert record["authors"] == ["舒懋官", "王崇熙"], "names stay whole, surname first, as on the title page"
    assert (record["year"], record["edition"], record["place_published"]) == ("1819", "清嘉慶二十四年刻本", "新安")
    assert record["notes"] == ["嘉慶二十四年"], "the reign that stands on the thing is not lost"
    assert (record["volume"], record["start_page"], record["language"]) == ("卷一", "卷一 葉三", "lzh")
    assert record["keywords"] == ["方志", "廣東"]
    assert record["issn"] == "7-5325-0088-X"
    assert (record["urls"], record["access_date"]) == ([URL], "2026/11/24//")


def test_bibtex_of_an_old_book_tells_the_same() -> None:
    entry = read_bibtex(cited("1819", "卷一 葉三", **GAZETTEER))
    assert entry.type == "book"
    assert [str(person) for person in entry.persons["author"]] == ["{舒懋官}", "{王崇熙}"]
    told = dict(entry.fields)
    assert (told["title"], told["year"], told["edition"]) == ("新安縣志", "1819", "清嘉慶二十四年刻本")
    assert (told["address"], told["volume"], told["pages"]) == ("新安", "卷一", "卷一 葉三")
    assert (told["note"], told["language"], told["isbn"]) == ("嘉慶二十四年", "lzh", "7-5325-0088-X")
    assert told["library"] == "深圳圖書館 善 0042"
    assert (told["url"], told["urldate"]) == (URL, "2026-11-24")


@pytest.mark.parametrize(
    ("kind", "in_ris", "in_bibtex"),
    [
        (ItemKind.BOOK, "BOOK", "book"),
        (ItemKind.NEWSPAPER, "NEWS", "misc"),
        (ItemKind.GENEALOGY, "BOOK", "book"),
        (ItemKind.MANUSCRIPT, "MANSCPT", "unpublished"),
        (ItemKind.MAP, "MAP", "misc"),
        (ItemKind.PHOTOGRAPH, "ART", "misc"),
        (ItemKind.REPORT, "RPRT", "techreport"),
        (ItemKind.EBOOK, "EBOOK", "book"),
        (ItemKind.ARTICLE, "JOUR", "article"),
    ],
)
def test_every_kind_has_a_type_that_programs_know(kind: ItemKind, in_ris: str, in_bibtex: str) -> None:
    assert in_ris in rispy.TYPE_OF_REFERENCE_MAPPING
    assert read_ris(cited(kind=kind))["type_of_reference"] == in_ris
    assert read_bibtex(cited(kind=kind)).type == in_bibtex


def test_no_kind_is_forgotten() -> None:
    for kind in ItemKind:
        assert read_ris(cited(kind=kind))["title"] == "書"


def test_who_translated_and_who_edited_is_not_the_author() -> None:
    agents = (Agent(name="鳩摩羅什", role="譯"), Agent(name="王力", role="點校"), Agent(name="佚名", role="撰"))
    record, entry = read_ris(cited(agents=agents)), read_bibtex(cited(agents=agents))
    assert record["authors"] == ["佚名"]
    assert "A4  - 鳩摩羅什" in ris(cited(agents=agents)).split("\r\n")
    assert {role: [str(one) for one in people] for role, people in entry.persons.items()} == {
        "author": ["{佚名}"], "editor": ["{王力}"],
    }  # fmt: skip
    assert entry.fields["translator"] == "{鳩摩羅什}"


def test_a_western_name_that_is_turned_round_is_taken_apart_and_a_body_is_not() -> None:
    agents = (Agent(name="Giles, Herbert A."), Agent(name="Shenzhen Library and Archives"))
    people = read_bibtex(cited(agents=agents)).persons["author"]
    assert people[0].last_names == ["Giles"]
    assert str(people[1]) == "{Shenzhen Library and Archives}"


def test_what_means_something_to_bibtex_does_nothing() -> None:
    title = r"100% {Ding} \end & #1_$x~y^z} @book{evil,"
    entry = read_bibtex(cited(title=title, description="a } b { c", publisher="}"))
    assert entry.fields["title"] == (
        r"100\% \textbraceleft{}Ding\textbraceright{} \textbackslash{}end \& \#1\_\$x\textasciitilde{}y"
        r"\textasciicircum{}z\textbraceright{} @book\textbraceleft{}evil,"
    )
    assert entry.fields["urldate"] == "2026-11-24", "the fields after it are still its own"


def test_a_line_that_looks_like_a_tag_is_text_of_the_one_before() -> None:
    summary = "first line\r\nER  - \r\n\r\nTY  - JOUR\nTI  - forged\u2028AU  - forged"
    record = read_ris(cited(description=summary))
    assert record["abstract"] == "first line ER - TY - JOUR TI - forged AU - forged"
    assert record["title"] == "書"
    assert "authors" not in record


def test_a_record_ends_its_lines_as_the_format_says() -> None:
    text = ris(cited())
    assert text.startswith("TY  - BOOK\r\n")
    assert text.endswith("\r\nER  - \r\n")
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    ("written", "year", "in_ris", "day", "in_bibtex"),
    [
        ("1936-05-01", "1936", "1936", "1936/05/01/", "1936"),
        ("2025-12", "2025", "2025", "2025/12//", "2025"),
        ("萬曆年間", "1573–1620", "1573", None, "1573--1620"),
        ("建元元年", "140 BC", None, None, "140 BC"),
        ("刊年不詳", "", None, None, "刊年不詳"),
    ],
)
def test_dates(written: str, year: str, in_ris: str | None, day: str | None, in_bibtex: str) -> None:
    record = read_ris(cited(year, date=written))
    assert (record.get("year"), record.get("date")) == (in_ris, day)
    assert read_bibtex(cited(year, date=written)).fields["year"] == in_bibtex


def test_what_is_not_known_has_no_field() -> None:
    assert set(read_bibtex(cited()).fields) == {"title", "url", "urldate"}
    assert set(read_ris(cited())) == {"type_of_reference", "id", "title", "urls", "access_date"}
