"""FictionBook: chapters, notes, pictures, metadata, and what is no FictionBook."""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from epub_books import PNG
from hypothesis import given, settings
from hypothesis import strategies as st

from wenyuan.ingest.formats import fb2
from wenyuan.ingest.formats.choose import choose
from wenyuan.ingest.formats.epub_draft import Converted
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import BadInput, DamagedSource, NoReadingOrder, TooLarge, UnsafeArchive

DESCRIPTION = """<description><title-info><genre>prose_classic</genre>
<author><first-name>雪芹</first-name><last-name>曹</last-name></author>
<author><first-name>Лев</first-name><middle-name>Николаевич</middle-name><last-name>Толстой</last-name></author>
<book-title>石頭記</book-title><annotation><p>此開卷第一回也。</p></annotation><keywords>小說, 章回</keywords>
<date value="1791-01-01">乾隆</date><coverpage><image l:href="#cover.png"/></coverpage><lang>zh</lang>
<translator><nickname>無名</nickname></translator><sequence name="四大名著" number="4"/></title-info>
<document-info><id>urn:uuid:1</id></document-info>
<publish-info><publisher>萃文書屋</publisher><year>1791</year><isbn>978-7-02-000220-7</isbn></publish-info></description>"""
BODY = """<body><title><p>石頭記</p></title>
<section id="one"><title><p>第一回</p><p>甄士隱夢幻識通靈</p></title>
<epigraph><p>滿紙荒唐言</p><text-author>作者</text-author></epigraph>
<p>列位<strong>看官</strong><a l:href="#n1" type="note">[1]</a>，\
你道<emphasis>此書</emphasis>從何而來？</p><empty-line/>
<image l:href="#p.png" alt="青埂峰"/><poem><stanza><v>無材可去補蒼天</v><v>枉入紅塵若許年</v></stanza></poem>
<table><tr><th>回</th><td colspan="2">目</td></tr></table></section>
<section id="two"><title><p>第二回</p></title>
<p>見<a l:href="#one">前回</a>。<a l:href="#n2" type="note">[2]</a></p></section></body>
<body name="notes"><title><p>注</p></title><section id="n1"><title><p>1</p></title><p>看官：讀者。</p></section>
<section id="n2"><p>回：章。</p></section><section id="n3"><p>無人引的注。</p></section></body>"""


def book(body: str = BODY, description: str = DESCRIPTION, encoding: str = "utf-8") -> bytes:
    binaries = "".join(
        f'<binary id="{name}" content-type="image/png">{base64.b64encode(PNG).decode()}</binary>'
        for name in ("cover.png", "p.png")
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<FictionBook '
        'xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">'
        f"{description}{body}{binaries}</FictionBook>"
    ).encode(encoding)


Open = Callable[..., Converted]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open bytes as a book."""
    books: list[Converted] = []

    def open_bytes(data: bytes, name: str = "石頭記.fb2", limits: Limits | None = None) -> Converted:
        path = tmp_path / name
        path.write_bytes(data)
        assert choose(path, name).module == "fb2"
        books.append(fb2.open_source(path, name, limits or Limits()))
        return books[-1]

    yield open_bytes
    for each in books:
        each.close()


def zipped(**files: bytes) -> bytes:
    import io

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return target.getvalue()


def documents(book: Converted, tmp_path: Path) -> dict[str, str]:
    target = tmp_path / "package.zip"
    assert book.package(target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def test_sections_are_chapters_and_titles_the_contents(opened: Open) -> None:
    outline = opened(book()).outline()
    assert len(outline.pages) == 4  # the title, two chapters, a note that nobody refers to
    assert [(section.title, section.index) for section in outline.sections] == [
        ("石頭記", 0),
        ("第一回 甄士隱夢幻識通靈", 1),
        ("第二回", 2),
    ]


def test_of_a_dictionary_with_more_words_than_a_book_has_chapters_none_is_lost(opened: Open) -> None:
    words = "".join(f"<section><title><p>字{n}</p></title><p>義{n}</p></section>" for n in range(7_000))
    dictionary = opened(book(f"<body>{words}</body>"))
    outline = dictionary.outline()
    assert len(outline.pages) == 3_500
    assert [section.title for section in outline.sections] == [f"字{n}" for n in range(7_000)]
    last = dictionary.text(3_499)
    assert last is not None
    assert last.layer.text.split("\n") == ["字6998", "義6998", "字6999", "義6999"]


def test_text_is_read_in_order_without_notes_in_the_middle(opened: Open) -> None:
    found = opened(book()).text(1)
    assert found is not None
    assert found.engine == "fb2"
    assert found.layer.text.split("\n") == [
        "第一回",
        "甄士隱夢幻識通靈",
        "滿紙荒唐言",
        "作者",
        "列位看官[1]，你道此書從何而來？",
        "無材可去補蒼天",
        "枉入紅塵若許年",
        "回",
        "目",
        "1",
        "看官：讀者。",
    ]


def test_notes_are_footnotes_of_the_chapter_that_refers_to_them(opened: Open, tmp_path: Path) -> None:
    found = documents(opened(book()), tmp_path)
    one, two, rest = (found[f"chapter-000{number}.xhtml"] for number in (2, 3, 4))
    assert 'epub:type="noteref" role="doc-noteref" href="#n1"' in one
    assert '<aside epub:type="footnote" role="doc-footnote" id="n1">' in one
    assert 'id="n2"' in two
    assert "無人引的注" in rest
    assert 'href="chapter-0002.xhtml#one"' in two


def test_pictures_poems_tables_and_emphasis_are_kept(opened: Open, tmp_path: Path) -> None:
    found = documents(opened(book()), tmp_path)
    one = found["chapter-0002.xhtml"]
    for kept in (
        'alt="青埂峰"',
        '<div class="poem"><div class="stanza">',
        'colspan="2"',
        "<strong>看官</strong>",
        "<em>",
    ):
        assert kept in one
    assert "pictures/0002.png" in found


def test_what_the_book_says_of_itself(opened: Open) -> None:
    found = opened(book()).outline().suggestion
    assert found["title"] == "石頭記"
    assert [(agent["name"], agent["role"]) for agent in found["agents"]] == [
        ("曹雪芹", "著"),
        ("Лев Николаевич Толстой", "著"),
        ("無名", "譯"),
    ]
    assert (found["publisher"], found["date"], found["series"], found["volume"]) == (
        "萃文書屋",
        "1791",
        "四大名著",
        "4",
    )
    assert found["identifiers"] == ["urn:isbn:978-7-02-000220-7", "urn:uuid:1"]
    assert found["subjects"] == ["小說", "章回"]
    assert found["description"] == "此開卷第一回也。"


def test_the_cover_is_found(opened: Open) -> None:
    cover = opened(book()).cover()
    assert cover is not None
    assert (cover.width, cover.height) == (30, 40)


def test_a_zipped_book_is_the_same(opened: Open, tmp_path: Path) -> None:
    data = zipped(book_fb2=book())
    assert documents(opened(data, "石頭記.fb2.zip"), tmp_path) == documents(opened(book()), tmp_path)
    assert choose(tmp_path / "石頭記.fb2.zip", "石頭記.fb2.zip").warnings == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_declared_encodings_are_read(opened: Open, encoding: str) -> None:
    body = "<body><section><p>天地玄黃，宇宙洪荒。</p></section></body>"
    found = opened(book(body, "", encoding)).text(0)
    assert found is not None
    assert found.layer.text == "天地玄黃，宇宙洪荒。"


def test_cyrillic_of_windows_is_read(opened: Open) -> None:
    body = "<body><section><p>Все счастливые семьи похожи друг на друга</p></section></body>"
    found = opened(book(body, "", "windows-1251")).text(0)
    assert found is not None
    assert found.layer.text == "Все счастливые семьи похожи друг на друга"


def test_long_sections_are_cut_at_those_inside_and_short_ones_are_not(opened: Open) -> None:
    part = "<section><title><p>{}</p></title><p>{}</p></section>"
    short = "".join(part.format(f"第{number}節", "短") for number in range(3))
    long = "".join(part.format(f"第{number}章", "長" * 6_000) for number in range(3))
    volume = "<section><title><p>{}</p></title>{}</section>"
    body = f"<body>{volume.format('上編', short)}{volume.format('下編', long)}</body>"
    outline = opened(book(body)).outline()
    assert len(outline.pages) == 5
    first, second = outline.sections
    assert [child.title for child in first.children] == ["第0節", "第1節", "第2節"]
    assert {child.index for child in first.children} == {0}
    assert all(child.fragment for child in first.children)
    assert [(child.title, child.index) for child in second.children] == [("第0章", 2), ("第1章", 3), ("第2章", 4)]


def test_what_runs_or_fetches_does_not_pass(opened: Open, tmp_path: Path) -> None:
    body = (
        '<body><section><p><script>alert(1)</script><a l:href="javascript:alert(1)">甲</a>'
        '<image l:href="http://evil.example/x.png"/><style name="x" onclick="alert(1)">乙</style>'
        "&lt;script&gt;alert(2)&lt;/script&gt;</p></section></body>"
    )
    found = documents(opened(book(body)), tmp_path)["chapter-0001.xhtml"]
    for gone in ("<script", "javascript", "evil", "onclick"):
        assert gone not in found
    assert "&lt;script&gt;alert(2)" in found


def test_a_bomb_of_entities_is_not_expanded(opened: Open) -> None:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    data = book("<body><section><p>甲&l9;乙</p></section></body>", "").replace(
        b"<FictionBook ", f'<!DOCTYPE x [<!ENTITY l0 "lol">{bomb}]><FictionBook '.encode(), 1
    )
    found = opened(data).text(0)
    assert found is not None
    assert found.layer.text == "甲&l9;乙"


def test_very_deep_sections_keep_their_text(opened: Open) -> None:
    body = "<body>" + "<section>" * 1_500 + "<p>底</p>" + "</section>" * 1_500 + "</body>"
    found = opened(book(body, "")).text(0)
    assert found is not None
    assert "底" in found.layer.text


def test_sections_too_deep_for_any_parser_are_no_book(opened: Open) -> None:
    body = "<body>" + "<section>" * 30_000 + "<p>底</p>" + "</section>" * 30_000 + "</body>"
    with pytest.raises(BadInput):
        opened(book(body, ""))


def test_the_same_file_gives_the_same_package(opened: Open, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        opened(book()).package(tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (book("", ""), "空.fb2", NoReadingOrder),
        (book("<body/>", ""), "空.fb2", NoReadingOrder),
        (b'<?xml version="1.0"?><x><FictionBook/></x>', "x.fb2", DamagedSource),
        (zipped(a_txt=b"x"), "x.fb2.zip", DamagedSource),
        (zipped(a_fb2=book(), b_fb2=book()), "x.fb2.zip", DamagedSource),
        (zipped(**{"a_fb2": book(), "../../b": b"x"}), "x.fb2.zip", UnsafeArchive),
    ],
)
def test_what_is_no_book_is_refused(opened: Open, data: bytes, name: str, error: type[BadInput]) -> None:
    with pytest.raises(error) as refusal:
        opened(data, name)
    assert refusal.value.data["file"] == name


def test_more_than_a_text_may_have_is_refused(opened: Open) -> None:
    for data, name in ((book(), "x.fb2"), (zipped(a_fb2=book()), "x.fb2.zip")):
        with pytest.raises(TooLarge) as refusal:
            opened(data, name, Limits(max_text_bytes=100))
        assert refusal.value.data["setting"] == "WENYUAN_MAX_TEXT_MB"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_changed_or_cut_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(book())
    for _ in range(data.draw(st.integers(0, 12))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("fb2") / "x.fb2"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    try:
        source = fb2.open_source(path, "x.fb2", Limits())
    except BadInput:
        return
    try:
        for leaf in source.outline().pages:
            source.text(leaf.index)
        source.package(path.with_suffix(".zip"))
    finally:
        source.close()
