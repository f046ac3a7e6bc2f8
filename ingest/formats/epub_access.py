"""What an e-book says of its layout (EPUB 3.3, section 8.2) and of whom it is made for (EPUB Accessibility 1.1)."""

from __future__ import annotations

from collections.abc import Iterator

from wenyuan.ingest.formats.epub_book import Book, first, local
from wenyuan.repo.book_data import FLOWS, LAYOUTS, SPREADS, Accessibility

_MOST = 40
_SHORT, _LONG = 100, 5000
_STANDARD = "conformsTo"


def layout_of(book: Book) -> str:
    """One of `book_data.LAYOUTS`."""
    return LAYOUTS[1] if book.fixed else LAYOUTS[0]


def flow_of(book: Book) -> str:
    """One of `book_data.FLOWS`."""
    return next((value for name, value in _statements(book) if name == "flow" and value in FLOWS), FLOWS[0])


def spread_of(book: Book) -> str:
    """One of `book_data.SPREADS`; `portrait`, deprecated, means both ways (EPUB 3.3, section 8.2.2.3)."""
    for name, value in _statements(book):
        if name == "spread":
            return {"portrait": "both"}.get(value, value) if value in (*SPREADS, "portrait") else SPREADS[0]
    return SPREADS[0]


def accessibility_of(book: Book) -> Accessibility:
    """The statements of EPUB 3 (`property`), and of EPUB 2 (`name`), in the order they are made."""
    found: dict[str, list[str]] = {}
    for name, value in _statements(book):
        kept = found.setdefault(name, [])
        if value not in kept and len(kept) < _MOST:
            kept.append(value)
    return Accessibility(
        "\n".join(found.get("accessibilitySummary", ()))[:_LONG],
        _words(found, "accessibilityFeature"),
        _words(found, "accessibilityHazard"),
        _words(found, "accessMode"),
        next(iter(found.get(_STANDARD, ())), "")[:_LONG],
    )


def _words(found: dict[str, list[str]], name: str) -> tuple[str, ...]:
    """Words without blanks; some tools write several in one statement."""
    listed = (word for value in found.get(name, ()) for word in value.replace(",", " ").split())
    return tuple(dict.fromkeys(word[:_SHORT] for word in listed))[:_MOST]


def _statements(book: Book) -> Iterator[tuple[str, str]]:
    """(name without prefix, value) of what is said of the whole book."""
    metadata = first(book.package, "metadata")
    for element in metadata.iter() if metadata is not None else ():
        if element.get("refines"):
            continue
        if local(element) == "meta":
            name = element.get("property") or element.get("name") or ""
            value = " ".join((element.text or element.get("content") or "").split())
        elif local(element) == "link":
            name, value = element.get("rel") or "", (element.get("href") or "").strip()
        else:
            name, value = local(element), " ".join((element.text or "").split())
        if value:
            yield name.rpartition(":")[2].strip(), value
