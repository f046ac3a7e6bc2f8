"""Plain text: the encoding is found, the text cut into chapters, package and text layer count characters alike."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.ingest.formats import plain_text
from wenyuan.ingest.formats.chinese_encodings import encoding_of
from wenyuan.ingest.formats.source import Limits, SectionOutline
from wenyuan.repo import chapters
from wenyuan.repo.errors import BadInput, DamagedSource, EmptySource, TooLarge
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Origin

FILE = "紅樓夢.txt"
SIMPLIFIED = "图书馆是知识的海洋，读者可以在这里阅读各种书籍。"
TRADITIONAL = "圖書館是知識的海洋，讀者可以在這裡閱讀各種書籍。"
NOVEL = """前言
說幾句話。

第一回　甄士隱夢幻識通靈
　　此開卷第一回也。
作者自云。
第二回 賈夫人仙逝揚州城
卻說封肅。
"""


@pytest.fixture
def opened(tmp_path: Path):
    def open_it(data: bytes | str, limits: Limits = Limits()) -> plain_text.PlainText:
        path = tmp_path / "file"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return plain_text.open_source(path, FILE, limits)

    return open_it


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"), (TRADITIONAL, "utf-8"), (SIMPLIFIED, "utf-8-sig"), (TRADITIONAL, "utf-16"),
        (SIMPLIFIED, "gb18030"), (TRADITIONAL, "gb18030"), (TRADITIONAL, "cp950"), ("plain ASCII", "utf-8"),
        ("Война и мир", "utf-8"), ("déjà vu", "utf-8"), ("人生若只如初見 𠀀", "gb18030"),
        ("香港電腦網絡話你知", "cp950"),
    ],
)  # fmt: skip
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    assert encoding_of(text.encode(encoding)) == encoding


@pytest.mark.parametrize("text", ["中文", "一", "目录", "第一章", "你好"])
def test_a_few_characters_of_gbk_are_enough(text: str) -> None:
    assert encoding_of(text.encode("gb18030")) == "gb18030"


@pytest.mark.parametrize("text", ["中文", "目錄", "第一章", "你好", "許功蓋"])
def test_a_few_characters_of_big5_are_enough(text: str) -> None:
    assert text.encode("cp950").decode(encoding_of(text.encode("cp950")) or "ascii") == text


def test_a_head_may_end_within_a_character() -> None:
    for encoding in ("utf-8", "gb18030", "cp950", "utf-16"):
        assert encoding_of(TRADITIONAL.encode(encoding)[:-1], final=False) == encoding


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)), b"\x89PNG\r\n\x1a\n" + bytes(50), TRADITIONAL.encode()[:-1], TRADITIONAL.encode("utf-16")[:-1],
     b"caf\xe9 au lait, d\xe9j\xe0 vu"],
)  # fmt: skip
def test_what_is_no_text_or_broken_has_no_encoding(data: bytes) -> None:
    assert encoding_of(data) is None


def test_the_suggestion_says_which_encoding_it_was(opened) -> None:
    assert opened(TRADITIONAL.encode("cp950")).outline().suggestion == {"source": "text/plain; charset=cp950"}


def test_chapters_begin_at_headings(opened) -> None:
    outline = opened(NOVEL).outline()
    assert [page.kind for page in outline.pages] == [PageKind.CHAPTER] * 3
    assert [page.entry for page in outline.pages] == ["text/0001.xhtml", "text/0002.xhtml", "text/0003.xhtml"]
    assert outline.sections == (
        SectionOutline("前言", 0),
        SectionOutline("第一回　甄士隱夢幻識通靈", 1),
        SectionOutline("第二回 賈夫人仙逝揚州城", 2),
    )


@pytest.mark.parametrize(
    "line",
    ["第十二章", "第三卷 天下", "卷之五", "卷上", "楔子", "序", "後記", "Chapter IV", "第１２回", "第一百零八回：石碣"],
)
def test_headings(line: str) -> None:
    (before, after) = plain_text.cut_into_chapters(f"正文。\n{line}\n正文。")
    assert (before.headings, after.title) == (0, line)


@pytest.mark.parametrize(
    "line", ["第一回合他就輸了，大家都很失望。", "第三章的內容我們以後再說罷了。", "卷起千堆雪", "序幕拉開，眾人坐下。"]
)
def test_prose_is_no_heading(line: str) -> None:
    assert len(list(plain_text.cut_into_chapters(f"正文。\n{line}\n正文。"))) == 1


def test_headings_that_follow_each_other_are_one_chapter() -> None:
    (chapter,) = plain_text.cut_into_chapters("第一卷\n第一章\n正文。")
    assert chapter.title == "第一卷　第一章"


def test_text_without_headings_is_cut_at_paragraph_ends() -> None:
    cut = list(plain_text.cut_into_chapters("\n".join(["字" * 500] * 20)))
    assert [sum(map(len, chapter.paragraphs)) for chapter in cut] == [3000, 3000, 3000, 1000]


def test_a_paragraph_is_a_line_with_an_anchor(opened) -> None:
    found = opened(NOVEL).text(1)
    assert found.origin is Origin.BORN_DIGITAL
    assert [(line.text, line.anchor, line.box) for line in found.layer.lines] == [
        ("第一回　甄士隱夢幻識通靈", "wy-1", None), ("此開卷第一回也。", "wy-2", None), ("作者自云。", "wy-3", None),
    ]  # fmt: skip


def test_the_package_shows_what_the_text_says(opened, tmp_path: Path) -> None:
    source = opened("第一章\n甲 <b>乙</b> & 丙\x01\n丁")
    assert source.package(tmp_path / "p.zip") is True
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        document = archive.read(source.outline().pages[0].entry)
    lines = chapters.chapter_text(chapters.parse_chapter(document))
    assert chapters.chapter_layer(lines) == source.text(0).layer
    assert [line.text for line in lines] == ["第一章", "甲 <b>乙</b> & 丙", "丁"]


def test_the_same_text_gives_the_same_package(opened, tmp_path: Path) -> None:
    for name in ("a", "b"):
        opened(NOVEL).package(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_what_cannot_be_decoded_is_damaged(opened) -> None:
    with pytest.raises(DamagedSource):
        opened(b"\xff\x00\x81" * 20)


def test_blanks_are_no_text(opened) -> None:
    with pytest.raises(EmptySource):
        opened(" \n\u3000\n")


def test_limits_hold(opened) -> None:
    with pytest.raises(TooLarge):
        opened("字" * 100, Limits(max_text_bytes=299))
    with pytest.raises(TooLarge):
        opened(NOVEL, Limits(max_pages=2))


@pytest.mark.parametrize(
    ("data", "name", "reads"),
    [
        (SIMPLIFIED.encode(), "a.txt", True), (SIMPLIFIED.encode("gb18030"), "a.TXT", True), (b"hello", "README", True),
        (b"a,b\n1,2", "a.csv", False), (b"<?xml version='1.0'?><a/>", "a.txt", False), (b'{"a": 1}', "a.txt", False),
        (b"00714cam a2200205 a 4500", "a.txt", False), (b"\0\1\2", "a.txt", False), (b"  \n", "a.txt", False),
    ],
)  # fmt: skip
def test_only_what_people_read_is_taken(data: bytes, name: str, reads: bool) -> None:
    assert (plain_text.FORMAT.score(data, name) > 0) is reads


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.text(max_size=99).map(lambda text: text.encode("gb18030", "replace"))
)
def test_any_bytes_are_read_or_refused_and_nothing_else_happens(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("text") / "x"
    path.write_bytes(data)
    try:
        source = plain_text.open_source(path, FILE, Limits())
    except BadInput:
        return
    for page in source.outline().pages:
        source.text(page.index)
    source.package(path.with_name("package"))
