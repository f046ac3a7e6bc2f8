"""The committed sample collection keeps its promises."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "sample"
COLLECTION = SAMPLE / "collection"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
PAGED = (
    ("01-gazetteers/nanshan-xianzhi", 13),
    ("02-newspapers/nanshan-ribao-1936-05-01", 1),
    ("04-reports/difang-wenxian-pucha-1986", 4),
    ("06-primers/qianziwen", 8),
)
RIGHTS = "http://creativecommons.org/publicdomain/zero/1.0/"


def _content(folder: str) -> str:
    """Return the running text of a paged item, without furniture."""
    return "".join(
        string.attrib["CONTENT"]
        for path in sorted((COLLECTION / folder).glob("*.xml"))
        for line in ET.parse(path).iter(f"{ALTO}TextLine")
        if "furniture" not in line.get("TAGREFS", "")
        for string in line.iter(f"{ALTO}String")
    )


def test_whole_collection_stays_under_fifteen_megabytes() -> None:
    size_bytes = sum(p.stat().st_size for p in COLLECTION.rglob("*") if p.is_file())
    assert size_bytes < 15_000_000


@pytest.mark.parametrize(("folder", "count"), PAGED)
def test_every_page_has_alto_of_the_same_size(folder: str, count: int) -> None:
    image = pytest.importorskip("PIL.Image")
    pages = sorted((COLLECTION / folder).glob("*.jpg"))
    assert len(pages) == count
    for page in pages:
        root = ET.parse(page.with_suffix(".xml")).getroot()
        said = root.find(f".//{ALTO}Page")
        assert said is not None
        with image.open(page) as picture:
            assert (int(said.attrib["WIDTH"]), int(said.attrib["HEIGHT"])) == picture.size


@pytest.mark.parametrize(("folder", "count"), PAGED)
def test_every_character_has_a_glyph_inside_the_page(folder: str, count: int) -> None:
    for path in sorted((COLLECTION / folder).glob("*.xml")):
        root = ET.parse(path).getroot()
        page = root.find(f".//{ALTO}Page")
        assert page is not None
        strings = list(root.iter(f"{ALTO}String"))
        assert strings, path
        for string in strings:
            glyphs = string.findall(f"{ALTO}Glyph")
            assert "".join(g.attrib["CONTENT"] for g in glyphs) == string.attrib["CONTENT"]
            for glyph in glyphs:
                right = int(glyph.attrib["HPOS"]) + int(glyph.attrib["WIDTH"])
                low = int(glyph.attrib["VPOS"]) + int(glyph.attrib["HEIGHT"])
                assert 0 <= int(glyph.attrib["HPOS"]) < right <= int(page.attrib["WIDTH"])
                assert 0 <= int(glyph.attrib["VPOS"]) < low <= int(page.attrib["HEIGHT"])


def test_thousand_characters_are_a_thousand_different_ones() -> None:
    lines = (SAMPLE / "texts" / "qianziwen.txt").read_text(encoding="utf-8").split()
    text = "".join(lines)
    assert len(text) == len(set(text)) == 1000
    assert text in _content("06-primers/qianziwen")


@pytest.mark.parametrize(
    ("folder", "phrase"),
    [
        ("01-gazetteers/nanshan-xianzhi", "先天下之憂而憂後天下之樂而樂"),
        ("01-gazetteers/nanshan-xianzhi", "土人猶呼其地為舊城角晉太康間"),
        ("02-newspapers/nanshan-ribao-1936-05-01", "湖心亭一點、與余舟一芥"),
        ("04-reports/difang-wenxian-pucha-1986", "地方文献是一座城市的记忆"),
    ],
)
def test_text_follows_the_reading_order(folder: str, phrase: str) -> None:
    assert phrase in _content(folder)


def test_every_record_parses_with_title_and_rights() -> None:
    records = [path for path in COLLECTION.rglob("*.json") if path.name != "collection.json"]
    assert len(records) == 11
    for path in records:
        record = json.loads(path.read_text(encoding="utf-8"))
        assert record["title"]
        assert record["rights"] == RIGHTS
        for page in record.get("pages", []):
            assert (path.parent / page["file"]).is_file()
        for section in record.get("sections", []):
            assert section["page"] >= 1


def test_collection_tree_is_complete() -> None:
    top = json.loads((COLLECTION / "collection.json").read_text(encoding="utf-8"))
    assert top["key"] == "local-history"
    folders = sorted(path for path in COLLECTION.iterdir() if path.is_dir())
    keys = set()
    for position, folder in enumerate(folders, start=1):
        said = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
        assert set(said["title"]) == set(said["description"]) == {"zh-Hans", "zh-Hant", "en"}
        assert said["position"] == position
        keys.add(said["key"])
    assert len(keys) == len(folders) == 6


def test_photographs_are_rows_of_a_spreadsheet_file() -> None:
    path = COLLECTION / "03-photographs" / "metadata.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == 3
    for row in rows:
        assert (path.parent / row["file"]).is_file()
        assert row["title"]
        assert row["creator"].count("/") == 2
        assert row["rights"] == RIGHTS


@pytest.mark.parametrize("name", ["tangshi-xuandu", "taohuayuan-ji"])
# ebooklib says on import what its own next version will change.
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_ebooks_open(name: str) -> None:
    epub = pytest.importorskip("ebooklib.epub")
    book = epub.read_epub(str(COLLECTION / "05-ebooks" / f"{name}.epub"))
    assert book.get_metadata("DC", "title")
    assert len(book.spine) >= 5
    assert (book.direction == "rtl") is (name == "taohuayuan-ji")


def test_born_digital_pdf_has_text_outline_and_metadata() -> None:
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open(COLLECTION / "04-reports" / "nanshan-laojie-koushushi.pdf") as book:
        text = "".join(page.get_text() for page in book).replace("\n", "")
        assert "一条小虫子，能从卷一一直吃到卷三" in text
        assert len(book.get_toc()) == 7
        assert book.metadata["title"] == "南山老街口述史"


def test_scanned_pdf_has_no_text_yet() -> None:
    pymupdf = pytest.importorskip("pymupdf")
    with pymupdf.open(COLLECTION / "06-primers" / "sanzijing.pdf") as book:
        assert book.page_count == 3
        assert not any(page.get_text().strip() for page in book)


def test_essay_is_gb18030_with_a_rare_character() -> None:
    raw = (COLLECTION / "05-ebooks" / "nanshan-qiao-ji.txt").read_bytes()
    assert "掌柜姓㙍" in raw.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("gbk")
