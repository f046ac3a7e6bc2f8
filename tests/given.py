"""Small real files to hand in, made on the spot."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image, ImageDraw

POEM = "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少。"


def picture(path: Path, *, size: tuple[int, int] = (600, 800), shade: int = 230, mark: str = "") -> Path:
    """A small page picture; other marks and shades are other bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = Image.new("RGB", size, (shade, shade - 10, shade - 40))
    ImageDraw.Draw(page).text((20, 20), mark or path.stem, fill=(20, 20, 20))
    page.save(path)
    return path


def alto(path: Path, columns: list[str], *, size: tuple[int, int] = (600, 800)) -> Path:
    """An ALTO 4 with one vertical column a string, right to left, 30 px a character."""
    lines = []
    for number, column in enumerate(columns):
        left = size[0] - 60 - 40 * number
        glyphs = "".join(
            f'<Glyph CONTENT="{character}" HPOS="{left}" VPOS="{40 + 30 * place}" WIDTH="30" HEIGHT="30"/>'
            for place, character in enumerate(column)
        )
        box = f'HPOS="{left}" VPOS="40" WIDTH="30" HEIGHT="{30 * len(column)}"'
        string = f'<String CONTENT="{column}" {box}>{glyphs}</String>'
        lines.append(f'<TextLine ID="l{number}" {box} TAGREFS="vertical">{string}</TextLine>')
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">'
        "<Description><MeasurementUnit>pixel</MeasurementUnit></Description>"
        '<Tags><LayoutTag ID="vertical" LABEL="vertical"/></Tags>'
        f'<Layout><Page ID="p" PHYSICAL_IMG_NR="1" WIDTH="{size[0]}" HEIGHT="{size[1]}"><PrintSpace>'
        f'<TextBlock ID="b">{"".join(lines)}</TextBlock></PrintSpace></Page></Layout></alto>',
        "utf-8",
    )
    return path


def scans(folder: Path, count: int, *, title: str = "春曉集", texts: bool = True) -> Path:
    """A folder of page pictures with ALTO and metadata: a vertical book, read from right to left."""
    for number in range(1, count + 1):
        picture(folder / f"{number}.png", mark=f"{title} {number}", shade=150 + number % 100)
        if texts:
            alto(folder / f"{number}.xml", [POEM[:12], POEM[12:], f"第{number}葉"])
    write_json(
        folder / "metadata.json",
        {
            "title": title,
            "kind": "book",
            "agents": [{"name": "孟浩然", "dynasty": "唐", "role": "撰"}],
            "date": "乾隆三十年",
            "languages": ["zh-Hant"],
            "viewing_direction": "right-to-left",
            "writing": "vertical",
            "sections": [{"title": "卷一", "page": 1}],
        },
    )
    return folder


def pdf(path: Path, pages: list[str], *, title: str = "", password: str = "") -> Path:
    """A born-digital PDF, one string a page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = pymupdf.open()
    for text in pages:
        page = document.new_page()
        page.insert_text((72, 96), text, fontname="china-s", fontsize=14)
    document.set_metadata({"title": title})
    document.set_toc([[1, text[:8], number] for number, text in enumerate(pages, start=1)])
    security = (
        {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": password} if password else {}
    )
    document.save(path, **security)
    document.close()
    return path


def scanned_pdf(path: Path, count: int) -> Path:
    """A PDF that holds pictures only."""
    document = pymupdf.open()
    for number in range(count):
        data = io.BytesIO()
        Image.new("RGB", (620, 877), (200 + number, 190, 170)).save(data, "JPEG")
        document.new_page(width=595, height=842).insert_image(pymupdf.Rect(0, 0, 595, 842), stream=data.getvalue())
    document.save(path)
    document.close()
    return path


def epub(path: Path, chapters: dict[str, str], *, title: str = "桃花源記", vertical: bool = False) -> Path:
    """An EPUB 3; chapters by title, each one paragraph."""
    path.parent.mkdir(parents=True, exist_ok=True)
    direction = ' page-progression-direction="rtl"' if vertical else ""
    style = "html { writing-mode: vertical-rl; }" if vertical else "p { text-indent: 2em; }"
    names = [f"c{number}.xhtml" for number in range(1, len(chapters) + 1)]
    manifest = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(names)))
    entries = "".join(f'<li><a href="{name}">{head}</a></li>' for name, head in zip(names, chapters, strict=True))
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        book.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x:1</dc:identifier>'
            f"<dc:title>{title}</dc:title><dc:language>zh-Hant</dc:language></metadata><manifest>"
            '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
            f'<item id="css" href="s.css" media-type="text/css"/>{manifest}</manifest>'
            f"<spine{direction}>{spine}</spine></package>",
        )
        book.writestr("OEBPS/s.css", style)
        nav = f'<nav epub:type="toc"><ol>{entries}</ol></nav>'
        book.writestr("OEBPS/nav.xhtml", _xhtml("nav", nav))
        for name, (head, text) in zip(names, chapters.items(), strict=True):
            book.writestr(f"OEBPS/{name}", _xhtml(head, f"<h1>{head}</h1><p>{text}</p>"))
    return path


def _xhtml(title: str, body: str) -> str:
    return (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head>'
        f'<title>{title}</title><link rel="stylesheet" href="s.css"/></head><body>{body}</body></html>'
    )


def cbz(path: Path, count: int) -> Path:
    """Pictures in a ZIP."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1, count + 1):
            data = io.BytesIO()
            Image.new("RGB", (300, 400), (number * 20 % 255, 100, 100)).save(data, "PNG")
            archive.writestr(f"{number}.png", data.getvalue())
    return path


def write_json(path: Path, document: Any) -> Path:
    """A JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return path
