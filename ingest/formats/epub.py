"""E-books: EPUB 2 and 3.

Each entry of the spine is a page of kind `chapter`; readers get its sanitised document from a package, never the file
itself. What EbookLib is used for, and what not: `epub_book`, `epub_metadata`.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import pyvips

from wenyuan.ingest.formats import pixels
from wenyuan.ingest.formats.archive import open_archive
from wenyuan.ingest.formats.epub_access import accessibility_of, flow_of, layout_of, spread_of
from wenyuan.ingest.formats.epub_book import Book, Entries, Reference, local, read_book
from wenyuan.ingest.formats.epub_contents import read_contents
from wenyuan.ingest.formats.epub_fonts import obfuscated_fonts
from wenyuan.ingest.formats.epub_metadata import cover_identifier, suggestion
from wenyuan.ingest.formats.epub_overlays import active_class, read_overlays
from wenyuan.ingest.formats.epub_printed import MOST_PAGES, marked_pages, read_page_list
from wenyuan.ingest.formats.epub_stock import OWN, Stock
from wenyuan.ingest.formats.epub_writing import writing_of
from wenyuan.ingest.formats.sanitise import Clean, Kind, References, sanitise_chapter, sanitise_drawing, sanitise_sheet
from wenyuan.ingest.formats.sanitise_parse import has_too_many_tags
from wenyuan.ingest.formats.source import Format, FoundText, Limits, Outline, PageOutline
from wenyuan.repo import book_data
from wenyuan.repo.book_data import BookData
from wenyuan.repo.errors import BadInput, DamagedSource, NoReadingOrder, TooLarge
from wenyuan.repo.items import PageKind
from wenyuan.repo.layers import Origin, TextLayer

_MEDIA_TYPE = "application/epub+zip"
_BASE_SHEET = OWN + "base.css"
_KEPT_BYTES = 64 * 1024**2
"""Cleaned documents kept between `text` and `package`; of a larger book some are cleaned twice."""
_MOST_FALLBACKS = 16
"""From one to the next; real books have one or two."""
_DOCUMENTS = (Kind.MARKUP, Kind.DRAWING, Kind.STYLE)
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a ZIP can say: packages of the same book are the same bytes."""


def _score(head: bytes, name: str) -> int:
    """EPUB 3.3 section 4.2.6.2 wants the type at byte 38; books zipped by hand are known by their name."""
    if not head.startswith(b"PK\x03\x04"):
        return 0
    if head[30:58] == b"mimetypeapplication/epub+zip":
        return 100
    return 60 if name.lower().endswith(".epub") else 0


FORMAT = Format(
    name="epub",
    media_types={".epub": _MEDIA_TYPE},
    score=_score,
    media_type=lambda head, name: _MEDIA_TYPE,
)


def open_source(path: Path, file: str, limits: Limits) -> EBook:
    """Open an EPUB; only its skeleton is read.

    Args:
        path: of the file.
        file: the name that staff knows, for errors.
        limits: how much it may ask of us.

    Raises:
        DamagedSource: not a ZIP, or without a package document.
        EncryptedSource: something other than fonts is encrypted, or it carries DRM.
        NoReadingOrder: the spine names nothing that can be read.
        TooLarge, UnsafeArchive, UnsupportedFormat, UnreadableFile: as `archive.open_archive`.
    """
    archive = open_archive(path, file, limits)
    try:
        entries = Entries(archive, limits)
        book = read_book(entries, file)
        return EBook(book, entries, file)
    except BaseException:
        archive.close()
        raise


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A page: an entry of the spine that can be shown.

    Attributes:
        path: in the archive; of a picture in the spine, that of the picture.
        entry: in the package; for a picture, the page made around it.
    """

    path: str
    entry: str
    kind: Kind
    reference: Reference


class EBook:
    """An open EPUB; fulfils `Source`."""

    def __init__(self, book: Book, entries: Entries, file: str) -> None:
        """Find the pages.

        Raises:
            NoReadingOrder, EncryptedSource, TooLarge: as `open_source`.
        """
        self._book, self._entries, self._file = book, entries, file
        self._stock = Stock(book, entries, obfuscated_fonts(entries, file), file)
        self._missing: list[Exception] = []
        self._kept: OrderedDict[str, tuple[Clean, frozenset[str]]] = OrderedDict()
        self._kept_bytes = 0
        if len(book.spine) > entries.limits.max_pages:
            raise TooLarge(
                file=file,
                found=len(book.spine),
                limit=entries.limits.max_pages,
                unit="pages",
                setting="WENYUAN_MAX_PAGES",
            )
        self._leaves = tuple(self._find_leaves())
        self._by_entry = {leaf.entry: leaf for leaf in self._leaves}
        if not self._leaves:
            raise NoReadingOrder(file=file)

    def outline(self) -> Outline:
        """Chapters, contents and metadata. Headers of pictures are read, to say which are too large."""
        pages = tuple(
            PageOutline(PageKind.CHAPTER, index, 0, 0, entry=leaf.entry) for index, leaf in enumerate(self._leaves)
        )
        chapters = [leaf.path for leaf in self._leaves if leaf.kind is Kind.MARKUP]
        found = suggestion(self._book, writing_of(self._book, self._entries, chapters))
        sections = read_contents(
            self._book, self._entries, {leaf.path: index for index, leaf in enumerate(self._leaves)}
        )
        for resource in self._book.resources.values():
            self._stock.find(resource.path)
        return Outline(pages, sections, found, self.warnings)

    @property
    def warnings(self) -> tuple[Exception, ...]:
        """What was left out so far: of the outline, and since then in `text` and `package`."""
        return (*self._missing, *self._stock.warnings)

    def text(self, index: int) -> FoundText | None:
        """The text of a chapter, anchored in the document the package has; None for a picture.

        Raises:
            DamagedSource, TooLarge: the chapter cannot be read.
        """
        layer: TextLayer = self._cleaned(self._leaves[index].entry)[0].text
        return FoundText(layer, Origin.BORN_DIGITAL, "epub") if layer.regions else None

    def picture(self, index: int, *, width: int) -> None:
        """None: chapters flow."""
        return

    def cover(self) -> Any | None:
        """The cover as a `pyvips.Image`, upright, sRGB; None where the book names none that can be shown."""
        for path in self._cover_paths():
            found = self._stock.find(path)
            data = self._stock.picture(self._stock.paths[found[0]]) if found and found[1] is Kind.IMAGE else None
            try:
                if data is not None:
                    return pixels.upright_srgb(pyvips.Image.new_from_buffer(data, ""))
            except pixels.VIPS_ERRORS:
                continue
        return None

    def package(self, target: Path) -> bool:
        """Write the sanitised book as a ZIP: the chapters and whatever they use. Same book, same bytes.

        Raises:
            DamagedSource, TooLarge: a chapter cannot be read; nothing is left at `target`.
        """
        data = self._data()
        names = self._reachable({row.audio for rows in data.overlays.values() for row in rows})
        try:
            with zipfile.ZipFile(target, "w") as archive:
                for name in sorted({*names, _BASE_SHEET}):
                    self._write(archive, name)
                archive.writestr(_entry(book_data.ENTRY), book_data.encode(data), zipfile.ZIP_DEFLATED, compresslevel=6)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return True

    def close(self) -> None:
        """Close the archive."""
        self._entries.archive.close()

    def _find_leaves(self) -> Iterator[_Leaf]:
        seen: set[str] = set()
        for number, reference in enumerate(self._book.spine):
            leaf = self._leaf(number, reference)
            if leaf is not None and leaf.path not in seen:
                seen.add(leaf.path)
                yield leaf

    def _leaf(self, number: int, reference: Reference) -> _Leaf | None:
        """The page of an entry of the spine; a warning where there is none."""
        resource, tried = self._book.resources.get(reference.id), set[str]()
        told = len(self._stock.warnings)
        problem = f"spine: no item {reference.id!r} in the manifest"
        picture: _Leaf | None = None
        while resource is not None and resource.id not in tried and len(tried) < _MOST_FALLBACKS:
            tried.add(resource.id)
            found = self._stock.find(resource.path)
            if found is None:
                problem = f"spine: {resource.path} is missing, or nothing that can be read"
            elif found[1] in (Kind.MARKUP, Kind.DRAWING):
                path = self._stock.paths[found[0]]
                try:
                    self._entries.text(path)
                except BadInput as error:
                    self._missing.append(error)
                    return None
                return _Leaf(path, found[0], found[1], reference)
            elif found[1] is Kind.IMAGE and picture is None:
                entry = f"{OWN}spine-{number + 1:05}.xhtml"
                picture = _Leaf(self._stock.paths[found[0]], entry, Kind.IMAGE, reference)
            resource = self._book.resources.get(resource.fallback)
        if picture is None and told == len(self._stock.warnings):
            self._missing.append(DamagedSource(file=self._file, detail=problem))
        return picture

    def _cleaned(self, entry: str) -> tuple[Clean, frozenset[str]]:
        """A document for the package, and the entries it uses."""
        kept = self._kept.get(entry)
        if kept is None:
            kept = self._clean(entry)
            self._kept[entry] = kept
            self._kept_bytes += len(kept[0].data)
            while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
                self._kept_bytes -= len(self._kept.popitem(last=False)[1][0].data)
        return kept

    def _clean(self, entry: str) -> tuple[Clean, frozenset[str]]:
        leaf = self._by_entry.get(entry)
        if leaf is not None and leaf.kind is Kind.IMAGE:
            references = References(entry, entry, self._stock.find)
            data = _around(posixpath.relpath(leaf.path, posixpath.dirname(entry)))
            kind = Kind.MARKUP
        else:
            path = self._stock.paths[entry]
            references = References(path, entry, self._stock.find)
            data, found = self._entries.text(path), self._stock.find(path)
            kind = found[1] if found else Kind.MARKUP
        if kind is not Kind.STYLE and has_too_many_tags(data):
            references.dropped.append("too many tags")
        try:
            clean = self._sanitised(data, kind, leaf, references)
        except RecursionError:
            references.dropped.append("nested too deeply")
            clean = self._sanitised(b"", kind, leaf, references)
        file = f"{self._file}/{references.path}"
        self._missing += [DamagedSource(file=file, detail=detail) for detail in dict.fromkeys(references.dropped)]
        return clean, frozenset(references.used)

    def _sanitised(self, data: bytes, kind: Kind, leaf: _Leaf | None, references: References) -> Clean:
        if kind is Kind.STYLE:
            return Clean(sanitise_sheet(data, references), TextLayer(0, 0, ()))
        if kind is Kind.DRAWING:
            return sanitise_drawing(data, references, attributes=self._layout(leaf))
        sheet = quote(posixpath.relpath(_BASE_SHEET, posixpath.dirname(references.entry) or "."))
        return sanitise_chapter(data, references, style_sheet=sheet, attributes=self._layout(leaf))

    def _layout(self, leaf: _Leaf | None) -> dict[str, str]:
        """What the reading page must know of a fixed layout (EPUB 3.3, section 8.2); the size is in the viewport."""
        if leaf is None:
            return {}
        own = {name.removeprefix("rendition:") for name in leaf.reference.properties}
        layout: dict[str, str] = {}
        if "layout-pre-paginated" in own or (self._book.fixed and "layout-reflowable" not in own):
            layout["data-wy-layout"] = "pre-paginated"
        for side in ("left", "right", "center"):
            if f"page-spread-{side}" in own:
                layout["data-wy-spread"] = side
        if not leaf.reference.linear:
            layout["data-wy-linear"] = "no"
        return layout

    def _data(self) -> BookData:
        """What the book says beside its chapters; only what leads to a page of it."""

        def references(path: str) -> References:
            return References(path, path, self._stock.find)

        printed = read_page_list(self._book, self._entries, references)
        printed = tuple(page for page in printed if page.entry in self._by_entry)
        if not printed:
            chapters = (leaf.entry for leaf in self._leaves if leaf.kind is Kind.MARKUP)
            marked = (page for entry in chapters for page in marked_pages(entry, self._cleaned(entry)[0].data))
            printed = tuple(islice(marked, MOST_PAGES))
        spoken = read_overlays(self._book, self._entries, references)
        return BookData(
            printed,
            {entry: tuple(rows) for entry, rows in spoken.items() if entry in self._by_entry},
            active_class(self._book),
            layout_of(self._book),
            spread_of(self._book),
            flow_of(self._book),
            accessibility_of(self._book),
        )

    def _reachable(self, more: Iterable[str]) -> set[str]:
        names, waiting = set[str](), [*(leaf.entry for leaf in self._leaves), *more]
        while waiting:
            name = waiting.pop()
            if name in names:
                continue
            names.add(name)
            if name in self._by_entry or self._kind(name) in _DOCUMENTS:
                try:
                    waiting += self._cleaned(name)[1]
                except BadInput:
                    if name in self._by_entry:
                        raise
                    names.discard(name)  # a note or sheet that cannot be read: its link leads nowhere
        return names

    def _kind(self, name: str) -> Kind | None:
        found = self._stock.find(self._stock.paths[name])
        return found[1] if found else None

    def _write(self, archive: zipfile.ZipFile, name: str) -> None:
        """Documents are packed. All else is not, so that readers can be sent any part of it as it lies there."""
        info = _entry(name)
        if name == _BASE_SHEET:
            data = Path(__file__).with_name("epub.css").read_bytes()
        elif name in self._by_entry or self._kind(name) in _DOCUMENTS:
            data = self._cleaned(name)[0].data
        else:
            path = self._stock.paths[name]
            info.file_size = self._entries.size(path)  # above 2 GB its header must have more room
            self._stock.copy(path, lambda: cast("BinaryIO", archive.open(info, "w")))
            return
        archive.writestr(info, data, zipfile.ZIP_DEFLATED, compresslevel=6)

    def _cover_paths(self) -> Iterator[str]:
        """Candidates, the surest first: EPUB 3 property, EPUB 2 meta, guide, a first page that is one picture."""
        resources = self._book.resources
        yield from (item.path for item in resources.values() if "cover-image" in item.properties)
        named = resources.get(cover_identifier(self._book) or "")
        if named:
            yield named.path
        folder = posixpath.dirname(self._book.path)
        pages = [
            posixpath.normpath(posixpath.join(folder, element.get("href") or ""))
            for element in self._book.package.iter()
            if local(element) == "reference" and "cover" in (element.get("type") or "")
        ]
        for page in [*pages, self._leaves[0].path]:
            yield from self._pictures_of(page.partition("#")[0], only=page not in pages)

    def _pictures_of(self, path: str, *, only: bool) -> list[str]:
        """The picture of a cover page; with `only`, not if there is text on it."""
        found = self._stock.find(path)
        if found is None or found[1] is Kind.IMAGE:
            return [path] if found else []
        used = sorted(self._cleaned(found[0])[1])
        images = [name for name in used if self._kind(name) is Kind.IMAGE]
        if only and (len(images) != 1 or self._cleaned(found[0])[0].text.regions):
            return []
        return [self._stock.paths[name] for name in images[:1]]


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info


def _around(path: str) -> bytes:
    """A page around a picture that stands in the spine."""
    return f'<html><head><title/></head><body><p><img src="{quote(path)}" alt=""/></p></body></html>'.encode()
