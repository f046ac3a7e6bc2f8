"""The searchable PDF as readers' programs see it: text in order, hits where the characters stand, pictures untouched.

Three engines: Poppler (`pdftotext`, Evince, Okular), MuPDF (PyMuPDF, SumatraPDF), PDFium (Chromium, Edge, Android).
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pymupdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from wenyuan.repo.layers import Box, Direction, Line, Region, RegionKind, TextLayer
from wenyuan.repo.locate import hit_boxes
from wenyuan.repo.pdf_font import WIDTHS
from wenyuan.repo.searchable_pdf import About, Bookmark, PdfPage, stream, write

WIDTH, HEIGHT, DPI = 2480, 3508, 300
POINT = 72 / DPI
NEAR = 4
"""Points: how far a hit may lie from the characters (measured, DESIGN §6)."""
ABOUT = About("千字文《測》", language="zh-Hant", authors=("周興嗣",), subjects=("蒙學",), identifier="0ABC")
Rectangle = tuple[float, float, float, float]

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext: package poppler-utils")


def jpeg(width: int = 248, height: int = 351, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(stream, "JPEG", **options)
    return stream.getvalue()


def column(text: str, x: int, y: int = 300, *, size: int = 60, pitch: int = 64, lean: float = 0, **more: Any) -> Line:
    glyphs = tuple(Box(round(x + lean * pitch * i), y + pitch * i, size, size) for i in range(len(text)))
    wide = glyphs[-1].x - x
    return Line(text, Direction.TOP_TO_BOTTOM, Box(x, y, size + wide, pitch * len(text)), glyphs, **more)


def row(text: str, y: int, x: int = 200, *, size: int = 50, gap: int = 2, lean: float = 0) -> Line:
    glyphs, at = [], x
    for character in text:
        wide = size if ord(character) > 0x2E80 else size * 52 // 100
        glyphs.append(Box(at, round(y + lean * (at - x)), wide, size))
        at += wide + gap
    deep = glyphs[-1].y - y
    return Line(text, Direction.LEFT_TO_RIGHT, Box(x, y, at - x, size + deep), tuple(glyphs))


def layer(*regions: tuple[Line, ...]) -> TextLayer:
    return TextLayer(WIDTH, HEIGHT, tuple(Region(lines) for lines in regions))


def pdf(*layers: TextLayer | None, picture: bytes | None = None, **about: Any) -> bytes:
    target = io.BytesIO()
    pages = (PdfPage(picture or jpeg(), WIDTH, HEIGHT, DPI, one) for one in layers)
    write(target, pages, About("書", **about) if about else ABOUT)
    return target.getvalue()


VERTICAL = TextLayer(
    WIDTH,
    HEIGHT,
    (
        Region((
            column("學而時習之不亦說乎有朋自遠方來不", 2200),
            column("亦樂乎人不知而不慍不亦君子乎有", 2090, 364),
            column("子曰其爲人也孝弟", 1980),
            column("善事父母為孝善", 2012, 850, size=28, pitch=32, note=True),
            column("事兄長為弟犯謂", 1980, 850, size=28, pitch=32, note=True),
            column("而好犯上者鮮矣不好", 1980, 1100),
            column("甲", 1870),
            column("乙", 1760),
            column("犯上而好作亂者", 1650),
        )),
        Region((column("論語卷一", 1210, 200), column("三", 1210, 3000)), RegionKind.FURNITURE),
    ),
)  # fmt: skip
HORIZONTAL = layer(
    (
        row("深圳地方志 Shenzhen gazetteer 1949 年，圖書館", 600),
        row("藏書目錄第二行：the second line, with Latin", 680),
    ),
    (row("大標題字距寬", 1200, size=150, gap=70),),
    (row("微微傾斜的一行文字也要找得到，不能離開字", 1800, lean=0.06),),
)
LEANING = layer((column("略略傾斜的一列也找得到字的所在", 2000, lean=0.08), column("第二列同樣如此", 1850, lean=0.08)))


def lines_of(*layers: TextLayer) -> list[str]:
    return [line.text for one in layers for line in one.lines]


def squeezed(text: str) -> list[str]:
    """Lines without blanks at their ends and without empty ones."""
    return [line.strip() for line in text.replace("\f", "\n").splitlines() if line.strip()]


def poppler(data: bytes, folder: Path, *options: str) -> str:
    (folder / "book.pdf").write_bytes(data)
    told = subprocess.run(["pdftotext", *options, "book.pdf", "-"], cwd=folder, capture_output=True, check=True)
    assert told.stderr == b""
    return told.stdout.decode()


@pytest.fixture
def chromium_engine() -> Iterator[Any]:
    opened = []

    def open_it(data: bytes) -> Any:
        opened.append(pypdfium2.PdfDocument(data))
        return opened[-1]

    yield open_it
    for document in opened:
        document.close()


def wanted(one: TextLayer, needle: str) -> list[Rectangle]:
    (hit,) = hit_boxes(one, needle)
    boxes = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in hit.boxes]
    return [tuple(side * POINT for side in box) for box in boxes]  # type: ignore[misc]


def by_mupdf(data: bytes, needle: str) -> list[Rectangle]:
    with pymupdf.open(stream=data) as document:
        return [tuple(quad.rect) for quad in document[0].search_for(needle, quads=True)]


def by_pdfium(document: Any, needle: str) -> list[Rectangle]:
    page = document[0]
    text = page.get_textpage()
    search = text.search(needle)
    found: list[Rectangle] = []
    while hit := search.get_next():
        for place in range(text.count_rects(*hit)):
            left, bottom, right, top = text.get_rect(place)
            # The blank behind a column is part of a hit that runs on in the next one.
            if top - bottom > 2 and right - left > 2:
                found.append((left, page.get_height() - top, right, page.get_height() - bottom))
    return found


def assert_near(found: list[Rectangle], truth: list[Rectangle]) -> None:
    assert len(found) == len(truth), (found, truth)
    for one, other in zip(found, truth, strict=True):
        assert all(abs(a - b) <= NEAR for a, b in zip(one, other, strict=True)), (found, truth)


NEEDLES = [
    (VERTICAL, "時習之不亦"),
    (VERTICAL, "來不"),
    (VERTICAL, "亦樂"),
    (VERTICAL, "父母為孝"),
    (VERTICAL, "長為弟"),
    (VERTICAL, "鮮矣不好"),
    (VERTICAL, "作亂者"),
    (HORIZONTAL, "地方志"),
    (HORIZONTAL, "gazetteer"),
    (HORIZONTAL, "圖書館"),
    (HORIZONTAL, "1949"),
    (HORIZONTAL, "傾斜"),
    (HORIZONTAL, "不能離開字"),
    (LEANING, "略略傾斜"),
    (LEANING, "字的所在"),
]


@pytest.mark.parametrize(("one", "needle"), NEEDLES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_hit_lies_on_its_characters(one: TextLayer, needle: str, chromium_engine: Any) -> None:
    data = pdf(one)
    truth = wanted(one, needle)
    assert_near(by_mupdf(data, needle), truth)
    assert_near(by_pdfium(chromium_engine(data), needle), truth)


@pytest.mark.parametrize(("one", "end", "start"), [(VERTICAL, "方來不", "亦樂乎"), (HORIZONTAL, "圖書館", "藏書目錄")])
def test_a_hit_over_the_end_of_a_line_or_column(one: TextLayer, end: str, start: str, chromium_engine: Any) -> None:
    data = pdf(one)
    truth = wanted(one, end + start)
    assert_near(by_pdfium(chromium_engine(data), end + start), truth)
    # MuPDF takes every line end for a blank, whoever made the PDF.
    assert_near(by_mupdf(data, f"{end} {start}"), truth)


def test_a_title_set_with_wide_gaps_is_one_word(chromium_engine: Any) -> None:
    data = pdf(HORIZONTAL)
    (truth,) = wanted(HORIZONTAL, "標題字")
    for (found,) in (by_mupdf(data, "標題字"), by_pdfium(chromium_engine(data), "標題字")):
        # Each gap is shared out to its neighbours, but for what no program takes for a blank.
        assert truth[0] - 35 * POINT <= found[0] <= truth[0]
        assert truth[2] <= found[2] <= truth[2] + 35 * POINT


def test_a_title_and_its_author_far_below_are_apart(chromium_engine: Any) -> None:
    whole = column("陋室銘", 1500, 200), column("唐劉禹錫", 1500, 1400)
    glyphs = whole[0].glyphs + whole[1].glyphs
    one = layer((Line("陋室銘唐劉禹錫", Direction.TOP_TO_BOTTOM, Box(1500, 200, 60, 1500), glyphs),))
    data = pdf(one)
    for needle in ("陋室銘", "唐劉禹錫"):
        assert_near(by_mupdf(data, needle), wanted(one, needle))
        assert_near(by_pdfium(chromium_engine(data), needle), wanted(one, needle))


def test_the_text_comes_out_in_the_order_of_reading_column_by_column(chromium_engine: Any) -> None:
    data = pdf(VERTICAL)
    with pymupdf.open(stream=data) as document:
        # MuPDF goes on in the same line where the next run stands below the one before, as under small notes.
        assert squeezed(document[0].get_text())[:4] == lines_of(VERTICAL)[:4]
        assert "".join(document[0].get_text().split()) == "".join(lines_of(VERTICAL))
    found = chromium_engine(data)[0].get_textpage().get_text_range()
    assert "".join(found.split()) == "".join(lines_of(VERTICAL))
    assert squeezed(found)[:2] == lines_of(VERTICAL)[:2]


@needs_poppler
def test_pdftotext_gives_lines_and_columns_in_order(tmp_path: Path) -> None:
    data = pdf(VERTICAL, HORIZONTAL)
    assert squeezed(poppler(data, tmp_path, "-raw")) == lines_of(VERTICAL, HORIZONTAL)
    books = layer(VERTICAL.regions[0].lines[:2])
    upright = layer(*(region.lines for region in HORIZONTAL.regions[:2]))
    assert squeezed(poppler(pdf(books, upright), tmp_path)) == lines_of(books, upright)


@needs_poppler
def test_any_character_comes_out_as_it_went_in(tmp_path: Path, chromium_engine: Any) -> None:
    rare = "𠮷𪚥𰻞\ue123\U000f0001龍é☃"
    one = layer((column(rare, 2000),))
    data = pdf(one)
    assert poppler(data, tmp_path).strip() == rare
    with pymupdf.open(stream=data) as document:
        assert document[0].get_text().strip() == rare
    assert chromium_engine(data)[0].get_textpage().get_text_range().strip() == rare


@pytest.mark.parametrize("told", [Direction.RIGHT_TO_LEFT, Direction.LEFT_TO_RIGHT])
def test_from_right_to_left_whatever_is_told_of_the_line(told: Direction, chromium_engine: Any) -> None:
    text = "圖書館右起"
    glyphs = tuple(Box(1000 - 60 * place, 500, 56, 60) for place in range(5))
    one = layer((Line(text, told, Box(760, 500, 296, 60), glyphs),))
    data = pdf(one)
    assert_near(by_mupdf(data, "書館"), wanted(one, "書館"))
    assert "".join(chromium_engine(data)[0].get_textpage().get_text_range().split()) in (text, text[::-1])


def test_control_characters_and_halves_of_pairs_do_no_harm() -> None:
    line = Line("天\x00地\x1b\ud800", Direction.LEFT_TO_RIGHT, Box(100, 100, 300, 60))
    with pymupdf.open(stream=pdf(layer((line,)))) as document:
        assert document[0].get_text().strip() == "天地"


def test_lines_without_glyphs_share_their_box_and_text_without_a_place_is_found() -> None:
    known = Line("天地玄黃", Direction.TOP_TO_BOTTOM, Box(2000, 300, 60, 400))
    assert_near(by_mupdf(pdf(layer((known,))), "玄黃"), [(480, 120, 494.4, 168)])
    assert len(by_mupdf(pdf(layer((Line("宇宙洪荒"), Line("日月盈昃")))), "盈昃")) == 1


def test_boxes_that_lie_anyhow_make_a_valid_page() -> None:
    glyphs = (Box(50, 50, 1, 1), Box(10, 80, 900, 2), Box(10, 10, 5, 5), Box(-40, 9000, 3, 3))
    lines = tuple(Line("天地玄黃", direction, Box(0, 0, 1, 1), glyphs) for direction in Direction)
    with pymupdf.open(stream=pdf(layer(lines))) as document:
        assert not document.is_repaired
        assert document[0].get_text().count("天") == 3


@pytest.mark.parametrize(
    ("mode", "options"),
    [("RGB", {}), ("L", {}), ("CMYK", {}), ("RGB", {"progressive": True}), ("RGB", {"icc_profile": "sRGB"})],
)
def test_the_picture_is_the_jpeg_byte_for_byte(mode: str, options: dict[str, Any]) -> None:
    if "icc_profile" in options:
        from PIL import ImageCms

        options = {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}
    picture = jpeg(mode=mode, **options)
    with pymupdf.open(stream=pdf(VERTICAL, picture=picture)) as document:
        (image,) = document[0].get_images()
        assert document.xref_stream_raw(image[0]) == picture
        shown = document[0].get_pixmap(dpi=30, colorspace=pymupdf.csGRAY)
        bare = Image.open(io.BytesIO(picture)).convert("L").resize((shown.width, shown.height))
        # What is CMYK looks a little different to everyone; the other way round it would be a negative.
        for x, y in ((50, 20), (30, 90), (50, 130)):
            assert shown.pixel(x, y)[0] == pytest.approx(bare.getpixel((x, y)), abs=45 if mode == "CMYK" else 12)


def test_the_text_cannot_be_seen() -> None:
    with pymupdf.open(stream=pdf(VERTICAL)) as written, pymupdf.open(stream=pdf(None)) as bare:
        assert written[0].get_pixmap(dpi=50).samples == bare[0].get_pixmap(dpi=50).samples


@pytest.mark.parametrize("picture", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xc3\x00\x0b", jpeg()[:20]])
def test_what_is_no_jpeg_is_refused(picture: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        list(stream([PdfPage(picture, 10, 10)], ABOUT))


def test_a_file_tells_title_language_labels_contents_and_direction() -> None:
    contents = (
        Bookmark("卷一", 0, (Bookmark("學而（第一）", 0), Bookmark("為政", 1))),
        Bookmark("卷二", 2),
        Bookmark("不在", 99),
    )
    pages = [PdfPage(jpeg(), WIDTH, HEIGHT, DPI, None, label) for label in ("封面", "", "葉三")]
    about = About("論語", "lzh", ("何晏", "朱熹"), ("經部",), "0ABC", "CC0", right_to_left=True)
    data = b"".join(stream(pages, about, contents))
    with pymupdf.open(stream=data) as document:
        assert not document.is_repaired
        assert (document.metadata["title"], document.metadata["author"]) == ("論語", "何晏；朱熹")
        assert document.language == "lzh"
        assert document.get_toc() == [
            [1, "卷一", 1], [2, "學而（第一）", 1], [2, "為政", 2], [1, "卷二", 3], [1, "不在", 3],
        ]  # fmt: skip
        labels = document.xref_get_key(document.pdf_catalog(), "PageLabels")[1]
        assert "FEFF5C019762" in labels
        assert "/S/D/St 2" in labels.replace(" /", "/")
        assert document.xref_get_key(document.pdf_catalog(), "ViewerPreferences/Direction")[1] == "/R2L"
        assert "<dc:rights>" in document.get_xml_metadata()
        assert document[0].rect.width == pytest.approx(WIDTH * POINT, abs=0.01)


def test_same_pages_give_the_same_bytes() -> None:
    assert pdf(VERTICAL, HORIZONTAL) == pdf(VERTICAL, HORIZONTAL)


def test_no_pages_and_pages_of_every_size() -> None:
    with pytest.raises(ValueError, match="without pages"):
        list(stream([], ABOUT))
    sizes = [PdfPage(None, 1, 1), PdfPage(None, 90_000, 300, 72), PdfPage(jpeg(), 10, 10, 0)]
    with pymupdf.open(stream=b"".join(stream(sizes, ABOUT))) as document:
        assert [round(page.rect.width) for page in document] == [3, 14_400, 3]


def test_the_font_has_a_glyph_of_each_width_that_nobody_can_see() -> None:
    """`tools/make_blank_font.py` and `repo/pdf_font.py` agree."""
    font = TTFont(io.BytesIO(resources.files("wenyuan.repo").joinpath("data", "blank.ttf").read_bytes()))
    names = font.getGlyphOrder()[1:]
    assert tuple(font["hmtx"][name][0] for name in names) == WIDTHS
    for name, width in zip(names, WIDTHS, strict=True):
        glyph = font["glyf"][name]
        assert (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) == (0, 0, width, 1000)
        assert len(glyph.coordinates) == 2


@pytest.mark.slow
def test_a_thousand_pages_are_written_in_the_memory_of_a_few(tmp_path: Path) -> None:
    picture, few = jpeg(1600, 2263), layer(VERTICAL.regions[0].lines[:1])
    target = tmp_path / "book.pdf"
    tracemalloc.start()
    try:
        with target.open("wb") as opened:
            size = write(opened, (PdfPage(picture, WIDTH, HEIGHT, DPI, few) for _ in range(1000)), ABOUT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == target.stat().st_size > 1000 * len(picture)
    assert peak < 8 * 2**20
    with pymupdf.open(target) as document:
        assert not document.is_repaired
        assert document.page_count == 1000
        assert document[999].search_for("時習之")
