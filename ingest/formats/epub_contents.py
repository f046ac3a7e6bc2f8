"""The table of contents of an e-book: navigation document (EPUB 3.3, section 7) or NCX (OPF 2.0.1, section 2.4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml.etree import _Element as Element

from wenyuan.ingest.formats.epub_book import Book, Entries, children, first, local
from wenyuan.ingest.formats.sanitise_links import Kind, Place, References
from wenyuan.ingest.formats.sanitise_parse import parse_markup, parse_xml
from wenyuan.ingest.formats.source import SectionOutline
from wenyuan.repo.errors import BadInput

_MAX_DEPTH = 30
_TYPE = "{http://www.idpf.org/2007/ops}type"

Locate = Callable[[str], tuple[int, str] | None]
"""(address as written) → (0-based page, fragment)"""


def read_contents(book: Book, entries: Entries, pages: Mapping[str, int]) -> tuple[SectionOutline, ...]:
    """The sections of a book; empty where it has none that can be read.

    Args:
        book: names the documents.
        entries: of the archive.
        pages: path in the archive of each spine entry → 0-based page.
    """
    for path, is_ncx in contents_documents(book):
        found, read = entries.find(path), _ncx if is_ncx else _navigation
        try:
            sections = read(entries.text(found), _locator(found, pages)) if found else ()
        except BadInput:
            continue  # a broken table of contents keeps nobody from reading
        if sections:
            return sections
    return ()


def contents_documents(book: Book) -> list[tuple[str, bool]]:
    """Paths of the documents that may hold contents or a list of pages, best first, and whether each is an NCX."""
    ncx = book.resources.get(book.contents)
    by_ncx = [ncx.path] if ncx else []
    by_ncx += [item.path for item in book.resources.values() if item.media_type == "application/x-dtbncx+xml"]
    found = [(item.path, False) for item in book.resources.values() if "nav" in item.properties]
    return list(dict.fromkeys(found + [(path, True) for path in by_ncx]))


def _locator(path: str, pages: Mapping[str, int]) -> Locate:
    def find(target: str) -> tuple[str, Kind] | None:
        return (target, Kind.MARKUP) if target in pages else None

    references = References(path, path, find)

    def locate(address: str) -> tuple[int, str] | None:
        place: Place | None = references.locate(address)
        return (pages[place.entry], place.fragment) if place else None

    return locate


def _navigation(data: bytes, locate: Locate) -> tuple[SectionOutline, ...]:
    root = parse_markup(data)
    navs = [element for element in root.iter() if local(element) == "nav"] if root is not None else []
    chosen = [nav for nav in navs if "toc" in (nav.get(_TYPE) or nav.get("epub:type") or "").split()]
    chosen = chosen or [nav for nav in navs if nav.get("role") == "doc-toc"]
    lists = children(chosen[0], "ol") if chosen else []
    return tuple(section for each in lists for section in _list(each, locate, 0))


def _list(element: Element, locate: Locate, depth: int) -> list[SectionOutline]:
    sections: list[SectionOutline] = []
    if depth > _MAX_DEPTH:
        return sections
    for item in children(element, "li"):
        inner = [section for each in children(item, "ol") for section in _list(each, locate, depth + 1)]
        link = _link(item)
        label = link if link is not None else next((c for c in item if local(c) not in ("", "ol")), None)
        title = label_text(label) if label is not None else " ".join((item.text or "").split())
        sections += _section(title, locate(link.get("href") or "") if link is not None else None, inner)
    return sections


def _link(item: Element) -> Element | None:
    """The first link that is not in a list inside the item."""
    waiting = [item]
    while waiting:
        element = waiting.pop()
        if local(element) == "a":
            return element
        waiting += [child for child in reversed(element) if local(child) != "ol"]
    return None


def _ncx(data: bytes, locate: Locate) -> tuple[SectionOutline, ...]:
    root = parse_xml(data)
    top = first(root, "navMap")
    return tuple(_points(top, locate, 0)) if top is not None else ()


def _points(element: Element, locate: Locate, depth: int) -> list[SectionOutline]:
    sections: list[SectionOutline] = []
    if depth > _MAX_DEPTH:
        return sections
    for point in children(element, "navPoint"):
        labels, contents = list(children(point, "navLabel")), list(children(point, "content"))
        title = label_text(labels[0]) if labels else ""
        target = locate(contents[0].get("src") or "") if contents else None
        sections += _section(title, target, _points(point, locate, depth + 1))
    return sections


def _section(title: str, target: tuple[int, str] | None, inner: list[SectionOutline]) -> list[SectionOutline]:
    """A heading without a target leads where its first part does; without parts either, it leads nowhere and goes."""
    if target is None and not inner:
        return []
    if not title:
        return (
            inner
            if target is None
            else [SectionOutline(f"§ {target[0] + 1}", target[0], target[1] or None, tuple(inner))]
        )
    index, fragment = target if target is not None else (inner[0].index, inner[0].fragment or "")
    return [SectionOutline(title[:1000], index, fragment or None, tuple(inner))]


def label_text(element: Element) -> str:
    """Text of a label, blanks made one; of pictures in it their alternative."""
    parts: list[str] = []

    def gather(node: Element, depth: int) -> None:
        if local(node) in ("rt", "rp") or depth > _MAX_DEPTH:
            return
        parts.append(node.get("alt") or "" if local(node) == "img" else node.text or "")
        for child in node:
            gather(child, depth + 1)
            parts.append(child.tail or "")

    gather(element, 0)
    return " ".join("".join(parts).split())
