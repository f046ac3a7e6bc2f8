"""The book's sheets in a chapter: the same rules with the same pictures and fonts, one request less for each."""

from __future__ import annotations

import pytest
from lxml import etree

from wenyuan.reader.chapter_style import with_own_style
from wenyuan.repo.chapters import XHTML

CHAPTER = "OPS/text/第一.xhtml"


def chapter(*links: str) -> bytes:
    return f'<html xmlns="{XHTML}"><head><title>一</title>{"".join(links)}</head><body><p>文</p></body></html>'.encode()


def shown(document: bytes, **sheets: str) -> etree._Element:
    entries = {f"OPS/css/{name}.css": words.encode() for name, words in sheets.items()}
    return etree.fromstring(with_own_style(document, CHAPTER, entries.get))


def styles(root: etree._Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{{{XHTML}}}style")]


def links(root: etree._Element) -> list[str]:
    return [element.get("href", "") for element in root.iter(f"{{{XHTML}}}link")]


def test_a_sheet_stands_where_its_link_stood_with_its_very_words() -> None:
    words = '@charset "utf-8";\np > a::before { content: "<&"; }'
    root = shown(
        chapter('<link rel="stylesheet" type="text/css" href="../css/a.css"/>', "<style>p { }</style>"), a=words
    )
    assert styles(root) == ['\np > a::before { content: "<&"; }', "p { }"]
    assert links(root) == []


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("../fonts/song.ttf", "../fonts/song.ttf"),
        ("paper.png", "../css/paper.png"),
        ("../text/%E5%9B%BE.svg#a", "%E5%9B%BE.svg#a"),
        ("#here", "#here"),
        ("data:font/woff;base64,AA", "data:font/woff;base64,AA"),
    ],
)
def test_addresses_in_a_sheet_are_written_as_the_chapter_sees_them(address: str, seen: str) -> None:
    root = shown(chapter('<link rel="stylesheet" href="../css/a.css"/>'), a=f'p {{ background: url("{address}"); }}')
    assert styles(root) == [f'p {{ background: url("{seen}"); }}']


def test_a_sheet_for_paper_stays_one_for_paper() -> None:
    root = shown(chapter('<link rel="stylesheet" media="print" href="../css/a.css"/>'), a="p { color: red }")
    [element] = root.iter(f"{{{XHTML}}}style")
    assert element.get("media") == "print"


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ('<link rel="stylesheet" href="../css/gone.css"/>', "p { }"),
        ('<link rel="stylesheet" href="../css/a.css"/>', '@import url("b.css");'),
        ('<link rel="stylesheet" href="../css/a.css"/>', 'p { background: url("a\\"b.png"); }'),
        ('<link rel="stylesheet" href="../css/a.css"/>', "p { }" * 20_000),
        ('<link rel="alternate stylesheet" title="夜" href="../css/a.css"/>', "p { }"),
        ('<link rel="stylesheet" type="text/xsl" href="../css/a.css"/>', "p { }"),
    ],
    ids=["missing", "imports another", "odd address", "large", "alternative", "of another type"],
)
def test_what_must_stay_beside_the_chapter_stays_there(link: str, words: str) -> None:
    root = shown(chapter(link), a=words)
    assert styles(root) == []
    assert len(links(root)) == 1
