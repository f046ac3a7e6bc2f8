"""Mobipocket and Kindle books: text however packed, chapters, links, contents, pictures, DRM, and what is broken.

The old form is written by `mobi_books`. `vertical.azw3` is of the new one (KF8): two chapters in columns with ruby, a
link, a picture and a style sheet, made by us with calibre 6.13 out of an EPUB of our own.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import mobi_books
import pytest
from epub_books import PNG
from hypothesis import given, settings
from hypothesis import strategies as st
from mobi_books import cdic, flows, huff, index, pack_palmdoc, palm, skeletons, write_mobi

from wenyuan.ingest.formats import mobi, mobi_new
from wenyuan.ingest.formats.choose import choose
from wenyuan.ingest.formats.epub_draft import Converted, Draft
from wenyuan.ingest.formats.mobi_records import Header, read_records
from wenyuan.ingest.formats.mobi_text import Phrases, unpack_palmdoc
from wenyuan.ingest.formats.source import Limits
from wenyuan.repo.errors import (
    BadInput,
    DamagedSource,
    EncryptedSource,
    NoReadingOrder,
    TooLarge,
    UnreadableFile,
    UnsupportedFormat,
)

KF8 = Path(__file__).with_name("vertical.azw3")
PROSE = "<p>" + "列位看官：你道此書從何而來？說起根由雖近荒唐，細按則深有趣味。" * 150 + "</p>"
HTML = (
    "<html><head><guide></guide></head><body><h1>第一回</h1><p>見<a filepos=0000000000>後文</a>。"
    f'<img recindex="00001" alt="青埂峰"></p>{PROSE}<mbp:pagebreak/><h1>第二回</h1><p>賈夫人仙逝揚州城。</p>'
    "</body></html>"
)

Open = Callable[..., Converted]


def linked(html: str = HTML) -> bytes:
    """The text with its link leading to the second chapter."""
    raw = html.encode()
    return raw.replace(b"filepos=0000000000", f"filepos={raw.index('賈夫人'.encode()) - 3:010}".encode())


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open bytes as a book."""
    books: list[Converted] = []

    def open_bytes(data: bytes, name: str = "石頭記.mobi", limits: Limits | None = None) -> Converted:
        path = tmp_path / name
        path.write_bytes(data)
        choice = choose(path, name)
        assert (choice.module, choice.warnings) == ("mobi", ())
        books.append(mobi.open_source(path, name, limits or Limits()))
        return books[-1]

    yield open_bytes
    for each in books:
        each.close()


def text(book: Converted, index: int) -> str:
    found = book.text(index)
    assert found is not None
    return found.layer.text


def documents(book: Converted, folder: Path) -> dict[str, str]:
    target = folder / "package.zip"
    assert book.package(target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


# The old form


@pytest.mark.parametrize("pack", ["plain", "palmdoc", "huff"])
@pytest.mark.parametrize("extra", [0, 2, 3])
def test_the_text_is_the_same_however_it_was_packed(opened: Open, pack: str, extra: int) -> None:
    book = opened(write_mobi(linked(), pictures=(PNG,), pack=pack, extra=extra))
    first = text(book, 0).split("\n")
    assert first[:2] == ["第一回", "見後文。"]
    assert first[2].startswith("列位看官：你道此書")
    assert len(first[2]) == 150 * 31
    assert text(book, 1) == "第二回\n賈夫人仙逝揚州城。"


def test_chapters_lie_between_page_breaks(opened: Open) -> None:
    empty = HTML.replace("<mbp:pagebreak/>", "<mbp:pagebreak/><p> </p><MBP:PAGEBREAK crossable='no'>")
    assert len(opened(write_mobi(linked(empty))).outline().pages) == 2


def test_links_lead_to_the_chapter_and_place_that_their_offset_names(opened: Open, tmp_path: Path) -> None:
    found = documents(opened(write_mobi(linked(), pictures=(PNG,))), tmp_path)
    target = found["chapter-0001.xhtml"].partition('href="chapter-0002.xhtml#')[2].partition('"')[0]
    second = found["chapter-0002.xhtml"]
    assert f'id="{target}"' in second
    assert second.index(f'id="{target}"') < second.index("賈夫人")


def test_pictures_are_found_by_their_number(opened: Open, tmp_path: Path) -> None:
    found = documents(opened(write_mobi(linked(), pictures=(PNG,))), tmp_path)
    assert 'src="picture-00001.png"' in found["chapter-0001.xhtml"]
    assert "picture-00001.png" in found


def test_contents_come_from_the_table_in_the_file(opened: Open) -> None:
    raw = linked()
    rows = [
        (raw.index(b"<h1>"), 0, "第一回"),
        (raw.index("列位".encode()) - 3, 1, "楔子 &amp; 緣起"),
        (raw.rindex(b"<h1>"), 0, "第二回"),
    ]
    first, second = opened(write_mobi(raw, contents=rows)).outline().sections
    assert (first.title, first.index, second.title, second.index) == ("第一回", 0, "第二回", 1)
    assert [(child.title, child.index) for child in first.children] == [("楔子 & 緣起", 0)]


def test_contents_of_older_books_come_from_their_page(opened: Open) -> None:
    page = "<h2>目錄</h2><p><a filepos={:010}>第一回</a></p><p><a filepos={:010}><b>第二回</b></a></p><mbp:pagebreak/>"
    head = '<guide><reference type="toc" title="x" filepos={:010} /></guide>'
    frame = (
        f"<html><head>{head}</head><body>{page}<h1>第一回</h1><p>甲</p><mbp:pagebreak/><h1>第二回</h1></body></html>"
    )
    dry = frame.format(0, 0, 0).encode()
    places = dry.index(b"<h2>"), dry.index(b"<h1>"), dry.rindex(b"<h1>")
    sections = opened(write_mobi(frame.format(*places).encode())).outline().sections
    assert [(section.title, section.index) for section in sections] == [("第一回", 1), ("第二回", 2)]


def test_without_page_breaks_the_contents_say_where_chapters_begin(opened: Open) -> None:
    raw = linked(HTML.replace("<mbp:pagebreak/>", ""))
    rows = [(raw.index(b"<h1>"), 0, "第一回"), (raw.rindex(b"<h1>"), 0, "第二回")]
    book = opened(write_mobi(raw, contents=rows))
    assert [page.index for page in book.outline().pages] == [0, 1]
    assert text(book, 1).startswith("第二回")


def test_what_the_book_says_of_itself(opened: Open) -> None:
    told = [
        (100, "曹雪芹 & 高鶚".encode()),
        (101, "萃文書屋".encode()),
        (103, "&lt;p&gt;此開卷第一回也。&lt;/p&gt;".encode()),
        (104, b"9787020002207"),
        (105, "小說".encode()),
        (106, b"1791"),
        (503, "紅樓夢".encode()),
        (524, b"zh-Hant"),
        (201, struct.pack(">L", 0)),
    ]
    book = opened(write_mobi(linked(), pictures=(PNG,), told=told))
    found = book.outline().suggestion
    assert found["title"] == "紅樓夢"
    assert [(agent["name"], agent["role"]) for agent in found["agents"]] == [("曹雪芹", "著"), ("高鶚", "著")]
    assert (found["publisher"], found["date"], found["languages"]) == ("萃文書屋", "1791", ["zh-Hant"])
    assert (found["identifiers"], found["subjects"]) == (["urn:isbn:9787020002207"], ["小說"])
    assert found["description"] == "此開卷第一回也。"
    cover = book.cover()
    assert cover is not None
    assert (cover.width, cover.height) == (30, 40)


def test_a_book_without_words_about_itself_has_the_name_in_its_header(opened: Open) -> None:
    found = opened(write_mobi(linked())).outline().suggestion
    assert (found["title"], found["languages"]) == ("石頭記", ["zh"])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_books_that_claim_to_be_western_are_read(opened: Open, encoding: str) -> None:
    raw = "<html><body><p>天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。</p></body></html>".encode(encoding)
    assert text(opened(write_mobi(raw, code=1252)), 0) == "天地玄黃，宇宙洪荒。日月盈昃，辰宿列張。"


def test_western_books_are_read_as_they_say(opened: Open) -> None:
    raw = "<html><body><p>“Déjà vu” – said he…</p></body></html>".encode("cp1252")
    assert text(opened(write_mobi(raw, code=1252)), 0) == "“Déjà vu” – said he…"


def test_what_runs_or_fetches_does_not_pass(opened: Open, tmp_path: Path) -> None:
    html = (
        '<html><body><script>alert(1)</script><p onclick="alert(1)">甲<a href="javascript:alert(1)">乙</a>'
        '<img src="http://evil.example/x.png"><iframe src="//evil.example"></iframe></p></body></html>'
    )
    found = documents(opened(write_mobi(html.encode())), tmp_path)["chapter-0001.xhtml"]
    for gone in ("script", "evil", "onclick", "iframe"):
        assert gone not in found


# The new form


def test_a_book_of_the_new_form_is_put_together_from_its_fragments(opened: Open, tmp_path: Path) -> None:
    book = opened(KF8.read_bytes(), "vertical.azw3")
    outline = book.outline()
    assert [(section.title, section.index) for section in outline.sections] == [("第一回", 0), ("第二回", 1)]
    assert text(book, 0) == "第一回\n列位看官，此書從何而來？見後文。"
    assert text(book, 1) == "第二回\n起首。\n賈夫人仙逝揚州城。"
    found = book.text(0)
    assert found is not None
    assert found.engine == "kf8"
    assert (outline.suggestion["writing"], outline.suggestion["viewing_direction"]) == ("vertical", "right-to-left")
    assert outline.suggestion["agents"] == [{"name": "曹雪芹", "role": "著"}]


def test_ruby_pictures_sheets_and_links_of_the_new_form_are_kept(opened: Open, tmp_path: Path) -> None:
    found = documents(opened(KF8.read_bytes(), "vertical.azw3"), tmp_path)
    first, second = found["part-0001.xhtml"], found["part-0002.xhtml"]
    assert "<rt>cǐ shū</rt>" in first.replace(' class="calibre3"', "")
    assert 'src="resource-00001.png"' in first
    assert "kindle:" not in first + second
    target = first.partition('href="part-0002.xhtml#')[2].partition('"')[0]
    assert second.index("起首") < second.index(f'id="{target}"') < second.index("賈夫人")
    assert any("writing-mode: vertical-rl" in sheet for name, sheet in found.items() if name.endswith(".css"))


def test_the_ending_says_which_media_type_it_is(tmp_path: Path) -> None:
    for name, media_type in (
        ("x.azw3", "application/vnd.amazon.mobi8-ebook"),
        ("x.azw", "application/vnd.amazon.ebook"),
        ("x.prc", "application/x-mobipocket-ebook"),
        ("x", "application/x-mobipocket-ebook"),
    ):
        (tmp_path / name).write_bytes(KF8.read_bytes())
        assert choose(tmp_path / name, name).media_type == media_type


# What is refused


@pytest.mark.parametrize("encryption", [1, 2])
def test_books_under_rights_management_are_refused(opened: Open, encryption: int) -> None:
    with pytest.raises(EncryptedSource) as refusal:
        opened(write_mobi(linked(), encryption=encryption), "鎖.azw")
    assert refusal.value.data["file"] == "鎖.azw"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"CONT\x02\0" + bytes(100), "kfx"),
        (b"\xeaDRMION\xee" + bytes(100), "kfx"),
        (b"TPZ0" + bytes(100), "topaz"),
        (palm([b"x"], b"TEXtREAd"), "palmdoc"),
    ],
)
def test_forms_that_nobody_can_read_are_told_by_name(tmp_path: Path, head: bytes, found: str) -> None:
    path = tmp_path / "書.azw"
    path.write_bytes(head)
    with pytest.raises(UnsupportedFormat) as refusal:
        choose(path, "書.azw")
    assert refusal.value.data["found"] == found


def changed(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


WHOLE = write_mobi(linked())
FIRST = struct.unpack_from(">L", WHOLE, 78)[0]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (WHOLE[:100], DamagedSource),
        (WHOLE[: FIRST + 1_000], DamagedSource),
        (changed(WHOLE, 76, b"\0\0"), DamagedSource),
        (changed(WHOLE, 76, b"\xff\xff"), DamagedSource),
        (changed(WHOLE, 78, b"\xff\xff\xff\xff"), DamagedSource),
        (changed(WHOLE, FIRST + 16, b"XXXX"), DamagedSource),
        (changed(WHOLE, FIRST + 8, b"\xff\xff"), DamagedSource),
        (changed(WHOLE, FIRST, b"\x12\x34"), UnsupportedFormat),
        (changed(WHOLE, FIRST, struct.pack(">H", 17480)), DamagedSource),
        (changed(WHOLE, FIRST + 4, b"\xff\xff\xff\xff"), TooLarge),
        (write_mobi(b""), NoReadingOrder),
        (write_mobi(b"<p>x</p>", version=8), None),
    ],
)
def test_what_is_broken_is_told(opened: Open, data: bytes, error: type[BadInput] | None) -> None:
    if error is None:
        assert text(opened(data), 0) == "x"
        return
    with pytest.raises(error):
        opened(data)


def test_more_text_than_the_limit_is_refused_however_small_it_was_packed(opened: Open) -> None:
    data = write_mobi(b"<p>" + b"a" * 200_000)
    told_less = changed(data, struct.unpack_from(">L", data, 78)[0] + 4, struct.pack(">L", 10))
    for book in (data, told_less):
        with pytest.raises(TooLarge) as refusal:
            opened(book, limits=Limits(max_text_bytes=100_000))
        assert refusal.value.data["setting"] == "WENYUAN_MAX_TEXT_MB"


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        mobi.open_source(tmp_path / "nothing", "無.mobi", Limits())


def test_phrases_that_stand_for_worlds_of_phrases_end() -> None:
    """Each phrase stands for two hundred of the one before it: 200⁸ bytes, were it all written out."""
    phrases = [bytes([255 - (number - 1)]) * 200 if number else b"x" * 200 for number in range(9)]
    bomb = Phrases(huff(), [cdic(phrases, frozenset(range(1, 9)))])
    with pytest.raises(ValueError, match="more than a record"):
        bomb.unpack(bytes([255 - 8]))
    circle = Phrases(huff(), [cdic([bytes([255])], frozenset([0]))])
    with pytest.raises(ValueError, match="without end"):
        circle.unpack(bytes([255]))


def test_a_record_larger_than_any_is_not_unpacked_bit_by_bit() -> None:
    nothing = Phrases(huff(), [cdic([b""])])
    with pytest.raises(ValueError, match="more than a record"):
        nothing.unpack(b"\xff" * 100_000)


def test_as_many_dictionaries_as_there_are_records_are_read_whatever_the_header_says(opened: Open) -> None:
    packed = write_mobi(linked(), pack="huff")
    header = struct.unpack_from(">L", packed, 78)[0]
    with pytest.raises(DamagedSource):
        opened(changed(packed, header + 116, b"\xff\xff\xff\xff"))


def new_book(text: bytes, tables: list[bytes], **at: int) -> Draft:
    """A book of the new form with these tables; `at` says in which record each begins."""
    records = read_records(palm(tables), "新.azw3")
    header = Header(0, 1, len(text), 1, "utf-8", "新", 8, len(records), (0, 0), 0, dict(at))
    return mobi_new.draft_of(records, header, header, text)


def test_documents_of_the_new_form_are_cut_where_the_table_says() -> None:
    assert list(new_book(b"<p>1</p><p>2</p>", skeletons([(0, 8), (8, 8)]), skeletons=0).chapters.values()) == [
        b"<p>1</p>", b"<p>2</p>",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "tables",
    [skeletons([(0, 1_000)] * 3_000), index([(0, 0, "一")]), [*skeletons([])[:1], b"INDX"]],
    ids=["three thousand times the same", "without the numbers that are wanted", "cut short"],
)
def test_tables_of_the_new_form_that_make_no_book_are_told(tables: list[bytes]) -> None:
    with pytest.raises(DamagedSource):
        new_book(b"<p>" + b"x" * 1_000, tables, skeletons=0)


def test_rows_of_a_table_do_not_lie_over_each_other() -> None:
    head, body = skeletons([(0, 8), (8, 8)])
    crossed = body[:-4] + body[-2:] + body[-4:-2]
    with pytest.raises(DamagedSource):
        new_book(b"<p>1</p><p>2</p>", [head, crossed], skeletons=0)


def test_a_sheet_that_names_a_sheet_a_thousand_times_over() -> None:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
    named = [f"kindle:flow:{digits[n // 32]}{digits[n % 32]}?mime=text/css".encode() for n in range(1, 1_001)]
    parts = [b'<link href="' + named[0] + b'"/>', *(b"@import url(" + name + b");" for name in named[1:]), b"p{}"]
    draft = new_book(b"".join(parts), [flows(parts)], flows=0)
    assert draft.resources["flow-0001.css"] == (b"@import url(flow-0002.css);", "text/css")
    assert draft.resources["flow-1000.css"] == (b"p{}", "text/css")


@given(st.binary(max_size=2_000))
def test_palmdoc_gives_back_what_was_packed(data: bytes) -> None:
    assert unpack_palmdoc(pack_palmdoc(data)) == data


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_changed_or_cut_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    small = "<html><body><h1>一</h1><p>甲</p><mbp:pagebreak/><p>乙</p></body></html>".encode()
    books = [
        write_mobi(small, told=[(100, b"x")], contents=[(12, 0, "一")]),
        write_mobi(small, pack="huff"),
        KF8.read_bytes(),
    ]
    whole = bytearray(data.draw(st.sampled_from(books)))
    for _ in range(data.draw(st.integers(0, 12))):
        whole[data.draw(st.integers(68, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("mobi") / "x.mobi"
    path.write_bytes(bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))]))
    try:
        source = mobi.open_source(path, "x.mobi", Limits())
    except BadInput:
        return
    try:
        for leaf in source.outline().pages:
            source.text(leaf.index)
        source.package(path.with_suffix(".zip"))
    finally:
        source.close()


def test_the_writer_of_these_tests_writes_what_others_read(tmp_path: Path) -> None:
    """PyMuPDF is a second opinion on the container and on PalmDOC."""
    import pymupdf

    path = tmp_path / "x.mobi"
    path.write_bytes(mobi_books.write_mobi(linked()))
    with pymupdf.open(path) as book:
        assert "賈夫人仙逝揚州城" in "".join(page.get_text() for page in book)
