"""Items 7 and 8: a horizontal and a vertical EPUB 3."""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from . import ebook_covers
from .records import write_record
from .texts import lines

# Fixed, so that making the sample again gives the same bytes.
STAMP = (2026, 1, 1, 0, 0, 0)


@dataclass
class Chapter:
    """One content document: file stem, title and body markup."""

    stem: str
    title: str
    body: str
    children: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """What the package document says."""

    identifier: str
    title: str
    language: str
    creators: tuple[str, ...]
    description: str
    source: str
    vertical: bool
    words: dict[str, str]


TANGSHI = Book(
    "urn:uuid:5b0f6f6e-4d9c-5a0e-9d55-7f1f2b9a1c01",
    "唐诗选读",
    "zh-Hans",
    ("南山市图书馆",),
    "唐诗十七首，分体编排，附简注。",
    "据通行本录入",
    False,
    {"nav": "目录", "cover": "封面", "notes": "注释", "start": "正文"},
)
TAOHUAYUAN = Book(
    "urn:uuid:5b0f6f6e-4d9c-5a0e-9d55-7f1f2b9a1c02",
    "桃花源記及其他",
    "zh-Hant",
    ("南山市圖書館",),
    "晉唐宋古文五篇，直排，附注。",
    "據通行本錄入",
    True,
    {"nav": "目錄", "cover": "封面", "notes": "注釋", "start": "正文"},
)


def make(folder: Path) -> None:
    """Write both books and their records."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "tangshi-xuandu.epub"
    _pack(target, TANGSHI, _poems(lines("tangshi.txt")), ebook_covers.horizontal())
    write_record("tangshi", target.with_suffix(".json"))
    target = folder / "taohuayuan-ji.epub"
    _pack(target, TAOHUAYUAN, _essays(lines("taohuayuan.txt")), ebook_covers.vertical())
    write_record("taohuayuan", target.with_suffix(".json"))


def _ruby(text: str) -> str:
    """Turn {字|zì} into ruby and escape the rest."""
    made = []
    for part in re.split(r"(\{[^}|]+\|[^}]+\})", text):
        if part.startswith("{"):
            base, sound = part[1:-1].split("|")
            made.append(f"<ruby>{html.escape(base)}<rt>{html.escape(sound)}</rt></ruby>")
        else:
            made.append(html.escape(part, quote=False))
    return "".join(made)


def _poems(rows: list[str]) -> list[Chapter]:
    """Make one chapter for each form of verse, its notes at the end."""
    chapters: list[Chapter] = []
    notes: list[str] = []
    for row in rows:
        mark, _, rest = row.partition(" ")
        if mark == "@chapter":
            _close(chapters, notes, "注释")
            chapters.append(Chapter(f"c{len(chapters) + 1}", rest, f"<h1>{rest}</h1>\n"))
        elif mark == "#":
            name, poet = rest.split(" | ")
            anchor = f"p{len(chapters[-1].children) + 1}"
            chapters[-1].children.append((anchor, name))
            chapters[-1].body += f'<h2 id="{anchor}">{name}</h2>\n<p class="poet">{poet}</p>\n'
        elif mark == "*":
            notes.append(rest)
            chapters[-1].body += f"{_reference(len(notes))}\n"
        else:
            chapters[-1].body += f'<p class="verse">{_ruby(row)}</p>\n'
    _close(chapters, notes, "注释")
    for chapter in chapters:
        # References follow the verse; move them into its last line.
        chapter.body = re.sub(r"</p>\n(<a epub:type=\"noteref\"[^\n]+)\n", r"\1</p>\n", chapter.body)
        while re.search(r"</p>\n<a epub", chapter.body):
            chapter.body = re.sub(r"</p>\n(<a epub[^\n]+)\n", r"\1</p>\n", chapter.body)
    return chapters


def _essays(rows: list[str]) -> list[Chapter]:
    """Make one chapter for each essay; notes stand in square brackets."""
    chapters: list[Chapter] = []
    notes: list[str] = []
    for row in rows:
        if row.startswith("# "):
            _close(chapters, notes, "注釋")
            title, author, stem = row[2:].split(" | ")
            body = f'<h1>{title}</h1>\n<p class="poet">{author}</p>\n'
            chapters.append(Chapter(stem, title, body))
            continue
        parts = re.split(r"\[([^\]]+)\]", row)
        said = ""
        for number, part in enumerate(parts):
            if number % 2:
                notes.append(part)
                said += _reference(len(notes))
            else:
                said += _ruby(part)
        chapters[-1].body += f"<p>{said}</p>\n"
    _close(chapters, notes, "注釋")
    return chapters


def _reference(number: int) -> str:
    return f'<a epub:type="noteref" role="doc-noteref" class="noteref" id="r{number}" href="#n{number}">{number}</a>'


def _close(chapters: list[Chapter], notes: list[str], word: str) -> None:
    """Put the notes gathered so far at the end of the last chapter."""
    if not chapters or not notes:
        return
    made = [f'<section epub:type="footnotes" role="doc-endnotes">\n<h2>{word}</h2>\n']
    for number, note in enumerate(notes, start=1):
        made.append(
            f'<aside epub:type="footnote" id="n{number}"><p>'
            f'<a href="#r{number}">{number}</a>　{_ruby(note)}</p></aside>\n'
        )
    chapters[-1].body += "".join(made) + "</section>\n"
    notes.clear()


def _document(book: Book, title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{book.language}" xml:lang="{book.language}">\n'
        f"<head>\n<title>{title}</title>\n"
        '<link rel="stylesheet" type="text/css" href="style.css"/>\n</head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )


def _style(book: Book) -> str:
    writing = (
        "html { writing-mode: vertical-rl; -epub-writing-mode: vertical-rl;\n"
        "  -webkit-writing-mode: vertical-rl; text-orientation: mixed; }\n"
        if book.vertical
        else ""
    )
    start = "margin-block-start" if book.vertical else "margin-top"
    return (
        '@charset "UTF-8";\n'
        + writing
        + 'body { font-family: "Noto Serif CJK SC", "Noto Serif CJK TC", serif; line-height: 1.9; }\n'
        f"h1 {{ font-size: 1.5em; {start}: 1.5em; }}\nh2 {{ font-size: 1.2em; {start}: 1.6em; }}\n"
        ".poet { color: #7a4a32; font-size: 0.95em; }\n"
        ".verse { margin: 0; text-indent: 0; }\n"
        "p { text-indent: 2em; margin: 0.3em 0; text-align: justify; }\n"
        ".poet, aside p { text-indent: 0; }\naside { font-size: 0.9em; }\n"
        ".noteref { font-size: 0.65em; vertical-align: super; text-decoration: none; color: #9c2f24; }\n"
        "rt { font-size: 0.5em; }\n.cover { text-align: center; margin: 0; text-indent: 0; }\n"
        ".cover img { max-width: 100%; max-height: 100%; }\n"
    )


def _nav(book: Book, chapters: list[Chapter]) -> str:
    rows = []
    for chapter in chapters:
        inner = "".join(
            f'<li><a href="{chapter.stem}.xhtml#{anchor}">{name}</a></li>\n' for anchor, name in chapter.children
        )
        nested = f"\n<ol>\n{inner}</ol>\n" if inner else ""
        rows.append(f'<li><a href="{chapter.stem}.xhtml">{chapter.title}</a>{nested}</li>\n')
    body = (
        f'<nav epub:type="toc" role="doc-toc" id="toc">\n<h1>{book.words["nav"]}</h1>\n'
        f"<ol>\n{''.join(rows)}</ol>\n</nav>\n"
        '<nav epub:type="landmarks" hidden="hidden">\n<ol>\n'
        f'<li><a epub:type="cover" href="cover.xhtml">{book.words["cover"]}</a></li>\n'
        f'<li><a epub:type="bodymatter" href="{chapters[0].stem}.xhtml">{book.words["start"]}</a></li>\n'
        "</ol>\n</nav>\n"
    )
    return _document(book, book.words["nav"], body)


def _package(book: Book, chapters: list[Chapter]) -> str:
    creators = "".join(f"<dc:creator>{name}</dc:creator>\n" for name in book.creators)
    items = "".join(
        f'<item id="{c.stem}" href="{c.stem}.xhtml" media-type="application/xhtml+xml"/>\n' for c in chapters
    )
    spine = "".join(f'<itemref idref="{c.stem}"/>\n' for c in chapters)
    turn = ' page-progression-direction="rtl"' if book.vertical else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        f'xml:lang="{book.language}">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">{book.identifier}</dc:identifier>\n'
        f"<dc:title>{book.title}</dc:title>\n{creators}"
        f"<dc:language>{book.language}</dc:language>\n"
        f"<dc:description>{book.description}</dc:description>\n<dc:source>{book.source}</dc:source>\n"
        "<dc:publisher>" + book.creators[0] + "</dc:publisher>\n<dc:date>2026-01-01</dc:date>\n"
        "<dc:rights>http://creativecommons.org/publicdomain/zero/1.0/</dc:rights>\n"
        '<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>\n</metadata>\n'
        '<manifest>\n<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>\n'
        '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>\n'
        '<item id="cover-image" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/>\n'
        f'<item id="style" href="style.css" media-type="text/css"/>\n{items}</manifest>\n'
        f'<spine{turn}>\n<itemref idref="cover" linear="no"/>\n<itemref idref="nav"/>\n{spine}</spine>\n</package>\n'
    )


def _pack(target: Path, book: Book, chapters: list[Chapter], cover: Image.Image) -> None:
    picture = io.BytesIO()
    cover.save(picture, "JPEG", quality=80, optimize=True)
    shown = f'<p class="cover"><img src="cover.jpg" alt="{book.title}"/></p>\n'
    files: dict[str, str | bytes] = {
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/content.opf": _package(book, chapters),
        "OEBPS/nav.xhtml": _nav(book, chapters),
        "OEBPS/cover.xhtml": _document(book, book.words["cover"], shown),
        "OEBPS/cover.jpg": picture.getvalue(),
        "OEBPS/style.css": _style(book),
    }
    for chapter in chapters:
        files[f"OEBPS/{chapter.stem}.xhtml"] = _document(book, chapter.title, chapter.body)
    with zipfile.ZipFile(target, "w") as packed:
        # The EPUB container standard wants mimetype first and not compressed.
        packed.writestr(zipfile.ZipInfo("mimetype", STAMP), "application/epub+zip")
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)


_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">\n<rootfiles>\n'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>\n'
    "</rootfiles>\n</container>\n"
)
