"""What an e-book says of itself: OPF metadata as field names of `wenyuan.repo.description.Description`.

The elements are read by EbookLib (EPUB 2 and 3 alike), from a package document that was parsed and written anew by us,
so that it gets neither entities nor more than the metadata; a package it cannot take is read by local names instead.
"""

from __future__ import annotations

import html
import re
import zipfile
from io import BytesIO
from typing import Any

from ebooklib import epub
from lxml import etree

from wenyuan.ingest.formats.epub_book import Book, children, first, local
from wenyuan.repo.description import ViewingDirection, Writing

_OPF = "http://www.idpf.org/2007/opf"
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_SHORT, _LONG = 1000, 20_000
"""Characters that a description takes (`ShortText`, `Text`)."""

_ROLES = {
    "aut": ("著", "author"), "trl": ("譯", "translator"), "edt": ("編", "editor"), "com": ("輯", "compiler"),
    "ill": ("插圖", "illustrator"), "art": ("繪", "artist"), "aui": ("序", "author of introduction"),
    "ann": ("注", "annotator"), "cmm": ("評注", "commentator"), "pht": ("攝影", "photographer"),
    "nrt": ("朗讀", "narrator"), "ctb": ("參與", "contributor"), "cov": ("封面設計", "cover designer"),
    "bkd": ("裝幀設計", "book designer"), "pbl": ("出版", "publisher"), "pfr": ("校對", "proofreader"),
    "red": ("修訂", "redaktor"), "mrk": ("標記", "markup editor"), "bkp": ("製作", "book producer"),
}  # fmt: skip
"""MARC relator codes (Library of Congress): the word in Chinese books, and in others."""

Row = tuple[str, str, dict[str, str]]
"""Local name, text, attributes by local name."""


def suggestion(book: Book, writing: Writing) -> dict[str, Any]:
    """The fields a book can fill, as plain JSON values; those it says nothing of are left out."""
    rows = _rows(book)
    refined: dict[str, dict[str, str]] = {}
    for name, text, attributes in rows:
        if name == "meta" and attributes.get("refines"):
            refined.setdefault(attributes["refines"].removeprefix("#"), {})[attributes.get("property", "")] = text
    languages = _all(rows, "language")
    found: dict[str, Any] = {
        "kind": "ebook",
        "agents": _agents(rows, refined, chinese=bool(languages) and languages[0].lower()[:2] in ("zh", "lz", "ja")),
        "languages": languages,
        "publisher": ", ".join(_all(rows, "publisher"))[:_SHORT],
        "date": _date(rows),
        "identifiers": _all(rows, "identifier"),
        "subjects": _all(rows, "subject"),
        "description": _plain("\n".join(_all(rows, "description", limit=_LONG)))[:_LONG],
        "source": "\n".join(_all(rows, "source", limit=_LONG))[:_LONG],
        **_titles(rows, refined),
        **_rights(rows),
        **_series(rows, refined),
    }
    found = {key: value for key, value in found.items() if value}
    found["writing"] = writing.value
    found["viewing_direction"] = _direction(book, writing, languages).value
    return found


def _direction(book: Book, writing: Writing, languages: list[str]) -> ViewingDirection:
    """As the spine says; where it leaves it open, as such books turn: vertical Chinese and Arabic to the right."""
    if book.progression in ("ltr", "rtl"):
        rightwards = book.progression == "rtl"
    else:
        rightwards = writing is Writing.VERTICAL or (bool(languages) and languages[0].split("-")[0] in _RIGHT_TO_LEFT)
    return ViewingDirection.RIGHT_TO_LEFT if rightwards else ViewingDirection.LEFT_TO_RIGHT


_RIGHT_TO_LEFT = frozenset(("ar", "he", "fa", "ur", "ug", "yi", "dv", "ps", "sd"))


def _rows(book: Book) -> list[Row]:
    metadata = first(book.package, "metadata")
    if metadata is None:
        return []
    try:
        rows = _by_ebooklib(metadata)
    except Exception:  # noqa: BLE001 - EbookLib raises whatever it stumbles on
        rows = []
    return rows or _by_names(metadata)


def _by_ebooklib(metadata: etree._Element) -> list[Row]:
    package = etree.Element(f"{{{_OPF}}}package", nsmap={None: _OPF}, version="3.0")
    package.append(etree.fromstring(etree.tostring(metadata, with_tail=False)))
    for name in ("manifest", "spine"):
        etree.SubElement(package, f"{{{_OPF}}}{name}")
    skeleton = BytesIO()
    with zipfile.ZipFile(skeleton, "w") as archive:
        archive.writestr("META-INF/container.xml", _CONTAINER)
        archive.writestr("p.opf", etree.tostring(package))
    read = epub.read_epub(BytesIO(skeleton.getvalue()), {"ignore_ncx": True})
    rows: list[Row] = []
    for names in read.metadata.values():
        for name, values in names.items():
            for text, others in values:
                attributes = {str(key).rpartition("}")[2]: str(value) for key, value in others.items()}
                rows.append((name or "meta", " ".join((text or "").split()), attributes))
    return rows


def _by_names(metadata: etree._Element) -> list[Row]:
    """Also for OEB 1 books, with the elements one level lower in `dc-metadata` and `x-metadata`."""
    return [
        (local(element).lower(), " ".join((element.text or "").split()),
         {str(key).rpartition("}")[2]: str(value) for key, value in element.items()})
        for element in metadata.iter()
        if isinstance(element.tag, str) and element is not metadata
    ]  # fmt: skip


def _all(rows: list[Row], name: str, *, limit: int = _SHORT) -> list[str]:
    return list(dict.fromkeys(text[:limit].strip() for found, text, _ in rows if found == name and text))


def _titles(rows: list[Row], refined: dict[str, dict[str, str]]) -> dict[str, Any]:
    titles = [
        (text[:_SHORT], refined.get(more.get("id", ""), {})) for name, text, more in rows if name == "title" and text
    ]
    if not titles:
        return {}
    main = next((text for text, more in titles if more.get("title-type") == "main"), titles[0][0])
    variants = [text for text, more in titles if text != main and more.get("title-type") != "collection"]
    variants += [more["alternate-script"] for _, more in titles if more.get("alternate-script")]
    return {"title": main, "title_variants": list(dict.fromkeys(variants))}


def _agents(rows: list[Row], refined: dict[str, dict[str, str]], *, chinese: bool) -> list[dict[str, str]]:
    agents: list[dict[str, str]] = []
    for name, text, attributes in rows:
        if name in ("creator", "contributor") and text:
            code = refined.get(attributes.get("id", ""), {}).get("role") or attributes.get("role") or ""
            code = code or ("aut" if name == "creator" else "")
            words = _ROLES.get(code.lower())
            role = words[0 if chinese else 1] if words else code
            agent = {"name": text[:_SHORT], "role": role[:_SHORT]}
            if agent not in agents:
                agents.append(agent)
    return agents


def _date(rows: list[Row]) -> str:
    """Of publication; EPUB 2 gives events, and some tools write the day of conversion without one."""
    dates = [(attributes.get("event", ""), text) for name, text, attributes in rows if name == "date" and text]
    dates.sort(key=lambda date: ("publication", "original-publication", "", "creation").index(date[0]) if date[0] in (
        "publication", "original-publication", "", "creation") else 9)  # fmt: skip
    found = dates[0][1] if dates else ""
    return re.sub(r"T.*", "", found)[:_SHORT]


def _rights(rows: list[Row]) -> dict[str, str]:
    statements = _all(rows, "rights", limit=_LONG)
    links = [
        more.get("href", "") for name, _, more in rows if name == "link" and more.get("rel", "").endswith(":license")
    ]
    addresses = [text for text in links + statements if re.match(r"https?://\S+$", text)]
    words = [text for text in statements if text not in addresses]
    return {"rights": addresses[0][:_SHORT] if addresses else "", "rights_note": "\n".join(words)[:_LONG]}


def _series(rows: list[Row], refined: dict[str, dict[str, str]]) -> dict[str, str]:
    """EPUB 3.3 section 5.5.4 (belongs-to-collection), or calibre's own names."""
    for name, text, attributes in rows:
        if name == "meta" and attributes.get("property") == "belongs-to-collection" and text:
            position = refined.get(attributes.get("id", ""), {}).get("group-position", "")
            return {"series": text[:_SHORT], "volume": position[:_SHORT]}
    calibre = {
        more.get("name", "").rpartition(":")[2]: more.get("content", "") for name, _, more in rows if "name" in more
    }
    for key in [name for name, _, _ in rows if name in ("series", "series_index")]:
        calibre.setdefault(key, "")
    number = re.sub(r"\.0+$", "", calibre.get("series_index", ""))
    return {"series": calibre["series"][:_SHORT], "volume": number[:_SHORT]} if calibre.get("series") else {}


def _plain(text: str) -> str:
    """Descriptions are often HTML, escaped once more."""
    return " ".join(html.unescape(re.sub(r"<[^<>]+>", " ", html.unescape(text))).split())


def cover_identifier(book: Book) -> str | None:
    """Manifest id of the cover picture as EPUB 2 tools name it: `<meta name="cover" content="id">`."""
    for meta in children(first(book.package, "metadata"), "meta"):
        if (meta.get("name") or "").strip().lower() == "cover" and meta.get("content"):
            return str(meta.get("content")).strip()
    return None
