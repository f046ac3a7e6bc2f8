"""Pages of the printed edition, from navigation document (EPUB 3.3, section 7.4.4), NCX or marks in chapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml.etree import _Element as Element

from wenyuan.ingest.formats.epub_book import Book, Entries, children, first, local
from wenyuan.ingest.formats.epub_contents import contents_documents, label_text
from wenyuan.ingest.formats.sanitise_links import References
from wenyuan.ingest.formats.sanitise_parse import parse_markup, parse_xml
from wenyuan.repo.book_data import PrintedPage
from wenyuan.repo.chapters import parse_chapter
from wenyuan.repo.errors import BadInput

_TYPE = "{http://www.idpf.org/2007/ops}type"
MOST_PAGES = 50_000
"""Pages of a list; a longer one is a mistake or a trap."""
_LONGEST_LABEL = 40

Locate = Callable[[str], tuple[str, str] | None]
"""(address as written) → (entry of the package, fragment)"""


def read_page_list(book: Book, entries: Entries, references: Callable[[str], References]) -> tuple[PrintedPage, ...]:
    """The list that a book has; empty where it has none that can be read.

    Args:
        book: names the documents.
        entries: of the archive.
        references: (path of a document in the archive) → what knows where its addresses lead.
    """
    for path, is_ncx in contents_documents(book):
        found = entries.find(path)
        if found is None:
            continue
        try:
            data = entries.text(found)
        except BadInput:
            continue
        known = references(found)
        pages = tuple(_kept(_ncx(data) if is_ncx else _navigation(data), known))
        if pages:
            return pages
    return ()


def marked_pages(entry: str, data: bytes) -> Iterator[PrintedPage]:
    """The page breaks that a cleaned chapter marks (`epub:type="pagebreak"`, `role="doc-pagebreak"`), in order.

    Args:
        entry: of the package.
        data: of the same.
    """
    if b"pagebreak" not in data:
        return
    for element in parse_chapter(data).iter():
        if not isinstance(element.tag, str):
            continue
        types = f"{element.get(_TYPE) or ''} {element.get('role') or ''}".split()
        if not {"pagebreak", "doc-pagebreak"} & set(types) or not element.get("id"):
            continue
        label = _label(element.get("aria-label") or element.get("title") or "".join(element.itertext()))
        if label:
            yield PrintedPage(label, entry, element.get("id") or "")


def _kept(rows: Iterator[tuple[str, str]], references: References) -> Iterator[PrintedPage]:
    for number, (label, address) in enumerate(rows):
        place = references.locate(address) if address and label and number < MOST_PAGES else None
        if place is not None:
            yield PrintedPage(label, place.entry, place.fragment)


def _navigation(data: bytes) -> Iterator[tuple[str, str]]:
    root = parse_markup(data)
    for nav in root.iter() if root is not None else ():
        if local(nav) != "nav" or "page-list" not in (nav.get(_TYPE) or nav.get("epub:type") or "").split():
            continue
        for link in (element for element in nav.iter() if local(element) == "a"):
            yield _label(label_text(link)), link.get("href") or ""


def _ncx(data: bytes) -> Iterator[tuple[str, str]]:
    listed = first(parse_xml(data), "pageList")
    for target in children(listed, "pageTarget"):
        yield _label(_ncx_label(target)), _source(target)


def _ncx_label(target: Element) -> str:
    label = next(iter(children(target, "navLabel")), None)
    return (label_text(label) if label is not None else "") or target.get("value") or ""


def _source(target: Element) -> str:
    content = next(iter(children(target, "content")), None)
    return (content.get("src") or "") if content is not None else ""


def _label(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_LABEL]
