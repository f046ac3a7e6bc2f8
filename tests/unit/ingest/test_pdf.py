"""PDFs: born digital or scanned, upright or turned; their text with places, contents, labels; broken ones refused."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wenyuan.ingest.formats import pdf
from wenyuan.ingest.formats.pixels import decoding
from wenyuan.ingest.formats.source import Limits, SectionOutline
from wenyuan.repo.errors import BadInput, DamagedSource, EmptySource, EncryptedSource, TooLarge
from wenyuan.repo.layers import Direction, Origin

FILE = "報告.pdf"
A4 = (595, 842)


def document(*texts: str, size: tuple[int, int] = A4) -> pymupdf.Document:
    made = pymupdf.open()
    for text in texts:
        page = made.new_page(width=size[0], height=size[1])
        if text:
            page.insert_text((72, 100), text, fontname="china-t", fontsize=20)
    return made


def scan(width: int = 800, height: int = 1130, form: str = "JPEG", mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    picture = Image.linear_gradient("L").resize((width, height)).convert(mode)
    picture.save(stream, form)
    return stream.getvalue()


def scanned_page(image: bytes, made: pymupdf.Document | None = None) -> pymupdf.Document:
    made = made or pymupdf.open()
    page = made.new_page(width=A4[0], height=A4[1])
    page.insert_image(page.rect, stream=image, keep_proportion=False)
    return made


@pytest.fixture
def opened(tmp_path: Path):
    sources = []

    def open_it(made: pymupdf.Document | bytes, limits: Limits = Limits()) -> pdf.PdfSource:
        path = tmp_path / "file"
        path.write_bytes(made if isinstance(made, bytes) else made.tobytes())
        sources.append(pdf.open_source(path, FILE, limits))
        return sources[-1]

    yield open_it
    for source in sources:
        source.close()


def pixels_of(source: pdf.PdfSource, index: int = 0, width: int = 1600):
    picture = source.picture(index, width=width)
    assert picture.format == "uchar"
    assert picture.bands in (1, 3)
    with decoding(FILE):
        return picture.copy_memory()


def test_born_digital_text_has_a_box_for_every_character(opened) -> None:
    source = opened(document("嘉慶二十四年 1819"))
    found = source.text(0)
    assert found.origin is Origin.BORN_DIGITAL
    assert found.engine.startswith("pymupdf ")
    (line,) = found.layer.lines
    assert line.text == "嘉慶二十四年 1819"
    assert line.direction is Direction.LEFT_TO_RIGHT
    assert (found.layer.width, found.layer.height) == (1600, 2264)
    scale = 1600 / A4[0]
    assert line.glyphs[0].x == pytest.approx(72 * scale, abs=3)
    assert line.glyphs[1].x == pytest.approx(92 * scale, abs=3)
    assert line.glyphs[0].y < 100 * scale < line.glyphs[0].y + line.glyphs[0].height


def test_boxes_lie_on_the_ink_that_is_drawn(opened) -> None:
    source = opened(document("墨"))
    (glyph,) = source.text(0).layer.lines[0].glyphs
    page = pixels_of(source)
    around = page.crop(glyph.x, glyph.y, glyph.width, glyph.height)
    assert around.min() < 100
    assert page.draw_rect([255] * 3, glyph.x - 2, glyph.y - 2, glyph.width + 4, glyph.height + 4, fill=True).min() > 250


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_text_of_turned_pages_lies_where_it_is_seen(opened, rotation: int) -> None:
    made = document("甲乙丙丁")
    made[0].set_rotation(rotation)
    source = opened(made)
    page = pixels_of(source)
    outline = source.outline().pages[0]
    assert (outline.width, outline.height) == (page.width, page.height)
    for glyph in source.text(0).layer.lines[0].glyphs:
        page = page.draw_rect([255] * 3, glyph.x - 2, glyph.y - 2, glyph.width + 4, glyph.height + 4, fill=True)
    assert page.min() > 250


def test_text_turned_a_quarter_runs_down_on_the_turned_page(opened) -> None:
    made = document("甲乙丙丁")
    made[0].set_rotation(90)
    line = opened(made).text(0).layer.lines[0]
    assert line.direction is Direction.TOP_TO_BOTTOM
    assert [glyph.y for glyph in line.glyphs] == sorted(glyph.y for glyph in line.glyphs)


def vertical_pdf(text: str) -> bytes:
    """A page whose font has a vertical writing mode (predefined CMap UniCNS-UTF16-V)."""
    content = f"BT /F1 24 Tf 300 700 Td <{text.encode('utf-16-be').hex()}> Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type0/BaseFont/MSung-Light/Encoding/UniCNS-UTF16-V/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/MSung-Light/FontDescriptor 7 0 R/CIDSystemInfo 8 0 R>>",
        b"<</Type/FontDescriptor/FontName/MSung-Light/Flags 4/Ascent 880/Descent -120/CapHeight 880/StemV 80>>",
        b"<</Registry(Adobe)/Ordering(CNS1)/Supplement 0>>",
    ]
    body, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 9\n0000000000 65535 f \n%strailer<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table, len(body),
    )  # fmt: skip


def test_vertical_writing_is_told_by_the_font(opened) -> None:
    source = opened(vertical_pdf("天地玄黃"))
    assert source.outline().warnings == ()
    (line,) = source.text(0).layer.lines
    assert (line.text, line.direction) == ("天地玄黃", Direction.TOP_TO_BOTTOM)
    assert line.glyphs[3].y - line.glyphs[0].y == pytest.approx(3 * 24 * 1600 / 595, abs=4)


def test_characters_set_one_below_the_other_are_one_column(opened) -> None:
    made = document("")
    for column, text in enumerate(("宇宙洪荒", "日月盈昃")):
        for row, character in enumerate(text):
            made[0].insert_text((400 - 40 * column, 100 + 24 * row), character, fontname="china-t", fontsize=20)
    lines = opened(made).text(0).layer.lines
    assert [(line.text, line.direction) for line in lines] == [
        ("宇宙洪荒", Direction.TOP_TO_BOTTOM), ("日月盈昃", Direction.TOP_TO_BOTTOM),
    ]  # fmt: skip
    assert all(len(line.glyphs) == 4 for line in lines)


def test_gaps_between_han_characters_are_no_blanks_but_between_words_they_are(opened) -> None:
    made = document("")
    for step, character in enumerate("金生麗水"):
        made[0].insert_text((72 + 32 * step, 100), character, fontname="china-t", fontsize=20)
    made[0].insert_text((72, 300), "gold", fontsize=20)
    made[0].insert_text((125, 300), "river", fontsize=20)
    assert opened(made).text(0).layer.text.replace("\n", "") in ("金生麗水gold river", "金生麗水goldriver")


def test_arabic_is_read_from_the_right(opened) -> None:
    made = document("")
    made[0].insert_htmlbox(pymupdf.Rect(50, 50, 500, 200), '<p dir="rtl">مكتبة بكين</p>')
    (line,) = opened(made).text(0).layer.lines
    assert line.direction is Direction.RIGHT_TO_LEFT
    assert line.glyphs[0].x > line.glyphs[-1].x
    assert line.text.startswith("م")


def test_a_bare_scan_has_no_text_and_keeps_its_own_size(opened) -> None:
    source = opened(scanned_page(scan()))
    assert source.text(0) is None
    page = source.outline().pages[0]
    assert (page.width, page.height) == (800, 1130)
    assert (pixels_of(source).width, pixels_of(source).height) == (800, 1130)


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGB"), ("TIFF", "1"), ("JPEG2000", "RGB")]
)
def test_the_scan_taken_out_is_the_scan_put_in(opened, form: str, mode: str) -> None:
    picture = pixels_of(opened(scanned_page(scan(form=form, mode=mode))))
    wanted = Image.open(io.BytesIO(scan(form=form, mode=mode))).convert("L")
    for y in (3, 500, 1120):
        assert picture.getpoint(400, y)[0] == pytest.approx(wanted.getpixel((400, y)), abs=3)


def test_text_under_a_scan_is_embedded_ocr_in_the_scans_pixels(opened) -> None:
    made = scanned_page(scan())
    made[0].insert_text((72, 100), "永樂大典卷之一萬", fontname="china-t", fontsize=20, render_mode=3)
    source = opened(made)
    found = source.text(0)
    assert found.origin is Origin.EMBEDDED_OCR
    assert (found.layer.width, found.layer.height) == (800, 1130)
    assert found.layer.lines[0].glyphs[0].x == pytest.approx(72 * 800 / A4[0], abs=2)


def test_a_few_printed_characters_do_not_make_a_scan_born_digital(opened) -> None:
    made = scanned_page(scan())
    made[0].insert_text((72, 100), "某某圖書館", fontname="china-t")
    assert opened(made).text(0) is None


def test_much_text_over_a_picture_is_born_digital(opened) -> None:
    made = scanned_page(scan())
    made[0].insert_text((72, 100), "山川異域風月同天寄諸佛子共結來緣山川異域風月同天", fontname="china-t")
    source = opened(made)
    assert source.text(0).origin is Origin.BORN_DIGITAL
    assert source.outline().pages[0].width == 1600


def test_a_picture_with_something_drawn_over_it_is_drawn_as_a_page(opened) -> None:
    made = scanned_page(scan())
    made[0].draw_rect(pymupdf.Rect(100, 100, 200, 200), fill=(1, 0, 0))
    source = opened(made)
    assert source.outline().pages[0].width == 1600
    assert pixels_of(source).getpoint(400, 400) == [255, 0, 0]


def test_text_without_meaning_is_left_out_and_logged(opened, caplog: pytest.LogCaptureFixture) -> None:
    unmapped = vertical_pdf("天地玄黃").replace(b"/UniCNS-UTF16-V", b"/Identity-H     ").replace(b"(CNS1)", b"(None)")
    with caplog.at_level(logging.WARNING):
        assert opened(unmapped).text(0) is None
    assert FILE in caplog.text


def test_swapped_bytes_are_not_taken_for_chinese(opened) -> None:
    assert opened(document("Multicolor".encode("utf-16-le").decode("utf-16-be"))).text(0) is None


def test_pages_are_drawn_as_wide_as_asked(opened) -> None:
    picture = pixels_of(opened(document("書")), width=700)
    assert (picture.width, picture.height) == (700, 991)


def test_a_very_long_page_is_limited_in_pixels_not_refused(opened) -> None:
    source = opened(document("長卷", size=(20, 14_000)))
    page = source.outline().pages[0]
    assert page.width * page.height <= 100_000_000
    assert page.height <= 65_500
    picture = pixels_of(source)
    assert (picture.width, picture.height) == (page.width, page.height)


def test_an_embedded_bomb_is_refused_before_it_is_decoded(opened) -> None:
    source = opened(scanned_page(scan(300, 400)), Limits(max_pixels=300 * 400 - 1))
    with pytest.raises(TooLarge) as refusal:
        source.picture(0, width=1600)
    assert refusal.value.data["setting"] == "WENYUAN_MAX_MEGAPIXELS"


def test_a_scan_whose_jpeg_is_cut_short_is_refused(opened) -> None:
    made = scanned_page(scan())
    xref = made[0].get_images()[0][0]
    raw = made.xref_stream_raw(xref)
    made.update_stream(xref, raw[: len(raw) // 2], compress=False)
    made.xref_set_key(xref, "Filter", "/DCTDecode")
    source = opened(made)
    with pytest.raises(DamagedSource):
        pixels_of(source)


def test_passwords(opened) -> None:
    locked = document("秘").tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b")
    with pytest.raises(EncryptedSource):
        opened(locked)
    readable = document("公開").tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="", owner_pw="b")
    assert opened(readable).text(0).layer.text == "公開"


def test_a_pdf_without_pages_is_empty(opened) -> None:
    data = vertical_pdf("空").replace(b"/Kids[3 0 R]/Count 1", b"/Kids[     ]/Count 0")
    with pytest.raises(EmptySource):
        opened(data)


def test_a_broken_table_is_repaired_with_a_warning(opened) -> None:
    source = opened(document("修").tobytes().replace(b"startxref", b"startxxxx"))
    (warning,) = source.outline().warnings
    assert isinstance(warning, DamagedSource)
    assert source.text(0).layer.text == "修"


def test_what_is_no_pdf_is_damaged(opened) -> None:
    with pytest.raises(DamagedSource) as refusal:
        opened(b"%PDF-1.3\nThis is not a valid PDF file\n%%EOF")
    assert refusal.value.data["file"] == FILE


def test_more_pages_than_the_limit_are_refused(opened) -> None:
    with pytest.raises(TooLarge) as refusal:
        opened(document("一", "二", "三"), Limits(max_pages=2))
    assert (refusal.value.data["found"], refusal.value.data["unit"]) == (3, "pages")


def test_contents_are_nested(opened) -> None:
    made = document("一", "二", "三")
    made.set_toc([[1, "卷一", 1], [2, "第一回", 1], [2, "第二回", 2], [1, "卷二", 3]])
    assert opened(made).outline().sections == (
        SectionOutline("卷一", 0, children=(SectionOutline("第一回", 0), SectionOutline("第二回", 1))),
        SectionOutline("卷二", 2),
    )


def test_labels_are_those_printed(opened) -> None:
    made = document("序", "序", "文", "文")
    made.set_page_labels(
        [
            {"startpage": 0, "style": "r", "firstpagenum": 1},
            {"startpage": 2, "prefix": "葉", "style": "D", "firstpagenum": 1},
        ]
    )
    assert [page.label for page in opened(made).outline().pages] == ["i", "ii", "葉1", "葉2"]


def test_metadata_is_suggested_without_the_files_date(opened) -> None:
    made = document("文")
    made.set_metadata(
        {
            "title": "新安縣志",
            "author": "舒懋官；王崇熙",
            "subject": "嘉慶二十四年刻本",
            "keywords": "方志, 廣東",
            "creationDate": "D:20190101000000",
        }
    )
    assert opened(made).outline().suggestion == {
        "title": "新安縣志",
        "agents": [{"name": "舒懋官"}, {"name": "王崇熙"}],
        "description": "嘉慶二十四年刻本",
        "subjects": ["方志", "廣東"],
    }


@pytest.mark.parametrize(
    "title", ["Microsoft Word - 报告.doc", "untitled", "IMG_0001", "扫描件.pdf", "報告", "20190304", "新建文档"]
)
def test_names_of_files_are_no_titles(opened, title: str) -> None:
    made = document("文")
    made.set_metadata({"title": title})
    assert "title" not in opened(made).outline().suggestion


def test_gbk_bytes_in_metadata_are_understood(opened) -> None:
    made = document("文")
    made.set_metadata({"title": "红楼梦研究".encode("gb18030").decode("latin-1")})
    assert opened(made).outline().suggestion["title"] == "红楼梦研究"


def test_pictures_outlive_the_page_they_were_drawn_from(opened) -> None:
    source = opened(document(*(["墨" * 10] * 3)))
    pictures = [source.picture(index, width=300) for index in (0, 1, 2, 0)]
    averages = [picture.avg() for picture in pictures]
    assert averages == [averages[0]] * 4
    assert averages[0] < 255


SAMPLES = [document("嘉慶", "二十四年").tobytes(), scanned_page(scan(80, 110)).tobytes(), vertical_pdf("天地玄黃")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_or_cut_bytes_are_read_or_refused_and_nothing_else_happens(tmp_path_factory, data) -> None:
    whole = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("pdf") / "x"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    refused = FILE
    try:
        source = pdf.open_source(path, FILE, Limits(max_pixels=4_000_000))
    except BadInput:
        return
    for page in source.outline().pages[:5]:
        try:
            source.text(page.index)
            picture = source.picture(page.index, width=200)
            with decoding(FILE):
                picture.avg()
        except BadInput as refusal:
            refused = refusal.data["file"]
    source.close()
    assert refused == FILE
